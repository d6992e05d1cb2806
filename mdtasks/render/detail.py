"""One task with everything known, for `mdtasks show`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from mdtasks.dates import format_duration
from mdtasks.model import Block, Interval, Priority, Task
from mdtasks.read.log_times import total
from mdtasks.render.pen import Cell, Pen, counted
from mdtasks.render.terminal import Show


@dataclass(frozen=True, slots=True)
class Detail:
    """A task and what surrounds it. `earlier` are closed occurrences of its series, latest
    first; `unplaced` says why the plan has no place for it; `rolled` are the earlier days on
    which it was planned, and `logged` is the time log, with aware moments."""

    task: Task
    parent: Task | None = None
    subtasks: tuple[Task, ...] = ()
    waits_for: tuple[Task, ...] = ()
    earlier: tuple[Task, ...] = ()
    blocks: tuple[Block, ...] = ()
    unplaced: str = ""
    rolled: tuple[date, ...] = ()
    logged: tuple[Interval, ...] = ()


def detail(value: Detail, show: Show, urgency: float) -> Iterator[str]:
    """Yield the line as it stands, its facts, its brief, its history, its place in the plan."""
    pen, task = show.pen, value.task
    yield pen.write(task.text, "bold")
    yield pen.write(f"{task.source.path}:{task.source.line}", "cyan")
    yield pen.write(task.source.text.strip(), "dim")
    yield ""
    yield from pen.columns(
        [[(name, "dim"), (text, "")] for name, text in _facts(value, urgency)], 2, 1
    )
    if task.brief:
        yield from ("", pen.write("Note", "bold"))
        yield from (f"  {pen.write(line)}" for line in task.brief.split("\n"))
    yield from _section("Steps", value.subtasks, pen)
    yield from _section("Waits for", value.waits_for, pen)
    yield from _section("Earlier", value.earlier, pen)
    if value.blocks or value.unplaced:
        yield from ("", pen.write("In the plan", "bold"))
    for block in value.blocks:
        when = f"{show.day(block.start.date())}, {show.times(block)}"
        yield "  " + pen.write(when) + pen.write(f"  {block.reason}", "dim")
    if value.unplaced:
        yield "  " + pen.write(f"no place: {value.unplaced}", "yellow")


def _facts(value: Detail, urgency: float) -> Iterator[tuple[str, str]]:
    task = value.task
    yield "key", task.key
    yield "status", task.status.replace("_", " ")
    if task.priority is not Priority.NONE:
        yield "priority", _said(task, "priority", task.priority)
    for name in ("due", "scheduled", "start", "created", "done", "cancelled"):
        day: date | None = getattr(task, name)
        if day:
            clock = task.due_time if name == "due" else None
            yield name, _said(task, name, f"{day:%a} {day}" + (f" {clock:%H:%M}" if clock else ""))
    if task.begins:
        yield "time", f"{task.begins:%H:%M}" + (f" – {task.ends:%H:%M}" if task.ends else "")
    yield from _lengths(task, value.logged)
    if task.recurrence:
        yield "repeats", task.recurrence
    for name in ("on_completion", "assignee", "pay", "goal", "project", "heading"):
        if text := getattr(task, name):
            yield name.replace("_", " "), _said(task, name, text)
    yield from _handed(task)
    if task.tags:
        yield "tags", " ".join(task.tags)
    if task.id or task.block_id:
        yield "id", task.id or f"^{task.block_id}"
    if (times := len(value.rolled)) > 1:
        yield "planned", f"{times} times, first on {value.rolled[0]:%a} {value.rolled[0]}"
    if value.parent:
        yield "step of", value.parent.text
    yield "urgency", f"{urgency:.1f}"
    yield "uid", task.uid


def _handed(task: Task) -> Iterator[tuple[str, str]]:
    if task.handed:
        yield "handed over", f"{task.handed:%a} {task.handed}"
    if task.rework:
        yield "rework", counted(task.rework, "time")


def _lengths(task: Task, logged: Sequence[Interval]) -> Iterator[tuple[str, str]]:
    if task.estimate:
        yield "estimate", format_duration(task.estimate)
    if logged:
        yield "logged", _spent(logged)


def _spent(intervals: Sequence[Interval]) -> str:
    """Return "1h20m in 3 intervals"; one that has no end yet is named apart."""
    ended = sum(each.end is not None for each in intervals)
    words = [f"{format_duration(total(intervals))} in {ended} interval{'s' * (ended != 1)}"]
    words += [f"running since {each.start:%a %H:%M}" for each in intervals if each.end is None]
    return ", ".join(words if ended else words[1:])


def _said(task: Task, name: str, text: str) -> str:
    return f"{text} (from the note)" if name in task.inferred else text


def _section(title: str, tasks: tuple[Task, ...], pen: Pen) -> Iterator[str]:
    if not tasks:
        return
    yield from ("", pen.write(title, "bold"))
    rows: list[list[Cell]] = [
        [(f"[{task.symbol}]", "dim"), (task.text, ""), (task.key, "cyan"), _closed_on(task)]
        for task in tasks
    ]
    yield from pen.columns(rows, 2, 1)


def _closed_on(task: Task) -> Cell:
    day = task.done or task.cancelled
    return (day.isoformat() if day else "", "dim")
