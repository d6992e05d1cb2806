"""What a change would do, shown and not done.

Rule: looks for the lines as a write does, with the same refusals, and writes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from difflib import unified_diff
from typing import NamedTuple

from mdtasks import vault
from mdtasks.app.session import Session
from mdtasks.app.undoing import require_no_import
from mdtasks.errors import RefusedError
from mdtasks.model import Edit, Problem
from mdtasks.write import journal
from mdtasks.write.carry import Desk, find
from mdtasks.write.places import texts_of
from mdtasks.write.safely import as_edits, as_splice, waits_last
from mdtasks.write.splice import Splice, splice_note


class Rehearsal(NamedTuple):
    """The edits as they would land, and a unified diff of the notes, by lines."""

    changed: tuple[Edit, ...]
    diff: tuple[str, ...]


def rehearse(session: Session, wanted: Sequence[Edit | Splice]) -> Rehearsal:
    """Return what writing the edits would change. Raises ChangedUnderUsError, RefusedError."""
    splices = [as_splice(edit) for edit in wanted]
    desk = Desk(session.root, session.places.state, session.notify)
    found = find(desk, splices, timedelta(0))
    changed = tuple(edit for splice in found.landed for edit in as_edits(splice))
    return Rehearsal(changed, tuple(_diff(session, splices)))


def rehearse_undo(session: Session) -> Rehearsal:
    """Return what `undo` would change. Raises as `rehearse`, and where there is nothing to undo."""
    require_no_import(session, is_rehearsal=True)
    state, now = session.places.state, time.time()
    if lines := waits_last(state, now):
        session.notify(f"this would not be written any more: {lines}")
        return Rehearsal((), ())
    entry = journal.last(state, now)
    if entry is None:
        raise RefusedError("nothing to undo", "a change can be taken back for 24 hours")
    return rehearse(session, entry.splices)


def new_note(path: str, line: str) -> Rehearsal:
    """Return what making a note with one line would change."""
    diff = unified_diff([], [line], "/dev/null", path, lineterm="")
    return Rehearsal((Edit(path, 1, "", (line,)),), tuple(diff))


def _diff(session: Session, splices: Sequence[Splice]) -> Iterator[str]:
    for path in dict.fromkeys(splice.path for splice in splices):
        data = vault.read(session.root, path)
        if isinstance(data, Problem):
            raise RefusedError(f"{path}: {data.message}", data.hint)
        after = splice_note(data, [splice for splice in splices if splice.path == path]).data
        yield from unified_diff(texts_of(data), texts_of(after), path, path, lineterm="")
