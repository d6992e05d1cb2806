"""Time of a day that a person keeps: exceptions to the hours, named blocks, lunch."""

from __future__ import annotations

from datetime import date, time

import pytest

from mdtasks.model import Kind
from tests.planned import HOUR, MONDAY, busy, reasons, rows, unplaced
from tests.planner_rules import minutes, task
from tests.shaped import at, kept_free, of_kind, shaped

DEEP = """
[[blocks]]
name = "deep work"
days = "mon-tue"
time = "09:00-11:00"
only = ["#writing", "@desk"]
"""
MAIL = """
[[blocks]]
name = "email"
days = "mon"
minutes = 30
time = "morning"
only = "@email"
"""
LUNCH = '[breaks]\nlunch = { window = "11:30-14:00", minutes = 45 }\n'
ALL_DAY = '[hours]\nmon-fri = ["09:00-18:00"]\n'
MONDAY_ALONE = '[hours]\nmon = ["09:00-18:00"]\ntue-fri = []\n'

# Exceptions to the hours


def test_a_date_in_hours_goes_before_its_weekday() -> None:
    toml = '[hours]\n2026-11-23 = ["14:00-15:00"]\n2026-11-24 = []\n2026-11-28 = ["08:00-09:00"]'
    plan = shaped(toml, *(task(f"Work {n}", estimate=HOUR) for n in range(6))).plan()
    assert rows(plan)[0].startswith("Mon 14:00-15:00")
    assert rows(plan)[1].startswith("Wed 09:00-10:00")


def test_a_range_of_dates_is_free_also_over_the_turn_of_the_year() -> None:
    toml = '[hours]\n"2026-12-30..2027-01-01" = []'
    plan = shaped(toml, task("Work", estimate=HOUR), now=at("08:00", date(2026, 12, 30))).plan()
    assert rows(plan) == ["Mon 09:00-10:00 Work"]


# Named blocks


def test_a_block_holds_only_the_tasks_with_its_marks() -> None:
    plan = shaped(
        DEEP,
        task("Write", tags=("#writing",), estimate=2 * HOUR),
        task("Sketch @desk", estimate=HOUR),
        task("Sort", estimate=HOUR),
    ).plan()
    assert rows(plan) == [
        "Mon 09:00-10:00 Sketch @desk",
        "Mon 10:05-10:55 Write",
        "Mon 11:00-12:00 Sort",
        "Tue 09:00-10:10 Write",
    ]


def test_what_no_task_fills_is_given_to_nobody_and_shows_under_its_name() -> None:
    plan = shaped(DEEP, task("Sort", estimate=HOUR)).plan()
    assert of_kind(plan, Kind.FOCUS) == ["Mon 11:00-12:00 Sort"]
    assert kept_free(plan) == ["Mon 09:00-11:00 deep work", "Tue 09:00-11:00 deep work"]
    assert reasons(plan)["deep work"] == "kept for #writing @desk"


def test_small_tasks_keep_out_of_a_block_that_is_not_theirs() -> None:
    plan = shaped(DEEP, task("Call Bo", due=MONDAY), task("Stamp @desk", due=MONDAY)).plan()
    found = {title: row for row in rows(plan) for title in ("Call Bo", "Stamp") if title in row}
    assert found["Call Bo"] >= "Mon 11:00"
    assert found["Stamp"].startswith("Mon 09:00")


def test_a_nested_tag_and_either_case_carry_the_mark() -> None:
    plan = shaped(DEEP, task("Write", tags=("#Writing/blog",), estimate=HOUR)).plan()
    assert rows(plan)[0] == "Mon 09:00-10:00 Write"


def test_a_step_fills_the_block_of_its_parent() -> None:
    book = task("Book", tags=("#writing",))
    plan = shaped(DEEP, book, task("Chapter", parent="Book", estimate=HOUR)).plan()
    assert rows(plan)[0] == "Mon 09:00-10:00 Chapter"


