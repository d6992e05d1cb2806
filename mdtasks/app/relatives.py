"""Tasks with what they hang on: what they are steps of, their steps, what they wait for.

Rule: the lists may be a hundred times as long as what is asked for, so only that is loaded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mdtasks.index.store import Store
from mdtasks.model import Plan, Task
from mdtasks.plan.dependencies import is_set_aside
from mdtasks.plan.reasons import WAITING
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
    # What they wait for may be done.
    waiting = {entry.task for entry in plan.unplaced if entry.reason.startswith(WAITING)}
    return _with_all_around(store, placed.union(changed, waiting), changed, ())


def _with_all_around(
    store: Store, uids: Iterable[str], parents: Collection[str], others: Iterable[Task]
) -> list[Task]:
    """Return the open ones of the tasks, with what they are steps of and wait for, what the
    others wait for, and the steps of the parents."""
    found = with_ancestors(store, uids)
    known, looked_at = set[str](), set[str]()
    while True:
        names = _awaited(*others, *found.values()) - known
        # Another run may have changed what is a step of what, between two looks.
        bare = (found.keys() & (_without_steps(found.values()) | {*parents})) - looked_at
        if not (names or bare):
            return [task for task in found.values() if task.is_open]
        known |= names
        looked_at |= bare
        # Where nobody has such an id, or it is closed, nothing waits.
        bearers = [t for t in store.tasks(open_only=True, bearing=names) if t.id in names]
        steps = with_steps(store, [*bearers, *(found[uid] for uid in bare)])
        found |= with_ancestors(store, steps)


def _without_steps(tasks: Iterable[Task]) -> set[str]:
    """Return the tasks of which all steps here are closed or set aside: they are planned by
    those that are not, if there are any."""
    steps = [task for task in tasks if task.parent]
    going_on = {task.parent for task in steps if task.is_open and not is_set_aside(task)}
    return {task.parent for task in steps if task.parent} - going_on


def _awaited(*tasks: Task) -> set[str]:
    return {name for task in tasks if task.is_open for name in task.depends_on}
