"""The shape of a week that is looked back on, in `--json`.

Rule: as render/json.py has them: dates are ISO 8601, durations whole minutes, what is absent is
null.
"""

from __future__ import annotations

from datetime import timedelta

from mdtasks.model import Task
from mdtasks.plan.reviewed import Review, Timed, Work
from mdtasks.render.json import Shape


def review(value: Review) -> Shape:
    """Return the shape of a week."""
    days = [day for day in value.days if day.date <= value.until]
    return {
        "week": value.week.number,
        "first": value.week.first.isoformat(),
        "last": value.week.last.isoformat(),
        "done": value.done,
        "done_before": value.before,
        "small": value.small,
        "small_month": value.small_month,
        "days": [{**day._asdict(), "date": day.date.isoformat()} for day in days],
        "streaks": [each._asdict() for each in value.streaks],
        "milestones": [
            {**each._asdict(), "date": each.date.isoformat()} for each in value.milestones
        ],
        "work": _work(value.work),
        "factors": [each._asdict() for each in value.factors],
        "rolled": [
            {**_task(value.tasks[each.task]), "times": each.times, "since": each.since.isoformat()}
            for each in value.rolled
        ],
        "overdue": [_task(value.tasks[uid]) for uid in value.overdue],
        "overdue_more": value.overdue_more,
    }


def _work(value: Work) -> Shape:
    return {
        "planned": _minutes(value.planned),
        "logged": _minutes(value.logged),
        "tasks": value.tasks,
        "finished": value.finished,
        "timed": [_timed(each) for each in value.timed],
    }


def _timed(each: Timed) -> Shape:
    estimate = each.task.estimate
    known = None if estimate is None else _minutes(estimate)
    return {**_task(each.task), "estimate": known, "actual": _minutes(each.actual)}


def _task(task: Task) -> Shape:
    return {
        "uid": task.uid,
        "key": task.key,
        "path": task.source.path,
        "line": task.source.line,
        "text": task.text,
        "due": task.due.isoformat() if task.due else None,
    }


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)
