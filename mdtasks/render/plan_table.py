"""The plan on a terminal: a table a day, with a bar of its load.

Rule: nothing is cut; what does not fit on a line goes on below. Text is cleaned by the pen before
rich gets it, and never read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING

from mdtasks.dates import format_duration
from mdtasks.model import Block, Kind
from mdtasks.render.pen import Cell, Pen
from mdtasks.render.plan import (
    KIND_STYLES,
    NOT_AS_WISHED,
    Day,
    Page,
    crowd_words,
    day_words,
    days_of,
    head_words,
    keys,
    length,
    move_row,
    moved_words,
    no_blocks,
    risk_row,
    times,
    unplaced,
    unplaced_row,
)

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

# On a narrower terminal the title has a line of its own; on a wider one each block is also drawn
# where it stands in the day.
NARROW = 60
WIDE = 110
LONGEST_LINE = 160  # what is further apart no eye follows
MOST = 10  # rows of a list that only tells what is wrong; `--why` and a pipe show all
_LOAD_CELLS = 16
_DAY_CELLS = 40

_BARS = {Kind.FIXED: "cyan", Kind.FOCUS: "green", Kind.MICRO: "yellow"}


def table(page: Page) -> Iterator[str]:
    """Yield the lines, as wide as the pen or less."""
    pen = page.show.pen
    for part in _parts(page):
        yield from _drawn(part, pen)


def _parts(page: Page) -> Iterator[RenderableType]:
    days = list(days_of(page))
    risks = [risk_row(risk, page) for risk in page.outlook.risks]
    yield from _list("At risk", "red", risks, page, after=True)
    notices: list[list[Cell]] = [[(notice, "")] for notice in page.plan.notices]
    yield from _list(NOT_AS_WISHED, "yellow", notices, page, after=True)
    span = _span(page)
    for number, day in enumerate(days):
        if number:
            yield ""
        yield from _head(day, page)
        if day.blocks:
            yield _blocks(day.blocks, span, page)
    yield from no_blocks(page.plan)
    rows = [unplaced_row(entry, page) for entry in unplaced(page.plan)]
    yield from _list("Does not fit", "yellow", rows, page)
    if crowd := crowd_words(page.plan):
        yield from ("", _text([(crowd, "yellow")], page.show.pen))
    moved = [move_row(move, page) for move in page.plan.moved]
    yield from _list(moved_words(page.plan) if moved else "", "", moved, page)


def _drawn(part: RenderableType, pen: Pen) -> Iterator[str]:
    from rich.color import ColorSystem
    from rich.console import Console
    from rich.style import Style

    width = min(pen.width or LONGEST_LINE, LONGEST_LINE)
    console = Console(file=StringIO(), width=width, markup=False, emoji=False, highlight=False)
    colors = ColorSystem.STANDARD if pen.color else None
    for segments in console.render_lines(part, pad=False):
        shown = ((segment.style or Style.null(), segment.text) for segment in segments)
        yield "".join(style.render(text, color_system=colors) for style, text in shown).rstrip(" ")


def _text(cells: Iterable[Cell], pen: Pen, between: str = "  ") -> Text:
    """Return the cells that are not empty, one behind the other."""
    from rich.text import Text

    text = Text(overflow="fold")
    for words, style in cells:
        if words:
            text.append(between if text else "")
            text.append(pen.plain(words), style)
    return text


def _grid() -> Table:
    from rich.table import Table

    return Table.grid(padding=(0, 2, 0, 0))


# Days


def _head(day: Day, page: Page) -> Iterator[RenderableType]:
    """Yield the name of the day and its load; on two lines where one would be too long."""
    pen = page.show.pen
    name: Cell = (day_words(day, page.show), "bold")
    over = day.load.focus > day.load.limit or bool(day.load.short)
    words: Cell = (" · ".join(head_words(day)), "red" if over else "dim")
    bar = _load_bar(day) if day.blocks else []
    line = _text([name, ("".join(text for text, _ in bar), ""), words], pen)
    if pen.width and line.cell_len > min(pen.width, LONGEST_LINE):
        yield _text([name], pen)
        name = ("", "")
    head = _text([name], pen)
    if bar:
        head.append("  " if head else "")
        head.append_text(_text(bar, pen, ""))
    head.append("  " if head else "")
    yield head.append_text(_text([words], pen))


def _load_bar(day: Day) -> list[Cell]:
    """Return the bar of focus against the most there should be; what is over it, in red."""
    focus, limit = day.load.focus, day.load.limit
    whole = max(focus, limit)
    if not whole:
        return []
    filled = round(_LOAD_CELLS * (min(focus, limit) / whole))
    over = _LOAD_CELLS - filled if focus > limit else 0
    return [
        ("█" * filled, "green"),
        ("█" * over, "red"),
        ("░" * (_LOAD_CELLS - filled - over), "dim"),
    ]


def _blocks(blocks: Sequence[Block], span: tuple[float, float], page: Page) -> Table:
    width = page.show.pen.width
    grid = _grid()
    grid.padding = (0, 1, 0, 0)
    grid.add_column(width=1)
    if width and width < NARROW:
        grid.add_column(ratio=1)
        for block in blocks:
            grid.add_row(_mark(block, page), _stacked(block, page))
        return grid
    grid.padding = (0, 2, 0, 0)
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_column(no_wrap=True, justify="right")
    grid.add_column(no_wrap=True)
    grid.expand = True
    if width >= WIDE:
        grid.add_column(no_wrap=True, width=_DAY_CELLS)
    for block in blocks:
        row = [_mark(block, page), _times(block, page), _title(block, page), _length(block, page)]
        row.append(_text(_tail(block, page), page.show.pen))
        grid.add_row(*row, *([_drawn_in_day(block, span, page)] if width >= WIDE else []))
    return grid


def _mark(block: Block, page: Page) -> Text:
    running = block.start <= page.now < block.end
    style = "red" if block.late else _BARS.get(block.kind, "dim")
    return _text([("▶" if running else "▌", style)], page.show.pen)


def _style(block: Block, page: Page) -> str:
    return "dim" if block.end <= page.now else KIND_STYLES.get(block.kind, "")


def _times(block: Block, page: Page) -> Text:
    return _text([(times(block, page.show), _style(block, page) or "dim")], page.show.pen)


def _length(block: Block, page: Page) -> Text:
    return _text([(format_duration(length(block)), "dim")], page.show.pen)


def _tail(block: Block, page: Page) -> list[Cell]:
    """Return the late mark, and the key where there is one; a batch has its keys below."""
    late: Cell = ("late" if block.late else "", "red bold")
    return [late, (keys(block, page) if len(block.tasks) == 1 else "", "cyan")]


def _title(block: Block, page: Page) -> Text:
    """Return the title, below it the keys of a batch, and the reason where it is asked for."""
    below: list[Cell] = [(keys(block, page) if len(block.tasks) > 1 else "", "cyan")]
    below += [(block.reason, "red" if block.late else "dim")] if page.why else []
    return _text([(block.title, _style(block, page)), *below], page.show.pen, "\n")


def _stacked(block: Block, page: Page) -> Text:
    pen = page.show.pen
    head = _text([(times(block, page.show), _style(block, page) or "dim")], pen)
    head.append("  ")
    head.append_text(_length(block, page))
    if tail := _text(_tail(block, page), pen):
        head.append("  ")
        head.append_text(tail)
    head.append("\n")
    return head.append_text(_title(block, page))


# The day as a line


def _span(page: Page) -> tuple[float, float]:
    """Return the hours of a day between which all blocks stand."""
    blocks = [block for block in page.plan.blocks if block.kind is not Kind.BUSY]
    if not blocks:
        return 0.0, 24.0
    return min(_hour(b.start) for b in blocks), max(_hour(b.start) + _hours(b) for b in blocks)


def _hour(moment: datetime) -> float:
    return moment.hour + moment.minute / 60


def _hours(block: Block) -> float:
    return length(block).total_seconds() / 3600


def _drawn_in_day(block: Block, span: tuple[float, float], page: Page) -> Text:
    first, last = span
    cell = max(last - first, 1.0) / _DAY_CELLS
    start = _hour(block.start)
    begins = min(max(int((start - first) / cell), 0), _DAY_CELLS - 1)
    ends = round((start + _hours(block) - first) / cell)
    cells = min(max(ends - begins, 1), _DAY_CELLS - begins)
    style = "red" if block.late else _BARS.get(block.kind, "dim")
    line = _text([("·" * begins, "dim"), ("━" * cells, style)], page.show.pen, "")
    line.append("·" * (_DAY_CELLS - begins - cells), "dim")
    return line


# Lists


def _list(
    title: str, style: str, rows: Sequence[list[Cell]], page: Page, after: bool = False
) -> Iterator[RenderableType]:
    """Yield the title and the rows, an empty line before or after; of many only the first."""
    if not rows:
        return
    pen = page.show.pen
    shown = rows if page.why else rows[:MOST]
    if not after:
        yield ""
    yield _text([(title, f"bold {style}")], pen)
    yield from _items(shown, pen)
    if len(shown) < len(rows):
        yield _text([(f"  and {len(rows) - len(shown)} more: mdtasks plan --why", "dim")], pen)
    if after:
        yield ""


def _items(rows: Sequence[list[Cell]], pen: Pen) -> Iterator[RenderableType]:
    """Yield the rows in columns; on a narrow terminal as words that run on."""
    from rich.padding import Padding

    if pen.width and pen.width < NARROW:
        yield from (Padding(_text(row, pen), (0, 0, 0, 2)) for row in rows)
        return
    grid = _grid()
    for row in rows:
        grid.add_row(*(_text([cell], pen) for cell in row))
    yield Padding(grid, (0, 0, 0, 2))
