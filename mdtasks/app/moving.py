"""Tasks skipped, started, postponed: what to change for the keys that a person gives.

Rule: finds the tasks and asks write/reschedule.py; `changes.carry_out` writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple

from mdtasks.app.changes import named
from mdtasks.app.session import Session
from mdtasks.dates import parse_day
from mdtasks.errors import UsageError
from mdtasks.index.store import Store
from mdtasks.model import Edit, Task
from mdtasks.write import reschedule
from mdtasks.write.moments import Moment, day_in_words, parse_moment, parse_time_alone

_WHEN = 'a day is named by words such as tomorrow, fri, "next week", +3d, 2026-12-01, "fri 14:00"'


class Wanted(NamedTuple):
    """Edits, and what to say of them."""

    edits: list[Edit]
    said: list[str]


def to_skip(session: Session, store: Store, keys: Sequence[str]) -> Wanted:
    """Return what cancels one occurrence of a series and brings the next.

    Raises UnknownKeyError, AmbiguousKeyError, RefusedError for a task that does not repeat.
    """
    read, write = session.config.read, session.config.write
    tasks = named(session, store, keys)
    edits = [reschedule.skip(task, session.now, read, write) for task in tasks]
    ended = [edit for edit in edits if edit and len(edit.after) == 1]
    said = [f"{edit.path}:{edit.line}: the series ends here" for edit in ended]
    return Wanted([edit for edit in edits if edit], said)


def to_start(session: Session, store: Store, keys: Sequence[str]) -> Wanted:
    """Return what puts tasks in progress; those that are it already are left as they are.

    Raises UnknownKeyError, AmbiguousKeyError, RefusedError for a closed task.
    """
    edits = [reschedule.start(task, session.config.read) for task in named(session, store, keys)]
    return Wanted([edit for edit in edits if edit], [])


def to_postpone(session: Session, store: Store, keys: Sequence[str], moment: Moment) -> Wanted:
    """Return what schedules tasks on another day; a time alone is for the day that they have.

    Raises UnknownKeyError, AmbiguousKeyError, RefusedError.
    """
    edits: list[Edit] = []
    said: list[str] = []
    timed: list[tuple[datetime, datetime, Task]] = []
    for task in named(session, store, keys):
        day = moment.day or max(task.scheduled or session.today, session.today)
        edit = reschedule.postpone(task, day, moment.begins, moment.ends, session.config.read)
        if edit:
            edits.append(edit)
            place = f"{edit.path}:{edit.line}: " if len(keys) > 1 else ""
            begins = moment.begins or task.begins
            if begins:
                ends = moment.ends if moment.begins else task.ends
                timed.append((*_span(session, task, day, begins, ends), task))
            clock = f" {begins:%H:%M}" if begins else ""
            scheduled = f"scheduled {day_in_words(day, session.today)}{clock}"
            said.append(place + "; ".join([*reschedule.stays(task, day, session.today), scheduled]))
    for line in _overlaps(timed):
        session.notify(line)
    return Wanted(edits, said)


def _span(
    session: Session, task: Task, day: date, begins: time, ends: time | None
) -> tuple[datetime, datetime]:
    """Return from when to when a task is to last; one that says no end by its estimate."""
    start = datetime.combine(day, begins)
    if ends is None:
        return start, start + (task.estimate or session.config.plan.default_estimate)
    return start, datetime.combine(day, ends) + timedelta(days=ends <= begins)


def _overlaps(timed: Sequence[tuple[datetime, datetime, Task]]) -> Iterator[str]:
    """Yield a line for the first two that lie over each other: one is enough to look there."""
    ordered = sorted(timed, key=lambda each: each[:2])
    for one, other in pairwise(ordered):
        if other[0] < one[1]:
            when = f"{other[0]:%H:%M} on {other[0]:%a} {other[0].day} {other[0]:%b}"
            yield f"these lie over each other at {when}: {one[2].text}; {other[2].text}"
            return


def divided(words: Sequence[str], today: date) -> tuple[Sequence[str], Moment]:
    """Return the keys, and the day or time that the last words name.

    Raises UsageError where they name none, or one that has passed.
    """
    for first in range(1, len(words)):
        text = " ".join(words[first:])
        moment = parse_moment(text, today) or parse_time_alone(text)
        if moment and moment.day and moment.day < today:
            raise UsageError(f"{text} has passed: {day_in_words(moment.day, today)}", _WHEN)
        if moment:
            return words[:first], moment
        # Such as `yesterday` and `last friday`, which are no day to move a task to.
        day = parse_day(text.lower(), today)
        if day and day < today:
            raise UsageError(f"{text} has passed: {day_in_words(day, today)}", _WHEN)
    if len(words) < 2:
        raise UsageError("say until when", _WHEN)
    raise UsageError(f"{words[-1]} is no day", _WHEN)
