"""The moments of a recurrence rule (RFC 5545, section 3.3.10) within a few weeks.

Not by python-dateutil: for a rule that never comes, such as every 30 February, it searches up to
the year 9999, which takes seconds an event, and nothing can stop it. Here the work is bounded by
the days that are asked for.

Rule: the wall clock of the event, no zones and no other clock.
"""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple

# What comes more often than every quarter of an hour is no appointment; a few are a mistake that
# can be carried out all the same.
_MOST_A_DAY = 96
_MOST_COUNTED = 1000
# A rule with COUNT is counted from its beginning: fifty years of days.
_MOST_PERIODS = 20_000
_MOST_INTERVAL = 10_000_000

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_SHORT_STEPS = {
    "SECONDLY": timedelta(seconds=1),
    "MINUTELY": timedelta(minutes=1),
    "HOURLY": timedelta(hours=1),
}
# A part of a rule -> the least and the most that may stand there, and whether it may be negative.
_NUMBERS = {
    "BYMONTH": (1, 12, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSECOND": (0, 60, False),
    "BYSETPOS": (1, 366, True),
}
_OTHERS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY"}

Numbers = tuple[int, ...]


class RuleError(ValueError):
    """The rule cannot be followed; its words say why."""


class Rule(NamedTuple):
    """The parts of a rule; () is what it does not say.

    `times` is COUNT, 0 where there is none; `until` is as written.
    `weekdays` pairs the day, Monday = 0, with its number in month or year, 0 for each of them.
    """

    freq: str
    interval: int = 1
    times: int = 0
    until: str = ""
    week_start: int = 0
    weekdays: tuple[tuple[int, int], ...] = ()
    months: Numbers = ()
    month_days: Numbers = ()
    year_days: Numbers = ()
    weeks: Numbers = ()
    hours: Numbers = ()
    minutes: Numbers = ()
    seconds: Numbers = ()
    positions: Numbers = ()


def parse(text: str) -> Rule:
    """Return the rule. Raises RuleError for one that is none, or comes too often."""
    parts = {}
    for part in filter(None, text.strip().upper().split(";")):
        name, _, value = part.partition("=")
        if name not in _OTHERS and name not in _NUMBERS:
            raise RuleError(f"its rule has an unknown part, {name[:20]}")
        parts[name] = value
    numbers = {name: _numbers(name, parts.get(name, "")) for name in _NUMBERS}
    rule = Rule(
        freq=parts.get("FREQ", ""),
        interval=min(max(_whole(parts.get("INTERVAL", "1")), 1), _MOST_INTERVAL),
        times=_whole(parts.get("COUNT", "0")),
        until=parts.get("UNTIL", ""),
        week_start=_week_start(parts.get("WKST", "MO")),
        weekdays=_weekdays(parts.get("BYDAY", "")),
        months=numbers["BYMONTH"],
        month_days=numbers["BYMONTHDAY"],
        year_days=numbers["BYYEARDAY"],
        weeks=numbers["BYWEEKNO"],
        hours=numbers["BYHOUR"],
        minutes=numbers["BYMINUTE"],
        seconds=numbers["BYSECOND"],
        positions=numbers["BYSETPOS"],
    )
    _check_how_often(rule, parts)
    return rule


def _check_how_often(rule: Rule, parts: Mapping[str, str]) -> None:
    if rule.freq in _SHORT_STEPS:
        if not 0 < rule.times <= _MOST_COUNTED or any(name.startswith("BY") for name in parts):
            raise RuleError(f"it recurs too often ({rule.freq.lower()})")
    elif rule.freq not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        raise RuleError("its rule does not say how often it recurs")
    elif max(len(rule.hours), 1) * max(len(rule.minutes), 1) * max(len(rule.seconds), 1) > (
        _MOST_A_DAY
    ):
        raise RuleError("it recurs too often (more than every 15 minutes)")


def _whole(text: str) -> int:
    if re.fullmatch(r"[0-9]{1,12}", text):
        return int(text)
    raise RuleError("its rule cannot be read")


def _numbers(name: str, text: str) -> Numbers:
    low, high, signed = _NUMBERS[name]
    found = set()
    for word in filter(None, text.split(",")):
        if not re.fullmatch(r"[+-]?[0-9]{1,4}", word):
            raise RuleError("its rule cannot be read")
        number = int(word)
        if not low <= (abs(number) if signed else number) <= high:
            raise RuleError(f"its rule has a part that cannot be, {name}={word}")
        found.add(number)
    return tuple(sorted(found))


def _weekdays(text: str) -> tuple[tuple[int, int], ...]:
    found = set()
    for word in filter(None, text.split(",")):
        match = _WEEKDAY.fullmatch(word)
        if not match:
            raise RuleError("its rule cannot be read")
        found.add((_WEEKDAYS.index(match[2]), int(match[1] or 0)))
    return tuple(sorted(found))


def _week_start(text: str) -> int:
    if text in _WEEKDAYS:
        return _WEEKDAYS.index(text)
    raise RuleError("its rule cannot be read")


def moments(rule: Rule, first: datetime, until: datetime, low: date, high: date) -> list[datetime]:
    """Return, in order, the rule's moments on the days from `low` to `high`, both included.

    None is before `first` (which counts only if the rule names it) or after `until`.
    Raises RuleError for a rule that would have to be counted from too long ago.
    """
    if first.date() > high or until.date() < low:
        return []
    if rule.freq in _SHORT_STEPS:
        found = _short_steps(rule, first)
    else:
        found = _by_period(_in_full(rule, first), first, low, min(high, until.date()))
    named = (each for each in found if first <= each <= until)
    counted = islice(named, rule.times or None)
    return [each for each in counted if low <= each.date() <= high]


def steps(rule: Rule, first: datetime, high: date) -> int:
    """Return how many periods have to be counted through; 0 for a rule without COUNT."""
    if not rule.times or first.date() > high:
        return 0
    if rule.freq in _SHORT_STEPS:
        return rule.times
    return (_step_of(rule, high) - _step_of(rule, first.date())) // rule.interval


def _short_steps(rule: Rule, first: datetime) -> Iterator[datetime]:
    step = rule.interval * _SHORT_STEPS[rule.freq]
    moment = first
    for _ in range(rule.times):
        yield moment
        if datetime.max - moment < step:
            return
        moment += step


def _in_full(rule: Rule, first: datetime) -> Rule:
    """Return the rule with what it leaves to its beginning."""
    rule = rule._replace(
        hours=rule.hours or (first.hour,),
        minutes=rule.minutes or (first.minute,),
        seconds=rule.seconds or (first.second,),
    )
    if rule.weekdays or rule.month_days or rule.year_days or rule.weeks:
        return rule
    match rule.freq:
        case "WEEKLY":
            return rule._replace(weekdays=((first.weekday(), 0),))
        case "MONTHLY":
            return rule._replace(month_days=(first.day,))
        case "YEARLY":
            return rule._replace(months=rule.months or (first.month,), month_days=(first.day,))
    return rule


def _by_period(rule: Rule, first: datetime, low: date, high: date) -> Iterator[datetime]:
    """Yield the moments of each period (day, week, month or year) that the rule steps on, of
    those that touch the days; where it counts, of all from its first."""
    times = sorted(
        {time(h, m, min(s, 59)) for h in rule.hours for m in rule.minutes for s in rule.seconds}
    )
    begin, low_step, high_step = (_step_of(rule, day) for day in (first.date(), low, high))
    skipped = 0 if rule.times else max(-(-(low_step - begin) // rule.interval), 0)
    steps = range(begin + skipped * rule.interval, high_step + 1, rule.interval)
    if len(steps) > _MOST_PERIODS:
        raise RuleError("it has recurred for too long to be counted")
    for step in steps:
        days = (day for day in _days_of(rule, step) if _names(rule, day))
        found = [datetime.combine(day, clock) for day in days for clock in times]
        if rule.positions:
            places = {p - 1 if p > 0 else len(found) + p for p in rule.positions}
            found = [each for place, each in enumerate(found) if place in places]
        yield from found


def _step_of(rule: Rule, day: date) -> int:
    """Return the number of the period that holds the day."""
    match rule.freq:
        case "DAILY":
            return day.toordinal()
        case "WEEKLY":
            # 1 January of the year 1, day 1, was a Monday.
            return (day.toordinal() - 1 - rule.week_start) // 7
        case "MONTHLY":
            return day.year * 12 + day.month - 1
    return day.year


def _days_of(rule: Rule, step: int) -> Iterator[date]:
    match rule.freq:
        case "DAILY":
            begin, length = step, 1
        case "WEEKLY":
            begin, length = step * 7 + 1 + rule.week_start, 7
        case "MONTHLY":
            year, month = step // 12, step % 12 + 1
            begin, length = date(year, month, 1).toordinal(), monthrange(year, month)[1]
        case _:
            begin, length = date(step, 1, 1).toordinal(), 366 if isleap(step) else 365
    last = date.max.toordinal()
    return (date.fromordinal(n) for n in range(max(begin, 1), min(begin + length, last + 1)))


def _names(rule: Rule, day: date) -> bool:
    """Whether the parts of the rule that speak of days all hold."""
    if rule.months and day.month not in rule.months:
        return False
    if rule.month_days:
        length = monthrange(day.year, day.month)[1]
        if not {day.day, day.day - length - 1} & {*rule.month_days}:
            return False
    if rule.year_days:
        number, length = day.timetuple().tm_yday, 366 if isleap(day.year) else 365
        if not {number, number - length - 1} & {*rule.year_days}:
            return False
    if rule.weeks and not {*_week_numbers(day, rule.week_start)} & {*rule.weeks}:
        return False
    return not rule.weekdays or _is_weekday(rule, day)


def _is_weekday(rule: Rule, day: date) -> bool:
    if (day.weekday(), 0) in rule.weekdays:
        return True
    numbered = {nth for weekday, nth in rule.weekdays if weekday == day.weekday()}
    if rule.freq in ("DAILY", "WEEKLY") or not numbered:
        return bool(numbered)  # the second Friday of a week is a Friday
    if rule.freq == "MONTHLY" or rule.months:
        number, length = day.day, monthrange(day.year, day.month)[1]
    else:
        number, length = day.timetuple().tm_yday, 366 if isleap(day.year) else 365
    return bool({(number - 1) // 7 + 1, -((length - number) // 7 + 1)} & numbered)


def _week_numbers(day: date, week_start: int) -> tuple[int, int]:
    """Return the number of the day's week in its year, from the front and from the back."""
    since = (day.weekday() - week_start) % 7
    # The week belongs to the year that holds its fourth day.
    fourth = day.toordinal() - since + 3
    if not 1 <= fourth <= date.max.toordinal():
        return (0, 0)
    number, year = date.fromordinal(fourth).timetuple().tm_yday, date.fromordinal(fourth).year
    length = 366 if isleap(year) else 365
    return (number - 1) // 7 + 1, -((length - number) // 7 + 1)
