"""What was heard of, until somebody looks.

Rule: any thread, and a signal handler too, may leave a hint at any moment.
"""

from __future__ import annotations

from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import NamedTuple


class Heard(NamedTuple):
    """Notes that were saved; `whole` says that anything else may have changed as well."""

    paths: frozenset[str]
    whole: bool


class Hints:
    """A hint is a note's path, or None for whatever else there is to look at."""

    def __init__(self) -> None:
        # Not an Event: its lock is not re-entrant, and a signal handler may meet it held.
        self._queue: SimpleQueue[str | None] = SimpleQueue()
        self._heard: set[str | None] = set()

    def put(self, hint: str | None) -> None:
        self._queue.put(hint)

    def wait(self, seconds: float) -> bool:
        """Wait for a hint, so long at most; return whether there was one."""
        with suppress(Empty):
            self._heard.add(self._queue.get(timeout=seconds))
            return True
        return False

    @property
    def has_more(self) -> bool:
        """Whether there was one since somebody last waited."""
        return not self._queue.empty()

    def take(self) -> Heard:
        """Return what was heard of since this was last called."""
        with suppress(Empty):
            while True:
                self._heard.add(self._queue.get_nowait())
        heard, self._heard = self._heard, set()
        return Heard(frozenset(path for path in heard if path is not None), None in heard)
