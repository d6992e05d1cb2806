"""The tables of the index; a note and its tasks <-> their rows; which rows differ.

Rule: pure. SQL is text here, and nobody runs it. Rows are plain tuples of text, numbers and
bytes: they go to and from another process as they are. What is not there is "" and never None,
which Python's sqlite3 takes ten times as long to hand over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, NamedTuple

from mdtasks.dates import EVERY_DAY
from mdtasks.index import logged
from mdtasks.index.identity import Known, Name, births, claimed, reference
from mdtasks.model import OPEN_STATUSES, Priority, Problem, Source, Status, Task

Row = tuple[Any, ...]

MIN_KEY = 3

# The columns of a row. First what the store gives it: `born` is the uid it is born with,
# "" where it has that; `seen_done` the day on which it was first seen ticked. Then its body.
_HEAD = ("uid", "born", "seen_done", "note", "line")
# `above` says how many lines above the task its parent stands, 0 where there is none: so a body
# stays as it is when its note grows above it. `rest` holds what few tasks have.
_BODY = (
    "explicit", "open", "source", "status", "symbol", "text", "priority", "due", "scheduled",
    "done", "recurrence", "estimate", "tags", "above", "depth", "heading", "project", "dialect",
    "inferred", "rest",
)  # fmt: skip
COLUMNS = (*_HEAD, *_BODY)
_REST = (
    "created", "start", "cancelled", "due_time", "begins", "ends", "on_completion", "id",
    "depends_on", "block_id", "goal", "assignee", "pay", "brief",
    "handed", "rework",
)  # fmt: skip

UID, BORN, SEEN_DONE, NOTE, LINE = range(len(_HEAD))
ABOVE = COLUMNS.index("above")
EXPLICIT, OPEN = COLUMNS.index("explicit"), COLUMNS.index("open")
HEAD = len(_HEAD)
_AT = {name: at for at, name in enumerate(_BODY)}
TEXT, _STATUS, _DONE, RECURRENCE = map(_AT.__getitem__, ("text", "status", "done", "recurrence"))
SOURCE, REST, _DUE, _SCHEDULED = map(_AT.__getitem__, ("source", "rest", "due", "scheduled"))

DONE_ON = "iif(t.done = '', t.seen_done, t.done)"

# Columns have no types: SQLite then keeps each value as it is ("12.50" stays text). But for a
# note's number, as in `notes`: an index only serves comparisons within one type.
SCHEMA = f"""
CREATE TABLE notes (number INTEGER PRIMARY KEY, path UNIQUE, mtime_ns, size, digest, stretches);
CREATE TABLE tasks ({", ".join("note INTEGER" if name == "note" else name for name in COLUMNS)});
CREATE TABLE problems (note INTEGER, line, message, hint);
CREATE INDEX problem_note ON problems (note);
{logged.SCHEMA};
CREATE TABLE meta (basis, generation, complete);
CREATE TABLE kept (name PRIMARY KEY, value);
CREATE TABLE vanished (
    uid PRIMARY KEY, path, line, text, reference, source, before, after, explicit, is_open,
    repeats, is_fleeting, seen_done, day
);
CREATE INDEX vanished_day ON vanished (day);
CREATE TABLE newcomers (uid PRIMARY KEY);
CREATE TABLE reworded (uid PRIMARY KEY, was);
CREATE TABLE changed (uid PRIMARY KEY, generation);
INSERT INTO meta VALUES ('', 0, 0)
"""

# What makes a first load complete. Until then ids may be claimed twice, and no column is indexed:
# sorting all rows once costs a fifth of putting each into its place.
COMPLETION = f"""
CREATE INDEX task_explicit ON tasks (explicit) WHERE explicit <> '';
UPDATE tasks SET uid = born, born = '' WHERE explicit IN
    (SELECT explicit FROM tasks WHERE explicit <> '' GROUP BY explicit HAVING count(*) > 1);
