"""What the reading commands show a person.

Rule: values in, lines out; all text goes through the pen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

from mdtasks.dates import format_duration
from mdtasks.model import Block, Edit, Kind, Plan, Priority, Task, Today, Unplaced
from mdtasks.render.pen import Cell, Pen

_UNPLACED_SHOWN = 5
_DONE_SHOWN = 8
_PRIORITY_STYLE = {Priority.HIGHEST: "red bold", Priority.HIGH: "red", Priority.MEDIUM: "yellow"}
_KIND_STYLE = {Kind.FIXED: "cyan bold", Kind.FOCUS: "bold", Kind.MICRO: "", Kind.BREAK: "dim"}


class Show(NamedTuple):
    """How to show: the pen, the day it is, the clock's hours (24 or 12)."""

    pen: Pen
    today: date
    hours: int = 24

    def clock(self, moment: datetime | time) -> str:
        if self.hours == 24:
            return f"{moment:%H:%M}"
        return f"{moment:%I:%M}{'am' if moment.hour < 12 else 'pm'}".lstrip("0")

    def times(self, block: Block) -> str:
        return f"{self.clock(block.start)}–{self.clock(block.end)}"

    def day(self, day: date) -> str:
        name = f"{day:%A} {day.day} {day:%B}"
        return name if day.year == self.today.year else f"{name} {day.year}"


def today(value: Today, tasks: Mapping[str, Task], show: Show, now: datetime) -> Iterator[str]:
    """Yield the day: blocks in time order, small tasks, what does not fit, what is done.

    `tasks` holds, by uid, every task that the day names.
    """
    pen = show.pen
    yield pen.write(show.day(value.date), "bold") + pen.write(_summary(value), "dim")
    if value.blocks:
        yield ""
        yield from _blocks(value.blocks, tasks, show, now)
    if value.micro:
        yield ""
        yield pen.write("Small tasks", "bold")
        yield from pen.columns([_task_row(task, show) for task in value.micro], 2, 1)
    yield from _left_over(value, tasks, show)
    if value.done:
        yield ""
        yield pen.write(f"Done so far: {len(value.done)}", "bold green")
        rows = [[("[x]", "green"), (task.text, "dim")] for task in value.done[:_DONE_SHOWN]]
        yield from pen.columns(rows, 2, 1)
        if len(value.done) > _DONE_SHOWN:
            yield pen.write(f"  and {len(value.done) - _DONE_SHOWN} more", "dim")
    if not (value.blocks or value.micro or value.overdue):
        yield ""
        yield "Nothing is open. Write `- [ ] something` in any note, or enjoy the day."


def today_plain(value: Today, tasks: Mapping[str, Task], show: Show) -> Iterator[str]:
    """Yield one line a block or task, without headings, colours or reasons."""
    pen = show.pen
    for block in value.blocks:
        keys = " ".join(tasks[uid].key for uid in block.tasks if uid in tasks)
        yield pen.write(f"{show.times(block)} {block.title} ({keys})")
    for task in value.micro:
        yield pen.write(f"[{task.symbol}] {task.text} ({task.key})")
    for task in value.done:
        yield pen.write(f"[{task.symbol}] {task.text}")


def _summary(value: Today) -> str:
    planned = sum((block.end - block.start for block in value.blocks), timedelta())
    parts = (
        [f"{format_duration(planned)} in {_count(len(value.blocks), 'block')}"] if planned else []
    )
    if value.micro:
        parts.append(_count(len(value.micro), "small task"))
    return "".join(f" · {part}" for part in parts)


def _blocks(
    blocks: Sequence[Block], tasks: Mapping[str, Task], show: Show, now: datetime
) -> Iterator[str]:
    """Yield a row a block, and its reason below the title."""
    pen = show.pen
    rows = [_block_row(block, tasks, show, now) for block in blocks]
    indent = " " * max(len(show.times(block)) + 3 for block in blocks)
    for block, row in zip(blocks, pen.columns(rows, 0, 1), strict=True):
        yield row
        if block.reason:
            yield indent + pen.write(block.reason, "red" if block.late else "dim")


def _block_row(block: Block, tasks: Mapping[str, Task], show: Show, now: datetime) -> list[Cell]:
    running = block.start <= now < block.end
    style = "dim" if block.end <= now else _KIND_STYLE[block.kind]
    task = tasks.get(block.tasks[0]) if len(block.tasks) == 1 else None
    return [
        (("▶" if running else " ") + show.times(block), style or "dim"),
        (block.title, style),
        (format_duration(block.end - block.start), "dim"),
        (task.key if task else "", "cyan"),
        (_note(task) if task else "", "dim"),
    ]


