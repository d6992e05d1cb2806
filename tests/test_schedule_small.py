"""Small tasks in batches, what comes back every day, and the plan before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest

from mdtasks.model import Kind, Priority, Task
from mdtasks.settings import Hours, Span
from tests.planned import (
    EARLY,
    FRIDAY,
    HOUR,
    MONDAY,
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

# Small tasks.


def small(names: Iterable[str], **fields: object) -> list[Task]:
    return [task(name, due=MONDAY, **fields) for name in names]


def test_small_tasks_share_a_block() -> None:
    (block,) = planned(*small(["Call Bo", "Buy bulbs", "Pay rent"], estimate=minutes(7))).blocks
    assert block.kind is Kind.MICRO
    assert (block.end - block.start) == minutes(25)
    assert block.title == "3 small tasks: Call Bo, Pay rent, Buy bulbs"
    assert block.reason == "most urgent: due today"


def test_a_task_without_an_estimate_is_small() -> None:
    (block,) = planned(task("Dream big", priority=Priority.HIGHEST)).blocks
    assert block.kind is Kind.MICRO
    assert block.title == "Dream big"
    assert block.end - block.start == minutes(15)


def test_a_batch_has_six_tasks_at_most() -> None:
    plan = planned(*small([f"Call {n}" for n in range(8)], estimate=minutes(5)))
    assert [len(block.tasks) for block in plan.blocks] == [6, 2]


def test_contexts_stay_together() -> None:
    home = small(["Sweep", "Mop", "Dust", "Cook", "Bake", "Wash"], tags=("#home",))
    phone = [t._replace(text=f"{t.text} @phone") for t in small(["Bo", "Al", "Cy"])]
    first, second = planned(*home[:3], *phone, *home[3:]).blocks
    calls = {"Bo", "Al", "Cy"}
    assert calls <= set(first.tasks) or calls <= set(second.tasks)


def test_a_batch_of_one_context_says_so() -> None:
    (block,) = planned(*small(["Sweep", "Mop"], tags=("#home",))).blocks
    assert block.reason == "all #home; most urgent: due today"


def test_small_tasks_fill_the_gaps_that_focus_leaves() -> None:
    write = task("Write", estimate=3 * HOUR, due=MONDAY, priority=Priority.HIGHEST)
    plan = planned(write, task("Call Bo", due=MONDAY))
    assert rows(plan) == [
        "Mon 09:00-10:30 Write",
        "Mon 10:35-12:05 Write",
        "Mon 12:10-12:25 Call Bo",
    ]


def test_time_is_held_back_for_a_small_task_that_would_miss_its_due_date() -> None:
    last_hour = datetime(2026, 11, 23, 17, 0, tzinfo=BERLIN)
    write = task("Write", estimate=HOUR, priority=Priority.HIGHEST)
    plan = planned(write, task("Pay", due=MONDAY), now=last_hour)
    assert {block.title: f"{block.start:%a}" for block in plan.blocks} == {
        "Pay": "Mon",
        "Write": "Tue",
    }


def test_three_batches_a_day_are_enough_unless_more_is_due() -> None:
    pile = [task(f"Old {n}", due=date(2026, 10, 1)) for n in range(40)]
    sizes = dict.fromkeys((MONDAY, TUESDAY, WEDNESDAY), 0)
    for block in planned(*pile).blocks:
        sizes[block.start.date()] += len(block.tasks)
    assert sizes == {MONDAY: 18, TUESDAY: 18, WEDNESDAY: 4}
    due = planned(*small([f"Call {n}" for n in range(24)]))
    assert {block.start.date() for block in due.blocks} == {MONDAY}


def test_batches_on_both_sides_of_midnight_keep_the_buffer() -> None:
    nights = Hours(((Span(time(22), time(6)),),) * 7)
    late = datetime(2026, 11, 23, 22, 0, tzinfo=BERLIN)
    # Two batches fill the two hours before midnight but for the buffer between them.
    pile = small([f"Call {n}" for n in range(12)])
    pile = [each._replace(estimate=minutes(10)) for each in pile[:7]] + pile[7:]
    blocks = planned(*pile, now=late, hours=nights).blocks
    for one, other in pairwise(blocks):
        assert other.start - one.end >= minutes(5)


# What comes back every day.


def test_a_daily_task_has_a_block_today() -> None:
    plan = planned(task("Read", recurrence="every day", estimate=minutes(30)))
    assert rows(plan) == ["Mon 09:00-09:30 Read"]
    assert reasons(plan) == {"Read": "every day"}


def test_a_daily_task_is_for_its_own_day_alone() -> None:
    read = task("Read", recurrence="every day", estimate=minutes(30), due=THURSDAY)
    assert rows(planned(read)) == ["Thu 09:00-09:30 Read"]
    evening = datetime(2026, 11, 23, 18, 0, tzinfo=BERLIN)
    today = read._replace(due=MONDAY)
    assert unplaced(planned(today, now=evening)) == {"Read": "no working time left today"}


def test_a_task_of_every_weekday_rests_on_saturday() -> None:
    saturday = datetime(2026, 11, 28, 8, 0, tzinfo=BERLIN)
    hours = Hours(((Span(time(9), time(12)),),) * 7)
    mail = task("Mail", recurrence="every weekday", estimate=minutes(30), due=FRIDAY)
    assert rows(planned(mail, now=saturday, hours=hours)) == ["Mon 09:00-09:30 Mail"]


def test_small_daily_tasks_go_into_a_batch() -> None:
    stretch = task("Stretch", recurrence="every day", estimate=minutes(10))
    (block,) = planned(stretch, task("Call", due=MONDAY)).blocks
    assert set(block.tasks) == {"Stretch", "Call"}


# Against the last plan.


def test_a_block_that_has_begun_stays_though_something_matters_more() -> None:
    write = task("Write", estimate=HOUR)
    last = planned(write)
    then = EARLY + minutes(75)
    urgent = task("Fire", estimate=HOUR, due=MONDAY, priority=Priority.HIGHEST)
    plan = case(write, urgent, now=then).plan(last)
    assert rows(plan) == ["Mon 09:00-10:00 Write", "Mon 10:05-11:05 Fire"]
    assert plan.moves == 0


def test_the_next_hour_is_frozen_and_no_more() -> None:
    write = task("Write", estimate=HOUR)
    fire = task("Fire", estimate=HOUR, due=MONDAY, due_time=time(11), priority=Priority.HIGHEST)
    last = planned(write)
    early = case(write, fire, now=EARLY - HOUR).plan(last)
    assert [block.title for block in early.blocks] == ["Fire", "Write"]
    assert early.moves == 1
    soon = case(write, fire, now=EARLY + minutes(30)).plan(last)
    assert [block.title for block in soon.blocks] == ["Write", "Fire"]


def test_a_frozen_block_gives_way_to_a_meeting() -> None:
    write = task("Write", estimate=HOUR)
    last = planned(write)
    plan = case(write, now=EARLY + minutes(30), busy=(busy("09:30", "10:30"),)).plan(last)
    assert rows(plan) == ["Mon 10:30-11:30 Write"]
    assert plan.moves == 1


def test_finishing_one_task_moves_one_into_its_place_at_most() -> None:
    tasks = [task(f"Work {n}", estimate=HOUR, due=FRIDAY) for n in range(8)]
    last = planned(*tasks)
    first, third = last.blocks[0].tasks[0], last.blocks[2].tasks[0]
    plan = case(*(t for t in tasks if t.uid != third)).plan(last)
    assert plan.moves == 1
    assert plan.blocks[0].tasks == (first,)
    assert {f"{block.start:%a}" for block in plan.blocks[:5]} == {"Mon"}


def test_a_block_whose_task_was_made_shorter_is_placed_anew() -> None:
    last = planned(task("Write", estimate=HOUR))
    plan = case(task("Write", estimate=minutes(30)), now=EARLY + minutes(90)).plan(last)
    assert [block.end - block.start for block in plan.blocks] == [minutes(30)]


def test_a_batch_that_has_begun_keeps_its_slot_for_what_is_left() -> None:
    calls = small(["Bo", "Al", "Cy"])
    last = planned(*calls)
    plan = case(*calls[1:], now=EARLY + minutes(70)).plan(last)
    assert [(b.start, b.end) for b in plan.blocks] == [(b.start, b.end) for b in last.blocks]
    assert set(plan.blocks[0].tasks) == {"Al", "Cy"}


# Size.


def test_a_plan_names_its_days_though_nothing_is_planned() -> None:
    assert planned().days == tuple(MONDAY + timedelta(days=n) for n in range(7))


@pytest.mark.parametrize("estimate", [None, HOUR])
def test_a_pile_of_thousands_fills_the_week_and_the_rest_is_named(
    estimate: timedelta | None,
) -> None:
    pile = [task(f"Old {n}", due=date(2026, 1, 1), estimate=estimate) for n in range(5000)]
    plan = case(*pile).plan()
    placed = {uid for block in plan.blocks for uid in block.tasks}
    assert len(placed) >= 20
    assert len(placed) + len(plan.unplaced) == len(pile)
