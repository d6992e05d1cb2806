"""How often a task was planned and moved on: the earlier days on which a block of it ended.

Rule: days are counted, not blocks, and never the day that still runs. A task that comes back
every day is for its own day: it does not move on, tomorrow brings the next one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from mdtasks.model import Block, Kind, Rolled, Task, Today

# How long a planned day is remembered, as in the published feed.
KEPT = timedelta(days=30)
# From here on the day's page asks what to do about it, of so many tasks at once.
ASKED_FROM = 3
MOST_ASKED = 3

OURS = frozenset({Kind.FIXED, Kind.FOCUS, Kind.MICRO})

# Uid -> the days on which it was planned.
Days = Mapping[str, frozenset[date]]


def passed(blocks: Iterable[Block], now: datetime) -> dict[str, frozenset[date]]:
    """Return the days of the blocks that have ended; a night belongs to the day it began on.

    A session of a quota may leave its task open: that is no delay.
    """
    days: defaultdict[str, set[date]] = defaultdict(set)
    for block in blocks:
        if block.kind in OURS and not block.session and block.end.astimezone(UTC) <= now:
            for uid in block.tasks:
                days[uid].add(block.start.date())
    return {uid: frozenset(found) for uid, found in days.items()}


def together(records: Iterable[Days], today: date) -> dict[str, frozenset[date]]:
    """Return what any of the records has of the last 30 days, today included."""
    since = today - KEPT
    days: defaultdict[str, frozenset[date]] = defaultdict(frozenset)
    for record in records:
        for uid, found in record.items():
            days[uid] |= frozenset(day for day in found if since < day <= today)
    return {uid: found for uid, found in sorted(days.items()) if found}


def rolled(tasks: Iterable[Task], record: Days, today: date) -> tuple[Rolled, ...]:
    """Return the open tasks that were planned before today: those most often, then those longest
    ago, then as they come."""
    found = [
        Rolled(task.uid, len(days), min(days))
        for task in tasks
        if task.is_open and (days := days_before(task, record, today))
    ]
    return tuple(sorted(found, key=lambda each: (-each.times, each.since)))


def told(value: Today, tasks: Iterable[Task], record: Days, today: date) -> Today:
    """Return the list of a day with what of it moved on; of today's it is asked what to do."""
    by_uid = {task.uid: task for task in tasks}
    placed = (uid for block in value.blocks for uid in block.tasks)
    small = (task.uid for task in value.micro)
    named = dict.fromkeys((*placed, *small, *(entry.task for entry in value.unplaced)))
    found = rolled((by_uid[uid] for uid in named if uid in by_uid), record, today)
    return value._replace(rolled=found, decide=to_decide(found) if value.date == today else ())


def days_before(task: Task, record: Days, today: date) -> list[date]:
    """Return the days before today on which the task was planned, in order."""
    days = sorted(day for day in record.get(task.uid, ()) if day < today)
    return [] if days and _comes_back_daily(task) else days


def to_decide(found: Iterable[Rolled]) -> tuple[str, ...]:
    """Return the uids of the tasks about which to decide, as they come."""
    return tuple(each.task for each in found if each.times >= ASKED_FROM)[:MOST_ASKED]


def _comes_back_daily(task: Task) -> bool:
    from mdtasks.plan.recurrence import parse_rule
    from mdtasks.plan.wanted import DAILY

    rule = parse_rule(task.recurrence) if task.recurrence else None
    return rule is not None and rule.text.removesuffix(" when done") in DAILY
