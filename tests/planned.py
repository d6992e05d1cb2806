"""Small plans in few words, for the tests of the planner."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from mdtasks.model import Block, Kind, Plan, Task
from tests.planner_rules import BERLIN, Case, violations

MONDAY = date(2026, 11, 23)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = (
    MONDAY + timedelta(days=n) for n in range(1, 7)
)
DECEMBER = date(2026, 12, 24)
EARLY = datetime(2026, 11, 23, 8, 0, tzinfo=BERLIN)
HOUR = timedelta(hours=1)


def case(*tasks: Task, now: datetime = EARLY, **others: object) -> Case:
    return Case(tasks, now, **others)  # type: ignore[arg-type]


def planned(*tasks: Task, now: datetime = EARLY, **others: object) -> Plan:
    """Return the plan, after a look that it breaks no rule."""
    made = case(*tasks, now=now, **others)
    plan = made.plan()
    assert violations(made, plan) == []
    return plan


def rows(plan: Plan) -> list[str]:
    """Return the blocks as "Mon 09:00-10:30 Write"."""
    return [f"{b.start:%a %H:%M}-{b.end:%H:%M} {b.title}" for b in plan.blocks]


def reasons(plan: Plan) -> dict[str, str]:
    return {block.title: block.reason for block in plan.blocks}


def unplaced(plan: Plan) -> dict[str, str]:
    return {each.task: each.reason for each in plan.unplaced}


def busy(begins: str, ends: str, day: date = MONDAY) -> Block:
    start, end = (datetime.combine(day, time.fromisoformat(c), BERLIN) for c in (begins, ends))
    return Block(start, end, "Meeting", Kind.BUSY)
