"""Completing, cancelling and reopening mean what they mean in the Obsidian Tasks plugin 8.3.0.

`cases/recur.jsonl` holds what the plugin made of each line. PASSED_OVER lists the rows where we
differ on purpose, and those that ask for what mdtasks has no command for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mdtasks.model import Edit, Status, Task
from mdtasks.plan.recurrence import parse_rule
from mdtasks.read.note import read_note
from mdtasks.settings import DEFAULT_STATUSES, ReadSettings, StatusRule, WriteSettings
from mdtasks.write.edits import cancel, complete, reopen

Row = dict[str, Any]

CASES = Path(__file__).parent / "cases" / "recur.jsonl"
ROWS = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
PASSED_OVER: Mapping[str, frozenset[str]] = {
    "no box: nothing that could be completed": frozenset({"r0483", "r0484"}),
    "without the global filter it is no task": frozenset({"r0491"}),
    "a forwarded line is closed": frozenset({"r0479"}),
    "done means done, also where the plugin would go to the next status first": frozenset(
        {"r0496", "r0497", "r0500", "r0508"}
    ),
    "no command sets another symbol, or takes a task out of progress": frozenset(
        {"r0517", "r0519", "r0521", "r0524", "r0535", "r0545"}
    ),
    "no setting drops the scheduled date": frozenset({"r0397"}),
    "an impossible date is copied as it stands": frozenset({"r0558", "r0559", "r0563"}),
    "a rule that has run out writes no line, not `Invalid date`": frozenset({"r0468"}),
    "the rule has a date; the plugin steps back past it for a shorter month": frozenset({"r0573"}),
}
PASSED_OVER_IDS = frozenset().union(*PASSED_OVER.values())


def read_settings(row: Row, fields: str = "trailing") -> ReadSettings:
    statuses = dict(DEFAULT_STATUSES)
    for symbol, name, following, kind in row["input"].get("statuses", ()):
        statuses[symbol] = StatusRule(Status(kind.lower()), name, following)
    return ReadSettings(
        fields=fields,
        dialects=(row["input"].get("format", "emoji"),),
        global_filter=row["input"].get("globalFilter", ""),
        statuses=statuses,
    )


def write_settings(row: Row) -> WriteSettings:
    wanted = row["input"].get("settings", {})
    return WriteSettings(
        done_date=wanted.get("setDoneDate", True),
        set_created=wanted.get("setCreatedDate", False),
        next_line="below" if wanted.get("recurrenceOnNextLine") else "above",
        allow_delete=True,  # as the plugin, which deletes without asking
    )


def change(row: Row, task: Task, read: ReadSettings) -> Edit | None:
    today = date.fromisoformat(row["input"]["today"])
    wanted = row["input"].get("toStatus")
    if wanted == "-":
        return cancel(task, today, read)
    closed = task.status in (Status.DONE, Status.CANCELLED)
    if wanted == " " or (wanted is None and closed):
        return reopen(task, read)
    if wanted in ("x", None):
        return complete(task, today, read, write_settings(row))
    return None


def meaning(line: str, read: ReadSettings) -> Row | str:
    """Return what the line says; the order and the spelling of its fields say nothing."""
    tasks = read_note("note.md", line.encode(), read).tasks
    if not tasks:
        return line
    task = tasks[0]
    rule = parse_rule(task.recurrence) if task.recurrence else None
    return {
        "symbol": task.symbol,
        "text": task.text,
        "priority": task.priority,
        "dates": (task.created, task.start, task.scheduled, task.due, task.done, task.cancelled),
        "recurrence": rule.text if rule else None,
        "on_completion": task.on_completion,
        "id": task.id,
        "depends_on": task.depends_on,
        "tags": task.tags,
        "block_id": task.block_id,
    }


def result(row: Row, read: ReadSettings) -> list[Row | str]:
    line = row["input"]["line"]
    tasks = read_note("note.md", line.encode(), read).tasks
    edit = change(row, tasks[0], read) if tasks else None
    return [meaning(after, read) for after in (edit.after if edit else (line,))]


def agrees(row: Row, read: ReadSettings) -> bool:
    return result(row, read) == [meaning(line, read) for line in row["expected"]["lines"]]


@pytest.mark.parametrize("fields", ["trailing", "anywhere"])
@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["id"] not in PASSED_OVER_IDS], ids=lambda row: row["id"]
)
def test_a_line_changes_as_in_the_plugin(row: Row, fields: str) -> None:
    read = read_settings(row, fields)
    assert result(row, read) == [meaning(line, read) for line in row["expected"]["lines"]]


def test_what_is_passed_over_does_differ() -> None:
    by_id = {row["id"]: row for row in ROWS}
    same = [i for i in sorted(PASSED_OVER_IDS) if agrees(by_id[i], read_settings(by_id[i]))]
    assert same == []
