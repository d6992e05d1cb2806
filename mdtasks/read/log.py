"""The time log, wherever a note may have it: four kinds, each known by a word that it needs.

    ## Time log                                    the list of a daily note, below its heading
    - 09:02 - 09:47 Write ([[Launch post]])

    - [ ] Write                                    below a task: Org's clock lines
      CLOCK: [2026-11-22 Sun 13:00]--[2026-11-22 Sun 14:00] =>  1:00

    - [ ] Write                                    below a task: the block of Day Planner
      ```yaml
      planner:
        log:
          - start: 2026-11-22 13:00:00
            end: 2026-11-22 14:00:00
      ```

    timeEntries:                                   the front matter of TaskNotes
      - startTime: 2026-11-22T13:00:00.000+01:00

Rule: without its word a kind costs next to nothing. What is no time is a problem of its line, and
the rest is read.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import compress
from typing import Any, NamedTuple

from mdtasks.model import Interval, Problem, Source
from mdtasks.read.blocks import Box, TooDeepError, comment_marks, parse
from mdtasks.read.log_lines import items_below
from mdtasks.read.log_times import moment, moments
from mdtasks.settings import ReadSettings

CLOCK, PLANNER, ENTRIES = "CLOCK:", "planner:", "timeEntries:"
TASK_NOTES = "tasknotes"

_MAX_LINE = 64 * 1024
_SHOWN = 40

_CLOCK_LINE = re.compile(
    rf"[ \t>]*(?:[-*+][ \t]+)?{CLOCK}[ \t]*\[([^\[\]]*)\](?:--\[([^\[\]]*)\])?"
)
# A line of a list of mappings: its indent with the dash, its key and its value.
_ENTRY_LINE = re.compile(
    r"([ \t]*(?:-[ \t]+)?)(?P<quote>[\"']?)(\w+)(?P=quote)[ \t]*:(?:[ \t]+(.*))?"
)
_YAML = frozenset({"", "yaml", "yml"})
# What may keep a line below a task from being text of its own.
_IN_DOUBT = ("```", "~~~", "<", "%%")


class Place(NamedTuple):
    """A note on the way to its log. `body` is what stands below the `front` lines, with its boxes;
    `rows` are the tasks by the names of Task. `day` is that of a daily note, and `task_line` that
    of the task which the note is."""

    path: str
    front: Sequence[str]
    body: Sequence[str]
    boxes: Sequence[Box]
    rows: Sequence[Mapping[str, Any]]
    day: date | None
    task_line: int | None


class Log(NamedTuple):
    intervals: tuple[Interval, ...]
    problems: tuple[Problem, ...]


class _Found(NamedTuple):
    """Time as it is written on a line, counted from 0 at the note's top; `times` are
    moments where it could be read."""

    line: int
    written: str
    times: tuple[datetime, datetime | None] | None
    text: str = ""
    task_line: int | None = None


NO_LOG = Log((), ())


def may_hold_log(data: bytes, day: date | None, settings: ReadSettings) -> bool:
    """Whether a note may have any kind of log, tasks or not; `day` is that of a daily note."""
    return (
        may_hold_list(data, day, settings)
        or CLOCK.encode() in data
        or PLANNER.encode() in data
        or (TASK_NOTES in settings.dialects and ENTRIES.encode() in data)
    )


def may_hold_list(data: bytes, day: date | None, settings: ReadSettings) -> bool:
    """Whether a daily note may have the list, which needs no task."""
    if day is None:
        return False
    return settings.log_heading.encode("utf-8", "surrogateescape").lower() in data.lower()


def read_log(place: Place, data: bytes, settings: ReadSettings) -> Log:
    """Return what a note says of time that was spent, by line."""
    below = "".join([row["brief"] for row in place.rows if "brief" in row])
    may_have = (
        may_hold_list(data, place.day, settings),
        CLOCK in below,
        PLANNER in below,
        place.task_line is not None,
    )
    if not any(may_have):
        return NO_LOG
    try:
        found = [each for read in compress(_KINDS, may_have) for each in read(place, settings)]
    except TooDeepError:
        return Log((), (_too_deep(place),))
    intervals: list[Interval] = []
    problems: list[Problem] = []
    for each in sorted(found, key=lambda one: one.line):
        source = _source(place, each.line)
        if len(source.text) > _MAX_LINE:
            problems.append(_too_long(place, source.line))
        elif each.times:
            start, end = each.times
            owner = each.task_line
            intervals.append(Interval(start, end, source, each.text, task_line=owner))
        else:
            problems.append(_no_time(source, each.written))
    return Log(tuple(intervals), tuple(problems))


def _source(place: Place, line: int) -> Source:
    front = len(place.front)
    text = place.front[line] if line < front else place.body[line - front]
    return Source(place.path, line + 1, text)


def _no_time(source: Source, written: str) -> Problem:
    shown = written if len(written) <= _SHOWN else f"{written[: _SHOWN - 1]}…"
    hint = "write it like 09:02 - 09:47, with a day 2026-11-22 13:00; until then it does not count"
    return Problem(source.path, source.line, f"`{shown}` is no time in the time log", hint)


def _too_long(place: Place, line: int) -> Problem:
    message, hint = "a line over 64 KiB is not read", "break it into several lines"
    return Problem(place.path, line, message, hint)


def _too_deep(place: Place) -> Problem:
    hint = "take apart the lists or quotes that are nested a thousand levels deep"
    return Problem(place.path, 1, "nested too deep; its time log is not read", hint)


# The list of a daily note


def _read_list(place: Place, settings: ReadSettings) -> Iterator[_Found]:
    assert place.day
    first = len(place.front)
    marks = [mark for section in _sections(place.body) for mark in section]
    for item in items_below(settings.log_heading, place.body):
        if bisect_left(marks, item.line) % 2 == 0:
            times = moments(place.day, item.times)
            yield _Found(first + item.line, item.times, times, item.text)


def _sections(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the marks around what mirrors tasks: the times there are a plan."""
    opened: int | None = None
    for number, line in enumerate(lines):
        if "<!-- mdtasks:" in line:
            mark = line.strip()
            if mark == "<!-- mdtasks:start -->" and opened is None:
                opened = number
            elif mark == "<!-- mdtasks:end -->" and opened is not None:
                yield opened, number
                opened = None


