"""One line with a box -> what it says of its task; note.py adds what the note says.

Rule: what a line does not say is absent here. Values that are impossible count as absent; the
line keeps them, and problems.py names them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from mdtasks.dates import parse_duration, parse_iso
from mdtasks.model import Priority, Source
from mdtasks.plan.recurrence import parse_rule
from mdtasks.read.fields import Checkbox, parse_body
from mdtasks.read.times import (
    closing_estimate,
    leading_times,
    parse_clock,
    parse_date_and_times,
)
from mdtasks.settings import ReadSettings

ON_COMPLETION = ("keep", "delete")


Values = dict[str, Any]


def read_line(source: Source, box: Checkbox, settings: ReadSettings) -> Values:
    """Return, by the names of Task, what a line says whose box is known.

    Not yet a Task: what the note adds comes in before one is made, for a copy costs as much.
    """
    body = parse_body(source.text[box.body :], settings)
    said = defaultdict(str, {field.name: field.value for field in body.found if field.counts})
    text, estimate = closing_estimate(body.text)
    begins, ends = None, None
    if "dayplanner" in settings.dialects:
        text, begins, ends = leading_times(text)
    due, due_time, _ = parse_date_and_times(said["due"])
    scheduled, pin_begins, pin_ends = parse_date_and_times(said["scheduled"] or said["date"])
    if pin_begins:
        begins, ends = pin_begins, pin_ends
    elif written := parse_clock(said["begins"]):
        begins, ends = written, parse_clock(said["ends"])
    depends_on = (each.strip() for each in said["depends_on"].split(","))
    return {
        "source": source,
        "status": settings.status(box.symbol).type,
        "symbol": box.symbol,
        "text": text,
        "priority": Priority(said["priority"] or Priority.NONE),
        "created": parse_iso(said["created"]),
        "start": parse_iso(said["start"]),
        "scheduled": scheduled,
        "due": due,
        "due_time": due_time,
        "done": parse_iso(said["done"]),
        "cancelled": parse_iso(said["cancelled"]),
        "begins": begins,
        "ends": ends,
        "estimate": parse_duration(said["estimate"]) or estimate,
        "recurrence": said["recurrence"] if _is_rule(said["recurrence"]) else None,
        "on_completion": _on_completion(said["on_completion"]),
        "tags": body.tags,
        "id": said["id"] or None,
        "depends_on": tuple(filter(None, depends_on)),
        "block_id": body.block_id,
        "project": unlinked(said["project"]),
        "goal": unlinked(said["goal"]),
        "assignee": unlinked(said["assignee"].lstrip("@")),
        "pay": said["pay"] or None,
        "dialect": body.found[-1].dialect if body.found else None,
    }


def unlinked(value: str) -> str | None:
    """Return the name in `[[folder/name|alias]]`, or the value itself; None for nothing."""
    value = value.strip()
    if value.startswith("[[") and value.endswith("]]"):
        value = value[2:-2].partition("|")[0].rpartition("/")[2].strip()
    return value or None


def _is_rule(text: str) -> bool:
    return bool(text) and parse_rule(text) is not None


def _on_completion(word: str) -> str | None:
    return word.lower() if word.lower() in ON_COMPLETION else None
