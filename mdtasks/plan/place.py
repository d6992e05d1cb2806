"""Put jobs into free time, piece by piece, and weigh what comes of it.

Rule: nothing is moved once it stands; the order of the jobs decides. A placement is a plain
value: it can be weighed (`cost`) and varied (`build` with another order). The placing itself
happens in whole minutes, in `packing`; here are the ways there and back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mdtasks.plan import packing
from mdtasks.plan.dependencies import in_order
from mdtasks.plan.frame import Frame, Job, Pieces, Placement
from mdtasks.plan.packing import NEVER, Gaps, Grid, Item, Packing, Piece, Prices, Windows
from mdtasks.plan.slots import ONE_DAY, Slot, midnight, moment, on_grid, whole_steps
from mdtasks.settings import Span

NOTHING = timedelta(0)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
# An hour past the due date costs ten of waiting; an hour outside of the times of day that suit a
# task, a day of waiting, so that an hour's work waits until tomorrow for them, and no longer. An
# hour beyond the daily load costs so much that it is not worth it only to do more this week.
PRICES = Prices(tardiness=10.0, liking=24.0, overload=5000.0)


class Cost(NamedTuple):
    """What is better is lower: missed due dates by weight, then weighted hours until done."""

    missed: float
    hours: float


@dataclass(frozen=True, slots=True)
class Room:
    """Free time, earliest first, and the focus time that each day holds already."""

    free: tuple[Slot, ...]
    focus: Mapping[date, timedelta]


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


def build(order: Sequence[Job], frame: Frame, room: Room, standing: Placement) -> Placement:
    """Return where each job stands: at the earliest place that those before it leave.

    `standing` has its place already, and `room` is without it. A job that stands in part gets
    the rest, or loses its place too. In `order`, a job comes after those that it waits for.
    """
    packed = pack(order, frame, room, standing)
    found = packing.everything(packed, range(len(order)))
    placement = dict(standing)
    for number, job in enumerate(order):
        begun = placement.pop(job.uid, ())
        pieces = tuple(_slot(piece, frame) for piece in found[number])
        if pieces or not packed.items[number].left:
            placement[job.uid] = (*begun, *pieces)
    return placement


def pack(jobs: Sequence[Job], frame: Frame, room: Room, standing: Placement) -> Packing:
    """Return the jobs, numbered as they come, and the room in minutes."""
    numbers = {job.uid: number for number, job in enumerate(jobs)}
    items = [_item(job, numbers, frame, standing) for job in jobs]
    if any(job.purposes for job in jobs):
        items = _with_latest(items)
    focus = [int(room.focus.get(day, NOTHING) / MINUTE) for day in frame.days]
    return Packing(items, _grid(frame), PRICES, _gaps(room.free, frame), focus)


def _item(job: Job, numbers: Mapping[str, int], frame: Frame, standing: Placement) -> Item:
    begun = standing.get(job.uid, ())
    left = max(left_over(job, begun, frame), NOTHING)
    waits = (*job.after, *job.follows)
    held = [standing[uid][-1].end for uid in waits if uid not in numbers and uid in standing]
    ready = max(job.ready, *held, *(piece.end for piece in begun), frame.now)
    deadline = NEVER if job.deadline is None else _minute(job.deadline, frame)
    return Item(
        left=left // MINUTE,
        ready=-((midnight(frame.today, frame.zone) - ready) // MINUTE),
        until=_minute(job.until, frame),
        deadline=deadline,
        latest=deadline,
        saved=job.can_be_saved(frame.now),
        weight=job.weight,
        small=job.small,
        after=frozenset(numbers[uid] for uid in waits if uid in numbers),
        purposes=job.purposes,
        likes=windows(job.likes, frame.days, frame.zone),
        done=None if left else _minute(begun[-1].end, frame),
        stuck=any(uid not in numbers and uid not in standing for uid in job.after),
        # What repeats daily has no due date by itself: it is not worth an overfull day.
        hurries=job.task.due is not None,
        whole=job.whole,
        soft=frozenset(numbers[uid] for uid in job.follows if uid in numbers),
    )


def _with_latest(items: list[Item]) -> list[Item]:
    """Return the items that know by when those that wait for them need them."""
    order = in_order({str(number): list(map(str, item.after)) for number, item in enumerate(items)})
    for name in reversed(order):
        item = items[int(name)]
        for other in item.after - item.soft:
            latest = min(items[other].latest, item.latest - item.left)
            items[other] = items[other]._replace(latest=latest)
    return items


def _grid(frame: Frame) -> Grid:
    settings = frame.settings
    return Grid(
        step=settings.step // MINUTE,
        least=settings.min_block // MINUTE,
        longest=settings.max_block // MINUTE,
        buffer=-(-settings.buffer // MINUTE),
        load=settings.daily_load // MINUTE,
        now=_minute(frame.now, frame),
        nights=tuple(_minute(midnight(day + ONE_DAY, frame.zone), frame) for day in frame.days),
        never=_minute(frame.end + ONE_DAY, frame),
    )


def _gaps(free: Iterable[Slot], frame: Frame) -> list[Gaps]:
    days: list[list[packing.Gap]] = [[] for _ in frame.days]
    for slot in free:
        for part in _of_one_offset(slot, frame):
            start = _minute(on_grid(part.start, frame.settings.step, frame.zone), frame)
            end = _minute(part.end, frame)
            if start < end:
                days[(slot.day - frame.today).days].append((start, end, slot.only))
    return [tuple(day) for day in days]


def _of_one_offset(slot: Slot, frame: Frame) -> Iterator[Slot]:
    """Yield the parts of a slot in which the grid runs through: clocks may jump by half a step."""
    zone, step = frame.zone, frame.settings.step
    first, last = (_offset(when, zone) for when in (slot.start, slot.end - MINUTE))
    if first % step == last % step:
        yield slot
        return
    begins, ends = slot.start, slot.end
    while ends - begins > MINUTE:
        middle = begins + (ends - begins) // 2
        if _offset(middle, zone) == first:
            begins = middle
        else:
            ends = middle
    # Changes of clocks fall on whole minutes.
    change = on_grid(begins, MINUTE, zone)
    yield replace(slot, end=change)
    yield replace(slot, start=change)


def _offset(when: datetime, zone: ZoneInfo) -> timedelta:
    return when.astimezone(zone).utcoffset() or NOTHING


def _minute(when: datetime, frame: Frame) -> int:
    """Return the minutes since the frame's first midnight, rounded down."""
    return (when - midnight(frame.today, frame.zone)) // MINUTE