def test_a_project_is_a_mark_by_its_name() -> None:
    toml = DEEP.replace('"#writing"', '"Letters"')
    plan = shaped(toml, task("Answer", project="Letters", estimate=HOUR)).plan()
    assert rows(plan)[0] == "Mon 09:00-10:00 Answer"


def test_a_block_outside_of_the_hours_has_room_for_its_own() -> None:
    toml = DEEP.replace("09:00-11:00", "20:00-21:30").replace("mon-tue", "mon")
    plan = shaped(
        toml + MONDAY_ALONE.replace("09:00-18:00", "09:00-10:00"),
        task("Write", tags=("#writing",), estimate=HOUR),
        task("Sort", estimate=HOUR),
    ).plan()
    assert sorted(rows(plan)) == ["Mon 09:00-10:00 Sort", "Mon 20:00-21:00 Write"]


def test_on_a_date_that_hours_make_free_there_are_no_blocks() -> None:
    plan = shaped(DEEP + "[hours]\n2026-11-24 = []").plan()
    assert kept_free(plan) == ["Mon 09:00-11:00 deep work"]


def test_a_block_without_days_is_on_each_day_with_hours() -> None:
    toml = '[[blocks]]\nname = "stretch"\ntime = "15:00-15:30"\n[hours]\nwed-fri = []'
    plan = shaped(toml).plan()
    assert kept_free(plan) == ["Mon 15:00-15:30 stretch", "Tue 15:00-15:30 stretch"]
    assert reasons(plan)["stretch"] == "kept free"


def test_a_block_over_midnight_also_keeps_the_night_that_is_running() -> None:
    toml = '[[blocks]]\nname = "sleep"\ndays = "sun-mon"\ntime = "22:30-06:30"\n'
    assert kept_free(shaped(toml, now=at("00:10")).plan()) == [
        "Mon 00:00-06:30 sleep",
        "Mon 22:30-00:00 sleep",
        "Tue 00:00-06:30 sleep",
        "Sun 22:30-00:00 sleep",
    ]


def test_a_block_that_is_new_drives_out_what_the_last_plan_had_there() -> None:
    sort, call = task("Sort", estimate=HOUR), task("Call", due=MONDAY)
    last = shaped("", sort, call).plan()
    plan = shaped(DEEP, sort, call).plan(last)
    assert all(b.kind is Kind.BREAK for b in plan.blocks if at("09:00") <= b.start < at("11:00"))


def test_of_two_blocks_at_one_time_the_first_in_the_file_has_it() -> None:
    other = '[[blocks]]\nname = "late"\ndays = "mon"\ntime = "10:00-12:00"\n'
    assert kept_free(shaped(DEEP + other).plan())[:2] == [
        "Mon 09:00-11:00 deep work",
        "Mon 11:00-12:00 late",
    ]


def test_a_part_of_the_day_is_what_of_it_is_working_time() -> None:
    toml = DEEP.replace("09:00-11:00", "morning")
    assert kept_free(shaped(toml).plan())[0] == "Mon 09:00-12:00 deep work"


def test_a_flexible_block_lies_early_in_its_window_around_meetings_and_pins() -> None:
    plan = shaped(
        MAIL,
        task("Standup", scheduled=MONDAY, begins=time(9), ends=time(9, 20)),
        busy=(busy("09:30", "10:00"),),
    ).plan()
    assert kept_free(plan) == ["Mon 10:00-10:30 email"]


def test_a_flexible_block_without_room_is_told() -> None:
    plan = shaped(MAIL, busy=(busy("08:00", "12:30"),)).plan()
    assert kept_free(plan) == []
    assert plan.notices == ("“email” has no free 30m today",)


def test_a_flexible_block_stays_where_it_was_as_the_day_goes_by() -> None:
    mail = task("Answer @email", estimate=minutes(10))
    plan = shaped(MAIL, mail, now=at("09:20")).plan()
    assert rows(plan) == ["Mon 09:20-09:30 Answer @email"]


