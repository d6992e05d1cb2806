"""Put new bytes in the place of a file, in one step, and never over bytes that nobody has seen.

Rule: this module knows files and bytes, not notes. Every OSError goes through to the caller.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

# Called with the bytes that a file held, before they go.
Keep = Callable[[bytes], None]

# A leading dot hides it from editors, the suffix from every walk that looks for notes.
_TEMP = re.compile(r"\.(?P<name>.+)\.mdtasks-[0-9a-f]{8}\.tmp", re.DOTALL)
_TEMP_NAME_LENGTH = 40  # of at most four bytes each: the whole stays below 255
_LEFTOVER_SECONDS = 60
_BINARY = getattr(os, "O_BINARY", 0)  # Windows
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h

_HINTS = {
    errno.ENOSPC: "free some space on that disk and try again",
    errno.EDQUOT: "free some space in your quota and try again",
    errno.EACCES: "give yourself write permission on it and on its folder",
    errno.EPERM: "give yourself write permission on it and on its folder",
    errno.EROFS: "that file system is mounted read-only",
    errno.EIO: "the disk or the network drive failed; check it and try again",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was read."""

    data: bytes
    stat: os.stat_result

    def still(self, now: Seen) -> bool:
        return stamp(self.stat) == stamp(now.stat) and self.data == now.data


def stamp(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def look(path: Path) -> Seen:
    """Read a file; a link in its place is an OSError, whoever put it there."""
    descriptor = os.open(path, os.O_RDONLY | _BINARY | _NO_FOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        # The stat comes first: a write during the reading makes it too old, and that is noticed.
        stat = os.fstat(descriptor)
        return Seen(file.read(), stat)


def replace(path: Path, seen: Seen, data: bytes, keep: Keep) -> bool:
    """Put `data` where `seen` was read; False if somebody saved meanwhile, and theirs stands."""
    temp = temp_beside(path, data, seen.stat)
    with ExitStack() as cleanup:
        cleanup.callback(temp.unlink, missing_ok=True)
        keep(seen.data)
        try:
            if not seen.still(look(path)):
                return False
            exchanged = _exchange(temp, path)
        except FileNotFoundError:  # an editor is putting a new file in its place
            return False
        if not exchanged:
            temp.replace(path)
            sync_folder(path.parent)
            return True
        cleanup.pop_all()  # from here on `temp` may be somebody's save
    return _settle(temp, path, seen.data, data, keep)


def _settle(temp: Path, path: Path, old: bytes, new: bytes, keep: Keep) -> bool:
    """Look at what the exchange took away; return whether `new` stays.

    What was taken away must be what was read. If not, somebody saved in between: their bytes go
    back, what that takes away must be ours, and so on until no save comes between two looks.
    The look is repeated after the folder is on disk, for an editor that had the file open.
    """
    placed, expected, synced = new, old, False
    while True:
        taken = temp.read_bytes()
        if taken != expected:
            _exchange(temp, path)
            placed, expected, synced = taken, placed, False
        elif synced:
            break
        else:
            sync_folder(path.parent)
            synced = True
    if taken not in (old, new):
        keep(taken)  # a save that its own editor has replaced by a later one
    with suppress(OSError):  # a leftover at worst; the note is as it should be
        temp.unlink()
    return placed == new


def temp_beside(path: Path, data: bytes, like: os.stat_result | None = None) -> Path:
    """Return a new file on disk in the folder of `path`, with its mode, owner and attributes."""
    token = os.urandom(4).hex()
    temp = path.with_name(f".{path.name[:_TEMP_NAME_LENGTH]}.mdtasks-{token}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
    descriptor = os.open(temp, flags, 0o666 if like is None else 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if like is not None:
                _copy_attributes(path, like, temp)
            os.fsync(descriptor)
    except BaseException:
        temp.unlink(missing_ok=True)
        raise
    return temp


def sweep(folder: Path, now: float, keep: Callable[[str, bytes], None]) -> None:
    """Remove the temp files that a killed run left in `folder`; `keep` gets name and bytes.

    They are kept because one may hold a save: killed between an exchange and its look.
    """
    for leftover in folder.iterdir():
        match = _TEMP.fullmatch(leftover.name)
        if not match:
            continue
        with suppress(OSError):  # not a file, or not ours to remove
            seen = look(leftover)
            if now - seen.stat.st_mtime > _LEFTOVER_SECONDS:
                keep(match["name"], seen.data)
                leftover.unlink()


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable, where the system can; they are right in any case."""
    with suppress(OSError):  # Windows, some network file systems
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def explain(error: OSError) -> tuple[str, str]:
    """Return the reason and the hint for a person."""
    hint = _HINTS.get(error.errno or 0, "check the file and its folder, and try again")
    return error.strerror or str(error), hint


def _copy_attributes(path: Path, like: os.stat_result, temp: Path) -> None:
    # Owner before mode: a change of owner clears bits of the mode. What only root may set is
    # left: a note of another person that we may write becomes ours.
    if sys.platform != "win32":
        for owner, group in ((-1, like.st_gid), (like.st_uid, -1)):
            with suppress(PermissionError):
                os.chown(temp, owner, group)
    temp.chmod(like.st_mode & 0o7777)
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


def _exchange(one: Path, other: Path) -> bool:
    """Swap two files in one step; False where the system cannot (not Linux, NFS, old kernels)."""
    if sys.platform != "linux":
        return False
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    names = os.fsencode(one), os.fsencode(other)
    if not libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE):
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL):
        return False
    raise OSError(code, os.strerror(code), str(other))
