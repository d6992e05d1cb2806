"""A piece of a text, read by `scan` as far as that is certain, and by markdown-it-py where not.

Rule: lines in, line numbers out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mdtasks.read.blocks import Outline, collect, comment_marks, ends_open, parse
from mdtasks.read.scan import CUT, Scan, UnsureError

# What a part that the scan gives up must hold to say anything: a box, a section's mark, a heading,
# or what may start a fence or an HTML block. Those two alone reach over a cut.
_TELLING = re.compile(
    r"\[[^\n]\][ \t]|mdtasks:|^[ \t]*(?:#|<|```|~~~|=+[ \t]*$|-+[ \t]*$)", re.MULTILINE
)


def read_piece(
    lines: Sequence[str], first: int, found: Outline, marks: list[int] | None = None
) -> bool:
    """Read lines, numbered from `first`, into `found`, and those of `%%` into `marks`, if given;
    return whether the last block may run on past their end.

    Before the first line nothing is open. Raises TooDeepError.
    """
    if marks is not None:
        tokens = parse(lines)
        collect(tokens, found, first)
        marks += [first + mark for mark in comment_marks(tokens)]
        return ends_open(tokens, len(lines))
    scan, line = Scan(lines, first, found), 0
    while True:
        try:
            scan.read(line)
        except UnsureError:
            line = _read_block(scan)
        else:
            return scan.is_open


def _read_block(scan: Scan) -> int:
    """Read what the scan gave up, to the next cut; return the line behind it."""
    start, stop = scan.safe, _next_cut(scan.lines, scan.line)
    if not _TELLING.search("\n".join(scan.lines[start:stop])):
        return stop
    tokens = parse(scan.lines[start:stop])
    if ends_open(tokens, stop - start):
        if stop < len(scan.lines):
            stop = len(scan.lines)
            tokens = parse(scan.lines[start:])
        scan.is_open = ends_open(tokens, stop - start)
    collect(tokens, scan.found, scan.first + start)
    return stop


def _next_cut(lines: Sequence[str], line: int) -> int:
    """Return the first line behind `line` where lists, quotes and paragraphs have ended."""
    after_blank = False
    for number in range(line, len(lines)):
        text = lines[number]
        if after_blank and CUT.match(text):
            return number
        after_blank = not text.strip(" \t")
    return len(lines)
