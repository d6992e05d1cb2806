"""Which lines of a note are tasks, as markdown-it-py would say, nearly as fast as a scan.

The text is cut where every list, quote and paragraph has ended. `scan` reads the pieces line by
line; a piece that it does not fully understand goes to markdown-it-py.

Rule: text in, line numbers out. Lines count from 0 here and end at \\n, \\r\\n and \\r only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mdtasks.read.blocks import (
    Box,
    Outline,
    TooDeepError,
    collect,
    ends_open,
    parse,
    without_comments,
)
from mdtasks.read.scan import CUT, Scan, UnsureError

__all__ = ["Box", "Outline", "TooDeepError", "outline"]

_LINE_END = re.compile(r"\r\n|\r")

# What a piece must hold to say anything: a box, a section's mark, a heading, or what may start a
# fence or an HTML block. Those two alone reach over a cut.
_TELLING = re.compile(
    r"\[[^\n]\][ \t]|mdtasks:|^[ \t]*(?:#|<|```|~~~|=+[ \t]*$|-+[ \t]*$)", re.MULTILINE
)


def outline(text: str) -> Outline:
    """Return the boxes of a text without front matter, in the order of their lines.

    Of the HTML blocks, those without `mdtasks:` may be missing.
    Raises TooDeepError where lists or quotes nest deeper than some thousand levels.
    """
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
    text = text.replace("\0", "\ufffd")
    lines = text.split("\n")
    if not lines[-1].strip(" \t"):
        lines.pop()
    if "%%" in text:
        return _without_comments(lines)
    scan = Scan(lines)
    start = 0
    while True:
        try:
            scan.read(start)
        except UnsureError:
            start = _read_piece(scan)
        else:
            return scan.found


def _read_piece(scan: Scan) -> int:
    """Read the piece that the scan gave up; return the line behind it."""
    start, stop = scan.safe, _next_cut(scan.lines, scan.line)
    piece = "\n".join(scan.lines[start:stop])
    if not _TELLING.search(piece):
        return stop
    tokens = parse(scan.lines[start:stop])
    if stop < len(scan.lines) and ends_open(tokens):
        stop = len(scan.lines)
        tokens = parse(scan.lines[start:])
    collect(tokens, scan.found, start)
    return stop


def _without_comments(lines: Sequence[str]) -> Outline:
    tokens = parse(lines)
    found = Outline()
    collect(tokens, found)
    found.boxes = without_comments(found.boxes, tokens)
    return found


def _next_cut(lines: Sequence[str], line: int) -> int:
    """Return the first line behind `line` where lists, quotes and paragraphs have ended."""
    after_blank = False
    for number in range(line, len(lines)):
        text = lines[number]
        if after_blank and CUT.match(text):
            return number
        after_blank = not text.strip(" \t")
    return len(lines)
