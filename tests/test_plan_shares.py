"""Long tasks that are due behind the planned days have their share of each week."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest

from mdtasks.model import Plan
from mdtasks.plan.frame import frame_days
from mdtasks.plan.rivals import contest
from mdtasks.settings import Hours, PlanSettings, Shape
from tests.planned import (
    FRIDAY,
    HOUR,
    MONDAY,
    SATURDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    busy,
    case,
    planned,
    reasons,
    rows,
    unplaced,
)
from tests.planner_rules import BERLIN, minutes, task

DUE = date(2026, 12, 18)
THESIS = task("Thesis", estimate=30 * HOUR, due=DUE)


def hours_of(plan: Plan, uid: str) -> timedelta:
    return sum((b.end - b.start for b in plan.blocks if uid in b.tasks), timedelta())


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, 30, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("day", "share"),
    [
        (MONDAY, 7.5),  # 5 of 20 working days
        (date(2026, 11, 30), 10),  # 5 of 15
        (date(2026, 12, 7), 15),  # 5 of 10
    ],
)
def test_a_long_task_that_is_due_later_has_its_share_of_these_days(day: date, share: float) -> None:
    assert hours_of(case(THESIS, now=on(day)).plan(), "Thesis") == share * HOUR


def test_what_is_left_of_it_is_spread_evenly_from_week_to_week() -> None:
    left, shares = 30 * HOUR, []
    for week in range(3):
        made = case(THESIS._replace(estimate=left), now=on(MONDAY + timedelta(weeks=week)))
        shares.append(hours_of(made.plan(), "Thesis"))
        left -= shares[-1]
    assert all(abs(a - b) <= minutes(10) for a, b in pairwise(shares))


def test_a_share_says_of_how_much_it_is() -> None:
    plan = case(THESIS).plan()
    assert plan.blocks[0].reason == "due 2026-12-18, 7h30m of 30h in these days, part 1 of 5"
    assert plan.blocks[1].reason == "due 2026-12-18, part 2 of 5"
    frame = frame_days(on(MONDAY), BERLIN, PlanSettings())
    found = contest(THESIS, plan, plan, (THESIS,), Hours(), Shape(), frame)
    assert dict(found.facts)["needs"] == "30h, 7h30m of it in these days, in 5 pieces"


def test_what_a_day_holds_has_no_share() -> None:
    whole = task("Whole", estimate=5 * HOUR, due=DUE)
    assert hours_of(case(whole).plan(), "Whole") == 5 * HOUR


def test_what_is_due_in_these_days_is_planned_whole() -> None:
    week = task("Week", estimate=20 * HOUR, due=FRIDAY)
    assert hours_of(case(week).plan(), "Week") == 20 * HOUR


def test_the_days_before_it_may_start_are_not_counted() -> None:
    later = THESIS._replace(start=THURSDAY)
    plan = case(later).plan()
    assert min(block.start.date() for block in plan.blocks) == THURSDAY
    # 2 of 17 working days, in steps of five minutes.
    assert hours_of(plan, "Thesis") == minutes(215)


def test_a_short_share_is_no_shorter_than_a_block() -> None:
    far = task("Far", estimate=6 * HOUR, due=date(2028, 1, 1))
    assert hours_of(case(far).plan(), "Far") == minutes(25)


def test_what_waits_for_a_task_that_ends_behind_these_days_does_not_begin() -> None:
    thesis = THESIS._replace(id="t")
    bind = task("Bind", estimate=HOUR, depends_on=("t",))
    post = task("Post", estimate=HOUR, id="p", depends_on=("b",))
    bind = bind._replace(id="b")
    plan = case(thesis, bind, post).plan()
    assert {uid for block in plan.blocks for uid in block.tasks} == {"Thesis"}
    assert unplaced(plan) == {"Bind": "waits for “Thesis”", "Post": "waits for “Bind”"}


def test_a_share_that_stands_stays_where_it_is() -> None:
    made = case(THESIS, task("Call", estimate=HOUR))
    plan = made.plan()
    again = made.plan(plan)
    assert [b.start for b in again.blocks] == [b.start for b in plan.blocks]


def test_a_share_that_has_no_room_as_a_whole_has_as_much_as_fits() -> None:
    day = Hours().week[0]
    weekend = Hours((*((),) * 5, day, day))
    plan = case(THESIS, hours=weekend).plan()
    # 2 of 6 days would be 10h: all of the daily load, in pieces that do not come to that.
    assert hours_of(plan, "Thesis") >= 9 * HOUR
    assert unplaced(plan) == {}
    assert plan.blocks[0].reason.startswith("due 2026-12-18, 9h")


def test_a_share_takes_nobody_elses_time() -> None:
    others = [task(f"Write {n}", estimate=HOUR, due=FRIDAY) for n in range(20)]
    plan = case(task("Huge", estimate=300 * HOUR, due=DUE), *others).plan()
    placed = {uid for block in plan.blocks for uid in block.tasks}
    assert placed == {"Huge", *(each.uid for each in others)}


def test_a_part_of_a_share_stays_where_it_is_while_it_runs() -> None:
    tasks = task("Huge", estimate=300 * HOUR, due=DUE), task("Call", estimate=HOUR)
    plan = case(*tasks).plan()
    running = next(block for block in plan.blocks if "Huge" in block.tasks)
    made = case(*tasks, now=running.start + minutes(20))
    again = made.plan(plan)
    assert again.blocks[0].start == running.start
    assert [rows(made.plan(again)) == rows(again), len(rows(again)) > 3] == [True, True]


# A scheduled day, and reasons.


def test_nothing_is_planned_before_its_scheduled_day_even_if_it_is_due_before() -> None:
    late = task("Write", estimate=minutes(30), due=TUESDAY, scheduled=WEDNESDAY)
    assert rows(planned(late)) == ["Wed 09:00-09:30 Write"]
    assert planned(late).blocks[0].late
    assert reasons(planned(late)) == {"Write": "due tomorrow, not before Wed"}


def test_a_step_that_is_due_before_the_scheduled_day_of_its_parent_is_done_in_time() -> None:
    move = task("Move", scheduled=THURSDAY, estimate=HOUR)
    pack = task("Pack", parent="Move", due=TUESDAY, estimate=HOUR)
    assert rows(case(move, pack).plan()) == ["Tue 09:00-10:00 Pack"]


def test_a_day_without_hours_is_named_and_not_the_daily_load() -> None:
    saturday = task("Sweep", estimate=HOUR, scheduled=SATURDAY)
    assert unplaced(planned(saturday)) == {"Sweep": "no working time from Sat to Sun"}


def test_the_daily_load_is_named_only_where_it_leaves_time_that_would_do() -> None:
    full = [task(f"Write {n}", estimate=5 * HOUR) for n in range(6)]
    crowded = unplaced(case(*full).plan())
    assert set(crowded.values()) == {"no free 5h by Sun, at most 5h of focus a day"}
    day = case(task("Huge", estimate=500 * HOUR)).plan()
    assert unplaced(day) == {"Huge": "no free 500h by Sun"}


def test_a_block_elsewhere_than_at_its_written_time_does_not_say_that_it_is_written() -> None:
    call = task("Call", estimate=HOUR, begins=time(14))
    taken = busy("14:00", "18:00", MONDAY)
    plan = planned(call, busy=(taken,))
    assert reasons(plan) == {"Call": "not at 14:00, which is taken"}
    due = task("Call", estimate=HOUR, begins=time(9), due=MONDAY)
    evening = datetime(2026, 11, 23, 15, 0, tzinfo=BERLIN)
    plan = planned(due, now=evening)
    assert reasons(plan) == {"Call": "due today, not at 09:00, which is over"}
