"""The fenced code blocks of a note, wherever CommonMark sees them: also in lists and quotes.

Rule: bytes in, values out; what a block says is not known here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mdtasks.read.blocks import Box, comment_marks, outside_of_comments, parse
from mdtasks.read.front_matter import (
    FrontMatter,
    FrontMatterError,
    end_of_front_matter,
    parse_front_matter,
)

_LINE_END = re.compile(r"\r\n|\n|\r")


class Fence(NamedTuple):
    """`line` is that of the opening fence, counted from 1; the content begins on the next."""

    line: int
    content: str
    heading: str | None


class Fences(NamedTuple):
    """A note's blocks of one language, and its front matter, empty where it cannot be read."""

    found: tuple[Fence, ...]
    front_matter: FrontMatter


def read_fences(data: bytes, language: str) -> Fences:
    """Return the blocks of `language`, a first word in small letters.

    One inside a comment, `%% … %%`, is none. Raises TooDeepError.
    """
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff").replace("\0", "\ufffd")
    lines = _LINE_END.split(text)
    offset = end_of_front_matter(lines)
    try:
        front = parse_front_matter(lines[1 : offset - 1]) if offset else {}
    except FrontMatterError:
        front = {}  # `check` tells
    tokens = parse(lines[offset:])
    fences: list[Fence] = []
    heading: str | None = None
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0:
            heading = tokens[index + 1].content.strip() or None
        elif token.type == "fence" and token.map and token.info.lower().split()[:1] == [language]:
            fences.append(Fence(offset + token.map[0] + 1, token.content, heading))
    boxes = [Box(fence.line - offset - 1, 0, 0, None) for fence in fences]
    seen = {box.line for box in outside_of_comments(boxes, comment_marks(tokens))}
    return Fences(tuple(f for f in fences if f.line - offset - 1 in seen), front)
