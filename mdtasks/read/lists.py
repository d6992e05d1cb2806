"""Plain lists and paragraphs, which is where nearly all boxes stand, read by one pattern.

A row is an item or a paragraph's start with the lines of text that go on with it, or a blank line;
indented code looks like one, too.

Rule: never guess. What is not certain to be such a row is not read at all.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from mdtasks.read.blocks import TooDeepError
from mdtasks.read.scan import MAX_LISTS, column_behind

# What starts a line of text and nothing else: no marker, heading, quote, fence, HTML, break,
# underline or delimiter of a table; and no space, of which markdown-it-py knows more than two.
_LETTER = (
    r"[^-+*0-9#>`~<=_|:\[\s]|\*++[^*\s]|_++[^_\s]|-[^-|:\s]|\+\S"
    r"|`(?!``)|~(?!~~)|\#++(?![ \t\n])|=++(?![ \t\n])|[0-9]++(?![.)])"
)
# A paragraph that starts with a bracket may be a link reference definition, or a box.
_BRACKET = r"\[(?!.\][ \t])[^\[\]\\\n]*+(?:\[|\](?!:))"

_BOX = r"\[[^\\\t\n\udc80-\udcff]\][ \t]++\S"

_ROW = re.compile(
    rf"""
    ([ \t]*+(?:(?:[-+*]|[0-9]{{1,9}}+[.)])[ \t]++)?+)   # 1: all before the text
    (?:{_BOX}.*+(\n(?:\1{_BOX}.*+\n)*+)                 # 2: behind a box, more of the same
    |(?:{_LETTER}|{_BRACKET}).*+\n)
    ((?:[ \t]*+(?:{_LETTER}|\[).*+\n)*+)                # 3: the last one's text goes on
    |(.*+\n)                                            # 4: blank, or unknown
    """,
    re.VERBOSE,
)


class Rows(NamedTuple):
    """What the boxes of a piece have each: line, end, depth."""

    lines: list[int]
    ends: list[int]
    depths: list[int]


def read_rows(  # noqa: C901 (one loop over all rows: calls would cost as much as the rest)
    text: str, start: int, stop: int, line: int
) -> Rows | None:
    """Return the boxes of text[start:stop], whole lines from line `line`; None: not certain.

    Nothing is open before it, and it is certain to end at `stop`. Raises TooDeepError.
    """
    found = Rows([], [], [])
    lines, ends, depths = found
    # The open items' columns of content, and their boxes' places in `ends`; two are around all.
    indents, owners = [0, 0], [_NONE, _NONE]
    indent, paragraph = 0, False
    for before, boxes, more, other in _ROW.findall(text, start, stop):
        if other:
            if other != "\n" and other.strip(" \t\n"):
                return None
            paragraph = False
            line += 1
            continue
        column, content, interrupts = _place(before)
        rows = 1 if len(boxes) < 2 else boxes.count("\n")
        if not paragraph or (
            interrupts and column < indent + 4
            if column >= indent
            # Left of the innermost item's text, but not too far right to be in its list.
            else column < indents[-2] + 4
        ):
            while column < indent:
                del indents[-1]
                indent = indents[-1]
                if (owner := owners.pop()) >= 0:
                    ends[owner] = line
            code = column > indent + 3
            if content == _CODE or (code and (paragraph or not _is_code(more, indent + 4))):
                return None
            if content and not code:
                owner = _NONE
                if boxes:
                    owner = len(ends) + rows - 1
                    if rows == 1:
                        lines.append(line)
                        ends.append(line + 1)
                        depths.append(len(indents) - 2)
                    else:
                        lines += range(line, line + rows)
                        ends += range(line + 1, line + rows + 1)
                        depths += [len(indents) - 2] * rows
                if len(indents) > MAX_LISTS + 1:
                    raise TooDeepError
                owners.append(owner)
                indents.append(content)
                indent = content
            paragraph = not code
        line += rows
        if more:
            line += more.count("\n")
    for owner in owners:
        if owner >= 0:
            ends[owner] = line
    return found


_NONE = -1
_CODE = -1


def _is_code(lines: str, column: int) -> bool:
    """Whether none of the lines, as of code above them, stands left of this column."""
    return all(
        column_behind(line[: len(line) - len(line.lstrip(" \t"))]) >= column
        for line in lines.split("\n")[:-1]
    )


@lru_cache(maxsize=1024)
def _place(before: str) -> tuple[int, int, bool]:
    """Return the column of a row; that of an item's content (0: no item, _CODE: code); whether
    such an item may stand in its list right behind a paragraph."""
    bare = before.lstrip(" \t")
    column = column_behind(before[: len(before) - len(bare)])
    if not bare:
        return column, 0, False
    marker = bare.rstrip(" \t")
    behind = column + len(marker)
    content = column_behind(bare[len(marker) :], behind)
    # CommonMark 0.31 section 5.3: of numbers, only 1 interrupts a paragraph.
    interrupts = not marker[0].isdigit() or int(marker[:-1]) == 1
    # Section 5.2: after five spaces it is indented code.
    return column, content if content <= behind + 4 else _CODE, interrupts
