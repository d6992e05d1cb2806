"""The whole note: front matter, headings, nesting, the tasks with all that is known of them.

Rule: bytes in, values out. A fault in a note becomes a `Problem` and the rest is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256
from textwrap import dedent
from typing import NamedTuple

from mdtasks.dates import date_from_name, parse_iso
from mdtasks.model import OPEN_STATUSES, Interval, Note, Priority, Problem, Source, Task
from mdtasks.read.boxes import Box, Outline, TooDeepError, may_hold_boxes, outline
from mdtasks.read.front_matter import (
    FrontMatter,
    FrontMatterError,
    parse_front_matter,
    split_front_matter,
    tags_of,
)
from mdtasks.read.line import LineReader, Values, unlinked
from mdtasks.read.log import Place, may_hold_list, read_log
from mdtasks.read.plain_front_matter import parse_plain
from mdtasks.read.task_notes import TASK_TAG, is_task_note, read_task_note
from mdtasks.settings import ReadSettings

SECTION_START = "<!-- mdtasks:start -->"
SECTION_END = "<!-- mdtasks:end -->"

# A longer line is nobody's task and would only slow every later step.
MAX_LINE = 64 * 1024

# With its mark at the start, or by four letters of ASCII.
_UTF16 = re.compile(rb"(?:\xff\xfe|\xfe\xff)(?:[^\0]*\0){4}|(?:[^\0]\0){4}|(?:\0[^\0]){4}")
_FRONT = re.compile(rb"(?:\xef\xbb\xbf)?---[ \t]*[\r\n]")
_LINE_END = re.compile(r"\r\n|\r")
# What a task has from its note where that, and not the task, has it.
_GIVEN = ("due", "scheduled", "goal")
_PRIORITIES = {str(priority): priority for priority in Priority}
_QUOTE = re.compile(r"\A(?:[ \t]*> ?)+")


class Inherited(NamedTuple):
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
    # Processors have instructions for this one.
    return sha256(data).digest()[:16]


class Contents(NamedTuple):
    """What a note says; each task by the names of Task, without those that have their default."""

    path: str
    digest: bytes
    tasks: Sequence[Values] = ()
    problems: Sequence[Problem] = ()
    intervals: Sequence[Interval] = ()


def read_note(path: str, data: bytes, settings: ReadSettings) -> Note:
    """Return the note; its tasks have no uid yet, and `parent_line` instead of a parent."""
    found = read_contents(path, data, settings)
    tasks = tuple(Task(**row) for row in found.tasks)
    return Note(path, found.digest, tasks, tuple(found.problems), tuple(found.intervals))


def read_contents(path: str, data: bytes, settings: ReadSettings) -> Contents:
    """Return what the note says: of ten thousand notes nobody needs the Tasks themselves."""
    if _UTF16.match(data):
        problem = Problem(path, 1, "this is UTF-16, which is not read", "save it as UTF-8")
        return Contents(path, digest(data), problems=(problem,))
    task_notes = "tasknotes" in settings.dialects
    day = day_of(path, settings)
    may_say = may_hold_boxes(data) or (task_notes and _FRONT.match(data))
    if not may_say and not may_hold_list(data, day, settings):
        return Contents(path, digest(data))
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    front, below = split_front_matter(_LINE_END.sub("\n", text) if "\r" in text else text)
    body, offset = below.split("\n"), len(front)
    try:
        found = outline(below)
    except TooDeepError:
        hint = "take apart the lists or quotes that are nested a thousand levels deep"
        problem = Problem(path, 1, "nested too deep; the note is not read", hint)
        return Contents(path, digest(data), problems=(problem,))
    problems: list[Problem] = []
    values = _front_matter(path, front, problems) if front else {}
    inherited = _inherited(path, values, day if settings.schedule_daily else None)
    # To markdown-it a line of no-break spaces is blank, and the box below it stands there.
    boxes = [box for box in found.boxes if "[" in body[box.line]]
    if found.html and (sections := _sections(path, found, body, offset, problems)):
        boxes = [box for box in boxes if not any(a < box.line < b for a, b in sections)]
    if settings.global_filter or len(text) > MAX_LINE:
        boxes = [box for box in boxes if _is_kept(path, box, body, offset, settings, problems)]
    task_line = None
    if task_notes and is_task_note(values):
        tags = tuple(tag for tag in inherited.tags if tag != TASK_TAG)
        rows = _rows(path, boxes, body, offset, settings, inherited._replace(tags=tags))
        task = read_task_note(path, front, values)
        task_line = task["source"].line
        rows = _put_above(rows, task)
    else:
        rows = _rows(path, boxes, body, offset, settings, inherited)
    _add_sums(rows)
    log = read_log(Place(path, front, body, boxes, rows, day, task_line), data, settings)
    return Contents(path, digest(data), rows, [*problems, *log.problems], log.intervals)


def _sections(
    path: str, found: Outline, lines: Sequence[str], offset: int, problems: list[Problem]
) -> list[tuple[int, int]]:
    """Return the lines of the marks around each managed section: what it holds mirrors tasks
    elsewhere."""
    sections: list[tuple[int, int]] = []
    opened: int | None = None
    for line in (n for start, end in found.html for n in range(start, end)):
        mark = lines[line].strip() if line < len(lines) else ""
        if mark == SECTION_START and opened is None:
            opened = line
        elif mark == SECTION_END and opened is not None:
            sections.append((opened, line))
            opened = None
    if opened is not None:
        hint = f"add a line `{SECTION_END}` behind it, or remove the mark"
        problems.append(Problem(path, offset + opened + 1, "this section has no end", hint))
    return sections


def _front_matter(path: str, front: Sequence[str], problems: list[Problem]) -> FrontMatter:
    try:
        values = parse_plain(front[1:-1])
        return parse_front_matter(front[1:-1]) if values is None else values
    except FrontMatterError as error:
        hint = "its tags, dates and project count again when it is valid YAML"
        problems.append(Problem(path, error.line, f"front matter: {error.message}", hint))
        return {}


def _put_above(rows: Sequence[Values], task: Values) -> list[Values]:
    """Return the task that the note is and those in it, which become its steps."""
    for row in rows:
        row.setdefault("parent_line", task["source"].line)
    return [task, *rows]


def _inherited(path: str, values: FrontMatter, day: date | None) -> Inherited:
    """Return what the front matter and the name of a note give to its tasks."""
    stem = path.rpartition("/")[2].rpartition(".")[0]
    if not values:
        return Inherited(stem, day)
    first = {key: found[0] for key, found in values.items()}
    return Inherited(
        project=unlinked(first.get("project", "")) or stem,
        day=day,
        tags=tags_of(values),
        due=parse_iso(first.get("due", "")[:10]),
        scheduled=parse_iso(first.get("scheduled", "")[:10]),
        priority=_PRIORITIES.get(first.get("priority", "").lower(), Priority.NONE),
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
    path: str,
    box: Box,
    lines: Sequence[str],
    offset: int,
    settings: ReadSettings,
    problems: list[Problem],
) -> bool:
    line = lines[box.line]
    if len(line) > MAX_LINE:
        message, hint = "a line over 64 KiB is not read", "break it into several lines"
        problems.append(Problem(path, offset + box.line + 1, message, hint))
        return False
    return settings.global_filter in line


def _rows(
    path: str,
    boxes: Sequence[Box],
    lines: Sequence[str],
    offset: int,
    settings: ReadSettings,
    note: Inherited,
) -> list[Values]:
    """Return what the lines of the boxes say, what stands around them, and what the note gives
    to those that have none of their own."""
    rows: list[Values] = []
    read, around = LineReader(settings).read, list[Box]()
    project = note.project
    gives = note != Inherited(project)
    given = {name: value for name in _GIVEN if (value := getattr(note, name))}
    for index, box in enumerate(boxes):
        at, end, depth, heading = box
        text = lines[at]
        row = read(text)
        # As Source() does, twice as fast.
        row["source"] = tuple.__new__(Source, (path, offset + at + 1, text))
        if depth:
            row["depth"] = depth
            while around and around[-1].end <= at:
                around.pop()
            if around:
                row["parent_line"] = offset + around[-1].line + 1
        elif around:
            around.clear()
        if heading:
            row["heading"] = heading
        if end > at + 1:
            if brief := _brief(boxes, index, lines):
                row["brief"] = brief
            around.append(box)
        if "project" not in row:
            row["project"] = project
        if gives and (inferred := _inherit(row, note, given, settings)):
            row["inferred"] = tuple(inferred)
        rows.append(row)
    return rows


def _brief(boxes: Sequence[Box], index: int, lines: Sequence[str]) -> str:
    """Return the indented text of a task's item, without its subtasks."""
    first, end, _, _ = boxes[index]
    kept: list[str] = []
    position = first + 1
    for below in range(index + 1, len(boxes)):
        at, stop, _, _ = boxes[below]
        if at >= end:
            break
        if at > position:
            kept += lines[position:at]
        position = max(position, stop)
    kept += lines[position:end]
    if not any(kept):
        return ""
    written = [line for line in kept if not line.isspace() and line]
    if not written:
        return ""
    if ">" in lines[first].partition("[")[0]:
        kept = [_QUOTE.sub("", line, count=1) for line in kept]
    elif len(written) == 1:
        return written[0].strip()
    return dedent("\n".join(kept)).strip()


