"""Bring the copies of the busy calendars up to date, and say how old they are.

Rule: only here is the network used, and never by a command that a person waits for, but for those
that are there to bring everything up to date. The last good copy is kept whatever comes.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

from mdtasks.app.busy import Copy, copies, folder, read
from mdtasks.app.session import Session, open_session
from mdtasks.errors import LockedError, MdtasksError
from mdtasks.settings import BusyCalendar
from mdtasks.write import child
from mdtasks.write.locks import hold, is_held

if TYPE_CHECKING:
    from mdtasks.busy.fetch import Fetched, FetchError

# In seconds. Nobody is kept waiting longer.
LONGEST = 10.0
# A watcher fetches, and looks at calendars that are files, so often.
ROUND = 900.0
LOOK = 60.0
# Else a command has a child fetch what is older than this, and what failed after the second.
OLD = 3600.0
AGAIN = 900.0
# A reading command speaks of a copy that is older than this.
TOO_OLD = 86400.0

_LOCK = "busy"
_MODULE = "mdtasks.app.fetching"
_UNITS = ((86400, "day"), (3600, "h"), (60, "min"))


class State(NamedTuple):
    """When a calendar was last fetched and when that was last tried, 0 for never; what went wrong
    the last time, "" if nothing; what the server said of the copy."""

    fetched: float = 0.0
    tried: float = 0.0
    problem: str = ""
    etag: str = ""
    modified: str = ""


States = Mapping[str, State]


def states(session: Session) -> States:
    """Return what is known of each copy, by the name of its file."""
    try:
        known = json.loads(_file(session).read_bytes())
        return {name: State(*state) for name, state in known.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _file(session: Session) -> Path:
    return folder(session) / "copies.json"


def fetch_all(session: Session, seconds: float = LONGEST) -> None:
    """Bring the copies up to date, in at most so many seconds. What goes wrong is kept as a
    problem; while another mdtasks does the same, it is waited for."""
    targets = [one for one in copies(session) if one.calendar.url]
    if not targets:
        return
    began, deadline = time.time(), time.monotonic() + seconds
    with (
        suppress(LockedError, OSError),
        hold(session.places.state, _LOCK, timedelta(seconds=seconds)),
    ):
        known = states(session)
        due = [one for one in targets if known.get(one.path.name, State()).tried < began]
        _fetch(session, due, known, deadline)


def _fetch(session: Session, due: Sequence[Copy], known: States, deadline: float) -> None:
    from mdtasks.write.cached import keep, keep_only

    came = _answers(session, due, known, deadline)
    new = dict(known)
    for one in due:
        name = one.path.name
        new[name] = _after(one, known.get(name, State()), came.get(name))
    names = {one.path.name for one in copies(session)}
    kept = {name: state for name, state in new.items() if name in names}
    keep(_file(session), json.dumps(kept).encode())
    keep_only(folder(session), names)


def _answers(
    session: Session, due: Sequence[Copy], known: States, deadline: float
) -> dict[str, Fetched | FetchError]:
    """Return what came of each in time, by the name of its file."""
    from mdtasks.busy.fetch import FetchError, Stamps, fetch, local_hosts

    named = local_hosts([one.url for one in session.config.busy])
    queue: SimpleQueue[tuple[str, Fetched | FetchError]] = SimpleQueue()

    def run(one: Copy, stamps: Stamps) -> None:
        try:
            left = max(deadline - time.monotonic(), 0.1)
            queue.put((one.path.name, fetch(one.calendar.url, stamps, named, left)))
        except FetchError as error:
            queue.put((one.path.name, error))

    for one in due:
        state = known.get(one.path.name, State())
        stamps = Stamps(state.etag, state.modified) if one.stamp else Stamps()
        # A daemon: to resolve a name may take as long as it likes, and is not waited for.
        Thread(target=run, args=(one, stamps), daemon=True).start()
    came: dict[str, Fetched | FetchError] = {}
    while len(came) < len(due) and (left := deadline - time.monotonic()) > 0:
        with suppress(Empty):
            name, answer = queue.get(timeout=left)
            came[name] = answer
    return came


def _after(one: Copy, before: State, answer: Fetched | FetchError | None) -> State:
    """Keep what came; return what is known now."""
    from mdtasks.write.cached import keep

    now = time.time()
    if answer is None or isinstance(answer, Exception):
        return before._replace(tried=now, problem=str(answer or "timed out"))
    if answer.data is not None and not keep(one.path, answer.data):
        return before._replace(tried=now, problem="the copy cannot be written")
    return State(now, now, "", *answer.stamps)


# By itself


def fetch_if_old(session: Session) -> None:
    """Have a child fetch what is old, unless a watcher does, or one is at it. Nobody waits."""
    if session.is_trial or child.is_off() or not _is_old(session):
        return
    state = session.places.state
    if is_held(state, "watch") or is_held(state, _LOCK):
        return
    # The next command tries again, and says so itself when the copy is a day old.
    with suppress(OSError):
        child.start(_MODULE, (str(session.root),))


def _is_old(session: Session) -> bool:
    now, known = time.time(), states(session)
    every = (known.get(one.path.name, State()) for one in copies(session) if one.calendar.url)
    return any(now - one.fetched > OLD and not 0 <= now - one.tried < AGAIN for one in every)


def main() -> None:
    """Fetch once, and read what came, so that the next command finds it ready."""
    (root,) = sys.argv[1:]
    child.detach()
    with suppress(MdtasksError):
        session = open_session(root, None, lambda line: None)
        fetch_all(session)
        read(session)


class Rounds:
    """A watcher's fetching, in a thread of its own; `news` is called when something came of it."""

    def __init__(self, news: Callable[[], None]) -> None:
        self._news = news
        self._began = 0.0
        self._calendars: Sequence[BusyCalendar] = ()

    def go_on(self, session: Session) -> float:
        """Begin a round if it is time, or if other calendars are set; return in how many seconds
        to ask again."""
        every, now = session.config.busy, time.time()
        if not every:
            return ROUND
        if every != self._calendars or not 0 <= now - self._began < ROUND:
            self._calendars, self._began = every, now
            if any(one.url for one in every):
                Thread(target=self._run, args=(session,), daemon=True).start()
        left = self._began + ROUND - now
        # A file tells nobody that it was written.
        return min(left, LOOK) if any(one.file for one in every) else left

    def _run(self, session: Session) -> None:
        before = _seen(session)
        fetch_all(session)
        if _seen(session) != before:
            self._news()


