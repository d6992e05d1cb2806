"""The last import of whole notes, of which `undo` has to speak, as it takes back lines alone.

Rule: lies in the state folder, never in the vault. Ages are told by the real clock, which comes as
`now`, in seconds since the epoch. Whatever cannot be read counts as none.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mdtasks.write.files import put
from mdtasks.write.journal import KEPT_SECONDS

_FILE = "imported.json"


class Import(NamedTuple):
    """So many notes were written into a folder, `at` that time."""

    folder: str
    notes: int
    at: float


def remember(state: Path, one: Import) -> None:
    with suppress(OSError):  # the notes are there; that `undo` says nothing of them is no loss
        put(state / _FILE, json.dumps(one).encode("ascii"))


def last(state: Path, now: float) -> Import | None:
    """Return the last import of the last 24 hours, unless it was forgotten."""
    try:
        folder, notes, at = json.loads((state / _FILE).read_bytes())
        one = Import(str(folder), int(notes), float(at))
    except (OSError, ValueError, TypeError):
        return None
    return one if 0 <= now - one.at <= KEPT_SECONDS else None


def forget(state: Path) -> None:
    with suppress(OSError):
        (state / _FILE).unlink(missing_ok=True)
