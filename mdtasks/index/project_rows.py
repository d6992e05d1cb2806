"""What of the index tells how far projects are: SQL, and rows -> `Item`s.

Rule: pure. SQL is text here, and nobody runs it. Rows without a project or a goal of their own
are left to the database, for they are most of a vault.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from mdtasks.dates import EVERY_DAY
from mdtasks.index.rows import DONE_ON, Row, bound, text
from mdtasks.model import OPEN_STATUSES, Status
from mdtasks.plan.progress import Item

_STATUSES = {str(status): status for status in Status}
# What `rest` may hold that counts here, of open tasks and of closed ones; few rows have any of it.
_TOLD = re.compile('"(?:goal|start|assignee|id|depends_on)":').search
_TOLD_OF_CLOSED = re.compile('"goal":').search

_FROM = "FROM tasks t JOIN notes n ON n.number = t.note WHERE t.project <> ''"
# A note's name is the project of all of its tasks that name none.
_NAMED = """(instr(t.rest, '"goal":') OR
    substr('/' || n.path, -length(t.project) - 4) <> '/' || t.project || '.md')"""
_PATH, _PROJECT, _INFERRED = 1, 3, 10
_SELECT = f"""SELECT t.uid, n.path, t.line, t.project, t.status, t.estimate, t.above, t.due,
    t.scheduled, {DONE_ON}, t.inferred, t.rest {_FROM}"""
_OF_PROJECTS = f"{_SELECT} AND t.project IN (SELECT t.project {_FROM} AND {_NAMED})"


def select(everything: bool, name: str) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL that `items` takes the rows of, and its values."""
    if name:
        return f"{_SELECT} AND t.project = ?", (bound(name),)
    return _SELECT if everything else _OF_PROJECTS, ()


def items(rows: Iterable[Row], everything: bool, every_day: date) -> list[Item]:
    """Return what counts of the tasks of projects; with `everything`, each note is one.

    `every_day` is the day of what is scheduled for each day anew.
    """
    read = [tuple(map(text, row)) if bytes in map(type, row) else row for row in rows]
    lists: set[str] = set()
    if not everything:
        lists = {row[_PROJECT] for row in read}
        lists -= {row[_PROJECT] for row in read if not _is_list(row)}
    found = (_item(row, row[_PROJECT] in lists, every_day) for row in read)
    return [each for each in found if each.project or each.goal]


def _is_list(row: Row) -> bool:
    """Whether the project is but the name of a note, which has no goal."""
    if row[_PROJECT] != row[_PATH].rpartition("/")[2].rpartition(".")[0]:
        return False
    return "goal" not in row[_INFERRED].split("\n")


def _item(row: Row, is_list: bool, every_day: date) -> Item:
    uid, path, line, project, status, minutes, above, due, scheduled, done_on, _, rest = row
    kind = _STATUSES[status]
    is_open = kind in OPEN_STATUSES
    told = _TOLD if is_open else _TOLD_OF_CLOSED
    more: dict[str, Any] = json.loads(rest) if rest and told(rest) else {}
    # Of what is closed, only when it was done counts.
    day = date.fromisoformat(scheduled) if scheduled and is_open else None
    return Item(
        uid,
        path,
        line,
        "" if is_list else project,
        more.get("goal", ""),
        kind,
        is_open,
        minutes or 0,
        line - above if above else 0,
        date.fromisoformat(due) if due and is_open else None,
        every_day if day == EVERY_DAY else day,
        date.fromisoformat(more["start"]) if "start" in more else None,
        date.fromisoformat(done_on) if done_on else None,
        more.get("assignee", ""),
        more.get("id", ""),
        tuple(more.get("depends_on", ())),
    )
