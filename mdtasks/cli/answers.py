"""What several commands answer with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from mdtasks.console import Call, notify, print_json, print_lines

if TYPE_CHECKING:
    from mdtasks.app.session import Session
    from mdtasks.index.store import Store
    from mdtasks.model import Edit, Task
    from mdtasks.render.json import Shape


def shapes(session: Session, store: Store, tasks: Iterable[Task]) -> list[Shape]:
    from mdtasks.plan.dependencies import blocked_uids
    from mdtasks.plan.urgency import urgency
    from mdtasks.render import json

    blocked = blocked_uids(store.tasks(open_only=True))
    return [json.task(task, urgency(task, session.today), task.uid in blocked) for task in tasks]


def print_changes(call: Call, session: Session, edits: Sequence[Edit], as_json: bool) -> None:
    if as_json:
        from mdtasks.render import json

        return print_json(session, **json.changed(edits))
    from mdtasks.render import terminal

    if not edits:
        notify("nothing to change: it is closed already")
    return print_lines(terminal.changes(edits, call.pen))


def publish_all(session: Session, store: Store) -> None:
    from mdtasks.app.publish import publish

    for line in publish(session, store).held:
        notify(line)
