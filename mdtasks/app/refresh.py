"""Make the index say what the notes say.

Rule: the comparison of the vault with the index is the truth; whoever knows of a change only
has to ask for a refresh.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from mdtasks import vault
from mdtasks.app.session import Session
from mdtasks.errors import VaultEmptyError
from mdtasks.index.store import DamagedIndexError, Stamp, Store, delete
from mdtasks.model import Note, Problem

Progress = Callable[[int, int], None]  # notes read, notes to read

# Notes per transaction: few enough that an interrupted first run keeps most of its work.
BATCH = 500

# A vault that looks empty may be a disk that is just being mounted.
EMPTY_PATIENCE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh found. `changed`, `gone` and `unsettled` are paths; `seconds` is how long it
    took. What is unsettled was left as it is in the index: the next refresh looks again."""

    changed: tuple[str, ...]
    gone: tuple[str, ...]
    seconds: float
    unsettled: tuple[str, ...] = ()

    @property
    def was_fresh(self) -> bool:
        return not (self.changed or self.gone)


def refresh(
    session: Session,
    store: Store,
    progress: Progress | None = None,
    accept_empty: bool = False,
    quiet: timedelta = timedelta(0),
) -> Refreshed:
    """Read what differs from the index into it.

    A note that was changed within `quiet` may be half written: it does not lose tasks yet.
    Raises VaultEmptyError if the index has tasks and the vault no notes; the index stays as it is.
    """
    began = time.monotonic()
    known = store.stamps()
    walked = vault.walk(session.root, session.config.read.ignore)
    if not walked.notes and not accept_empty and store.counts().tasks:
        walked = _walk_again(session)
    for problem in walked.problems:
        session.notify(f"{problem.path}: {problem.message}")
    changes = vault.compare(walked, known)
    changed: list[str] = []
    unsettled: list[str] = []
    for number, batch in enumerate(_batches(changes.changed)):
        if progress:
            progress(number * BATCH, len(changes.changed))
        read, left = _read_batch(session, store, batch, walked.notes, quiet)
        changed += read
        unsettled += left
    if changes.gone:
        store.update((), changes.gone, session.today)
    seconds = time.monotonic() - began
    return Refreshed(tuple(changed), changes.gone, seconds, tuple(unsettled))


@contextmanager
def opened(
    session: Session,
    progress: Progress | None = None,
    accept_empty: bool = False,
    quiet: timedelta = timedelta(0),
) -> Iterator[tuple[Store, Refreshed]]:
    """Open the index and refresh it; one that is damaged is made anew. Raises as `refresh`."""
    with ExitStack() as stack:
        try:
            store = stack.enter_context(session.store())
            refreshed = refresh(session, store, progress, accept_empty, quiet)
        except DamagedIndexError:
            stack.close()
            delete(session.places.cache)
            store = stack.enter_context(session.store())
            refreshed = refresh(session, store, progress, accept_empty, quiet)
        yield store, refreshed


def forget(session: Session, accept_empty: bool = False) -> None:
    """Delete the index: the next refresh reads every note again.

    Raises VaultEmptyError before anything is deleted.
    """
    if not (accept_empty or vault.walk(session.root, session.config.read.ignore).notes):
        with suppress(DamagedIndexError), session.store() as store:
            if store.counts().tasks:
                _walk_again(session)
    delete(session.places.cache)


def notes_gone(root: Path) -> VaultEmptyError:
    return VaultEmptyError(
        f"{root}: the notes are gone; index and calendar are kept as they were",
        "mount the disk or restore the folder; if it is empty on purpose, "
        "run `mdtasks index --accept-empty`",
    )


def _walk_again(session: Session) -> vault.Walk:
    deadline = time.monotonic() + EMPTY_PATIENCE.total_seconds()
    while time.monotonic() < deadline:
        time.sleep(0.1)
        walked = vault.walk(session.root, session.config.read.ignore)
        if walked.notes:
            return walked
    raise notes_gone(session.root)


def _batches(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(paths), BATCH):
        yield paths[start : start + BATCH]


def _read_batch(
    session: Session, store: Store, paths: Sequence[str], stamps: dict[str, Stamp], quiet: timedelta
) -> tuple[list[str], list[str]]:
    """Read notes into the index; return those whose bytes differ, and those that are unsettled."""
    # Imported here: on a fresh index there is nothing to read.
    from mdtasks.read.note import digest, read_note

    notes: list[tuple[Note, Stamp]] = []
    touched: dict[str, Stamp] = {}
    unsettled: list[str] = []
    for path in paths:
        stamp = stamps[path]
        data = vault.read(session.root, path)
        if isinstance(data, Problem) and stamp[1] <= vault.MAX_SIZE:
            # Out of reach for now. Permission given later would not change the stamp.
            session.notify(f"{path}: {data.message}")
        elif isinstance(data, Problem):
            notes.append((Note(path, b"", problems=(data,)), stamp))
        elif digest(data) == store.digest(path):
            touched[path] = stamp
        else:
            note = read_note(path, data, session.config.read)
            if _may_be_torn(data, stamp, quiet) and _loses_tasks(store, note):
                unsettled.append(path)
            else:
                notes.append((note, stamp))
    if notes:
        store.update(notes, (), session.today)
    if touched:
        store.touch(touched)
    return [note.path for note, _ in notes], unsettled


def _may_be_torn(data: bytes, stamp: Stamp, quiet: timedelta) -> bool:
    """Whether this may be half of what somebody is writing into the note."""
    mtime_ns, size = stamp
    age = timedelta(seconds=time.time() - mtime_ns / 1e9)
    # The age is unknown, below zero, where another clock made the stamp: on a network drive.
    return len(data) != size or timedelta(0) <= age < (quiet if data else EMPTY_PATIENCE)


def _loses_tasks(store: Store, note: Note) -> bool:
    texts = {task.text for task in note.tasks}
    return any(task.text not in texts for task in store.tasks(path=note.path))
