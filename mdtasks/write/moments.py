"""What people write for a day with a time: "fri 14:00", "tomorrow at 9am", "dec 1 2-3pm".

Rule: no clock; `today` is an argument. What is not certain is None: `at 5` may be either half of
the day, `sun` may be the one that shines.
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import NamedTuple

from mdtasks.dates import parse_day

_CLOCK = r"(?:[0-9]{1,2}[:.][0-9]{2}(?: ?[ap]\.?m\.?)?|[0-9]{1,2} ?[ap]\.?m\.?|noon)"
_RANGE = rf"(?:[0-9]{{1,2}}|{_CLOCK}) ?[-–—] ?{_CLOCK}"
_TIME = rf"(?:{_RANGE}|{_CLOCK})"
# An hour alone: only behind `at`, and only where there is no doubt of the half of the day.
_HOUR = r"(?:[7-9]|1[0-9]|2[0-3])"
_BEHIND = re.compile(rf"(?P<day>.+?)(?: at| @|,)? (?P<time>{_TIME})|(?P<d>.+?),? at (?P<t>{_HOUR})")
# Without `at` it could be a verse: "read john 3:16 tomorrow".
_SURE = rf"(?:{_RANGE}|[0-9]{{1,2}}(?:[:.][0-9]{{2}})? ?[ap]m)"
_BEFORE = re.compile(rf"(?:at (?P<time>{_TIME})|(?P<t>{_SURE})),? (?:on )?(?P<day>.+)")
_ISO_T = re.compile(r"(?P<day>[0-9-]{10})[tT](?P<time>[0-9]{2}:[0-9]{2})")
_ALONE = re.compile(rf"at (?P<time>{_TIME})|(?P<t>{_SURE})")
_SPLIT = re.compile(r" ?[-–—] ?")
_PARTS = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?(?: ?([ap])\.?m\.?)?")

# These lie behind us, or begin there.
_PAST = re.compile(r"-.*|yesterday|last .*|.* ago|this (?:week|month|quarter|year)")


class Moment(NamedTuple):
    """A day, or None where only a time is said, and the times of a block."""

    day: date | None
    begins: time | None = None
    ends: time | None = None


def parse_moment(text: str, today: date) -> Moment | None:
    """Return the day that the words mean and the time with it, if they say one."""
    words = " ".join(text.lower().split())
    if day := _day(words, today):
        return Moment(day)
    for pattern in (_BEHIND, _BEFORE, _ISO_T):
        if match := pattern.fullmatch(words):
            said = {name: each for name, each in match.groupdict().items() if each}
            day = _day(said.get("day") or said.get("d", ""), today)
            times = parse_times(said.get("time") or said.get("t", ""))
            if day and times:
                return Moment(day, *times)
    return None


def parse_time_alone(text: str) -> Moment | None:
    """Return a time without a day: "at 15:00", "3pm", "2-3pm"; "15:00" alone may be a score."""
    match = _ALONE.fullmatch(" ".join(text.lower().split()))
    times = match and parse_times(match["time"] or match["t"])
    return Moment(None, *times) if times else None


def parse_times(text: str) -> tuple[time, time | None] | None:
    """Return begin and end of "9am", "14:00-15:30", "9-10am", "11"; an end may be None."""
    first, *others = _SPLIT.split(text)
    ends = _clock(others[0], "") if others else None
    if others and ends is None:
        return None
    begins = _clock(first, _half(others[0]) if others else "")
    if begins and ends and begins >= ends and others and _half(others[0]):
        begins = _clock(first, "a")  # 11-1pm
    if begins is None or begins == ends:
        return None
    return begins, ends


def _clock(text: str, half: str) -> time | None:
    """Return the time; `half` is a or p where the text does not say it, "" for 24 hours."""
    if text == "noon":
        return time(12)
    match = _PARTS.fullmatch(text)
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3] or half
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _half(text: str) -> str:
    match = _PARTS.fullmatch(text)
    return (match[3] or "") if match else ""


def _day(words: str, today: date) -> date | None:
    return None if _PAST.fullmatch(words) else parse_day(words, today)


def day_in_words(day: date, today: date) -> str:
    """Return a day as people say it: Fri 27 Nov, with the year where that is another one."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day:%a} {day.day} {day:%b}{year}"
