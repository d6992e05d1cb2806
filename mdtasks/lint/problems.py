"""What is wrong with the fields on a line, for `mdtasks check`.

Rule: only what the person can mend on that line by itself; what does not fit with the day or with
other lines stands in odds.py, what could be better in advice.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from mdtasks.dates import parse_duration, parse_iso
from mdtasks.lint.plugin import has_time, unseen
from mdtasks.model import Problem, Task
from mdtasks.plan.recurrence import Rule, next_date, parse_rule, suggest
from mdtasks.read.fields import FIELDS, Body, Field, code_spans, parse_body, split_line
from mdtasks.read.line import ON_COMPLETION
from mdtasks.settings import ReadSettings

Fault = tuple[str, str]  # message, hint

_DATES = frozenset({"done", "cancelled", "due", "scheduled", "start", "created", "date", "handed"})
# Only marks that stand before a date and seldom for decoration, as ✅ and ➕ do.
_WANTED = ("due", "scheduled", "start")
_MARKS = {e: rule.name for rule in FIELDS if rule.name in _WANTED for e in rule.emojis}
_BEFORE_DATES = (*_MARKS, "::")
# Words count where nothing follows them: `📅 Monday: dentist` is a heading.
_WORDS = r"(?:today|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?=[ \t]*(?:$|[^\w\s:,.-]))"
_NUMBERS = (
    r"(?:[0-9]{4}(?P<a>[-./])[0-9]{1,2}(?P=a)[0-9]{1,2}"
    r"|[0-9]{1,2}(?P<b>[-./])[0-9]{1,2}(?P=b)(?:[0-9]{4}|[0-9]{2})"
    r"|[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日?|\[\[[0-9]{4}-[0-9]{2}-[0-9]{2}[^\[\]]*\]\])(?![0-9])"
)
_MISWRITTEN = re.compile(
    rf"(?:(?P<emoji>[{''.join(_MARKS)}])\ufe0f?|[\[(] *(?P<key>{'|'.join(_WANTED)})::) *"
    rf"(?P<value>{_NUMBERS}|{_WORDS})",
    re.IGNORECASE,
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-./年]([0-9]{1,2})[-./月]([0-9]{1,2})日?")
_SHORT = 64
_LONG_AGO, _FAR = date(2000, 1, 1), 9000


class Miswritten(NamedTuple):
    """What stands where a date should: the field's name, the words, where they are; and the date
    in the form that is read, where only one can be meant."""

    name: str
    value: str
    start: int
    end: int
    iso: str


def problems_of(task: Task, settings: ReadSettings) -> Iterator[Problem]:
    """Yield the faults of a task's line, from the left."""
    source = task.source
    if task.dialect is None and source.text.isascii() and "::" not in source.text:
        return
    box = split_line(source.text)
    if box is None:
        return
    text = source.text[box.body :]
    faults: list[Fault] = []
    # Only a line with fields has a dialect.
    if task.dialect is not None:
        body = parse_body(text, settings)
        for field in body.found:
            faults += _faults(field, task)
        faults += _double_faults(body)
        faults += _plugin_faults(text, body, settings)
    for written in miswritten(text, settings):
        hint = f"write `{written.iso}`" if written.iso else "write it like 2026-11-23"
        faults.append((f"{written.name} `{written.value}` is not read as a date", hint))
    for message, hint in faults:
        yield Problem(source.path, source.line, message, hint)


def _faults(field: Field, task: Task) -> Iterable[Fault]:
    if field.name == "recurrence":
        return _recurrence_faults(field.value, task)
    # The same few dates stand on most lines of a vault; a long value is not worth keeping.
    look = _value_faults if len(field.value) < _SHORT else _value_faults.__wrapped__
    return look(field.name, field.value)


