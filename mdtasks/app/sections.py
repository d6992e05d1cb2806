"""One sync of the daily notes: what a person did in the sections first, then the sections.

Rule: one process at a time, under the lock `sections`; else two would tick the same thing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from mdtasks.app.daily_note import Outcome, write_sections
from mdtasks.app.daily_paths import daily_notes
from mdtasks.app.flow_back import carry_back
from mdtasks.app.refresh import refresh
from mdtasks.app.session import Session
from mdtasks.errors import ChangedUnderUsError
from mdtasks.index.store import Store
from mdtasks.write.locks import hold, is_held

_LOCK = "sections"
# A person who saves at the very moment is met once more, and once again; then it is said.
_TRIES = 3


def sync_sections(
    session: Session, store: Store, attended: bool, in_between: Callable[[], None]
) -> Outcome:
    """Carry back, call `in_between`, write; return what came of it.

    Raises RefusedError, ChangedUnderUsError, LockedError; not `attended`, what somebody is in the
    way of just waits.
    """
    from mdtasks.write.target import BusyError

    state = session.places.state
    others = is_held(state, _LOCK)
    with hold(state, _LOCK, timedelta(seconds=10)):
        if others:
            refresh(session, store)
        for left in reversed(range(_TRIES)):
            notes = daily_notes(session, store)
            stuck = carry_back(session, store, notes, attended)
            in_between()
            try:
                outcome = write_sections(session, store, notes, stuck, attended)
            except (BusyError, ChangedUnderUsError) as error:
                if not attended:
                    return Outcome(waits=True)
                if left == 0 or isinstance(error, BusyError):
                    raise
            else:
                changed_meanwhile = outcome.waits and not outcome.held
                if not (attended and changed_meanwhile and left):
                    return outcome
            refresh(session, store)
    raise AssertionError("the last try returns or raises")
