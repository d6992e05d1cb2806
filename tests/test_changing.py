"""skip, start and postpone: what changes on a line, and what never does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.errors import RefusedError
from mdtasks.model import Edit, Source, Status, Task
from mdtasks.read.line import read_line
from mdtasks.read.note import read_note
from mdtasks.settings import DEFAULT_STATUSES, ReadSettings, StatusRule, WriteSettings
from mdtasks.write.reschedule import postpone, skip, start, stays

READ, WRITE = ReadSettings(), WriteSettings()
TODAY, FRI = date(2026, 11, 23), date(2026, 11, 27)


def task(line: str, read: ReadSettings = READ) -> Task:
    (found,) = read_note("a.md", line.encode(), read).tasks
    return found


def after(edit: Edit | None) -> tuple[str, ...]:
    assert edit
    return edit.after


# start


def test_start_changes_the_one_character() -> None:
    line = "  * [ ] a  📅 2026-11-27 ^id  "
    assert after(start(task(line), READ)) == ("  * [/] a  📅 2026-11-27 ^id  ",)


def test_a_started_task_is_left_as_it_is() -> None:
    assert start(task("- [/] a"), READ) is None


@pytest.mark.parametrize("symbol", ["?", "!", "<"])
def test_any_open_task_can_be_started(symbol: str) -> None:
    assert after(start(task(f"- [{symbol}] a"), READ)) == ("- [/] a",)


@pytest.mark.parametrize("symbol", ["x", "X", "-", ">"])
def test_a_closed_task_cannot_be_started_or_postponed(symbol: str) -> None:
    with pytest.raises(RefusedError, match=r"a.md:1: this task is .* cannot be started"):
        start(task(f"- [{symbol}] a"), READ)
    with pytest.raises(RefusedError, match="cannot be postponed"):
        postpone(task(f"- [{symbol}] a"), FRI, None, None, READ)


def test_the_symbol_is_the_vaults_own() -> None:
    rule = StatusRule(Status.IN_PROGRESS, "Going", "x")
    both = READ._replace(statuses={**DEFAULT_STATUSES, "g": rule})
    assert after(start(task("- [ ] a", both), both)) == ("- [/] a",)
    own = READ._replace(statuses={"g": rule, "/": StatusRule(Status.ON_HOLD, "Held", "x")})
    assert after(start(task("- [ ] a", own), own)) == ("- [g] a",)
    none = READ._replace(statuses={"/": StatusRule(Status.ON_HOLD, "Held", "x")})
    with pytest.raises(RefusedError, match="no symbol of this vault means in progress"):
        start(task("- [ ] a", none), none)


# skip

SERIES = "- [ ] a 🔁 every week ⏳ 2026-11-23 ^id"


def test_skip_cancels_this_one_and_writes_the_next() -> None:
    assert after(skip(task(SERIES), TODAY, READ, WRITE)) == (
        "- [ ] a 🔁 every week ⏳ 2026-11-30",
        "- [-] a 🔁 every week ⏳ 2026-11-23 ❌ 2026-11-23 ^id",
    )


def test_the_next_line_stands_where_the_settings_say() -> None:
    below = WRITE._replace(next_line="below")
    assert after(skip(task(SERIES), TODAY, READ, below))[1] == "- [ ] a 🔁 every week ⏳ 2026-11-30"


def test_skip_keeps_a_line_that_completing_would_delete() -> None:
    deletes = WRITE._replace(allow_delete=True)
    line = "- [ ] a 🔁 every day 🏁 delete ⏳ 2026-11-23"
    assert after(skip(task(line), TODAY, READ, deletes))[1] == (
        "- [-] a 🔁 every day 🏁 delete ⏳ 2026-11-23 ❌ 2026-11-23"
    )


def test_a_series_that_has_run_out_is_only_cancelled() -> None:
    line = "- [ ] a 🔁 every day until November 23, 2026 ⏳ 2026-11-23"
    assert after(skip(task(line), TODAY, READ, WRITE)) == (
        "- [-] a 🔁 every day until November 23, 2026 ⏳ 2026-11-23 ❌ 2026-11-23",
    )


def test_a_task_that_does_not_repeat_is_refused_with_a_hint() -> None:
    with pytest.raises(RefusedError, match="does not repeat") as error:
        skip(task("- [ ] a"), TODAY, READ, WRITE)
    assert error.value.hint == "`mdtasks cancel a.md:1` closes what will not be done"
    assert skip(task("- [x] a 🔁 every day"), TODAY, READ, WRITE) is None


# postpone

MOVED = [
    ("- [ ] a", "- [ ] a ⏳ 2026-11-27"),
    ("- [ ] a  ", "- [ ] a ⏳ 2026-11-27  "),
    ("- [ ] a ^id", "- [ ] a ⏳ 2026-11-27 ^id"),
    ("- [ ] a ⏳ 2026-11-23 #x ^id", "- [ ] a ⏳ 2026-11-27 #x ^id"),
    ("- [ ] a ⌛️2026-11-23 📅 2026-11-25", "- [ ] a ⌛️2026-11-27 📅 2026-11-25"),
    ("- [ ] a 📅 2026-11-25", "- [ ] a 📅 2026-11-25 ⏳ 2026-11-27"),
    ("- [ ] a 🔁 every week", "- [ ] a 🔁 every week ⏳ 2026-11-27"),
    ("- [ ] a [due:: 2026-11-25]", "- [ ] a [due:: 2026-11-25]  [scheduled:: 2026-11-27]"),
    ("- [ ] a (scheduled:: 2026-11-23) b", "- [ ] a (scheduled:: 2026-11-27) b"),
    ("- [ ] a [date:: 2026-11-23]", "- [ ] a [date:: 2026-11-27]"),
    ("- [ ] a ⏳ 2026-11-23 09:00", "- [ ] a ⏳ 2026-11-27 09:00"),
    ("- [ ] a ⏳ 2026-11-23 09:00-10:30", "- [ ] a ⏳ 2026-11-27 09:00-10:30"),
    ("- [ ] 09:00 - 10:00 a", "- [ ] 09:00 - 10:00 a ⏳ 2026-11-27"),
    ("> 1) [ ] a ⏳ 2026-02-30", "> 1) [ ] a ⏳ 2026-11-27"),
]


@pytest.mark.parametrize(("line", "moved"), MOVED)
def test_the_day_is_moved_where_it_stands_or_added(line: str, moved: str) -> None:
    assert after(postpone(task(line), FRI, None, None, READ)) == (moved,)


TIMED = [
    ("- [ ] a", "- [ ] a ⏳ 2026-11-27 14:00"),
    ("- [ ] a ⏳ 2026-11-23", "- [ ] a ⏳ 2026-11-27 14:00"),
    ("- [ ] a ⏳ 2026-11-23 09:00", "- [ ] a ⏳ 2026-11-27 14:00"),
    ("- [ ] a ⏳ 2026-11-23 09:00-10:30", "- [ ] a ⏳ 2026-11-27 14:00-15:30"),
    ("- [ ] 09:00 - 10:00 a ⏳ 2026-11-23", "- [ ] 14:00 - 15:00 a ⏳ 2026-11-27"),
    ("- [ ] a 📅 2026-11-25", "- [ ] a ⏳ 2026-11-27 14:00 📅 2026-11-25"),
]


@pytest.mark.parametrize(("line", "moved"), TIMED)
def test_a_time_takes_the_place_of_the_one_that_is_there(line: str, moved: str) -> None:
    assert after(postpone(task(line), FRI, time(14), None, READ)) == (moved,)


def test_a_block_over_midnight_keeps_its_length() -> None:
    line = "- [ ] a ⏳ 2026-11-23 23:00-01:00"
    assert after(postpone(task(line), FRI, time(22, 30), None, READ)) == (
        "- [ ] a ⏳ 2026-11-27 22:30-00:30",
    )


def test_a_task_that_is_scheduled_then_is_left_as_it_is() -> None:
    assert postpone(task("- [ ] a ⏳ 2026-11-27"), FRI, None, None, READ) is None
    assert postpone(task("- [ ] a ⏳ 2026-11-27 14:00"), FRI, time(14), None, READ) is None


def test_other_dialects_move_in_their_own_words() -> None:
    read = READ._replace(dialects=("noteplan", "kanban", "reminder"))
    lines = ["a >2026-11-23", "a >2026-W48", "a >today", "a @{2026-11-23} @@{09:00}",
             "a (@2026-11-23 09:00)", "a"]  # fmt: skip
    moved = ["a >2026-11-27", "a >2026-11-27", "a >2026-11-27", "a @{2026-11-27} @@{09:00}",
             "a (@2026-11-27 09:00)", "a >2026-11-27"]  # fmt: skip
    found = [after(postpone(task(f"- [ ] {x}", read), FRI, None, None, read)) for x in lines]
    assert found == [(f"- [ ] {x}",) for x in moved]


def test_a_dialect_without_a_word_for_the_day_is_refused() -> None:
    read = READ._replace(dialects=("todotxt",))
    with pytest.raises(RefusedError, match="that day cannot be written on this line"):
        postpone(task("- [ ] a", read), FRI, None, None, read)


@pytest.mark.parametrize("change", ["postponed", "started", "skipped"])
def test_a_note_that_is_a_task_is_refused(change: str) -> None:
    note = Task(Source("a.md", 3, "status: open"), Status.TODO, " ", "a", dialect="tasknotes")
    changes: dict[str, Callable[[], object]] = {
        "postponed": lambda: postpone(note, FRI, None, None, READ),
        "started": lambda: start(note, READ),
        "skipped": lambda: skip(note, TODAY, READ, WRITE),
    }
    with pytest.raises(RefusedError, match=f"a note that is a task is not {change}"):
        changes[change]()


def test_the_dates_that_stay_are_told() -> None:
    assert stays(task("- [ ] a 📅 2026-11-25"), FRI, TODAY) == [
        "due stays Wed 25 Nov, which is earlier"
    ]
    assert stays(task("- [ ] a 📅 2027-01-01 🛫 2026-12-01"), FRI, TODAY) == [
        "due stays Fri 1 Jan 2027",
        "start stays Tue 1 Dec, which is later",
    ]
    assert stays(task("- [ ] a 🛫 2026-11-01"), FRI, TODAY) == []


PARTS = st.lists(
    st.sampled_from(
        ["a", "b  c", "#x", "@home", "📅 2026-11-25", "⏳ 2026-11-23", "⏳ 2026-11-23 09:00",
         "[scheduled:: 2026-11-23]", "[due:: 2026-11-25]", "🔁 every week", "⏫", "⏱ 10m",
         "🛫 2026-11-20", "(30 min)", "`⏳ 2026-11-23`", "[[⏳ 2026-11-23]]", "⏳", "➕ 2026-11-01",
         "⏳ 2026-02-30", "[date:: 2026-11-23]", "💰 5"]
    ),
    max_size=7,
)  # fmt: skip


@given(PARTS, st.sampled_from(["", " ^id", "  "]), st.sampled_from(["anywhere", "trailing"]))
@settings(max_examples=500, deadline=None)
def test_postponing_changes_the_day_and_nothing_else(
    parts: list[str], end: str, fields: str
) -> None:
    read = READ._replace(fields=fields)
    line = " ".join(["- [ ] t", *parts]) + end
    before = task(line, read)
    try:
        edit = postpone(before, FRI, None, None, read)
    except RefusedError:
        return
    (moved,) = edit.after if edit else (line,)
    said = [read_line(text, read) for text in (line, moved)]
    assert said[1]["scheduled"] == FRI
    for values in said:
        values.pop("scheduled", None)
        values.pop("dialect", None)
    assert said[0] == said[1]
    # Without the new day, the line is the old one without its own.
    added = len(moved) - len(line)
    assert added in (0, len(" ⏳ 2026-11-27"), len("  [scheduled:: 2026-11-27]"))
