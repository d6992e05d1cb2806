"""What `mdtasks doctor` found out: values for its two renderings.

Rule: values only. Paths of notes are vault-relative, ages are seconds by the real clock.
"""

from __future__ import annotations

from typing import NamedTuple

from mdtasks.model import Source


class Unread(NamedTuple):
    """A note or folder that cannot be read, and why."""

    path: str
    message: str


class Vault(NamedTuple):
    """`gone` says that the index knows notes where there are none; `ended` counts the tasks that
    repeat and do not come back, for an editor ticked them."""

    root: str
    notes: int
    tasks: int
    open: int
    ignored: int
    links: tuple[str, ...]
    unread: tuple[Unread, ...]
    gone: bool = False
    ended: int = 0


class Setting(NamedTuple):
    """`source`: "default", "environment", or the files that say it; `value` as in TOML."""

    key: str
    value: str
    source: str


class Settings(NamedTuple):
    """`file` is mdtasks.toml if there is one; `notices` is what could not be used, and why."""

    file: str | None
    every: tuple[Setting, ...]
    notices: tuple[str, ...]
    global_filter: str


class Dialect(NamedTuple):
    """`used` by the settings; how many lines speak it, and the first of them."""

    name: str
    used: bool
    lines: int
    example: Source | None


class Index(NamedTuple):
    """`trouble` is why it could not be used or brought up to date, "" if it was."""

    path: str
    size: int
    version: int
    read: int = 0
    gone: int = 0
    seconds: float = 0.0
    trouble: str = ""

    @property
    def was_fresh(self) -> bool:
        return not (self.trouble or self.read or self.gone)


class Watcher(NamedTuple):
    """`heartbeat` is the age of its last sign of life, None where there is none."""

    running: bool
    heartbeat: float | None


class Feed(NamedTuple):
    """`age` is None where there is no file; `whole` whether it is a calendar to its end."""

    path: str
    age: float | None = None
    size: int = 0
    events: int = 0
    whole: bool = False


class BusyCalendar(NamedTuple):
    """`source` is a host or a file, `age` that of the copy or the file, None where there is none;
    `busy` is how many busy times lie ahead."""

    name: str
    source: str
    age: float | None
    busy: int
    warnings: tuple[str, ...]


class Place(NamedTuple):
    """To where the plan is carried: a host or a file. `worked` and `failed` are ages, None for
    never; `why` it failed last, and a hint."""

    name: str
    kind: str
    to: str
    lens: str
    worked: float | None
    failed: float | None
    why: str
    hint: str


class Daily(NamedTuple):
    on: bool
    path: str
    exists: bool


class Copies(NamedTuple):
    """Bytes of notes that were written over, kept a day; `last_change` can be undone."""

    folder: str
    number: int
    oldest: float | None
    last_change: float | None


class System(NamedTuple):
    """`watches` is how many folders one user may have watched, None where nothing limits it."""

    program: str
    folders: int
    watches: int | None
    network: str
    zone: str
    zone_source: str


class Waiting(NamedTuple):
    """A change that is not yet written: the lines that `text` is to become, and why it waits."""

    path: str
    line: int
    text: str
    wanted: tuple[str, ...]
    since: str
    why: str


class Conflict(NamedTuple):
    """A copy that a sync service made; `note` is the one it belongs to, None if that is gone."""

    path: str
    note: str | None


class Report(NamedTuple):
    vault: Vault
    settings: Settings
    dialects: tuple[Dialect, ...]
    cache: Index
    watcher: Watcher
    outbox: tuple[Waiting, ...]
    conflicts: tuple[Conflict, ...]
    too_big: tuple[str, ...]
    absent: tuple[str, ...]
    feed: Feed
    busy: tuple[BusyCalendar, ...]
    daily: Daily | None
    copies: Copies
    system: System
    places: tuple[Place, ...] = ()
