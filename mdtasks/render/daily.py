"""The managed section of the day's note: Day Planner lines that mirror the plan.

Rule: only the bytes between the two markers are ours. What a person added there is moved below
them, byte for byte but for its indentation; where that would change how the note reads, nothing
is written.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import pairwise
from pathlib import PurePosixPath

from mdtasks.model import Block, Kind, Plan, Status, Task
from mdtasks.read.boxes import TooDeepError
from mdtasks.read.front_matter import end_of_front_matter
from mdtasks.read.note import SECTION_END, SECTION_START
from mdtasks.read.section import (
    Fault,
    Group,
    Section,
    boxes_outside,
    find_section,
    mirror_of,
    texts_of,
)

_SYMBOLS = {Status.DONE: "x", Status.CANCELLED: "-", Status.IN_PROGRESS: "/"}
MIRRORED = frozenset({Kind.FIXED, Kind.FOCUS, Kind.MICRO})
ID_LENGTH = 6
_BOM = b"\xef\xbb\xbf"

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_HIDING = re.compile(r"%(?=%)")
_OUR_ID = re.compile(r"(?<![ \t])[ \t]+\^mt-[A-Za-z0-9-]+(?=[ \t]*\Z)")
_BOXED = re.compile(r"\A\[(?=.\])")
_LIST_ITEM = re.compile(r"[-*+][ \t]|[0-9]{1,9}[.)][ \t]")
_INDENT = re.compile(r"[ \t]*")
# No link target in Obsidian may hold these.
_UNLINKABLE = re.compile(r"[\[\]|#^]+")


@dataclass(frozen=True, slots=True)
class Reason:
    """One line that keeps the section from being rewritten."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Held:
    """The section was left as it is."""

    reasons: tuple[Reason, ...]


def section(plan: Plan, tasks: Mapping[str, Task], day: date, zone: tzinfo) -> tuple[str, ...]:
    """Return the lines for `day`: its blocks by start, then what else was done that day.

    A block belongs to the day on which it starts, in `zone`. Busy times are not mirrored.
    """
    blocks = [
        block
        for block in plan.blocks
        if block.kind in MIRRORED and block.tasks and _day(block, zone) == day
    ]
    placed = dict.fromkeys(uid for block in blocks for uid in block.tasks)
    done = [
        task
        for uid, task in tasks.items()
        if task.done == day and task.status is Status.DONE and uid not in placed
    ]
    done.sort(key=lambda task: (task.source.path, task.source.line))
    ids = _Ids([*placed, *(task.uid for task in done)])
    lines = [line for block in blocks for line in _block_lines(block, tasks, zone, ids)]
    return (*lines, *(_task_line("- ", task.text, task, ids.next(task.uid)) for task in done))


def _day(block: Block, zone: tzinfo) -> date:
    return block.start.astimezone(zone).date()


def _block_lines(block: Block, tasks: Mapping[str, Task], zone: tzinfo, ids: _Ids) -> Iterator[str]:
    times = " - ".join(f"{moment.astimezone(zone):%H:%M}" for moment in (block.start, block.end))
    first, *others = block.tasks
    if not others:
        task = tasks.get(first)
        text = (task.text if task else "") or block.title
        yield _task_line("- ", f"{times} {text}", task, ids.next(first))
        return
    yield f"- {times} {_safe(block.title)} ^{ids.next(first, batch=True)}"
    for task in (tasks[uid] for uid in block.tasks if uid in tasks):
        yield _task_line("    - ", task.text, task, ids.next(task.uid))


def _task_line(bullet: str, text: str, task: Task | None, block_id: str) -> str:
    symbol = " " if task is None else _SYMBOLS.get(task.status, " ")
    if task and task.status is Status.IN_PROGRESS and task.symbol.isprintable():
        symbol = task.symbol
    words = [_safe(text), f"({_note(task)})" if task else "", f"^{block_id}"]
    return f"{bullet}[{symbol}] {' '.join(filter(None, words))}"


