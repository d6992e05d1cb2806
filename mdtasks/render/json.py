"""The shapes of `--json`: a promise to scripts. Keys are only ever added.

Rule: each function gives plain values in the order of the documentation; `envelope` makes the
one text that is printed. Dates are ISO 8601, moments carry their offset, durations are whole
minutes, what is absent is null and never missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from mdtasks.model import Block, Edit, Plan, Problem, Task, Unplaced

SCHEMA = 1

Shape = dict[str, object]


def envelope(now: datetime, vault: str, **body: object) -> str:
    """Return the object as one line of ASCII, without a line break at the end.

    ASCII, because notes are hostile and pipes have many encodings: control and bidi characters
    only ever get out as escapes, and any locale can print it. A byte that was no UTF-8 (a lone
    surrogate) becomes U+FFFD: escaped it would be JSON that strict parsers refuse.
    """
    everything = {"schema": SCHEMA, "now": _moment(now), "vault": vault, **body}
    return re.sub(r"[^ -~]+", _escaped, json.dumps(everything, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    return json.dumps(re.sub("[\ud800-\udfff]", "\ufffd", match[0]))[1:-1]


def task(task: Task, urgency: float, blocked: bool) -> Shape:
    return {
        "uid": task.uid,
        "key": task.key,
        "path": task.source.path,
        "line": task.source.line,
        "text": task.text,
        "status": task.status.value,
        "symbol": task.symbol,
        "priority": task.priority.value,
        "created": _day(task.created),
        "start": _day(task.start),
        "scheduled": _day(task.scheduled),
        "due": _day(task.due),
        "due_time": _clock(task.due_time),
        "done": _day(task.done),
        "cancelled": _day(task.cancelled),
        "begins": _clock(task.begins),
        "ends": _clock(task.ends),
        "estimate": None if task.estimate is None else task.estimate // timedelta(minutes=1),
        "recurrence": task.recurrence,
        "on_completion": task.on_completion,
        "id": task.id,
        "depends_on": list(task.depends_on),
        "tags": list(task.tags),
        "block_id": task.block_id,
        "parent": task.parent,
        "depth": task.depth,
        "heading": task.heading,
        "project": task.project,
        "goal": task.goal,
        "assignee": task.assignee,
        "pay": task.pay,
        "urgency": round(urgency, 2),
        "blocked": blocked,
    }


def plan(plan: Plan) -> Shape:
    return {
        "blocks": [block(each) for each in plan.blocks],
        "unplaced": [_unplaced(unplaced) for unplaced in plan.unplaced],
        "moves": plan.moves,
    }


def today(
    day: date,
    blocks: Iterable[Block],
    micro: Iterable[Shape],
    overdue: int,
    done: Iterable[Shape],
    unplaced: Iterable[Unplaced],
) -> Shape:
    """Return the day; `micro` and `done` are made by `task`."""
    return {
        "date": _day(day),
        "blocks": [block(each) for each in blocks],
        "micro": list(micro),
        "overdue": overdue,
        "done": list(done),
        "unplaced": [_unplaced(each) for each in unplaced],
    }


def changed(edits: Iterable[Edit]) -> Shape:
    return {
        "changed": [
            {"path": e.path, "line": e.line, "before": e.before, "after": list(e.after)}
            for e in edits
        ]
    }


def problems(problems: Iterable[Problem]) -> Shape:
    return {
        "problems": [
            {"path": p.path, "line": p.line, "message": p.message, "hint": p.hint} for p in problems
        ]
    }


def block(block: Block) -> Shape:
    return {
        "start": _moment(block.start),
        "end": _moment(block.end),
        "kind": block.kind.value,
        "title": block.title,
        "tasks": list(block.tasks),
        "reason": block.reason,
        "late": block.late,
    }


def _unplaced(unplaced: Unplaced) -> Shape:
    return {"task": unplaced.task, "reason": unplaced.reason}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _clock(clock: time | None) -> str | None:
    return None if clock is None else clock.isoformat("minutes")


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
