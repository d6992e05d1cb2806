"""The words of a recurrence rule ("every 2 weeks on Monday when done") <-> `Rule`.

The grammar is that of rrule.js 2.8, which the Obsidian Tasks plugin reads with, kept word for
word: what that parser passes over stands in `Rule.leftover`, so that a line means the same in
both and `check` can say what was not understood.

Rule: what a rule says; its dates are found in recurrence.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from mdtasks.dates import MONTHS, WEEKDAYS, parse_day

WORKDAYS = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class Rule:
    """A recurrence rule. `weekdays` are (Monday = 0, n) with n as in "2nd Friday", 0 for every
    one; negative numbers count from the end. `leftover` are the words not understood."""

    unit: str  # "minute" … "year"
    interval: int = 1
    weekdays: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    count: int | None = None
    until: date | None = None
    when_done: bool = False
    leftover: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The rule in canonical words, as rrule.js prints it."""
        parts = ("every", _period_words(self), _limit_words(self), "when done" * self.when_done)
        return " ".join(filter(None, parts))


@lru_cache(maxsize=1024)  # a vault has few rules, on many lines
def parse_rule(text: str) -> Rule | None:
    """Return the rule that the words give, or None where they are none."""
    match = re.fullmatch(r"([a-z0-9, !]+?)( when done)?", text, _FLAGS)
    if not match:
        return None
    try:
        return _Parser(match[1]).rule(when_done=match[2] is not None)
    except _NotARuleError:
        return None


# Words -> rule


class _NotARuleError(Exception):
    """rrule.js would throw here."""


# ASCII, or "ſun" and "weeK" (a Kelvin sign) would match too.
_FLAGS = re.IGNORECASE | re.ASCII
_NTH = {"first": 1, "second": 2, "third": 3, "last": -1}
# The longest that matches counts, so words stand before their beginnings. No word needs a
# boundary: "monthly" is "month", and "ly" stops the reading.
_WORD = re.compile(
    r" *(?:(?P<weekdays>weekdays?)|(?P<unit>days?|weeks?|hours?|minutes?|months?|years?)"
    r"|(?P<nth>[1-9][0-9]*(?:th|nd|rd|st)|first|second|third)|(?P<last>last)"
    r"|(?P<number>[1-9][0-9]*)|(?P<every>every)|(?P<the>the)|(?P<on>on|in)|(?P<at>at)"
    r"|(?P<for>for)|(?P<times>times?)|(?P<until>(?:un)?til)"
    r"|(?P<weekday>mo(?:n(?:day)?)?|tu(?:e(?:s(?:day)?)?)?|we(?:d(?:n(?:esday)?)?)?"
    r"|th(?:u(?:r(?:sday)?)?)?|fr(?:i(?:day)?)?|sa(?:t(?:urday)?)?|su(?:n(?:day)?)?)"
    r"|(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
    r"|(?P<comma>(?:, *|(?:and|or) *)++))",
    _FLAGS,
)


