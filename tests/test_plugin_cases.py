"""In `trailing` mode a line reads as the Obsidian Tasks plugin 8.3.0 reads it.

`cases/parse.jsonl` holds what the plugin made of each line. PASSED_OVER lists the rows that we
read differently on purpose, and those whose settings our configuration cannot express.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mdtasks.model import Status, Task
from mdtasks.plan.recurrence import parse_rule
from mdtasks.plan.urgency import urgency
from mdtasks.read.note import read_note
from mdtasks.settings import DEFAULT_STATUSES, DailyNotes, ReadSettings, StatusRule

Row = dict[str, Any]

CASES = Path(__file__).parent / "cases" / "parse.jsonl"

PASSED_OVER: Mapping[str, frozenset[str]] = {
    "a box needs a space behind it, and text": frozenset({"p0373", "p0380", "p0393"}),
    "an impossible date counts as absent, so the note's day is the task's": frozenset({"p0737"}),
    "a date elsewhere in a note's name does not make it a daily note": frozenset({"p0742"}),
    "CommonMark allows at most nine digits in a list marker": frozenset({"p0355"}),
}
# FORMATS: `[>]` is forwarded, so closed; the plugin knows no such symbol.
FORWARDED = "p0413"


def rows() -> Iterator[Row]:
    for line in CASES.read_text("utf-8").splitlines():
        yield json.loads(line)


ROWS = list(rows())
PASSED_OVER_IDS = frozenset().union(*PASSED_OVER.values())


def settings(given: Row) -> ReadSettings:
    statuses = dict(DEFAULT_STATUSES)
    for symbol, name, following, kind in given.get("statuses", ()):
        statuses[symbol] = StatusRule(Status(kind.lower()), name, following)
    wanted = given.get("settings", {})
    name_format = wanted.get("filenameAsScheduledDateFormat", "YYYY-MM-DD")
    return ReadSettings(
        fields="trailing",
        dialects=(given.get("format", "emoji"),),
        global_filter=given.get("globalFilter", ""),
        schedule_daily=wanted.get("useFilenameAsScheduledDate", False),
        daily_notes=DailyNotes(format=name_format),
        statuses=statuses,
    )


def read(given: Row) -> tuple[Task, ...]:
    line = given["line"]
    # The plugin looks at one line; here a line this deep must be somewhere in a list.
    deep = line.startswith(("    ", "\t"))
    text = f"- above\n\n{line}\n" if deep else f"{line}\n"
    return read_note(given.get("path", "note.md"), text.encode(), settings(given)).tasks


def iso(value: date | None) -> str | None:
    return value.isoformat() if value else None


def ours(task: Task) -> Row:
    rule = parse_rule(task.recurrence) if task.recurrence else None
    return {
        "description": task.text,
        "priority": task.priority.value,
        "created": iso(task.created),
        "start": iso(task.start),
        "scheduled": iso(task.scheduled),
        "scheduledIsInferred": "scheduled" in task.inferred,
        "due": iso(task.due),
        "done": iso(task.done),
        "cancelled": iso(task.cancelled),
        "recurrence": rule.text if rule else None,
        "onCompletion": task.on_completion or "",
        "id": task.id or "",
        "dependsOn": list(task.depends_on),
        "tags": list(task.tags),
        "blockLink": f" ^{task.block_id}" if task.block_id else "",
        "happens": iso(task.happens),
        "symbol": task.symbol,
        "type": task.status.value.upper(),
    }


def theirs(expected: Row) -> Row:
    row = {key: None if value == "INVALID" else value for key, value in expected.items()}
    status = row.pop("status") or {"symbol": None, "type": None}
    return row | {"symbol": status["symbol"], "type": status["type"]}


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["id"] not in PASSED_OVER_IDS], ids=lambda row: row["id"]
)
def test_a_line_reads_as_in_the_plugin(row: Row) -> None:
    tasks = read(row["input"])
    assert bool(tasks) == row["expected"]["isTask"]
    if not tasks:
        return
    got, wanted = ours(tasks[0]), theirs(row["expected"])
    if row["id"] == FORWARDED:
        wanted["type"] = "NON_TASK"
    assert got == {key: wanted[key] for key in got}
    if "urgency" in wanted and row["id"] != FORWARDED:
        today = date.fromisoformat(row["input"]["today"])
        assert urgency(tasks[0], today) == pytest.approx(wanted["urgency"], abs=1e-4)


def agrees(row: Row) -> bool:
    tasks = read(row["input"])
    if not tasks or not row["expected"]["isTask"]:
        return bool(tasks) is row["expected"]["isTask"]
    got, wanted = ours(tasks[0]), theirs(row["expected"])
    return got == {key: wanted[key] for key in got}


def test_what_is_passed_over_does_differ() -> None:
    by_id = {row["id"]: row for row in ROWS}
    assert [row_id for row_id in sorted(PASSED_OVER_IDS) if agrees(by_id[row_id])] == []
