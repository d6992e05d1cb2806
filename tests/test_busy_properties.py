"""What must hold of every calendar: blocks within the window, one day each, in order; and the
same occurrences as recurring-ical-events finds by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from recurring_ical_events import of  # type: ignore[import-untyped]

from mdtasks.busy.events import Window, read
from mdtasks.dates import localize
from mdtasks.model import Kind
from mdtasks.render.clean import for_terminal
from tests.calendars import calendar

ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Cairo",
        "Asia/Kathmandu",
    )
]
# A day on which clocks change, or a plain one where they never do.
CHANGES = {
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Africa/Cairo": (date(2026, 4, 24), date(2026, 10, 29)),
    "Asia/Kathmandu": (date(2026, 6, 1),),
}
DAYS = [(zone, day) for zone in ZONES for day in CHANGES[zone.key]]
RULES = ["", "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY;BYDAY=MO,SU", "RRULE:FREQ=DAILY;COUNT=4"]
MORE = ["", "EXDATE{zone}:{stamp}", "RDATE{zone}:{stamp}"]


@st.composite
def events(draw: st.DrawFn, around: date, zones: list[str]) -> str:
    begin = datetime.combine(around, datetime.min.time()) + timedelta(
        minutes=draw(st.integers(-3 * 24 * 12, 3 * 24 * 12)) * 5
    )
    zone = draw(st.sampled_from(zones))
    lasts = draw(st.integers(0, 60 * 30))
    stamp = f"{begin + timedelta(days=draw(st.integers(0, 2))):%Y%m%dT%H%M%S}"
    more = draw(st.sampled_from(MORE)).format(zone=zone, stamp=stamp)
    lines = [
        f"UID:{draw(st.uuids())}",
        f"SUMMARY:{draw(st.text(max_size=5)).translate({10: 32, 13: 32})}",
        f"DTSTART{zone}:{begin:%Y%m%dT%H%M%S}",
        f"DURATION:PT{lasts}M",
        draw(st.sampled_from(RULES)),
        more,
    ]
    return "\n".join(line.replace("\x85", "").replace("\u2028", "") for line in lines if line)


def days_around(day: date, zone: ZoneInfo) -> Window:
    start, end = (
        localize(day + timedelta(days=n), datetime.min.time(), zone).astimezone(UTC)
        for n in (-1, 2)
    )
    return Window(start, end, zone)


@pytest.mark.parametrize(("zone", "day"), DAYS, ids=str)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_blocks_are_aware_sorted_half_open_and_in_the_window(
    zone: ZoneInfo, day: date, data: st.DataObject
) -> None:
    zones = ["", f";TZID={zone.key}", ";TZID=Pacific/Auckland"]
    given_events = data.draw(st.lists(events(day, zones), max_size=5))
    window = days_around(day, zone)
    found = read(calendar(*given_events), window, "work")
    assert found.warnings == ()
    bounds = [(b.start.astimezone(UTC), b.end.astimezone(UTC)) for b in found.blocks]
    assert bounds == sorted(bounds)
    for block, (start, end) in zip(found.blocks, bounds, strict=True):
        assert block.kind is Kind.BUSY
        assert window.start <= start < end <= window.end
        last = (end - timedelta(microseconds=1)).astimezone(zone)
        assert block.start.date() == last.date()
        assert block.start.tzinfo is zone
        assert for_terminal(block.title, tty=True) == block.title


@pytest.mark.parametrize(("zone", "day"), DAYS, ids=str)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_the_time_taken_is_that_of_the_packages_by_themselves(
    zone: ZoneInfo, day: date, data: st.DataObject
) -> None:
    text = calendar(data.draw(events(day, [f";TZID={zone.key}", ";TZID=Asia/Tokyo"])))
    window = days_around(day, zone)
    ours = read(text, window, "work").blocks
    minutes = sum(((b.end.astimezone(UTC) - b.start.astimezone(UTC)) for b in ours), timedelta())
    spans = []
    wide = timedelta(days=3)
    for one in of(Calendar.from_ical(text)).between(window.start - wide, window.end + wide):
        start, end = one.start.astimezone(UTC), one.end.astimezone(UTC)
        if start.astimezone(one.start.tzinfo) != one.start:  # clocks jump over it
            end = start + (one.end - one.start)
        start, end = max(start, window.start), min(end, window.end)
        if start < end:
            spans.append((start, end))
    assert minutes == sum((end - start for start, end in set(spans)), timedelta())


def test_a_wall_time_that_never_comes_is_moved_and_one_that_comes_twice_is_the_first() -> None:
    berlin = ZONES[0]
    spring = calendar("SUMMARY:It\nDTSTART:20260329T023000\nDURATION:PT1H")
    (block,) = read(spring, days_around(date(2026, 3, 29), berlin), "work").blocks
    assert block.start.isoformat() == "2026-03-29T03:30:00+02:00"
    assert block.end - block.start == timedelta(hours=1)
    autumn = calendar("SUMMARY:It\nDTSTART;TZID=Europe/Berlin:20261025T023000\nDURATION:PT30M")
    (block,) = read(autumn, days_around(date(2026, 10, 25), berlin), "work").blocks
    assert block.start.isoformat() == "2026-10-25T02:30:00+02:00"


@pytest.mark.parametrize(("zone", "day"), DAYS, ids=str)
def test_a_daily_meeting_keeps_its_wall_time_over_the_change(zone: ZoneInfo, day: date) -> None:
    text = calendar(
        f"SUMMARY:It\nDTSTART;TZID={zone.key}:20200101T090000\n"
        f"DTEND;TZID={zone.key}:20200101T100000\nRRULE:FREQ=DAILY"
    )
    found = read(text, days_around(day, zone), "work").blocks
    assert [f"{b.start:%H:%M}-{b.end:%H:%M}" for b in found] == ["09:00-10:00"] * 3
