"""Weekly quotas: so many sessions a week, one a day, as jobs among the others.

Rule: what is done is told by ticks; where nothing was ticked this week, a session that is over
counts. Each session has days of its own, so that no two meet on one and the week is spread
evenly; where in these days it falls is for the planner to decide, as with any other job.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from typing import NamedTuple

from mdtasks.dates import format_duration
from mdtasks.model import Block, Plan, Priority, Source, Status, Task
from mdtasks.plan.frame import Frame, Job, Placement
from mdtasks.plan.marks import carries, likes, purposes
from mdtasks.plan.place import NOTHING
from mdtasks.plan.reasons import day_name
from mdtasks.plan.slots import ONE_DAY, midnight, moment
from mdtasks.plan.urgency import PRIORITY_URGENCY
from mdtasks.plan.wanted import Wanted, is_dated
from mdtasks.settings import Hours, Quota, Shape

WEEK = 7
WEIGHT = PRIORITY_URGENCY[Priority.NONE] + 3.0  # that of any task without dates


@dataclass(frozen=True, slots=True)
class Session:
    """One session: its name for ever, and the days of its own, the last one included."""

    quota: Quota
    week: date  # its first day
    number: int
    first: date
    last: date

    @property
    def uid(self) -> str:
        return f"{self.quota.tag} {self.week} {self.number}"

    @property
    def words(self) -> str:
        return f"session {self.number} of {self.quota.times} a week"


class Sessions(NamedTuple):
    """The sessions by uid; the jobs with them, and without what they hold; what waits for a later
    one, and why; lines on what has no day.
    """

    named: dict[str, Session]
    jobs: dict[str, Job]
    refused: dict[str, str]
    notices: list[str]


def with_sessions(
    want: Wanted,
    tasks: Iterable[Task],
    hours: Hours,
    shape: Shape,
    week_start: int,
    last: Plan,
    frame: Frame,
) -> Sessions:
    """Return the jobs of `want` where a session holds what is done in it.

    `tasks` are the open ones, and those that were done this week.
    """
    tasks = tuple(tasks)
    sessions: list[Session] = []
    notices: list[str] = []
    for quota in shape.quotas:
        for week in _weeks(frame, week_start):
            served = _served(quota, want, tasks, week, frame)
            days = _days(quota, week, hours, shape)
            found, short = _sessions(quota, week, served, days, last, frame)
            sessions += found
            if short and week <= frame.today:
                many = f"{short} of {quota.times} sessions"
                notices.append(f"“{quota.name}”: no day of this week is left for {many}")
    sessions.sort(key=lambda each: (each.first, each.uid))
    jobs, refused = _filled(sessions, want, shape, frame)
    return Sessions({session.uid: session for session in sessions}, jobs, refused, notices)


# Which days


def _days(quota: Quota, week: date, hours: Hours, shape: Shape) -> list[date]:
    """Return the days on which a session may be: those with hours, or with time kept for it."""
    kept = {
        day
        for block in shape.blocks
        if any(carries(_named(quota), mark) for mark in block.only)
        for day in block.days or ()
    }
    days = (week + n * ONE_DAY for n in range(WEEK))
    return [
        day
        for day in days
        if hours.on(day) or (day.weekday() in kept and day not in hours.exceptions)
    ]


def _weeks(frame: Frame, week_start: int) -> list[date]:
    """Return the first days of the weeks that the frame touches."""
    first = frame.today - timedelta(days=(frame.today.weekday() - week_start) % WEEK)
    count = (frame.last - first).days // WEEK + 1
    return [first + n * WEEK * ONE_DAY for n in range(count)]


class _Served(NamedTuple):
    """The days with a tick, and the other days on which a task has a time of its own."""

    ticked: frozenset[date]
    timed: frozenset[date]


def _served(quota: Quota, want: Wanted, tasks: Iterable[Task], week: date, frame: Frame) -> _Served:
    held = [task for task in want.pinned if quota.tag in want.tags.get(task.uid, ())]
    timed = {task.scheduled for task in held if task.scheduled}
    timed |= {
        _day_of(job, frame)
        for uid, job in want.jobs.items()
        if job.task.begins and quota.tag in want.tags.get(uid, ())
    }
    days = frozenset(week + n * ONE_DAY for n in range(WEEK))
    ticked = {
        task.done
        for task in tasks
        if task.status is Status.DONE and task.done and carries(task, quota.tag)
    }
    return _Served(days & ticked, days & timed - ticked)


def _day_of(job: Job, frame: Frame) -> date:
    """Return the first day on which the written time is still to come."""
    day = max(job.ready, frame.now).astimezone(frame.zone).date()
    begins = job.task.begins
    if begins and moment(day, begins, frame.zone) < frame.now:
        return day + ONE_DAY
    return day


def _sessions(
    quota: Quota, week: date, served: _Served, days: Sequence[date], last: Plan, frame: Frame
) -> tuple[list[Session], int]:
    """Return the sessions of a week that are to come within the frame, and how many have no day."""
    spread = _spread(days, (), (), quota.times)
    own = [block for block in last.blocks if block.session.startswith(f"{quota.tag} {week} ")]
    over = {_number(block): block for block in own if block.end <= frame.now}
    ahead = [_number(block) for block in own if block.end > frame.now]
    if served.ticked:
        done = len(served.ticked)
    else:
        # What is over is done; what the last plan still has ahead is not.
        passed = max([sum(day < frame.today for day in spread), *over])
        done = min([passed, *(number - 1 for number in ahead)])
    left = max(quota.times - done - len(served.timed), 0)
    taken = served.ticked | served.timed
    had = {block.start.astimezone(frame.zone).date() for block in over.values()}
    free = [day for day in days if day >= frame.today and day not in taken and day not in had]
    chosen = _spread(free, taken, spread, left)
    ends = sorted({*chosen, *taken, week + WEEK * ONE_DAY})
    sessions = [
        Session(quota, week, done + nth, day, next(end for end in ends if end > day) - ONE_DAY)
        for nth, day in enumerate(chosen, start=1)
        if day <= frame.last
    ]
    return sessions, left - len(chosen)


def _number(block: Block) -> int:
    return int(block.session.rpartition(" ")[2])


def _spread(
    days: Sequence[date], taken: Collection[date], wished: Collection[date], count: int
) -> tuple[date, ...]:
    """Return `count` of the days: as many as can be of those wished, then as evenly as can be
    beside those taken, then the earliest.
    """

    def worth(some: tuple[date, ...]) -> tuple[int, tuple[int, int], tuple[date, ...]]:
        return -len({*wished}.intersection(some)), _unevenness({*taken, *some}), some

    return min(combinations(days, min(count, len(days))), key=worth)


def _unevenness(days: Collection[date]) -> tuple[int, int]:
    """Return a measure that is least where the gaps are alike, week after week."""
    numbers = sorted(day.toordinal() for day in days)
    if not numbers:
        return 0, 0
    gaps = [b - a for a, b in zip(numbers, [*numbers[1:], numbers[0] + WEEK], strict=True)]
    return -min(gaps), sum(gap * gap for gap in gaps)


# What is done in them


def _named(quota: Quota) -> Task:
    """Return what stands for a session that no task fills."""
    return Task(Source("", 0, ""), Status.TODO, " ", quota.name, tags=(quota.tag,))


def _filled(
    sessions: Iterable[Session], want: Wanted, shape: Shape, frame: Frame
) -> tuple[dict[str, Job], dict[str, str]]:
    """Return the jobs with the sessions, and what waits for a later one, with the reason."""
    needed = {uid for job in want.jobs.values() for uid in job.after}
    fit = {
        uid: job if is_dated(job.task, frame) else replace(job, until=frame.end, deadline=None)
        for uid, job in want.jobs.items()
        if uid in want.tags and uid not in needed and not (job.after or job.task.begins)
    }
    left = {uid: job.length if job.task.estimate else NOTHING for uid, job in fit.items()}
    made: dict[str, Job] = {}
    held: set[str] = set()
    for session in sessions:
        found = next(
            (
                job
                for uid, job in fit.items()
                if session.quota.tag in want.tags[uid]
                and (uid not in held or left[uid] > NOTHING)
                and _fits(job, session, frame)
            ),
            None,
        )
        made[session.uid] = _job(session, found, shape, frame)
        if found:
            held.add(found.uid)
            left[found.uid] -= session.quota.length
    waiting = {uid for uid, job in fit.items() if uid not in held and _can_wait(job, frame)}
    gone = held | waiting | want.idle
    jobs = {uid: job for uid, job in want.jobs.items() if uid not in gone}
    refused = {uid: f"waits for a session of {want.tags[uid][0]}" for uid in waiting - want.idle}
    return {**jobs, **made}, refused


def _fits(job: Job, session: Session, frame: Frame) -> bool:
    """Whether the session can hold the task, or a part of it where no due date is near."""
    first = midnight(session.first, frame.zone)
    next_day = midnight(session.first + ONE_DAY, frame.zone)
    if job.task.due and job.can_be_saved(frame.now):
        in_time = job.deadline is not None and job.deadline >= next_day
        return job.ready <= max(first, frame.now) and in_time and job.length <= session.quota.length
    return job.ready <= max(first, frame.now) and job.until >= next_day


def _can_wait(job: Job, frame: Frame) -> bool:
    """Whether no date asks for it in these days; what repeats daily has its sessions as days."""
    return job.task.status is not Status.IN_PROGRESS and not is_dated(job.task, frame)


def _job(session: Session, held: Job | None, shape: Shape, frame: Frame) -> Job:
    """Return the session as a job of one piece. `held` is what is done in it."""
    own = _named(session.quota)
    until = midnight(session.last + ONE_DAY, frame.zone)
    if held:
        until = min(until, held.until)
        if held.deadline and held.can_be_saved(frame.now):
            until = min(until, held.deadline)
    return Job(
        uid=session.uid,
        task=held.task if held else own,
        length=session.quota.length,
        weight=max(held.weight if held else WEIGHT, WEIGHT),
        ready=max(frame.now, midnight(session.first, frame.zone)),
        until=min(until, frame.end),
        deadline=until if until <= frame.end else None,
        after=(),
        small=False,
        purposes=purposes((own,), shape) | (held.purposes if held else frozenset()),
        likes=(held.likes if held else ()) or likes((own,), shape),
        whole=True,
    )


# What became of them


def blocks_over(last: Plan, opened: Collection[str], frame: Frame) -> Iterator[Block]:
    """Yield the sessions of today that are over, as they were planned."""
    for block in last.blocks:
        is_today = block.start.astimezone(frame.zone).date() == frame.today
        if (
            block.session
            and is_today
            and block.end <= frame.now
            and set(opened).issuperset(block.tasks)
        ):
            yield block


def without_place(sessions: Sessions, placement: Placement, frame: Frame) -> Iterator[str]:
    """Yield a line for each session that finds no place on its days."""
    for uid, session in sessions.named.items():
        if uid not in placement and session.last <= frame.last:
            first = day_name(session.first, frame.today)
            until = day_name(session.last, frame.today)
            days = first if session.first == session.last else f"from {first} to {until}"
            length = format_duration(session.quota.length)
            yield f"“{session.quota.name}” has no free {length} {days}: {session.words}"
