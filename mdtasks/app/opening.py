"""Open the index as fresh as a command needs it.

Rule: what looks at the notes is imported only when somebody has to look.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mdtasks.app.session import Session
from mdtasks.index.store import DamagedIndexError, Store
from mdtasks.write import outbox
from mdtasks.write.heartbeat import is_beating

if TYPE_CHECKING:
    from mdtasks.app.refresh import Progress


@contextmanager
def opened_to_read(session: Session, progress: Progress | None = None) -> Iterator[Store]:
    """Open the index for a command that changes nothing: where a watcher keeps it true, as it
    is. Raises as `refresh`."""
    store = None if _delivers(session) else _kept_true(session)
    if store is not None:
        with store:
            yield store
        return
    from mdtasks.app.refresh import opened

    with opened(session, progress) as (store, _):
        yield store


@contextmanager
def opened_to_change(session: Session, progress: Progress | None = None) -> Iterator[Store]:
    """Open the index as the notes are at this moment. Raises as `refresh`."""
    from mdtasks.app.refresh import opened

    _delivers(session)
    with opened(session, progress) as (store, _):
        yield store


def _delivers(session: Session) -> bool:
    """Write what an earlier run could not; return whether notes may have changed."""
    if outbox.is_empty(session.places.state):
        return False
    from mdtasks.app.changes import deliver

    return deliver(session)


def _kept_true(session: Session) -> Store | None:
    if not is_beating(session.places.state, session.reading):
        return None
    try:
        return session.open_store()
    except DamagedIndexError:
        return None
