"""Who is planned, and in what terms.

Rule: tasks in, jobs out; no slot is looked at here. What is not wanted waits in the lists; what
is wanted and cannot be placed anywhere gets its reason here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from operator import attrgetter

from mdtasks.model import Priority, Status, Task
from mdtasks.plan.dependencies import in_order, is_set_aside, open_by_id
from mdtasks.plan.estimates import length_of, planned_length
from mdtasks.plan.frame import Frame, Job
from mdtasks.plan.marks import carry, likes, purposes
from mdtasks.plan.reasons import IMPORTANT, waits_for
from mdtasks.plan.recurrence import Rule, next_date, parse_rule
from mdtasks.plan.shares import share_of
from mdtasks.plan.slots import ONE_DAY, midnight, moment
from mdtasks.plan.urgency import default_order, urgency
from mdtasks.settings import Hours, Shape

NO_SHAPE = Shape()
ANY_HOURS = Hours()
DAILY = frozenset({"every day", "every weekday"})

# More than this many tasks, by urgency, cannot find room in a week; where a pile of thousands is
# overdue, the others need not be tried.
CONTENDERS = 600
CROWDED_OUT = "more urgent tasks fill the days"

# How many of the steps before it a step follows: most of them follow each other.
NEAR = 8

# A task with its open ancestors, nearest first.
Lineage = tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`pinned` have a day and a time of their own; `jobs` come in the default order.

    `tags` are those of the weekly quotas that a task counts for; the `idle` among the jobs are
    wanted for nothing else.
    """

    pinned: tuple[Task, ...]
    jobs: dict[str, Job]
    refused: dict[str, str]
    tags: dict[str, tuple[str, ...]]
    idle: frozenset[str]


def wanted(
    tasks: Iterable[Task], frame: Frame, shape: Shape = NO_SHAPE, hours: Hours = ANY_HOURS
) -> Wanted:
    """Return what the days shall hold, whatever the order of `tasks`."""
    opened = sorted((task for task in tasks if task.is_open), key=attrgetter("uid"))
    frame.heed()
    lineages = _lineages(opened, frame)
    tags = _quota_tags(lineages, shape)
    asked = [line for line in lineages.values() if _is_wanted(line, frame)]
    idle = {uid: lineages[uid] for uid in tags if _is_idle(lineages[uid], frame)}
    asked += idle.values()
    frame.heed()
    asked.sort(key=lambda line: (*default_order(line[0], frame.today), line[0].uid))
    crowd = [line for line in asked if not is_pinned(line[0], frame)][CONTENDERS:]
    refused = {line[0].uid: CROWDED_OUT for line in crowd}
    asked = [line for line in asked if line[0].uid not in refused]
    pinned = tuple(line[0] for line in asked if is_pinned(line[0], frame))
    heirs = [heir(line) for line in asked if not is_pinned(line[0], frame)]
    opens = {task.uid: _opens(task, frame) for task in heirs}
    after = _after(asked, opened, lineages)

    shares = _shares((t for t in heirs if t.uid not in tags), opens, hours, frame)

    waits: dict[str, tuple[str, ...]] = dict.fromkeys((task.uid for task in pinned), ())
    # What waits for the end of one that ends later waits for none that is there.
    waits |= {
        t.uid: tuple("" if uid in shares else uid for uid in after[t.uid])
        for t in heirs
        if opens[t.uid] <= frame.last
    }
    placeable = frozenset(in_order(waits))

    follows = _earlier_steps(asked, after)
    by_uid = {task.uid: task for task in opened}
    jobs: dict[str, Job] = {}
    for task in heirs:
        uid = task.uid
        if uid in placeable:
            job = _job(task, opens[uid], after[uid], frame)
            line = lineages[uid]
            jobs[uid] = replace(
                job,
                purposes=purposes(line, shape),
                likes=likes(line, shape),
                follows=tuple(other for other in follows.get(uid, ()) if other in placeable),
                length=shares.get(uid, job.length),
            )
        elif opens[uid] > frame.last:
            refused[uid] = f"starts {opens[uid]}"
        else:
            missing = next(u for u in after[uid] if u not in placeable or u in shares)
            refused[uid] = waits_for(by_uid[missing])
    return Wanted(pinned, jobs, _without(idle, refused), tags, frozenset(idle))