def test_a_written_time_across_a_block_stands_and_says_so() -> None:
    call = task("Call", scheduled=MONDAY, begins=time(10), ends=time(10, 30))
    write = task("Write", tags=("#writing",), estimate=minutes(30), due=MONDAY)
    plan = shaped(DEEP, call, write).plan()
    assert "Mon 10:00-10:30 Call" in rows(plan)
    assert reasons(plan)["Call"] == "you wrote 10:00, overlaps “deep work”"


def test_a_written_time_in_the_block_of_its_own_tag_overlaps_nothing() -> None:
    talk = task("Talk", tags=("#writing",), scheduled=MONDAY, begins=time(10), ends=time(11))
    assert reasons(shaped(DEEP, talk).plan())["Talk"] == "you wrote 10:00"


# Lunch


def test_lunch_is_kept_near_the_middle_of_its_window() -> None:
    plan = shaped(ALL_DAY + LUNCH, *(task(f"Work {n}", estimate=HOUR) for n in range(6))).plan()
    lunches = kept_free(plan)
    assert lunches[:2] == ["Mon 12:20-13:05 lunch", "Tue 12:20-13:05 lunch"]
    assert len(lunches) == 5


def test_lunch_lies_where_nobody_works_if_the_hours_leave_room() -> None:
    assert kept_free(shaped(LUNCH).plan())[0] == "Mon 12:30-13:15 lunch"


def test_lunch_goes_around_meetings_and_written_times() -> None:
    walk = task("Walk", scheduled=MONDAY, begins=time(13), ends=time(13, 15))
    plan = shaped(ALL_DAY + LUNCH, walk, busy=(busy("12:00", "13:00"),)).plan()
    assert kept_free(plan)[0] == "Mon 13:15-14:00 lunch"


def test_lunch_goes_around_a_block_if_it_can() -> None:
    block = '[[blocks]]\nname = "deep"\ndays = "mon"\ntime = "11:00-13:00"\nonly = "#deep"\n'
    plan = shaped(block + ALL_DAY + LUNCH).plan()
    assert kept_free(plan)[:2] == ["Mon 11:00-13:00 deep", "Mon 13:00-13:45 lunch"]
    whole = shaped(block.replace("13:00", "14:00") + ALL_DAY + LUNCH).plan()
    assert "Mon 12:20-13:05 lunch" in kept_free(whole)


def test_a_lunch_without_room_is_the_longest_stretch_that_is_free_and_says_so() -> None:
    meetings = (busy("11:00", "12:00"), busy("12:10", "13:30"))
    plan = shaped(MONDAY_ALONE + LUNCH, busy=meetings).plan()
    assert kept_free(plan) == ["Mon 13:30-14:00 lunch"]
    assert reasons(plan)["lunch"] == "only 30m is free between 11:30 and 14:00"
    assert plan.notices == ("lunch is short today: only 30m is free between 11:30 and 14:00",)


def test_a_day_without_any_lunch_is_told() -> None:
    plan = shaped(MONDAY_ALONE + LUNCH, busy=(busy("11:00", "15:00"),)).plan()
    assert kept_free(plan) == []
    assert plan.notices == ("no lunch today: nothing is free between 11:30 and 14:00",)


def test_a_written_time_that_takes_lunch_away_stands_and_says_so() -> None:
    talk = task("Talk", scheduled=MONDAY, begins=time(11), ends=time(13, 30))
    plan = shaped(ALL_DAY + LUNCH, talk).plan()
    assert reasons(plan)["Talk"] == "you wrote 11:00, overlaps lunch"
    assert kept_free(plan)[0] == "Mon 13:30-14:00 lunch"


def test_there_is_no_lunch_on_a_day_that_does_not_work_then() -> None:
    toml = '[hours]\nmon = ["09:00-11:00"]\ntue = []\nwed-fri = []\n'
    assert kept_free(shaped(toml + LUNCH).plan()) == []


def test_lunch_stays_as_the_day_goes_by_and_is_gone_once_it_is_over() -> None:
    during = shaped(ALL_DAY + LUNCH, now=at("12:30")).plan()
    assert kept_free(during)[0] == "Mon 12:20-13:05 lunch"
    assert kept_free(shaped(ALL_DAY + LUNCH, now=at("13:10")).plan())[0].startswith("Tue")


