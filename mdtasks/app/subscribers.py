"""What each subscriber may see of the published feed.

Rule: what was published is what is seen; nothing is planned here. What leaves is made by
render/lens.py alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence, Set
from pathlib import Path

from mdtasks.app.session import Session
from mdtasks.errors import MdtasksError, UsageError
from mdtasks.index.store import Store
from mdtasks.model import Interval, Task
from mdtasks.render.lens import (
    FULL,
    KINDS,
    Lens,
    Sight,
    handed_out,
    is_private,
    parse_lens,
    through,
)
from mdtasks.write.locks import hold
from mdtasks.write.tokens import Subscriber, ledger_of, put_ledger


def lens_of(text: str) -> Lens:
    """Return the lens that is written so. Raises UsageError."""
    lens = parse_lens(text)
    if lens is None:
        raise UsageError(f"{text}: there is no such lens", f"one of {', '.join(KINDS)}")
    return lens


def has_project(store: Store, name: str) -> bool:
    """Whether a task is of this project."""
    wanted = name.casefold()
    return any((task.project or "").casefold() == wanted for task in store.tasks())


def feeds(
    session: Session,
    store: Store,
    subscribers: Sequence[Subscriber],
    failed: Callable[[MdtasksError], None] | None = None,
) -> dict[str, bytes] | None:
    """Return what is handed to each of the subscribers who may read, by their digests.

    None where nothing is published yet, or the index is only being made. What one subscriber
    cannot be handed raises MdtasksError; with `failed` it is told there, and the others go on.
    """
    published = _bytes_of(session.places.feed)
    if published is None or not store.is_complete:
        return None
    # A lens that is not known was made by a later mdtasks: its subscriber is handed nothing.
    lenses = {each: parse_lens(each.lens) for each in subscribers if each.is_active}
    found = {each.digest: published for each, lens in lenses.items() if lens == Lens(FULL)}
    others = {each: lens for each, lens in lenses.items() if lens and lens.kind != FULL}
    if others:
        sight = _sight(session, store, published, {lens.kind for lens in others.values()})
        # Two servers of one vault would go on from the same ledger.
        with hold(session.places.state, "lenses"):
            for each, lens in others.items():
                try:
                    found[each.digest] = _seen_by(session, each, lens, sight)
                except MdtasksError as error:
                    if failed is None:
                        raise
                    failed(error)
    return found


def _seen_by(session: Session, subscriber: Subscriber, lens: Lens, sight: Sight) -> bytes:
    path = ledger_of(session.places.state, subscriber)
    before = _bytes_of(path)
    ledger = through(lens, sight, bytes.fromhex(subscriber.key), session.now, before)
    if ledger != before:
        put_ledger(path, ledger)
    return handed_out(ledger)


def _sight(session: Session, store: Store, published: bytes, kinds: Set[str]) -> Sight:
    """Return what these kinds of lenses look at."""
    from mdtasks.render.ledger import read_ledger

    planned = kinds - {"actual", "busy"}
    events = read_ledger(published).events.values() if planned else ()
    named = {uid for event in events for uid in event.tasks}
    if "actual" not in kinds:
        return Sight(published, _with_parents(store, named))
    log = _log(session, store)
    # All of them: what is private may be a part of what is.
    tasks = {task.uid: task for task in store.tasks()}
    return Sight(published, tasks, _unambiguous(log, tasks))


def _with_parents(store: Store, uids: Collection[str]) -> dict[str, Task]:
    found: dict[str, Task] = {}
    missing = set(uids)
    while missing:
        more = store.tasks(uids=missing)
        found.update((task.uid, task) for task in more)
        missing = {task.parent for task in more if task.parent} - found.keys()
    return found


def _log(session: Session, store: Store) -> list[Interval]:
    """Return the time log of the days that are shown."""
    from mdtasks.app.time_log import intervals
    from mdtasks.render.ics import KEPT

    since = session.now - KEPT
    return [each for each in intervals(session, store) if each.end and each.end > since]


def _unambiguous(log: Sequence[Interval], tasks: dict[str, Task]) -> list[Interval]:
    """Return the log without what may be time for a private task, whose words it has; of the
    words, what is no link to a note."""
    from mdtasks.index.logged import linked, plain, words_in

    private = {plain(task.text) for task in tasks.values() if is_private(task, tasks)}
    return [
        each._replace(text="" if each.task_line else linked(each.text)[0])
        for each in log
        if each.task or private.isdisjoint(words_in([each]))
    ]


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
