"""What `mdtasks projects` shows: how far each goal and project is, its next step, what is wrong.

Rule: values in, lines out. Bars are for terminals; in a pipe the numbers say it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from mdtasks.dates import format_duration
from mdtasks.model import Task
from mdtasks.plan.progress import MANY, Count, Fault, Goal, Progress
from mdtasks.render.pen import Cell, counted
from mdtasks.render.terminal import Show, pressing

_CELLS = 12
_GRAVE = frozenset({Fault.LATE, Fault.AT_RISK})
NO_GOAL = "Without a goal"
NO_PROJECT = "In no project"

Tasks = Mapping[str, Task]


def overview(goals: Sequence[Goal], tasks: Tasks, hidden: int, show: Show) -> Iterator[str]:
    """Yield the goals, below each its projects with their next step and what is wrong."""
    pen = show.pen
    for number, goal in enumerate(goals):
        if number:
            yield ""
        yield from _goal(goal, show)
        for each in goal.projects:
            yield from _project(each, tasks, show, 2)
    if hidden:
        yield ""
        words = f"{counted(hidden, 'project')} finished earlier: mdtasks projects --all"
        yield from pen.wrapped(words, "dim")


def detail(
    goals: Sequence[Goal], tasks: Tasks, opened: Sequence[Task], show: Show
) -> Iterator[str]:
    """Yield each project, and its open tasks with their steps as a tree."""
    for number, goal in enumerate(goals):
        if number:
            yield ""
        yield from _goal(goal, show)
        for each in goal.projects:
            yield from _project(each, tasks, show, 2)
            own = [task for task in opened if _is_of(task, each, goal)]
            yield from show.pen.columns([_row(t, d, show) for t, d in _tree(own)], 4, 1)


def nothing() -> tuple[str, str]:
    """Return why nothing is shown, and what to do about it."""
    return (
        "no note names a project or a goal",
        "write `project: NAME` or `goal: WHAT FOR` into a note's front matter; "
        "`mdtasks projects --all` counts each note with tasks",
    )


def _goal(goal: Goal, show: Show) -> Iterator[str]:
    words = _done(goal.counts) if len(goal.projects) > 1 else ""
    pen = show.pen
    if pen.width:
        yield from pen.wrapped(goal.name or NO_GOAL, "bold")
        if words:
            yield from _standing(goal.counts, words, show, 0)
    else:
        yield pen.write(f"{goal.name or NO_GOAL}{': ' if words else ''}{words}")


def _project(each: Progress, tasks: Tasks, show: Show, indent: int) -> Iterator[str]:
    pen, name = show.pen, each.project or NO_PROJECT
    words = ", ".join(filter(None, (_done(each.counts), _time(each.counts))))
    if pen.width:
        yield from pen.wrapped(name, "bold", indent)
        yield from _standing(each.counts, words, show, indent + 2)
    else:
        yield " " * indent + pen.write(f"{name}: {words}")
    if task := tasks.get(each.next):
        yield from pen.columns([_next_row(task, show)], indent + 2, 1)
    for words, style in _said(each, tasks, show):
        yield from pen.wrapped(words, style, indent + 2)


def _standing(count: Count, words: str, show: Show, indent: int) -> Iterator[str]:
    """Yield a bar and how far it is in words; the words alone where both have no room."""
    pen = show.pen
    if indent + _CELLS + 2 + len(words) > pen.width:
        yield from pen.wrapped(words, "dim", indent)
    else:
        yield _bar(count, show, indent) + pen.write(words, "dim")


def _bar(count: Count, show: Show, indent: int) -> str:
    """Return a bar of what is done."""
    filled = _CELLS * count.done // count.total if count.total else 0
    pen = show.pen
    full, rest = pen.write("█" * filled, "green"), pen.write("░" * (_CELLS - filled), "dim")
    return f"{' ' * indent}{full}{rest}  "


def _done(count: Count) -> str:
    percent = 100 * count.done // count.total if count.total else 0
    return f"{count.done} of {count.total} done ({percent}%)"


def _time(count: Count) -> str:
    """Return how much of the time that was estimated, "" where none was."""
    if not count.minutes:
        return ""
    done, whole = (timedelta(minutes=n) for n in (count.minutes_done, count.minutes))
    return f"{format_duration(done)} of {format_duration(whole)}"


def _next_row(task: Task, show: Show) -> list[Cell]:
    length = format_duration(task.estimate) if task.estimate else ""
    return [
        ("next", "cyan"),
        (task.text, ""),
        (length, "dim"),
        (task.key, "cyan"),
        pressing(task, show.today),
    ]


# What is wrong, in words


def _said(each: Progress, tasks: Tasks, show: Show) -> Iterator[tuple[str, str]]:
    """Yield sentences with their styles."""
    if each.is_finished:
        last = f", the last on {show.day(each.last_done)}" if each.last_done else ""
        yield f"finished: {counted(each.counts.done, 'task')} done{last}. Well done!", "green"
    elif not each.counts.total:
        yield "all of it was cancelled", "dim"
    if each.waits and Fault.WAITING not in each.faults:
        yield f"some of it waits for {' and '.join(each.waits)}", "dim"
    for fault in each.faults:
        yield sentence(fault, each, tasks, show), "red" if fault in _GRAVE else "yellow"


def sentence(fault: Fault, each: Progress, tasks: Tasks, show: Show) -> str:
    """Return what is wrong, and mostly what to do about it."""
    match fault:
        case Fault.LATE:
            return f"overdue: {_dated(each.late[0], tasks, show)}{_more(len(each.late))}"
        case Fault.AT_RISK:
            words = f"{_dated(each.at_risk[0], tasks, show)}{_more(len(each.at_risk))}"
            return f"at risk, the plan does not make it: {words}"
        case Fault.STUCK:
            return "no next step: all of it waits, is on hold or begins later"
        case Fault.WAITING:
            return f"waits for {' and '.join(each.waits)}; there is nothing else to do"
        case Fault.MANY:
            return f"{each.open} open tasks, more than {MANY}: finish some, or split the project"
        case Fault.STALE:
            days = (show.today - each.last_done).days if each.last_done else 0
            return f"nothing was done for {counted(days, 'day')}"
        case Fault.UNDATED:
            return "nothing has a date"


def _dated(uid: str, tasks: Tasks, show: Show) -> str:
    """Return the task, and the day on which it, or what it is a step of, is due."""
    task = tasks.get(uid)
    text, day = (task.text, task.due) if task else ("", None)
    while task and day is None and task.parent:
        task = tasks.get(task.parent)
        day = task.due if task else None
    return f"{text}, due {show.day(day)}" if day else text


def _more(number: int) -> str:
    return f", and {number - 1} more" if number > 1 else ""


# The tree of a project


def _is_of(task: Task, each: Progress, goal: Goal) -> bool:
    return task.project == each.project if each.project else task.goal == goal.name


def _tree(opened: Sequence[Task]) -> Iterator[tuple[Task, int]]:
    """Yield the tasks as their notes have them, each with how many open ones are around it."""
    depths: dict[str, int] = {}
    for task in opened:
        depths[task.uid] = depth = depths.get(task.parent or "", -1) + 1
        yield task, depth


def _row(task: Task, depth: int, show: Show) -> list[Cell]:
    length = format_duration(task.estimate) if task.estimate else ""
    who = task.assignee or ""
    return [
        (f"[{task.symbol}]", "dim"),
        ("  " * depth + task.text, ""),
        (length, "dim"),
        (task.key, "cyan"),
        pressing(task, show.today),
        (f"👤 {who}" if who else "", "dim"),
    ]
