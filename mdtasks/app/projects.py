"""How far the goals and projects of a vault are.

Rule: counted from light rows; only the tasks that are shown are loaded.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import NamedTuple

from mdtasks.app.outlook import frame_of
from mdtasks.app.planning import as_planned, current_plan
from mdtasks.app.relatives import with_ancestors
from mdtasks.app.session import Session
from mdtasks.errors import UsageError
from mdtasks.index.store import Store
from mdtasks.model import Task
from mdtasks.plan.progress import Goal, Item, Progress, dated, goals_of, summed
from mdtasks.plan.risk import missed

# What was finished longer ago is only shown when all is.
_CELEBRATED = timedelta(days=14)
_CANDIDATES = 8


class Overview(NamedTuple):
    """Goals in the order in which they ask for attention; by uid the tasks that they name, with
    what these are steps of. `open` are the open tasks of projects that were asked for by name,
    `hidden` how many were finished long ago."""

    goals: tuple[Goal, ...]
    tasks: dict[str, Task]
    open: tuple[Task, ...] = ()
    hidden: int = 0


def overview(session: Session, store: Store, everything: bool) -> Overview:
    """Return all goals and projects; with `everything`, those that were finished long ago, and
    the notes that are mere lists too."""
    items = store.project_items(everything)
    goals = _goals(session, store, items)
    shown, hidden = goals, 0
    if not everything:
        shown = [goal for each in goals if (goal := _recent(each, session))]
        hidden = sum(len(each.projects) for each in goals)
        hidden -= sum(len(each.projects) for each in shown)
    return Overview(tuple(shown), _named(store, shown), hidden=hidden)


def detail(session: Session, store: Store, name: str) -> Overview:
    """Return the project, or the goal's projects, that a person means. Raises UsageError."""
    items = store.project_items(False)
    if wanted := _meant({each for item in items for each in _names(item)}, name):
        chosen = [item for item in items if _names(item) & wanted]
    elif wanted := _meant(lists := {*filter(None, store.project_names())}, name):
        chosen = [item for one in wanted for item in store.project_items(True, one)]
    else:
        raise _unknown(lists, name)
    goals = _goals(session, store, chosen)
    tasks = _named(store, goals)
    uids = [item.uid for item in chosen if item.is_open]
    opened = store.tasks(uids=uids)
    tasks |= {task.uid: task for task in opened}
    store.shown([task.uid for task in opened])
    return Overview(tuple(goals), tasks, tuple(opened))


def _names(item: Item) -> set[str]:
    return {name for name in (item.project, item.goal) if name}


def _meant(names: Collection[str], name: str) -> set[str]:
    """Return the one name that is meant, in as many spellings as it has; none where none is.

    Raises UsageError where several hold the words.
    """
    wanted = " ".join(name.split()).casefold()
    if exact := {one for one in names if one.casefold() == wanted}:
        return exact
    found = sorted(one for one in names if wanted in one.casefold())
    if len(found) > 1:
        more = [f"and {len(found) - _CANDIDATES} more"] if len(found) > _CANDIDATES else []
        hint = "\n      ".join([*found[:_CANDIDATES], *more])
        raise UsageError(f"{len(found)} projects or goals have {name} in their name", hint)
    return {*found}


def _unknown(names: Collection[str], name: str) -> UsageError:
    from difflib import get_close_matches

    near = get_close_matches(name, names, 1)
    hint = f"did you mean {near[0]}?" if near else "`mdtasks projects --all` lists all there are"
    return UsageError(f"no project or goal is called {name}", hint)


def _goals(session: Session, store: Store, items: Sequence[Item]) -> list[Goal]:
    at_risk = _at_risk(session, store, items)
    names = {name for item in items if item.is_open for name in item.depends_on}
    bearers = store.tasks(open_only=True, bearing=names)
    open_ids = {task.id for task in bearers if task.id in names}
    return goals_of(items, session.today, at_risk, {name for name in open_ids if name})


def _at_risk(session: Session, store: Store, items: Sequence[Item]) -> Collection[str]:
    """Return the uids whose due date the plan does not keep."""
    if not any(item.due for item in items):
        return ()
    plan = current_plan(session, store)
    if not plan.days:
        return ()
    known = {uid for block in plan.blocks for uid in block.tasks}
    known.update(entry.task for entry in plan.unplaced)
    uids = [uid for uid in dated(items, session.today, plan.days[-1]) if uid in known]
    if not uids:
        return ()
    tasks = as_planned(session, store, with_ancestors(store, uids).values(), plan)
    return missed(plan, tasks, frame_of(session, store, len(plan.days)))


def _recent(goal: Goal, session: Session) -> Goal | None:
    """Return the goal without what was finished long ago, None where nothing is left of it."""
    kept = tuple(each for each in goal.projects if _is_current(each, session))
    if len(kept) == len(goal.projects):
        return goal
    return Goal(goal.name, summed(each.counts for each in kept), kept) if kept else None


def _is_current(each: Progress, session: Session) -> bool:
    if each.open:
        return True
    return bool(each.last_done and session.today - each.last_done <= _CELEBRATED)


def _named(store: Store, goals: Sequence[Goal]) -> dict[str, Task]:
    """Return the tasks that are shown of projects, which count as shown to the person."""
    projects = [each for goal in goals for each in goal.projects]
    shown = [each.next for each in projects if each.next]
    shown += [uid for each in projects for uid in (*each.late[:1], *each.at_risk[:1])]
    store.shown(shown)
    return with_ancestors(store, shown)
