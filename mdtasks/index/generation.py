"""Which tasks have changed, and since when.

Rule: inside of a transaction of the store. Few changed tasks are known by their uids; of many it
is only known that there were some.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

# So many changed tasks, at once or in all, are not told apart.
MANY = 1000

_RISE = "UPDATE meta SET generation = generation + 1 RETURNING generation"
# No task has the uid "": it stands for any.
_ANY = ""


def rise(db: sqlite3.Connection, uids: Collection[str] | None) -> None:
    """Begin a new generation, in which these tasks or their steps have changed, come or gone;
    None: any may."""
    ((generation,),) = db.execute(_RISE).fetchall()
    if uids is not None and len(uids) < MANY:
        rows = [(uid, generation) for uid in uids]
        db.executemany("INSERT OR REPLACE INTO changed VALUES (?, ?)", rows)
        if db.execute("SELECT count(*) FROM changed").fetchone() <= (MANY,):
            return
    db.execute("DELETE FROM changed")
    db.execute("INSERT INTO changed VALUES (?, ?)", (_ANY, generation))


def changed_since(db: sqlite3.Connection, generation: int) -> set[str] | None:
    """Return the uids of what has changed after a generation; None if that may be any task."""
    rows = db.execute("SELECT uid FROM changed WHERE generation > ?", (generation,)).fetchall()
    uids = {uid for (uid,) in rows}
    return None if _ANY in uids else uids
