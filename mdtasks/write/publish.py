"""Write the files that are ours alone: the feed, mdtasks.toml, the undo store.

Rule: a reader sees the old bytes or the new ones, and a file that is right already is not
touched. Notes are not written here: see safely.py.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from mdtasks.errors import MdtasksError
from mdtasks.write.files import Seen, explain, look, sync_folder
from mdtasks.write.temps import remove, sweep_of, temp_beside


def publish(path: Path, data: bytes) -> bool:
    """Put `data` into the file at `path`; False, and nothing touched, if it holds that already.

    Missing folders are made. A link stays one: the file it leads to is written.
    Raises MdtasksError; then the file holds what it held.
    """
    real = Path(os.path.realpath(path))
    try:
        seen = _look_if_there(real)
        if seen and seen.data == data:
            return False
        real.parent.mkdir(parents=True, exist_ok=True)
        temp = temp_beside(real, data, seen.stat if seen else None)
        try:
            os.replace(temp, real)  # noqa: PTH105
        except BaseException:
            remove(temp)
            raise
        sweep_of(real, time.time())
        sync_folder(real.parent)
    except OSError as error:
        reason, hint = explain(error)
        raise MdtasksError(f"{path}: cannot be written: {reason}", hint) from error
    return True


def _look_if_there(path: Path) -> Seen | None:
    try:
        return look(path)
    except FileNotFoundError:
        return None
