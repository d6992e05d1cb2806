"""What to do now: how much time there is, and which tasks are offered for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdtasks.model import Block, Kind, Priority, Source, Status, Task
from mdtasks.plan.next_step import Gap, gap, gap_of, has_marks, need, next_steps, shortlist
from mdtasks.settings import WORKDAY, Hours, Span
from tests.planner_rules import BERLIN, Case, minutes, task
from tests.test_schedule_rules import cases

MONDAY = date(2026, 11, 23)
HOURS = Hours()
FREEZE = minutes(60)
DEFAULT = minutes(15)


def at(clock: str, day: date = MONDAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), BERLIN)


def block(begins: str, ends: str, kind: Kind = Kind.FOCUS, *uids: str, title: str = "B") -> Block:
    return Block(at(begins), at(ends), title, kind, uids)


def gap_at(clock: str, *blocks: Block, hours: Hours = HOURS) -> Gap:
    return gap(blocks, hours, FREEZE, at(clock), BERLIN)


def time_at(clock: str, *blocks: Block) -> tuple[int, str, str]:
    """Return the minutes that there are, until when, and what is then."""
    found = gap_at(clock, *blocks)
    until = f"{found.until:%a %H:%M}" if found.until else ""
    return found.length // minutes(1), until, f"{'end of ' if found.ends else ''}{found.what}"


def offered(
    *tasks: Task, length: int = 60, planned: dict[str, datetime] | None = None
) -> list[str]:
    there = Gap(minutes(length), None, "", planned or {})
    return [t.text for t in next_steps(tasks, there, MONDAY, DEFAULT, at("09:30"))]


# --- how much time there is ---


@pytest.mark.parametrize("kind", [Kind.FIXED, Kind.BUSY, Kind.BREAK])
def test_a_time_that_does_not_give_way_ends_it(kind: Kind) -> None:
    later = block("11:30", "12:00", kind, title="Stand-up")
    assert time_at("09:25", later) == (125, "Mon 11:30", "Stand-up")


def test_focus_ends_it_when_it_is_about_to_begin() -> None:
    assert time_at("09:25", block("10:00", "11:00")) == (35, "Mon 10:00", "B")
    assert time_at("08:59", block("10:00", "11:00"))[0] == 0
    assert time_at("09:25", block("10:30", "11:00")) == (185, "Mon 12:30", "end of your hours")


def test_small_tasks_give_way() -> None:
    assert time_at("09:25", block("09:30", "10:00", Kind.MICRO))[1] == "Mon 12:30"


def test_the_hours_end_it() -> None:
    assert time_at("17:50") == (10, "Mon 18:00", "end of your hours")


def test_hours_that_go_on_over_midnight_do_not_end_there() -> None:
    night = Hours((((Span(time(22), time(2))),),) * 7)
    assert gap_at("23:30", hours=night).length == minutes(150)


@pytest.mark.parametrize(
    ("clock", "begins"), [("08:30", "Mon 09:00"), ("12:45", "Mon 13:30"), ("18:00", "Tue 09:00")]
)
def test_outside_of_the_hours_there_is_none_until_they_begin(clock: str, begins: str) -> None:
    assert time_at(clock, block("20:00", "21:00", Kind.FIXED)) == (0, begins, "your hours")


def test_without_any_hours_there_is_no_time() -> None:
    assert gap_at("10:00", hours=Hours(((),) * 7)) == Gap(timedelta(0), None, "your hours", {})


def test_a_meeting_that_runs_leaves_no_time() -> None:
    found = gap_at("09:10", block("09:00", "10:00", Kind.BUSY, title="Meeting"))
    assert (found.length, found.until, found.taken) == (minutes(0), at("10:00"), True)


def test_a_time_that_the_person_wrote_is_for_its_own_task() -> None:
    found = gap_at("20:15", block("20:00", "21:00", Kind.FIXED, "choir", title="Choir"))
    assert found == Gap(minutes(45), at("21:00"), "Choir", {"choir": at("21:00")}, True, True)
    ordered = [task("choir", estimate=minutes(60)), task("other")]
    assert [t.uid for t in next_steps(ordered, found, MONDAY, DEFAULT, at("20:15"))] == ["choir"]


def test_the_day_on_which_clocks_jump_has_an_hour_less() -> None:
    spring = date(2026, 3, 29)
    night = Hours((((Span(time(1), time(5))),),) * 7)
    assert gap((), night, FREEZE, at("01:30", spring), BERLIN).length == minutes(150)


def test_what_the_person_says_goes_before_all_else() -> None:
    found = gap_of(minutes(20), [block("09:00", "10:00", Kind.BUSY)], at("09:10"))
    assert (found.length, found.until) == (minutes(20), None)


# --- who is offered ---


def test_at_most_three_are_offered_and_all_fit() -> None:
    tasks = [task(f"t{n}", estimate=minutes(n)) for n in (90, 30, 61, 60, 10, 5)]
    assert offered(*tasks) == ["t30", "t60", "t10"]


def test_without_an_estimate_a_task_takes_the_default() -> None:
    assert offered(task("some"), length=15) == ["some"]
    assert offered(task("some"), length=14) == []


def test_what_the_plan_has_for_now_comes_first_with_what_is_left_of_its_block() -> None:
    long, short = task("long", estimate=minutes(180)), task("short")
    there = Gap(minutes(40), at("10:10"), "Lunch", {"long": at("10:10")})
    found = next_steps([short, long], there, MONDAY, DEFAULT, at("09:30"))
    assert [t.text for t in found] == ["long", "short"]
    assert offered(short, long, length=60, planned={"long": at("10:10")}) == ["short"]


def project(name: str, line: int, **fields: object) -> Task:
    """Return a step of a project, on that line."""
    step = task(name, **{"project": "House", **fields})
    return step._replace(source=Source("Plans.md", line, name))


def test_of_a_project_the_first_step_goes_before_the_others() -> None:
    last = project("paint", 3, priority=Priority.HIGH)
    assert offered(last, project("clear", 1), project("buy", 2)) == ["clear", "paint", "buy"]


def test_of_a_parent_the_first_step_goes_before_the_others() -> None:
    last = project("paint", 9, priority=Priority.HIGH, parent="room")
    steps = [project("clear", 7, parent="room"), project("buy", 8, parent="room")]
    assert offered(last, *steps) == ["clear", "paint", "buy"]
    assert offered(last, *steps, project("call", 1)) == ["call", "clear", "paint"]


def test_in_a_note_that_is_any_list_the_urgent_goes_first() -> None:
    first, last = task("stamps", project="Home"), task("pay the tax", project="Home")
    assert offered(last, first) == ["pay the tax", "stamps"]
    goal = [each._replace(goal="A quiet home") for each in (last, first)]
    assert offered(*goal) == ["stamps", "pay the tax"]


def test_a_first_step_that_does_not_fit_holds_nothing_back() -> None:
    last = project("paint", 3, priority=Priority.HIGH)
    assert offered(last, project("clear", 1, estimate=minutes(90))) == ["paint"]


@pytest.mark.parametrize(
    "fields", [{"due": MONDAY}, {"scheduled": MONDAY}, {"status": Status.IN_PROGRESS}]
)
def test_what_is_for_today_or_begun_waits_for_no_other_step(fields: dict[str, object]) -> None:
    assert offered(project("now", 3, **fields), project("clear", 1)) == ["now", "clear"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], True),
        (["call"], True),
        (["#Call"], True),
        (["call", "@phone"], True),
        (["work"], True),
        (["work/cli"], False),
        (["call", "@desk"], False),
        (["phone"], False),
    ],
)
def test_a_task_has_all_the_marks_that_are_asked_for(words: list[str], found: bool) -> None:
    asked = task("Ring Bo @phone #call", tags=("#call", "#work/clients"))
    assert has_marks(asked, words) is found


# --- always ---

TASKS = st.lists(
    st.builds(
        lambda number, length, name, parent, line, due, status: project(
            f"t{number}",
            line,
            uid=f"t{number}",
            estimate=length and minutes(length),
            project=name,
            parent=parent,
            due=due,
            status=status,
        ),
        number=st.integers(0, 10_000),
        length=st.sampled_from([None, 5, 10, 30, 60, 90]),
        name=st.sampled_from([None, "House", "Boat"]),
        parent=st.sampled_from([None, None, "p", "q"]),
        line=st.integers(1, 99),
        due=st.sampled_from([None, None, MONDAY]),
        status=st.sampled_from([Status.TODO, Status.TODO, Status.IN_PROGRESS]),
    ),
    max_size=14,
    unique_by=lambda each: each.uid,
)


@settings(suppress_health_check=[HealthCheck.too_slow], database=None, deadline=None)
@given(TASKS, st.integers(0, 120))
def test_what_is_offered_always_fits_and_the_short_list_offers_the_same(
    tasks: list[Task], length: int
) -> None:
    there = Gap(minutes(length), None, "", {})
    found = next_steps(tasks, there, MONDAY, DEFAULT, at("09:30"))
    assert len(found) == min(3, sum(need(t, DEFAULT) <= there.length for t in tasks))
    assert len({t.uid for t in found}) == len(found)
    assert all(need(t, DEFAULT) <= there.length for t in found)
    short = shortlist(tasks, MONDAY, DEFAULT)
    assert next_steps(short, there, MONDAY, DEFAULT, at("09:30")) == found


@settings(database=None, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 280), st.integers(1, 24), st.sampled_from(Kind)), max_size=8),
    st.integers(0, 287),
)
def test_the_time_never_runs_into_what_does_not_give_way(
    drawn: list[tuple[int, int, Kind]], moment: int
) -> None:
    midnight = at("00:00").astimezone(UTC)
    blocks = []
    for start, length, kind in drawn:
        begins = midnight + minutes(5 * start)
        blocks.append(Block(begins, begins + minutes(5 * length), "B", kind, ("a",)))
    now = midnight + minutes(5 * moment)
    found = gap(blocks, HOURS, FREEZE, now, BERLIN)
    if found.taken or not found.length:
        return
    held = {Kind.FIXED, Kind.BUSY, Kind.BREAK}
    end = now + found.length
    assert not [b for b in blocks if b.kind in held and b.start < end and now < b.end]
    spans = [s for s in WORKDAY if at(s.begins.isoformat()) <= now < at(s.ends.isoformat())]
    assert [s for s in spans if end <= at(s.ends.isoformat())]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(cases())
def test_in_any_plan_what_is_offered_fits_before_what_comes(case: Case) -> None:
    plan, zone = case.plan(), case.zone
    day = case.now.astimezone(zone).date()
    blocks = (*plan.blocks, *case.busy)
    there = gap(blocks, case.hours, case.settings.freeze, case.now, zone)
    for task_ in next_steps(case.tasks, there, day, DEFAULT, case.now):
        end = there.planned.get(task_.uid)
        fits = need(task_, DEFAULT) <= there.length
        assert fits or (end and there.until and end.astimezone(UTC) <= there.until)
