"""Text for a terminal or a pipe: cleaned, coloured, in columns.

Rule: every word that comes from a note passes through `Pen.write` on its way out.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple

from mdtasks.render.clean import for_terminal

# ECMA-48, section 8.3.117: Select Graphic Rendition.
_CODES = {
    "bold": 1,
    "dim": 2,
    "strike": 9,
    "black": 30,
    "red": 31,
    "green": 32,
    "yellow": 33,
    "cyan": 36,
    "on_red": 41,
    "on_green": 42,
    "on_yellow": 43,
    "on_cyan": 46,
}

# Latin letters, dashes, quotes and our own signs take one column each; to know that of others
# takes rich's tables, which `mdtasks today` in many a vault need not load.
_NARROW = re.compile(r"[ -~\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u25b6]*")

# On a narrow terminal the words keep a third, and so much; another column so much, or it goes.
_NARROWEST, _STUB = 12, 4

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
        return self._styled(self.plain(text), style)

    def _styled(self, clean: str, style: str) -> str:
        if not (self.color and style and clean):
            return clean
        codes = ";".join(str(_CODES[name]) for name in style.split())
        return f"\x1b[{codes}m{clean}\x1b[0m"

    def wrapped(self, text: str, style: str = "", indent: int = 0) -> list[str]:
        """Return the text as lines; on a terminal it is broken between words to fit."""
        plain, room = self.plain(text), max(self.width - indent, 1)
        lines = [plain] if not self.width or _width(plain) <= room else _broken(plain, room)
        return [" " * indent + self._styled(line, style) for line in lines]

    def headed(self, title: str, figures: str) -> list[str]:
        """Return a heading and what it comes to: on one line, or on two where that is too long."""
        if self.width and _width(title) + 3 + _width(figures) > self.width:
            return [*self.wrapped(title, "bold"), *self.wrapped(figures, "dim")]
        return [self.write(title, "bold") + self.write(f" · {figures}", "dim")]

    def columns(
        self,
        rows: Sequence[Sequence[Cell]],
        indent: int = 0,
        flexible: int = 0,
        spare: int | None = None,
    ) -> list[str]:
        """Return the rows as lines, in columns; on a terminal the `flexible` one is cut to fit,
        and where that is not enough, others go: first the `spare` one, of bars, which get
        shorter all alike before."""
        columns = [*zip(*rows, strict=True)]
        # The same few words stand in most columns: each is looked at once.
        cleaned = [{cell: self.plain(cell[0]) for cell in column} for column in columns]
        widths = [max(map(_width, texts.values())) for texts in cleaned]
        if self.width and widths:
            faint = {n for n, texts in enumerate(cleaned) if {s for _, s in texts} <= {"dim", ""}}
            fitted = _fitted(widths, self.width - indent, flexible, faint, spare)
        else:
            fitted = {n: min(width, _WIDEST) for n, width in enumerate(widths)}
        if spare in fitted and fitted[spare] < widths[spare]:
            part = fitted[spare] / widths[spare]
            cleaned[spare] = {c: bar[: round(len(bar) * part)] for c, bar in cleaned[spare].items()}
        shown = [
            map(self._padded(cleaned[n], fitted[n]).__getitem__, columns[n]) for n in sorted(fitted)
        ]
        return [" " * indent + "  ".join(row).rstrip(" ") for row in zip(*shown, strict=True)]

    def _padded(self, cleaned: Mapping[Cell, str], width: int) -> dict[Cell, str]:
        """Return the cells of a column as they are shown."""
        padded = {}
        for cell, text in cleaned.items():
            wide = _width(text)
            if self.width and wide > width:
                text = _cut(text, width)
                wide = _width(text)
            padded[cell] = self._styled(text, cell[1]) + " " * (width - wide)
        return padded

    def plain(self, text: str) -> str:
        """Return `text` on one line, without control characters and without style."""
        if text.isascii() and text.isprintable():
            return text
        return for_terminal(text.replace("\n", " ").replace("\t", " "), self.tty)


def counted(number: int, one: str, many: str = "") -> str:
    """Return "1 note", "2 notes"; `many` where an s is not enough."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def _width(text: str) -> int:
    """Return how many columns a terminal gives the text."""
    if text.isascii() or _NARROW.fullmatch(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _fitted(
    widths: Sequence[int], room: int, flexible: int, faint: Container[int], spare: int | None
) -> dict[int, int]:
    """Return how wide each column is that stays.

    The flexible one gives way first, as far as it can be read, then the spare one, then the faint
    ones, the last first, then the flexible one again, and then the others.
    """
    fitted = dict(enumerate(widths))
    over = sum(widths) + 2 * (len(widths) - 1) - room
    turns = sorted(set(fitted) - {flexible}, key=lambda n: (n != spare, n not in faint, -n))
    last_faint = sum(n in faint or n == spare for n in turns)
    turns = [flexible, *turns[:last_faint], flexible, *turns[last_faint:]]
    least = {flexible: max(_NARROWEST, room // 3)}
    for column in turns:
        if over <= 0:
            break
        keeps = min(fitted[column], max(fitted[column] - over, least.pop(column, _STUB)))
        if column != flexible and fitted[column] - over < keeps:
            over -= fitted.pop(column) + 2
        else:
            over -= fitted[column] - keeps
            fitted[column] = keeps
    # What went too far is room again.
    fitted[flexible] = max(min(widths[flexible], fitted[flexible] - over), 1)
    return fitted


def _broken(text: str, room: int) -> list[str]:
    """Return the words on as many lines as they need."""
    lines: list[str] = []
    for word in text.split(" "):
        short = _cut(word, room) if _width(word) > room else word
        if lines and _width(lines[-1]) + 1 + _width(short) <= room:
            lines[-1] += f" {short}"
        else:
            lines.append(short)
    return lines


def _cut(text: str, width: int) -> str:
    from rich.cells import set_cell_size

    return set_cell_size(text, width - 1).rstrip(" ") + "…"
