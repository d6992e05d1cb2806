"""The whole note: front matter, headings, nesting, the tasks with all that is known of them.

Rule: bytes in, values out. A fault in a note becomes a `Problem` and the rest is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import blake2b
from textwrap import dedent

from mdtasks.dates import date_from_name, parse_iso
from mdtasks.model import OPEN_STATUSES, Note, Priority, Problem, Source, Task
from mdtasks.read.boxes import Box, Outline, TooDeepError, outline
from mdtasks.read.fields import split_line
from mdtasks.read.front_matter import FrontMatterError, end_of_front_matter, parse_front_matter
from mdtasks.read.line import Values, read_line, unlinked
from mdtasks.settings import ReadSettings

SECTION_START = "<!-- mdtasks:start -->"
SECTION_END = "<!-- mdtasks:end -->"

# A longer line is nobody's task and would only slow every later step.
MAX_LINE = 64 * 1024

# Literal first: a pattern that starts so runs through the bytes many times faster.
_GATE = re.compile(rb"\[(?:[\x00-\x7f]|[\xc2-\xf4][\x80-\xbf]{1,3})\][ \t]")
_LINE_END = re.compile(r"\r\n|\n|\r")
_QUOTE = re.compile(r"(?:[ \t]*> ?)+")


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a note gives to those of its tasks that lack it. `day` is a daily note's."""

    project: str
    day: date | None = None
    tags: tuple[str, ...] = ()
    due: date | None = None
    scheduled: date | None = None
    priority: Priority = Priority.NONE
    goal: str | None = None


def digest(data: bytes) -> bytes:
    """Return what a note's bytes are compared by."""
    return blake2b(data, digest_size=16).digest()


def read_note(path: str, data: bytes, settings: ReadSettings) -> Note:
    """Return the note; its tasks have no uid yet, and `parent_line` instead of a parent."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and data[:64].count(0) > 3:
        problem = Problem(path, 1, "this is UTF-16, which is not read", "save it as UTF-8")
        return Note(path, digest(data), problems=(problem,))
    if not _GATE.search(data):
        return Note(path, digest(data))
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    lines = _LINE_END.split(text) if "\r" in text else text.split("\n")
    offset = end_of_front_matter(lines)
    try:
        found = outline("\n".join(lines[offset:]))
    except TooDeepError:
        hint = "take apart the lists or quotes that are nested a thousand levels deep"
        problem = Problem(path, 1, "nested too deep; the note is not read", hint)
        return Note(path, digest(data), problems=(problem,))
    problems: list[Problem] = []
    inherited = _inherited(path, lines[:offset], settings, problems)
    sections = _sections(path, found, lines, offset, problems)
    boxes = [
        replace(box, line=offset + box.line, end=offset + box.end)
        for box in found.boxes
        if not any(start < offset + box.line < end for start, end in sections)
    ]
    kept = [box for box in boxes if _is_kept(path, box, lines, settings, problems)]
    rows = [_read(path, kept, index, lines, settings) for index in range(len(kept))]
    _add_parents(rows, kept)
    _add_sums(rows)
    for row in rows:
        _inherit(row, inherited, settings)
    return Note(path, digest(data), tuple(Task(**row) for row in rows), tuple(problems))


def _sections(
    path: str, found: Outline, lines: Sequence[str], offset: int, problems: list[Problem]
) -> list[tuple[int, int]]:
    """Return the lines of the marks around each managed section: what it holds mirrors tasks
    elsewhere."""
    sections: list[tuple[int, int]] = []
    opened: int | None = None
    for line in (offset + n for start, end in found.html for n in range(start, end)):
        mark = lines[line].strip() if line < len(lines) else ""
        if mark == SECTION_START and opened is None:
            opened = line
        elif mark == SECTION_END and opened is not None:
            sections.append((opened, line))
            opened = None
    if opened is not None:
        hint = f"add a line `{SECTION_END}` behind it, or remove the mark"
        problems.append(Problem(path, opened + 1, "this section has no end", hint))
    return sections


def _inherited(
    path: str, front: Sequence[str], settings: ReadSettings, problems: list[Problem]
) -> Inherited:
    stem = path.rpartition("/")[2].rpartition(".")[0]
    own = Inherited(stem, day_of(path, settings) if settings.schedule_daily else None)
    if not front:
        return own
    try:
        values = parse_front_matter(front[1:-1])
    except FrontMatterError as error:
        hint = "its tags, dates and project count again when it is valid YAML"
        problems.append(Problem(path, error.line, f"front matter: {error.message}", hint))
        return own
    first = {key: found[0] for key, found in values.items()}
    words = (
        word.lstrip("#") for tag in values.get("tags", ()) for word in re.split(r"[,\s]+", tag)
    )
    priority = first.get("priority", "").lower()
    return replace(
        own,
        project=unlinked(first.get("project", "")) or stem,
        tags=tuple(dict.fromkeys(f"#{word}" for word in words if word)),
        due=parse_iso(first.get("due", "")[:10]),
        scheduled=parse_iso(first.get("scheduled", "")[:10]),
        priority=Priority(priority) if priority in set(Priority) else Priority.NONE,
        goal=unlinked(first.get("goal", "")),
    )


def day_of(path: str, settings: ReadSettings) -> date | None:
    """Return the day of a daily note, by where it lies and what it is called."""
    notes, stem = settings.daily_notes, path.rpartition(".")[0]
    if folder := notes.folder.strip("/"):
        inside = stem.removeprefix(f"{folder}/")
        return None if inside == stem else date_from_name(inside, notes.format)
    return date_from_name(stem, notes.format) or date_from_name(
        stem.rpartition("/")[2], notes.format
    )


def _is_kept(
    path: str, box: Box, lines: Sequence[str], settings: ReadSettings, problems: list[Problem]
) -> bool:
    line = lines[box.line]
    if len(line) > MAX_LINE:
        message, hint = "a line over 64 KiB is not read", "break it into several lines"
        problems.append(Problem(path, box.line + 1, message, hint))
        return False
    return settings.global_filter in line


def _read(
    path: str, boxes: Sequence[Box], index: int, lines: Sequence[str], settings: ReadSettings
) -> Values:
    box = boxes[index]
    line = lines[box.line]
    mark = split_line(line)
    assert mark, "markdown-it-py found a box on this line"
    row = read_line(Source(path, box.line + 1, line), mark, settings)
    return row | {
        "depth": box.depth,
        "heading": box.heading,
        "brief": _brief(boxes, index, lines),
    }


def _brief(boxes: Sequence[Box], index: int, lines: Sequence[str]) -> str:
    """Return the indented text of a task's item, without its subtasks."""
    box = boxes[index]
    kept: list[str] = []
    position = box.line + 1
    while (index := index + 1) < len(boxes) and boxes[index].line < box.end:
        kept += lines[position : boxes[index].line]
        position = max(position, boxes[index].end)
    kept += lines[position : box.end]
    if not kept:
        return ""
    if ">" in lines[box.line].partition("[")[0]:
        kept = [_QUOTE.sub("", line, count=1) for line in kept]
    return dedent("\n".join(kept)).strip()


