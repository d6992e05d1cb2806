"""Estimates that learn: what finished work says, and how far the plan follows it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.lint.log import log_problems
from mdtasks.model import Interval, Plan, Source, Status, Task
from mdtasks.plan.estimates import (
    ENOUGH,
    LEAST,
    MOST,
    NO_FACTORS,
    Factors,
    Group,
    Learned,
    Sample,
    before,
    estimate_phrase,
    known_of,
    learn,
    left_of,
    percentile,
    planned_length,
    samples,
    time_spent,
)
from mdtasks.plan.schedule import plan_days
from mdtasks.read.log_times import LONGEST, counted, length, localized
from mdtasks.settings import Hours, PlanSettings
from tests.planned import EARLY, FRIDAY, HOUR, MONDAY, reasons
from tests.planner_rules import BERLIN, minutes, task

STEP = minutes(5)
RATIOS = st.floats(0, 1e6, allow_nan=False)


def done(name: str, **fields: object) -> Task:
    return task(name, estimate=HOUR, **fields)._replace(status=Status.DONE)


def known(ratio: float, count: int = ENOUGH, **group: str) -> Factors:
    """Return what so many tasks of a group teach that all took `ratio` times their estimate."""
    tags = (group["tag"],) if "tag" in group else ()
    return learn([Sample(group.get("project", ""), tags, ratio)] * count)


def interval(begins: str, ends: str, uid: str = "a") -> Interval:
    """Return an interval between two moments of the wall clock, or of one with an offset."""
    start, end = (datetime.fromisoformat(f"2026-{each}") for each in (begins, ends))
    return Interval(start, end, Source("a.md", 1, "-"), "", uid)


# Percentiles and factors


@given(st.lists(RATIOS, min_size=1), st.integers(0, 100), st.integers(0, 100))
def test_percentiles_occurred_and_rise(ratios: list[float], low: int, high: int) -> None:
    ordered, (low, high) = sorted(ratios), sorted((low, high))
    assert percentile(ordered, low) in ratios
    assert percentile(ordered, low) <= percentile(ordered, high)
    within = sum(each <= percentile(ordered, high) for each in ratios)
    assert within * 100 >= high * len(ratios)


@pytest.mark.parametrize(
    ("count", "p50", "p80"), [(1, 1, 1), (2, 1, 2), (4, 2, 4), (5, 3, 4), (8, 4, 7), (10, 5, 8)]
)
def test_the_percentile_is_the_nearest_rank(count: int, p50: int, p80: int) -> None:
    ordered = [float(n) for n in range(1, count + 1)]
    assert (percentile(ordered, 50), percentile(ordered, 80)) == (p50, p80)


NAMES = st.sampled_from(["", "Launch", "Home"])
TAGS = st.lists(st.sampled_from(["#a", "#b", "#c"]), max_size=3).map(tuple)
SAMPLES = st.lists(st.builds(Sample, NAMES, TAGS, RATIOS), max_size=60)


@given(SAMPLES)
def test_factors_are_bounded_and_count_what_they_rest_on(found: list[Sample]) -> None:
    factors = learn(found)
    for (project, tag), learned in factors.items():
        of_group = [
            each
            for each in found
            if project in ("", each.project) and (not tag or tag in each.tags)
        ]
        assert learned.samples == len(of_group) > 0
        assert LEAST <= learned.p50 <= learned.p80 <= MOST
    assert learn(reversed(found)) == factors
    assert Group() not in factors


@given(SAMPLES, NAMES, TAGS)
def test_a_task_is_known_by_its_most_telling_group(
    found: list[Sample], project: str, tags: tuple[str, ...]
) -> None:
    factors = learn(found)
    enough = {group for group, learned in factors.items() if learned.samples >= ENOUGH}
    best = known_of(task("a", project=project or None, tags=tags), factors)
    mine = [group for group in enough if group.project in ("", project)]
    mine = [group for group in mine if not group.tag or group.tag in tags]
    if best is None:
        assert not mine
    else:
        assert best[0] in mine
        rank = [(bool(g.project and g.tag), bool(g.tag)) for g in (best[0], *mine)]
        assert rank[0] == max(rank)


def test_of_several_tags_the_one_that_says_most_counts() -> None:
    factors = {
        Group("", "#a"): Learned(8, 1, 2),
        Group("", "#b"): Learned(9, 1, 1.5),
        Group("Home", ""): Learned(99, 1, 3),
    }
    assert known_of(task("x", tags=("#a", "#b"), project="Home"), factors) == (
        Group("", "#b"),
        factors[Group("", "#b")],
    )


# What is planned


def test_what_is_due_is_planned_as_long_as_its_kind_has_taken() -> None:
    due = task("Write", estimate=minutes(45), due=FRIDAY, tags=("#writing",))
    factors = known(1.3, 12, tag="#writing")
    assert planned_length(due, FRIDAY, factors, STEP) == HOUR
    phrase = "45m estimated, planned 1h: #writing takes 1.3× (p80 of 12)"
    assert estimate_phrase(due, FRIDAY, factors, STEP) == phrase


@pytest.mark.parametrize(
    "other",
    [
        {"due": None, "scheduled": MONDAY},
        {"due": FRIDAY + timedelta(days=1)},
        {"tags": ()},
        {"tags": ("#other",)},
    ],
)
def test_all_else_is_planned_as_the_person_said(other: dict[str, object]) -> None:
    fields = {"due": FRIDAY, "tags": ("#writing",), **other}
    kept = task("Write", estimate=minutes(42), **fields)
    factors = known(1.3, 12, tag="#writing")
    assert planned_length(kept, FRIDAY, factors, STEP) == minutes(42)
    assert estimate_phrase(kept, FRIDAY, factors, STEP) == ""


def test_four_of_five_of_its_kind_stay_within_what_is_planned() -> None:
    ratios = [0.9, 1, 1, 1, 1.1, 1.2, 1.5, 2]
    factors = learn(Sample("Launch", (), ratio) for ratio in ratios)
    assert factors == {Group("Launch"): Learned(8, 1, 1.5)}
    due = task("Write", estimate=HOUR, due=MONDAY, project="Launch")
    assert planned_length(due, MONDAY, factors, STEP) == minutes(90)


def test_too_few_tasks_teach_nothing() -> None:
    due = task("Write", estimate=HOUR, due=MONDAY, project="Launch")
    assert planned_length(due, MONDAY, known(2, 7, project="Launch"), STEP) == HOUR
    assert planned_length(due, MONDAY, known(2, 8, project="Launch"), STEP) == 2 * HOUR


def test_without_an_estimate_nothing_is_made_up() -> None:
    due = task("Write", due=MONDAY, tags=("#a",))
    assert planned_length(due, MONDAY, known(2, tag="#a"), STEP) is None


@given(st.integers(1, 600).map(minutes), RATIOS, st.sampled_from([1, 5, 10, 15]), st.dates())
def test_lengths_are_bounded_whole_steps(
    estimate: timedelta, ratio: float, step: int, day: date
) -> None:
    due = task("Write", estimate=estimate, due=day, tags=("#a",))
    planned = planned_length(due, day, known(ratio, tag="#a"), minutes(step))
    assert planned
    assert planned % minutes(step) == timedelta(0)
    assert estimate * LEAST <= planned <= estimate * MOST + minutes(step)
    phrase = estimate_phrase(due, day, known(ratio, tag="#a"), minutes(step))
    assert bool(phrase) == (planned != estimate + (-estimate % minutes(step)))


def plan(*tasks: Task, factors: Factors = NO_FACTORS) -> Plan:
    return plan_days(tasks, Hours(), PlanSettings(), (), EARLY, BERLIN, factors=factors)


def test_the_plan_gives_due_work_its_time_and_says_why() -> None:
    write = task("Write", estimate=minutes(45), due=FRIDAY, tags=("#writing",))
    read = task("Read", estimate=minutes(45), scheduled=MONDAY, tags=("#writing",))
    made = plan(write, read, factors=known(1.3, 12, tag="#writing"))
    lengths = {block.title: block.end - block.start for block in made.blocks}
    assert lengths == {"Write": HOUR, "Read": minutes(45)}
    assert "45m estimated, planned 1h: #writing takes 1.3× (p80 of 12)" in reasons(made)["Write"]
    assert "estimated" not in reasons(made)["Read"]


def test_a_small_task_stays_small() -> None:
    small = task("Call", estimate=minutes(10), due=MONDAY, tags=("#a",))
    (block,) = plan(small, factors=known(3, tag="#a")).blocks
    assert (block.kind, block.end - block.start) == ("micro", minutes(30))


@pytest.mark.usefixtures("short_search")
@given(st.lists(st.tuples(st.integers(5, 200), st.booleans()), min_size=1, max_size=5))
def test_factors_of_other_work_change_nothing(work: list[tuple[int, bool]]) -> None:
    tasks = [
        task(f"t{n}", estimate=minutes(long), due=FRIDAY if due else None, scheduled=MONDAY)
        for n, (long, due) in enumerate(work)
    ]
    assert plan(*tasks, factors=known(2, tag="#other")) == plan(*tasks)


# What finished tasks say


def test_only_finished_tasks_with_an_estimate_and_time_say_something() -> None:
    tasks = [done("a", tags=("#x",), project="P"), task("b", estimate=HOUR), done("c")]
    tasks += [done("d")._replace(estimate=None)]
    spent = {"a": minutes(90), "b": HOUR, "d": HOUR, "gone": HOUR}
    assert samples(tasks, spent) == [Sample("P", ("#x",), 1.5)]


def test_time_on_a_step_counts_for_what_it_is_a_step_of() -> None:
    tasks = [done("whole"), done("step", parent="whole")._replace(estimate=None)]
    assert [each.ratio for each in samples(tasks, {"step": HOUR, "whole": HOUR})] == [2]


def test_a_ring_of_parents_ends() -> None:
    tasks = [done("a", parent="b"), done("b", parent="a")]
    assert len(samples(tasks, {"a": HOUR})) == 2


def test_time_is_summed_by_task_and_what_cannot_count_is_left_out() -> None:
    found = [
        interval("11-22 09:00", "11-22 10:00"),
        interval("11-22 11:00", "11-22 11:30"),
        interval("11-22 11:00", "11-22 11:30", "b"),
        interval("11-22 11:00", "11-22 11:30", ""),
        interval("11-22 09:00", "11-22 08:00"),
        interval("11-22 09:00", "11-22 21:01"),
        interval("11-22 09:00", "11-22 10:00")._replace(end=None),
    ]
    spent = time_spent(localized(each, BERLIN) for each in found)
    assert spent == {"a": minutes(90), "b": minutes(30)}


def test_half_a_day_counts_and_a_minute_more_does_not() -> None:
    times = [counted(localized(interval("11-22 08:00", f"11-22 20:0{n}"), BERLIN)) for n in (0, 1)]
    assert times == [timedelta(hours=12), timedelta(0)]


# Moments


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        ("11-22 09:00", "11-22 09:47", 47),
        ("11-22 23:30", "11-23 00:15", 45),
        ("03-29 01:30", "03-29 03:30", 60),  # clocks go forward
        ("03-29 02:30", "03-29 03:30", 0),  # a time that never came
        ("10-25 01:30", "10-25 03:30", 180),  # clocks go back
        ("10-25 02:40", "10-26 02:20", 40),  # the second 02:20
        ("10-25 01:00", "10-25 02:30", 90),  # the first 02:30
        ("10-25 03:30", "10-26 02:20", 22 * 60 + 50),
        ("11-22 02:40", "11-23 02:20", 23 * 60 + 40),
        ("11-22 09:00+00:00", "11-22 11:00", 60),
        ("02-15 11:02+00:00", "02-15 22:04+11:00", 2),
        ("11-22 10:00", "11-22 09:00", -60),
    ],
)
def test_an_interval_is_as_long_as_it_was(begins: str, ends: str, expected: int) -> None:
    found = localized(interval(begins, ends), BERLIN)
    assert length(found) == minutes(expected)
    assert found.start.tzinfo is BERLIN


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(9998, 12, 30)),
    st.timedeltas(timedelta(0), timedelta(days=1)),
    st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu"]),
)
def test_every_interval_can_be_told_in_every_zone(
    start: datetime, lasts: timedelta, zone: str
) -> None:
    written = Interval(start, start + lasts, Source("a.md", 1, "-"))
    found = localized(written, ZoneInfo(zone))
    assert timedelta(0) <= counted(found) <= LONGEST
    aware = written._replace(
        start=start.replace(tzinfo=UTC), end=(start + lasts).replace(tzinfo=UTC)
    )
    assert length(localized(aware, ZoneInfo(zone))) == lasts


# What `check` says


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (interval("11-20 09:00", "11-20 21:00"), ""),
        (interval("11-20 09:00", "11-20 21:01"), "this interval lasts 12h1m; over 12h it does not"),
        (interval("11-20 09:00", "11-20 08:00"), "this interval ends before it begins"),
        (interval("11-20 09:00", "11-20 09:01")._replace(end=None), "this clock has been running"),
        (interval("11-23 07:00", "11-23 09:01")._replace(end=None), ""),
    ],
)
def test_what_cannot_count_is_named(found: Interval, message: str) -> None:
    problems = list(log_problems([localized(found, BERLIN)], EARLY))
    assert [each.message.startswith(message) for each in problems] == [True] * bool(message)


# What is left


@pytest.mark.parametrize(
    ("estimate", "worked", "left"), [(180, 60, 120), (60, 50, 25), (60, 90, 25), (20, 30, 20)]
)
def test_what_is_logged_is_taken_off_the_estimate(estimate: int, worked: int, left: int) -> None:
    write = task("Write", estimate=minutes(estimate))
    assert left_of(write, {"Write": minutes(worked)}, minutes(25)).estimate == minutes(left)


def test_without_an_estimate_there_is_nothing_to_take_from() -> None:
    assert left_of(task("Write"), {"Write": HOUR}, minutes(25)).estimate is None


def test_what_is_done_in_the_running_block_counts_when_it_is_over() -> None:
    found = [
        localized(interval(f"11-22 {begins}", f"11-22 {ends}"), BERLIN)
        for begins, ends in (("08:00", "08:30"), ("08:50", "09:10"), ("09:10", "09:40"))
    ]
    nine = datetime(2026, 11, 22, 9, tzinfo=BERLIN)
    assert time_spent(before(found, {"a": nine})) == {"a": minutes(40)}
    assert time_spent(before(found, {})) == {"a": minutes(80)}


def test_the_reason_says_what_was_logged() -> None:
    write = task("Write", estimate=HOUR, due=FRIDAY)
    made = plan_days(
        (write,), Hours(), PlanSettings(), (), EARLY, BERLIN, spent={"Write": 2 * HOUR}
    )
    assert reasons(made)["Write"].endswith(", 2h logged")
