"""Put notes into the tables: what is a note's own is written, its tasks are handed on.

Rule: inside of a transaction of the store, which writes the tasks that differ.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import chain, repeat

from mdtasks.index import generation, logged
from mdtasks.index.identity import births
from mdtasks.index.rows import (
    ADD_TASK,
    COMPLETION,
    HEAD,
    LINE,
    ROWS_OF_NOTE,
    TEXT,
    UID,
    Arrival,
    Batch,
    Entry,
    Place,
    Row,
    births_of,
    bound,
    name_of,
    new_rows,
    sound,
    text,
    texts_of,
)

Stamp = tuple[int, int]  # (mtime_ns, size)

_ADD_NOTE = "INSERT INTO notes VALUES (?, ?, ?, ?, ?, ?)"
_PUT_NOTE = f"""{_ADD_NOTE}
ON CONFLICT (number) DO UPDATE SET mtime_ns = excluded.mtime_ns, size = excluded.size,
    digest = excluded.digest, stretches = excluded.stretches
RETURNING number
"""
_ADD_PROBLEM = "INSERT INTO problems VALUES (?, ?, ?, ?)"

# More parameters than these SQLite does not take in any of its versions.
_MOST_TEXTS = 900


def complete(db: sqlite3.Connection) -> bool:
    """Make the rest of the index; False if that was done before."""
    if db.execute("SELECT complete FROM meta").fetchone() != (0,):
        return False
    for statement in COMPLETION.split(";"):
        db.execute(statement)
    return True


def fill(db: sqlite3.Connection, notes: Collection[tuple[Entry, Stamp]], vault_id: str) -> None:
    """Add notes that are not there to an index that is not complete."""
    (first,) = db.execute("SELECT coalesce(max(number), 0) + 1 FROM notes").fetchone()
    numbered = [*enumerate(notes, first)]
    db.executemany(
        _ADD_NOTE,
        [
            (number, bound(read.path), *stamp, read.digest, read.stretches)
            for number, (read, stamp) in numbered
        ],
    )
    for number, (read, _) in numbered:
        if read.problems:
            db.executemany(_ADD_PROBLEM, _problem_rows(number, read))
        if read.intervals:
            db.executemany(logged.ADD, _interval_rows(number, read))
    new = (new_rows(number, read, vault_id) for number, (read, _) in numbered)
    # At once: most notes have few tasks, and a call costs as much as some of them.
    _insert(db, [*chain.from_iterable(new)])
    generation.rise(db, None)


def take_in(db: sqlite3.Connection, read: Entry, stamp: Stamp, batch: Batch, vault_id: str) -> bool:
    """Write what is the note's own; add to the batch its tasks that may differ, and what they
    replace. False if some of it was read and it is no longer what that was part of."""
    sql = "SELECT number, digest FROM notes WHERE path = ?"
    number, digest = db.execute(sql, (bound(read.path),)).fetchone() or (None, b"")
    if read.base:
        if number is None or digest != read.base:
            return False
        _take_in_part(db, number, read, stamp, batch, vault_id)
        return True
    if number is not None:
        batch.old.update((row[UID], row) for row in db.execute(ROWS_OF_NOTE, (number,)))
    number = _put_note(db, number, read, stamp)
    batch.places[number] = Place(read.path)
    born = births_of(read, vault_id)
    batch.new.extend(map(Arrival, repeat(number), read.lines, read.bodies, born))
    return True


def _take_in_part(
    db: sqlite3.Connection,
    number: int,
    read: Entry,
    stamp: Stamp,
    batch: Batch,
    vault_id: str,
) -> None:
    batch.places[number] = Place(
        read.path,
        _text_at(db, number, "line < ? ORDER BY line DESC", read.start),
        _text_at(db, number, "line >= ? ORDER BY line", read.end),
    )
    between = db.execute(
        f"{ROWS_OF_NOTE} AND line >= ? AND line < ?", (number, read.start, read.end)
    ).fetchall()
    twins = _twins(db, number, read, between)
    if read.shift:
        sql = "UPDATE tasks SET line = line + ? WHERE note = ? AND line >= ?"
        db.execute(sql, (read.shift, number, read.end))
        twins = [
            (*row[:LINE], row[LINE] + read.shift * (row[LINE] >= read.end), *row[HEAD:])
            for row in twins
        ]
    batch.old.update((row[UID], row) for row in (*between, *twins))
    _put_note(db, number, read, stamp)
    placed = [(line, body, "") for line, body in zip(read.lines, read.bodies, strict=True)]
    placed += [(row[LINE], tuple(map(text, row[HEAD:])), row[UID]) for row in twins]
    placed.sort(key=lambda each: each[0])
    born = births(read.path, [name_of(body) for _, body, _ in placed], vault_id)
    batch.new.extend(
        Arrival(number, line, body, birth, uid)
        for (line, body, uid), birth in zip(placed, born, strict=True)
    )


def _text_at(db: sqlite3.Connection, number: int, where: str, line: int) -> str:
    sql = f"SELECT text FROM tasks WHERE note = ? AND {where} LIMIT 1"
    row = db.execute(sql, (number, line)).fetchone()
    return text(row[0]) if row else ""


def _twins(db: sqlite3.Connection, number: int, read: Entry, between: Sequence[Row]) -> list[Row]:
    """Return the rows of the note, those `between` apart, that tell how many there are of a text:
    tasks that came or went have others renamed, and tasks that are new count those above."""
    before = Counter(tuple(map(text, row[HEAD:])) for row in between)
    now = Counter(read.bodies)
    texts = [*{body[TEXT] for body in before - now} | texts_of(read)]
    sql = f"{ROWS_OF_NOTE} AND (line < ? OR line >= ?)"
    if len(texts) > _MOST_TEXTS:
        return db.execute(sql, (number, read.start, read.end)).fetchall()
    sql += f" AND text IN ({', '.join('?' * len(texts))})"
    return db.execute(sql, (number, read.start, read.end, *map(bound, texts))).fetchall()


def _insert(db: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Add rows of tasks, of which most are such as SQLite takes."""
    db.execute("SAVEPOINT rows")
    try:
        db.executemany(ADD_TASK, rows)
    except UnicodeEncodeError:
        db.execute("ROLLBACK TO rows")
        db.executemany(ADD_TASK, map(sound, rows))
    db.execute("RELEASE rows")