@lru_cache(maxsize=4096)
def _value_faults(name: str, value: str) -> tuple[Fault, ...]:
    words = name.replace("_", " ")
    if name in _DATES and parse_iso(value[:10]) is None:
        message = f"{words} {value}: there is no such day"
        return ((message, "until it is mended the date counts as absent"),)
    if name == "estimate" and parse_duration(value) is None:
        return ((f"estimate {value} is no duration", "write 15m, 1h30m or 90 (minutes)"),)
    if name == "on_completion" and value.lower() not in ON_COMPLETION:
        return ((f"on completion `{value}` is unknown", "write `keep` or `delete`"),)
    return ()


def _recurrence_faults(value: str, task: Task) -> Iterator[Fault]:
    rule = parse_rule(value)
    if rule is None:
        better = suggest(value)
        hint = f"write `{better}`" if better else "for example `every week on Monday`"
        yield f"`{value}` is no recurrence rule; the task does not repeat", hint
    elif rule.leftover:
        words, better = " ".join(rule.leftover), suggest(value)
        hint = f"it counts as `{rule.text}`" + (f"; write `{better}`" if better else "")
        yield f"`{words}` is left over in the rule `{value}`", hint
    elif task.is_open and _never_comes(rule, task.due or task.scheduled or task.start):
        hint = "no month has that day: ticked, the task will not come back"
        yield f"`{value}` never comes", hint


def _double_faults(body: Body) -> Iterator[Fault]:
    """Say which fields another on the line overrules; the same one twice in both dialects is a
    habit of those who use both."""
    counting = {field.name: field for field in body.found if field.counts}
    for field in body.found:
        first = None if field.counts else counting.get(field.name)
        if first is None:
            continue
        name = field.name.replace("_", " ")
        if first.value != field.value:
            message = f"{name} stands twice: {first.value} counts, {field.value} does not"
            yield message, "remove the one that is wrong"
        elif first.dialect == field.dialect:
            yield f"{name} {field.value} stands twice", "remove one of them"


@lru_cache(maxsize=4096)
def _never_comes(rule: Rule, reference: date | None) -> bool:
    """Whether no date is one of the rule's. One that has run out did come."""
    names_days = rule.month_days or rule.weeks or any(nth for _, nth in rule.weekdays)
    if not names_days or (rule.interval > 1 and reference is None):
        return False
    endless = replace(rule, count=None, until=None)
    # Where the calendar ends nothing comes any more; which year it is matters to no rule of one.
    base = reference if reference and reference.year < _FAR else _LONG_AGO
    return next_date(endless, base) is None


def _plugin_faults(text: str, body: Body, settings: ReadSettings) -> Iterator[Fault]:
    """Say what the plugin does not see; a time behind a date is no fault, as it is meant so."""
    missed = [field.name for field in unseen(text, body, settings) if not has_time(field)]
    if missed:
        yield (
            f"the Obsidian Tasks plugin does not see: {', '.join(missed).replace('_', ' ')}",
            "move the fields to the end of the line, behind all text",
        )


def miswritten(text: str, settings: ReadSettings) -> Iterator[Miswritten]:
    """Yield what stands behind the mark of a date and is none: `📅 2026/11/23`, `📅 tomorrow`."""
    if not any(mark in text for mark in _BEFORE_DATES):
        return
    hidden: list[tuple[int, int]] | None = None
    for match in _MISWRITTEN.finditer(text):
        dialect = "emoji" if match["emoji"] else "dataview"
        value, start = match["value"], match.start("value")
        if dialect not in settings.dialects or _DATE.match(value):
            continue
        if hidden is None:
            hidden = list(code_spans(text))
        if any(a <= start < b for a, b in hidden):
            continue
        name = _MARKS[match["emoji"]] if match["emoji"] else match["key"].lower()
        year_first = _YEAR_FIRST.fullmatch(value)
        iso = "{}-{:0>2}-{:0>2}".format(*year_first.groups()) if year_first else ""
        yield Miswritten(name, value, start, match.end("value"), iso if parse_iso(iso) else "")
