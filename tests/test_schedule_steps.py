"""The steps of a task are planned in the order of the note, and small tasks in batches."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdtasks.model import Block, Kind, Plan, Priority, Source, Status, Task
from mdtasks.settings import PlanSettings
from tests.planned import FRIDAY, HOUR, MONDAY, TUESDAY, busy, case, planned, rows
from tests.planner_rules import minutes, task, violations

ROOM = task("Room", priority=Priority.HIGH, due=FRIDAY)


def step(name: str, line: int, length: int | None = 60, **fields: object) -> Task:
    made = task(name, **{"parent": "Room", "estimate": length and minutes(length), **fields})
    return made._replace(source=Source("Home.md", line, name))


def steps_of(*tasks: Task, **others: object) -> Plan:
    """Return the plan, after a look that it breaks no rule but that which knows no parents."""
    made = case(*tasks, **others)  # type: ignore[arg-type]
    plan = made.plan()
    assert [fault for fault in violations(made, plan) if not fault.startswith("wanted ")] == []
    return plan


def in_turn(plan: Plan, *names: str) -> list[str]:
    """Return the names in the order in which their blocks begin."""
    starts = {uid: block.start for block in reversed(plan.blocks) for uid in block.tasks}
    return sorted(names, key=lambda name: starts[name])


def test_a_short_step_does_not_go_before_a_long_one_that_stands_above_it() -> None:
    plan = steps_of(ROOM, step("clear", 2, 90), step("buy", 3, 30), step("paint", 4, 45))
    assert in_turn(plan, "buy", "clear", "paint") == ["clear", "buy", "paint"]


def test_the_order_of_the_note_counts_and_not_that_of_the_names() -> None:
    plan = steps_of(ROOM, *(step(name, line) for line, name in enumerate("dbca", 2)))
    assert in_turn(plan, "a", "b", "c", "d") == ["d", "b", "c", "a"]


def test_a_later_step_does_not_slip_into_a_gap_before_an_earlier_one() -> None:
    plan = steps_of(ROOM, step("clear", 2, 80), step("buy", 3, 30), busy=(busy("09:35", "12:00"),))
    assert in_turn(plan, "buy", "clear") == ["clear", "buy"]


def test_a_small_step_is_in_no_batch_before_a_big_one_above_it() -> None:
    meeting = busy("09:20", "12:30")
    plan = steps_of(ROOM, step("clear", 2, 80), step("buy", 3, 10), busy=(meeting,))
    assert in_turn(plan, "buy", "clear") == ["clear", "buy"]


@pytest.mark.parametrize(
    "fields",
    [{"due": MONDAY}, {"priority": Priority.HIGHEST}, {"status": Status.IN_PROGRESS}],
)
def test_a_step_with_a_word_of_its_own_goes_when_it_wants(fields: dict[str, object]) -> None:
    plan = steps_of(ROOM, step("clear", 2, 60), step("buy", 3, 60, **fields))
    assert in_turn(plan, "clear", "buy") == ["buy", "clear"]


def test_a_step_that_has_no_place_holds_nothing_back() -> None:
    plan = steps_of(ROOM, step("clear", 2, 60 * 60), step("buy", 3, 30))
    assert [row[4:] for row in rows(plan)] == ["09:00-09:30 buy"]
    assert [each.task for each in plan.unplaced] == ["clear"]


def test_the_order_makes_no_step_late() -> None:
    room = task("Room", due=MONDAY)
    # Only the short one fits before the meeting that takes the rest of the day.
    meeting = busy("09:35", "18:00")
    plan = steps_of(room, step("clear", 2, 80), step("buy", 3, 30), busy=(meeting,))
    assert [row for row in rows(plan) if row.endswith("buy")] == ["Mon 09:00-09:30 buy"]


def test_a_written_dependency_goes_before_the_order_of_the_note() -> None:
    plan = steps_of(ROOM, step("clear", 2, depends_on=("b",)), step("buy", 3, id="b"))
    assert in_turn(plan, "clear", "buy") == ["buy", "clear"]


@pytest.mark.usefixtures("short_search")
@settings(
    max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    st.lists(st.sampled_from([25, 30, 45, 60, 90, 150]), min_size=2, max_size=6),
    st.lists(st.sampled_from([30, 60, 90]), max_size=5),
    st.sampled_from([None, FRIDAY]),
)
def test_steps_never_stand_before_those_above_them(
    lengths: list[int], others: list[int], due: object
) -> None:
    room = task("Room", priority=Priority.HIGH, due=due)
    steps = [step(f"step {n}", n + 2, length) for n, length in enumerate(lengths)]
    rest = [task(f"other {n}", estimate=minutes(length)) for n, length in enumerate(others)]
    plan = steps_of(room, *steps, *rest)
    names = [each.uid for each in steps]
    if {each.task for each in plan.unplaced}.isdisjoint(names):
        assert in_turn(plan, *names) == names


# --- batches ---


def batches(plan: Plan) -> list[Block]:
    return [block for block in plan.blocks if block.kind is Kind.MICRO]


def small(name: str, length: int = 10, **fields: object) -> Task:
    return task(name, estimate=minutes(length), **fields)


def test_a_batch_holds_six_at_most() -> None:
    plan = planned(*(small(f"t{n}", 5) for n in range(14)))
    assert [len(block.tasks) for block in batches(plan)] == [6, 6, 2]


def test_a_smaller_batch_can_be_asked_for() -> None:
    three = PlanSettings(micro_batch=3)
    plan = planned(*(small(f"t{n}", 5) for n in range(5)), settings=three)
    assert [len(block.tasks) for block in batches(plan)] == [3, 2]


def test_those_of_a_context_come_together() -> None:
    calls = [small(f"call {n} @phone", 10) for n in range(6)]
    errands = [small(f"buy {n}", 10, tags=("#errand",)) for n in range(6)]
    mixed = [each for pair in zip(calls, errands, strict=True) for each in pair]
    found = [{uid.split()[0] for uid in block.tasks} for block in batches(planned(*mixed))]
    assert found in ([{"call"}, {"buy"}], [{"buy"}, {"call"}])


def test_batches_stand_in_the_gaps_that_focus_leaves() -> None:
    focus = [task(f"focus {n}", estimate=HOUR) for n in range(2)]
    without = planned(*focus)
    plan = planned(*focus, *(small(f"t{n}", 5) for n in range(4)))
    assert [row for row in rows(plan) if "focus" in row] == rows(without)
    (batch,) = batches(plan)
    assert batch.end - batch.start == timedelta(minutes=20)


def test_a_parent_stands_in_the_plan_by_its_steps_alone() -> None:
    plan = steps_of(ROOM, step("clear", 2), step("buy", 3, None))
    assert {uid for block in plan.blocks for uid in block.tasks} == {"clear", "buy"}
    alone = steps_of(ROOM._replace(estimate=HOUR), step("clear", 2, status=Status.DONE))
    assert {uid for block in alone.blocks for uid in block.tasks} == {"Room"}


def test_a_new_day_plans_what_was_left_in_the_same_order() -> None:
    steps = [step("clear", 2, 90), step("buy", 3, 30)]
    made = case(ROOM, *steps)
    first = made.plan()
    later = replace(made, now=made.now + timedelta(days=1)).plan(first)
    assert {block.start.date() for block in later.blocks} == {TUESDAY}
    assert in_turn(later, "buy", "clear") == ["clear", "buy"]