# What stands below a task


def _read_clocks(place: Place, settings: ReadSettings) -> Iterator[_Found]:
    """Yield what clock lines say that stand in a paragraph below a task."""
    lines = [number for number, line in enumerate(place.body) if CLOCK in line]
    owners = _owners(place.boxes, lines)
    if not _is_plain(place.body, owners):
        tokens = parse(place.body)
        marks = comment_marks(tokens)
        paragraphs = (token.map for token in tokens if token.type == "inline" and token.map)
        texts = {number for rows in paragraphs for number in range(*rows)}
        lines = [n for n in lines if n in texts and bisect_left(marks, n) % 2 == 0]
    for number in lines:
        match = _CLOCK_LINE.match(place.body[number])
        if match and number in owners:
            yield _below(place, number, match[1], match[2], owners[number])


def _is_plain(lines: Sequence[str], owners: Mapping[int, Box]) -> bool:
    """Whether none of the lines below a task can be code or a comment."""
    for box in dict.fromkeys(owners.values()):
        rows = lines[box.line : box.end]
        if ">" in _marker(rows[0]) or any(mark in row for row in rows for mark in _IN_DOUBT):
            return False
    return all(
        _column(lines[number]) <= len(_marker(lines[box.line]).expandtabs(4)) + 3
        for number, box in owners.items()
    )


def _marker(line: str) -> str:
    return line.partition("[")[0]


def _column(line: str) -> int:
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(4))


