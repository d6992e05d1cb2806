"""Sync at every change of the vault, until stopped.

Rule: an event is a hint that something changed; what changed, the comparison of the vault with
the index says. Threads and signals only leave a hint; one loop does all the work.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from queue import Empty, SimpleQueue
from threading import Lock
from typing import TYPE_CHECKING

from mdtasks import config as configuration
from mdtasks.app import fetching
from mdtasks.app.changes import notices, tend
from mdtasks.app.mounts import network_kind
from mdtasks.app.planning import current_blocks
from mdtasks.app.publish import Published, publish
from mdtasks.app.refresh import Refreshed, notes_gone, opened
from mdtasks.app.session import Notify, Session, open_session
from mdtasks.dates import localize
from mdtasks.errors import MdtasksError
from mdtasks.index.store import Store
from mdtasks.read.names import is_note
from mdtasks.write import heartbeat
from mdtasks.write.locks import hold

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver

# In seconds. An editor saves in several steps, a checkout writes thousands of files: first comes
# quiet, but no more than so long.
QUIET = 0.3
LONGEST = 2.0

# When to look again at what failed, at a note that is being written, and at a vault of whose
# changes the system does not tell.
AGAIN = 2.0

# How often to look at the clock and at the vault's folder: midnight, a laptop that wakes, a disk
# that is unmounted make no event. Without any, the vault is compared once an hour all the same.
TICK = 1.0
ASLEEP = 10.0
HOUR = 3600.0


def watch(vault: str | None, now: str | None, notify: Notify) -> None:
    """Sync now and at every change, until SIGTERM or Ctrl-C. Changed settings count at once.

    Raises LockedError if another watcher runs, and whatever the first session raises.
    """
    session = open_session(vault, now, notify)
    state = session.places.state
    loop = _Loop(session.root, state, now, notify)
    # Who asks whether a watcher runs holds its lock for a moment.
    with hold(state, "watch", timedelta(milliseconds=200)), loop.stopped_by_signals():
        notify(f"watching {session.root}; the feed is {session.places.feed}")
        loop.run()


class _Loop:
    """Waits for a hint or the clock, then syncs."""

    def __init__(self, root: Path, state: Path, now: str | None, notify: Notify) -> None:
        self._root = root
        self._state = state
        self._now = now
        self._notify = notify
        self._once = _Once(notify)
        self._heart = _Heart(state)
        # Not an Event: its lock is not re-entrant, and a signal handler may meet it held.
        self._hints: SimpleQueue[None] = SimpleQueue()
        self._rounds = fetching.Rounds(self._hint)
        self._stopped = False
        self._rest = HOUR
        self._wake = 0.0
        self._failures = 0

    @contextmanager
    def stopped_by_signals(self) -> Iterator[None]:
        def stop(*_: object) -> None:
            self._stopped = True
            self._hints.put(None)

        before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            self._heart.stop()
            for each, handler in before.items():
                signal.signal(each, handler)

    def run(self) -> None:
        while not self._stopped:
            folder = _identity(self._root)
            with _observing(self._root, self._state, self._hint, self._notify) as tells_all:
                self._rest = HOUR if tells_all else AGAIN
                self._hint()  # for what happened before the events began
                # A folder that was unmounted, or made anew, sends no events to the old watch.
                while not self._stopped and _identity(self._root) == folder:
                    if self._is_time():
                        self._sync()

    def _hint(self) -> None:
        self._heart.stop()
        self._hints.put(None)

    def _is_time(self) -> bool:
        began = time.time()
        if self._hears(min(max(self._wake - began, 0), TICK)):
            deadline = time.monotonic() + LONGEST
            while not self._stopped and time.monotonic() < deadline and self._hears(QUIET):
                pass
            return not self._stopped
        self._heart.beat()
        now = time.time()
        return now >= self._wake or abs(now - began) > ASLEEP

    def _hears(self, seconds: float) -> bool:
        with suppress(Empty):
            self._hints.get(timeout=seconds)
            return True
        return False

    def _sync(self) -> None:
        stops = self._heart.stops
        try:
            if _identity(self._root) is None:
                raise notes_gone(self._root)
            session = open_session(str(self._root), self._now, self._once)
            tended = tend(session)
            with opened(session, quiet=timedelta(seconds=QUIET)) as (store, refreshed):
                published = publish(session, store, attended=False)
                rest = AGAIN if refreshed.unsettled or published.waits else self._rest
                until = min(rest, _until_plan_ends(session, store), tended or rest)
                until = min(until, self._rounds.go_on(session))
                self._wake = time.time() + until
                if rest == HOUR:
                    self._heart.start(session.reading, stops)
        except MdtasksError as error:
            self._wake = time.time() + AGAIN
            # A disk that is away for a moment, settings that are half saved, are no news.
            if self._failures:
                self._once(f"{error.message}; {error.hint}" if error.hint else error.message)
            self._failures += 1
            return
        done = ["going on"] if self._failures > 1 else []
        done += _what_was_done(refreshed, published)
        self._failures = 0
        if done:
            self._notify(f"{time.strftime('%H:%M:%S')} {', '.join(done)}")
        for line in (*published.held, *notices(session), *fetching.lines(session, aged=False)):
            self._once(line)
        self._once.start_over()


class _Heart:
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


class _Once:
    """Tells a line unless it was told in the sync before: what stays so is no news."""

    def __init__(self, notify: Notify) -> None:
        self._notify = notify
        self._before: set[str] = set()
        self._now: set[str] = set()

    def __call__(self, line: str) -> None:
        if line not in self._before | self._now:
            self._notify(line)
        self._now.add(line)

    def start_over(self) -> None:
        self._before, self._now = self._now, set()


def _what_was_done(refreshed: Refreshed, published: Published) -> Iterator[str]:
    for verb, paths in (("read", refreshed.changed), ("dropped", refreshed.gone)):
        if paths:
            yield f"{verb} {paths[0] if len(paths) == 1 else f'{len(paths)} notes'}"
    if published.feed:
        yield "wrote the feed"
    if published.daily:
        yield "wrote the day's note"


def _until_plan_ends(session: Session, store: Store) -> float:
    """Return the seconds until the plan may be another by itself: a block's end, or midnight."""
    midnight = localize(session.today + timedelta(days=1), datetime.min.time(), session.zone)
    ends = (block.end for block in current_blocks(session, store).blocks)
    # By timestamps: within a zone Python's arithmetic is that of a clock on the wall.
    now = session.now.timestamp()
    return min(end.timestamp() - now for end in (midnight, *ends) if end > session.now)


