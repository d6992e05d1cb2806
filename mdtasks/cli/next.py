"""What to do now: what `mdtasks next` prints.

Rule: no click. On a fresh index this loads what is kept of the day and prints it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from mdtasks.console import Call, print_json, print_lines

if TYPE_CHECKING:
    from mdtasks.app.session import Session
    from mdtasks.index.store import Store
    from mdtasks.model import Edit, Task
    from mdtasks.plan.next_step import Gap


def show_next(
    call: Call,
    minutes: int | None = None,
    words: Sequence[str] = (),
    begin: bool = False,
    as_json: bool = False,
) -> None:
    """Print up to three tasks for the time there is; `begin` puts the first in progress.

    Raises as opening the vault and starting a task do.
    """
    from mdtasks.app.next import next_tasks
    from mdtasks.cli.day import tell_waiting

    length = None if minutes is None else timedelta(minutes=minutes)
    with call.opened_to_change() if begin else call.opened() as (session, store):
        tell_waiting(session)
        there, tasks, shortest = next_tasks(session, store, length, words)
        changed: tuple[Edit, ...] = ()
        if begin and tasks:
            changed, tasks = _begun(session, store, tasks)
        if as_json:
            return _print_json(session, store, there, tasks, changed if begin else None)
        from mdtasks.render.next_step import next_steps, why_none

        show = call.show(session)
        if not tasks:
            reason, hint = why_none(there, words, shortest, show)
            lines = show.pen.wrapped(f"Nothing now: {reason}.")
            return print_lines([*lines, *show.pen.wrapped(hint, "dim")] if hint else lines)
        print_lines(next_steps(there, tasks, show))
        if begin:
            from mdtasks.cli.answers import print_changes

            print_changes(call, session, changed, False, "it is in progress already")


def _begun(
    session: Session, store: Store, tasks: Sequence[Task]
) -> tuple[tuple[Edit, ...], tuple[Task, ...]]:
    """Put the first task in progress; return what was changed, and the tasks as they are now."""
    from mdtasks.app.changes import carry_out
    from mdtasks.app.moving import to_start

    uids = [task.uid for task in tasks]
    changed = carry_out(session, store, to_start(session, store, uids[:1]).edits)
    now = {task.uid: task for task in store.tasks(uids=uids)}
    return changed, tuple(now[uid] for uid in uids if uid in now)


def _print_json(
    session: Session,
    store: Store,
    there: Gap,
    tasks: Sequence[Task],
    changed: Sequence[Edit] | None,
) -> None:
    from mdtasks.cli.answers import shapes
    from mdtasks.render import json
    from mdtasks.render.next_step import what

    shape = json.next_steps(there.length, there.until, what(there), shapes(session, store, tasks))
    print_json(session, **shape, **({} if changed is None else json.changed(changed)))
