"""Files that come into the vault, many at once: new notes, and what is attached to them.

Rule: a name that somebody has is never taken, and a file is there whole or not at all. What is
there already is changed by safely.py alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from mdtasks.write.carry import Desk, Tell, clear_up
from mdtasks.write.files import open_new, sync_folder, write_all
from mdtasks.write.locks import hold
from mdtasks.write.renames import rename_new
from mdtasks.write.target import changed_note, new_note_file, refused, refusing
from mdtasks.write.temps import remove, token_of

# Called for each time that the bytes are needed.
Pieces = Callable[[], Iterable[bytes]]


class Arrivals:
    """Puts new files into one vault. Each folder is looked over for what killed runs left once,
    and made durable at the end: in a folder of 10,000 notes that is most of the work."""

    def __init__(self, root: Path, state: Path, tell: Tell) -> None:
        self._desk = Desk(root, state, tell)
        self._folders: set[Path] = set()

    def note(self, path: str, data: bytes) -> None:
        """Make a note. Raises ChangedUnderUsError where there is one, RefusedError, LockedError."""
        with refusing(path), hold(self._desk.state, "write"):
            file = new_note_file(self._desk.root, path)
            self._put(file, path, lambda: (data,))

    def attachment(self, path: str, pieces: Pieces) -> None:
        """Make a file that is no note. Raises as `note` does."""
        with refusing(path), hold(self._desk.state, "write"):
            file = _new_file(self._desk.root, path)
            self._put(file, path, pieces)

    def finish(self) -> None:
        for folder in self._folders:
            sync_folder(folder)

    def _put(self, file: Path, path: str, pieces: Pieces) -> None:
        if file.parent not in self._folders:
            clear_up(self._desk, file.parent)
            self._folders.add(file.parent)
        if os.path.lexists(file):
            raise changed_note(path)
        temp = file.with_name(f".{file.name[:40]}.mdtasks-{token_of(self._desk.state)}.tmp")
        try:
            _write_new(temp, pieces)
            if not rename_new(temp, file):
                _write_new(file, pieces)
        except FileExistsError:
            raise changed_note(path) from None
        finally:
            remove(temp)


def _write_new(file: Path, pieces: Pieces) -> None:
    """Write a file that was not there; one that cannot be written whole goes again."""
    descriptor = open_new(file, 0o666)
    try:
        try:
            for piece in pieces():
                write_all(descriptor, piece)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except BaseException:
        with suppress(OSError):
            file.unlink()
        raise


def _new_file(root: Path, path: str) -> Path:
    """Return the file of an attachment that is not there yet; its folders are made."""
    top = Path(os.path.realpath(root, strict=True))
    file = top / path
    parts = path.split("/")
    if ".." in file.parts or not parts[-1] or any(part.startswith(".") for part in parts):
        raise refused(path, "this is no name for an attachment")
    if not Path(os.path.realpath(file.parent)).is_relative_to(top):
        raise refused(path, "this link leads out of the vault")
    file.parent.mkdir(parents=True, exist_ok=True)
    return file
