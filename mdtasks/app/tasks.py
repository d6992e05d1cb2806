"""One task found and shown; all notes checked.

Rule: nothing here changes a note.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NoReturn

from mdtasks import vault
from mdtasks.app.session import Session
from mdtasks.errors import AmbiguousKeyError, UnknownKeyError
from mdtasks.index.rows import MIN_KEY
from mdtasks.index.store import Store
from mdtasks.model import Task
from mdtasks.render.detail import Detail

_PLACE = re.compile(r"(.+):([0-9]{1,9})")
_CANDIDATES = 8


def is_place(key: str) -> bool:
    """Whether the key names a line rather than a task."""
    return _PLACE.fullmatch(key) is not None


def find(store: Store, key: str, root: Path | None = None) -> Task:
    """Return the task that a person means by KEY: a prefix of its uid, or `path:line`.

    Raises UnknownKeyError, AmbiguousKeyError with the candidates. With the vault's folder the
    former says of a place what is missing there.
    """
    place = _PLACE.fullmatch(key)
    if place and (task := store.at(place[1].removeprefix("./"), int(place[2]))):
        return task
    found = store.find_key(key)
    if len(found) == 1:
        _require_no_other(store, key, found[0])
        return found[0]
    if not found:
        if place and root:
            _nothing_at(store, root, place[1].removeprefix("./"), int(place[2]))
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


def _nothing_at(store: Store, root: Path, path: str, line: int) -> NoReturn:
    """Raise UnknownKeyError that says whether the note is missing, the line, or a task on it."""
    notes = store.stamps()
    if path not in notes:
        alike = [p for p in notes if f"/{p}".lower().endswith(f"/{path}".lower())]
        near = f"did you mean {alike[0]}:{line}?" if alike else ""
        hint = "notes are named from the vault's folder on, with their .md"
        raise UnknownKeyError(f"there is no note {path}", near or hint)
    data = vault.read(root, path)
    # Of bytes Python breaks the lines where the reader does.
    lines = len(data.splitlines()) if isinstance(data, bytes) else line
    if not 0 < line <= lines:
        raise UnknownKeyError(f"{path} has no line {line}", f"its last line is {lines}")
    near_by = sorted(store.tasks(path=path), key=lambda task: abs(task.source.line - line))
    hint = f"the nearest is on line {near_by[0].source.line}: {near_by[0].text}" if near_by else ""
    raise UnknownKeyError(
        f"{path}:{line}: there is no task on this line", hint or "the note has no tasks"
    )


def _require_no_other(store: Store, key: str, task: Task) -> None:
    """Raise UnknownKeyError where a task that is gone had the key, which fits another by chance."""
    was = None if key == task.uid else store.gone(key)
    if was is not None:
        raise UnknownKeyError(
            f"{key} was `{was}`, which is gone; nothing else has that key",
            f"`{task.text}` is {task.key}; keys are shown by `mdtasks list`",
        )


def detail(session: Session, store: Store, key: str) -> Detail:
    """Return all that is known of one task. Raises UnknownKeyError, AmbiguousKeyError."""
    from mdtasks.app.planning import current_plan
    from mdtasks.app.rollover import planned_before
    from mdtasks.app.time_log import intervals_of
    from mdtasks.plan.rollover import days_before

    task = find(store, key, session.root)
    store.shown([task.uid])
    around = store.tasks(path=task.source.path)
    plan = current_plan(session, store)
    bearers = store.tasks(open_only=True, bearing=task.depends_on)
    awaited = [t for t in bearers if t.id in task.depends_on]
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
        logged=tuple(intervals_of(session, store, task)),
        rolled=tuple(days_before(task, planned_before(session, store), session.today)),
    )