CREATE UNIQUE INDEX task_uid ON tasks (uid);
CREATE INDEX task_place ON tasks (note, line);
CREATE INDEX task_step ON tasks (note, line - above) WHERE above > 0;
CREATE INDEX task_open ON tasks (due) WHERE open = 1;
CREATE INDEX task_done ON tasks ({DONE_ON.replace("t.", "")}) WHERE status = 'done';
UPDATE meta SET complete = 1
"""

ADD_TASK = f"INSERT INTO tasks VALUES ({', '.join('?' * len(COLUMNS))})"
PUT_TASK = f"""{ADD_TASK}
ON CONFLICT (uid) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS)}
"""
ROWS_OF_NOTE = f"SELECT {', '.join(COLUMNS)} FROM tasks WHERE note = ?"

# What `load` takes: `before` and `after` are the neighbours' uids, also of tasks that are gone: who
# types the key of one of these must not get another. Behind "~" there is no uid.
LOADED = {
    "before": """max((SELECT coalesce(max(uid), '') FROM tasks WHERE uid < t.uid),
        (SELECT coalesce(max(uid), '') FROM vanished WHERE uid < t.uid))""",
    "after": """min((SELECT coalesce(min(uid), '~') FROM tasks WHERE uid > t.uid),
        (SELECT coalesce(min(uid), '~') FROM vanished WHERE uid > t.uid))""",
    "path": "n.path",
    "line": "t.line",
    "parent": "p.uid",
    "uid": "t.uid",
    **{name: f"t.{name}" for name in _BODY[OPEN - HEAD + 1 :]},
}
SELECT_TASKS = f"""
SELECT {", ".join(LOADED.values())}
FROM tasks t JOIN notes n ON n.number = t.note
LEFT JOIN tasks p ON p.note = t.note AND p.line = t.line - nullif(t.above, 0)
WHERE {{}} ORDER BY n.path, t.line
"""

# What of `SELECT_TASKS` is asked for, each with a list in JSON.
_AMONG = "IN (SELECT value FROM json_each(?))"
UIDS = f"t.uid {_AMONG}"
PARENTS = f"""t.rowid IN (SELECT step.rowid FROM tasks a JOIN tasks step
    ON step.note = a.note AND step.line - step.above = a.line AND step.above > 0
    WHERE a.uid {_AMONG})"""
BEARING = f"t.explicit <> '' AND t.explicit {_AMONG}"

SELECT_PROBLEMS = """
SELECT n.path, p.line, p.message, p.hint
FROM problems p JOIN notes n ON n.number = p.note ORDER BY n.path, p.line, p.rowid
"""
SELECT_KNOWN = f"""
SELECT n.path, {", ".join(f"t.{name}" for name in COLUMNS)}
FROM tasks t JOIN notes n ON n.number = t.note
WHERE t.uid IN (SELECT value FROM json_each(?)) ORDER BY t.uid
"""

_MINUTE = timedelta(minutes=1)
_OPEN_WORDS = frozenset(str(status) for status in OPEN_STATUSES)
_STATUSES = {str(status): status for status in Status}
_PRIORITIES = {str(priority): priority for priority in Priority}

_DAY = (lambda day: f'"{day.isoformat()}"', date.fromisoformat)
_CLOCK = (lambda clock: f'"{clock.isoformat("minutes")}"', time.fromisoformat)
# How a field is written in `rest`, which is JSON, and how it is had back from what JSON gives.
_CONVERSIONS: Mapping[str, tuple[Callable[[Any], str], Callable[[Any], Any]]] = {
    **dict.fromkeys(_REST, (_quoted, str)),
    **dict.fromkeys(("created", "start", "cancelled", "handed"), _DAY),
    **dict.fromkeys(("due_time", "begins", "ends"), _CLOCK),
    "rework": (str, int),
    "depends_on": (lambda ids: f"[{','.join(map(_quoted, ids))}]", tuple),
}
_WRITTEN = {name: write for name, (write, _) in _CONVERSIONS.items()}
_NO_PRIORITY = Priority.NONE._value_


class Entry(NamedTuple):
    """A note taken apart for the index. Its tasks stand in `lines` and `bodies`, and in `born`,
    the uids that they are born with: empty as long as nobody has asked for them.

    `stretches` are a long note's, packed. Where only some of it was read again, `base` is the
    digest that the note had, [start, end) are the lines from which its tasks are replaced, and
    those from `end` on now stand `shift` lines further down.
    """

    path: str
    digest: bytes
    problems: list[tuple[int, str, str]]
    lines: list[int]
    bodies: list[Row]
    born: list[str]
    stretches: bytes = b""
    base: bytes = b""
    start: int = 0
    end: int = 0
    shift: int = 0
    intervals: tuple[Row, ...] = ()


class Arrival(NamedTuple):
    """A task as it was just read: the number of its note, where it stands there, and its uid
    where that is certain."""

    note: int
    line: int
    body: Row
    born: str
    uid: str = ""


class Place(NamedTuple):
    """A note of which some is replaced, or all is gone: its path, and the texts of the tasks
    around that."""

    path: str
    before: str = ""
    after: str = ""
    is_gone: bool = False


Places = Mapping[int, Place]


class Batch(NamedTuple):
    """What goes into the tables at once: the rows that are replaced, by uid, the tasks that were
    read, and by their numbers the notes of both."""

    old: dict[str, Row]
    new: list[Arrival]
    places: dict[int, Place]


class Difference(NamedTuple):
    """Uids of rows to delete, rows to write."""

    lost: list[tuple[str]]
    changed: list[Row]


def entry(
    path: str,
    digest: bytes,
    problems: Iterable[Problem],
    tasks: Sequence[Mapping[str, Any]],
    vault_id: str | None = None,
) -> Entry:
    """Return what the index keeps of a note, whose tasks come by the names of Task; with a
    vault's id, their births too."""
    found = [(problem.line, problem.message, problem.hint) for problem in problems]
    lines = [task["source"].line for task in tasks]
    read = Entry(path, digest, found, lines, [*map(_body, tasks)], [])
    return read if vault_id is None else read._replace(born=births_of(read, vault_id))


