"""Give a task another value of a field, such as an estimate or somebody to do it: Task -> Edit.

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
# What tells of another field stands behind that.
_BESIDE = {"handed": ("assignee",), "rework": ("handed", "assignee")}


def estimate(task: Task, length: timedelta, read: ReadSettings) -> Edit | None:
    """Return the line with this estimate; None where it is no longer than that already.

    Raises RefusedError for a closed task, for a whole note, and where the line cannot say it.
    """
    if task.estimate and task.estimate <= length:
        return None
    return amended(task, "estimate", format_duration(length), length, read)


def amended(task: Task, field: str, written: str, meant: object, read: ReadSettings) -> Edit:
    """Return the line with this value of a field. Raises as `estimate` does."""
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
    ways = [f"[{field}:: {written}]"]
    if field in _EMOJI:
        ways.insert(len(ways) if keyed else 0, f"{_EMOJI[field]} {written}")
    beside = next(filter(None, map(body.field, _BESIDE.get(field, ()))), None)
    for way in ways:
        for at in (beside.end, start, end) if beside else (start, end):
            before, after = text[:at].rstrip(JS_SPACES), text[at:].lstrip(JS_SPACES)
            # Spaces at the end may mean a line break.
            yield " ".join(filter(None, (before, way, after))) + ("" if after else text[at:])


def _rest(values: Values, field: str) -> Values:
    return {name: value for name, value in values.items() if name not in (field, "dialect")}
