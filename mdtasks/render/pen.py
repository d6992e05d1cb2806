"""Text for a terminal or a pipe: cleaned, coloured, in columns.

Rule: every word that comes from a note passes through `Pen.write` on its way out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mdtasks.render.clean import for_terminal

# ECMA-48, section 8.3.117: Select Graphic Rendition.
_CODES = {"bold": 1, "dim": 2, "strike": 9, "red": 31, "green": 32, "yellow": 33, "cyan": 36}

# Latin letters, dashes, quotes and our own signs take one column each; to know that of others
# takes rich's tables, which `mdtasks today` in many a vault need not load.
_NARROW = re.compile(r"[ -~\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u25b6]*")

# In a pipe nothing is cut, but one line of 60,000 letters must not stretch ten thousand others.
_WIDEST = 160

Cell = tuple[str, str]  # text, styles separated by spaces


class Pen(NamedTuple):
    """Writes for one output: is it a terminal, does it take colours, how wide is it (0: any)."""

    tty: bool = False
    color: bool = False
    width: int = 0

    def write(self, text: str, style: str = "") -> str:
        """Return `text` on one line, without control characters."""
        return self._styled(self._clean(text), style)

    def _styled(self, clean: str, style: str) -> str:
        if not (self.color and style and clean):
            return clean
        codes = ";".join(str(_CODES[name]) for name in style.split())
        return f"\x1b[{codes}m{clean}\x1b[0m"

    def columns(
        self, rows: Sequence[Sequence[Cell]], indent: int = 0, flexible: int = 0
    ) -> list[str]:
        """Return the rows as lines, in columns; on a terminal the `flexible` one is cut to fit."""
        cleaned = [[(self._clean(text), style) for text, style in row] for row in rows]
        widths = [max(_width(text) for text, _ in column) for column in zip(*cleaned, strict=True)]
        if self.width and widths:
            over = indent + sum(widths) + 2 * (len(widths) - 1) - self.width
            widths[flexible] = max(min(widths[flexible], 12), widths[flexible] - max(over, 0))
        else:
            widths = [min(width, _WIDEST) for width in widths]
        return [" " * indent + self._row(row, widths) for row in cleaned]

    def _row(self, row: Iterable[Cell], widths: Sequence[int]) -> str:
        cells = []
        for (text, style), width in zip(row, widths, strict=True):
            wide = _width(text)
            if self.width and wide > width:
                text = _cut(text, width)
                wide = _width(text)
            cells.append(self._styled(text, style) + " " * (width - wide))
        return "  ".join(cells).rstrip(" ")

    def _clean(self, text: str) -> str:
        if text.isascii() and text.isprintable():
            return text
        return for_terminal(text.replace("\n", " ").replace("\t", " "), self.tty)


def _width(text: str) -> int:
    """Return how many columns a terminal gives the text."""
    if text.isascii() or _NARROW.fullmatch(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _cut(text: str, width: int) -> str:
    from rich.cells import set_cell_size

    return set_cell_size(text, width - 1).rstrip(" ") + "…"
