"""Why a task stands where it does, and what it competed with for an earlier place.

Rule: only what is so, computed from the plan and the tasks; nothing is placed here. Where no
plain difference explains an order, it is said whether the plan before had it so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from mdtasks.dates import format_duration
from mdtasks.model import Block, Kind, Plan, Priority, Task
from mdtasks.plan.dependencies import is_set_aside
from mdtasks.plan.estimates import estimate_phrase, planned_length
from mdtasks.plan.frame import Frame, Job
from mdtasks.plan.place import HOUR, NOTHING
from mdtasks.plan.reasons import day_name
from mdtasks.plan.risk import in_utc
from mdtasks.plan.shares import whole_of
from mdtasks.plan.slots import Slot, slot, working_slots
from mdtasks.plan.urgency import PRIORITY_URGENCY, urgency
from mdtasks.plan.wanted import DAILY, Wanted, is_pinned, lineage, wanted
from mdtasks.settings import Hours, Shape

NOT_ASKED = "nothing says that it is wanted soon: no date, no estimate, no time, no priority"


class Rival(NamedTuple):
    """A block that holds earlier time, and why it goes first."""

    block: Block
    why: str


class Contest(NamedTuple):
    """One task in the plan. `place` are its blocks, `no_place` says why there are none; `facts`
    are pairs of a name and words: what it weighs, needs, and must keep to."""

    task: Task
    place: tuple[Block, ...]
    no_place: str
    facts: tuple[tuple[str, str], ...]
    rivals: tuple[Rival, ...]


class _Scene(NamedTuple):
    """What all the facts are read from. `fresh` is the plan as it would be with none before."""

    plan: Plan
    fresh: Plan
    tasks: Mapping[str, Task]
    want: Wanted
    working: list[Slot]
    frame: Frame

    def job(self, uid: str) -> Job | None:
        return self.want.jobs.get(uid)


def contest(
    task: Task,
    plan: Plan,
    fresh: Plan,
    tasks: Iterable[Task],
    hours: Hours,
    shape: Shape,
    frame: Frame,
) -> Contest:
    """Return all about one task. `tasks` is what is open, `fresh` the plan if there were none
    before; `frame` is that of the plan."""
    by_uid = {each.uid: each for each in tasks if each.is_open}
    task = by_uid.get(task.uid, task)
    working = working_slots(hours, frame.days, frame.zone)
    want = wanted(by_uid.values(), frame, shape, hours)
    scene = _Scene(plan, fresh, by_uid, want, working, frame)
    place = tuple(block for block in plan.blocks if task.uid in block.tasks)
    facts = [(name, words) for name, words in _facts(task, place, scene) if words]
    return Contest(
        task=task,
        place=place,
        no_place="" if place else _no_place(task, scene),
        facts=tuple(facts),
        rivals=tuple(_rivals(task, place, scene)),
    )


def _no_place(task: Task, scene: _Scene) -> str:
    """Return why the plan has no block of the task."""
    for entry in scene.plan.unplaced:
        if entry.task == task.uid:
            return entry.reason
    if not task.is_open:
        return f"it is {task.status.replace('_', ' ')}"
    line = lineage(task, scene.tasks)
    for above in line:
        step = "" if above is task else f"“{above.text}” "
        if above.assignee:
            return f"{step}waits for {above.assignee}"
        if is_set_aside(above):
            return f"{step}is on hold" if step else "it is on hold"
    steps = [each for each in scene.tasks.values() if each.parent == task.uid]
    if any(not is_set_aside(step) for step in steps):
        return "its steps are planned instead"
    if pinned := next((above for above in line[1:] if is_pinned(above, scene.frame)), None):
        return f"“{pinned.text}” is planned instead, at the time you wrote"
    later = max(filter(None, (task.start, task.scheduled)), default=scene.frame.today)
    if later > scene.frame.last:
        return f"it starts {later}, after the planned days"
    return NOT_ASKED


# Facts


def _facts(task: Task, place: tuple[Block, ...], scene: _Scene) -> Iterator[tuple[str, str]]:
    job, frame = scene.job(task.uid), scene.frame
    own = job.task if job else task
    yield "urgency", _urgency(own, frame.today)
    if job:
        yield "rank", _rank(job, scene)
    yield "needs", _needs(own, job, place, frame)
    yield "starts", _starts(job, own, frame)
    yield "due", _due(own, job, frame)
    if task.begins:
        yield "time", f"you wrote {task.begins:%H:%M}"
    yield "waits for", "; ".join(_waits(job, scene)) if job else ""
    if job and not job.small:
        yield "load", _full_days(task, place, scene)


def _urgency(task: Task, today: date) -> str:
    """Return the sum in words: "10.8: due Fri 4.8, high priority 6"."""
    total = urgency(task, today)
    bare = task._replace(due=None)
    parts = []
    if task.due:
        word = "was due" if task.due < today else "due"
        parts.append(f"{word} {day_name(task.due, today)} {_number(total - urgency(bare, today))}")
    if task.scheduled and task.scheduled <= today:
        parts.append("scheduled by now 5")
    if task.start and task.start > today:
        parts.append("not begun yet -3")
    name = "no priority" if task.priority is Priority.NONE else f"{task.priority} priority"
    parts.append(f"{name} {_number(PRIORITY_URGENCY[task.priority])}")
    return f"{_number(total)}: {', '.join(parts)}"


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


def _rank(job: Job, scene: _Scene) -> str:
    others = [each for each in scene.want.jobs.values() if each.uid != job.uid]
    above = sum(each.weight > job.weight for each in others)
    if not others:
        return "the only task that asks for time"
    return f"{above} of {len(others)} other tasks that ask for time are more urgent"


def _needs(task: Task, job: Job | None, place: tuple[Block, ...], frame: Frame) -> str:
    whose = "" if task.estimate else ", as it has no estimate"
    settings = frame.settings
    known = planned_length(task, frame.last, frame.factors, settings.step)
    length = known or settings.default_estimate
    if slower := estimate_phrase(task, frame.last, frame.factors, settings.step):
        whose = f": {slower}"
    if job and whole_of(job, frame):
        part = sum((b.end - b.start for b in in_utc(place)), NOTHING) or job.length
        whose += f", {format_duration(part)} of it in these days"
    if place and all(block.kind is Kind.FIXED for block in place):
        length, whose = sum((b.end - b.start for b in in_utc(place)), NOTHING), ", as you wrote it"
    pieces = f", in {len(place)} pieces" if len(place) > 1 else ""
    return f"{format_duration(length)}{whose}{pieces}"


def _starts(job: Job | None, task: Task, frame: Frame) -> str:
    if job is None or job.ready <= frame.now:
        return ""
    day = job.ready.astimezone(frame.zone).date()
    if task.recurrence and task.recurrence.removesuffix(" when done") in DAILY:
        return f"{day_name(day, frame.today)}, and no other day: it repeats"
    return f"not before {day_name(day, frame.today)}"


def _due(task: Task, job: Job | None, frame: Frame) -> str:
    if task.due is None:
        return ""
    clock = f" {task.due_time:%H:%M}" if task.due_time else ""
    day = f"{day_name(task.due, frame.today)}{clock}"
    if task.due > frame.last:
        return f"{day}, after the planned days"
    if job and job.deadline and job.deadline <= frame.now:
        return f"was {day}, and cannot be kept"
    return f"by {day}"


def _waits(job: Job, scene: _Scene) -> Iterator[str]:
    for uid in job.after:
        ends = [block.end for block in scene.plan.blocks if uid in block.tasks]
        other = scene.tasks.get(uid)
        when = f"until {_moment(ends[-1], scene.frame)}" if ends else "which has no place"
        yield f"“{other.text if other else uid}”, {when}"


def _full_days(task: Task, place: tuple[Block, ...], scene: _Scene) -> str:
    """Return the days before its place whose focus time leaves too little for a piece of it."""
    frame = scene.frame
    job = scene.job(task.uid)
    assert job
    first = job.ready.astimezone(frame.zone).date()
    last = place[0].start.date() if place else frame.last
    least = min(job.length, frame.settings.min_block)
    load: dict[date, timedelta] = {}
    for block in in_utc(scene.plan.blocks):
        if block.kind is Kind.FOCUS:
            day = block.start.astimezone(frame.zone).date()
            load[day] = load.get(day, NOTHING) + (block.end - block.start)
    limit = frame.settings.daily_load
    until = last if place else last + timedelta(days=1)
    full = [d for d in frame.days if first <= d < until and load.get(d, NOTHING) + least > limit]
    names = ", ".join(day_name(day, frame.today) for day in full)
    return f"full with {format_duration(limit)} of focus: {names}" if full else ""


def _moment(moment: datetime, frame: Frame) -> str:
    local = moment.astimezone(frame.zone)
    return f"{day_name(local.date(), frame.today)} {local:%H:%M}"


# Rivals


def _rivals(task: Task, place: tuple[Block, ...], scene: _Scene) -> Iterator[Rival]:
    """Yield the blocks that hold working time from when it may begin until its last piece does;
    where it has no place, until it is due."""
    job, frame = scene.job(task.uid), scene.frame
    if job is None:
        return
    ends = [b.end for b in scene.plan.blocks if any(uid in job.after for uid in b.tasks)]
    ready = max([job.ready, *ends])
    until = place[-1].start if place else job.until
    if not place and job.can_be_saved(frame.now):
        until = min(until, job.deadline or until)
    for block in scene.plan.blocks:
        if task.uid in block.tasks or block.end <= ready or block.start >= until:
            continue
        piece = slot(block.start, block.end, frame.zone)
        if any(piece.overlaps(open_time) for open_time in scene.working):
            yield Rival(block, _why(block, job, scene))


def _why(block: Block, job: Job, scene: _Scene) -> str:
    """Return why the block goes before the job, most telling first."""
    frame = scene.frame
    if block.kind is Kind.BUSY:
        return "taken in a calendar"
    if block.kind is Kind.BREAK:
        return block.reason or "a break"
    if block.kind is Kind.FIXED:
        return "its time is written"
    if block.start <= frame.now:
        return "it is running"
    stays = not _is_in(scene.fresh, block)
    if stays and block.start.astimezone(UTC) < frame.now + frame.settings.freeze:
        return "it is about to begin, and stood there already"
    rivals = [rival for uid in block.tasks if (rival := scene.job(uid))]
    reasons = (words for rival in rivals if (words := _before(rival, job, frame)))
    if found := next(reasons, ""):
        return found
    if stays:
        return "it stood there in the plan before"
    if block.kind is Kind.MICRO and not job.small:
        return "small tasks fill what the bigger ones leave"
    return "so the days as a whole wait less"


def _before(rival: Job, job: Job, frame: Frame) -> str:
    if rival.uid in job.after:
        return "it must come first"
    if rival.deadline and (job.deadline is None or rival.deadline < job.deadline):
        due = rival.task.due
        if due is None:
            return "it is for that day only"
        if due < frame.today:
            return f"overdue since {day_name(due, frame.today)}"
        return f"due {'sooner: ' if job.deadline else ''}{day_name(due, frame.today)}"
    if rival.weight > job.weight:
        mine, other = (_number(urgency(each.task, frame.today)) for each in (job, rival))
        return f"more urgent: {other} against {mine}"
    if rival.weight / (rival.length / HOUR) > job.weight / (job.length / HOUR):
        return f"more urgent for its length of {format_duration(rival.length)}"
    return ""


def _is_in(plan: Plan, block: Block) -> bool:
    return any(b.start == block.start and set(b.tasks) & set(block.tasks) for b in plan.blocks)