def _add_parents(rows: Sequence[Values], boxes: Sequence[Box]) -> None:
    """Add to each row the line of the task around it."""
    around: list[Box] = []
    for row, box in zip(rows, boxes, strict=True):
        while around and around[-1].end <= box.line:
            around.pop()
        row["parent_line"] = around[-1].line + 1 if around else None
        around.append(box)


def _add_sums(rows: Sequence[Values]) -> None:
    """Give a task without an estimate the sum of its open subtasks'."""
    sums: dict[int, timedelta] = {}
    for row in reversed(rows):  # subtasks stand below
        row["estimate"] = row["estimate"] or sums.get(row["source"].line)
        parent = row["parent_line"]
        if row["estimate"] and parent and row["status"] in OPEN_STATUSES:
            sums[parent] = sums.get(parent, timedelta()) + row["estimate"]


def _inherit(row: Values, note: Inherited, settings: ReadSettings) -> None:
    """Give a task the note's values where it has none of its own."""
    dated = row["due"] or row["scheduled"] or row["start"] or note.due or note.scheduled
    inferred: list[str] = []
    for name in ("due", "scheduled", "goal"):
        if row[name] is None and getattr(note, name):
            row[name] = getattr(note, name)
            inferred.append(name)
    # A written time needs a day, and on a daily note that day is the note's.
    if note.day and not row["scheduled"] and (row["begins"] or not dated):
        row["scheduled"] = note.day
        inferred.append("scheduled")
    if row["priority"] is Priority.NONE and note.priority is not Priority.NONE:
        row["priority"] = note.priority
        inferred.append("priority")
    tags = tuple(tag for tag in note.tags if tag not in {*row["tags"], settings.global_filter})
    if tags:
        row["tags"] += tags
        inferred.append("tags")
    row["project"] = row["project"] or note.project
    row["inferred"] = tuple(inferred)
