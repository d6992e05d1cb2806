"""How far today is: what is done and to go, days in a row, praise; and all of it off by one key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.app.day_page import day_page
from mdtasks.app.refresh import opened
from mdtasks.model import Block, Kind, Status, Task, Today, Unplaced
from mdtasks.plan.praise import days_in_a_row
from mdtasks.render.pen import Pen
from mdtasks.render.praise import balance, praise, progress
from mdtasks.render.terminal import Show, today
from mdtasks.settings import WORKDAY, Hours
from tests.conftest import MakeVault
from tests.planner_rules import BERLIN, task
from tests.running import mdtasks
from tests.sections import session_of

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)
FREE = Hours(exceptions={MONDAY - DAY * 4: (), MONDAY - DAY * 3: ()})  # Thursday and Friday
NEVER = Hours(week=((),) * 7)
ALWAYS = Hours(week=(WORKDAY,) * 7)


def days(*back: int) -> Iterator[date]:
    """Yield the days so many before Monday; whoever asks on behind them is told."""
    yield from (MONDAY - DAY * n for n in back)


@pytest.mark.parametrize(
    ("done", "hours", "row"),
    [
        ((), Hours(), 0),
        ((0,), Hours(), 1),
        ((3,), Hours(), 1),  # Friday; today still runs
        ((0, 3), Hours(), 2),
        ((0, 2, 3), Hours(), 3),  # Saturday counts where something is done
        ((0, 4), Hours(), 1),  # Friday is missing
        ((4,), Hours(), 0),
        ((0, 5), FREE, 2),  # both days off
        ((5,), FREE, 1),
        ((6,), FREE, 0),
        ((0, 1, 3), ALWAYS, 2),
        ((0, 1, 3), NEVER, 2),  # without any hours no day is a free one
        ((1, 2, 3), NEVER, 3),
    ],
)
def test_a_row_is_broken_by_a_working_day_and_by_nothing_else(
    done: tuple[int, ...], hours: Hours, row: int
) -> None:
    assert days_in_a_row(days(*done), MONDAY, hours) == row


def test_a_row_takes_no_more_days_than_it_needs() -> None:
    left = days(0, 1, 10, 11, 12)
    assert days_in_a_row(left, MONDAY, ALWAYS) == 2
    assert [*left] == [*days(11, 12)]


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)))
def test_a_row_is_the_longest_end_without_a_working_day_left_out(
    done: set[int], free: set[int]
) -> None:
    hours = Hours(ALWAYS.week, {MONDAY - DAY * n: () for n in free})
    count, back = 0, 0
    while back in done or back in free or not back:
        count, back = count + (back in done), back + 1
    # Days off at the row's end belong to it only with what was done before them.
    assert days_in_a_row(days(*sorted(done)), MONDAY, hours) == count


def test_the_calendars_ends_break_nothing() -> None:
    assert days_in_a_row([date.min], date.min, Hours()) == 1
    assert days_in_a_row([date.max], date.max, NEVER) == 1
    assert days_in_a_row([date.min], date.max, NEVER) == 0


def day_of(done: int, *opened: Task, streak: int = 0, **fields: object) -> list[str]:
    """Return what is said of a day with these tasks in its list."""
    closed = tuple(
        task(f"done {n}", status=Status.DONE, done=MONDAY, **fields) for n in range(done)
    )
    value = Today(MONDAY, (), opened, 0, closed, (), streak=streak)
    found = progress(value, {each.uid: each for each in (*opened, *closed)})
    return [words for words in (balance(found), praise(found)) if words]


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        (day_of(0), []),
        (day_of(1), ["1 done"]),
        (day_of(0, task("a", due=MONDAY), streak=11), ["1 to go · 11 days in a row"]),
        (day_of(1, task("a", due=MONDAY - DAY), streak=12), ["1 done · 1 to go · day 12 in a row"]),
        (day_of(1, task("a"), task("b", due=MONDAY + DAY), streak=1), ["1 done"]),
        (day_of(1, due=MONDAY), ["1 done", "Well done: all that was planned is done."]),
        (day_of(1, task("a", scheduled=MONDAY), due=MONDAY), ["1 done · 1 to go"]),
        (day_of(10), ["10 done", "Well done: 10 done today."]),
        (day_of(13), ["13 done", "Well done: more than 10 done today."]),
        (day_of(9, streak=8), ["9 done · day 8 in a row"]),
        (
            day_of(25, streak=30),
            ["25 done · day 30 in a row", "Well done: 25 done today, 30 days in a row."],
        ),
        (day_of(1, streak=7), ["1 done · day 7 in a row", "Well done: a week of days in a row."]),
        (
            day_of(2, streak=200),
            ["2 done · day 200 in a row", "Well done: 200 days in a row."],
        ),
        (day_of(0, streak=100), ["100 days in a row"]),
    ],
)
def test_a_day_is_said_in_numbers_and_praised_at_milestones(
    said: list[str], lines: list[str]
) -> None:
    assert said == lines


def test_a_pile_that_is_overdue_is_no_planned_day_that_is_done() -> None:
    closed = task("done", status=Status.DONE, done=MONDAY, due=MONDAY)
    found = progress(Today(MONDAY, (), (), 3, (closed,), ()), {})
    assert found.praise == ()


def test_to_go_is_what_has_a_block_or_a_day_or_is_asked_about_and_is_open() -> None:
    at = datetime(2026, 11, 23, 9, tzinfo=BERLIN)
    planned, ticked = task("planned"), task("ticked", status=Status.DONE)
    block = Block(at, at + DAY / 24, "block", Kind.MICRO, (planned.uid, ticked.uid, "gone"))
    asked, late = task("Ann's", assignee="Ann"), task("late", due=MONDAY - DAY)
    unplaced = (Unplaced(late.uid, "no room"), Unplaced(planned.uid, "not all of it"))
    value = Today(MONDAY, (block,), (task("some day"),), 9, (), unplaced, asked=(asked,))
    named = (planned, ticked, asked, late, *value.micro)
    assert progress(value, {each.uid: each for each in named}).to_go == 3


NOTES = {
    "mdtasks.toml": 'vault_id = "praise"\ntimezone = "Europe/Berlin"\n',
    "Home.md": "- [ ] Call Bob ⏱ 5m 📅 2026-11-23\n- [ ] Pay rent ⏱ 5m 📅 2026-11-23\n",
    "Old.md": "- [x] Before ✅ 2026-11-20\n- [x] Still before ✅ 2026-11-19\n- [ ] Some day\n",
}


def said(root: Path, now: str = "2026-11-23T08:30") -> list[str]:
    """Return the last lines of the day's list, behind its last heading."""
    lines = mdtasks(root, "today", now=now).lines
    return [line for line in lines if "in a row" in line or "Well done" in line or "to go" in line]


