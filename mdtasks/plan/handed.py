"""What was handed over: whose day of asking has come, and what one still waits for.

Rule: no clock. What the text does not say is not known: who has no day is not asked about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from mdtasks.model import Task

# To ask takes minutes, and waiting none: a few of each.
MOST_ASKED, MOST_WAITED_FOR = 6, 5


class Handed(NamedTuple):
    """What is to be asked about today; what one waits for, and how many more there are."""

    asked: tuple[Task, ...] = ()
    waiting: tuple[Task, ...] = ()
    more: int = 0


def follow_up(task: Task) -> date | None:
    """Return the day on which to ask: ⏳ of the line, else when it is due."""
    if task.scheduled and "scheduled" not in task.inferred:
        return task.scheduled
    return task.due


def handed(opened: Iterable[Task], day: date) -> Handed:
    """Return what of the open tasks is somebody else's, soonest day first, without one last."""
    tasks = sorted((task for task in opened if task.assignee is not None), key=_order)
    asked = [task for task in tasks if _is_due(task, day)][:MOST_ASKED]
    shown = {task.uid for task in asked}
    rest = [task for task in tasks if task.uid not in shown]
    waiting = rest[:MOST_WAITED_FOR]
    return Handed(tuple(asked), tuple(waiting), len(rest) - len(waiting))


def _is_due(task: Task, day: date) -> bool:
    wanted = follow_up(task)
    return wanted is not None and wanted <= day


def _order(task: Task) -> tuple[date, str, int]:
    return follow_up(task) or date.max, task.source.path, task.source.line


def spellings(names: Iterable[str]) -> dict[str, str]:
    """Return each name as it is spelt most often, the first of equals: capitals make no two
    people."""
    used = Counter(names)
    most: dict[str, str] = {}
    for name in used:
        known = most.setdefault(name.casefold(), name)
        if used[name] > used[known]:
            most[name.casefold()] = name
    return {name: most[name.casefold()] for name in used}


# The account


class Piece(NamedTuple):
    """A task that was handed over: `done` is None while it is open, and `is_late` then."""

    who: str
    is_open: bool
    handed: date | None
    done: date | None
    rework: int
    is_late: bool = False

    @property
    def turnaround(self) -> int | None:
        """The days that it took, None where the line does not say or they cannot be meant."""
        if self.is_open or self.handed is None or self.done is None or self.done < self.handed:
            return None
        return (self.done - self.handed).days


class Account(NamedTuple):
    """What became of all that one person got. `median` and `longest` are of the turnarounds that
    are known, in days; `came_back` counts what was delivered at least once."""

    who: str
    handed: int
    done: int
    waiting: int
    late: int
    median: float | None
    longest: int | None
    unknown: int
    rework: int
    reworked: int
    came_back: int

    @property
    def share(self) -> float | None:
        """The part of what came back that came back for more."""
        return self.reworked / self.came_back if self.came_back else None


class Accounts(NamedTuple):
    """What became of what was handed over and is open, or was done on these days, by person."""

    first: date
    last: date
    people: tuple[Account, ...]


def piece(task: Task, today: date) -> Piece:
    """Return what counts of a task that is somebody's."""
    wanted = task.due or follow_up(task)
    late = task.is_open and wanted is not None and wanted < today
    return Piece(task.assignee or "", task.is_open, task.handed, task.done, task.rework, late)


def accounts(pieces: Iterable[Piece]) -> list[Account]:
    """Return an account a person, who has most first."""
    by_name: dict[str, list[Piece]] = {}
    pieces = [*pieces]
    names = spellings(each.who for each in pieces)
    for each in pieces:
        by_name.setdefault(names[each.who], []).append(each)
    found = [_account(who, theirs) for who, theirs in by_name.items()]
    return sorted(found, key=lambda each: (-each.handed, each.who.casefold(), each.who))


def _account(who: str, pieces: Sequence[Piece]) -> Account:
    done = [each for each in pieces if not each.is_open]
    days = sorted(each.turnaround for each in done if each.turnaround is not None)
    reworked = sum(each.rework > 0 for each in pieces)
    return Account(
        who=who,
        handed=len(pieces),
        done=len(done),
        waiting=len(pieces) - len(done),
        late=sum(each.is_late for each in pieces),
        median=_median(days),
        longest=days[-1] if days else None,
        unknown=len(done) - len(days),
        rework=sum(each.rework for each in pieces),
        reworked=reworked,
        came_back=len(done) + sum(each.is_open and each.rework > 0 for each in pieces),
    )


def _median(days: Sequence[int]) -> float | None:
    """Return the middle of sorted days; of an even number, what lies between the two, exactly."""
    if not days:
        return None
    middle = len(days) // 2
    return days[middle] if len(days) % 2 else (days[middle - 1] + days[middle]) / 2
