"""Which file a note is, and whether it may be written just now.

Rule: looks and refuses; writes nothing.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path, PurePath

from mdtasks.errors import ChangedUnderUsError, RefusedError
from mdtasks.read.names import is_note
from mdtasks.write import journal
from mdtasks.write.files import explain
from mdtasks.write.splice import Splice

# Letters of UTF-8, and letters of Latin-1 or its kin, which stand in words: a byte by itself is
# damage.
_LETTER = re.compile("[^\x00-\x7f\udc80-\udcff]")
_OLD_LETTER = re.compile("[A-Za-z][\udcc0-\udcff]|[\udcc0-\udcff][A-Za-z]")


class BusyError(RefusedError):
    """Somebody else is writing the note just now; a moment later it may go."""


class FailedError(RefusedError):
    """The system refused or failed; when it is mended, the same may go."""


def note_file(root: Path, path: str, quiet: timedelta) -> Path:
    """Return the file of a note, links resolved, if it is one that may be written.

    A note that is away may be one that an editor is about to put back: within `quiet` of the
    last change in its folder that is a BusyError.
    """
    top = Path(os.path.realpath(root, strict=True))
    given = PurePath(path)
    if given.is_absolute() or ".." in given.parts:
        raise refused(path, "this is no path inside the vault")
    try:
        file = Path(os.path.realpath(top / given, strict=True))
    except FileNotFoundError as error:
        raise _gone(top / given, path, quiet) from error
    if not file.is_relative_to(top):
        raise refused(path, "this link leads out of the vault", "change the file it leads to")
    for name in (given, file.relative_to(top)):
        if not is_note(name.as_posix()):
            raise refused(path, "this is not a note: a hidden, temporary or conflicting copy")
    found = file.stat()
    if not stat.S_ISREG(found.st_mode):
        raise refused(path, "this is not a file")
    # The bits too: for root every file is writable, and renaming over a file asks only its folder.
    if not found.st_mode & 0o222 or not os.access(file, os.W_OK):
        raise refused(path, "this note is write-protected", "give it write permission first")
    return file


def new_note_file(root: Path, path: str) -> Path:
    """Return the file of a note that is not there yet; its folders are made."""
    top = Path(os.path.realpath(root, strict=True))
    file = top / path
    if ".." in file.parts or not is_note(path) or not Path(path).name:
        raise refused(path, "this is no name for a note")
    if not Path(os.path.realpath(file.parent)).is_relative_to(top):
        raise refused(path, "this link leads out of the vault")
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


def require_one_encoding(path: str, data: bytes, splices: Iterable[Splice]) -> None:
    """Raise RefusedError where letters of UTF-8 would come into a note of another encoding: no
    editor could show both. A note that has such letters already is UTF-8 with a broken byte."""
    if not any(_LETTER.search(text) for splice in splices for text in splice.after):
        return
    text = data.decode("utf-8", "surrogateescape")
    if _OLD_LETTER.search(text) and not _LETTER.search(text):
        raise RefusedError(
            f"{path}: this note is not UTF-8, and would be in two encodings; nothing was written",
            "convert it to UTF-8 first: most editors save it so",
        )


def require_quiet(state: Path, file: Path, path: str, quiet: timedelta) -> None:
    """Raise BusyError if somebody else wrote the note within `quiet`."""
    try:
        found = file.stat()
    except FileNotFoundError as error:
        raise _gone(file, path, quiet) from error
    if _is_fresh(found, quiet) and not journal.is_own(state, file, found):
        raise busy(path)


def busy(path: str) -> BusyError:
    return BusyError(
        f"{path}: another program is writing this note; nothing was written",
        "wait until it has finished and try again",
    )


def refused(path: str, reason: str, hint: str = "") -> RefusedError:
    return RefusedError(f"{path}: {reason}; nothing was written", hint or "choose another note")


def hard_linked(path: str) -> RefusedError:
    return refused(
        path,
        "this file has more than one hard link, and writing would part them",
        "change the line in an editor, or replace the other names by symbolic links",
    )


def changed_note(path: str) -> ChangedUnderUsError:
    return ChangedUnderUsError(
        f"{path}: this note changed since it was read; nothing was written", "try again"
    )


@contextmanager
def refusing(path: str) -> Iterator[None]:
    """Turn what the system says of a file into a refusal."""
    try:
        yield
    except OSError as error:
        reason, hint = explain(error)
        raise FailedError(f"{path}: {reason}; nothing was written", hint) from error


def _gone(file: Path, path: str, quiet: timedelta) -> ChangedUnderUsError | BusyError:
    try:
        if _is_fresh(file.parent.stat(), quiet):
            return busy(path)
    except OSError:
        pass
    return ChangedUnderUsError(
        f"{path}: this note is gone; nothing was written", "run `mdtasks list` and try again"
    )


def _is_fresh(found: os.stat_result, quiet: timedelta) -> bool:
    # A clock ahead of ours (a network drive) counts like one behind.
    return abs(time.time() - found.st_mtime) < quiet.total_seconds()
