"""What others see of the plan: the calendar feed and the day's note.

Rule: bytes that are right already are not written again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mdtasks.app.planning import current_plan
from mdtasks.app.session import Session
from mdtasks.index.store import Store


@dataclass(frozen=True, slots=True)
class Published:
    """What was written. `held` says, a line each, why the day's note was left as it is."""

    feed: bool
    daily: bool
    held: tuple[str, ...] = ()


def calendar(session: Session, store: Store, ledger: bytes | None = None) -> bytes:
    """Return the feed of the plan that holds now.

    It goes on from `ledger`, else from the published feed, else from the last one made here.
    """
    from mdtasks.render.ics import feed

    before = ledger or _bytes_of(session.places.feed) or store.get("feed")
    data = feed(
        current_plan(session, store),
        {task.uid: task for task in store.tasks(open_only=True)},
        session.config.feed,
        vault_name=session.root.name,
        vault_root=session.root.as_posix(),
        now=session.now,
        published=before,
    )
    if data != before:
        store.put("feed", data)
    return data


def write_calendar(session: Session, store: Store, path: Path) -> bool:
    """Write the feed to a file of the person's choice; False if it holds these bytes already."""
    from mdtasks.write.publish import publish as write

    return write(path, calendar(session, store, _bytes_of(path)))


def publish(session: Session, store: Store) -> Published:
    """Write feed and daily note where they differ from what they should be."""
    feed = write_calendar(session, store, session.places.feed)
    if not session.config.daily.write:
        return Published(feed, daily=False)
    from mdtasks.app.daily_note import write_section

    daily, held = write_section(session, store)
    return Published(feed, daily, held)


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:  # none yet; if it is no file, writing it will say so
        return None
