"""Changes to notes that a person asked for.

Rule: find the tasks, let write/edits.py say what should change, let write/safely.py do it; the
index comes last, and after it a second look that nobody waits for.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from mdtasks import vault
from mdtasks.app.refresh import refresh
from mdtasks.app.session import Session
from mdtasks.app.tasks import find, is_place
from mdtasks.errors import ChangedUnderUsError, LockedError
from mdtasks.index.store import Store
from mdtasks.model import Edit, Problem, Task

if TYPE_CHECKING:
    from mdtasks.write.outbox import Pending
    from mdtasks.write.splice import Splice

# In seconds: when a watcher tries again what it could not write.
AGAIN = 2.0


def to_complete(session: Session, store: Store, keys: Sequence[str]) -> list[Edit]:
    """Return what completes tasks; those that are closed already are left as they are.

    Raises UnknownKeyError, AmbiguousKeyError, RefusedError.
    """
    from mdtasks.write.edits import complete, without_rule

    read, write = session.config.read, session.config.write
    tasks = _opened(session, store, keys)
    edits = [complete(task, session.now, read, write) for task in tasks]
    for line in filter(None, (without_rule(task, read) for task in tasks)):
        session.notify(line)
    if write.complete_parents:
        from mdtasks.app.relatives import completed_with

        # Without its line, the steps of a task would be another's.
        kept = write._replace(allow_delete=False)
        above = completed_with(store, tasks)
        edits += [complete(task, session.now, read, kept) for task in above]
    return [edit for edit in edits if edit]


def to_cancel(session: Session, store: Store, keys: Sequence[str]) -> list[Edit]:
    """Return what cancels tasks; those that are closed already are left as they are.

    Raises as `to_complete` does.
    """
    from mdtasks.write.edits import cancel

    tasks = _opened(session, store, keys)
    edits = [cancel(task, session.today, session.config.read) for task in tasks]
    return [edit for edit in edits if edit]


def named(session: Session, store: Store, keys: Sequence[str]) -> list[Task]:
    """Return the tasks, each once.

    Raises UnknownKeyError, AmbiguousKeyError, and once ChangedUnderUsError where a line was worded
    anew since the person saw it, so that it is only likely to be the same task, and where lines
    came or went since the person counted them.
    """
    _require_counted(session, [key for key in keys if is_place(key)])
    tasks = {key: find(store, key, session.root) for key in keys}
    doubts = {key: store.reworded(task.uid) for key, task in tasks.items() if not is_place(key)}
    for key, was in doubts.items():
        if was is not None:
            task = tasks[key]
            store.shown([task.uid])
            raise ChangedUnderUsError(
                f"{key} was `{was}`; now it is `{task.text}`; nothing was written",
                "run it again if that is what you mean",
            )
    return [*{task.uid: task for task in tasks.values()}.values()]


def _require_counted(session: Session, keys: Sequence[str]) -> None:
    """Raise ChangedUnderUsError for a line below one that this very run has written for another,
    which was cut short: then its number is of before."""
    if not keys:
        return
    from mdtasks.write import settling

    now = settling.watched(session.places.state, time.time())
    moved = {
        (place.splice.path, min(place.line, place.splice.line))
        for one in now
        if one.at >= session.began
        for place in one.command.places
        if len(place.splice.before) != len(place.splice.after)
    }
    for key in keys:
        path, _, line = key.removeprefix("./").rpartition(":")
        if any(path == note and int(line) >= first for note, first in moved):
            raise ChangedUnderUsError(
                f"{key}: lines of this note moved just now, as what a run was asked for was "
                "written that had been cut short; nothing else was written",
                "look at the note, and run it again if you still mean that line",
            )


def _opened(session: Session, store: Store, keys: Sequence[str]) -> list[Task]:
    return [task for task in named(session, store, keys) if task.is_open]


def carry_out(session: Session, store: Store, wanted: Sequence[Edit | Splice]) -> tuple[Edit, ...]:
    """Write all edits or none; return them as they landed.

    Raises ChangedUnderUsError, RefusedError, LockedError.
    """
    from mdtasks.write.safely import apply

    root, state = session.root, session.places.state
    told = _told_apart(session, store, wanted)
    written = apply(root, state, told, tell=session.notify, since=session.began)
    return _finished(session, store, written)


def _told_apart(
    session: Session, store: Store, wanted: Sequence[Edit | Splice]
) -> list[Edit | Splice]:
    """Return what is wanted, with the neighbours of lines that read like others of their notes.

    Raises ChangedUnderUsError where such a note is not what the index was read from.
    """
    from mdtasks.read.note import digest
    from mdtasks.write.places import texts_of
    from mdtasks.write.safely import as_splice
    from mdtasks.write.splice import changed, seen_in

    told = [*wanted]
    notes = {edit.path: vault.read(session.root, edit.path) for edit in wanted}
    for at, edit in enumerate(wanted):
        data = notes[edit.path]
        if isinstance(data, Problem) or not isinstance(edit, Edit):
            continue
        texts = texts_of(data)
        if texts.count(edit.before) > 1:
            splice = as_splice(edit)
            if digest(data) != store.digest(edit.path):
                raise changed(splice)
            told[at] = seen_in(splice, texts)
    return told


def undo(session: Session, store: Store, only: str | None = None) -> tuple[Edit, ...]:
    """Take back the last change, all its lines or none; one that still waits is dropped.

    `only` is the id of the change that is meant, where it must be that one.
    Raises ChangedUnderUsError, RefusedError (also when there is nothing to undo, and once behind an
    import), LockedError.
    """
    from mdtasks.app.undoing import require_no_import
    from mdtasks.write.new_notes import remove_if_empty
    from mdtasks.write.safely import take_back

    if only is None:
        require_no_import(session)
    root, state = session.root, session.places.state
    written = take_back(root, state, tell=session.notify, only=only)
    for path in dict.fromkeys(edit.path for edit in written if not edit.after):
        if remove_if_empty(root, state, path):
            session.notify(f"{path} was made for this, and is gone again")
    return _finished(session, store, written)


def _finished(session: Session, store: Store, written: tuple[Edit, ...]) -> tuple[Edit, ...]:
    from mdtasks.write import settle

    refresh(session, store)
    settle.start(session.root, session.places.state, session.notify)
    return written


def deliver(session: Session) -> bool:
    """Write what a killed run was asked for, and what had to wait, where that can be done now.

    For the beginning of any command, before the index is refreshed: it costs one look at a folder
    when nothing waits. Return whether notes may have changed. Somebody else who is writing just
    now does it instead.
    """
    from mdtasks.write import outbox

    state = session.places.state
    if not outbox.has_hope(state):
        return False
    from mdtasks.write import safely, settle

    with suppress(LockedError):
        safely.deliver(session.root, state, tell=session.notify)
        settle.start(session.root, state, session.notify)
    return True


def tend(session: Session) -> float | None:
    """Do for a watcher what nobody waits for: write what had to wait, and look again at what was
    written a moment ago. Before it reads the notes.

    Return in how many seconds to do so next, None where there is nothing left to do.
    """
    from mdtasks.write import outbox, settle

    root, state = session.root, session.places.state
    pauses: list[float | None] = [None]
    with suppress(LockedError):
        if outbox.has_hope(state):
            from mdtasks.write.safely import UNATTENDED, deliver

            deliver(root, state, UNATTENDED._replace(lock=timedelta(0)), session.notify)
        pauses.append(settle.look_again(root, state, attended=False))
    if outbox.has_hope(state):
        pauses.append(AGAIN)
    return min((pause for pause in pauses if pause is not None), default=None)


def waiting(session: Session) -> tuple[Pending, ...]:
    """Return the changes that were asked for and are not in their notes yet."""
    from mdtasks.write import outbox

    return outbox.pending(session.places.state)


def notices(session: Session) -> tuple[str, ...]:
    """Return a line for each change that waits, and why it does; for `today` and the watcher."""
    return tuple(
        f"not written: {one.path}:{one.line}: {one.text.strip()} ({one.why})"
        for one in waiting(session)
    )
