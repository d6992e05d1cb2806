"""Which lines of a daily note are those of its time log: items of a list below its heading.

Most logs are plain lists, and a plain list is read line by line; whatever is not certain to be
one is read by markdown-it-py.

Rule: lines in, lines out, counted from 0. Never guess.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from mdtasks.read.blocks import comment_marks, heading_of, parse

_CLOCK = r"[0-9]{1,2}(?:[:.][0-9]{2})?(?: ?[ap]\.?m\b\.?)?"
_ENTRY = re.compile(
    rf"(?P<times>{_CLOCK}[ \t]*[-–—](?:[ \t]*(?P<ends>{_CLOCK}))?)[:,;]?(?=[ \t]|\Z)[ \t]*",
    re.IGNORECASE,
)

_BULLET = re.compile(r"[-+*] {1,4}(?=\S)")
_MARKER = re.compile(r"(?:[-+*]|[0-9]{1,9}[.)])(?:[ \t]|\Z)")
_NESTED_ENTRY = re.compile(r"[ \t>]*(?:(?:[-+*]|[0-9]{1,9}[.)])[ \t]+)+[0-9]")
_FENCES = ("```", "~~~")
_COMMENT = re.compile(r"<!--(?:(?!-->).)+-->[ \t]*")


class Item(NamedTuple):
    """An entry's line, its times as written, and the text behind them."""

    line: int
    times: str
    text: str


class _Heading(NamedTuple):
    rank: int
    name: str


def entry(line: int, text: str) -> Item | None:
    """Return the entry that an item of this text is: `09:02 - 09:47 Write`, or `13:05 - Invoices`
    of what runs on. A time without a dash is a remark, as is `3 - eggs`."""
    match = _ENTRY.match(text)
    if match is None:
        return None
    times, ends = match["times"], match["ends"]
    if ":" in times or "m" in times.lower() or (ends and "." in times):
        return Item(line, times, text[match.end() :].strip(" \t"))
    return None


def items_below(heading: str, lines: Sequence[str]) -> list[Item]:
    """Return the entries of the log: items that begin with times, below a heading of this name,
    in any case, and the smaller headings under it.

    What stands below an entry is its remark. Raises TooDeepError.
    """
    wanted = _known_as(heading)
    found = read_plain(wanted, lines)
    return read_slowly(wanted, lines) if found is None else found


def _known_as(heading: str) -> str:
    # As the search in the bytes has it: letters beyond ASCII have one case.
    return heading.strip().encode("utf-8", "surrogateescape").lower().decode("utf-8", "replace")


def read_slowly(wanted: str, lines: Sequence[str]) -> list[Item]:
    """Return the entries as markdown-it-py sees them. Raises TooDeepError."""
    tokens = parse(lines)
    found: list[Item] = []
    rank = 0
    around: list[bool] = []
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0:
            here = _Heading(int(token.tag[1]), heading_of(tokens[index + 1].content) or "")
            rank = _rank_below(here, rank, wanted)
        elif token.type == "list_item_open":
            text = ""
            following = tokens[index + 1]
            if following.type == "paragraph_open" and token.map and following.map:
                starts_there = following.map[0] == token.map[0]
                text = tokens[index + 2].content.partition("\n")[0] if starts_there else ""
            inside = bool(around) and around[-1]
            item = entry(token.map[0], text) if rank and not inside and token.map else None
            if item:
                found.append(item)
            around.append(inside or item is not None)
        elif token.type == "list_item_close":
            around.pop()
    marks = comment_marks(tokens)
    return [item for item in found if bisect_left(marks, item.line) % 2 == 0]


def _rank_below(here: _Heading, rank: int, wanted: str) -> int:
    """Return the rank of the log's heading below the heading `here`, 0 outside of the log."""
    if _known_as(here.name) == wanted:
        return here.rank
    return 0 if here.rank <= rank else rank


def read_plain(wanted: str, lines: Sequence[str]) -> list[Item] | None:
    """Return the entries; None where that is not certain."""
    if any("%%" in line for line in lines):
        return None
    plain = _Plain(wanted)
    return plain.found if all(plain.take(*each) for each in enumerate(lines)) else None


class _Plain:
    """A note read line by line, as far as it is plain.

    `rank` is that of the log's heading, 0 outside of the log; `fence` the marks of the open one;
    `content` the column of the open item's text, 0 without one, and `is_entry` of what kind it is.
    """

    def __init__(self, wanted: str) -> None:
        self.found: list[Item] = []
        self._wanted = wanted
        self._rank, self._fence, self._before = 0, "", ""
        self._content, self._is_entry, self._after_blank = 0, False, True

    def take(self, number: int, line: str) -> bool:
        """Read a line; False where its meaning is not certain."""
        text = line.lstrip(" \t")
        if self._fence:
            self._fence = "" if _closes(line, self._fence) else self._fence
            return True
        if not text:
            self._after_blank = True
            return True
        sure = self._take_text(number, line, text)
        self._after_blank, self._before = False, text
        return sure

    def _take_text(self, number: int, line: str, text: str) -> bool:
        if "|" in text and text[0] in "`~<#":
            return False  # tables go first
        if "```" in text or "~~~" in text:
            self._fence, self._content = _opened(line), 0
            return self._fence != ""
        if text[0] == "<":
            self._content = 0
            return _COMMENT.fullmatch(line) is not None
        if text[0] == "#" and (here := _heading(text)):
            self._rank, self._content = _rank_below(here, self._rank, self._wanted), 0
            return line[0] == "#"
        if not text.strip("*_-=:| \t"):
            # It makes a heading of the line above, or a table, or it is a rule.
            return self._rank == 0 and _known_as(self._before) != self._wanted
        return self._rank == 0 or self._take_row(number, line, text)

    def _take_row(self, number: int, line: str, text: str) -> bool:
        """Read a line of the log."""
        column = len(line[: len(line) - len(text)].expandtabs(4))
        if column == 0 and (bullet := _BULLET.match(line)):
            own = line[bullet.end() :]
            if _MARKER.match(own) or own[0] == ">" or "|" in own:
                return False
            item = entry(number, own)
            self._content, self._is_entry = bullet.end(), item is not None
            if item:
                self.found.append(item)
            return True
        if self._content and column >= self._content:
            return self._is_entry or not _NESTED_ENTRY.match(line)
        if self._after_blank:
            self._content = 0
        return not (_MARKER.match(text) or text[0] in ">|")


def _heading(line: str) -> _Heading | None:
    """Return what CommonMark 0.31 section 4.2 makes of a line that starts with #."""
    bare = line.lstrip("#")
    rank = len(line) - len(bare)
    if rank > 6 or (bare and bare[0] not in " \t"):
        return None
    name = bare.strip(" \t")
    open_end = name.rstrip("#")
    if not open_end or open_end[-1] in " \t":
        name = open_end.rstrip(" \t")
    return _Heading(rank, name)


def _opened(line: str) -> str:
    """Return the marks of a fence that opens at column 0, "" if that is not certain."""
    marks = line[: len(line) - len(line.lstrip(line[0]))]
    rest = line[len(marks) :]
    sure = marks.startswith(_FENCES) and not ("```" in rest or "~~~" in rest)
    return marks if sure and not (line[0] == "`" and "`" in rest) else ""


def _closes(line: str, fence: str) -> bool:
    # Section 4.5: up to three spaces, as many marks at least, nothing behind them.
    bare = line.lstrip(" ")
    if len(line) - len(bare) > 3 or not bare.startswith(fence):
        return False
    return not bare.strip(" \t").strip(fence[0])
