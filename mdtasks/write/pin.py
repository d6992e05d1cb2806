"""Write a time on the line of a task, so that its block stays there: Task -> Edit.

Rule: pure, and proven: of the ways to say it, the first counts that reads back as meant and
changes nothing else of what the line says. Otherwise nothing is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, time
from typing import NamedTuple

from mdtasks.errors import RefusedError
from mdtasks.model import Edit, Task
from mdtasks.read import dialects
from mdtasks.read.fields import JS_SPACES, Body, Field, parse_body
from mdtasks.read.line import Values, read_line
from mdtasks.read.times import leading_times
from mdtasks.settings import ReadSettings
from mdtasks.write import task_notes
from mdtasks.write.boxes import box_of

_ISO_LENGTH = len("2026-11-22")
_LEADING_TAGS = re.compile(r"(?:#\S+[ \t]+)*")
_BETWEEN = re.compile(r"(?<![ \t])[ \t]*[-–—][ \t]*")
_CLOCK = "[0-9]{1,2}(?::[0-9]{2})?(?: ?[ap]m)?"
_SPOKEN = re.compile(rf"(?<!\S)at {_CLOCK}(?: ?[-–—] ?{_CLOCK})?(?!\S)", re.IGNORECASE)
# What a pin may change of what a line says.
_SAID = ("scheduled", "begins", "ends")
_ASIDE = ("dialect", *_SAID)


class Times(NamedTuple):
    """When a block is to be: without an end it is as long as the task's estimate."""

    day: date
    begins: time
    ends: time | None = None

    def joined(self, between: str) -> str:
        return f"{self.begins:%H:%M}" + (f"{between}{self.ends:%H:%M}" if self.ends else "")


class _Line(NamedTuple):
    """A task's line: `head` is all up to its text."""

    head: str
    text: str
    body: Body
    task: Task
    read: ReadSettings


def pin(task: Task, times: Times, read: ReadSettings) -> Edit:
    """Return the line with these times; where it has some, in their place.

    Else they come behind ⏳ in the line's dialect or, where that is read by nobody, to the start
    of the text as Day Planner has it. Raises RefusedError where the line can say it in no way.
    """
    if task.dialect == task_notes.DIALECT:
        raise task_notes.no_word_for(task, "given a time")
    source = task.source
    box = box_of(task)
    text = source.text[box.body :]
    line = _Line(source.text[: box.body], text, parse_body(text, read), task, read)
    # Kanban and Reminder have no word for an end; there the estimate counts.
    for wanted in dict.fromkeys((times, times._replace(ends=None))):
        for way in _WAYS:
            for after in way(line, wanted):
                if _says(after, wanted, line):
                    return Edit(source.path, source.line, source.text, (line.head + after,))
    raise RefusedError(
        f"{source.path}:{source.line}: a time cannot be written on this line; nothing was written",
        "write it there by hand",
    )


def _says(text: str, times: Times, line: _Line) -> bool:
    before, after = _values(line.head + line.text, line), _values(line.head + text, line)
    day = after.get("scheduled")
    if day is None and "scheduled" in line.task.inferred:
        day = line.task.scheduled
    # A repeating task without a date keeps none: its time is a wish for each of its days.
    rightly_dated = day == times.day or (day is None and _is_daily_wish(line))
    return (
        rightly_dated
        and (after.get("begins"), after.get("ends")) == (times.begins, times.ends)
        and _rest(before) == _rest(after)
    )


def _values(text: str, line: _Line) -> Values:
    return read_line(text, line.read)


def _rest(values: Values) -> Values:
    return {name: value for name, value in values.items() if name not in _ASIDE}


def _is_daily_wish(line: _Line) -> bool:
    task = line.task
    return bool(task.recurrence and task.begins and not task.scheduled)


# The ways, in order. Each yields the text after the box as it would be.


def _in_scheduled(line: _Line, times: Times) -> Iterator[str]:
    """Renew the time behind ⏳."""
    field = line.body.field("scheduled")
    if field and len(field.value) > _ISO_LENGTH:
        yield _valued(line.text, field, _moment(times, field))


def _at_start(line: _Line, times: Times) -> Iterator[str]:
    """Renew a Day Planner time, as it is written: `9:00-10`, `09:00 – 10:00`."""
    rest, begins, _ = leading_times(line.text)
    if begins is None:
        return
    tags = _LEADING_TAGS.match(line.text)
    start = tags.end() if tags else 0
    stop = start + len(line.text) - len(rest)
    if line.text[:start] + line.text[stop:] != rest:
        return
    between = _BETWEEN.search(line.text[start:stop].rstrip(" \t-–—"))
    written = times.joined(between[0] if between else " - ")
    yield from _dated(f"{line.text[:start]}{written} {line.text[stop:]}", line, times)


