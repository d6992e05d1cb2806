"""What a field's value says, by the names of Task.

Rule: a value that is impossible says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from mdtasks.dates import parse_duration, parse_iso
from mdtasks.model import Priority
from mdtasks.plan.recurrence import parse_rule
from mdtasks.read.times import parse_clock, parse_date_and_times

ON_COMPLETION = ("keep", "delete")

Values = dict[str, Any]

# A longer value is hardly written twice, and not worth keeping.
_SHORT = 64


def values_of(fields: Mapping[str, str]) -> Values:
    """Return what the fields of a line say together."""
    values: Values = {}
    if "begins" in fields and (begins := parse_clock(fields["begins"])):
        values["begins"], values["ends"] = begins, parse_clock(fields.get("ends", ""))
    for name, value in fields.items():
        values |= _meant(name, value) if len(value) < _SHORT else _meant.__wrapped__(name, value)
    if "date" in fields and "scheduled" not in fields:
        values |= _meant("scheduled", fields["date"])
    return values


@lru_cache(maxsize=8192)
def _meant(name: str, value: str) -> Values:
    """Return what a field says by the names of Task; nothing for a value that is impossible.

    The caller must not change it: the same few dates and rules stand on most lines of a vault.
    """
    meaning = _MEANINGS.get(name)
    found = meaning(value) if meaning else {}
    return {key: each for key, each in found.items() if each is not None or "begins" in found}


def _due(value: str) -> Values:
    day, clock, _ = parse_date_and_times(value)
    return {"due": day, "due_time": clock}


def _scheduled(value: str) -> Values:
    """A time fixes the block, whatever the text says."""
    day, begins, ends = parse_date_and_times(value)
    return {"scheduled": day, "begins": begins, "ends": ends} if begins else {"scheduled": day}


def _depends_on(value: str) -> Values:
    ids = (each.strip() for each in value.split(","))
    return {"depends_on": tuple(filter(None, ids))}


def _recurrence(value: str) -> Values:
    return {"recurrence": value} if value and parse_rule(value) is not None else {}


def _on_completion(word: str) -> Values:
    return {"on_completion": word.lower()} if word.lower() in ON_COMPLETION else {}


_MEANINGS: Mapping[str, Callable[[str], Values]] = {
    "priority": lambda value: {"priority": Priority(value)},
    "created": lambda value: {"created": parse_iso(value)},
    "start": lambda value: {"start": parse_iso(value)},
    "scheduled": _scheduled,
    "due": _due,
    "done": lambda value: {"done": parse_iso(value)},
    "cancelled": lambda value: {"cancelled": parse_iso(value)},
    "estimate": lambda value: {"estimate": parse_duration(value)},
    "recurrence": _recurrence,
    "on_completion": _on_completion,
    "id": lambda value: {"id": value or None},
    "depends_on": _depends_on,
    "project": lambda value: {"project": unlinked(value)},
    "goal": lambda value: {"goal": unlinked(value)},
    "assignee": lambda value: {"assignee": unlinked(value.lstrip("@"))},
    "handed": lambda value: {"handed": parse_iso(value)},
    "rework": lambda value: {"rework": int(value)},
    "pay": lambda value: {"pay": value or None},
}


def unlinked(value: str) -> str | None:
    """Return the name in `[[folder/name|alias]]`, or the value itself; None for nothing."""
    value = value.strip()
    if value.startswith("[[") and value.endswith("]]"):
        value = value[2:-2].partition("|")[0].rpartition("/")[2].strip()
    return value or None
