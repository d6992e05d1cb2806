"""What must hold of every plan, checked from the outside: by wall clock, block by block.

Rule: nothing here asks the planner how it works; only the values that a caller sees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from mdtasks.model import Block, Kind, Plan, Priority, Source, Status, Task
from mdtasks.plan.schedule import plan_days
from mdtasks.settings import Hours, PlanSettings, Shape

MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")


def minutes(count: int) -> timedelta:
    return count * MINUTE


def task(name: str, **fields: object) -> Task:
    """Return an open task whose text, and uid, is `name`."""
    symbol = " "
    given = {"text": name, "uid": name, "status": Status.TODO, **fields}
    source = Source("Home.md", sum(map(ord, name)), f"- [{symbol}] {name}")
    return Task(source=source, symbol=symbol, **given)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Case:
    """All that a plan is made from."""

    tasks: tuple[Task, ...]
    now: datetime
    zone: ZoneInfo = BERLIN
    hours: Hours = field(default_factory=Hours)
    settings: PlanSettings = field(default_factory=PlanSettings)
    busy: tuple[Block, ...] = ()
    shape: Shape = field(default_factory=Shape)

    def plan(self, last: Plan | None = None) -> Plan:
        inputs = self.tasks, self.hours, self.settings, self.busy, self.now, self.zone
        return plan_days(*inputs, last, self.shape)


def violations(case: Case, plan: Plan) -> list[str]:
    """Return each broken rule of a plan made without a last one; empty for a good plan."""
    by_uid = {each.uid: each for each in case.tasks}
    own = [block for block in plan.blocks if block.kind not in (Kind.FIXED, Kind.BREAK)]
    pieces: defaultdict[str, list[Block]] = defaultdict(list)
    for block in plan.blocks:
        for uid in block.tasks:
            pieces[uid].append(block)
    return [
        *_overlaps(case, plan.blocks),
        *_over_breaks(plan.blocks),
        *(f"{b.title}: outside working hours" for b in own if not _is_inside(b, case)),
        *(f"{b.title}: off the grid" for b in own if _wall(b, case).minute % 5),
        *(f"{b.title}: over" for b in own if b.end <= case.now),
        *_too_early(own, by_uid, case),
        *_out_of_turn(own, pieces, by_uid),
        *_wrong_lengths(own, pieces, by_uid, case),
        *_overloads(own, by_uid, case),
        *_wrong_batches(own, by_uid, case),
        *_lost(plan, case),
    ]


def _wall(block: Block, case: Case) -> datetime:
    return block.start.astimezone(case.zone)


def _length(block: Block) -> timedelta:
    return block.end.astimezone(UTC) - block.start.astimezone(UTC)


def _overlaps(case: Case, blocks: Sequence[Block]) -> Iterator[str]:
    buffer = case.settings.buffer
    for one, other in combinations(blocks, 2):
        if one.kind is other.kind is Kind.FIXED or Kind.BREAK in (one.kind, other.kind):
            continue
        first, second = sorted((one, other), key=lambda block: block.start.astimezone(UTC))
        if second.start.astimezone(UTC) - first.end.astimezone(UTC) < buffer:
            yield f"{first.title} and {second.title}: less than the buffer apart"
    for block in blocks:
        for taken in case.busy:
            if block.kind is not Kind.FIXED and block.start < taken.end and taken.start < block.end:
                yield f"{block.title}: over {taken.title}"


def _over_breaks(blocks: Sequence[Block]) -> Iterator[str]:
    """What is kept free holds nothing that we placed; a written time may lie across it."""
    for kept in (block for block in blocks if block.kind is Kind.BREAK):
        for block in blocks:
            begins, ends = block.start.astimezone(UTC), block.end.astimezone(UTC)
            apart = ends <= kept.start or kept.end <= begins
            if block is not kept and block.kind is not Kind.FIXED and not apart:
                yield f"{block.title}: over {kept.title}"


def _is_inside(block: Block, case: Case) -> bool:
    """Whether every five minutes of the block are working time by the clock on the wall."""
    count = _length(block) // minutes(5)
    instants = (block.start.astimezone(UTC) + minutes(5 * n) for n in range(count))
    return all(is_working(each.astimezone(case.zone), case.hours) for each in instants)


def is_working(wall: datetime, hours: Hours) -> bool:
    clock = wall.time()
    today = hours.on(wall.date())
    yesterday = hours.on(wall.date() - timedelta(days=1))
    return any(
        span.begins <= clock < span.ends or (span.ends <= span.begins <= clock) for span in today
    ) or any(span.ends <= span.begins and clock < span.ends for span in yesterday)


def _too_early(own: Sequence[Block], tasks: Mapping[str, Task], case: Case) -> Iterator[str]:
    for block in own:
        for each in (tasks[uid] for uid in block.tasks):
            if each.start and _wall(block, case).date() < each.start:
                yield f"{each.text}: before its start"


def _out_of_turn(
    own: Sequence[Block], pieces: Mapping[str, list[Block]], tasks: Mapping[str, Task]
) -> Iterator[str]:
    for block in own:
        names = {name for uid in block.tasks for name in tasks[uid].depends_on}
        for other in (each for each in tasks.values() if each.id in names and each.is_open):
            if not pieces[other.uid] or any(b.end > block.start for b in pieces[other.uid]):
                yield f"{block.title}: before {other.text}"


def _wrong_lengths(
    own: Sequence[Block],
    pieces: Mapping[str, list[Block]],
    tasks: Mapping[str, Task],
    case: Case,
) -> Iterator[str]:
    settings = case.settings
    for uid in {uid for block in own if block.kind is Kind.FOCUS for uid in block.tasks}:
        lengths = [_length(block) for block in pieces[uid]]
        needed = _on_grid(tasks[uid].estimate or settings.default_estimate)
        total = sum(lengths, minutes(0))
        if total > needed or (total < needed and not _is_shared(tasks[uid], case)):
            yield f"{uid}: {lengths} for {needed}"
        if min(lengths) < min(settings.min_block, needed) or max(lengths) > settings.max_block:
            yield f"{uid}: pieces of {lengths}"


def _is_shared(each: Task, case: Case) -> bool:
    """Whether the plan may have a part of it: it is due later, and more than a day's load."""
    settings = case.settings
    last = case.now.astimezone(case.zone).date() + timedelta(days=settings.days - 1)
    long = (each.estimate or settings.default_estimate) > settings.daily_load
    return each.due is not None and each.due > last and long


