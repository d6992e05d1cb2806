"""Tasks handed over, come back and taken back: what to change for the keys that a person gives.

Rule: finds the tasks and asks write/handing.py; `changes.carry_out` writes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from mdtasks.app.changes import named
from mdtasks.app.moving import Wanted
from mdtasks.app.session import Session
from mdtasks.app.tasks import is_place
from mdtasks.dates import parse_day
from mdtasks.errors import UsageError
from mdtasks.index.store import Store
from mdtasks.model import Edit, Task
from mdtasks.plan.recurrence import next_date, parse_rule
from mdtasks.read.line import read_line
from mdtasks.write import handing
from mdtasks.write.moments import day_in_words

_WHEN = 'a day is named by words such as tomorrow, fri, "next week", +3d, 2026-12-01'
_UNTOLD = "this vault reads no [fields:: like this], so the day and the rework are not written"


def to_hand(
    session: Session, store: Store, keys: Sequence[str], name: str, wished: date | None
) -> Wanted:
    """Return what hands tasks over; those that say so already are left as they are.

    Raises UnknownKeyError, AmbiguousKeyError, UsageError for no name, RefusedError.
    """
    who = handing.person(name)
    tasks = named(session, store, keys)
    return _wanted(session, tasks, lambda task: handed_over(session, task, who, wished))


def to_rework(session: Session, store: Store, keys: Sequence[str], wished: date | None) -> Wanted:
    """Return what opens handed over tasks again that came back and are not good yet.

    Raises UnknownKeyError, AmbiguousKeyError, RefusedError.
    """

    def ask(task: Task) -> Edit:
        day = wished or _usual(session, task)
        return handing.came_back(task, day, session.config.read)

    return _wanted(session, named(session, store, keys), ask)


def to_take_back(session: Session, store: Store, keys: Sequence[str]) -> Wanted:
    """Return what makes tasks one's own again. Raises as `to_rework`."""
    tasks = named(session, store, keys)
    edits = [handing.take_back(task, session.config.read) for task in tasks]
    return Wanted([edit for edit in edits if edit], [])


def handed_over(session: Session, task: Task, name: str, wished: date | None) -> Edit | None:
    """Return what hands a task over, with a day on which to ask; None where the line says so.

    The day of a series that has no other stays, and so does one that was agreed on with the same
    person. A series without one is asked about on its next: from there it counts on.
    Raises UsageError for no name, RefusedError.
    """
    read = session.config.read
    who = handing.person(name)
    has_day = task.scheduled is not None and "scheduled" not in task.inferred
    has_it = handing.is_same(task.assignee, handing.bare(who))
    stays = has_day and (has_it or (task.recurrence and not task.due))
    usual = None if stays else _next_of_series(session, task) or _usual(session, task)
    day = wished or usual
    return handing.hand_over(task, who, session.today, day, read)


def follow_up_of(text: str | None, today: date) -> date | None:
    """Return the day that a person names, None for none. Raises UsageError."""
    if text is None:
        return None
    day = parse_day(text, today)
    if day is None:
        raise UsageError(f"--follow-up {text}: this is no day", _WHEN)
    if day < today:
        raise UsageError(f"--follow-up {text} has passed: {day_in_words(day, today)}", _WHEN)
    return day


def divided(store: Store, words: Sequence[str]) -> tuple[Sequence[str], str]:
    """Return the keys, and the name behind them.

    Raises UsageError where there is no name, also where the last word is a task's key: nobody is
    to find a task handed over to `8a2`.
    """
    *keys, name = words
    if not keys:
        raise UsageError("say to whom", f"mdtasks hand {name} Ana")
    # Ada and Bea look like keys as well, but for their capitals.
    is_key = (name[:1].islower() or name[:1].isdigit()) and store.find_key(name)
    if is_key or is_place(name):
        raise UsageError(
            f"{name} is the key of a task; say to whom",
            f"for somebody of that name, write @{name}",
        )
    return keys, name


def _usual(session: Session, task: Task) -> date:
    """Return the day on which to ask unless one is wished for: no later than the work is due, and
    where that has come, tomorrow."""
    day = session.today + timedelta(days=session.config.handed_over.follow_up)
    tomorrow = session.today + timedelta(days=1)
    return min(day, max(task.due, tomorrow)) if task.due else day


def _next_of_series(session: Session, task: Task) -> date | None:
    """Return the next day of a series that no other date is to tell; None for any other task."""
    rule = parse_rule(task.recurrence) if task.recurrence and not task.due else None
    if rule is None or (task.scheduled and "scheduled" not in task.inferred):
        return None
    start, today = task.start, session.today
    if start and start > today:
        return start
    return next_date(rule, today if rule.when_done or not start else start, after=today)


def _wanted(session: Session, tasks: Sequence[Task], ask: Callable[[Task], Edit | None]) -> Wanted:
    edits = [edit for edit in map(ask, tasks) if edit and edit.after != (edit.before,)]
    read = session.config.read
    said = []
    for edit in edits:
        day: date | None = read_line(edit.after[0], read).get("scheduled")
        place = f"{edit.path}:{edit.line}: " if len(tasks) > 1 else ""
        if day:
            said.append(f"{place}follow-up {day_in_words(day, session.today)}")
    if edits and not handing.tells_days(read):
        said.append(_UNTOLD)
    return Wanted(edits, said)
