"""Sorting, grouping and limiting what the filters let through.

Rule: one table of fields for sorting and grouping. Sorts are stable and end in the default
order; what a task lacks comes last. A task with two tags stands in two groups of tags; by any
other field every task stands in exactly one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import product
from typing import Any, NamedTuple

from mdtasks.dates import WEEKDAYS, format_duration
from mdtasks.errors import QueryError
from mdtasks.model import Priority, Task
from mdtasks.plan.urgency import PRIORITY_RANK, STATUS_RANK, default_order, urgency
from mdtasks.query.filters import Context, filename, folder, root

Group = tuple[tuple[str, ...], list[Task]]  # a heading for each `group by`


class Heading(NamedTuple):
    key: tuple[Any, ...]  # what it is sorted by, comparable within a field
    text: str


Field = Callable[[Task, Context], list[Heading]]


@dataclass(frozen=True, slots=True)
class Order:
    field: Field
    reverse: bool = False


def order(name: str, reverse: bool) -> Order:
    """Return the order by a field; raises QueryError with the fields that there are."""
    field = FIELDS.get(_ALIASES.get(name.lower(), name.lower()))
    if field is None:
        raise QueryError(f'"{name}" is nothing to sort or group by', f"fields: {', '.join(FIELDS)}")
    return Order(field, reverse)


def arrange(
    tasks: Iterable[Task],
    context: Context,
    sorts: Sequence[Order] = (),
    groups: Sequence[Order] = (),
    limit: int | None = None,
    group_limit: int | None = None,
) -> list[Group]:
    """Return the groups in order; without `groups` there is one, without headings.

    `limit` counts before grouping; `group_limit` counts only where there are groups.
    """
    ordered = sorted(tasks, key=lambda task: default_order(task, context.today))
    for by in reversed(sorts):
        ordered.sort(key=partial(_first_key, by.field, context), reverse=by.reverse)
    members: dict[tuple[str, ...], list[Task]] = {}
    keys: dict[tuple[str, ...], tuple[Heading, ...]] = {}
    for task in ordered[:limit]:
        for headings in product(*(by.field(task, context) for by in groups)):
            texts = tuple(heading.text for heading in headings)
            keys.setdefault(texts, headings)
            members.setdefault(texts, []).append(task)
    found = list(members)
    for level, by in reversed(list(enumerate(groups))):
        found.sort(key=partial(_level_key, keys, level), reverse=by.reverse)
    most = group_limit if groups else None
    return [(texts, members[texts][:most]) for texts in found]


def _first_key(field: Field, context: Context, task: Task) -> tuple[Any, ...]:
    return field(task, context)[0].key


def _level_key(
    keys: dict[tuple[str, ...], tuple[Heading, ...]], level: int, texts: tuple[str, ...]
) -> tuple[Any, ...]:
    return keys[texts][level].key


# Fields


def _by_date(name: str, get: Callable[[Task], date | None]) -> Field:
    def headings(task: Task, _: Context) -> list[Heading]:
        day = get(task)
        if day is None:
            return [Heading((True, date.max), f"No {name} date")]
        return [Heading((False, day), f"{day} {WEEKDAYS[day.weekday()].title()}")]

    return headings


def _by_text(name: str, get: Callable[[Task], str | None]) -> Field:
    def headings(task: Task, _: Context) -> list[Heading]:
        text = get(task)
        return [_text(text)] if text else [Heading((True, "", ""), f"(No {name})")]

    return headings


def _text(text: str) -> Heading:
    return Heading((False, text.casefold(), text), text)


def _by_status(task: Task, _: Context) -> list[Heading]:
    return [Heading((STATUS_RANK[task.status],), task.status.replace("_", " ").capitalize())]


def _by_priority(task: Task, _: Context) -> list[Heading]:
    name = "No" if task.priority is Priority.NONE else task.priority.capitalize()
    return [Heading((PRIORITY_RANK[task.priority],), f"{name} priority")]


def _by_urgency(task: Task, context: Context) -> list[Heading]:
    value = urgency(task, context.today)
    return [Heading((-value,), f"{value:.2f}")]


def _by_tag(task: Task, _: Context) -> list[Heading]:
    return [_text(tag) for tag in dict.fromkeys(task.tags)] or [
        Heading((True, "", ""), "(No tags)")
    ]


def _by_estimate(task: Task, _: Context) -> list[Heading]:
    if task.estimate is None:
        return [Heading((True, timedelta.max), "No estimate")]
    return [Heading((False, task.estimate), format_duration(task.estimate))]


def _by_recurring(task: Task, _: Context) -> list[Heading]:
    once = task.recurrence is None
    return [Heading((once,), "Not recurring" if once else "Recurring")]


FIELDS: dict[str, Field] = {
    "urgency": _by_urgency,
    "status": _by_status,
    "priority": _by_priority,
    "due": _by_date("due", lambda task: task.due),
    "scheduled": _by_date("scheduled", lambda task: task.scheduled),
    "start": _by_date("start", lambda task: task.start),
    "created": _by_date("created", lambda task: task.created),
    "done": _by_date("done", lambda task: task.done),
    "cancelled": _by_date("cancelled", lambda task: task.cancelled),
    "happens": _by_date("happens", lambda task: task.happens),
    "estimate": _by_estimate,
    "tag": _by_tag,
    "recurring": _by_recurring,
    "recurrence": _by_text("recurrence", lambda task: task.recurrence),
    "description": _by_text("description", lambda task: task.text),
    "path": _by_text("path", lambda task: task.source.path.removesuffix(".md")),
    "filename": _by_text("filename", lambda task: filename(task).removesuffix(".md")),
    "folder": _by_text("folder", folder),
    "root": _by_text("root", root),
    "heading": _by_text("heading", lambda task: task.heading),
    "project": _by_text("project", lambda task: task.project),
    "goal": _by_text("goal", lambda task: task.goal),
    "assignee": _by_text("assignee", lambda task: task.assignee),
}
_ALIASES = {"tags": "tag", "status.type": "status"}
