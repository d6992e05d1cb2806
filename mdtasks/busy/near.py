"""Which events of a calendar can touch a few weeks, by their text alone.

Rule: in doubt an event can; nothing is left out here that could be there.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from mdtasks.busy.text import Event, as_datetime, components, day_of, event, length, moment

# What lasts longer is a mistake, and is told.
LONGEST = timedelta(days=366)
# More than these around a few weeks are no person's calendar.
_MOST_EVENTS = 5_000

_DAY = timedelta(days=1)
_OURS = "@mdtasks"
_BEGIN = re.compile(r"^DTSTART[^\n]*:([0-9]{8})", re.MULTILINE)
_END = re.compile(r"^DTEND[^\n]*:([0-9]{8})", re.MULTILINE)


class Near(NamedTuple):
    """Events of one UID together. `ours` whether some were left out that mdtasks published,
    `too_many` whether there are more than were looked at."""

    series: tuple[tuple[Event, ...], ...]
    ours: bool = False
    too_many: bool = False


def near_to(text: str, low: date, high: date) -> Near:
    """Return the events that can take time from `low` to `high`, both included."""
    by_uid: dict[str, list[Event]] = {}
    ours, kept = False, 0
    last = f"{high:%Y%m%d}"
    for number, inside in enumerate(components(text, "VEVENT")):
        if _is_far(inside, low, last):
            continue
        one = event(inside)
        uid = one.value("UID")
        if uid.endswith(_OURS):
            ours = True
        elif _can_touch(one, low, high):
            kept += 1
            if kept > _MOST_EVENTS:
                break
            by_uid.setdefault(uid or f"#{number}", []).append(one)
    series = (tuple(one) for one in by_uid.values())
    taking = tuple(one for one in series if not all(map(is_free, one)))
    return Near(taking, ours, kept > _MOST_EVENTS)


def is_free(one: Event) -> bool:
    return (
        one.value("STATUS").upper() == "CANCELLED"
        or one.value("TRANSP").upper() == "TRANSPARENT"
        or one.value("X-MICROSOFT-CDO-BUSYSTATUS").upper() == "FREE"
    )


def end_of(one: Event, begin: date) -> date:
    """Return the wall time of the end, a day's midnight; without one, that of the begin."""
    if end := moment(one.value("DTEND")):
        return end
    lasts = length(one.value("DURATION"))
    if lasts is None:
        lasts = timedelta(0) if isinstance(begin, datetime) else _DAY
    start = as_datetime(begin)
    return start + max(min(lasts, datetime.max - start), datetime.min - start)


def _is_far(inside: str, low: date, last: str) -> bool:
    """Whether this is plainly one event that lies elsewhere. Most are, so no more is looked at
    than must be."""
    if any(word in inside for word in ("RRULE", "RDATE", "RECURRENCE-ID")):
        return False
    begin, end = _BEGIN.search(inside), _END.search(inside)
    if not begin:
        return False
    since = low - LONGEST if end is None and "DURATION" in inside else low
    return begin[1] > last or (end or begin)[1] < f"{since:%Y%m%d}"


def _can_touch(one: Event, low: date, high: date) -> bool:
    """Whether the event, an occurrence of it, or the one it replaces, can lie in the days."""
    begin = moment(one.value("DTSTART"))
    if begin is None:
        return True  # it is told why it is left out
    if any(line.name in ("RRULE", "RDATE") for line in one.lines):
        until = [_until_day(line.value) for line in one.all("RRULE")]
        long_over = until and max(until) < low - LONGEST and not one.line("RDATE")
        return day_of(begin) <= high and not long_over
    if day_of(begin) <= high and low <= day_of(end_of(one, begin)):
        return True
    replaced = one.line("RECURRENCE-ID")
    if replaced and (at := moment(replaced.value)):
        if "RANGE" in replaced.parameters.upper():
            return day_of(at) <= high
        # Also what was moved elsewhere: the series must not stand where it was.
        return low - LONGEST <= day_of(at) <= high
    return False


def _until_day(rule: str) -> date:
    match = re.search(r"UNTIL=([0-9]{8})", rule.upper())
    until = moment(match[1]) if match else None
    return day_of(until) if until else date.max
