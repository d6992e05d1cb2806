"""Recurring tasks without dates: when the next occurrence is due to come up.

Rule: completing `Water the ferns 🔁 every week` leaves an undated copy. Without this it would be
wanted again at once; with it the copy rests until the rule's next day after the last tick.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from mdtasks.model import Task
from mdtasks.plan.recurrence import next_date, parse_rule

# Path and text of a series -> the day of its latest tick.
LastDone = Mapping[tuple[str, str], date]


def rest(tasks: Iterable[Task], last_done: LastDone) -> list[Task]:
    """Return the tasks; an undated copy of a series starts on the rule's next day."""
    return [_rested(task, last_done) for task in tasks]


def may_rest(task: Task) -> bool:
    """Whether it is of a series, and nothing written says when it comes up."""
    return task.recurrence is not None and not task.happens


def _rested(task: Task, last_done: LastDone) -> Task:
    if task.recurrence is None or not may_rest(task):
        return task
    done = last_done.get((task.source.path, task.text))
    if done is None:
        return task
    rule = parse_rule(task.recurrence)
    following = next_date(rule, done) if rule else None
    return task._replace(start=following) if following else task