def _task_row(task: Task, show: Show) -> list[Cell]:
    length = format_duration(task.estimate) if task.estimate else ""
    return [
        (f"[{task.symbol}]", "dim"),
        (task.text or task.source.text.strip(), _PRIORITY_STYLE.get(task.priority, "")),
        (length, "dim"),
        (task.key, "cyan"),
        _when(task, show.today),
        (_note(task), "dim"),
    ]


def _when(task: Task, today: date) -> Cell:
    """Return the date that presses most."""
    if task.due:
        return f"due {_short(task.due, today)}", "red" if task.due < today else ""
    if task.scheduled:
        return _short(task.scheduled, today), "dim"
    return "", ""


def _short(day: date, today: date) -> str:
    distance = (day - today).days
    if distance in (-1, 0, 1):
        return ("yesterday", "today", "tomorrow")[distance + 1]
    if 1 < distance < 7:
        return f"{day:%a}"
    return f"{day:%d %b}".lstrip("0") + ("" if day.year == today.year else f" {day.year}")


def _left_over(value: Today, tasks: Mapping[str, Task], show: Show) -> Iterator[str]:
    pen = show.pen
    if value.unplaced:
        yield ""
        yield pen.write("Does not fit", "bold yellow")
        rows = [_unplaced_row(entry, tasks) for entry in value.unplaced[:_UNPLACED_SHOWN]]
        yield from pen.columns(rows, 2, 0)
        if len(value.unplaced) > _UNPLACED_SHOWN:
            yield pen.write(
                f"  and {len(value.unplaced) - _UNPLACED_SHOWN} more: mdtasks plan", "dim"
            )
    if value.overdue:
        yield ""
        day = "today" if value.date == show.today else value.date.isoformat()
        query = f"(due before {day}) OR (scheduled before {day})"
        words = f'{_count(value.overdue, "overdue task")} more: mdtasks list "{query}"'
        yield pen.write(words, "yellow")


def _unplaced_row(entry: Unplaced, tasks: Mapping[str, Task]) -> list[Cell]:
    task = tasks.get(entry.task)
    text, key = (task.text, task.key) if task else ("", "")
    return [(text, ""), (key, "cyan"), (entry.reason, "dim")]


def _note(task: Task) -> str:
    # Not a PurePosixPath: a list may have ten thousand rows.
    return task.source.path.rpartition("/")[2].rpartition(".")[0]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def listing(groups: Sequence[tuple[Sequence[str], Sequence[Task]]], show: Show) -> Iterator[str]:
    """Yield the groups of a query, each under its headings."""
    pen = show.pen
    shown: Sequence[str] = ()
    for headings, tasks in groups:
        for level, heading in enumerate(headings):
            if list(headings[: level + 1]) != list(shown[: level + 1]):
                if shown and not level:
                    yield ""
                yield " " * (2 * level) + pen.write(heading, "bold")
        shown = headings
        yield from pen.columns([_task_row(task, show) for task in tasks], 2 * len(headings), 1)


def plan(value: Plan, tasks: Mapping[str, Task], show: Show, why: bool) -> Iterator[str]:
    """Yield the blocks, a table a day, then what has no place and what moved."""
    pen = show.pen
    by_day = groupby(value.blocks, key=lambda block: block.start.date())
    for number, (day, found) in enumerate(by_day):
        blocks = list(found)
        if number:
            yield ""
        focus = sum((b.end - b.start for b in blocks if b.kind is not Kind.BUSY), timedelta())
        yield pen.write(show.day(day), "bold") + pen.write(f" · {format_duration(focus)}", "dim")
        yield from pen.columns([_plan_row(block, tasks, show, why) for block in blocks], 2, 1)
    if not value.blocks:
        yield "No blocks: no open task asks for time in these days."
    if value.unplaced:
        yield ""
        yield pen.write("Does not fit", "bold yellow")
        yield from pen.columns([_unplaced_row(entry, tasks) for entry in value.unplaced], 2, 0)
    if value.moves:
        yield ""
        yield pen.write(f"{_count(value.moves, 'task')} moved against the last plan.", "dim")


def _plan_row(block: Block, tasks: Mapping[str, Task], show: Show, why: bool) -> list[Cell]:
    keys = " ".join(tasks[uid].key for uid in block.tasks if uid in tasks)
    row: list[Cell] = [
        (show.times(block), "dim"),
        (block.title, _KIND_STYLE.get(block.kind, "")),
        (format_duration(block.end - block.start), "dim"),
        ("late" if block.late else "", "red"),
        (keys, "cyan"),
    ]
    return [*row, (block.reason, "dim")] if why else row


def changes(edits: Sequence[Edit], pen: Pen) -> Iterator[str]:
    """Yield what a command changed: the lines that went and those that came."""
    for edit in edits:
        yield pen.write(f"{edit.path}:{edit.line}", "cyan")
        if edit.before:
            yield pen.write(f"- {edit.before.strip()}", "red")
        for line in edit.after:
            yield pen.write(f"+ {line.strip()}", "green")
