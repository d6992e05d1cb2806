"""The tables of the index; a task <-> its row; which rows differ.

Rule: pure. SQL is text here, and nobody runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date, time, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from mdtasks.index.identity import Birth, settle
from mdtasks.model import Priority, Source, Status, Task

Row = tuple[Any, ...]

MIN_KEY = 3

_MINUTE = timedelta(minutes=1)
_DAY = (date.isoformat, date.fromisoformat)
_CLOCK = (lambda clock: clock.isoformat("minutes"), time.fromisoformat)
# What comes from one line of a note holds no line break.
_WORDS = ("\n".join, lambda kept: tuple(kept.split("\n")) if kept else ())

# How a field is kept and how it is had back; what is not named here is text or a number.
_CONVERSIONS: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "status": (str, {str(status): status for status in Status}.__getitem__),
    "priority": (str, {str(priority): priority for priority in Priority}.__getitem__),
    **dict.fromkeys(("created", "start", "scheduled", "due", "done", "cancelled"), _DAY),
    **dict.fromkeys(("due_time", "begins", "ends"), _CLOCK),
    "estimate": (lambda estimate: estimate // _MINUTE, lambda minutes: minutes * _MINUTE),
    **dict.fromkeys(("tags", "depends_on", "inferred"), _WORDS),
}
_FIELDS = tuple(field.name for field in fields(Task))[1:]  # without `source`
_OWN = tuple(name for name in _FIELDS if name not in {"uid", "key", "parent"})

_HEAD = ("uid", "born", "explicit", "open", "seen_done", "note")

# The columns of a row; and what `load` takes: `before` and `after` are the neighbours' uids.
COLUMNS = (*_HEAD, "line", "source", *_OWN)
LOADED = ("before", "after", "path", "line", "source", *_FIELDS)

# Columns have no types: SQLite then keeps each value as it is ("12.50" stays text). But for a
# note's number, as in `notes`: an index only serves comparisons within one type.
SCHEMA = f"""
CREATE TABLE notes (number INTEGER PRIMARY KEY, path UNIQUE, mtime_ns, size, digest);
CREATE TABLE tasks ({", ".join("note INTEGER" if name == "note" else name for name in COLUMNS)});
CREATE UNIQUE INDEX task_uid ON tasks (uid);
CREATE INDEX task_place ON tasks (note, line);
CREATE INDEX task_explicit ON tasks (explicit) WHERE explicit IS NOT NULL;
CREATE INDEX task_open ON tasks (due) WHERE open = 1;
CREATE INDEX task_done ON tasks (coalesce(done, seen_done)) WHERE status = 'done';
CREATE TABLE problems (note INTEGER, line, message, hint);
CREATE INDEX problem_note ON problems (note);
CREATE TABLE meta (basis, generation);
CREATE TABLE kept (name PRIMARY KEY, value);
INSERT INTO meta VALUES ('', 0)
"""

PUT_TASK = f"""
INSERT INTO tasks VALUES ({", ".join("?" * len(COLUMNS))})
ON CONFLICT (uid) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS)}
"""
ROWS_OF_NOTE = f"""
SELECT {", ".join(f"t.{name}" for name in COLUMNS)}
FROM tasks t JOIN notes n ON n.number = t.note WHERE n.path = ?
"""
_EXPRESSIONS = {
    "before": "(SELECT coalesce(max(uid), '') FROM tasks WHERE uid < t.uid)",
    "after": "(SELECT coalesce(min(uid), '') FROM tasks WHERE uid > t.uid)",
    "path": "n.path",
    "key": "NULL",
    "parent": "p.uid",
}
SELECT_TASKS = f"""
SELECT {", ".join(_EXPRESSIONS.get(name, f"t.{name}") for name in LOADED)}
FROM tasks t JOIN notes n ON n.number = t.note
LEFT JOIN tasks p ON p.note = t.note AND p.line = t.parent_line
WHERE {{}} ORDER BY n.path, t.line
"""

_own = attrgetter(*_OWN)
_KEEPERS = [(at, _CONVERSIONS[n][0]) for at, n in enumerate(COLUMNS) if n in _CONVERSIONS]
_LOADERS = [(at, _CONVERSIONS[n][1]) for at, n in enumerate(_FIELDS) if n in _CONVERSIONS]
_OPEN = COLUMNS.index("open")
_UID, _KEY = _FIELDS.index("uid"), _FIELDS.index("key")


class Arrival(NamedTuple):
    """A task as it was just read, and the number of its note."""

    note: int
    task: Task
    birth: Birth


class Difference(NamedTuple):
    """Uids of rows to delete, pairs of (new, old) uid, rows to write."""

    lost: list[tuple[str]]
    moved: list[tuple[str, str]]
    changed: list[Row]


def difference(
    old: Mapping[str, Row],
    arrivals: Sequence[Arrival],
    rivals: Sequence[tuple[str, Birth]],
    vault_id: str,
    today: date,
) -> Difference:
    """Return what turns the rows `old` (by uid) into those of `arrivals`.

    `rivals` are the uids and births of all tasks in other notes that claim an id which stands, or
    stood, among these: they lose it to a second claim, and one that is left alone has it again.
    """
    claims = [arrival.birth for arrival in arrivals] + [birth for _, birth in rivals]
    uids = settle(claims, vault_id)
    new = {
        uid: _row(uid, arrival, _seen_done(arrival.task, old.get(uid), today))
        for uid, arrival in zip(uids, arrivals, strict=False)
    }
    others = zip(uids[len(arrivals) :], rivals, strict=True)
    return Difference(
        lost=[(uid,) for uid in old if uid not in new],
        moved=[(uid, before) for uid, (before, _) in others if uid != before],
        changed=[row for uid, row in new.items() if old.get(uid) != row],
    )


def _seen_done(task: Task, before: Row | None, today: date) -> str | None:
    """The day on which a task ticked without a date was first seen so, where that is known."""
    if task.status is not Status.DONE or task.done or before is None:
        return None
    was_open, seen_done = before[_OPEN : _OPEN + 2]
    return today.isoformat() if was_open else seen_done


def _row(uid: str, arrival: Arrival, seen_done: str | None) -> Row:
    note, task, birth = arrival
    source = task.source
    head = (uid, *birth, task.is_open, seen_done, note)
    values = [*head, source.line, source.text, *_own(task)]
    for at, convert in _KEEPERS:
        if values[at] is not None:
            values[at] = convert(values[at])
    try:
        "".join([value for value in values if type(value) is str]).encode()
    except UnicodeEncodeError:
        return tuple(map(bound, values))
    return tuple(values)


def load(row: Row) -> Task:
    """Return the task of a row of `LOADED`."""
    if bytes in map(type, row):
        row = tuple(map(text, row))
    before, after, path, line, source, *values = row
    for at, convert in _LOADERS:
        if values[at] is not None:
            values[at] = convert(values[at])
    values[_KEY] = _shortest_key(values[_UID], before, after)
    return Task(Source(path, line, source), *values)


def _shortest_key(uid: str, before: str, after: str) -> str:
    """Return the shortest prefix that neither neighbour, in the order of uids, has."""
    length = MIN_KEY
    while uid[:length] in (before[:length], after[:length]):
        length += 1
    return uid[:length]


def bound(value: Any) -> Any:
    """Return what SQLite takes for a value.

    Its text holds no lone surrogates, which stand for bytes that are not UTF-8: such a string is
    kept as bytes. The same string is always kept the same way, so that it is found again.
    """
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogatepass")
    return value


def text(value: Any) -> Any:
    """Return what `bound` was given."""
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value
