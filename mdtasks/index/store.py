"""The index: what was read from the notes, kept in SQLite so that it need not be read again.

Rule: the only importer of sqlite3. A cache: all but `seen_done` can be had again from the notes,
so a file that is damaged, another program's or another version's is deleted, never mended.
It lies in the user's cache folder, not in the vault: WAL breaks on synced and network folders.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import date
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple, Self
from zlib import crc32

from mdtasks.errors import LockedError, MdtasksError
from mdtasks.index.identity import Birth, births
from mdtasks.index.rows import (
    MIN_KEY,
    PUT_TASK,
    ROWS_OF_NOTE,
    SCHEMA,
    SELECT_TASKS,
    Arrival,
    Row,
    bound,
    difference,
    load,
    text,
)
from mdtasks.model import Note, Problem, Task

Stamp = tuple[int, int]  # (mtime_ns, size)

_KEY = re.compile(rf"[0-9a-f-]{{{MIN_KEY},36}}")
_PATIENCE = 10.0  # seconds to wait for another writer; loading 10,000 notes takes fewer

_APPLICATION = int.from_bytes(b"mdts")
# Other tables are another version; user_version is signed.
_VERSION = crc32(SCHEMA.encode()) >> 1

_PUT_NOTE = """
INSERT INTO notes (path, mtime_ns, size, digest) VALUES (?, ?, ?, ?)
ON CONFLICT (path) DO UPDATE SET mtime_ns = excluded.mtime_ns, size = excluded.size,
    digest = excluded.digest
