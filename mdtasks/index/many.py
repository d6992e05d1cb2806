"""All tasks of a vault at once, or all open ones, in less time than one by one.

Rule: reads within a transaction of the store's; what a row says, `rows` knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from mdtasks.index.rows import LOADED, SELECT_TASKS, Row, load, shortest_key
from mdtasks.model import Task

if TYPE_CHECKING:
    import sqlite3

# Where a key ends, the order of all uids tells too, for a tenth of what it takes to look for the
# neighbours of each.
_SELECT = SELECT_TASKS.replace(LOADED["before"], "''").replace(LOADED["after"], "''")
_UIDS = "SELECT uid FROM tasks UNION SELECT uid FROM vanished ORDER BY uid"

SOURCES = """
SELECT n.path, t.line, t.source FROM tasks t JOIN notes n ON n.number = t.note
ORDER BY n.path, t.line
"""
# What the notes were that hold tasks; of those that are to be read again nothing is known.
DIGESTS = """
SELECT path, hex(digest) FROM notes
WHERE number IN (SELECT note FROM tasks) AND digest <> x'' ORDER BY path
"""

# What the store asks beside whole tasks.
TEXTS = "SELECT t.line, t.text FROM tasks t JOIN notes n ON n.number = t.note WHERE n.path = ?"
CLAIMED = "SELECT EXISTS (SELECT 1 FROM tasks WHERE explicit = ?1 OR rest LIKE ?2)"
GONE = "SELECT text FROM vanished WHERE uid >= ? AND uid < ? ORDER BY uid LIMIT 1"
SHOWN = "DELETE FROM reworded WHERE uid IN (SELECT value FROM json_each(?))"


def tasks(db: sqlite3.Connection, condition: str, every_day: date) -> list[Task]:
    """Return the tasks for which the condition holds, by path and line."""
    keys = _keys(db.execute(_UIDS))
    rows = db.execute(_SELECT.format(condition)).fetchall()
    return [load(row, every_day, keys) for row in rows]


def _keys(uids: Iterable[Row]) -> dict[str, str]:
    """Return uid -> shortest key. The uids come in their order."""
    ordered = ["", *(uid for (uid,) in uids), "~"]
    neighbours = zip(ordered[1:], ordered, ordered[2:], strict=False)
    return {uid: shortest_key(uid, before, after) for uid, before, after in neighbours}
