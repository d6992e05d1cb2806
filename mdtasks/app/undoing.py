"""What a person has to know before `undo` takes something back.

Rule: nothing is written to a note here.
"""

from __future__ import annotations

import time

from mdtasks.app.session import Session
from mdtasks.errors import RefusedError
from mdtasks.write import imported, journal


def require_no_import(session: Session, is_rehearsal: bool = False) -> None:
    """Raise RefusedError, once, where notes were imported after the last change of lines: who asks
    for the import to be undone must not lose an older tick."""
    state, now = session.places.state, time.time()
    found, entry = imported.last(state, now), journal.last(state, now)
    if found is None or (entry and entry.at > found.at):
        return
    if not is_rehearsal:
        imported.forget(state)
    notes = "1 note" if found.notes == 1 else f"{found.notes} notes"
    hint = f"if that was not meant, delete the folder {found.folder}"
    if entry:
        path = entry.splices[0].path if entry.splices else "a note"
        hint += f"; run `mdtasks undo` again to take back what was done before it, in {path}"
    raise RefusedError(
        f"the last thing was an import of {notes} into {found.folder}, and undo takes back lines, "
        "not notes; nothing was changed",
        hint,
    )
