"""What is done of today and what is to go, days in a row, and a word of praise where it is due.

Rule: numbers that anybody can count again in the lists of the day, and no praise for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from mdtasks.model import Priority, Task, Today

_MANY_DONE = (100, 50, 25, 10)
_LONG_ROWS = {7: "a week of days in a row", 30: "30 days in a row", 365: "a year of days in a row"}
_ROUND = 100
_WANTED = frozenset({Priority.HIGHEST, Priority.HIGH, Priority.MEDIUM})


class Progress(NamedTuple):
    """How far the day is. `streak` counts today once something is done; `praise` are words, none
    on most days."""

    done: int
    to_go: int
    streak: int
    praise: tuple[str, ...]


def progress(value: Today, tasks: Mapping[str, Task]) -> Progress:
    """Return how far the day is; `tasks` holds, by uid, every task that it names."""
    left = _to_go(value, tasks)
    return Progress(len(value.done), left, value.streak, tuple(_praise(value, left)))


def _to_go(value: Today, tasks: Mapping[str, Task]) -> int:
    """Return how many open tasks have a block, or a day that has come; a pile is not counted."""
    placed = {uid for block in value.blocks for uid in block.tasks}
    placed.update(task.uid for task in value.asked)
    others = {*(task.uid for task in value.micro), *(each.task for each in value.unplaced)}
    opened = {uid for uid in placed | others if uid in tasks and tasks[uid].is_open}
    return sum(uid in placed or _has_come(tasks[uid], value.date) for uid in opened)


def _has_come(task: Task, day: date) -> bool:
    return any(wanted and wanted <= day for wanted in (task.due, task.scheduled))


def _praise(value: Today, left: int) -> Iterator[str]:
    done = len(value.done)
    if not done:
        return
    if many := next((number for number in _MANY_DONE if number <= done), 0):
        yield f"{many} done today" if done == many else f"more than {many} done today"
    if words := _LONG_ROWS.get(value.streak):
        yield words
    elif value.streak and value.streak % _ROUND == 0:
        yield f"{value.streak} days in a row"
    for name in value.finished:
        yield f"all of {name} is done"
    if not left and not value.overdue and any(map(_was_wanted, value.done)):
        yield "all that was planned is done"


def _was_wanted(task: Task) -> bool:
    """Whether the plan may have had the task."""
    return bool(task.due or task.scheduled or task.estimate) or task.priority in _WANTED


def balance(found: Progress) -> str:
    """Return "4 done · 7 to go · day 12 in a row"; "" where there is nothing to say."""
    parts = [f"{found.done} done"] if found.done else []
    if found.to_go:
        parts.append(f"{found.to_go} to go")
    if found.streak > 1:
        row = f"day {found.streak}" if found.done else f"{found.streak} days"
        parts.append(f"{row} in a row")
    return " · ".join(parts)


def praise(found: Progress) -> str:
    """Return what is reached as a sentence, "" on most days."""
    return f"Well done: {', '.join(found.praise)}." if found.praise else ""