def _in_fields(line: _Line, times: Times) -> Iterator[str]:
    """Renew `[startTime:: …]` and `[endTime:: …]`, or `@@{…}`."""
    begins = line.body.field("begins")
    if begins is None:
        return
    text, ends = line.text, line.body.field("ends")
    changes = [(begins, f"{times.begins:%H:%M}")]
    if ends and times.ends:
        changes.append((ends, f"{times.ends:%H:%M}"))
    for field, value in sorted(changes, key=lambda change: -change[0].start):
        text = _valued(text, field, value)
    if times.ends and not ends:
        text = f"{text[: begins.end]}  [endTime:: {times.ends:%H:%M}]{text[begins.end :]}"
    yield from _dated(text, line, times)


def _in_words(line: _Line, times: Times) -> Iterator[str]:
    """Renew NotePlan's `at 3pm-4pm`."""
    if "noteplan" in line.read.dialects:
        for found in _SPOKEN.finditer(line.text):
            text = f"{line.text[: found.start()]}at {times.joined('-')}{line.text[found.end() :]}"
            yield from _dated(text, line, times)


def _behind_scheduled(line: _Line, times: Times) -> Iterator[str]:
    """Write the time behind ⏳, which is added in front of the other fields where it is not
    there: the Tasks plugin does not see what stands to the left of a time."""
    field = line.body.field("scheduled")
    if field:
        yield _valued(line.text, field, _moment(times, field))
        return
    dialect = _dialect(line)
    moment = f"{times.day} {times.joined('-')}"
    added = {"emoji": f" ⏳ {moment}", "dataview": f"  [scheduled:: {moment}]"}.get(dialect)
    if added:
        yield from _inserted(line.text, added, line)


def _planner_time(line: _Line, times: Times) -> Iterator[str]:
    yield from _dated(f"{times.joined(' - ')} {line.text}", line, times)


def _spoken_time(line: _Line, times: Times) -> Iterator[str]:
    yield from _dated(f"at {times.joined('-')} {line.text}", line, times)


_WAYS: tuple[Callable[[_Line, Times], Iterator[str]], ...] = (
    _in_scheduled,
    _at_start,
    _in_fields,
    _in_words,
    _behind_scheduled,
    _planner_time,
    _spoken_time,
)


def _dated(text: str, line: _Line, times: Times) -> Iterator[str]:
    """Yield the text as it is, and with the day where it lacks it."""
    yield text
    body = parse_body(text, line.read)
    for name in ("scheduled", "date"):
        if field := body.field(name):
            yield _valued(text, field, f"{times.day}{field.value[_ISO_LENGTH:]}")
            return
    dialect = _dialect(line)
    added = {"emoji": f" ⏳ {times.day}", "dataview": f"  [scheduled:: {times.day}]"}.get(dialect)
    added = added or dialects.added("scheduled", dialect, times.day)
    if added:
        yield from _inserted(text, added, line)


def _inserted(text: str, added: str, line: _Line) -> Iterator[str]:
    """Yield the text with a field in front of its fields, and with it at the end."""
    body = parse_body(text, line.read)
    last = len(text[: body.block_id_start].rstrip(JS_SPACES))
    first = min((field.start for field in body.found), default=last)
    for at in dict.fromkeys((len(text[:first].rstrip(JS_SPACES)), last)):
        gap = "" if text[at : at + 1] in ("", *JS_SPACES) else " "
        yield f"{text[:at]}{added}{gap}{text[at:]}"


def _valued(text: str, field: Field, value: str) -> str:
    return text[: field.value_start] + value + text[field.value_end :]


def _moment(times: Times, field: Field) -> str:
    """Return day and times; a T stays one, unless a range behind it looked like a time zone."""
    keeps_t = field.value[_ISO_LENGTH : _ISO_LENGTH + 1] in ("T", "t") and times.ends is None
    return f"{times.day}{'T' if keeps_t else ' '}{times.joined('-')}"


def _dialect(line: _Line) -> str:
    """Return the dialect that the line speaks, else the first that the vault reads."""
    usual = [name for name in dialects.WRITERS if name in line.read.dialects]
    last = line.body.found[-1].dialect if line.body.found else ""
    return last if last in dialects.WRITERS else next(iter(usual), "")
