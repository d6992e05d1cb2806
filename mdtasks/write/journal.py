"""What we wrote to notes in the last 24 hours: the way back, the bytes that went, our stamps.

Rule: lies in the state folder, never in the vault; only safely.py writes here, under the lock
`write`. Ages are told by the real clock, which comes as `now`, in seconds since the epoch.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from mdtasks.write.publish import publish
from mdtasks.write.splice import Splice
from mdtasks.write.swap import stamp

KEPT_SECONDS = 24 * 3600
_OWN_SECONDS = 60
_NAME_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: when it wrote, and the splices that take all its lines back."""

    at: float
    splices: tuple[Splice, ...]


def record(state: Path, back: Sequence[Splice], now: float) -> None:
    """Add a command; durable when this returns."""
    _store(state, [*_entries(state, now), Entry(now, tuple(back))])


def last(state: Path, now: float) -> Entry | None:
    """Return the last command that can still be taken back."""
    entries = _entries(state, now)
    return entries[-1] if entries else None


def drop_last(state: Path, now: float) -> None:
    _store(state, _entries(state, now)[:-1])


def keep_copy(state: Path, name: str, data: bytes, now: float) -> None:
    """Keep bytes of the note `name` for 24 hours in `displaced/`; older copies go."""
    folder = state / "displaced"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for copy in folder.iterdir():
        if now - copy.stat().st_mtime > KEPT_SECONDS:
            copy.unlink()
    copy = folder / f"{sha256(data).hexdigest()[:16]}-{name[-_NAME_LENGTH:]}"
    copy.write_bytes(data)
    os.utime(copy, (now, now))


def mark_own(state: Path, file: Path, now: float) -> None:
    """Remember how the file looks right after we wrote it."""
    marks = {path: mark for path, mark in _marks(state).items() if now - mark[0] < _OWN_SECONDS}
    with suppress(OSError):  # then the next write waits half a second, and no more is lost
        marks[str(file)] = [now, *stamp(file.stat())]
        (state / "written.json").write_text(json.dumps(marks), "ascii")


def is_own(state: Path, file: Path, stat: os.stat_result) -> bool:
    """Whether nobody wrote this file since we did."""
    return _marks(state).get(str(file), [])[1:] == [*stamp(stat)]


def _entries(state: Path, now: float) -> list[Entry]:
    try:
        rows = (state / "undo.jsonl").read_bytes().splitlines()
    except FileNotFoundError:
        return []
    entries = [entry for row in rows if (entry := _parse(row))]
    return [entry for entry in entries if now - entry.at <= KEPT_SECONDS]


def _store(state: Path, entries: Iterable[Entry]) -> None:
    # ASCII on purpose: text of notes may hold lone surrogates, and \udc80 brings them back.
    rows = [json.dumps(asdict(entry)) + "\n" for entry in entries]
    publish(state / "undo.jsonl", "".join(rows).encode("ascii"))


def _parse(row: bytes) -> Entry | None:
    """Return the entry of one line; None for a torn one: it takes nothing else with it."""
    try:
        found = json.loads(row)
        return Entry(found["at"], tuple(_splice(**splice) for splice in found["splices"]))
    except (ValueError, KeyError, TypeError):
        return None


def _splice(
    path: str,
    line: int,
    before: list[str],
    after: list[str],
    around: tuple[str | None, str | None],
    ending: str,
) -> Splice:
    above, below = around
    return Splice(path, line, tuple(before), tuple(after), (above, below), ending)


def _marks(state: Path) -> dict[str, list[float]]:
    try:
        marks: dict[str, list[float]] = json.loads((state / "written.json").read_bytes())
    except (FileNotFoundError, ValueError):  # none yet, or torn by a kill
        return {}
    return marks
