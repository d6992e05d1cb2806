"""The plan in plain text, and the words that all its pages share.

Rule: values in, lines out. What comes first is what cannot be kept: due dates at risk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

from mdtasks.dates import format_duration
from mdtasks.model import Block, Kind, Move, Plan, Task, Unplaced
from mdtasks.plan.moves import total_shift
from mdtasks.plan.reasons import day_name
from mdtasks.plan.risk import Load, Outlook, Risk
from mdtasks.plan.wanted import CROWDED_OUT
from mdtasks.render.pen import Cell, Pen, counted
from mdtasks.render.terminal import Show

KIND_STYLES = {Kind.FIXED: "cyan bold", Kind.FOCUS: "bold", Kind.BREAK: "dim", Kind.BUSY: "dim"}
NO_BLOCKS = "No blocks: no open task asks for time in these days."
NO_ROOM = "No blocks: what asks for time in these days has no place."
NOT_AS_WISHED = "Not as you wished"
NOTHING = timedelta(0)


class Page(NamedTuple):
    """What the pages of a plan are made from; `tasks` holds by uid what is named on them."""

    plan: Plan
    tasks: Mapping[str, Task]
    outlook: Outlook
    show: Show
    now: datetime
    why: bool = False


class Day(NamedTuple):
    """One day; where nothing stands on several in a row, all of them: `last` is the last one."""

    load: Load
    last: Load
    free: timedelta
    blocks: tuple[Block, ...]


def plain(page: Page) -> Iterator[str]:
    """Yield the plan as it goes into a pipe: a table a day, nothing cut."""
    pen, show = page.show.pen, page.show
    yield from at_risk(page)
    for number, day in enumerate(days_of(page)):
        if number:
            yield ""
        words = "".join(f" · {words}" for words in head_words(day))
        yield pen.write(day_words(day, show), "bold") + pen.write(words, "dim")
        rows = [_block_row(block, page) for block in day.blocks]
        yield from pen.columns(rows, 2, 1) if rows else ()
    yield from no_blocks(page.plan)
    yield from after_the_days(page)


def at_risk(page: Page) -> Iterator[str]:
    """Yield the due dates that the plan misses, what of the days is not as wished, and an empty
    line behind each."""
    pen = page.show.pen
    if rows := [risk_row(risk, page) for risk in page.outlook.risks]:
        yield from (pen.write("At risk", "bold red"), *pen.columns(rows, 2, 1), "")
    if page.plan.notices:
        yield pen.write(NOT_AS_WISHED, "bold yellow")
        yield from (f"  {pen.write(notice)}" for notice in page.plan.notices)
        yield ""


def after_the_days(page: Page) -> Iterator[str]:
    """Yield what found no place, and what moved."""
    pen = page.show.pen
    rows = [unplaced_row(entry, page) for entry in unplaced(page.plan)]
    if rows:
        yield from ("", pen.write("Does not fit", "bold yellow"), *pen.columns(rows, 2, 0))
    if crowd := crowd_words(page.plan):
        yield from ("", pen.write(crowd, "yellow"))
    moved = [move_row(move, page) for move in page.plan.moved]
    if moved:
        yield from ("", pen.write(moved_words(page.plan), "bold"), *pen.columns(moved, 2, 0))


def _block_row(block: Block, page: Page) -> list[Cell]:
    row: list[Cell] = [
        (times(block, page.show), "dim"),
        (block.title, KIND_STYLES.get(block.kind, "")),
        (format_duration(length(block)), "dim"),
        ("late" if block.late else "", "red"),
        (keys(block, page), "cyan"),
    ]
    return [*row, (block.reason, "dim")] if page.why else row


# Days


def days_of(page: Page) -> Iterator[Day]:
    """Yield the days that have blocks or working time; those in a row without blocks as one."""
    held = {load.date: blocks_on(load.date, page.plan) for load in page.outlook.loads}
    some = [(load, held[load.date]) for load in page.outlook.loads if held[load.date] or load.free]
    for is_busy, run in groupby(some, key=lambda each: bool(each[1])):
        if is_busy:
            yield from (Day(load, load, load.free, blocks) for load, blocks in run)
        else:
            empty = [load for load, _ in run]
            yield Day(empty[0], empty[-1], sum((load.free for load in empty), NOTHING), ())


def no_blocks(plan: Plan) -> Iterator[str]:
    """Yield what is to be said where nothing stands in it but what the calendars hold."""
    if all(block.kind is Kind.BUSY for block in plan.blocks):
        yield from ("", NO_ROOM if plan.unplaced else NO_BLOCKS)


def blocks_on(day: date, plan: Plan) -> tuple[Block, ...]:
    """Return the blocks of the day: those that begin on it, and what of a calendar lies on it.

    Of a plan that is made at night, the first day also holds what began the day before.
    """
    found = []
    for block in plan.blocks:
        if block.kind is Kind.BUSY:
            if part := _part_of(block, day):
                found.append(part)
        elif block.start.date() == day or block.start.date() < day == plan.days[0]:
            found.append(block)
    return tuple(found)


def _part_of(block: Block, day: date) -> Block | None:
    """Return what of the block lies on the day."""
    start = datetime.combine(day, time(), block.start.tzinfo)
    end = datetime.combine(day + timedelta(days=1), time(), block.start.tzinfo)
    start, end = max(start, block.start), min(end, block.end)
    return block._replace(start=start, end=end) if start < end else None


def times(block: Block, show: Show) -> str:
    """Return "09:00–10:30", "all day"."""
    midnight = time()
    whole = block.start.time() == block.end.time() == midnight
    return "all day" if whole else show.times(block)


def day_words(day: Day, show: Show) -> str:
    """Return "Monday 23 November", or "… to …" for several."""
    names = dict.fromkeys(show.day(load.date) for load in (day.load, day.last))
    return " to ".join(names)


def head_words(day: Day) -> list[str]:
    """Return what stands behind the name of the day: focus, free time, what does not fit."""
    words = [load_words(day.load)] if day.blocks else ["nothing planned"]
    words += [f"{format_duration(day.free)} free"] if day.free else ["no free time"]
    if day.load.short:
        words.append(f"{format_duration(day.load.short)} due that day does not fit")
    return words


def load_words(load: Load) -> str:
    """Return "5h10m of 5h focus, over by 10m"."""
    over = load.focus - load.limit
    words = f"{format_duration(load.focus)} of {format_duration(load.limit)} focus"
    return f"{words}, over by {format_duration(over)}" if over > NOTHING else words


# Rows


def length(block: Block) -> timedelta:
    # In UTC: within a zone Python subtracts by the clock on the wall.
    return block.end.astimezone(UTC) - block.start.astimezone(UTC)


def keys(block: Block, page: Page) -> str:
    return " ".join(page.tasks[uid].key for uid in block.tasks if uid in page.tasks)


def risk_row(risk: Risk, page: Page) -> list[Cell]:
    """Return the due date, the task, and where the plan ends with it."""
    task = page.tasks.get(risk.task)
    text, key = (task_text(task), task.key) if task else ("", "")
    ends = f"planned until {moment_words(risk.ends, page)}" if risk.ends else "no place for all"
    return [
        (risk_words(risk, task, page.show), "red"),
        (text, ""),
        (key, "cyan"),
        (ends, "dim"),
    ]


def risk_words(risk: Risk, task: Task | None, show: Show) -> str:
    """Return "due Fri: 2h10m left, 1h20m free"."""
    clock = f" {show.clock(task.due_time)}" if task and task.due_time else ""
    left, free = format_duration(risk.left), format_duration(risk.free)
    return f"due {day_name(risk.day, show.today)}{clock}: {left} left, {free} free"


def unplaced(plan: Plan) -> list[Unplaced]:
    """Return what has no place, but for those that stood no chance, which can be thousands."""
    return [entry for entry in plan.unplaced if entry.reason != CROWDED_OUT]


def crowd_words(plan: Plan) -> str:
    """Return how many stood no chance, "" for none."""
    crowd = len(plan.unplaced) - len(unplaced(plan))
    return f"{counted(crowd, 'more task')}: {CROWDED_OUT}." if crowd else ""


def unplaced_row(entry: Unplaced, page: Page) -> list[Cell]:
    task = page.tasks.get(entry.task)
    text, key = (task_text(task), task.key) if task else ("", "")
    return [(text, ""), (key, "cyan"), (entry.reason, "dim")]


def moved_words(plan: Plan) -> str:
    """Return "Moved 2 of 11 tasks, 35m in all"."""
    shift = total_shift(plan.moved)
    total = f", {format_duration(shift)} in all" if shift else ""
    return f"Moved {len(plan.moved)} of {counted(plan.of, 'task')}{total}"


def move_row(move: Move, page: Page) -> list[Cell]:
    task = page.tasks.get(move.task)
    text, key = (task_text(task), task.key) if task else ("", "")
    return [(text, ""), (key, "cyan"), (move_words(move, page), ""), (move.reason, "dim")]


def move_words(move: Move, page: Page) -> str:
    after = moment_words(move.after, page) if move.after else "no place"
    return f"{moment_words(move.before, page)} → {after}"


def with_reasons(
    rows: Sequence[list[Cell]], reasons: Sequence[Cell], pen: Pen, flexible: int
) -> Iterator[str]:
    """Yield the rows with a reason each: in a pipe as a last column, on a terminal below, whole."""
    if not pen.width:
        pairs = zip(rows, reasons, strict=True)
        yield from pen.columns([[*row, reason] for row, reason in pairs], 2, flexible)
        return
    for line, (words, style) in zip(pen.columns(rows, 2, flexible), reasons, strict=True):
        yield line
        if words:
            yield from pen.wrapped(words, style or "dim", 6)


def moment_words(moment: datetime, page: Page) -> str:
    """Return "today 14:00", "Fri 9:30am"."""
    return f"{day_name(moment.date(), page.show.today)} {page.show.clock(moment)}"


def task_text(task: Task) -> str:
    return task.text or task.source.text.strip()
