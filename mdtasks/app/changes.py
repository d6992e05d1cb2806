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
from mdtasks.model import Edit


def done(session: Session, store: Store, keys: Sequence[str]) -> tuple[Edit, ...]:
    """Complete tasks, all or none; those that are closed already are left as they are.

    Raises UnknownKeyError, AmbiguousKeyError, ChangedUnderUsError, RefusedError, LockedError.
    """
    from mdtasks.write.edits import complete
    from mdtasks.write.safely import apply

    tasks = {task.uid: task for task in (find(store, key) for key in keys)}
    config = session.config
    opened = (task for task in tasks.values() if task.is_open)
    edits = [complete(task, session.today, config.read, config.write) for task in opened]
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
