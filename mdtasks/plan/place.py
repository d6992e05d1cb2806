"""Put jobs into free time, piece by piece.

Rule: nothing is moved once it stands; the order of the jobs decides. A placement is a plain
value: it can be weighed (`cost`) and varied (`build` with another order).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import ceil

from mdtasks.plan.frame import Frame, Job, Pieces, Placement
from mdtasks.plan.slots import ONE_DAY, Slot, on_grid, whole_steps, without
from mdtasks.settings import PlanSettings

NOTHING = timedelta(0)
HOUR = timedelta(hours=1)
TARDINESS = 10.0  # what an hour past the due date costs, against an hour of waiting

OVERLOAD = 1000.0  # what an hour of focus beyond the daily load costs

# Missed due dates by weight, then weighted hours until done.
Cost = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Room:
    """Free time, earliest first, and the focus time that each day holds already."""

    free: tuple[Slot, ...]
    focus: Mapping[date, timedelta]

    def less(self, pieces: Pieces, job: Job, frame: Frame) -> Room:
        """Return what `pieces` of `job` leave."""
        cuts = (piece.widened(frame.settings.buffer) for piece in pieces)
        focus = self.focus if job.small else by_day(pieces, self.focus)
        return Room(tuple(without(self.free, cuts)), focus)


def by_day(pieces: Iterable[Slot], before: Mapping[date, timedelta]) -> dict[date, timedelta]:
    """Return the lengths summed by day, on top of `before`."""
    sums = dict(before)
    for piece in pieces:
        sums[piece.day] = sums.get(piece.day, NOTHING) + piece.length
    return sums


def left_over(job: Job, pieces: Pieces, frame: Frame) -> timedelta:
    """Return how much of the job has no place in `pieces`."""
    placed = sum((piece.length for piece in pieces), NOTHING)
    return whole_steps(job.length, frame.settings.step) - placed


def is_late(job: Job, pieces: Pieces) -> bool:
    return job.deadline is not None and (not pieces or pieces[-1].end > job.deadline)


def build(order: Iterable[Job], frame: Frame, room: Room, standing: Placement) -> Placement:
    """Return where each job stands: at the earliest place that those before it leave.

    `standing` has its place already, and `room` is without it. A job that stands in part gets
    the rest, or loses its place too. In `order`, a job comes after those that it waits for.
    """
    placement = dict(standing)
    for job in order:
        begun = placement.pop(job.uid, ())
        left = left_over(job, begun, frame)
        pieces: Pieces = ()
        if left > NOTHING and all(uid in placement for uid in job.after):
            ends = [placement[uid][-1].end for uid in job.after] + [piece.end for piece in begun]
            rest = replace(job, length=left, ready=max(job.ready, *ends)) if ends else job
            pieces = _place(rest, frame, room)
            room = room.less(pieces, job, frame)
        if pieces or left <= NOTHING:
            placement[job.uid] = (*begun, *pieces)
    return placement


def _place(job: Job, frame: Frame, room: Room) -> Pieces:
    """Return the pieces of a job, all or none.

    The daily load gives way only where that keeps a due date.
    """
    load = None if job.small else frame.settings.daily_load
    pieces = _fit(job, load, frame, room)
    if load is not None and job.can_be_saved(frame.now) and is_late(job, pieces):
        hurried = replace(job, until=min(job.until, job.deadline or job.until))
        return _fit(hurried, None, frame, room) or pieces
    return pieces


def _fit(job: Job, load: timedelta | None, frame: Frame, room: Room) -> Pieces:
    """Return the fewest pieces, or more where that keeps the due date or saves a day."""
    few = _pieces(job, load, frame, room, fills=False)
    if job.length < 2 * frame.settings.min_block:
        return few
    many = _pieces(job, load, frame, room, fills=True)
    options = [pieces for pieces in (few, many) if pieces]
    return min(options, key=lambda pieces: (is_late(job, pieces), pieces[-1].day), default=())


def _pieces(job: Job, load: timedelta | None, frame: Frame, room: Room, *, fills: bool) -> Pieces:
    """Return the earliest pieces; `fills` also takes gaps too short for an even share."""
    settings = frame.settings
    left = whole_steps(job.length, settings.step)
    least = min(left, settings.min_block)
    pieces: list[Slot] = []
    for slot in room.free:
        start, end = max(slot.start, job.ready), min(slot.end, job.until)
        allowed = end - start
        if load is not None:
            own = sum((piece.length for piece in pieces if piece.day == slot.day), NOTHING)
            allowed = min(allowed, load - room.focus.get(slot.day, NOTHING) - own)
        while left and allowed >= least:
            start = on_grid(start, settings.step, frame.zone)
            size = _size(left, min(allowed, end - start), settings, fills=fills)
            if not size:
                break
            pieces.append(Slot(start, start + size, slot.day))
            left -= size
            allowed -= size
            start += size + settings.buffer
        if not left:
            return tuple(pieces)
    return ()


def _size(left: timedelta, space: timedelta, settings: PlanSettings, *, fills: bool) -> timedelta:
    """Return how long the next piece is: an even share of what is left, or what the gap holds."""
    share = whole_steps(left / ceil(left / settings.max_block), settings.step)
    if share <= space:
        return share
    size = min(space, left - settings.min_block) // settings.step * settings.step
    return size if fills and size >= settings.min_block else NOTHING


def cost(jobs: Iterable[Job], placement: Placement, frame: Frame) -> Cost:
    """Return what a placement costs; the lower tuple is the better plan.

    What has no place counts as done a day after the frame.
    """
    missed = hours = 0.0
    focus: dict[date, timedelta] = {}
    for job in jobs:
        pieces = placement.get(job.uid, ())
        done = pieces[-1].end if pieces else frame.end + ONE_DAY
        hours += job.weight * ((done - frame.now) / HOUR)
        if job.deadline and done > job.deadline:
            hours += job.weight * TARDINESS * ((done - job.deadline) / HOUR)
            missed += job.weight if job.deadline > frame.now else 0.0
        if not job.small:
            focus = by_day(pieces, focus)
    load = frame.settings.daily_load
    over = sum((max(day - load, NOTHING) for day in focus.values()), NOTHING)
    return missed, hours + OVERLOAD * (over / HOUR)
