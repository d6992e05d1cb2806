"""Why a task stands where it does: its facts, and the tasks that hold earlier time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from mdtasks.model import Block, Kind, Plan, Priority, Status, Task
from mdtasks.plan.frame import frame_days
from mdtasks.plan.rivals import NOT_ASKED, Contest, contest
from mdtasks.settings import Hours, PlanSettings, Shape
from tests.planned import (
    EARLY,
    FRIDAY,
    HOUR,
    MONDAY,
    SATURDAY,
    SUNDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    busy,
    case,
)
from tests.planner_rules import BERLIN, Case, minutes, task
from tests.test_schedule_rules import cases


def told(made: Case, uid: str, last: Plan | None = None, plan: Plan | None = None) -> Contest:
    """Return all about one task of the plan of a case."""
    (asked,) = (each for each in made.tasks if each.uid == uid)
    frame = frame_days(made.now, made.zone, made.settings)
    fresh = made.plan()
    plan = plan or made.plan(last)
    return contest(asked, plan, fresh, made.tasks, made.hours, Shape(), frame)


def of(*tasks: Task, **others: object) -> Contest:
    """Return all about the first of the tasks."""
    return told(case(*tasks, **others), tasks[0].uid)  # type: ignore[arg-type]


def rivals(found: Contest) -> dict[str, str]:
    return {rival.block.title: rival.why for rival in found.rivals}


def fact(found: Contest, name: str) -> str | None:
    return dict(found.facts).get(name)


# Rivals


def test_what_is_due_sooner_goes_first() -> None:
    write = task("Write", estimate=HOUR, due=FRIDAY)
    found = of(write, task("Call Bo", estimate=HOUR, due=TUESDAY))
    assert rivals(found) == {"Call Bo": "due sooner: tomorrow"}
    dateless = of(task("Write", estimate=HOUR), task("Call Bo", estimate=HOUR, due=TUESDAY))
    assert rivals(dateless) == {"Call Bo": "due tomorrow"}


def test_what_is_due_at_the_same_moment_is_not_due_sooner() -> None:
    found = of(
        task("Write", estimate=HOUR, due=FRIDAY),
        task("Fire", estimate=HOUR, due=FRIDAY, priority=Priority.HIGH),
    )
    assert rivals(found) == {"Fire": "more urgent: 12.97 against 8.92"}


def test_what_is_overdue_goes_first() -> None:
    found = of(
        task("Write", estimate=HOUR, due=FRIDAY),
        task("Old", estimate=HOUR, due=date(2026, 11, 22)),
    )
    assert rivals(found) == {"Old": "overdue since yesterday"}


def test_what_is_more_urgent_goes_first() -> None:
    found = of(task("Write", estimate=HOUR), task("Fire", estimate=HOUR, priority=Priority.HIGHEST))
    assert rivals(found) == {"Fire": "more urgent: 9 against 1.95"}


def test_what_is_short_and_as_urgent_goes_first() -> None:
    found = of(task("Write", estimate=90 * minutes(1)), task("Note", estimate=minutes(30)))
    assert rivals(found) == {"Note": "more urgent for its length of 30m"}


def test_what_it_waits_for_comes_first() -> None:
    book = task("Book", estimate=HOUR, depends_on=("a",))
    found = of(book, task("Ask", estimate=HOUR, id="a"))
    assert rivals(found) == {}
    assert fact(found, "waits for") == "“Ask”, until today 10:00"


def test_a_written_time_and_a_calendar_are_no_choice() -> None:
    tasks = [
        task("Write", estimate=4 * HOUR),
        task("Choir", scheduled=MONDAY, begins=time(9), ends=time(10)),
    ]
    assert rivals(of(*tasks)) == {"Choir": "its time is written"}
    made = case(tasks[0])
    meeting = busy("09:00", "10:00")
    plan = made.plan()
    plan = plan._replace(blocks=(meeting, *plan.blocks))
    assert rivals(told(made, "Write", plan=plan)) == {"Meeting": "taken in a calendar"}


def test_a_break_tells_what_it_is() -> None:
    made = case(task("Write", estimate=HOUR), now=datetime(2026, 11, 23, 9, tzinfo=BERLIN))
    kept = Block(EARLY + 2 * HOUR, EARLY + 3 * HOUR, "deep", Kind.BREAK, reason="kept for #deep")
    lunch = Block(EARLY + 3 * HOUR, EARLY + 4 * HOUR, "lunch", Kind.BREAK)
    later = Block(EARLY + 6 * HOUR, EARLY + 7 * HOUR, "Write", Kind.FOCUS, ("Write",))
    plan = Plan((MONDAY,), (kept, lunch, later))
    assert rivals(told(made, "Write", plan=plan)) == {"deep": "kept for #deep", "lunch": "a break"}


def test_blocks_outside_of_working_hours_take_nothing_from_it() -> None:
    found = of(
        task("Write", estimate=HOUR, start=TUESDAY),
        task("Choir", scheduled=MONDAY, begins=time(20)),
        task("Run", scheduled=TUESDAY, begins=time(6)),
    )
    assert found.rivals == ()


def test_blocks_before_it_may_begin_are_no_rivals() -> None:
    found = of(
        task("Write", estimate=HOUR, start=WEDNESDAY),
        *(task(f"Other {n}", estimate=HOUR, priority=Priority.HIGH) for n in range(3)),
    )
    assert found.rivals == ()
    assert fact(found, "starts") == "not before Wed"


def test_what_has_no_place_is_told_all_that_stands_until_it_is_due() -> None:
    found = of(
        task("Write", estimate=30 * HOUR, due=TUESDAY),
        task("Today", estimate=HOUR, due=MONDAY),
        task("Wednesday", estimate=HOUR, scheduled=WEDNESDAY),
    )
    assert found.place == ()
    assert found.no_place.startswith("no free 30h by tomorrow")
    assert list(rivals(found)) == ["Today"]


def test_what_is_late_is_told_also_what_stands_after_its_date() -> None:
    found = of(
        task("Write", estimate=HOUR, due=MONDAY),
        task("Fair", scheduled=MONDAY, begins=time(9), ends=time(18)),
        task("Talk", scheduled=TUESDAY, begins=time(9), ends=time(10)),
    )
    assert found.place[0].start.date() == TUESDAY
    assert list(rivals(found)) == ["Fair", "Talk"]


def test_what_is_running_and_what_is_about_to_begin_stays() -> None:
    long_job = task("Long", estimate=minutes(90), priority=Priority.LOW)
    early = case(long_job, now=EARLY)
    last = early.plan()
    fire = task("Fire", estimate=minutes(30), priority=Priority.HIGHEST)
    half_past_eight = replace(early, tasks=(fire, long_job), now=EARLY + minutes(30))
    assert rivals(told(half_past_eight, "Fire", last)) == {
        "Long": "it is about to begin, and stood there already"
    }
    half_past_nine = replace(half_past_eight, now=EARLY + minutes(90))
    assert rivals(told(half_past_nine, "Fire", last)) == {"Long": "it is running"}


def test_what_the_plan_before_had_there_is_told_so() -> None:
    write = task("Write", estimate=HOUR, priority=Priority.HIGH)
    other = task("Other", estimate=HOUR)
    made = case(write, other, now=EARLY - 2 * HOUR)
    # By hand: no plan would turn them about, and one that stands so is kept.
    nine, ten = EARLY + HOUR, EARLY + 2 * HOUR + minutes(5)
    plan = Plan(
        made.plan().days,
        (
            Block(nine, nine + HOUR, "Other", Kind.FOCUS, ("Other",)),
            Block(ten, ten + HOUR, "Write", Kind.FOCUS, ("Write",)),
        ),
    )
    assert rivals(told(made, "Write", plan=plan)) == {"Other": "it stood there in the plan before"}


# Facts


def test_urgency_is_told_as_a_sum() -> None:
    found = of(task("Write", estimate=HOUR, due=FRIDAY, priority=Priority.HIGH))
    assert fact(found, "urgency") == "12.97: due Fri 6.97, high priority 6"
    today = of(task("Write", estimate=HOUR, start=MONDAY))
    assert fact(today, "urgency") == "1.95: no priority 1.95"
    begun = of(task("Write", estimate=HOUR, scheduled=MONDAY, start=FRIDAY))
    assert fact(begun, "urgency") == "3.95: scheduled by now 5, not begun yet -3, no priority 1.95"


def test_the_rank_counts_those_more_urgent() -> None:
    found = of(
        task("Write", estimate=HOUR),
        task("Fire", estimate=HOUR, priority=Priority.HIGH),
        task("Rest", estimate=HOUR, priority=Priority.LOW),
    )
    assert fact(found, "rank") == "1 of 2 other tasks that ask for time are more urgent"
    assert fact(of(task("Write", estimate=HOUR)), "rank") == "the only task that asks for time"


def test_what_it_needs_is_told_with_where_that_comes_from() -> None:
    assert fact(of(task("Write", estimate=2 * HOUR)), "needs") == "2h, in 2 pieces"
    assert fact(of(task("Call", due=MONDAY)), "needs") == "15m, as it has no estimate"
    choir = task("Choir", scheduled=MONDAY, begins=time(20), ends=time(22))
    assert fact(of(choir), "needs") == "2h, as you wrote it"


def test_a_due_date_is_told_where_it_stands() -> None:
    assert fact(of(task("A", estimate=HOUR, due=FRIDAY)), "due") == "by Fri"
    clock = task("A", estimate=HOUR, due=FRIDAY, due_time=time(14))
    assert fact(of(clock), "due") == "by Fri 14:00"
    far = task("A", estimate=HOUR, due=date(2027, 1, 4))
    assert fact(of(far), "due") == "2027-01-04, after the planned days"
    assert fact(of(task("A", estimate=HOUR, due=SUNDAY)), "due") == "by Sun"
    old = task("A", estimate=HOUR, due=date(2026, 11, 22))
    assert fact(of(old), "due") == "was yesterday, and cannot be kept"
    parent = task("Move", due=THURSDAY)
    assert fact(of(task("Pack", parent="Move", estimate=HOUR), parent), "due") == "by Thu"


def test_days_that_are_full_of_focus_are_named() -> None:
    found = of(
        task("Write", estimate=HOUR),
        *(task(f"Other {n}", estimate=minutes(60), priority=Priority.HIGH) for n in range(5)),
    )
    assert fact(found, "load") == "full with 5h of focus: today"
    assert [block.start.date() for block in found.place] == [TUESDAY]


def test_what_repeats_daily_is_for_one_day() -> None:
    water = task("Water", estimate=HOUR, recurrence="every day", scheduled=TUESDAY)
    assert fact(of(water), "starts") == "tomorrow, and no other day: it repeats"


# What is not planned


def test_why_a_task_is_not_planned() -> None:
    def reason(each: Task, *others: Task) -> str:
        return of(each, *others).no_place

    assert reason(task("Some day")) == NOT_ASKED
    assert reason(task("Bo's", due=MONDAY, assignee="Bo")) == "waits for Bo"
    assert reason(task("Paused", due=MONDAY, status=Status.ON_HOLD)) == "it is on hold"
    assert reason(task("Done", due=MONDAY, status=Status.DONE)) == "it is done"
    later = task("Later", estimate=HOUR, start=date(2026, 12, 24))
    assert reason(later) == "it starts 2026-12-24, after the planned days"
    steps = [task("Move", due=MONDAY), task("Pack", parent="Move")]
    assert reason(*steps) == "its steps are planned instead"
    paused = task("Trip", due=MONDAY, status=Status.ON_HOLD)
    assert reason(task("Book", parent="Trip", due=MONDAY), paused) == "“Trip” is on hold"
    walk = task("Walk", scheduled=MONDAY, begins=time(12), ends=time(13))
    inner = task("Boots", parent="Walk", estimate=HOUR)
    assert reason(inner, walk) == "“Walk” is planned instead, at the time you wrote"
    waits = task("Book", due=MONDAY, depends_on=("a",))
    far = task("Ask", estimate=HOUR, id="a", start=SATURDAY + timedelta(days=30))
    assert reason(waits, far) == "waits for “Ask”"


@pytest.mark.usefixtures("short_search")
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(case=cases())
def test_every_task_has_a_place_or_a_reason_and_every_rival_one_too(case: Case) -> None:
    plan = case.plan()
    frame = frame_days(case.now, case.zone, case.settings)
    for each in case.tasks:
        found = contest(each, plan, plan, case.tasks, case.hours, Shape(), frame)
        assert bool(found.place) != bool(found.no_place)
        assert all(rival.why and each.uid not in rival.block.tasks for rival in found.rivals)
        assert all(name and words for name, words in found.facts)
        if found.place:
            last = found.place[-1].start
            assert all(rival.block.start < last for rival in found.rivals)


def test_the_settings_are_those_of_the_plan() -> None:
    made = case(task("Call", due=MONDAY), settings=PlanSettings(default_estimate=minutes(25)))
    assert fact(told(made, "Call"), "needs") == "25m, as it has no estimate"
    assert made.hours == Hours()
