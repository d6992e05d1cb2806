"""How far goals and projects are, what comes next in each, and what is in its way.

A project is what a note or a line calls so; a note that names neither a project nor a goal is a
list. Every checkbox counts, steps too, but for those that were cancelled or sent elsewhere.

Rule: no clock, no files. Projects of ten thousand notes are counted from `Item`s, which are as
light as can be.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import IntEnum
from typing import NamedTuple

from mdtasks.model import Status

# More open tasks than that are no longer seen at a glance.
MANY = 5
STALE_DAYS = 14

_LEFT_OUT = frozenset({Status.CANCELLED, Status.NON_TASK})


class Item(NamedTuple):
    """What counts of a task. `minutes` is its estimate, 0 where it has none; `above` the line of
    the task that it is a step of, 0 where there is none. Without a `project` it belongs to its
    goal alone."""

    uid: str
    path: str
    line: int
    project: str
    goal: str
    status: Status
    is_open: bool
    minutes: int = 0
    above: int = 0
    due: date | None = None
    scheduled: date | None = None
    start: date | None = None
    done_on: date | None = None
    assignee: str = ""
    id: str = ""
    depends_on: tuple[str, ...] = ()


class Fault(IntEnum):
    """What asks for attention, the most pressing first."""

    LATE = 0
    AT_RISK = 1
    STUCK = 2
    WAITING = 3
    MANY = 4
    STALE = 5
    UNDATED = 6


class Count(NamedTuple):
    """Tasks and minutes: done, of all."""

    done: int = 0
    total: int = 0
    minutes_done: int = 0
    minutes: int = 0


class Progress(NamedTuple):
    """One project of a goal; either may be "". `open` counts its open tasks without their steps,
    `next` is a uid, `late` and `at_risk` are uids by date, `waits` whom it waits for."""

    project: str
    goal: str
    counts: Count
    open: int
    next: str
    late: tuple[str, ...]
    at_risk: tuple[str, ...]
    waits: tuple[str, ...]
    last_done: date | None
    faults: tuple[Fault, ...]

    @property
    def is_finished(self) -> bool:
        return not self.open and self.counts.done > 0


class Goal(NamedTuple):
    """A goal and its projects, "" for what has none; what asks for attention comes first."""

    name: str
    counts: Count
    projects: tuple[Progress, ...]


def goals_of(
    items: Iterable[Item], today: date, missed: Collection[str], open_ids: Collection[str]
) -> list[Goal]:
    """Return the goals with their projects.

    `missed` are uids of tasks whose due date the plan does not keep, `open_ids` the ids of open
    tasks, for which others wait.
    """
    found = []
    for (goal, project), own in _grouped(items).items():
        own.sort(key=lambda item: (item.path, item.line))
        found.append(_progress(project, goal, own, today, missed, open_ids))
    by_goal: defaultdict[str, list[Progress]] = defaultdict(list)
    for each in sorted(found, key=_attention):
        by_goal[each.goal].append(each)
    return [
        Goal(name, summed(each.counts for each in projects), tuple(projects))
        for name, projects in by_goal.items()
    ]


def summed(counts: Iterable[Count]) -> Count:
    return Count(*map(sum, zip(*counts, strict=True)))


def dated(items: Iterable[Item], today: date, until: date) -> list[str]:
    """Return the uids of open tasks that are due on a day from today on, or steps of such."""
    items = [item for item in items if item.is_open]
    places = {(item.path, item.line): item for item in items}
    return [
        item.uid
        for item in items
        if any(one.due and today <= one.due <= until for one in _lineage(item, places))
    ]


def _grouped(items: Iterable[Item]) -> dict[tuple[str, str], list[Item]]:
    """Return goal and project -> items. A project has the goal that most of its tasks name."""
    by_project: defaultdict[str, list[Item]] = defaultdict(list)
    groups: defaultdict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        if item.project:
            by_project[item.project].append(item)
        else:
            groups[item.goal, ""].append(item)
    for project, own in by_project.items():
        named = Counter(item.goal for item in own if item.goal)
        goal = named.most_common(1)[0][0] if named else ""
        groups[goal, project] = own
    return dict(groups)


def _progress(
    project: str,
    goal: str,
    items: Sequence[Item],
    today: date,
    missed: Collection[str],
    open_ids: Collection[str],
) -> Progress:
    opened = [item for item in items if item.is_open]
    places = {(item.path, item.line): item for item in opened}
    held = {item.uid for item in opened if _is_held(item, today, open_ids)}
    ready = _ready(opened, places, held)
    late = sorted((i.due, i.path, i.line, i.uid) for i in opened if i.due and i.due < today)
    at_risk = [item for item in opened if item.uid in missed]
    progress = Progress(
        project,
        goal,
        _count(items),
        open=sum((item.path, item.above) not in places for item in opened),
        next=_next(ready, places, today),
        late=tuple(uid for *_, uid in late),
        at_risk=tuple(item.uid for item in at_risk),
        waits=tuple(dict.fromkeys(i.assignee for i in opened if i.assignee and i.uid in held)),
        last_done=max((item.done_on for item in items if item.done_on), default=None),
        faults=(),
    )
    return progress._replace(faults=tuple(_faults(progress, opened, today)))


def _count(items: Sequence[Item]) -> Count:
    """Return what is done of all. A task takes as long as its steps, or as it says if longer."""
    counted = [item for item in items if item.status not in _LEFT_OUT]
    sums: dict[tuple[str, int], tuple[int, int]] = {}
    done = minutes_done = minutes = 0
    # Steps stand below what they are steps of.
    for item in reversed(counted):
        done_below, below = sums.get((item.path, item.line), (0, 0))
        whole = max(item.minutes, below)
        is_done = item.status is Status.DONE
        ready = whole if is_done else done_below
        done += is_done
        if item.above:
            before = sums.get((item.path, item.above), (0, 0))
            sums[item.path, item.above] = (before[0] + ready, before[1] + whole)
        sums[item.path, item.line] = (ready, whole)
    lines = {(item.path, item.line) for item in counted}
    for item in counted:
        if (item.path, item.above) not in lines:
            ready, whole = sums[item.path, item.line]
            minutes_done, minutes = minutes_done + ready, minutes + whole
    return Count(done, len(counted), minutes_done, minutes)


# What comes next


def _is_held(item: Item, today: date, open_ids: Collection[str]) -> bool:
    """Whether somebody or something else comes first."""
    if item.status is Status.ON_HOLD or item.assignee:
        return True
    return bool(item.start and item.start > today) or any(i in open_ids for i in item.depends_on)


def _ready(
    opened: Sequence[Item], places: Mapping[tuple[str, int], Item], held: Collection[str]
) -> list[Item]:
    """Return what one could do oneself now; steps rather than what they are steps of."""
    ready: Sequence[Item] = opened
    if held:
        ready = [i for i in opened if not any(one.uid in held for one in _lineage(i, places))]
    parents = {(item.path, item.above) for item in ready if item.above}
    return [item for item in ready if (item.path, item.line) not in parents]


def _lineage(item: Item, places: Mapping[tuple[str, int], Item]) -> Iterator[Item]:
    """Yield the item and what it is a step of."""
    one: Item | None = item
    while one is not None:
        yield one
        one = places.get((one.path, one.above)) if one.above else None


def _next(ready: Sequence[Item], places: Mapping[tuple[str, int], Item], today: date) -> str:
    """Return what is in progress, else what its date asks for, else the first in the notes."""

    def turn(item: Item) -> tuple[bool, date]:
        line = _lineage(item, places) if item.above else (item,)
        dates = [day for one in line for day in (one.due, one.scheduled) if day and day <= today]
        return item.status is not Status.IN_PROGRESS, min(dates) if dates else date.max

    first = min(ready, key=turn, default=None)
    return first.uid if first else ""


# What is in its way


def _faults(progress: Progress, opened: Sequence[Item], today: date) -> Iterator[Fault]:
    if not opened:
        return
    if progress.late:
        yield Fault.LATE
    if progress.at_risk:
        yield Fault.AT_RISK
    if not progress.next:
        yield Fault.WAITING if progress.waits else Fault.STUCK
    if progress.open > MANY:
        yield Fault.MANY
    if progress.last_done and (today - progress.last_done).days > STALE_DAYS:
        yield Fault.STALE
    if not any(item.due or item.scheduled or item.start for item in opened):
        yield Fault.UNDATED


def _attention(progress: Progress) -> tuple[bool, int, str, str]:
    first = min(progress.faults, default=len(Fault))
    return progress.is_finished, first, progress.goal.casefold(), progress.project.casefold()
