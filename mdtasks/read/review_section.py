"""The boxes of a review note, as they stand: which of them are ticked.

Rule: a box is known by its `^rv-…`, whatever else a person did to its line, and it stands in the
note's managed section: so it is no task of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

CHOICES = ("drop", "week", "shrink", "split", "hand")
SPLIT, HAND = "split into:", "hand over to:"  # behind these a person writes
_HEAD = re.compile(r"[ \t]*[-*+][ \t]+\[(.)\][ \t]+")
_MARK = re.compile(rf"\^rv-([0-9a-f]{{8,32}})-({'|'.join(CHOICES)})(?![^ \t])")
_CARRIED = re.compile(r" · carried out [0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


class Box(NamedTuple):
    """A box of ours: `row` counts from 0 among the given lines, `letters` tell the task. `more` is
    what stands behind its `^rv-…`: that is where the key `End` leads."""

    row: int
    letters: str
    choice: str
    is_ticked: bool
    words: str
    more: str = ""

    @property
    def name(self) -> str:
        """Who is written behind the box, "" where nobody is."""
        return self._behind(HAND).removeprefix("👤").strip()

    @property
    def steps(self) -> tuple[str, ...]:
        """What is written behind the box, between semicolons."""
        return tuple(step for part in self._behind(SPLIT).split(";") if (step := part.strip()))

    def _behind(self, label: str) -> str:
        words = _CARRIED.sub("", self.words)
        if not words.startswith(label):
            return ""
        return " ".join(f"{words.removeprefix(label)} {self.more}".split())


class _Parts(NamedTuple):
    """Where the parts of a box's line stand: its symbol, and its words [begin, end)."""

    symbol: int
    begin: int
    end: int
    letters: str
    choice: str
    more: str


def boxes(texts: Iterable[str]) -> list[Box]:
    """Return the boxes of ours in order."""
    return [
        Box(row, at.letters, at.choice, text[at.symbol] in "xX", text[at.begin : at.end], at.more)
        for row, text in enumerate(texts)
        if (at := _parts(text))
    ]


def _parts(text: str) -> _Parts | None:
    mark = _MARK.search(text)
    head = _HEAD.match(text, 0, mark.start()) if mark else None
    if not (mark and head):
        return None
    words = text[head.end() : mark.start()].rstrip(" \t")
    end = head.end() + len(words)
    return _Parts(head.start(1), head.end(), end, mark[1], mark[2], text[mark.end() :])


def carried(text: str, day: str) -> str:
    """Return the line of a box, ticked, with the day on which that was carried out."""
    at = _parts(text)
    if not at or _CARRIED.search(text[at.begin : at.end]):
        return text
    return _boxed(f"{text[: at.end]} · carried out {day}{text[at.end :]}", at.symbol, "x")


def taken_back(text: str) -> str:
    """Return the line of a box as it was before it was carried out, without its tick."""
    at = _parts(text)
    if not at:
        return text
    words = _CARRIED.sub("", text[at.begin : at.end])
    return _boxed(text[: at.begin] + words + text[at.end :], at.symbol, " ")


def _boxed(text: str, at: int, symbol: str) -> str:
    return text[:at] + symbol + text[at + 1 :]
