"""The file of the index: opened, made, told apart from strangers, deleted; what its failures mean.

Rule: with the store the only importer of sqlite3. A cache: all but `seen_done` can be had again
from the notes, so a file that is damaged, another program's or another version's is deleted,
never mended. It lies in the user's cache folder, not in the vault: WAL breaks on synced and
network folders.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from zlib import crc32

from mdtasks.errors import LockedError, MdtasksError
from mdtasks.index.rows import SCHEMA, Row

_PATIENCE = 10.0  # seconds to wait for another writer; loading 10,000 notes takes fewer

_APPLICATION = int.from_bytes(b"mdts")
# Other tables are another version; user_version is signed.
_VERSION = crc32(SCHEMA.encode()) >> 1

# Pages of the log after which they are moved into the file. SQLite's own 1000 would have the
# first load wait for the disk a dozen times.
_LONG_LOG = 16_000
_CACHE_KIB = 32 * 1024


class DamagedIndexError(MdtasksError):
    """The index cannot be read on: close it, `delete` it, and read the notes again."""


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection to the index at `path`, which is made if there is none of this version.

    Raises as `reporting`.
    """
    with reporting(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _connect_to_old(path) or _replace(path)


def delete(path: Path) -> None:
    """Remove an index; a new one is made from the notes.

    The log goes first: a log without its database is replayed into the next one of that name.
    """
    for suffix in ("-wal", "-shm", ""):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def reporting(path: Path) -> Iterator[None]:
    """Say what a person can do about a failure of SQLite or of the file system.

    Raises LockedError, DamagedIndexError, or MdtasksError (no permission, no room).
    """
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


def prepare_for_much(db: sqlite3.Connection) -> None:
    """Give the connection room for many rows at once, until it is closed."""
    db.execute(f"PRAGMA wal_autocheckpoint = {_LONG_LOG}")
    db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")


def _connect_to_old(path: Path) -> sqlite3.Connection | None:
    """Return a connection to an index that is there; None if it has to be looked at alone.

    A file that another process is just replacing fails in many ways, a failing disk in one: that
    shows again when nobody else is there.
    """
    try:
        return _connect(path)
    except sqlite3.OperationalError as error:
        if _code(error) != sqlite3.SQLITE_IOERR:
            raise
    return None


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
            # By the clock: what a watcher knows of an index that was deleted is not true of this.
            db.execute("UPDATE meta SET generation = ?", (time.time_ns() // 1000,))
            db.execute(f"PRAGMA application_id = {_APPLICATION}")
            db.execute(f"PRAGMA user_version = {_VERSION}")


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


def _code(error: sqlite3.Error) -> int:
    # Absent from the errors that Python's own part of the module raises: a bug of ours.
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def _unusable(path: Path, reason: str | None) -> MdtasksError:
    return MdtasksError(
        f"{path}: the index cannot be used: {reason}",
        "see that its folder can be written to and that the disk has room",
    )
