"""The dates of a recurrence rule, and the rule that a misspelt one meant.

A date belongs to a rule if its period (day, week, month, year) is a whole number of intervals
after that of the base, and if every condition of the rule holds for it (RFC 5545 section
3.3.10). So the search begins right where a date is wanted and ends after a fixed number of
periods; dateutil's rrule walks from the base and takes seconds where no date comes.

Rule: no clock; the base of a series is an argument. Work is bounded whatever the rule says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice

from mdtasks.plan.rule_words import Rule, parse_rule

__all__ = ["Rule", "next_date", "parse_rule", "suggest"]

# How many periods are searched: a hundred years of them. The rarest yearly rule, Monday
# 29 February, waits for 40.
_PERIODS = {"day": 36525, "week": 5218, "month": 1200, "year": 100}
_STEPS_A_DAY = {"hour": 24, "minute": 1440}


def next_date(rule: Rule, base: date, after: date | None = None) -> date | None:
    """Return the first date of the series from `base` that is later than `base` (and `after`).

    None when the series has run out, or goes on only after the year 9999.
    """
    past = max(base, after or base)
    rule = _in_full(rule, base)
    if rule.unit in ("month", "year") and not (rule.weekdays or rule.month_days or rule.weeks):
        days = _month_steps(rule, base)
    else:
        # "for n times" counts from the base; else the search may begin where it is to end.
        days = _matching_days(rule, base, base if rule.count else past)
    day = next((day for day in islice(days, rule.count) if day > past), None)
    return None if day and rule.until and day > rule.until else day


def _in_full(rule: Rule, base: date) -> Rule:
    """Return the rule with the days that it leaves to its base.

    Not for plain months and years, which clamp (`_month_steps`). Only dates count: of an hourly
    rule, the first hour of each day. The 2nd Friday of a week is a Friday.
    """
    if rule.unit in _STEPS_A_DAY:
        interval = max(1, rule.interval // _STEPS_A_DAY[rule.unit])
        rule = replace(rule, unit="day", interval=interval)
    if rule.unit in ("day", "week"):
        rule = replace(rule, weekdays=tuple((weekday, 0) for weekday, _ in rule.weekdays))
    if rule.weekdays or rule.month_days or rule.weeks:
        return rule
    if rule.unit == "week":
        return replace(rule, weekdays=((base.weekday(), 0),))
    if rule.months and rule.unit != "day":
        return replace(rule, month_days=(base.day,))
    return rule


def _month_steps(rule: Rule, base: date) -> Iterator[date]:
    """Yield `base` and the same day of later months; a day that does not exist is clamped and
    stays so, as when one occurrence after the other is completed: 01-31, 02-28, 03-28."""
    step = rule.interval * (12 if rule.unit == "year" else 1)
    day = base
    while True:
        yield day
        month = _period("month", day) + step
        first, end = _first_day("month", month), _first_day("month", month + 1)
        if first == end:
            return
        day = date.fromordinal(min(first + day.day, end) - 1)


def _matching_days(rule: Rule, base: date, start: date) -> Iterator[date]:
    """Yield the dates of the rule from `start` on, in order."""
    first, wanted = _period(rule.unit, base), _period(rule.unit, start)
    first += -((first - wanted) // rule.interval) * rule.interval
    stop = min(first + _PERIODS[rule.unit] * rule.interval, _period(rule.unit, date.max) + 1)
    for period in range(first, stop, rule.interval):
        for ordinal in range(_first_day(rule.unit, period), _first_day(rule.unit, period + 1)):
            day = date.fromordinal(ordinal)
            if day >= start and _matches(rule, day):
                yield day


def _period(unit: str, day: date) -> int:
    """Return the number of the day, week (from Monday), month or year that holds the day."""
    match unit:
        case "year":
            return day.year
        case "month":
            return day.year * 12 + day.month - 1
        case "week":
            return (day.toordinal() - 1) // 7  # 0001-01-01 was a Monday
        case _:
            return day.toordinal()


def _first_day(unit: str, period: int) -> int:
    """Return the ordinal of a period's first day, or one past the last date there is."""
    if unit == "day":
        return period
    if unit == "week":
        return min(period * 7 + 1, date.max.toordinal() + 1)
    year, month = divmod(period, 12) if unit == "month" else (period, 0)
    if year > date.max.year:
        return date.max.toordinal() + 1
    return date(year, month + 1, 1).toordinal()


