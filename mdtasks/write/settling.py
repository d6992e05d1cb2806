"""What was written a moment ago and is looked at again, in case an editor writes over it.

Rule: lies in the state folder; who writes here holds the lock `write`. Nothing is lost with it
but the second look.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mdtasks.write import outbox
from mdtasks.write.files import put
from mdtasks.write.outbox import Command

LOOKS = (1.0, 5.0)  # seconds after the write
# Later than this a line that is back as it was may have been put back on purpose.
_FORGOTTEN_SECONDS = 60.0

_FILE = "settling.jsonl"


class Watched(NamedTuple):
    """A command, and when it was carried out."""

    at: float
    command: Command


def is_empty(state: Path) -> bool:
    return not (state / _FILE).exists()


def watched(state: Path, now: float) -> list[Watched]:
    """Return what is still to be looked at, oldest first."""
    try:
        rows = (state / _FILE).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    return [one for row in rows if (one := _load(row)) and _is_recent(one, now)]


def _is_recent(one: Watched, now: float) -> bool:
    return abs(now - one.at) < _FORGOTTEN_SECONDS  # a clock that was set back tells nothing


def watch(state: Path, command: Command, now: float) -> None:
    """Look at this command again; at those whose lines it changes, no more."""
    taken = {(path, line) for path, before, _ in command.wish for line in before}
    with suppress(OSError):  # the note is written; only the second look is lost
        kept = [
            one
            for one in watched(state, now)
            if one.command.id not in (command.id, command.undoes)
            and not taken & {(path, line) for path, _, after in one.command.wish for line in after}
        ]
        _store(state, [*kept, Watched(now, command._replace(why=""))])


def leave(state: Path, ids: Sequence[str], now: float) -> None:
    """Look at these no more."""
    _store(state, [one for one in watched(state, now) if one.command.id not in ids])


def _store(state: Path, kept: Sequence[Watched]) -> None:
    file = state / _FILE
    if kept:
        rows = [b"%r %s" % (one.at, outbox.dump(one.command)) for one in kept]
        return put(file, b"".join(rows), durable=False)
    with suppress(FileNotFoundError):
        file.unlink()
    return None


def _load(row: bytes) -> Watched | None:
    at, _, rest = row.partition(b" ")
    command = outbox.load(rest)
    with suppress(ValueError):
        return Watched(float(at), command) if command else None
    return None
