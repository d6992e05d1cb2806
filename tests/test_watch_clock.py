"""The watcher and the time: midnight, clocks that are set or change, a laptop that sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mdtasks.app.kept import load_plan
from mdtasks.watch.clock import Alarm, Clock
from tests.conftest import MakeVault
from tests.test_watch import wait_until
from tests.watching import SETTINGS, session_of, task, watching

BERLIN = ZoneInfo("Europe/Berlin")
DAY = 86400.0


class Turned:
    """A clock that goes on from a moment, and can be turned; in sleep only its wall goes on."""

    def __init__(self, moment: str) -> None:
        start = datetime.fromisoformat(moment).replace(tzinfo=BERLIN).timestamp()
        self._ahead = start - time.time()

    def turn(self, seconds: float) -> None:
        self._ahead += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: time.time() + self._ahead, time.monotonic)


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"mdtasks.toml": SETTINGS, "a.md": task("first")})


def first_day(root: Path) -> date:
    """Return the first day of the plan that is kept."""
    session = session_of(root)
    with session.store() as store:
        kept = load_plan(store.get("plan"), session.zone)
    assert kept
    return kept.plan.days[0]


def test_at_midnight_it_plans_the_new_day(root: Path) -> None:
    turned = Turned("2026-11-23T23:59:58")
    with watching(root, None, turned.clock):
        wait_until(lambda: first_day(root) == date(2026, 11, 24), "for midnight")


@pytest.mark.parametrize("evening", ["2026-03-28", "2026-10-24"])
def test_in_the_night_in_which_clocks_change_midnight_comes_once_each_day(
    root: Path, evening: str
) -> None:
    turned = Turned(f"{evening}T23:59:59")
    sunday = date.fromisoformat(evening).toordinal() + 1
    with watching(root, None, turned.clock) as watcher:
        wait_until(lambda: first_day(root).toordinal() == sunday, "for Sunday")
        watcher.wait_for_rest()
        # To the last seconds of a day of 23 or 25 hours.
        length = midnight(sunday + 1) - midnight(sunday)
        assert length in (DAY - 3600, DAY + 3600)
        turned.turn(length - 3)
        wait_until(lambda: first_day(root).toordinal() == sunday + 1, "for Monday")


def midnight(ordinal: int) -> float:
    day = date.fromordinal(ordinal)
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN).timestamp()


@pytest.mark.parametrize("seconds", [8 * 3600, 3 * DAY, -2 * 3600, 60])
def test_a_laptop_that_wakes_and_a_clock_that_was_set_are_noticed(
    root: Path, seconds: float
) -> None:
    turned = Turned("2026-11-23T08:30")
    with watching(root, None, turned.clock) as watcher:
        watcher.wait_for_rest()
        before = watcher.syncs
        turned.turn(seconds)
        wait_until(lambda: watcher.syncs > before, "for a look at the vault")


def test_when_a_block_has_passed_with_its_task_open_it_plans_again(
    root: Path,
) -> None:
    (root / "a.md").write_text("- [ ] write 📅 2026-11-23 ⏱ 30m\n", "utf-8")
    turned = Turned("2026-11-23T09:00")
    with watching(root, None, turned.clock) as watcher:
        wait_until(lambda: watcher.publishes("DTSTART:20261123T08"), "for the first plan")
        before = watcher.feed.read_bytes()
        turned.turn(2 * 3600)
        wait_until(lambda: watcher.publishes("DTSTART:20261123T10"), "for the second")
        assert watcher.feed.read_bytes() != before


# The alarm by itself


def alarm_of(wall: Callable[[], float], steady: Callable[[], float]) -> Alarm:
    alarm = Alarm(Clock(wall, steady))
    alarm.set(wall() + 100, alarm.offset)
    return alarm


def test_it_rings_at_its_time_and_not_before() -> None:
    now = [1000.0]
    alarm = alarm_of(lambda: now[0], lambda: now[0])
    rang = []
    for now[0] in range(1001, 1103):
        rang.append(alarm.rings())
    assert rang == [False] * 99 + [True] * 3
    assert alarm.left == 0


@pytest.mark.parametrize(
    ("wall", "steady", "rings"),
    [
        (1, 1, False),
        (9, 9, False),  # a second that took long: the computer is busy
        (11, 11, True),  # asleep, and the steady clock went on
        (11, 1, True),  # asleep, or set forward
        (-3600, 1, True),  # set back
        (2, 1, False),  # set right, by a little
    ],
)
def test_it_rings_when_the_clock_jumps(wall: float, steady: float, rings: bool) -> None:
    now = [1000.0, 50.0]
    alarm = alarm_of(lambda: now[0], lambda: now[1])
    now[0] += wall
    now[1] += steady
    assert alarm.rings() is rings


def test_a_jump_during_the_work_is_noticed_after_it() -> None:
    now = [1000.0, 50.0]
    alarm = alarm_of(lambda: now[0], lambda: now[1])
    before = alarm.offset
    now[0] += 3600
    alarm.set(now[0] + 100, before)
    assert alarm.rings()
