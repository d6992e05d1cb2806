"""Place tasks on days.

Rule: no clock, no files. The caller passes `now`; equal inputs give equal plans, in whatever
order the tasks come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mdtasks.model import Block, Plan, Task, Unplaced
from mdtasks.plan.around import with_buffer
from mdtasks.plan.blocks import blocks_of, in_time_order
from mdtasks.plan.estimates import NO_FACTORS, NO_TIMES, Factors
from mdtasks.plan.frame import Frame, Job, Placement, frame_days
from mdtasks.plan.moves import Scene, compared, moves_between
from mdtasks.plan.nowhere import left_beside, unplaced_reason
from mdtasks.plan.quotas import Sessions, blocks_over, with_sessions, without_place
from mdtasks.plan.reasons import waits_for
from mdtasks.plan.reserved import Layout, Taken, in_the_way, kept_blocks, lay_out
from mdtasks.plan.shares import as_long_as_fits
from mdtasks.plan.slots import slot
from mdtasks.plan.standing import pins, preferred
from mdtasks.plan.steady import Known, settled
from mdtasks.plan.urgency import default_order
from mdtasks.plan.wanted import NO_SHAPE, Wanted, wanted
from mdtasks.settings import Hours, PlanSettings, Shape

# How often a plan is made again from itself, until the same comes of it: then it stays where it
# is, whatever else is saved.
_SETTLING = 4


def plan_days(
    tasks: Iterable[Task],
    hours: Hours,
    settings: PlanSettings,
    busy: Sequence[Block],
    now: datetime,
    zone: ZoneInfo,
    last: Plan | None = None,
    shape: Shape = NO_SHAPE,
    week_start: int = 0,
    factors: Factors = NO_FACTORS,
    spent: Mapping[str, timedelta] = NO_TIMES,
    in_place: bool = False,
    before: Plan | None = None,
    heed: Callable[[], None] | None = None,
) -> Plan:
    """Return the blocks of the days from `now` on, in the zone, and what found no place.

    `now` and `busy` are aware. Busy times are kept free and are no part of the plan. Estimates are
    without what was `spent`. For weekly quotas, `tasks` hold what was done this week too; a week
    begins on `week_start`, Monday = 0. With `in_place` what stands in `last` stays, wherever it
    may, and the others are placed around it: quick, and not what comes of a search. What has moved
    is told against the plan `before`, where `last` went on from that for a moment only. `heed` is
    called several times a second; what it raises is raised.
    """
    tasks = tuple(tasks)
    by_uid = {task.uid: task for task in tasks if task.is_open}
    frame = replace(frame_days(now, zone, settings), factors=factors, spent=spent)
    frame = replace(frame, heed=heed or frame.heed)
    last = last or Plan()
    want = wanted(by_uid.values(), frame, shape, hours)
    given = _Given(
        tasks, by_uid, want, hours, shape, week_start, tuple(busy), frame, last, [], in_place
    )
    laid = _laid(last, given)
    # Where moves are bounded, what is left of the bound is for the next time.
    settles = settings.max_moves is None and not in_place
    for _ in range(_SETTLING if settles else 0):
        again = _laid(Plan(days=frame.days, blocks=laid.blocks), given)
        if again.times == laid.times:
            break
        laid = again

    unplaced = _unplaced(laid, by_uid, frame)
    scene = Scene(by_uid, laid.jobs, unplaced, busy, laid.layout.room, frame)
    moved = moves_between(before or last, laid.blocks, scene)
    nowhere = without_place(laid.sessions, laid.placement, frame)
    return Plan(
        days=frame.days,
        blocks=laid.blocks,
        unplaced=unplaced,
        moves=len(moved),
        moved=moved,
        of=compared(before or last, by_uid, frame),
        notices=(*laid.layout.notices, *laid.sessions.notices, *nowhere),
    )


class _Given(NamedTuple):
    """What a plan is made of, whichever it goes on from."""

    tasks: tuple[Task, ...]
    by_uid: Mapping[str, Task]
    want: Wanted
    hours: Hours
    shape: Shape
    week_start: int
    busy: tuple[Block, ...]
    frame: Frame
    origin: Plan
    known: Known
    in_place: bool


class _Laid(NamedTuple):
    """Blocks in the order of time, and what they came of."""

    blocks: tuple[Block, ...]
    placement: Placement
    want: Wanted
    jobs: Mapping[str, Job]
    sessions: Sessions
    layout: Layout

    @property
    def times(self) -> list[tuple[datetime, datetime, tuple[str, ...]]]:
        return [(block.start, block.end, block.tasks) for block in self.blocks]


def _laid(last: Plan, given: _Given) -> _Laid:
    """Return the blocks that follow on those of `last`."""
    tasks, by_uid, want, hours, shape, week_start, busy, frame, origin, known, in_place = given
    sessions = with_sessions(want, tasks, hours, shape, week_start, last, frame)
    want = replace(want, jobs=sessions.jobs, refused={**want.refused, **sessions.refused})
    taken = [slot(block.start, block.end, frame.zone) for block in busy]

    pinned = pins(want.pinned, frame)
    claimed = [*taken, *with_buffer(pinned, frame)]
    at_their_time, jobs = preferred(want.jobs.values(), claimed, frame)
    fixed = {**pinned, **at_their_time}

    written = [piece for pieces in fixed.values() for piece in pieces]
    layout = lay_out(hours, shape, Taken(taken, written), last, frame)
    placement = settled(last, jobs, layout.room, fixed, frame, origin, known, in_place)
    placement, jobs = as_long_as_fits(placement, jobs, layout.room, last, frame)

    asides = {
        uid: in_the_way(by_uid[uid], piece, layout, shape)
        for uid, pieces in fixed.items()
        for piece in pieces
    }
    every_job = {**want.jobs, **jobs}
    words = {uid: session.words for uid, session in sessions.named.items()}
    blocks = blocks_of(placement, fixed, every_job, by_uid, busy, frame, asides, words)
    blocks += (*kept_blocks(layout, shape, blocks, frame), *blocks_over(last, by_uid, frame))
    return _Laid(in_time_order(blocks), placement, want, every_job, sessions, layout)


def _unplaced(laid: _Laid, by_uid: Mapping[str, Task], frame: Frame) -> tuple[Unplaced, ...]:
    """Return the wanted tasks without a place, in the default order."""
    want, placement, layout = laid.want, laid.placement, laid.layout
    working = (*layout.working, *layout.reserved)
    left = left_beside(placement, laid.jobs, layout.room, frame)
    reasons = dict(want.refused)
    held = {job.task.uid for uid, job in want.jobs.items() if job.is_session and uid in placement}
    for job in want.jobs.values():
        # Of a session without a task there is a notice; for one of several, the others stand.
        uid = job.task.uid
        if job.uid not in placement and uid and uid not in held and uid not in want.idle:
            missing = next((other for other in job.after if other not in placement), None)
            reasons[uid] = (
                waits_for(by_uid[missing])
                if missing
                else unplaced_reason(job, working, left, frame)
            )
    order = sorted(reasons, key=lambda uid: (*default_order(by_uid[uid], frame.today), uid))
    return tuple(Unplaced(uid, reasons[uid]) for uid in order)
