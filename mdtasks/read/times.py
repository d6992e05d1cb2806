"""Times and estimates written in the text, as Day Planner has them.

Rule: a time counts only at the start of the text (leading tags aside), an estimate in brackets
only at its end (closing tags aside): `v1.20 release` and `3.14 pi` are words.
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta

from mdtasks.dates import parse_duration, parse_iso

_CLOCK = r"([01]?[0-9]|2[0-4])(?:([:.])([0-5][0-9]))?(?: ?([ap])\.?m\b\.?)?"
_TIMES = re.compile(
    rf"((?:#\S+[ \t]+)*){_CLOCK}(?:[ \t]*[-–—][ \t]*{_CLOCK})?(?![ \t]*[-–—][ \t]*[0-9])"
    r"[ \t]+(?:[-–—][ \t]+)?(?=\S)",  # `9am - Call` is a start and no end
    re.IGNORECASE,
)
# What a text begins with that begins with a time; most do not.
OPENERS = frozenset("#0123456789")
_CLOSING_TAGS = re.compile(r"(?:[ \t]+#\S+)*")
_ESTIMATE = re.compile(r"[0-9][0-9., ]*[hm][a-z0-9 ]*", re.IGNORECASE)
_MOMENT = re.compile(r"([0-9-]{10})(?:(?:T| +)([0-9:]+)(?: *[-–—] *([0-9:]+))?)?$", re.IGNORECASE)

_SPOKEN = rf"at {_CLOCK}(?:[ \t]*[-–—][ \t]*{_CLOCK})?"
_SPOKEN_FIRST = re.compile(rf"(){_SPOKEN}[ \t]+(?=\S)", re.IGNORECASE)
_SPOKEN_LAST = re.compile(rf"(){_SPOKEN}\Z", re.IGNORECASE)


def leading_times(text: str) -> tuple[str, time | None, time | None]:
    """Return the text without the times at its start, and these: `09:00 - 10:30 Write`, `9am Call`.

    A begin without an end is a start of open length.
    """
    match = _TIMES.match(text)
    if not match:
        return text, None, None
    tags, begins, ends = _read(match)
    return (text, None, None) if begins is None else (tags + text[match.end() :], begins, ends)


def spoken_times(text: str) -> tuple[str, time | None, time | None]:
    """Return the text without `at 3pm` or `at 15:00-16:30` at its start or end, and these times:
    NotePlan's time blocks."""
    if first := _SPOKEN_FIRST.match(text):
        _, begins, ends = _read(first)
        if begins:
            return text[first.end() :], begins, ends
    at = max(text.rfind(" at "), text.rfind(" At "), text.rfind(" AT "))
    last = _SPOKEN_LAST.match(text, at + 1) if at > 0 else None
    if last:
        _, begins, ends = _read(last)
        if begins:
            return text[:at].rstrip(" \t"), begins, ends
    return text, None, None


def _read(match: re.Match[str]) -> tuple[str, time | None, time | None]:
    """Return what stands before the times, and these; no times where a clock has no such."""
    tags, hour, mark, minute, half, hour2, mark2, minute2, half2 = match.groups()
    begins = _time(hour, minute, half or _first_half(hour, hour2, half2))
    ends = _time(hour2, minute2, half2) if hour2 else None
    if begins is None or (hour2 and ends is None):
        return tags, None, None
    # One number alone is a time only with a colon or am/pm; two need a mark on either side.
    if not (half or half2 or mark == ":" or (hour2 and (mark or mark2))):
        return tags, None, None
    return tags, begins, ends


def _first_half(hour: str, hour2: str | None, half2: str | None) -> str | None:
    """Return am or pm for the first of `9-11am`, `11-1pm`: the second's, unless that runs back."""
    if not half2 or not hour2:
        return half2 if hour2 else None
    if int(hour) % 12 <= int(hour2) % 12:
        return half2
    return "a" if half2 in "pP" else "p"


def _time(hour: str, minute: str | None, half: str | None) -> time | None:
    """Return the time; 24:00 is midnight. None where a clock has no such time."""
    hours, minutes = int(hour), int(minute or 0)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half in "pP" else 0)
    if hours == 24:
        return time(0) if minutes == 0 else None
    return time(hours, minutes)


def closing_estimate(text: str) -> tuple[str, timedelta | None]:
    """Return the text without `(30 min)` or `(1h)` at its end, and what it said."""
    # By its brackets, not by a pattern for the whole: searched for from the left, every run of
    # spaces would be tried from each of its spaces.
    close = text.rfind(")")
    if close < 0 or not _CLOSING_TAGS.fullmatch(tags := text[close + 1 :].rstrip(" \t")):
        return text, None
    start = text.rfind("(", 0, close)
    before = text[: max(start, 0)]
    estimate = None
    if before.endswith((" ", "\t")) and _ESTIMATE.fullmatch(text, start + 1, close):
        estimate = parse_duration(text[start + 1 : close])
    if estimate is None or not before.strip():
        return text, None
    return before.rstrip(" \t") + tags, estimate


def parse_clock(text: str) -> time | None:
    """Return the time of `9:05` or `09:05`, None where a clock has no such time."""
    hour, _, minute = text.partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and len(hour) <= 2 and len(minute) == 2):
        return None
    return _time(hour, minute, None) if int(hour) <= 24 and int(minute) < 60 else None


def parse_date_and_times(value: str) -> tuple[date | None, time | None, time | None]:
    """Return date, begin and end of a field's value: `2026-11-23`, `2026-11-23 09:00-10:30`."""
    match = _MOMENT.match(value)
    if not match:
        return None, None, None
    begins = parse_clock(match[2]) if match[2] else None
    ends = parse_clock(match[3]) if match[3] else None
    return parse_iso(match[1]), begins, ends if begins else None
