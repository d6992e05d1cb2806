"""Notes that mdtasks itself has made, and that go again when what they were made for is undone.

Rule: only what we made within the last day, and that is empty, is ever removed.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path

from mdtasks.write.carry import Tell
from mdtasks.write.files import READ_ONLY, put, sync_folder
from mdtasks.write.journal import KEPT_SECONDS
from mdtasks.write.leases import Answer, nobody_else
from mdtasks.write.locks import hold
from mdtasks.write.renames import rename_new
from mdtasks.write.safely import write_note
from mdtasks.write.target import refusing
from mdtasks.write.temps import aside, token_of

_FILE = "made.json"


def make(root: Path, state: Path, path: str, tell: Tell) -> None:
    """Make an empty note.

    Raises ChangedUnderUsError where there is one, RefusedError, LockedError.
    """
    write_note(root, state, path, None, b"", tell=tell)
    with refusing("the state folder"), hold(state, "write"):
        put(state / _FILE, json.dumps({**_made(state), path: time.time()}).encode("ascii"))


def remove_if_empty(root: Path, state: Path, path: str) -> bool:
    """Remove a note that we made, if it is empty and nobody has it open; whether it is gone."""
    if path not in _made(state):
        return False
    with refusing(path), hold(state, "write"):
        if not _is_removed(root / path, token_of(state)):
            return False
        left = {name: at for name, at in _made(state).items() if name != path}
        put(state / _FILE, json.dumps(left).encode("ascii"))
        return True


def _is_removed(file: Path, token: str) -> bool:
    away = aside(file, token)
    if away is None:
        return False
    try:
        descriptor = os.open(file, READ_ONLY)
    except FileNotFoundError:
        return False
    try:
        with nobody_else(descriptor) as lease:
            if lease.answer is Answer.IN_USE or os.fstat(descriptor).st_size:
                return False
            file.rename(away)
            # Who waits to open it, or wrote a moment ago, keeps the note.
            if lease.is_wanted or away.stat().st_size:
                if not rename_new(away, file):
                    away.rename(file)
                return False
            away.unlink()
    finally:
        with suppress(OSError):
            os.close(descriptor)
    sync_folder(file.parent)
    return True


def _made(state: Path) -> dict[str, float]:
    """Return path -> when, of the notes that we made and may remove."""
    try:
        made: dict[str, float] = json.loads((state / _FILE).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return {path: at for path, at in made.items() if time.time() - at < KEPT_SECONDS}
