"""What people write for days, periods, durations and file names <-> date, datetime, timedelta.

Rule: no clock; "today" is an argument. Words are English, in any case. What means nothing, or
a day that does not exist, is None and never an error. Weekdays count from Monday = 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from re import Match, Pattern
from typing import NamedTuple, TypeVar

Period = tuple[date, date]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

# What is meant for every day until it is done (NotePlan's `>today`): whoever knows the clock puts
# the day in its place.
EVERY_DAY = date.min

_DAY = timedelta(days=1)
_LONGEST = timedelta(hours=999)


def parse_iso(text: str) -> date | None:
    """Return the date written as YYYY-MM-DD, the only form of ISO 8601 that notes use."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def parse_day(text: str, today: date) -> date | None:
    """Return the day that the words mean.

    "fri" said on a Friday is in a week ("today" would have been said); "this fri" may be today,
    "last fri" is before it, "next fri" is that of the next week. "next week" is its Monday,
    "nov 24" the next one from today on, "in a month" from the 31st the last day there is.
    There is no "+3m": it could be minutes.
    """
    return parse_iso(text) or _first_meaning(_DAY_FORMS, text, today)


def parse_period(text: str, today: date, week_start: int = 0) -> Period | None:
    """Return the first and the last day of a day, week, month, quarter, year, or of two dates.

    `week_start` moves "this week" and its like; 2026-W48 is ISO 8601's and begins on Monday.
    Two dates may stand in either order.
    """

    def relative(match: Match[str], today: date) -> Period:
        return _relative(match[1], match[2], today, week_start)

    forms = ((rf"{_WHICH} {_UNIT}", relative), *_PERIOD_FORMS)
    if (period := _first_meaning(forms, text, today)) is not None:
        return period
    day = parse_day(text, today)
    return (day, day) if day else None


def parse_duration(text: str) -> timedelta | None:
    """Return a duration in whole minutes: 15m, 1h30m, 1h30, 1.5h, 1,5 hours, 30 min, 90.

    A bare number is minutes. None for nothing, zero and more than 999 hours. "1:30" is a time
    of day and none either.
    """
    hour, minute = r"\s*(?:h|hrs?|hours?)", r"\s*(?:m|mins?|minutes?)"
    words = _words(text)
    if match := re.fullmatch(
        rf"(?:([0-9]{{1,3}}){hour})?\s*(?:([0-9]{{1,5}})(?:{minute})?)?", words
    ):
        length = timedelta(hours=int(match[1] or 0), minutes=int(match[2] or 0))
    elif match := re.fullmatch(rf"([0-9]{{0,3}})[.,]([0-9]{{1,4}}){hour}", words):
        length = timedelta(minutes=round(float(f"{match[1]}.{match[2]}") * 60))
    else:
        return None
    return length if timedelta(0) < length <= _LONGEST else None


def format_duration(duration: timedelta) -> str:
    """Return it as `parse_duration` reads it: 45m, 2h, 1h30m. Seconds are left out."""
    hours, minutes = divmod(duration // timedelta(minutes=1), 60)
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes or not hours else "")


def parse_moment(text: str) -> datetime | None:
    """Return the wall time, without zone, of 2026-11-22T09:00 (or a space for the T).

    A date alone is its midnight.
    """
    match = re.fullmatch(r"(.{10})(?:[T ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?)?", text)
    day = parse_iso(match[1]) if match else None
    if match is None or day is None:
        return None
    hour, minute, second = (int(match[n] or 0) for n in (2, 3, 4))
    return datetime.combine(day, time(hour, minute, second))


def localize(day: date, clock: time, zone: tzinfo) -> datetime:
    """Return the aware moment of a wall time.

    One that comes twice is the first; one that never comes moves forward by the gap.
    """
    wall = datetime.combine(day, clock.replace(fold=0), zone)
    before, after = wall.utcoffset(), wall.replace(fold=1).utcoffset()
    # PEP 495: only in a gap does fold=1 have the larger offset, by the length of the gap.
    # Not by way of UTC: that overflows for 0001-01-01, which a note can hold.
    gap = after - before if before is not None and after is not None else timedelta(0)
    return wall + max(gap, timedelta(0))


