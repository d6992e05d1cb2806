"""Place tasks on days.

Rule: no clock, no files. The caller passes `now`; equal inputs give equal plans, in whatever
order the tasks come.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from mdtasks.model import Block, Plan, Task, Unplaced
from mdtasks.plan.batches import batch_up
from mdtasks.plan.blocks import blocks_of
from mdtasks.plan.frame import Frame, Job, Placement, frame_days
from mdtasks.plan.place import Room, build, by_day, cost, is_late
from mdtasks.plan.reasons import unplaced_reason, waits_for
from mdtasks.plan.search import best_order
from mdtasks.plan.slots import Slot, since, slot, whole_steps, without, working_slots
from mdtasks.plan.standing import kept, pins, preferred
from mdtasks.plan.urgency import default_order
from mdtasks.plan.wanted import Wanted, wanted
from mdtasks.settings import Hours, PlanSettings

# What a plan near the last one may cost, as a multiple of the best: hours come before moves.
STEADINESS = 1.05


def plan_days(
    tasks: Iterable[Task],
    hours: Hours,
    settings: PlanSettings,
    busy: Sequence[Block],
    now: datetime,
    zone: ZoneInfo,
    last: Plan | None = None,
) -> Plan:
    """Return the blocks of the days from `now` on, in the zone, and what found no place.

    `now` and `busy` are aware. Busy times are kept free and are no part of the plan.
    """
    by_uid = {task.uid: task for task in tasks if task.is_open}
    frame = frame_days(now, zone, settings)
    want = wanted(by_uid.values(), frame)
    taken = [slot(block.start, block.end, zone) for block in busy]

    pinned = pins(want.pinned, frame)
    claimed = [*taken, *_with_buffer(pinned, frame)]
    at_their_time, jobs = preferred(want.jobs.values(), claimed, frame)
    fixed = {**pinned, **at_their_time}

    working = without(working_slots(hours, frame.days, zone), taken)
    room = without(working, _with_buffer(fixed, frame))
    last = last or Plan()
    placement = _placed(last, jobs, room, fixed, frame)

    blocks = blocks_of(placement, fixed, {**want.jobs, **jobs}, by_uid, busy, frame)
    return Plan(
        days=frame.days,
        blocks=blocks,
        unplaced=_unplaced(want, placement, by_uid, frame),
        moves=_moves(last.blocks, blocks, by_uid, frame),
    )


def _with_buffer(placement: Placement, frame: Frame) -> list[Slot]:
    buffer = frame.settings.buffer
    return [piece.widened(buffer) for pieces in placement.values() for piece in pieces]


def _placed(
    last: Plan,
    jobs: Mapping[str, Job],
    room: Sequence[Slot],
    fixed: Placement,
    frame: Frame,
) -> Placement:
    """Return the placement with few moves against the last plan, unless a fresh one is better.

    What is running or about to begin stays in both.
    """

    frozen = kept(last, frame.now + frame.settings.freeze, jobs, room, fixed, frame)
    fresh = _place_around(frozen, jobs, room, frame)
    if not last.blocks:
        return fresh
    steady = _pulled(kept(last, frame.end, jobs, room, fixed, frame), frozen, jobs, room, frame)
    steady = _place_around(steady, jobs, room, frame)
    missed, hours = cost(jobs.values(), fresh, frame)
    good_enough = missed, hours * STEADINESS
    return steady if cost(jobs.values(), steady, frame) <= good_enough else fresh


def _pulled(
    standing: Placement,
    frozen: Placement,
    jobs: Mapping[str, Job],
    room: Sequence[Slot],
    frame: Frame,
) -> Placement:
    """Return what stands, with those jobs moved that a gap lets end a day earlier."""
    movable = [
        job for uid, job in jobs.items() if uid in standing and uid not in frozen and not job.small
    ]
    for job in sorted(movable, key=lambda job: standing[job.uid][0].start):
        others = {uid: pieces for uid, pieces in standing.items() if uid != job.uid}
        moved = build([job], frame, _room_beside(standing, jobs, room, frame), others)
        if job.uid in moved and moved[job.uid][-1].day < standing[job.uid][-1].day:
            standing = moved
    return standing


def _room_beside(
    standing: Placement, jobs: Mapping[str, Job], room: Sequence[Slot], frame: Frame
) -> Room:
    focus: dict[date, timedelta] = {}
    for uid, pieces in standing.items():
        if uid in jobs and not jobs[uid].small:
            focus = by_day(pieces, focus)
    free = since(without(room, _with_buffer(standing, frame)), frame.now)
    return Room(tuple(free), focus)


def _place_around(
    standing: Placement, jobs: Mapping[str, Job], room: Sequence[Slot], frame: Frame
) -> Placement:
    """Return the placement of focus, and of small tasks in what it leaves.

    Where a small task would miss its due date so, a second try holds time back for it.
    """
    small = _batchable(jobs)
    big = [job for job in jobs.values() if job.uid not in small]
    beside = _room_beside(standing, jobs, room, frame)
    order = best_order(big, frame, beside, standing)

    def attempt(held: Sequence[Slot]) -> Placement:
        space = replace(beside, free=tuple(without(beside.free, held)))
        placement = build(order, frame, space, standing)
        gaps = without(beside.free, _with_buffer(placement, frame))
        return batch_up(list(small.values()), frame, gaps, placement)

    placement = attempt(())
    missed = [
        job
        for job in small.values()
        if job.can_be_saved(frame.now) and is_late(job, placement.get(job.uid, ()))
    ]
    held = _held_back(missed, beside.free, frame)
    if not held:
        return placement
    return min(placement, attempt(held), key=lambda each: cost(jobs.values(), each, frame))


def _batchable(jobs: Mapping[str, Job]) -> dict[str, Job]:
    """Return the small jobs that no bigger one waits for, however indirectly."""
    needed: set[str] = set()
    ahead = [uid for job in jobs.values() if not job.small for uid in job.after]
    while ahead:
        uid = ahead.pop()
        if uid in jobs and uid not in needed:
            needed.add(uid)
            ahead.extend(jobs[uid].after)
    return {uid: job for uid, job in jobs.items() if job.small and uid not in needed}


def _held_back(missed: Iterable[Job], free: Sequence[Slot], frame: Frame) -> list[Slot]:
    """Return for each job the latest free time before its due date, buffer included."""
    held: list[Slot] = []
    settings = frame.settings
    for job in missed:
        need = whole_steps(job.length, settings.step) + settings.buffer
        for gap in reversed(free):
            end = min(gap.end, job.deadline or gap.end)
            if end - need >= max(gap.start, job.ready):
                held.append(Slot(end - need, end, gap.day))
                free = without(free, held[-1:])
                break
    return held


def _unplaced(
    want: Wanted, placement: Placement, by_uid: Mapping[str, Task], frame: Frame
) -> tuple[Unplaced, ...]:
    """Return the wanted tasks without a place, in the default order."""
    reasons = dict(want.refused)
    for uid, job in want.jobs.items():
        if uid not in placement:
            missing = next((other for other in job.after if other not in placement), None)
            reasons[uid] = waits_for(by_uid[missing]) if missing else unplaced_reason(job, frame)
    order = sorted(reasons, key=lambda uid: (*default_order(by_uid[uid], frame.today), uid))
    return tuple(Unplaced(uid, reasons[uid]) for uid in order)


def _starts(blocks: Iterable[Block], frame: Frame) -> dict[str, tuple[datetime, ...]]:
    """Return for each task when its blocks begin that are not over and within the days."""
    starts: dict[str, tuple[datetime, ...]] = {}
    for block in sorted(blocks, key=lambda block: block.start):
        if block.end > frame.now and block.start < frame.end:
            for uid in block.tasks:
                starts[uid] = (*starts.get(uid, ()), block.start.astimezone(UTC))
    return starts


def _moves(
    before: Iterable[Block], after: Iterable[Block], opened: Container[str], frame: Frame
) -> int:
    """Return how many open tasks have blocks that begin at other times than before."""
    new = _starts(after, frame)
    old = _starts(before, frame)
    return sum(starts != new.get(uid) for uid, starts in old.items() if uid in opened)