def _shares(
    tasks: Iterable[Task], opens: Mapping[str, date], hours: Hours, frame: Frame
) -> dict[str, timedelta]:
    """Return how much of them is for these days, for those that end behind them."""
    found: dict[str, timedelta] = {}
    for task in tasks:
        # What has a time of day is as long as it was written, and what repeats daily has its day.
        if task.estimate and not task.begins and _daily_rule(task) is None:
            length = planned_length(task, frame.last, frame.factors, frame.settings.step)
            part = share_of(task, length or task.estimate, opens[task.uid], hours, frame)
            if part:
                found[task.uid] = part
    return found


def _without(some: Collection[str], refused: Mapping[str, str]) -> dict[str, str]:
    return {uid: reason for uid, reason in refused.items() if uid not in some}


def is_pinned(task: Task, frame: Frame) -> bool:
    """Whether the person wrote a day and a time that the frame holds."""
    return (
        task.begins is not None
        and task.scheduled is not None
        and frame.today <= task.scheduled <= frame.last
    )


def _lineages(opened: Sequence[Task], frame: Frame) -> dict[str, Lineage]:
    """Return the tasks that are planned by themselves.

    A parent is planned by its open subtasks, unless they are all set aside; a pinned one holds
    them all.
    """
    by_uid = {task.uid: task for task in opened}
    parents = {task.parent for task in opened if not is_set_aside(task)}
    lineages: dict[str, Lineage] = {}
    for task in opened:
        line = lineage(task, by_uid)
        if is_pinned(task, frame) or not (
            task.uid in parents or any(is_pinned(above, frame) for above in line)
        ):
            lineages[task.uid] = line
    return lineages


def lineage(task: Task, by_uid: Mapping[str, Task]) -> Lineage:
    if task.parent is None:
        return (task,)
    line = {task.uid: task}
    while (parent := by_uid.get(task.parent or "")) and parent.uid not in line:
        line[parent.uid] = task = parent
    return tuple(line.values())


def _is_wanted(line: Lineage, frame: Frame) -> bool:
    if any(map(is_set_aside, line)) or not any(_is_asked_for(task, frame) for task in line):
        return False
    task = heir(line)
    # A date within the frame is a promise: it is named, not passed over, where it cannot be kept.
    return is_dated(task, frame) or _opens(task, frame) <= frame.last


def _quota_tags(lineages: Mapping[str, Lineage], shape: Shape) -> dict[str, tuple[str, ...]]:
    tags = [quota.tag for quota in shape.quotas]
    lines = lineages.items() if tags else ()
    found = {uid: tuple(tag for tag in tags if carry(line, tag)) for uid, line in lines}
    return {uid: carried for uid, carried in found.items() if carried}


def _is_idle(line: Lineage, frame: Frame) -> bool:
    """Whether nothing but a quota asks for it, and its day is near."""
    return (
        not any(is_set_aside(task) or _is_asked_for(task, frame) for task in line)
        and _opens(heir(line), frame) <= frame.last
    )


def _is_asked_for(task: Task, frame: Frame) -> bool:
    return bool(
        task.status is Status.IN_PROGRESS
        or is_dated(task, frame)
        or task.priority in IMPORTANT
        or task.estimate
        or task.begins
    )


def is_dated(task: Task, frame: Frame) -> bool:
    last = frame.last
    return bool((task.due and task.due <= last) or (task.scheduled and task.scheduled <= last))


