"""The file by which the system starts the watcher: made once, and taken away again.

Rule: what stands there already is somebody's, and stays: nothing is overwritten, and only the very
bytes that were looked at are removed.
"""

from __future__ import annotations

import os
from pathlib import Path

from mdtasks.errors import ChangedUnderUsError, MdtasksError, RefusedError
from mdtasks.write.files import explain, look, sync_folder
from mdtasks.write.renames import rename_new
from mdtasks.write.temps import remove, temp_beside


def held(path: Path) -> bytes | None:
    """Return what the file holds, None where there is none.

    Raises RefusedError for what is no plain file of ours to read, such as a link.
    """
    try:
        return look(path).data
    except FileNotFoundError:
        return None
    except OSError as error:
        what = "it is a link" if path.is_symlink() else explain(error)[0]
        raise RefusedError(f"{path}: {what}; it stays as it is", "move it away first") from None


def make(path: Path, data: bytes) -> None:
    """Make the file with its folders. Raises MdtasksError where there is one, or none can be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temp = temp_beside(path, data)
        try:
            if not rename_new(temp, path):
                os.link(temp, path)
                remove(temp)
        except BaseException:
            remove(temp)
            raise
        sync_folder(path.parent)
    except OSError as error:
        reason, hint = explain(error)
        raise MdtasksError(f"{path}: cannot be written: {reason}", hint) from error


def take_away(path: Path, data: bytes) -> None:
    """Remove the file, if it still holds these bytes."""
    if held(path) != data:
        raise ChangedUnderUsError(f"{path}: it changed just now; it stays", "try again")
    try:
        path.unlink()
    except OSError as error:
        reason, hint = explain(error)
        raise MdtasksError(f"{path}: cannot be removed: {reason}", hint) from error
    sync_folder(path.parent)
