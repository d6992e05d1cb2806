"""The index: what was read from the notes, kept in SQLite so that it need not be read again.

Rule: notes come in taken apart, as `rows` does it, and what is written is what differs. A first
load is quick because nothing was there before: `fill`, then `complete`.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from mdtasks.dates import EVERY_DAY
from mdtasks.index import finished, generation, intake, logged, many
from mdtasks.index.connection import (
    DamagedIndexError,
    connect,
    delete,
    prepare_for_much,
    reporting,
)
from mdtasks.index.finished import Counts, Occurrence, Tally
from mdtasks.index.identity import Known
from mdtasks.index.rows import (
    BEARING,
    DONE_ON,
    MIN_KEY,
    PARENTS,
    SELECT_KNOWN,
    SELECT_PROBLEMS,
    SELECT_TASKS,
    UIDS,
    Batch,
    Entry,
    Row,
    bound,
    known,
    load,
    text,
)
from mdtasks.model import Interval, Problem, Source, Task

if TYPE_CHECKING:
    from mdtasks.plan.progress import Item

__all__ = ["Counts", "DamagedIndexError", "Stamp", "Store", "delete"]

Stamp = tuple[int, int]  # (mtime_ns, size)

_KEY = re.compile(rf"[0-9a-f-]{{{MIN_KEY},36}}")


class Store(AbstractContextManager["Store"]):
    """One vault's index, for one thread; several processes may hold it at once.

    What a method reads is of one moment; what it writes is written wholly or not at all. Each
    may raise LockedError, DamagedIndexError, or MdtasksError (no permission, no room).
    """

    def __init__(self, db: sqlite3.Connection, path: Path, vault_id: str, today: date) -> None:
        self._db = db
        self._path = path
        self._vault_id = vault_id
        self._today = today

    @classmethod
    def open(cls, path: Path, vault_id: str, reading: str = "", today: date = EVERY_DAY) -> Self:
        """Open the index at `path`, or make it.

        `reading` stands for all that tasks come from beside the bytes of the notes: the settings
        and the reader's version. When it is not what it was, all notes are due to be read again.
        `today` is the day of tasks that are scheduled for each day anew.
        """
        store = cls(connect(path), path, vault_id, today)
        store._rest_on(f"{vault_id}\n{reading}")
        return store

    def close(self) -> None:
        self._db.close()

    def __exit__(self, *_: object) -> None:
        self.close()

    # Notes

    def stamps(self, paths: Collection[str] | None = None) -> dict[str, Stamp]:
        """Return path -> (mtime_ns, size) of every note, or of those of these that are known."""
        every = "SELECT path, mtime_ns, size FROM notes"
        one = f"{every} WHERE path = ?"
        some = (self._query(one, bound(path)) for path in paths or ())
        rows = self._query(every) if paths is None else [row for rows in some for row in rows]
        stamps = {path: (mtime_ns, size) for path, mtime_ns, size in rows}
        if bytes in set(map(type, stamps)):
            stamps = {text(path): stamp for path, stamp in stamps.items()}
        return stamps

    def digest(self, path: str) -> bytes | None:
        """Return the digest of the note as it was read, None for one that was not."""
        value = self._first("SELECT digest FROM notes WHERE path = ?", bound(path))
        return None if value is None else bytes(value)

    def digests(self) -> dict[str, str]:
        """Return path -> digest, in hex, of every note with tasks."""
        return {text(path): digest for path, digest in self._query(many.DIGESTS)}

    def stretches(self, path: str) -> bytes:
        """Return what a long note's stretches were, packed; b"" for others."""
        return bytes(self._first("SELECT stretches FROM notes WHERE path = ?", bound(path)) or b"")

    def touch(self, stamps: Mapping[str, Stamp]) -> None:
        """Take note of new stamps of notes whose bytes are the same."""
        rows = [(*stamp, bound(path)) for path, stamp in stamps.items()]
        with self._transaction() as db:
            db.executemany("UPDATE notes SET mtime_ns = ?, size = ? WHERE path = ?", rows)

    @property
    def is_complete(self) -> bool:
        """Whether the first load of this index has come to its end."""
        return bool(self._first("SELECT complete = 2 FROM meta"))

    def fill(self, notes: Collection[tuple[Entry, Stamp]], today: date) -> None:
        """Take in notes that the index does not know, quickly while it is not complete.

        Whoever has filled it calls `complete`; if he dies before, the next one goes on.
        """
        try:
            with self._transaction() as db:
                if db.execute("SELECT complete FROM meta").fetchone() == (0,):
                    return intake.fill(db, notes, self._vault_id)
        except sqlite3.IntegrityError:
            pass  # another process has just read some of them too
        self.update(notes, (), today)
        return None

    def prepare_for_much(self) -> None:
        """Let this connection use more memory, and the log grow longer."""
        with reporting(self._path):
            prepare_for_much(self._db)

    def complete(self, known: Sequence[Known] = (), today: date = date.min) -> None:
        """End the first load: settle who has which id, and make the rest of the index.

        Tasks that are `known` have the uids under which they are.
        """
        from mdtasks.index.succession import inherit

        with self._transaction() as db:
            intake.complete(db)
            if db.execute("UPDATE meta SET complete = 2 WHERE complete = 1").rowcount and known:
                inherit(db, known, self._vault_id, today)

    def update(
        self,
        notes: Collection[tuple[Entry, Stamp]],
        gone: Collection[str],
        today: date,
        is_last: bool = True,
    ) -> list[str]:
        """Take in notes as they are now, and forget those that are gone.

        Only rows that differ are written. A task that is ticked without a date, and was open
        here before, is remembered as done `today`. One that vanished may live on in one that
        appeared, which has its uid then; where the notes of one change come in several batches,
        all but one are not the last. Returned are the paths of notes of which some was read, and
        which another process has changed here meanwhile: they stay as they are.
        """
        from mdtasks.index.succession import put_tasks

        with self._transaction() as db:
            intake.complete(db)
            batch = Batch({}, [], {})
            left = [
                read.path
                for read, stamp in notes
                if not intake.take_in(db, read, stamp, batch, self._vault_id)
            ]
            # After the others: the number of a note that is gone goes to the next new one.
            for path in gone:
                intake.forget_note(db, path, batch)
            put_tasks(db, batch, self._vault_id, today, is_last)
        return left

    # Tasks

    def sources(self) -> list[Source]:
        """Return where the tasks stand, by path and line: much less than the tasks."""
        return [Source(text(p), n, text(line)) for p, n, line in self._query(many.SOURCES)]

    def texts(self, path: str) -> list[tuple[int, str]]:
        """Return the line and the text of each of the note's tasks."""
        return [(line, text(said)) for line, said in self._query(many.TEXTS, bound(path))]

    def tasks(
        self,
        *,
        open_only: bool = False,
        uids: Collection[str] | None = None,
        parents: Collection[str] | None = None,
        path: str | None = None,
        due_between: tuple[date, date] | None = None,
        saying: str = "",
        bearing: Collection[str] | None = None,
    ) -> list[Task]:
        """Return the tasks for which all that is asked holds, by path and line; `saying` is a
        field of those that few have, `bearing` are ids and block ids."""
        asked, values = ["t.open = 1" if open_only else "1"], []
        for condition, some in ((UIDS, uids), (PARENTS, parents), (BEARING, bearing)):
            if some is not None:
                asked.append(condition)
                values.append(json.dumps([*some]))
        if path is not None:
            asked.append("n.path = ?")
            values.append(bound(path))
        if due_between is not None:
            asked.append("t.due BETWEEN ? AND ?")
            values += map(date.isoformat, due_between)
        asked += [f"""t.rest LIKE '%"{saying}":%'"""] if saying else []
        condition = " AND ".join(asked)
        if values or saying:
            return self._tasks(condition, *values)
        with self._transaction("DEFERRED") as db:
            return many.tasks(db, condition, self._today)

    def find_key(self, prefix: str) -> list[Task]:
        """Return the tasks whose uid starts so; fewer than three characters name none."""
        prefix = prefix.lower()
        asked = "t.uid >= ? AND t.uid < ?"
        return self._tasks(asked, prefix, prefix + "g") if _KEY.fullmatch(prefix) else []

    def gone(self, prefix: str) -> str | None:
        """Return what a task said that vanished within seven days and whose uid starts so."""
        said = self._first(many.GONE, prefix.lower(), prefix.lower() + "g")
        return None if said is None else text(said)

    def at(self, path: str, line: int) -> Task | None:
        """Return the task on this line, counted from 1."""
        return next(iter(self._tasks("n.path = ? AND t.line = ?", bound(path), line)), None)

    def done_on(self, day: date) -> list[Task]:
        """Return what was done on this day: by its date, else by when it was seen ticked."""
        return self._tasks(f"t.status = 'done' AND {DONE_ON} = ?", day.isoformat())

    def finished(self, first: date, last: date) -> list[finished.Finished]:
        """Return what was done on these days, by day, note and line: no whole tasks."""
        return [*map(finished.load, self._query(finished.BETWEEN, f"{first}", f"{last}"))]

    def last_done(self, uids: Collection[str]) -> dict[tuple[str, str], date]:
        """Return path and text of what repeats in these tasks' notes -> when it was last done."""
        rows = self._query(finished.LAST_DONE, json.dumps([*uids]))
        return {(text(p), text(t)): date.fromisoformat(day) for p, t, day in rows}

    def done_days(self, until: date) -> Iterator[date]:
        """Yield the days on which something was done, from `until` back."""
        day = f"{until}~"  # behind that day, before the next
        while day := self._first(finished.DAY_BEFORE, day):
            yield date.fromisoformat(day)

    def done_beside(self, uids: Collection[str]) -> dict[str, int]:
        """Return by project what is done in the notes of these tasks."""
        return {text(name): n for name, n in self._query(finished.BESIDE, json.dumps([*uids]))}

    def done_counts(self, small: timedelta) -> dict[date, tuple[int, int]]:
        """Return for each day how many tasks were done, and how many of those are small."""
        rows = self._query(finished.COUNTS, small // timedelta(minutes=1))
        return {date.fromisoformat(day): (done, few) for day, done, few in rows}

    def occurrences(self) -> list[Occurrence]:
        """Return what was done of tasks that come back, by note and text."""
        rows = (map(text, row) for row in self._query(finished.SERIES))
        return [Occurrence(p, t, r, date.fromisoformat(day)) for p, t, r, day in rows]

    def tallies(self, projects: Collection[str]) -> dict[str, Tally]:
        """Return how far projects are, by name."""
        rows = self._query(finished.PROJECTS, json.dumps([*projects]))
        return {text(name): Tally(*row) for name, *row in rows}

    def project_names(self) -> list[str]:
        return [text(name) for (name,) in self._query("SELECT DISTINCT project FROM tasks")]

    def project_items(self, everything: bool, name: str = "") -> list[Item]:
        """Return what counts of the tasks of projects, of all or of those of a named one."""
        from mdtasks.index import project_rows

        sql, values = project_rows.select(everything, name)
        return project_rows.items(self._query(sql, *values), everything, self._today)

    def overdue(self, day: date, most: int) -> tuple[list[str], int]:
        """Return the uids of a few tasks that were due before a day, and how many are."""
        rows = self._query(finished.OVERDUE, day.isoformat(), most)
        return [uid for uid, _ in rows], rows[0][1] if rows else 0

    def counts(self) -> Counts:
        return Counts(*self._query(finished.TOTALS)[0])

    def problems(self) -> list[Problem]:
        """Return what is wrong in the notes, by path and line."""
        rows = self._query(SELECT_PROBLEMS)
        return [Problem(text(path), at, text(said), text(hint)) for path, at, said, hint in rows]

    # Who is who

    def known(self, uids: Collection[str]) -> list[Known]:
        """Return what must be known of tasks so that they have these uids in another index."""
        rows = self._query(SELECT_KNOWN, json.dumps([*uids]))
        return [known(text(path), tuple(row)) for path, *row in rows]

    def claims(self, word: str) -> bool:
        """Whether some task has this id, or this block id."""
        return bool(self._first(many.CLAIMED, word, f'%"{word}"%'))

    def reworded(self, uid: str) -> str | None:
        """Return how the task was worded when its line was last shown, where that is not certain
        to be the same task; else None."""
        value = self._first("SELECT was FROM reworded WHERE uid = ?", uid)
        return None if value is None else text(value)

    def shown(self, uids: Collection[str]) -> None:
        """Take note that a person was shown these tasks as they are worded now."""
        if self._first("SELECT EXISTS (SELECT 1 FROM reworded)"):
            with self._transaction() as db:
                db.execute(many.SHOWN, (json.dumps([*uids]),))

    # The time log

    def intervals(self, text_of_task: str | None = None) -> list[Interval]:
        """Return the intervals by note and line, with the tasks that they are known to be of; or
        only with those tasks that have this text, which takes less time.

        Their moments are as written: `localized` makes them aware.
        """
        found = [logged.load(tuple(map(text, row))) for row in self._query(logged.SELECT)]
        words = logged.words_in(found)
        if text_of_task is not None:
            words &= {logged.plain(text_of_task)}
        return logged.with_tasks(found, self.named(words)) if words else found

    def named(self, words: Collection[str]) -> list[logged.Named]:
        """Return the tasks whose plain words are among these, by note and line."""
        # What tasks say in any case and without tags, SQLite cannot tell.
        said = self._query("SELECT rowid, text FROM tasks")
        meant = [number for number, task in said if logged.plain(text(task)) in words]
        return [logged.Named(*map(text, r)) for r in self._query(finished.NAMED, json.dumps(meant))]

    # What the application keeps

    @property
    def generation(self) -> int:
        """A number that rises with every change of any task, but for the number of its line."""
        return int(self._first("SELECT generation FROM meta"))

    def changed_since(self, before: int) -> set[str] | None:
        """Return the uids of tasks that changed since that generation; None: any may have."""
        with self._transaction("DEFERRED") as db:
            return generation.changed_since(db, before)

    def get(self, name: str) -> bytes | None:
        value = self._first("SELECT value FROM kept WHERE name = ?", name)
        return None if value is None else bytes(value)

    def put(self, name: str, value: bytes, *more: tuple[str, bytes]) -> None:
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", [(name, value), *more])

    def swap(self, name: str, before: bytes, value: bytes) -> bool:
        """Put a value in the place of that one; return whether it was still there."""
        with self._transaction() as db:
            sql = "UPDATE kept SET value = ? WHERE name = ? AND value = ?"
            return db.execute(sql, (value, name, before)).rowcount > 0

    def _rest_on(self, basis: str) -> None:
        if self._first("SELECT basis FROM meta") == basis:
            return
        with self._transaction() as db:
            db.execute("UPDATE meta SET basis = ?", (basis,))
            # No file was last changed then, and no note has this digest: all are read again,
            # and of the tasks those that come out alike stay as they are.
            db.execute("UPDATE notes SET mtime_ns = -1, digest = x'', stretches = x''")

    def _tasks(self, condition: str, *values: object) -> list[Task]:
        rows = self._query(SELECT_TASKS.format(condition), *values)
        return [load(row, self._today) for row in rows]

    def _first(self, sql: str, *values: object) -> Any:
        rows = self._query(sql, *values)
        return rows[0][0] if rows else None

    def _query(self, sql: str, *values: object) -> list[Row]:
        with reporting(self._path):
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def _transaction(self, kind: str = "IMMEDIATE") -> Iterator[sqlite3.Connection]:
        with reporting(self._path), self._db:
            self._db.execute(f"BEGIN {kind}")
            yield self._db
