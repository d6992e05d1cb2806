"""The arithmetic of a week: its number, streaks, round numbers."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mdtasks.plan.reviewed import (
    done_by_day,
    greatest_round,
    numbered,
    numbers_reached,
    streak_of,
    total,
    week_of,
)
from mdtasks.render.review import sparkline

DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
NEAR = st.sets(st.integers(0, 40), max_size=41)
TODAY = date(2026, 11, 20)
WEEK = week_of(TODAY)


@given(DAYS, st.integers(0, 6))
def test_each_day_lies_in_the_one_week_that_its_number_names(day: date, first: int) -> None:
    week = week_of(day, first)
    assert day in week.days
    assert week.first.weekday() == first
    year, number = week.number.split("-W")
    assert numbered(int(year), int(number), first) == week
    assert week_of(day + timedelta(days=7), first).number != week.number


@given(NEAR, st.booleans())
def test_a_streak_is_what_counting_back_day_by_day_gives(back: set[int], workdays: bool) -> None:
    done = {TODAY - timedelta(days=n) for n in back}
    found = streak_of("x", "a.md", done, workdays, WEEK, TODAY)
    asked = [
        day
        for day in (TODAY - timedelta(days=n) for n in range(60))
        if not workdays or day.weekday() < 5
    ]
    if TODAY not in done:
        asked.remove(TODAY)
    now = next((n for n, day in enumerate(asked) if day not in done), len(asked))
    assert found.now == now
    assert found.now <= found.best <= len(done)
    assert found.done <= found.of <= 5


def test_today_is_missing_only_when_it_is_over() -> None:
    done = {date(2026, 11, 18), date(2026, 11, 19)}
    assert streak_of("x", "", done, False, WEEK, TODAY).now == 2
    assert streak_of("x", "", done, False, WEEK, TODAY + timedelta(days=1)).now == 0


def test_a_weekend_breaks_no_streak_of_workdays() -> None:
    done = {date(2026, 11, 13), date(2026, 11, 16)}
    assert streak_of("x", "", done, True, WEEK, date(2026, 11, 17)).now == 2
    assert streak_of("x", "", done, False, WEEK, date(2026, 11, 17)).now == 1


@given(st.dictionaries(DAYS, st.integers(1, 400).map(lambda n: (n, n // 2)), max_size=30), DAYS)
def test_days_and_sums_agree(counts: dict[date, tuple[int, int]], day: date) -> None:
    week = week_of(day)
    days = done_by_day(counts, week.days)
    assert sum(one.done for one in days) == total(counts, week.first, week.last)
    assert sum(one.small for one in days) == total(counts, week.first, week.last, of=1)
    before = sum(each[0] for one, each in counts.items() if one < week.first)
    reached = numbers_reached(counts, week.days)
    after = greatest_round(before + sum(one.done for one in days))
    assert [each.size for each in reached] == ([after] if after > before else [])


@given(st.lists(st.integers(0, 1000), max_size=10))
def test_a_graph_rises_with_the_counts_and_shows_nothing_as_nothing(counts: list[int]) -> None:
    drawn = sparkline(counts)
    assert len(drawn) == len(counts)
    assert all((a < b) <= (x <= y) for a, x in zip(counts, drawn, strict=True)
               for b, y in zip(counts, drawn, strict=True))  # fmt: skip
    assert all((letter == "▁") == (count == 0) for count, letter in zip(counts, drawn, strict=True))


def test_what_lies_at_the_ends_of_the_calendar_breaks_no_streak() -> None:
    assert streak_of("x", "", {date.min, date.max}, True, WEEK, TODAY).now == 0
