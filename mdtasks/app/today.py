"""The checklist of a day, kept like the plan that it is made from.

Rule: on a fresh index this reads what is kept, and the few tasks that the day names.
"""

from __future__ import annotations

from datetime import date

from mdtasks.app.kept import KeptDay, dump_day, keep_day, load_day
from mdtasks.app.planning import (
    Heed,
    blocks_and_tasks,
    current_plan,
    open_tasks,
    plan_for,
    whole_blocks_and_tasks,
)
from mdtasks.app.session import Session
from mdtasks.index.store import Store
from mdtasks.model import Plan, Task, Today

Tasks = dict[str, Task]


def today(session: Session, store: Store, day: date) -> tuple[Today, Tasks]:
    """Return what a day holds, and by uid every task that it names."""
    ahead = (day - session.today).days + 1
    if ahead > session.config.plan.days:
        kept = keep_day("", _new(session, store, plan_for(session, store, ahead), day))
    else:
        kept = _kept(session, store, day)
    tasks = {task.uid: task for task in store.tasks(uids=kept.uids)}
    store.shown(tasks)
    micro, done = (tuple(tasks[uid] for uid in uids) for uids in (kept.micro, kept.done))
    lists = kept.blocks, micro, kept.overdue, done, kept.unplaced, kept.rolled, kept.decide
    asked, waiting = (tuple(tasks[uid] for uid in uids) for uids in (kept.asked, kept.waiting))
    theirs = asked, waiting, kept.waiting_more
    return Today(day, *lists, kept.streak, kept.finished, *theirs), tasks


def prepare(session: Session, store: Store, heed: Heed | None) -> None:
    """Let whoever asks for today's list find it made, of the whole plan. Raises what `heed` does,
    which is called while there is an interim plan that will do for longer."""
    generation = store.generation
    made = whole_blocks_and_tasks(session, store, heed)
    _kept_of(session, store, session.today, generation, *made)


def _kept(session: Session, store: Store, day: date) -> KeptDay:
    # Read before the tasks are, as for the plan.
    generation = store.generation
    return _kept_of(session, store, day, generation, *blocks_and_tasks(session, store))


def _kept_of(
    session: Session,
    store: Store,
    day: date,
    generation: int,
    blocks: Plan,
    opened: list[Task] | None,
) -> KeptDay:
    # A day of the plan is a function of these, and not of the minute.
    made_of = repr((blocks, generation, day, session.config.hours))
    kept = load_day(store.get("today"), session.zone)
    if kept is None or kept.made_of != made_of:
        plan = current_plan(session, store)
        if store.generation != generation:
            opened = None  # one of them may be gone
        kept = keep_day(made_of, _new(session, store, plan, day, opened))
        store.put("today", dump_day(kept))
    return kept


def _new(
    session: Session, store: Store, plan: Plan, day: date, opened: list[Task] | None = None
) -> Today:
    from mdtasks.app.praise import praised
    from mdtasks.app.rollover import planned_before
    from mdtasks.plan.rollover import told
    from mdtasks.plan.today import checklist

    tasks = open_tasks(session, store, opened)
    value = checklist(plan, tasks, day, session.zone)
    value = told(value, tasks, planned_before(session, store), session.today)
    value = value._replace(done=tuple(store.done_on(day)))
    return praised(session, store, value, tasks) if day == session.today else value
