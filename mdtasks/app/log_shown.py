"""What the time log of some days says.

Rule: the notes' log as the index has it, and the plan as it was published; nothing is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import PurePath

from mdtasks.app.relatives import with_ancestors
from mdtasks.app.session import Session
from mdtasks.errors import UsageError
from mdtasks.index.logged import linked, with_tasks, words_in
from mdtasks.index.store import Store
from mdtasks.model import Block, Interval, Status, Task
from mdtasks.plan.worked import Made, Report, pieces_of, report
from mdtasks.read.log_times import LONGEST, localized
from mdtasks.read.note import day_of

MOST_DAYS = 366
_TAG = re.compile(r"(?<!\S)#[^\s#]+")


def days_of(session: Session, days: int | None, week: bool) -> list[date]:
    """Return the days to show, up to today. Raises UsageError where both are asked for."""
    if week and days is not None:
        raise UsageError("--days and --week: one of them", "--week begins with display.week_start")
    first = session.config.display.first_weekday
    count = (session.today.weekday() - first) % 7 + 1 if week else days or 3
    return [session.today - timedelta(days=back) for back in reversed(range(count))]


def shown(session: Session, store: Store, days: Sequence[date]) -> Report:
    """Return the figures of consecutive days."""
    log = _log(session, store, days)
    tasks = with_ancestors(store, {each.task for each in log if each.task})
    blocks = _blocks(session, store)
    planned = {uid for block in blocks for uid in block.tasks}
    settings = session.config.log
    made = Made(
        pieces_of(log, lambda each: _line(session, each, tasks), session.now),
        {day: {task.uid for task in store.done_on(day)} for day in days},
        blocks,
        {task.uid: _words(task) for task in store.tasks(uids=planned)} if planned else {},
        session.config.hours,
        {"earning": settings.earning, "maintaining": settings.maintaining,
         "wasting": settings.wasting},
    )  # fmt: skip
    return report(made, days, session.now, session.zone)


def _log(session: Session, store: Store, days: Sequence[date]) -> list[Interval]:
    """Return the log of the days, and of the evening before the first."""
    since, until = days[0] - timedelta(days=2), days[-1] + timedelta(days=1)
    found = (localized(each, session.zone) for each in store.intervals(""))
    log = [each for each in found if since <= each.start.date() <= until]
    log = [each for each in log if each.end or session.now - each.start <= LONGEST]
    words = words_in(log)
    return with_tasks(log, store.named(words)) if words else log


def _blocks(session: Session, store: Store) -> Sequence[Block]:
    """Return what was planned: the published calendar keeps it, else the plan of now has it."""
    try:
        data = session.places.feed.read_bytes()
    except OSError:  # none yet
        from mdtasks.app.planning import current_blocks

        return current_blocks(session, store).blocks
    from mdtasks.render.ics import last_plan

    return last_plan(data, session.zone).blocks


def _line(
    session: Session, each: Interval, tasks: Mapping[str, Task]
) -> tuple[str, tuple[Task, ...]]:
    """Return the name of what the time was spent on, and it with what it is a step of."""
    task = tasks.get(each.task)
    if task is None:
        words, note = linked(each.text)
        name = " ".join(_TAG.sub("", words).split()) or words or "without words"
        project = note.rpartition("/")[2] or None
        tags = tuple(_TAG.findall(words))
        own = Task(each.source, Status.DONE, "x", words, tags=tags, project=project)
        return name, (own,)
    line = [_without_day(session, task)]
    while (above := tasks.get(line[-1].parent or "")) and len(line) <= len(tasks):
        line.append(_without_day(session, above))
    return _words(task), tuple(line)


def _words(task: Task) -> str:
    return " ".join(_TAG.sub("", task.text).split()) or task.text


def _without_day(session: Session, task: Task) -> Task:
    """Return the task; a day is no project, though its note may be."""
    path = task.source.path
    is_day = task.project == PurePath(path).stem and day_of(path, session.config.read)
    return task._replace(project=None) if is_day else task
