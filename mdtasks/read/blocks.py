"""What markdown-it-py reads in a text: the reference for which lines are tasks.

A task is a list item whose first block is a paragraph on the marker's own line that starts with
a box (CommonMark plus tables). Only the block parser runs; inline text is never parsed.

Rule: lines in, line numbers out, counted from 0.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mdtasks.read.fields import code_spans

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# A box, and something after it on the same line. A byte that is no UTF-8 is no symbol.
BOX = re.compile(r"\[([^\n\udc80-\udcff])\][ \t]+[^ \t\n]")

# markdown-it-py calls itself three times a level; this allows some 1,300 levels of nesting,
# which takes it under a second. Its own limit (`maxNesting`) drops deeper tasks silently.
RECURSION_LIMIT = 4000


class TooDeepError(ValueError):
    """The text nests deeper than can be read."""


class Box(NamedTuple):
    """A task's line. Its list item is [line, end), so one box is inside another whose lines
    hold it; `depth` is how many list items are around it, tasks or not."""

    line: int
    end: int
    depth: int
    heading: str | None


@dataclass(slots=True)
class Outline:
    """Boxes by line; the lines of HTML blocks, [start, end); the last heading outside of lists
    and quotes."""

    boxes: list[Box] = field(default_factory=list)
    html: list[tuple[int, int]] = field(default_factory=list)
    heading: str | None = None


def parse(lines: Sequence[str]) -> list[Token]:
    """Return the block tokens. Raises TooDeepError."""
    # The last line needs its end: else markdown-it-py 4.3 reads past that of `>-\n>   <script\n>`.
    text = "".join(f"{line}\n" for line in lines)
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


def collect(tokens: Sequence[Token], found: Outline, first: int = 0) -> None:
    """Add to `found` what the tokens of a text tell whose first line is line `first`."""
    depth = 0
    for index, token in enumerate(tokens):
        if token.type == "list_item_open":
            if _is_task(tokens, index):
                start, end = token.map or (0, 0)
                found.boxes.append(Box(first + start, first + end, depth, found.heading))
            depth += 1
        elif token.type == "list_item_close":
            depth -= 1
        elif token.type == "heading_open" and token.level == 0:
            found.heading = heading_of(tokens[index + 1].content)
        elif token.type == "html_block" and token.map:
            found.html.append((first + token.map[0], first + token.map[1]))


def heading_of(text: str) -> str | None:
    """Return what a task keeps of a heading above it."""
    return text.strip().replace("\0", "\ufffd") or None


def _is_task(tokens: Sequence[Token], index: int) -> bool:
    """Whether the list item that opens at `index` starts with a box on its marker's line."""
    item, paragraph = tokens[index], tokens[index + 1]
    return (
        paragraph.type == "paragraph_open"
        and item.map is not None
        and paragraph.map is not None
        and item.map[0] == paragraph.map[0]
        and BOX.match(tokens[index + 2].content) is not None
    )


def ends_open(tokens: Sequence[Token], lines: int) -> bool:
    """Whether the last block may run on past the text's end, over blank lines too."""
    if not tokens or tokens[-1].type not in {"fence", "html_block"} or tokens[-1].level:
        return False
    # One that is closed above a blank end does not.
    return tokens[-1].map is None or tokens[-1].map[1] >= lines


def outside_of_comments(boxes: Sequence[Box], marks: Sequence[int]) -> list[Box]:
    """Return the boxes outside of `%% ... %%`, whose marks stand on these lines."""
    # An odd number of marks above it: the comment is open where the box stands.
    return [box for box in boxes if bisect_left(marks, box.line) % 2 == 0]


def comment_marks(tokens: Sequence[Token]) -> list[int]:
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
