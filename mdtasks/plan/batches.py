"""Gather small tasks into batches, in the gaps that focus leaves.

Rule: a small task pushes nothing away. Within a day, gaps too short for focus come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from mdtasks.model import Task
from mdtasks.plan.frame import Frame, Job, Pieces, Placement
from mdtasks.plan.place import NOTHING
from mdtasks.plan.slots import (
    ONE_DAY,
    Slot,
    common,
    midnight,
    on_grid,
    span_slots,
    whole_steps,
    without,
)

# More batches than this are a wall: from then on only what is due that day comes in.
BATCHES_A_DAY = 3
# How many batches' worth of the most urgent may be passed over to keep contexts together.
CHOICE = 5

_CONTEXT = re.compile(r"(?<!\S)@\w[\w/-]*")


def contexts(task: Task) -> frozenset[str]:
    """Return the tags and the @words of a task, with their marks."""
    return frozenset(task.tags).union(_CONTEXT.findall(task.text))


def batch_up(
    small: Sequence[Job],
    frame: Frame,
    free: Sequence[Slot],
    standing: Placement,
    ahead: int = 1,
) -> Placement:
    """Return `standing` with the small jobs that found a place; those of a batch share a slot.

    `small` comes by urgency, and `free` is without `standing`. What has reserved time, or times
    of day that suit it, goes there first, where that costs no due date. On each day, what is due
    before so many days with free time are over goes before all others.
    """
    patient = [
        replace(job, until=min(job.until, job.deadline or job.until))
        for job in small
        if job.deadline is None or job.can_be_saved(frame.now)
    ]
    with_purpose = [job for job in patient if job.purposes]
    reserved = [gap for gap in free if gap.only]
    standing, free = _first_choice(with_purpose, reserved, frame, free, standing)
    for likes in dict.fromkeys(job.likes for job in patient if job.likes):
        alike = [job for job in patient if job.likes == likes]
        spans = ((day, span) for day in (frame.today - ONE_DAY, *frame.days) for span in likes)
        suiting = list(common(free, span_slots(spans, frame.days, frame.zone)))
        standing, free = _first_choice(alike, suiting, frame, free, standing)
    return _spread(small, frame, free, standing, ahead)


def _first_choice(
    some: Sequence[Job],
    gaps: Sequence[Slot],
    frame: Frame,
    free: Sequence[Slot],
    standing: Placement,
) -> tuple[Placement, Sequence[Slot]]:
    """Return `standing` with what of the jobs fits into `gaps`, and what is free then."""
    if not (some and gaps):
        return standing, free
    placement = _spread(some, frame, gaps, standing)
    batches = [pieces for uid, pieces in placement.items() if uid not in standing]
    buffer = frame.settings.buffer
    return placement, without(
        free, [piece.widened(buffer) for pieces in batches for piece in pieces]
    )


def _spread(
    small: Iterable[Job],
    frame: Frame,
    free: Sequence[Slot],
    standing: Placement,
    ahead: int = 1,
) -> Placement:
    small = list(small)
    placement = dict(standing)
    # What is due before the next of these days begins is due by the one before it.
    days = sorted({slot.day for slot in free})
    ends = [*(midnight(day, frame.zone) for day in days[1:]), frame.end]
    for number, day in enumerate(days):
        nights = ends[number : number + ahead]
        night = nights[-1]
        queue = [
            job
            for job in small
            if job.uid not in placement and job.ready < midnight(day + ONE_DAY, frame.zone)
        ]
        queue.sort(key=lambda job: sum(not is_due_by(job, end, frame) for end in nights))
        gaps = [slot for slot in free if slot.day == day]
        # Time that is kept for some of them first, else they would fill the time of all.
        gaps.sort(key=lambda gap: (not gap.only, gap.length >= frame.settings.min_block, gap.start))
        _fill_day(queue, gaps, night, frame, placement)
        # Where the hours go on over midnight, the last batch keeps its distance to the next day's.
        batches = {
            piece for uid, pieces in placement.items() if uid not in standing for piece in pieces
        }
        free = without(free, [piece.widened(frame.settings.buffer) for piece in batches])
    return placement


def is_due_by(job: Job, night: datetime, frame: Frame) -> bool:
    """Whether its due date can be kept, and is missed after `night`."""
    return job.deadline is not None and frame.now < job.deadline <= night


def _fill_day(
    queue: list[Job],
    gaps: Iterable[Slot],
    night: datetime,
    frame: Frame,
    placement: dict[str, Pieces],
) -> None:
    """Add the day's batches to `placement`."""
    settings = frame.settings
    allowed = BATCHES_A_DAY * settings.micro_batch
    for gap in gaps:
        start = on_grid(gap.start, settings.step, frame.zone)
        while start < gap.end:
            most = min(allowed, settings.micro_batch) if allowed > 0 else settings.micro_batch
            rest = replace(gap, start=start)
            batch = _batch(queue, rest, night, frame, placement)[:most]
            if batch:
                end = start + whole_steps(_sum(batch), settings.step)
                placement |= dict.fromkeys((job.uid for job in batch), (Slot(start, end, gap.day),))
                allowed -= len(batch)
                queue = [
                    job
                    for job in queue
                    if job.uid not in placement and (allowed > 0 or is_due_by(job, night, frame))
                ]
                start = end + settings.buffer
            else:
                start = _next_opening(queue, start, placement) or gap.end
            start = on_grid(start, settings.step, frame.zone)


def _batch(
    queue: Sequence[Job], gap: Slot, night: datetime, frame: Frame, placement: Placement
) -> list[Job]:
    """Return what fits at the start of the gap: the most urgent, then its context, then others."""
    settings = frame.settings
    fitting = (
        job
        for job in queue
        if job.may_fill(gap.only)
        and job.until > gap.start
        and whole_steps(job.length, settings.step) <= gap.length
        and (opening := _opening(job, placement)) is not None
        and opening <= gap.start
    )
    choice = list(islice(fitting, CHOICE * settings.micro_batch))
    if not choice:
        return []
    lead, *others = choice
    theme = contexts(lead.task)
    others.sort(
        key=lambda job: (
            not is_due_by(job, night, frame),
            theme.isdisjoint(contexts(job.task)),
        )
    )
    batch = [lead]
    longest = min(gap.length, max(settings.max_block, lead.length))
    for job in others:
        length = whole_steps(_sum([*batch, job]), settings.step)
        if len(batch) < settings.micro_batch and length <= longest:
            batch.append(job)
    return batch


def _sum(jobs: Iterable[Job]) -> timedelta:
    return sum((job.length for job in jobs), NOTHING)


def _opening(job: Job, placement: Placement) -> datetime | None:
    """Return from when it may stand; None while one that it waits for has no place."""
    if any(uid not in placement for uid in job.after):
        return None
    before = [uid for uid in (*job.after, *job.follows) if uid in placement]
    return max([job.ready, *(placement[uid][-1].end for uid in before)])


def _next_opening(queue: Iterable[Job], start: datetime, placement: Placement) -> datetime | None:
    openings = (_opening(job, placement) for job in queue)
    return min((moment for moment in openings if moment and moment > start), default=None)
