"""The tasks that a feed names, and what keeps their uids where the index is deleted.

Rule: who publishes again and again loads those alone that have changed since the last feed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from mdtasks.index.store import Store
from mdtasks.model import Plan, Task

if TYPE_CHECKING:
    from mdtasks.render.ledger import Mark


class Named(NamedTuple):
    """The tasks of a feed and their marks, by uid, as they are in a generation of the index."""

    generation: int
    days: tuple[date, ...]
    placed: frozenset[str]
    tasks: dict[str, Task]
    marks: dict[str, Mark]


class Memory:
    """What was loaded for the last feed. It counts as long as the index says that this feed, and
    no other, was the last one: `came_of` tells it from all others."""

    def __init__(self) -> None:
        self._came_of: bytes | None = None
        self._last: Named | None = None

    def named(self, store: Store, plan: Plan, came_of: bytes | None) -> Named:
        """Return what a feed of the plan names; the last one came of that."""
        last = self._last if came_of and came_of == self._came_of else None
        # Read before the tasks are: what another run changes meanwhile is looked at once more.
        generation = store.generation
        changed = store.changed_since(last.generation) if last else None
        placed = frozenset(uid for block in plan.blocks for uid in block.tasks)
        if last is None or changed is None or last.days != plan.days:
            tasks, marks = _tasks(store, plan, placed), {}
        else:
            tasks = _gone_on(store, last, changed, placed)
            marks = {uid: mark for uid, mark in last.marks.items() if uid not in changed}
            marks = {uid: mark for uid, mark in marks.items() if uid in tasks}
        marks |= _marks(store, tasks.keys() - marks.keys())
        return Named(generation, plan.days, placed, tasks, marks)

    def keep(self, came_of: bytes, named: Named) -> None:
        """Remember what the feed names that is kept in the index."""
        self._came_of, self._last = came_of, named


def _tasks(store: Store, plan: Plan, placed: Collection[str]) -> dict[str, Task]:
    """Return the tasks of the blocks, their open subtasks, and what is due on the plan's days."""
    named = store.tasks(uids=placed) + store.tasks(open_only=True, parents=placed)
    named += store.tasks(open_only=True, due_between=(plan.days[0], plan.days[-1]))
    return {task.uid: task for task in named}


def _gone_on(
    store: Store, last: Named, changed: Collection[str], placed: frozenset[str]
) -> dict[str, Task]:
    """Return the same, from what was named before and what has changed since."""
    new = placed - last.placed
    tasks = {uid: task for uid, task in last.tasks.items() if uid not in changed}
    some = store.tasks(uids=new.union(changed)) + store.tasks(open_only=True, parents=new)
    tasks |= {task.uid: task for task in some}
    first, until = last.days[0], last.days[-1]
    return {
        uid: task
        for uid, task in tasks.items()
        if uid in placed
        or (task.is_open and task.parent in placed)
        or (task.is_open and task.due and first <= task.due <= until)
    }


def _marks(store: Store, uids: Collection[str]) -> dict[str, Mark]:
    """Return what keeps the tasks' uids where the index is deleted: `refresh` reads it again."""
    from mdtasks.render.ledger import Mark

    return {
        uid: Mark(uid, born, explicit, reference, path, text)
        for uid, born, explicit, path, (text, reference) in store.known(uids)
    }
