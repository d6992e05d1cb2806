"""The review notes as we wrote them: what a tick in them means, and what became of it.

Rule: lies in the state folder, never in the vault. A file that cannot be read counts as none:
then no tick counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from mdtasks.write.publish import publish

_FILE = "reviews.json"
# Rises with the shape; what an older mdtasks wrote counts as none.
_FORMAT = 1
KEPT = timedelta(days=60)


class Group(NamedTuple):
    """A task with boxes: its line when they were written, and what was chosen.

    `state` is "" while nothing is, "wanted" from before it is written until that is certain (then
    `after` is what the line becomes, or the lines that come below it), "done", or "undone" until
    the box is shown so. `told` is what was said of it last. `steps` are the uids of the lines that
    came below it, and `beside` is how many steps it had, -1 where that is not known.
    """

    uid: str
    path: str
    title: str
    before: str
    state: str = ""
    choice: str = ""
    after: tuple[str, ...] = ()
    day: str = ""
    told: str = ""
    steps: tuple[str, ...] = ()
    beside: int = -1


class Written(NamedTuple):
    """One review note: the lines of its section as we wrote them last, and its groups. While it is
    being written, `coming` are the lines that it gets, for a run may be cut short on either side.
    """

    day: date
    shown: tuple[str, ...]
    groups: tuple[Group, ...]
    coming: tuple[str, ...] = ()


# Vault-relative path of a note -> what we wrote there.
Record = Mapping[str, Written]


def is_empty(state: Path) -> bool:
    return not (state / _FILE).exists()


def load(state: Path) -> Record:
    try:
        found = json.loads((state / _FILE).read_bytes())
        if found["format"] != _FORMAT:
            return {}
        return {
            path: Written(
                date.fromisoformat(day),
                _texts(shown),
                tuple(map(_group, groups)),
                _texts(coming),
            )
            for path, (day, shown, groups, coming) in found["notes"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _group(found: Mapping[str, object]) -> Group:
    texts = {name: value for name, value in found.items() if isinstance(value, str)}
    steps, beside = _texts(found.get("steps", [])), found.get("beside", -1)
    after = _texts(found["after"])
    return Group(**texts, after=after, steps=steps, beside=beside if type(beside) is int else -1)


def _texts(found: object) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise TypeError
    return tuple(found)


def recent(record: Record, today: date) -> dict[str, Written]:
    """Return the notes without those that were written longer ago than `KEPT`."""
    return {path: one for path, one in record.items() if today - one.day <= KEPT}


def save(state: Path, record: Record) -> None:
    """Durable when this returns."""
    notes = {
        path: (
            one.day.isoformat(),
            one.shown,
            [group._asdict() for group in one.groups],
            one.coming,
        )
        for path, one in sorted(record.items())
    }
    # ASCII on purpose: text of notes may hold lone surrogates, and \udc80 brings them back.
    publish(state / _FILE, json.dumps({"format": _FORMAT, "notes": notes}, indent=0).encode())