RETURNING number
"""
_RIVALS = """
SELECT uid, born, explicit FROM tasks
WHERE explicit IN (SELECT value FROM json_each(?)) AND explicit IS NOT NULL
"""


class DamagedIndexError(MdtasksError):
    """The index cannot be read on: close it, `delete` it, and read the notes again."""


class Counts(NamedTuple):
    notes: int
    tasks: int
    open: int


class Store(AbstractContextManager["Store"]):
    """One vault's index, for one thread; several processes may hold it at once.

    What a method reads is of one moment; what it writes is written wholly or not at all. Each
    may raise LockedError, DamagedIndexError, or MdtasksError (no permission, no room).
    """

    def __init__(self, db: sqlite3.Connection, path: Path, vault_id: str) -> None:
        self._db = db
        self._path = path
        self._vault_id = vault_id

    @classmethod
    def open(cls, path: Path, vault_id: str, reading: str = "") -> Self:
        """Open the index at `path`, or make it.

        `reading` stands for all that tasks come from beside the bytes of the notes: the settings
        and the reader's version. When it is not what it was, all notes are due to be read again.
        """
        with _reporting(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            db = _connect(path) or _replace(path)
        store = cls(db, path, vault_id)
        store._rest_on(f"{vault_id}\n{reading}")
        return store

    def close(self) -> None:
        self._db.close()

    def __exit__(self, *_: object) -> None:
        self.close()

    # Notes

    def stamps(self) -> dict[str, Stamp]:
        """Return path -> (mtime_ns, size) of every note."""
        rows = self._query("SELECT path, mtime_ns, size FROM notes")
        return {text(path): (mtime_ns, size) for path, mtime_ns, size in rows}

    def digest(self, path: str) -> bytes | None:
        """Return the digest of the note as it was read, None for one that was not."""
        value = self._first("SELECT digest FROM notes WHERE path = ?", bound(path))
        return None if value is None else bytes(value)

    def touch(self, stamps: Mapping[str, Stamp]) -> None:
        """Take note of new stamps of notes whose bytes are the same."""
        rows = [(*stamp, bound(path)) for path, stamp in stamps.items()]
        with self._transaction() as db:
            db.executemany("UPDATE notes SET mtime_ns = ?, size = ? WHERE path = ?", rows)

    def update(
        self, notes: Collection[tuple[Note, Stamp]], gone: Collection[str], today: date
    ) -> None:
        """Take in notes as they are now, and forget those that are gone.

        Only rows that differ are written. A task that is ticked without a date, and was open
        here before, is remembered as done `today`.
        """
        with self._transaction() as db:
            paths = {*gone, *(note.path for note, _ in notes)}
            found = (db.execute(ROWS_OF_NOTE, (bound(path),)) for path in paths)
            old = {row[0]: row for rows in found for row in rows}
            for path in gone:
                _forget_note(db, path)
            arrivals: list[Arrival] = []
            for note, stamp in notes:
                number = _put_note(db, note, stamp)
                born = births(note.tasks, self._vault_id)
                arrivals += map(Arrival, repeat(number), note.tasks, born)
            self._put_tasks(db, old, arrivals, today)

    def _put_tasks(
        self, db: sqlite3.Connection, old: Mapping[str, Row], new: Sequence[Arrival], today: date
    ) -> None:
        ids = {row[2] for row in old.values()} | {arrival.birth.explicit for arrival in new}
        claimants = db.execute(_RIVALS, (json.dumps([*ids]),))
        rivals = [(uid, Birth(*birth)) for uid, *birth in claimants if uid not in old]
        lost, moved, changed = difference(old, new, rivals, self._vault_id, today)
        # In this order no uid is ever held twice.
        db.executemany("DELETE FROM tasks WHERE uid = ?", lost)
        db.executemany("UPDATE tasks SET uid = ? WHERE uid = ?", moved)
        db.executemany(PUT_TASK, changed)
        if lost or moved or changed:
            db.execute("UPDATE meta SET generation = generation + 1")

    # Tasks

    def tasks(
        self,
        *,
        open_only: bool = False,
        uids: Collection[str] | None = None,
        parents: Collection[str] | None = None,
        path: str | None = None,
        due_between: tuple[date, date] | None = None,
    ) -> list[Task]:
        """Return the tasks for which all that is asked holds, by path and line."""
        asked, values = ["1"], []
        if open_only:
            asked.append("t.open = 1")
        for column, allowed in (("t.uid", uids), ("p.uid", parents)):
            if allowed is not None:
                asked.append(f"{column} IN (SELECT value FROM json_each(?))")
                values.append(json.dumps([*allowed]))
        if path is not None:
            asked.append("n.path = ?")
            values.append(bound(path))
        if due_between is not None:
            asked.append("t.due BETWEEN ? AND ?")
            values += map(date.isoformat, due_between)
        return self._tasks(" AND ".join(asked), *values)

    def find_key(self, prefix: str) -> list[Task]:
        """Return the tasks whose uid starts so; fewer than three characters name none."""
        prefix = prefix.lower()
        if not _KEY.fullmatch(prefix):
            return []
        return self._tasks("t.uid >= ? AND t.uid < ?", prefix, prefix + "g")

    def at(self, path: str, line: int) -> Task | None:
        """Return the task on this line, counted from 1."""
        tasks = self._tasks("n.path = ? AND t.line = ?", bound(path), line)
        return tasks[0] if tasks else None

    def done_on(self, day: date) -> list[Task]:
        """Return what was done on this day: by its date, else by when it was seen ticked."""
        return self._tasks(
            "t.status = 'done' AND coalesce(t.done, t.seen_done) = ?", day.isoformat()
        )

    def last_done(self) -> dict[tuple[str, str], date]:
        """Return path and text of each recurring task -> when one such was last done."""
        sql = """SELECT n.path, t.text, max(coalesce(t.done, t.seen_done))
            FROM tasks t JOIN notes n ON n.number = t.note
            WHERE t.status = 'done' AND t.recurrence IS NOT NULL
                AND coalesce(t.done, t.seen_done) IS NOT NULL GROUP BY n.path, t.text"""
        return {(text(p), text(t)): date.fromisoformat(day) for p, t, day in self._query(sql)}

    def counts(self) -> Counts:
        sql = """SELECT (SELECT count(*) FROM notes), (SELECT count(*) FROM tasks),
            (SELECT count(*) FROM tasks WHERE open = 1)"""
        return Counts(*self._query(sql)[0])

    def problems(self) -> list[Problem]:
        """Return what is wrong in the notes, by path and line."""
        sql = """SELECT n.path, p.line, p.message, p.hint
            FROM problems p JOIN notes n ON n.number = p.note ORDER BY n.path, p.line, p.rowid"""
        return [
            Problem(text(path), line, text(message), text(hint))
            for path, line, message, hint in self._query(sql)
        ]

    # What the application keeps

    @property
    def generation(self) -> int:
        """A number that rises with every change of any task."""
        return int(self._first("SELECT generation FROM meta"))

    def get(self, name: str) -> bytes | None:
        value = self._first("SELECT value FROM kept WHERE name = ?", name)
        return None if value is None else bytes(value)

    def put(self, name: str, value: bytes) -> None:
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (name, value))

    def _rest_on(self, basis: str) -> None:
        if self._first("SELECT basis FROM meta") == basis:
            return
        with self._transaction() as db:
            db.execute("UPDATE meta SET basis = ?", (basis,))
            # No file was last changed then, and no note has this digest: all are read again,
            # and of the tasks those that come out alike stay as they are.
            db.execute("UPDATE notes SET mtime_ns = -1, digest = x''")

    def _tasks(self, condition: str, *values: object) -> list[Task]:
        return [load(row) for row in self._query(SELECT_TASKS.format(condition), *values)]

    def _first(self, sql: str, *values: object) -> Any:
        rows = self._query(sql, *values)
        return rows[0][0] if rows else None

    def _query(self, sql: str, *values: object) -> list[Row]:
        with _reporting(self._path):
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with _reporting(self._path), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db


def delete(path: Path) -> None:
    """Remove an index; a new one is made from the notes.

    The log goes first: a log without its database is replayed into the next one of that name.
    """
    for suffix in ("-wal", "-shm", ""):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _replace(path: Path) -> sqlite3.Connection:
    """Return a connection to a new index in the place of what is none.

    That is ours to delete, whatever it is: nobody else puts files into our cache folder. But one
    process at a time, or a second would delete what the first has just made.
    """
    with closing(sqlite3.connect(f"{path}-lock", timeout=_PATIENCE)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        db = _connect(path)
        if db is None:
            delete(path)
            db = _connect(path)
    if db is None:
        raise _unusable(path, "it is not what was just written there")
    return db


def _connect(path: Path) -> sqlite3.Connection | None:
    """Return a connection to an index of this version, new if there was no file; else None."""
    db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        if _signature(db) == (0, 0):
            _create(db)
        if _signature(db) == (_APPLICATION, _VERSION):
            _write_ahead(db)
            # After a loss of power the last commits may be missing, which is no harm: their notes
            # are read again. OFF could leave pages of different ages, which nothing would notice.
            db.execute("PRAGMA synchronous = NORMAL")
            return db
    except sqlite3.DatabaseError as error:
        if _code(error) not in _DAMAGED:
            db.close()
            raise
    db.close()
    return None


def _write_ahead(db: sqlite3.Connection) -> None:
    """Let readers and the one writer never wait for each other, from the next opening at latest.

    The change needs the file for itself and does not wait for it (https://sqlite.org/wal.html).
    """
    try:
        db.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if _code(error) not in _BUSY:
            raise


def _signature(db: sqlite3.Connection) -> Row:
    sql = "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version"
    return tuple(db.execute(sql).fetchone())


def _create(db: sqlite3.Connection) -> None:
    """Make the tables, unless there are some: another process's of just now, or a stranger's."""
    with db:
        db.execute("BEGIN IMMEDIATE")
        if db.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
            for statement in SCHEMA.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {_APPLICATION}")
            db.execute(f"PRAGMA user_version = {_VERSION}")


def _put_note(db: sqlite3.Connection, note: Note, stamp: Stamp) -> int:
    """Write the note's own row and its problems; return the row's number."""
    (number,) = db.execute(_PUT_NOTE, (bound(note.path), *stamp, note.digest)).fetchone()
    problems = [
        (number, problem.line, bound(problem.message), bound(problem.hint))
        for problem in note.problems
    ]
    known = db.execute("SELECT * FROM problems WHERE note = ? ORDER BY rowid", (number,))
    if known.fetchall() != problems:
        db.execute("DELETE FROM problems WHERE note = ?", (number,))
        db.executemany("INSERT INTO problems VALUES (?, ?, ?, ?)", problems)
    return int(number)


def _forget_note(db: sqlite3.Connection, path: str) -> None:
    row = db.execute("DELETE FROM notes WHERE path = ? RETURNING number", (bound(path),)).fetchone()
    if row:
        db.execute("DELETE FROM problems WHERE note = ?", row)


# Primary result codes, https://sqlite.org/rescode.html
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_UNUSABLE = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}


@contextmanager
def _reporting(path: Path) -> Iterator[None]:
    """Say what a person can do about a failure of SQLite or of the file system."""
    try:
        yield
    except OSError as error:
        raise _unusable(path, error.strerror) from error
    except sqlite3.DatabaseError as error:
        if _code(error) in _BUSY:
            raise LockedError(
                f"{path}: another mdtasks is writing the index", "try again in a moment"
            ) from error
        if _code(error) in _DAMAGED:
            raise DamagedIndexError(
                f"{path}: the index is damaged", "run `mdtasks index --rebuild`"
            ) from error
        if _code(error) in _UNUSABLE:
            raise _unusable(path, str(error)) from error
        raise


def _code(error: sqlite3.Error) -> int:
    # Absent from the errors that Python's own part of the module raises: a bug of ours.
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def _unusable(path: Path, reason: str | None) -> MdtasksError:
    return MdtasksError(
        f"{path}: the index cannot be used: {reason}",
        "see that its folder can be written to and that the disk has room",
    )
