"""The loop that does all of a watcher's work.

Rule: it waits for a hint or the clock, then compares notes with the index and publishes.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from typing import NamedTuple

from mdtasks.app import carrying, fetching
from mdtasks.app.changes import notices, tend
from mdtasks.app.named import Memory
from mdtasks.app.planning import current_blocks, go_on
from mdtasks.app.publish import Published, publish
from mdtasks.app.refresh import Refreshed, notes_gone, opened
from mdtasks.app.review_note import has_notes
from mdtasks.app.session import Notify, Session, open_session
from mdtasks.app.today import prepare
from mdtasks.dates import localize
from mdtasks.errors import MdtasksError
from mdtasks.index.store import Store
from mdtasks.watch.clock import Alarm, Clock, Respite
from mdtasks.watch.heart import Heart
from mdtasks.watch.hints import Hints
from mdtasks.watch.observing import POLL, Observed, identity, observing
from mdtasks.watch.telling import Once, what_was_done

# In seconds. An editor saves in several steps, a checkout writes thousands of files: first comes
# quiet, but no more than so long.
QUIET = 0.3
LONGEST = 2.0

# To plan takes a while, and to go on with what has changed does not: the feed has each change at
# once, and the whole plan is made when no more have come for so long.
SETTLED = 3.0
LATEST = 30.0

# When to look again at what failed, and at a note that is being written.
AGAIN = 2.0

# How often to look at the clock and at the vault's folder: midnight, a laptop that wakes, a disk
# that is unmounted make no event. Without any, the vault is compared once an hour all the same.
TICK = 1.0
HOUR = 3600.0


class Doors(NamedTuple):
    """What the loop works for: who is told, who is called after a sync, and the clock. `now`
    stands in for the clock in the plan."""

    notify: Notify
    synced: Callable[[], None]
    clock: Clock
    now: str | None


class _DisturbedError(Exception):
    """Something was heard of while the whole plan was made."""


class Loop:
    """Waits for a hint or the clock, then syncs."""

    def __init__(self, session: Session, doors: Doors) -> None:
        self._root = session.root
        self._state = session.places.state
        self._doors = doors
        self._feed = session.places.feed
        self._once = Once(doors.notify)
        self._heart = Heart(self._state)
        self._hints = Hints()
        self._hinting = Lock()
        self._alarm = Alarm(doors.clock)
        self._rounds = fetching.Rounds(self._hint)
        self._carrier = carrying.Carrier(doors.notify, self._hint)
        self._stopped = False
        self._failures = 0
        self._basis: object = None
        self._memory = Memory()
        self._respite = Respite(doors.clock, SETTLED, LATEST)

    @contextmanager
    def stopped_by_signals(self) -> Iterator[None]:
        """Stop at SIGTERM and Ctrl-C."""
        each = (signal.SIGINT, signal.SIGTERM)
        before = {one: signal.signal(one, lambda *_: self._stop()) for one in each}
        try:
            yield
        finally:
            self._heart.stop()
            for one, handler in before.items():
                signal.signal(one, handler)

    @contextmanager
    def stopped_by(self, stop: Event) -> Iterator[None]:
        """Stop when `stop` is set."""

        def wait() -> None:
            stop.wait()
            self._stop()

        # A daemon: where the loop ends by itself, nobody may ever set it.
        Thread(target=wait, daemon=True).start()
        try:
            yield
        finally:
            self._heart.stop()

    def run(self) -> None:
        while not self._stopped:
            folder = identity(self._root)
            with observing(self._root, self._state, self._hint, self._doors.notify) as observed:
                self._hint()  # for what happened before the events began
                # A folder that was unmounted, or made anew, sends no events to the old watch.
                while not self._stopped and identity(self._root) == folder and observed.is_alive:
                    if self._is_time():
                        self._sync(observed)

    def _stop(self) -> None:
        self._stopped = True
        self._hints.put(None)

    def _hint(self, path: str | None = None) -> None:
        # In one: a hint that is taken has stopped the heart before, and not after.
        with self._hinting:
            self._heart.stop()
            self._hints.put(path)

    def _is_time(self) -> bool:
        if self._hints.wait(min(self._alarm.left, TICK)):
            clock = self._doors.clock
            deadline = clock.steady() + LONGEST
            while not self._stopped and clock.steady() < deadline and self._hints.wait(QUIET):
                pass
            return not self._stopped
        if self._alarm.rings():
            return True
        self._heart.beat()
        return False

    def _sync(self, observed: Observed) -> None:
        began, offset = self._doors.clock.wall(), self._alarm.offset
        with self._hinting:
            heard, stops = self._hints.take(), self._heart.stops
        if heard.whole:
            observed.check()  # a folder may have come
        tells_all = observed.tells_all
        try:
            session = self._open()
            tended = tend(session)
            # What the clock calls for, and what we may just have written, nobody hinted at.
            whole = heard.whole or not heard.paths or tended is not None
            quiet, hints = timedelta(seconds=QUIET), None if whole else heard.paths
            with opened(session, quiet=quiet, hints=hints) as (store, refreshed):
                published = self._publish(session, store, hints is not None)
                rest = HOUR if tells_all else POLL
                rest = AGAIN if refreshed.unsettled or published.waits else rest
                pause = min(rest, tended or rest, self._rounds.go_on(session))
                pause = min(pause, self._carrier.go_on(session), self._respite.left)
                plan_ends = began + until_plan_ends(session, store)
                self._alarm.set(min(self._doors.clock.wall() + pause, plan_ends), offset)
        except MdtasksError as error:
            self._fail(error, offset)
        else:
            self._tell(session, refreshed, published)
            self._doors.synced()
            # Last: who sees it beat may rely on all of the above.
            if rest == HOUR and not self._respite.is_on:
                self._heart.start(session.reading, stops)

    def _open(self) -> Session:
        """Return a session of this moment. Raises VaultEmptyError, and as `open_session`."""
        if identity(self._root) is None:
            raise notes_gone(self._root)
        session = open_session(str(self._root), self._doors.now, self._once)
        if session.places.feed != self._feed:
            self._feed = session.places.feed
            self._doors.notify(f"the feed is {self._feed} now")
        if self._doors.now is None:
            now = datetime.fromtimestamp(self._doors.clock.wall(), session.zone)
            return session._replace(now=now)
        return session

    def _publish(self, session: Session, store: Store, hinted: bool) -> Published:
        """Publish, unless only notes were saved, no task of them has changed, and it is not time
        for the whole plan."""
        is_due = self._respite.left == 0
        known = None if is_due or not hinted else self._basis
        if known is not None and known == _basis(session, store):
            return Published(feed=False)
        self._plan(session, store)
        generation = store.generation
        published = publish(session, store, attended=False, memory=self._memory)
        # What a person does in the day's note is no task yet; and what another run wrote into the
        # index while we published is in no feed yet.
        may_skip = not (session.config.daily.write or published.waits or has_notes(session))
        may_skip = may_skip and store.generation == generation
        self._basis = _basis(session, store) if may_skip else None
        return published

    def _plan(self, session: Session, store: Store) -> None:
        """Let the plan go on with what has changed; once it has for long enough, make the whole
        one, and today's list of it, unless there is something new to go on with."""
        if self._respite.left and go_on(session, store):
            self._respite.extend()
        elif not self._respite.is_on:
            try:
                prepare(session, store, None if self._respite.is_up else self._give_way)
                self._respite.end()
            except _DisturbedError:
                self._respite.extend()

    def _give_way(self) -> None:
        if self._hints.has_more:
            raise _DisturbedError

    def _fail(self, error: MdtasksError, offset: float) -> None:
        self._alarm.set(self._doors.clock.wall() + AGAIN, offset)
        self._basis = None
        # A disk that is away for a moment, settings that are half saved, are no news.
        if self._failures:
            self._once(f"{error.message}; {error.hint}" if error.hint else error.message)
        self._failures += 1

    def _tell(self, session: Session, refreshed: Refreshed, published: Published) -> None:
        done = ["going on"] if self._failures > 1 else []
        done += what_was_done(refreshed, published)
        self._failures = 0
        if done:
            at = datetime.fromtimestamp(self._doors.clock.wall(), session.zone)
            self._doors.notify(f"{at:%H:%M:%S} {', '.join(done)}")
        for line in (*published.held, *notices(session), *fetching.lines(session, aged=False)):
            self._once(line)
        self._once.start_over()


def until_plan_ends(session: Session, store: Store) -> float:
    """Return the seconds until the plan may be another by itself: a block's end, or midnight."""
    midnight = localize(session.today + timedelta(days=1), datetime.min.time(), session.zone)
    ends = (block.end for block in current_blocks(session, store).blocks)
    # By timestamps: within a zone Python's arithmetic is that of a clock on the wall.
    now = session.now.timestamp()
    return min(end.timestamp() - now for end in (midnight, *ends) if end > session.now)


def _basis(session: Session, store: Store) -> object:
    """Return what the feed follows from, beside the clock and the calendars of others."""
    try:
        feed = session.places.feed.stat()
    except OSError:
        return None
    stamp = (feed.st_ino, feed.st_mtime_ns, feed.st_size)
    return stamp, store.generation, session.config, session.places, session.today
