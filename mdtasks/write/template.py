"""A template's boxes -> steps: nested as they are there, their `{{…}}` filled in.

Rule: pure. A line is kept as it stands, fields and all; what stands in braces that mean nothing
here stays too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import NamedTuple

from mdtasks.dates import name_for
from mdtasks.errors import RefusedError
from mdtasks.read.fields import JS_SPACES, parse_body
from mdtasks.read.note import read_note
from mdtasks.settings import ReadSettings
from mdtasks.write import task_notes
from mdtasks.write.boxes import box_of
from mdtasks.write.steps import Step

_BLANK = re.compile(
    r"\{\{ *(?P<name>title|date|time|due) *(?P<by>[+-] *[0-9]{1,4}) *(?P<unit>[dw])? *\}\}"
    r"|\{\{ *(?P<bare>title|date|time|due) *(?::(?P<format>[^{}]+))?\}\}",
    re.IGNORECASE,
)
_DAYS = {"": 1, "d": 1, "w": 7}
# What starts behind a box, and needs something to be one.
_BOX_WIDTH = len("[ ]")


class Filling(NamedTuple):
    """What the braces stand for: the task's text without tags, the moment, the day on which it
    is due."""

    title: str
    now: datetime
    due: date | None


def steps_of(path: str, data: bytes, filling: Filling, read: ReadSettings) -> list[Step]:
    """Return the open boxes of a template, without those inside of closed ones.

    Raises RefusedError where they count from a due date, and the task has none.
    """
    # Its lines are tasks once they stand elsewhere.
    note = read_note(path, data, read._replace(global_filter=""))
    depths: dict[int | None, int] = {}
    closed: set[int | None] = set()
    steps = []
    for task in note.tasks:
        if task.dialect == task_notes.DIALECT:
            continue
        if not task.is_open or task.parent_line in closed:
            closed.add(task.source.line)
            continue
        depth = depths.get(task.parent_line, -1) + 1
        depths[task.source.line] = depth
        box = task.source.text[box_of(task).box - 1 :].rstrip(JS_SPACES)
        below = [filled(line, filling) for line in task.brief.split("\n")] if task.brief else ()
        steps.append(Step(filled(box, filling), depth, tuple(below)))
    return steps


def filled(text: str, filling: Filling) -> str:
    """Return the text with its braces filled in. Raises RefusedError."""
    return _BLANK.sub(lambda match: _said(match, filling), text)


def _said(match: re.Match[str], filling: Filling) -> str:
    name = (match["name"] or match["bare"]).lower()
    if name in ("title", "time"):
        # Of a time, Obsidian's usual form; neither can be counted from.
        words = {"title": filling.title, "time": f"{filling.now:%H:%M}"}
        plain = match["by"] is None and match["format"] in (None, "HH:mm")
        return words[name] if plain else match[0]
    day = filling.now.date() if name == "date" else filling.due
    if day is None:
        raise RefusedError(
            f"the template counts from a due date with {match[0]}, and this task has none",
            "give the task a due date first",
        )
    try:
        by = int((match["by"] or "0").replace(" ", "")) * _DAYS[(match["unit"] or "").lower()]
        return name_for(day + timedelta(days=by), match["format"] or "YYYY-MM-DD")
    except OverflowError:
        return match[0]


# What a step needs where it goes


def finished(step: Step, added: Iterable[str], read: ReadSettings) -> Step:
    """Return the step with more words at its end, before a block id."""
    box, text = step.box[: _BOX_WIDTH + 1], step.box[_BOX_WIDTH + 1 :]
    at = len(text[: parse_body(text, read).block_id_start].rstrip(JS_SPACES))
    words = "".join(word for word in added if word.strip() not in text)
    return step._replace(box=box + text[:at] + words + text[at:])


def with_own_ids(
    steps: Sequence[Step], is_taken: Callable[[str], bool], read: ReadSettings
) -> list[Step]:
    """Return the steps with other ids for those that some task has already; what waits for
    them waits for the new ones."""
    names: dict[str, str] = {}
    for step in steps:
        body = parse_body(step.box[_BOX_WIDTH:], read)
        own = [body.block_id, *(f.value for f in body.found if f.name == "id")]
        for name in filter(None, own):
            if name not in names and is_taken(name):
                others = (f"{name}-{number}" for number in count(2))
                names[name] = next(n for n in others if not is_taken(n) and n not in names.values())
    return [_renamed(step, names, read) for step in steps] if names else list(steps)


def _renamed(step: Step, names: dict[str, str], read: ReadSettings) -> Step:
    box, text = step.box[:_BOX_WIDTH], step.box[_BOX_WIDTH:]
    body = parse_body(text, read)
    if body.block_id in names:
        mark = text.rindex(f"^{body.block_id}")
        text = f"{text[:mark]}^{names[body.block_id]}{text[mark + 1 + len(body.block_id) :]}"
    for field in sorted(body.found, key=lambda field: -field.value_start):
        if field.name in ("id", "depends_on"):
            said = text[field.value_start : field.value_end]
            now = re.sub("[A-Za-z0-9_-]+", lambda word: names.get(word[0], word[0]), said)
            text = text[: field.value_start] + now + text[field.value_end :]
    return step._replace(box=box + text)
