"""The day behind a box that was ticked in an editor, for those who ask for it (`stamp_done`).

Rule: the day is the one on which the index first saw the box ticked. Nobody is kept from a line:
a note that somebody may be typing in is left for later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from mdtasks import vault
from mdtasks.app.refresh import refresh
from mdtasks.app.session import Session
from mdtasks.errors import ChangedUnderUsError, MdtasksError
from mdtasks.index.store import Store
from mdtasks.model import Edit, Problem
from mdtasks.read.note import digest

# What was ticked longer ago, as before a person asked for it, stays as it is.
_DAYS = 7


def stamp_ticks(session: Session, store: Store, attended: bool) -> bool:
    """Add the day to what was ticked without one in the last days; refresh the index.

    It is no command that `undo` takes back. Not `attended`, return whether to look again soon.
    """
    write = session.config.write
    if not (write.stamp_done and write.done_date):
        return False
    wanted: defaultdict[str, list[Edit]] = defaultdict(list)
    for edit in _wanted(session, store):
        wanted[edit.path].append(edit)
    waits = [_is_in_the_way(session, store, path, wanted[path], attended) for path in wanted]
    if wanted:
        refresh(session, store, quiet=timedelta(0))
    return not attended and any(waits)


def _wanted(session: Session, store: Store) -> Iterator[Edit]:
    from mdtasks.write.edits import stamp

    for ago in range(_DAYS):
        day = session.today - timedelta(days=ago)
        for task in store.done_on(day):
            edit = stamp(task, day, session.config.read) if task.done is None else None
            if edit:
                yield edit


def _is_in_the_way(
    session: Session, store: Store, path: str, edits: list[Edit], attended: bool
) -> bool:
    """Write the lines of one note; return whether somebody is in the way just now."""
    from mdtasks.write.safely import AT_PROMPT, UNATTENDED, as_splice, write_note
    from mdtasks.write.splice import splice_note
    from mdtasks.write.target import BusyError

    data = vault.read(session.root, path)
    # Else it is not the note that the index speaks of any more.
    if isinstance(data, Problem) or digest(data) != store.digest(path):
        return True
    patience = AT_PROMPT if attended else UNATTENDED
    try:
        after = splice_note(data, [as_splice(edit) for edit in edits]).data
        write_note(session.root, session.places.state, path, data, after, patience, session.notify)
    except (BusyError, ChangedUnderUsError):
        return True
    except MdtasksError as error:  # the box counts without a day as well
        session.notify(f"not dated: {error.message}")
        return False
    for edit in edits:
        session.notify(f"dated: {path}:{edit.line}: {edit.after[0].strip()}")
    return False