def births_of(read: Entry, vault_id: str) -> list[str]:
    """Return the uid that each of a note's tasks is born with."""
    return read.born or births(read.path, map(name_of, read.bodies), vault_id)


def name_of(body: Row) -> Name:
    """Return what tells a task apart from others of its note."""
    if not body[RECURRENCE]:
        return body[TEXT], ""
    dates = {"due": body[_DUE], "scheduled": body[_SCHEDULED]}
    if '"start":' in body[REST]:
        dates["start"] = json.loads(body[REST])["start"]
    return body[TEXT], reference(dates, body[_AT["inferred"]].split("\n"))


def known(path: str, row: Row) -> Known:
    """Return what must be known of a task beside the index."""
    body = tuple(map(text, row[HEAD:]))
    return Known(row[UID], row[BORN] or row[UID], body[0], path, name_of(body))


def texts_of(read: Entry) -> set[str]:
    """Return what a note's tasks say."""
    return {body[TEXT] for body in read.bodies}


def new_rows(note: int, read: Entry, vault_id: str) -> list[Row]:
    """Return a note's rows for an index that is not complete: each id counts as claimed once."""
    rows = []
    for uid, line, body in zip(births_of(read, vault_id), read.lines, read.bodies, strict=True):
        if body[0]:
            rows.append((claimed(body[0], vault_id), uid, "", note, line, *body))
        else:
            rows.append((uid, "", "", note, line, *body))
    return rows


def difference(
    old: Mapping[str, Row], arrivals: Sequence[Arrival], uids: Sequence[str], today: date
) -> Difference:
    """Return what turns the rows `old` (by uid) into those of `arrivals`, which have `uids`."""
    day = today.isoformat()
    new = {
        uid: _row(uid, arrival, old.get(uid), day)
        for uid, arrival in zip(uids, arrivals, strict=True)
    }
    return Difference(
        lost=[(uid,) for uid in old if uid not in new],
        changed=[row for uid, row in new.items() if old.get(uid) != row],
    )


