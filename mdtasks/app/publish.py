"""What others see of the plan: the calendar feed and the day's note.

Rule: bytes that are right already are not written again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from mdtasks.app.kept import load_unplaced
from mdtasks.app.planning import current_blocks, end_interim, unplaced
from mdtasks.app.session import Session
from mdtasks.index.store import Store
from mdtasks.model import Plan, Task
from mdtasks.write.locks import hold
from mdtasks.write.target import refusing

if TYPE_CHECKING:
    from mdtasks.render.ledger import Mark

# Rises when the same plan is to give other bytes than before.
FEED_VERSION = 3
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Published:
    """What was written. `held` says, a line each, what of a person's keeps the day's note as it
    is; with `waits` somebody may be typing in it: look again."""

    feed: bool
    daily: bool = False
    held: tuple[str, ...] = ()
    waits: bool = False


def calendar(session: Session, store: Store) -> bytes:
    """Return the feed of the plan that holds now, going on from the published one."""
    plan = current_blocks(session, store)
    data = _made(session, store, plan, _bytes_of(session.places.feed))
    _keep(session, store, plan, data)
    return data


def _made(session: Session, store: Store, plan: Plan, published: bytes | None) -> bytes:
    before = _ledger(session, store, published)
    if before and store.get("feed came of") == _origin(session, store, plan, before):
        return before
    from mdtasks.render.ics import feed

    named = _named(store, plan)
    return feed(
        plan._replace(unplaced=load_unplaced(unplaced(session, store), named)),
        named,
        session.config.feed,
        vault_name=session.root.name,
        vault_root=session.root.as_posix(),
        now=session.now,
        published=before,
        marks=_marks(store, named),
        vault_id=session.config.vault_id,
    )


def _ledger(session: Session, store: Store, published: bytes | None) -> bytes | None:
    """Return the feed to go on from: what is published there, else the one that subscribers see,
    else the last one made here; the first that is as we wrote it."""
    kept = store.get("feed")
    if published and published == kept:
        return published
    from mdtasks.render.ledger import is_whole

    feeds = (published, _bytes_of(session.places.feed), kept)
    known = [data for data in feeds if data]
    return next(filter(is_whole, known), next(iter(known), None))


def _keep(session: Session, store: Store, plan: Plan, data: bytes) -> None:
    """Keep what was published, not what was only made: others go on from it too."""
    if store.get("feed") != data:
        store.put("feed", data)
    origin = _origin(session, store, plan, data)
    if store.get("feed came of") != origin:
        store.put("feed came of", origin)


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
    said = repr(came_of).encode("utf-8", "surrogatepass")
    # What has no place may be thousands of tasks.
    kept = unplaced(session, store) or b""
    return blake2b(b"\n".join((said, kept, data)), digest_size=16).digest()


def write_calendar(session: Session, store: Store, path: Path) -> bool:
    """Write the feed to a file of the person's choice; False if it holds these bytes already.

    Raises BrokenFeedError, LockedError.
    """
    from mdtasks.write.publish import publish as write

    for left in reversed(range(_TRIES)):
        before, basis = _bytes_of(path), store.generation
        plan = current_blocks(session, store)
        data = _made(session, store, plan, before)
        if data == before:
            _keep(session, store, plan, data)
            return False
        with refusing("the state folder"), hold(session.places.state, "write"):
            # Another may have published meanwhile: going on from the same ledger as it did, we
            # would give a number twice, and take back what it wrote. To make the feed takes a
            # while, so that is done under the lock only when there is no end of others.
            if _bytes_of(path) != before or store.generation != basis:
                if left:
                    continue
                plan = current_blocks(session, store)
                data = _made(session, store, plan, _bytes_of(path))
            written = write(path, data)
            _keep(session, store, plan, data)
            return written
    raise AssertionError("the last try returns or raises")


def publish(session: Session, store: Store, attended: bool = True) -> Published:
    """Carry out what is ticked in review notes, date what was ticked in an editor if that is
    asked for, carry back what a person did in the daily notes' sections, then write feed and
    daily note where they differ from what they should be.

    Not `attended`, a note that somebody may be typing in is left for later (`waits`).
    """
    from mdtasks.app.review_note import carry_reviews
    from mdtasks.app.stamping import stamp_ticks

    # A watcher makes the whole plan in a moment; nobody else comes back for it.
    if attended:
        end_interim(session, store)
    waits = carry_reviews(session, store, attended)
    waits |= stamp_ticks(session, store, attended)
    if not session.config.daily.write:
        return Published(write_calendar(session, store, session.places.feed), waits=waits)
    from mdtasks.app.sections import sync_sections

    feed = False

    def write_feed() -> None:
        nonlocal feed
        feed |= write_calendar(session, store, session.places.feed)

    daily = sync_sections(session, store, attended, write_feed)
    return Published(feed, daily.written, daily.held, daily.waits or waits)


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:  # none yet; if it is no file, writing it will say so
        return None
