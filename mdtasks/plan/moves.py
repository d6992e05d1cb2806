"""Compare a plan with the one before: which tasks moved, how far, and why.

Rule: a reason says only what is so, computed from the two plans and from what stands between
them. Nothing is placed here.

For those who print it: `Plan.moves` of `Plan.of` tasks moved, `total_shift(plan.moved)` in all;
each `Move` has `task`, `before`, `after` (None: it left the plan) and `reason`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import NamedTuple

from mdtasks.dates import format_duration
from mdtasks.model import Block, Kind, Move, Plan, Task, Unplaced
from mdtasks.plan.frame import Frame, Job, Placement
from mdtasks.plan.reasons import day_name, waits_for
from mdtasks.plan.slots import Slot, slot, whole_steps

NOTHING = timedelta(0)

Starts = tuple[datetime, ...]


class Scene(NamedTuple):
    """What the new plan was made from; `room` is the working time without what is taken."""

    tasks: Mapping[str, Task]
    jobs: Mapping[str, Job]
    unplaced: Sequence[Unplaced]
    busy: Sequence[Block]
    room: Sequence[Slot]
    frame: Frame


# How many and how far


def total_shift(moved: Iterable[Move]) -> timedelta:
    """Return by how much the moved tasks begin earlier or later, added up.

    The tasks of a batch that moved together count once; what left the plan does not count.
    """
    return _sum((move.before, move.after) for move in moved)


def placement_shift(last: Plan, placement: Placement, frame: Frame) -> timedelta:
    """Return the same of a placement."""
    old = _starts(last.blocks, frame)
    new = {uid: tuple(piece.start for piece in pieces) for uid, pieces in placement.items()}
    pairs = (_first_change(starts, new.get(uid, ())) for uid, starts in old.items())
    return _sum(pair for pair in pairs if pair)


def compared(last: Plan, opened: Container[str], frame: Frame) -> int:
    """Return how many open tasks have blocks in the last plan that are not over."""
    return sum(uid in opened for uid in _starts(last.blocks, frame))


def _sum(shifts: Iterable[tuple[datetime, datetime | None]]) -> timedelta:
    return sum((_distance(before, after) for before, after in set(shifts)), NOTHING)


def _distance(before: datetime, after: datetime | None) -> timedelta:
    # In UTC: within a zone Python subtracts by the clock on the wall.
    return abs(after.astimezone(UTC) - before.astimezone(UTC)) if after else NOTHING


def _ahead(blocks: Iterable[Block], frame: Frame) -> dict[str, tuple[Block, ...]]:
    """Return for each task its blocks that are not over and within the days, by start."""
    found: dict[str, tuple[Block, ...]] = {}
    for block in sorted(blocks, key=lambda block: block.start.astimezone(UTC)):
        if block.end > frame.now and block.start < frame.end and block.kind is not Kind.BUSY:
            for uid in block.tasks:
                found[uid] = (*found.get(uid, ()), block)
    return found


def _starts(blocks: Iterable[Block], frame: Frame) -> dict[str, Starts]:
    ahead = _ahead(blocks, frame).items()
    return {uid: tuple(b.start.astimezone(UTC) for b in found) for uid, found in ahead}


def _first_change(old: Starts, new: Starts) -> tuple[datetime, datetime | None] | None:
    """Return where the first piece that moved begins, and began; None if none did."""
    if not new:
        return old[0], None
    for before, after in zip_longest(old, new):
        if before != after:
            return before or old[-1], after or new[-1]
    return None


# Which, and why


class _Case(NamedTuple):
    """A task that moved: its blocks in both plans, and the time that it had to leave."""

    task: Task
    old: tuple[Block, ...]
    new: tuple[Block, ...]
    left: Slot
    goes: datetime


def moves_between(last: Plan, blocks: Sequence[Block], scene: Scene) -> tuple[Move, ...]:
    """Return the open tasks whose blocks begin at other times than before, by when they did."""
    frame = scene.frame
    old, new = _ahead(last.blocks, frame), _ahead(blocks, frame)
    why_not = {each.task: each.reason for each in scene.unplaced}
    moved: list[Move] = []
    for uid, stood in old.items():
        stands = new.get(uid, ())
        change = _first_change(_utc(stood), _utc(stands))
        if change is None or uid not in scene.tasks:
            continue
        before, after = (each and each.astimezone(frame.zone) for each in change)
        assert before
        if after is None:
            reason = why_not.get(uid) or _why_gone(uid, scene)
        else:
            end = next(b.end for b in stood if b.start.astimezone(UTC) == change[0])
            left = slot(before, end, frame.zone)
            case = _Case(scene.tasks[uid], stood, stands, left, after)
            reason = _why(case, last, blocks, scene)
        moved.append(Move(uid, before, after, reason))
    return tuple(sorted(moved, key=lambda move: (move.before.astimezone(UTC), move.task)))


def _utc(blocks: Iterable[Block]) -> Starts:
    return tuple(block.start.astimezone(UTC) for block in blocks)


def _why_gone(uid: str, scene: Scene) -> str:
    task = scene.tasks[uid]
    if task.assignee:
        return f"it is {task.assignee}'s now"
    if any(other.parent == uid for other in scene.tasks.values()):
        return "its steps are planned instead"
    return "nothing asks for it in these days now"


def _why(case: _Case, last: Plan, blocks: Sequence[Block], scene: Scene) -> str:
    """Return why a task had to leave its time, or why another one is better."""
    if case.new[0].kind is Kind.FIXED:
        return f"you wrote {case.task.begins:%H:%M}"
    return (
        _taken(case, [*scene.busy, *(b for b in blocks if b.kind is Kind.FIXED)], scene)
        or _barred(case, blocks, scene)
        or _lengthened(case, scene)
        or _dated(case, last, scene)
        or _taken(case, blocks, scene)
        or _freed(case, last, scene)
        or _batched(case)
        or "the days as a whole are better so"
    )


def _taken(case: _Case, rivals: Iterable[Block], scene: Scene) -> str:
    """Say which block of another stands now where it stood, or too near."""
    for rival in rivals:
        ours = case.task.uid in rival.tasks
        own = rival.kind is not Kind.BUSY
        margin = scene.frame.settings.buffer if own else NOTHING
        if not ours and slot(rival.start, rival.end, scene.frame.zone).widened(margin).overlaps(
            case.left
        ):
            return f"“{rival.title}” took its time" if rival.title else "its time is taken"
    return ""


def _barred(case: _Case, blocks: Sequence[Block], scene: Scene) -> str:
    """Say which rule keeps it from where it stood."""
    frame, job = scene.frame, scene.jobs.get(case.task.uid)
    if job is None:
        return ""
    if job.ready > max(case.left.start, frame.now):
        return f"not before {day_name(job.ready.astimezone(frame.zone).date(), frame.today)}"
    for uid in job.after:
        late = [b for b in blocks if uid in b.tasks and b.end > case.left.start]
        if late and uid in scene.tasks:
            return waits_for(scene.tasks[uid])
    if case.left.end > job.until:
        return "for its own day alone"
    around = [s for s in scene.room if s.start <= case.left.start and case.left.end <= s.end]
    if not around:
        return "its time is not free for work now"
    if not any(s.only == "" or s.only in job.purposes for s in around):
        return f"its time is kept for {around[0].only} now"
    return ""


def _lengthened(case: _Case, scene: Scene) -> str:
    """Say that it takes longer, or less long, than before."""
    job = scene.jobs.get(case.task.uid)
    if job is None or case.old[0].kind is not Kind.FOCUS:
        return ""
    had = sum((_length(block) for block in case.old), NOTHING)
    needs = whole_steps(job.length, scene.frame.settings.step)
    if had == needs:
        return ""
    if had > needs or len(case.old) > 1:
        return f"needs {format_duration(needs)} now"
    for part in scene.room:
        if part.start <= case.left.start < part.end < case.left.start + needs:
            return f"no longer fits before {part.end.astimezone(scene.frame.zone):%H:%M}"
    return f"needs {format_duration(needs)} now"


def _length(block: Block) -> timedelta:
    return block.end.astimezone(UTC) - block.start.astimezone(UTC)


def _dated(case: _Case, last: Plan, scene: Scene) -> str:
    """Say that it came to be due: its reason in the last plan named no such day."""
    due, said = case.task.due, case.old[0].reason
    if not (due and said and last.days) or case.goes > case.left.start:
        return ""
    # A batch has the reason of its first task, and some say more of a block than why it is wanted.
    if case.old[0].kind is not Kind.FOCUS or case.old[0].session:
        return ""
    named = {f"{word} {day_name(due, last.days[0])}" for word in ("due", "was due")}
    if named.isdisjoint(said.split(", ")):
        return f"became due {day_name(due, scene.frame.today)}"
    return ""


def _freed(case: _Case, last: Plan, scene: Scene) -> str:
    """Say that it goes where something stood that is gone from there."""
    if case.goes >= case.left.start:
        return ""
    zone = scene.frame.zone
    piece = next(b for b in case.new if b.start == case.goes)
    goes = slot(piece.start, piece.end, zone)
    for block in last.blocks:
        if case.task.uid not in block.tasks and slot(block.start, block.end, zone).overlaps(goes):
            return "an earlier time came free"
    return ""


def _batched(case: _Case) -> str:
    if case.old[0].kind is case.new[0].kind is Kind.MICRO:
        return "its batch is made up anew"
    return ""
