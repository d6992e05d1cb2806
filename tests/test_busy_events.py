"""What a calendar takes of the days: exports of three kinds, odd events, hostile ones.

The exports lie in tests/cases/busy; `--update` takes what is read of them anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mdtasks.busy.events import read
from tests.calendars import WEEK, calendar, meeting, taken, walls, window

CASES = Path(__file__).parent / "cases" / "busy"


@pytest.mark.parametrize("name", ["google", "outlook", "apple"])
def test_exports_take_the_times_that_people_see(name: str, update: bool) -> None:
    expected = CASES / f"{name}.txt"
    days = window("2026-11-23", "2026-12-02")
    found = read((CASES / f"{name}.ics").read_bytes(), days, name)
    text = "\n".join([*walls(found), *found.warnings, ""])
    if update:
        expected.write_text(text, "utf-8")
    assert text == expected.read_text("utf-8")


def said(data: bytes) -> list[str]:
    return [*read(data, WEEK, "work").warnings]


def one(lines: str, all_day: bool = False) -> list[str]:
    return taken(calendar(f"SUMMARY:It\n{lines}"), all_day=all_day)


def test_an_event_without_an_end_takes_no_time() -> None:
    assert one("DTSTART:20261123T090000") == []
    assert one("DTSTART:20261123T090000\nDTEND:20261123T090000") == []


def test_a_whole_day_counts_only_where_it_is_wanted() -> None:
    assert one("DTSTART;VALUE=DATE:20261123") == []
    assert one("DTSTART;VALUE=DATE:20261123", all_day=True) == ["Mon 00:00-00:00 It (work)"]


def test_a_date_that_ends_at_a_time_is_no_whole_day() -> None:
    lines = "DTSTART;VALUE=DATE:20261123\nDTEND:20261123T100000"
    assert one(lines) == ["Mon 00:00-10:00 It (work)"]


def test_times_of_no_zone_are_the_persons() -> None:
    assert one("DTSTART:20261123T090000\nDURATION:PT1H") == ["Mon 09:00-10:00 It (work)"]
    assert one("DTSTART:20261123T090000Z\nDURATION:PT1H") == ["Mon 10:00-11:00 It (work)"]


def test_an_event_over_midnight_is_two_pieces() -> None:
    lines = "DTSTART:20261123T230000\nDURATION:PT2H"
    assert one(lines) == ["Mon 23:00-00:00 It (work)", "Tue 00:00-01:00 It (work)"]


def test_only_the_part_within_the_days_counts() -> None:
    lines = "DTSTART:20261122T230000\nDTEND:20261123T010000"
    assert one(lines) == ["Mon 00:00-01:00 It (work)"]
    assert one("DTSTART:20261122T230000\nDTEND:20261123T000000") == []
    assert one("DTSTART:20261130T000000\nDTEND:20261130T010000") == []


@pytest.mark.parametrize("free", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "status:cancelled"])
def test_what_is_free_or_cancelled_takes_no_time(free: str) -> None:
    assert one(f"DTSTART:20261123T090000\nDURATION:PT1H\n{free}") == []


def test_one_occurrence_may_be_free_and_another_moved_into_the_days() -> None:
    series = "UID:1\nSUMMARY:It\nDTSTART:20261019T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY"
    free = (
        "UID:1\nRECURRENCE-ID:20261123T090000\nDTSTART:20261123T090000\nDURATION:PT1H\n"
        "TRANSP:TRANSPARENT"
    )
    moved = (
        "UID:1\nSUMMARY:Moved\nRECURRENCE-ID:20261214T090000\nDTSTART:20261125T090000\n"
        "DURATION:PT1H"
    )
    assert taken(calendar(series, free)) == []
    assert taken(calendar(series, free, moved)) == ["Wed 09:00-10:00 Moved (work)"]
    assert taken(calendar(moved, free, series)) == ["Wed 09:00-10:00 Moved (work)"]


def test_what_was_moved_out_of_the_days_is_not_there() -> None:
    series = "UID:1\nSUMMARY:It\nDTSTART:20261019T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY"
    moved = "UID:1\nRECURRENCE-ID:20261123T090000\nDTSTART:20270501T090000\nDURATION:PT1H"
    assert taken(calendar(series, moved)) == []


def test_a_broken_exception_leaves_the_series_as_it_is() -> None:
    series = "UID:1\nSUMMARY:It\nDTSTART:20261019T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY"
    broken = "UID:1\nRECURRENCE-ID:20261123T090000\nDTSTART:never"
    data = calendar(series, broken)
    assert taken(data) == ["Mon 09:00-10:00 It (work)"]
    assert said(data) == ["“It” is left out: it does not say when it begins"]


def test_added_dates_may_last_as_long_as_they_like() -> None:
    lines = (
        "DTSTART:20261020T090000Z\nDURATION:PT1H\n"
        "RDATE;VALUE=PERIOD:20261124T090000Z/PT2H,20261125T090000Z/20261125T120000Z"
    )
    assert one(lines) == ["Tue 10:00-12:00 It (work)", "Wed 10:00-13:00 It (work)"]


def test_a_date_is_left_out_in_whatever_zone_it_is_written() -> None:
    series = meeting("20261123T090000", "20261123T100000", more="RRULE:FREQ=DAILY;COUNT=3")
    for left_out in ("EXDATE:20261124T080000Z", "EXDATE;VALUE=DATE:20261124"):
        found = taken(calendar(f"{series}\n{left_out}"))
        assert [row[:9] for row in found] == ["Mon 09:00", "Wed 09:00"]


def test_a_flight_may_land_before_it_started_by_the_clock() -> None:
    flight = (
        "SUMMARY:Flight\nDTSTART;TZID=Pacific/Auckland:20261124T200000\n"
        "DTEND;TZID=America/Los_Angeles:20261124T130000"
    )
    assert taken(calendar(flight)) == ["Tue 08:00-22:00 Flight (work)"]


def test_this_and_all_that_follow_may_be_moved() -> None:
    series = "UID:1\nSUMMARY:It\nDTSTART:20261019T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY"
    later = (
        "UID:1\nSUMMARY:Later\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261126T090000\n"
        "DTSTART:20261126T110000\nDURATION:PT30M"
    )
    found = taken(calendar(series, later))
    assert found[2:5] == [
        "Wed 09:00-10:00 It (work)",
        "Thu 11:00-11:30 Later (work)",
        "Fri 11:00-11:30 Later (work)",
    ]


def test_dates_may_be_added_and_left_out() -> None:
    lines = (
        "DTSTART:20261123T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\n"
        "RDATE:20261127T120000,20261128T120000\nEXDATE:20261124T090000"
    )
    assert [row[:9] for row in one(lines)] == ["Mon 09:00", "Wed 09:00", "Fri 12:00", "Sat 12:00"]


def test_a_day_as_the_end_of_a_rule_is_included() -> None:
    lines = "DTSTART:20261123T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL="
    assert len(one(f"{lines}20261125")) == 3
    assert len(one(f"{lines}20261125T080000Z")) == 3
    assert len(one(f"{lines}20261125T075959Z")) == 2


def test_every_year_since_1604_is_read() -> None:
    lines = "DTSTART;VALUE=DATE:16041124\nRRULE:FREQ=YEARLY"
    assert one(lines, all_day=True) == ["Tue 00:00-00:00 It (work)"]


def test_an_unknown_zone_is_a_warning_that_names_it() -> None:
    data = calendar(meeting("20261123T090000", "20261123T100000", zone="Mars/Olympus"))
    assert taken(data) == ["Mon 09:00-10:00 Stand-up (work)"]
    assert said(data) == ["the time zone “Mars/Olympus” is not known; its times count as yours"]


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/London",
        '"Europe/London"',
        "GMT Standard Time",
        "/citadel.org/20210210_1/Europe/London",
    ],
)
def test_zones_by_their_many_names(zone: str) -> None:
    data = calendar(meeting("20261123T090000", "20261123T100000", zone=zone))
    assert taken(data) == ["Mon 10:00-11:00 Stand-up (work)"]
    assert said(data) == []


@pytest.mark.parametrize("zone", ["Europe", "../../etc/passwd", "A" * 300, "a\x00b", "/", "Z9"])
def test_names_that_are_no_zone_break_nothing(zone: str) -> None:
    data = calendar(meeting("20261123T090000", "20261123T100000", zone=zone))
    assert taken(data) == ["Mon 09:00-10:00 Stand-up (work)"]
    assert "is not known" in said(data)[0]


def own_zone(rule: str, offset: str) -> str:
    return (
        "BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        f"TZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}\nRRULE:{rule}\nEND:STANDARD\nEND:VTIMEZONE"
    )


def test_a_zone_of_one_calendar_is_not_that_of_another() -> None:
    event = meeting("20261123T090000", "20261123T100000", zone="Ours")
    rule = "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"
    first = calendar(event, head=own_zone(rule, "-0500"))
    assert taken(first) == ["Mon 15:00-16:00 Stand-up (work)"]
    assert taken(calendar(event, head=own_zone(rule, "+0300"))) == [
        "Mon 07:00-08:00 Stand-up (work)"
    ]
    assert "“Ours” is not known" in said(calendar(event))[0]


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"])
def test_a_zone_that_never_ends_is_not_asked(rule: str) -> None:
    event = meeting("20261123T090000", "20261123T100000", zone="Ours")
    assert "is not known" in said(calendar(event, head=own_zone(rule, "-0500")))[0]


GOOD = meeting("20261123T090000", "20261123T100000")


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("", "it does not say when it begins"),
        ("DTSTART:tomorrow", "it does not say when it begins"),
        ("DTSTART:20261199T090000", "it does not say when it begins"),
        ("DTSTART:20261123T090000\nDTEND:20261123T080000", "it ends before it begins"),
        ("DTSTART:20261123T090000\nDURATION:-PT1H", "it ends before it begins"),
        ("DTSTART:20261123T090000\nDURATION:P99999999W", "it lasts longer than a year"),
        ("DTSTART:00010101T000000\nDTEND:99991231T000000", "it lasts longer than a year"),
        ("DTSTART:20261123T090000\nRRULE:FREQ=SECONDLY", "it recurs too often (secondly)"),
        ("DTSTART:20261123T090000\nRRULE:FREQ=HOURLY;COUNT=1001", "it recurs too often (hourly)"),
        ("DTSTART:20261123T090000\nRRULE:EVERY DAY", "its rule has an unknown part, EVERY DAY"),
        ("DTSTART:20261123T090000\nRRULE:BYDAY=MO", "its rule does not say how often it recurs"),
        (
            "DTSTART:19000101T090000\nRRULE:FREQ=DAILY;COUNT=100000",
            "it has recurred for too long to be counted",
        ),
    ],
)
def test_a_broken_event_is_told_and_the_others_count(lines: str, why: str) -> None:
    data = calendar(f"UID:1\nSUMMARY:Odd\n{lines}", GOOD)
    assert said(data) == [f"“Odd” is left out: {why}"]
    assert taken(data) == ["Mon 09:00-10:00 Stand-up (work)"]


@pytest.mark.parametrize(
    "lines",
    [
        "DTSTART:00010101T000000Z\nDTEND:00010101T010000Z",
        "DTSTART:99991231T230000Z\nDTEND:99991231T235959Z",
        "DTSTART:99991231T230000Z\nRECURRENCE-ID:99991231T230000Z",
        "DTSTART:16040101T000000\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "DTSTART:20200101T000000\nDURATION:PT1H\nRRULE:FREQ=DAILY;INTERVAL=999999999999",
        "DTSTART:20200101T000000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=00010101",
    ],
)
def test_what_never_comes_is_no_matter(lines: str) -> None:
    data = calendar(f"UID:1\nSUMMARY:Odd\n{lines}", GOOD)
    assert (taken(data), said(data)) == (["Mon 09:00-10:00 Stand-up (work)"], [])


def test_a_thousand_hours_may_be_counted() -> None:
    assert len(one("DTSTART:20261123T000000\nDURATION:PT5M\nRRULE:FREQ=HOURLY;COUNT=1000")) == 168


def test_our_own_calendar_is_left_out() -> None:
    ours = calendar(GOOD, head="PRODID:-//mdtasks//mdtasks//EN")
    assert (taken(ours), said(ours)) == (
        [],
        ["this is the calendar that mdtasks itself writes: left out"],
    )
    mixed = calendar("UID:7f3-1@mdtasks\nDTSTART:20261123T090000\nDURATION:PT1H", GOOD)
    assert taken(mixed) == ["Mon 09:00-10:00 Stand-up (work)"]
    assert said(mixed) == ["events that mdtasks itself published are left out"]


def test_titles_are_one_clean_line() -> None:
    lines = "DTSTART:20261123T090000\nDURATION:PT1H\nSUMMARY:"
    for summary, title in (
        ("a\\nb\\, c\\; d", "a b, c; d"),
        ("x\x1b]0;evil\x07\u202ey", "x ]0;evil y"),
        ("", "Busy"),
        ("é" * 999, "é" * 200),
    ):
        assert taken(calendar(lines + summary)) == [f"Mon 09:00-10:00 {title} (work)"]


def test_lines_may_be_folded_within_a_character_and_end_as_they_like() -> None:
    data = calendar(meeting("20261123T090000", "20261123T100000", "Grüße"))
    folded = data.replace("ü".encode(), b"\xc3\r\n \xbc")
    for each in (folded, data.replace(b"\r\n", b"\n"), b"\xef\xbb\xbf" + data):
        assert taken(each) == ["Mon 09:00-10:00 Grüße (work)"]


def test_too_many_events_are_cut_and_told() -> None:
    events = [f"UID:{n}\nDTSTART:20261123T090000\nDURATION:PT1H\nSUMMARY:{n}" for n in range(2100)]
    found = read(calendar(*events), WEEK, "work")
    assert len(found.blocks) == 2000
    assert found.warnings == ("it holds too many events for these days; not all of them count",)


@pytest.mark.parametrize(
    "lines",
    [
        "DTSTART:19800101T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=19000",
        "DTSTART:20200101T090000\nDURATION:PT1M\nRRULE:FREQ=DAILY;BYMINUTE=0,15,30,45;BYHOUR="
        + ",".join(map(str, range(24))),
    ],
)
def test_series_that_cost_too_much_are_cut_and_told(lines: str) -> None:
    found = read(calendar(*(f"UID:{n}\n{lines}" for n in range(30))), WEEK, "work")
    assert found.blocks
    assert found.warnings == ("it holds too many events for these days; not all of them count",)


def test_many_warnings_are_counted() -> None:
    events = [f"UID:{n}\nSUMMARY:{n}\nDTSTART:x" for n in range(9)]
    assert said(calendar(*events))[-1] == "and 4 more"


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"BEGIN:VEVENT\n" * 1000, b"BEGIN:VCALENDAR\nEND:VEVENT\n" * 9, b"\x00\xff" * 99],
)
def test_what_is_no_calendar_takes_nothing(data: bytes) -> None:
    assert taken(data) == []


def test_a_window_of_one_hour_holds_one_hour() -> None:
    data = calendar("DTSTART:20261101T000000\nDTEND:20261201T000000\nSUMMARY:It")
    hour = window("2026-11-23T10:00", "2026-11-23T11:00")
    assert taken(data, hour) == ["Mon 10:00-11:00 It (work)"]
