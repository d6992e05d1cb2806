"""What a plan's pages show beside the blocks: the tasks that it names, and what it cannot promise.

Rule: only what the plan names is loaded, and what is due; the lists may be a hundred times as
long, and what is crowded out is a number on every page.
"""

from __future__ import annotations

from dataclasses import replace

from mdtasks.app.planning import as_planned
from mdtasks.app.relatives import with_ancestors, with_steps
from mdtasks.app.session import Session
from mdtasks.app.time_log import factors
from mdtasks.index.store import Store
from mdtasks.model import Plan, Task
from mdtasks.plan.frame import Frame, frame_days
from mdtasks.plan.risk import Outlook, outlook
from mdtasks.plan.wanted import CROWDED_OUT


def outlook_of(session: Session, store: Store, plan: Plan) -> tuple[Outlook, dict[str, Task]]:
    """Return what the plan cannot promise, and by uid every task that its pages name; these count
    as shown to the person."""
    named = {uid for block in plan.blocks for uid in block.tasks}
    chosen = [entry.task for entry in plan.unplaced if entry.reason != CROWDED_OUT]
    named.update(chosen, (move.task for move in plan.moved))
    tasks = with_ancestors(store, named)
    if len(chosen) < len(plan.unplaced):
        tasks |= _dated(store, plan)
    store.shown(tasks)
    config, frame = session.config, frame_of(session, store, len(plan.days))
    found = as_planned(session, store, tasks.values(), plan)
    return outlook(plan, found, config.hours, config.shape, frame), tasks


def frame_of(session: Session, store: Store, days: int) -> Frame:
    """Return the frame of a plan of so many days, as planning has it."""
    settings = session.config.plan._replace(days=max(days, 1))
    frame = frame_days(session.now, session.zone, settings)
    return replace(frame, factors=factors(session, store))


def _dated(store: Store, plan: Plan) -> dict[str, Task]:
    """Return the open tasks that are due on the plan's days, and their steps."""
    span = (plan.days[0], plan.days[-1])
    return with_steps(store, store.tasks(open_only=True, due_between=span))
