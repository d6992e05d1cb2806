"""Which lines of a note are tasks, as markdown-it-py would say, nearly as fast as a scan.

Two patterns run through the text: one stops at what may be a box, one at headings and at what
reaches over blank lines. Between such stops and blank lines lie pieces, in which everything that
begins also ends. A piece with a box is read by `lists`; one that is not certain by `scan`, line by
line; what that does not know by markdown-it-py. All else is passed over.

Rule: text in, line numbers out. Lines count from 0 here and end at \\n, \\r\\n and \\r only.
"""

from __future__ import annotations

import re
from itertools import repeat

from mdtasks.read.blocks import Box, Outline, TooDeepError, heading_of, outside_of_comments
from mdtasks.read.lists import read_rows
from mdtasks.read.pieces import read_piece
from mdtasks.read.scan import BLANK_LINE, CUT, html_closer, without_closing_marks

__all__ = ["Box", "Outline", "TooDeepError", "may_hold_boxes", "outline"]

_LINE_END = re.compile(r"\r\n|\r")

# Literals first: such patterns run through a text many times faster. Comments and the marks of
# sections are looked for only where there are any.
_GATE = re.compile(rb"\[(?:[\x00-\x7f]|[\xc2-\xf4][\x80-\xbf]{1,3})\][ \t]")
_MAYBE = re.compile(r"\[.\][ \t]")
_MAYBE_MORE = re.compile(r"\[.\][ \t]|%%|mdtasks:")

# What stands at column 0 ends everything before it, unless that is an HTML block; of the rest,
# `scan` must find out whether it is a heading, or whether it reaches over blank lines. The first
# group has little to say that the others do not: it is there to turn most lines down soon.
_STEP = re.compile(
    r"""\n(?![^\#`~<=\ -]|-\ [^\ \t\n]|\ [^\#<`~=\ -]|\ {0,3}+\#++[^\ \t\n])
    (?:(\#{1,6}+(?=[ \t\n])(?:[^|\n]*+(?=\n)|.*+(?!\n[ \t]*+(?:[|:]|-(?![ \t])))))  # 1: a heading
    |(`{3,}+(?=[^`|\n]*+\n)|~{3,}+(?=[^|\n]*+\n))     # 2: a fence
    |(<)(?=[^|\n]*+\n)                               # 3: HTML, perhaps
    |\ {0,3}+(?:[<\#]|```|~~~)                        # in doubt, for instance as tables go first
    |(?<=[^\n]\n)\ {0,3}+(?:=++|-++)[ \t]*+\n)
    """,
    re.VERBOSE,
)
_HEADING, _FENCE, _HTML = 1, 2, 3

_CLOSING_FENCES = {mark: re.compile(rf"\n {{0,3}}+({mark}{{3,}}+)[ \t]*+(?=\n)") for mark in "`~"}
_QUOTE = re.compile(r"\n> ?")


def may_hold_boxes(data: bytes) -> bool:
    """Whether there is anything in a note that looks like a box."""
    return _GATE.search(data) is not None


def outline(text: str) -> Outline:
    """Return the boxes of a text without front matter, in the order of their lines.

    Of the HTML blocks, those without `mdtasks:` may be missing, and what is behind the last box.
    Raises TooDeepError where lists or quotes nest deeper than some thousand levels.
    """
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
    if not text.endswith("\n"):
        above, end, last = text.rpartition("\n")
        text = f"{text}\n" if last.strip(" \t") else above + end
    return _Pieces(f"\n{text}").read()


