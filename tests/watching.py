"""A watcher in a thread of the test, so that each of its syncs can be counted and its clock turned.

Rule: real files and the system's real events; a test waits for what it claims, not for a time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from mdtasks.app.session import Session, open_session
from mdtasks.watch import watch
from mdtasks.watch.clock import Clock
from mdtasks.write import heartbeat
from tests.running import NOW
from tests.test_watch import wait_until

SETTINGS = 'vault_id = "watched"\ntimezone = "Europe/Berlin"\n'


def task(text: str) -> str:
    return f"- [ ] {text} 📅 2026-11-23\n"


def session_of(root: Path) -> Session:
    return open_session(str(root), NOW, lambda line: None)


def indexed(root: Path) -> set[str]:
    """Return the texts in the index, as it was left."""
    with session_of(root).store() as store:
        return {each.text for each in store.tasks()}


class Watching:
    """A running watcher: what it said, and how often it synced."""

    def __init__(self, root: Path, now: str | None, clock: Clock) -> None:
        self.root = root
        self.lines: list[str] = []
        self.syncs = 0
        self._stop = Event()
        self._state = session_of(root).places.state
        self._thread = Thread(target=self._run, args=(now, clock))
        self._thread.start()

    def _run(self, now: str | None, clock: Clock) -> None:
        watch(
            str(self.root),
            now,
            self.lines.append,
            stop=self._stop,
            synced=self._count,
            clock=clock,
        )

    def _count(self) -> None:
        self.syncs += 1

    @property
    def feed(self) -> Path:
        return Path(self.lines[0].partition("; the feed is ")[2])

    def publishes(self, text: str) -> bool:
        return text in self.feed.read_text("utf-8")

    def said(self, words: str) -> int:
        return sum(words in line for line in self.lines)

    @property
    def rests(self) -> bool:
        """Whether it says that nothing is left to do."""
        return heartbeat.age(self._state) is not None

    def wait_for_rest(self) -> None:
        wait_until(lambda: self.rests, "for rest")

    def has_seen_all(self) -> None:
        """Wait until a change made now is seen, and so are those before it."""
        name = f"seen {time.monotonic_ns()}"
        (self.root / "prose.md").write_text(f"- [ ] {name}\n", "utf-8")
        wait_until(lambda: name in indexed(self.root), "for prose.md")
        self.wait_for_rest()

    def end(self) -> None:
        self._stop.set()
        self._thread.join(timeout=60)
        assert not self._thread.is_alive(), "it does not end"


@contextmanager
def watching(root: Path, now: str | None = NOW, clock: Clock | None = None) -> Iterator[Watching]:
    """Run a watcher; give it after its first sync."""
    watcher = Watching(root, now, clock or Clock())
    try:
        wait_until(lambda: watcher.syncs, "for the first sync")
        yield watcher
    finally:
        watcher.end()
