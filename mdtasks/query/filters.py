"""The filters of the Obsidian Tasks plugin, and a few of ours: words -> a test of a task.

Rule: a filter is a row of a table here, in dates.py or in texts.py, and nowhere else; errors
and help are made from the rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from operator import eq, gt, lt, ne
from re import Match

from mdtasks.dates import format_duration, parse_duration, parse_period
from mdtasks.errors import QueryError
from mdtasks.model import Priority, Status, Task
from mdtasks.plan.urgency import PRIORITY_RANK
from mdtasks.query.dates import DATE_FILTERS
from mdtasks.query.terms import Context, Days, Filter, Row, either, match_words, plain
from mdtasks.query.texts import TEXT_FILTERS


def parse_filter(text: str, today: date, week_start: int = 0) -> Filter | None:
    """Return the filter that the words ask for, None for other words.

    Raises QueryError where the words are right and a date or a duration in them is not.
    """
    for row in FILTERS:
        if match := match_words(row.pattern, text):
            made = row.make(match, lambda words: parse_period(words, today, week_start))
            return made if isinstance(made, Filter) else Filter(made, " ".join(text.split()))
    return None


def _done(match: Match[str], _: Days) -> Filter:
    if match[1]:
        return Filter(lambda task, _: task.is_open, "open: todo, in progress or on hold")
    return Filter(lambda task, _: not task.is_open, "closed: done, cancelled or non-task")


def _priority(match: Match[str], _: Days) -> Filter:
    relation, priority = (match[1] or "").lower(), Priority(match[2].lower())
    compared, rank = _RANKED[relation], PRIORITY_RANK[priority]
    words = " ".join(filter(None, ("priority is", relation, priority)))
    return Filter(lambda task, _: compared(PRIORITY_RANK[task.priority], rank), words)


def _status(match: Match[str], _: Days) -> Filter:
    wanted, status = match[1] is None, Status("_".join(re.split(r"[\s_-]+", match[2].lower())))
    return Filter(
        lambda task, _: (task.status is status) == wanted,
        f"status is {'' if wanted else 'not '}{status.replace('_', ' ')}",
    )


def _estimate(match: Match[str], _: Days) -> Filter:
    limit = parse_duration(match[2])
    if limit is None:
        raise QueryError(f'"{match[2]}" is no duration', "write 30m, 1h30m, or 90 for minutes")
    words = f"estimate {match[1].lower()} {format_duration(limit)}"
    if match[1].lower() == "under":
        return Filter(lambda task, _: task.estimate is not None and task.estimate < limit, words)
    return Filter(lambda task, _: task.estimate is not None and task.estimate > limit, words)


def _is_blocking(task: Task, context: Context) -> bool:
    return task.is_open and task.id is not None and task.id in context.awaited


# By rank: the most important has the lowest.
_RANKED: dict[str, Callable[[int, int], bool]] = {
    "above": lt,
    "below": gt,
    "not": ne,
    "": eq,
}
_GAP = r"[\s_-]"

FILTERS: tuple[Row, ...] = (
    Row("[not] done", ("done", "not done"), "(not )?done", _done),
    *DATE_FILTERS,
    *TEXT_FILTERS,
    Row(
        "no|has tags",
        ("has tags", "no tags"),
        "(?:has|(no)) tags?",
        plain(lambda task, _: bool(task.tags)),
    ),
    Row(
        "no|has estimate",
        ("has estimate", "no estimate"),
        "(?:has|(no)) estimate",
        plain(lambda task, _: task.estimate is not None),
    ),
    Row(
        "no|has assignee",
        ("has assignee", "no assignee"),
        "(?:has|(no)) assignee",
        plain(lambda task, _: task.assignee is not None),
    ),
    Row("no|has id", ("has id", "no id"), "(?:has|(no)) id", plain(lambda task, _: bool(task.id))),
    Row(
        "no|has depends on",
        ("has depends on", "no depends on"),
        "(?:has|(no)) depends on",
        plain(lambda task, _: bool(task.depends_on)),
    ),
    Row(
        "estimate under|over DURATION",
        ("estimate under 30m", "estimate over 1h"),
        "estimate (under|over) (.+)",
        _estimate,
    ),
    Row(
        f"priority is [above|below|not] {'|'.join(Priority)}",
        ("priority is high", "priority is above none"),
        f"priority(?: is)?(?: (above|below|not))? {either(Priority)}",
        _priority,
    ),
    Row(
        f"status[.type] is [not] {'|'.join(Status)}",
        ("status is in_progress", "status.type is not TODO"),
        rf"status(?:\.type)? is(?: (not))? {either(Status).replace('_', _GAP)}",
        _status,
    ),
    Row(
        "is [not] blocked",
        ("is blocked", "is not blocked"),
        "is(?: (not))? blocked",
        plain(lambda task, context: task.uid in context.blocked),
    ),
    Row(
        "is [not] blocking",
        ("is blocking", "is not blocking"),
        "is(?: (not))? blocking",
        plain(_is_blocking),
    ),
    Row(
        "is [not] recurring",
        ("is recurring", "is not recurring"),
        "is(?: (not))? recurring",
        plain(lambda task, _: task.recurrence is not None),
    ),
    Row(
        "exclude sub-items",
        ("exclude sub-items",),
        "exclude sub-items",
        plain(lambda task, _: task.depth == 0),
    ),
)
