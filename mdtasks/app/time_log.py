"""What was worked on, and what it says about estimates.

Rule: the notes' log as the index has it, in the vault's zone; nothing here is written to a note.
"""

from __future__ import annotations

import json
from datetime import UTC, timedelta

from mdtasks.app.session import Session
from mdtasks.index.store import Store
from mdtasks.model import Interval, Plan, Task
from mdtasks.plan.estimates import (
    NO_FACTORS,
    Factors,
    Group,
    Learned,
    before,
    learn,
    samples,
    time_spent,
)

# Rises when the same log is to give other factors than before.
VERSION = 1
_KEPT = "estimates"


def intervals(session: Session, store: Store) -> list[Interval]:
    """Return the time log of all notes, with aware moments, by note and line."""
    from mdtasks.read.log_times import localized

    return [localized(each, session.zone) for each in store.intervals()]


def intervals_of(session: Session, store: Store, task: Task) -> list[Interval]:
    """Return the time log of one task."""
    from mdtasks.read.log_times import localized

    own = (each for each in store.intervals(task.text) if each.task == task.uid)
    return [localized(each, session.zone) for each in own]


def spent(session: Session, store: Store, last: Plan) -> dict[str, timedelta]:
    """Return how long each task was worked on, up to the block of it that is running: that one
    stays, and stands for what is done in it."""
    found = intervals(session, store)
    if not found:
        return {}
    now = session.now.astimezone(UTC)
    begun = {
        uid: block.start.astimezone(UTC)
        for block in last.blocks
        if block.start.astimezone(UTC) <= now < block.end.astimezone(UTC)
        for uid in block.tasks
    }
    return time_spent(before(found, begun))


def factors(session: Session, store: Store) -> Factors:
    """Return what was learned about estimates, kept until any task or the log changes."""
    if not session.config.estimates.learn:
        return NO_FACTORS
    made_of = f"{VERSION} {store.generation} {session.zone.key}"
    kept = json.loads(store.get(_KEPT) or b"{}")
    if kept.get("made_of") != made_of:
        found = _new_factors(session, store)
        kept = {"made_of": made_of, "factors": [[*group, *each] for group, each in found.items()]}
        store.put(_KEPT, json.dumps(kept).encode())
    return {Group(*row[:2]): Learned(*row[2:]) for row in kept["factors"]}


def _new_factors(session: Session, store: Store) -> Factors:
    spent = time_spent(intervals(session, store))
    if not spent:
        return NO_FACTORS
    tasks = store.tasks(uids=spent)
    above = {task.parent for task in tasks if task.parent}
    while missing := above - {task.uid for task in tasks}:
        more = store.tasks(uids=missing)
        tasks += more
        above = {task.parent for task in more if task.parent}
    return learn(samples(tasks, spent))
