"""The watcher's heart: it says that the index is what the notes are, as long as that is true."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from threading import Lock

from mdtasks.write import heartbeat


class Heart:
    """Beats while nothing is left to do. A hint stops it at once, from whatever thread."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._lock = Lock()
        self._basis: str | None = None
        self.stops = 0

    def start(self, basis: str, stops: int) -> None:
        """Beat from now on, unless it was stopped since there were so many `stops`."""
        with self._lock:
            if self.stops == stops:
                self._basis = basis
        self.beat()

    def stop(self) -> None:
        with self._lock, suppress(OSError):
            self.stops += 1
            self._basis = None
            heartbeat.pause(self._state)

    def beat(self) -> None:
        # Where the disk is full, say, the next `today` looks at the notes itself.
        with self._lock, suppress(OSError):
            if self._basis is not None:
                heartbeat.beat(self._state, self._basis)
