"""What is handed over, in the words of the day: whom to ask, and what one waits for.

Rule: values in, words out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from mdtasks.model import Task, Today
from mdtasks.plan.handed import follow_up

TITLE = "Waiting for"
QUERY = "has assignee; not done; sort by happens"


def to_ask(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Return small tasks of one's own: to ask takes minutes, whatever the work takes."""
    return tuple(
        task._replace(text=f"ask {task.assignee}: {task.text}", estimate=None) for task in tasks
    )


def more(value: Today) -> str:
    return f'{value.waiting_more} more: mdtasks list "{QUERY}"'


def when(task: Task, near: Callable[[date], str]) -> str:
    """Return the day on which to ask; `near` has the words for a day."""
    day = follow_up(task)
    return f"follow-up {near(day)}" if day else "no follow-up"


def is_past(task: Task, today: date) -> bool:
    day = follow_up(task)
    return day is not None and day < today


def shape(task: Task, shape: dict[str, object]) -> dict[str, object]:
    """Return the shape of a task with the day on which to ask."""
    day = follow_up(task)
    return {**shape, "follow_up": day.isoformat() if day else None}
