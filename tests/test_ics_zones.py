"""Over both changes of the clock, from the line in a note to the instant in the calendar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from mdtasks.model import Block, Kind, Plan, Task
from mdtasks.plan.schedule import plan_days
from mdtasks.read.note import read_note
from mdtasks.render import ics
from mdtasks.render.vevent import Writer
from mdtasks.settings import FeedSettings, Hours, PlanSettings, ReadSettings, Span
from tests.feeds import ZONES
from tests.ics_rules import broken_rules, events

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
YEAR = 2026
NIGHTS = Hours(((Span(time(0), time(6)),),) * 7)


def changes(zone: ZoneInfo) -> list[datetime]:
    """Return the instants of the year from which the clocks show another time."""
    hours = [datetime(YEAR, 1, 1, tzinfo=UTC) + n * HOUR / 2 for n in range(2 * 24 * 365)]
    return [
        after
        for before, after in pairwise(hours)
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset()
    ]


def days(zone: ZoneInfo) -> Iterator[date]:
    """Yield the local days on which a clock changes, one of each kind, and a plain one."""
    yield date(YEAR, 6, 15)
    for change in changes(zone):
        yield (change - MINUTE).astimezone(zone).date()
        yield change.astimezone(zone).date()


def instants(day: date, zone: ZoneInfo, clocks: Sequence[time]) -> list[datetime]:
    """Return the first instant at which the clocks show each time of the day; where they never
    do, the one at which they would, had they not been changed."""
    begins = datetime.combine(day, time(), UTC) - 26 * HOUR
    minutes = (begins + n * MINUTE for n in range(56 * 60))
    shown = [(at.astimezone(zone).replace(tzinfo=None), at) for at in minutes]
    first = dict(reversed(shown))
    jumps = [pair for pair in pairwise(shown) if pair[1][0] - pair[0][0] > MINUTE]
    found = []
    for wall in (datetime.combine(day, clock) for clock in clocks):
        if wall not in first:
            [(seen, at)] = [before for before, after in jumps if before[0] < wall < after[0]]
            first[wall] = at + (wall - seen)
        found.append(first[wall])
    return found


def published(
    lines: Sequence[str], now: datetime, zone: ZoneInfo, hours: Hours
) -> tuple[Plan, dict[str, tuple[datetime, datetime]]]:
    """Return the plan of the lines of a note, and the events by their titles."""
    note = read_note("a.md", "\n".join(lines).encode(), ReadSettings())
    tasks = [task._replace(uid=f"t{number}") for number, task in enumerate(note.tasks)]
    plan = plan_days(tasks, hours, PlanSettings(days=4), (), now, zone)
    return plan, fed(plan, tasks, now)


def fed(plan: Plan, tasks: Sequence[Task], now: datetime) -> dict[str, tuple[datetime, datetime]]:
    named = {task.uid: task for task in tasks}
    data = ics.feed(
        plan, named, FeedSettings(), vault_name="v", vault_root="/v", now=now, published=None
    )
    assert broken_rules(data) == []
    return {
        f"{event.get('UID')} {event.get('SUMMARY')}": (moment(start), moment(end))
        for event in events(data)
        for start, end in [event.bounds]
        if event.get("TRANSP") == "OPAQUE"
    }


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


@pytest.mark.parametrize("name", ZONES)
def test_a_written_time_is_the_right_instant_and_as_long_as_it_was_estimated(name: str) -> None:
    zone = ZoneInfo(name)
    clocks = [time(hour, minute) for hour in (0, 1, 2, 3, 23) for minute in (0, 15, 30, 45)]
    for day in days(zone):
        now = datetime.combine(day - timedelta(days=1), time(12), zone)
        lines = [f"- [ ] at {clock:%H:%M} ⏳ {day} {clock:%H:%M} ⏱ 90m" for clock in clocks]
        _, found = published(lines, now, zone, Hours())
        starts = {title.split()[-1]: start for title, (start, _) in found.items()}
        names = [f"{clock:%H:%M}" for clock in clocks]
        assert starts == dict(zip(names, instants(day, zone, clocks), strict=True))
        assert {end - start for start, end in found.values()} == {1.5 * HOUR}


@pytest.mark.parametrize("name", ZONES)
def test_what_is_placed_freely_by_night_is_as_long_as_it_takes(name: str) -> None:
    zone = ZoneInfo(name)
    for day in days(zone):
        now = datetime.combine(day, time(), zone)
        lines = [f"- [ ] task {n} ⏱ {25 + 5 * n}m 🔼 📅 {day}" for n in range(6)]
        plan, found = published([*lines, f"- [ ] call ⏱ 10m 🔼 📅 {day}"], now, zone, NIGHTS)
        blocks = [block for block in plan.blocks if block.kind is not Kind.BREAK]
        assert len(blocks) == 7
        for block in blocks:
            assert block.end.astimezone(UTC) - block.start.astimezone(UTC) in [
                timedelta(minutes=n) for n in (10, *range(25, 55, 5))
            ]
        own = {(b.start.astimezone(UTC), b.end.astimezone(UTC)) for b in blocks}
        assert {*found.values()} == own


@pytest.mark.parametrize(
    ("name", "wall", "utc"),
    [
        # Times that never come, and those that come twice: the instants by the zones' laws.
        ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29T01:30"),
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25T00:30"),
        ("Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00"),
        ("America/New_York", "2026-03-08 02:30", "2026-03-08T07:30"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01T05:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:45"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45"),
        ("Africa/Cairo", "2026-04-24 00:30", "2026-04-23T22:30"),
        ("Africa/Cairo", "2026-10-29 23:30", "2026-10-29T20:30"),
        ("Asia/Kathmandu", "2026-03-29 02:30", "2026-03-28T20:45"),
    ],
)
def test_the_odd_hours_are_the_instants_that_the_law_makes_them(
    name: str, wall: str, utc: str
) -> None:
    zone = ZoneInfo(name)
    at = datetime.fromisoformat(wall)
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert instants(at.date(), zone, [at.time()]) == [expected]
    now = datetime.combine(at.date() - timedelta(days=1), time(12), zone)
    _, found = published([f"- [ ] odd ⏳ {wall} ⏱ 1h"], now, zone, Hours())
    assert [*found.values()] == [(expected, expected + HOUR)]


@pytest.mark.parametrize("fold", [0, 1])
def test_the_hour_that_comes_twice_is_told_apart(fold: int) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    writer = Writer({}, {}, FeedSettings(), "vault", "/vault", date(2026, 10, 25))
    start = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=fold)
    end = datetime(2026, 10, 25, 4, 0, tzinfo=berlin)
    event = writer.block("u-1@mdtasks", Block(start, end, "night", Kind.FOCUS, ("u",)))
    assert event.start == f"{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"
