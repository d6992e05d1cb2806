"""The busy times that planning keeps free, as they were last read.

What calendars say of the days ahead is kept beside the index, and read anew only when the copy
of a calendar, the settings or the day ask for it. So a command that only looks at the plan looks
at a few stamps, and loads no calendar package.

Rule: no network; fetching.py brings the copies.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from mdtasks.app.session import Session
from mdtasks.dates import localize
from mdtasks.model import Block, Kind, Plan
from mdtasks.settings import BusyCalendar

# Rises when equal calendars are to give other blocks than before.
FORMAT = 1

# How far ahead is read at least, and how many days more, so that it is not read anew each day.
_LEAST_DAYS = 30
_MORE_DAYS = 14


class Stamp(NamedTuple):
    """What changes when a file does."""

    inode: int
    mtime_ns: int
    size: int


class Copy(NamedTuple):
    """A calendar, and the file that its events are read from."""

    calendar: BusyCalendar
    path: Path

    @property
    def stamp(self) -> Stamp | None:
        """That of the file, None where there is none."""
        try:
            found = self.path.stat()
        except (OSError, ValueError):
            return None
        return Stamp(found.st_ino, found.st_mtime_ns, found.st_size)


class Read(NamedTuple):
    """What was read of one calendar: how many busy times, and what there is to say."""

    name: str
    blocks: int
    warnings: tuple[str, ...]


class Kept(NamedTuple):
    """Busy times from one day to another, the last excluded; `digest` tells them from others."""

    made_of: str
    first: date
    last: date
    digest: str
    calendars: tuple[Read, ...]
    blocks: tuple[Block, ...] | None  # None: not read yet


def folder(session: Session) -> Path:
    return session.places.cache.parent / "busy"


def copies(session: Session) -> list[Copy]:
    return [Copy(one, _path(session, one)) for one in session.config.busy]


def _path(session: Session, calendar: BusyCalendar) -> Path:
    if calendar.file:
        return session.root / os.path.expanduser(calendar.file)  # noqa: PTH111 (as in config)
    # No stronger hash: hashlib alone would be a twentieth of `mdtasks today`.
    return folder(session) / f"{crc32(calendar.url.encode()):08x}.ics"


def digest(session: Session) -> str:
    """Return what changes when the busy times do; "" where no calendar is set."""
    return _known(session).digest if session.config.busy else ""


def blocks(session: Session, days: int) -> tuple[Block, ...]:
    """Return the busy times of so many days from today, by start, in the vault's zone."""
    if not session.config.busy:
        return ()
    kept = _known(session, days)
    begin, end = (_midnight(session, session.today + timedelta(n)) for n in (0, days))
    found = _blocks(session, kept) if kept.blocks is None else kept.blocks
    return tuple(one for one in found if one.start < end and begin < one.end)


def shown(plan: Plan, busy: Iterable[Block]) -> tuple[Block, ...]:
    """Return the blocks of a plan and the busy times between them, by start."""
    return tuple(sorted((*plan.blocks, *busy), key=lambda block: block.start.timestamp()))


def read(session: Session) -> tuple[Read, ...]:
    """Return what there is to say of each calendar that has been read."""
    return _known(session).calendars if session.config.busy else ()


def _midnight(session: Session, day: date) -> datetime:
    return localize(day, time(0), session.zone)


# What is kept


def _file(session: Session) -> Path:
    # A trial with another clock does not disturb the real days.
    return folder(session) / ("trial.json" if session.is_trial else "blocks.json")


def _known(session: Session, days: int = 0) -> Kept:
    """Return what is kept, or read the calendars anew."""
    every = copies(session)
    made_of = _made_of(session, every)
    needed = session.today + timedelta(days=max(session.config.plan.days, _LEAST_DAYS, days))
    kept = _load(session)
    if kept and kept.made_of == made_of and kept.first <= session.today and needed <= kept.last:
        return kept
    kept = _read_all(session, every, made_of, needed + timedelta(days=_MORE_DAYS))
    from mdtasks.write.cached import keep

    keep(_file(session), _dump(kept))
    return kept