def heir(line: Lineage) -> Task:
    """Return the task with the dates and the priority that it lacks from its nearest ancestors."""
    task = line[0]
    if len(line) == 1:
        return task
    due = next((above for above in line if above.due), task)
    scheduled = next((above.scheduled for above in line if above.scheduled), None)
    if scheduled and due.due and not task.scheduled:
        # The day of what it is a step of does not put off what is due before.
        scheduled = min(scheduled, due.due)
    return task._replace(
        due=due.due,
        due_time=due.due_time,
        start=next((above.start for above in line if above.start), None),
        scheduled=scheduled,
        priority=next(
            (above.priority for above in line if above.priority is not Priority.NONE),
            Priority.NONE,
        ),
    )


def _after(
    asked: Iterable[Lineage], opened: Sequence[Task], lineages: Mapping[str, Lineage]
) -> dict[str, tuple[str, ...]]:
    """Return for each task asked for what it waits for, through parents on both sides.

    Where nothing under a task is planned, its own uid stands for it.
    """
    under: defaultdict[str, list[str]] = defaultdict(list)
    for uid, line in lineages.items():
        for task in line:
            under[task.uid].append(uid)
    by_id = open_by_id(opened)
    return {
        line[0].uid: tuple(
            dict.fromkeys(
                leaf
                for task in line
                for name in task.depends_on
                for other in by_id.get(name, ())
                for leaf in under.get(other.uid, [other.uid])
            )
        )
        for line in asked
    }


def _earlier_steps(
    asked: Iterable[Lineage], after: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Return for each step of a task the steps before it in the note, the nearest few.

    Steps with a date, a time, a priority or something to wait for are in no order.
    """
    steps: defaultdict[str, list[Task]] = defaultdict(list)
    for task in (line[0] for line in asked):
        own = task.due or task.scheduled or task.start or task.begins or after[task.uid]
        plain = task.status is Status.TODO and task.priority is Priority.NONE
        if task.parent and plain and not own:
            steps[task.parent].append(task)
    follows: dict[str, tuple[str, ...]] = {}
    for some in steps.values():
        some.sort(key=lambda task: (task.source.path, task.source.line))
        uids = [task.uid for task in some]
        follows |= {uid: tuple(uids[max(0, n - NEAR) : n]) for n, uid in enumerate(uids)}
    return follows


def _job(task: Task, opens: date, after: tuple[str, ...], frame: Frame) -> Job:
    settings, zone = frame.settings, frame.zone
    said = length_of(task)
    length = planned_length(task, frame.last, frame.factors, settings.step)
    length = length or settings.default_estimate
    # What comes back every day is for its own day only: tomorrow brings the next one.
    daily = _daily_rule(task) is not None
    until = midnight(opens + ONE_DAY, zone) if daily else frame.end
    return Job(
        uid=task.uid,
        task=task,
        length=length,
        weight=max(1.0, urgency(task, frame.today) + 3.0),
        ready=max(frame.now, midnight(opens, zone)),
        until=until,
        deadline=deadline_of(task, frame) or (until if daily else None),
        after=after,
        small=not said or said <= settings.micro_max,
    )


def _opens(task: Task, frame: Frame) -> date:
    """Return the first day, from today on, that it may stand on."""
    today, rule = frame.today, _daily_rule(task)
    if rule is None:
        return max(today, task.scheduled or today, task.start or today)
    day = max(today, task.scheduled or task.due or today, task.start or today)
    return next_date(rule, day - ONE_DAY) or day


def _daily_rule(task: Task) -> Rule | None:
    rule = parse_rule(task.recurrence) if task.recurrence else None
    return rule if rule and rule.text.removesuffix(" when done") in DAILY else None


def deadline_of(task: Task, frame: Frame) -> datetime | None:
    """Return when the due day ends, or its written time comes; None after the frame.

    What was due before today was due when today began: how long ago changes no order.
    """
    if task.due is None or task.due > frame.last:
        return None
    if task.due < frame.today:
        return midnight(frame.today, frame.zone)
    if task.due_time:
        return moment(task.due, task.due_time, frame.zone)
    return midnight(task.due + ONE_DAY, frame.zone)