def test_a_meeting_that_comes_up_moves_lunch_to_later_not_into_the_past() -> None:
    last = shaped(ALL_DAY + LUNCH).plan()
    then = shaped(ALL_DAY + LUNCH, now=at("12:05"), busy=(busy("12:15", "13:15"),))
    assert kept_free(then.plan())[0] == "Mon 11:30-12:15 lunch"
    assert kept_free(then.plan(last))[0] == "Mon 13:15-14:00 lunch"


def test_focus_keeps_clear_of_lunch_and_needs_no_buffer_beside_it() -> None:
    long = task("Write", estimate=4 * HOUR, due=MONDAY)
    plan = shaped(ALL_DAY + LUNCH, long).plan()
    lunch = next(block for block in plan.blocks if block.title == "lunch")
    others = [block for block in plan.blocks if block is not lunch]
    assert all(b.end <= lunch.start or b.start >= lunch.end for b in others)


# Times of day


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ('"afternoon"', "Mon 13:30-14:30 Think"),
        ('"15:00-17:00"', "Mon 15:00-16:00 Think"),
        ('["16:30-18:00", "evening"]', "Mon 16:30-17:30 Think"),
    ],
)
def test_a_task_stands_at_the_time_of_day_that_suits_it(wish: str, expected: str) -> None:
    plan = shaped(f'[prefer]\n"#deep" = {wish}', task("Think", tags=("#deep",), estimate=HOUR))
    assert rows(plan.plan()) == [expected]


def test_of_two_wishes_the_first_that_fits_counts() -> None:
    toml = '[prefer]\n"@phone" = "16:00-18:00"\n"#deep" = "morning"'
    plan = shaped(toml, task("Talk @phone", tags=("#deep",), estimate=HOUR)).plan()
    assert rows(plan) == ["Mon 16:00-17:00 Talk @phone"]


def test_a_time_of_day_is_a_wish_and_a_due_date_goes_first() -> None:
    toml = '[prefer]\n"#deep" = "evening"'
    plan = shaped(toml, task("Think", tags=("#deep",), estimate=HOUR, due=MONDAY)).plan()
    assert not plan.blocks[0].late


# What comes back every day


def test_a_daily_task_falls_on_its_day_at_the_time_that_suits_it() -> None:
    toml = '[prefer]\n"#walk" = "16:00-18:00"'
    small = task("Stretch", tags=("#walk",), recurrence="every day", estimate=minutes(10))
    long = task("Walk", tags=("#walk",), recurrence="every day", estimate=minutes(40))
    plan = shaped(toml, small, long).plan()
    assert sorted(b.title for b in plan.blocks if b.start >= at("16:00")) == ["Stretch", "Walk"]
    assert {b.start.date() for b in plan.blocks} == {MONDAY}


def test_daily_tasks_are_not_worth_an_overfull_day() -> None:
    walks = (task(f"Walk {n}", recurrence="every day", estimate=minutes(40)) for n in range(2))
    plan = shaped("[plan]\ndaily_load = 60", *walks).plan()
    assert len(plan.blocks) == 1
    assert list(unplaced(plan).values()) == ["no free 40m today, at most 1h of focus a day"]


def test_a_small_daily_task_is_no_focus_and_knows_no_load() -> None:
    due = task("Taxes", estimate=HOUR, due=MONDAY)
    walk = task("Stretch", recurrence="every day", estimate=minutes(15))
    plan = shaped("[plan]\ndaily_load = 60", due, walk).plan()
    assert {block.title for block in plan.blocks} == {"Taxes", "Stretch"}


def test_a_daily_task_that_is_due_is_in_time_on_a_full_day() -> None:
    due = task("Taxes", estimate=HOUR, due=MONDAY)
    water = task("Water", recurrence="every day", estimate=minutes(40), due=MONDAY)
    plan = shaped("[plan]\ndaily_load = 60", due, water).plan()
    assert {block.title for block in plan.blocks} == {"Taxes", "Water"}
