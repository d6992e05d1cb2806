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
_ESTIMATE = re.compile(
    r"(?:^|[ \t]+)\(([0-9][0-9., ]*(?:h|m)[a-z0-9 ]*)\)((?:[ \t]+#\S+)*)[ \t]*$", re.IGNORECASE
)
_MOMENT = re.compile(r"([0-9-]{10})(?:(?:T| +)([0-9:]+)(?: *[-–—] *([0-9:]+))?)?$", re.IGNORECASE)


def leading_times(text: str) -> tuple[str, time | None, time | None]:
    """Return the text without the times at its start, and these: `09:00 - 10:30 Write`, `9am Call`.

    A begin without an end is a start of open length.
    """
    match = _TIMES.match(text)
    if not match:
        return text, None, None
    tags, hour, mark, minute, half, hour2, mark2, minute2, half2 = match.groups()
    begins = _time(hour, minute, half or _first_half(hour, hour2, half2))
    ends = _time(hour2, minute2, half2) if hour2 else None
    if begins is None or (hour2 and ends is None):
        return text, None, None
    # One number alone is a time only with a colon or am/pm; two need a mark on either side.
    if not (half or half2 or mark == ":" or (hour2 and (mark or mark2))):
        return text, None, None
    return tags + text[match.end() :], begins, ends


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
    match = _ESTIMATE.search(text)
    estimate = parse_duration(match[1]) if match else None
    if not match or estimate is None or not text[: match.start()].strip():
        return text, None
    return text[: match.start()] + match[2], estimate


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
