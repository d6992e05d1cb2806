"""Say in one line why a block stands where it does.

Rule: only what is so, in words that a person would use; the facts come from the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta

from mdtasks.dates import format_duration
from mdtasks.model import Priority, Status, Task
from mdtasks.plan.batches import contexts
from mdtasks.plan.estimates import estimate_phrase
from mdtasks.plan.frame import Frame, Job, Pieces
from mdtasks.plan.place import is_late
from mdtasks.plan.shares import whole_of

IMPORTANT = frozenset({Priority.HIGHEST, Priority.HIGH, Priority.MEDIUM})
SHORT_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}
TITLE_WIDTH = 60
WAITING = "waits for "


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


def why_there(job: Job, pieces: Pieces, frame: Frame) -> list[str]:
    """Return the same of a job that may stand elsewhere than at the time that the person wrote."""
    begins = job.task.begins
    phrases = why(job.task, frame.today)
    if begins is None or pieces[0].start.astimezone(frame.zone).time() == begins:
        return phrases
    written = f"you wrote {begins:%H:%M}"
    gone = f"not at {begins:%H:%M}, which is {_gone(job, begins, frame)}"
    return [gone if phrase == written else phrase for phrase in phrases]


def _gone(job: Job, begins: time, frame: Frame) -> str:
    """Return what became of the time that the person wrote."""
    if job.ready.astimezone(frame.zone).time() == begins:
        return "before what it waits for" if job.after else "taken"
    day = job.task.scheduled
    is_over = begins < frame.now.astimezone(frame.zone).time()
    return "over" if is_over or (day and day < frame.today) else "too late"


def _on(word: str, day: date, today: date) -> str:
    return f"{'was ' if day < today else ''}{word} {day_name(day, today)}"


def focus_reason(
    job: Job, pieces: Pieces, part: int, *, crowded: bool, frame: Frame, words: str = ""
) -> str:
    """Return the reason of the piece number `part`, from 0; `crowded`: its day is over the load.

    `words` say why a session is, whatever is done in it.
    """
    phrases = [words] if words else why_there(job, pieces, frame)
    slower = estimate_phrase(job.task, frame.last, frame.factors, frame.settings.step)
    if slower and not words:
        phrases.append(slower)
    if not (part or words) and (spent := frame.spent.get(job.uid)):
        phrases.append(f"{format_duration(spent)} logged")
    if not part and (whole := whole_of(job, frame)):
        phrases = [each for each in phrases if not each.startswith("needs ")]
        phrases.append(f"{format_duration(job.length)} of {format_duration(whole)} in these days")
    elif not part and len(pieces) > 1:
        phrases = [each for each in phrases if not each.startswith("needs ")]
        phrases.append(_needs(pieces))
    if len(pieces) > 1:
        phrases.append(f"part {part + 1} of {len(pieces)}")
    if job.task.due and job.can_be_saved(frame.now):
        if job.deadline and job.ready >= job.deadline:
            opens = job.ready.astimezone(frame.zone).date()
            phrases.append(f"not before {day_name(opens, frame.today)}")
        elif is_late(job, pieces):
            phrases.append("no free time before then")
        elif crowded:
            load = format_duration(frame.settings.daily_load)
            phrases.append(f"over {load} of focus that day, to be in time")
    return ", ".join(phrases)


def _needs(pieces: Pieces) -> str:
    """Return "needs 2 × 45m", or "needs 1h15m + 50m", or "needs 6h" where that would be long."""
    lengths = [piece.length for piece in pieces]
    if len(set(lengths)) == 1:
        return f"needs {len(lengths)} × {format_duration(lengths[0])}"
    if len(lengths) == 2:
        return "needs " + " + ".join(map(format_duration, lengths))
    return f"needs {format_duration(sum(lengths, timedelta()))}"


def fixed_reason(task: Task, others: Sequence[str], asides: Sequence[str] = ()) -> str:
    """Return the reason of a block at a written time; `others` are the titles it overlaps."""
    overlaps = [f"overlaps “{title}”" for title in others]
    return ", ".join([f"you wrote {task.begins:%H:%M}", *overlaps, *asides])


def batch_title(tasks: Sequence[Task]) -> str:
    """Return "3 small tasks: call Bo, buy bulbs, …", or the text of the only one."""
    if len(tasks) == 1:
        return tasks[0].text
    title = f"{len(tasks)} small tasks: " + ", ".join(task.text for task in tasks)
    if len(title) <= TITLE_WIDTH:
        return title
    return title[: TITLE_WIDTH - 1].rsplit(" ", 1)[0].rstrip(",") + " …"


def batch_reason(tasks: Sequence[Task], frame: Frame, phrases: Sequence[str] = ()) -> str:
    """Return why the first, most urgent task is wanted, or the phrases that say so, and what the
    others have in common."""
    reason = ", ".join(phrases or why(tasks[0], frame.today))
    if len(tasks) == 1:
        return reason
    shared = sorted(frozenset.intersection(*map(contexts, tasks)))
    return f"{'all ' + ' '.join(shared) + '; ' if shared else ''}most urgent: {reason}"


def waits_for(task: Task) -> str:
    return f"{WAITING}“{task.text}”"
