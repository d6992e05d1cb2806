"""The dates of a recurrence rule, and the rule that a misspelt one meant.

python-dateutil finds the dates. What it has no word for is done here: months and years that
clamp to a day that exists, and hours, of which only the days count.

Rule: no clock; the base of a series is an argument. Work is bounded whatever the rule says.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from functools import lru_cache
from itertools import islice

from mdtasks.plan.rule_words import Rule, parse_rule

__all__ = ["Rule", "next_date", "parse_rule", "suggest"]

# The rarest date that a rule can name, a Monday 29 February, comes once in 40 years at worst, of
# every second week in 80; what has not come by then never comes, and the search must end.
_HORIZON_YEARS = 40
_FREQUENCIES = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
_STEPS_A_DAY = {"hour": 24, "minute": 1440}


@lru_cache(maxsize=1024)  # a vault has few rules, and most go on from a day of this week
def next_date(rule: Rule, base: date, after: date | None = None) -> date | None:
    """Return the first date of the series from `base` that is later than `base` (and `after`).

    None when the series has run out, or goes on only after the year 9999.
    """
    past = max(base, after or base)
    rule = _in_full(rule, base)
    if rule.unit in ("month", "year") and not (rule.weekdays or rule.month_days or rule.weeks):
        days = _month_steps(rule, base)
    else:
        days = (moment.date() for moment in _named_days(rule, base, past))
    day = next((day for day in islice(days, rule.count) if day > past), None)
    return None if day and rule.until and day > rule.until else day


def _named_days(rule: Rule, base: date, past: date) -> Iterable[datetime]:
    """Return the dates of a rule that names its days, in order, up to the horizon."""
    from dateutil import rrule

    # A month has no 6th Monday and a year no 54th: dateutil fails where one is asked for.
    most = 5 if rule.unit == "month" or rule.months else 53
    weekdays = [(day, nth) for day, nth in rule.weekdays if abs(nth) <= most]
    if any(nth for _, nth in rule.weekdays) and not any(nth for _, nth in weekdays):
        return ()
    # Of every single day or week, a condition alone tells the days: the year finds them faster.
    names_days = rule.month_days or rule.weeks or rule.weekdays
    counted = rule.count or rule.interval > 1
    unit = "year" if names_days and not counted and rule.unit in ("day", "week") else rule.unit
    years = _HORIZON_YEARS * min(rule.interval, date.max.year)
    horizon = date(min(past.year + years, date.max.year), 12, 31)
    return rrule.rrule(
        getattr(rrule, _FREQUENCIES[unit]),
        # "for n times" and "every n" count from the base; else the search may begin at its end.
        dtstart=datetime.combine(base if counted else past, time()),
        interval=rule.interval,
        wkst=rrule.MO,
        until=datetime.combine(horizon, time()),
        bymonth=rule.months or None,
        bymonthday=rule.month_days or None,
        byweekno=rule.weeks or None,
        byweekday=[rrule.weekday(day, nth or None) for day, nth in weekdays] or None,
    )


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
        year, month = divmod(day.year * 12 + day.month - 1 + step, 12)
        if year > date.max.year:
            return
        day = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


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
