"""How long work takes, learned from finished tasks that were estimated and timed.

What a person estimates stays what the person wrote. Only a task that has to be done by a day is
planned with the time that four of five of its kind have kept to.

Rule: pure; tasks and times in, factors out. Where too little is known, nothing is changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from mdtasks.dates import format_duration
from mdtasks.model import Interval, Status, Task
from mdtasks.plan.slots import whole_steps
from mdtasks.read.log_times import counted

# Fewer tasks are an accident.
ENOUGH = 8
# One clock that was forgotten, or started too late, makes no plan of it.
LEAST, MOST = 0.5, 3.0

_NOTHING = timedelta(0)


class Group(NamedTuple):
    """Tasks of a kind: of a project, with a tag, or both; "" for any."""

    project: str = ""
    tag: str = ""

    def __str__(self) -> str:
        return " in ".join(name for name in (self.tag, self.project) if name)


class Learned(NamedTuple):
    """How many times its estimate the work of a group takes: half of it no more than `p50`, four
    of five no more than `p80`."""

    samples: int
    p50: float
    p80: float


class Sample(NamedTuple):
    """A finished task, and how many times its estimate it took."""

    project: str
    tags: tuple[str, ...]
    ratio: float


Factors = Mapping[Group, Learned]
NO_FACTORS: Factors = MappingProxyType({})
# Uid -> the time that was worked on a task.
NO_TIMES: Mapping[str, timedelta] = MappingProxyType({})


def time_spent(intervals: Iterable[Interval]) -> dict[str, timedelta]:
    """Return for each task the time that counts; the intervals have aware moments."""
    spent: defaultdict[str, timedelta] = defaultdict(timedelta)
    for interval in intervals:
        if interval.task and (time := counted(interval)):
            spent[interval.task] += time
    return dict(spent)


def before(intervals: Iterable[Interval], begun: Mapping[str, datetime]) -> Iterator[Interval]:
    """Yield what of the intervals, which have aware moments, lies before the moment that `begun`
    has for their task."""
    for interval in intervals:
        moment = begun.get(interval.task)
        if moment is None or (interval.end and interval.end <= moment):
            yield interval
        elif counted(interval) and interval.start < moment:
            yield interval._replace(end=moment)


def left_of(task: Task, spent: Mapping[str, timedelta], least: timedelta) -> Task:
    """Return the task with what is left of its estimate: `least` where all of it is spent, for it
    is open all the same."""
    if not task.estimate or task.uid not in spent:
        return task
    left = max(task.estimate - spent[task.uid], min(least, task.estimate))
    return task._replace(estimate=left)


def samples(tasks: Iterable[Task], spent: Mapping[str, timedelta]) -> list[Sample]:
    """Return what finished tasks say; for a step, time counts for what it is a step of too."""
    by_uid = {task.uid: task for task in tasks}
    total: defaultdict[str, timedelta] = defaultdict(timedelta)
    for uid, time in spent.items():
        for above in _with_parents(uid, by_uid):
            total[above] += time
    return [
        Sample(task.project or "", task.tags, time / task.estimate)
        for uid, time in total.items()
        if (task := by_uid[uid]).status is Status.DONE and task.estimate
    ]


def _with_parents(uid: str, by_uid: Mapping[str, Task]) -> list[str]:
    line: dict[str, None] = {}
    task = by_uid.get(uid)
    while task and task.uid not in line:
        line[task.uid] = None
        task = by_uid.get(task.parent or "")
    return [*line]


def learn(found: Iterable[Sample]) -> Factors:
    """Return what is known of each project, each tag, and each tag within a project."""
    ratios: defaultdict[Group, list[float]] = defaultdict(list)
    for sample in found:
        for tag in ("", *dict.fromkeys(sample.tags)):
            for project in dict.fromkeys(("", sample.project)):
                if tag or project:
                    ratios[Group(project, tag)].append(sample.ratio)
    return {group: _learned(sorted(some)) for group, some in sorted(ratios.items())}


def _learned(ratios: Sequence[float]) -> Learned:
    return Learned(len(ratios), _bounded(percentile(ratios, 50)), _bounded(percentile(ratios, 80)))


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the smallest of the values that so many percent do not exceed: one that occurred.

    The nearest rank, definition 1 of Hyndman and Fan, "Sample Quantiles", 1996.
    """
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]


def _bounded(ratio: float) -> float:
    return min(max(ratio, LEAST), MOST)


def known_of(task: Task, factors: Factors) -> tuple[Group, Learned] | None:
    """Return the most telling group of a task that is large enough: its project and a tag, else a
    tag, else its project; of several tags the one that says most."""
    project = task.project or ""
    for groups in (
        [Group(project, tag) for tag in task.tags if project],
        [Group("", tag) for tag in task.tags],
        [Group(project)],
    ):
        found = [(group, factors[group]) for group in groups if group in factors]
        enough = [each for each in found if each[1].samples >= ENOUGH]
        if enough:
            return min(enough, key=lambda each: (-each[1].samples, each[0]))
    return None


def planned_length(task: Task, last: date, factors: Factors, step: timedelta) -> timedelta | None:
    """Return how long a task is planned for, None for one that does not say how long it takes.

    `last` is the last day that is planned: only what is due by then is planned with caution.
    """
    known = _cautious(task, last, factors)
    if task.estimate and known:
        return max(whole_steps(task.estimate * known[1].p80, step), step)
    return length_of(task)


def length_of(task: Task) -> timedelta | None:
    """Return the estimate, else what lies between the times that the person wrote."""
    if task.estimate or task.begins is None or task.ends is None:
        return task.estimate
    day = datetime.min
    between = datetime.combine(day, task.ends) - datetime.combine(day, task.begins)
    return between % timedelta(days=1) or None


def _cautious(task: Task, last: date, factors: Factors) -> tuple[Group, Learned] | None:
    if not (factors and task.estimate and task.due and task.due <= last):
        return None
    return known_of(task, factors)


def estimate_phrase(task: Task, last: date, factors: Factors, step: timedelta) -> str:
    """Return "45m estimated, planned 1h: #writing takes 1.3× (p80 of 12)", "" where the plan goes
    by what the person wrote."""
    known = _cautious(task, last, factors)
    length = planned_length(task, last, factors, step)
    if not (known and task.estimate and length) or length == whole_steps(task.estimate, step):
        return ""
    group, learned = known
    return (
        f"{format_duration(task.estimate)} estimated, planned {format_duration(length)}: "
        f"{group} takes {learned.p80:.1f}× (p80 of {learned.samples})"
    )
