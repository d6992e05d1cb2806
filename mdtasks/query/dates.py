"""Filters by date: due, scheduled, start, created, done, cancelled, happens.

Rule: a date that does not exist (2026-02-30) counts as absent, and can be asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from re import Match

from mdtasks.dates import WEEKDAYS, Period, parse_iso
from mdtasks.errors import QueryError
from mdtasks.model import Task
from mdtasks.query.terms import Context, Days, Filter, Row, either
from mdtasks.settings import ReadSettings

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
WRITTEN = tuple(name for name in DATES if name != "happens")
COMPARED: dict[str, Callable[[date, Period], bool]] = {
    "before": lambda day, period: day < period[0],
    "after": lambda day, period: day > period[1],
    "on or before": lambda day, period: day <= period[1],
    "on or after": lambda day, period: day >= period[0],
    "on": lambda day, period: period[0] <= day <= period[1],
}
_NUMBERS = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_SIGNS = {
    "<": "before",
    ">": "after",
    "=": "",
    ":": "",
    "is": "",
    "<=": "on or before",
    "by": "on or before",
    "until": "on or before",
    ">=": "on or after",
    "since": "on or after",
}
_DAYS = ("today", "tomorrow", "yesterday", *WEEKDAYS)
_RELATION = "(before|after|(?:on|in)(?: or (?:before|after))?)"
_HINT = (
    "write 2026-11-24, tomorrow, next fri, in 2 weeks, this week, 2026-W48, 2026-11, 2026-Q4, "
    "or two dates: 2026-11-01 2026-11-15"
)


def _date(match: Match[str], days: Days) -> Filter:
    field, said, words = match.groups()
    field = "start" if field.lower() == "starts" else field.lower()
    relation = " ".join((said or "on").lower().split()).replace("in", "on")
    period = _period(words, relation, days)
    if period is None:
        said = " ".join(filter(None, (match[2], words)))
        near = _proposal(match[1].lower(), said)
        raise QueryError(f'"{words}" is no date', f'perhaps "{near}"' if near else _HINT)
    dates, compared = DATES[field], COMPARED[relation]

    def test(task: Task, _: Context) -> bool:
        given = [day for day in dates(task) if day]
        # As in the plugin: a task without a start date can be started at any time.
        return any(compared(day, period) for day in given) or (field == "start" and not given)

    return Filter(test, _words(field, relation, period))


def _period(words: str, relation: str, days: Days) -> Period | None:
    """Return what the words mean; "in" may be a relation or, as in "in two weeks", theirs."""
    number = re.compile(rf"\b({'|'.join(_NUMBERS)})\b", re.IGNORECASE)
    digits = number.sub(lambda m: str(_NUMBERS.index(m[1].lower()) + 1), words)
    return days(words) or days(digits) or (days(f"in {digits}") if relation == "on" else None)


def _proposal(field: str, words: str) -> str:
    """Return the filter that was meant by a field and words that are no date."""
    from difflib import get_close_matches

    match = re.fullmatch(r"([<>=]=?|[^\s<>=]+)\s*(.*)", words.strip(), re.DOTALL)
    if match is None:
        return ""
    first, rest = match[1].lower(), match[2]
    if first in _SIGNS and rest:
        return " ".join(filter(None, (field, _SIGNS[first], rest)))
    near = get_close_matches(first, ("before", "after"), 1)
    if rest and near and near[0] != first:
        return f"{field} {near[0]} {rest}"
    *before, last = words.lower().split()
    near = get_close_matches(last, _DAYS, 1)
    return " ".join((field, *before, near[0])) if near else ""


def _words(field: str, relation: str, period: Period) -> str:
    first, last = map(shown, period)
    which = {"before": first, "on or after": first}.get(relation, last)
    when = (
        f"from {first} to {last}" if relation == "on" and first != last else f"{relation} {which}"
    )
    subject = {"happens": "start, scheduled or due"}.get(field, field)
    return f"{subject} {when}" + (", or without a start date" if field == "start" else "")


def shown(day: date) -> str:
    """Return a day as people read it: Mon 2026-11-23."""
    return f"{WEEKDAYS[day.weekday()][:3].title()} {day}"


def _has_date(match: Match[str], _: Days) -> Filter:
    has, field = match[1].lower(), match[2].lower()
    dates, wanted = DATES[field], has == "has"
    return Filter(
        lambda task, _: any(dates(task)) == wanted,
        f"{has} {field} date",
    )


def _invalid(match: Match[str], _: Days) -> Filter:
    field = match[1].lower()
    return Filter(
        lambda task, context: field in impossible_dates(task, context.read),
        f"{field} date is no day of the calendar",
    )


def impossible_dates(task: Task, read: ReadSettings) -> frozenset[str]:
    """Return the names of the dates on a task's line that do not exist."""
    text = task.source.text
    if all(map(parse_iso, re.findall(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text))):
        return frozenset()  # nearly every line
    from mdtasks.read.fields import parse_body, split_line

    box = split_line(text)
    found = parse_body(text[box.body :], read).found if box else ()
    return frozenset(
        f.name for f in found if f.counts and f.name in WRITTEN and not parse_iso(f.value[:10])
    )


DATE_FILTERS: tuple[Row, ...] = (
    Row(
        f"no|has {'|'.join(DATES)} date",
        tuple(f"no {field} date" for field in DATES),
        f"(no|has) {either(DATES)} date",
        _has_date,
    ),
    Row(
        f"{'|'.join(WRITTEN)} date is invalid",
        tuple(f"{field} date is invalid" for field in WRITTEN),
        f"{either(WRITTEN)} date is invalid",
        _invalid,
    ),
    Row(
        f"{'|'.join(DATES)} [{'|'.join(COMPARED)}] DATE",
        (
            *(f"{field} before tomorrow" for field in DATES),
            *(f"{field} today" for field in DATES),
            "due in this week",
            "starts before tomorrow",
        ),
        f"{either((*DATES, 'starts'))} (?:{_RELATION} )?(.+)",
        _date,
    ),
)
