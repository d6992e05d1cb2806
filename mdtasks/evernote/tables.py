"""The cells of a table, each where it stands.

Rule: pure; what is in a cell is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from mdtasks.evernote.enml import tag_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MOST_COLUMNS, _MOST_ROWS = 100, 1000


def rows_of(table: Element) -> Iterator[list[Element]]:
    for part in table:
        if tag_of(part) == "tr":
            yield [cell for cell in part if tag_of(cell) in ("td", "th")]
        elif tag_of(part) in ("tbody", "thead", "tfoot"):
            for row in part:
                yield [cell for cell in row if tag_of(cell) in ("td", "th")]


def grid_of(table: Element, text_of: Callable[[Element], str]) -> list[list[str]]:
    """Return the texts of the cells; of one that spans others the rest is empty."""
    below: dict[int, int] = {}  # column -> how many more rows a cell from above takes there
    grid = []
    for row in rows_of(table):
        texts: list[str] = []

        def pass_over(texts: list[str] = texts) -> None:
            while below.get(len(texts), 0):
                below[len(texts)] -= 1
                texts.append("")

        for cell in row:
            pass_over()
            wide = _span(cell, "colspan", _MOST_COLUMNS)
            high = _span(cell, "rowspan", _MOST_ROWS)
            for column in range(wide):
                if high > 1:
                    below[len(texts)] = high - 1
                texts.append("" if column else text_of(cell))
        pass_over()
        grid.append(texts)
    return grid


def _span(cell: Element, name: str, most: int) -> int:
    text = cell.get(name, "1")
    return min(max(int(text), 1), most) if re.fullmatch("[0-9]{1,6}", text) else 1
