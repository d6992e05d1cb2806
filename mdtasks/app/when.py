"""Where a task would land, and what it would push out: a promise looked at before it is given.

Rule: nothing is written, neither a note nor the index; the plans made here are not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from mdtasks.app.outlook import frame_of
from mdtasks.app.planning import open_tasks, trial_plan, unkept_plan
from mdtasks.app.session import Session
from mdtasks.errors import RefusedError
from mdtasks.index.store import Store
from mdtasks.model import Block, Plan, Task
from mdtasks.plan.frame import Frame
from mdtasks.plan.impact import Impact, impact
from mdtasks.plan.risk import free_before, missed, usable
from mdtasks.plan.wanted import CROWDED_OUT, deadline_of
from mdtasks.read.note import read_note
from mdtasks.render.plan_when import Answer
from mdtasks.write.compose import compose, plain
from mdtasks.write.wording import understand

# The uid of a task that no note has yet.
NEW = "new"
# How far ahead a first free day is looked for.
FURTHER = (14, 28, 56)
LONGEST = 366
NO_TIME_ASKED = "it asks for no time: no date, no estimate, no priority; it would wait in the lists"
LATER = "no estimate, no priority; it would wait in the lists"


def when(session: Session, store: Store, text: str) -> Answer:
    """Return where the plan would have a task of these words.

    Raises UsageError, RefusedError for words that make no task.
    """
    task, understood = _task(session, text)
    before, opened = unkept_plan(session, store, task)
    days = _days(task, session)
    if days > len(before.days):
        opened = open_tasks(session, store)
        before = trial_plan(session, store, opened, before, days)
    everything = [*opened, task]
    after = trial_plan(session, store, everything, before, days)
    frame = frame_of(session, store, days)
    late = missed(after, everything, frame)
    due = deadline_of(task, frame)
    blocks = tuple(block for block in after.blocks if NEW in block.tasks)
    is_late = NEW in late or (due is not None and due <= frame.now)
    found = impact(before, after, missed(before, opened, frame), late - {NEW}, frame.now)
    answer = Answer(
        task=task,
        understood=understood,
        blocks=blocks,
        reason="" if blocks else _why_not(task, after),
        late=is_late,
        impact=found,
        due=due.astimezone(session.zone) if due else None,
        free=_free(due, after, session, frame) if due else None,
        fits_on=blocks[-1].end.date() if blocks and is_late else None,
        tasks=_named(everything, found, blocks),
    )
    # Where hundreds are more urgent, more days bring more of those.
    if any(entry.task == NEW and entry.reason != CROWDED_OUT for entry in after.unplaced):
        return answer._replace(fits_on=_fits_on(session, store, task, before))
    return answer


def _task(session: Session, text: str) -> tuple[Task, str]:
    """Return the task that `add` would write, and what was understood."""
    read = session.config.read
    said = plain(text)
    words = understand(said.text, session.now, read)
    line = compose(words, said.symbol, "emoji", None, read)
    note = read_note(session.config.add.note, f"- {line}\n".encode("utf-8", "replace"), read)
    if not note.tasks or not note.tasks[0].is_open:
        raise RefusedError(f"this is no open task: {line}", "leave its box out")
    return note.tasks[0]._replace(uid=NEW), words.in_words(session.today)


def _days(task: Task, session: Session) -> int:
    """Return how many days to plan: more than usual for a task that may only begin later."""
    first = max(filter(None, (task.start, task.scheduled)), default=session.today)
    return min(max(session.config.plan.days, (first - session.today).days + 1), LONGEST)


def _free(due: datetime, plan: Plan, session: Session, frame: Frame) -> timedelta:
    config = session.config
    return free_before(due, plan.blocks, usable(plan, config.hours, config.shape, frame), frame)


def _why_not(task: Task, plan: Plan) -> str:
    reasons = (entry.reason for entry in plan.unplaced if entry.task == NEW)
    later = f"it is due {task.due}, after the planned days, with {LATER}"
    return next(reasons, later if task.due else NO_TIME_ASKED)


def _fits_on(session: Session, store: Store, task: Task, last: Plan) -> date | None:
    """Return the first day on which the task would be done, were it not due."""
    others = open_tasks(session, store)
    asked = task._replace(due=None, due_time=None)
    for days in (len(last.days), *(some for some in FURTHER if some > len(last.days))):
        plan = trial_plan(session, store, [*others, asked], last, days)
        if ends := [block.end for block in plan.blocks if NEW in block.tasks]:
            return ends[-1].date()
    return None


def _named(tasks: Sequence[Task], found: Impact, blocks: Sequence[Block]) -> dict[str, Task]:
    uids = {move.task for move in found.pushed}.union(found.late_now, found.lost)
    uids.update(uid for block in blocks for uid in block.tasks)
    return {task.uid: task for task in tasks if task.uid in uids}
