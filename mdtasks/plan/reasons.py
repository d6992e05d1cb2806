"""Say in one line why a block stands where it does, or why a task has no place.

Rule: only what is so, in words that a person would use; the facts come from the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from mdtasks.dates import format_duration
from mdtasks.model import Priority, Status, Task
from mdtasks.plan.batches import contexts
from mdtasks.plan.frame import Frame, Job, Pieces
from mdtasks.plan.place import is_late
from mdtasks.plan.slots import ONE_DAY

IMPORTANT = frozenset({Priority.HIGHEST, Priority.HIGH, Priority.MEDIUM})
SHORT_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}
TITLE_WIDTH = 60


def day_name(day: date, today: date) -> str:
    """Return "today", "Fri" within the next six days, else the date."""
    distance = (day - today).days
    if 1 < distance < 7:
        return SHORT_DAYS[day.weekday()]
    return NEAR.get(distance, day.isoformat())


def why(task: Task, today: date) -> list[str]:
    """Return what makes the task wanted, most telling first; at least one phrase."""
    phrases = []
    if task.status is Status.IN_PROGRESS:
        phrases.append("in progress")
    if task.due:
        phrases.append(_on("due", task.due, today))
    elif task.scheduled:
        phrases.append(_on("scheduled", task.scheduled, today))
    if task.priority in IMPORTANT:
        phrases.append(f"{task.priority} priority")
    if task.begins:
        phrases.append(f"you wrote {task.begins:%H:%M}")
    if task.recurrence and not (task.due or task.scheduled):
        phrases.append(task.recurrence)
    if not phrases and task.estimate:
        phrases.append(f"needs {format_duration(task.estimate)}")
    return phrases or ["its parent is wanted"]


def _on(word: str, day: date, today: date) -> str:
    return f"{'was ' if day < today else ''}{word} {day_name(day, today)}"


def focus_reason(job: Job, pieces: Pieces, part: int, *, crowded: bool, frame: Frame) -> str:
    """Return the reason of the piece number `part`, from 0; `crowded`: its day is over the load."""
    phrases = why(job.task, frame.today)
    if len(pieces) > 1:
        phrases.append(f"part {part + 1} of {len(pieces)}")
    if job.can_be_saved(frame.now):
        if is_late(job, pieces):
            phrases.append("no free time before then")
        elif crowded:
            load = format_duration(frame.settings.daily_load)
            phrases.append(f"over {load} of focus that day, to be in time")
    return ", ".join(phrases)


def fixed_reason(task: Task, others: Sequence[str]) -> str:
    """Return the reason of a block at a written time; `others` are the titles it overlaps."""
    overlaps = [f"overlaps “{title}”" for title in others]
    return ", ".join([f"you wrote {task.begins:%H:%M}", *overlaps])


def batch_title(tasks: Sequence[Task]) -> str:
    """Return "3 small tasks: call Bo, buy bulbs, …", or the text of the only one."""
    if len(tasks) == 1:
        return tasks[0].text
    title = f"{len(tasks)} small tasks: " + ", ".join(task.text for task in tasks)
    if len(title) <= TITLE_WIDTH:
        return title
    return title[: TITLE_WIDTH - 1].rsplit(" ", 1)[0].rstrip(",") + " …"


def batch_reason(tasks: Sequence[Task], frame: Frame) -> str:
    """Return why the first, most urgent task is wanted, and what the others have in common."""
    reason = ", ".join(why(tasks[0], frame.today))
    if len(tasks) == 1:
        return reason
    shared = sorted(frozenset.intersection(*map(contexts, tasks)))
    return f"{'all ' + ' '.join(shared) + '; ' if shared else ''}most urgent: {reason}"


def waits_for(task: Task) -> str:
    return f"waits for “{task.text}”"


def unplaced_reason(job: Job, frame: Frame) -> str:
    """Return what room was looked for, in vain."""
    length = format_duration(job.length)
    if job.until < frame.end:
        own_day = job.until.astimezone(frame.zone).date() - ONE_DAY
        return f"no free {length} {day_name(own_day, frame.today)}"
    if job.task.due and job.can_be_saved(frame.now):
        return f"no free {length} by {day_name(job.task.due, frame.today)}"
    reason = f"no free {length} by {day_name(frame.last, frame.today)}"
    if job.small:
        return reason
    return f"{reason}, at most {format_duration(frame.settings.daily_load)} of focus a day"
