"""What is to be written where a person ticked or moved a mirror: Wish and Task -> edits.

Rule: pure. As the commands write it: what `mdtasks done` does to a line, a tick in the section
does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from mdtasks.model import Edit, Status, Task
from mdtasks.read.fields import split_line
from mdtasks.settings import ReadSettings, WriteSettings
from mdtasks.write import edits, task_notes
from mdtasks.write.mirrors import Wish
from mdtasks.write.pin import Times, pin


def edits_of(
    wish: Wish,
    task: Task,
    now: datetime,
    read: ReadSettings,
    write: WriteSettings,
    at_line: Callable[[int], Task | None],
) -> list[Edit]:
    """Return what is to be written: as the commands write it. `at_line` finds a task of the same
    note. Raises RefusedError."""
    day = wish.day or now
    made: Edit | None = None
    more: list[Edit] = []
    if wish.status is Status.DONE:
        made = edits.complete(task, day, read, write)
    elif wish.status is Status.CANCELLED:
        made = edits.cancel(task, wish.day or now.date(), read)
    elif wish.status:
        made = _opened(task, wish.symbol, read)
        more = _without_following(task, now.date(), read, write, at_line)
    if wish.times:
        made = _pinned(task, made, wish.times, read)
    return [*([made] if made else []), *more]


def _opened(task: Task, symbol: str, read: ReadSettings) -> Edit:
    """Return the line with an open box that holds `symbol`."""
    if task.dialect == task_notes.DIALECT:
        raise task_notes.no_word_for(task, "reopened or started")
    reopened = edits.reopen(task, read)
    text = reopened.after[0] if reopened else task.source.text
    box = split_line(text)
    if box:
        text = f"{text[: box.box]}{symbol}{text[box.box + 1 :]}"
    return Edit(task.source.path, task.source.line, task.source.text, (text,))


def _pinned(task: Task, made: Edit | None, times: Times, read: ReadSettings) -> Edit:
    text = made.after[0] if made else task.source.text
    edit = pin(task._replace(source=task.source._replace(text=text)), times, read)
    return edit._replace(before=task.source.text)


def _without_following(
    task: Task,
    today: date,
    read: ReadSettings,
    write: WriteSettings,
    at_line: Callable[[int], Task | None],
) -> list[Edit]:
    """Return the edit that removes the next occurrence, where it stands as the tick had made it."""
    reopened = edits.reopen(task, read) if task.recurrence else None
    if reopened is None or task.status is not Status.DONE:
        return []
    source = task.source._replace(text=reopened.after[0])
    again = edits.complete(
        task._replace(source=source, status=Status.TODO), task.done or today, read, write
    )
    if again is None or len(again.after) != 2:
        return []
    above = write.next_line == "above"
    line = task.source.line + (-1 if above else 1)
    other = at_line(line)
    if other is None or not other.is_open or other.source.text != again.after[0 if above else 1]:
        return []
    return [Edit(task.source.path, line, other.source.text, ())]
