"""What should change in a note that is a task, as TaskNotes keeps them: front matter alone.

Rule: pure. Only the line that says the status is replaced; what would need more is refused.
"""

from __future__ import annotations

from datetime import date, datetime

from mdtasks.errors import RefusedError
from mdtasks.model import Task
from mdtasks.read.task_notes import COMPLETED, DIALECT, DONE, STATUS_LINE
from mdtasks.settings import WriteSettings

__all__ = ["DIALECT", "completed", "no_word_for"]


def completed(task: Task, now: date, write: WriteSettings) -> tuple[str, ...]:
    """Return the lines that say that the task is done. Raises RefusedError."""
    if task.recurrence:
        raise _refused(task, "it repeats, and TaskNotes keeps its days in a list", "in TaskNotes")
    status = STATUS_LINE.fullmatch(task.source.text)
    if status is None:
        reason = f"its front matter has no plain line `status: …`, or has `{COMPLETED}` already"
        raise _refused(task, reason, "in the note")
    before, quote, _, behind = status.groups()
    line = f"{before}{quote}{DONE}{behind}"
    if not write.done_date:
        return (line,)
    day = now.date() if isinstance(now, datetime) else now
    return (line, f"{COMPLETED}: {day}")


def no_word_for(task: Task, change: str) -> RefusedError:
    return _refused(task, f"a note that is a task is not {change} by mdtasks", "in the note")


def _refused(task: Task, reason: str, where: str) -> RefusedError:
    return RefusedError(
        f"{_place(task)}: {reason}; nothing was written", f"change its status {where}"
    )


def _place(task: Task) -> str:
    return f"{task.source.path}:{task.source.line}"
