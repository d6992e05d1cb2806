"""The managed section of a day's note, as it stands: its bounds, the mirrors, what else is in it.

Rule: a marker is alone on its line and in an HTML block, as the reader has it: in a code fence it
is none. A mirror is known by its `^mt-…`, whatever else a person did to its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, time
from hashlib import blake2b
from typing import NamedTuple

from mdtasks.dates import parse_iso
from mdtasks.read.boxes import Box, TooDeepError, outline
from mdtasks.read.front_matter import end_of_front_matter
from mdtasks.read.note import SECTION_END, SECTION_START
from mdtasks.read.times import leading_times

_MARK = b"<!-- mdtasks:"
_BULLET = r"[ \t]*(?:[-*+]|[0-9]{1,9}[.)])[ \t]+"
_ITEM = re.compile(rf"({_BULLET})(?:\[(.)\](?:[ \t]+|$))?(.*)")
_KEY = re.compile(r"(?:(.*)[ \t])?\^(mt-([A-Za-z0-9]+)(-m)?(?:-[A-Za-z0-9]+)*)")
_BOX = re.compile(rf"{_BULLET}\[.\][ \t]+\S")
# What the Obsidian Tasks plugin adds where somebody ticks with it.
_CLOSED = re.compile(
    r"(?:[✅❌]\ufe0f? *|[\[(] *(?:completion|cancelled):: *)([0-9]{4}-[0-9]{2}-[0-9]{2}) *[\])]?\Z"
)


class Mirror(NamedTuple):
    """A line of ours: `key` is its block id, `letters` what the uid of its task begins with.

    `symbol` is None without a box. `text` is what is shown, without times and the date that the
    Tasks plugin adds at a tick; that is `closed`. `row` counts from 0 in the note.
    """

    row: int
    raw: str
    key: str
    letters: str
    is_batch: bool
    is_inner: bool
    symbol: str | None
    begins: time | None
    ends: time | None
    text: str
    closed: date | None = None


class Group(NamedTuple):
    """Lines of a person's, one below the other; `rows` are half-open and count from 0."""

    rows: tuple[int, int]
    texts: tuple[str, ...]

    @property
    def has_box(self) -> bool:
        return any(_BOX.match(text) for text in self.texts)


class Section(NamedTuple):
    """A note's section: the rows of its markers, and what stands between them."""

    begin: int
    end: int
    texts: tuple[str, ...]

    @property
    def mirrors(self) -> list[Mirror]:
        found = (mirror_of(text, row) for row, text in enumerate(self.texts, self.begin + 1))
        return [mirror for mirror in found if mirror]

    @property
    def digest(self) -> str:
        return digest_of(self.texts)


class Fault(NamedTuple):
    """Why a note's section cannot be told; `row` counts from 0."""

    row: int
    why: str


def digest_of(texts: Sequence[str]) -> str:
    """Return what a section is known by when it comes back."""
    data = "\n".join(texts).encode("utf-8", "surrogateescape")
    return blake2b(data, digest_size=16).hexdigest()


def find_section(data: bytes) -> Section | Fault | None:
    """Return the section of a note; None where it has no markers."""
    if _MARK not in data:
        return None
    texts = texts_of(data)
    try:
        marks = marks_of(texts)
    except TooDeepError:
        return Fault(0, "this note is nested too deep to be read")
    if not marks:
        return None
    begin, end = marks[0][0], marks[-1][0]
    if [mark for _, mark in marks] != [SECTION_START, SECTION_END]:
        return Fault(begin, "a section has one start marker and one end marker below it")
    return Section(begin, end, tuple(texts[begin + 1 : end]))


def texts_of(data: bytes) -> list[str]:
    """Return the lines without their endings. A byte order mark stays on the first."""
    rows = data.splitlines()
    return [row.decode("utf-8", "surrogateescape") for row in rows]


def marks_of(texts: Sequence[str]) -> list[tuple[int, str]]:
    """Return the markers with the index of their row. Raises TooDeepError."""
    if not any(SECTION_START in text or SECTION_END in text for text in texts):
        return []
    lines, offset = _body(texts)
    blocks = outline("\n".join(lines)).html
    inside = (offset + row for block in blocks for row in range(*block))
    found = ((row, texts[row].strip()) for row in inside if row < len(texts))
    return [(row, text) for row, text in found if text in (SECTION_START, SECTION_END)]


def boxes_outside(texts: Sequence[str]) -> list[str]:
    """Return the lines with a box that stand outside of the section. Raises TooDeepError."""
    lines, offset = _body(texts)
    rows = [row for row, _ in marks_of(texts)]
    within = range(rows[0], rows[-1]) if rows else range(0)
    boxes: Sequence[Box] = outline("\n".join(lines)).boxes
    return [texts[box.line + offset] for box in boxes if box.line + offset not in within]


def _body(texts: Sequence[str]) -> tuple[list[str], int]:
    first = [text.removeprefix("\ufeff") for text in texts[:1]]
    lines = [*first, *texts[1:]] or [""]
    offset = end_of_front_matter(lines)
    return lines[offset:], offset


def mirror_of(text: str, row: int = 0) -> Mirror | None:
    """Return what a line of ours says now; None for a line that is not ours."""
    item = _ITEM.fullmatch(text.rstrip())
    marked = _KEY.fullmatch(item[3]) if item else None
    if item is None or marked is None:
        return None
    words, closed = without_closing((marked[1] or "").strip())
    words, begins, ends = leading_times(words)
    return Mirror(
        row,
        text,
        key=marked[2],
        letters=marked[3],
        is_batch=marked[4] is not None,
        is_inner=text[:1] in (" ", "\t"),
        symbol=item[2],
        begins=begins,
        ends=ends,
        text=" ".join(words.split()),
        closed=closed,
    )


def without_closing(text: str) -> tuple[str, date | None]:
    """Return the text without the date of a tick at its end, and that date."""
    found = _CLOSED.search(text)
    return (text[: found.start()].rstrip(), parse_iso(found[1])) if found else (text, None)


def unmarked(text: str) -> str:
    """Return a line without box, block id, and what a tick adds: what tells mirrors apart that
    lost their id."""
    item = _ITEM.fullmatch(text.rstrip())
    if item is None:
        return " ".join(text.split())
    marked = _KEY.fullmatch(item[3])
    words, _ = without_closing(((marked[1] or "") if marked else item[3]).strip())
    return " ".join(words.split())


def symbol_of(text: str) -> str | None:
    """Return what the box of a list item holds, None where there is no box."""
    item = _ITEM.fullmatch(text.rstrip())
    return item[2] if item else None


def groups(section: Section, ours: set[int]) -> Iterator[Group]:
    """Yield what a person added, top to bottom; `ours` are the rows that mirror something.

    Blank lines belong to a group where they stand inside of it.
    """
    start: int | None = None
    last = section.begin
    for row, text in enumerate(section.texts, section.begin + 1):
        if row in ours:
            if start is not None:
                yield _group(section, start, last + 1)
            start = None
        elif text.strip():
            start, last = row if start is None else start, row
    if start is not None:
        yield _group(section, start, last + 1)


def _group(section: Section, start: int, stop: int) -> Group:
    offset = section.begin + 1
    return Group((start, stop), section.texts[start - offset : stop - offset])