class _Parser:
    """Reads a rule word by word; `kind` and `word` are the one that stands next."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.start = self.end = 0
        self.kind: str | None = None
        self.word = ""
        self.weekdays: list[tuple[int, int]] = []
        self.month_days: list[int] = []
        self.months: list[int] = []
        self.weeks: list[int] = []
        self.hours: list[int] = []
        self.advance()

    def advance(self) -> None:
        self.start = self.end
        match = _WORD.match(self.text, self.start)
        self.kind = match.lastgroup if match else None
        self.word = match[self.kind].lower() if match and self.kind else ""
        self.end = match.end() if match else len(self.text)

    def accept(self, *kinds: str) -> str | None:
        if self.kind not in kinds:
            return None
        word = self.word
        self.advance()
        return word

    def number(self) -> int:
        if self.kind != "number":
            raise _NotARuleError
        return _whole(self.accept("number") or "")

    def numbers(self) -> list[int]:
        found = [self.number()]
        while self.accept("comma"):
            found.append(self.number())
        return found

    def names(self, kind: str, names: tuple[str, ...]) -> list[int]:
        found = []
        while True:
            if self.kind != kind:
                raise _NotARuleError
            found.append(_index(self.word, names))
            self.advance()
            if not self.accept("comma"):
                return found

    def rule(self, when_done: bool) -> Rule:
        if not self.accept("every"):
            raise _NotARuleError
        interval = self.number() if self.kind == "number" else 1
        unit = self.period()
        count, until = self.limit()
        return Rule(
            unit,
            interval,
            weekdays=tuple(self.weekdays),
            month_days=tuple(self.month_days),
            months=tuple(self.months),
            weeks=tuple(self.weeks),
            hours=tuple(self.hours),
            count=count,
            until=until,
            when_done=when_done,
            leftover=tuple(re.findall("[A-Za-z0-9]+", self.text[self.start :])),
        )

    def period(self) -> str:
        """Return the unit, and read what may follow this one."""
        if word := self.accept("unit"):
            unit = word.removesuffix("s")
            if unit != "day":
                self.on()
            if unit in ("day", "week"):
                self.at()
            return unit
        if self.kind == "month":
            self.months = [month + 1 for month in self.names("month", MONTHS)]
            self.on()
            return "year"
        if self.accept("weekdays"):
            self.weekdays = [(day, 0) for day in sorted(WORKDAYS)]
            self.at()
            return "week"
        self.weekdays = [(day, 0) for day in self.names("weekday", WEEKDAYS)]
        self.at()
        self.on_month_day()
        return "week"

    def on(self) -> None:
        """Read: on|in [the] (nth|last | [nth] weekday | weekdays | week n | month), …"""
        on, the = self.accept("on"), self.accept("the")
        more = bool(on or the)
        while more:
            more = self.on_one() and bool(self.accept("comma", "the", "on"))

    def on_one(self) -> bool:
        nth = self.nth()
        if self.kind == "weekday":
            self.weekdays.append((_index(self.word, WEEKDAYS), nth))
            self.advance()
        elif nth:
            self.month_days.append(nth)
            if self.word in ("day", "days"):
                self.advance()
        elif self.accept("weekdays"):
            self.weekdays = self.weekdays or [(day, 0) for day in sorted(WORKDAYS)]
        elif self.word in ("week", "weeks"):
            self.advance()
            self.weeks = self.numbers()
        elif month := self.accept("month"):
            self.months.append(_index(month, MONTHS) + 1)
        else:
            return False
        return True

    def on_month_day(self) -> None:
        """Read, after weekdays: [on] [the] nth. rrule.js drops the word after it, so that in
        "on the 1st and 15th" only the 1st counts, there and here."""
        self.accept("on")
        self.accept("the")
        if nth := self.nth():
            self.month_days.append(nth)
            self.advance()
            while self.accept("comma"):
                if not (nth := self.nth()):
                    raise _NotARuleError
                self.month_days.append(nth)
                self.advance()

    def nth(self) -> int:
        """Return 2 for "2nd", -2 for "2nd last", -1 for "last", 0 where none of them stands."""
        word = self.accept("nth", "last")
        if word is None:
            return 0
        nth = _NTH.get(word) or _whole(word.rstrip("thndrs"))
        if nth > 366:
            raise _NotARuleError
        if word not in ("first", "last") and self.accept("last"):
            return -nth
        return nth

    def at(self) -> None:
        while self.accept("at"):
            self.hours = self.numbers()

    def limit(self) -> tuple[int | None, date | None]:
        if self.accept("for"):
            count = self.number()
            self.accept("times")
            return count, None
        if self.kind != "until":
            return None, None
        until = _last_day(self.text[self.end :].strip())
        self.start = len(self.text)
        return None, until


def _last_day(words: str) -> date:
    """Return the day of "January 1, 2027"; "January 2027" and "2027" are their first days.

    Without a year it would be another day every year, and is no rule.
    """
    if re.search("[0-9]{4}$", words):
        for before in ("", "1 ", "1 january "):
            if day := parse_day(before + words, date.min):
                return day
    raise _NotARuleError


def _whole(digits: str) -> int:
    if len(digits) > 9:  # beyond all dates; and int() refuses thousands of digits
        raise _NotARuleError
    return int(digits)


def _index(word: str, names: tuple[str, ...]) -> int:
    return next(n for n, name in enumerate(names) if name.startswith(word))


# Rule -> words


def _period_words(rule: Rule) -> str:
    """Return what is repeated: "2 weeks on Monday". Quirks are those of rrule.js: it leaves out
    months beside weekdays, and says "every 101 day"."""
    days = {day for day, _ in rule.weekdays}
    once, n = rule.interval == 1, str(rule.interval)
    units = rule.unit if rule.interval % 100 == 1 else rule.unit + "s"
    period = rule.unit if once else f"{n} {units}"
    months = _list([MONTHS[month - 1].title() for month in rule.months], "and")
    if rule.unit in ("hour", "minute"):
        return period
    hours = f" at {_list([str(hour) for hour in rule.hours], 'and')}" if rule.hours else ""
    if rule.unit == "day":
        return period + hours
    if rule.unit == "week":
        if days == WORKDAYS:
            return "weekday" if once else f"{period} on weekdays"
        if len(days) == 7:
            return "day" if once else f"{period} days"
        period += f" in {months}" if months else ""
        return period + _day_words(rule) + hours
    if months and rule.unit == "month":
        period = months if once else f"{n} months in {months}"
    elif months:
        period = months if once else f"{n} years {months}"
    if rule.unit == "month" and days == WORKDAYS and not rule.month_days:
        return f"{period} on weekdays"
    return period + _day_words(rule) + _week_words(rule)


def _day_words(rule: Rule) -> str:
    every = [WEEKDAYS[day].title() for day, nth in sorted(rule.weekdays) if not nth]
    some = [
        f"{_ordinal(nth)} {WEEKDAYS[day].title()}"
        for day, nth in sorted(rule.weekdays, key=lambda pair: pair[0])
        if nth
    ]
    if rule.month_days:
        # 1, 2, 3 … and then last, 2nd last
        ordered = sorted(rule.month_days, key=lambda day: (day < 0, abs(day)))
        ordinals = [_ordinal(day) for day in ordered]
        if every:
            return f" on {_list(every, 'or')} the {_list(ordinals, 'or')}"
        return f" on the {_list(ordinals, 'and')}"
    words = ""
    if every and {day for day, _ in rule.weekdays} != WORKDAYS:
        words = f" on {', '.join(every)}"
    if some:
        words += (" and" if every else "") + f" on the {_list(some, 'and')}"
    return words


def _week_words(rule: Rule) -> str:
    if not rule.weeks or rule.unit != "year":
        return ""
    weeks = _list([str(week) for week in rule.weeks], "and")
    return f" in week{'s' if len(rule.weeks) > 1 else ''} {weeks}"


def _limit_words(rule: Rule) -> str:
    if rule.until:
        return f"until {MONTHS[rule.until.month - 1].title()} {rule.until.day}, {rule.until.year}"
    if rule.count:
        return f"for {rule.count} time{'' if rule.count % 100 == 1 else 's'}"
    return ""


def _ordinal(nth: int) -> str:
    if nth == -1:
        return "last"
    # rrule.js ends at 31; "101st" and its like mean nothing in a month.
    ending = {1: "st", 21: "st", 31: "st", 2: "nd", 22: "nd", 3: "rd", 23: "rd"}.get(abs(nth), "th")
    return f"{abs(nth)}{ending}" + (" last" if nth < 0 else "")


def _list(words: list[str], last: str) -> str:
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
