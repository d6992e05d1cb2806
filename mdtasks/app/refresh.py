"""Make the index say what the notes say.

Rule: the comparison of the vault with the index is the truth; whoever knows of a change only
has to ask for a refresh.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from mdtasks import vault
from mdtasks.app.reading import Reader, Reading, Wanted, read_notes
from mdtasks.app.session import Session
from mdtasks.errors import VaultEmptyError
from mdtasks.index.identity import Known
from mdtasks.index.rows import Entry, texts_of
from mdtasks.index.store import DamagedIndexError, Stamp, Store, delete

Progress = Callable[[int, int], None]  # notes read, notes to read

# Notes per transaction: few enough that an interrupted first run keeps most of its work.
BATCH, BATCH_TASKS = 500, 20_000

# A vault that looks empty may be a disk that is just being mounted.
EMPTY_PATIENCE = timedelta(seconds=2)


# FAT keeps times in steps of 2 s, ext4 in ticks of some milliseconds.
CLOCK_TICK_NS = 2_000_000_000

# Kept in the index: what was ignored, and by which patterns.
IGNORED = "ignored"

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
    hints: Collection[str] | None = None,
) -> Refreshed:
    """Read what differs from the index into it.

    A note that was changed within `quiet` may be half written: it does not lose tasks yet.
    With `hints` it is known that nothing but these paths has changed: where all of them are notes
    that the index knows, and are still there, the others are not looked at.
    Raises VaultEmptyError if the index has tasks and the vault no notes; the index stays as it is.
    """
    began, now_ns = time.monotonic(), time.time_ns()
    known, walked = _hinted(session, store, hints) or _whole(session, store, accept_empty)
    for problem in walked.problems:
        session.notify(f"{problem.path}: {problem.message}")
    changes = vault.compare(walked, known)
    first_time = not store.is_complete
    unknown = [path for path in changes.changed if first_time and path not in known]
    others = [path for path in changes.changed if not first_time or path in known]
    look = _Look(session, store, walked.notes, known, now_ns, quiet)
    report = _counted(progress, len(changes.changed))
    changed: list[str] = []
    unsettled: list[str] = []
    for batch in _batches(look, unknown, report):
        store.fill(batch.notes, session.today)
        changed += [read.path for read, _ in batch.notes]
    if first_time:
        store.complete(_published(session), session.today)
    gone, is_first = changes.gone, True
    for batch, is_last in _told_last(_batches(look, others, report)):
        if batch.touched:
            store.touch(batch.touched)
        # With the first: a task that moved to another note is never there twice, nor not at all.
        left = []
        if batch.notes or gone or not is_first:
            left = store.update(batch.notes, gone, session.today, is_last)
        gone, is_first = (), False
        changed += [read.path for read, _ in batch.notes if read.path not in left]
        unsettled += batch.unsettled + left
    if gone:
        store.update((), gone, session.today)
    seconds = time.monotonic() - began
    return Refreshed(tuple(sorted(changed)), changes.gone, seconds, tuple(unsettled))


@contextmanager
def opened(
    session: Session,
    progress: Progress | None = None,
    accept_empty: bool = False,
    quiet: timedelta = timedelta(0),
    hints: Collection[str] | None = None,
) -> Iterator[tuple[Store, Refreshed]]:
    """Open the index and refresh it; one that is damaged is made anew. Raises as `refresh`."""
    with ExitStack() as stack:
        try:
            store = stack.enter_context(session.store())
            refreshed = refresh(session, store, progress, accept_empty, quiet, hints)
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
    ignore = session.config.read.ignore
    if not (accept_empty or vault.walk(session.root, ignore, until_found=True).notes):
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


# Both sides of a comparison: what the index knows, and what stands in the vault.
Sides = tuple[dict[str, Stamp], vault.Walk]


def _hinted(session: Session, store: Store, hints: Collection[str] | None) -> Sides | None:
    """Return both sides for the notes hinted at; None where that is not all there is to see."""
    if hints is None or not store.is_complete:
        return None
    known = store.stamps(hints)
    if known.keys() != set(hints):
        return None
    walked = vault.look(session.root, known)
    return walked and (known, walked)


def _whole(session: Session, store: Store, accept_empty: bool) -> Sides:
    """Return both sides. Raises VaultEmptyError as `refresh`."""
    known = store.stamps()
    walked = _walk(session, store, known)
    if accept_empty:
        store.put(ACCEPTED, b"")
    elif not walked.notes and _had_tasks(session, store):
        walked = _walk_again(session)
    return known, walked


def _walk(session: Session, store: Store, known: Mapping[str, Stamp]) -> vault.Walk:
    """Walk the vault, with what the patterns of `[read] ignore` said the last time."""
    patterns = session.config.read.ignore
    if not patterns:
        return vault.walk(session.root, (), known)
    kept = json.loads(store.get(IGNORED) or b"{}")
    before = kept["verdicts"] if kept.get("patterns") == [*patterns] else {}
    walked = vault.walk(session.root, patterns, known, before)
    if walked.verdicts != before:
        store.put(IGNORED, json.dumps({"patterns": patterns, "verdicts": walked.verdicts}).encode())
    return walked


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


def _published(session: Session) -> list[Known]:
    """Return what the published feed knows of tasks: with it a deleted index changes no uid."""
    try:
        data = session.places.feed.read_bytes()
    except OSError:
        return []
    from mdtasks.render.ledger import read_ledger

    marks = read_ledger(data).marks.values()
    return [Known(m.uid, m.born, m.explicit, m.path, (m.text, m.reference)) for m in marks]


class _Look(NamedTuple):
    """One comparison of the vault with the index: the stamps of both sides, and since when."""

    session: Session
    store: Store
    stamps: Mapping[str, Stamp]
    known: Mapping[str, Stamp]
    now_ns: int
    quiet: timedelta


class _Batch(NamedTuple):
    """Notes that go into the index together: those with other bytes, those with other stamps
    only, and the paths of those that are left as they are."""

    notes: list[tuple[Entry, Stamp]]
    touched: dict[str, Stamp]
    unsettled: list[str]


def _counted(progress: Progress | None, total: int) -> Callable[[int], None]:
    """Return what takes how many more notes have been read, and reports how many there are."""
    read = 0

    def add(more: int) -> None:
        nonlocal read
        read += more
        if progress:
            progress(read, total)

    return add


def _batches(look: _Look, paths: Sequence[str], report: Callable[[int], None]) -> Iterator[_Batch]:
    """Yield the notes as they are now. `report` takes how many more have been read."""
    if not paths:
        return
    session, store = look.session, look.store
    reader = Reader(session.root, session.config.read, session.config.vault_id)
    wanted = [_wanted(look, path) for path in paths]
    if len(wanted) > BATCH:
        store.prepare_for_much()
    batch, tasks = _Batch([], {}, []), 0
    with closing(read_notes(reader, wanted)) as readings:
        for some in readings:
            report(len(some))
            for reading in some:
                _judge(look, reading, batch)
                tasks += len(reading.entry.lines) if reading.entry else 0
            if len(batch.notes) >= BATCH or tasks >= BATCH_TASKS:
                yield batch
                batch, tasks = _Batch([], {}, []), 0
    yield batch


def _told_last(batches: Iterator[_Batch]) -> Iterator[tuple[_Batch, bool]]:
    """Yield each batch, and whether it is the last one."""
    held = next(batches, None)
    for batch in batches:
        if held is not None:
            yield held, False
        held = batch
    if held is not None:
        yield held, True


def _wanted(look: _Look, path: str) -> Wanted:
    size = look.stamps[path][1]
    if path not in look.known:
        return Wanted(path, size)
    return Wanted(path, size, look.store.digest(path) or b"", look.store.stretches(path))


def _judge(look: _Look, reading: Reading, batch: _Batch) -> None:
    """Put the note where it belongs in the batch."""
    path, stamp = reading.path, look.stamps[reading.path]
    settled = _settled(stamp, look.now_ns)
    if reading.entry is None:
        batch.touched[path] = settled
    elif reading.size < 0 and stamp[1] <= vault.MAX_SIZE:
        # Out of reach just then. Permission given later would not change the stamp.
        look.session.notify(f"{path}: {reading.entry.problems[0][1]}")
    elif _may_be_torn(reading, stamp, look.quiet) and _loses_tasks(look, reading.entry):
        batch.unsettled.append(path)
    else:
        batch.notes.append((reading.entry, settled))


def _settled(stamp: Stamp, now_ns: int) -> Stamp:
    """Return what to remember of a file that is read after `now`: nothing that matches while it
    is that new.

    Within one tick of the file system's clock a second write of the same length leaves the stamp
    as it is. As git does with its index: what is that new is read once more.
    """
    mtime_ns, size = stamp
    is_new = now_ns - CLOCK_TICK_NS <= mtime_ns <= time.time_ns() + CLOCK_TICK_NS
    return (-1, size) if is_new else stamp


def _may_be_torn(reading: Reading, stamp: Stamp, quiet: timedelta) -> bool:
    """Whether this may be half of what somebody is writing into the note."""
    mtime_ns, size = stamp
    if reading.size < 0:
        return False  # it is too large, and was not read
    age = timedelta(seconds=reading.at - mtime_ns / 1e9)
    # The age is unknown, below zero, where another clock made the stamp: on a network drive.
    patience = quiet if reading.size else EMPTY_PATIENCE
    return reading.size != size or timedelta(0) <= age < patience


def _loses_tasks(look: _Look, read: Entry) -> bool:
    if read.path not in look.known:
        return False
    had = look.store.texts(read.path)
    kept = texts_of(read)
    if read.base:
        kept |= {text for line, text in had if not read.start <= line < read.end}
    return any(text not in kept for _, text in had)