def _row(uid: str, arrival: Arrival, before: Row | None, day: str) -> Row:
    note, line, body, born, _ = arrival
    seen_done = ""
    if before and body[_STATUS] == "done" and not body[_DONE]:
        seen_done = day if before[OPEN] else before[SEEN_DONE]
    return sound((uid, "" if born == uid else born, seen_done, note, line, *body))


def _body(task: Mapping[str, Any]) -> Row:
    get = task.get
    source, status = task["source"], task["status"]._value_
    priority, parent_line, tags = get("priority"), get("parent_line"), get("tags")
    due, scheduled, done, estimate = get("due"), get("scheduled"), get("done"), get("estimate")
    inferred = get("inferred")
    return (
        get("id") or get("block_id") or "",
        1 if status in _OPEN_WORDS else 0,
        source.text,
        status,
        task["symbol"],
        task["text"],
        priority._value_ if priority else _NO_PRIORITY,
        due.isoformat() if due else "",
        scheduled.isoformat() if scheduled else "",
        done.isoformat() if done else "",
        get("recurrence") or "",
        "" if estimate is None else estimate // _MINUTE,
        "\n".join(tags) if tags else "",  # what comes from one line of a note holds no line break
        source.line - parent_line if parent_line else 0,
        get("depth") or 0,
        get("heading") or "",
        get("project") or "",
        get("dialect") or "",
        "\n".join(inferred) if inferred else "",
        "" if _WRITTEN.keys().isdisjoint(task) else _kept(task),
    )


def _kept(task: Mapping[str, Any]) -> str:
    # As json.dumps() does, in a third of the time.
    kept = [f'"{name}":{_WRITTEN[name](task[name])}' for name in _REST if task.get(name)]
    return f"{{{','.join(kept)}}}" if kept else ""


def load(row: Row, every_day: date, keys: Mapping[str, str] | None = None) -> Task:
    """Return the task of a row of `SELECT_TASKS`; `every_day` is the day of one that is scheduled
    for each day anew. With `keys`, by uid, the neighbours are not looked at."""
    if bytes in map(type, row):
        row = tuple(map(text, row))
    (
        before, after, path, line, parent, uid, source, status, symbol, words, priority, due,
        scheduled, done, recurrence, estimate, tags, above, depth, heading, project, dialect,
        inferred, rest,
    ) = row  # fmt: skip
    day = date.fromisoformat(scheduled) if scheduled else None
    return Task(
        source=Source(path, line, source),
        status=_STATUSES[status],
        symbol=symbol,
        text=words,
        uid=uid,
        key=keys[uid] if keys else shortest_key(uid, before, after),
        priority=_PRIORITIES[priority],
        due=date.fromisoformat(due) if due else None,
        scheduled=every_day if day == EVERY_DAY else day,
        done=date.fromisoformat(done) if done else None,
        recurrence=recurrence or None,
        estimate=None if estimate == "" else estimate * _MINUTE,
        tags=tuple(tags.split("\n")) if tags else (),
        parent=parent,
        parent_line=line - above if above else None,
        depth=depth,
        heading=heading or None,
        project=project or None,
        dialect=dialect or None,
        inferred=tuple(inferred.split("\n")) if inferred else (),
        **(_had_back(rest) if rest else {}),
    )


def _had_back(rest: str) -> dict[str, Any]:
    return {name: _CONVERSIONS[name][1](value) for name, value in json.loads(rest).items()}


def shortest_key(uid: str, before: str, after: str) -> str:
    """Return the shortest prefix that neither neighbour, in the order of uids, has."""
    length = MIN_KEY
    while uid[:length] in (before[:length], after[:length]):
        length += 1
    return uid[:length]


def sound(row: Row) -> Row:
    """Return a row of which SQLite takes all values."""
    try:
        "".join([value for value in row if type(value) is str]).encode()
    except UnicodeEncodeError:
        return tuple(map(bound, row))
    return row


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
