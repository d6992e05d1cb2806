"""Which lines of a note are tasks.

markdown-it-py decides (CommonMark plus tables): a task is a list item whose first block is a
paragraph on the marker's own line that starts with a box. Only the block parser runs; inline
text is never parsed.

Rule: text in, line numbers out. Lines count from 0 here and end at \\n, \\r\\n and \\r only.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from mdtasks.read.fields import code_spans

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# A box, and something after it on the same line. A byte that is no UTF-8 is no symbol.
_BOX = re.compile(r"\[([^\n\udc80-\udcff])\][ \t]+[^ \t\n]")
_LINE_END = re.compile(r"\r\n|\r")

# markdown-it-py calls itself three times a level; this allows some 1,300 levels of nesting,
# which takes it under a second. Its own limit (`maxNesting`) drops deeper tasks silently.
RECURSION_LIMIT = 4000


class TooDeepError(ValueError):
    """The text nests deeper than can be read."""


@dataclass(frozen=True, slots=True)
class Box:
    """A task's line. Its list item is [line, end), so one box is inside another whose lines
    hold it; `depth` is how many list items are around it, tasks or not."""

    line: int
    end: int
    depth: int
    heading: str | None


@dataclass(slots=True)
class Outline:
    """What the block parser found: boxes by line; the lines of each HTML block, [start, end)."""

    boxes: list[Box] = field(default_factory=list)
    html: list[tuple[int, int]] = field(default_factory=list)


def outline(text: str) -> Outline:
    """Return the boxes of a text without front matter, in the order of their lines.

    Raises TooDeepError where lists or quotes nest deeper than some thousand levels.
    """
    tokens = _blocks(_LINE_END.sub("\n", text).replace("\0", "\ufffd"))
    found = _walk(tokens)
    if "%%" in text:
        marks = _comment_marks(tokens)
        # An odd number of marks above it: the comment is open where the box stands.
        found.boxes = [box for box in found.boxes if bisect_left(marks, box.line) % 2 == 0]
    return found


def _blocks(text: str) -> list[Token]:
    parser = _parser()
    tokens: list[Token] = []
    with _recursion():
        try:
            parser.block.parse(text, parser, {}, tokens)
        except RecursionError:
            raise TooDeepError from None
    return tokens


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": sys.maxsize}).enable("table")


@contextmanager
def _recursion() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _walk(tokens: Sequence[Token]) -> Outline:
    found = Outline()
    depth = 0
    heading: str | None = None
    for index, token in enumerate(tokens):
        if token.type == "list_item_open":
            if _is_task(tokens, index):
                start, end = token.map or (0, 0)
                found.boxes.append(Box(start, end, depth, heading))
            depth += 1
        elif token.type == "list_item_close":
            depth -= 1
        elif token.type == "heading_open" and token.level == 0:
            heading = tokens[index + 1].content.strip() or None
        elif token.type == "html_block" and token.map:
            found.html.append((token.map[0], token.map[1]))
    return found


def _is_task(tokens: Sequence[Token], index: int) -> bool:
    """Whether the list item that opens at `index` starts with a box on its marker's line."""
    item, paragraph = tokens[index], tokens[index + 1]
    return (
        paragraph.type == "paragraph_open"
        and item.map is not None
        and paragraph.map is not None
        and item.map[0] == paragraph.map[0]
        and _BOX.match(tokens[index + 2].content) is not None
    )


def _comment_marks(tokens: Sequence[Token]) -> list[int]:
    """Return the line of every `%%` that is not in code, in order."""
    marks: list[int] = []
    for token in tokens:
        if token.type not in {"inline", "html_block"} or not token.map:
            continue
        content = token.content
        for start, end in code_spans(content) if token.type == "inline" else ():
            # Line breaks stay, so that the lines still count.
            blank = "".join("\n" if c == "\n" else " " for c in content[start:end])
            content = content[:start] + blank + content[end:]
        for offset, line in enumerate(content.split("\n")):
            marks += [token.map[0] + offset] * line.count("%%")
    return sorted(marks)
