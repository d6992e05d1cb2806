"""What the reading commands show a person.

Rule: values in, lines out; all text goes through the pen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from mdtasks.dates import format_duration
from mdtasks.model import Block, Edit, Kind, Priority, Rolled, Task, Today, Unplaced
from mdtasks.render.pen import Cell, Pen, counted
from mdtasks.render.praise import balance, praise, progress

_UNPLACED_SHOWN = 5
_DONE_SHOWN = 8
ROLLED_FROM = 2  # once is nothing to speak of
_PRIORITY_STYLE = {Priority.HIGHEST: "red bold", Priority.HIGH: "red", Priority.MEDIUM: "yellow"}
_KIND_STYLE = {Kind.FIXED: "cyan bold", Kind.FOCUS: "bold", Kind.MICRO: ""}
_KEPT_FREE = frozenset({Kind.BREAK, Kind.BUSY})


class Show(NamedTuple):
    """How to show: the pen, the day it is, the clock's hours (24 or 12), and whether to say how
    far the day is."""

    pen: Pen
    today: date
    hours: int = 24
    praise: bool = True

    def clock(self, moment: datetime | time) -> str:
        if self.hours == 24:
            return f"{moment:%H:%M}"
        return f"{moment:%I:%M}{'am' if moment.hour < 12 else 'pm'}".lstrip("0")

    def times(self, block: Block) -> str:
        if block.kind is Kind.BUSY and block.start.time() == block.end.time() == time(0):
            return "all day"  # they are cut at midnight
        return f"{self.clock(block.start)}–{self.clock(block.end)}"

    def near(self, day: date) -> str:
        return _short(day, self.today)

    def day(self, day: date) -> str:
        name = f"{day:%A} {day.day} {day:%B}"
        return name if day.year == self.today.year else f"{name} {day.year}"

    def days(self, first: date, last: date) -> str:
        return self.day(last) if first == last else f"{self.day(first)} to {self.day(last)}"


def today(value: Today, tasks: Mapping[str, Task], show: Show, now: datetime) -> Iterator[str]:
    """Yield the day: blocks in time order, small tasks, what does not fit, what is done.

    `tasks` holds, by uid, every task that the day names.
    """
    pen = show.pen
    rolled = {each.task: rolled_words(each) for each in value.rolled if each.times >= ROLLED_FROM}
    yield from _head(show.day(value.date), summary(value), pen)
    if value.blocks:
        yield ""
        yield from _blocks(value.blocks, tasks, rolled, show, now)
    yield from _decide(value.decide, tasks, rolled, pen)
    if small := [*_asks(value), *value.micro]:
        yield ""
        yield pen.write("Small tasks", "bold")
        yield from pen.columns([*_small_rows(small, rolled, show)], 2, 1)
    yield from _left_over(value, tasks, rolled, show)
    yield from _waiting(value, show)
    if value.done:
        yield ""
        yield pen.write(f"Done so far: {len(value.done)}", "bold green")
        rows = [[("[x]", "green"), (task.text, "dim")] for task in value.done[:_DONE_SHOWN]]
        yield from pen.columns(rows, 2, 1)
        if len(value.done) > _DONE_SHOWN:
            yield from pen.wrapped(f"and {len(value.done) - _DONE_SHOWN} more", "dim", 2)
    if not (_work(value.blocks) or small or value.overdue or value.waiting or value.unplaced):
        yield ""
        yield from pen.wrapped(
            "Nothing is open. Write `- [ ] something` in any note, or enjoy the day."
        )
    if show.praise and value.date == show.today:
        yield from _how_far(value, tasks, pen)


def _how_far(value: Today, tasks: Mapping[str, Task], pen: Pen) -> Iterator[str]:
    found = progress(value, tasks)
    if words := balance(found):
        yield ""
        yield from pen.wrapped(words, "dim")
    if words := praise(found):
        yield from pen.wrapped(words, "green")


def not_as_wished(notices: Sequence[str], pen: Pen) -> Iterator[str]:
    """Yield what the person wished of the days and the plan could not do, as one remark."""
    if not notices:
        return
    first = f"Not as you wished: {notices[0]}"
    more = f"; {len(notices) - 1} more: mdtasks plan" if notices[1:] else ""
    yield ""
    yield from pen.wrapped(first + more, "dim")


def today_plain(value: Today, tasks: Mapping[str, Task], show: Show) -> Iterator[str]:
    """Yield one line a block or task, without headings, colours or reasons."""
    pen = show.pen
    for block in value.blocks:
        keys = " ".join(tasks[uid].key for uid in block.tasks if uid in tasks)
        words = f"{block.title} ({keys})" if keys else block.title
        yield pen.write(f"{show.times(block)} {words}")
    for task in (*_asks(value), *value.micro):
        yield pen.write(f"[{task.symbol}] {task.text} ({task.key})")
    yield from _waiting_plain(value, show)
    for task in value.done:
        yield pen.write(f"[{task.symbol}] {task.text}")


def _asks(value: Today) -> tuple[Task, ...]:
    """Return what to ask others about, as small tasks of one's own."""
    if not value.asked:
        return ()
    from mdtasks.render.handed import to_ask

    return to_ask(value.asked)


