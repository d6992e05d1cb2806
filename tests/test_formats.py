"""What a line and a note mean, row by row, in the words of `--json`.

A row of `cases/formats-*.jsonl` has a `line` and what is expected of its one task, or a `note`
and a list of its tasks; `path` (note.md) and `settings`, as `[read]` and `[statuses]` of
mdtasks.toml say them, where they matter; `problems`, the lines that have one. A field that is
not named in a row must be absent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mdtasks.model import Task
from mdtasks.read.note import read_note
from mdtasks.render.json import task as shape_of
from mdtasks.settings import Config, ReadSettings
from mdtasks.toml.keys import read_config

Row = dict[str, Any]

CASES = Path(__file__).parent / "cases"

ABSENT: Row = {
    "line": 1, "status": "todo", "symbol": " ", "priority": "none", "created": None,
    "start": None, "scheduled": None, "due": None, "due_time": None, "done": None,
    "cancelled": None, "begins": None, "ends": None, "estimate": None, "recurrence": None,
    "on_completion": None, "id": None, "depends_on": [], "tags": [], "block_id": None,
    "parent": None, "depth": 0, "heading": None, "project": None, "goal": None,
    "assignee": None, "pay": None, "handed": None, "rework": 0,
}  # fmt: skip


def rows() -> Iterator[Row]:
    for file in sorted(CASES.glob("formats-*.jsonl")):
        for line in file.read_text("utf-8").split("\n"):
            if line:
                yield json.loads(line)


ROWS = list(rows())


def settings(said: Row) -> ReadSettings:
    table = dict(said)
    statuses = {"statuses": table.pop("statuses")} if "statuses" in table else {}
    return read_config({"read": table, **statuses}, Config()).read


def shape(task: Task) -> Row:
    """Return the task as `--json` gives it; the index has not given it a uid, so a line is its
    parent."""
    given = shape_of(task, 0.0, blocked=False)
    return {"text": task.text} | {key: given[key] for key in ABSENT} | {"parent": task.parent_line}


def expected(row: Row) -> list[Row]:
    wanted = [row["expected"]] if "line" in row else row["expected"]
    stem = row.get("path", "note.md").rpartition("/")[2].rpartition(".")[0]
    return [ABSENT | {"project": stem} | each for each in wanted]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_row_reads_as_written(row: Row) -> None:
    text = row["note"] if "note" in row else row["line"] + "\n"
    note = read_note(row.get("path", "note.md"), text.encode(), settings(row.get("settings", {})))
    got, wanted = [shape(task) for task in note.tasks], expected(row)
    assert [task["text"] for task in got] == [task["text"] for task in wanted]
    for task, meant in zip(got, wanted, strict=True):
        assert {key: task[key] for key in meant if task[key] != meant[key]} == {
            key: meant[key] for key in meant if task[key] != meant[key]
        }
    if "problems" in row:
        assert [problem.line for problem in note.problems] == row["problems"]


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({row["id"] for row in ROWS}) == len(ROWS)
