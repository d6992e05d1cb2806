"""A week, looked back on.

Rule: what the notes and their log say, as the index has it, and what was planned; nothing is
written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from mdtasks.app.session import Session
from mdtasks.errors import UsageError
from mdtasks.index.store import Store
from mdtasks.model import Task
from mdtasks.plan import reviewed
from mdtasks.plan.reviewed import Factor, Milestone, Review, Streak, Timed, Week, Work
from mdtasks.read.note import day_of

MOST_ROLLED = 5
MOST_OVERDUE = 5
_MOST_TIMED = 5
_MOST_FACTORS = 5
_WEEK = timedelta(days=7)
_EARLIEST = date(1900, 1, 1)  # what comes before is a slip
_DAILY = {"every day": False, "every weekday": True}  # rule -> whether it is for workdays only
# How many weeks ago.
_BACK = {"this week": 0, "this": 0, "last week": 1, "last": 1}

Counts = Mapping[date, tuple[int, int]]


def asked_week(session: Session, said: str | None) -> Week:
    """Return the week that is meant: 2026-W47, "last week" or `last`, or one by any of its days.

    Raises UsageError for what is none, and for a week that has not begun.
    """
    words = (said or "this week").strip()
    try:
        week = _week(words, session.today, session.config.display.first_weekday)
    except (ValueError, OverflowError):  # no such week; the ends of the calendar
        week = None
    if week is None or week.first < _EARLIEST:
        hint = "write 2026-W47, this, last, or any day of the week, such as 2026-11-18"
        raise UsageError(f"--week {words}: this is no week", hint)
    if week.first > session.today:
        raise UsageError(f"--week {words}: this week has not begun yet")
    return week


def _week(words: str, today: date, first: int) -> Week | None:
    from mdtasks.dates import parse_day

    if match := re.fullmatch(r"([0-9]{4})-?[Ww]([0-9]{1,2})", words):
        return reviewed.numbered(int(match[1]), int(match[2]), first)
    back = _BACK.get(" ".join(words.lower().split()))
    day = parse_day(words, today) if back is None else today - back * _WEEK
    return reviewed.week_of(day, first) if day else None


def review(session: Session, store: Store, week: Week) -> Review:
    """Return what a week came to, up to now."""
    from mdtasks.app.rollover import planned_before
    from mdtasks.plan.rollover import rolled

    counts = store.done_counts(session.config.plan.micro_max)
    until = min(week.last, session.today)
    days = [day for day in week.days if day <= until]
    done = {day: store.done_on(day) for day in days}
    record = planned_before(session, store)
    moved = store.tasks(open_only=True, uids=record) if record else []
    most = reviewed.most_moved(rolled(moved, record, session.today), MOST_ROLLED)
    overdue, of = store.overdue(session.today, MOST_OVERDUE)
    known = {each.task for each in most}.union(overdue)
    return Review(
        week,
        until,
        reviewed.done_by_day(counts, week.days),
        reviewed.total(counts, days[0] - _WEEK, until - _WEEK),
        reviewed.total(counts, until.replace(day=1), until, of=1),
        streaks(session, store, week),
        _milestones(session, store, counts, done),
        _work(session, store, done, record),
        _factors(session, store),
        most,
        tuple(overdue),
        of - len(overdue),
        {task.uid: task for task in store.tasks(uids=known)} if known else {},
    )


def streaks(session: Session, store: Store, week: Week) -> tuple[Streak, ...]:
    """Return the daily blocks of this week and the one before, the longest streak first."""
    from mdtasks.plan.recurrence import parse_rule

    series: defaultdict[tuple[str, str, bool], set[date]] = defaultdict(set)
    for each in store.occurrences():
        rule = parse_rule(each.recurrence)
        workdays = _DAILY.get(rule.text.removesuffix(" when done")) if rule else None
        if workdays is not None:
            series[each.path, each.text, workdays].add(each.day)
    found = [
        reviewed.streak_of(text, path, days, workdays, week, session.today)
        for (path, text, workdays), days in series.items()
        if any(week.first - _WEEK <= day <= week.last for day in days)
    ]
    found = [each for each in found if each.best]
    return tuple(sorted(found, key=lambda each: (-each.now, -each.done, each.path, each.text)))


def _milestones(
    session: Session, store: Store, counts: Counts, done: Mapping[date, Sequence[Task]]
) -> tuple[Milestone, ...]:
    tasks = [task for some in done.values() for task in some]
    uids = [task.uid for task in tasks]
    steps = store.tasks(parents=uids) if uids else []
    found = [*reviewed.parents_finished(done, steps), *_projects(session, store, done)]
    found.sort(key=lambda each: (-each.size, each.date, each.text))
    return (*reviewed.numbers_reached(counts, [*done]), *found)


def _projects(
    session: Session, store: Store, done: Mapping[date, Sequence[Task]]
) -> list[Milestone]:
    """Return the lists of which the last task was done in these days; a day is no project."""
    names = {
        task.project
        for tasks in done.values()
        for task in tasks
        if task.project and not is_day(session, task)
    }
    tallies = store.tallies(names) if names else {}
    return [
        Milestone("project", name, each.done, date.fromisoformat(each.last))
        for name, each in sorted(tallies.items())
        if not each.open
        and each.done >= reviewed.LEAST_PROJECT
        and date.fromisoformat(each.last) in done
    ]


def is_day(session: Session, task: Task) -> bool:
    """Whether the project is a day, after whose note it is called."""
    path = task.source.path
    name = path.rpartition("/")[2].rpartition(".")[0]
    return task.project == name and day_of(path, session.config.read) is not None


def _work(
    session: Session,
    store: Store,
    done: Mapping[date, Sequence[Task]],
    record: Mapping[str, frozenset[date]],
) -> Work:
    from mdtasks.app.log_shown import shown
    from mdtasks.app.time_log import intervals
    from mdtasks.plan.estimates import time_spent

    report = shown(session, store, [*done])
    spent = time_spent(intervals(session, store))
    timed = [
        Timed(task, spent[task.uid])
        for tasks in done.values()
        for task in tasks
        if task.estimate and task.uid in spent
    ]
    planned = {uid for uid, days in record.items() if not days.isdisjoint(done)}
    finished = planned.intersection(task.uid for tasks in done.values() for task in tasks)
    return Work(
        sum((each.planned for each in report.planned), timedelta()),
        report.logged,
        len(planned),
        len(finished),
        tuple(sorted(timed, key=_difference, reverse=True)[:_MOST_TIMED]),
    )


def _difference(each: Timed) -> timedelta:
    return abs(each.actual - (each.task.estimate or timedelta()))


def _factors(session: Session, store: Store) -> tuple[Factor, ...]:
    from mdtasks.app.time_log import factors
    from mdtasks.plan.estimates import ENOUGH

    known = factors(session, store).items()
    found = [Factor(str(group), *each) for group, each in known if each.samples >= ENOUGH]
    return tuple(sorted(found, key=lambda each: (-each.samples, each.name))[:_MOST_FACTORS])
