"""Hear of changes in a folder from the system.

Rule: every doubt is a hint, and where the system cannot tell of each change, that is said.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mdtasks import config as configuration
from mdtasks.app.mounts import network_kind
from mdtasks.app.session import Notify
from mdtasks.read.names import is_note

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver

# When to look again at a vault of whose changes the system does not tell, in seconds.
POLL = 2.0

# A note's path, None for anything else that there may be to look at.
Hint = Callable[[str | None], None]


class Observed:
    """A folder under observation; without an observer nothing is heard of it."""

    def __init__(self, observer: BaseObserver | None, state: Path, say: Notify) -> None:
        self._observer = observer
        self._state = state
        self._say = say
        self._trouble = ""

    def doubt(self, trouble: str) -> None:
        """From now on there may be changes of which nothing is heard."""
        if not self._trouble:
            self._say(f"{trouble}, so the vault is compared every {POLL:.0f} seconds")
        self._trouble = trouble

    @property
    def is_alive(self) -> bool:
        """Whether it may be waited for; if not, one has to begin anew."""
        if self._observer is None:
            return True
        # The kernel's events are read in a thread that an odd one of them could end.
        reads = getattr(self._observer, "_inotify_fd", self._observer)
        threads = (self._observer, reads, *self._observer.emitters)
        return all(thread.is_alive() for thread in threads)

    @property
    def tells_all(self) -> bool:
        """Whether each change in the folder is heard of."""
        return not self._trouble

    def check(self) -> None:
        """Find out whether folders that have come since are observed too."""
        if self._observer and not self._trouble:
            try:
                _probe(self._observer, self._state)
            except OSError as error:
                self.doubt(f"the system gives no more events ({error.strerror})")


@contextmanager
def observing(root: Path, state: Path, hint: Hint, notify: Notify) -> Iterator[Observed]:
    """Call `hint` at events that may concern a note."""
    from watchdog.observers import Observer

    observer = None
    # A folder that was moved out and comes back is watched twice, which does no harm.
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="watchdog")
    with _doubts_hint(hint):
        try:
            observer = Observer()
            _start(observer, root, hint)
            observed = Observed(observer, state, notify)
            if kind := network_kind(root):
                observed.doubt(f"others' changes make no events on {kind}")
        except OSError as error:
            observed = Observed(None, state, notify if root.exists() else _unsaid)
            observed.doubt(f"the system gives no events ({error.strerror})")
        try:
            yield observed
        finally:
            if observer:
                observer.stop()  # what it holds of the system, also where it did not start
            if observer and observer.is_alive():
                observer.join()


def _unsaid(line: str) -> None:
    """What there is to say of a folder that is gone is said when it is read."""


def _start(observer: BaseObserver, root: Path, hint: Hint) -> None:
    from watchdog import events

    class Handler(events.FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            for path in (event.src_path, event.dest_path):
                concerned(root, os.fsdecode(path), event.is_directory, hint)

    # By default watchdog asks for opened and closed-without-write too, and our own reading would
    # make events without end.
    wanted: list[type[FileSystemEvent]] = [
        events.FileCreatedEvent,
        events.FileModifiedEvent,
        events.FileAttribEvent,  # a permission that was given
        events.FileMovedEvent,
        events.FileDeletedEvent,
        events.FileClosedEvent,
        events.DirCreatedEvent,
        events.DirAttribEvent,
        events.DirMovedEvent,
        events.DirDeletedEvent,
    ]
    observer.schedule(Handler(), str(root), recursive=True, event_filter=wanted)
    observer.start()


def _probe(observer: BaseObserver, folder: Path) -> None:
    """Raise OSError where the system's limit is reached: then watchdog leaves out folders of the
    vault without a word, but not one that it is asked for."""
    from watchdog.events import DirDeletedEvent, FileSystemEventHandler

    watch = observer.schedule(FileSystemEventHandler(), str(folder), event_filter=[DirDeletedEvent])
    observer.unschedule(watch)


def concerned(root: Path, path: str, is_folder: bool, hint: Hint) -> None:
    """Call `hint` if that may be one of the vault's notes, or a folder of them."""
    top = os.path.join(root, "")  # noqa: PTH118 (strings: events come by the thousand)
    if not path.startswith(top):
        return
    inside = path[len(top) :].replace(os.sep, "/")
    if is_folder:
        if is_note(f"{inside}/a.md"):
            hint(None)
    elif is_note(inside):
        hint(inside)
    elif inside in configuration.SETTINGS_FILES:
        hint(None)


@contextmanager
def _doubts_hint(hint: Hint) -> Iterator[None]:
    """Call `hint` at what watchdog tells its log alone: above all that the kernel has dropped
    events."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            hint(None)

    logger, handler = logging.getLogger("watchdog"), Handler(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells one folder or file from another at the same path; None without one."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino
