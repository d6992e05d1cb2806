"""Choose between a plan near the last one and a fresh one.

Rule: hard rules first, then due dates; then a plan with few moves is kept wherever a fresh one
would not be clearly better. What is running or about to begin stays in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from mdtasks.model import Plan, Status
from mdtasks.plan.around import batchable, place_around, room_beside
from mdtasks.plan.frame import Frame, Job, Placement
from mdtasks.plan.moves import placement_shift
from mdtasks.plan.place import Cost, build, cost, is_late
from mdtasks.plan.reasons import IMPORTANT
from mdtasks.plan.slots import Slot
from mdtasks.plan.standing import kept

# What a plan near the last one may cost, as a multiple of the best: hours come before moves.
STEADINESS = 1.05
# For so many due dates, the heaviest, it is tried to save them by moving something lighter.
MENDED = 5


# What came of placing these jobs in that room around what stood: the search takes the most time.
Known = list[tuple[Mapping[str, Job], Sequence[Slot], Placement, Placement]]


class _Table(NamedTuple):
    """What is placed, and where. Moves count from the plan `origin`."""

    last: Plan
    jobs: Mapping[str, Job]
    room: Sequence[Slot]
    fixed: Placement
    frame: Frame
    light: frozenset[str]
    origin: Plan
    known: Known

    def kept(self) -> Placement:
        return self._kept(self.last, self.frame.end)

    def frozen(self) -> Placement:
        # Nobody has seen a plan that is only gone on from.
        return self._kept(self.origin, self.frame.now + self.frame.settings.freeze)

    def _kept(self, plan: Plan, until: datetime) -> Placement:
        return kept(plan, until, self.jobs, self.room, self.fixed, self.frame)

    def around(self, standing: Placement) -> Placement:
        for jobs, room, stood, found in self.known:
            if stood == standing and jobs == self.jobs and room == self.room:
                return found
        found = place_around(standing, self.jobs, self.room, self.frame)
        self.known.append((self.jobs, self.room, standing, found))
        return found

    def cost(self, placement: Placement) -> Cost:
        heavy = [job for uid, job in self.jobs.items() if uid not in self.light]
        return cost(heavy, placement, self.frame)

    def whole_cost(self, placement: Placement) -> Cost:
        return cost(self.jobs.values(), placement, self.frame)

    def shift(self, placement: Placement) -> timedelta:
        return placement_shift(self.origin, placement, self.frame)


def settled(
    last: Plan,
    jobs: Mapping[str, Job],
    room: Sequence[Slot],
    fixed: Placement,
    frame: Frame,
    origin: Plan,
    known: Known,
    in_place: bool = False,
) -> Placement:
    """Return the placement of all jobs that find a place, `fixed` included.

    It goes on from `last`, `in_place` without a move, and moves count from `origin`. `known` is
    added to.
    """
    table = _Table(last, jobs, room, fixed, frame, _light(jobs), origin, known)
    if in_place:
        return table.around(kept(last, frame.end, jobs, room, fixed, frame, in_place))
    if not last.blocks:
        return table.around(table.frozen())
    return _chosen(table)


def _light(jobs: Mapping[str, Job]) -> frozenset[str]:
    """Return the longer jobs that no other has to move for: of no importance, and without dates
    or links."""
    linked = {uid for job in jobs.values() for uid in job.after}
    return frozenset(
        uid
        for uid, job in jobs.items()
        if not (job.small or job.deadline or job.after or uid in linked or job.is_session)
        and not (job.task.scheduled or job.task.priority in IMPORTANT)
        and job.task.status is not Status.IN_PROGRESS
    )


def _chosen(table: _Table) -> Placement:
    frozen = table.frozen()
    standing = table.kept()
    fresh = table.around(frozen)
    best = table.cost(fresh)
    limit = table.frame.settings.max_moves
    good_enough = best._replace(hours=best.hours * STEADINESS)
    steady = table.around(_pulled(standing, frozen, table))
    if table.cost(steady) <= good_enough and _is_within(limit, steady, table):
        return steady
    still = table.around(standing)
    mended = _mended(still, frozen, table)
    if table.cost(mended) <= good_enough and _is_within(limit, mended, table):
        return mended
    rebatched = table.around(_without_batches(standing, frozen, table))
    if table.cost(rebatched) <= good_enough and _is_within(limit, rebatched, table):
        return rebatched
    if _is_within(limit, fresh, table):
        return fresh
    options = (still, mended, rebatched, fresh)
    return min(options, key=lambda each: (table.cost(each).missed, table.shift(each)))


def _without_batches(standing: Placement, frozen: Placement, table: _Table) -> Placement:
    """Return what stands but for the small tasks, which are many to choose among."""
    small = batchable(table.jobs)
    return {uid: pieces for uid, pieces in standing.items() if uid not in small or uid in frozen}


def _is_within(limit: timedelta | None, placement: Placement, table: _Table) -> bool:
    return limit is None or table.shift(placement) <= limit


def _pulled(standing: Placement, frozen: Placement, table: _Table) -> Placement:
    """Return what stands, with those jobs moved that a gap lets end a day earlier."""
    for job in _movable(standing, frozen, table):
        if standing[job.uid][-1].day <= table.frame.today:
            continue
        moved = _with_first([job], [], standing, table)
        earlier = job.uid in moved and moved[job.uid][-1].day < standing[job.uid][-1].day
        earlier = earlier and table.whole_cost(moved) < table.whole_cost(standing)
        if earlier and _is_within(table.frame.settings.max_moves, moved, table):
            standing = moved
    return standing


def _movable(standing: Placement, frozen: Placement, table: _Table) -> list[Job]:
    """Return the bigger jobs that stand and are not frozen, by their places."""
    jobs = table.jobs.items()
    found = [j for uid, j in jobs if uid in standing and uid not in frozen and not j.small]
    return sorted(found, key=lambda job: standing[job.uid][0].start)


def _with_first(
    first: Sequence[Job], then: Sequence[Job], standing: Placement, table: _Table
) -> Placement:
    """Return the placement with some jobs placed anew, in that order, and all others as before."""
    anew = {job.uid for job in (*first, *then)}
    others = {uid: pieces for uid, pieces in standing.items() if uid not in anew}
    room = room_beside(others, table.jobs, table.room, table.frame)
    return build([*first, *then], table.frame, room, others)


def _mended(still: Placement, frozen: Placement, table: _Table) -> Placement:
    """Return `still`, or what saves more due dates by moving few of those that stand."""
    frame, jobs = table.frame, table.jobs
    small = batchable(jobs)
    missed = [
        job
        for uid, job in jobs.items()
        if uid not in frozen and uid not in small and job.can_be_saved(frame.now)
        if is_late(job, still.get(uid, ()))
    ]
    best = still
    for job in sorted(missed, key=lambda job: -job.weight)[:MENDED]:
        tried = [best, *_attempts(job, best, frozen, table)]
        best = min(tried, key=lambda each: (table.cost(each).missed, table.shift(each)))
    return table.around(best) if best is not still else still


def _attempts(
    late: Job, standing: Placement, frozen: Placement, table: _Table
) -> Iterator[Placement]:
    """Yield what comes of letting one job make room for a late one; if none can, several."""
    awaited = {uid for job in table.jobs.values() for uid in (*job.after, *job.follows)}
    rivals = [
        job
        for job in _movable(standing, frozen, table)
        if job.uid != late.uid
        and job.uid not in awaited
        and late.deadline
        and standing[job.uid][0].start < late.deadline
    ]
    found = False
    for job in rivals:
        made = _with_first([late], [job], standing, table)
        if not is_late(late, made.get(late.uid, ())):
            found = True
            yield made
    lightest = sorted(rivals, key=lambda job: job.weight)
    for count in range(2, len(lightest) + 1 if not found else 0):
        made = _with_first([late], lightest[:count], standing, table)
        if not is_late(late, made.get(late.uid, ())):
            yield made
            return
