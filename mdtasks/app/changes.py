"""Changes to notes that a person asked for.

Rule: find the tasks, let write/edits.py say what should change, let write/safely.py do it; the
index comes last.
"""

from __future__ import annotations

from collections.abc import Sequence

from mdtasks.app.refresh import refresh
from mdtasks.app.session import Session
from mdtasks.app.tasks import find
from mdtasks.index.store import Store
from mdtasks.model import Edit, Task


def done(session: Session, store: Store, keys: Sequence[str]) -> tuple[Edit, ...]:
    """Complete tasks, all or none; those that are closed already are left as they are.

    Raises UnknownKeyError, AmbiguousKeyError, ChangedUnderUsError, RefusedError, LockedError.
    """
    from mdtasks.write.edits import complete

    read, write = session.config.read, session.config.write
    edits = [complete(task, session.today, read, write) for task in _opened(store, keys)]
    return _carry_out(session, store, edits)


def cancel(session: Session, store: Store, keys: Sequence[str]) -> tuple[Edit, ...]:
    """Cancel tasks, all or none; those that are closed already are left as they are.

    Raises as `done` does.
    """
    from mdtasks.write import edits

    tasks = _opened(store, keys)
    found = [edits.cancel(task, session.today, session.config.read) for task in tasks]
    return _carry_out(session, store, found)


def _opened(store: Store, keys: Sequence[str]) -> list[Task]:
    tasks = {task.uid: task for task in (find(store, key) for key in keys)}
    return [task for task in tasks.values() if task.is_open]


def _carry_out(session: Session, store: Store, edits: Sequence[Edit | None]) -> tuple[Edit, ...]:
    from mdtasks.write.safely import apply

    written = apply(session.root, session.places.state, [edit for edit in edits if edit])
    refresh(session, store)
    return written


def undo(session: Session, store: Store) -> tuple[Edit, ...]:
    """Take back the last change, all its lines or none.

    Raises ChangedUnderUsError, RefusedError (also when there is nothing to undo), LockedError.
    """
    from mdtasks.write.safely import take_back

    written = take_back(session.root, session.places.state)
    refresh(session, store)
    return written
