"""Sorting, grouping and limiting what the filters let through.

Rule: one table of fields for sorting and grouping, in the plugin's orders. Sorts are stable and
end in the default order. A task with two tags stands in two groups of tags; by any other field
every task stands in exactly one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from hashlib import blake2b
from itertools import product
from typing import Any, NamedTuple
from unicodedata import combining, normalize

from mdtasks.dates import WEEKDAYS, format_duration
from mdtasks.errors import QueryError
from mdtasks.model import Priority, Task
from mdtasks.plan.urgency import PRIORITY_RANK, STATUS_RANK, default_order, urgency
from mdtasks.query.dates import impossible_dates
from mdtasks.query.terms import Context, match_words
from mdtasks.query.texts import filename, folder_of, root_of, status_name

Group = tuple[tuple[str, ...], list[Task]]  # a heading for each `group by`


class Heading(NamedTuple):
    key: tuple[Any, ...]  # what it is sorted by, comparable within a field
    text: str


Headings = Callable[[Task, Context], list[Heading]]
Key = Callable[[Task, Context], tuple[Any, ...]]


class Field(NamedTuple):
    """`key` is what tasks are sorted by, where that is not the key of their first heading."""

    headings: Headings
    key: Key | None = None

    def sort_key(self, context: Context, task: Task) -> tuple[Any, ...]:
        return self.key(task, context) if self.key else self.headings(task, context)[0].key


class Order(NamedTuple):
    words: str
    field: Field
    reverse: bool = False


def order(verb: str, words: str) -> Order:
    """Return the order that `sort by` or `group by` (the verb) and these words ask for.

    Raises QueryError with the fields that there are.
    """
    match = match_words(r"(\S+)( reverse)?(?: ([1-9][0-9]{0,2}))?( reverse)?", words)
    name = _ALIASES.get(match[1].lower(), match[1].lower()) if match else ""
    field = FIELDS.get(name)
    if match is None or field is None or (verb == "group" and name in SORTED_ONLY):
        near = _proposal(verb, words, known(verb))
        hint = f'perhaps "{near}"; ' if near else ""
        hint += f"known: {', '.join(known(verb))}; `reverse` may follow"
        raise QueryError(f'"{words}" is nothing to {verb} by', hint)
    reverse = bool(match[2] or match[4])
    if match[3]:
        if (verb, name) != ("sort", "tag"):
            raise QueryError(f'"{words}": only `sort by tag` takes a number', "sort by tag 2")
        field = Field(field.headings, partial(_nth_tag, int(match[3])))
        name = f"tag {match[3]}"
    return Order(name + (", reversed" if reverse else ""), field, reverse)


def known(verb: str) -> list[str]:
    return [name for name in FIELDS if verb == "sort" or name not in SORTED_ONLY]


def _proposal(verb: str, words: str, fields: Iterable[str]) -> str:
    """Return the `sort by` or `group by` that was meant."""
    from difflib import get_close_matches

    first, *others = words.lower().split() or [""]
    near = get_close_matches(first, fields, 1)
    back = " reverse" if {"desc", "descending", "backwards", "down"} & {*others} else ""
    return f"{verb} by {near[0]}{back}" if near else ""


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
        ordered.sort(key=partial(by.field.sort_key, context), reverse=by.reverse)
    members: dict[tuple[str, ...], list[Task]] = {}
    keys: dict[tuple[str, ...], tuple[Heading, ...]] = {}
    for task in ordered[:limit]:
        for headings in product(*(by.field.headings(task, context) for by in groups)):
            texts = tuple(heading.text for heading in headings)
            keys.setdefault(texts, headings)
            members.setdefault(texts, []).append(task)
    found = list(members)
    for level, by in reversed(list(enumerate(groups))):
        found.sort(key=partial(_level_key, keys, level), reverse=by.reverse)
    most = group_limit if groups else None
    return [(texts, members[texts][:most]) for texts in found]


def _level_key(
    keys: dict[tuple[str, ...], tuple[Heading, ...]], level: int, texts: tuple[str, ...]
) -> tuple[Any, ...]:
    return keys[texts][level].key


# Fields


def _by_date(name: str, get: Callable[[Task], date | None]) -> Field:
    """Dates that do not exist come first, tasks without one last, as in the plugin."""

    def headings(task: Task, context: Context) -> list[Heading]:
        day = get(task)
        if day is not None:
            return [Heading((1, day), f"{day} {WEEKDAYS[day.weekday()].title()}")]
        if name in impossible_dates(task, context.read):
            return [Heading((0, date.min), f"Invalid {name} date")]
        return [Heading((2, date.max), f"No {name} date")]

    return Field(headings)


def _by_text(name: str, get: Callable[[Task, Context], str | None], *, last: bool = False) -> Field:
    """What a task lacks comes first, as the empty text does in the plugin, or `last`."""

    def headings(task: Task, context: Context) -> list[Heading]:
        text = get(task, context)
        return [_text(text) if text else Heading((last, (), ""), f"(No {name})")]

    return Field(headings)


def _text(text: str) -> Heading:
    return Heading((False, _natural(text), text), text)


def _natural(text: str) -> tuple[str | int, ...]:
    """Return a key by which "Part 2" comes before "part 10", and "É" stands beside "e"."""
    if not text.isascii():
        text = "".join(c for c in normalize("NFKD", text) if not combining(c))
    # Text and numbers take turns, so that like is compared with like.
    pieces = re.split("([0-9]{1,18})", text.casefold())
    return tuple(int(piece) if n % 2 else piece for n, piece in enumerate(pieces))


def _by_status(task: Task, _: Context) -> list[Heading]:
    return [Heading((task.is_open,), "Todo" if task.is_open else "Done")]


def _by_status_type(task: Task, _: Context) -> list[Heading]:
    return [Heading((STATUS_RANK[task.status],), task.status.replace("_", " ").capitalize())]


def _by_priority(task: Task, _: Context) -> list[Heading]:
    name = "Normal" if task.priority is Priority.NONE else task.priority.capitalize()
    return [Heading((PRIORITY_RANK[task.priority],), f"{name} priority")]


def _by_urgency(task: Task, context: Context) -> list[Heading]:
    value = urgency(task, context.today)
    return [Heading((-value,), f"{value:.2f}")]


def _by_tag(task: Task, _: Context) -> list[Heading]:
    tags = dict.fromkeys(task.tags)
    return [_text(tag) for tag in tags] or [Heading((False, (), ""), "(No tags)")]


def _nth_tag(number: int, task: Task, _: Context) -> tuple[Any, ...]:
    """Return a key with what lacks the tag last, and last of all what has none."""
    tags = task.tags
    return (
        not tags,
        len(tags) < number,
        *(_text(tags[number - 1]).key if tags[number - 1 :] else ()),
    )


def _by_estimate(task: Task, _: Context) -> list[Heading]:
    if task.estimate is None:
        return [Heading((True, timedelta.max), "No estimate")]
    return [Heading((False, task.estimate), format_duration(task.estimate))]


def _by_recurring(task: Task, _: Context) -> list[Heading]:
    once = task.recurrence is None
    return [Heading((once,), "Not recurring" if once else "Recurring")]


def _backlink(task: Task, _: Context) -> str:
    note = filename(task).removesuffix(".md")
    return f"{note} > {task.heading}" if task.heading not in (None, note) else note


def _random(task: Task, context: Context) -> tuple[Any, ...]:
    """Return a key that nobody can tell beforehand, the same all day, as in the plugin."""
    return (blake2b(f"{context.today} {task.uid}".encode(), digest_size=8).digest(),)


# Marks that are not seen when the text is shown; bounded, so that no text takes long.
_LINK = re.compile(
    r"\[\[(?:[^\[\]|]{0,200}\|)?([^\[\]|]{0,200})\]\]|\[([^\[\]]{0,200})\]\([^()]{0,500}\)"
)
_MARKS = re.compile(r"[*_=~`]+")


def _seen(task: Task, _: Context) -> str:
    text = _LINK.sub(lambda link: link[1] or link[2] or "", task.text)
    return _MARKS.sub("", text).strip() or task.text


FIELDS: dict[str, Field] = {
    "urgency": Field(_by_urgency),
    # Open tasks are sorted first, and their group is last: so it is in the plugin.
    "status": Field(_by_status, lambda task, _: (not task.is_open,)),
    "status.type": Field(_by_status_type),
    "status.name": _by_text("status", status_name),
    "priority": Field(_by_priority),
    "due": _by_date("due", lambda task: task.due),
    "scheduled": _by_date("scheduled", lambda task: task.scheduled),
    "start": _by_date("start", lambda task: task.start),
    "created": _by_date("created", lambda task: task.created),
    "done": _by_date("done", lambda task: task.done),
    "cancelled": _by_date("cancelled", lambda task: task.cancelled),
    "happens": _by_date("happens", lambda task: task.happens),
    "estimate": Field(_by_estimate),
    "tag": Field(_by_tag, partial(_nth_tag, 1)),
    "recurring": Field(_by_recurring),
    "recurrence": _by_text("recurrence", lambda task, _: task.recurrence, last=True),
    "description": _by_text("description", _seen),
    "path": _by_text("path", lambda task, _: task.source.path.removesuffix(".md")),
    "filename": _by_text("filename", lambda task, _: filename(task).removesuffix(".md")),
    "folder": _by_text("folder", lambda task, _: folder_of(task.source.path)),
    "root": _by_text("root", lambda task, _: root_of(task.source.path)),
    "heading": _by_text("heading", lambda task, _: task.heading),
    "backlink": _by_text("backlink", _backlink),
    "project": _by_text("project", lambda task, _: task.project, last=True),
    "goal": _by_text("goal", lambda task, _: task.goal, last=True),
    "assignee": _by_text("assignee", lambda task, _: task.assignee, last=True),
    "id": _by_text("id", lambda task, _: task.id),
    "random": Field(lambda task, _: [Heading((), "")], _random),
}
SORTED_ONLY = ("random",)
_ALIASES = {"tags": "tag"}
