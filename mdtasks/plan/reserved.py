"""Time of a day that is kept: lunch, and the blocks that a person named.

Rule: everything is laid out for whole days, whatever time it is, so that it stays where it is as
the day goes by. What a person or a meeting fixed goes first; then blocks at a written time,
lunch, and blocks that may lie anywhere in their window.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from mdtasks.dates import format_duration
from mdtasks.model import Block, Kind, Plan, Task
from mdtasks.plan.frame import Frame
from mdtasks.plan.marks import purposes
from mdtasks.plan.place import NOTHING
from mdtasks.plan.reasons import day_name
from mdtasks.plan.slots import (
    ONE_DAY,
    Slot,
    common,
    on_grid,
    slot,
    span_slots,
    without,
    working_slots,
)
from mdtasks.settings import DAYPARTS, Hours, Lunch, Reserve, Shape

LUNCH = "lunch"
SHORTEST = timedelta(minutes=5)


class Pause(NamedTuple):
    """Where lunch is. `room` is what its window has left where that is too short, else None."""

    slot: Slot
    room: timedelta | None


class Layout(NamedTuple):
    """The time that may be planned, earliest first, and what is kept of the days.

    `reserved` is what is left of the named blocks, `written` are those at a written time as they
    would be; `cramped` are the windows in which there is no room for lunch.
    """

    room: list[Slot]
    working: list[Slot]
    pauses: Sequence[Pause] = ()
    written: Sequence[Slot] = ()
    reserved: Sequence[Slot] = ()
    cramped: Sequence[Slot] = ()
    notices: Sequence[str] = ()


class Taken(NamedTuple):
    """Busy times, and the pieces whose time the person wrote."""

    busy: Sequence[Slot]
    written: Sequence[Slot]

    def around(self, margin: timedelta) -> list[Slot]:
        return [*self.busy, *(piece.widened(margin) for piece in self.written)]


def lay_out(hours: Hours, shape: Shape, taken: Taken, last: Plan, frame: Frame) -> Layout:
    """Return the working time without what is taken, cut into what is for all and for some."""
    working = working_slots(hours, frame.days, frame.zone)
    cuts = taken.around(frame.settings.buffer)
    if not (shape.blocks or shape.lunch):
        return Layout(without(working, cuts), working)
    written = _written(hours, working, shape, frame)
    lunches = _lunches(shape.lunch, working, taken, written, last, frame)
    held = [*cuts, *(pause.slot for pause in lunches.pauses)]
    reserved, missed = without(written, held), list(lunches.notices)
    for reserve in (each for each in shape.blocks if each.length is not None):
        found, notices = _flexible(reserve, hours, working, [*held, *written, *reserved], frame)
        reserved += found
        missed += notices
    everyone = without(working, [*held, *written, *reserved])
    reserved.sort(key=lambda each: each.start)
    room = sorted([*everyone, *reserved], key=lambda each: each.start)
    return Layout(room, working, lunches.pauses, written, reserved, lunches.cramped, missed)


# Named blocks


def _days_of(reserve: Reserve, hours: Hours, days: Iterable[date]) -> Iterator[date]:
    """Yield the days of a block. On a date that [hours] makes free, there is none."""
    for day in days:
        if not hours.on(day) and (reserve.days is None or day in hours.exceptions):
            continue
        if reserve.days is None or day.weekday() in reserve.days:
            yield day


def _written(hours: Hours, working: Sequence[Slot], shape: Shape, frame: Frame) -> list[Slot]:
    """Return the blocks at a written time; where two overlap, the first in the file has it."""
    found: list[Slot] = []
    days = (frame.today - ONE_DAY, *frame.days)  # what began last evening may go on
    for reserve in shape.blocks:
        if reserve.length is None:
            for day in _days_of(reserve, hours, days):
                window = _window(reserve, day, working, frame)
                found += without(window, found)
    return found


def _window(reserve: Reserve, day: date, working: Sequence[Slot], frame: Frame) -> list[Slot]:
    """Return the window of a day: of a part of the day, only what is working time, if any is."""
    window = span_slots([(day, reserve.window)], frame.days, frame.zone, reserve.name)
    if reserve.length is None and reserve.window not in DAYPARTS.values():
        return window
    return list(common(window, working)) or window


def _flexible(
    reserve: Reserve, hours: Hours, working: Sequence[Slot], held: Sequence[Slot], frame: Frame
) -> tuple[list[Slot], list[str]]:
    """Return the earliest place in the window of each day, and a line for each day without."""
    found: list[Slot] = []
    missed: list[str] = []
    length = reserve.length or NOTHING
    for day in _days_of(reserve, hours, frame.days):
        window = _window(reserve, day, working, frame)
        starts = _starts(without(window, held), length, frame)
        start = next(starts, None)
        if start is not None:
            found.append(Slot(start, start + length, day, reserve.name))
        elif window and window[-1].end > frame.now:
            when = day_name(day, frame.today)
            missed.append(f"“{reserve.name}” has no free {format_duration(length)} {when}")
    return found, missed


def _starts(gaps: Iterable[Slot], length: timedelta, frame: Frame) -> Iterator[datetime]:
    """Yield each moment on the grid from which so much is free."""
    for gap in gaps:
        start = on_grid(gap.start, frame.settings.step, frame.zone)
        while start + length <= gap.end:
            yield start
            start += frame.settings.step


# Lunch


class Lunches(NamedTuple):
    pauses: list[Pause]
    cramped: list[Slot]
    notices: list[str]


def _lunches(
    lunch: Lunch | None,
    working: Sequence[Slot],
    taken: Taken,
    written: Sequence[Slot],
    last: Plan,
    frame: Frame,
) -> Lunches:
    """Return the lunch of each day whose working time the window touches, and what is amiss."""
    made = Lunches([], [], [])
    if lunch is None:
        return made
    ahead = _ahead(last, frame)
    for day in frame.days:
        window = span_slots([(day, lunch.window)], frame.days, frame.zone)
        if not any(common(window, working)):
            continue
        free = without(window, [*taken.busy, *taken.written])
        pause = _pause(lunch, window, free, working, written, frame)
        if day in ahead and pause and pause.slot.start < frame.now:
            # It was still to come, and what came in its way shall not make it a thing of the past.
            rest = without(free, [Slot(window[0].start, frame.now, day)])
            pause = _pause(lunch, window, rest, working, written, frame) or pause
        if pause:
            made.pauses.append(pause)
        if pause is None or pause.room is not None:
            made.cramped.extend(window)
            if window[-1].end > frame.now:
                made.notices.append(_short(lunch, pause, day, frame))
    return made


def _ahead(last: Plan, frame: Frame) -> set[date]:
    """Return the days whose lunch was still to come in the last plan."""
    return {
        block.start.astimezone(frame.zone).date()
        for block in last.blocks
        if block.kind is Kind.BREAK and block.title == LUNCH and block.start >= frame.now
    }


def _pause(
    lunch: Lunch,
    window: Sequence[Slot],
    free: Sequence[Slot],
    working: Sequence[Slot],
    written: Sequence[Slot],
    frame: Frame,
) -> Pause | None:
    """Return the place nearest to the window's middle, if it can be where nobody works, else
    beside written blocks; where there is no room at all, the longest free stretch, if any.
    """
    middle = window[0].start + (window[-1].end - window[0].start - lunch.length) / 2
    for gaps in (without(free, [*working, *written]), without(free, written), free):
        starts = list(_starts(gaps, lunch.length, frame))
        if starts:
            start = min(starts, key=lambda moment: (abs(moment - middle), moment))
            return Pause(Slot(start, start + lunch.length, window[0].day), None)
    longest = max(free, key=lambda gap: gap.length, default=None)
    if longest is None or longest.length < SHORTEST:
        return None
    length = min(longest.length, lunch.length)
    return Pause(Slot(longest.start, longest.start + length, longest.day), longest.length)


def _short(lunch: Lunch, pause: Pause | None, day: date, frame: Frame) -> str:
    when = day_name(day, frame.today)
    window = f"between {lunch.window.begins:%H:%M} and {lunch.window.ends:%H:%M}"
    if pause is None:
        return f"no lunch {when}: nothing is free {window}"
    return f"lunch is short {when}: {_room(lunch, pause)}"


def _room(lunch: Lunch, pause: Pause) -> str:
    window = f"between {lunch.window.begins:%H:%M} and {lunch.window.ends:%H:%M}"
    return f"only {format_duration(pause.room or NOTHING)} is free {window}"


# As blocks


def kept_blocks(
    layout: Layout, shape: Shape, placed: Sequence[Block], frame: Frame
) -> Iterator[Block]:
    """Yield the lunches, and the named blocks into which nothing fell, that are not over."""
    for pause in layout.pauses:
        lunch = shape.lunch
        reason = _room(lunch, pause) if lunch and pause.room is not None else ""
        yield from _shown(pause.slot, LUNCH, reason, frame)
    pieces = [slot(block.start, block.end, frame.zone) for block in placed]
    named = {reserve.name: reserve for reserve in shape.blocks}
    for reserved in layout.reserved:
        reserve = named[reserved.only]
        # What a meeting leaves of a block may be too little to speak of.
        if reserve.length is None and reserved.length < frame.settings.min_block:
            continue
        if not any(reserved.overlaps(piece) for piece in pieces):
            only = reserve.only
            reason = f"kept for {' '.join(only)}" if only else "kept free"
            yield from _shown(reserved, reserved.only, reason, frame)


def _shown(place: Slot, title: str, reason: str, frame: Frame) -> Iterator[Block]:
    if place.end > frame.now:
        start, end = place.start.astimezone(frame.zone), place.end.astimezone(frame.zone)
        yield Block(start, end, title, Kind.BREAK, reason=reason)


def in_the_way(task: Task, piece: Slot, layout: Layout, shape: Shape) -> list[str]:
    """Return what a written time lies across, in words."""
    own = purposes((task,), shape)
    names = [r.only for r in layout.written if r.only not in own and r.overlaps(piece)]
    phrases = [f"overlaps “{name}”" for name in dict.fromkeys(names)]
    if any(window.overlaps(piece) for window in layout.cramped):
        phrases.append("overlaps lunch")
    if without([piece], [*layout.working, *layout.written]):
        phrases.append("outside your hours")
    return phrases
