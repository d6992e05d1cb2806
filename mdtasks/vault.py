"""Which files of a vault are notes, their bytes, and what changed since.

Rule: the only reader of note files; it knows bytes and stamps, not what a note says. Paths are
vault-relative with "/" between their parts; names that are not UTF-8 come as lone surrogates.
A note that cannot be seen just now is never called gone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from mdtasks.errors import ConfigError
from mdtasks.model import Problem
from mdtasks.read.names import SUFFIXES, is_conflict

MAX_SIZE = 10 * 1024 * 1024  # a longer note would keep everybody waiting

# (mtime_ns, size): what tells without reading that a file is the one seen before.
Stamp = tuple[int, int]

# iCloud puts `.a.md.icloud` in place of `a.md` when it takes the bytes away to save room.
_STUB_SUFFIX = ".icloud"


@dataclass(frozen=True, slots=True)
class Walk:
    """What stands in the vault: its notes, and what was passed over.

    `absent` are notes that a sync service has put away, `unread` the folders that could not be
    looked into ("Work/", "" for the vault itself): neither says that a note was deleted.
    """

    notes: dict[str, Stamp] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Changes(NamedTuple):
    """Paths, sorted: notes to read again, and notes that are no longer there."""

    changed: tuple[str, ...]
    gone: tuple[str, ...]


def walk(root: Path, ignore: Sequence[str] = ()) -> Walk:
    """Return what stands in the vault now; `ignore` are gitignore patterns.

    Links are not followed: one to a folder above never ends, one to a note shows it twice, and
    one that leads out of the vault would have us write there.
    Raises ConfigError for a pattern that git would not take.
    """
    found = Walk()
    ignored = _ignored(ignore)
    top = os.path.join(root, "")  # noqa: PTH118 (strings: 10,000 Path objects cost 20 ms)
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(top + folder) as entries:
                folders += _look(folder, entries, ignored, found)
        except OSError as error:
            if folder and isinstance(error, FileNotFoundError):
                continue  # deleted since its parent was read
            found.unread.append(folder)
            found.problems.append(_unreadable(folder or ".", error))
    return found


def compare(walked: Walk, known: Mapping[str, Stamp]) -> Changes:
    """Return how the vault differs from what is known."""
    notes, unread = walked.notes, tuple(walked.unread)
    changed = [path for path, stamp in notes.items() if known.get(path) != stamp]
    missing = known.keys() - notes.keys() - walked.absent
    gone = [path for path in missing if not path.startswith(unread)]
    return Changes(tuple(sorted(changed)), tuple(sorted(gone)))


def read(root: Path, path: str) -> bytes | Problem:
    """Return the bytes of a note, or why there are none."""
    try:
        with (root / path).open("rb") as file:
            data = file.read(MAX_SIZE + 1)
    except OSError as error:
        return _unreadable(path, error)
    if len(data) > MAX_SIZE:
        limit = MAX_SIZE // 1024**2
        return Problem(path, 1, f"the note is larger than {limit} MB", "split it into several")
    return data


def _look(
    folder: str,
    entries: Iterable[os.DirEntry[str]],
    ignored: Callable[[str], bool],
    found: Walk,
) -> list[str]:
    """Add the notes of one folder to `found`; return the folders in it, as "Work/"."""
    inner = []
    for entry in entries:
        name = entry.name
        path = folder + name
        if name.startswith("."):  # .obsidian/, .trash/, .git/, swap files, AppleDouble
            if name.endswith(_STUB_SUFFIX):
                found.absent.add(folder + name[1 : -len(_STUB_SUFFIX)])
        elif entry.is_dir(follow_symlinks=False):
            if not ignored(path + "/"):
                inner.append(path + "/")
        elif not name.lower().endswith(SUFFIXES) or ignored(path):
            continue
        elif is_conflict(name):
            found.conflicts.append(path)
        elif entry.is_file(follow_symlinks=False):
            try:
                stat = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # deleted since the folder was read
                continue
            found.notes[path] = (stat.st_mtime_ns, stat.st_size)
    return inner


def _ignored(patterns: Sequence[str]) -> Callable[[str], bool]:
    if not patterns:
        return lambda path: False
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(patterns).match_file
    except ValueError as error:
        raise ConfigError(f"read.ignore: {error}", "write the patterns as in .gitignore") from error


def _unreadable(path: str, error: OSError) -> Problem:
    return Problem(path, 1, f"cannot be read: {error.strerror}", "look at its permissions")
