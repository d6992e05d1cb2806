"""What is to be written and is not yet: each command before it touches a note, until it is through.

Rule: lies in the state folder, never in the vault; who writes here holds the lock `write`. An
empty outbox is a file that is not there: every command asks, so asking must load nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from mdtasks.write.places import Place
    from mdtasks.write.splice import Splice

_FILE = "outbox.jsonl"


# What is wanted, wherever the lines stand: path, before, after.
Wish = list[tuple[str, tuple[str, ...], tuple[str, ...]]]


class Command(NamedTuple):
    """Splices that are carried out together. `at` is when they were asked for, by the real clock.

    `undoes` is the id of the command that this one takes back. `again` is set for one that was
    carried out already and that an editor wrote over. `why` says what is in the way, and with
    `given_up` it is not tried any more.
    """

    id: str
    at: float
    places: tuple[Place, ...]
    undoes: str = ""
    again: bool = False
    why: str = ""
    given_up: bool = False

    @property
    def wish(self) -> Wish:
        return wish_of(place.splice for place in self.places)


class Pending(NamedTuple):
    """A change that waits: the line `text` is to become the lines `wanted`; `why` it has not."""

    path: str
    line: int
    text: str
    wanted: tuple[str, ...]
    since: datetime
    why: str


def new_id() -> str:
    return os.urandom(8).hex()


def wish_of(splices: Iterable[Splice]) -> Wish:
    return sorted((one.path, one.before, one.after) for one in splices)


def wants(command: Command, splices: Sequence[Splice]) -> bool:
    """Whether a command was asked for just that; of lines that read alike, for the same ones."""
    twins = {(p.splice.path, p.splice.before) for p in command.places if p.counts[0] > 1}

    def lines(some: Iterable[Splice]) -> list[tuple[str, int]]:
        return sorted((one.path, one.line) for one in some if (one.path, one.before) in twins)

    asked = [place.splice for place in command.places]
    return command.wish == wish_of(splices) and lines(asked) == lines(splices)


def rival(state: Path, splices: Sequence[Splice]) -> Command | None:
    """Return a command that waits to write a line which reads like one of these, and is another.

    As long as it waits, nobody could tell later which of the two has been carried out.
    """
    lines = {(one.path, one.before) for one in splices}
    for command in [] if is_empty(state) else commands(state):
        twins = {(p.splice.path, p.splice.before) for p in command.places if p.counts[0] > 1}
        if not command.given_up and twins & lines and not wants(command, splices):
            return command
    return None


def is_empty(state: Path) -> bool:
    """Whether nothing waits; one look at the folder."""
    return not (state / _FILE).exists()


def commands(state: Path) -> list[Command]:
    """Return what waits, oldest first."""
    try:
        rows = (state / _FILE).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    return [command for row in rows if (command := load(row))]


def has_hope(state: Path) -> bool:
    """Whether something waits that is still tried."""
    return not is_empty(state) and any(not command.given_up for command in commands(state))


def add(state: Path, command: Command) -> None:
    """Durable when this returns. It takes the place of what wanted the same, or the same lines."""
    lines, splices = _lines(command), [place.splice for place in command.places]
    kept = []
    for other in commands(state):
        if wants(other, splices) and not other.given_up:
            command = command._replace(at=min(other.at, command.at))
        elif other.id != command.id and not (other.given_up and lines & _lines(other)):
            kept.append(other)
    _store(state, [*kept, command])


def remove(state: Path, command_id: str) -> None:
    _store(state, [command for command in commands(state) if command.id != command_id])


def pending(state: Path) -> tuple[Pending, ...]:
    """Return every change that waits, oldest first."""
    return tuple(
        Pending(
            place.splice.path,
            place.splice.line,
            "\n".join(place.splice.before),
            place.splice.after,
            datetime.fromtimestamp(command.at, UTC),
            command.why or "the run that was to write it has not ended, or was cut short",
        )
        for command in commands(state)
        for place in command.places
    )


def dump(command: Command) -> bytes:
    import json
    from dataclasses import asdict

    # ASCII on purpose: text of notes may hold lone surrogates, and \udc80 brings them back.
    places = [{**p._asdict(), "splice": asdict(p.splice)} for p in command.places]
    return json.dumps({**command._asdict(), "places": places}).encode("ascii") + b"\n"


def load(row: bytes) -> Command | None:
    """Return the command of one line; None for a torn one: it had touched nothing yet."""
    import json

    try:
        found = json.loads(row)
        return Command(**{**found, "places": tuple(_place(**p) for p in found["places"])})
    except (ValueError, KeyError, TypeError):
        return None


def splice_of(found: dict[str, Any]) -> Splice:
    """Return the splice that `asdict` made this of. Raises TypeError, KeyError for others."""
    from mdtasks.write.splice import Splice

    around = found["around"]
    lists = {"before": tuple(found["before"]), "after": tuple(found["after"])}
    return Splice(**{**found, **lists, "around": None if around is None else _two(around)})


def _place(splice: dict[str, Any], line: int, nth: int, **pairs: Sequence[Any]) -> Place:
    from mdtasks.write.places import Place

    return Place(splice_of(splice), line, nth=nth, **{n: _two(pair) for n, pair in pairs.items()})


def _two(pair: Sequence[Any]) -> tuple[Any, Any]:
    one, other = pair
    return one, other


def _lines(command: Command) -> set[tuple[str, tuple[str, ...]]]:
    return {(path, before) for path, before, _ in command.wish}


def _store(state: Path, kept: Iterable[Command]) -> None:
    data = b"".join(map(dump, kept))
    if data:
        from mdtasks.write.files import put

        put(state / _FILE, data)
        return
    with suppress(FileNotFoundError):
        (state / _FILE).unlink()
