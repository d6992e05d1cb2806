"""What should change on a line when its task is started, skipped or postponed: Task -> Edit.

Rule: pure, and proven: a day that does not read back as meant is not written. A due date is a
promise to somebody and never moves.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from mdtasks.dates import EVERY_DAY
from mdtasks.errors import RefusedError
from mdtasks.model import Edit, Status, Task
from mdtasks.read import dialects
from mdtasks.read.fields import FIELDS, JS_SPACES, Body, parse_body
from mdtasks.read.line import Values, read_line
from mdtasks.settings import ReadSettings, WriteSettings
from mdtasks.write import task_notes
from mdtasks.write.boxes import box_of
from mdtasks.write.edits import cancel, complete
from mdtasks.write.moments import day_in_words
from mdtasks.write.pin import Times, pin

# What a move may change of what a line says.
_MOVED = ("scheduled", "dialect")


def start(task: Task, read: ReadSettings) -> Edit | None:
    """Return the line with `[/]`; None where it is in progress already.

    Raises RefusedError for a task that is closed, and for one that is a whole note.
    """
    if task.status is Status.IN_PROGRESS:
        return None
    _require_open(task, "started")
    box = box_of(task)
    text, symbol = task.source.text, _symbol_in_progress(task, read)
    return _edit(task, (text[: box.box] + symbol + text[box.box + 1 :],))


def skip(task: Task, now: date, read: ReadSettings, write: WriteSettings) -> Edit | None:
    """Return the line cancelled, and the next one of its series; None where it is closed.

    A series that has run out gets no next line. Raises RefusedError for a task without one, and
    for one that is a whole note.
    """
    if not task.is_open:
        return None
    _require_line(task, "skipped")
    if not task.recurrence:
        hint = f"`mdtasks cancel {_place(task)}` closes what will not be done"
        raise RefusedError(f"{_place(task)}: this task does not repeat; nothing was written", hint)
    today = now.date() if isinstance(now, datetime) else now
    ticked = complete(task, today, read, write._replace(allow_delete=False))
    closed = cancel(task, today, read)
    if ticked is None or closed is None:
        return None
    lines = list(ticked.after)
    lines[-1 if write.next_line == "above" else 0] = closed.after[0]
    return _edit(task, tuple(lines))


def postpone(
    task: Task, day: date, begins: time | None, ends: time | None, read: ReadSettings
) -> Edit | None:
    """Return the line scheduled on another day; None where it says that already.

    Without a time, the one that it has comes along; with one, a block keeps its length unless
    `ends` is given. Raises RefusedError for a task that is closed or a whole note, and where the
    line cannot say it.
    """
    _require_open(task, "postponed")
    if begins is None:
        edit = _moved(task, day, read)
    else:
        if ends is None and task.begins and task.ends:
            ends = _later(begins, task.begins, task.ends)
        edit = pin(task, Times(day, begins, ends), read)
    return None if edit.after == (task.source.text,) else edit


def stays(task: Task, day: date, today: date) -> list[str]:
    """Return the dates of a task that a move to `day` leaves where they are, in words."""
    kept: list[str] = []
    if task.due:
        late = ", which is earlier" if task.due < day else ""
        kept.append(f"due stays {day_in_words(task.due, today)}{late}")
    if task.start and task.start > day:
        kept.append(f"start stays {day_in_words(task.start, today)}, which is later")
    return kept


def _moved(task: Task, day: date, read: ReadSettings) -> Edit:
    box = box_of(task)
    head, text = task.source.text[: box.body], task.source.text[box.body :]
    body = parse_body(text, read)
    line = head + (_renewed(text, body, day) or _added(text, body, day, read))
    if not _says(line, task, day, read):
        raise RefusedError(
            f"{_place(task)}: that day cannot be written on this line; nothing was written",
            "write it there by hand",
        )
    return _edit(task, (line,))


def _renewed(text: str, body: Body, day: date) -> str | None:
    field = body.field("scheduled") or body.field("date")
    if field is None:
        return None
    written = text[field.value_start : field.value_end]
    new = dialects.renewed(written, "scheduled", day)
    if field.value == EVERY_DAY.isoformat():
        new = day.isoformat()
    return text[: field.value_start] + new + text[field.value_end :]


def _added(text: str, body: Body, day: date, read: ReadSettings) -> str:
    """Return the text with the day behind the other fields, in the dialect of the last of them."""
    usual = next((name for name in dialects.WRITERS if name in read.dialects), "")
    dialect = body.found[-1].dialect if body.found else usual
    added = _scheduled_field(dialect if dialect in dialects.WRITERS else usual, day)
    at = len(text[: body.block_id_start].rstrip(JS_SPACES))
    return text[:at] + added + text[at:]


def _scheduled_field(dialect: str, day: date) -> str:
    """Return what says the day in a dialect, with the space before it; "" where it has no word."""
    field = next(rule for rule in FIELDS if rule.name == "scheduled")
    if dialect == "emoji":
        return f" {field.emojis[0]} {day}"
    if dialect == "dataview":
        return f"  [{field.keys[0]}:: {day}]"
    return dialects.added("scheduled", dialect, day) or ""


def _says(line: str, task: Task, day: date, read: ReadSettings) -> bool:
    before, after = (read_line(text, read) for text in (task.source.text, line))
    return after.get("scheduled") == day and _rest(before) == _rest(after)


def _rest(values: Values) -> Values:
    return {name: value for name, value in values.items() if name not in _MOVED}


def _later(begins: time, was: time, ended: time) -> time:
    """Return the end of a block as long as one that was."""
    any_day = date(2000, 1, 1)
    length = datetime.combine(any_day, ended) - datetime.combine(any_day, was)
    return (datetime.combine(any_day, begins) + length % timedelta(days=1)).time()


def _symbol_in_progress(task: Task, read: ReadSettings) -> str:
    """Return `/`, unless the vault means something else by it."""
    symbols = [s for s, rule in read.statuses.items() if rule.type is Status.IN_PROGRESS]
    if not symbols:
        hint = 'name one under [statuses]: "/" = "IN_PROGRESS"'
        raise RefusedError(f"{_place(task)}: no symbol of this vault means in progress", hint)
    return "/" if "/" in symbols else symbols[0]


def _require_open(task: Task, change: str) -> None:
    _require_line(task, change)
    if not task.is_open:
        state = task.status.value.replace("_", " ").replace("non task", "closed")
        raise RefusedError(
            f"{_place(task)}: this task is {state} and cannot be {change}; nothing was written",
            "open it in the note first, or `mdtasks undo` if it was closed just now",
        )


def _require_line(task: Task, change: str) -> None:
    if task.dialect == task_notes.DIALECT:
        raise task_notes.no_word_for(task, change)


def _edit(task: Task, after: tuple[str, ...]) -> Edit:
    return Edit(task.source.path, task.source.line, task.source.text, after)


def _place(task: Task) -> str:
    return f"{task.source.path}:{task.source.line}"
