"""A long note in stretches, so that a changed one can be read without the others.

A stretch goes from a heading to the next. At a heading behind a blank line everything has ended
that stands above, unless it is a fence, HTML or a comment: a note with any of those, wherever, is
read as a whole. Else a stretch says, below the note's front matter, what it says in its note.

Rule: pure; bytes in, bytes and line numbers out. In doubt nothing is cut.
"""

from __future__ import annotations

import marshal
import re
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

from mdtasks.read.front_matter import split_front_matter

# Bytes from which on a note is worth it.
LONG = 64 * 1024

_CUT = re.compile(rb"\n[ \t]*\n(?=#{1,6}[ \t]+[^\s#])")
# What may reach over a heading, and bytes that stand for others. Literals first, as in `boxes`.
_MARKS = (b"\r", b"\0", b"%%", b"```", b"~~~")
_HTML, _HTML_FIRST = re.compile(rb"\n[ \t>]*+<"), re.compile(rb"[ \t>]*+<")


_NO_LINE = 2**62


class Stretches(NamedTuple):
    """Digests of a note's front matter and of its stretches, and the line on which each starts;
    one line more says where the last ends."""

    front: bytes
    lines: list[int]
    digests: list[bytes]


class Part(NamedTuple):
    """What alone differs between two versions of a note: the `data` of the new one, below the
    `front` lines of its front matter, of which line n stands on line n + `offset`; the lines
    [start, end) of the old one, which count from 1; and how many lines further down stands what
    follows them."""

    data: bytes
    front: int
    offset: int
    start: int
    end: int
    shift: int


class _Cut(NamedTuple):
    """`starts` are the bytes where the stretches start, and where the last ends."""

    starts: list[int]
    stretches: Stretches


def cut(data: bytes) -> _Cut | None:
    """Return the stretches of a note, None where one may reach over another."""
    if len(data) < LONG or _may_reach_over(data):
        return None
    front = _end_of_front(data)
    starts = [front, *(match.end() for match in _CUT.finditer(data, front)), len(data)]
    lines, digests = [data.count(b"\n", 0, front)], []
    for start, end in pairwise(starts):
        lines.append(lines[-1] + data.count(b"\n", start, end))
        digests.append(_digest(data[start:end]))
    return _Cut(starts, Stretches(_digest(data[:front]), lines, digests))


def part(old: Stretches, now: _Cut, data: bytes) -> Part | None:
    """Return how the note of `data` differs from the one that had the stretches `old`; None where
    all of it may."""
    starts, new = now
    before, after = old.digests, new.digests
    most = min(len(before), len(after))
    above = next((n for n in range(most) if before[n] != after[n]), most)
    most -= above
    below = next((n for n in range(most) if before[-1 - n] != after[-1 - n]), most)
    if old.front != new.front or above + below == 0:
        return None
    front, last_old, last_new = data[: starts[0]], len(before) - below, len(after) - below
    return Part(
        front + data[starts[above] : starts[last_new]],
        new.lines[0],
        new.lines[above] - new.lines[0],
        old.lines[above] + 1,
        old.lines[last_old] + 1 if below else _NO_LINE,
        new.lines[last_new] - old.lines[last_old] if below else 0,
    )


def pack(stretches: Stretches) -> bytes:
    return marshal.dumps(tuple(stretches))


def unpack(packed: bytes) -> Stretches:
    return Stretches(*marshal.loads(packed))


def _may_reach_over(data: bytes) -> bool:
    return (
        any(mark in data for mark in _MARKS)
        or _HTML_FIRST.match(data) is not None
        or _HTML.search(data) is not None
    )


def _digest(data: bytes) -> bytes:
    return sha256(data).digest()[:16]


def _end_of_front(data: bytes) -> int:
    """Return the byte behind the front matter and its line's end, 0 if there is none."""
    if not data.removeprefix(b"\xef\xbb\xbf").startswith(b"---"):
        return 0
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    end = 0
    for _ in split_front_matter(text)[0]:
        end = data.find(b"\n", end) + 1 or len(data)
    return end