def _made_of(session: Session, every: Sequence[Copy]) -> str:
    calendars = [(one.calendar.name, one.path, one.calendar.all_day, one.stamp) for one in every]
    return repr((FORMAT, session.zone.key, calendars))


def _load(session: Session) -> Kept | None:
    """Return what is kept, its blocks left for when they are needed."""
    try:
        with _file(session).open("rb") as file:
            head = json.loads(file.readline())
        first, last = (date.fromisoformat(head[key]) for key in ("first", "last"))
        calendars = tuple(Read(n, count, tuple(said)) for n, count, said in head["calendars"])
        return Kept(head["made_of"], first, last, head["digest"], calendars, None)
    except (OSError, ValueError, LookupError, TypeError):
        return None  # none yet, or one that another mdtasks wrote


def _blocks(session: Session, kept: Kept) -> tuple[Block, ...]:
    with suppress(OSError, ValueError):
        head, _, rows = _file(session).read_bytes().partition(b"\n")
        if json.loads(head).get("digest") == kept.digest:
            return tuple(_block(session, row) for row in json.loads(rows))
    # Somebody has just written another: what this run knows of it counts.
    every = copies(session)
    return _read_all(session, every, kept.made_of, kept.last).blocks or ()


def _block(session: Session, row: Sequence[str]) -> Block:
    start, end, title = row
    begins, ends = (datetime.fromisoformat(each).astimezone(session.zone) for each in (start, end))
    return Block(begins, ends, title, Kind.BUSY)


def _dump(kept: Kept) -> bytes:
    head: dict[str, Any] = {
        "made_of": kept.made_of,
        "first": kept.first.isoformat(),
        "last": kept.last.isoformat(),
        "digest": kept.digest,
        "calendars": kept.calendars,
    }
    return f"{json.dumps(head)}\n{_rows(kept.blocks or ())}\n".encode()


def _rows(found: Iterable[Block]) -> str:
    return json.dumps([(one.start.isoformat(), one.end.isoformat(), one.title) for one in found])


# Reading


def _read_all(session: Session, every: Sequence[Copy], made_of: str, last: date) -> Kept:
    from hashlib import blake2b

    from mdtasks.busy.events import Window

    first = session.today
    window = Window(_midnight(session, first), _midnight(session, last), session.zone)
    found: list[Block] = []
    calendars = []
    for one in every:
        data, warning = _bytes(one)
        taken, warnings = _read(data, window, one.calendar) if data else ((), ())
        found += taken
        said = (warning, *warnings) if warning else warnings
        calendars.append(Read(one.calendar.name, len(taken), said))
    ordered = tuple(sorted(found, key=lambda block: (block.start.timestamp(), block.title)))
    mark = blake2b(_rows(ordered).encode(), digest_size=16).hexdigest()
    return Kept(made_of, first, last, mark, tuple(calendars), ordered)


def _read(
    data: bytes, window: Any, calendar: BusyCalendar
) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    from mdtasks.busy.events import read as read_events

    return read_events(data, window, calendar.name, calendar.all_day)


def _bytes(one: Copy) -> tuple[bytes, str]:
    """Return what the file holds, or what is wrong with it; of an address, nothing may be there
    yet."""
    from mdtasks.busy.text import MAX_BYTES, is_whole

    file = one.calendar.file
    try:
        if not one.path.is_file():
            return b"", f"{file} is not there" if file else ""
        with one.path.open("rb") as source:
            data = source.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        return b"", f"{file or 'the copy'} cannot be read: {getattr(error, 'strerror', error)}"
    if len(data) > MAX_BYTES:
        return b"", f"{file} is larger than {MAX_BYTES >> 20} MB"
    return (data, "") if is_whole(data) else (b"", f"{file or 'the copy'} is no whole calendar")
