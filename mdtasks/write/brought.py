"""Which notes of Evernote were brought here, and where to: so that one which is not there any more
is known to be deleted, and stays so.

Rule: lies in the state folder, never in the vault. What cannot be read counts as none: then the
next import brings a deleted note once more, and no other harm is done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from mdtasks.write.files import put

_FILE = "brought.json"


def load(state: Path) -> dict[str, str]:
    """Return id -> path of all that was ever brought here."""
    try:
        found = json.loads((state / _FILE).read_bytes())
        return {str(note_id): str(path) for note_id, path in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def add(state: Path, notes: Mapping[str, str]) -> None:
    before = load(state)
    after = {**before, **notes}
    if after != before:
        with suppress(OSError):  # the notes are there, and that counts
            put(state / _FILE, json.dumps(after).encode("ascii"))
