"""Random weeks that a person has shaped: what is kept stays kept, in every zone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.model import Block, Kind, Plan, Status
from mdtasks.plan.marks import carries
from mdtasks.plan.slots import moment
from mdtasks.settings import Span
from tests.planner_rules import Case, is_working, minutes, violations
from tests.shaped import config
from tests.test_schedule_rules import cases, few

SHAPES = [
    config(toml).shape
    for toml in (
        '[[blocks]]\nname = "home"\ntime = "09:00-11:00"\nonly = "#home"\n',
        '[[blocks]]\nname = "calls"\nminutes = 30\ntime = "afternoon"\nonly = "#phone"\n'
        '[breaks]\nlunch = { window = "11:30-14:00", minutes = 45 }\n'
        '[prefer]\n"#home" = "morning"\n',
        '[[blocks]]\nname = "night"\ntime = "23:00-04:00"\n'
        '[quota]\n"#home" = "3/week 30m"\nexercise = "5/week 1h"\n',
        '[quota]\n"#phone" = "2/week 45m"\n[breaks]\nlunch = { window = "midday", minutes = 30 }\n'
        '[[blocks]]\nname = "mail"\nminutes = 30\ntime = "morning"\nonly = ["#phone", "#home"]\n',
    )
]


pytestmark = pytest.mark.usefixtures("short_search")


@st.composite
def shaped_cases(draw: st.DrawFn) -> Case:
    return replace(draw(cases()), shape=draw(st.sampled_from(SHAPES)))


@few
@given(case=shaped_cases())
def test_no_plan_of_shaped_days_breaks_a_rule(case: Case) -> None:
    plan = case.plan()
    # A block may lie outside of the hours, and a quota asks for tasks that nothing else does.
    allowed = ("outside working hours", "wanted [")
    broken = [each for each in violations(case, plan) if not any(a in each for a in allowed)]
    assert [each for each in broken if not _of_a_session(each, plan)] == []


def _of_a_session(fault: str, plan: Plan) -> bool:
    """Whether it is about lengths: a session has its own, whatever its task's estimate is."""
    return any(uid in fault.split(":")[0] for b in plan.blocks if b.session for uid in b.tasks)


@few
@given(case=shaped_cases())
def test_a_written_block_holds_only_tasks_with_its_marks(case: Case) -> None:
    by_uid = {task.uid: task for task in case.tasks}
    for reserve in (each for each in case.shape.blocks if each.length is None):
        for block in case.plan().blocks:
            if block.kind in (Kind.FIXED, Kind.BREAK) or not _within(block, reserve.window, case):
                continue
            marks = [by_uid[uid] for uid in block.tasks]
            assert all(any(carries(t, mark) for mark in reserve.only) for t in marks), block


def _within(block: Block, window: Span, case: Case) -> bool:
    """Whether the block touches the window of a day on which the named block is."""
    for n in range(-1, 9):
        day = case.now.astimezone(case.zone).date() + timedelta(days=n)
        first = case.now.astimezone(case.zone).date()
        if day < first or not case.hours.on(day):
            continue
        last = day + timedelta(days=1) if window.ends <= window.begins else day
        start, end = (
            moment(day, window.begins, case.zone),
            moment(last, window.ends, case.zone),
        )
        if block.start.astimezone(UTC) < end and block.end.astimezone(UTC) > start:
            return True
    return False


@few
@given(case=shaped_cases())
def test_lunch_is_kept_on_each_day_or_its_want_is_told(case: Case) -> None:
    plan, lunch = case.plan(), case.shape.lunch
    lunches = [block for block in plan.blocks if block.title == "lunch"]
    days = Counter(block.start.astimezone(case.zone).date() for block in lunches)
    assert set(days.values()) <= {1}
    for block in lunches:
        assert lunch
        assert bool(block.reason) == (_length(block) < lunch.length)
        assert not any(block.start < b.end and b.start < block.end for b in case.busy)
    ahead = [day for day in plan.days if lunch and _is_ahead(day, lunch.window, case)]
    told = sum(line.startswith("no lunch") for line in plan.notices)
    assert sum(day not in days for day in ahead) <= told


def _length(block: Block) -> timedelta:
    return block.end.astimezone(UTC) - block.start.astimezone(UTC)


def _is_ahead(day: date, window: Span, case: Case) -> bool:
    """Whether the window of that day has not begun, and some of it is working time."""
    start, end = moment(day, window.begins, case.zone), moment(day, window.ends, case.zone)
    instants = (start + minutes(5 * n) for n in range((end - start) // minutes(5)))
    return start >= case.now and any(
        is_working(each.astimezone(case.zone), case.hours) for each in instants
    )


@few
@given(case=shaped_cases(), done=st.sets(st.integers(0, 13)))
def test_a_quota_is_never_exceeded_and_never_twice_a_day(case: Case, done: set[int]) -> None:
    today = case.now.astimezone(case.zone).date()
    ticked = tuple(
        t._replace(status=Status.DONE, done=today - timedelta(days=n % 3)) if n in done else t
        for n, t in enumerate(case.tasks)
    )
    case = replace(case, tasks=ticked)
    own = [block for block in case.plan().blocks if block.session]
    for quota in case.shape.quotas:
        mine = [block for block in own if block.session.startswith(f"{quota.tag} ")]
        days = [block.start.astimezone(case.zone).date() for block in mine]
        assert len(days) == len(set(days))
        assert {_length(block) for block in mine} <= {quota.length}
        ticks = {t.done for t in ticked if t.done and carries(t, quota.tag)}
        for week, count in Counter(map(_week, days)).items():
            assert count + sum(_week(day) == week for day in ticks) <= quota.times


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]


@few
@given(case=shaped_cases(), data=st.data())
def test_the_order_of_tasks_changes_no_shaped_plan(case: Case, data: st.DataObject) -> None:
    shuffled = replace(case, tasks=tuple(data.draw(st.permutations(case.tasks))))
    assert shuffled.plan() == case.plan()


@few
@given(case=shaped_cases(), later=st.integers(0, 3000))
def test_a_shaped_plan_after_another_breaks_no_rule(case: Case, later: int) -> None:
    last = case.plan()
    then = replace(case, now=case.now + minutes(later))
    plan = then.plan(last)
    numbers = [block.session for block in plan.blocks if block.session]
    assert len(numbers) == len(set(numbers))
    assert then.plan(last) == plan