def _seen(session: Session) -> object:
    """Return what a person would notice of the copies."""
    known = states(session)
    every = copies(session)
    return [(one.stamp, known.get(one.path.name, State()).problem) for one in every]


# For people


def lines(session: Session, only_grave: bool = False, aged: bool = True) -> Iterator[str]:
    """Yield what there is to say of the calendars, a line each; `only_grave` leaves out what does
    not make the plan wrong yet. Not `aged`, a line stays the same while nothing happens."""
    return (f"{name}: {line}" for name, line in said(session, only_grave, aged))


def said(
    session: Session, only_grave: bool = False, aged: bool = True
) -> Iterator[tuple[str, str]]:
    """Yield the names of the calendars, each with a line that there is to say of it."""
    if not session.config.busy:
        return
    known, now, every = states(session), time.time(), copies(session)
    for one in every:
        state = known.get(one.path.name, State())
        if one.stamp is None:
            state = state._replace(fetched=0.0)
        if one.calendar.url and (line := _of_copy(state, now, only_grave, aged)):
            yield one.calendar.name, line
    missing = {one.calendar.name for one in every if one.stamp is None}
    for name, _, warnings in read(session):
        if name in missing or not only_grave:
            yield from ((name, warning) for warning in warnings)


def _of_copy(state: State, now: float, only_grave: bool, aged: bool) -> str:
    if not state.fetched:
        if not state.problem:
            return "not fetched yet; `mdtasks sync` does it"
        return f"not reachable ({state.problem}); its times are not kept free"
    age = now - state.fetched
    if only_grave and age < TOO_OLD:
        return ""
    copy = f"using the copy of {ago(age)}" if aged else "using the last good copy"
    if state.problem:
        return f"not reachable ({state.problem}); {copy}"
    return copy if only_grave else ""


def ago(seconds: float) -> str:
    """Return "3 h ago"."""
    for length, unit in _UNITS:
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''} ago"
    return "a moment ago"


if __name__ == "__main__":
    main()
