"""Makes the feeds that are handed out, whenever something of them may have changed.

Rule: one thread of its own, and never a request. What cannot be made leaves the last good feeds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event

from mdtasks.app.session import Session
from mdtasks.app.subscribers import feeds
from mdtasks.config import SETTINGS_FILES
from mdtasks.errors import MdtasksError
from mdtasks.serve.served import Served
from mdtasks.write import tokens

# In seconds: how soon the work of a watcher in another process is seen.
_TICK = 1.0

_Stamps = tuple[object, ...]


class Preparing:
    """Waits for a hint, or for files that differ, then prepares."""

    def __init__(self, served: Served, session: Session) -> None:
        self._served = served
        self._files = _files(session)
        self._hints: SimpleQueue[None] = SimpleQueue()
        self._said: frozenset[str] = frozenset()
        self._generation = -1

    def hint(self) -> None:
        """Have the feeds made anew soon. From any thread."""
        self._hints.put(None)

    def run(self, stop: Event) -> None:
        done: _Stamps | None = None
        seen: _Stamps | None = None
        hinted = True
        while not stop.is_set():
            stamps = self._stamps()
            # Another process writes index and feed one after the other: they belong together
            # once both have been still. Who hints has written both.
            if hinted or (stamps != done and stamps == seen):
                done = stamps if self._prepare(hinted) else None
            seen = stamps
            # A hint that came while the feeds were made may be about what they do not hold yet.
            hinted = self._hears()

    def _hears(self) -> bool:
        heard = False
        with suppress(Empty):
            self._hints.get(timeout=_TICK)
            heard = True
            while True:
                self._hints.get_nowait()
        return heard

    def _stamps(self) -> _Stamps:
        # Before the work: what changes meanwhile shows the next time.
        return (tokens.stamp(self._served.state), *map(_stamp, self._files))

    def _prepare(self, is_news: bool) -> bool:
        """Return whether all is as it should be. It is told to those who wait where it `is_news`,
        or turns out to be: whoever only reads the index touches its files too."""
        served, faults = self._served, list[MdtasksError]()
        try:
            session = served.session()
            self._files = _files(session)
            readers = served.subscribers
            with session.store() as store:
                found = feeds(session, store, readers, faults.append)
                generation = store.generation
        except MdtasksError as error:
            faults.append(error)
            found = None
        self._tell([error.message for error in faults])
        if found is None:
            return False  # or the first sync is still on its way
        active = {each.digest for each in readers if each.is_active}
        differs = served.shelf.put(found, time.time(), keep=active)
        if is_news or differs or generation != self._generation:
            served.news.tell()
        self._generation = generation
        return not faults

    def _tell(self, lines: Sequence[str]) -> None:
        for line in lines:
            if line not in self._said:
                self._served.notify(line)
        self._said = frozenset(lines)


def _files(session: Session) -> tuple[Path, ...]:
    """Return what a watcher in another process writes, and the settings."""
    cache = session.places.cache
    return (
        session.places.feed,
        cache,
        cache.with_name(f"{cache.name}-wal"),
        *(session.root / name for name in sorted(SETTINGS_FILES)),
    )


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
