"""A person's words for a task -> what they mean: "call dentist tomorrow 10m !high #home".

Marks (`!high`, `~45min`) count anywhere. Dates, durations and rules count at the end of the text,
dates at its beginning too, and elsewhere only behind `due`, `by`, `on` and the like. Everything
else is text.

Rule: pure, and rather too careful than too clever: a word that is taken by mistake is lost to the
person who wrote it, one that is left stays where it can be seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from mdtasks.dates import format_duration, parse_day, parse_duration
from mdtasks.model import Priority
from mdtasks.plan.recurrence import next_date, parse_rule, suggest
from mdtasks.read.fields import parse_body
from mdtasks.settings import ReadSettings
from mdtasks.write.moments import Moment, day_in_words, parse_moment, parse_time_alone, parse_times
from mdtasks.write.words import Word, words_of


class Wording(NamedTuple):
    """What is meant: `text` is what stays, fields that were typed as such among it."""

    text: str
    priority: Priority | None = None
    estimate: timedelta | None = None
    recurrence: str | None = None
    start: date | None = None
    scheduled: date | None = None
    begins: time | None = None
    ends: time | None = None
    due: date | None = None
    due_time: time | None = None

    def in_words(self, today: date) -> str:
        """Return what was understood, "" where that is nothing: `scheduled Mon 23 Nov, 10m`."""
        times = "–".join(f"{clock:%H:%M}" for clock in (self.begins, self.ends) if clock)
        said = [
            _dated("starts", self.start, "", today),
            _dated("scheduled", self.scheduled, times, today),
            _dated("due", self.due, f"{self.due_time:%H:%M}" if self.due_time else "", today),
            format_duration(self.estimate) if self.estimate else "",
            self.priority.value if self.priority else "",
            self.recurrence or "",
        ]
        return ", ".join(filter(None, said))


def _dated(word: str, day: date | None, times: str, today: date) -> str:
    return f"{word} {day_in_words(day, today)} {times}".rstrip() if day else ""


# What a field of a line is called by those that say the same.
_SAYS = {"date": "scheduled"}

# What a word of the tail or the head is said with.
_KEYWORDS = {
    "due": "due",
    "by": "due",
    "deadline": "due",
    "on": "scheduled",
    "scheduled": "scheduled",
    "start": "start",
    "starting": "start",
    "from": "start",
}
_ANYWHERE = frozenset(("due", "scheduled"))
_VERBS = frozenset(("start", "from"))  # at the beginning of a text they are part of it


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Behind these a date belongs to the sentence: "slides for monday", "news of today".
_LEADS_ON = _set(
    "for of until till since about before after than through to with and or the a an last every "
    "each between per as is was are were vs around during within like not into my your his her "
    "our their no x in next"
)
# Before these too: "today and tomorrow", "monday to friday", "tomorrow is another day".
_GOES_ON = _set("is was will and or to through until till of - – — vs are were has had")
# Before these a date in the middle ends: "lunch on friday with Bob", but "work on friday report".
_BORDERS = _set("with at in for to about and or near via because - – — if as so but then from")
_NEEDS_CUE = frozenset(("sat", "sun"))  # the dish and the star
_MONTH_OR_WORD = re.compile(r"(?:march|mar|may) .*|.* (?:march|mar|may)")

_PRIORITY = re.compile(r"!(highest|high|medium|low|lowest)", re.IGNORECASE)
_SHORT = r"(?:[0-9]{1,3}h(?:[0-9]{1,2}m?)?|[0-9]{1,2}[.,][0-9]h|[0-9]{1,4}m(?:ins?)?)"
_LONG = r"(?:[0-9]{1,3}|[0-9]{1,2}[.,][0-9]) ?(?:hours?|hrs?)|[0-9]{1,4} ?(?:minutes?|mins?)"
_DURATION = re.compile(rf"(?:for )?({_SHORT}|{_LONG}|[0-9]{{1,3}}h [0-9]{{1,2}}m)")
_ABOUT = re.compile(rf"~(?:{_SHORT}|[0-9]{{1,4}}(?:minutes?|mins?)|[0-9]{{1,3}}(?:hours?|hrs?))")
_SPOKEN = {"for an hour": 60, "for half an hour": 30, "for a quarter of an hour": 15}
_RULE_TIME = re.compile(r"(every .+?)(?: at| @)? ([0-9:. -]*(?:[0-9]:[0-9]{2}|[0-9] ?[ap]m))")
_RULE_HOUR = re.compile(r"(every .+?) at ([7-9]|1[0-9]|2[0-3])")

_LONGEST = 6  # words of a date: "on next monday at 9 am"
_LONGEST_RULE = 14

_DANGLING = re.compile(r"(?:[,;]|\s[-–—])\Z")


class _Phrase(NamedTuple):
    """Words from `first` up to `last`, half-open, and what they say."""

    first: int
    last: int
    said: Mapping[str, Any]


def understand(text: str, now: datetime, read: ReadSettings) -> Wording:
    """Return what the words of one line mean. What a field in them says is not said again."""
    body = parse_body(text, read)
    given = {_SAYS.get(field.name, field.name) for field in body.found}
    reader = _Reader(text, words_of(text, body), given, now)
    reader.take_marks()
    reader.take_tail()
    reader.take_head()
    reader.take_middle()
    return reader.wording()


class _Reader:
    """Takes words that mean something off a text; `rest` are those that may still be taken."""

    def __init__(self, text: str, words: list[Word], given: set[str], now: datetime) -> None:
        self.text = text
        self.words = words
        self.given = given
        self.now = now
        self.today = now.date()
        self.said: dict[str, Any] = {}
        self.taken: set[int] = set()
        self.rest = [word for word in words if word.kind != "clear"]
        self.ended = False

    def take(self, phrase: _Phrase | None) -> bool:
        """Take the words of a phrase, unless what they say is said, or nothing would be left."""
        if not (phrase and phrase.said) or set(phrase.said) & (self.given | self.said.keys()):
            return False
        if phrase.last - phrase.first >= len(self.rest):
            return False
        self.taken |= {word.start for word in self.rest[phrase.first : phrase.last]}
        del self.rest[phrase.first : phrase.last]
        self.said |= phrase.said
        return True

    def lower(self, first: int, last: int) -> str | None:
        """Return words of the rest in small letters, None where one of them is fixed."""
        words = self.rest[first:last]
        if any(word.kind != "word" for word in words):
            return None
        return " ".join(word.lower for word in words)

    def before(self, first: int) -> str:
        return self.rest[first - 1].lower if first else ""

    def is_day(self, first: int) -> bool:
        """Whether a day is named there: two of them are a list or a range."""
        runs = (self.lower(first, first + count) for count in (1, 2))
        return any(words and parse_day(words.rstrip(",;:."), self.today) for words in runs)

    def take_marks(self) -> None:
        at = 0
        while at < len(self.rest):
            word = self.rest[at]
            said: Mapping[str, Any] = {}
            if match := _PRIORITY.fullmatch(word.text):
                said = {"priority": Priority(match[1].lower())}
            elif _ABOUT.fullmatch(word.text) and (length := parse_duration(word.text[1:])):
                said = {"estimate": length}
            if not (said and word.kind == "word" and self.take(_Phrase(at, at + 1, said))):
                at += 1

    def take_tail(self) -> None:
        ways: tuple[Callable[[], _Phrase | None], ...] = (
            self.tail_rule,
            self.tail_moment,
            self.tail_duration,
        )
        while any(self.take(way()) for way in ways):
            self.ended = True

    def tails(self, longest: int) -> Iterator[tuple[int, str]]:
        """Yield where the last words begin, the longest run first, and what they are."""
        count = len(self.rest)
        for first in range(max(0, count - longest), count):
            if words := self.lower(first, count):
                yield first, words.rstrip(".,") or words

    def tail_rule(self) -> _Phrase | None:
        for first, words in self.tails(_LONGEST_RULE):
            if words.startswith("every ") and self.before(first) not in _LEADS_ON:
                shown = " ".join(word.text for word in self.rest[first:]).rstrip(".,")
                if said := _rule(words, shown):
                    return _Phrase(first, len(self.rest), said)
        return None

    def tail_moment(self) -> _Phrase | None:
        for first, words in self.tails(_LONGEST):
            before = self.before(first)
            listed = before.endswith(",") and self.is_day(first - 1)  # mon, wed, fri
            said = self.moment(words, listed or before in _LEADS_ON or before in _KEYWORDS)
            if said and not (first == 0 and words.partition(" ")[0] in _KEYWORDS):
                return _Phrase(first, len(self.rest), said)
        return None

    def tail_duration(self) -> _Phrase | None:
        for first, words in self.tails(4):
            shown = " ".join(word.text for word in self.rest[first:]).rstrip(".,")
            if length := _duration(words, shown):
                keeps = self.before(first) in {*_LEADS_ON, "at", "by", "from", "under", "over"}
                if words.startswith("for ") or not keeps:
                    return _Phrase(first, len(self.rest), {"estimate": length})
        return None

    def moment(self, words: str, leads_on: bool) -> Mapping[str, Any]:
        """Return what a run of words says, with its keyword or without; {} for nothing."""
        first, _, others = words.partition(" ")
        if (name := _KEYWORDS.get(first)) and others:
            found = parse_moment(others, self.today)
            return _said(name, found) if found else {}
        if leads_on or words in _NEEDS_CUE:
            return {}
        if alone := parse_time_alone(words):
            return {"begins": alone.begins, "ends": alone.ends}
        found = parse_moment(words, self.today)
        if found is None or found.day is None or found.day < self.today:
            return {}
        return _said("scheduled", found)

    def take_head(self) -> None:
        for last in range(min(_LONGEST, len(self.rest) - 1), 0, -1):
            words = self.lower(0, last)
            if words and self.take(self.head(words, last)):
                return

    def head(self, words: str, last: int) -> _Phrase | None:
        marked = words.endswith((":", ","))
        said_of = words.rstrip(":,")
        if self.is_day(last):
            return None
        keyword = said_of.partition(" ")[0]
        if not marked:
            if self.rest[last].lower in _GOES_ON or keyword in _VERBS:
                return None
            if _MONTH_OR_WORD.fullmatch(said_of):
                return None
        if said_of in _NEEDS_CUE or parse_time_alone(said_of):
            return None
        said = _rule(said_of, said_of) if marked else {}
        return _Phrase(0, last, said or self.moment(said_of, False))

    def take_middle(self) -> None:
        """Take a date behind its keyword, where the sentence goes on after it."""
        first = 0
        while first < len(self.rest) - 2:
            word = self.rest[first]
            phrase = self.middle(first) if word.kind == "word" and word.lower in _KEYWORDS else None
            if not self.take(phrase):
                first += 1

    def middle(self, first: int) -> _Phrase | None:
        keyword = self.rest[first].lower
        for last in range(min(first + _LONGEST, len(self.rest) - 1), first + 1, -1):
            words = self.lower(first, last)
            if not words or not (said := self.moment(words.rstrip(",;"), False)):
                continue
            ends = words.endswith((",", ";")) or self.rest[last].lower in _BORDERS
            ends = ends and not self.is_day(last) and not self.is_day(last + 1)
            if keyword in _ANYWHERE or (ends and first):
                return _Phrase(first, last, said)
        return None

    def wording(self) -> Wording:
        said = dict(self.said)
        if rule := said.get("recurrence"):
            if not ({"scheduled", "due", "start"} & (said.keys() | self.given)):
                said["scheduled"] = _first_day(rule, self.today)
        elif said.get("begins") and "scheduled" not in (said.keys() | self.given):
            later = said["begins"] > self.now.time()
            said["scheduled"] = self.today if later else self.today + timedelta(days=1)
        return Wording(self.left(), **said)

    def left(self) -> str:
        """Return the text without the words taken; the spaces between others stay."""
        if not self.taken:
            return self.text.strip()
        left, position = "", -1
        for word in self.words:
            if word.start in self.taken:
                if self.ended and word is self.words[-1]:
                    break
                position = -1
                continue
            gap = self.text[position : word.start] if position >= 0 else " "
            left += (gap if left else "") + word.text
            position = word.end
        return _without_dangling(left, self.words, self.taken)


def _without_dangling(left: str, words: Sequence[Word], taken: set[int]) -> str:
    """Return the text without a comma or dash that led to words which are gone."""
    last = next((word for word in reversed(words) if word.start not in taken), None)
    if last is None or not any(word.start in taken for word in words[words.index(last) + 1 :]):
        return left
    return _DANGLING.sub("", left) or left


def _said(name: str, found: Moment) -> Mapping[str, Any]:
    if name == "scheduled":
        times = {"begins": found.begins, "ends": found.ends} if found.begins else {}
        return {name: found.day, **times}
    if found.begins is None:
        return {name: found.day}
    if name == "due" and found.ends is None:
        return {name: found.day, "due_time": found.begins}
    return {}


def _rule(words: str, shown: str) -> Mapping[str, Any]:
    """Return the rule and the time that the words give, {} where they are none or only in part."""
    for text in (shown, words):
        rule = parse_rule(text)
        if rule and not rule.leftover and not rule.hours:
            return {"recurrence": text}
    match = _RULE_TIME.fullmatch(words) or _RULE_HOUR.fullmatch(words)
    if match and (times := parse_times(match[2].strip())):
        inner = _rule(match[1], shown[: len(match[1])])
        return {**inner, "begins": times[0], "ends": times[1]} if inner else {}
    if re.fullmatch(r"every other \w+", words) and (better := suggest(words)):
        return {"recurrence": better}
    return {}


def _first_day(text: str, today: date) -> date:
    """Return the first day of a series: today, unless the rule names other days."""
    rule = parse_rule(text)
    if rule and (rule.weekdays or rule.month_days or rule.months or rule.weeks):
        return next_date(replace(rule, interval=1), today - timedelta(days=1)) or today
    return today


def _duration(words: str, shown: str) -> timedelta | None:
    if minutes := _SPOKEN.get(words):
        return timedelta(minutes=minutes)
    # Small letters only: 5M is a sum.
    match = _DURATION.fullmatch(words)
    if match is None or not shown.endswith(words[-1]):
        return None
    return parse_duration(match[1])