def _matches(rule: Rule, day: date) -> bool:
    """Whether all conditions hold. "Friday and the 1st Monday" are two of them, as in rrule.js,
    and no day is both."""
    if rule.months and day.month not in rule.months:
        return False
    if rule.weeks and day.isocalendar().week not in rule.weeks:
        return False
    if rule.month_days and not {*_places("month", day)} & {*rule.month_days}:
        return False
    every = {weekday for weekday, nth in rule.weekdays if not nth}
    if every and day.weekday() not in every:
        return False
    if not any(nth for _, nth in rule.weekdays):
        return True
    # The 20th Monday is one of the year, unless months are named.
    first, last = _places("month" if rule.months else rule.unit, day)
    nths = ((first + 6) // 7, -((6 - last) // 7))
    return any((day.weekday(), nth) in rule.weekdays for nth in nths)


def _places(unit: str, day: date) -> tuple[int, int]:
    """Return the day's number in its month or year: 1 is the first, and -1 the last."""
    period, ordinal = _period(unit, day), day.toordinal()
    return ordinal - _first_day(unit, period) + 1, ordinal - _first_day(unit, period + 1)


def suggest(text: str) -> str | None:
    """Return the rule that the words seem to mean, where they are none or only in part."""
    rule = parse_rule(text)
    if rule and not rule.leftover:
        return None
    words = " ".join(text.lower().split())
    words, when_done, _ = words.partition(" when done")
    for pattern, spelling in _SPELLINGS:
        words = re.sub(pattern, spelling, words)
    # "every 2 quarters" is "every 2 3 months" by now.
    words = re.sub(
        "^every ([0-9]{1,4}) ([0-9]{1,4}) ", lambda m: f"every {int(m[1]) * int(m[2])} ", words
    )
    meant = parse_rule(words + when_done)
    return meant.text if meant and not meant.leftover else None


_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# One after the other, on words in lower case with one space between them.
_SPELLINGS = (
    (r"^daily\b", "every day"),
    (r"^weekly\b", "every week"),
    (r"^monthly\b", "every month"),
    (r"^quarterly\b", "every quarter"),
    (r"^(?:yearly|annually)\b", "every year"),
    (r"^(?:biweekly|fortnightly)\b", "every 2 weeks"),
    (r"^bimonthly\b", "every 2 months"),
    (r"^(?:each|once an?|once every|an?|per)\b", "every"),
    (r"^(?!every)", "every "),
    (r"^every (?:single|one)\b", "every"),
    (r"^every (.+?)(?: day)? (?:of|in) (?:the|each|every|a) month$", r"every month on the \1"),
    (r"^every ([0-9]+(?:st|nd|rd|th))$", r"every month on the \1"),
    (r"^every (?:other|second|alternate|2nd)\b", "every 2"),
    (r"^every (?:third|3rd)\b", "every 3"),
    *((rf"^every {word}\b", f"every {n}") for n, word in enumerate(_NUMBERS, 2)),
    (r"\bfortnights?\b", "2 weeks"),
    (r"\bquarters?\b", "3 months"),
    (r"\bhalf(?: a)? years?\b", "6 months"),
    (r"\bdecades?\b", "10 years"),
    (r"\b(?:work|working |business )days?\b", "weekday"),
    (r"\b(?:on )?weekends?\b", "week on Saturday, Sunday"),
    (r"\b((?:mon|tues|wednes|thurs|fri|satur|sun)day)s\b", r"\1"),
    (r"\b(tue|wed|thu)r?s\b", r"\1"),
    (r"(?<!the) ([0-9]+(?:st|nd|rd|th))$", r" on the \1"),
)
