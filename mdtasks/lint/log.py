"""What is wrong with the time log as a whole: intervals that cannot be, and so do not count.

Rule: intervals with aware moments in; what could not be read at all was said by the reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from mdtasks.dates import format_duration
from mdtasks.model import Interval, Problem
from mdtasks.read.log_times import LONGEST, length


def log_problems(intervals: Iterable[Interval], now: datetime) -> Iterator[Problem]:
    """Yield what is odd about intervals, and what is to be done about it."""
    for interval in intervals:
        found = _fault(interval, now)
        if found:
            yield Problem(interval.source.path, interval.source.line, *found)


def _fault(interval: Interval, now: datetime) -> tuple[str, str] | None:
    lasts = length(interval)
    longest = format_duration(LONGEST)
    if lasts is None:
        since = interval.start
        if now - since <= LONGEST:
            return None
        message = f"this clock has been running since {since:%Y-%m-%d %H:%M}"
        return message, "write when it ended; until then it does not count"
    if lasts < timedelta(0):
        return "this interval ends before it begins", "mend its times; until then it does not count"
    if lasts > LONGEST:
        message = f"this interval lasts {format_duration(lasts)}; over {longest} it does not count"
        return message, "was the clock forgotten? write when it ended"
    return None
