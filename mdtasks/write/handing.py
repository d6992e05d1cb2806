"""What should change on a line when its task is handed over, comes back or is taken back:
Task -> Edit.

The name stands behind 👤, the day of handing over in `[handed:: 2026-11-22]`, how often it came
back in `[rework:: 2]`; ⏳ is the day on which to ask how it goes.

Rule: pure, and proven: each step reads back as meant and changes nothing else of what the line
says. Otherwise nothing is written.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date

from mdtasks.errors import RefusedError, UsageError
from mdtasks.model import Edit, Status, Task
from mdtasks.read.line import read_line, unlinked
from mdtasks.settings import ReadSettings
from mdtasks.write import edits, task_notes
from mdtasks.write.amend import amended
from mdtasks.write.reschedule import postpone

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LONGEST = 100  # characters; what is longer is no name
_ACCOUNT = ("handed", "rework")


def person(words: str) -> str:
    """Return a name as it is written on a line. Raises UsageError for what is none."""
    if found := _CONTROL.search(words):
        code = f"U+{ord(found[0]):04X}"
        raise UsageError(f"this name holds a control character, {code}", "leave it out")
    name = " ".join(words.split()).lstrip("@").strip()
    if unlinked(name) is None:
        raise UsageError("say to whom", "mdtasks hand 7f3 Ana")
    if len(name) > _LONGEST:
        raise UsageError("this is too long for a name", "mdtasks hand 7f3 Ana")
    return name


def bare(name: str) -> str | None:
    """Return who is meant by a name as it is written."""
    return unlinked(name)


def is_same(one: str | None, other: str | None) -> bool:
    """Whether two names are of one person: capitals make no two."""
    return one == other or (one or "").casefold() == (other or "").casefold()


def tells_days(read: ReadSettings) -> bool:
    """Whether the vault reads the fields that tell of the handing over."""
    return "dataview" in read.dialects


def hand_over(
    task: Task, name: str, today: date, follow_up: date | None, read: ReadSettings
) -> Edit | None:
    """Return the line with a name, the day and the one on which to ask; None where it says so.

    Whose it is already keeps the day on which it was handed over, and what came back; `follow_up`
    None leaves that day as it is. Raises RefusedError for a task that is closed or a whole note,
    and where the line cannot say it.
    """
    _require_line(task)
    if not task.is_open:
        raise _refused(task, "this task is closed", "open it in the note first")
    # The follow-up first: it speaks the dialect of the line, by which the name is written.
    now = _followed_up(_as_read(task, task.source.text, read), follow_up, read)
    if not is_same(now.assignee, unlinked(name)):
        now = _named(_without(now, _ACCOUNT, read), name, read)
    if now.handed is None and tells_days(read):
        now = _after(now, amended(now, "handed", today.isoformat(), today, read), read)
    return _edit(task, now.source.text)


def came_back(task: Task, follow_up: date, read: ReadSettings) -> Edit:
    """Return the line open again, come back once more than before, and with another day to ask.

    Raises RefusedError for a task of nobody else, one that is cancelled or a whole note, and where
    the line cannot say it.
    """
    _require_line(task)
    _require_handed(task)
    if not task.is_open and task.status is not Status.DONE:
        what = task.status.replace("_", " ").replace("non task", "closed")
        raise _refused(task, f"this task is {what}", "open it in the note first")
    if not task.is_open and task.recurrence:
        why = "this task repeats, and the next one is in the note"
        raise _refused(task, why, "hand that one over, or open this one in the note")
    now = _as_read(task, task.source.text, read)
    now = _after(now, edits.reopen(now, read), read)
    # As above, the day first.
    now = _followed_up(now, follow_up, read)
    if tells_days(read):
        times = now.rework + 1
        now = _after(now, amended(now, "rework", str(times), times, read), read)
    return Edit(task.source.path, task.source.line, task.source.text, (now.source.text,))


def take_back(task: Task, read: ReadSettings) -> Edit | None:
    """Return the line without the name, what tells of it, and the day on which to ask.

    By that day a series goes on that has no other date: then it stays. Raises as `hand_over`.
    """
    _require_line(task)
    _require_handed(task)
    if not task.is_open:
        raise _refused(task, "this task is closed", "open it in the note first")
    now = _as_read(task, task.source.text, read)
    keeps_day = now.recurrence is not None and now.due is None
    names = ("assignee", *_ACCOUNT) if keeps_day else ("assignee", *_ACCOUNT, "scheduled")
    return _edit(task, _without(now, names, read).source.text)


def _named(task: Task, name: str, read: ReadSettings) -> Task:
    """Return the task with a name; one of several words may need a link around it."""
    who = unlinked(name)
    try:
        return _after(task, amended(task, "assignee", name, who, read), read)
    except RefusedError:
        if " " not in name or name.startswith("[["):
            raise
    return _after(task, amended(task, "assignee", f"[[{name}]]", who, read), read)


def _followed_up(task: Task, day: date | None, read: ReadSettings) -> Task:
    """Return the task with another day on which to ask."""
    return _after(task, postpone(task, day, None, None, read), read) if day else task


def _without(task: Task, names: Collection[str], read: ReadSettings) -> Task:
    """Return the task without these fields. Raises RefusedError where more would change."""
    after = _after(task, edits.without(task, names, read), read)
    # A day that pins a block takes its times along.
    aside = {*names, "source", "dialect", *(("begins", "ends") if "scheduled" in names else ())}
    before, now = task._asdict(), after._asdict()
    if any(before[name] != now[name] for name in now.keys() - aside) or any(
        now[name] for name in names
    ):
        raise RefusedError(
            f"{task.source.path}:{task.source.line}: this cannot be taken off this line; nothing "
            "was written",
            "change it there by hand",
        )
    return after


def _after(task: Task, edit: Edit | None, read: ReadSettings) -> Task:
    return _as_read(task, edit.after[0], read) if edit else task


def _as_read(task: Task, line: str, read: ReadSettings) -> Task:
    """Return what a line says by itself."""
    return Task(source=task.source._replace(text=line), **read_line(line, read))


def _edit(task: Task, line: str) -> Edit | None:
    path, number, text = task.source
    return None if line == text else Edit(path, number, text, (line,))


def _require_line(task: Task) -> None:
    if task.dialect == task_notes.DIALECT:
        raise task_notes.no_word_for(task, "handed over")


def _require_handed(task: Task) -> None:
    if task.assignee is None:
        raise _refused(
            task, "this task is not handed over", f"mdtasks hand {task.key or 'KEY'} Ana"
        )


def _refused(task: Task, why: str, hint: str) -> RefusedError:
    place = f"{task.source.path}:{task.source.line}"
    return RefusedError(f"{place}: {why}; nothing was written", hint)
