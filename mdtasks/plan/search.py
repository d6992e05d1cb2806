"""Find a good order to place jobs in.

Rule: a fixed number of orders is tried, and the cheapest placement wins. Chance is seeded, so
that equal inputs give equal plans.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from heapq import heappop, heappush
from math import exp

from mdtasks.plan.dependencies import in_order
from mdtasks.plan.descent import Line, improved
from mdtasks.plan.frame import Frame, Job, Placement
from mdtasks.plan.place import HOUR, NOTHING, PRICES, Room, left_over, pack

# How soon a due date begins to count: each suits other weeks, so all are tried.
PATIENCE_HOURS = (4.0, 24.0, 96.0)
# How much of the free time before a due date can be filled: buffers and short gaps take the rest;
# and whether no more of a day than the daily load.
YIELDS = ((0.85, False), (0.95, False), (0.95, True))
# Where jobs need more than this many times the free time, the least worthy are not tried.
SURPLUS = 3
# How much the local search does in a week: a job costs one, and two for each of its pieces. Over
# more days it does less, because each takes longer.
EFFORT = 150_000
# How many orders are gone on with, and which part of the work each of them has.
ROUNDS = ((9, 28), (3, 8), (1, 2))

# Uid -> rank; the lowest is placed first.
Ranks = dict[str, float]


def best_order(jobs: Sequence[Job], frame: Frame, room: Room, standing: Placement) -> list[Job]:
    """Return the order whose placement is the cheapest found.

    `jobs` come in the default order, which settles ties; those without a chance are left out, and
    those that stand already.
    """
    jobs = [j for j in jobs if left_over(j, standing.get(j.uid, ()), frame) > NOTHING]
    jobs = _contenders(jobs, frame, room, standing)
    packing = pack(jobs, frame, room, standing)
    numbers = {job.uid: number for number, job in enumerate(jobs)}
    worths = [_by_worth(jobs, frame, patience) for patience in PATIENCE_HOURS]
    guarded = [_guarded(jobs, worth, frame, room, *y) for worth in worths[1:] for y in YIELDS]
    orders = [[numbers[job.uid] for job in _sequence(jobs, r)] for r in (*worths, *guarded)]
    if not jobs:
        return []
    effort = EFFORT * 7 // max(7, len(frame.days))
    lines = [Line(packing, order) for order in orders]
    for many, part in ROUNDS:
        best = sorted(lines, key=lambda line: line.total)[:many]
        lines = [improved(line, effort // part, frame.heed) for line in best]
    line = min(lines, key=lambda line: line.total)
    return [jobs[number] for number in line.order]


def _contenders(jobs: Sequence[Job], frame: Frame, room: Room, standing: Placement) -> list[Job]:
    """Return the jobs, in their order, that have a chance: begun, due in time, or worthy."""
    worth = _by_worth(jobs, frame, PATIENCE_HOURS[1])
    first = min(worth.values(), default=0.0)
    for job in jobs:
        if job.can_be_saved(frame.now):
            worth[job.uid] += first
    free = sum((slot.length for slot in room.free), NOTHING)
    left = SURPLUS * free
    chosen: set[str] = set()
    for job in _sequence(jobs, worth):
        # What is longer than all that is free takes no other's chance.
        if job.uid in standing or (left > NOTHING and job.length <= free):
            chosen.add(job.uid)
            left -= job.length
    return [job for job in jobs if job.uid in chosen]


def _by_worth(jobs: Sequence[Job], frame: Frame, patience_hours: float) -> Ranks:
    """Rank by what an hour of delay costs for an hour of work, more so as the due date nears.

    Weighted shortest processing time, with the exponential look-ahead of Vepsalainen and
    Morton's apparent tardiness cost (Management Science 33, 1987).
    """

    def worth(job: Job) -> float:
        rate = job.weight / (job.length / HOUR)
        if job.deadline is None:
            return rate
        slack = max((job.deadline - frame.now - job.length) / HOUR, 0.0)
        return rate * (1.0 + PRICES.tardiness * exp(-slack / patience_hours))

    return {job.uid: -worth(job) for job in jobs}


def _guarded(
    jobs: Sequence[Job], worth: Ranks, frame: Frame, room: Room, share: float, loaded: bool
) -> Ranks:
    """Rank by worth, but let nothing go before a due job that would be late for it."""

    @cache
    def time_before(deadline: datetime) -> timedelta:
        days = _free_by_day(room, deadline)
        if not loaded:
            return share * sum(days.values(), NOTHING)
        load, focus = frame.settings.daily_load, room.focus
        left = {day: max(load - focus.get(day, NOTHING), NOTHING) for day in days}
        return sum((min(share * free, left[day]) for day, free in days.items()), NOTHING)

    due = _in_time(jobs, frame, time_before)
    given_up = {job.uid for job in jobs if job.can_be_saved(frame.now)}
    given_up -= {job.uid for _, job in due}
    waiting = sorted(jobs, key=lambda job: (job.uid in given_up, worth[job.uid]))
    used = NOTHING
    ranks: Ranks = {}
    while waiting:
        job = waiting[0]
        total = used + job.length
        for deadline, other in due:
            total += other.length if other is not job else NOTHING
            if total > time_before(deadline):
                job = due[0][1]
                break
        waiting.remove(job)
        due = [(deadline, other) for deadline, other in due if other is not job]
        used += job.length
        ranks[job.uid] = float(len(ranks))
    return ranks


def _free_by_day(room: Room, deadline: datetime) -> dict[date, timedelta]:
    """Return how much time there is before the deadline."""
    free: dict[date, timedelta] = {}
    for slot in room.free:
        if slot.start < deadline:
            length = min(slot.end, deadline) - slot.start
            free[slot.day] = free.get(slot.day, NOTHING) + length
    return free


def _in_time(
    jobs: Sequence[Job], frame: Frame, time_before: Callable[[datetime], timedelta]
) -> list[tuple[datetime, Job]]:
    """Return the jobs whose due dates can all be kept, by due date.

    The weighted form of Moore and Hodgson's rule: where the time does not hold all that is due by
    then, the job that is worth least an hour is let go.
    """
    due = sorted(
        (job.deadline, job.uid, job) for job in jobs if job.deadline and job.deadline > frame.now
    )
    chosen: list[tuple[float, str, Job]] = []
    total = NOTHING
    for deadline, uid, job in due:
        heappush(chosen, (job.weight / (job.length / HOUR), uid, job))
        total += job.length
        while total > time_before(deadline):
            total -= heappop(chosen)[2].length
    kept = {uid for _, uid, _ in chosen}
    return [(deadline, job) for deadline, uid, job in due if uid in kept]


def _sequence(jobs: Sequence[Job], ranks: Ranks) -> list[Job]:
    """Return the jobs by rank, each after those that it waits for, and those as early as it."""
    by_uid = {job.uid: job for job in jobs}
    ranks = dict(ranks)
    waits = {
        uid: [other for other in (*job.after, *job.follows) if other in by_uid]
        for uid, job in by_uid.items()
    }
    for uid in reversed(in_order(waits)):
        for other in by_uid[uid].after:
            if other in by_uid:
                ranks[other] = min(ranks[other], ranks[uid])
    ordered = sorted(by_uid, key=ranks.__getitem__)
    return [by_uid[uid] for uid in in_order({uid: waits[uid] for uid in ordered})]
