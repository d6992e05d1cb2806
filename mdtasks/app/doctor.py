"""How the vault, its settings and all that lies around it are set up: facts, no judgement.

Rule: nothing is written but the index. Each thing is asked on its own, so that what is broken
hides nothing else.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce
from pathlib import Path

from mdtasks import __version__, vault
from mdtasks import config as configuration
from mdtasks.app.ended import how_many_ended
from mdtasks.app.mounts import network_kind
from mdtasks.app.refresh import Progress, Refreshed, opened
from mdtasks.app.session import READER_VERSION, Session
from mdtasks.errors import MdtasksError, VaultEmptyError
from mdtasks.index.store import Store
from mdtasks.model import Problem, Source
from mdtasks.read.guess import DIALECTS, Evidence, guess, is_task_note
from mdtasks.read.names import SUFFIXES, origin
from mdtasks.render import checkup
from mdtasks.settings import Hours, Lunch, Outlet
from mdtasks.toml.keys import KEYS
from mdtasks.toml.values import as_toml
from mdtasks.write import heartbeat, journal, outbox
from mdtasks.write.locks import is_held

_MAX_WATCHES = Path("/proc/sys/fs/inotify/max_user_watches")


def examine(
    session: Session, notices: Sequence[str], progress: Progress | None = None
) -> checkup.Report:
    """Return what there is to know; `notices` is what opening the session said."""
    place = session.places.cache
    known: Mapping[str, vault.Stamp] = {}
    lines: list[Source] = []
    tasks = opened_tasks = ended = 0
    daily: checkup.Daily | None = None
    trouble, empty, refreshed = "", False, Refreshed((), (), 0.0)
    try:
        with opened(session, progress) as (store, refreshed):
            known, lines = store.stamps(), store.sources()
            _, tasks, opened_tasks = store.counts()
            daily = _daily(session, store)
            ended = how_many_ended(session, store)
    except MdtasksError as error:
        trouble, empty = f"{error.message}; {error.hint}", isinstance(error, VaultEmptyError)
    walked = vault.walk(session.root, session.config.read.ignore, known)
    unread, task_notes = _look_into(session.root, walked)
    links, folders = _links_and_folders(session.root)
    return checkup.Report(
        vault=checkup.Vault(
            root=str(session.root),
            notes=len(walked.notes),
            tasks=tasks,
            open=opened_tasks,
            ignored=_ignored(session, walked),
            links=links,
            unread=unread,
            gone=empty,
            ended=ended,
        ),
        settings=_settings(session, notices),
        dialects=_dialects(session, lines, task_notes),
        cache=checkup.Index(
            path=str(place),
            size=_size(place),
            version=READER_VERSION,
            read=len(refreshed.changed),
            gone=len(refreshed.gone),
            seconds=refreshed.seconds,
            trouble=trouble,
        ),
        watcher=_watcher(session.places.state),
        outbox=_outbox(session),
        conflicts=_conflicts(walked),
        too_big=tuple(sorted(p for p, (_, size) in walked.notes.items() if size > vault.MAX_SIZE)),
        absent=tuple(sorted(walked.absent)),
        feed=_feed(session.places.feed),
        busy=_busy(session),
        places=_places(session),
        daily=daily,
        copies=_copies(session.places.state),
        system=_system(session, folders),
    )


# The vault


def _look_into(root: Path, walked: vault.Walk) -> tuple[tuple[checkup.Unread, ...], list[str]]:
    """Return what cannot be read, with the reason, and the notes that TaskNotes would take."""
    problems = list(walked.problems)
    task_notes = []
    for path, (_, size) in sorted(walked.notes.items()):
        if size > vault.MAX_SIZE:
            continue
        data = vault.read(root, path)
        if isinstance(data, Problem):
            problems.append(data)
        elif is_task_note(data):
            task_notes.append(path)
    return tuple(checkup.Unread(each.path, each.message) for each in problems), task_notes


def _ignored(session: Session, walked: vault.Walk) -> int:
    if not session.config.read.ignore:
        return 0
    return len(vault.walk(session.root).notes) - len(walked.notes)


def _links_and_folders(root: Path) -> tuple[tuple[str, ...], int]:
    """Return the links that stand for a note or a folder, and how many folders there are.

    A watcher has each of them watched, hidden ones too.
    """
    links: list[str] = []
    folders = 0
    for place, inner, names in os.walk(root):
        folders += 1
        names = [*inner, *(name for name in names if name.lower().endswith(SUFFIXES))]
        # Strings, as in vault.walk: so many paths take three times as long.
        paths = (os.path.join(place, name) for name in names)  # noqa: PTH118
        links += (Path(p).relative_to(root).as_posix() for p in paths if os.path.islink(p))  # noqa: PTH114
    return tuple(sorted(link for link in links if "/." not in f"/{link}")), folders


def _conflicts(walked: vault.Walk) -> tuple[checkup.Conflict, ...]:
    pairs = ((path, origin(path)) for path in sorted(walked.conflicts))
    return tuple(
        checkup.Conflict(path, note if note in walked.notes else None) for path, note in pairs
    )


# What is set, and what is written


def _settings(session: Session, notices: Sequence[str]) -> checkup.Settings:
    loaded = configuration.load(session.root)
    sources = {key: ", ".join(files) for key, files in loaded.sources.items()}
    sources.setdefault("timezone", configuration.zone_source(session.config, os.environ))
    every = (
        checkup.Setting(
            key.name,
            _value(key.name, reduce(getattr, key.place, session.config)),
            sources.get(key.name, "default"),
        )
        for key in KEYS
    )
    file = session.root / configuration.FILE
    return checkup.Settings(
        file=str(file) if file.is_file() else None,
        every=tuple(every),
        notices=tuple(notices),
        global_filter=session.config.read.global_filter,
    )


def _value(key: str, value: object) -> str:
    """Return a setting in short; "" for a table, which would be long."""
    if key == "statuses" and isinstance(value, Mapping):
        return " ".join(f"[{symbol}]" for symbol in value)
    entries = isinstance(value, tuple) and any(hasattr(one, "_fields") for one in value)
    return "" if isinstance(value, Hours | Lunch | Mapping) or entries else as_toml(value)


def _dialects(
    session: Session, lines: Sequence[Source], task_notes: Sequence[str]
) -> tuple[checkup.Dialect, ...]:
    found = guess(lines)
    if task_notes:
        found["tasknotes"] = Evidence(len(task_notes), Source(task_notes[0], 1, ""))

    def dialect(name: str) -> checkup.Dialect:
        lines, example = found.get(name, (0, None))
        return checkup.Dialect(name, name in session.config.read.dialects, lines, example)

    return tuple(map(dialect, DIALECTS))


# What lies around the vault


def _daily(session: Session, store: Store) -> checkup.Daily:
    from mdtasks.app.daily_paths import daily_note_path

    path = daily_note_path(session, store)
    return checkup.Daily(session.config.daily.write, path, (session.root / path).is_file())


def _watcher(state: Path) -> checkup.Watcher:
    running = is_held(state, "watch")
    return checkup.Watcher(running, heartbeat.age(state) if running else None)


def _outbox(session: Session) -> tuple[checkup.Waiting, ...]:
    try:
        pending = outbox.pending(session.places.state)
    except OSError:
        return ()
    return tuple(
        checkup.Waiting(**{**each._asdict(), "since": _moment(session, each.since)})
        for each in pending
    )


def _moment(session: Session, moment: datetime) -> str:
    return moment.astimezone(session.zone).isoformat(timespec="seconds")


def _feed(path: Path) -> checkup.Feed:
    try:
        data, age = path.read_bytes(), time.time() - path.stat().st_mtime
    except OSError:
        return checkup.Feed(str(path))
    whole = data.startswith(b"BEGIN:VCALENDAR") and data.rstrip().endswith(b"END:VCALENDAR")
    return checkup.Feed(str(path), age, len(data), data.count(b"BEGIN:VEVENT"), whole)


def _busy(session: Session) -> tuple[checkup.BusyCalendar, ...]:
    """Return the calendars whose events are busy times; of an address only the host."""
    if not session.config.busy:
        return ()
    from urllib.parse import urlsplit

    from mdtasks.app import busy, fetching

    known, now = fetching.states(session), time.time()
    found, said = {one.name: one for one in busy.read(session)}, [*fetching.said(session)]

    def calendar(copy: busy.Copy) -> checkup.BusyCalendar:
        name, stamp = copy.calendar.name, copy.stamp
        state = known.get(copy.path.name)
        since = state.fetched if state else 0.0
        if copy.calendar.file and stamp:
            since = stamp.mtime_ns / 1e9
        return checkup.BusyCalendar(
            name,
            copy.calendar.file or urlsplit(copy.calendar.url).hostname or "",
            now - since if stamp and since else None,
            found[name].blocks,
            tuple(line for owner, line in said if owner == name),
        )

    return tuple(map(calendar, busy.copies(session)))


def _places(session: Session) -> tuple[checkup.Place, ...]:
    """Return the places to which the plan is carried; of an address only the host."""
    if not session.config.publish:
        return ()
    from urllib.parse import urlsplit

    from mdtasks.app.outlet_record import record

    now = time.time()

    def place(one: Outlet) -> checkup.Place:
        worked, failed, why, hint = record(session, one)
        to = one.to if one.kind == "file" else urlsplit(one.to).hostname or ""
        well, ill = (now - at if at else None for at in (worked, failed))
        return checkup.Place(one.name, one.kind, to, one.lens, well, ill, why, hint)

    return tuple(map(place, session.config.publish))


def _copies(state: Path) -> checkup.Copies:
    folder, now = state / "displaced", time.time()
    ages = sorted(now - when for when in _times(folder))
    try:
        last = journal.last(state, now)
    except OSError:
        last = None
    return checkup.Copies(
        folder=str(folder),
        number=len(ages),
        oldest=ages[-1] if ages else None,
        last_change=now - last.at if last else None,
    )


def _times(folder: Path) -> Iterator[float]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                yield entry.stat().st_mtime
    except OSError:
        return


def _system(session: Session, folders: int) -> checkup.System:
    try:
        watches = int(_MAX_WATCHES.read_text("ascii"))
    except (OSError, ValueError):
        watches = None
    try:
        network = network_kind(session.root)
    except OSError:
        network = ""
    return checkup.System(
        program=f"mdtasks {__version__}, Python {platform.python_version()}, {platform.system()}",
        folders=folders,
        watches=watches,
        network=network,
        zone=session.zone.key,
        zone_source=configuration.zone_source(session.config, os.environ),
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
