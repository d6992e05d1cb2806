"""What several commands answer with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from mdtasks.console import Call, notify, print_json, print_lines

if TYPE_CHECKING:
    from mdtasks.app.rehearsal import Rehearsal
    from mdtasks.app.session import Session
    from mdtasks.index.store import Store
    from mdtasks.model import Edit, Task
    from mdtasks.render.json import Shape


def shapes(session: Session, store: Store, tasks: Iterable[Task]) -> list[Shape]:
    from mdtasks.plan.dependencies import blocked_uids
    from mdtasks.plan.urgency import urgency
    from mdtasks.render import json

    tasks = list(tasks)
    waits = any(task.depends_on for task in tasks)
    blocked = blocked_uids(store.tasks(open_only=True)) if waits else frozenset()
    return [json.task(task, urgency(task, session.today), task.uid in blocked) for task in tasks]


def print_changes(
    call: Call,
    session: Session,
    edits: Sequence[Edit],
    as_json: bool,
    unchanged: str = "it is closed already",
) -> None:
    if as_json:
        from mdtasks.render import json

        return print_json(session, **json.changed(edits))
    from mdtasks.render import terminal

    if not edits and unchanged:
        notify(f"nothing to change: {unchanged}")
    return print_lines(terminal.changes(edits, call.pen))


def print_rehearsal(call: Call, session: Session, shown: Rehearsal, as_json: bool) -> None:
    """Print what a change would do."""
    if as_json:
        from mdtasks.render import json

        return print_json(session, **json.changed(shown.changed), dry_run=True)
    from mdtasks.render import findings

    if not shown.diff:
        notify("nothing would change")
    return print_lines(findings.unified(shown.diff, call.pen))


def publish_all(session: Session, store: Store) -> None:
    """Bring everything that others see up to date, and with it what others' calendars say."""
    from mdtasks.app.publish import publish

    if session.config.busy:
        from mdtasks.app.fetching import fetch_all

        fetch_all(session)
    for line in publish(session, store).held:
        notify(line)
    tell_busy(session, only_grave=False)


def tell_busy(session: Session, only_grave: bool = True) -> None:
    """Say which busy calendars could not be read; have what is old fetched for the next time."""
    if session.config.busy:
        from mdtasks.app.fetching import fetch_if_old, lines

        for line in lines(session, only_grave):
            notify(line)
        fetch_if_old(session)