def _head(day: str, summary: Sequence[str], pen: Pen) -> Iterator[str]:
    """Yield the day and what it holds, on one line where there is room for it."""
    words = " · ".join(summary)
    if pen.width and len(day) + len(words) + 3 > pen.width:
        yield from pen.wrapped(day, "bold")
        yield from pen.wrapped(words, "dim")
    else:
        yield pen.write(day, "bold") + pen.write(f" · {words}" if words else "", "dim")


def _work(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks without those that are kept free, such as lunch and meetings."""
    return [block for block in blocks if block.kind not in _KEPT_FREE]


def summary(value: Today) -> list[str]:
    work = _work(value.blocks)
    planned = sum((block.end - block.start for block in work), timedelta())
    parts = [f"{format_duration(planned)} in {counted(len(work), 'block')}"] if planned else []
    if small := len(value.asked) + len(value.micro):
        parts.append(counted(small, "small task"))
    return parts


def _blocks(
    blocks: Sequence[Block],
    tasks: Mapping[str, Task],
    rolled: Mapping[str, str],
    show: Show,
    now: datetime,
) -> Iterator[str]:
    """Yield a row a block, and its reason below the title."""
    pen = show.pen
    rows = [_block_row(block, tasks, show, now) for block in blocks]
    indent = max(len(show.times(block)) + 3 for block in blocks)
    for block, row in zip(blocks, pen.columns(rows, 0, 1), strict=True):
        yield row
        if block.reason:
            yield from pen.wrapped(block.reason, "red" if block.late else "dim", indent)
        # Of a batch, each task says so itself.
        if len(block.tasks) == 1 and (words := rolled.get(block.tasks[0])):
            yield from pen.wrapped(words, "yellow", indent)


def rolled_words(each: Rolled) -> str:
    return f"planned {counted(each.times, 'time')}"


def _decide(
    uids: Sequence[str], tasks: Mapping[str, Task], rolled: Mapping[str, str], pen: Pen
) -> Iterator[str]:
    """Yield the tasks that moved on too often, and what to type for the first of them."""
    if not uids:
        return
    yield ""
    yield from pen.wrapped("Decide: split, postpone, hand over or drop", "bold yellow")
    asked = [tasks[uid] for uid in uids]
    yield from pen.columns(
        [[(task.text, ""), (task.key, "cyan"), (rolled[task.uid], "yellow")] for task in asked], 2
    )
    rows = [[(f"mdtasks {verb}", ""), (words, "dim")] for verb, words in _choices(asked[0].key)]
    yield from pen.columns(rows, 4)


def _choices(key: str) -> Iterator[tuple[str, str]]:
    yield f"split {key}", "into steps of minutes"
    yield f'postpone {key} "next week"', "or another day"
    yield f"hand {key} NAME", "to somebody else"
    yield f"cancel {key}", "to drop it"


def _block_row(block: Block, tasks: Mapping[str, Task], show: Show, now: datetime) -> list[Cell]:
    running = block.start <= now < block.end
    style = "dim" if block.end <= now else _KIND_STYLE.get(block.kind, "dim")
    task = tasks.get(block.tasks[0]) if len(block.tasks) == 1 else None
    return [
        (("▶" if running else " ") + show.times(block), style or "dim"),
        (block.title, style),
        (format_duration(block.end - block.start), "dim"),
        (task.key if task else "", "cyan"),
        (note_name(task) if task else "", "dim"),
    ]


def task_row(task: Task, show: Show) -> list[Cell]:
    length = format_duration(task.estimate) if task.estimate else ""
    return [
        (f"[{task.symbol}]", "dim"),
        (task.text or task.source.text.strip(), _PRIORITY_STYLE.get(task.priority, "")),
        (length, "dim"),
        (task.key, "cyan"),
        pressing(task, show.today),
        (note_name(task), "dim"),
    ]


def _small_rows(
    tasks: Sequence[Task], rolled: Mapping[str, str], show: Show
) -> Iterator[list[Cell]]:
    """Yield the rows; where some were planned before, all have a column for it before the note."""
    said = [(rolled.get(task.uid, ""), "yellow") for task in tasks]
    more = any(text for text, _ in said)
    for task, cell in zip(tasks, said, strict=True):
        *row, note = task_row(task, show)
        yield [*row, cell, note] if more else [*row, note]


def pressing(task: Task, today: date) -> Cell:
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


def _left_over(
    value: Today, tasks: Mapping[str, Task], rolled: Mapping[str, str], show: Show
) -> Iterator[str]:
    pen = show.pen
    if value.unplaced:
        yield ""
        yield pen.write("Does not fit", "bold yellow")
        rows = [_unplaced_row(entry, tasks, rolled) for entry in value.unplaced[:_UNPLACED_SHOWN]]
        yield from pen.columns(rows, 2, 0)
        if len(value.unplaced) > _UNPLACED_SHOWN:
            more = len(value.unplaced) - _UNPLACED_SHOWN
            yield from pen.wrapped(f"and {more} more: mdtasks plan", "dim", 2)
    if value.overdue:
        yield ""
        day = "today" if value.date == show.today else value.date.isoformat()
        query = f"(due before {day}) OR (scheduled before {day})"
        words = f'{counted(value.overdue, "overdue task")} more: mdtasks list "{query}"'
        yield from pen.wrapped(words, "yellow")


def _waiting(value: Today, show: Show) -> Iterator[str]:
    """Yield what others have, and when to ask them."""
    if not value.waiting:
        return
    from mdtasks.plan.handed import spellings
    from mdtasks.render.handed import TITLE, is_past, more, when

    names = spellings(task.assignee or "" for task in (*value.waiting, *value.asked))
    rows: list[list[Cell]] = [
        [
            (names[task.assignee or ""], "bold"),
            (task.text, ""),
            (task.key, "cyan"),
            (when(task, show.near), "red" if is_past(task, show.today) else ""),
            (note_name(task), "dim"),
        ]
        for task in value.waiting
    ]
    yield ""
    yield show.pen.write(TITLE, "bold")
    yield from show.pen.columns(rows, 2, 1)
    if value.waiting_more:
        yield from show.pen.wrapped(f"and {more(value)}", "dim", 2)


def _waiting_plain(value: Today, show: Show) -> Iterator[str]:
    if not value.waiting:
        return
    from mdtasks.render.handed import more, when

    for task in value.waiting:
        words = f"waiting for {task.assignee}: {task.text} ({task.key})"
        yield show.pen.write(f"{words}, {when(task, show.near)}")
    if value.waiting_more:
        yield show.pen.write(f"waiting for {more(value)}")


def _unplaced_row(
    entry: Unplaced, tasks: Mapping[str, Task], rolled: Mapping[str, str]
) -> list[Cell]:
    task = tasks.get(entry.task)
    text, key = (task.text, task.key) if task else ("", "")
    words = [entry.reason, rolled.get(entry.task, "")]
    return [(text, ""), (key, "cyan"), (", ".join(filter(None, words)), "dim")]


def note_name(task: Task) -> str:
    # Not a PurePosixPath: a list may have ten thousand rows.
    return task.source.path.rpartition("/")[2].rpartition(".")[0]


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
        yield from pen.columns([task_row(task, show) for task in tasks], 2 * len(headings), 1)


def changes(edits: Sequence[Edit], pen: Pen) -> Iterator[str]:
    """Yield what a command changed: the lines that went and those that came."""
    for edit in edits:
        if edit.after == (edit.before,):
            continue  # it stands beside one that went
        yield pen.write(f"{edit.path}:{edit.line}", "cyan")
        if edit.before:
            yield pen.write(f"- {edit.before.strip()}", "red")
        for line in edit.after:
            yield pen.write(f"+ {line.strip()}", "green")
