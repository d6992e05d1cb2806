"""What others see of the plan: the calendar feed and the day's note.

Rule: bytes that are right already are not written again.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from mdtasks.app.named import Memory, Named
from mdtasks.app.planning import current_blocks, end_interim
from mdtasks.app.session import Session
from mdtasks.index.store import Store
from mdtasks.model import Plan
from mdtasks.write.locks import hold
from mdtasks.write.target import refusing

# Rises when the same plan is to give other bytes than before.
FEED_VERSION = 3
_TRIES = 3
# Kept in the index beside the last feed: what it came of, and that it is this one.
_CAME_OF = "feed came of"


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
    memory = Memory()
    made = _made(session, store, plan, _bytes_of(session.places.feed), memory)
    _keep(store, made, memory)
    return made.data


class _Made(NamedTuple):
    """A feed, what it came of, and what it names; None where it is the one before."""

    data: bytes
    origin: bytes
    named: Named | None


def _made(
    session: Session, store: Store, plan: Plan, published: bytes | None, memory: Memory
) -> _Made:
    before = _ledger(session, store, published)
    origin, came_of = _origin(session, store, plan), store.get(_CAME_OF) or b""
    # Behind a save it came of something else, and that takes less time to see.
    if before and came_of.startswith(origin) and came_of.endswith(_digest(before)):
        return _Made(before, origin, None)
    from mdtasks.render.ics import feed

    named = memory.named(store, plan, came_of)
    data = feed(
        plan,
        named.tasks,
        session.config.feed,
        vault_name=session.root.name,
        vault_root=session.root.as_posix(),
        now=session.now,
        published=before,
        marks=named.marks,
        vault_id=session.config.vault_id,
    )
    return _Made(data, origin, named)


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


def _keep(store: Store, made: _Made, memory: Memory) -> None:
    """Keep what was published, not what was only made: others go on from it too."""
    came_of = made.origin + _digest(made.data)
    if store.get(_CAME_OF) != came_of:
        store.put("feed", made.data, (_CAME_OF, came_of))
    if made.named:
        memory.keep(came_of, made.named)


def _origin(session: Session, store: Store, plan: Plan) -> bytes:
    """Return a digest of all that a feed comes of but the feed before: made again behind itself,
    it would be the same."""
    came_of = (
        FEED_VERSION,
        session.today,
        session.root,
        session.config.feed,
        store.generation,
        plan,
    )
    return _digest(repr(came_of).encode("utf-8", "surrogatepass"))


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


def write_calendar(
    session: Session, store: Store, path: Path, memory: Memory | None = None
) -> bool:
    """Write the feed to a file of the person's choice; False if it holds these bytes already.
    With a `memory` of the last one it takes less time.

    Raises BrokenFeedError, LockedError.
    """
    from mdtasks.write.publish import publish as write

    memory = memory or Memory()
    for left in reversed(range(_TRIES)):
        before, basis = _bytes_of(path), store.generation
        plan = current_blocks(session, store)
        made = _made(session, store, plan, before, memory)
        if made.data == before:
            _keep(store, made, memory)
            return False
        with refusing("the state folder"), hold(session.places.state, "write"):
            # Another may have published meanwhile: going on from the same ledger as it did, we
            # would give a number twice, and take back what it wrote. To make the feed takes a
            # while, so that is done under the lock only when there is no end of others.
            if _bytes_of(path) != before or store.generation != basis:
                if left:
                    continue
                plan = current_blocks(session, store)
                made = _made(session, store, plan, _bytes_of(path), memory)
            written = write(path, made.data)
            _keep(store, made, memory)
            return written
    raise AssertionError("the last try returns or raises")


def publish(
    session: Session, store: Store, attended: bool = True, memory: Memory | None = None
) -> Published:
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
        written = write_calendar(session, store, session.places.feed, memory)
        return Published(written, waits=waits)
    from mdtasks.app.sections import sync_sections

    feed = False

    def write_feed() -> None:
        nonlocal feed
        feed |= write_calendar(session, store, session.places.feed, memory)

    daily = sync_sections(session, store, attended, write_feed)
    return Published(feed, daily.written, daily.held, daily.waits or waits)


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:  # none yet; if it is no file, writing it will say so
        return None
