"""A watcher's publishing: the plan goes to the places of [[publish]] some time after it changed.

Rule: in a thread of its own, so that nothing waits for the network; what fails is tried again,
less and less often.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Thread

from mdtasks.app.outlets import Outcome, carry
from mdtasks.app.session import Notify, Session
from mdtasks.errors import MdtasksError
from mdtasks.outlets.changes import Wish
from mdtasks.render.outlets import left, line
from mdtasks.settings import Outlet

# In seconds. Between two rounds, while the plan changes with each note that is saved; between
# rounds that fail, doubled each time; and a look for what others did, while nothing changes.
PAUSE = 60.0
HOUR = 3600.0

_What = tuple[tuple[Outlet, ...], tuple[int, int, int] | None]


class Carrier:
    """Carries the feed when it is another one than was carried last; `ended` is called after each
    round, so that it is asked when the next may come."""

    def __init__(self, notify: Notify, ended: Callable[[], None]) -> None:
        self._notify = notify
        self._ended = ended
        self._is_busy = False
        self._carried: _What | None = None
        self._done = 0.0
        self._next = 0.0
        self._failures = 0
        self._told: frozenset[str] = frozenset()

    def go_on(self, session: Session) -> float:
        """Begin a round if it is time; return in how many seconds to ask again."""
        if not session.config.publish:
            return HOUR
        if self._is_busy:
            return HOUR
        now, what = time.monotonic(), _what(session)
        if what == self._carried and now < self._done + HOUR:
            return self._done + HOUR - now
        if now < self._next and (self._carried is None or what[0] == self._carried[0]):
            return self._next - now
        self._is_busy, self._next = True, now + PAUSE
        Thread(target=self._run, args=(session, what), daemon=True).start()
        return HOUR

    def _run(self, session: Session, what: _What) -> None:
        try:
            self._round(session, what)
        finally:
            self._is_busy = False
            self._ended()

    def _round(self, session: Session, what: _What) -> None:
        try:
            with session.store() as store:
                outcomes = carry(session, store, session.config.publish, Wish(attended=False))
            failed = any(one.error for one in outcomes)
            lines = list(_problems(outcomes))
        except MdtasksError as error:
            outcomes, failed, lines = [], True, [error.message]
        self._failures = self._failures + 1 if failed else 0
        self._done = time.monotonic()
        self._next = self._done + min(PAUSE * 2**self._failures, HOUR)
        self._carried = None if failed else what
        self._tell(outcomes, lines)

    def _tell(self, outcomes: Sequence[Outcome], problems: Sequence[str]) -> None:
        for one in outcomes:
            if one.report.is_news:
                self._notify(line(one.outlet, one.report._asdict(), dry=False))
        for each in problems:
            if each not in self._told:
                self._notify(each)
        self._told = frozenset(problems)


def _problems(outcomes: Sequence[Outcome]) -> list[str]:
    found = []
    for one in outcomes:
        if one.error:
            found.append(f"{one.outlet.name}: {one.error.message}")
        found += [said for said, _ in left(one.outlet, one.report._asdict(), one.titles)]
    return found


def _what(session: Session) -> _What:
    """Return what differs when there is something to carry."""
    try:
        stat = session.places.feed.stat()
    except OSError:
        return session.config.publish, None
    return session.config.publish, (stat.st_ino, stat.st_mtime_ns, stat.st_size)
