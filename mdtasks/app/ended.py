"""Series that ended by a tick in an editor, and how they go on.

Rule: whether a series goes on is asked of all notes; the next one is offered only for a tick of
the last days, as one of years ago may be the end that was meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from mdtasks.app.findings import KEPT, Findings, findings
from mdtasks.app.session import Session
from mdtasks.dates import parse_iso
from mdtasks.index.store import Store
from mdtasks.lint import series
from mdtasks.model import Problem, Task
from mdtasks.write.edits import go_on
from mdtasks.write.mend import Mended

# A tick of longer ago is not gone on from without being asked about each.
_RECENT = timedelta(days=31)
# As long as days are stamped on ticks (app/stamping.py).
_STAMPED = timedelta(days=7)
# Seconds of work.
_MANY = 20_000
_REASON = "the next one"


class Ended(NamedTuple):
    """The series that ended, and what goes on with some of them."""

    faults: list[Problem]
    mended: list[Mended]


def ended_series(session: Session, store: Store, notes: Sequence[Findings]) -> Ended:
    """Return the series that were ticked elsewhere and stand open nowhere."""
    going = {text for note in notes for text in note.series.going}
    lines = {
        (note.path, last.line): last.uid
        for note in notes
        for last in note.series.ended
        if last.text not in going and _by_an_editor(session, parse_iso(last.done))
    }
    found = Ended([], [])
    if not lines:
        return found
    seen = _seen(store, session.today)
    for task in _tasks(store, lines):
        day = seen.get(task.uid)
        edit = go_on(task, day or session.today, session.config.read, session.config.write)
        if edit:
            can_mend = day is not None or _has_recent_day(task, session.today)
            found.faults.append(series.problem(task, can_mend))
            if can_mend:
                found.mended.append(Mended(edit, (_REASON,)))
    return found


def how_many_ended(session: Session, store: Store) -> int:
    """Return how many series ended by a tick in an editor; 0 where it would take long to look, as
    in a large vault before the first `check`."""
    if store.counts().tasks > _MANY and store.get(KEPT) is None:
        return 0
    return len(ended_series(session, store, findings(session, store)).faults)


def _by_an_editor(session: Session, done: date | None) -> bool:
    """Whether nobody wrote the day of the tick; a day of the last ones may be a stamp of ours."""
    if done is None:
        return True
    return session.config.write.stamp_done and session.today - done <= _STAMPED


def _tasks(store: Store, lines: Mapping[tuple[str, int], str]) -> list[Task]:
    """Return the tasks of these places; the uids may be of before."""
    found = {(t.source.path, t.source.line): t for t in store.tasks(uids=lines.values())}
    return [t for place in sorted(lines) if (t := found.get(place) or store.at(*place))]


def _seen(store: Store, today: date) -> dict[str, date]:
    """Return when tasks were done or first seen ticked, of the last days."""
    return {one.uid: one.day for one in store.finished(today - _RECENT, today)}


def _has_recent_day(task: Task, today: date) -> bool:
    """Whether a rule that counts from the line's own date needs no more than that."""
    own = (None if "due" in task.inferred else task.due) or task.scheduled or task.start
    rule = (task.recurrence or "").lower()
    return own is not None and own >= today - _RECENT and "when done" not in rule
