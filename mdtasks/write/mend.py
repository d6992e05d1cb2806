"""What is certain to be right on a line that `mdtasks check` found fault with: Task -> Mended.

Rule: pure, and proven: each step reads the line before and after, and is dropped where anything
comes out otherwise but what it is for. Never is a date guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mdtasks.lint.plugin import OURS, as_plugin, has_time, unseen
from mdtasks.lint.problems import miswritten
from mdtasks.model import Edit, Task
from mdtasks.plan.recurrence import parse_rule, suggest
from mdtasks.read.fields import JS_SPACES, Body, Field, parse_body, split_line
from mdtasks.read.line import read_line
from mdtasks.settings import ReadSettings

# Each step reads the whole line; nobody writes so much, and a person could not check it.
_LONGEST = 2000


class Mended(NamedTuple):
    """An edit, and what each of its steps is for."""

    edit: Edit
    reasons: tuple[str, ...]


class Step(NamedTuple):
    """A line after one change, and what that is for."""

    text: str
    reason: str


def mend(task: Task, read: ReadSettings) -> Mended | None:
    """Return the line as it is certainly meant; None where nothing is to mend, or not certain.

    What is closed is left as it was when it was.
    """
    line, reasons = task.source.text, []
    if not task.is_open or len(line) > _LONGEST or (line.isascii() and "::" not in line):
        return None
    # One step may make another certain; each leaves less to do.
    while step := next((s for steps in _STEPS for s in steps(line, read)), None):
        line = step.text
        reasons.append(step.reason)
    edit = Edit(task.source.path, task.source.line, task.source.text, (line,))
    return Mended(edit, tuple(reasons)) if reasons else None


def _parts(line: str) -> tuple[str, str]:
    """Return the line up to its text, and the text."""
    box = split_line(line)
    return (line[: box.body], line[box.body :]) if box else (line, "")


# A field that stands twice


def _without_doubles(line: str, read: ReadSettings) -> Iterator[Step]:
    """Remove what says the same once more, in the same dialect."""
    head, text = _parts(line)
    body = parse_body(text, read)
    for field in body.found:
        first = None if field.counts else body.field(field.name)
        if first and (first.value, first.dialect) == (field.value, field.dialect):
            after = head + _cut(text, [field], len(text))[0]
            if read_line(after, read) == read_line(line, read):
                yield Step(after, f"one {_name(field)} is enough")


# Dates with other marks between their numbers


def _with_dates(line: str, read: ReadSettings) -> Iterator[Step]:
    """Write 2026/11/3, whose order is beyond doubt, as 2026-11-03."""
    head, text = _parts(line)
    before = parse_body(text, read)
    for written in miswritten(text, read):
        after = text[: written.start] + written.iso + text[written.end :]
        body = parse_body(after, read)
        wanted = {**_said(before), written.name: written.iso}
        unread = written.iso and before.field(written.name) is None
        if unread and (_said(body), body.tags) == (wanted, before.tags):
            yield Step(head + after, f"{written.name} is read")


def _said(body: Body) -> dict[str, str]:
    return {field.name: field.value for field in body.found if field.counts}


# Rules in other words

# `suggest` has an answer for these too, but they may mean something else.
_DOUBTFUL = re.compile(
    r"\b(?:bi-?weekly|bi-?monthly|weekends?|weekdays?|(?:second|2nd|third|3rd|[0-9]+(?:st|nd|rd|th))"
    r" (?:mon|tue|wed|thu|fri|sat|sun)\w*)\b",
    re.IGNORECASE,
)


def _with_rule(line: str, read: ReadSettings) -> Iterator[Step]:
    """Write `every other day`, which is no rule, as `every 2 days`, which is."""
    head, text = _parts(line)
    field = parse_body(text, read).field("recurrence")
    if field is None or _DOUBTFUL.search(field.value):
        return
    better = suggest(field.value)
    if better is None:
        return
    after = head + text[: field.value_start] + better + text[field.value_end :]
    if read_line(after, read) == {**read_line(line, read), "recurrence": better}:
        yield Step(after, f"`{better}` is a rule")


# Fields that the plugin does not see

# A field behind these belongs to the sentence.
_SENTENCE = re.compile(
    r"\b(?:by|on|at|in|from|to|until|till|since|before|after|due|and|or|the"
    r"|bis|am|ab|vom|zum|seit|vor|nach|und|oder)[ \t]*$",
    re.IGNORECASE,
)
_OPENERS, _CLOSERS = "([{", ")]}"
_SPACES = frozenset((*JS_SPACES, ""))


def _with_fields_last(line: str, read: ReadSettings) -> Iterator[Step]:
    """Move the fields that the plugin does not see to those that it does, or to the end."""
    head, text = _parts(line)
    body = parse_body(text, read)
    loose = [field for field in unseen(text, body, read) if not has_time(field)]
    if not loose or any(_belongs_there(field, text) for field in loose):
        return
    # First somebody must say which is meant.
    names = {field.name for field in loose}
    if any(miswritten(text, read)) or any(f.name in names for f in body.found if not f.counts):
        return
    theirs = parse_body(text, as_plugin(read)).found
    seen = [field for field in theirs if field.name not in OURS]
    last = len(text[: body.block_id_start].rstrip(JS_SPACES))
    kept, at = _cut(text, loose, seen[0].start if seen else last)
    words = kept[:at].rstrip(JS_SPACES)
    # White space stays where it is; between two fields there must be some.
    gap = (kept[len(words) : at] or " ") if seen else ""
    moved = " ".join(text[field.start : field.end].strip(" ") for field in loose)
    after = head + (f"{words} " if words else "") + moved + gap + kept[at:]
    if read_line(after, read) == read_line(line, read) and not _loose(after, read):
        yield Step(after, f"the plugin sees: {', '.join(map(_name, loose))}")


def _loose(line: str, read: ReadSettings) -> list[Field]:
    _, text = _parts(line)
    return [f for f in unseen(text, parse_body(text, read), read) if not has_time(f)]


def _belongs_there(field: Field, text: str) -> bool:
    """Whether the text would be another without the field at that place.

    Beside `**` or `~~` a space would be left that ends no stress, and beside a comma none belongs.
    """
    before, behind = text[: field.start], text[field.end :]
    if field.name == "recurrence":
        rule = parse_rule(field.value)
        if rule is None or rule.leftover:  # it may hold words of the text
            return True
    if not (before[-1:].isalnum() or before[-1:] in _SPACES) or behind[:1] not in _SPACES:
        return True
    inside = sum(map(before.count, _OPENERS)) > sum(map(before.count, _CLOSERS))
    comma = text[field.value_end : field.end].endswith(",")
    return inside or comma or bool(behind.strip(JS_SPACES) and _SENTENCE.search(before))


def _cut(text: str, fields: Iterable[Field], at: int) -> tuple[str, int]:
    """Return the text without the fields, and where offset `at` of it is then.

    Of the white space around a field that before it is left, as in the text that is shown; at the
    end of the line, that behind it.
    """
    kept, position, moved = "", 0, at
    for field in fields:
        kept += text[position : field.start]
        position = field.end
        if not text[position:].strip(JS_SPACES):
            kept = kept.rstrip(" \t")
        elif not kept or kept.endswith((" ", "\t")):
            position += len(text[position:]) - len(text[position:].lstrip(" \t"))
        if position <= at:
            moved = len(kept) + at - position
    return kept + text[position:], moved


def _name(field: Field) -> str:
    return field.name.replace("_", " ")


# Each yields lines that differ in one thing from the one given.
_STEPS = (_without_doubles, _with_dates, _with_rule, _with_fields_last)
