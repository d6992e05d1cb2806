"""Which task waits for which: 🆔 and ⛔.

Rule: only links to tasks that are still open hold anything back. An id may stand on several
lines, then all of them count. Nothing here hangs on a cycle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from heapq import heapify, heappop, heappush

from mdtasks.model import Status, Task


def open_by_id(tasks: Iterable[Task]) -> dict[str, list[Task]]:
    """Return the open tasks that carry each id."""
    found: defaultdict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        if task.id and task.is_open:
            found[task.id].append(task)
    return dict(found)


def blocked_uids(tasks: Iterable[Task]) -> frozenset[str]:
    """Return the uids of open tasks that wait for an open one, by direct links only."""
    tasks = tuple(tasks)
    holding = open_by_id(tasks).keys()
    return frozenset(
        task.uid for task in tasks if task.is_open and not holding.isdisjoint(task.depends_on)
    )


def is_set_aside(task: Task) -> bool:
    """Whether it waits for something outside the notes: on hold, or handed over."""
    return task.status is Status.ON_HOLD or task.assignee is not None


def unknown_ids(tasks: Iterable[Task]) -> list[tuple[Task, str]]:
    """Return each open task with each id it waits for that no task has, closed ones included."""
    tasks = tuple(tasks)
    known = {task.id for task in tasks}
    return [(t, i) for t in tasks if t.is_open for i in t.depends_on if i not in known]


def in_order(waits: Mapping[str, Collection[str]]) -> list[str]:
    """Return the keys so that each comes after all it waits for, else in the order given.

    Left out are those in a cycle, those that wait for a key that is not there, and all that
    wait for any of these.
    """
    keys = list(waits)
    missing = {key: len(set(waits[key])) for key in keys}
    followers: defaultdict[str, list[int]] = defaultdict(list)
    for rank, key in enumerate(keys):
        for other in set(waits[key]):
            followers[other].append(rank)
    ready = [rank for rank, key in enumerate(keys) if not missing[key]]
    heapify(ready)
    order: list[str] = []
    while ready:
        key = keys[heappop(ready)]
        order.append(key)
        for rank in followers[key]:
            missing[keys[rank]] -= 1
            if not missing[keys[rank]]:
                heappush(ready, rank)
    return order
