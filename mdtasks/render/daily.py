"""The managed section of the day's note: Day Planner lines that mirror the plan.

Rule: only the bytes between the two markers are ours, and only while they hold nothing of a
person's. A marker is alone on its line and in an HTML block, as the reader has it: in a code
fence it is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from pathlib import PurePosixPath

from mdtasks.model import Block, Kind, Plan, Status, Task
from mdtasks.read.boxes import TooDeepError, outline
from mdtasks.read.front_matter import end_of_front_matter
from mdtasks.read.note import SECTION_END, SECTION_START

MIRRORED = frozenset({Kind.FIXED, Kind.FOCUS, Kind.MICRO})
ID_LENGTH = 6
_BOM = b"\xef\xbb\xbf"

# Box (a batch has none), text, and the letters of the uid that the block id begins with.
_MIRROR = re.compile(r"(\s*- )(?:\[(.)\] )?(.* )\^mt-([A-Za-z0-9]+)[A-Za-z0-9-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_HIDING = re.compile(r"%(?=%)")
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
    symbol = " " if task is None or task.is_open else "x" if task.status is Status.DONE else "-"
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
        self._letters = {uid: _letters(uid) for uid in uids}
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


def _letters(uid: str) -> str:
    """Return what of a uid may stand in a block id; dashes are left for our own suffixes."""
    return re.sub(r"[^A-Za-z0-9]", "", uid)


def splice(
    data: bytes,
    lines: Sequence[str],
    heading: str,
    last_written: Sequence[str] | None,
    open_uids: Collection[str],
) -> bytes | Held:
    """Return the note with `lines` between its markers; Held if that would lose something.

    A note without markers gets heading and section at its end, unless `lines` is empty.
    `last_written` are the lines that we wrote last, None if that is not known any more;
    `open_uids` the tasks that are open now: a tick on any other has been carried over.
    """
    rows = data.splitlines(keepends=True)
    try:
        marks = _marks(rows)
        if not marks:
            return _appended(data, rows, lines, heading) if lines else data
        begin, end = marks[0][0], marks[-1][0]
        if [mark for _, mark in marks] != [SECTION_START, SECTION_END]:
            return _held(rows, begin, "a section has one start marker and one end marker below it")
        present = [_text(row) for row in rows[begin + 1 : end]]
        if present == list(lines):
            return data
        if reasons := tuple(_uncarried(present, begin + 2, last_written, open_uids)):
            return Held(reasons)
        result = [*rows[: begin + 1], *_rows(lines, _ending(rows[begin])), *rows[end:]]
        if len(_marks(result)) != 2:
            return _held(rows, begin, "the markers are indented too far")
        return b"".join(result)
    except TooDeepError:
        return _held(rows, 0, "this note is nested too deep to be read")


def _appended(
    data: bytes, rows: Sequence[bytes], lines: Sequence[str], heading: str
) -> bytes | Held:
    eol = (_ending(rows[0]) if rows else b"") or b"\n"
    gap = b""
    if data.removeprefix(_BOM):
        gap = (b"" if _ending(rows[-1]) else eol) + (eol if rows[-1].strip() else b"")
    added = [f"## {_safe(heading)}", "", SECTION_START, *lines, SECTION_END]
    result = b"".join((data, gap, *_rows(added, eol)))
    # Else the markers would count for nobody, and each sync would append them again.
    if len(_marks(result.splitlines(keepends=True))) != 2:
        return _held(rows, len(rows) - 1, "the note ends inside a block that is never closed")
    return result


def _marks(rows: Sequence[bytes]) -> list[tuple[int, str]]:
    """Return the markers with the index of their row."""
    texts = [_text(row) for row in rows]
    if not any(SECTION_START in text or SECTION_END in text for text in texts):
        return []
    texts[0] = texts[0].removeprefix("\ufeff")
    offset = end_of_front_matter(texts)
    blocks = outline("\n".join(texts[offset:])).html
    inside = (offset + row for block in blocks for row in range(*block))
    found = ((row, texts[row].strip()) for row in inside if row < len(texts))
    return [(row, text) for row, text in found if text in (SECTION_START, SECTION_END)]


def _uncarried(
    present: Sequence[str],
    first_line: int,
    last_written: Sequence[str] | None,
    open_uids: Collection[str],
) -> Iterator[Reason]:
    """Yield the lines of the section that hold something of a person's."""
    open_letters = [_letters(uid) for uid in open_uids]
    written = None if last_written is None else dict(_without_tick(line) for line in last_written)
    for number, line in enumerate(present, first_line):
        bare, symbol = _without_tick(line)
        mirror = _MIRROR.fullmatch(bare)
        if not bare:
            continue
        if mirror is None:
            yield Reason(number, line, "this line was added")
            continue
        if written is None:
            before = " "
        elif bare in written:
            before = written.pop(bare)
        else:
            yield Reason(number, line, "this line was changed")
            continue
        is_open = any(letters.startswith(mirror[4]) for letters in open_letters)
        if symbol != before and (symbol == " ") != is_open:
            yield Reason(number, line, "this tick is not in the task's own note yet")


def _without_tick(line: str) -> tuple[str, str]:
    """Return a line with an empty box, and the symbol that the box holds."""
    bare = line.rstrip()
    mirror = _MIRROR.fullmatch(bare)
    if mirror is None or mirror[2] is None:
        return bare, " "
    return f"{bare[: mirror.start(2)]} {bare[mirror.end(2) :]}", mirror[2]


def _held(rows: Sequence[bytes], row: int, why: str) -> Held:
    return Held((Reason(row + 1, _text(rows[row]), why),))


def _text(row: bytes) -> str:
    return row.rstrip(b"\r\n").decode("utf-8", "surrogateescape")


def _ending(row: bytes) -> bytes:
    return row[len(row.rstrip(b"\r\n")) :]


def _rows(lines: Iterable[str], eol: bytes) -> list[bytes]:
    return [line.encode("utf-8", "surrogateescape") + eol for line in lines]
