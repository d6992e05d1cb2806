"""The day's checklist: what it shows, what it counts, what it leaves for another day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from hypothesis import HealthCheck, given, settings

from mdtasks.model import Kind, Plan, Priority, Status, Task, Today
from mdtasks.plan.today import A_FEW, checklist
from mdtasks.settings import PlanSettings
from tests.planner_rules import BERLIN, Case, task
from tests.test_schedule_rules import cases

MONDAY = date(2026, 11, 23)
SUNDAY = date(2026, 11, 22)
FRIDAY = date(2026, 11, 27)
LONG_AGO = date(2026, 1, 1)
HOUR = timedelta(hours=1)
NOTHING_PLANNED = Plan()


def today_of(*tasks: Task, hour: int = 8, day: date = MONDAY) -> Today:
    """Return the list of a planned day."""
    now = datetime.combine(MONDAY, time(hour), BERLIN)
    return checklist(Case(tasks, now).plan(), tasks, day, BERLIN)


def unplanned(*tasks: Task) -> Today:
    """Return the list of a day for which nothing is planned."""
    return checklist(NOTHING_PLANNED, tasks, MONDAY, BERLIN)


def texts(tasks: Sequence[Task]) -> list[str]:
    return [each.text for each in tasks]


def test_the_days_blocks_come_in_order_of_time() -> None:
    found = today_of(
        task("Write", estimate=HOUR),
        task("Choir", scheduled=MONDAY, begins=time(20)),
        task("Plant", estimate=HOUR, scheduled=FRIDAY),
    )
    assert [block.title for block in found.blocks] == ["Write", "Choir"]


def test_another_day_has_its_own_blocks() -> None:
    found = today_of(task("Plant", estimate=HOUR, scheduled=FRIDAY), day=FRIDAY)
    assert [block.title for block in found.blocks] == ["Plant"]


def test_a_block_over_midnight_is_on_both_days() -> None:
    watch = task("Watch", scheduled=MONDAY, begins=time(23), ends=time(1))
    tuesday = MONDAY + timedelta(days=1)
    assert [len(today_of(watch, day=day).blocks) for day in (MONDAY, tuesday, FRIDAY)] == [1, 1, 0]


def test_the_tasks_of_a_batch_are_listed() -> None:
    found = today_of(task("Call", due=MONDAY), task("Pay", due=MONDAY))
    assert [block.kind for block in found.blocks] == [Kind.MICRO]
    assert set(texts(found.micro)) == {"Call", "Pay"}


def test_what_is_due_is_listed_though_there_is_no_plan() -> None:
    found = unplanned(task("Call", due=MONDAY), task("Pay", scheduled=MONDAY), task("Rest"))
    assert texts(found.micro) == ["Call", "Pay", "Rest"]


def test_six_undated_tasks_are_enough() -> None:
    urgent = task("Answer", priority=Priority.HIGH)
    found = unplanned(*(task(f"Some day {n}") for n in range(20)), urgent)
    assert len(found.micro) == A_FEW
    assert found.micro[0] == urgent


def test_an_overdue_pile_is_six_and_a_number() -> None:
    found = unplanned(*(task(f"Old {n}", due=LONG_AGO) for n in range(500)))
    assert len(found.micro) == A_FEW
    assert found.overdue == 494


def test_while_something_is_overdue_less_comes_that_has_no_date() -> None:
    undated = [task(f"Some day {n}") for n in range(9)]
    few = unplanned(*undated, *(task(f"Old {n}", due=LONG_AGO) for n in range(2)))
    assert [text.split()[0] for text in texts(few.micro)] == ["Old"] * 2 + ["Some"] * 4
    many = unplanned(*undated, *(task(f"Old {n}", due=LONG_AGO) for n in range(7)))
    assert [text.split()[0] for text in texts(many.micro)] == ["Old"] * A_FEW


def test_what_did_not_fit_on_other_days_counts_among_the_few() -> None:
    big = [task(f"Big {n}", estimate=30 * HOUR) for n in range(4)]
    found = today_of(*big, *(task(f"Some day {n}") for n in range(9)))
    assert len(found.unplaced) == 4
    assert len(found.micro) == A_FEW - 4


def test_a_full_day_keeps_its_batches_and_a_few_others() -> None:
    small = [task(f"Small {n}", estimate=timedelta(minutes=5)) for n in range(12)]
    found = today_of(*small, *(task(f"Some day {n}") for n in range(9)))
    assert [text.split()[0] for text in texts(found.micro)] == ["Small"] * 12 + ["Some"] * A_FEW


def test_what_holds_a_parent_back_holds_its_subtasks() -> None:
    held = [
        task("Bo's", assignee="Bo"),
        task("Paused", status=Status.ON_HOLD),
        task("Later", start=FRIDAY),
        task("Blocked", depends_on=("a",)),
    ]
    steps = [task(f"step of {each.text}", parent=each.text, due=MONDAY) for each in held]
    found = unplanned(*held, *steps, task("Mine", id="a"))
    assert texts(found.micro) == ["Mine"]


def test_the_plan_shortens_the_pile() -> None:
    found = today_of(*(task(f"Old {n}", due=LONG_AGO) for n in range(500)))
    shown = {uid for block in found.blocks for uid in block.tasks}
    shown |= {each.task for each in found.unplaced}
    assert len(shown) + found.overdue == 500
    assert len(found.unplaced) <= A_FEW


def test_a_scheduled_day_gone_by_is_overdue_too_unless_it_is_due_later() -> None:
    old = [task(f"Old {n}", scheduled=LONG_AGO) for n in range(7)]
    assert unplanned(*old, task("Later", scheduled=LONG_AGO, due=FRIDAY)).overdue == 1


def test_what_waits_for_something_is_not_listed() -> None:
    found = unplanned(task("Ask", id="a"), task("Book", due=MONDAY, depends_on=("a",)))
    assert texts(found.micro) == ["Ask"]


def test_what_is_handed_over_on_hold_or_not_begun_is_not_listed() -> None:
    found = unplanned(
        task("Bo's", due=MONDAY, assignee="Bo"),
        task("Paused", due=MONDAY, status=Status.ON_HOLD),
        task("Later", start=FRIDAY),
        task("Mine"),
    )
    assert texts(found.micro) == ["Mine"]


def test_a_parent_is_listed_by_its_open_subtasks() -> None:
    found = unplanned(task("Move", due=MONDAY), task("Pack", parent="Move"))
    assert texts(found.micro) == ["Pack"]


def test_a_parent_is_listed_itself_where_its_subtasks_wait_for_someone() -> None:
    found = unplanned(task("Report", due=MONDAY), task("Data", parent="Report", assignee="Bo"))
    assert texts(found.micro) == ["Report"]


def test_what_has_a_place_on_another_day_is_left_for_it() -> None:
    evening = today_of(task("Write", estimate=HOUR), task("Rest"), hour=20)
    assert texts(evening.micro) == ["Rest"]


def test_what_did_not_fit_is_said_with_its_reason() -> None:
    days = PlanSettings(days=1)
    write = task("Write", estimate=2 * HOUR, due=MONDAY)
    evening = datetime.combine(MONDAY, time(17), BERLIN)
    plan = Case((write,), evening, settings=days).plan()
    found = checklist(plan, [write], MONDAY, BERLIN)
    assert found.unplaced == plan.unplaced
    assert found.unplaced[0].reason == "no free 2h by today"
    assert found.micro == ()


def test_done_is_what_was_done_that_day() -> None:
    tasks = [
        task("Now", status=Status.DONE, done=MONDAY),
        task("Before", status=Status.DONE, done=SUNDAY),
        task("Dropped", status=Status.CANCELLED, cancelled=MONDAY),
    ]
    assert texts(unplanned(*tasks).done) == ["Now"]


def test_a_day_with_nothing_for_it_shows_what_comes() -> None:
    tasks = [task(f"Far {n}", due=date(2027, 5, 1)) for n in range(9)]
    assert len(unplanned(*tasks).micro) == A_FEW


def test_a_vault_where_all_is_done_has_an_empty_day() -> None:
    found = unplanned(task("Now", status=Status.DONE, done=SUNDAY))
    assert (found.blocks, found.micro, found.unplaced, found.overdue) == ((), (), (), 0)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(case=cases())
def test_a_day_is_never_empty_while_a_task_is_open_and_lists_nothing_twice(case: Case) -> None:
    day = case.now.astimezone(case.zone).date()
    found = checklist(case.plan(), case.tasks, day, case.zone)
    named = [each.uid for each in found.micro]
    assert len(named) == len(set(named))
    assert not set(named) & {each.task for each in found.unplaced}
    if any(each.is_open for each in case.tasks):
        assert found.blocks or found.micro or found.unplaced or found.asked or found.waiting