# Days and periods in words. The patterns stay text: `re` compiles and keeps those in use.

_WEEKDAY = rf"({'|'.join(f'{w}|{w[:3]}' for w in WEEKDAYS)}|tues|thurs?)"
_MONTH = rf"({'|'.join(f'{m}|{m[:3]}' for m in MONTHS)}|sept)\.?"
_OF_MONTH = r"([0-9]{1,2})(?:\.|st|nd|rd|th)?"
_YEAR = r"(?:,? ([0-9]{4}))?"
_WHICH = r"(last|this|next)"
_UNIT = r"(week|month|quarter|year)"
_STEP = r"(?:([0-9]{1,4}) ?|an? )(d|w|days?|weeks?|months?|quarters?|years?)"

_TIMES = {"last": -1, "this": 0, "next": 1}
_MONTHS_IN = {"m": 1, "q": 3, "y": 12}

T = TypeVar("T")


def _words(text: str) -> str:
    return " ".join(text.split()).lower()


def _first_meaning(
    forms: Iterable[tuple[str, Callable[[Match[str], date], T]]], text: str, today: date
) -> T | None:
    words = _words(text)
    for pattern, meaning in forms:
        if match := re.fullmatch(pattern, words):
            try:
                return meaning(match, today)
            except (ValueError, OverflowError):  # 30 February, a day after the year 9999
                return None
    return None