def _add_sums(rows: Sequence[Values]) -> None:
    """Give a task without an estimate the sum of its open subtasks'."""
    if not any("parent_line" in row for row in rows if "estimate" in row):
        return
    sums: dict[int, timedelta] = {}
    for row in reversed(rows):  # subtasks stand below
        if "estimate" not in row and (total := sums.get(row["source"].line)):
            row["estimate"] = total
        parent = row.get("parent_line")
        if parent and "estimate" in row and row["status"] in OPEN_STATUSES:
            sums[parent] = sums.get(parent, timedelta()) + row["estimate"]


def _inherit(row: Values, note: Inherited, given: Values, settings: ReadSettings) -> list[str]:
    """Give a task what it lacks and the note has; return the names of these fields. `given` are
    those of `_GIVEN` that it has."""
    dated = row.get("due") or row.get("scheduled") or row.get("start") or note.due or note.scheduled
    inferred: list[str] = []
    for name in given:
        if row.get(name) is None:
            row[name] = given[name]
            inferred.append(name)
    # A written time needs a day, and on a daily note that day is the note's.
    if note.day and not row.get("scheduled") and (row.get("begins") or not dated):
        row["scheduled"] = note.day
        inferred.append("scheduled")
    if note.priority is not Priority.NONE and "priority" not in row:
        row["priority"] = note.priority
        inferred.append("priority")
    if note.tags:
        own = row.get("tags", ())
        without = (*own, settings.global_filter)
        if tags := tuple([tag for tag in note.tags if tag not in without]):
            row["tags"] = own + tags
            inferred.append("tags")
    return inferred