def _problem_rows(number: int, read: Entry) -> list[Row]:
    return [sound((number, *problem)) for problem in read.problems]


def _put_note(db: sqlite3.Connection, number: int | None, read: Entry, stamp: Stamp) -> int:
    """Write the note's own row and its problems; return the row's number."""
    row = (number, bound(read.path), *stamp, read.digest, read.stretches)
    ((number,),) = db.execute(_PUT_NOTE, row).fetchall()
    problems = _problem_rows(number, read)
    known = db.execute("SELECT * FROM problems WHERE note = ? ORDER BY rowid", (number,))
    if known.fetchall() != problems:
        db.execute("DELETE FROM problems WHERE note = ?", (number,))
        db.executemany(_ADD_PROBLEM, problems)
    _put_log(db, number, read)
    return number


def _interval_rows(number: int, read: Entry) -> list[Row]:
    return [sound((number, *interval)) for interval in read.intervals]


def _put_log(db: sqlite3.Connection, number: int, read: Entry) -> None:
    """Write the note's time log, from which estimates learn."""
    intervals = _interval_rows(number, read)
    if db.execute(logged.OF_NOTE, (number,)).fetchall() != intervals:
        db.execute(logged.FORGET, (number,))
        db.executemany(logged.ADD, intervals)
        generation.rise(db, ())


def forget_note(db: sqlite3.Connection, path: str, batch: Batch) -> None:
    """Delete the note's own row and its problems; add its tasks, still there, to the batch."""
    row = db.execute("DELETE FROM notes WHERE path = ? RETURNING number", (bound(path),)).fetchone()
    if row:
        db.execute("DELETE FROM problems WHERE note = ?", row)
        if db.execute(logged.FORGET, row).rowcount:
            generation.rise(db, ())
        batch.old.update((each[UID], each) for each in db.execute(ROWS_OF_NOTE, row))
        batch.places[row[0]] = Place(path, is_gone=True)
