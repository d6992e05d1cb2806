"""A fast reading of what most notes are made of: lists, paragraphs, headings, fences, HTML, quotes.

It does what markdown-it-py's block rules do, in their order (table, code, fence, quote, rule,
list, reference, HTML, heading, paragraph), and keeps only what an outline needs: how far each
open list item is indented, and whether a paragraph is open.

Rule: never guess. On anything that is not certain, UnsureError.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mdtasks.read.blocks import BOX, Box, Outline, TooDeepError, heading_of

# Deeper quotes are left to markdown-it-py; deeper lists would take it many seconds.
MAX_QUOTES = 50
MAX_LISTS = 1000

# What a line starts with that is a list item, or that may end a paragraph.
_MARKS = frozenset("-+*0123456789")
_ACTIVE = _MARKS | frozenset("#>`~<=_")
_HEADING = re.compile(r"(#{1,6})(?=[ \t]|$)(.*)")
_FENCE = re.compile(r"(`{3,})[^`]*$|(~{3,})")
_THEMATIC_BREAK = re.compile(r"(?:-[ \t]*+){3,}+|(?:\*[ \t]*+){3,}+|(?:_[ \t]*+){3,}+")
_UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*")
_MARKER = re.compile(
    r"(?!(?:-[ \t]*+){3,}+$|(?:\*[ \t]*+){3,}+$)(?:[-+*]|([0-9]{1,9})[.)])([ \t]+|$)(.*)"
)
# The second line of a table, or nearly.
_DELIMITERS = re.compile(r"[ \t]*(?:[|:]|-(?![ \t]))[-|: \t]+")
# A line that can be cut at after a blank one: at column 0, and no list item that is a table's
# first line where no list is open.
CUT = re.compile(r"[^ \t\n0-9*+-]|[0-9*+-](?:[^|\n]*+(?!\|)|.*+\n(?![ \t]*+(?:[|:]|-(?![ \t]))))")
# The start of a paragraph that cannot be the start of a link reference definition.
_NO_REFERENCE = re.compile(r"\[[^\[\]\\]*(?:\[|\](?!:))")

# CommonMark 0.31 section 4.6: what opens an HTML block, and what ends it (None: a blank line).
_TAGS = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details"
    "|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head"
    "|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p"
    "|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul"
)
_RAW = re.compile(r"</(?a:script|pre|style|textarea)>.*+", re.IGNORECASE)
BLANK_LINE = re.compile(r"\n(?=[ \t]*+\n)")
_HTML: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (re.compile(rf"</?(?a:{_TAGS})(?=\s|/?>|$)", re.IGNORECASE), BLANK_LINE),
    (re.compile(r"<!--"), re.compile(r"-->.*+")),
    (re.compile(r"<(?a:script|pre|style|textarea)(?=\s|>|$)", re.IGNORECASE), _RAW),
    (re.compile(r"<\?"), re.compile(r"\?>.*+")),
    (re.compile(r"<![A-Za-z]"), re.compile(r">.*+")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>.*+")),
)
# A line that may be a single tag of any other name: an HTML block where no paragraph is open.
_LONE_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*[\s/>](?:.*>)?\s*")


class UnsureError(Exception):
    """This piece needs markdown-it-py."""


@dataclass(slots=True)
class _Item:
    """An open list item: the column of its content; which of the new boxes is its own."""

    indent: int
    box: int | None = None


class Scan:
    """Reads `lines`, which are numbered from `first`, into `found`.

    After an UnsureError, `safe` is the last line before which everything had ended, `found` holds
    what stands above it, and `line` is where the scan stopped. `read` goes on behind the piece.
    """

    def __init__(
        self,
        lines: Sequence[str],
        first: int = 0,
        found: Outline | None = None,
        quotes: int = 0,
    ) -> None:
        self.lines = lines
        self.first = first
        self.found = found or Outline()
        self.safe = 0
        self.line = 0
        self.is_open = False  # a fence or HTML block may run on past the last line
        self._quotes = quotes
        self._items: list[_Item] = []
        self._paragraph: int | None = None  # the line that the open paragraph starts on
        self._empty = False  # the innermost item has only its marker so far
        # What came since the safe line; a box has its end when its item is closed.
        self._boxes: list[Box] = []
        self._html: list[tuple[int, int]] = []
        self._heading: str | None = None

    def read(self, line: int) -> None:
        """Read from `line`, before which everything has ended, to the end."""
        lines, stop = self.lines, len(self.lines)
        self._restart(line)
        after_blank = False
        while line < stop:
            text = lines[line]
            start = text.lstrip(" \t")
            if not start:
                self._paragraph = None
                if self._empty:
                    # An item that begins with a blank line has ended there.
                    self._leave(self._items[-1].indent - 1, line)
                after_blank = True
                line += 1
                continue
            space = len(text) - len(start)
            if after_blank:
                after_blank = False
                if not space and CUT.match(text):
                    self._leave(0, line)
                    self._keep(line)
            if self._paragraph is None or start[0] in _ACTIVE or "|" in text:
                self.line = line
                if "|" in text and self._is_table(line):
                    raise UnsureError("table")
                column = column_behind(text[:space]) if space else 0
                line = self._read_line(line, column, start)
            else:
                line += 1
        self._leave(0, stop)
        self._keep(stop)

    def _restart(self, line: int) -> None:
        self.safe = line
        self._items.clear()
        self._boxes.clear()
        self._html.clear()
        self._heading = self.found.heading
        self._paragraph, self._empty = None, False

    def _keep(self, line: int) -> None:
        """Make this line the safe one."""
        self.safe = line
        self.found.boxes += self._boxes
        self.found.html += self._html
        self._boxes.clear()
        self._html.clear()
        self.found.heading = self._heading

    def _is_table(self, line: int) -> bool:
        return line + 1 < len(self.lines) and bool(_DELIMITERS.fullmatch(self.lines[line + 1]))

    def _leave(self, column: int, line: int) -> None:
        """Close the items that a block at this column is not inside of."""
        items = self._items
        while items and column < items[-1].indent:
            index = items.pop().box
            if index is not None:
                box = self._boxes[index]
                self._boxes[index] = Box(box.line, self.first + line, box.depth, box.heading)
        self._empty = False

    def _read_line(self, line: int, column: int, text: str) -> int:
        """Read a line that is not blank; return the line to go on with."""
        items = self._items
        indent = items[-1].indent if items else 0
        marker = _MARKER.match(text) if text[0] in _MARKS else None
        if self._paragraph is not None:
            if column >= indent + 4:
                return line + 1
            if column >= indent and text[0] in "=-" and _UNDERLINE.fullmatch(text):
                self._underline(self._paragraph, line)
                return line + 1
            if not (self._is_item(marker, column) if marker else _interrupts(text)):
                return line + 1
            self._paragraph = None
        if column < indent or self._empty:
            self._leave(column, line)
            indent = items[-1].indent if items else 0
        if column >= indent + 4:
            return line + 1  # indented code
        if marker:
            return self._item(line, column, text, marker)
        return self._block(line, text)

    def _is_item(self, marker: re.Match[str], column: int) -> bool:
        """Whether the marker ends the open paragraph; it is not indented as code."""
        if column >= (self._items[-1].indent if self._items else 0):
            # CommonMark 0.31 section 5.3: only a list that starts with 1, and not an empty item.
            return marker[3] != "" and (marker[1] is None or int(marker[1]) == 1)
        # Left of the innermost item's text, but not so far right that it is no item of its list.
        return column < (self._items[-2].indent if len(self._items) > 1 else 0) + 4

    def _underline(self, start: int, line: int) -> None:
        """Make a heading of the open paragraph, which starts on line `start`."""
        self._paragraph = None
        if not self._items:
            self._head("\n".join(self.lines[start:line]))
            return
        item = self._items[-1]
        if item.box is not None and self._boxes[item.box].line == self.first + start:
            self._boxes.pop()
            item.box = None

    def _head(self, content: str) -> None:
        if not self._quotes:
            self._heading = heading_of(content)

    def _item(self, line: int, column: int, text: str, marker: re.Match[str] | None) -> int:
        """Read the list items that start on this line, and what the last of them holds."""
        items = self._items
        while marker:
            column += marker.start(2)
            behind = column + 1
            text = marker[3]
            column = column_behind(marker[2], column)
            # CommonMark 0.31 section 5.2: after five spaces it is indented code.
            if column > behind + 3 or not text:
                items.append(_Item(behind))
                self._empty = not text
                return line + 1
            items.append(_Item(column))
            if len(items) > MAX_LISTS:
                raise TooDeepError
            marker = _MARKER.match(text) if text[0] in _MARKS else None
        if text[0].isspace():
            # markdown-it-py takes more than spaces and tabs off a paragraph's ends.
            raise UnsureError("space")
        if box := BOX.match(text):
            if box[0][-1].isspace() or box[1] == "\\":
                raise UnsureError("box")
            items[-1].box = len(self._boxes)
            first = self.first + line
            self._boxes.append(Box(first, first + 1, len(items) - 1, self._heading))
            self._paragraph = line
            return line + 1
        return self._block(line, text)

    def _block(self, line: int, text: str) -> int:
        """Read the line as the start of a block that is no list."""
        first = text[0]
        if first in "`~" and (fence := _FENCE.match(text)):
            return self._fence(line, fence[1] or fence[2])
        if first == ">":
            return self._quote(line)
        if first in "-*_" and _THEMATIC_BREAK.fullmatch(text):
            return line + 1
        if first == "<" and (stop := self._html_block(line, text)):
            return stop
        if first == "#" and (heading := _HEADING.match(text)):
            if not self._items:
                self._head(without_closing_marks(heading[2]))
            return line + 1
        if first == "[" and not _NO_REFERENCE.match(text):
            raise UnsureError("reference")
        self._paragraph = line
        return line + 1

    def _fence(self, line: int, marks: str) -> int:
        """Return the line behind the fence that opens on `line`."""
        indent = self._items[-1].indent if self._items else 0
        for number in range(line + 1, len(self.lines)):
            text = self.lines[number]
            start = text.lstrip(" \t")
            if not start:
                continue
            column = column_behind(text[: len(text) - len(start)])
            if column < indent:
                return number
            closes = start.startswith(marks) and not start.rstrip(" \t").strip(marks[0])
            if closes and column < indent + 4:
                return number + 1
        self.is_open = not self._items
        return len(self.lines)

    def _html_block(self, line: int, text: str) -> int | None:
        """Return the line behind the HTML block that opens on `line`, if one does."""
        closer = html_closer(text, 0)
        if closer is None:
            if _LONE_TAG.fullmatch(text):
                raise UnsureError("tag")
            return None
        stop = line + 1 if closer.search(text) else self._end_of_html(line, closer)
        self._html.append((self.first + line, self.first + stop))
        return stop

    def _end_of_html(self, line: int, closer: re.Pattern[str]) -> int:
        indent = self._items[-1].indent if self._items else 0
        for number in range(line + 1, len(self.lines)):
            text = self.lines[number]
            start = text.lstrip(" \t")
            if not start:
                if closer is BLANK_LINE:
                    return number
                continue
            if column_behind(text[: len(text) - len(start)]) < indent:
                return number
            if closer.search(start):
                return number + 1
        self.is_open = not self._items
        return len(self.lines)

    def _quote(self, line: int) -> int:
        """Read the quote that opens on `line`; return the line behind it.

        Only the plain kind: every line starts with `>` at column 0, none is continued without.
        """
        lines, stop = self.lines, line
        while stop < len(lines) and lines[stop].startswith(">"):
            stop += 1
        if self._items or stop == line or self._quotes >= MAX_QUOTES:
            raise UnsureError("quote in a list")
        rows, quotes = lines[line:stop], self._quotes + 1
        if any("\t" in row for row in rows):
            # A tab's stop counts from the line's start; markdown-it-py loses it in inner quotes.
            rows, quotes = [row.expandtabs(4) for row in rows], MAX_QUOTES
            if self._quotes or any("[\t]" in row for row in self.lines[line:stop]):
                raise UnsureError("tab in quotes")
        rows = [row[2:] if row.startswith("> ") else row[1:] for row in rows]
        blank_end = not rows[-1].strip(" ")
        if blank_end and not "".join(rows[-2:]).strip(" "):
            # There markdown-it-py reaches over the quote's end.
            raise UnsureError("quote with a blank end")
        if stop < len(lines) and not self._ends_quote(lines[stop], blank_end):
            raise UnsureError("quote goes on")
        quote = Scan(rows, self.first + line, Outline(heading=self._heading), quotes)
        quote.read(0)
        self._boxes += quote.found.boxes
        self._html += quote.found.html
        return stop

    def _ends_quote(self, text: str, blank_end: bool) -> bool:
        """Whether this line behind a quote is certainly outside."""
        start = text.lstrip(" \t")
        if not start or blank_end:
            return not start.startswith(">")
        column = column_behind(text[: len(text) - len(start)])
        if column >= 4 or start[0] == ">":
            return False
        return _interrupts(start) or _MARKER.match(start) is not None


def _interrupts(text: str) -> bool:
    """Whether this line ends an open paragraph, lists apart; it is not indented as code."""
    first = text[0]
    if first == ">":
        return True
    if first == "#":
        return _HEADING.match(text) is not None
    if first in "`~":
        return _FENCE.match(text) is not None
    if first == "<":
        return html_closer(text, 0) is not None
    return first in "-*_" and _THEMATIC_BREAK.fullmatch(text) is not None


def html_closer(text: str, at: int) -> re.Pattern[str] | None:
    """Return what ends the HTML block that opens at `at`, if one does that may also stand right
    behind a paragraph: a blank line, or up to the end of a line."""
    for opener, closer in _HTML:
        if opener.match(text, at):
            return closer
    return None


def column_behind(space: str, start: int = 0) -> int:
    """Return the column behind `space`, which begins at column `start`. A tab goes to the next
    multiple of four."""
    if "\t" not in space:
        return start + len(space)
    return start - start % 4 + len((" " * (start % 4) + space).expandtabs(4))


def without_closing_marks(text: str) -> str:
    """Return a heading's text without the `#` that may close it."""
    text = text.rstrip(" \t")
    rest = text.rstrip("#")
    return rest if rest[-1:] in {"", " ", "\t"} else text
