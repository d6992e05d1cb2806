"""More than there is time for: what is too long, and what is due among a pile, leaves and has
its place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from mdtasks.model import Block, Kind, Plan, Priority, Task
from mdtasks.plan.today import checklist
from mdtasks.render import terminal
from mdtasks.render.pen import Pen
from mdtasks.render.plan import plain
from mdtasks.render.terminal import Show
from tests.plan_pages import page
from tests.planned import FRIDAY, HOUR, MONDAY, SATURDAY, case, planned, rows
from tests.planner_rules import BERLIN, task, violations

HUGE = task("Huge", estimate=500 * HOUR, due=FRIDAY)
LAST_WEEK = date(2026, 11, 20)
ON_THURSDAY = datetime(2026, 11, 26, 10, 0, tzinfo=BERLIN)


# What can never fit.


def test_what_can_never_fit_drives_out_nothing_else() -> None:
    call = task("Call", estimate=HOUR, priority=Priority.MEDIUM)
    plan = planned(HUGE, call, task("Far", estimate=HOUR))
    others = [row for row in rows(plan) if "Huge" not in row]
    assert others == ["Mon 09:00-10:00 Call", "Mon 10:05-11:05 Far"]


def test_several_of_which_each_would_fit_alone_leave_no_time_unused() -> None:
    long = [task(f"Long {n}", estimate=39 * HOUR, due=FRIDAY) for n in range(4)]
    plan = planned(*long, task("Call", estimate=HOUR))
    assert any("Call" in row for row in rows(plan))


def test_today_does_not_say_that_nothing_is_open_where_something_does_not_fit() -> None:
    whole = task("Whole", estimate=HOUR, due=MONDAY)
    meeting = Block(
        datetime(2026, 11, 23, 0, 0, tzinfo=BERLIN),
        datetime(2026, 11, 30, 0, 0, tzinfo=BERLIN),
        "Holidays",
        Kind.BUSY,
    )
    made = case(whole, busy=(meeting,))
    plan = made.plan()
    value = checklist(plan, made.tasks, MONDAY, BERLIN)
    show = Show(Pen(), MONDAY)
    said = "\n".join(terminal.today(value, {whole.uid: whole}, show, made.now))
    assert "Does not fit" in said
    assert "Nothing is open" not in said


def test_the_plan_does_not_say_that_nothing_asks_for_time_where_something_does_not_fit() -> None:
    meeting = Block(
        datetime(2026, 11, 23, 0, 0, tzinfo=BERLIN),
        datetime(2026, 11, 30, 0, 0, tzinfo=BERLIN),
        "Holidays",
        Kind.BUSY,
    )
    said = "\n".join(plain(page(case(task("Write", estimate=HOUR), busy=(meeting,)))))
    assert "No blocks: what asks for time in these days has no place." in said


# Small tasks by the hundred.


def pile() -> list[Task]:
    """Return small tasks for more than the week: overdue ones, and others due on each day."""
    dues = [LAST_WEEK, *(MONDAY + timedelta(days=n) for n in range(6))]
    many = [task(f"Task {n}", due=dues[n % 7]) for n in range(133)]
    return [*many, *(task(f"Pay {n}", due=FRIDAY, priority=Priority.HIGH) for n in range(13))]


def late(plan: Plan, tasks: Iterable[Task], due: date) -> set[str]:
    """Return what is due that day and planned later, or nowhere."""
    ends = {uid: block.end.date() for block in plan.blocks for uid in block.tasks}
    return {each.uid for each in tasks if each.due == due and ends.get(each.uid, date.max) > due}


def test_what_is_overdue_takes_no_time_of_small_tasks_that_are_due() -> None:
    tasks = pile()
    plan = case(*tasks, now=ON_THURSDAY).plan()
    assert late(plan, tasks, FRIDAY) == set()


def test_what_is_due_at_the_weekend_is_done_before_it() -> None:
    tasks = [task("Weekend", due=SATURDAY)]
    tasks += [task(f"Task {n}", due=LAST_WEEK) for n in range(90)]
    plan = planned(*tasks)
    assert late(plan, tasks, SATURDAY) == set()


def test_a_plan_of_small_tasks_that_is_gone_on_from_keeps_the_due_dates_a_new_one_keeps() -> None:
    tasks = pile()
    monday = case(*tasks)
    thursday = case(*tasks, now=ON_THURSDAY)
    plan = thursday.plan(monday.plan())
    assert late(plan, tasks, FRIDAY) == set()
    assert rows(thursday.plan(plan)) == rows(plan)


def test_a_pile_of_small_tasks_breaks_no_rule() -> None:
    made = case(*pile(), now=ON_THURSDAY)
    assert violations(made, made.plan()) == []
