"""All about one task in the plan: its place, and what it competed with.

Rule: nothing is written; the plan made for comparison is not kept.
"""

from __future__ import annotations

from mdtasks.app.outlook import frame_of
from mdtasks.app.planning import open_tasks, trial_plan
from mdtasks.app.session import Session
from mdtasks.app.tasks import find
from mdtasks.index.store import Store
from mdtasks.model import Plan, Task
from mdtasks.plan.rivals import Contest, contest


def contest_of(
    session: Session, store: Store, plan: Plan, key: str
) -> tuple[Contest, dict[str, Task]]:
    """Return all about one task, and by uid every task that is named with it.

    Raises UnknownKeyError, AmbiguousKeyError.
    """
    task = find(store, key, session.root)
    store.shown([task.uid])
    opened = open_tasks(session, store)
    days = len(plan.days)
    fresh = trial_plan(session, store, opened, Plan(), days)
    config, frame = session.config, frame_of(session, store, days)
    found = contest(task, plan, fresh, opened, config.hours, config.shape, frame)
    named = {uid for rival in found.rivals for uid in rival.block.tasks} | {task.uid}
    return found, {each.uid: each for each in opened if each.uid in named}
