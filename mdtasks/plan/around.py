"""Place jobs around what stands: bigger ones first, small ones in the gaps that these leave.

Rule: what stands is not moved; who may stand is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from mdtasks.plan.batches import batch_up
from mdtasks.plan.dependencies import in_order
from mdtasks.plan.frame import Frame, Job, Placement
from mdtasks.plan.place import Room, build, by_day, cost, is_late
from mdtasks.plan.search import best_order
from mdtasks.plan.slots import Slot, since, whole_steps, without


def with_buffer(placement: Placement, frame: Frame) -> list[Slot]:
    """Return the pieces of a placement, and the time beside each that stays free."""
    buffer = frame.settings.buffer
    return [piece.widened(buffer) for pieces in placement.values() for piece in pieces]


def room_beside(
    standing: Placement, jobs: Mapping[str, Job], room: Sequence[Slot], frame: Frame
) -> Room:
    focus: dict[date, timedelta] = {}
    for uid, pieces in standing.items():
        if uid in jobs and not jobs[uid].small:
            focus = by_day(pieces, focus)
    free = since(without(room, with_buffer(standing, frame)), frame.now)
    return Room(tuple(free), focus)


def place_around(
    standing: Placement, jobs: Mapping[str, Job], room: Sequence[Slot], frame: Frame
) -> Placement:
    """Return the placement of focus, and of small tasks in what it leaves.

    Where a small task would miss its due date so, others of them wait for it, and another try
    holds time back for it.
    """
    small = batchable(jobs)
    big = [job for job in jobs.values() if job.uid not in small]
    beside = room_beside(standing, jobs, room, frame)
    order = _with_others(best_order(big, frame, beside, standing), big, standing)

    def attempt(held: Sequence[Slot]) -> Placement:
        space = replace(beside, free=tuple(without(beside.free, held)))
        placement = build(order, frame, space, standing)
        gaps = without(beside.free, with_buffer(placement, frame))
        return _batched(small, frame, gaps, placement)

    placement = attempt(())
    held = _held_back(_missed(small, placement, frame), beside.free, frame)
    if not held:
        return placement
    return min(placement, attempt(held), key=lambda each: cost(jobs.values(), each, frame))


def _batched(
    small: Mapping[str, Job], frame: Frame, free: Sequence[Slot], standing: Placement
) -> Placement:
    """Return `standing` with the small jobs; where due dates are missed, with those first that
    can still be kept, if that misses fewer."""
    jobs = list(small.values())
    placement = batch_up(jobs, frame, free, standing)
    if not _missed(small, placement, frame):
        return placement
    urged = batch_up(jobs, frame, free, standing, ahead=len(frame.days))
    return min(placement, urged, key=lambda each: cost(jobs, each, frame))


def _missed(small: Mapping[str, Job], placement: Placement, frame: Frame) -> list[Job]:
    """Return the jobs whose due date can be kept, and is not."""
    return [
        job
        for job in small.values()
        if job.can_be_saved(frame.now) and is_late(job, placement.get(job.uid, ()))
    ]


def _with_others(order: Sequence[Job], big: Iterable[Job], standing: Placement) -> list[Job]:
    """Return the order, and behind it those that stood no chance: what is free may be theirs."""
    found = {job.uid for job in order}
    others = {job.uid: job for job in big if job.uid not in found and job.uid not in standing}
    waits = {
        uid: [other for other in (*job.after, *job.follows) if other in others]
        for uid, job in others.items()
    }
    return [*order, *(others[uid] for uid in in_order(waits))]


def batchable(jobs: Mapping[str, Job]) -> dict[str, Job]:
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
            if job.may_fill(gap.only) and end - need >= max(gap.start, job.ready):
                held.append(Slot(end - need, end, gap.day))
                free = without(free, held[-1:])
                break
    return held
