"""A new task: a person's words -> a line in a note.

Rule: write/wording.py says what the words mean, write/compose.py how a line says it,
write/insertion.py where it goes. Only the inbox is ever made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mdtasks import vault
from mdtasks.app.changes import carry_out
from mdtasks.app.rehearsal import Rehearsal, new_note, rehearse
from mdtasks.app.session import Session
from mdtasks.errors import ChangedUnderUsError, RefusedError, UsageError
from mdtasks.index.store import Store
from mdtasks.model import Edit, Problem, Task
from mdtasks.write import insertion
from mdtasks.write.compose import compose, plain
from mdtasks.write.wording import Wording, understand

if TYPE_CHECKING:
    from mdtasks.write.insertion import Inserted

# Somebody may be typing in the note: then the place is looked for once more.
_TRIES = 3


class Adding(NamedTuple):
    """What is to be added: the words understood, the box's symbol, the note, its heading."""

    words: Wording
    symbol: str
    path: str
    heading: str | None

    def line(self, session: Session, dialect: str) -> str:
        created = session.today if session.config.write.set_created else None
        return compose(self.words, self.symbol, dialect, created, session.config.read)


class Added(NamedTuple):
    """The edit, whose `before` is empty, and the task as the index has it now."""

    edit: Edit
    task: Task | None


def to_add(
    session: Session, store: Store, text: str, note: str | None, heading: str | None
) -> Adding:
    """Return what the words mean and where they go. Raises UsageError."""
    said = plain(text)
    words = understand(said.text, session.now, session.config.read)
    inbox = _inbox(session, store)
    path = inbox if note in (None, inbox) else _note(store, note or "")
    if heading is not None and not heading.strip("# "):
        raise UsageError("the heading is empty", "leave --heading out, or name one of the note's")
    return Adding(words, said.symbol, path, heading)


def add(session: Session, store: Store, adding: Adding) -> Added:
    """Write the line; make the inbox where it is not there.

    Raises UsageError for a heading that is not there, ChangedUnderUsError, RefusedError,
    LockedError; then no note is changed.
    """
    if (made := _is_new(session, adding)) is not None:
        return _into_new(session, store, adding, made)
    for attempt in range(_TRIES):
        inserted = _insert(session, adding)
        try:
            (edit,) = carry_out(session, store, [inserted.splice])
        except ChangedUnderUsError:
            if attempt == _TRIES - 1:
                raise
        else:
            line = inserted.line + edit.line - inserted.splice.line
            return _added(session, store, Edit(adding.path, line, "", (inserted.text,)))
    raise AssertionError


def rehearse_add(session: Session, adding: Adding) -> Rehearsal:
    """Return what `add` would change. Raises as it does."""
    if (line := _is_new(session, adding)) is not None:
        return new_note(adding.path, line)
    inserted = _insert(session, adding)
    edit = Edit(adding.path, inserted.line, "", (inserted.text,))
    return rehearse(session, [inserted.splice])._replace(changed=(edit,))


def _note(store: Store, name: str) -> str:
    from mdtasks.app.lists import find_note  # with the whole query language behind it

    return find_note(store, name)


def _inbox(session: Session, store: Store) -> str:
    """Return the path of the inbox, as it is written on disk if it is there."""
    wanted = session.config.add.note
    paths = store.stamps()
    alike = [path for path in paths if path.casefold() == wanted.casefold()]
    return alike[0] if wanted not in paths and len(alike) == 1 else wanted


def _is_new(session: Session, adding: Adding) -> str | None:
    """Return the first line of a note that is still to be made, None where it is there."""
    path = session.root / adding.path
    if path.exists() or path.is_symlink():
        return None
    if adding.path != session.config.add.note:
        raise ChangedUnderUsError(f"{adding.path}: this note is gone; nothing was written")
    if adding.heading:
        hint = "leave --heading out, or make the note first"
        raise UsageError(f"{adding.path} is not there yet, and has no headings", hint)
    return insertion.new_note(lambda dialect: adding.line(session, dialect), session.config.read)


def _into_new(session: Session, store: Store, adding: Adding, line: str) -> Added:
    from mdtasks.write import new_notes
    from mdtasks.write.splice import Splice

    root, state, path = session.root, session.places.state, adding.path
    new_notes.make(root, state, path, session.notify)
    try:
        splice = Splice(path, 1, (), (line,), (None, None), "\n")
        (edit,) = carry_out(session, store, [splice])
    except BaseException:
        new_notes.remove_if_empty(root, state, path)
        raise
    return _added(session, store, edit)


def _insert(session: Session, adding: Adding) -> Inserted:
    data = vault.read(session.root, adding.path)
    if isinstance(data, Problem):
        raise RefusedError(f"{adding.path}: {data.message}; nothing was written", data.hint)

    def write(dialect: str) -> str:
        return adding.line(session, dialect)

    return insertion.insert(adding.path, data, adding.heading, write, session.config.read)


def _added(session: Session, store: Store, edit: Edit) -> Added:
    task = store.at(edit.path, edit.line)
    if task is None:
        session.notify(f"{edit.path} is left out by `read.ignore`, so no list shows this task")
    return Added(edit, task)
