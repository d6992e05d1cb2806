"""The checklist of a day, kept like the plan that it is made from.

Rule: on a fresh index this reads what is kept, and the few tasks that the day names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import blake2b

from mdtasks.app.planning import open_tasks, plan_for, plan_inputs
from mdtasks.app.session import Session
from mdtasks.index.store import Store
from mdtasks.model import Task
from mdtasks.plan.today import Today, _blocks_of, checklist

Tasks = dict[str, Task]


def today(session: Session, store: Store, day: date) -> tuple[Today, Tasks]:
    """Return what a day holds, and by uid every task that it names."""
    ahead = (day - session.today).days + 1
    plan = plan_for(session, store, ahead if ahead > session.config.plan.days else None)
    # A day within the plan is a function of these and not of the minute.
    digest = blake2b(repr((plan_inputs(session, store), plan, day)).encode(), digest_size=16)
    uids = _kept(store, digest.hexdigest())
    if uids is None:
        value = checklist(plan, open_tasks(store), day, session.zone)
        value = replace(value, done=tuple(store.done_on(day)))
        store.put("today", _dump(digest.hexdigest(), value))
        return value, _tasks(store, _named(value))
    tasks = _tasks(store, uids.named)
    return Today(
        date=day,
        blocks=_blocks_of(plan, day, session.zone),
        micro=tuple(tasks[uid] for uid in uids.micro),
        overdue=uids.overdue,
        done=tuple(tasks[uid] for uid in uids.done),
        unplaced=tuple(entry for entry in plan.unplaced if entry.task in uids.unplaced),
    ), tasks


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a day is not in the plan, as uids."""

    named: tuple[str, ...]
    micro: tuple[str, ...]
    done: tuple[str, ...]
    unplaced: tuple[str, ...]
    overdue: int


def _named(value: Today) -> list[str]:
    uids = {uid for block in value.blocks for uid in block.tasks}
    uids |= {entry.task for entry in value.unplaced}
    uids |= {task.uid for task in (*value.micro, *value.done)}
    return sorted(uids)


def _tasks(store: Store, uids: Iterable[str]) -> Tasks:
    return {task.uid: task for task in store.tasks(uids=list(uids))}


def _dump(digest: str, value: Today) -> bytes:
    kept = Kept(
        named=tuple(_named(value)),
        micro=tuple(task.uid for task in value.micro),
        done=tuple(task.uid for task in value.done),
        unplaced=tuple(entry.task for entry in value.unplaced),
        overdue=value.overdue,
    )
    return json.dumps({"digest": digest, **asdict(kept)}).encode()


def _kept(store: Store, digest: str) -> Kept | None:
    data = store.get("today")
    kept = json.loads(data) if data else {}
    if kept.pop("digest", None) != digest:
        return None
    return Kept(**kept)
