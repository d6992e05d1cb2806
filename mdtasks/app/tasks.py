"""Tasks found, shown and checked.

Rule: nothing here changes a note.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mdtasks.app.session import Session
from mdtasks.errors import AmbiguousKeyError, UnknownKeyError
from mdtasks.index.rows import MIN_KEY
from mdtasks.index.store import Store
from mdtasks.model import Problem, Task
from mdtasks.query.arrange import Group
from mdtasks.query.filters import Context
from mdtasks.query.language import parse
from mdtasks.render.detail import Detail

_PLACE = re.compile(r"(.+):([0-9]{1,9})")
_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Listing:
    groups: list[Group]
    context: Context


def find(store: Store, key: str) -> Task:
    """Return the task that a person means by KEY: a prefix of its uid, or `path:line`.

    Raises UnknownKeyError, AmbiguousKeyError with the candidates.
    """
    place = _PLACE.fullmatch(key)
    if place and (task := store.at(place[1].removeprefix("./"), int(place[2]))):
        return task
    found = store.find_key(key)
    if len(found) == 1:
        return found[0]
    if not found:
        short = f"a key has at least {MIN_KEY} characters; " if len(key) < MIN_KEY else ""
        raise UnknownKeyError(
            f"no task has the key {key}",
            f"{short}keys are shown by `mdtasks list`; `path:line` names a task too",
        )
    rows = [f"{task.key}  {task.text}  ({task.source.path})" for task in found[:_CANDIDATES]]
    more = [f"and {len(found) - _CANDIDATES} more"] if len(found) > _CANDIDATES else []
    raise AmbiguousKeyError(
        f"{len(found)} tasks have a key that begins with {key}", "\n      ".join(rows + more)
    )


def select(session: Session, store: Store, query: str, closed: bool) -> Listing:
    """Return what a query finds: among open tasks, or with `closed` among all.

    Raises QueryError.
    """
    week_start = 6 if session.config.display.week_start == "sun" else 0
    parsed = parse(query, session.today, week_start)
    tasks = store.tasks(open_only=not closed)
    context = Context.of(tasks, session.today)
    return Listing(parsed.select(tasks, context), context)


def detail(session: Session, store: Store, key: str) -> Detail:
    """Return all that is known of one task. Raises UnknownKeyError, AmbiguousKeyError."""
    from mdtasks.app.planning import current_plan

    task = find(store, key)
    around = store.tasks(path=task.source.path)
    plan = current_plan(session, store)
    awaited = [t for t in store.tasks(open_only=True) if t.id and t.id in task.depends_on]
    earlier = [
        t
        for t in around
        if t.recurrence and t.text == task.text and not t.is_open and t.uid != task.uid
    ]
    return Detail(
        task=task,
        parent=next((t for t in around if t.uid == task.parent), None),
        subtasks=tuple(t for t in around if t.parent == task.uid),
        waits_for=tuple(awaited),
        earlier=tuple(sorted(earlier, key=lambda t: str(t.done or t.cancelled), reverse=True)),
        blocks=tuple(block for block in plan.blocks if task.uid in block.tasks),
        unplaced=next((entry.reason for entry in plan.unplaced if entry.task == task.uid), ""),
    )


def check(session: Session, store: Store) -> list[Problem]:
    """Return what is wrong in the notes, by path and line."""
    from mdtasks.read.problems import problems_of

    tasks = store.tasks()
    found = store.problems()
    for task in tasks:
        found += problems_of(task, session.config.read)
    found += _id_problems(tasks)
    return sorted(set(found), key=lambda problem: (problem.path, problem.line, problem.message))


def _id_problems(tasks: Sequence[Task]) -> Iterator[Problem]:
    from mdtasks.plan.dependencies import unknown_ids

    for task, unknown in unknown_ids(tasks):
        yield Problem(
            task.source.path,
            task.source.line,
            f"it waits for the id {unknown}, which no task has",
            "write that id behind 🆔 on the task that comes first, or remove it here",
        )
    claims = Counter(task.id for task in tasks if task.id)
    for task in tasks:
        if task.id and claims[task.id] > 1:
            yield Problem(
                task.source.path,
                task.source.line,
                f"the id {task.id} stands on {claims[task.id]} tasks",
                "give each its own: an id that several tasks have counts for none of them",
            )
