"""What the planner promises, one claim a test, on a Monday in Berlin."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from mdtasks.model import Kind, Priority, Status
from mdtasks.settings import PlanSettings
from tests.planned import (
    DECEMBER,
    FRIDAY,
    HOUR,
    MONDAY,
    SATURDAY,
    SUNDAY,
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

# Who is planned.


@pytest.mark.parametrize(
    "fields",
    [
        {"status": Status.IN_PROGRESS},
        {"due": SUNDAY},
        {"due": date(2026, 1, 1)},
        {"scheduled": WEDNESDAY},
        {"priority": Priority.MEDIUM},
        {"estimate": HOUR},
        {"begins": time(11)},
    ],
)
def test_a_task_that_is_wanted_is_planned(fields: dict[str, object]) -> None:
    assert len(planned(task("Write", **fields)).blocks) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"priority": Priority.LOW},
        {"due": DECEMBER},
        {"due": MONDAY, "assignee": "Bo"},
        {"due": MONDAY, "status": Status.ON_HOLD},
        {"due": MONDAY, "status": Status.DONE},
        {"estimate": HOUR, "start": DECEMBER},
        {"estimate": HOUR, "scheduled": DECEMBER},
    ],
)
def test_what_nobody_wants_this_week_waits_in_the_lists(fields: dict[str, object]) -> None:
    plan = planned(task("Write", **fields))
    assert plan.blocks == ()
    assert plan.unplaced == ()


def test_a_parent_is_planned_by_its_open_subtasks_which_take_its_dates() -> None:
    tasks = [
        task("Move", due=FRIDAY, estimate=8 * HOUR),
        task("Pack", parent="Move", estimate=HOUR),
        task("Sweep", parent="Move"),
        task("Sign", parent="Move", status=Status.DONE),
    ]
    plan = case(*tasks).plan()
    assert rows(plan) == ["Mon 09:00-10:00 Pack", "Mon 10:05-10:20 Sweep"]
    assert reasons(plan) == {"Pack": "due Fri", "Sweep": "due Fri"}


def test_a_parent_whose_subtasks_are_all_set_aside_is_planned_itself() -> None:
    report = task("Report", due=FRIDAY, estimate=HOUR)
    plan = case(report, task("Data", parent="Report", assignee="Bo")).plan()
    assert rows(plan) == ["Mon 09:00-10:00 Report"]


def test_a_pinned_parent_holds_its_subtasks() -> None:
    meeting = task("Board", scheduled=MONDAY, begins=time(10), ends=time(11))
    plan = case(meeting, task("Budget", parent="Board", estimate=HOUR)).plan()
    assert rows(plan) == ["Mon 10:00-11:00 Board"]


def test_what_hangs_on_someone_else_is_named_with_its_reason() -> None:
    ask = task("Ask Bo", id="a", assignee="Bo")
    assert unplaced(planned(ask, task("Book", due=FRIDAY, depends_on=("a",)))) == {
        "Book": "waits for “Ask Bo”"
    }


def test_a_due_task_that_starts_after_the_week_is_named() -> None:
    assert unplaced(planned(task("Book", due=FRIDAY, start=DECEMBER))) == {
        "Book": "starts 2026-12-24"
    }


def test_tasks_in_a_circle_are_unplaced() -> None:
    hen = task("Hen", id="h", depends_on=("e",), estimate=HOUR)
    egg = task("Egg", id="e", depends_on=("h",), estimate=HOUR)
    assert unplaced(planned(hen, egg)) == {"Hen": "waits for “Egg”", "Egg": "waits for “Hen”"}


def test_parents_in_a_circle_do_not_hang() -> None:
    one, other = task("One", parent="Other", due=MONDAY), task("Other", parent="One", due=MONDAY)
    assert case(one, other).plan().blocks == ()


# Written times.


def test_a_written_time_stands_outside_working_hours() -> None:
    plan = planned(task("Choir", scheduled=MONDAY, begins=time(20), ends=time(21, 30)))
    assert rows(plan) == ["Mon 20:00-21:30 Choir"]
    assert plan.blocks[0].kind is Kind.FIXED
    assert plan.blocks[0].reason == "you wrote 20:00, outside your hours"


def test_a_written_time_without_end_lasts_as_long_as_the_estimate() -> None:
    call = task("Call", scheduled=MONDAY, begins=time(9))
    long_call = task("Talk", scheduled=MONDAY, begins=time(11), estimate=HOUR)
    assert rows(planned(call, long_call)) == ["Mon 09:00-09:15 Call", "Mon 11:00-12:00 Talk"]


def test_an_end_before_the_begin_is_tomorrow() -> None:
    (block,) = planned(task("Watch", scheduled=MONDAY, begins=time(23), ends=time(1))).blocks
    assert block.end - block.start == 2 * HOUR


def test_written_times_that_overlap_both_stand_and_say_so() -> None:
    one = task("Standup", scheduled=MONDAY, begins=time(10), ends=time(11))
    other = task("Dentist", scheduled=MONDAY, begins=time(10, 30), ends=time(11))
    plan = planned(one, other, busy=(busy("10:45", "12:00"),))
    assert reasons(plan) == {
        "Standup": "you wrote 10:00, overlaps “Meeting”, overlaps “Dentist”",
        "Dentist": "you wrote 10:30, overlaps “Meeting”, overlaps “Standup”",
    }


def test_a_time_that_has_passed_today_stays() -> None:
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=BERLIN)
    call = task("Call", scheduled=MONDAY, begins=time(9))
    assert rows(planned(call, now=noon)) == ["Mon 09:00-09:15 Call"]


def test_a_time_on_a_day_gone_by_is_placed_like_any_other() -> None:
    plan = planned(task("Call", scheduled=date(2026, 11, 20), begins=time(15), estimate=HOUR))
    assert rows(plan) == ["Mon 09:00-10:00 Call"]


def test_focus_keeps_clear_of_written_times() -> None:
    call = task("Call", scheduled=MONDAY, begins=time(9, 30), ends=time(10))
    assert rows(planned(call, task("Write", estimate=HOUR))) == [
        "Mon 09:30-10:00 Call",
        "Mon 10:05-11:05 Write",
    ]


def test_a_time_without_a_day_is_taken_on_the_first_day_that_still_has_it() -> None:
    jog = task("Jog", begins=time(19), estimate=HOUR)
    assert rows(planned(jog)) == ["Mon 19:00-20:00 Jog"]
    late = datetime(2026, 11, 23, 19, 30, tzinfo=BERLIN)
    assert rows(planned(jog, now=late)) == ["Tue 19:00-20:00 Jog"]


def test_a_time_without_a_day_that_is_taken_moves_later() -> None:
    plan = planned(task("Read", begins=time(10), estimate=HOUR), busy=(busy("09:30", "11:00"),))
    assert rows(plan) == ["Mon 11:00-12:00 Read"]


# Days and due dates.


def test_important_work_comes_first() -> None:
    minor = task("Sort", estimate=HOUR)
    major = task("Write", estimate=HOUR, priority=Priority.HIGHEST)
    assert rows(planned(minor, major)) == ["Mon 09:00-10:00 Write", "Mon 10:05-11:05 Sort"]


def test_a_due_date_is_kept_although_something_matters_more() -> None:
    tasks = [
        task("Dream", estimate=5 * HOUR, priority=Priority.HIGHEST, status=Status.IN_PROGRESS),
        task("Taxes", estimate=2 * HOUR, due=MONDAY, priority=Priority.LOWEST),
    ]
    plan = planned(*tasks, settings=PlanSettings(daily_load=5 * HOUR))
    assert not any(block.late for block in plan.blocks)
    assert {block.start.date() for block in plan.blocks if block.title == "Taxes"} == {MONDAY}


def test_what_cannot_be_in_time_comes_as_early_as_can_be_and_says_so() -> None:
    evening = datetime(2026, 11, 23, 17, 30, tzinfo=BERLIN)
    plan = planned(task("Taxes", estimate=HOUR, due=MONDAY), now=evening)
    assert rows(plan) == ["Tue 09:00-10:00 Taxes"]
    assert plan.blocks[0].late
    assert plan.blocks[0].reason == "due today, no free time before then"


def test_a_due_time_is_the_end() -> None:
    plan = planned(
        task("Talk", estimate=HOUR, priority=Priority.HIGHEST),
        task("Slides", estimate=HOUR, due=MONDAY, due_time=time(10)),
    )
    assert rows(plan)[0] == "Mon 09:00-10:00 Slides"
    assert not plan.blocks[0].late


def test_the_lighter_of_two_due_dates_is_missed() -> None:
    evening = datetime(2026, 11, 23, 17, 0, tzinfo=BERLIN)
    light = task("Sort", estimate=HOUR, due=MONDAY, priority=Priority.LOWEST)
    heavy = task("Pay", estimate=HOUR, due=MONDAY, priority=Priority.HIGH)
    late = {block.title: block.late for block in planned(light, heavy, now=evening).blocks}
    assert late == {"Pay": False, "Sort": True}


def test_an_overdue_task_is_late_wherever_it_stands() -> None:
    (block,) = planned(task("Taxes", estimate=HOUR, due=date(2026, 11, 22))).blocks
    assert block.late
    assert block.reason == "was due yesterday"


def test_nothing_comes_before_its_start_or_its_scheduled_day() -> None:
    plan = planned(
        task("Plant", estimate=HOUR, start=TUESDAY), task("Water", estimate=HOUR, scheduled=FRIDAY)
    )
    assert rows(plan) == ["Tue 09:00-10:00 Plant", "Fri 09:00-10:00 Water"]


def test_a_task_comes_after_what_it_waits_for_which_comes_early_for_it() -> None:
    plan = planned(
        task("Book", estimate=HOUR, due=MONDAY, depends_on=("a",)),
        task("Ask", estimate=HOUR, id="a", priority=Priority.LOWEST),
        task("Write", estimate=2 * HOUR, priority=Priority.HIGH),
    )
    order = [block.title for block in plan.blocks]
    assert order.index("Ask") < order.index("Book")
    assert not any(block.late for block in plan.blocks)


def test_a_small_task_that_a_bigger_one_waits_for_stands_alone_before_it() -> None:
    plan = planned(task("Ask", id="a", due=FRIDAY), task("Book", estimate=HOUR, depends_on=("a",)))
    assert rows(plan) == ["Mon 09:00-09:15 Ask", "Mon 09:20-10:20 Book"]


def test_no_day_holds_more_focus_than_the_load() -> None:
    tasks = [task(f"Work {n}", estimate=HOUR) for n in range(4)]
    plan = planned(*tasks, settings=PlanSettings(daily_load=2 * HOUR))
    assert [f"{block.start:%a}" for block in plan.blocks] == ["Mon", "Mon", "Tue", "Tue"]


def test_the_load_gives_way_to_a_due_date_and_that_is_said() -> None:
    tasks = [task(f"Work {n}", estimate=HOUR, due=MONDAY) for n in range(3)]
    plan = planned(*tasks, settings=PlanSettings(daily_load=2 * HOUR))
    assert {f"{block.start:%a}" for block in plan.blocks} == {"Mon"}
    assert set(reasons(plan).values()) == {"due today, over 2h of focus that day, to be in time"}


def test_no_day_is_overfull_only_to_do_more_in_the_week() -> None:
    dues = [task(f"Due {n}", estimate=HOUR, due=FRIDAY) for n in range(8)]
    dear = [task(f"Dear {n}", estimate=HOUR, priority=Priority.HIGHEST) for n in range(12)]
    plan = planned(*dues, *dear, settings=PlanSettings(daily_load=2 * HOUR))
    days = [block.start.date() for block in plan.blocks]
    assert max(days.count(day) for day in days) == 2
    assert not any(block.late for block in plan.blocks)
    assert len(days) == 10


def test_what_finds_no_place_says_what_was_looked_for() -> None:
    weekend = datetime(2026, 11, 28, 8, 0, tzinfo=BERLIN)
    two_days = PlanSettings(days=2)
    tasks = [
        task("Write", estimate=90 * minutes(1)),
        task("Pay", due=SATURDAY),
        task("Rest", due=SUNDAY, estimate=HOUR),
    ]
    assert unplaced(planned(*tasks, now=weekend, settings=two_days)) == {
        "Write": "no working time left from today to tomorrow",
        "Pay": "no working time left today",
        "Rest": "no working time left from today to tomorrow",
    }


def test_what_finds_no_place_on_full_days_says_what_was_looked_for() -> None:
    friday = datetime(2026, 11, 27, 16, 30, tzinfo=BERLIN)
    tasks = [
        task("Write", estimate=90 * minutes(1)),
        task("Pay", due=SATURDAY),
        task("Rest", due=FRIDAY, estimate=HOUR),
    ]
    plan = planned(
        *tasks,
        now=friday,
        busy=(busy("16:40", "18:00", FRIDAY),),
        settings=PlanSettings(days=2),
    )
    assert unplaced(plan) == {
        "Write": "no free 1h30m by tomorrow",
        "Pay": "no free 15m by tomorrow",
        "Rest": "no free 1h by today",
    }


# Pieces.


def test_a_long_task_is_cut_into_even_pieces() -> None:
    plan = planned(task("Write", estimate=2 * HOUR, due=FRIDAY))
    assert rows(plan) == ["Mon 09:00-10:00 Write", "Mon 10:05-11:05 Write"]
    assert [b.reason for b in plan.blocks] == [
        "due Fri, needs 2 × 1h, part 1 of 2",
        "due Fri, part 2 of 2",
    ]


def test_pieces_are_uneven_where_that_lets_important_work_end_before_what_is_lighter() -> None:
    # Two even hours leave no room before lunch for the second: then the lighter one went first.
    plan = planned(
        task("First", estimate=minutes(90), priority=Priority.HIGHEST, due=TUESDAY),
        task("Report", estimate=minutes(120), priority=Priority.HIGH, due=WEDNESDAY),
        task("Slides", estimate=minutes(90), priority=Priority.MEDIUM),
    )
    assert rows(plan) == [
        "Mon 09:00-10:30 First",
        "Mon 10:35-12:05 Report",
        "Mon 13:30-14:00 Report",
        "Mon 14:05-15:35 Slides",
    ]


def test_a_task_is_cut_smaller_only_where_that_saves_a_day() -> None:
    write = task("Write", estimate=HOUR)
    rest_of_day = busy("14:00", "18:00")
    whole = planned(write, busy=(busy("09:00", "12:00"),))
    assert rows(whole) == ["Mon 13:30-14:30 Write"]
    cut = planned(write, busy=(busy("09:00", "12:00"), rest_of_day))
    assert rows(cut) == ["Mon 12:00-12:30 Write", "Mon 13:30-14:00 Write"]


def test_a_gap_is_not_taken_where_the_rest_would_be_too_short() -> None:
    plan = planned(task("Write", estimate=minutes(40)), busy=(busy("09:00", "12:00"),))
    assert rows(plan) == ["Mon 13:30-14:10 Write"]


def test_starts_are_on_the_grid() -> None:
    odd = datetime(2026, 11, 23, 9, 2, tzinfo=BERLIN)
    assert rows(planned(task("Write", estimate=minutes(42)), now=odd)) == ["Mon 09:05-09:50 Write"]
