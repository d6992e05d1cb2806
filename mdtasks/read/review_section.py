"""The boxes of a review note, as they stand: which of them are ticked.

Rule: a box is known by its `^rv-…`, whatever else a person did to its line, and it stands in the
note's managed section: so it is no task of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

CHOICES = ("drop", "week", "shrink", "hand")
_LINE = re.compile(
    r"[ \t]*[-*+][ \t]+\[(?P<symbol>.)\][ \t]+(?P<words>.*?)[ \t]*"
    rf"\^rv-(?P<letters>[0-9a-f]{{8,32}})-(?P<choice>{'|'.join(CHOICES)})[ \t]*"
)
_CARRIED = re.compile(r" · carried out [0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_NAME = re.compile(r"hand over to:[ \t]*(.*)\Z", re.DOTALL)


class Box(NamedTuple):
    """A box of ours: `row` counts from 0 among the given lines, `letters` tell the task."""

    row: int
    letters: str
    choice: str
    is_ticked: bool
    words: str

    @property
    def name(self) -> str:
        """Who is written behind the box, "" where nobody is."""
        found = _NAME.match(_CARRIED.sub("", self.words))
        return " ".join(found[1].split()).removeprefix("👤").strip() if found else ""


def boxes(texts: Iterable[str]) -> list[Box]:
    """Return the boxes of ours in order."""
    found = ((row, _LINE.fullmatch(text)) for row, text in enumerate(texts))
    return [
        Box(row, each["letters"], each["choice"], each["symbol"] in "xX", each["words"])
        for row, each in found
        if each
    ]


def carried(text: str, day: str) -> str:
    """Return the line of a box, ticked, with the day on which that was carried out."""
    found = _LINE.fullmatch(text)
    if not found or _CARRIED.search(found["words"]):
        return text
    end = found.end("words")
    return _boxed(f"{text[:end]} · carried out {day}{text[end:]}", found.start("symbol"), "x")


def taken_back(text: str) -> str:
    """Return the line of a box as it was before it was carried out, without its tick."""
    found = _LINE.fullmatch(text)
    if not found:
        return text
    begin, end = found.span("words")
    return _boxed(
        text[:begin] + _CARRIED.sub("", text[begin:end]) + text[end:], found.start("symbol"), " "
    )


def _boxed(text: str, at: int, symbol: str) -> str:
    return text[:at] + symbol + text[at + 1 :]
