"""The marks of NotePlan, todo.txt, and Obsidian's Kanban and Reminder plugins: one table.

They collide with each other and with plain words, so each counts only where `[read] dialects`
names its dialect. A mark counts wherever it stands, outside of code spans and link targets.

Rule: what a mark means is said in the words of the emoji dialect: `@repeat(2w)` is `every 2 weeks`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import NamedTuple

from mdtasks.dates import EVERY_DAY
from mdtasks.read.syntax import CLOCK, DATE

_ISO_LENGTH = len("2026-11-22")
_WEEK = r"[0-9]{4}-W[0-9]{2}"
_UNITS = {
    "b": ("weekday", 1),
    "d": ("day", 1),
    "w": ("week", 1),
    "m": ("month", 1),
    "q": ("month", 3),
    "y": ("year", 1),
}
# Whoever marks tasks lifts them above those without a mark.
_EXCLAMATIONS = {"!": "medium", "!!": "high", "!!!": "highest"}
_LETTERS = {"A": "highest", "B": "high", "C": "medium", "D": "low"}


class Mark(NamedTuple):
    """How a dialect writes a field: a pattern with the group `value`, what that means, and what
    is written where an edit adds the field, if it can."""

    name: str
    dialect: str
    pattern: str
    meaning: Callable[[str], str] = str
    added: str = ""
    opens: bool = False  # only at the start of the text


def _first_ten(value: str) -> str:
    return value[:_ISO_LENGTH]


def _day(value: str) -> str:
    """Return the day as YYYY-MM-DD: a week is its Monday. An impossible week stays as it is."""
    if value == "today":
        return EVERY_DAY.isoformat()
    try:
        return date.fromisocalendar(int(value[:4]), int(value[6:]), 1).isoformat()
    except ValueError:
        return value


def _exclamations(value: str) -> str:
    return _EXCLAMATIONS[value]


def _letter(value: str) -> str:
    return _LETTERS.get(value, "lowest")


def _interval(value: str, when_done: bool) -> str:
    """Return the rule of `2w`. More than one business day is no rule, and stays as it is."""
    unit, times = _UNITS[value[-1].lower()]
    count = int(value.lstrip("+")[:-1]) * times
    if count == 0 or (unit == "weekday" and count > 1):
        return value
    rule = f"every {unit}" if count == 1 else f"every {count} {unit}s"
    return f"{rule} when done" if when_done else rule


def _repeat(value: str) -> str:
    """With a plus it counts from the day of completion."""
    return _interval(value, when_done=value.startswith("+"))


def _rec(value: str) -> str:
    """Without a plus it counts from the day of completion: the other way round than NotePlan."""
    return _interval(value, when_done=not value.startswith("+"))


_TODOTXT_KEYS = {
    "due": "due",
    "start": "t",  # the threshold: not shown before that day
    "done": "completed",
    "cancelled": "cancelled",
    "created": "created",
}
_END = r"(?!\S)"
_SPACE = r"(?<!\S)"
MARKS: tuple[Mark, ...] = (
    Mark("priority", "noteplan", r"(?P<value>!{1,3})(?=[ \t])", _exclamations, opens=True),
    Mark("scheduled", "noteplan", rf"{_SPACE}>(?P<value>{DATE})(?![\w-])", added=" >{date}"),
    Mark("scheduled", "noteplan", rf"{_SPACE}>(?P<value>{_WEEK}|today)(?![\w-])", _day),
    Mark(
        "done", "noteplan",
        rf"{_SPACE}@done\((?P<value>{DATE}(?: {CLOCK}(?::[0-9]{{2}})?(?: ?[AaPp][Mm])?)?)\)",
        _first_ten, added=" @done({moment})",
    ),
    Mark(
        "recurrence", "noteplan",
        rf"{_SPACE}@repeat\((?P<value>\+?[0-9]{{1,3}}[bdwmqyBDWMQY])\)", _repeat,
    ),
    Mark("priority", "todotxt", r"\((?P<value>[A-Z])\)(?=[ \t])", _letter, opens=True),
    *(
        Mark(name, "todotxt", rf"{_SPACE}{key}:(?P<value>{DATE}){_END}", added=f" {key}:{{date}}")
        for name, key in _TODOTXT_KEYS.items()
    ),
    Mark("recurrence", "todotxt", rf"{_SPACE}rec:(?P<value>\+?[0-9]{{1,3}}[bdwmy]){_END}", _rec),
    Mark("project", "todotxt", rf"{_SPACE}\+(?P<value>[^\W\d_](?:\S*[^\s,.;:!?)])?)"),
    Mark("scheduled", "kanban", rf"(?<![@\w])@\{{(?P<value>{DATE})\}}"),
    Mark("scheduled", "kanban", rf"(?<![@\w])@\[\[(?P<value>{DATE})\]\]"),
    Mark("begins", "kanban", rf"(?<![@\w])@@\{{(?P<value>{CLOCK})\}}"),
    Mark("scheduled", "reminder", rf"\(@(?P<value>{DATE}(?: +{CLOCK})?)\)"),
)  # fmt: skip

# Every dialect besides the two of fields.py, and the Day Planner's times.
DIALECTS = (*dict.fromkeys(mark.dialect for mark in MARKS), "tasknotes")

# In whose words a change is said where the line has none: the first of them that the vault reads.
WRITERS = ("emoji", "dataview", "noteplan", "todotxt")


@lru_cache(maxsize=16)
def marks_of(dialects: tuple[str, ...]) -> tuple[tuple[Mark, re.Pattern[str]], ...]:
    """Return the marks that count in a vault."""
    return tuple((mark, re.compile(mark.pattern)) for mark in MARKS if mark.dialect in dialects)


Spans = Sequence[tuple[int, int]]
_HIDDEN, _TAKEN = b"h", b"t"


class Found(NamedTuple):
    mark: Mark
    value: str
    start: int
    end: int
    value_start: int
    value_end: int


def find_marks(
    text: str, end: int, dialects: tuple[str, ...], hidden: Spans, taken: Spans
) -> Iterator[Found]:
    """Yield the marks in `text[:end]` that begin outside of what is hidden and reach into nothing
    that is taken; of two that overlap, the first of the table."""
    covered = bytearray(len(text))
    for start, stop in hidden:
        covered[start:stop] = _HIDDEN * (stop - start)
    for start, stop in taken:
        covered[start:stop] = _TAKEN * (stop - start)
    for mark, pattern in marks_of(dialects):
        found = pattern.finditer(text, 0, end) if not mark.opens else _opening(pattern, text, end)
        for match in found:
            start, stop = match.span()
            if covered[start] or _TAKEN in covered[start:stop]:
                continue
            covered[start:stop] = _TAKEN * (stop - start)
            yield Found(mark, mark.meaning(match["value"]), start, stop, *match.span("value"))


def _opening(pattern: re.Pattern[str], text: str, end: int) -> Iterator[re.Match[str]]:
    if match := pattern.match(text, 0, end):
        yield match


def added(name: str, dialect: str, now: date) -> str | None:
    """Return what an edit adds at the end of a line, with a space before it; None if it cannot."""
    for mark in MARKS:
        if mark.name == name and mark.dialect == dialect and mark.added:
            return mark.added.format(date=_date(now).isoformat(), moment=_moment(now))
    return None


def renewed(written: str, name: str, now: date) -> str:
    """Return what takes the place of a date as it is written. A time behind it stays, but for the
    time at which something was done; a week stays a week if the new day is a Monday."""
    day = _date(now)
    if not re.match(DATE, written):
        year, week, weekday = day.isocalendar()
        return f"{year:04}-W{week:02}" if weekday == 1 else day.isoformat()
    if name == "done" and len(written) > _ISO_LENGTH:
        return _moment(now)
    return day.isoformat() + written[_ISO_LENGTH:]


def _date(now: date) -> date:
    return now.date() if isinstance(now, datetime) else now


def _moment(now: date) -> str:
    """Return date and time, where a time is known."""
    if not isinstance(now, datetime):
        return now.isoformat()
    clock = time(now.hour, now.minute)
    return f"{now.date()} {clock:%H:%M}"