def _slot(piece: Piece, frame: Frame) -> Slot:
    start, end, day = piece
    origin = midnight(frame.today, frame.zone)
    return Slot(origin + start * MINUTE, origin + end * MINUTE, frame.days[day])


@lru_cache(maxsize=64)
def windows(likes: tuple[Span, ...], days: tuple[date, ...], zone: ZoneInfo) -> Windows:
    """Return the times of day on those days, in minutes since the first midnight, merged."""
    if not likes:
        return ()
    origin = midnight(days[0], zone)
    found: list[tuple[int, int]] = []
    spans = ((day, span) for day in (days[0] - ONE_DAY, *days) for span in likes)
    for day, span in sorted(spans):
        last = day + ONE_DAY if span.ends <= span.begins else day
        start = (moment(day, span.begins, zone) - origin) // MINUTE
        end = (moment(last, span.ends, zone) - origin) // MINUTE
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        elif start < end:
            found.append((start, end))
    return tuple(found)


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
            hours += job.weight * PRICES.tardiness * ((done - job.deadline) / HOUR)
            missed += job.weight if job.deadline > frame.now else 0.0
        if job.likes:
            hours += job.weight * PRICES.liking * (unliked(job, pieces, frame) / HOUR)
        if not job.small:
            focus = by_day(pieces, focus)
    load = frame.settings.daily_load
    over = sum((max(day - load, NOTHING) for day in focus.values()), NOTHING)
    return Cost(missed, hours + PRICES.overload * (over / HOUR))


def unliked(job: Job, pieces: Pieces, frame: Frame) -> timedelta:
    """Return how much of the pieces lies outside of the times of day that suit the job."""
    minutes = [(_minute(s.start, frame), _minute(s.end, frame), 0) for s in pieces]
    return packing.outside(minutes, windows(job.likes, frame.days, frame.zone)) * MINUTE
