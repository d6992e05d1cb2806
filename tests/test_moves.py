"""What moves against the last plan, how far, and why: no more than has to, and said truly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from mdtasks.app.planning import current_plan
from mdtasks.app.refresh import refresh
from mdtasks.app.session import open_session
from mdtasks.config import load, places
from mdtasks.index.store import delete
from mdtasks.model import Block, Plan, Priority
from mdtasks.plan.moves import total_shift
from mdtasks.settings import PlanSettings
from tests.conftest import MakeVault
from tests.planned import EARLY, FRIDAY, HOUR, MONDAY, TUESDAY, busy, case, planned, rows
from tests.planner_rules import Case, minutes, task, violations
from tests.running import mdtasks
from tests.test_schedule_rules import cases

few = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
TIGHT = PlanSettings(max_moves=timedelta(0))


def times(plan: Plan) -> list[tuple[Block, ...]]:
    return [(b._replace(reason="", late=False, title=""),) for b in plan.blocks if b.tasks]


def why(plan: Plan) -> dict[str, str]:
    return {move.task: move.reason for move in plan.moved}


# What does not move.


@pytest.mark.usefixtures("short_search")
@few
@given(made=cases())
def test_a_plan_after_itself_is_itself(made: Case) -> None:
    last = made.plan()
    again = made.plan(last)
    assert (times(again), again.moves, again.moved) == (times(last), 0, ())


@pytest.mark.usefixtures("short_search")
@few
@given(made=cases())
def test_an_unrelated_task_of_little_weight_moves_nothing(made: Case) -> None:
    last = made.plan()
    # Nobody else may be as light, nor be on its way to a place that the newcomer takes.
    heavier = replace(made, tasks=tuple(t._replace(priority=Priority.HIGH) for t in made.tasks))
    last = heavier.plan()
    new = task("new", estimate=minutes(30), priority=Priority.LOWEST)
    plan = replace(heavier, tasks=(*heavier.tasks, new)).plan(last)
    before = set(times(last))
    assert before <= set(times(plan))
    assert plan.moves == 0


def test_a_light_newcomer_goes_where_there_is_room() -> None:
    write = task("Write", estimate=HOUR, priority=Priority.HIGH)
    last = planned(write)
    plan = case(write, task("Sort", estimate=HOUR, priority=Priority.LOWEST)).plan(last)
    assert rows(plan) == ["Mon 09:00-10:00 Write", "Mon 10:05-11:05 Sort"]
    assert (plan.moves, plan.of) == (0, 1)


def test_without_its_index_a_vault_keeps_its_plan(vault: MakeVault) -> None:
    lines = [
        "- [ ] Write the book ⏱ 4h ⏫ 📅 2026-11-25",
        "- [ ] Read the draft ⏱ 1h 📅 2026-11-25",
        *(f"- [ ] Call number {n} 📅 2026-11-24" for n in range(9)),
        *(f"- [ ] Sort shelf {n} ⏱ 75m" for n in range(9)),
        "- [ ] Dentist ⏳ 2026-11-24 14:00-15:00",
    ]
    root = vault({"Work.md": "\n".join(lines) + "\n", "mdtasks.toml": 'timezone = "UTC"\n'})
    assert mdtasks(root, "sync").code == 0
    before = plan_of(root, "2026-11-23T08:31")
    delete(places(root, load(root).config).cache)
    after = plan_of(root, "2026-11-23T08:32")
    assert (times(after), after.moves) == (times(before), 0)


def plan_of(root: Path, now: str) -> Plan:
    session = open_session(str(root), now, lambda line: None)
    with session.store() as store:
        refresh(session, store)
        return current_plan(session, store)


# How far.


def test_the_shift_of_a_batch_counts_once() -> None:
    calls = [task(name, due=MONDAY) for name in ("Al", "Bo", "Cy")]
    last = planned(*calls)
    plan = case(*calls, busy=(busy("08:00", "10:00"),)).plan(last)
    assert plan.moves == 3
    assert total_shift(plan.moved) == HOUR


def test_what_left_the_plan_has_no_shift() -> None:
    write = task("Write", estimate=HOUR)
    plan = case(write._replace(assignee="Bo")).plan(planned(write))
    (move,) = plan.moved
    assert (move.after, move.reason) == (None, "it is Bo's now")
    assert total_shift(plan.moved) == timedelta(0)


@pytest.mark.usefixtures("short_search")
@few
@given(made=cases())
def test_no_more_moves_than_allowed_unless_something_forces_it(made: Case) -> None:
    last = made.plan()
    urgent = task("urgent", estimate=minutes(60), priority=Priority.HIGHEST)
    more = replace(
        made, tasks=(*made.tasks, urgent), settings=made.settings._replace(max_moves=HOUR)
    )
    plan = more.plan(last)
    assert violations(more, plan) == []
    assert total_shift(plan.moved) <= HOUR


def test_the_bound_on_moves_gives_way_to_a_due_date() -> None:
    write = task("Write", estimate=HOUR)
    fire = task("Fire", estimate=HOUR, due=MONDAY, due_time=(EARLY + 2 * HOUR).time())
    last = planned(write)
    plan = case(write, fire, now=EARLY - HOUR, settings=TIGHT).plan(last)
    assert [block.title for block in plan.blocks] == ["Fire", "Write"]
    assert why(plan) == {"Write": "“Fire” took its time"}


def test_for_importance_alone_nothing_moves_beyond_the_bound() -> None:
    low = Priority.LOWEST
    work = [task(f"Work {n}", estimate=minutes(90), priority=low) for n in range(6)]
    star = task("Star", estimate=HOUR, priority=Priority.HIGHEST, due=FRIDAY)
    last = planned(*work)
    free = case(*work, star, now=EARLY - HOUR).plan(last)
    assert free.blocks[0].title == "Star"
    plan = case(*work, star, now=EARLY - HOUR, settings=TIGHT).plan(last)
    assert plan.moves == 0
    assert "Star" in {block.title for block in plan.blocks}


def test_one_late_task_moves_one_other_and_not_the_week() -> None:
    work = [task(f"Work {n}", estimate=HOUR, priority=Priority.HIGH) for n in range(12)]
    last = planned(*work)
    fire = task("Fire", estimate=HOUR, due=MONDAY)
    no_more = PlanSettings(daily_load=7 * HOUR)
    last = planned(*work, settings=no_more)
    plan = case(*work, fire, settings=no_more, now=EARLY - HOUR).plan(last)
    assert not any(block.late for block in plan.blocks)
    assert plan.moves == 1


# Why.


def test_a_meeting_that_takes_the_time_is_named() -> None:
    write = task("Write", estimate=HOUR)
    plan = case(write, busy=(busy("09:30", "10:30"),)).plan(planned(write))
    assert why(plan) == {"Write": "“Meeting” took its time"}


def test_a_time_that_the_person_wrote_is_said() -> None:
    write = task("Write", estimate=HOUR)
    pinned = write._replace(scheduled=MONDAY, begins=(EARLY + 4 * HOUR).time())
    assert why(case(pinned).plan(planned(write))) == {"Write": "you wrote 12:00"}


def test_what_may_not_begin_yet_says_when() -> None:
    write = task("Write", estimate=HOUR)
    plan = case(write._replace(start=TUESDAY)).plan(planned(write))
    assert why(plan) == {"Write": "not before tomorrow"}


def test_what_waits_now_says_for_what() -> None:
    write = task("Write", estimate=HOUR, priority=Priority.HIGH)
    ask = task("Ask", estimate=HOUR, id="a")
    last = planned(write, ask)
    plan = case(write._replace(depends_on=("a",)), ask, now=EARLY - HOUR).plan(last)
    assert why(plan)["Write"] in ("waits for “Ask”", "“Ask” took its time")
    assert why(plan)["Write"] == "waits for “Ask”"


def test_what_grew_says_what_it_needs() -> None:
    write = task("Write", estimate=HOUR)
    meetings = (busy("08:00", "11:00"),)
    last = planned(write, busy=meetings)
    grown = write._replace(estimate=2 * HOUR)
    plan = case(grown, busy=meetings).plan(last)
    assert why(plan) in ({}, {"Write": "needs 2h now"}, {"Write": "no longer fits before 12:30"})


def test_what_came_to_be_due_says_so() -> None:
    work = [task(f"Work {n}", estimate=90 * minutes(1), priority=Priority.HIGH) for n in range(9)]
    sort = task("Sort", estimate=HOUR, priority=Priority.LOW)
    last = planned(*work, sort)
    plan = case(*work, sort._replace(due=MONDAY), now=EARLY - HOUR).plan(last)
    assert why(plan)["Sort"] == "became due today"


def test_a_task_that_left_without_a_place_says_what_was_looked_for() -> None:
    write = task("Write", estimate=HOUR, due=MONDAY, recurrence="every day")
    plan = case(write, busy=(busy("08:00", "18:00"),)).plan(planned(write))
    assert why(plan) == {"Write": "no free 1h today"}


def test_moves_survive_the_index(vault: MakeVault) -> None:
    root = vault({"Work.md": "- [ ] Write ⏱ 1h\n", "mdtasks.toml": 'timezone = "UTC"\n'})
    plan_of(root, "2026-11-23T07:00")
    (root / "Work.md").write_text("- [ ] Write ⏱ 1h ⏳ 2026-11-24 10:00\n")
    made = plan_of(root, "2026-11-23T07:10")
    again = plan_of(root, "2026-11-23T07:11")
    assert made.moves == 1
    assert (again.moved, again.of) == (made.moved, 1)
