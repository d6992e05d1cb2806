"""A week, looked back on, for a person.

Rule: values in, lines out; all text goes through the pen. What is drawn on a terminal is said in
numbers beside it, and in a pipe there are only the numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from mdtasks.dates import format_duration
from mdtasks.model import Task
from mdtasks.plan.reviewed import Factor, Milestone, Review, Streak, Timed, Work
from mdtasks.render.pen import Cell, counted
from mdtasks.render.terminal import Show, pressing, rolled_words

_LEVELS = "▁▂▃▄▅▆▇█"
SHOWN = 8
_NOTHING = timedelta()


def review(value: Review, show: Show) -> Iterator[str]:
    """Yield the week: what was done, streaks, what was reached, planned and actual, what waits."""
    pen = show.pen
    yield pen.write(f"Week {value.week.number}", "bold") + pen.write(f" · {span(value)}", "dim")
    yield from pen.wrapped(balance(value))
    yield ""
    yield from _days(value, show)
    for heading, rows in _parts(value, show):
        if rows:
            yield ""
            yield pen.write(heading, "bold")
            yield from pen.columns(rows[:SHOWN], 2, 0)
            if len(rows) > SHOWN:
                yield from pen.wrapped(f"and {len(rows) - SHOWN} more", "dim", 2)
    if value.overdue_more:
        words = f'and {value.overdue_more} more: mdtasks list "due before today"'
        yield from pen.wrapped(words, "dim", 2)


def _parts(value: Review, show: Show) -> Iterator[tuple[str, Sequence[Sequence[Cell]]]]:
    yield "Streaks", [_streak_row(each) for each in value.streaks]
    yield "Reached", [_milestone_row(each) for each in value.milestones]
    yield "Planned and worked", [[(words, "")] for words in work(value.work)]
    yield "Estimated and taken", [_timed_row(each) for each in value.work.timed]
    yield "How long work takes", [_factor_row(each) for each in value.factors]
    rolled = [(value.tasks[each.task], rolled_words(each)) for each in value.rolled]
    yield "Moved on most", [[*_task_cells(task), (words, "yellow")] for task, words in rolled]
    overdue = [value.tasks[uid] for uid in value.overdue]
    yield "Overdue", [[*_task_cells(task), pressing(task, show.today)] for task in overdue]


def span(value: Review) -> str:
    """Return "16–22 November 2026"."""
    first, last = value.week.first, value.week.last
    begin = f"{first.day}"
    if first.month != last.month:
        begin += f" {first:%B}"
    if first.year != last.year:
        begin += f" {first.year}"
    return f"{begin}–{last.day} {last:%B} {last.year}"


def balance(value: Review) -> str:
    """Return how many tasks were done, against the week before; and how many small ones."""
    parts = [f"{value.done} done"]
    if difference := value.done - value.before:
        than = "by now" if value.until < value.week.last else ""
        more = f"{abs(difference)} {'more' if difference > 0 else 'fewer'} than the week before"
        parts.append(f"{more} {than}".rstrip())
    if value.small_month:
        month = f"{value.until:%B}"
        parts.append(f"{counted(value.small, 'small task')}, {value.small_month} in {month}")
    return " · ".join(parts)


def _days(value: Review, show: Show) -> Iterator[str]:
    """Yield a column a day: what was done, how much of it is small, on a terminal a graph."""
    shown = [day for day in value.days if day.date <= value.until]
    rows: list[list[Cell]] = [
        [("", ""), *((f"{day.date:%a}", "dim") for day in shown)],
        [("done", ""), *((f"{day.done:>3}", "") for day in shown)],
        [("small", "dim"), *((f"{day.small:>3}", "dim") for day in shown)],
    ]
    if show.pen.tty and value.done:
        drawn = sparkline([day.done for day in shown])
        rows.insert(1, [("", ""), *((f"  {level}", "green") for level in drawn)])
    yield from show.pen.columns(rows, 2, 0)


def sparkline(counts: Sequence[int]) -> str:
    """Return a letter a count, the highest for the greatest; the lowest is for nothing alone."""
    most = max(counts, default=0)
    steps = len(_LEVELS) - 1
    return "".join(_LEVELS[-(-count * steps // most) if most else 0] for count in counts)


def _streak_row(each: Streak) -> list[Cell]:
    return [(each.text, ""), *((words, "dim") for words in streak_words(each))]


def streak_words(each: Streak) -> tuple[str, str, str]:
    """Return how long the streak is, how often in this week, and the longest there was."""
    row = f"{each.now} in a row" if each.now else "broken off"
    best = "the longest yet" if each.now == each.best > 1 else f"longest {each.best}"
    return row, f"{each.done} of {each.of} this week", best


def _milestone_row(each: Milestone) -> list[Cell]:
    return [(milestone_words(each), "green"), (f"{each.date:%a}", "dim")]


def milestone_words(each: Milestone) -> str:
    """Return what is reached as a sentence without its end."""
    if each.kind == "parent":
        return f"{each.text}: done, with {counted(each.size, 'step')}"
    if each.kind == "project":
        return f"{each.text}: all {each.size} tasks are done"
    return f"{each.text} since the first"


def work(value: Work) -> Iterator[str]:
    """Yield what was planned and what was logged as sentences."""
    if value.tasks:
        yield f"{value.finished} of {counted(value.tasks, 'planned task')} done"
    if value.planned or value.logged:
        planned, logged = (
            format_duration(each) if each else "nothing" for each in (value.planned, value.logged)
        )
        yield f"{planned} planned, {logged} logged"


def _timed_row(each: Timed) -> list[Cell]:
    return [(each.task.text, ""), (timed_words(each), "dim")]


def timed_words(each: Timed) -> str:
    estimate = format_duration(each.task.estimate or _NOTHING)
    return f"estimated {estimate}, took {format_duration(each.actual)}"


def _factor_row(each: Factor) -> list[Cell]:
    return [(each.name, ""), (factor_words(each), "dim")]


def factor_words(each: Factor) -> str:
    return f"takes {each.p50:.1f}× its estimate, four of five within {each.p80:.1f}×"


def _task_cells(task: Task) -> Iterable[Cell]:
    return (task.text or task.source.text.strip(), ""), (task.key, "cyan")
