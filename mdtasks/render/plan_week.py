"""The plan as a grid: the days as columns, the time from top to bottom, the blocks as boxes.

Rule: a box begins on the row of its start and is cut rather than its neighbour; each block has at
least one row. Where the terminal is too narrow, there is no grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from mdtasks.dates import format_duration
from mdtasks.model import Block, Kind
from mdtasks.plan.risk import Load
from mdtasks.render.pen import Cell
from mdtasks.render.plan import Page, after_the_days, at_risk

A_WEEK = 7  # columns in a grid; more days are more grids
PIPE_WIDTH = 100
_GUTTER = 7
_NARROWEST, _WIDEST = 10, 32  # a column, with the space behind it
_TIMED = 20  # from this width on a box says when it begins
_FINE, _COARSE = 15, 30  # minutes a row
_LONG_DAY = 14 * 60
_BREAK = 4  # so many empty rows become one

_STYLES = {
    Kind.FIXED: "black on_cyan",
    Kind.FOCUS: "black on_green",
    Kind.MICRO: "black on_yellow",
    Kind.BREAK: "dim",
    Kind.BUSY: "dim",
}
_NAMES = {Kind.FOCUS: "focus", Kind.MICRO: "small tasks", Kind.FIXED: "a time you wrote"}
_NAMES |= {Kind.BREAK: "break", Kind.BUSY: "busy"}


class _Box(NamedTuple):
    """A block in its column, rows half-open."""

    block: Block
    first: int
    last: int


class _Frame(NamedTuple):
    """The rows of a grid: the minute of the day at which they begin, how long each is, how many."""

    begins: int
    step: int
    rows: int


def grid(page: Page) -> list[str]:
    """Return the lines, [] where the terminal is too narrow or nothing is planned."""
    pen = page.show.pen
    days = [load for load in page.outlook.loads if load.free or _of_day(load.date, page)]
    width = pen.width or PIPE_WIDTH
    columns = min(len(days), A_WEEK)
    if not page.plan.blocks or _GUTTER + columns * _NARROWEST > width + 1:
        return []
    column = min((width + 1 - _GUTTER) // columns, _WIDEST)
    lines = list(at_risk(page))
    for at in range(0, len(days), A_WEEK):
        lines += [""] if at else []
        lines += _week(days[at : at + A_WEEK], column, page)
    return [*lines, *_legend(page), *after_the_days(page)]


def _of_day(day: date, page: Page) -> list[Block]:
    """Return the blocks that touch the day; what ends at midnight does not touch the next one."""
    return [
        block
        for block in page.plan.blocks
        if block.start.date() <= day <= (block.end - timedelta.resolution).date()
    ]


def _legend(page: Page) -> Iterator[str]:
    pen = page.show.pen
    kinds = {block.kind for block in page.plan.blocks}
    shown = [(f" {name} ", _STYLES[kind]) for kind, name in _NAMES.items() if kind in kinds]
    if any(block.late for block in page.plan.blocks):
        shown.append((" late ", "black on_red"))
    if pen.color:
        yield ""
        yield " " * _GUTTER + " ".join(pen.write(name, style) for name, style in shown)


def _week(days: Sequence[Load], column: int, page: Page) -> Iterator[str]:
    pen = page.show.pen
    found = [(load.date, _of_day(load.date, page)) for load in days]
    frame = _frame(found)
    heads = [[(f"{load.date:%a} {load.date.day}", "bold"), _load(load)] for load in days]
    for head in zip(*heads, strict=True):
        yield (" " * _GUTTER + "".join(_cell(cell, column, page) for cell in head)).rstrip(" ")
    drawn = [_column(_boxes(blocks, day, frame), column - 1, page) for day, blocks in found]
    frame = frame._replace(rows=1 + max((row for cells in drawn for row in cells), default=-1))
    empty = 0
    for row_number in range(frame.rows):
        row = [cells.get(row_number) for cells in drawn]
        empty = 0 if any(row) else empty + 1
        if _ends_long_gap(row_number, empty, drawn, frame):
            continue
        label = pen.write(_label(row_number, frame, days[0].date, page), "dim")
        yield (label + "".join(_cell(cell or ("", ""), column, page) for cell in row)).rstrip(" ")


def _ends_long_gap(row: int, empty: int, drawn: Sequence[dict[int, Cell]], frame: _Frame) -> bool:
    """Whether the row is one of a long empty stretch, of which the first stands for all."""
    if empty < 2:
        return False
    ahead = row
    while ahead < frame.rows and not any(ahead in cells for cells in drawn):
        ahead += 1
    return ahead - (row - empty + 1) >= _BREAK


def _frame(found: Sequence[tuple[date, Sequence[Block]]]) -> _Frame:
    if not any(blocks for _, blocks in found):
        return _Frame(0, _FINE, 0)
    pairs = [(day, block) for day, blocks in found for block in blocks]
    # A day in a calendar may be taken from midnight to midnight.
    own = [(day, block) for day, block in pairs if block.kind is not Kind.BUSY] or pairs
    begins = min(_minute(block.start, day) for day, block in own)
    ends = max(_minute(block.end, day) for day, block in own)
    step = _FINE if ends - begins <= _LONG_DAY else _COARSE
    begins -= begins % 60
    return _Frame(begins, step, max(-(-(ends - begins) // step), 1))


def _minute(moment: datetime, day: date) -> int:
    """Return the minute of the day on the clock; what is after its end counts as its end."""
    if moment.date() != day:
        return 0 if moment.date() < day else 24 * 60
    return moment.hour * 60 + moment.minute


def _label(row: int, frame: _Frame, first: date, page: Page) -> str:
    minute = frame.begins + row * frame.step
    now = page.now
    is_now = now.date() == first and minute <= now.hour * 60 + now.minute < minute + frame.step
    hour = minute // 60
    name = f"{hour:02}:00" if page.show.hours == 24 else f"{(hour - 1) % 12 + 1}{'ap'[hour >= 12]}m"
    return f"{name if minute % 60 == 0 else '':<5}{'▶ ' if is_now else '  '}"


def _load(load: Load) -> Cell:
    words = f"{format_duration(load.focus)}/{format_duration(load.limit)}"
    return words, "red" if load.focus > load.limit or load.short else "dim"


# Boxes


def _column(boxes: Sequence[_Box], width: int, page: Page) -> dict[int, Cell]:
    cells: dict[int, Cell] = {}
    for box in boxes:
        rows = box.last - box.first
        style = "black on_red" if box.block.late else _STYLES[box.block.kind]
        title = page.show.pen.plain(box.block.title)
        if width >= _TIMED:
            title = f"{page.show.clock(box.block.start)} {title}"
        texts = _wrapped(title, width - 2, rows)
        for number in range(rows):
            edge = "╶" if rows == 1 else "┌" if not number else "└" if number == rows - 1 else "│"
            cells[box.first + number] = (_padded(f"{edge}{texts[number]}", width), style)
    return cells


def _boxes(blocks: Sequence[Block], day: date, frame: _Frame) -> list[_Box]:
    """Return the blocks of a day with their rows, none on top of another."""
    boxes: list[_Box] = []
    ordered = sorted(blocks, key=lambda block: (_minute(block.start, day), block.end))
    for block in ordered:
        first = (_minute(block.start, day) - frame.begins) // frame.step
        last = round((_minute(block.end, day) - frame.begins) / frame.step)
        if block.kind is Kind.BUSY:
            first, last = max(first, 0), min(last, frame.rows)
            if first >= last:
                continue  # a meeting outside of what is planned
        if boxes:
            before = boxes[-1]
            cut = max(min(before.last, first), before.first + 1)
            boxes[-1] = before._replace(last=cut)
            first = max(first, cut)
        boxes.append(_Box(block, first, max(last, first + 1)))
    return boxes


def _cell(cell: Cell, width: int, page: Page) -> str:
    """Return the cell with its space behind it; text is clean already."""
    text, style = cell
    shown = _fitted(text, width - 1)
    return page.show.pen.write(shown, style) + " " * (width - _wide(shown))


def _wrapped(text: str, width: int, rows: int) -> list[str]:
    """Return `rows` lines of the text, cut with an ellipsis where they do not hold it."""
    lines = [""]
    for word in text.split():
        for piece in _pieces(word, width):
            if lines[-1] and _wide(lines[-1]) + 1 + _wide(piece) <= width:
                lines[-1] += f" {piece}"
            elif lines[-1]:
                lines.append(piece)
            else:
                lines[-1] = piece
    if len(lines) > rows:
        lines[rows - 1] = f"{_fitted(lines[rows - 1], width - 1)}…"
    return [*lines[:rows], *[""] * (rows - len(lines))]


def _pieces(word: str, width: int) -> list[str]:
    if _wide(word) <= width:
        return [word]
    from rich.cells import chop_cells

    return chop_cells(word, width)


def _padded(text: str, width: int) -> str:
    return text + " " * max(width - _wide(text), 0)


def _fitted(text: str, width: int) -> str:
    if _wide(text) <= width:
        return text
    from rich.cells import set_cell_size

    return set_cell_size(text, width)


def _wide(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
