"""What stands before anything is placed: times the person wrote, and blocks too near to move.

Rule: the person's word goes first. A pin stays where it is written, outside working hours and
across others too; a frozen block only while it breaks no hard rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

from mdtasks.model import Kind, Plan, Task
from mdtasks.plan.frame import Frame, Job, Placement
from mdtasks.plan.place import NOTHING, left_over
from mdtasks.plan.slots import ONE_DAY, Slot, moment, slot, whole_steps, without


def pins(tasks: Iterable[Task], frame: Frame) -> Placement:
    """Return where the tasks with a day and a time of their own stand."""
    return {
        task.uid: (_written(task, task.begins, task.scheduled, frame),)
        for task in tasks
        if task.begins and task.scheduled
    }


def _written(task: Task, begins: time, day: date, frame: Frame) -> Slot:
    """Return the slot from `begins` to the task's `ends` on that day.

    Without an end, or where a change of clocks turns begin and end about, the estimate counts.
    """
    start = moment(day, begins, frame.zone)
    if task.ends is not None:
        overnight = task.ends <= begins
        end = moment(day + ONE_DAY if overnight else day, task.ends, frame.zone)
        if end > start:
            return Slot(start, end, day)
    return Slot(start, start + (task.estimate or frame.settings.default_estimate), day)


def preferred(
    jobs: Iterable[Job], taken: Iterable[Slot], frame: Frame
) -> tuple[Placement, dict[str, Job]]:
    """Return which jobs with a time but no day stand at that time, and the jobs that do not.

    It is the first day on which the time is still to come. Where it is taken there, the job may
    stand later that day; where that day is past its due date, the time is let go.
    """
    taken = list(taken)
    fixed: dict[str, tuple[Slot, ...]] = {}
    flexible: dict[str, Job] = {}
    for job in jobs:
        wish = _wish(job, frame)
        if wish is None:
            flexible[job.uid] = job
        elif job.after or any(wish.overlaps(other) for other in taken):
            flexible[job.uid] = replace(job, ready=wish.start)
        else:
            fixed[job.uid] = (wish,)
            taken.append(wish.widened(frame.settings.buffer))
    return fixed, flexible


def _wish(job: Job, frame: Frame) -> Slot | None:
    task = job.task
    if task.begins is None or (task.scheduled and task.scheduled < frame.today):
        return None
    latest = job.until
    if job.deadline and job.can_be_saved(frame.now):
        latest = min(latest, job.deadline)
    slots = (_written(task, task.begins, day, frame) for day in frame.days)
    return next((s for s in slots if job.ready <= s.start and s.end <= latest), None)


def kept(
    last: Plan,
    until: datetime,
    jobs: Mapping[str, Job],
    room: Sequence[Slot],
    fixed: Placement,
    frame: Frame,
    in_place: bool = False,
) -> Placement:
    """Return `fixed` and the pieces of the last plan that begin before `until` and may stay. With
    `in_place` no batch grows into what stands behind it.

    `room` is the working time of the frame, the part before now included, without what is
    taken. A job that stands in part still needs the rest of its time.
    """
    placement = dict(fixed)
    blocks = sorted(last.blocks, key=lambda block: block.start.astimezone(UTC))
    for at, block in enumerate(blocks, start=1):
        piece = slot(block.start, block.end, frame.zone)
        if not (piece.start < until and frame.now < piece.end):
            continue
        members = [
            jobs[uid]
            for uid in ((block.session,) if block.session else block.tasks)
            if uid in jobs and _may_stay(jobs[uid], piece, block.kind, placement, jobs, frame)
        ]
        if in_place:
            behind = next((b.start for b in blocks[at:] if b.start >= piece.end), frame.end)
            members = _within(piece, members, behind, frame)
        piece = _resized(piece, members, frame)
        if members and any(_holds(s, piece, members) for s in room):
            for job in members:
                placement[job.uid] = (*placement.get(job.uid, ()), piece)
            room = without(room, [piece.widened(frame.settings.buffer)])
    return placement


def _holds(free: Slot, piece: Slot, members: Sequence[Job]) -> bool:
    inside = free.start <= piece.start and piece.end <= free.end
    return inside and all(job.may_fill(free.only) for job in members)


def _resized(piece: Slot, members: Sequence[Job], frame: Frame) -> Slot:
    """Return the slot that a batch still needs; one that is running keeps its end."""
    if piece.start < frame.now or not all(job.small for job in members):
        return piece
    needed = sum((job.length for job in members), NOTHING)
    end = piece.start + whole_steps(needed, frame.settings.step)
    return replace(piece, end=end)


def _within(piece: Slot, members: list[Job], behind: datetime, frame: Frame) -> list[Job]:
    """Return the members of a batch that leave in peace what is behind it; the longest go first."""
    latest = max(piece.end, behind - frame.settings.buffer)
    while members and _resized(piece, members, frame).end > latest:
        longest = max(members, key=lambda job: job.length)
        members = [job for job in members if job is not longest]
    return members


def _may_stay(
    job: Job,
    piece: Slot,
    kind: Kind,
    placement: Placement,
    jobs: Mapping[str, Job],
    frame: Frame,
) -> bool:
    left = left_over(job, (*placement.get(job.uid, ()), piece), frame)
    if job.small:
        fits = left <= NOTHING and job.uid not in placement
    else:
        least = frame.settings.min_block
        # What was all of a short job may be too short for a piece of a longer one.
        is_short = piece.length < least and piece.start >= frame.now
        fits = left == NOTHING if is_short else left == NOTHING or left >= least
        fits = fits and not (is_short and job.uid in placement)
    return (
        fits
        and kind is (Kind.MICRO if job.small else Kind.FOCUS)
        and job.ready <= max(piece.start, frame.now)
        and piece.end <= job.until
        and all(
            uid in placement
            and placement[uid][-1].end <= piece.start
            and (uid not in jobs or left_over(jobs[uid], placement[uid], frame) <= NOTHING)
            for uid in job.after
        )
    )
