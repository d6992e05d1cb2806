"""What came in, and what an hour of work brought.

Rule: the pay of done tasks and the time log as the index has them; nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from mdtasks.app.relatives import with_ancestors
from mdtasks.app.session import Session
from mdtasks.app.time_log import intervals
from mdtasks.index.logged import linked
from mdtasks.index.store import Store
from mdtasks.model import Interval, Status, Task
from mdtasks.plan.earned import Done, Earnings, Line, Wished, earnings
from mdtasks.plan.worked import Piece, pieces_of
from mdtasks.read.money import Pay, parse_pay
from mdtasks.read.note import day_of


def weeks_of(session: Session, count: int) -> list[date]:
    """Return the first days of the last weeks; the last of them is this one."""
    first = session.config.display.first_weekday
    this = session.today - timedelta(days=(session.today.weekday() - first) % 7)
    return [this - timedelta(weeks=back) for back in reversed(range(count))]


def shown(session: Session, store: Store, count: int) -> Earnings:
    """Return the figures of the last weeks, this one included."""
    weeks = weeks_of(session, count)
    goals = _goals(session, weeks[-1])
    since = min([weeks[0], *(first for _, first, _ in goals)])
    closed = [(each.day, each.uid) for each in store.finished(since, session.today) if each.has_pay]
    log = intervals(session, store)
    tasks = {task.uid: task for task in store.tasks(uids=[uid for _, uid in closed])}
    around = {each.task for each in log} | {task.parent for task in tasks.values()}
    tasks |= with_ancestors(store, {uid for uid in around - tasks.keys() if uid})
    done = [
        Done(day, line_of(session, tasks[uid], tasks))
        for day, uid in closed
        if uid in tasks and tasks[uid].pay
    ]
    pieces = pieces_of(log, lambda each: named(session, each, tasks), session.now)
    wished = Wished(session.config.earnings.platforms, goals)
    return earnings(done, pieces, weeks, session.now, session.zone, wished)


def logged(session: Session, store: Store) -> tuple[list[Piece], Mapping[str, Task]]:
    """Return all logged time, and the tasks whose it is, with what they are steps of."""
    log = intervals(session, store)
    tasks = with_ancestors(store, {each.task for each in log if each.task})
    return pieces_of(log, lambda each: named(session, each, tasks), session.now), tasks


def _goals(session: Session, week: date) -> list[tuple[str, date, Pay]]:
    settings = session.config.earnings
    wanted = (
        ("week", week, parse_pay(settings.weekly)),
        ("month", session.today.replace(day=1), parse_pay(settings.monthly)),
    )
    return [(period, first, pay) for period, first, pay in wanted if pay is not None]


def named(session: Session, each: Interval, tasks: Mapping[str, Task]) -> tuple[str, Line]:
    """Return what an interval was spent on, by name, and with what that is a step of."""
    task = tasks.get(each.task)
    if task is not None:
        return task.text, line_of(session, task, tasks)
    words, note = linked(each.text)
    project = note.rpartition("/")[2] or None
    return words or "without words", (Task(each.source, Status.DONE, "x", words, project=project),)


def line_of(session: Session, task: Task, tasks: Mapping[str, Task]) -> Line:
    """Return the task and what it is a step of; a day is no project, though its note may be."""
    line = [task]
    while (above := tasks.get(line[-1].parent or "")) and len(line) <= len(tasks):
        line.append(above)
    return tuple(_without_day(session, each) for each in line)


def _without_day(session: Session, task: Task) -> Task:
    path = task.source.path
    name = path.rpartition("/")[2].rpartition(".")[0]
    is_day = task.project == name and day_of(path, session.config.read) is not None
    return task._replace(project=None) if is_day else task
