"""An Evernote export becomes notes of the vault, and the same export again changes nothing.

Rule: evernote/ says what a note is, write/ puts it there. A note that a person has edited here is
theirs: it is never written over, whatever came to it in Evernote.
"""

from __future__ import annotations

import posixpath
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from hashlib import md5
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, NamedTuple, cast

from mdtasks import vault
from mdtasks.app.refresh import Progress, refresh
from mdtasks.app.session import Session
from mdtasks.errors import LockedError, MdtasksError, UsageError
from mdtasks.evernote import names
from mdtasks.evernote.enex import CHUNK, Attachment, Exported, notes
from mdtasks.evernote.enml import EnmlError
from mdtasks.evernote.page import (
    HEAD,
    RESOURCES,
    Places,
    as_written,
    id_in,
    identity,
    ledger_in,
    page_of,
    resources_in,
    source_of,
)
from mdtasks.evernote.todos import Manner
from mdtasks.index.store import Store
from mdtasks.model import Problem
from mdtasks.write import brought

if TYPE_CHECKING:
    from mdtasks.write.arrivals import Arrivals

HOME = "From Evernote"
# What a spool holds in memory before it goes to a file.
_IN_MEMORY = 1 << 20

# What became of a note. "kept" is edited here, "conflict" there too since it was imported.
NEW, UPDATED, SAME = "new", "updated", "unchanged"
KEPT, CONFLICT, FAILED = "kept", "conflict", "failed"
DELETED = "deleted"


class Outcome(NamedTuple):
    """What became of a note of the export; `path` is "" where it has none."""

    number: int
    line: int
    title: str
    path: str
    outcome: str
    reason: str = ""


class Imported(NamedTuple):
    folder: str
    outcomes: tuple[Outcome, ...]
    attachments: int  # files that were written

    def count(self, outcome: str) -> int:
        return sum(one.outcome == outcome for one in self.outcomes)


class _Entry(NamedTuple):
    """A note as the first look at the export finds it."""

    id: str
    title: str
    created: str
    path: str = ""
    is_deleted: bool = False


class _Known(NamedTuple):
    """A note that was imported before."""

    path: str
    created: str


def import_export(
    session: Session,
    store: Store,
    file: Path,
    to: str | None,
    is_rehearsal: bool,
    progress: Progress | None,
    with_deleted: bool = False,
) -> Imported:
    """Bring the notes of an export into the vault; with `is_rehearsal` only say what would be.

    What was deleted here comes back `with_deleted`, and where none of the notes is here any more.
    Raises UsageError, RefusedError, LockedError. What is wrong with one note is its outcome.
    """
    folder = _folder(session, file, to)
    with _opened(file) as first:
        listed = _listed(first)
    gone = {} if with_deleted else brought.load(session.places.state)
    entries = _placed(session, store, folder, listed, gone)
    outcomes: list[Outcome] = []
    with ExitStack() as stack:
        arrivals = None
        if not is_rehearsal:
            from mdtasks.write.arrivals import Arrivals

            arrivals = Arrivals(session.root, session.places.state, session.notify)
            stack.callback(arrivals.finish)
        desk = _Import(session, folder, entries, arrivals)
        for note in notes(stack.enter_context(_opened(file)), _spool):
            outcomes.append(desk.bring(note))
            if progress:
                progress(len(outcomes), max(len(entries), len(outcomes)))
    if arrivals:
        refresh(session, store)
        brought.add(session.places.state, _brought(entries, outcomes))
        if notes_written := sum(one.outcome in (NEW, UPDATED) for one in outcomes):
            from mdtasks.write import imported

            imported.remember(
                session.places.state, imported.Import(folder, notes_written, time.time())
            )
    return Imported(folder, tuple(outcomes), desk.written)


def _spool() -> IO[bytes]:
    return cast(IO[bytes], SpooledTemporaryFile(max_size=_IN_MEMORY))


def _opened(file: Path) -> IO[bytes]:
    try:
        return file.open("rb")
    except OSError as error:
        hint = "name the file that Evernote exported: Notebook.enex"
        raise UsageError(f"{file}: {error.strerror}", hint) from error


def _folder(session: Session, file: Path, to: str | None) -> str:
    if to is None:
        return f"{HOME}/{names.stem(file.stem, 'Notebook')}"
    given = Path(to)
    if given.is_absolute():
        if not given.is_relative_to(session.root):
            raise UsageError(f"--to {to}: this is no folder of the vault", "name one inside of it")
        given = given.relative_to(session.root)
    parts = given.parts
    if not parts or any(part.startswith(".") for part in parts):
        raise UsageError(f"--to {to}: no notes are read there", "name a folder inside the vault")
    if (session.root / given).is_file():
        raise UsageError(f"--to {to}: this is a file", "name a folder")
    return given.as_posix()