def _safe(text: str) -> str:
    """Return `text` on one line. A lone %% would hide the rest of the note from Obsidian and us."""
    return _HIDING.sub("% ", _CONTROL.sub(" ", text)).strip()


def _note(task: Task) -> str:
    name = _safe(PurePosixPath(task.source.path).stem)
    return (
        " ".join(_UNLINKABLE.sub(" ", name).split()) if _UNLINKABLE.search(name) else f"[[{name}]]"
    )


class _Ids:
    """Hands out block ids: the beginning of the uid as far as it is unique in the section."""

    def __init__(self, uids: Iterable[str]) -> None:
        self._letters = {uid: letters_of(uid) for uid in uids}
        self._given: Counter[str] = Counter()

    def next(self, uid: str, *, batch: bool = False) -> str:
        """Return an id that none has yet; a task's further blocks count -2, -3, …"""
        base = f"mt-{self._prefix(uid)}{'-m' if batch else ''}"
        self._given[base] += 1
        return base if self._given[base] == 1 else f"{base}-{self._given[base]}"

    def _prefix(self, uid: str) -> str:
        own = self._letters[uid]
        others = [letters for other, letters in self._letters.items() if other != uid]
        lengths = range(ID_LENGTH, len(own))
        return next(
            (own[:n] for n in lengths if not any(o.startswith(own[:n]) for o in others)), own
        )


def letters_of(uid: str) -> str:
    """Return what of a uid may stand in a block id; dashes are left for our own suffixes."""
    return re.sub(r"[^A-Za-z0-9]", "", uid)


def splice(
    data: bytes,
    lines: Sequence[str] | None,
    heading: str,
    added: Sequence[Group] = (),
    words: Sequence[str] = (),
) -> bytes | Held:
    """Return the note with `lines` between its markers; None leaves the mirrors as they are.

    What a person `added` moves below the section, and behind it come `words`, a list item each.
    A note without markers gets heading and section at its end, unless `lines` is empty.
    """
    rows = data.splitlines(keepends=True)
    try:
        found = find_section(data)
        if found is None:
            return _appended(data, rows, lines, heading) if lines else data
        if isinstance(found, Fault):
            return _held(rows, found.row, found.why)
        is_right = lines is None or list(found.texts) == [*lines]
        if is_right and not (added or words):
            return data
        return _rewritten(data, rows, found, lines, (added, words))
    except TooDeepError:
        return _held(rows, 0, "this note is nested too deep to be read")


def _rewritten(
    data: bytes,
    rows: Sequence[bytes],
    found: Section,
    lines: Sequence[str] | None,
    more: tuple[Sequence[Group], Sequence[str]],
) -> bytes | Held:
    added, words = more
    eol = _ending(rows[found.begin])
    taken = {row for group in added for row in range(*group.rows)}
    inside = (row for row in range(found.begin + 1, found.end) if row not in taken)
    mirrors = [rows[row] for row in inside] if lines is None else _rows(lines, eol)
    moved = [*_moved(rows, added), *_rows((_item(each) for each in words), eol)]
    end = rows[found.end] if _ending(rows[found.end]) or not moved else rows[found.end] + eol
    rest = rows[found.end + 1 :]
    gap = [eol] if moved and rest and rest[0].strip() else []
    for between in ([], gap) if _continues_a_list(rest) else (gap,):
        pieces = (rows[: found.begin + 1], mirrors, [end], moved, between, rest)
        result = b"".join(row for piece in pieces for row in piece)
        if _keeps_all(data, result, moved):
            return result
    if moved:
        why = "moved below the section, this would change how the note is read"
        return _held(rows, added[0].rows[0] if added else found.begin, why)
    return _held(rows, found.begin, "the markers are indented too far")


def _continues_a_list(rest: Sequence[bytes]) -> bool:
    return bool(rest and _LIST_ITEM.match(_text(rest[0])))


