"""What to do now: the plan's tasks of this moment, and the next others that fit.

Rule: on a fresh index this reads what is kept, and the few tasks that may be offered.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

from mdtasks.app.planning import current_blocks, open_tasks
from mdtasks.app.session import Session
from mdtasks.index.store import Store
from mdtasks.model import Kind, Plan, Task
from mdtasks.plan import next_step
from mdtasks.plan.next_step import Gap

_NAME = "next"


def next_tasks(
    session: Session, store: Store, length: timedelta | None, words: Sequence[str]
) -> tuple[Gap, tuple[Task, ...], timedelta | None]:
    """Return how much time there is, what to do in it, and how long the shortest task takes that
    could be done; None where there is none. `words` are tags and @contexts.
    """
    plan, settings = current_blocks(session, store), session.config.plan
    if length is None:
        hours, freeze = session.config.hours, settings.freeze
        there = next_step.gap(plan.blocks, hours, freeze, session.now, session.zone)
    else:
        there = next_step.gap_of(length, plan.blocks, session.now)
    short = _shortlist(session, store, plan, words)
    tasks = {task.uid: task for task in store.tasks(uids={*short, *there.planned})}
    now = [uid for uid in there.planned if uid not in short]
    ordered = [tasks[uid] for uid in (*now, *short) if uid in tasks and tasks[uid].is_open]
    ordered = [task for task in ordered if next_step.has_marks(task, words)]
    found = next_step.next_steps(
        ordered, there, session.today, settings.default_estimate, session.now
    )
    store.shown([task.uid for task in found])
    needs = (next_step.need(task, settings.default_estimate) for task in ordered)
    return there, found, min(needs, default=None)


def _shortlist(session: Session, store: Store, plan: Plan, words: Sequence[str]) -> list[str]:
    """Return the uids from which to choose, in their order: kept, as long as nothing changes."""
    default = session.config.plan.default_estimate
    # The plan begins with today.
    made_of = repr((plan, store.generation, default))
    kept = json.loads(store.get(_NAME) or b"{}")
    lists: dict[str, list[str]] = kept["lists"] if kept.get("made_of") == made_of else {}
    asked = " ".join(sorted(set(map(str.casefold, words))))
    if asked not in lists:
        ordered = [t for t in _ordered(session, store, plan) if next_step.has_marks(t, words)]
        short = next_step.shortlist(ordered, session.today, default)
        lists[asked] = [task.uid for task in short]
        store.put(_NAME, json.dumps({"made_of": made_of, "lists": lists}).encode())
    return lists[asked]


def _ordered(session: Session, store: Store, plan: Plan) -> list[Task]:
    """Return what one could begin today, in the default order; a step has its parents' dates.

    What has a time of its own is not for another one.
    """
    from mdtasks.plan.today import actionable
    from mdtasks.plan.urgency import default_order
    from mdtasks.plan.wanted import heir, lineage

    day, opened = session.today, open_tasks(session, store)
    by_uid = {task.uid: task for task in opened}
    timed = {uid for block in plan.blocks if block.kind is Kind.FIXED for uid in block.tasks}
    heirs = [heir(lineage(task, by_uid)) for task in actionable(opened, day)]
    heirs = [t for t in heirs if t.uid not in timed and next_step.is_open_by(t, day)]
    heirs.sort(key=lambda task: default_order(task, day))
    return [by_uid[task.uid] for task in heirs]
