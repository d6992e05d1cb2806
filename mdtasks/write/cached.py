"""What is kept in the cache folder beside the index: copies of others' calendars.

Rule: nothing there is anybody's only copy, so what cannot be written is done without. What is
there is for the person's eyes alone.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from mdtasks.errors import MdtasksError
from mdtasks.write.publish import publish


def keep(path: Path, data: bytes) -> bool:
    """Put `data` into a file of the cache; return whether that could be done."""
    with suppress(OSError, MdtasksError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        publish(path, data)
        return True
    return False


def keep_only(folder: Path, names: Collection[str]) -> None:
    """Remove what is no longer asked for."""
    with suppress(OSError):
        for path in folder.iterdir():
            if path.name not in names and path.suffix == ".ics":
                path.unlink()
