"""Tasks with what they hang on: what they are steps of, their steps, what they wait for.

Rule: the lists may be a hundred times as long as what is asked for, so only that is loaded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mdtasks.index.store import Store
from mdtasks.model import Plan, Task
from mdtasks.plan.wanted import CROWDED_OUT
from mdtasks.read.task_notes import DIALECT

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


def completed_with(store: Store, tasks: Iterable[Task]) -> list[Task]:
    """Return the open tasks of which no step is left once `tasks` are done, and so on upwards.

    What repeats is a step again as soon as it is done.
    """
    named = {task.uid: task for task in tasks}
    closing = {task.uid for task in named.values() if not task.recurrence}
    asked = {named[uid].parent for uid in closing} - {None}
    found: list[Task] = []
    while asked:
        above = store.tasks(open_only=True, uids={uid for uid in asked if uid})
        steps = store.tasks(open_only=True, parents={task.uid for task in above})
        unfinished = {step.parent for step in steps if step.uid not in closing} | named.keys()
        # A task that is a whole note may have no word for it.
        done = [t for t in above if t.uid not in unfinished and t.dialect != DIALECT]
        found += done
        new = [task for task in done if not task.recurrence]
        closing |= {task.uid for task in new}
        asked = {task.parent for task in new} - {None}
    return found


def contenders(store: Store, plan: Plan, newcomer: Task) -> list[Task]:
    """Return the open tasks from which a plan that holds comes again, and from which with
    `newcomer` the next one comes: what is crowded out stays so."""
    named = {uid for block in plan.blocks for uid in block.tasks}
    named.update(entry.task for entry in plan.unplaced if entry.reason != CROWDED_OUT)
    return _with_all_around(store, named, (), [newcomer])


def concerned(store: Store, plan: Plan, changed: Collection[str]) -> list[Task]:
    """Return the open tasks from which a plan goes on with those that have changed."""
    placed = {uid for block in plan.blocks for uid in block.tasks}
    return _with_all_around(store, placed.union(changed), changed, ())


def _with_all_around(
    store: Store, uids: Iterable[str], parents: Collection[str], others: Iterable[Task]
) -> list[Task]:
    """Return the open ones of the tasks, with what they are steps of and wait for, what the
    others wait for, and the steps of the parents."""
    found = with_ancestors(store, uids)
    # A task of which a step is closed is planned by those that are left.
    above = {task.parent for task in found.values() if not task.is_open}.union(parents)
    steps = with_steps(store, (task for uid, task in found.items() if uid in above))
    found |= with_ancestors(store, steps.keys() - found.keys())
    known: set[str] = set()
    while names := _awaited(*others, *found.values()) - known:
        known |= names
        # Where nobody has such an id, or it is closed, nothing waits.
        bearers = [t for t in store.tasks(open_only=True, bearing=names) if t.id in names]
        found |= with_ancestors(store, with_steps(store, bearers))
    return [task for task in found.values() if task.is_open]


def _awaited(*tasks: Task) -> set[str]:
    return {name for task in tasks if task.is_open for name in task.depends_on}