def _read_blocks(place: Place, settings: ReadSettings) -> Iterator[_Found]:
    """Yield what Day Planner's blocks say that stand below a task."""
    tokens = parse(place.body)
    marks = comment_marks(tokens)
    fences = {
        token.map[0]: token.content
        for token in tokens
        if token.type == "fence"
        and token.map
        and PLANNER in token.content
        and token.info.strip().lower() in _YAML
        and bisect_left(marks, token.map[0]) % 2 == 0
    }
    for line, owner in _owners(place.boxes, [*fences]).items():
        rows = fences[line].split("\n")
        inside = _below_key(rows, range(len(rows)), PLANNER.rstrip(":"))
        for number, start, end in _entries(rows, _below_key(rows, inside, "log"), _PLANNER_KEYS):
            yield _below(place, line + 1 + number, start, end, owner)


def _below(place: Place, line: int, start: str, end: str | None, owner: Box) -> _Found:
    first = len(place.front)
    return _written(first + line, start, end)._replace(task_line=first + owner.line + 1)


def _owners(boxes: Sequence[Box], lines: Sequence[int]) -> dict[int, Box]:
    """Return for each line the innermost task below which it stands; both come by line."""
    owners: dict[int, Box] = {}
    around: list[Box] = []
    at = 0
    for line in lines:
        while at < len(boxes) and boxes[at].line < line:
            around.append(boxes[at])
            at += 1
        while around and around[-1].end <= line:
            around.pop()
        if around:
            owners[line] = around[-1]
    return owners


# The front matter of a note that is a task


def _read_entries(place: Place, settings: ReadSettings) -> Iterator[_Found]:
    rows = place.front[:-1]
    inside = _below_key(rows, range(1, len(rows)), ENTRIES.rstrip(":"))
    for line, start, end in _entries(rows, inside, _TASK_NOTES_KEYS):
        yield _written(line, start, end)._replace(task_line=place.task_line)


# YAML as plugins write it: a key a line, a dash before the first of each entry

_PLANNER_KEYS = ("start", "end")
_TASK_NOTES_KEYS = ("startTime", "endTime")


def _below_key(rows: Sequence[str], within: range, key: str) -> range:
    """Return the rows that belong to a key, which has nothing behind its colon."""
    for number in within:
        match = _ENTRY_LINE.fullmatch(rows[number])
        if match and match[3] == key and not (match[4] or "").strip():
            indent = len(match[1])
            for end in range(number + 1, within.stop):
                bare = rows[end].lstrip(" \t")
                here = len(rows[end]) - len(bare)
                # A list may begin in its key's own column.
                if bare and here <= indent and not (bare[0] == "-" and here == indent):
                    return range(number + 1, end)
            return range(number + 1, within.stop)
    return range(0)


def _entries(
    rows: Sequence[str], within: range, keys: tuple[str, str]
) -> Iterator[tuple[int, str, str | None]]:
    """Yield the row of each entry's start, its start and its end."""
    line, said = 0, dict[str, str]()
    for number in (*within, None):
        match = _ENTRY_LINE.fullmatch(rows[number]) if number is not None else None
        if number is None or (match and "-" in match[1]):
            if keys[0] in said:
                yield line, said[keys[0]], said.get(keys[1])
            said = {}
        if number is not None and match and match[3] in keys:
            value = (match[4] or "").partition(" #")[0].strip().strip("\"'")
            if match[3] == keys[0]:
                line = number
            if value:
                said[match[3]] = value


def _written(line: int, start: str, end: str | None) -> _Found:
    begins = moment(start)
    ends = moment(end) if end else None
    if begins is None or (end and ends is None):
        return _Found(line, start if begins is None else end or "", None)
    return _Found(line, start, (begins, ends))


# In the order in which `read_log` looks whether there may be any.
_KINDS: tuple[Callable[[Place, ReadSettings], Iterator[_Found]], ...] = (
    _read_list,
    _read_clocks,
    _read_blocks,
    _read_entries,
)
