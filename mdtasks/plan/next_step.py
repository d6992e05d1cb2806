"""What to do now, in the time that is left before something else begins.

Rule: no clock, no files; the tasks come in the order in which one would take them. What is
offered always fits. Of a project or a parent, what is neither for today nor begun comes after
the first step that fits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mdtasks.model import Block, Kind, Status, Task
from mdtasks.plan.estimates import length_of
from mdtasks.plan.slots import ONE_DAY, working_slots
from mdtasks.settings import Hours

MOST = 3

# A block of these is not left for a task; where the person wrote its time, it is the task.
HELD = frozenset({Kind.FIXED, Kind.BUSY, Kind.BREAK})

# A project or a parent, and what is open of it, as the notes have it.
Group = tuple[str, str]
Steps = Mapping[Group, Sequence[Task]]

HOURS = "your hours"
NO_TIME = timedelta(0)


class Gap(NamedTuple):
    """The time from now on that is one's own: how long, until when, and `what` begins then or,
    with `ends`, ends.

    `until` is None where the person has said how long, and where no hours begin within a week.
    Where there is no time, it is when there is some again. `planned` are the uids that the plan
    has for now, each with the end of its block; with `taken` there is nothing beside them.
    """

    length: timedelta
    until: datetime | None
    what: str
    planned: Mapping[str, datetime]
    ends: bool = False
    taken: bool = False


def gap(
    blocks: Sequence[Block], hours: Hours, freeze: timedelta, now: datetime, zone: ZoneInfo
) -> Gap:
    """Return the time until the next block that does not give way, or the end of the hours.

    Held are the times that the person wrote, busy times, breaks, and focus that begins within
    `freeze`.
    """
    running = [block for block in blocks if _utc(block.start) <= now < _utc(block.end)]
    planned = {uid: block.end for block in running for uid in block.tasks}
    held = [block for block in running if block.kind in HELD]
    if held:
        # What the person wrote goes before what came from elsewhere.
        block = min(held, key=lambda each: (each.kind is not Kind.FIXED, _utc(each.end)))
        ours = dict.fromkeys(block.tasks, block.end)
        left = _utc(block.end) - now if ours else NO_TIME
        return Gap(left, block.end, block.title, ours, ends=True, taken=True)
    end, begins = _hours_around(hours, now, zone)
    if end is None:
        return Gap(NO_TIME, begins, HOURS, planned)
    coming = [(_utc(b.start), b.title) for b in blocks if _comes(b, now, freeze)]
    until, what = min(coming, default=(end, HOURS))
    if end <= until:
        return Gap(end - now, end.astimezone(zone), HOURS, planned, ends=True)
    return Gap(until - now, until.astimezone(zone), what, planned)


def gap_of(length: timedelta, blocks: Sequence[Block], now: datetime) -> Gap:
    """Return the time that the person has said there is."""
    running = [block for block in blocks if _utc(block.start) <= now < _utc(block.end)]
    return Gap(length, None, "", {uid: block.end for block in running for uid in block.tasks})


def _comes(block: Block, now: datetime, freeze: timedelta) -> bool:
    start = _utc(block.start)
    frozen = block.kind is Kind.FOCUS and start <= now + freeze
    return start > now and (block.kind in HELD or frozen)


def _hours_around(
    hours: Hours, now: datetime, zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    """Return the end of the hours that run, and the begin of the next ones within a week."""
    today = now.astimezone(zone).date()
    end: datetime | None = None
    for slot in working_slots(hours, [today + n * ONE_DAY for n in range(8)], zone):
        if slot.start <= now < slot.end or slot.start == end:
            end = slot.end  # hours over midnight go on
        elif slot.start > now:
            return end, slot.start.astimezone(zone)
    return end, None


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


# Who is offered


def need(task: Task, default: timedelta) -> timedelta:
    return length_of(task) or default


def is_open_by(task: Task, day: date) -> bool:
    """Whether the day has come on which the person wanted to begin."""
    scheduled = task.scheduled or day
    return max(min(scheduled, task.due or scheduled), task.start or day) <= day


def has_marks(task: Task, words: Collection[str]) -> bool:
    """Whether a task has all the tags and @contexts; a tag may be written without its mark."""
    if not words:
        return True
    from mdtasks.plan.batches import contexts

    marks = {mark.casefold() for mark in contexts(task)}
    wanted = [word if word[0] in "#@" else f"#{word}" for word in map(str.casefold, words)]
    return all(any(f"{mark}/".startswith(f"{one}/") for mark in marks) for one in wanted)


def next_steps(
    ordered: Sequence[Task], there: Gap, day: date, default: timedelta, now: datetime
) -> tuple[Task, ...]:
    """Return up to three tasks: what the plan has for now, then as they come. All of them fit.

    `ordered` are those that one could begin, and those that `there` is planned for.
    """

    def length(task: Task) -> timedelta:
        # A long task is planned in pieces, and may be, unless the person has said how long.
        end = there.planned[task.uid]
        return min(_utc(end) - now, need(task, default)) if there.until else need(task, default)

    planned = [task for task in ordered if task.uid in there.planned]
    for_now = [task for task in planned if length(task) <= there.length]
    if there.taken:
        return tuple(for_now[:MOST])
    others = [task for task in ordered if task.uid not in there.planned]
    found = picks(others, _steps(others), there.length, day, default)
    return tuple([*for_now, *(task for task, _ in found)][:MOST])


def shortlist(ordered: Sequence[Task], day: date, default: timedelta) -> list[Task]:
    """Return, in their order, the tasks from which `picks` makes the same choice for any time.

    Few: where it is the same for half an hour and for three hours, it counts once.
    """
    steps = _steps(ordered)
    chosen: set[str] = set()
    for length in {need(task, default) for task in ordered}:
        for task, asked in picks(ordered, steps, length, day, default):
            chosen |= {task.uid, asked.uid}
    return [task for task in ordered if task.uid in chosen]


def picks(
    ordered: Iterable[Task], steps: Steps, length: timedelta, day: date, default: timedelta
) -> Iterator[tuple[Task, Task]]:
    """Yield up to three tasks that fit, each with the one whose turn it was.

    Instead of one that is neither for today nor begun, its project's first step comes, and then
    its parent's, as the note has them.
    """

    def fits(task: Task) -> bool:
        return need(task, default) <= length

    picked: set[str] = set()
    for asked in filter(fits, ordered):
        while asked.uid not in picked:
            groups = () if _stands_alone(asked, day) else _groups(asked)
            ahead = (next(filter(fits, steps[group])) for group in groups)
            task = next((one for one in ahead if one.uid not in picked), asked)
            picked.add(task.uid)
            yield task, asked
            if len(picked) == MOST:
                return


def _steps(tasks: Iterable[Task]) -> Steps:
    steps: defaultdict[Group, list[Task]] = defaultdict(list)
    for task in sorted(tasks, key=lambda task: (task.source.path, task.source.line)):
        for group in _groups(task):
            steps[group].append(task)
    return steps


def _groups(task: Task) -> Iterator[Group]:
    """Yield the project, and the task of which it is a step.

    A note that names neither a project nor a goal may be any list, in no order.
    """
    note = task.source.path.rpartition("/")[2].rpartition(".")[0]
    if task.project and (task.goal or task.project != note):
        yield "project", task.project
    if task.parent:
        yield "parent", task.parent


def _stands_alone(task: Task, day: date) -> bool:
    dates = filter(None, (task.due, task.scheduled))
    return task.status is Status.IN_PROGRESS or any(wanted <= day for wanted in dates)
