"""Filters by text: a part of it, in any case, or a regular expression.

Rule: what a task lacks is the empty text, as in the plugin; a task has several tags, and one
that matches is enough.
"""

from __future__ import annotations

from collections.abc import Callable
from re import Match

from mdtasks.model import Task
from mdtasks.query.regex import compile_regex
from mdtasks.query.terms import Context, Days, Filter, Row, either


def folder_of(path: str) -> str:
    """Return the folder with a closing slash, "/" for the vault itself, as the plugin has it."""
    return path.rpartition("/")[0] + "/"


def root_of(path: str) -> str:
    """Return the first folder of the path with its slash, "/" where it has none."""
    first, slash, _ = path.partition("/")
    return first + slash if slash else "/"


def filename(task: Task) -> str:
    return task.source.path.rpartition("/")[2]


def status_name(task: Task, context: Context) -> str:
    return context.read.status(task.symbol).name


def _description(task: Task, context: Context) -> str:
    """Return the text without the global filter: all lines have that."""
    common = context.read.global_filter
    if not common or common not in task.text:
        return task.text
    return " ".join(word for word in task.text.split(" ") if word != common)


TEXTS: dict[str, Callable[[Task, Context], tuple[str, ...]]] = {
    "path": lambda task, _: (task.source.path,),
    "description": lambda task, context: (_description(task, context),),
    "heading": lambda task, _: (task.heading or "",),
    "project": lambda task, _: (task.project or "",),
    "filename": lambda task, _: (filename(task),),
    "folder": lambda task, _: (folder_of(task.source.path),),
    "root": lambda task, _: (root_of(task.source.path),),
    "tag": lambda task, _: task.tags,
    "goal": lambda task, _: (task.goal or "",),
    "assignee": lambda task, _: (task.assignee or "",),
    "recurrence": lambda task, _: (task.recurrence or "",),
    "id": lambda task, _: (task.id or "",),
    "status.name": lambda task, context: (status_name(task, context),),
}
_FIELD = either((*TEXTS, "tags"))


def _field(word: str) -> str:
    return "tag" if word.lower() == "tags" else word.lower()


def _includes(match: Match[str], _: Days) -> Filter:
    field, wanted, part = _field(match[1]), "not" not in match[2].lower(), match[3]
    texts, folded = TEXTS[field], part.casefold()
    return Filter(
        lambda task, context: any(folded in t.casefold() for t in texts(task, context)) == wanted,
        f'{field} {"includes" if wanted else "does not include"} "{part}"',
    )


def _matches(match: Match[str], _: Days) -> Filter:
    field, wanted = _field(match[1]), "not" not in match[2].lower()
    texts, regex = TEXTS[field], compile_regex(match[3])
    return Filter(
        lambda task, context: any(map(regex.search, texts(task, context))) == wanted,
        f"{field} {'matches' if wanted else 'does not match'} {match[3]}",
    )


TEXT_FILTERS: tuple[Row, ...] = (
    Row(
        f"{'|'.join(TEXTS)} includes|does not include TEXT",
        (*(f"{field} includes work" for field in TEXTS), "path does not include archive"),
        rf"{_FIELD} (includes?|do(?:es)? not includes?) (.+)",
        _includes,
    ),
    Row(
        "the same regex matches|does not match /PATTERN/[i]",
        ("description regex matches /^call/i", "tag regex does not match /#work$/"),
        rf"{_FIELD} regex (matche?s?|do(?:es)? not match) (.+)",
        _matches,
    ),
)
