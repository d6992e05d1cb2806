"""Rule texts, their dates, and what a misspelt rule meant. What the plugin makes of whole lines
is in test_plugin_cases.py and test_plugin_changes.py."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.plan.recurrence import Rule, next_date, parse_rule, suggest


def rule(text: str) -> Rule:
    found = parse_rule(text)
    assert found, text
    return found


def following(text: str, base: str, after: str | None = None) -> str | None:
    day = next_date(
        rule(text), date.fromisoformat(base), date.fromisoformat(after) if after else None
    )
    return day.isoformat() if day else None


# --- words ---


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("every 1 day", "every day"),
        ("EVERY DAY!", "every day"),
        ("every week on tue, Thu and sat", "every week on Tuesday, Thursday, Saturday"),
        ("every Thursday, Tuesday", "every week on Tuesday, Thursday"),
        ("every Mon on the 1st", "every week on Monday the 1st"),
        ("every 6 weekdays", "every 6 weeks on weekdays"),
        ("every month on the 3rd, 2nd last, last", "every month on the 3rd, last and 2nd last"),
        ("every year on the last Sunday in October", "every October on the last Sunday"),
        ("every month on the first day", "every month on the 1st"),
        ("every jan, feb on the 2nd last Fri", "every January and February on the 2nd last Friday"),
        ("every 2 months in June or July", "every 2 months in June and July"),
        ("every year in week 3, 4", "every year in weeks 3 and 4"),
        ("every day at 9, 17 for 3 times", "every day at 9 and 17 for 3 times"),
        ("every week for 1", "every week for 1 time"),
        ("every week until 5 jan 2027 when done", "every week until January 5, 2027 when done"),
        ("every week until 2027", "every week until January 1, 2027"),
        ("every 3 hours", "every 3 hours"),
    ],
)  # fmt: skip
def test_a_rule_has_one_canonical_text(text: str, canonical: str) -> None:
    found = rule(text)
    assert found.text == canonical
    assert found.leftover == ()
    assert rule(canonical).text == canonical


@pytest.mark.parametrize(
    ("text", "canonical", "leftover"),
    [
        ("every weekend", "every week", ("end",)),
        ("every December 25th", "every December", ("25th",)),
        ("every week on Someday", "every week", ("Someday",)),
        ("every day, week", "every day", ("week",)),
        ("every day when  done", "every day", ("when", "done")),
        ("every Friday on the 13th and 27th", "every week on Friday the 13th", ("27th",)),
    ],
)
def test_words_that_the_plugin_passes_over_are_left_over(
    text: str, canonical: str, leftover: tuple[str, ...]
) -> None:
    found = rule(text)
    assert (found.text, found.leftover) == (canonical, leftover)


@pytest.mark.parametrize(
    "text",
    [
        *("", "every", "every 2", "daily", "every two weeks", "every 0 days", "every 1.5 days"),
        *("every Monday,", "every day for ever", "every day until Friday", "every May and 2"),
        *("every year on the 400th", "every second", "every 30th"),
        *(f"every {10**30} days", f"every day for {'9' * 5000}", "every ſunday", "every wee\u212a"),
    ],
)  # fmt: skip
def test_other_words_are_no_rule(text: str) -> None:
    assert parse_rule(text) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("daily", "every day"),
        ("Weekly when done", "every week when done"),
        ("weekly on Friday", "every week on Friday"),
        ("every other day", "every 2 days"),
        ("every other Monday", "every 2 weeks on Monday"),
        ("every second week when done", "every 2 weeks when done"),
        ("every two weeks", "every 2 weeks"),
        ("every fortnight", "every 2 weeks"),
        ("biweekly", "every 2 weeks"),
        ("every quarter", "every 3 months"),
        ("every 2 quarters", "every 6 months"),
        ("annually", "every year"),
        ("2 weeks", "every 2 weeks"),
        ("Mondays and Thursdays", "every week on Monday, Thursday"),
        ("every working day", "every weekday"),
        ("every weekend", "every week on Saturday, Sunday"),
        ("every December 25th", "every December on the 25th"),
        ("every 15th", "every month on the 15th"),
        ("every last day of the month", "every month on the last"),
        ("every day", None),
        ("every 0 days", None),
        ("nonsense", None),
    ],
)
def test_a_misspelt_rule_is_understood(text: str, meant: str | None) -> None:
    assert suggest(text) == meant


# --- dates ---


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("every month", "2026-01-31 2026-02-28 2026-03-28"),
        ("every 3 months", "2026-08-31 2026-11-30 2027-02-28"),
        ("every month on the 31st", "2026-01-31 2026-03-31 2026-05-31"),
        ("every month on the last", "2024-01-15 2024-01-31 2024-02-29"),
        ("every month on the 2nd last", "2026-02-01 2026-02-27 2026-03-30"),
        ("every month on the last Friday", "2026-11-22 2026-11-27 2026-12-25"),
        ("every month on the 5th Monday", "2026-11-22 2026-11-30 2027-03-29"),
        ("every year", "2024-02-29 2025-02-28 2026-02-28"),
        ("every 4 years", "2096-02-29 2100-02-28 2104-02-28"),
        ("every February on the 29th", "2096-02-29 2104-02-29 2108-02-29"),
        ("every year on the 2nd Monday", "2026-05-20 2027-01-11 2028-01-10"),
        ("every June", "2026-05-31 -"),
        # Weeks are counted from the Monday of the base's week: 2025-12-31 was a Wednesday.
        ("every 2 weeks on Monday", "2025-12-31 2026-01-12 2026-01-26"),
        ("every 2 weeks on Monday, Friday", "2025-12-31 2026-01-02 2026-01-12 2026-01-16"),
        ("every 6 weekdays", "2026-05-21 2026-05-22 2026-06-29"),
        ("every Monday on the 1st", "2026-05-03 2026-06-01 2027-02-01"),
        ("every 3 hours", "2026-11-22 2026-11-23"),
        ("every 50 hours", "2026-11-22 2026-11-24"),
        ("every day until November 23, 2026", "2026-11-22 2026-11-23 -"),
        ("every week for 1 time", "2026-11-22 -"),
        ("every Monday for 1 time", "2026-11-22 2026-11-23 -"),
        ("every month", "9999-12-01 -"),
        ("every day", "9999-12-30 9999-12-31 -"),
    ],
)
def test_the_next_date_of_a_rule(text: str, dates: str) -> None:
    days = dates.split()
    found = [following(text, day) or "-" for day in days[:-1]]
    assert found == days[1:]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("every 3 days", "2026-11-24"),
        ("every 2 weeks on Monday", "2026-11-30"),
        ("every month", "2026-11-28"),
        ("every month on the 31st", "2026-12-31"),
        ("every day for 10 times", None),
        ("every day until June 1, 2026", None),
    ],
)
def test_catching_up_keeps_the_series(text: str, day: str | None) -> None:
    assert following(text, "2026-01-31", after="2026-11-22") == day


NASTY = (
    "every 400 years on February 30",
    "every year on the 366th",
    "every hour on the 40th",
    "every month on the last Monday and 1st",
    "every 999999999 weeks",
    "every 999999999 months on the 1st",
    "every 999999999 years",
    "every day for 999999999 times",
)


@pytest.mark.parametrize("text", NASTY)
def test_no_rule_takes_long(text: str) -> None:
    began = time.process_time()
    next_date(rule(text), date(2026, 11, 22))
    next_date(rule(text), date.min, after=date.min + timedelta(days=400))
    assert time.process_time() - began < 10


def test_a_series_of_two_thousand_years_is_caught_up_at_once() -> None:
    for text in ("every day", "every week on Monday", "every month", "every month on the last"):
        began = time.process_time()
        assert (following(text, "0001-01-01", after="2026-11-22") or "") > "2026-11-22"
        assert time.process_time() - began < 2


# --- always ---

NUMBERS = st.sampled_from(["", "2 ", "3 ", "7 "])
WEEKDAYS = st.sets(st.sampled_from(range(7)), min_size=1, max_size=3)
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
BASES = st.dates(date(1990, 1, 1), date(2110, 1, 1))
TEXTS = st.one_of(
    st.builds("every {}{}".format, NUMBERS, st.sampled_from(["day", "weeks", "month", "years"])),
    st.builds(
        lambda number, days: f"every {number}weeks on {', '.join(DAY_NAMES[d] for d in days)}",
        NUMBERS,
        WEEKDAYS,
    ),
    st.builds(
        "every {}months on the {}".format,
        NUMBERS,
        st.sampled_from(["1st", "31st and 15th", "last", "2nd Tuesday", "last Friday", "3rd last"]),
    ),
)


@settings(deadline=None)
@given(TEXTS, BASES)
def test_the_next_date_comes_after_the_base(text: str, base: date) -> None:
    day = next_date(rule(text), base)
    assert day
    assert day > base


@settings(deadline=None)
@given(TEXTS, BASES, st.integers(0, 700))
def test_catching_up_is_completing_again_and_again(text: str, base: date, days: int) -> None:
    today = base + timedelta(days=days)
    day = next_date(rule(text), base)
    while day and day <= today:
        day = next_date(rule(text), day)
    assert next_date(rule(text), base, after=today) == day


@settings(deadline=None)
@given(WEEKDAYS, st.sets(st.integers(1, 31), min_size=1, max_size=3), BASES)
def test_the_next_date_is_the_first_that_fits(
    weekdays: set[int], month_days: set[int], base: date
) -> None:
    on = Rule("month", weekdays=tuple((day, 0) for day in weekdays), month_days=tuple(month_days))
    found = next_date(on, base)
    days = (base + timedelta(days=n) for n in range(1, 20000))
    assert found == next(day for day in days if day.weekday() in weekdays and day.day in month_days)


@settings(deadline=None)
@given(st.text(st.sampled_from("every dayweknmothuli 0123stndrh,!forinTMSF"), max_size=60), BASES)
def test_no_text_breaks_the_reading(text: str, base: date) -> None:
    found = parse_rule(f"every {text}")
    suggest(text)
    if found:
        day = next_date(found, base)
        assert day is None or day > base
        assert found.text.startswith("every ")