def _add(day: date, count: int, unit: str) -> date:
    """Return the day `count` units later; months keep the day of the month or clamp it."""
    if unit[0] in "dw":
        return day + _DAY * count * (7 if unit[0] == "w" else 1)
    months = day.year * 12 + day.month - 1 + count * _MONTHS_IN[unit[0]]
    first = date(months // 12, months % 12 + 1, 1)
    length = ((first + 31 * _DAY).replace(day=1) - first).days
    return first.replace(day=min(day.day, length))


def _around(unit: str, day: date, week_start: int = 0) -> Period:
    """Return the week, month, quarter or year that holds a day."""
    if unit == "week":
        first = day - _DAY * ((day.weekday() - week_start) % 7)
    else:
        length = _MONTHS_IN[unit[0]]
        first = date(day.year, (day.month - 1) // length * length + 1, 1)
    return first, _add(first, 1, unit) - _DAY


def _relative(which: str | None, unit: str, today: date, week_start: int = 0) -> Period:
    first, _ = _around(unit, today, week_start)
    return _around(unit, _add(first, _TIMES[which or "this"], unit), week_start)


def _weekday(which: str | None, name: str, today: date) -> date:
    number = next(n for n, weekday in enumerate(WEEKDAYS) if weekday.startswith(name))
    ahead = (number - today.weekday()) % 7
    if which == "this":
        return today + _DAY * ahead
    if which == "next":
        return today + _DAY * (7 - today.weekday() + number)
    return today + _DAY * ((ahead or 7) if which is None else ahead - 7)


def _step(count: str | None, unit: str, today: date, direction: int = 1) -> date:
    return _add(today, direction * int(count or 1), unit)


def _month_number(name: str) -> int:
    return next(n for n, month in enumerate(MONTHS, 1) if month.startswith(name[:3].lower()))


def _month_day(month: str, day: str, year: str | None, today: date) -> date:
    wanted = f"-{_month_number(month):02}-{int(day):02}"
    # 29 February comes within eight years, also around 2100.
    years = [year] if year else [f"{today.year + n:04}" for n in range(9)]
    for candidate in years:
        if (found := parse_iso(candidate + wanted)) and (year or found >= today):
            return found
    raise ValueError(f"{month} has no day {day}")


def _two_dates(match: Match[str], _: date) -> Period:
    first, last = sorted(date.fromisoformat(written) for written in match.groups())
    return first, last


def _iso_week(match: Match[str], _: date) -> Period:
    monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    return monday, monday + 6 * _DAY


_DAY_FORMS: tuple[tuple[str, Callable[[Match[str], date], date]], ...] = (
    (r"today", lambda _, today: today),
    (r"tomorrow", lambda _, today: today + _DAY),
    (r"yesterday", lambda _, today: today - _DAY),
    (rf"(?:{_WHICH} )?{_WEEKDAY}", lambda m, today: _weekday(m[1], m[2], today)),
    (rf"{_WHICH} {_UNIT}", lambda m, today: _relative(m[1], m[2], today)[0]),
    (
        rf"end of (?:the )?(?:{_WHICH} )?{_UNIT}",
        lambda m, today: _relative(m[1], m[2], today)[1],
    ),
    (rf"(?:in |\+){_STEP}", lambda m, today: _step(m[1], m[2], today)),
    (rf"{_STEP} ago", lambda m, today: _step(m[1], m[2], today, -1)),
    (rf"-{_STEP}", lambda m, today: _step(m[1], m[2], today, -1)),
    (r"([0-9]{4})-w([0-9]{2})", lambda m, today: _iso_week(m, today)[0]),
    (rf"{_MONTH} {_OF_MONTH}{_YEAR}", lambda m, today: _month_day(m[1], m[2], m[3], today)),
    (rf"{_OF_MONTH} {_MONTH}{_YEAR}", lambda m, today: _month_day(m[2], m[1], m[3], today)),
)

_PERIOD_FORMS: tuple[tuple[str, Callable[[Match[str], date], Period]], ...] = (
    (r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{4}-[0-9]{2}-[0-9]{2})", _two_dates),
    (r"([0-9]{4})-w([0-9]{2})", _iso_week),
    (r"([0-9]{4})-([0-9]{2})", lambda m, _: _around("month", date(int(m[1]), int(m[2]), 1))),
    (
        r"([0-9]{4})-q([1-4])",
        lambda m, _: _around("quarter", date(int(m[1]), int(m[2]) * 3, 1)),
    ),
    (r"([0-9]{4})", lambda m, _: _around("year", date(int(m[1]), 1, 1))),
)


# Names of notes, in the letters of Moment.js that Obsidian's settings hold
# (https://momentjs.com/docs/#/displaying/format/)


def date_from_name(stem: str, fmt: str) -> date | None:
    """Return the day that a note is for, if its name is one that `fmt` gives.

    With folders in `fmt`, `stem` is the path below the folder of daily notes, without `.md`.
    Names of weekdays are in Obsidian's language, and its week numbers follow it: any word and
    any number stand for them. A format that leaves the day open (2026-W48) gives no day.
    """
    pattern, tokens = _reader(fmt)
    match = pattern.fullmatch(stem)
    if match is None:
        return None
    found: dict[str, int] = {}
    for token, written in zip(tokens, match.groups(), strict=True):
        if field := _TOKENS[token].field:
            number = _number(token, written)
            if found.setdefault(field, number) != number:
                return None
    try:
        if {"year", "month", "day"} <= found.keys():
            return date(found["year"], found["month"], found["day"])
        if {"year", "day of year"} <= found.keys():
            day = date(found["year"], 1, 1) + _DAY * (found["day of year"] - 1)
            return day if day.year == found["year"] else None
        if {"ISO year", "ISO week", "ISO weekday"} <= found.keys():
            return date.fromisocalendar(found["ISO year"], found["ISO week"], found["ISO weekday"])
    except (ValueError, OverflowError):
        return None
    return None


def name_for(day: date, fmt: str) -> str:
    """Return the name of the note for a day, without `.md`. Words in it are English."""
    return "".join(
        _TOKENS[token].render(day) if token else literal for token, literal in _split(fmt)
    )


class _Token(NamedTuple):
    """`field` is empty where the text is only matched, not read."""

    shape: str
    field: str
    render: Callable[[date], str]


_WORD = r"[^\W\d_]{1,20}\.?"
_MONTH_NAMES = "|".join(month.title() for month in MONTHS)
_MONTH_NAMES_SHORT = "|".join(month[:3].title() for month in MONTHS)


def _ordinal(number: int) -> str:
    ending = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _english_week(day: date) -> tuple[int, int]:
    """Return the year and the number of the Sunday-to-Saturday week; week 1 has 1 January."""
    saturday = day + _DAY * ((5 - day.weekday()) % 7)
    return saturday.year, (saturday.timetuple().tm_yday + 6) // 7


_TOKENS = {
    "YYYY": _Token("[0-9]{4}", "year", lambda d: f"{d.year:04}"),
    "YY": _Token("[0-9]{2}", "year", lambda d: f"{d.year % 100:02}"),
    "Q": _Token("[1-4]", "", lambda d: str((d.month + 2) // 3)),
    "MMMM": _Token(_MONTH_NAMES, "month", lambda d: MONTHS[d.month - 1].title()),
    "MMM": _Token(_MONTH_NAMES_SHORT, "month", lambda d: MONTHS[d.month - 1][:3].title()),
    "MM": _Token("[0-9]{2}", "month", lambda d: f"{d.month:02}"),
    "M": _Token("[0-9]{1,2}", "month", lambda d: str(d.month)),
    "DDDD": _Token("[0-9]{3}", "day of year", lambda d: f"{d.timetuple().tm_yday:03}"),
    "DDD": _Token("[0-9]{1,3}", "day of year", lambda d: str(d.timetuple().tm_yday)),
    "Do": _Token("[0-9]{1,2}(?:st|nd|rd|th)", "day", lambda d: _ordinal(d.day)),
    "DD": _Token("[0-9]{2}", "day", lambda d: f"{d.day:02}"),
    "D": _Token("[0-9]{1,2}", "day", lambda d: str(d.day)),
    "dddd": _Token(_WORD, "", lambda d: WEEKDAYS[d.weekday()].title()),
    "ddd": _Token(_WORD, "", lambda d: WEEKDAYS[d.weekday()][:3].title()),
    "dd": _Token(_WORD, "", lambda d: WEEKDAYS[d.weekday()][:2].title()),
    "E": _Token("[1-7]", "ISO weekday", lambda d: str(d.isoweekday())),
    "GGGG": _Token("[0-9]{4}", "ISO year", lambda d: f"{d.isocalendar().year:04}"),
    "WW": _Token("[0-9]{2}", "ISO week", lambda d: f"{d.isocalendar().week:02}"),
    "W": _Token("[0-9]{1,2}", "ISO week", lambda d: str(d.isocalendar().week)),
    "gggg": _Token("[0-9]{4}", "", lambda d: f"{_english_week(d)[0]:04}"),
    "ww": _Token("[0-9]{2}", "", lambda d: f"{_english_week(d)[1]:02}"),
    "w": _Token("[0-9]{1,2}", "", lambda d: str(_english_week(d)[1])),
}


@lru_cache(maxsize=16)
def _split(fmt: str) -> tuple[tuple[str, str], ...]:
    """Return pairs of a token and a literal, one of which is empty. `[at]` is a literal."""
    letters = "|".join(sorted(_TOKENS, key=len, reverse=True))
    pieces = re.finditer(rf"(?P<token>{letters})|\[(?P<quoted>[^\[\]]*)\]|.", fmt, re.DOTALL)
    return tuple(
        (p["token"], "") if p["token"] else ("", p[0] if p["quoted"] is None else p["quoted"])
        for p in pieces
    )


@lru_cache(maxsize=16)
def _reader(fmt: str) -> tuple[Pattern[str], tuple[str, ...]]:
    """Return the pattern of a name, a group for each token, and these tokens."""
    pieces = _split(fmt)
    pattern = "".join(f"({_TOKENS[t].shape})" if t else re.escape(text) for t, text in pieces)
    return re.compile(pattern), tuple(token for token, _ in pieces if token)


def _number(token: str, written: str) -> int:
    if token in ("MMMM", "MMM"):
        return _month_number(written)
    number = int(written.rstrip("stndrh"))
    return 2000 + number if token == "YY" else number
