"""Which files of a vault are notes, their bytes, and what changed since.

Rule: the only reader of note files; it knows bytes and stamps, not what a note says. Paths are
vault-relative with "/" between their parts; names that are not UTF-8 come as lone surrogates.
A note that cannot be seen just now is never called gone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from stat import S_ISREG
from types import MappingProxyType
from typing import NamedTuple

from mdtasks.errors import ConfigError
from mdtasks.model import Problem
from mdtasks.read.names import SUFFIXES, is_conflict

MAX_SIZE = 10 * 1024 * 1024  # a longer note would keep everybody waiting
# To open a pipe would wait for its writer. Windows has neither pipes in folders nor the flags.
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

# (mtime_ns, size): what tells without reading that a file is the one seen before.
Stamp = tuple[int, int]

# iCloud puts `.a.md.icloud` in place of `a.md` when it takes the bytes away to save room.
_STUB_SUFFIX = ".icloud"


class Walk(NamedTuple):
    """What stands in the vault: its notes, and what was passed over.

    `absent` are notes that a sync service has put away, `unread` the folders that could not be
    looked into ("Work/", "" for the vault itself): neither says that a note was deleted.
    `verdicts` tell of each path that was asked about whether it is ignored.
    """

    notes: dict[str, Stamp]
    conflicts: list[str]
    absent: set[str]
    unread: list[str]
    problems: list[Problem]
    verdicts: dict[str, bool]


class Changes(NamedTuple):
    """Paths, sorted: notes to read again, and notes that are no longer there."""

    changed: tuple[str, ...]
    gone: tuple[str, ...]


def walk(
    root: Path,
    ignore: Sequence[str] = (),
    known: Mapping[str, Stamp] = MappingProxyType({}),
    verdicts: Mapping[str, bool] = MappingProxyType({}),
    until_found: bool = False,
) -> Walk:
    """Return what stands in the vault now; `ignore` are gitignore patterns.

    `known` are notes that the same patterns let pass before, with `verdicts` on other paths:
    what they tell is not asked again. With `until_found` the first folder with a note is the last.
    Links are not followed: one to a folder above never ends, one to a note shows it twice, and
    one that leads out of the vault would have us write there.
    Raises ConfigError for a pattern that git would not take.
    """
    found = Walk({}, [], set(), [], [], {})
    ignored = _ignored(ignore, verdicts, found.verdicts)
    top = os.path.join(root, "")  # noqa: PTH118 (strings: 10,000 Path objects cost 20 ms)
    folders = [""]
    while folders and not (until_found and found.notes):
        folder = folders.pop()
        try:
            with _opened(top + folder) as place, os.scandir(place) as entries:
                folders += _look(folder, entries, ignored, known, found)
        except OSError as error:
            if folder and isinstance(error, FileNotFoundError):
                continue  # deleted since its parent was read
            found.unread.append(folder)
            found.problems.append(_unreadable(folder or ".", error))
    return found


def look(root: Path, known: Mapping[str, Stamp]) -> Walk | None:
    """Return how these notes stand there now, and nothing of others; None unless each of them is
    still a file: what became of one that is not, only the whole vault tells."""
    notes: dict[str, Stamp] = {}
    for path, stamp in known.items():
        try:
            status = os.lstat(os.path.join(root, path))  # noqa: PTH118 (as in walk)
        except OSError:
            return None
        if not S_ISREG(status.st_mode):
            return None
        now = (status.st_mtime_ns, status.st_size)
        notes[path] = stamp if now == stamp else now
    return Walk(notes, [], set(), [], [], {})


def compare(walked: Walk, known: Mapping[str, Stamp]) -> Changes:
    """Return how the vault differs from what is known."""
    notes, unread = walked.notes, tuple(walked.unread)
    if notes == known:
        return Changes((), ())
    changed = [path for path, stamp in notes.items() if known.get(path) != stamp]
    missing = known.keys() - notes.keys() - walked.absent
    gone = [path for path in missing if not path.startswith(unread)]
    return Changes(tuple(sorted(changed)), tuple(sorted(gone)))


def read(root: Path, path: str) -> bytes | Problem:
    """Return the bytes of a note, or why there are none."""
    try:
        # By four calls of the system, where Path.read_bytes makes nine.
        file = os.open(f"{root}/{path}", os.O_RDONLY | _AT_ONCE)
        try:
            status = os.fstat(file)
            if not S_ISREG(status.st_mode):
                return _no_file(path)
            data = _contents(file, status.st_size)
        finally:
            os.close(file)
    except OSError as error:
        return _unreadable(path, error)
    if len(data) > MAX_SIZE:
        limit = MAX_SIZE // 1024**2
        return Problem(path, 1, f"the note is larger than {limit} MB", "split it into several")
    return data


def _contents(file: int, size: int) -> bytes:
    """Return what is in an open file that was so large; of one over MAX_SIZE, a byte more."""
    data = os.read(file, min(size, MAX_SIZE) + 1)
    if len(data) == size:  # and a byte more was asked for
        return data
    while len(data) <= MAX_SIZE and (more := os.read(file, MAX_SIZE + 1 - len(data))):
        data += more
    return data


def _look(
    folder: str,
    entries: Iterable[os.DirEntry[str]],
    ignored: Callable[[str], bool],
    known: Mapping[str, Stamp],
    found: Walk,
) -> list[str]:
    """Add the notes of one folder to `found`; return the folders in it, as "Work/"."""
    inner = []
    for entry in entries:
        path = folder + entry.name
        if (stamp := known.get(path)) and stamp[0] >= 0:
            # Nearly all notes. Those that did not change keep the same object as their stamp:
            # two walks of ten thousand are then compared at once.
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # deleted since the folder was read
                continue
            if S_ISREG(status.st_mode):
                now = (status.st_mtime_ns, status.st_size)
                found.notes[path] = stamp if now == stamp else now
                continue
        if _is_open_folder(entry, path, ignored, found):
            inner.append(path + "/")
    return inner


def _is_open_folder(
    entry: os.DirEntry[str], path: str, ignored: Callable[[str], bool], found: Walk
) -> bool:
    """Whether it is a folder to look into; what else it is goes into `found`, if anywhere."""
    name = entry.name
    if name.startswith("."):  # .obsidian/, .trash/, .git/, swap files, AppleDouble
        if name.endswith(_STUB_SUFFIX):
            note = name[1 : -len(_STUB_SUFFIX)]
            found.absent.add(path[: -len(name)] + note)
    elif entry.is_dir(follow_symlinks=False):
        return not ignored(path + "/")
    elif not name.lower().endswith(SUFFIXES) or ignored(path):
        pass
    elif is_conflict(name):
        found.conflicts.append(path)
    elif entry.is_file(follow_symlinks=False):
        _add(entry, path, found)
    elif not entry.is_symlink():
        found.problems.append(_no_file(path))
    return False


def _add(entry: os.DirEntry[str], path: str, found: Walk) -> None:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return
    found.notes[path] = (status.st_mtime_ns, status.st_size)


@contextmanager
def _opened(folder: str) -> Iterator[str | int]:
    """Open a folder, where that can be: the files in it are then found without its path."""
    if os.scandir not in os.supports_fd:
        yield folder
        return
    place = os.open(folder, os.O_RDONLY | _AT_ONCE)
    try:
        yield place
    finally:
        os.close(place)


def _ignored(
    patterns: Sequence[str], before: Mapping[str, bool], verdicts: dict[str, bool]
) -> Callable[[str], bool]:
    """Return what tells whether a path is ignored, and takes the verdict down.

    pathspec takes as long to import as half of click: it is asked only what is not known.
    """
    if not patterns:
        return lambda path: False

    @cache
    def matches() -> Callable[[str], bool]:
        return _spec(patterns)

    def ignored(path: str) -> bool:
        verdict = before.get(path)
        verdicts[path] = verdict = matches()(path) if verdict is None else verdict
        return verdict

    return ignored


def _spec(patterns: Sequence[str]) -> Callable[[str], bool]:
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(patterns).match_file
    except ValueError as error:
        raise ConfigError(f"read.ignore: {error}", "write the patterns as in .gitignore") from error


def _no_file(path: str) -> Problem:
    message = "is a pipe, a socket or a device, and not read"
    return Problem(path, 1, message, "move it out of the vault, or give it a name without .md")


def _unreadable(path: str, error: OSError) -> Problem:
    return Problem(path, 1, f"cannot be read: {error.strerror}", "look at its permissions")
