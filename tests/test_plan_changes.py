"""Small edits, each planned after the last: no rule is broken, and the same comes again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdtasks.model import Kind, Plan, Priority, Status, Task
from mdtasks.plan.estimates import length_of
from tests.bench.planning import ESTIMATES, week
from tests.planned import FRIDAY, HOUR, MONDAY, TUESDAY, case, rows
from tests.planner_rules import Case, minutes, task, violations

WORK = tuple(task(f"work {n}", estimate=HOUR, due=FRIDAY) for n in range(6))


def test_a_task_that_comes_is_placed_in_time() -> None:
    filler = [task(f"fill {n}", estimate=minutes(60), priority=Priority.HIGH) for n in range(20)]
    plan = case(*filler).plan()
    made = case(*filler, task("now", estimate=2 * HOUR, due=MONDAY))
    again = made.plan(plan)
    assert next(block.start.date() for block in again.blocks if "now" in block.tasks) == MONDAY
    assert not any(block.late for block in again.blocks)


def test_a_block_that_has_passed_undone_is_placed_again() -> None:
    made = case(*WORK)
    plan = made.plan()
    first = plan.blocks[0]
    later = replace(made, now=first.end + minutes(1)).plan(plan)
    (again,) = (block for block in later.blocks if first.tasks[0] in block.tasks)
    assert again.start >= first.end


def test_a_short_task_that_is_longer_now_keeps_no_piece_that_is_too_short() -> None:
    made = case(*WORK, task("short", estimate=minutes(20), priority=Priority.HIGHEST))
    plan = made.plan()
    longer = case(*WORK, task("short", estimate=minutes(45), priority=Priority.HIGHEST))
    assert violations(longer, longer.plan(plan)) == []


def edited_week(case: Case, random: Random, number: int) -> Case:
    """Return the week with one task ticked, added, dated or estimated anew."""
    tasks = list(case.tasks)
    at = random.randrange(len(tasks))
    due = random.choice([None, *(MONDAY + timedelta(days=n) for n in range(9))])
    estimate = minutes(random.choice(ESTIMATES[1]))
    kind = random.randrange(4)
    if kind == 0:
        name, priority = f"new {number}", random.choice(list(Priority))
        tasks.append(task(name, estimate=estimate, due=due, priority=priority))
    elif kind == 1:
        tasks[at] = tasks[at]._replace(status=Status.DONE)
    elif kind == 2:
        tasks[at] = tasks[at]._replace(due=due)
    else:
        tasks[at] = tasks[at]._replace(estimate=estimate)
    return replace(case, tasks=tuple(each for each in tasks if each.is_open))


def test_what_makes_room_for_a_late_task_is_nothing_that_others_wait_for() -> None:
    # Its tenth edit asks for room where a task stands that another waits for.
    made, random = week(101), Random(101)
    plan = made.plan()
    for number in range(10):
        made = edited_week(made, random, number)
        plan = made.plan(plan)
    assert violations(made, plan) == []


@pytest.mark.parametrize(
    ("begins", "ends", "length"), [(12, 13, 1), (23, 1, 2)], ids=["a walk", "over midnight"]
)
def test_what_lies_between_written_times_is_how_long_a_task_takes(
    begins: int, ends: int, length: int
) -> None:
    written = task("walk", begins=time(begins), ends=time(ends))
    assert length_of(written) == length * HOUR
    # Its time has passed on Monday, so it may stand anywhere, and longer than small tasks do.
    walk = task("walk", begins=time(9), ends=time(10), scheduled=MONDAY - timedelta(days=1))
    (block,) = case(walk).plan().blocks
    assert (block.kind, block.end - block.start) == (Kind.FOCUS, HOUR)


@pytest.mark.parametrize(("seed", "priority"), [(1, Priority.HIGH), (2, None), (9, Priority.HIGH)])
def test_a_week_planned_again_or_with_something_slight_stays_as_it_is(
    seed: int, priority: Priority | None
) -> None:
    made = week(seed)
    if priority:
        made = replace(made, tasks=tuple(t._replace(priority=priority) for t in made.tasks))
    plan = made.plan()
    assert rows(made.plan(plan)) == rows(plan)
    slight = task("slight", estimate=minutes(20), priority=Priority.LOWEST)
    assert replace(made, tasks=(*made.tasks, slight)).plan(plan).moves == 0


# --- any small edits ---

LATER = FRIDAY + timedelta(days=30)
DUES = [None, MONDAY, TUESDAY, FRIDAY, LATER]
EDIT = st.tuples(
    st.sampled_from(["add", "tick", "date", "estimate", "wait", "reword"]),
    st.integers(0, 50),
    st.sampled_from(DUES),
    st.sampled_from([None, 10, 20, 30, 45, 60, 120]),
)


Short = tuple[date | None, int]  # due, and minutes
Edit = tuple[str, int, date | None, int | None]


def edited(tasks: list[Task], edit: Edit) -> list[Task]:
    kind, at, due, length = edit
    estimate = minutes(length) if length else None
    at %= len(tasks)
    old = tasks[at]
    if kind == "add":
        name = f"new {len(tasks)} {at}"
        return [*(t for t in tasks if t.uid != name), task(name, due=due, estimate=estimate)]
    if kind == "tick":
        return [*tasks[:at], old._replace(status=Status.DONE), *tasks[at + 1 :]]
    changes: dict[str, dict[str, object]] = {
        "date": {"due": due},
        "estimate": {"estimate": estimate},
        "wait": {"depends_on": tuple(t.id for t in tasks[:at][-1:] if t.id)},
        "reword": {"text": f"{old.text}!"},
    }
    return [*tasks[:at], old._replace(**changes[kind]), *tasks[at + 1 :]]  # type: ignore[arg-type]


@pytest.mark.usefixtures("short_search")
@settings(
    max_examples=25, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    st.lists(
        st.tuples(st.sampled_from(DUES), st.sampled_from([10, 20, 45, 90])), min_size=3, max_size=14
    ),
    st.lists(EDIT, min_size=1, max_size=7),
)
def test_after_any_small_edits_no_rule_is_broken_and_the_same_plan_comes_again(
    first: list[Short],
    edits: list[Edit],
) -> None:
    assert_rules_and_the_same_plan_again(first, edits)


def test_a_plan_is_made_again_until_it_stays() -> None:
    assert_rules_and_the_same_plan_again(
        [(MONDAY, 45), (LATER, 10), (FRIDAY, 45), (LATER, 45), (TUESDAY, 10), (LATER, 90)],
        [("add", 43, FRIDAY, 60), ("add", 45, LATER, 20)],
    )


def assert_rules_and_the_same_plan_again(first: Sequence[Short], edits: Sequence[Edit]) -> None:
    """Plan small edits, each after the last."""
    tasks = [
        task(f"t{n}", id=f"t{n}", due=due, estimate=minutes(length))
        for n, (due, length) in enumerate(first)
    ]
    plan = case(*tasks).plan()
    for edit in edits:
        tasks = edited(tasks, edit)
        made: Case = case(*tasks)
        last: Plan = plan
        plan = made.plan(last)
        assert violations(made, plan) == []
        assert rows(made.plan(plan)) == rows(plan)
    assert replace(made, tasks=tuple(reversed(tasks))).plan(last) == plan
