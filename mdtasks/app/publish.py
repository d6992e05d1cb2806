"""What others see of the plan: the calendar feed and the day's note.

Rule: bytes that are right already are not written again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from mdtasks.app.planning import current_plan
from mdtasks.app.session import Session
from mdtasks.index.store import Store
from mdtasks.model import Plan, Task

if TYPE_CHECKING:
    from mdtasks.render.ledger import Mark

# Rises when the same plan is to give other bytes than before.
FEED_VERSION = 2


@dataclass(frozen=True, slots=True)
class Published:
    """What was written. `held` says, a line each, what of a person's keeps the day's note as it
    is; with `waits` somebody may be typing in it: look again."""

    feed: bool
    daily: bool = False
    held: tuple[str, ...] = ()
    waits: bool = False


def calendar(session: Session, store: Store, ledger: bytes | None = None) -> bytes:
    """Return the feed of the plan that holds now.

    It goes on from `ledger`, else from the published feed, else from the last one made here.
    """
    before = ledger or _bytes_of(session.places.feed) or store.get("feed")
    plan = current_plan(session, store)
    if before and store.get("feed came of") == _origin(session, store, plan, before):
        return before
    from mdtasks.render.ics import feed

    named = _named(store, plan)
    data = feed(
        plan,
        named,
        session.config.feed,
        vault_name=session.root.name,
        vault_root=session.root.as_posix(),
        now=session.now,
        published=before,
        marks=_marks(store, named),
        vault_id=session.config.vault_id,
    )
    if data != before:
        store.put("feed", data)
    store.put("feed came of", _origin(session, store, plan, data))
    return data


def _named(store: Store, plan: Plan) -> dict[str, Task]:
    """Return the tasks of the blocks, their open subtasks, and what is due on the plan's days."""
    placed = {uid for block in plan.blocks for uid in block.tasks}
    named = store.tasks(uids=placed) + store.tasks(open_only=True, parents=placed)
    named += store.tasks(open_only=True, due_between=(plan.days[0], plan.days[-1]))
    return {task.uid: task for task in named}


def _marks(store: Store, uids: Collection[str]) -> dict[str, Mark]:
    """Return what keeps the tasks' uids where the index is deleted: `refresh` reads it again."""
    from mdtasks.render.ledger import Mark

    return {
        uid: Mark(uid, born, explicit, reference, path, text)
        for uid, born, explicit, path, (text, reference) in store.known(uids)
    }


def _origin(session: Session, store: Store, plan: Plan, data: bytes) -> bytes:
    """Return a digest of a feed and of all that it came of: made again, it would be the same."""
    came_of = (
        FEED_VERSION,
        session.today,
        session.root,
        session.config.feed,
        store.generation,
        plan,
    )
    return blake2b(repr(came_of).encode("utf-8", "surrogatepass") + data, digest_size=16).digest()


def write_calendar(session: Session, store: Store, path: Path) -> bool:
    """Write the feed to a file of the person's choice; False if it holds these bytes already."""
    from mdtasks.write.publish import publish as write

    return write(path, calendar(session, store, _bytes_of(path)))


def publish(session: Session, store: Store, attended: bool = True) -> Published:
    """Carry back what a person did in the daily notes' sections, then write feed and daily note
    where they differ from what they should be.

    Not `attended`, a note that somebody may be typing in is left for later (`waits`).
    """
    if not session.config.daily.write:
        return Published(write_calendar(session, store, session.places.feed))
    from mdtasks.app.sections import sync_sections

    feed = False

    def write_feed() -> None:
        nonlocal feed
        feed |= write_calendar(session, store, session.places.feed)

    daily = sync_sections(session, store, attended, write_feed)
    return Published(feed, daily.written, daily.held, daily.waits)


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:  # none yet; if it is no file, writing it will say so
        return None
