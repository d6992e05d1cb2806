"""How much of a long task is for these days, where it is due behind them.

Rule: what is longer than a day's load and due later gets the part of its length that these days
are of those until it is due, so that it begins in time and is spread evenly; or, where that has
no room, as much as has. It takes no other's time for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from mdtasks.model import Plan, Task
from mdtasks.plan.around import room_beside
from mdtasks.plan.estimates import planned_length
from mdtasks.plan.frame import Frame, Job, Pieces, Placement
from mdtasks.plan.place import build
from mdtasks.plan.slots import ONE_DAY, Slot, whole_steps
from mdtasks.plan.standing import kept
from mdtasks.settings import Hours

# Days are counted no farther than this.
FAR = timedelta(days=400)


def share_of(
    task: Task, length: timedelta, opens: date, hours: Hours, frame: Frame
) -> timedelta | None:
    """Return how much of the length is for the days of the frame, None for all of it.

    `opens` is the first day on which the task may stand.
    """
    settings = frame.settings
    if task.due is None or task.due <= frame.last or length <= settings.daily_load:
        return None
    days = _working_days(opens, min(task.due, frame.last + FAR), hours)
    if not days:
        return None
    part = length * sum(day <= frame.last for day in days) / len(days)
    return max(whole_steps(part, settings.step), settings.min_block)


def _working_days(first: date, last: date, hours: Hours) -> list[date]:
    days = (first + n * ONE_DAY for n in range((last - first).days + 1))
    return [day for day in days if hours.on(day)]


def whole_of(job: Job, frame: Frame) -> timedelta | None:
    """Return how long the task is where these days have only a share of it, else None."""
    length = planned_length(job.task, frame.last, frame.factors, frame.settings.step)
    return length if length and not job.is_session and job.length < length else None


def as_long_as_fits(
    placement: Placement,
    jobs: Mapping[str, Job],
    room: Sequence[Slot],
    last: Plan,
    frame: Frame,
) -> tuple[Placement, dict[str, Job]]:
    """Return the placement with what has room of the shares that have none as a whole, and the
    jobs, these as long as that."""
    found, placed = dict(jobs), dict(placement)
    for job in jobs.values():
        if job.uid not in placed and whole_of(job, frame):
            begun = _running(job, placed, jobs, room, last, frame)
            if pieces := _longest(job, begun, placed, jobs, room, frame):
                placed[job.uid] = pieces
                length = sum((piece.length for piece in pieces), timedelta())
                found[job.uid] = replace(job, length=length)
    return placed, found


def _running(
    job: Job,
    placement: Placement,
    jobs: Mapping[str, Job],
    room: Sequence[Slot],
    last: Plan,
    frame: Frame,
) -> Pieces:
    """Return the pieces of the last plan that have begun, or are about to."""
    until = frame.now + frame.settings.freeze
    pieces = kept(last, until, {job.uid: job}, room, {}, frame).get(job.uid, ())
    taken = [other for some in placement.values() for other in some]
    buffer = frame.settings.buffer
    clear = not any(piece.widened(buffer).overlaps(other) for piece in pieces for other in taken)
    return pieces if clear else ()


def _longest(
    job: Job,
    begun: Pieces,
    placement: Placement,
    jobs: Mapping[str, Job],
    room: Sequence[Slot],
    frame: Frame,
) -> Pieces:
    """Return the pieces of the longest part that has room, those that have begun among them."""
    step = frame.settings.step
    standing = {**placement, job.uid: begun} if begun else placement
    beside = room_beside(standing, jobs, room, frame)
    had = sum((piece.length for piece in begun), timedelta())
    least, most = -(-frame.settings.min_block // step), (job.length - had) // step
    pieces = begun
    while least <= most:
        middle = (least + most) // 2
        part = replace(job, length=had + middle * step)
        if tried := build([part], frame, beside, standing).get(job.uid):
            pieces, least = tried, middle + 1
        else:
            most = middle - 1
    return pieces
