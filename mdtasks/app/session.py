"""One run on one vault: where it lies, what is set, what time it is.

Rule: opened once by the door (cli, watch), handed to every use case, never kept elsewhere.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mdtasks import config as configuration
from mdtasks.dates import localize, parse_moment
from mdtasks.errors import UsageError
from mdtasks.index.store import Store
from mdtasks.settings import Config

Notify = Callable[[str], None]

# Far enough from where the calendar of Python ends for every span of days that a command looks at.
_YEARS = range(1900, 9000)

# Rises when equal bytes are to be read as other tasks than before.
READER_VERSION = 4


class Session(NamedTuple):
    """`now` is aware, in the vault's zone; `is_trial` when it is not the clock's. `notify` takes
    one line for stderr. `began` is by the real clock: before anything was read."""

    root: Path
    config: Config
    places: configuration.Places
    zone: ZoneInfo
    now: datetime
    is_trial: bool
    notify: Notify
    began: float

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def reading(self) -> str:
        """What decides, beside their bytes, how notes are read."""
        return f"{READER_VERSION} {self.config.read!r}"

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Open the index. Raises MdtasksError where the cache folder cannot be written."""
        with self.open_store() as store:
            yield store

    def open_store(self) -> Store:
        return Store.open(self.places.cache, self.config.vault_id, self.reading, self.today)


def open_session(vault: str | None, now: str | None, notify: Notify) -> Session:
    """Return the session of a vault; `now` replaces the clock: a date or date and time.

    Raises VaultNotFoundError, VaultEmptyError, ConfigError, UsageError.
    """
    began = time.time()
    root = configuration.find_vault(vault, os.environ, Path.cwd())
    loaded = configuration.load(root)
    zone, notices = configuration.timezone(loaded.config, os.environ)
    for notice in (*loaded.notices, *notices):
        notify(notice)
    return Session(
        root=root,
        config=loaded.config,
        places=configuration.places(root, loaded.config),
        zone=zone,
        now=datetime.now(zone) if now is None else _moment(now, zone),
        is_trial=now is not None,
        notify=notify,
        began=began,
    )


def _moment(text: str, zone: ZoneInfo) -> datetime:
    wall = parse_moment(text)
    if wall is None:
        raise UsageError(
            f"--now {text}: this is no moment", "write 2026-11-22T09:00, or a date for its midnight"
        )
    if wall.year not in _YEARS:
        raise UsageError(
            f"--now {text}: the year {wall.year} is out of reach",
            f"write one from {_YEARS[0]} to {_YEARS[-1]}",
        )
    return localize(wall.date(), wall.time(), zone)