def _on_grid(length: timedelta) -> timedelta:
    return -(-length // minutes(5)) * minutes(5)


def _overloads(own: Sequence[Block], tasks: Mapping[str, Task], case: Case) -> Iterator[str]:
    days: defaultdict[date, list[Block]] = defaultdict(list)
    for block in own:
        if block.kind is Kind.FOCUS:
            days[_wall(block, case).date()].append(block)
    for day, blocks in days.items():
        if sum(map(_length, blocks), minutes(0)) > case.settings.daily_load:
            told = [block for block in blocks if "to be in time" in block.reason]
            if not told or any(block.late for block in told):
                yield f"{day}: too much, and no due date is saved by it"


def _wrong_batches(own: Sequence[Block], tasks: Mapping[str, Task], case: Case) -> Iterator[str]:
    settings = case.settings
    for block in (block for block in own if block.kind is Kind.MICRO):
        estimates = [tasks[uid].estimate or settings.default_estimate for uid in block.tasks]
        if len(estimates) > settings.micro_batch:
            yield f"{block.title}: too many in a batch"
        # What is done of a batch that is running leaves the rest its time.
        if _length(block) != _on_grid(sum(estimates, minutes(0))) and block.start >= case.now:
            yield f"{block.title}: {_length(block)} for {estimates}"


def _lost(plan: Plan, case: Case) -> Iterator[str]:
    placed = {uid for block in plan.blocks for uid in block.tasks}
    unplaced = {each.task for each in plan.unplaced}
    if len(unplaced) != len(plan.unplaced):
        yield "unplaced twice"
    if placed & unplaced:
        yield f"placed and unplaced: {placed & unplaced}"
    wanted = {each.uid for each in case.tasks if is_wanted(each, case)}
    if placed | unplaced != wanted:
        yield f"wanted {sorted(wanted)}, got {sorted(placed | unplaced)}"


def is_wanted(each: Task, case: Case) -> bool:
    """Whether the plan must name a task that has no parent and no subtasks."""
    today = case.now.astimezone(case.zone).date()
    last = today + timedelta(days=case.settings.days - 1)
    dated = any(day is not None and day <= last for day in (each.due, each.scheduled))
    daily = each.scheduled or each.due if each.recurrence == "every day" else None
    later = any(day is not None and day > last for day in (each.start, each.scheduled, daily))
    asked = (
        dated
        or each.status is Status.IN_PROGRESS
        or each.priority in (Priority.HIGHEST, Priority.HIGH, Priority.MEDIUM)
        or each.estimate is not None
        or each.begins is not None
    )
    return (
        each.is_open
        and each.status is not Status.ON_HOLD
        and each.assignee is None
        and asked
        and (dated or not later)
    )