class _Pieces:
    """Reads a text that starts and ends with a newline. A place in it is that of a newline and
    stands for the line behind it.

    Before `_safe` everything is read or has ended; line `_line` is at `_counted`.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._last = len(text) - 1
        self._found = Outline()
        self._heading: re.Match[str] | None = None  # the last one, where `_found` has not got it
        # A single letter is found faster.
        self._comments = "%" in text and "%%" in text
        self._sections = "<" in text and "mdtasks:" in text
        self._marks: list[int] = []
        self._safe = 0
        self._line = self._counted = 0

    def read(self) -> Outline:
        text, steps = self._text, _STEP.search
        maybes = (_MAYBE_MORE if self._comments or self._sections else _MAYBE).search
        step, maybe = steps(text), maybes(text)
        while maybe:
            at = maybe.start()
            if not step or at < step.start():
                safe = self._read_piece(at, step)
            elif step.lastindex == _HEADING and not self._comments:
                self._heading = step
                safe = step.end()
            else:
                safe = self._go(step)
            self._safe = safe
            if step and step.start() < safe:
                step = steps(text, safe)
            if at < safe:
                maybe = maybes(text, safe)
        if self._comments:
            self._found.boxes = outside_of_comments(self._found.boxes, self._marks)
        return self._found

    def _go(self, step: re.Match[str]) -> int:
        """Return the place behind what `step` found; no piece is before it that holds a box."""
        text, kind, start = self._text, step.lastindex, step.start()
        if kind == _HEADING:
            if "%%" in step[_HEADING]:
                self._heading = None
                self._count(start)
                return self._read_slowly(start, step.end())
            self._heading = step
            return step.end()
        if kind == _FENCE:
            return _end_of_fence(text, step.end(), step[_FENCE])
        if kind == _HTML and (closer := html_closer(text, start + 1)):
            return self._end_of_html(start, closer)
        return self._read_piece(start, step)

    def _read_piece(self, at: int, step: re.Match[str] | None) -> int:
        """Read the piece that holds `at`; `step` is the next one, if there is any. Return the
        place behind the piece."""
        start = self._start_of_piece(at)
        end = step.start() if step else self._last
        stop = self._next_cut(at, end)
        certain = stop < end or not step or self._is_certain(step)
        if not certain:
            stop = self._next_cut(stop, self._last)
        self._count(start)
        if self._heading:
            heading = self._heading[_HEADING].lstrip("#")
            self._found.heading = heading_of(without_closing_marks(heading))
            self._heading = None
        if certain and self._read_rows(start, stop):
            return stop
        return self._read_slowly(start, stop)

    def _is_certain(self, step: re.Match[str]) -> bool:
        kind = step.lastindex
        if kind == _HTML:
            return html_closer(self._text, step.start() + 1) is not None
        return kind is not None

    def _count(self, place: int) -> int:
        """Return the number of the line at `place`."""
        self._line += self._text.count("\n", self._counted, place)
        self._counted = place
        return self._line

    def _start_of_piece(self, at: int) -> int:
        """Return the last cut up to `at`."""
        text, end = self._text, at + 1
        while (blank := text.rfind("\n\n", self._safe, end)) >= 0:
            if CUT.match(text, blank + 2):
                return blank + 1
            end = blank + 1
        return self._safe

    def _next_cut(self, at: int, end: int) -> int:
        """Return the first cut behind `at`, `end` where there is none before it."""
        text = self._text
        while (at := text.find("\n\n", at, end)) >= 0:
            at += 1
            if CUT.match(text, at + 1):
                return at
        return end

    def _end_of_html(self, start: int, closer: re.Pattern[str]) -> int:
        """Return the end of the HTML block that starts at `start`; keep its lines."""
        text = self._text
        closed = closer.search(text, start + 1)
        end = self._last
        if closed:
            end = closed.start() if closer is BLANK_LINE else closed.end()
        if self._sections or self._comments:
            line = self._count(start)
            if text.find("mdtasks:", start, end) >= 0:
                self._found.html.append((line, self._count(end)))
            if text.find("%%", start, end) >= 0:
                self._mark(line, start, end)
        return end

    def _read_rows(self, start: int, stop: int) -> bool:
        """Read the piece, if it is a plain one."""
        text, line = self._text, self._line
        if text[start + 1] == ">":
            if (quoted := _unquoted(text[start:stop])) is None:
                return False
            rows = read_rows(quoted, 1, len(quoted), line)
        else:
            rows = read_rows(text, start + 1, stop + 1, line)
        if rows is None:
            return False
        if self._comments and text.find("%%", start, stop) >= 0:
            if text.find("`", start, stop) >= 0:
                return False
            self._mark(line, start, stop)
        if rows.lines:
            # As Box() does, twice as fast.
            columns = zip(*rows, repeat(self._found.heading))
            self._found.boxes += map(tuple.__new__, repeat(Box), columns)
        return True

    def _mark(self, line: int, start: int, stop: int) -> None:
        """Keep the lines of all `%%` between two places; the first is that of line `line`."""
        for number, row in enumerate(self._text[start + 1 : stop].split("\n"), line):
            self._marks += [number] * row.count("%%")

    def _read_slowly(self, start: int, stop: int) -> int:
        """Read a piece of any kind; return its end, which is the text's where none is sooner."""
        piece = self._text[start + 1 : stop]
        found = Outline(heading=self._found.heading)
        marks: list[int] | None = [] if self._comments and "%%" in piece else None
        if read_piece(piece.split("\n"), self._line, found, marks) and stop < self._last:
            return self._read_slowly(start, self._last)
        self._marks += marks or ()
        self._found.boxes += found.boxes
        self._found.html += found.html
        self._found.heading = found.heading
        return stop


def _end_of_fence(text: str, at: int, marks: str) -> int:
    """Return the end of the line that closes the fence, or of the text."""
    closing = _CLOSING_FENCES[marks[0]]
    while found := closing.search(text, at):
        at = found.end()
        if len(found[1]) >= len(marks):
            return at
    return len(text) - 1


def _unquoted(piece: str) -> str | None:
    """Return what a quote holds, its lines and those before it; None if that is not certain.

    Only the plain kind: every line starts with `>` at column 0, and the last one is not blank.
    """
    quote = piece.rstrip("\n") + "\n"
    if "\t" in quote:
        # A tab's stop counts from the line's start.
        if "[\t]" in quote:
            return None
        quote = quote.expandtabs(4)
    if quote.count("\n>") + 1 != quote.count("\n"):
        return None
    quote = _QUOTE.sub("\n", quote)
    # Behind a blank end, markdown-it-py reaches over the quote's own.
    return None if quote[:-1].rstrip(" ").endswith("\n") else quote
