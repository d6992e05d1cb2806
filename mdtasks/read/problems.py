"""What is wrong with a line, for `mdtasks check`.

Rule: only what the person can mend on that line; whatever needs other lines (ids that nobody
has) is asked where all tasks are known.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdtasks.dates import parse_duration, parse_iso
from mdtasks.model import Problem, Task
from mdtasks.plan.recurrence import parse_rule, suggest
from mdtasks.read.fields import FIELDS, Body, Field, parse_body, split_line
from mdtasks.read.line import ON_COMPLETION
from mdtasks.settings import ReadSettings

_DATES = frozenset({"done", "cancelled", "due", "scheduled", "start", "created", "date"})
_PLUGIN_FIELDS = tuple(rule.name for rule in FIELDS if not rule.ours)


def problems_of(task: Task, settings: ReadSettings) -> Iterator[Problem]:
    """Yield the faults of a task's line, from the left."""
    source = task.source
    box = split_line(source.text)
    if box is None:
        return
    body = parse_body(source.text[box.body :], settings)
    faults = [fault for field in body.found for fault in _faults(field)]
    if settings.fields == "anywhere":
        faults += _plugin_faults(source.text[box.body :], body, settings)
    for message, hint in faults:
        yield Problem(source.path, source.line, message, hint)


def _faults(field: Field) -> Iterator[tuple[str, str]]:
    name, value = field.name.replace("_", " "), field.value
    if field.name in _DATES and parse_iso(value[:10]) is None:
        message = f"{name} {value}: there is no such day"
        yield message, "until it is mended the date counts as absent"
    elif field.name == "estimate" and parse_duration(value) is None:
        yield f"estimate {value} is no duration", "write 15m, 1h30m or 90 (minutes)"
    elif field.name == "on_completion" and value.lower() not in ON_COMPLETION:
        yield f"on completion `{value}` is unknown", "write `keep` or `delete`"
    elif field.name == "recurrence":
        yield from _recurrence_faults(value)


def _recurrence_faults(value: str) -> Iterator[tuple[str, str]]:
    rule = parse_rule(value)
    if rule is None:
        better = suggest(value)
        hint = f"write `{better}`" if better else "for example `every week on Monday`"
        yield f"`{value}` is no recurrence rule; the task does not repeat", hint
    elif rule.leftover:
        words = " ".join(rule.leftover)
        yield f"`{words}` is left over in the rule `{value}`", f"it counts as `{rule.text}`"


def _plugin_faults(text: str, body: Body, settings: ReadSettings) -> Iterator[tuple[str, str]]:
    """Say which fields the Obsidian Tasks plugin does not see, because of the text behind them."""
    theirs = parse_body(text, settings._replace(fields="trailing"))
    unseen = [
        name.replace("_", " ")
        for name in _PLUGIN_FIELDS
        if _value(body, name) != _value(theirs, name)
    ]
    if unseen:
        yield (
            f"the Obsidian Tasks plugin does not see: {', '.join(unseen)}",
            "move the fields to the end of the line, behind all text",
        )


def _value(body: Body, name: str) -> str | None:
    field = body.field(name)
    return field.value if field else None