def _moved(rows: Sequence[bytes], added: Iterable[Group]) -> Iterator[bytes]:
    """Yield the rows of a person's as they stand, without the indentation that all of a group
    share with its first line. A copy of a mirror loses our id."""
    for group in added:
        indent = ""
        for number in range(*group.rows):
            text, ending = _text(rows[number]), _ending(rows[number])
            own = _INDENT.match(text)
            if own and text.strip() and (number == group.rows[0] or not text.startswith(indent)):
                indent = own[0]
            bare = text.removeprefix(indent)
            if mirror_of(bare):
                bare = _OUR_ID.sub("", bare)
            yield bare.encode("utf-8", "surrogateescape") + ending


def _item(words: str) -> str:
    """Return a list item that is no task."""
    return "- " + _BOXED.sub(r"\\[", _safe(words))


def _keeps_all(before: bytes, after: bytes, moved: Sequence[bytes]) -> bool:
    """Whether all tasks outside of the section are there as before, and with them what moved."""
    if not isinstance(find_section(after), Section):
        return False
    if not moved:
        return True
    boxes = [*boxes_outside(texts_of(before)), *boxes_outside(texts_of(b"".join(moved)))]
    return sorted(boxes) == sorted(boxes_outside(texts_of(after)))


def _appended(
    data: bytes, rows: Sequence[bytes], lines: Sequence[str], heading: str
) -> bytes | Held:
    eol = (_ending(rows[0]) if rows else b"") or b"\n"
    if (result := _below_heading(data, rows, lines, (_safe(heading), eol))) is not None:
        return result
    gap = b""
    if data.removeprefix(_BOM):
        gap = (b"" if _ending(rows[-1]) else eol) + (eol if rows[-1].strip() else b"")
    added = [f"## {_safe(heading)}", "", SECTION_START, *lines, SECTION_END]
    result = b"".join((data, gap, *_rows(added, eol)))
    # Else the markers would count for nobody, and each sync would append them again.
    if not isinstance(find_section(result), Section):
        return _held(rows, len(rows) - 1, "the note ends inside a block that is never closed")
    return result


def _below_heading(
    data: bytes, rows: Sequence[bytes], lines: Sequence[str], how: tuple[str, bytes]
) -> bytes | None:
    """Return the note with the section below its own heading for it, None where it has none."""
    heading, eol = how
    at = _end_of_heading(texts_of(data), heading)
    if not at:
        return None
    above, rest = rows[:at], rows[at:]
    end = b"" if _ending(above[-1]) else eol
    while rest and not rest[0].strip():
        above, rest = [*above, rest[0]], rest[1:]
    gap = b"" if len(above) > at else eol
    added = _rows([SECTION_START, *lines, SECTION_END], eol)
    result = b"".join([*above, end, gap, *added, *([eol, *rest] if rest else [])])
    found = find_section(result)
    is_right = isinstance(found, Section) and found.texts == tuple(lines)
    return result if is_right and _keeps_all(data, result, [b""]) else None


def _end_of_heading(texts: Sequence[str], heading: str) -> int:
    """Return the row below the first heading of that name, 0 where there is none."""
    if not any(heading.casefold() in text.casefold() for text in texts):
        return 0
    from mdtasks.read.blocks import comment_marks, heading_of, parse

    offset = end_of_front_matter(texts)
    tokens = parse(texts[offset:])
    marks = comment_marks(tokens)
    for token, inner in pairwise(tokens):
        if token.type == "heading_open" and not token.level and token.map:
            is_shown = bisect_left(marks, token.map[0]) % 2 == 0
            if is_shown and (heading_of(inner.content) or "").casefold() == heading.casefold():
                return offset + token.map[1]
    return 0


def _held(rows: Sequence[bytes], row: int, why: str) -> Held:
    return Held((Reason(row + 1, _text(rows[row]), why),))


def _text(row: bytes) -> str:
    return row.rstrip(b"\r\n").decode("utf-8", "surrogateescape")


def _ending(row: bytes) -> bytes:
    return row[len(row.rstrip(b"\r\n")) :]


def _rows(lines: Iterable[str], eol: bytes) -> list[bytes]:
    return [line.encode("utf-8", "surrogateescape") + eol for line in lines]