def _listed(file: IO[bytes]) -> list[_Entry]:
    """Return the notes in their order, each without a place yet."""
    seen: Counter[tuple[str, str, str]] = Counter()
    listed = []
    for note in notes(file):
        if not note.number:
            continue
        values = note.values
        key = (note.title, values.get("created", ""), values.get("guid", ""))
        listed.append(_Entry(identity(*key, seen[key]), note.title, as_written(key[1])))
        seen[key] += 1
    return listed


def _brought(entries: Sequence[_Entry], outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Return id -> path of the notes of the export that are here now."""
    there = {one.path for one in outcomes if one.path and one.outcome not in (FAILED, DELETED)}
    return {entry.id: entry.path for entry in entries if entry.path in there}


def _placed(
    session: Session, store: Store, folder: str, listed: list[_Entry], before: Mapping[str, str]
) -> list[_Entry]:
    """Return where each note goes: where it is already, else a name that nobody has. `before` is
    where notes were: of one that is nowhere any more, the place that it had."""
    known = _known(session, store, folder)
    lost = {e.id: before[e.id] for e in listed if e.id in before and e.id not in known}
    gone = {id_: path for id_, path in lost.items() if not (session.root / path).exists()}
    if len(gone) == len(listed):
        gone = {}
    renamed = _renamed(known, [entry for entry in listed if entry.id not in gone])
    taken = _taken(session, folder)
    taken |= {names.folded(path.rpartition("/")[2]) for path in gone.values()}
    numbers: Counter[str] = Counter()
    entries = []
    for entry in listed:
        path = known[entry.id].path if entry.id in known else renamed.get(entry.id, "")
        path = path or gone.get(entry.id, "")
        stem = names.note_stem(entry.title)
        while not path:
            numbers[names.folded(stem)] += 1
            name = f"{names.numbered(stem, numbers[names.folded(stem)])}.md"
            if names.folded(name) not in taken:
                taken.add(names.folded(name))
                path = f"{folder}/{name}"
        entries.append(entry._replace(path=path, is_deleted=entry.id in gone))
    return entries


def _known(session: Session, store: Store, folder: str) -> dict[str, _Known]:
    """Return by id the notes that were imported before, wherever they are by now."""
    here = session.root / folder
    inside = {f"{folder}/{file.name}" for file in here.glob("*.md")} if here.is_dir() else set()
    found: dict[str, _Known] = {}
    # The folder comes last and wins: a copy elsewhere does not take its place.
    for path in (*sorted(store.stamps().keys() - inside), *sorted(inside)):
        try:
            with open(f"{session.root}/{path}", "rb") as file:  # noqa: PTH123 (10,000 of them)
                told = id_in(file.read(HEAD))
        except OSError:
            continue
        if told:
            found[told[0]] = _Known(path, told[1])
    return found


def _renamed(known: Mapping[str, _Known], listed: list[_Entry]) -> dict[str, str]:
    """Return id -> path of notes that have another title in Evernote by now: the only ones here
    and there that were created at that moment and are not known by their id."""
    ids = {entry.id for entry in listed}
    there = Counter(entry.created for entry in listed if entry.id not in known)
    left = [one for note_id, one in known.items() if note_id not in ids]
    here = Counter(one.created for one in left)
    paths = {one.created: one.path for one in left if one.created and here[one.created] == 1}
    return {
        entry.id: paths[entry.created]
        for entry in listed
        if entry.id not in known and there[entry.created] == 1 and entry.created in paths
    }


def _taken(session: Session, folder: str) -> set[str]:
    here = session.root / folder
    return {names.folded(file.name) for file in here.iterdir()} if here.is_dir() else set()


class _Import:
    """One run: where the notes go, and which files it has given to attachments."""

    def __init__(
        self, session: Session, folder: str, entries: list[_Entry], arrivals: Arrivals | None
    ) -> None:
        self._session, self._folder, self._entries = session, folder, entries
        self._arrivals = arrivals
        self._manner = Manner(session.zone, session.config.read)
        self._by_id = {entry.id: entry.path for entry in entries}
        titles = Counter(entry.title for entry in entries)
        self._by_title = {e.title: e.path for e in entries if titles[e.title] == 1 and e.title}
        self._given: dict[str, str] = {}  # path of an attachment, folded -> digest of its bytes
        self.written = 0

    def bring(self, note: Exported) -> Outcome:
        """Bring one note into the vault; return what became of it."""
        fault = note.fault
        at = note.number - 1
        is_listed = 0 <= at < len(self._entries)
        entry = self._entries[at] if is_listed else _Entry("", note.title, "")
        said = Outcome(note.number, note.line, note.title, "", FAILED)
        if fault or not entry.path:
            return said._replace(reason=fault or "the file changed while it was read")
        if entry.is_deleted:
            return said._replace(path=entry.path, outcome=DELETED)
        files: dict[Attachment, str] = {}
        try:
            data = page_of(note, entry.id, self._places(entry.path, files), self._manner)
            said = self._write(note, entry.path, data, files, said._replace(path=entry.path))
        except EnmlError as error:
            return said._replace(reason=str(error))
        except LockedError:
            raise
        except MdtasksError as error:
            return said._replace(path=entry.path, reason=error.message)
        broken = [one for one in note.attachments if one.fault]
        if broken and said.outcome in (NEW, UPDATED):
            reason = f"of {broken[0].name or 'an attachment'} {broken[0].fault}; the rest is here"
            return said._replace(outcome=FAILED, reason=reason)
        return said

    def _write(
        self, note: Exported, path: str, data: bytes, files: dict[Attachment, str], said: Outcome
    ) -> Outcome:
        session = self._session
        if len(data) > vault.MAX_SIZE:
            return said._replace(reason=f"as a note it is larger than {vault.MAX_SIZE >> 20} MB")
        if not (session.root / path).exists():
            self._attach(note, files)
            if self._arrivals:
                self._arrivals.note(path, data)
            return said._replace(outcome=NEW)
        before = vault.read(session.root, path)
        if isinstance(before, Problem):
            return said._replace(reason=before.message)
        if before == data:
            return said._replace(outcome=SAME)
        ledger = ledger_in(before)
        if ledger is None or not ledger.is_untouched:
            is_news = ledger is None or ledger.source != source_of(note)
            reason = "edited here, so what is new in Evernote was left out" if is_news else ""
            return said._replace(outcome=CONFLICT if is_news else KEPT, reason=reason)
        self._attach(note, files)
        if self._arrivals:
            from mdtasks.write.safely import write_note

            state = session.places.state
            write_note(session.root, state, path, before, data, tell=session.notify)
        return said._replace(outcome=UPDATED)

    def _places(self, path: str, files: dict[Attachment, str]) -> Places:
        here = posixpath.dirname(path)

        @cache
        def homes() -> list[str]:
            data = vault.read(self._session.root, path)
            return [] if isinstance(data, Problem) else [*resources_in(data, here)]

        def attachment(one: Attachment) -> str:
            files[one] = files.get(one) or self._file_of(one, homes())
            return posixpath.relpath(files[one], here)

        def note(note_id: str, title: str) -> str:
            found = self._by_id.get(note_id) or self._by_title.get(title, "")
            return posixpath.relpath(found, here) if found else ""

        return Places(attachment, note)

    def _file_of(self, one: Attachment, homes: Sequence[str]) -> str:
        """Return the path of an attachment: its own name, unless other bytes have that. `homes`
        are the folders of those that its note has already."""
        name = names.file_name(one.name, one.mime)
        stem, suffix = posixpath.splitext(name)
        marked = (f"{stem} {one.digest[:length]}{suffix}" for length in (8, len(one.digest)))
        wanted = (name, *marked)
        for path in (f"{home}/{each}" for home in homes for each in wanted):
            if self._digest_of(path, one) == one.digest:
                return path
        home = next(iter(homes), f"{self._folder}/{RESOURCES}")
        for path in (f"{home}/{each}" for each in wanted):
            holder = self._given.get(names.folded(path)) or self._digest_of(path, one)
            if holder in ("", one.digest):
                break
        self._given[names.folded(path)] = one.digest
        return path

    def _digest_of(self, path: str, one: Attachment) -> str:
        """Return the digest of a file of that name, "" where there is none."""
        file = self._session.root / path
        try:
            if file.stat().st_size != one.size:
                return "another"
            with file.open("rb") as opened:
                digest = md5(usedforsecurity=False)
                while piece := opened.read(CHUNK):
                    digest.update(piece)
        except FileNotFoundError:
            return ""
        except OSError:
            return "another"
        return digest.hexdigest()

    def _attach(self, note: Exported, files: dict[Attachment, str]) -> None:
        """Write the attachments of a note that are not there yet."""
        for one, path in files.items():
            if (self._session.root / path).exists():
                continue
            self.written += 1
            if self._arrivals:
                self._arrivals.attachment(path, _pieces(note.spool, one))


def _pieces(spool: IO[bytes] | None, one: Attachment) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        if spool is None:
            return
        spool.seek(one.start)
        left = one.size
        while left and (piece := spool.read(min(left, CHUNK))):
            left -= len(piece)
            yield piece

    return pieces
