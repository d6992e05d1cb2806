"""The plan: kept in the index with its inputs, made anew when they differ.

Rule: only here is it decided whether a kept plan still holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from mdtasks.app.kept import KeptPlan, dump_plan, dump_unplaced, load_plan, load_unplaced
from mdtasks.app.session import Session
from mdtasks.config import planning_settings
from mdtasks.index.store import Store
from mdtasks.model import Kind, Plan, Task

Heed = Callable[[], None]

# Rises when equal inputs are to give another plan than before.
PLANNER_VERSION = 8

# With more changed tasks than these a plan does not go on.
FEW = 100
# For so many seconds an interim plan holds at most.
A_MOMENT = 60.0


def current_plan(session: Session, store: Store) -> Plan:
    """Return the plan that holds now: the kept one, or a new one, which is kept."""
    kept, without = _kept_whole(session, store)
    if kept is None or not _holds(kept, session, store):
        kept, without, _ = _made_anew(session, store, kept)
    return kept.plan._replace(unplaced=load_unplaced(without, kept))


def current_blocks(session: Session, store: Store) -> Plan:
    """Return the plan that holds now; of what has no place, only what is due on its days or waits
    for other tasks."""
    return blocks_and_tasks(session, store)[0]


def blocks_and_tasks(session: Session, store: Store) -> tuple[Plan, list[Task] | None]:
    """Return the plan that holds now, as `current_blocks`; and what is open, if that had to be
    loaded to make it."""
    kept = _kept(session, store)
    if kept and _holds(kept, session, store):
        return kept.plan, None
    made, _, opened = _made_anew(session, store, kept)
    return made.plan, opened


def whole_blocks_and_tasks(
    session: Session, store: Store, heed: Heed | None
) -> tuple[Plan, list[Task] | None]:
    """Return the same, but no interim plan. Before that one is given up, `heed` is called now and
    then: where it raises, all stays as it is."""
    kept = _kept(session, store)
    if kept is None or not kept.interim:
        return blocks_and_tasks(session, store)
    made, _, opened = _made_anew(session, store, kept, heed)
    return made.plan, opened


def _made_anew(
    session: Session, store: Store, kept: KeptPlan | None, heed: Heed | None = None
) -> tuple[KeptPlan, bytes, list[Task]]:
    """Make the plan that follows on the kept one, and keep it. Return it, what has no place in
    it, and what is open."""
    from mdtasks.app.rollover import take_note

    # Read before the tasks are: what another run changes meanwhile is in no plan yet.
    inputs, generation = _inputs(session), store.generation
    opened = store.tasks(open_only=True)
    if heed:
        heed()
    tasks = as_planned(session, store, opened, _last_plan(session, kept))
    plan = _new_plan(session, store, kept, None, tasks, heed=heed)
    take_note(session, store, kept.plan if kept else Plan())
    made, without = KeptPlan(inputs, generation, _short(plan, opened)), dump_unplaced(plan.unplaced)
    # In one: or the plan of one run could stand beside what had no place in another's.
    slot = _slot(session)
    store.put(slot, dump_plan(made), (_unplaced(slot), without))
    return made, without, opened


def _short(plan: Plan, tasks: Iterable[Task]) -> Plan:
    """Return a plan without most of what has no place, which may be thousands."""
    from mdtasks.plan.reasons import WAITING

    first, last = plan.days[0], plan.days[-1]
    due = {task.uid for task in tasks if task.due and first <= task.due <= last}
    asked = (e for e in plan.unplaced if e.task in due or e.reason.startswith(WAITING))
    return plan._replace(unplaced=tuple(asked))


def go_on(session: Session, store: Store) -> bool:
    """Let the kept plan go on for a moment with what has changed since, in a fraction of the time
    that a whole plan takes: what stands stays where it is. Whoever asks for it asks for the
    whole one soon. False where nothing has changed, and where that will not do.
    """
    before = store.get(_slot(session))
    kept = load_plan(before, session.zone)
    if before is None or kept is None or kept.inputs != _inputs(session):
        return False
    generation = store.generation
    if kept.generation == generation:
        return False
    changed = store.changed_since(kept.generation)
    # For a quota any task may count.
    if changed is None or len(changed) > FEW or session.config.shape.quotas:
        return False
    if _has_slipped(kept.plan, session.now, store):
        return False
    from mdtasks.app.relatives import concerned

    found = concerned(store, kept.plan, changed)
    tasks = as_planned(session, store, found, kept.plan)
    plan = _new_plan(session, store, kept, None, tasks, in_place=True)
    looked_at = changed.union(task.uid for task in found)
    others = (entry for entry in kept.plan.unplaced if entry.task not in looked_at)
    plan = plan._replace(unplaced=(*plan.unplaced, *others))
    whole = kept.blocks_before if kept.interim else kept.plan.blocks
    since = kept.looked_at | looked_at
    made = KeptPlan(kept.inputs, generation, plan, session.began, whole, since)
    # Another run may have kept its plan meanwhile, and with it what has no place there.
    return store.swap(_slot(session), before, dump_plan(made))


def is_interim(session: Session, store: Store) -> bool:
    """Whether the kept plan is one that only went on."""
    kept = _kept(session, store)
    return kept is not None and kept.interim > 0


def end_interim(session: Session, store: Store) -> None:
    """Let the next plan be a whole one."""
    kept = _kept(session, store)
    if kept and kept.interim:
        store.put(_slot(session), dump_plan(kept._replace(inputs="")))


def plan_for(session: Session, store: Store, days: int | None) -> Plan:
    """Return the plan of so many days; None, or the configured number: the one that holds."""
    if days is None or days == session.config.plan.days:
        return current_plan(session, store)
    return _new_plan(session, store, _kept(session, store), days)


def unkept_plan(session: Session, store: Store, newcomer: Task) -> tuple[Plan, list[Task]]:
    """Return the plan that holds now, without keeping it, and the open tasks from which it comes
    again, and from which with `newcomer` the next one comes."""
    kept, without = _kept_whole(session, store)
    # An interim plan does not come again of anything.
    if kept and not kept.interim and _holds(kept, session, store):
        plan = kept.plan._replace(unplaced=load_unplaced(without, kept))
        # For a quota any task may count.
        if session.config.shape.quotas:
            return plan, open_tasks(session, store)
        from mdtasks.app.relatives import contenders

        return plan, as_planned(session, store, contenders(store, plan, newcomer), plan)
    opened = open_tasks(session, store)
    return _new_plan(session, store, kept, None, opened), opened


def trial_plan(
    session: Session, store: Store, tasks: Sequence[Task], last: Plan, days: int
) -> Plan:
    """Return the plan of `tasks`, and of no other, that would follow on `last`. Nothing is kept."""
    return _new_plan(session, store, KeptPlan("", 0, last), days, tasks)


def open_tasks(session: Session, store: Store, opened: list[Task] | None = None) -> list[Task]:
    """Return what is open, as planning sees it; `opened` is that, if it was loaded before."""
    last = _last_plan(session, _kept(session, store))
    opened = store.tasks(open_only=True) if opened is None else opened
    return as_planned(session, store, opened, last)


def as_planned(session: Session, store: Store, tasks: Iterable[Task], last: Plan) -> list[Task]:
    """Return the tasks as planning sees them after the plan `last`: a series that was just ticked
    rests, and of what was worked on the rest is left."""
    from mdtasks.app.time_log import spent
    from mdtasks.plan.estimates import left_of
    from mdtasks.plan.series import may_rest, rest

    tasks = [*tasks]
    times = spent(session, store, last)
    least = session.config.plan.min_block
    last_done = store.last_done([task.uid for task in tasks if may_rest(task)])
    return [left_of(task, times, least) for task in rest(tasks, last_done)]


def _last_plan(session: Session, kept: KeptPlan | None) -> Plan:
    return kept.plan if kept else _published_plan(session)


def _inputs(session: Session) -> str:
    """Return all that a plan depends on but the tasks and the minute."""
    # Not their digest: to import hashlib takes longer than to compare them.
    parts = (
        str(PLANNER_VERSION),
        session.today.isoformat(),
        session.zone.key,
        planning_settings(session.config),
        _busy_digest(session),
    )
    return "\n".join(parts)


def _busy_digest(session: Session) -> str:
    if not session.config.busy:
        return ""
    from mdtasks.app.busy import digest

    return digest(session)


def _new_plan(
    session: Session,
    store: Store,
    kept: KeptPlan | None,
    days: int | None = None,
    tasks: Sequence[Task] | None = None,
    in_place: bool = False,
    heed: Heed | None = None,
) -> Plan:
    from mdtasks.app import busy
    from mdtasks.app.time_log import factors, spent
    from mdtasks.plan.schedule import plan_days

    config = session.config
    last = _last_plan(session, kept)
    if tasks is None:
        tasks = as_planned(session, store, store.tasks(open_only=True), last)
    taken = busy.blocks(session, days or config.plan.days)
    plan = plan_days(
        [*tasks, *_done_this_week(session, store)] if config.shape.quotas else tasks,
        config.hours,
        config.plan._replace(days=days) if days else config.plan,
        taken,
        session.now,
        session.zone,
        last,
        config.shape,
        config.display.first_weekday,
        factors(session, store),
        spent(session, store, last),
        in_place,
        Plan(blocks=kept.blocks_before) if kept and kept.interim else None,
        heed,
    )
    return plan._replace(blocks=busy.shown(plan, taken))


def _done_this_week(session: Session, store: Store) -> list[Task]:
    """Return what counts for the quotas of this week, each with the day on which it was done."""
    first = session.config.display.first_weekday
    past = range((session.today.weekday() - first) % 7 + 1)
    days = (session.today - timedelta(days=n) for n in past)
    return [task._replace(done=day) for day in days for task in store.done_on(day)]


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


def _kept_whole(session: Session, store: Store) -> tuple[KeptPlan | None, bytes | None]:
    """Return the kept plan, and what had no place in the whole one."""
    slot = _slot(session)
    # Another run may keep its plan between two looks.
    while True:
        data, without = store.get(slot), store.get(_unplaced(slot))
        if store.get(slot) == data:
            return load_plan(data, session.zone), without


def _unplaced(slot: str) -> str:
    return f"{slot}: unplaced"


def _holds(kept: KeptPlan, session: Session, store: Store) -> bool:
    """Whether a new plan would come of the same, and of the kept one nothing was left undone.

    An interim one holds for a moment only: who made it may have died before he made the whole.
    """
    same = kept.generation == store.generation and kept.inputs == _inputs(session)
    if kept.interim and not 0 <= session.began - kept.interim < A_MOMENT:
        return False
    return same and not _has_slipped(kept.plan, session.now, store)


def _has_slipped(plan: Plan, now: datetime, store: Store) -> bool:
    """Whether a block has ended with a task of it still open.

    One whose time the person wrote stays where it was written, and the session of a quota may
    leave its task open: to plan again changes nothing.
    """
    blocks = (
        block
        for block in plan.blocks
        if block.end <= now and block.kind is not Kind.FIXED and not block.session
    )
    ended = {uid for block in blocks for uid in block.tasks}
    return any(task.is_open for task in store.tasks(uids=ended)) if ended else False
