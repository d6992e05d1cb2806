"""The answer of `mdtasks when`: where a task would land, and what that costs.

Rule: values in, lines out; the cost is never left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from mdtasks.dates import format_duration
from mdtasks.model import Block, Task
from mdtasks.plan.impact import Impact
from mdtasks.plan.reasons import day_name
from mdtasks.render.pen import Cell, counted
from mdtasks.render.plan import length, task_text, with_reasons
from mdtasks.render.terminal import Show

_MOST = 12


class Answer(NamedTuple):
    """What would come of a task that no note has yet.

    `reason` says why there are no blocks. `free` is the working time that would be left before
    `due`; both are None where it is not due within the plan. `fits_on` is the first day on which
    it would be done if it had no due date; None where that is kept, or no such day was found.
    `tasks` holds by uid what the others name.
    """

    task: Task
    understood: str
    blocks: tuple[Block, ...]
    reason: str
    late: bool
    impact: Impact
    due: datetime | None
    free: timedelta | None
    fits_on: date | None
    tasks: Mapping[str, Task]


def when(answer: Answer, show: Show) -> Iterator[str]:
    """Yield what was understood, the blocks, whether it is in time, and what gives way."""
    pen = show.pen
    yield pen.write(task_text(answer.task), "bold")
    yield pen.write(answer.understood or "no date, no estimate", "dim")
    yield ""
    if answer.blocks:
        rows = [_block(block, answer, show) for block in answer.blocks]
        yield from with_reasons(rows, [_reason(block) for block in answer.blocks], pen, 0)
    else:
        yield "  " + pen.write(f"no place: {answer.reason}", "yellow")
    if verdict := list(_verdict(answer, show)):
        yield from ("", *verdict)
    found = answer.impact
    moves: list[list[Cell]] = [
        [*_task(move.task, answer), (_move(move.before, move.after, show), "")]
        for move in found.pushed
    ]
    yield from _section("Would move", moves, show, [(move.reason, "dim") for move in found.pushed])
    yield from _section("Would be late", *_rows(found.late_now, answer, show))
    yield from _section("Would lose its place", *_rows(found.lost, answer, show))
    if answer.blocks and not any(found):
        yield from ("", "Nothing else moves.")


def _block(block: Block, answer: Answer, show: Show) -> list[Cell]:
    return [
        (f"{day_name(block.start.date(), show.today)} {show.times(block)}", ""),
        (format_duration(length(block)), "dim"),
        ("late" if answer.late and block.late else "", "red"),
    ]


def _reason(block: Block) -> Cell:
    others = len(block.tasks) - 1
    company = f"with {counted(others, 'other small task')}" if others else ""
    return ", ".join(filter(None, (block.reason, company))), "dim"


def _verdict(answer: Answer, show: Show) -> Iterator[str]:
    pen = show.pen
    due = f"due {_due(answer.task, show)}" if answer.task.due else ""
    if answer.late:
        yield pen.write(f"Late: {due}.", "bold red")
    elif due and answer.blocks and answer.due:
        yield pen.write(f"In time: {due}.", "green")
    if answer.free is not None and answer.due:
        free = format_duration(answer.free) if answer.free else "no time"
        yield f"Before then {free} would stay free."
    if answer.fits_on and (answer.late or not answer.blocks):
        day = f"{answer.fits_on:%a} {answer.fits_on.day} {answer.fits_on:%b}"
        condition = " if due were later" if answer.late else ""
        yield f"It fits on {day}{condition}."


def _due(task: Task, show: Show) -> str:
    assert task.due
    clock = f" {show.clock(task.due_time)}" if task.due_time else ""
    return f"{task.due:%a} {task.due.day} {task.due:%b}{clock}"


def _move(before: datetime, after: datetime | None, show: Show) -> str:
    return " → ".join(_moment(each, show) if each else "no place" for each in (before, after))


def _moment(moment: datetime, show: Show) -> str:
    return f"{day_name(moment.date(), show.today)} {show.clock(moment)}"


def _rows(
    uids: Collection[str], answer: Answer, show: Show
) -> tuple[list[list[Cell]], Show, list[Cell]]:
    """Return the rows of a section, and the due date of each in the place of a reason."""
    tasks = [answer.tasks.get(uid) for uid in uids]
    dues = [f"due {_due(task, show)}" if task and task.due else "" for task in tasks]
    return [_task(uid, answer) for uid in uids], show, [(due, "dim") for due in dues]


def _task(uid: str, answer: Answer) -> list[Cell]:
    task = answer.tasks.get(uid)
    return [(task_text(task), ""), (task.key, "cyan")] if task else [("", ""), ("", "")]


def _section(
    title: str, rows: Sequence[list[Cell]], show: Show, reasons: Sequence[Cell]
) -> Iterator[str]:
    if not rows:
        return
    yield from ("", show.pen.write(title, "bold yellow"))
    yield from with_reasons(rows[:_MOST], reasons[:_MOST], show.pen, 0)
    if len(rows) > _MOST:
        yield show.pen.write(f"  and {len(rows) - _MOST} more", "dim")
