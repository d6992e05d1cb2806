"""The watcher's sign that the index is what the notes are: a file that it touches every second.

Rule: it stands there only while nothing is left to do. Whoever trusts it skips looking at the
notes, so the watcher takes it away at the first hint of a change, and dying takes its lock.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from mdtasks.write.locks import is_held

# By the real clock: a `--now` of another day does not age it.
LONGEST_PAUSE_SECONDS = 2.0


def beat(state: Path, basis: str) -> None:
    """Say that the index is fresh now; `basis` is what it was read by: settings and version."""
    path = _file(state)
    try:
        if path.read_text(encoding="utf-8", errors="replace") == basis:
            os.utime(path)
            return
    except FileNotFoundError:
        pass
    path.write_text(basis, encoding="utf-8", errors="replace")


def pause(state: Path) -> None:
    """Take the sign away."""
    _file(state).unlink(missing_ok=True)


def age(state: Path) -> float | None:
    """Return the seconds since the last beat, None where there is none."""
    try:
        return time.time() - _file(state).stat().st_mtime
    except OSError:
        return None


def is_beating(state: Path, basis: str) -> bool:
    """Whether a watcher is alive, has nothing to do, and reads notes by the same `basis`."""
    seconds = age(state)
    # A clock that was set back makes it negative: no sign to trust.
    if seconds is None or not 0 <= seconds <= LONGEST_PAUSE_SECONDS:
        return False
    try:
        told = _file(state).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return told == basis and is_held(state, "watch")


def _file(state: Path) -> Path:
    return state / "watch.beat"
