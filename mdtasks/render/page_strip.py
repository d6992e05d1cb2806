"""The day as a strip: where each block and each hour lies on it, in percent of its width.

Rule: numbers only. In UTC, so that a night with 23 or 25 hours is as long as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from mdtasks.model import Block, Kind
from mdtasks.render.terminal import Show

_HOUR = timedelta(hours=1)
_LEAST = timedelta(hours=6)
# The hour that it is belongs on the strip, unless it is far from the day's work.
_NEAR = timedelta(hours=2)
_MOST_LABELS = 7


class Bar(NamedTuple):
    x: str
    width: str
    kind: str
    late: bool


class Mark(NamedTuple):
    x: str
    words: str


class Strip(NamedTuple):
    """`start` and `end` are in milliseconds since the epoch; `now` is "" where it is not on it."""

    start: int
    end: int
    begins: str
    ends: str
    bars: tuple[Bar, ...]
    hours: tuple[Mark, ...]
    now: str


def strip(blocks: Sequence[Block], show: Show, now: datetime | None) -> Strip | None:
    """Return the strip of a day's blocks; None without any."""
    timed = [block for block in blocks if show.times(block) != "all day"]
    if not timed:
        return None
    start, end = _range(timed, now)
    span = end - start

    def at(moment: datetime) -> str:
        return f"{min(max((_utc(moment) - start) / span, 0), 1) * 100:.3f}%"

    def bar(block: Block) -> Bar:
        first, last = (min(max(_utc(m), start), end) for m in (block.start, block.end))
        return Bar(at(first), f"{(last - first) / span * 100:.3f}%", block.kind.value, block.late)

    zone = timed[0].start.tzinfo
    ordered = sorted(timed, key=lambda block: block.kind is not Kind.BUSY)  # the rest lies on them
    hours = tuple(Mark(at(hour), _hour(hour.astimezone(zone), show)) for hour in _hours(start, end))
    inside = now is not None and start <= _utc(now) <= end
    return Strip(
        start=round(start.timestamp() * 1000),
        end=round(end.timestamp() * 1000),
        begins=show.clock(start.astimezone(zone)),
        ends=show.clock(end.astimezone(zone)),
        bars=tuple(map(bar, ordered)),
        hours=hours,
        now=at(now) if now is not None and inside else "",
    )


def _range(blocks: Sequence[Block], now: datetime | None) -> tuple[datetime, datetime]:
    """Return whole hours around the blocks, and around `now` where that is near."""
    start = min(_utc(block.start) for block in blocks)
    end = max(_utc(block.end) for block in blocks)
    if now is not None and start - _NEAR <= _utc(now) <= end + _NEAR:
        start, end = min(start, _utc(now)), max(end, _utc(now))
    # Whole hours of the zone, which may lie half an hour beside those of UTC.
    zone = blocks[0].start.tzinfo
    local = start.astimezone(zone)
    start -= timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    end = start + max(-(-(end - start) // _HOUR) * _HOUR, _LEAST)
    return start, end


def _hours(start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the hours that get a label: every one, or every second, third … between the ends."""
    count = (end - start) // _HOUR
    step = next(n for n in (1, 2, 3, 4, 6, 24) if count // n <= _MOST_LABELS)
    return (start + n * _HOUR for n in range(0, count + 1, step))


def _hour(hour: datetime, show: Show) -> str:
    if show.hours == 24:
        return f"{hour:%H}" if not hour.minute else f"{hour:%H:%M}"
    return show.clock(hour).replace(":00", "")


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
