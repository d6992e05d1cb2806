"""The plan: kept in the index with its inputs, made anew when they differ.

Rule: only here is it decided whether a kept plan still holds.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mdtasks.app.kept import KeptPlan, dump_plan, dump_unplaced, load_plan, load_unplaced
from mdtasks.app.session import Session
from mdtasks.config import planning_settings
from mdtasks.index.store import Store
from mdtasks.model import Kind, Plan, Task

# Rises when equal inputs are to give another plan than before.
PLANNER_VERSION = 1


def current_plan(session: Session, store: Store) -> Plan:
    """Return the plan that holds now: the kept one, or a new one, which is kept."""
    plan = current_blocks(session, store)
    return replace(plan, unplaced=load_unplaced(store.get(f"{_slot(session)}: unplaced")))


def current_blocks(session: Session, store: Store) -> Plan:
    """Return the plan that holds now, without what has no place."""
    inputs, kept = _inputs(session, store), _kept(session, store)
    if kept and kept.inputs == inputs and not _has_slipped(kept.plan, session.now, store):
        return kept.plan
    plan = _new_plan(session, store, kept)
    store.put(f"{_slot(session)}: unplaced", dump_unplaced(plan.unplaced))
    store.put(_slot(session), dump_plan(inputs, plan))
    return replace(plan, unplaced=())


def plan_for(session: Session, store: Store, days: int | None) -> Plan:
    """Return the plan of so many days; None, or the configured number: the one that holds."""
    if days is None or days == session.config.plan.days:
        return current_plan(session, store)
    return _new_plan(session, store, _kept(session, store), days)


def open_tasks(store: Store) -> list[Task]:
    """Return what is open, as planning sees it: a series that was just ticked rests."""
    from mdtasks.plan.series import rest

    return rest(store.tasks(open_only=True), store.last_done())


def _inputs(session: Session, store: Store) -> str:
    """Return all that a plan depends on but the minute."""
    # Not their digest: to import hashlib takes longer than to compare them.
    parts = (
        str(PLANNER_VERSION),
        str(store.generation),
        session.today.isoformat(),
        session.zone.key,
        planning_settings(session.config),
    )
    return "\n".join(parts)


def _new_plan(
    session: Session, store: Store, kept: KeptPlan | None, days: int | None = None
) -> Plan:
    from mdtasks.plan.schedule import plan_days

    config = session.config
    return plan_days(
        open_tasks(store),
        config.hours,
        config.plan._replace(days=days) if days else config.plan,
        (),
        session.now,
        session.zone,
        kept.plan if kept else _published_plan(session),
    )


def _published_plan(session: Session) -> Plan:
    """Return the plan that subscribers see: with it a deleted index moves nothing."""
    try:
        data = session.places.feed.read_bytes()
    except OSError:
        return Plan()
    from mdtasks.render.ics import last_plan

    return last_plan(data, session.zone)


def _slot(session: Session) -> str:
    # A trial with another clock neither sees nor disturbs the plan of the real day.
    return "trial plan" if session.is_trial else "plan"


def _kept(session: Session, store: Store) -> KeptPlan | None:
    return load_plan(store.get(_slot(session)), session.zone)


def _has_slipped(plan: Plan, now: datetime, store: Store) -> bool:
    """Whether a block has ended with a task of it still open.

    One whose time the person wrote stays where it was written: to plan again changes nothing.
    """
    blocks = (block for block in plan.blocks if block.kind is not Kind.FIXED and block.end <= now)
    ended = {uid for block in blocks for uid in block.tasks}
    return any(task.is_open for task in store.tasks(uids=ended)) if ended else False
