"""The managed section in the day's note.

Rule: what a person wrote there is never written over; then the section waits and says why.
"""

from __future__ import annotations

import json
from dataclasses import replace

from mdtasks import vault
from mdtasks.app.planning import current_plan
from mdtasks.app.session import Session
from mdtasks.dates import name_for
from mdtasks.index.store import Store
from mdtasks.model import Kind, Plan, Problem


def write_section(session: Session, store: Store, attended: bool) -> tuple[bool, tuple[str, ...]]:
    """Return whether today's note was written, and a line for each thing that held it up.

    The note is made if it is not there. `attended` is false where nobody waits for it: then a
    note that was changed within 2 s raises BusyError at once.
    Raises RefusedError (BusyError is one), ChangedUnderUsError, LockedError.
    """
    from mdtasks.render.daily import Held, section, splice
    from mdtasks.write.safely import AT_PROMPT, UNATTENDED, write_note

    path = daily_note_path(session, store)
    before = vault.read(session.root, path) if (session.root / path).exists() else None
    if isinstance(before, Problem):
        return False, (f"{path}: {before.message}",)
    plan = _without_own_times(current_plan(session, store), store, path)
    tasks = {task.uid: task for task in store.tasks(open_only=True)}
    open_uids = set(tasks)
    tasks |= {task.uid: task for task in store.done_on(session.today)}
    lines = section(plan, tasks, session.today, session.zone)
    slot = f"section {path}"
    after = splice(
        before or b"", lines, session.config.daily.heading, _written(store, slot), open_uids
    )
    if isinstance(after, Held):
        reasons = (
            f"{path}:{r.line}: {r.why}, so the section waits: {r.text}" for r in after.reasons
        )
        return False, tuple(reasons)
    differs = after != (before or b"")
    if differs:
        patience = AT_PROMPT if attended else UNATTENDED
        write_note(session.root, session.places.state, path, before, after, patience)
    store.put(slot, json.dumps(lines).encode())
    return differs, ()


def _without_own_times(plan: Plan, store: Store, path: str) -> Plan:
    """Leave out what the note itself says with its time: it would stand there twice."""
    own = {task.uid for task in store.tasks(path=path)}
    blocks = (b for b in plan.blocks if b.kind is not Kind.FIXED or not own.issuperset(b.tasks))
    return replace(plan, blocks=tuple(blocks))


def daily_note_path(session: Session, store: Store) -> str:
    """Return where the note of the session's day lies or is to lie, vault-relative.

    Where no folder is set, that is where the daily notes of other days are.
    """
    notes = session.config.read.daily_notes
    name = f"{name_for(session.today, notes.format)}.md"
    folder = session.config.daily.folder or notes.folder
    if not folder:
        folder = _usual_folder(session, store, name.count("/"))
    return "/".join(filter(None, (*folder.strip("/").split("/"), name))).removeprefix("./")


def _usual_folder(session: Session, store: Store, levels: int) -> str:
    """Return the folder of the latest daily note; `levels` folders of its path are in the name."""
    from mdtasks.read.note import day_of

    days = {path: day_of(path, session.config.read) for path in store.stamps()}
    latest = max(((day, path) for path, day in days.items() if day), default=None)
    return "/".join(latest[1].split("/")[: -1 - levels]) if latest else ""


def _written(store: Store, slot: str) -> tuple[str, ...] | None:
    """Return the lines that were written last, None if that is not known any more."""
    data = store.get(slot)
    return None if data is None else tuple(json.loads(data))
