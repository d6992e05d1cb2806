"""The filters of the Obsidian Tasks plugin, as one table: words -> a test of a task.

Rule: a filter is a row here and nowhere else; errors and help are made from the rows. Dates,
urgency and what is blocked come as arguments. There are no regular expressions from people:
Python's can take for ever, and a planner must not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from re import Match

from mdtasks.dates import Period, parse_duration, parse_period
from mdtasks.errors import QueryError
from mdtasks.model import Priority, Status, Task
from mdtasks.plan.dependencies import blocked_uids


@dataclass(frozen=True, slots=True)
class Context:
    """What a test needs and one task cannot tell: `awaited` are ids that open tasks wait for."""

    today: date
    blocked: frozenset[str] = frozenset()
    awaited: frozenset[str] = frozenset()

    @classmethod
    def of(cls, tasks: Iterable[Task], today: date) -> Context:
        """Return the context of a whole vault: links lead out of what a query selects."""
        tasks = tuple(tasks)
        awaited = frozenset(i for task in tasks if task.is_open for i in task.depends_on)
        return cls(today, blocked_uids(tasks), awaited)


Filter = Callable[[Task, Context], bool]
Days = Callable[[str], Period | None]  # what words for a day or a period mean today
Make = Callable[[Match[str], Days], Filter]


@dataclass(frozen=True, slots=True)
class Row:
    """`form` is for people, `examples` are real ones, `pattern` is for `match_words`."""

    form: str
    examples: tuple[str, ...]
    pattern: str
    make: Make


def match_words(pattern: str, text: str) -> Match[str] | None:
    """Return the match of the whole text, in any case; a space stands for any white space."""
    return re.fullmatch(pattern.replace(" ", r"\s+"), text, re.IGNORECASE | re.DOTALL)


def parse_filter(text: str, today: date, week_start: int = 0) -> Filter | None:
    """Return the test that the words ask for, None for other words.

    Raises QueryError where the words are right and a date or a duration in them is not.
    """
    for row in FILTERS:
        if match := match_words(row.pattern, text):
            return row.make(match, lambda words: parse_period(words, today, week_start))
    return None


# Dates

DATES: dict[str, Callable[[Task], tuple[date | None, ...]]] = {
    "due": lambda task: (task.due,),
    "scheduled": lambda task: (task.scheduled,),
    "start": lambda task: (task.start,),
    "created": lambda task: (task.created,),
    "done": lambda task: (task.done,),
    "cancelled": lambda task: (task.cancelled,),
    # One of the three is enough: a task that starts today happens today, whenever it is due.
    "happens": lambda task: (task.start, task.scheduled, task.due),
}
COMPARED: dict[str, Callable[[date, Period], bool]] = {
    "before": lambda day, period: day < period[0],
    "after": lambda day, period: day > period[1],
    "on or before": lambda day, period: day <= period[1],
    "on or after": lambda day, period: day >= period[0],
    "on": lambda day, period: period[0] <= day <= period[1],
}


def _date(match: Match[str], days: Days) -> Filter:
    field, relation, words = match.groups()
    field = "start" if field.lower() == "starts" else field.lower()
    dates = DATES[field]
    compared = COMPARED[" ".join((relation or "on").lower().split()).replace("in", "on")]
    period = days(words)
    if period is None:
        raise QueryError(
            f'"{words}" is no date',
            "write 2026-11-24, tomorrow, next fri, this week, 2026-W48, 2026-11, "
            "or two dates: 2026-11-01 2026-11-15",
        )

    def test(task: Task, _: Context) -> bool:
        given = [day for day in dates(task) if day]
        # As in the plugin: a task without a start date can be started at any time.
        return any(compared(day, period) for day in given) or (field == "start" and not given)

    return test


def _has_date(match: Match[str], _: Days) -> Filter:
    wanted, dates = match[1].lower() == "has", DATES[match[2].lower()]
    return lambda task, _: any(dates(task)) == wanted


# Text


def folder(task: Task) -> str:
    """Return the folder with a closing slash, "/" for the vault itself, as the plugin has it."""
    return task.source.path.rpartition("/")[0] + "/"


def root(task: Task) -> str:
    first, slash, _ = task.source.path.partition("/")
    return first + slash if slash else "/"


def filename(task: Task) -> str:
    return task.source.path.rpartition("/")[2]


TEXTS: dict[str, Callable[[Task], tuple[str, ...]]] = {
    "path": lambda task: (task.source.path,),
    "description": lambda task: (task.text,),
    "heading": lambda task: (task.heading or "",),
    "project": lambda task: (task.project or "",),
    "filename": lambda task: (filename(task),),
    "folder": lambda task: (folder(task),),
    "root": lambda task: (root(task),),
    "tag": lambda task: task.tags,
    "goal": lambda task: (task.goal or "",),
    "assignee": lambda task: (task.assignee or "",),
    "recurrence": lambda task: (task.recurrence or "",),
    "id": lambda task: (task.id or "",),
}


def _includes(match: Match[str], _: Days) -> Filter:
    field = "tag" if match[1].lower() == "tags" else match[1].lower()
    texts, wanted, part = TEXTS[field], "not" not in match[2].lower(), match[3].casefold()
    return lambda task, _: any(part in text.casefold() for text in texts(task)) == wanted


# All others


def _priority(match: Match[str], _: Days) -> Filter:
    ranks = {priority: rank for rank, priority in enumerate(Priority)}
    rank = ranks[Priority(match[2].lower())]
    match (match[1] or "is").lower():
        case "above":
            return lambda task, _: ranks[task.priority] < rank
        case "below":
            return lambda task, _: ranks[task.priority] > rank
        case "not":
            return lambda task, _: ranks[task.priority] != rank
        case _:
            return lambda task, _: ranks[task.priority] == rank


def _status(match: Match[str], _: Days) -> Filter:
    wanted, status = match[1] is None, Status("_".join(re.split(r"[\s_-]+", match[2].lower())))
    return lambda task, _: (task.status is status) == wanted


def _estimate(match: Match[str], _: Days) -> Filter:
    limit = parse_duration(match[2])
    if limit is None:
        raise QueryError(f'"{match[2]}" is no duration', "write 30m, 1h30m, or 90 for minutes")
    if match[1].lower() == "under":
        return lambda task, _: task.estimate is not None and task.estimate < limit
    return lambda task, _: task.estimate is not None and task.estimate > limit


def _plain(test: Filter) -> Make:
    """Return a maker for words without a value; a first group that matched turns it around."""

    def make(match: Match[str], _: Days) -> Filter:
        if match.re.groups and match[1]:
            return lambda task, context: not test(task, context)
        return test

    return make


def _either(words: Iterable[str]) -> str:
    return f"({'|'.join(words)})"


def _is_blocking(task: Task, context: Context) -> bool:
    return task.is_open and task.id is not None and task.id in context.awaited


_RELATION = "(before|after|(?:on|in)(?: or (?:before|after))?)"
_GAP = r"[\s_-]"

FILTERS: tuple[Row, ...] = (
    Row(
        "[not] done",
        ("done", "not done"),
        "(not )?done",
        _plain(lambda task, _: not task.is_open),
    ),
    Row(
        f"no|has {'|'.join(DATES)} date",
        tuple(f"no {field} date" for field in DATES),
        f"(no|has) {_either(DATES)} date",
        _has_date,
    ),
    Row(
        f"{'|'.join(DATES)} [{'|'.join(COMPARED)}] DATE",
        tuple(f"{field} before tomorrow" for field in DATES),
        f"{_either((*DATES, 'starts'))} (?:{_RELATION} )?(.+)",
        _date,
    ),
    Row(
        f"{'|'.join(TEXTS)} includes|does not include TEXT",
        tuple(f"{field} includes work" for field in TEXTS),
        rf"{_either((*TEXTS, 'tags'))} (includes?|do(?:es)? not includes?) (.+)",
        _includes,
    ),
    Row(
        "no|has tags",
        ("has tags", "no tags"),
        "(?:has|(no)) tags?",
        _plain(lambda task, _: bool(task.tags)),
    ),
    Row(
        "no|has estimate",
        ("has estimate", "no estimate"),
        "(?:has|(no)) estimate",
        _plain(lambda task, _: task.estimate is not None),
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
        f"priority(?: is)?(?: (above|below|not))? {_either(Priority)}",
        _priority,
    ),
    Row(
        f"status is [not] {'|'.join(Status)}",
        ("status is in_progress", "status is not todo"),
        rf"status(?:\.type)? is(?: (not))? {_either(Status).replace('_', _GAP)}",
        _status,
    ),
    Row(
        "is [not] blocked",
        ("is blocked", "is not blocked"),
        "is(?: (not))? blocked",
        _plain(lambda task, context: task.uid in context.blocked),
    ),
    Row("is [not] blocking", ("is blocking",), "is(?: (not))? blocking", _plain(_is_blocking)),
    Row(
        "is [not] recurring",
        ("is recurring", "is not recurring"),
        "is(?: (not))? recurring",
        _plain(lambda task, _: task.recurrence is not None),
    ),
    Row(
        "exclude sub-items",
        ("exclude sub-items",),
        "exclude sub-items",
        _plain(lambda task, _: task.depth == 0),
    ),
)
