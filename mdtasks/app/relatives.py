"""Tasks with what they hang on: what they are steps of, their steps, what they wait for.

Rule: the lists may be a hundred times as long as what is asked for, so only that is loaded.
"""

from __future__ import annotations

from collections.abc import Iterable

from mdtasks.index.store import Store
from mdtasks.model import Plan, Task
from mdtasks.plan.wanted import CROWDED_OUT

Tasks = dict[str, Task]


def with_ancestors(store: Store, uids: Iterable[str]) -> Tasks:
    """Return the tasks by uid, and those that they are steps of."""
    found: Tasks = {}
    asked: set[str] = set()
    missing = set(uids)
    while missing:
        found |= {task.uid: task for task in store.tasks(uids=missing)}
        asked |= missing
        missing = {task.parent for task in found.values() if task.parent} - asked
    return found


def with_steps(store: Store, tasks: Iterable[Task]) -> Tasks:
    """Return the tasks by uid, and their open steps."""
    found = {task.uid: task for task in tasks}
    parents = set(found)
    while parents:
        steps = store.tasks(open_only=True, parents=parents)
        parents = {task.uid for task in steps} - found.keys()
        found |= {task.uid: task for task in steps}
    return found


def contenders(store: Store, plan: Plan, newcomer: Task) -> list[Task]:
    """Return the open tasks from which a plan that holds comes again, and from which with
    `newcomer` the next one comes: what is crowded out stays so."""
    named = {uid for block in plan.blocks for uid in block.tasks}
    named.update(entry.task for entry in plan.unplaced if entry.reason != CROWDED_OUT)
    found = with_ancestors(store, named)
    known: set[str] = set()
    while names := _awaited(newcomer, *found.values()) - known:
        known |= names
        # Where nobody has such an id, or it is closed, nothing waits.
        bearers = [t for t in store.tasks(open_only=True, with_id=True) if t.id in names]
        steps = with_steps(store, bearers)
        found |= with_ancestors(store, steps)
    return [task for task in found.values() if task.is_open]


def _awaited(*tasks: Task) -> set[str]:
    return {name for task in tasks if task.is_open for name in task.depends_on}
