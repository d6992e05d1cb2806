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
from typing import TYPE_CHECKING

from mdtasks.model import Block, Edit, Move, Plan, Problem, Rolled, Task, Unplaced

if TYPE_CHECKING:
    from mdtasks.plan.risk import Load, Outlook, Risk
    from mdtasks.plan.rivals import Contest
    from mdtasks.render.plan_when import Answer
    from mdtasks.render.praise import Progress

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
        "handed": _day(task.handed),
        "rework": task.rework,
    }


def plan(plan: Plan, outlook: Outlook) -> Shape:
    return {
        "blocks": [block(each) for each in plan.blocks],
        "unplaced": [_unplaced(unplaced) for unplaced in plan.unplaced],
        "moves": plan.moves,
        "at_risk": [_risk(risk) for risk in outlook.risks],
        "load": [_load(load) for load in outlook.loads],
        "moved": [_move(move) for move in plan.moved],
        "of": plan.of,
        "notices": list(plan.notices),
    }


def _risk(risk: Risk) -> Shape:
    return {
        "task": risk.task,
        "due": _day(risk.day),
        "left": _minutes(risk.left),
        "free": _minutes(risk.free),
    }


def _load(load: Load) -> Shape:
    return {
        "date": _day(load.date),
        "focus": _minutes(load.focus),
        "limit": _minutes(load.limit),
    }


def _move(move: Move) -> Shape:
    return {
        "task": move.task,
        "before": _moment(move.before),
        "after": _moment(move.after) if move.after else None,
        "reason": move.reason,
    }


def why(value: Contest) -> Shape:
    """Return all about one task in the plan."""
    return {
        "task": value.task.uid,
        "blocks": [block(each) for each in value.place],
        "unplaced": value.no_place or None,
        "facts": dict(value.facts),
        "rivals": [{**block(rival.block), "why": rival.why} for rival in value.rivals],
    }


def when(answer: Answer, task: Shape) -> Shape:
    """Return where a task would land; `task` is made by `task`."""
    found = answer.impact
    return {
        "task": task,
        "understood": answer.understood,
        "blocks": [block(each) for each in answer.blocks],
        "reason": answer.reason or None,
        "late": answer.late,
        "pushed": [
            {"task": m.task, "before": _moment(m.before), "after": m.after and _moment(m.after)}
            for m in found.pushed
        ],
        "late_now": list(found.late_now),
        "lost": list(found.lost),
        "free": None if answer.free is None else _minutes(answer.free),
        "fits_on": _day(answer.fits_on),
    }


def today(
    day: date,
    blocks: Iterable[Block],
    micro: Iterable[Shape],
    overdue: int,
    done: Iterable[Shape],
    unplaced: Iterable[Unplaced],
    rolled: Iterable[Rolled],
    decide: Iterable[str],
    progress: Progress | None = None,
) -> Shape:
    """Return the day; `micro` and `done` are made by `task`."""
    return {
        "date": _day(day),
        "blocks": [block(each) for each in blocks],
        "micro": list(micro),
        "overdue": overdue,
        "done": list(done),
        "unplaced": [_unplaced(each) for each in unplaced],
        "rolled": [
            {"task": each.task, "times": each.times, "since": _day(each.since)} for each in rolled
        ],
        "decide": list(decide),
        "progress": {**progress._asdict(), "praise": list(progress.praise)} if progress else None,
    }


def next_steps(
    length: timedelta, until: datetime | None, what: str, tasks: Iterable[Shape]
) -> Shape:
    """Return the time there is, until when and what; `tasks` are made by `task`."""
    return {
        "minutes": _minutes(length),
        "until": _moment(until) if until else None,
        "what": what or None,
        "tasks": list(tasks),
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


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _clock(clock: time | None) -> str | None:
    return None if clock is None else clock.isoformat("minutes")


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