def test_today_ends_with_how_far_it_is_and_counts_each_tick(vault: MakeVault) -> None:
    root = vault(NOTES)
    assert said(root) == ["2 to go · 2 days in a row"]
    assert mdtasks(root, "today").lines[-1] == "2 to go · 2 days in a row"
    mdtasks(root, "done", "Home.md:1")
    assert said(root) == ["1 done · 1 to go · day 3 in a row"]
    mdtasks(root, "done", "Home.md:2")
    assert said(root) == ["2 done · day 3 in a row", "Well done: all that was planned is done."]
    mdtasks(root, "undo")
    assert said(root) == ["1 done · 1 to go · day 3 in a row"]
    assert mdtasks(root, "today", "--json").json["progress"] == {
        "done": 1,
        "to_go": 1,
        "streak": 3,
        "praise": [],
    }


def test_a_row_follows_the_hours_though_nothing_else_changed(vault: MakeVault) -> None:
    root = vault(
        {**NOTES, "Home.md": "- [x] a ✅ 2026-11-23\n", "Old.md": "- [x] b ✅ 2026-11-19\n"}
    )
    assert mdtasks(root, "today", "--json").json["progress"]["streak"] == 1
    config = root / "mdtasks.toml"
    config.write_text(f'{config.read_text()}[hours]\n"2026-11-20" = []\n')
    assert mdtasks(root, "today", "--json").json["progress"]["streak"] == 2


