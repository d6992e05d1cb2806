"""What the index says of tasks that are done, counted: by day, by series, by project; and totals.

Rule: pure. SQL is text here, and nobody runs it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from mdtasks.index.rows import DONE_ON, Row, text

# By day: all, and the small ones. An estimate that is not there is "", which is no number.
COUNTS = f"""
SELECT {DONE_ON}, count(*), sum(t.estimate = '' OR t.estimate <= ?)
FROM tasks t WHERE t.status = 'done' AND {DONE_ON} <> '' GROUP BY 1
"""

SERIES = f"""
SELECT n.path, t.text, t.recurrence, {DONE_ON}
FROM tasks t JOIN notes n ON n.number = t.note
WHERE t.status = 'done' AND t.recurrence <> '' AND {DONE_ON} <> ''
ORDER BY n.path, t.text
"""

# In the notes of these tasks alone, as below.
LAST_DONE = f"""
SELECT n.path, t.text, max({DONE_ON})
FROM tasks t JOIN notes n ON n.number = t.note
WHERE t.note IN (SELECT note FROM tasks WHERE uid IN (SELECT value FROM json_each(?)))
AND t.status = 'done' AND t.recurrence <> '' AND {DONE_ON} <> '' GROUP BY n.path, t.text
"""

# The latest day before one, by the index of days.
DAY_BEFORE = f"""
SELECT {DONE_ON} FROM tasks t WHERE t.status = 'done' AND {DONE_ON} > '' AND {DONE_ON} < ?
ORDER BY {DONE_ON} DESC LIMIT 1
"""

# In the notes of these tasks alone, which have an index; projects have none.
BESIDE = """
SELECT t.project, count(*) FROM tasks t WHERE t.status = 'done' AND t.note IN
    (SELECT note FROM tasks WHERE uid IN (SELECT value FROM json_each(?))) GROUP BY 1
"""

PROJECTS = f"""
SELECT t.project, sum(t.status = 'done'), sum(t.open), max({DONE_ON}) FROM tasks t
WHERE t.project IN (SELECT value FROM json_each(?)) AND t.status <> 'non_task' GROUP BY 1
"""

NAMED = f"""
SELECT t.uid, n.path, t.text, iif(t.open = 1, '', {DONE_ON}), t.recurrence <> ''
FROM tasks t JOIN notes n ON n.number = t.note
WHERE t.rowid IN (SELECT value FROM json_each(?)) ORDER BY n.path, t.line
"""

TOTALS = """
SELECT (SELECT count(*) FROM notes), (SELECT count(*) FROM tasks),
    (SELECT count(*) FROM tasks WHERE open = 1)
"""

# Days count from the earliest; of those of one day, the notes are in order.
OVERDUE = """
SELECT uid, count(*) OVER () FROM tasks
WHERE open = 1 AND due <> '' AND due < ? ORDER BY due, note, line LIMIT ?
"""


BETWEEN = f"""
SELECT t.uid, n.path, t.line, t.text, t.estimate, t.recurrence, {DONE_ON}, t.rest LIKE '%"pay":%',
    coalesce(p.uid, '')
FROM tasks t JOIN notes n ON n.number = t.note
LEFT JOIN tasks p ON p.note = t.note AND p.line = t.line - nullif(t.above, 0)
WHERE t.status = 'done' AND {DONE_ON} BETWEEN ? AND ? ORDER BY 7, n.path, t.line
"""


class Finished(NamedTuple):
    """A task that was done on a day, and what of it is counted."""

    uid: str
    path: str
    line: int
    text: str
    estimate: timedelta | None
    recurrence: str
    day: date
    has_pay: bool
    parent: str


def load(row: Row) -> Finished:
    """Return what a row of `BETWEEN` says."""
    uid, path, line, said, estimate, recurrence, day, has_pay, parent = row
    length = None if estimate == "" else timedelta(minutes=estimate)
    on = date.fromisoformat(day)
    place = uid, text(path), line, text(said)
    return Finished(*place, length, text(recurrence), on, bool(has_pay), parent)


class Counts(NamedTuple):
    notes: int
    tasks: int
    open: int


class Occurrence(NamedTuple):
    """A task of a series that was done on a day."""

    path: str
    text: str
    recurrence: str
    day: date


class Tally(NamedTuple):
    """How many tasks of a project are done, how many open, and when the last was done."""

    done: int
    open: int
    last: str
