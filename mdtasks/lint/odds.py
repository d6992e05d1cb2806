"""What does not fit together: a task's dates and its box, tasks of one note, tasks that wait.

Rule: a finding must be a mistake and no habit. A date that was moved on after the due day had gone
by is a habit, as is a note of work that was done before it was written down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from mdtasks.dates import format_duration
from mdtasks.lint.rings import rings
from mdtasks.model import Problem, Status, Task

# The clock where the person is may be a day ahead of the vault's.
_TOMORROW = timedelta(days=1)
# Work is written down days later, hardly more than a month.
_WRITTEN_LATER = timedelta(days=31)
# Nights and long shifts cross midnight; what would last longer is taken for a slip.
_LONGEST = timedelta(hours=16)

_MIDNIGHT = time(0)


def at_odds(task: Task, today: date) -> Iterator[Problem]:
    """Yield what does not fit together on the line of one task."""
    if task.is_open:
        found = (*_dates_of_open(task, today), *_closed_dates(task), *_times(task))
    else:
        found = tuple(_dates_of_closed(task, today))
    for message, hint in found:
        yield _problem(task, message, hint)


def _dates_of_open(task: Task, today: date) -> Iterator[tuple[str, str]]:
    """Only what the line says itself counts, and only dates that are still to come."""
    start = task.start
    due = None if "due" in task.inferred else task.due
    scheduled = None if "scheduled" in task.inferred else task.scheduled
    if due and due >= today:
        if scheduled and scheduled > due:
            message = f"scheduled for {scheduled}, after it is due on {due}"
            yield message, "schedule it earlier, or move the due date"
        if start and start > due:
            yield f"due {due}, before it can start on {start}", "one of the two dates is wrong"
    if scheduled and start and today <= scheduled < start:
        message = f"scheduled for {scheduled}, before it can start on {start}"
        yield message, "schedule it later, or let it start earlier"


def _closed_dates(task: Task) -> Iterator[tuple[str, str]]:
    for name, day, symbol in (("done", task.done, "x"), ("cancelled", task.cancelled, "-")):
        if day:
            box = f"the box is still open: [{task.symbol}]"
            hint = f"write [{symbol}], or remove the date"
            if task.symbol not in " /":
                hint += f'; a symbol that means {name} is set as `"{task.symbol}"` in [statuses]'
            yield f"{name} on {day}, but {box}", hint


def _times(task: Task) -> Iterator[tuple[str, str]]:
    begins, ends = task.begins, task.ends
    if begins is None or ends is None or begins == ends == _MIDNIGHT:
        return
    if begins == ends:
        yield f"it begins and ends at {begins:%H:%M}", "write another end, or none"
    elif ends < begins:
        length = datetime.combine(date.min + _TOMORROW, ends) - datetime.combine(date.min, begins)
        if length > _LONGEST:
            message = f"it ends at {ends:%H:%M}, before it begins at {begins:%H:%M}"
            hint = f"that is {format_duration(length)} long, until the next day; mend one of them"
            yield message, hint


def _dates_of_closed(task: Task, today: date) -> Iterator[tuple[str, str]]:
    for name, day in (("done", task.done), ("cancelled", task.cancelled)):
        if day and day - today > _TOMORROW:
            yield f"{name} on {day}, which is yet to come", "mend the date"
        if day and task.created and task.created - day > _WRITTEN_LATER:
            message = f"{name} on {day}, long before it was created on {task.created}"
            yield message, "one of the two dates is wrong; often it is the year"


# Tasks of one note


def block_ids(tasks: Iterable[Task]) -> Iterator[Problem]:
    """Yield tasks whose block id stands further up in the same note."""
    first: dict[tuple[str, str], int] = {}
    for task in tasks:
        if task.block_id:
            line = first.setdefault((task.source.path, task.block_id), task.source.line)
            if line != task.source.line:
                message = f"the block id ^{task.block_id} stands on line {line} too"
                hint = "give this line another or none: links lead to the first"
                yield _problem(task, message, hint)


# Ids and who waits for them


def links(tasks: Sequence[Task]) -> Iterator[Problem]:
    """Yield ids that are claimed twice, and waiting that cannot end or holds nothing back."""
    holders: defaultdict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        if task.id:
            holders[task.id].append(task)
    waiting = [task for task in tasks if task.depends_on and task.is_open]
    for claims in holders.values():
        for task in claims if len(claims) > 1 else ():
            yield _problem(
                task,
                f"the id {task.id} stands on {len(claims)} tasks",
                "give each its own: an id that several tasks have counts for none of them",
            )
    for task in waiting:
        for awaited in task.depends_on:
            yield from _waits_for(task, awaited, holders.get(awaited, ()))
    yield from _rings(waiting, holders)


def _waits_for(task: Task, awaited: str, holders: Sequence[Task]) -> Iterator[Problem]:
    if not holders:
        message = f"it waits for the id {awaited}, which no task has"
        hint = "write that id behind 🆔 on the task that comes first, or remove it here"
        yield _problem(task, message, hint)
    elif awaited == task.id:
        yield _problem(task, f"it waits for itself: {awaited}", f"remove {awaited} behind ⛔")
    elif all(each.status is Status.CANCELLED for each in holders):
        place = f"{holders[0].source.path}:{holders[0].source.line}"
        message = f"it waits for {awaited}, which is cancelled: {place}"
        yield _problem(task, message, f"remove {awaited} behind ⛔, or cancel this task too")


def _rings(waiting: Sequence[Task], holders: Mapping[str, Sequence[Task]]) -> Iterator[Problem]:
    """Yield each ring of tasks once, at the first of its lines."""
    at = {id(task): number for number, task in enumerate(waiting)}
    after = [
        [
            at[id(held)]
            for each in task.depends_on
            for held in holders.get(each, ())
            if id(held) in at and held is not task
        ]
        for task in waiting
    ]
    for ring in rings(after):
        first, *others = (waiting[number] for number in ring)
        places = ", ".join(f"{task.source.path}:{task.source.line}" for task in others)
        hint = "remove one of the ids behind ⛔: until then none of them can come first"
        yield _problem(first, f"it waits for itself in a ring, over {places}", hint)


def _problem(task: Task, message: str, hint: str) -> Problem:
    return Problem(task.source.path, task.source.line, message, hint)
