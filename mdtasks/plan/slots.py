"""Free time: working hours without what is taken.

Rule: no clock, no tasks. Moments are computed in UTC, because within a zone Python's arithmetic
is wall-clock: 01:30 + 1 h may be a 02:30 that does not exist. The zone only reads the hours,
names the days and lays the grid.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from mdtasks.dates import localize
from mdtasks.settings import Hours, Span

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """Half-open [start, end) in UTC; `day` is the local date of its start.

    `only` names what the time is reserved for; "" is for everything.
    """

    start: datetime
    end: datetime
    day: date
    only: str = ""

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, other: Slot) -> bool:
        return self.start < other.end and other.start < self.end

    def widened(self, margin: timedelta) -> Slot:
        return Slot(self.start - margin, self.end + margin, self.day)


def slot(start: datetime, end: datetime, zone: ZoneInfo) -> Slot:
    """Return the slot between two aware moments."""
    return Slot(start.astimezone(UTC), end.astimezone(UTC), start.astimezone(zone).date())


def moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return the wall time of that day, in UTC."""
    return localize(day, clock, zone).astimezone(UTC)


@lru_cache(maxsize=64)
def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return where the day begins, in UTC."""
    return moment(day, time(0), zone)


def working_slots(hours: Hours, days: Sequence[date], zone: ZoneInfo) -> list[Slot]:
    """Return the working hours of consecutive days, earliest first, overlaps merged.

    A span whose end is not after its begin runs into the next day; the night before the first
    day counts. Cut at midnight, because loads, due dates and lists go by the day.
    """
    spans = ((day, span) for day in (days[0] - ONE_DAY, *days) for span in hours.on(day))
    return span_slots(spans, days, zone)


def span_slots(
    spans: Iterable[tuple[date, Span]], days: Sequence[date], zone: ZoneInfo, only: str = ""
) -> list[Slot]:
    """Return the spans of so many days as slots, by the same rules."""
    parts = sorted(
        part for day, span in spans for part in _by_day(day, span, zone) if part[0] in days
    )
    merged: list[Slot] = []
    for day, start, end in parts:
        if merged and merged[-1].day == day and start <= merged[-1].end:
            merged[-1] = replace(merged[-1], end=max(end, merged[-1].end))
        else:
            merged.append(Slot(start, end, day, only))
    return merged


def _by_day(day: date, span: Span, zone: ZoneInfo) -> Iterator[tuple[date, datetime, datetime]]:
    """Yield the parts of a span that are not empty; one may be, where clocks jump."""
    overnight = span.ends <= span.begins
    start = moment(day, span.begins, zone)
    end = moment(day + ONE_DAY if overnight else day, span.ends, zone)
    night = midnight(day + ONE_DAY, zone)
    if start < min(end, night):
        yield day, start, min(end, night)
    if night < end:
        yield day + ONE_DAY, night, end


def common(slots: Iterable[Slot], others: Iterable[Slot]) -> Iterator[Slot]:
    """Yield the parts of `slots`, in their order, that lie in one of `others`."""
    others = tuple(others)
    for whole in slots:
        for other in others:
            start, end = max(whole.start, other.start), min(whole.end, other.end)
            if start < end:
                yield replace(whole, start=start, end=end)


def without(slots: Iterable[Slot], taken: Iterable[Slot]) -> list[Slot]:
    """Return what is left of `slots`, in their order. `taken` may overlap, in any order."""
    begins: list[datetime] = []
    ends: list[datetime] = []
    for start, end in sorted((cut.start, cut.end) for cut in taken):
        if ends and start <= ends[-1]:
            ends[-1] = max(end, ends[-1])
        else:
            begins.append(start)
            ends.append(end)
    free: list[Slot] = []
    for whole in slots:
        start, at = whole.start, bisect_right(ends, whole.start)
        while at < len(ends) and begins[at] < whole.end:
            if start < begins[at]:
                free.append(replace(whole, start=start, end=begins[at]))
            start = max(start, ends[at])
            at += 1
        if start < whole.end:
            free.append(whole if start == whole.start else replace(whole, start=start))
    return free


def since(slots: Iterable[Slot], now: datetime) -> list[Slot]:
    """Return what of `slots` lies at `now` or after."""
    return [replace(s, start=max(s.start, now)) for s in slots if s.end > now]


def on_grid(when: datetime, step: timedelta, zone: ZoneInfo) -> datetime:
    """Return the first moment from `when` on whose wall time is a multiple of `step`."""
    wall = when.astimezone(zone)
    past = timedelta(
        hours=wall.hour, minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond
    )
    return when + (-past % step)


def whole_steps(length: timedelta, step: timedelta) -> timedelta:
    """Return `length` rounded up to a multiple of `step`."""
    return length + (-length % step)
