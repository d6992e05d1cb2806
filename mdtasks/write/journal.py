"""What we wrote to notes in the last 24 hours: the way back, the bytes that went, our stamps.

Rule: lies in the state folder, never in the vault; only write/ writes here, under the lock
`write`. Ages are told by the real clock, which comes as `now`, in seconds since the epoch.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from mdtasks.write.files import put, stamp
from mdtasks.write.outbox import splice_of
from mdtasks.write.splice import Splice

KEPT_SECONDS = 24 * 3600
_OWN_SECONDS = 60
_NAME_LENGTH = 40
_BLIND = "blind"


class Entry(NamedTuple):
    """One command: its id, when it wrote, and the splices that take all its lines back."""

    id: str
    at: float
    splices: tuple[Splice, ...]


def record(state: Path, command_id: str, back: Sequence[Splice], now: float) -> None:
    """Add a command; durable when this returns. One that is there already keeps its place."""
    entries = _entries(state, now)
    entry = Entry(command_id, now, tuple(back))
    if any(other.id == command_id for other in entries):
        entries = [entry if other.id == command_id else other for other in entries]
    else:
        entries.append(entry)
    _store(state, entries)


def last(state: Path, now: float) -> Entry | None:
    """Return the last command that can still be taken back."""
    entries = _entries(state, now)
    return entries[-1] if entries else None


def has(state: Path, command_id: str, now: float) -> bool:
    return any(entry.id == command_id for entry in _entries(state, now))


def replaced(state: Path, since: float) -> set[tuple[str, tuple[str, ...]]]:
    """Return path and lines of all that was replaced since then, and not taken back."""
    entries = (entry for entry in _entries(state, since) if entry.at >= since)
    return {(back.path, back.after) for entry in entries for back in entry.splices}


def drop(state: Path, command_id: str, now: float) -> None:
    """Forget a command: it was taken back."""
    _store(state, [entry for entry in _entries(state, now) if entry.id != command_id])


def keep_copy(state: Path, name: str, data: bytes, now: float) -> None:
    """Keep bytes of the note `name` for 24 hours in `displaced/`; older copies go."""
    folder = state / "displaced"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for copy in folder.iterdir():
        if now - copy.stat().st_mtime > KEPT_SECONDS:
            copy.unlink()
    copy = folder / f"{sha256(data).hexdigest()[:16]}-{name[-_NAME_LENGTH:]}"
    # Before the note is touched it must be there, but not on disk: so is the note itself.
    put(copy, data, durable=False)
    os.utime(copy, (now, now))


def mark_own(state: Path, file: Path, stat: os.stat_result, now: float, name: str = "") -> None:
    """Remember how the file looks that we write, or are about to, and what `name` is in it then."""
    with suppress(OSError):  # then the next write waits half a second, and no more is lost
        fresh = (item for item in _marks(state).items() if now - item[1][0] < _OWN_SECONDS)
        marks = dict(fresh)
        marks[str(file)] = [now, *stamp(stat), name]
        put(state / "written.json", json.dumps(marks).encode("ascii"), durable=False)


def unmark(state: Path, folder: Path, name: str) -> None:
    """Take note that what was to be written into a file whose name begins so is not there."""
    with suppress(OSError):
        marks = _marks(state)
        for file, mark in marks.items():
            if Path(file).parent == folder and Path(file).name.startswith(name) and mark[4:]:
                marks[file] = mark[:4]
                put(state / "written.json", json.dumps(marks).encode("ascii"), durable=False)


def is_own(state: Path, file: Path, stat: os.stat_result) -> bool:
    """Whether nobody wrote this file since we did."""
    return _marks(state).get(str(file), [])[1:4] == [*stamp(stat)]


def was_carried(state: Path, file: Path, name: str) -> bool:
    """Whether that was the last thing that we wrote into this file."""
    return _marks(state).get(str(file), [])[4:] == [name]


def tells_blind(state: Path) -> bool:
    """Whether this is the first write of this vault in which no exchange could be made."""
    with suppress(OSError):
        os.close(os.open(state / _BLIND, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return True
    return False


def _entries(state: Path, now: float) -> list[Entry]:
    try:
        rows = (state / "undo.jsonl").read_bytes().splitlines()
    except FileNotFoundError:
        return []
    entries = [entry for row in rows if (entry := _parse(row))]
    return [entry for entry in entries if now - entry.at <= KEPT_SECONDS]


def _store(state: Path, entries: Iterable[Entry]) -> None:
    # ASCII on purpose: text of notes may hold lone surrogates, and \udc80 brings them back.
    rows = [
        json.dumps({"id": entry.id, "at": entry.at, "splices": [asdict(s) for s in entry.splices]})
        for entry in entries
    ]
    put(state / "undo.jsonl", "".join(f"{row}\n" for row in rows).encode("ascii"))


def _parse(row: bytes) -> Entry | None:
    """Return the entry of one line; None for a torn one: it takes nothing else with it."""
    try:
        found = json.loads(row)
        splices = tuple(map(splice_of, found["splices"]))
        return Entry(found.get("id", f"at {found['at']}"), found["at"], splices)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _marks(state: Path) -> dict[str, list[Any]]:
    """Return file -> when we wrote it, its stamp then, and what was carried out with that."""
    try:
        marks: dict[str, list[Any]] = json.loads((state / "written.json").read_bytes())
    except (FileNotFoundError, ValueError):  # none yet, or torn by a kill
        return {}
    return marks
