"""Give a task another estimate, or somebody else to do it: Task -> Edit.

Rule: pure, and proven: of the ways to write it, the first counts that reads back as meant and
changes nothing else of what the line says. Otherwise nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from mdtasks.dates import format_duration
from mdtasks.errors import RefusedError
from mdtasks.model import Edit, Task
from mdtasks.read.fields import JS_SPACES, parse_body
from mdtasks.read.line import Values, read_line
from mdtasks.settings import ReadSettings
from mdtasks.write import task_notes
from mdtasks.write.boxes import box_of

_EMOJI = {"estimate": "⏱", "assignee": "👤"}


def estimate(task: Task, length: timedelta, read: ReadSettings) -> Edit | None:
    """Return the line with this estimate; None where it is no longer than that already.

    Raises RefusedError for a closed task, for a whole note, and where the line cannot say it.
    """
    if task.estimate and task.estimate <= length:
        return None
    return _amended(task, "estimate", format_duration(length), length, read)


def hand_over(task: Task, name: str, read: ReadSettings) -> Edit | None:
    """Return the line with a name behind 👤; None where it has it. Raises as `estimate` does."""
    if task.assignee == name:
        return None
    return _amended(task, "assignee", name, name, read)


def _amended(task: Task, field: str, written: str, meant: object, read: ReadSettings) -> Edit:
    source = task.source
    if task.dialect == task_notes.DIALECT:
        raise task_notes.no_word_for(task, "changed so")
    if not task.is_open:
        raise RefusedError(f"{source.path}:{source.line}: this task is closed; nothing was written")
    box = box_of(task)
    head, text = source.text[: box.body], source.text[box.body :]
    before = read_line(source.text, read)
    # A comment that it opens would hide all that follows in the note.
    for way in _ways(text, field, written, read) if "%%" not in written else ():
        after = read_line(head + way, read)
        if after.get(field) == meant and _rest(before, field) == _rest(after, field):
            return Edit(source.path, source.line, source.text, (head + way,))
    raise RefusedError(
        f"{source.path}:{source.line}: this cannot be written on this line; nothing was written",
        "write it there by hand",
    )


def _ways(text: str, field: str, written: str, read: ReadSettings) -> Iterator[str]:
    """Yield the text with the value in the place of the one it has, or with one more field.

    Before the other fields first: behind them, the Obsidian Tasks plugin would not read them.
    """
    body = parse_body(text, read)
    found = body.field(field)
    if found:
        yield text[: found.value_start] + written + text[found.value_end :]
        return
    end = len(text[: body.block_id_start].rstrip(JS_SPACES))
    start = min((each.start for each in body.found), default=end)
    keyed = bool(body.found) and body.found[-1].dialect == "dataview"
    ways = (f"[{field}:: {written}]", f"{_EMOJI[field]} {written}")
    for way in ways if keyed else reversed(ways):
        for at in (start, end):
            before, after = text[:at].rstrip(JS_SPACES), text[at:].lstrip(JS_SPACES)
            yield " ".join(filter(None, (before, way, after)))


def _rest(values: Values, field: str) -> Values:
    return {name: value for name, value in values.items() if name not in (field, "dialect")}
