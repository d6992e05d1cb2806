"""The keys that shape the days: dates in the hours, blocks, times of day, quotas, lunch."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from mdtasks.config import planning_settings
from mdtasks.settings import DAYPARTS, Config, Lunch, Quota, Reserve, Span
from tests.shaped import config, refusal

MORNING = Span(time(9), time(12))


# Values


def test_hours_take_dates_and_ranges_of_dates_and_the_later_line_wins() -> None:
    hours = config(
        '[hours]\n2026-12-24 = ["09:00-12:00"]\n"2026-12-24 .. 2026-12-26" = []\n'
        '"2026-12-26" = ["09:00-12:00"]\nthu = ["20:00-21:00"]'
    ).hours
    assert hours.exceptions == {
        date(2026, 12, 24): (),
        date(2026, 12, 25): (),
        date(2026, 12, 26): (MORNING,),
    }
    assert hours.on(date(2026, 12, 24)) == ()
    assert hours.on(date(2026, 12, 31)) == (Span(time(20), time(21)),)


def test_blocks_are_tables_of_their_own_in_the_order_of_the_file() -> None:
    text = """
        [[blocks]]
        name = "deep work"
        days = ["mon-tue", "fri"]
        time = "09:00-12:00"
        only = ["#writing", "@desk"]
        [[blocks]]
        name = "email"
        minutes = "30m"
        time = "morning"
        only = "@email"
    """
    assert config(text).shape.blocks == (
        Reserve("deep work", MORNING, ("#writing", "@desk"), (0, 1, 4)),
        Reserve("email", DAYPARTS["morning"], ("@email",), None, timedelta(minutes=30)),
    )


def test_blocks_may_stand_in_one_list() -> None:
    assert config('blocks = [{ name = "a", time = "09:00-12:00" }]').shape.blocks == (
        Reserve("a", MORNING),
    )


def test_times_of_day_are_names_or_spans_or_several() -> None:
    prefer = config('[prefer]\n"#deep" = "morning"\nLetters = ["09:00-12:00", "evening"]').shape
    assert prefer.prefer == {
        "#deep": (DAYPARTS["morning"],),
        "Letters": (MORNING, DAYPARTS["evening"]),
    }


def test_a_quota_is_a_tag_with_or_without_its_mark() -> None:
    shape = config('[quota]\nexercise = "5/week 30m"\n"#reading" = "3 / week, 1h30m"').shape
    assert shape.quotas == (
        Quota("exercise", "#exercise", 5, timedelta(minutes=30)),
        Quota("reading", "#reading", 3, timedelta(minutes=90)),
    )


def test_lunch_has_a_window_and_a_length() -> None:
    shape = config('[breaks]\nlunch = { window = "11:30-14:00", minutes = 45 }').shape
    assert shape.lunch == Lunch(Span(time(11, 30), time(14)), timedelta(minutes=45))
    assert config('[breaks]\nlunch = ""').shape.lunch is None


# Faults, with their lines

DAY = "wanted: a date such as"
SPANS = 'morning, midday, afternoon, evening, or a span such as "09:00-11:00"'
BLOCK = '[[blocks]]\nname = "a"\ntime = "09:00-10:00"\n'


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[hours]\n2026-02-30 = []", "2: `2026-02-30` in [hours]: there is no 2026-02-30", DAY),
        ("[hours]\n2026-1-1 = []", "2: `2026-1-1` in [hours] is no day", DAY),
        ('[hours]\n"2026-12-27.." = []', "2: `2026-12-27..` in [hours] is no day", DAY),
        (
            '[hours]\n"2026-12-27..2027-02-29" = []',
            "2: `2026-12-27..2027-02-29` in [hours]: there is no 2027-02-29 in the calendar",
            DAY,
        ),
        (
            '[hours]\n\n"2026-12-27..2026-12-20" = []',
            "3: `2026-12-27..2026-12-20` in [hours] ends before it begins",
            "the earlier day comes first",
        ),
        (
            '[hours]\n"2026-01-01..2028-01-01" = []',
            "2: `2026-01-01..2028-01-01` in [hours] holds 731 days",
            "a range holds at most 366 days",
        ),
        ('[hours]\n2026-12-24 = "off"', '2: `2026-12-24` in [hours] is "off"', "wanted: a list"),
        ("[hours]\nmin_block = 30", "2: unknown key `min_block` in [hours]", "belongs in [plan]"),
        (f"{BLOCK}[[blocks]]\nnmae = 'b'", "5: unknown key `nmae` in [[blocks]]", "`name`?"),
        (f"{BLOCK}[[blocks]]\nname = 'b'", "4: [[blocks]] has no `time`", "known here: name"),
        (f"{BLOCK}days = 'mon-fry'", '4: `days` in [[blocks]] is "mon-fry"', "wanted: days such"),
        (f"{BLOCK}days = []", "4: `days` in [[blocks]] is []", "wanted: days such"),
        (f"{BLOCK}only = []", "4: `only` in [[blocks]] is []", "wanted: at least one mark"),
        (f"{BLOCK}only = '#'", '4: `only` in [[blocks]] is "#"', 'wanted: "#tag", "@context"'),
        (f"{BLOCK}minutes = 90", "4: `minutes` in [[blocks]] is 90", "wanted: at most the 60"),
        (f"{BLOCK}minutes = true", "4: `minutes` in [[blocks]] is true", "wanted: minutes from 5"),
        (
            f"{BLOCK}{BLOCK.replace('09:00-10:00', 'noon')}",
            '6: `time` in [[blocks]] is "noon"',
            f"wanted: {SPANS}",
        ),
        (
            "[blocks]\nname = 'a'",
            "1: `blocks` is { name =",
            "wanted: tables in [[double brackets]]",
        ),
        ("blocks = [5]", "1: [[blocks]] is 5", "wanted: a [table]"),
        ('[prefer]\n"#deep" = "mornin"', '2: `#deep` in [prefer] is "mornin"', f"wanted: {SPANS}"),
        ('[prefer]\n"#deep" = []', "2: `#deep` in [prefer] is []", "wanted: at least one time"),
        ('[prefer]\n"# deep" = "morning"', "2: `# deep` in [prefer] is no mark", "wanted: "),
        ('[quota]\na = "8/week 1h"', '2: `a` in [quota] is "8/week 1h"', "wanted: from 1 to 7"),
        ('[quota]\na = "3/day 1h"', '2: `a` in [quota] is "3/day 1h"', "wanted: from 1 to 7"),
        ('[quota]\na = "3/week"', '2: `a` in [quota] is "3/week"', "wanted: from 1 to 7"),
        ('[quota]\na = "3/week 1"', '2: `a` in [quota] is "3/week 1"', "wanted: minutes from 5"),
        ('[quota]\n"a!" = "3/week 1h"', "2: `a!` in [quota] is no tag", "wanted: exercise or"),
        (
            '[quota]\na = "1/week 1h"\n"#a" = "2/week 1h"',
            "3: `#a` in [quota] stands here twice",
            "one line for each tag",
        ),
        (
            "[breaks]\nlunch = { window = '11:30-14:00', minutes = 180 }",
            "2: `lunch` in [breaks] is { window",
            "wanted: a window within one day",
        ),
        (
            "[breaks.lunch]\nwindow = '11:30-14:00'",
            "1: `lunch` in [breaks] has no `minutes`",
            "known here: window, minutes",
        ),
        (
            "[breaks.lunch]\nminutes = 30\nwindow = 'noon'",
            '3: `window` in [breaks.lunch] is "noon"',
            f"wanted: {SPANS}",
        ),
        ("[breaks]\nlunch = 45", "2: `lunch` in [breaks] is 45", "wanted: a [table]"),
        ("[breaks]\nluch = ''", "2: unknown key `luch` in [breaks]", "did you mean `lunch`?"),
    ],
)
def test_a_fault_names_its_line_and_what_is_wanted(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    said, then = refusal(tmp_path, text)
    assert said.startswith(f"mdtasks.toml:{message}")
    assert hint in then


def test_every_part_of_the_shape_makes_a_new_plan() -> None:
    base = planning_settings(Config())
    for text in (
        "[hours]\n2026-12-24 = []",
        BLOCK,
        '[prefer]\n"#deep" = "morning"',
        '[quota]\nexercise = "1/week 30m"',
        '[breaks]\nlunch = { window = "midday", minutes = 30 }',
        '[display]\nweek_start = "sun"',
    ):
        changed = planning_settings(config(text))
        assert changed != base
        assert not re.search(r" at 0x", changed)  # an address would differ in every run
        assert planning_settings(config(text)) == changed
