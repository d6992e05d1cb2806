"""Say in one line why a task has no place.

Rule: only what is so. The daily load is named where it leaves time that would do, and nowhere
else; a day without working time is named as that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mdtasks.dates import format_duration
from mdtasks.plan.around import room_beside
from mdtasks.plan.frame import Frame, Job, Placement
from mdtasks.plan.place import NOTHING
from mdtasks.plan.reasons import day_name
from mdtasks.plan.slots import ONE_DAY, Slot, since


def unplaced_reason(job: Job, working: Sequence[Slot], left: Sequence[Slot], frame: Frame) -> str:
    """Return what room was looked for, in vain.

    `working` is the working time, and what is kept for some tasks; `left` is what of it nothing
    but small tasks may have taken.
    """
    hurries = job.task.due is not None and job.can_be_saved(frame.now)
    until = min(job.until, job.deadline) if hurries and job.deadline else job.until
    first = max(job.ready, frame.now).astimezone(frame.zone).date()
    last = max((until - timedelta(microseconds=1)).astimezone(frame.zone).date(), first)
    if not any(job.may_fill(part.only) for part in _between(working, job.ready, until)):
        begins, ends = (day_name(day, frame.today) for day in (first, last))
        remaining = " left" if first == frame.today else ""
        return (
            f"no working time{remaining} {begins if first == last else f'from {begins} to {ends}'}"
        )
    length = format_duration(job.length)
    if job.until < frame.end:
        own_day = job.until.astimezone(frame.zone).date() - ONE_DAY
        reason = f"no free {length} {day_name(own_day, frame.today)}"
    else:
        by = job.task.due if hurries and job.task.due else frame.last
        reason = f"no free {length} by {day_name(by, frame.today)}"
    if job.small or hurries or not _would_do(job, left, until, frame):
        return reason
    return f"{reason}, at most {format_duration(frame.settings.daily_load)} of focus a day"


def left_beside(
    placement: Placement, jobs: Mapping[str, Job], room: Sequence[Slot], frame: Frame
) -> tuple[Slot, ...]:
    """Return the time that all but the small tasks leave of the room."""
    big = {uid: pieces for uid, pieces in placement.items() if uid in jobs and not jobs[uid].small}
    return room_beside(big, jobs, room, frame).free


def _would_do(job: Job, left: Iterable[Slot], until: datetime, frame: Frame) -> bool:
    """Whether it would have room, if there were no daily load."""
    least = job.length if job.whole else min(job.length, frame.settings.min_block)
    gaps = (gap.length for gap in _between(left, job.ready, until) if job.may_fill(gap.only))
    return sum((length for length in gaps if length >= least), NOTHING) >= job.length


def _between(slots: Iterable[Slot], first: datetime, last: datetime) -> list[Slot]:
    return [replace(s, end=min(s.end, last)) for s in since(slots, first) if s.start < last]
