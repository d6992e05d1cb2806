"""What `mdtasks next` shows: how much time there is until what, and up to three tasks for it.

Rule: values in, lines out; where there is nothing to show, the lines say why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from mdtasks.dates import format_duration
from mdtasks.model import Task
from mdtasks.plan.next_step import Gap
from mdtasks.render.pen import Cell
from mdtasks.render.terminal import Show, task_row

_HOUR = timedelta(hours=1)


def next_steps(there: Gap, tasks: Sequence[Task], show: Show) -> Iterator[str]:
    """Yield how long there is, and the tasks."""
    pen = show.pen
    yield from pen.wrapped(time_left(there, show), "bold")
    rows = [_row(task, there, show) for task in tasks]
    yield from pen.columns(rows, 2, 1)


def _row(task: Task, there: Gap, show: Show) -> list[Cell]:
    *row, note = task_row(task, show)
    end = there.planned.get(task.uid)
    return [*row, note, (f"planned until {show.clock(end)}" if end else "", "dim")]


def time_left(there: Gap, show: Show) -> str:
    """Return "35 min until 10:00 Stand-up"."""
    if there.until is None:
        return _minutes(there.length)
    comma = "," if there.ends else ""
    return f"{_minutes(there.length)} until {_moment(there.until, show)}{comma} {what(there)}"


def what(there: Gap) -> str:
    """Return what begins or ends then."""
    return f"the end of {there.what}" if there.ends else there.what


def why_none(
    there: Gap, words: Sequence[str], shortest: timedelta | None, show: Show
) -> tuple[str, str]:
    """Return why there is nothing to offer, and what to do about it, "" if nothing."""
    then = _moment(there.until, show) if there.until else ""
    if there.taken:
        return f"{there.what} until {then}", _ASK_ANYWAY
    if not there.length:
        again = f"; they begin {then}" if then else ""
        return f"this is outside of {there.what}{again}", _ASK_ANYWAY
    which = f"no task with {' and '.join(words)}" if words else "no open task"
    if shortest is None:
        return f"{which} can be done now", ""
    takes = format_duration(shortest)
    return f"{time_left(there, show)}: {which} fits, the shortest takes {takes}", ""


_ASK_ANYWAY = "`mdtasks next --minutes 30` asks all the same"


def _minutes(length: timedelta) -> str:
    if length < _HOUR:
        return f"{length // timedelta(minutes=1)} min"
    return format_duration(length)


def _moment(moment: datetime, show: Show) -> str:
    clock = show.clock(moment)
    return clock if moment.date() == show.today else f"{show.day(moment.date())}, {clock}"
