"""Temp files beside notes: how they are named, made, and cleared up after a run that was killed.

Rule: a name says whose the file is and, once it is whole, which bytes it takes away and which it
brings; so the next run can tell what a killed one had done, and gives back a save that was taken
away by mistake.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from mdtasks.write.files import look, open_new, write_all
from mdtasks.write.renames import after_exchange, exchange, rename_new

# Called with the name of a file and the bytes that it held, before they go.
KeepAs = Callable[[str, bytes], None]
# Called with the beginning of the name of a note.
Told = Callable[[str], None]

# A leading dot hides it from editors, the suffix from every walk that looks for notes.
_TEMP = re.compile(
    r"\.(?P<name>.+)\.mdtasks-(?P<token>[0-9a-f]{8})"
    r"(?:-(?P<old>[0-9a-f]{12})-(?P<new>[0-9a-f]{12}))?\.tmp",
    re.DOTALL,
)
_NAME_LENGTH = 40  # of at most four bytes each: the whole stays below 255
_LEFTOVER_SECONDS = 60
_LONGEST_NAME = 255


def _silent(name: str) -> None:
    pass


def token_of(state: Path) -> str:
    """Return the mark of the temp files that runs on this device make for this vault."""
    import socket

    found = state.stat()
    owner = f"{socket.gethostname()} {state} {found.st_dev} {found.st_ino}"
    return sha256(owner.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def temp_beside(
    path: Path, data: bytes, like: os.stat_result | None = None, token: str = ""
) -> Path:
    """Return a new file on disk in the folder of `path`, with its mode, owner and attributes."""
    token = token or os.urandom(4).hex()
    temp = path.with_name(f".{path.name[:_NAME_LENGTH]}.mdtasks-{token}.tmp")
    descriptor = open_new(temp, 0o666 if like is None else 0o600)
    try:
        try:
            write_all(descriptor, data)
            if like is not None:
                _copy_attributes(path, like, temp)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except BaseException:
        remove(temp)
        raise
    return temp


def sealed(temp: Path, old: bytes, new: bytes) -> Path:
    """Rename a temp file that is whole: now its name tells both sides of the exchange."""
    digests = f"{_digest(old)}-{_digest(new)}"
    to = temp.with_name(f"{temp.name.removesuffix('.tmp')}-{digests}.tmp")
    os.replace(temp, to)  # noqa: PTH105
    return to


def aside(note: Path, token: str) -> Path | None:
    """Return the name for an empty note that is about to be removed; None if there is no room.

    On both sides it says nothing: so it goes, or if somebody still wrote into it, comes back.
    """
    nothing = _digest(b"")
    to = note.with_name(f".{note.name}.mdtasks-{token}-{nothing}-{nothing}.tmp")
    return to if len(os.fsencode(to.name)) <= _LONGEST_NAME else None


def remove(temp: Path) -> None:
    """Remove a temp file; if the disk fails twice, the next run does it."""
    for _ in range(2):
        with suppress(OSError):
            temp.unlink(missing_ok=True)
            return


def sweep(folder: Path, token: str, now: float, keep: KeepAs, without: Told = _silent) -> None:
    """Clear up what killed runs left in `folder`; `keep` gets the bytes of what goes, `without`
    how the names of notes begin in which is not what such a run was about to bring.

    Our own is cleared up at once, for we hold the lock; another device may still be at work.
    """
    for leftover, match in _leftovers(folder):
        with suppress(OSError):  # not a file, or not ours to remove
            if match["token"] == token or now - _touched(leftover, match) > _LEFTOVER_SECONDS:
                _clear(leftover, match, keep, without)


def _touched(leftover: Path, match: re.Match[str]) -> float:
    """Return when a run last had its hand on it: after the exchange it is a note, and may be old,
    but its name is new."""
    found = leftover.stat()
    return max(found.st_mtime, found.st_ctime) if match["new"] else found.st_mtime


def sweep_of(path: Path, now: float) -> None:
    """Remove what killed runs left of one file that is ours alone."""
    for leftover, match in _leftovers(path.parent):
        with suppress(OSError):
            is_old = now - leftover.stat().st_mtime > _LEFTOVER_SECONDS
            if match["name"] == path.name[:_NAME_LENGTH] and is_old:
                leftover.unlink()


def _leftovers(folder: Path) -> Iterator[tuple[Path, re.Match[str]]]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.name.endswith(".tmp")]
        for name in names:
            if match := _TEMP.fullmatch(name):
                yield folder / name, match


def _clear(leftover: Path, match: re.Match[str], keep: KeepAs, without: Told) -> None:
    held = look(leftover).data
    if match["new"] in (None, _digest(held)):  # the exchange was still to come
        without(match["name"])  # before it goes: we may be killed too
        if not match["new"]:
            keep(match["name"], held)
        leftover.unlink()
        return
    if match["old"] == match["new"] and _is_back(leftover, leftover.with_name(match["name"])):
        return
    note = _note_with(leftover.parent, match)
    if note and match["old"] != _digest(held):
        # Killed between the exchange and the look at what it took away: a save.
        ours = look(note).data
        if exchange(leftover, note):
            _, held = after_exchange(leftover, note, held, ours)
            without(match["name"])
    keep(match["name"], held)
    leftover.unlink()


def _is_back(leftover: Path, note: Path) -> bool:
    """Give a note its name back; False if another has it by now."""
    with suppress(FileExistsError):
        if rename_new(leftover, note):
            return True
        if not note.exists():
            leftover.rename(note)
            return True
    return False


def _note_with(folder: Path, match: re.Match[str]) -> Path | None:
    """Return the note that holds the bytes which the exchange brought, None if it does not."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.name[:_NAME_LENGTH] == match["name"]]
    for name in names:
        with suppress(OSError):
            if _digest(look(folder / name).data) == match["new"]:
                return folder / name
    return None


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()[:12]


def _copy_attributes(path: Path, like: os.stat_result, temp: Path) -> None:
    # Owner before mode: a change of owner clears bits of the mode. What only root may set is
    # left: a note of another person that we may write becomes ours.
    if sys.platform != "win32":
        for owner, group in ((-1, like.st_gid), (like.st_uid, -1)):
            with suppress(PermissionError):
                os.chown(temp, owner, group)
    os.chmod(temp, like.st_mode & 0o7777)  # noqa: PTH101
    if sys.platform == "linux":
        for name in _attribute_names(path):
            with suppress(PermissionError):
                os.setxattr(temp, name, os.getxattr(path, name))


def _attribute_names(path: Path) -> list[str]:
    try:
        return os.listxattr(path)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return []
        raise
