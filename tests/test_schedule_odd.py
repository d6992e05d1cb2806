"""Odd weeks: clocks that jump, hours over midnight, days that are all taken, none and a thousand
tasks, time that is reserved, and times of day that suit a task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdtasks.model import Block, Kind, Plan, Priority, Task
from mdtasks.plan.frame import frame_days
from mdtasks.plan.place import PRICES, windows
from mdtasks.settings import Hours, PlanSettings, Reserve, Shape, Span
from tests.planned import EARLY, FRIDAY, HOUR, MONDAY, case, planned, rows, unplaced
from tests.planner_rules import BERLIN, Case, minutes, task, violations
from tests.test_schedule_rules import AROUND_THE_CLOCK, NIGHT, WEEKS, cases

few = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
NO_HOURS = Hours(((),) * 7)
MORNING, AFTERNOON = Span(time(9), time(12)), Span(time(14), time(18))


# Clocks that jump.


pytestmark = pytest.mark.usefixtures("short_search")


@pytest.mark.parametrize(("name", "day"), WEEKS)
@pytest.mark.parametrize("span", [NIGHT, AROUND_THE_CLOCK])
@pytest.mark.parametrize("step", [5, 20, 60])
def test_a_week_in_which_clocks_jump_breaks_no_rule(
    name: str, day: date, span: tuple[Span, ...], step: int
) -> None:
    zone = ZoneInfo(name)
    tasks = [task(f"Work {n}", estimate=minutes(70), due=day + timedelta(n)) for n in range(12)]
    tasks += [task(f"Call {n}", due=day + timedelta(n % 5)) for n in range(9)]
    now = datetime(day.year, day.month, day.day, 12, 7, tzinfo=zone)
    grid = PlanSettings(step=minutes(step), max_block=minutes(120))
    made = Case(tuple(tasks), now, zone, Hours((span,) * 7), grid)
    plan = made.plan()
    faults = [fault for fault in violations(made, plan) if ": pieces of" not in fault]
    # The rules of estimates and batches are told in steps of five minutes.
    assert [f for f in faults if step == 5 or " for " not in f] == []
    walls = {block.start.minute % step for block in plan.blocks}
    assert walls == {0}


def test_the_grid_follows_the_wall_where_clocks_jump_by_half_an_hour() -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    night = Hours((AROUND_THE_CLOCK,) * 7)
    # On 2026-04-05 clocks go back from 02:00 to 01:30.
    now = datetime(2026, 4, 5, 0, 10, tzinfo=zone)
    tasks = [task(f"Work {n}", estimate=HOUR, due=date(2026, 4, 5)) for n in range(6)]
    hourly = PlanSettings(step=HOUR, min_block=HOUR, buffer=timedelta(0))
    plan = Case(tuple(tasks), now, zone, night, hourly).plan()
    assert len(plan.blocks) == 6
    assert {block.start.minute for block in plan.blocks} == {0}
    for block in plan.blocks:
        assert block.end.astimezone(UTC) - block.start.astimezone(UTC) == HOUR


def test_the_same_instant_gives_the_same_plan_whatever_zone_tells_it() -> None:
    tasks = [task(f"Work {n}", estimate=HOUR) for n in range(5)]
    here = case(*tasks).plan()
    for name in ("UTC", "Asia/Kathmandu", "America/New_York"):
        assert case(*tasks, now=EARLY.astimezone(ZoneInfo(name))).plan() == here


# Days that are taken, or have no hours.


def test_a_day_that_is_all_taken_is_left_out() -> None:
    start = datetime(2026, 11, 23, tzinfo=BERLIN)
    holiday = Block(start, start + timedelta(days=1), "Holiday", Kind.BUSY)
    plan = planned(task("Write", estimate=HOUR), task("Call", due=FRIDAY), busy=(holiday,))
    assert rows(plan) == ["Tue 09:00-10:00 Write", "Tue 10:05-10:20 Call"]


def test_in_a_week_without_hours_all_is_named_and_only_pins_stand() -> None:
    tasks = [
        task("Write", estimate=HOUR, due=MONDAY),
        task("Call", due=FRIDAY),
        task("Choir", scheduled=MONDAY, begins=time(20), estimate=HOUR),
    ]
    plan = planned(*tasks, hours=NO_HOURS)
    assert rows(plan) == ["Mon 20:00-21:00 Choir"]
    assert unplaced(plan).keys() == {"Write", "Call"}


def test_nothing_to_plan_is_a_plan_too() -> None:
    assert planned().blocks == ()
    assert planned(hours=NO_HOURS).blocks == ()


def test_a_thousand_tasks_break_no_rule() -> None:
    lengths = [20, 30, 45, 60, 90, 120, 10]
    tasks = [
        task(
            f"t{n:04}",
            id=f"t{n:04}",
            estimate=minutes(lengths[n % 7]),
            priority=list(Priority)[n % 6],
            due=MONDAY + timedelta(days=n % 9 - 1) if n % 3 else None,
            depends_on=(f"t{n - 40:04}",) if n % 11 == 0 and n > 40 else (),
        )
        for n in range(1000)
    ]
    plan = planned(*tasks)
    assert len(plan.blocks) > 30


def test_tasks_in_a_circle_hold_up_nobody_else() -> None:
    circle = [
        task(f"c{n}", id=f"c{n}", estimate=HOUR, depends_on=(f"c{(n + 1) % 5}",)) for n in range(5)
    ]
    waits = task("Wait", estimate=HOUR, depends_on=("c0",))
    plan = planned(*circle, waits, task("Write", estimate=HOUR))
    assert rows(plan) == ["Mon 09:00-10:00 Write"]
    assert len(unplaced(plan)) == 6


# Reserved time.


DEEP = Shape(blocks=(Reserve("Deep work", MORNING, ("#deep",)),))


def intruders(made: Case, plan: Plan) -> Iterator[str]:
    """Yield what stands in reserved time and has no business there."""
    by_uid = {each.uid: each for each in made.tasks}
    for block in plan.blocks:
        if block.kind in (Kind.FOCUS, Kind.MICRO):
            for each in (by_uid[uid] for uid in block.tasks):
                if "#deep" not in each.tags and _meets(block, MORNING, made):
                    yield f"{each.text} in {block.start} - {block.end}"


def _meets(block: Block, span: Span, made: Case) -> bool:
    walls = (block.start + minutes(n) for n in range(int((block.end - block.start) / minutes(1))))
    return any(
        span.begins <= wall.astimezone(made.zone).time() < span.ends
        and made.hours.on(wall.astimezone(made.zone).date())
        for wall in walls
    )


@few
@given(made=cases(), deep=st.sets(st.integers(0, 13)))
def test_reserved_time_holds_only_what_it_is_for(made: Case, deep: set[int]) -> None:
    marked = tuple(
        each._replace(tags=(*each.tags, "#deep")) if n in deep else each
        for n, each in enumerate(made.tasks)
    )
    shaped = replace(made, tasks=marked, shape=DEEP, hours=Hours(), zone=BERLIN)
    last = shaped.plan()
    for plan in (last, shaped.plan(last)):
        assert violations(shaped, plan) == []
        assert list(intruders(shaped, plan)) == []


def test_a_task_prefers_the_time_that_is_reserved_for_it() -> None:
    afternoons = Shape(blocks=(Reserve("Deep work", AFTERNOON, ("#deep",)),))
    write = task("Write", estimate=HOUR, tags=("#deep",))
    plan = planned(write, task("Sort", estimate=HOUR), shape=afternoons)
    assert [row for row in rows(plan) if "Deep" not in row] == [
        "Mon 09:00-10:00 Sort",
        "Mon 14:00-15:00 Write",
    ]


def test_a_due_date_goes_before_reserved_time() -> None:
    afternoons = Shape(blocks=(Reserve("Deep work", AFTERNOON, ("#deep",)),))
    write = task("Write", estimate=HOUR, tags=("#deep",), due=MONDAY, due_time=time(13))
    plan = planned(write, shape=afternoons)
    assert "Mon 09:00-10:00 Write" in rows(plan)


def test_small_tasks_prefer_the_time_that_is_reserved_for_them() -> None:
    afternoons = Shape(blocks=(Reserve("Calls", AFTERNOON, ("#call",)),))
    call = task("Call Bo", tags=("#call",), due=FRIDAY)
    plan = planned(call, task("Pay", due=FRIDAY), shape=afternoons)
    own = [row for row in rows(plan) if "Calls" not in row]
    assert own == ["Mon 09:00-09:15 Pay", "Mon 14:00-14:15 Call Bo"]


# Times of day that suit a task.


def likes(*spans: Span) -> Shape:
    return Shape(prefer={"#home": spans})


def at_home(name: str, **fields: object) -> Task:
    return task(name, tags=("#home",), **fields)


def test_a_task_waits_for_the_time_of_day_that_suits_it() -> None:
    plan = planned(at_home("Paint", estimate=HOUR), shape=likes(AFTERNOON))
    assert rows(plan) == ["Mon 14:00-15:00 Paint"]


def test_the_time_of_day_gives_way_to_a_due_date() -> None:
    paint = at_home("Paint", estimate=HOUR, due=MONDAY, due_time=time(12))
    assert rows(planned(paint, shape=likes(AFTERNOON))) == ["Mon 09:00-10:00 Paint"]


def test_nothing_waits_more_than_a_day_an_hour_for_the_time_of_day_that_suits_it() -> None:
    assert PRICES.liking == 24.0
    morning = Span(time(9), time(10))
    one = at_home("Paint", estimate=HOUR)
    noon = EARLY + 4 * HOUR
    assert rows(planned(one, now=noon, shape=likes(morning))) == ["Tue 09:00-10:00 Paint"]
    half = one._replace(estimate=minutes(30))
    assert rows(planned(half, now=noon, shape=likes(morning))) == ["Mon 12:00-12:30 Paint"]


@few
@given(made=cases())
def test_what_suits_a_task_breaks_no_rule_and_misses_no_due_date(made: Case) -> None:
    liked = replace(made, shape=likes(Span(time(15), time(17)), Span(time(22), time(1))))
    plan = liked.plan()
    assert violations(liked, plan) == []


def test_times_of_day_over_midnight_are_one_stretch() -> None:
    frame = frame_days(EARLY, BERLIN, PlanSettings(days=2))
    found = windows((Span(time(22), time(2)), Span(time(1), time(3))), frame.days, BERLIN)
    assert found[1:] == ((-120, 180), (22 * 60, 27 * 60), (46 * 60, 50 * 60))


# Equal inputs.


def test_equal_inputs_give_equal_plans_in_any_process_and_order() -> None:
    tasks = [
        task(f"t{n}", estimate=minutes(20 + 7 * n % 80), due=MONDAY + timedelta(days=n % 6))
        for n in range(30)
    ]
    made = case(*tasks)
    starts: defaultdict[int, set[str]] = defaultdict(set)
    for plan in (made.plan(), case(*reversed(tasks)).plan()):
        for n, row in enumerate(rows(plan)):
            starts[n].add(row)
    assert all(len(found) == 1 for found in starts.values())
