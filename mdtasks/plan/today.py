"""The checklist of one day, from the plan and the tasks.

Rule: never empty while a task is open, and never a wall. What the plan has for the day and what
is due or scheduled that very day is shown whole; of everything else, a few.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date
from zoneinfo import ZoneInfo

from mdtasks.model import Block, Kind, Plan, Status, Task, Today, Unplaced
from mdtasks.plan.dependencies import blocked_uids, is_set_aside
from mdtasks.plan.handed import handed
from mdtasks.plan.slots import ONE_DAY, midnight
from mdtasks.plan.urgency import default_order
from mdtasks.plan.wanted import lineage

A_FEW = 6


def checklist(plan: Plan, tasks: Iterable[Task], day: date, zone: ZoneInfo) -> Today:
    """Return the list of `day`. `tasks` are all there are, closed ones too."""
    tasks = tuple(tasks)
    opened = sorted((t for t in tasks if t.is_open), key=lambda task: default_order(task, day))
    by_uid = {task.uid: task for task in opened}
    blocks = _blocks_of(plan, day, zone)
    unplaced = _unplaced(plan, by_uid, day)
    batches = (block for block in blocks if block.kind is Kind.MICRO)
    batched = [by_uid[uid] for block in batches for uid in block.tasks if uid in by_uid]
    shown = {uid for block in blocks for uid in block.tasks} | {each.task for each in unplaced}
    waiting = [task for task in actionable(opened, day) if task.uid not in shown]
    others = sum(not _is_for(by_uid[each.task], day) for each in unplaced)
    micro = [*batched, *_without_block(waiting, plan, day, room=A_FEW - others)]
    theirs = handed((task for task in opened if task.uid not in shown), day)
    shown.update(task.uid for task in (*theirs.asked, *theirs.waiting))
    others_have = _handed_over(opened, by_uid)
    work = [block for block in blocks if block.kind not in (Kind.BREAK, Kind.BUSY)]
    if not (work or micro or unplaced):
        micro = [task for task in opened if task.uid not in others_have][:A_FEW]
    shown.update(task.uid for task in micro)
    return Today(
        date=day,
        blocks=blocks,
        micro=tuple(micro),
        overdue=sum(
            _is_overdue(task, day) and task.uid not in shown and task.uid not in others_have
            for task in opened
        ),
        done=_done_on(tasks, day),
        unplaced=unplaced,
        asked=theirs.asked,
        waiting=theirs.waiting,
        waiting_more=theirs.more,
    )


def _blocks_of(plan: Plan, day: date, zone: ZoneInfo) -> tuple[Block, ...]:
    """Return the blocks that touch the day."""
    start, end = midnight(day, zone), midnight(day + ONE_DAY, zone)
    return tuple(
        block
        for block in plan.blocks
        if block.start.astimezone(UTC) < end and block.end.astimezone(UTC) > start
    )


def _unplaced(plan: Plan, opened: Mapping[str, Task], day: date) -> tuple[Unplaced, ...]:
    """Return what is for the day, and a few others, in the plan's order."""
    known = [each for each in plan.unplaced if each.task in opened]
    others = [each for each in known if not _is_for(opened[each.task], day)]
    too_much = {each.task for each in others[A_FEW:]}
    return tuple(each for each in known if each.task not in too_much)


def actionable(opened: Sequence[Task], day: date) -> list[Task]:
    """Return what one could do oneself that day; the subtasks rather than their parent.

    What holds a parent back holds its subtasks too.
    """
    blocked = blocked_uids(opened)
    held = {
        task.uid
        for task in opened
        if task.uid in blocked or is_set_aside(task) or (task.start and task.start > day)
    }
    by_uid = {task.uid: task for task in opened}
    ready = [
        task
        for task in opened
        if task.uid not in held
        and (task.parent is None or held.isdisjoint(above.uid for above in lineage(task, by_uid)))
    ]
    parents = {task.parent for task in ready}
    return [task for task in ready if task.uid not in parents]


def _handed_over(opened: Sequence[Task], by_uid: Mapping[str, Task]) -> set[str]:
    """Return the uids of what is somebody else's, with the steps of it."""
    if all(task.assignee is None for task in opened):
        return set()
    return {
        task.uid
        for task in opened
        if task.assignee is not None
        or (task.parent and any(above.assignee for above in lineage(task, by_uid)))
    }


def _without_block(waiting: Sequence[Task], plan: Plan, day: date, room: int) -> list[Task]:
    """Return what is for the day, then as many others as there is room for.

    Those that are overdue first: while they wait, nobody needs more that has no date.
    """
    planned = {uid for block in plan.blocks for uid in block.tasks}
    for_day = [task for task in waiting if _is_for(task, day)]
    others = [task for task in waiting if task.uid not in planned and not _is_for(task, day)]
    overdue = [task for task in others if _is_overdue(task, day)]
    undated = [task for task in others if task.due is None and task.scheduled is None]
    return [*for_day, *[*overdue, *undated][: max(room, 0)]]


def _is_for(task: Task, day: date) -> bool:
    return day in (task.due, task.scheduled)


def _is_overdue(task: Task, day: date) -> bool:
    wanted = task.due or task.scheduled
    return wanted is not None and wanted < day


def _done_on(tasks: Iterable[Task], day: date) -> tuple[Task, ...]:
    done = (task for task in tasks if task.status is Status.DONE and task.done == day)
    return tuple(sorted(done, key=lambda task: (task.source.path, task.source.line)))
