"""Make the index say what the notes say.

Rule: the comparison of the vault with the index is the truth; whoever knows of a change only
has to ask for a refresh.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

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


# FAT keeps times in steps of 2 s, ext4 in ticks of some milliseconds.
CLOCK_TICK_NS = 2_000_000_000

# Kept in the index when a person has said that the vault is empty on purpose.
ACCEPTED = "accepted empty"


class Refreshed(NamedTuple):
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
    if accept_empty:
        store.put(ACCEPTED, b"")
    elif not walked.notes and _had_tasks(session, store):
        walked = _walk_again(session)
    for problem in walked.problems:
        session.notify(f"{problem.path}: {problem.message}")
    changes = vault.compare(walked, known)
    changed: list[str] = []
    unsettled: list[str] = []
    gone = changes.gone
    for number, batch in enumerate(_batches(changes.changed)):
        if progress:
            progress(number * BATCH, len(changes.changed))
        notes, left = _read_batch(session, store, batch, walked.notes, quiet)
        # With the first: a task that moved to another note is never there twice, nor not at all.
        if notes or gone:
            store.update(notes, gone, session.today)
        gone = ()
        changed += [note.path for note, _ in notes]
        unsettled += left
    if gone:
        store.update((), gone, session.today)
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


def _had_tasks(session: Session, store: Store) -> bool:
    """Whether there were tasks here: in the index or, where that was deleted, in the feed."""
    notes, tasks, _ = store.counts()
    if notes or store.get(ACCEPTED) is not None:
        return tasks > 0
    try:
        return b"BEGIN:VEVENT" in session.places.feed.read_bytes()
    except OSError:
        return False


def _batches(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(paths), BATCH):
        yield paths[start : start + BATCH]


def _read_batch(
    session: Session, store: Store, paths: Sequence[str], stamps: dict[str, Stamp], quiet: timedelta
) -> tuple[list[tuple[Note, Stamp]], list[str]]:
    """Return the notes whose bytes differ, read, and the paths of those that are unsettled."""
    # Imported here: on a fresh index there is nothing to read.
    from mdtasks.read.note import digest, read_note

    notes: list[tuple[Note, Stamp]] = []
    touched: dict[str, Stamp] = {}
    unsettled: list[str] = []
    for path in paths:
        stamp, settled = stamps[path], _settled(stamps[path])
        data = vault.read(session.root, path)
        if isinstance(data, Problem) and stamp[1] <= vault.MAX_SIZE:
            # Out of reach just then. Permission given later would not change the stamp.
            session.notify(f"{path}: {data.message}")
        elif isinstance(data, Problem):
            notes.append((Note(path, b"", problems=(data,)), settled))
        elif digest(data) == store.digest(path):
            touched[path] = settled
        else:
            note = read_note(path, data, session.config.read)
            if _may_be_torn(data, stamp, quiet) and _loses_tasks(store, note):
                unsettled.append(path)
            else:
                notes.append((note, settled))
    if touched:
        store.touch(touched)
    return notes, unsettled


def _settled(stamp: Stamp) -> Stamp:
    """Return what to remember of a file by: nothing that matches while it is that new.

    Within one tick of the file system's clock a second write of the same length leaves the stamp
    as it is. As git does with its index: what is that new is read once more.
    """
    mtime_ns, size = stamp
    return stamp if abs(time.time_ns() - mtime_ns) > CLOCK_TICK_NS else (-1, size)


def _may_be_torn(data: bytes, stamp: Stamp, quiet: timedelta) -> bool:
    """Whether this may be half of what somebody is writing into the note."""
    mtime_ns, size = stamp
    age = timedelta(seconds=time.time() - mtime_ns / 1e9)
    # The age is unknown, below zero, where another clock made the stamp: on a network drive.
    return len(data) != size or timedelta(0) <= age < (quiet if data else EMPTY_PATIENCE)


def _loses_tasks(store: Store, note: Note) -> bool:
    texts = {task.text for task in note.tasks}
    return any(task.text not in texts for task in store.tasks(path=note.path))
