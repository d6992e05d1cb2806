"""Series that ended by a tick where nobody knew the rule: ticked, and no next one was written.

Rule: a series that was ended on purpose is no fault. Who knows the rule writes the day of the tick
and the next line; where that line is gone, a person removed it. A cancelled one ends its series.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from mdtasks.model import Problem, Status, Task

MESSAGE = "ticked, but its next one was not written: it repeats `{}`"
CAN_MEND = "mdtasks check --fix writes it; or remove the rule, if it is to end here"
_CANNOT = "open the box and tick it with mdtasks; or remove the rule, if it is to end here"


class Last(NamedTuple):
    """The last of a series in a note, which is ticked; `done` is the day on its line, or ""."""

    text: str
    uid: str
    line: int
    done: str


class Series(NamedTuple):
    """Of one note: what has ended there, and the texts of what goes on."""

    ended: list[Last]
    going: list[str]


def series_of(tasks: Sequence[Task]) -> Series:
    """Return what the tasks of one note say of the series in it."""
    opened = {name(task) for task in tasks if task.is_open}
    last: dict[str, Task] = {}
    for task in tasks:
        # In a daily note's tasks without a date of their own, the next note has the next one.
        if task.recurrence and not task.is_open and "scheduled" not in task.inferred:
            known = last.get(name(task))
            # Of equal days the first counts: the next one stands above.
            if known is None or _day(task) > _day(known):
                last[name(task)] = task
    ended = [
        Last(text, task.uid, task.source.line, f"{task.done or ''}")
        for text, task in last.items()
        if text not in opened and task.status is Status.DONE
    ]
    return Series(ended, sorted({name(t) for t in tasks if t.is_open and t.recurrence}))


def name(task: Task) -> str:
    """Return what one task of a series has in common with the next."""
    return " ".join(task.text.casefold().split())


def _day(task: Task) -> date:
    return task.due or task.scheduled or task.start or date.min


def problem(task: Task, can_mend: bool) -> Problem:
    hint = CAN_MEND if can_mend else _CANNOT
    message = MESSAGE.format(task.recurrence)
    return Problem(task.source.path, task.source.line, message, hint)
