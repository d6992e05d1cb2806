"""Weekly quotas: how many sessions, on which days, and what is done in them."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.model import Block, Kind, Plan, Status, Task
from mdtasks.plan.schedule import plan_days
from mdtasks.render import ics
from mdtasks.settings import FeedSettings
from tests.planned import (
    FRIDAY,
    HOUR,
    MONDAY,
    SUNDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    busy,
    reasons,
    rows,
    unplaced,
)
from tests.planner_rules import BERLIN, minutes, task
from tests.shaped import at, sessions, shaped

SPORT = '[quota]\nexercise = "3/week 30m"\n'
READING = '[quota]\n"#reading" = "2/week 45m"\n'
TAG = ("#exercise",)


def ticked(day: date, tags: tuple[str, ...] = TAG) -> Task:
    return task(f"Ran {day}", status=Status.DONE, done=day, tags=tags)


# On which days


@pytest.mark.parametrize(
    ("times", "days"),
    [
        (1, ["Mon"]),
        (2, ["Mon", "Thu"]),
        (3, ["Mon", "Wed", "Fri"]),
        (5, ["Mon", "Tue", "Wed", "Thu", "Fri"]),
    ],
)
def test_sessions_spread_evenly_over_the_days_with_hours(times: int, days: list[str]) -> None:
    plan = shaped(f'[quota]\nexercise = "{times}/week 30m"').plan()
    assert [row[:3] for row in sessions(plan)] == days


def test_a_session_is_a_block_of_its_own_with_a_name_and_a_reason() -> None:
    plan = shaped(SPORT).plan()
    first = plan.blocks[0]
    assert (first.title, first.tasks, first.reason) == ("exercise", (), "session 1 of 3 a week")
    assert first.session == "#exercise 2026-11-23 1"
    assert plan.unplaced == ()


def test_a_week_has_no_more_than_one_session_a_day_and_says_what_has_no_day() -> None:
    plan = shaped('[quota]\nexercise = "7/week 30m"').plan()
    assert len(sessions(plan)) == 5
    assert plan.notices == ("“exercise”: no day of this week is left for 2 of 7 sessions",)


@pytest.mark.parametrize(("week_start", "session"), [(0, "2026-11-30 1"), (6, "2026-11-29 1")])
def test_the_week_begins_when_the_person_says(week_start: int, session: str) -> None:
    case = shaped('[quota]\nexercise = "1/week 30m"', now=at("08:00", SUNDAY))
    inputs = case.tasks, case.hours, case.settings, case.busy, case.now, case.zone
    plan = plan_days(*inputs, None, case.shape, week_start)
    assert [block.session for block in plan.blocks] == [f"#exercise {session}"]


def test_a_session_moves_within_its_own_days_where_the_first_is_full() -> None:
    plan = shaped(SPORT, busy=(busy("08:00", "19:00", WEDNESDAY),)).plan()
    assert sessions(plan) == [
        "Mon 09:00-09:30 exercise",
        "Thu 09:00-09:30 exercise",
        "Fri 09:00-09:30 exercise",
    ]


def test_a_session_that_finds_no_place_is_told() -> None:
    meetings = tuple(busy("08:00", "19:00", day) for day in (WEDNESDAY, THURSDAY))
    plan = shaped(SPORT, busy=meetings).plan()
    assert len(sessions(plan)) == 2
    assert plan.notices == ("“exercise” has no free 30m from Wed to Thu: session 2 of 3 a week",)


def test_a_session_is_never_cut() -> None:
    plan = shaped('[quota]\npiano = "1/week 3h"').plan()
    assert sessions(plan) == ["Mon 09:00-12:00 piano"]


def test_sessions_count_for_the_daily_load() -> None:
    toml = '[quota]\npiano = "5/week 1h"\n[plan]\ndaily_load = 60\n'
    plan = shaped(toml, task("Sort", estimate=HOUR)).plan()
    days = [block.start.date() for block in plan.blocks]
    assert len(days) == len(set(days))


def test_a_session_has_the_time_of_day_that_suits_its_tag() -> None:
    plan = shaped(SPORT + '[prefer]\n"#exercise" = "16:00-18:00"').plan()
    assert sessions(plan)[0] == "Mon 16:00-16:30 exercise"


def test_a_session_fills_the_block_that_is_kept_for_its_tag() -> None:
    block = '[[blocks]]\nname = "gym"\ndays = "sat-sun"\ntime = "08:00-09:00"\nonly = "#exercise"\n'
    plan = shaped(block + '[quota]\nexercise = "7/week 30m"').plan()
    assert sessions(plan)[-2:] == ["Sat 08:00-08:30 exercise", "Sun 08:00-08:30 exercise"]


# What counts as done


def test_a_tick_of_the_week_is_a_session() -> None:
    plan = shaped(SPORT, ticked(MONDAY), now=at("18:30")).plan()
    assert [b.session for b in plan.blocks][:2] == [
        "#exercise 2026-11-23 2",
        "#exercise 2026-11-23 3",
    ]


def test_two_ticks_on_one_day_are_one_session() -> None:
    again = ticked(MONDAY)._replace(uid="again")
    plan = shaped(SPORT, ticked(MONDAY), again, now=at("19:00")).plan()
    assert len([row for row in sessions(plan) if not row.startswith("Mon")]) == 2


def test_nothing_is_planned_on_a_day_that_has_its_tick() -> None:
    plan = shaped(SPORT, ticked(TUESDAY), now=at("08:00", TUESDAY)).plan()
    assert [row[:3] for row in sessions(plan)] == ["Wed", "Fri", "Mon"]


def test_with_ticks_what_was_missed_is_made_up_for() -> None:
    plan = shaped(SPORT, ticked(MONDAY), now=at("08:00", THURSDAY)).plan()
    assert [row[:3] for row in sessions(plan)][:2] == ["Thu", "Fri"]


def test_without_ticks_the_sessions_of_days_gone_by_count_as_done() -> None:
    plan = shaped(SPORT, now=at("08:00", THURSDAY)).plan()
    assert plan.blocks[0].session == "#exercise 2026-11-23 3"
    assert sessions(plan)[0].startswith("Fri")


def test_a_session_put_off_by_a_day_is_not_taken_for_done() -> None:
    full = (busy("08:00", "19:00", MONDAY),)
    last = shaped(SPORT, busy=full).plan()
    assert sessions(last)[0].startswith("Tue")
    plan = shaped(SPORT, now=at("08:00", TUESDAY)).plan(last)
    assert [row[:3] for row in sessions(plan)][:3] == ["Tue", "Wed", "Fri"]


def test_a_session_of_this_morning_is_over_and_still_shown() -> None:
    last = shaped(SPORT).plan()
    plan = shaped(SPORT, task("New", estimate=HOUR), now=at("10:00")).plan(last)
    assert sessions(plan)[0] == "Mon 09:00-09:30 exercise"
    assert [row[:3] for row in sessions(plan)] == ["Mon", "Wed", "Fri"]


def test_a_written_time_is_a_session_of_its_own() -> None:
    yoga = task("Yoga", tags=TAG, scheduled=WEDNESDAY, begins=time(18), ends=time(19))
    plan = shaped(SPORT, yoga).plan()
    assert [row[:3] for row in sessions(plan)] == ["Mon", "Fri"]
    assert "Wed 18:00-19:00 Yoga" in rows(plan)


# What is done in them


def test_an_open_task_with_the_tag_fills_a_session() -> None:
    run = task("Run in the park", tags=TAG)
    plan = shaped(SPORT, run).plan()
    assert sessions(plan)[0] == "Mon 09:00-09:30 Run in the park"
    assert plan.blocks[0].tasks == ("Run in the park",)
    assert sessions(plan)[1] == "Wed 09:00-09:30 exercise"


def test_a_long_task_fills_one_session_after_the_other_and_nothing_else() -> None:
    book = task("Dune", tags=("#reading",), estimate=5 * HOUR)
    plan = shaped(READING, book).plan()
    assert rows(plan) == ["Mon 09:00-09:45 Dune", "Thu 09:00-09:45 Dune"]


def test_a_task_without_a_date_waits_for_its_session_and_is_named() -> None:
    books = [task(f"Book {n}", tags=("#reading",), estimate=HOUR) for n in range(2)]
    plan = shaped(READING, *books).plan()
    assert [block.tasks for block in plan.blocks] == [("Book 0",), ("Book 0",)]
    assert unplaced(plan) == {"Book 1": "waits for a session of #reading"}


def test_a_task_that_nothing_else_asks_for_waits_without_a_word() -> None:
    books = [task(f"Book {n}", tags=("#reading",)) for n in range(4)]
    plan = shaped(READING, *books).plan()
    assert [block.tasks for block in plan.blocks] == [("Book 0",), ("Book 1",)]
    assert plan.unplaced == ()


def test_a_due_task_that_no_session_can_hold_is_planned_like_any_other() -> None:
    essay = task("Essay", tags=("#reading",), estimate=2 * HOUR, due=TUESDAY)
    plan = shaped(READING, essay).plan()
    assert [b.session for b in plan.blocks if b.title == "Essay"] == ["", ""]
    assert not any(block.late for block in plan.blocks)


def test_a_session_that_makes_a_day_too_full_for_a_due_date_says_so() -> None:
    toml = '[quota]\n"#reading" = "1/week 1h"\n[plan]\ndaily_load = 60\n'
    taxes = task("Taxes", estimate=HOUR, due=MONDAY)
    essay = task("Essay", tags=("#reading",), estimate=HOUR, due=MONDAY)
    plan = shaped(toml, taxes, essay).plan()
    assert reasons(plan)["Essay"] == (
        "session 1 of 1 a week, over 1h of focus that day, to be in time"
    )


def test_a_daily_task_fills_the_session_of_its_day_and_no_other() -> None:
    walk = task("Walk", tags=TAG, recurrence="every day", estimate=minutes(20))
    plan = shaped(SPORT, walk).plan()
    assert sessions(plan)[:2] == ["Mon 09:00-09:30 Walk", "Wed 09:00-09:30 exercise"]
    assert [block.title for block in plan.blocks].count("Walk") == 1


def test_a_task_that_repeats_daily_waits_for_the_next_session() -> None:
    walk = task("Walk", tags=TAG, recurrence="every day", estimate=minutes(20))
    plan = shaped(SPORT, walk, ticked(MONDAY), now=at("08:00", TUESDAY)).plan()
    assert rows(plan)[0] == "Wed 09:00-09:30 Walk"
    assert plan.unplaced == ()


def test_a_daily_task_with_a_date_is_planned_for_it() -> None:
    walk = task("Walk", tags=TAG, recurrence="every day", estimate=minutes(20), scheduled=TUESDAY)
    plan = shaped(SPORT, walk, ticked(MONDAY), now=at("08:00", TUESDAY)).plan()
    assert "Tue 09:00-09:20 Walk" in rows(plan)


def test_a_task_that_others_wait_for_is_planned_by_itself() -> None:
    ask = task("Ask", tags=TAG, id="a", estimate=minutes(30))
    book = task("Book", depends_on=("a",), estimate=HOUR, due=FRIDAY)
    plan = shaped(SPORT, ask, book).plan()
    assert {"Ask", "Book", "exercise"} == set(reasons(plan))
    assert unplaced(plan) == {}


def test_a_session_whose_task_finds_no_place_names_the_task() -> None:
    toml = '[hours]\nmon = ["09:00-10:00"]\ntue-fri = []\n[quota]\nexercise = "1/week 30m"'
    run = task("Run", tags=TAG, estimate=minutes(30))
    plan = shaped(toml, run, busy=(busy("08:00", "10:00"),)).plan()
    assert list(unplaced(plan)) == ["Run"]


def test_a_session_stays_where_it_was_when_other_tasks_come() -> None:
    last = shaped(SPORT).plan()
    plan = shaped(SPORT, task("Write", estimate=2 * HOUR)).plan(last)
    assert sessions(plan) == sessions(last)


@pytest.mark.usefixtures("short_search")
@settings(max_examples=8, deadline=None, database=None)
@given(
    steps=st.lists(st.integers(20, 900), min_size=6, max_size=12),
    meetings=st.lists(st.tuples(st.integers(0, 7000), st.sampled_from([60, 500])), max_size=6),
    forgets=st.sets(st.integers(0, 11)),
)
def test_over_a_week_of_plans_no_quota_is_exceeded_also_when_the_index_is_lost(
    steps: list[int], meetings: list[tuple[int, int]], forgets: set[int]
) -> None:
    """What stays in the feed is what took place."""
    now, opens, last = at("07:30"), at("08:00"), Plan()
    feed: bytes | None = None
    for number, step in enumerate(steps):
        known = [
            Block(opens + minutes(start), opens + minutes(start + length), "", Kind.BUSY)
            for start, length in meetings
            if start < 700 * number
        ]
        if number in forgets and feed:
            last = ics.last_plan(feed, BERLIN)
        last = shaped(SPORT, now=now, busy=tuple(known)).plan(last)
        feed = _published(last, now, feed)
        now += minutes(step)
    days = [block.start.date() for block in ics.last_plan(feed or b"", BERLIN).blocks]
    assert len(days) == len(set(days))
    assert sum(day <= SUNDAY for day in days) <= 3


def _published(plan: Plan, now: datetime, feed: bytes | None) -> bytes:
    return ics.feed(
        plan,
        {},
        FeedSettings(),
        vault_name="v",
        vault_root="/v",
        now=now,
        published=feed,
    )
