"""What today has to be proud of: days in a row, lists that came to their end.

Rule: asked once a change, and kept with the day's list. What is asked is small: days by their
index, and of tasks only those that were done today and those of their notes.
"""

from __future__ import annotations

from collections.abc import Iterable

from mdtasks.app.review import is_day
from mdtasks.app.session import Session
from mdtasks.index.store import Store
from mdtasks.model import Task, Today
from mdtasks.plan.praise import days_in_a_row
from mdtasks.plan.reviewed import LEAST_PROJECT

_MOST = 3


def praised(session: Session, store: Store, value: Today, opened: Iterable[Task]) -> Today:
    """Return today's list with its streak, and the lists of which the last task was done today.

    `opened` are all tasks that are open.
    """
    days = store.done_days(session.today)
    return value._replace(
        streak=days_in_a_row(days, session.today, session.config.hours),
        finished=_finished(session, store, value.done, opened),
    )


def _finished(
    session: Session, store: Store, done: Iterable[Task], opened: Iterable[Task]
) -> tuple[str, ...]:
    going_on = {task.project for task in opened}
    last = [t for t in done if t.project and t.project not in going_on and not is_day(session, t)]
    counts = store.done_beside([task.uid for task in last]) if last else {}
    names = sorted({task.project for task in last if task.project})
    return tuple(name for name in names if counts.get(name, 0) >= LEAST_PROJECT)[:_MOST]
