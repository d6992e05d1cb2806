"""The moments of a time log: as they are written, as they count, and what of them does not.

Rule: what a note says stays as it says it until the zone is known; then wall times follow the
rule of all wall times: one that comes twice is the first, one that never comes moves forward.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from mdtasks.dates import localize
from mdtasks.model import Interval
from mdtasks.read.times import leading_times

# A longer one is a clock that nobody stopped.
LONGEST = timedelta(hours=12)

# Within these years every moment can be told in every zone.
_YEARS = range(1900, 9999)

_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ] *([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?"
    r" ?(Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)
# Org's time stamps name the weekday, in any language: `2026-11-22 Sun 13:00`.
_WEEKDAY = re.compile(r"(?<=[0-9]) +[^\W\d]+\.?(?= )")


def moment(written: str) -> datetime | None:
    """Return a day and a time: naive, or aware where an offset stands behind them."""
    match = _MOMENT.fullmatch(_WEEKDAY.sub("", written[:64], count=1).strip(" \t"))
    if match is None:
        return None
    day, hour, minute, second, offset = match.groups()
    try:
        found = datetime.fromisoformat(
            f"{day}T{hour:0>2}:{minute}:{second or '00'}{(offset or '').upper()}"
        )
    except ValueError:
        return None
    return found if found.year in _YEARS else None


def moments(day: date, times: str) -> tuple[datetime, datetime | None] | None:
    """Return the moments of `09:02 - 09:47` or `13:05 -` on a day; None where they are no times.

    An end before its start is on the next day.
    """
    _, begins, ends = leading_times(f"{times.rstrip(' -–—')} x")
    if begins is None or day.year not in _YEARS:
        return None
    start = datetime.combine(day, begins)
    return start, None if ends is None else _next(start, ends)


def _next(start: datetime, ends: time) -> datetime:
    end = datetime.combine(start, ends)
    return end if end >= start else end + timedelta(days=1)


def localized(interval: Interval, zone: tzinfo) -> Interval:
    """Return the interval with aware moments, in the zone.

    Where clocks go back, `02:40 - 02:20` is forty minutes and no day.
    """
    start, end = _aware(interval.start, zone), interval.end
    if end is None:
        return interval._replace(start=start)
    if end.tzinfo is None and interval.start.tzinfo is None:
        again = datetime.combine(interval.start, end.time(), zone).replace(fold=1)
        if end.time() < interval.start.time() and _is_again(again) and _utc(again) > _utc(start):
            return interval._replace(start=start, end=again)
    return interval._replace(start=start, end=_aware(end, zone))


def _is_again(wall: datetime) -> bool:
    """Whether a wall time comes a second time, and this is it."""
    # PEP 495: only where clocks go back has fold=1 the smaller offset.
    before, after = wall.replace(fold=0).utcoffset(), wall.utcoffset()
    return before is not None and after is not None and after < before


def _aware(written: datetime, zone: tzinfo) -> datetime:
    if written.tzinfo is None:
        return localize(written, written.time(), zone)
    return written.astimezone(zone)


def length(interval: Interval) -> timedelta | None:
    """Return how long an interval with aware moments is, below zero where it ends before it
    begins; None while it runs on."""
    end = interval.end
    return _utc(end) - _utc(interval.start) if end else None


def counted(interval: Interval) -> timedelta:
    """Return the time that an interval with aware moments counts for: none where it runs on, ends
    before it begins, or is longer than anybody works."""
    found = length(interval)
    return found if found and timedelta(0) < found <= LONGEST else timedelta(0)


def total(intervals: Iterable[Interval]) -> timedelta:
    """Return the time for which intervals with aware moments count."""
    return sum(map(counted, intervals), timedelta(0))


def _utc(moment: datetime) -> datetime:
    # Within a zone, Python's arithmetic goes by the wall clock.
    return moment.astimezone(UTC)
