"""Random weeks, in zones that change their clocks: no plan breaks a hard rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdtasks.model import Block, Kind, Priority, Status, Task
from mdtasks.settings import Hours, PlanSettings, Span
from tests.planner_rules import Case, minutes, task, violations

# A day shortly before each change of clocks, both ways, and a zone that has an odd offset.
WEEKS = [
    ("Europe/Berlin", date(2026, 3, 26)),
    ("Europe/Berlin", date(2026, 10, 22)),
    ("America/New_York", date(2026, 3, 5)),
    ("America/New_York", date(2026, 10, 29)),
    ("Australia/Lord_Howe", date(2026, 4, 2)),
    ("Australia/Lord_Howe", date(2026, 10, 1)),
    ("Africa/Cairo", date(2026, 4, 22)),
    ("Africa/Cairo", date(2026, 10, 28)),
    ("Asia/Kathmandu", date(2026, 11, 22)),
]
NIGHT = (Span(time(22), time(6)),)
AROUND_THE_CLOCK = (Span(time(0), time(0)),)
HOURS = [Hours(), Hours((NIGHT,) * 7), Hours((AROUND_THE_CLOCK,) * 7)]

pytestmark = pytest.mark.usefixtures("short_search")

few = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


@st.composite
def some_tasks(draw: st.DrawFn, today: date) -> tuple[Task, ...]:
    count = draw(st.integers(1, 14))
    days = st.none() | st.integers(-3, 9).map(lambda n: today + timedelta(days=n))
    estimates = st.none() | st.sampled_from([5, 7, 15, 20, 30, 45, 90, 100, 200]).map(minutes)
    names = [f"t{n}" for n in range(count)]
    return tuple(
        task(
            name,
            id=name,
            status=draw(st.sampled_from([Status.TODO] * 5 + list(Status))),
            due=draw(days),
            scheduled=draw(days),
            start=draw(days),
            estimate=draw(estimates),
            priority=draw(st.sampled_from(Priority)),
            begins=draw(st.none() | st.none() | st.sampled_from([time(2, 30), time(9), time(16)])),
            assignee=draw(st.sampled_from([None] * 9 + ["Bo"])),
            recurrence=draw(st.sampled_from([None] * 9 + ["every day", "every week"])),
            tags=tuple(draw(st.sampled_from([(), ("#home",), ("#phone",)]))),
            depends_on=tuple(draw(st.lists(st.sampled_from([*names, "gone"]), max_size=1))),
        )
        for name in names
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    name, today = draw(st.sampled_from(WEEKS))
    zone = ZoneInfo(name)
    now = datetime(today.year, today.month, today.day, tzinfo=UTC)
    now += minutes(draw(st.integers(0, 1439)))
    gaps = draw(st.lists(st.tuples(st.integers(0, 9000), st.integers(5, 300)), max_size=6))
    return Case(
        tasks=draw(some_tasks(now.astimezone(zone).date())),
        now=now,
        zone=zone,
        hours=draw(st.sampled_from(HOURS)),
        settings=PlanSettings(daily_load=minutes(draw(st.sampled_from([60, 300])))),
        busy=tuple(
            Block(now + minutes(at), now + minutes(at + length), "Meeting", Kind.BUSY)
            for at, length in gaps
        ),
    )


@few
@given(case=cases())
def test_no_plan_breaks_a_rule(case: Case) -> None:
    assert violations(case, case.plan()) == []


@few
@given(case=cases(), later=st.integers(0, 3000), data=st.data())
def test_no_plan_after_another_breaks_a_rule(case: Case, later: int, data: st.DataObject) -> None:
    last = case.plan()
    done = data.draw(st.sets(st.sampled_from([t.uid for t in case.tasks])))
    then = replace(
        case,
        now=case.now + minutes(later),
        tasks=tuple(t._replace(status=Status.DONE) if t.uid in done else t for t in case.tasks),
    )
    assert violations(then, then.plan(last)) == []


@few
@given(case=cases(), data=st.data())
def test_the_order_of_tasks_changes_no_plan(case: Case, data: st.DataObject) -> None:
    shuffled = replace(case, tasks=tuple(data.draw(st.permutations(case.tasks))))
    assert shuffled.plan() == case.plan()


@few
@given(case=cases())
def test_a_running_block_of_one_piece_stays(case: Case) -> None:
    # Neither a written time nor another task may push it away.
    alone = replace(case, tasks=tuple(t._replace(depends_on=(), begins=None) for t in case.tasks))
    last = alone.plan()
    for block in last.blocks:
        then = replace(alone, now=block.start.astimezone(UTC) + minutes(1))
        pieces = [other for other in last.blocks if other.tasks == block.tasks]
        if block.kind is Kind.FOCUS and len(pieces) == 1:
            assert _times(block) in map(_times, then.plan(last).blocks)
            break


def _times(block: Block) -> tuple[datetime, datetime, tuple[str, ...]]:
    return block.start, block.end, block.tasks
