"""The sections of the last days as we wrote them: what a person's change is told by.

Rule: lies in the state folder, never in the vault, so that it outlives the index. A file that
cannot be read counts as none: then ticks count, and times do not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from mdtasks.write.mirrors import Synced
from mdtasks.write.publish import publish

_FILE = "sections.json"
# Rises with the shape; what an older mdtasks wrote counts as none.
_FORMAT = 1
KEPT = timedelta(days=8)
_PAST = 8  # so many earlier states of a section are known again


class Written(NamedTuple):
    """The section of one note: key -> mirror. While it is being rewritten, `before` holds what it
    was, for a run may be cut short on either side. `shown` is its digest as we wrote it, `past`
    those of what it took the place of."""

    day: date
    mirrors: Mapping[str, Synced]
    before: Mapping[str, Synced] | None = None
    shown: str = ""
    past: tuple[str, ...] = ()

    @property
    def last(self) -> Mapping[str, list[Synced]]:
        found = {key: [one] for key, one in (self.before or {}).items()}
        for key, one in self.mirrors.items():
            found.setdefault(key, []).append(one)
        return found

    def agreed(self, mirrors: Mapping[str, Synced]) -> Written:
        """Return it with mirrors as they are now."""
        older = {key: one for key, one in (self.before or {}).items() if key not in mirrors}
        return self._replace(mirrors={**self.mirrors, **mirrors}, before=older or None)

    def after(self, old: Written | None, displaced: str) -> Written:
        """Return it as what takes the place of `old` and of the digest that stood there.

        Where it says again what it said before, the same tick as before is a new one.
        """
        past = (*old.past, old.shown, displaced) if old else (displaced,)
        kept = tuple(dict.fromkeys(filter(None, past)))[-_PAST:]
        return self._replace(past=() if self.shown in kept else kept)


# Vault-relative path of a note -> its section.
Record = Mapping[str, Written]


def load(state: Path) -> Record:
    try:
        found = json.loads((state / _FILE).read_bytes())
        if found["format"] != _FORMAT:
            return {}
        return {path: _written(each) for path, each in found["notes"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def save(state: Path, record: Record, today: date) -> None:
    """Durable when this returns; sections that are older than `KEPT` go."""
    notes = {
        path: {**one._asdict(), "day": one.day.isoformat()}
        for path, one in sorted(record.items())
        if today - one.day <= KEPT
    }
    # ASCII on purpose: text of notes may hold lone surrogates, and \udc80 brings them back.
    data = json.dumps({"format": _FORMAT, "notes": notes}, indent=0)
    publish(state / _FILE, data.encode("ascii"))


def _written(found: dict[str, Any]) -> Written:
    before = found["before"]
    return Written(
        date.fromisoformat(found["day"]),
        _mirrors(found["mirrors"]),
        None if before is None else _mirrors(before),
        found["shown"],
        tuple(found["past"]),
    )


def _mirrors(found: dict[str, list[str]]) -> dict[str, Synced]:
    return {key: Synced(*values) for key, values in found.items()}
