"""Free time: hours of the week, changes of clocks, what is taken."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.plan.slots import Slot, on_grid, since, slot, whole_steps, without, working_slots
from mdtasks.settings import Hours, Span
from tests.planner_rules import BERLIN, minutes

MONDAY = date(2026, 11, 23)
NEW_YORK = ZoneInfo("America/New_York")


def every_day(*spans: str) -> Hours:
    """Return hours from texts such as "09:00-12:30"."""
    times = [tuple(map(time.fromisoformat, span.split("-"))) for span in spans]
    return Hours((tuple(Span(begins, ends) for begins, ends in times),) * 7)


def walls(slots: list[Slot], zone: ZoneInfo = BERLIN) -> list[str]:
    """Return the slots as the clock on the wall shows them: "Mon 09:00-12:30"."""
    return [
        f"{s.day:%a} {s.start.astimezone(zone):%H:%M}-{s.end.astimezone(zone):%H:%M}" for s in slots
    ]


def at(clock: str, day: date = MONDAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), BERLIN)


def taken(begins: str, ends: str) -> Slot:
    return slot(at(begins), at(ends), BERLIN)


def test_hours_are_those_of_the_weekday() -> None:
    friday = date(2026, 11, 27)
    found = working_slots(Hours(), [friday, date(2026, 11, 28)], BERLIN)
    assert walls(found) == ["Fri 09:00-12:30", "Fri 13:30-18:00"]


def test_spans_that_touch_or_overlap_are_one() -> None:
    hours = every_day("09:00-12:00", "12:00-13:00", "12:30-15:00")
    assert walls(working_slots(hours, [MONDAY], BERLIN)) == ["Mon 09:00-15:00"]


def test_a_span_past_midnight_is_cut_there_and_the_night_before_counts() -> None:
    found = working_slots(every_day("22:00-02:00"), [MONDAY], BERLIN)
    assert walls(found) == ["Mon 00:00-02:00", "Mon 22:00-00:00"]


def test_a_date_has_its_own_hours_and_the_night_before_still_runs_into_it() -> None:
    hours = every_day("22:00-02:00")._replace(exceptions={date(2026, 11, 24): ()})
    found = working_slots(hours, [MONDAY, date(2026, 11, 24), date(2026, 11, 25)], BERLIN)
    assert walls(found) == [
        "Mon 00:00-02:00",
        "Mon 22:00-00:00",
        "Tue 00:00-02:00",
        "Wed 22:00-00:00",
    ]


def test_equal_ends_are_the_whole_day() -> None:
    assert walls(working_slots(every_day("00:00-00:00"), [MONDAY], BERLIN)) == ["Mon 00:00-00:00"]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (BERLIN, date(2026, 3, 29), 23),
        (BERLIN, date(2026, 10, 25), 25),
        (NEW_YORK, date(2026, 3, 8), 23),
        (NEW_YORK, date(2026, 11, 1), 25),
        (ZoneInfo("Australia/Lord_Howe"), date(2026, 4, 5), 24.5),
        (ZoneInfo("Australia/Lord_Howe"), date(2026, 10, 4), 23.5),
        (ZoneInfo("Africa/Cairo"), date(2026, 4, 24), 23),
        (ZoneInfo("Asia/Kathmandu"), date(2026, 4, 24), 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(zone: ZoneInfo, day: date, hours: float) -> None:
    slots = working_slots(every_day("00:00-00:00"), [day], zone)
    assert sum((each.length for each in slots), minutes(0)) == timedelta(hours=hours)


def test_a_span_into_the_gap_of_spring_ends_as_much_later() -> None:
    found = working_slots(every_day("01:00-02:30"), [date(2026, 3, 29)], BERLIN)
    assert walls(found) == ["Sun 01:00-03:30"]
    assert found[0].length == minutes(90)


def test_a_span_that_ends_at_a_time_that_comes_twice_ends_at_the_first() -> None:
    (found,) = working_slots(every_day("01:00-02:30"), [date(2026, 10, 25)], BERLIN)
    assert found.length == minutes(90)


def test_what_is_taken_is_cut_out_whatever_its_order() -> None:
    day = [taken("09:00", "12:30")]
    busy = [taken("11:00", "11:30"), taken("08:00", "09:15"), taken("11:15", "12:00")]
    assert walls(without(day, busy)) == ["Mon 09:15-11:00", "Mon 12:00-12:30"]


def test_what_only_touches_takes_nothing() -> None:
    day = [taken("09:00", "12:30")]
    assert without(day, [taken("08:00", "09:00"), taken("12:30", "13:00")]) == day


def test_time_before_now_is_gone() -> None:
    day = [taken("09:00", "12:30"), taken("13:30", "18:00")]
    assert walls(since(day, at("13:45").astimezone(UTC))) == ["Mon 13:45-18:00"]


@pytest.mark.parametrize(
    ("zone", "clock", "expected"),
    [("Europe/Berlin", "09:01", "09:15"), ("Asia/Kathmandu", "09:00", "09:00")],
)
def test_the_grid_is_laid_on_the_clock_of_the_zone(zone: str, clock: str, expected: str) -> None:
    place = ZoneInfo(zone)
    when = datetime.combine(MONDAY, time.fromisoformat(clock), place).astimezone(UTC)
    assert f"{on_grid(when, minutes(15), place).astimezone(place):%H:%M}" == expected


def test_lengths_are_rounded_up() -> None:
    assert [whole_steps(minutes(n), minutes(5)) for n in (1, 5, 22)] == [
        minutes(5),
        minutes(5),
        minutes(25),
    ]


spans = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 50)), max_size=8)


@given(free=spans, cuts=spans)
def test_what_is_left_is_what_was_free_and_is_not_taken(
    free: list[tuple[int, int]], cuts: list[tuple[int, int]]
) -> None:
    base = at("00:00").astimezone(UTC)

    def made(pairs: list[tuple[int, int]]) -> list[Slot]:
        return [Slot(base + minutes(a), base + minutes(a + n), MONDAY) for a, n in pairs]

    def covered(slots: list[Slot]) -> set[int]:
        return {
            m
            for s in slots
            for m in range((s.start - base) // minutes(1), (s.end - base) // minutes(1))
        }

    assert covered(without(made(free), made(cuts))) == covered(made(free)) - covered(made(cuts))
