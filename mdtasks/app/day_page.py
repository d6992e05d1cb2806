"""The day's page: what it shows, and what its buttons do.

Rule: a button means the line that was shown, at the moment when it was shown; whatever became
another line since is refused.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import blake2b
from typing import NamedTuple

from mdtasks.app.changes import carry_out, notices, to_complete
from mdtasks.app.session import Session
from mdtasks.app.today import today
from mdtasks.errors import ChangedUnderUsError, UnknownKeyError
from mdtasks.index.store import Store
from mdtasks.model import Edit, Task
from mdtasks.render.links import note_address
from mdtasks.render.page import Look, Page, one_line, page
from mdtasks.render.pen import Pen
from mdtasks.render.terminal import Show
from mdtasks.write import outbox

# What was written is known for so long, so that an older page cannot be told from a new one.
OLDEST = timedelta(hours=24)


class Meant(NamedTuple):
    """A task as it was shown: the digest of its line, and when, by the real clock."""

    uid: str
    mark: str
    at: float


class LastChange(NamedTuple):
    """What `undo` would take back: its id, and a line of it."""

    id: str
    path: str
    text: str


def day_page(session: Session, store: Store, day: date, said: Sequence[str] = ()) -> Page:
    """Return the page of a day; `said` is what opening the vault had to say."""
    value, tasks = today(session, store, day)
    settings, name, root = session.config.feed, session.root.name, session.root.as_posix()
    display = session.config.display
    if settings.link == "file":  # browsers open no file from a page that was served
        settings = settings._replace(link="none")
    look = Look(
        show=Show(Pen(), session.today, display.clock, display.praise),
        now=session.now,
        link=lambda path: note_address(settings, name, root, path),
        mark=mark_of,
    )
    return page(value, tasks, look, (*said, *_waiting(session), *_busy(session)))


def _waiting(session: Session) -> tuple[str, ...]:
    return () if outbox.is_empty(session.places.state) else notices(session)


def _busy(session: Session) -> list[str]:
    if not session.config.busy:
        return []
    from mdtasks.app.fetching import lines

    return list(lines(session, True))


def mark_of(task: Task) -> str:
    """Return what tells the line of a task from any other wording of it."""
    return blake2b(task.source.text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def tick(session: Session, store: Store, meant: Meant) -> tuple[Task, tuple[Edit, ...]]:
    """Complete the task that was shown; return it with what changed, nothing where it is closed.

    Raises UnknownKeyError, ChangedUnderUsError, RefusedError, LockedError.
    """
    task = next(iter(store.tasks(uids=[meant.uid])), None)
    if task is None:
        raise UnknownKeyError("this task is gone from the notes; nothing was written")
    if not task.is_open:
        return task, ()
    if mark_of(task) != meant.mark:
        raise ChangedUnderUsError(
            f"this line changed since you saw it; now it is `{task.text}`; nothing was written",
            "tick it again if that is what you mean",
        )
    # What a repeating task without a date leaves reads like the line that was shown: so what was
    # written counts since then, and not since this request.
    since = session._replace(began=min(meant.at, session.began))
    return task, carry_out(since, store, to_complete(session, store, [task.uid]))


def last_change(session: Session) -> LastChange | None:
    """Return what `undo` would take back now, None if there is nothing."""
    from mdtasks.write.safely import last_change as last

    entry = last(session.places.state, time.time())
    if entry is None:
        return None
    splice = entry.splices[0]
    line = next(iter(splice.after or splice.before), "")
    return LastChange(entry.id, one_line(splice.path), one_line(line.strip()))