def _identity(root: Path) -> tuple[int, int] | None:
    """Return what tells one folder from another at the same path; None if there is none."""
    try:
        stat = root.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


@contextmanager
def _observing(root: Path, state: Path, hint: Callable[[], None], notify: Notify) -> Iterator[bool]:
    """Call `hint` at events that may concern a note; give whether there is one for each change."""
    from watchdog.observers import Observer

    observer = None
    trouble = ""
    with _overflow_hints(hint):
        try:
            observer = Observer()
            _start(observer, root, state, hint)
            if kind := network_kind(root):
                trouble = f"others' changes make no events on {kind}"
        except OSError as error:
            trouble = f"the system gives no events ({error.strerror})"
        if trouble and root.exists():
            notify(f"{trouble}, so the vault is compared every {AGAIN:.0f} seconds")
        try:
            yield not trouble
        finally:
            if observer and observer.is_alive():
                observer.stop()
                observer.join()


def _start(observer: BaseObserver, root: Path, state: Path, hint: Callable[[], None]) -> None:
    from watchdog import events

    class Handler(events.FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            if any(
                _concerns(root, os.fsdecode(path), event.is_directory)
                for path in (event.src_path, event.dest_path)
            ):
                hint()

    # By default watchdog asks for opened and closed-without-write too, and our own reading would
    # make events without end.
    wanted: list[type[FileSystemEvent]] = [
        events.FileCreatedEvent,
        events.FileModifiedEvent,
        events.FileAttribEvent,  # a permission that was given
        events.FileMovedEvent,
        events.FileDeletedEvent,
        events.FileClosedEvent,
        events.DirCreatedEvent,
        events.DirMovedEvent,
        events.DirDeletedEvent,
    ]
    observer.schedule(Handler(), str(root), recursive=True, event_filter=wanted)
    observer.start()
    # Where the system's limit is reached, watchdog leaves out folders of the vault without a
    # word; asked for one folder more, it raises.
    observer.schedule(events.FileSystemEventHandler(), str(state), event_filter=wanted[:1])


def _concerns(root: Path, path: str, is_folder: bool) -> bool:
    """Whether the note, or a note in this folder, may be one of the vault's."""
    try:
        relative = PurePath(path).relative_to(root).as_posix()
    except ValueError:
        return False
    note = f"{relative}/a.md" if is_folder else relative
    return is_note(note) or relative in configuration.SETTINGS_FILES


@contextmanager
def _overflow_hints(hint: Callable[[], None]) -> Iterator[None]:
    """Call `hint` when the kernel dropped events, which watchdog tells its log alone."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "overflow" in record.getMessage():
                hint()

    logger, handler = logging.getLogger("watchdog"), Handler()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
