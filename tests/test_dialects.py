"""The dialects that are read only where they are switched on.

`cases/dialects.jsonl` holds lines and what they say.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, time, timedelta
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mdtasks.dates import EVERY_DAY
from mdtasks.model import Task
from mdtasks.read import dialects
from mdtasks.read.fields import parse_body
from mdtasks.read.note import read_note
from mdtasks.settings import ReadSettings, WriteSettings
from mdtasks.toml import values
from mdtasks.write.edits import cancel, complete, reopen

Row = dict[str, Any]

CASES = Path(__file__).parent / "cases" / "dialects.jsonl"
ROWS: list[Row] = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
OTHERS = ("noteplan", "todotxt", "kanban", "reminder")
ALL = ReadSettings(dialects=("emoji", "dataview", "dayplanner", *OTHERS))
NOW = datetime(2026, 11, 22, 10, 30)
WRITE = WriteSettings()


def read(line: str, settings: ReadSettings) -> Task:
    (task,) = read_note("n.md", f"- [ ] {line}\n".encode(), settings).tasks
    return task


def plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def said(task: Task) -> Row:
    """Return what differs from a task without any field in the note `n`."""
    nothing = {**dict.fromkeys(Task._fields), **Task._field_defaults} | {"project": "n"}
    shown = {name: getattr(task, name) for name in nothing}
    apart = ("source", "status", "symbol")
    return {
        name: plain(value)
        for name, value in shown.items()
        if name not in apart and value != nothing[name]
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['dialects'][0]}: {row['line']}")
def test_a_line_says_what_its_dialect_means(row: Row) -> None:
    task = read(row["line"], ReadSettings(dialects=tuple(row["dialects"])))
    assert said(task) == {"text": row["line"]} | row["expected"]


@pytest.mark.parametrize("row", [row for row in ROWS if len(row["dialects"]) == 1],
                         ids=lambda row: row["line"])  # fmt: skip
def test_none_is_read_unless_it_is_switched_on(row: Row) -> None:
    assert parse_body(row["line"], ReadSettings()).found == ()
    (own,) = row["dialects"]
    others = tuple(name for name in OTHERS if name != own)
    mixed = parse_body(row["line"], ReadSettings(dialects=others))
    assert own not in {field.dialect for field in mixed.found}


def test_every_dialect_has_its_cases() -> None:
    counts = Counter(row["dialects"][0] for row in ROWS)
    assert {name: counts[name] >= 20 for name in OTHERS} == dict.fromkeys(OTHERS, True)


def test_the_settings_know_every_dialect() -> None:
    known = (*ReadSettings().dialects, *dialects.DIALECTS)
    assert known == values.DIALECTS


def test_a_code_span_or_a_link_hides_a_mark() -> None:
    for mark in (">2026-01-02", "due:2026-01-02", "@{2026-01-02}", "(@2026-01-02)"):
        for line in (f"see ` {mark} ` there", f"see [[a {mark} b]] there"):
            assert parse_body(line, ALL).found == ()


def test_of_two_marks_that_overlap_one_counts() -> None:
    assert [field.name for field in parse_body("a +x(@2026-01-02)", ALL).found] == ["project"]


@pytest.mark.parametrize(
    ("dialect", "line", "after"),
    [
        ("noteplan", "a >2026-01-02", "a >2026-01-02 @done(2026-11-22 10:30)"),
        ("noteplan", "a", "a @done(2026-11-22 10:30)"),
        ("noteplan", "a >today ^b1 ", "a >today @done(2026-11-22 10:30) ^b1 "),
        ("noteplan", "a @done(2020-01-01 09:00 AM) b", "a @done(2026-11-22 10:30) b"),
        ("noteplan", "a @done(2020-01-01)", "a @done(2026-11-22)"),
        ("todotxt", "(A) a due:2026-01-02", "(A) a due:2026-01-02 completed:2026-11-22"),
        ("todotxt", "a", "a completed:2026-11-22"),
        ("todotxt", "a cancelled:2020-01-01 +p", "a +p completed:2026-11-22"),
        ("kanban", "a @{2026-01-02} @@{20:26}", "a @{2026-01-02} @@{20:26}"),
        ("reminder", "a (@2026-01-02 09:00)", "a (@2026-01-02 09:00)"),
    ],
)
def test_done_speaks_the_dialect_of_the_line(dialect: str, line: str, after: str) -> None:
    settings = ReadSettings(dialects=(dialect,))
    edit = complete(read(line, settings), NOW, settings, WRITE)
    assert edit
    assert edit.after == (f"- [x] {after}",)


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("a @{2026-01-02}", "a @{2026-01-02} ✅ 2026-11-22"),
        ("a (@2026-01-02)", "a (@2026-01-02) ✅ 2026-11-22"),
        ("a >2026-01-02 📅 2026-01-02", "a >2026-01-02 📅 2026-01-02 ✅ 2026-11-22"),
        ("a 📅 2026-01-02 >2026-01-02", "a 📅 2026-01-02 >2026-01-02 @done(2026-11-22 10:30)"),
        ("a", "a ✅ 2026-11-22"),
    ],
)
def test_where_emoji_are_read_too_a_line_without_words_for_it_gets_them(
    line: str, after: str
) -> None:
    edit = complete(read(line, ALL), NOW, ALL, WRITE)
    assert edit
    assert edit.after == (f"- [x] {after}",)


def test_a_day_without_a_time_is_written_alone() -> None:
    settings = ReadSettings(dialects=("noteplan",))
    edit = complete(read("a", settings), NOW.date(), settings, WRITE)
    assert edit
    assert edit.after == ("- [x] a @done(2026-11-22)",)


@pytest.mark.parametrize(
    ("dialect", "line", "following"),
    [
        ("noteplan", "a @repeat(1w) >2026-11-20", "a @repeat(1w) >2026-11-27"),
        ("noteplan", "a @repeat(1w) >2026-W47", "a @repeat(1w) >2026-W48"),
        ("noteplan", "a @repeat(1d) >2026-W47", "a @repeat(1d) >2026-11-17"),
        ("noteplan", "a @repeat(1w) >2026-W53", "a @repeat(1w) >2027-W01"),
        ("noteplan", "a @repeat(+2m) >2026-01-10", "a @repeat(+2m) >2027-01-22"),
        ("noteplan", "a @repeat(2w)", "a @repeat(2w) >2026-12-06"),
        ("noteplan", "a @repeat(1w) >today", "a @repeat(1w) >today"),
        ("todotxt", "(B) a due:2026-11-20 t:2026-11-18 rec:+1w",
         "(B) a due:2026-11-27 t:2026-11-25 rec:+1w"),
        ("todotxt", "a due:2026-11-20 rec:1w", "a due:2026-11-29 rec:1w"),
        ("todotxt", "a rec:1w", "a rec:1w"),
    ],
)  # fmt: skip
def test_what_repeats_comes_again(dialect: str, line: str, following: str) -> None:
    settings = ReadSettings(dialects=(dialect,))
    edit = complete(read(line, settings), NOW, settings, WRITE)
    assert edit
    assert (len(edit.after), edit.after[0]) == (2, f"- [ ] {following}")


def test_the_dates_of_boards_and_reminders_move_with_a_recurring_task() -> None:
    settings = ReadSettings(dialects=("emoji", "kanban", "reminder"))
    for line, following in (
        ("a 🔁 every day @{2026-11-20} @@{20:26}", "a 🔁 every day @{2026-11-21} @@{20:26}"),
        ("a 🔁 every day (@2026-11-20 09:00)", "a 🔁 every day (@2026-11-21 09:00)"),
    ):
        edit = complete(read(line, settings), NOW, settings, WRITE)
        assert edit
        assert edit.after[0] == f"- [ ] {following}"


@pytest.mark.parametrize(
    ("dialect", "line", "after"),
    [
        ("noteplan", "a >2026-01-02", "a >2026-01-02"),
        ("noteplan", "a @done(2026-01-02 10:30) b", "a b"),
        ("todotxt", "a due:2026-01-02", "a due:2026-01-02 cancelled:2026-11-22"),
        ("kanban", "a @{2026-01-02}", "a @{2026-01-02}"),
    ],
)
def test_cancelling_says_the_day_where_the_dialect_can(dialect: str, line: str, after: str) -> None:
    settings = ReadSettings(dialects=(dialect,))
    edit = cancel(read(line, settings), NOW.date(), settings)
    assert edit
    assert edit.after == (f"- [-] {after}",)


WORDS = st.sampled_from(
    [
        *("a", "b", "#t", "`", "[[", "](", ")", "!", "!!", "(A)", "at 3pm", "9:00"),
        *(">2026-01-02", ">2026-W02", ">today", "@repeat(1w)", "@{2026-01-02}", "@@{9:00}"),
        *("@[[2026-01-02]]", "(@2026-01-02 09:00)", "due:2026-01-02", "t:2026-01-03", "+p", "+"),
        *("rec:1b", "created:2026-01-01", "📅 2026-01-02", "[due:: 2026-01-02]", "^b1", "\u00a0"),
    ]
)
LINES = st.lists(WORDS, max_size=9).map(lambda words: " ".join(("a", *words)))
READS = st.lists(st.sampled_from(ALL.dialects), min_size=1, unique=True).map(
    lambda names: ReadSettings(dialects=tuple(names))
)


@settings(deadline=None)
@given(LINES, READS)
def test_fields_stand_in_order_and_apart(line: str, read: ReadSettings) -> None:
    found = parse_body(line, read).found
    for one, other in pairwise(found):
        assert one.end <= other.start
    assert {field.dialect for field in found} <= set(read.dialects)


@settings(deadline=None)
@given(LINES, READS)
@example("a >2026-01-02 \u00a0 #t", ReadSettings(dialects=("emoji", "noteplan")))
@example("a   #t +p   #t", ReadSettings(dialects=("todotxt",)))
def test_a_tick_taken_back_leaves_the_line_as_it_was(line: str, settings: ReadSettings) -> None:
    task = read(line, settings)
    edit = complete(task, NOW, settings, WRITE)
    assert edit
    (done,) = read_note("n.md", f"{edit.after[-1]}\n".encode(), settings).tasks
    assert done.text == task.text
    assert done.done in (NOW.date(), None)
    back = reopen(done, settings)
    assert back
    assert back.after == (task.source.text,)


def test_the_day_of_a_week_is_its_monday_and_every_day_has_none() -> None:
    monday = read(">2026-W48 a", ALL).scheduled
    assert monday == date(2026, 11, 23)
    assert monday - timedelta(days=monday.weekday()) == monday
    assert read(">today a", ALL).scheduled == EVERY_DAY


@pytest.mark.parametrize(
    "piece", [">2026-01-02 ", "+p,", " +p", "@{", "(@", "!", "due:", "`>today "]
)
def test_a_long_line_takes_linear_work(piece: str) -> None:
    # Quadratic work on 60,000 characters would take minutes.
    parse_body(piece * (60_000 // len(piece)), ALL)
