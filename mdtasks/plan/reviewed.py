"""What a week came to: what was done, streaks, milestones, what moved on.

A week is the seven days from the first day of the week that hold the Thursday of its ISO number,
so that each week has one number, on whatever day it begins.

Rule: pure; no clock, no notes. What is counted here is what the notes say was done on a day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from mdtasks.model import Rolled, Task

_DAY = timedelta(days=1)
_THURSDAY = 3
# Numbers of done tasks that are worth a word; from the last on, each thousand.
_ROUND = (10, 25, 50, 100, 250, 500, 1000)
# A list that is shorter is no project.
LEAST_PROJECT = 3


class Week(NamedTuple):
    """Seven days, by the number that ISO 8601 gives them: 2026-W47."""

    number: str
    days: tuple[date, ...]

    @property
    def first(self) -> date:
        return self.days[0]

    @property
    def last(self) -> date:
        return self.days[-1]


class DayDone(NamedTuple):
    """How many tasks were done on a day, and how many of them were small."""

    date: date
    done: int
    small: int


class Streak(NamedTuple):
    """A daily block: how many of its days in a row it was done up to now, and at best; how often
    in the week, `of` so many days that have passed. Today counts once it is done."""

    text: str
    path: str
    now: int
    best: int
    done: int
    of: int


class Milestone(NamedTuple):
    """What is reached. `kind` is parent (a task with steps), project (a list of tasks, all of
    them done) or number (of tasks done since the first); `size` is how many tasks it took."""

    kind: str
    text: str
    size: int
    date: date


class Timed(NamedTuple):
    """A task that was done: what it was estimated at, and what is logged for it."""

    task: Task
    actual: timedelta


class Work(NamedTuple):
    """What was planned in the week and what was logged: times, and how many of the tasks that
    had a block in it are done."""

    planned: timedelta
    logged: timedelta
    tasks: int
    finished: int
    timed: tuple[Timed, ...]


class Factor(NamedTuple):
    """A kind of work, and how many times its estimate it takes."""

    name: str
    samples: int
    p50: float
    p80: float


class Review(NamedTuple):
    """A week. `before` is how many tasks were done in the week before, up to the same weekday;
    `small_month` how many small ones in the month up to the last day shown, which is `until`.
    `tasks` has those of `rolled` and `overdue` by uid; `overdue_more` counts the others."""

    week: Week
    until: date
    days: tuple[DayDone, ...]
    before: int
    small_month: int
    streaks: tuple[Streak, ...]
    milestones: tuple[Milestone, ...]
    work: Work
    factors: tuple[Factor, ...]
    rolled: tuple[Rolled, ...]
    overdue: tuple[str, ...]
    overdue_more: int
    tasks: Mapping[str, Task]

    @property
    def done(self) -> int:
        return sum(day.done for day in self.days)

    @property
    def small(self) -> int:
        return sum(day.small for day in self.days)


def week_of(day: date, first_weekday: int = 0) -> Week:
    """Return the week that holds a day; weeks begin on a weekday, Monday being 0.

    Raises OverflowError at the ends of the calendar.
    """
    first = day - _DAY * ((day.weekday() - first_weekday) % 7)
    days = tuple(first + _DAY * n for n in range(7))
    year, number, _ = next(each for each in days if each.weekday() == _THURSDAY).isocalendar()
    return Week(f"{year:04}-W{number:02}", days)


def numbered(year: int, number: int, first_weekday: int = 0) -> Week:
    """Return the week of an ISO number. Raises ValueError where the year has no such week."""
    return week_of(date.fromisocalendar(year, number, _THURSDAY + 1), first_weekday)


def done_by_day(
    counts: Mapping[date, tuple[int, int]], days: Iterable[date]
) -> tuple[DayDone, ...]:
    """Return the days with their counts: all, and small ones."""
    return tuple(DayDone(day, *counts.get(day, (0, 0))) for day in days)


def total(counts: Mapping[date, tuple[int, int]], first: date, last: date, of: int = 0) -> int:
    """Return how many were done from `first` to `last`; `of` 1 counts the small ones."""
    return sum(each[of] for day, each in counts.items() if first <= day <= last)


def streak_of(
    text: str, path: str, done: Collection[date], workdays: bool, week: Week, today: date
) -> Streak:
    """Return the streak of a block for each day, or each workday, as it was at the week's end."""
    until = min(week.last, today)
    counted = sorted(day for day in set(done) if day <= until and _is_asked(day, workdays))
    now = best = 0
    before: date | None = None
    for day in counted:
        now = now + 1 if before and _next(before, workdays) == day else 1
        best, before = max(best, now), day
    if before and not _reaches(before, until, today, workdays):
        now = 0
    asked = [d for d in week.days if d <= until and _is_asked(d, workdays)]
    in_week = len(set(asked) & set(counted))
    missing_today = today in asked and today not in counted
    return Streak(text, path, now, best, in_week, len(asked) - missing_today)


def _reaches(last: date, until: date, today: date, workdays: bool) -> bool:
    """Whether no day is missing between the last one done and the end; today may be."""
    following = _next(last, workdays)
    return following > until or (following == until == today)


def _is_asked(day: date, workdays: bool) -> bool:
    return not workdays or day.weekday() < 5


def _next(day: date, workdays: bool) -> date:
    if day >= date.max - 4 * _DAY:
        return date.max
    day += _DAY
    while not _is_asked(day, workdays):
        day += _DAY
    return day


def numbers_reached(
    counts: Mapping[date, tuple[int, int]], days: Sequence[date]
) -> tuple[Milestone, ...]:
    """Return the greatest round number of done tasks that was reached in these days, if any."""
    before = sum(done for day, (done, _) in counts.items() if day < days[0])
    found: tuple[Milestone, ...] = ()
    for day in days:
        after = before + counts.get(day, (0, 0))[0]
        if (number := greatest_round(after)) > before:
            found = (Milestone("number", f"{number:,} tasks done", number, day),)
        before = after
    return found


def greatest_round(count: int) -> int:
    """Return the greatest round number up to a count, 0 below the first."""
    if count >= _ROUND[-1]:
        return count // _ROUND[-1] * _ROUND[-1]
    return max((number for number in _ROUND if number <= count), default=0)


def parents_finished(
    done: Mapping[date, Sequence[Task]], steps: Iterable[Task]
) -> tuple[Milestone, ...]:
    """Return the tasks of these days that had steps, all of which are closed."""
    by_parent: dict[str, list[Task]] = {}
    for step in steps:
        by_parent.setdefault(step.parent or "", []).append(step)
    return tuple(
        Milestone("parent", task.text, len(below), day)
        for day, tasks in done.items()
        for task in tasks
        if (below := by_parent.get(task.uid)) and not any(step.is_open for step in below)
    )


def most_moved(found: Sequence[Rolled], most: int) -> tuple[Rolled, ...]:
    """Return those that moved on most often, at least twice."""
    return tuple(each for each in found if each.times > 1)[:most]
