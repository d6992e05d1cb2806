"""Words, periods, durations, names of notes, and wall clocks over both changes of the hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.dates import (
    date_from_name,
    format_duration,
    localize,
    name_for,
    parse_day,
    parse_duration,
    parse_iso,
    parse_moment,
    parse_period,
)

SUNDAY = date(2026, 11, 22)
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Asia/Kathmandu",
)


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "2026-13-01", "0000-01-01", "20261122", "2026-W48-1", "2026-11-2", "٢٠٢٦-١١-٢٢"],
)
def test_iso_is_strict(text: str) -> None:
    assert parse_iso(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-24", "2026-11-24"),
        ("today", "2026-11-22"),
        ("  ToMorrow ", "2026-11-23"),
        ("yesterday", "2026-11-21"),
        ("mon", "2026-11-23"),
        ("Saturday", "2026-11-28"),
        ("thurs", "2026-11-26"),
        ("this sun", "2026-11-22"),
        ("sun", "2026-11-29"),
        ("last sunday", "2026-11-15"),
        ("last fri", "2026-11-20"),
        ("next fri", "2026-11-27"),
        ("next week", "2026-11-23"),
        ("next month", "2026-12-01"),
        ("next quarter", "2027-01-01"),
        ("next year", "2027-01-01"),
        ("end of month", "2026-11-30"),
        ("end of the week", "2026-11-22"),
        ("end of next month", "2026-12-31"),
        ("in 3 days", "2026-11-25"),
        ("in a week", "2026-11-29"),
        ("in 2 months", "2027-01-22"),
        ("+3d", "2026-11-25"),
        ("+2w", "2026-12-06"),
        ("-1d", "2026-11-21"),
        ("3 days ago", "2026-11-19"),
        ("2026-W48", "2026-11-23"),
        ("2026-w01", "2025-12-29"),
        ("nov 24", "2026-11-24"),
        ("nov 22", "2026-11-22"),
        ("Nov 21", "2027-11-21"),
        ("1st March", "2027-03-01"),
        ("24 nov 2026", "2026-11-24"),
        ("24. Sept. 2026", "2026-09-24"),
        ("feb 29", "2028-02-29"),
        ("december 24th, 2026", "2026-12-24"),
    ],
)
def test_words_for_days_on_a_sunday(text: str, day: str) -> None:
    assert parse_day(text, SUNDAY) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text",
    ["", "2026-02-30", "feb 30", "nov 31 2026", "2026-W54", "2026-11", "+3m", "in days", "frida",
        "tueday",
     "in 9999 years", "soon", "the day", "3 days"],
)  # fmt: skip
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse_day(text, SUNDAY) is None


def test_next_friday_skips_the_friday_of_this_week() -> None:
    monday = date(2026, 11, 23)
    assert parse_day("fri", monday) == date(2026, 11, 27)
    assert parse_day("next fri", monday) == date(2026, 12, 4)


def test_a_month_from_the_31st_is_the_last_day() -> None:
    assert parse_day("in a month", date(2027, 1, 31)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("this week", "2026-11-16", "2026-11-22"),
        ("next week", "2026-11-23", "2026-11-29"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("this quarter", "2026-10-01", "2026-12-31"),
        ("next year", "2027-01-01", "2027-12-31"),
        ("2026-W48", "2026-11-23", "2026-11-29"),
        ("2026-W53", "2026-12-28", "2027-01-03"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-q4", "2026-10-01", "2026-12-31"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-11-01 2026-11-15", "2026-11-01", "2026-11-15"),
        ("2026-11-15 2026-11-01", "2026-11-01", "2026-11-15"),
        ("tomorrow", "2026-11-23", "2026-11-23"),
    ],
)
def test_periods_are_inclusive(text: str, first: str, last: str) -> None:
    assert parse_period(text, SUNDAY) == (parse_iso(first), parse_iso(last))


def test_the_week_starts_where_it_is_set_to() -> None:
    sunday = 6
    assert parse_period("this week", SUNDAY, sunday) == (SUNDAY, date(2026, 11, 28))
    assert parse_period("2026-W48", SUNDAY, sunday) == (date(2026, 11, 23), date(2026, 11, 29))


@pytest.mark.parametrize(
    "text", ["2026-13", "2025-W53", "2026-Q5", "0000", "9999", "week", "2026-02-30 2026-03-01"]
)
def test_what_is_no_period_is_none(text: str) -> None:
    assert parse_period(text, SUNDAY) is None


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("15m", 15), ("1h30m", 90), ("1h 30m", 90), ("1h30", 90), ("1.5h", 90), ("1,5h", 90),
     ("90", 90), (".5h", 30), ("30 min", 30), ("2 Hours", 120), ("1 hr 5 mins", 65),
     ("999h", 59940)],
)  # fmt: skip
def test_durations(text: str, minutes: int) -> None:
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "0h",
        "-5m",
        "m",
        "h",
        "1:30",
        "1.5m",
        "1.5h30m",
        "1000h",
        "99999",
        "30 sec",
        "5d",
        "1h-5m",
    ],
)
def test_what_is_no_duration_is_none(text: str) -> None:
    assert parse_duration(text) is None


@given(st.integers(1, 999 * 60))
def test_a_written_duration_reads_the_same(minutes: int) -> None:
    duration = timedelta(minutes=minutes)
    assert parse_duration(format_duration(duration)) == duration


def test_no_time_at_all_is_zero_minutes() -> None:
    assert format_duration(timedelta(seconds=59)) == "0m"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T09:00", datetime(2026, 11, 22, 9)),
        ("2026-11-22 23:59:58", datetime(2026, 11, 22, 23, 59, 58)),
        ("2026-11-22", datetime(2026, 11, 22)),
        ("2026-11-22T24:00", None),
        ("2026-11-22T09:00Z", None),
        ("2026-02-30T09:00", None),
        ("tomorrow", None),
    ],
)
def test_moments_are_wall_times(text: str, moment: datetime | None) -> None:
    assert parse_moment(text) == moment


@given(st.text(), st.dates(), st.integers(0, 6))
def test_no_text_is_an_error(text: str, today: date, week_start: int) -> None:
    parse_day(text, today)
    parse_period(text, today, week_start)
    parse_duration(text)
    parse_moment(text)


@given(
    st.from_regex(
        r"((in |\+)[0-9]{1,4} (days|weeks|months|years)"
        r"|(last|this|next) (week|month|quarter|year|sun|monday)"
        r"|[0-9]{4}(-W[0-9]{2}|-Q[1-4]|-[0-9]{2})?|(jan|feb) [0-9]{1,2})",
        fullmatch=True,
    ),
    st.dates(),
)
def test_no_time_of_asking_is_an_error(text: str, today: date) -> None:
    period = parse_period(text, today)
    assert period is None or period[0] <= period[1]


# Wall clocks


@given(st.sampled_from(ZONES), st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.times())
def test_a_localized_time_exists_and_is_the_first_at_or_after_the_wall(
    name: str, day: date, clock: time
) -> None:
    zone = ZoneInfo(name)
    wall, moment = datetime.combine(day, clock), localize(day, clock, zone)
    again = moment.astimezone(UTC).astimezone(zone)
    assert (again.replace(tzinfo=None), again.fold) == (moment.replace(tzinfo=None), 0)
    assert timedelta(0) <= moment.replace(tzinfo=None) - wall <= timedelta(hours=1)


@pytest.mark.parametrize(
    ("zone", "wall", "there", "offset"),
    [
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T03:30", 120),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T02:30", 120),
        ("America/New_York", "2026-03-08T02:00", "2026-03-08T03:00", -240),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T01:30", -240),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04T02:45", 660),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-05T01:45", 660),
        ("Africa/Cairo", "2026-04-24T00:00", "2026-04-24T01:00", 180),
        ("Africa/Cairo", "2026-10-29T23:30", "2026-10-29T23:30", 180),
        ("Asia/Kathmandu", "2026-11-22T09:00", "2026-11-22T09:00", 345),
    ],
)
def test_gaps_move_forward_and_doubles_are_the_first(
    zone: str, wall: str, there: str, offset: int
) -> None:
    asked = parse_moment(wall)
    assert asked is not None
    moment = localize(asked.date(), asked.time(), ZoneInfo(zone))
    assert moment.replace(tzinfo=None) == parse_moment(there)
    assert moment.utcoffset() == timedelta(minutes=offset)


@pytest.mark.parametrize("name", ZONES)
def test_the_ends_of_the_calendar_are_localized(name: str) -> None:
    for day in (date.min, date.max):
        assert localize(day, time(), ZoneInfo(name)).date() == day


def test_a_clock_marked_as_the_second_time_is_still_the_first() -> None:
    moment = localize(date(2026, 10, 25), time(2, 30, fold=1), ZoneInfo("Europe/Berlin"))
    assert moment.utcoffset() == timedelta(hours=2)


# Names of notes


@pytest.mark.parametrize(
    ("fmt", "name"),
    [
        ("YYYY-MM-DD", "2026-11-22"),
        ("YYYY/MM/YYYY-MM-DD", "2026/11/2026-11-22"),
        ("DD.MM.YY", "22.11.26"),
        ("dddd, MMMM Do YYYY", "Sunday, November 22nd 2026"),
        ("ddd D MMM YYYY", "Sun 22 Nov 2026"),
        ("YYYYMMDD dd", "20261122 Su"),
        ("YYYY-DDDD", "2026-326"),
        ("GGGG-[W]WW-E", "2026-W47-7"),
        ("GGGG/[W]W/YYYY-M-D", "2026/W47/2026-11-22"),
        ("gggg-[w]ww YYYY-MM-DD", "2026-w48 2026-11-22"),
        ("[Day] YYYY-MM-DD [Q]Q", "Day 2026-11-22 Q4"),
        ("YYYY.MM.DD (notes)", "2026.11.22 (notes)"),
    ],
)
def test_formats_give_and_read_names(fmt: str, name: str) -> None:
    assert name_for(SUNDAY, fmt) == name
    assert date_from_name(name, fmt) == SUNDAY


@pytest.mark.parametrize(
    ("stem", "fmt"),
    [
        ("2026-02-30", "YYYY-MM-DD"),
        ("2026-366", "YYYY-DDD"),
        ("2026-W54-1", "GGGG-[W]WW-E"),
        ("2026-11-22 notes", "YYYY-MM-DD"),
        ("2025/2026-11-22", "YYYY/YYYY-MM-DD"),
        ("2026x11x22", "YYYY.MM.DD"),
        ("2026-W48", "GGGG-[W]WW"),
        ("2026-11", "YYYY-MM"),
        ("2026-11-22\n", "YYYY-MM-DD"),
        ("٢٠٢٦-١١-٢٢", "YYYY-MM-DD"),
        ("Home", "[Home]"),
    ],
)
def test_other_names_are_no_days(stem: str, fmt: str) -> None:
    assert date_from_name(stem, fmt) is None


def test_weekdays_in_the_language_of_obsidian_are_read() -> None:
    assert date_from_name("2026-11-22 Sonntag", "YYYY-MM-DD dddd") == SUNDAY
    assert date_from_name("dim. 2026-11-22", "ddd YYYY-MM-DD") == SUNDAY


@given(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.sampled_from(
        [
            "YYYY-MM-DD",
            "D.M.YY",
            "MMMM Do, YYYY",
            "MMM D YYYY ddd",
            "YYYY-DDD",
            "GGGG[W]WWE",
            "GGGG/W/YYYYMMDD",
        ]
    ),
)
def test_every_day_is_found_by_its_name(day: date, fmt: str) -> None:
    assert date_from_name(name_for(day, fmt), fmt) == day


@given(st.text(), st.text(alphabet="YMDdoQGgWwE-[]/ .x"))
def test_no_name_and_no_format_is_an_error(stem: str, fmt: str) -> None:
    date_from_name(stem, fmt)
    name_for(SUNDAY, fmt)


@given(st.dates(date(2000, 1, 2), date(2099, 12, 25)))
def test_the_english_week_of_a_sunday_is_a_new_one(day: date) -> None:
    week, next_week = (name_for(d, "gggg ww") for d in (day, day + timedelta(days=7)))
    assert week < next_week
    assert (name_for(day - timedelta(days=1), "gggg ww") < week) == (day.weekday() == 6)