def test_what_was_done_without_a_date_counts_on_the_day_it_was_seen(vault: MakeVault) -> None:
    root = vault({**NOTES, "Old.md": "- [x] Who knows when\n- [ ] Before\n"})
    assert said(root) == ["2 to go"]
    (root / "Old.md").write_text("- [x] Who knows when\n- [x] Before\n")
    assert said(root) == ["1 done · 2 to go"]


def test_a_list_that_came_to_its_end_today_is_praised(vault: MakeVault) -> None:
    done = "- [x] a ✅ 2026-11-{}\n"
    lists = {
        "Boat.md": "".join(done.format(day) for day in (20, 20, 23)),
        "Shed.md": "".join(done.format(day) for day in (20, 20, 20)),  # not today
        "Car.md": "".join(done.format(day) for day in (20, 23)),  # too short
        "Tent.md": "".join(done.format(day) for day in (20, 20, 23)) + "- [ ] b\n",  # goes on
        "2026-11-23.md": "".join(done.format(day) for day in (23, 23, 23)),  # a day is no list
    }
    root = vault({**NOTES, **lists})
    assert said(root)[-1] == "Well done: all of Boat is done."


def test_another_day_is_not_told_how_far_it_is(vault: MakeVault) -> None:
    root = vault(NOTES)
    assert mdtasks(root, "today", "--json", "--date", "tomorrow").json["progress"] is None
    lines = mdtasks(root, "today", "--date", "yesterday").lines
    assert not any("in a row" in line or "to go" in line for line in lines)


def test_one_key_turns_all_of_it_off(vault: MakeVault) -> None:
    off = f"{NOTES['mdtasks.toml']}[display]\npraise = false\n"
    root = vault({**NOTES, "mdtasks.toml": off})
    assert said(root) == []
    assert mdtasks(root, "today", "--json").json["progress"] is None
    with opened(session_of(root)) as (store, _):
        shown = day_page(session_of(root), store, MONDAY)
    assert (shown.progress, shown.praise) == ("", "")


def test_the_page_says_the_same(vault: MakeVault) -> None:
    home = "- [x] Call Bob ⏱ 5m ✅ 2026-11-23\n- [ ] Pay 📅 2026-11-24 ⏳ 2026-11-24\n"
    root = vault({**NOTES, "Home.md": home})
    session = session_of(root)
    with opened(session) as (store, _):
        shown = day_page(session, store, MONDAY)
        other = day_page(session, store, MONDAY + DAY)
    assert (shown.progress, shown.praise) == (
        "1 done · day 3 in a row",
        "Well done: all that was planned is done.",
    )
    assert (other.progress, other.praise) == ("", "")


def test_the_name_of_a_list_cannot_do_harm() -> None:
    value = Today(MONDAY, (), (), 0, (task("a", status=Status.DONE),), (), finished=("\x1b[2J\n",))
    show = Show(Pen(), MONDAY)
    lines = [*today(value, {}, show, datetime(2026, 11, 23, 9, tzinfo=BERLIN))]
    assert "\x1b" not in "".join(lines)
    assert lines[-1] == "Well done: all of ^[[2J  is done."


def test_the_daily_note_does_not_change_with_each_tick(vault: MakeVault) -> None:
    daily = f"{NOTES['mdtasks.toml']}[daily]\nwrite = true\n"
    root = vault({**NOTES, "mdtasks.toml": daily})
    assert mdtasks(root, "sync").code == 0
    text = (root / "2026-11-23.md").read_text()
    assert "to go" not in text
    assert "in a row" not in text
