"""What a plan cannot promise: due dates at risk, and days that hold more than they should.

Rule: facts only, counted from the plan, the tasks and the working hours; nothing is placed here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from mdtasks.model import Block, Kind, Plan, Task
from mdtasks.plan.estimates import planned_length
from mdtasks.plan.frame import Frame
from mdtasks.plan.marks import purposes
from mdtasks.plan.place import NOTHING
from mdtasks.plan.reserved import Taken, lay_out
from mdtasks.plan.slots import Slot, midnight, since, slot, without
from mdtasks.plan.wanted import deadline_of, heir, lineage
from mdtasks.settings import Hours, Shape

# Nobody can work then, whatever is due.
_TAKEN = frozenset({Kind.BUSY, Kind.FIXED})


class Risk(NamedTuple):
    """A due date that the plan misses: `day` is the day, `due` the moment, `left` the work not
    yet behind us, subtasks included; `free` is the working time before it that nothing has taken
    which is due earlier. `ends` is where the plan has the last of it; None where some of it has
    no place."""

    task: str
    day: date
    due: datetime
    left: timedelta
    free: timedelta
    ends: datetime | None


class Load(NamedTuple):
    """A day: its focus time, the most there should be, the working time from now on that stays
    free, and the work due that day which has no place in time."""

    date: date
    focus: timedelta
    limit: timedelta
    free: timedelta
    short: timedelta


class _Work(NamedTuple):
    """What the plan knows of one planned task; `due` is the task whose date counts for it."""

    blocks: tuple[Block, ...]
    length: timedelta
    deadline: datetime | None
    due: Task | None

    @property
    def ends(self) -> datetime | None:
        return self.blocks[-1].end if self.blocks else None

    def is_missed(self, deadline: datetime) -> bool:
        return self.ends is None or self.ends > deadline


class Outlook(NamedTuple):
    """What is read off a plan. `tasks` of `outlook` holds what the plan names, with ancestors."""

    risks: tuple[Risk, ...]
    loads: tuple[Load, ...]


def outlook(
    plan: Plan,
    tasks: Iterable[Task],
    hours: Hours,
    shape: Shape,
    frame: Frame,
    busy: Sequence[Block] = (),
) -> Outlook:
    """Return the due dates that the plan misses, soonest first, and the load of each day.

    `tasks` holds at least what the plan names, with its ancestors; `busy` what stands in the
    calendars.
    """
    by_uid = {task.uid: task for task in tasks if task.is_open}
    blocks = in_utc(plan.blocks)
    works = _works(blocks, plan, by_uid, frame)
    room = usable(plan, hours, shape, frame, busy)
    risks = tuple(_risks(works, by_uid, blocks, room, shape, frame))
    return Outlook(risks, tuple(_loads(works, blocks, room, frame)))


def usable(
    plan: Plan, hours: Hours, shape: Shape, frame: Frame, busy: Sequence[Block] = ()
) -> list[Slot]:
    """Return the working time from now on that is neither busy, nor lunch, nor held by a written
    time. What is kept for some tasks says so in `only`."""
    fixed = [block for block in plan.blocks if block.kind is Kind.FIXED]
    taken = Taken(
        _slots([*busy, *(b for b in plan.blocks if b.kind is Kind.BUSY)], frame),
        _slots(fixed, frame),
    )
    # Buffers are lost between blocks, and here it is about time as such.
    bare = replace(frame, settings=frame.settings._replace(buffer=NOTHING))
    return since(lay_out(hours, shape, taken, plan, bare).room, frame.now)


def missed(plan: Plan, tasks: Iterable[Task], frame: Frame) -> frozenset[str]:
    """Return the tasks whose due date could be kept, and the plan misses it."""
    by_uid = {task.uid: task for task in tasks if task.is_open}
    works = _works(in_utc(plan.blocks), plan, by_uid, frame)
    return frozenset(
        uid
        for uid, work in works.items()
        if work.deadline and work.deadline > frame.now and work.is_missed(work.deadline)
    )


def in_utc(blocks: Iterable[Block]) -> list[Block]:
    # Within a zone Python subtracts by the clock on the wall.
    return [b._replace(start=b.start.astimezone(UTC), end=b.end.astimezone(UTC)) for b in blocks]


def _works(
    blocks: Iterable[Block], plan: Plan, by_uid: Mapping[str, Task], frame: Frame
) -> dict[str, _Work]:
    own: dict[str, list[Block]] = {entry.task: [] for entry in plan.unplaced}
    for block in blocks:
        for uid in block.tasks:
            own.setdefault(uid, []).append(block)
    works = {}
    for uid, pieces in own.items():
        if task := by_uid.get(uid):
            due = next((above for above in lineage(task, by_uid) if above.due), None)
            deadline = deadline_of(due, frame) if due else None
            length = _length(heir(lineage(task, by_uid)), pieces, frame)
            works[uid] = _Work(tuple(pieces), length, deadline, due)
    return works


def _length(task: Task, blocks: Sequence[Block], frame: Frame) -> timedelta:
    """Return how long it is planned for: by its estimate, or from and to the written times."""
    if blocks and all(block.kind is Kind.FIXED for block in blocks):
        return sum((block.end - block.start for block in blocks), NOTHING)
    settings = frame.settings
    length = planned_length(task, frame.last, frame.factors, settings.step)
    return length or settings.default_estimate


def _left(work: _Work, now: datetime) -> timedelta:
    """Return what of the work is not behind us; of a batch one cannot tell who had his turn."""
    own = (block for block in work.blocks if len(block.tasks) == 1)
    behind = sum((max(min(b.end, now) - b.start, NOTHING) for b in own), NOTHING)
    return max(work.length - behind, NOTHING)


def _risks(
    works: Mapping[str, _Work],
    by_uid: Mapping[str, Task],
    blocks: Sequence[Block],
    room: Sequence[Slot],
    shape: Shape,
    frame: Frame,
) -> Iterator[Risk]:
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for uid in works:
        for above in lineage(by_uid[uid], by_uid):
            parts[above.uid].append(uid)
    dated = {uid: deadline_of(by_uid[uid], frame) for uid in parts}
    ordered = sorted((due, uid) for uid, due in dated.items() if due and due > frame.now)
    free: dict[object, timedelta] = {}  # many are due at the same moment
    for due, uid in ordered:
        # A step that is due later by its own word is not what this date waits for.
        own = [
            part
            for part in parts[uid]
            if (until := works[part].deadline) is not None and until <= due
        ]
        if any(works[part].is_missed(due) for part in own):
            key = (due, *_key(by_uid[uid], own, by_uid, works, shape))
            if key not in free:
                space = _until(_open_to(by_uid[uid], by_uid, room, shape, frame), due)
                taken = [block for block in blocks if _goes_first(block, own, due, works)]
                free[key] = _sum(without(space, _slots(taken, frame)))
            ends = [works[part].ends for part in own]
            yield Risk(
                uid,
                by_uid[uid].due or frame.today,
                due.astimezone(frame.zone),
                left=sum((_left(works[part], frame.now) for part in own), NOTHING),
                free=free[key],
                ends=max(filter(None, ends)).astimezone(frame.zone) if all(ends) else None,
            )


def _open_to(
    task: Task, by_uid: Mapping[str, Task], room: Sequence[Slot], shape: Shape, frame: Frame
) -> list[Slot]:
    """Return the time that the task may use: from its start on, and what is kept for its like."""
    line = lineage(task, by_uid)
    own = purposes(line, shape)
    opens = midnight(task.start, frame.zone) if task.start else frame.now
    return since([gap for gap in room if not gap.only or gap.only in own], opens)


def _key(
    task: Task,
    own: Sequence[str],
    by_uid: Mapping[str, Task],
    works: Mapping[str, _Work],
    shape: Shape,
) -> tuple[object, ...]:
    """Return what the free time of a task depends on, beside when it is due."""
    placed = tuple(part for part in own if works[part].blocks)
    return task.start, purposes(lineage(task, by_uid), shape), placed


def _goes_first(
    block: Block, own: Collection[str], due: datetime, works: Mapping[str, _Work]
) -> bool:
    """Whether the block takes its time from what is due then: by its kind, or due earlier."""
    if any(uid in own for uid in block.tasks):
        return False
    if block.kind in _TAKEN:
        return True
    deadlines = (works[uid].deadline for uid in block.tasks if uid in works)
    return any(deadline is not None and deadline < due for deadline in deadlines)


def _loads(
    works: Mapping[str, _Work],
    blocks: Sequence[Block],
    room: Sequence[Slot],
    frame: Frame,
) -> Iterator[Load]:
    gaps = [gap for gap in _gaps(room, blocks, frame) if gap.length >= frame.settings.step]
    for day in frame.days:
        focus = (b for b in blocks if b.kind is Kind.FOCUS and _day(b.start, frame) == day)
        yield Load(
            day,
            focus=sum((block.end - block.start for block in focus), NOTHING),
            limit=frame.settings.daily_load,
            free=_sum(gap for gap in gaps if gap.day == day),
            short=sum((_short(work, day, frame) for work in works.values()), NOTHING),
        )


def _short(work: _Work, day: date, frame: Frame) -> timedelta:
    """Return how much of the work is due that day and has no place before it is due."""
    due = work.deadline
    if due is None or due <= frame.now or work.due is None or work.due.due != day:
        return NOTHING
    if not work.is_missed(due):
        return NOTHING
    in_time = (min(block.end, due) - block.start for block in work.blocks if block.start < due)
    return max(work.length - sum(in_time, NOTHING), NOTHING)


def free_before(
    moment: datetime, blocks: Sequence[Block], room: Sequence[Slot], frame: Frame
) -> timedelta:
    """Return how much of the room before `moment` no block holds, buffers apart."""
    return _sum(_gaps(_until(room, moment), in_utc(blocks), frame))


def _gaps(room: Sequence[Slot], blocks: Sequence[Block], frame: Frame) -> list[Slot]:
    """Return what the blocks leave of the room. A buffer is no time that one could use."""
    buffer = frame.settings.buffer
    whole = {Kind.BUSY, Kind.BREAK}
    pieces = zip(blocks, _slots(blocks, frame), strict=True)
    return without(room, [s if b.kind in whole else s.widened(buffer) for b, s in pieces])


def _until(slots: Iterable[Slot], end: datetime) -> list[Slot]:
    """Return what of `slots` lies before `end`."""
    return [
        Slot(gap.start, min(gap.end, end), gap.day, gap.only) for gap in slots if gap.start < end
    ]


def _slots(blocks: Iterable[Block], frame: Frame) -> list[Slot]:
    return [slot(block.start, block.end, frame.zone) for block in blocks]


def _day(moment: datetime, frame: Frame) -> date:
    return moment.astimezone(frame.zone).date()


def _sum(slots: Iterable[Slot]) -> timedelta:
    return sum((each.length for each in slots), NOTHING)
