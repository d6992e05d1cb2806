"""A time on a task's line: where it is written, and that nothing else of the line changes."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.errors import RefusedError
from mdtasks.model import Task
from mdtasks.read.note import read_note
from mdtasks.settings import ReadSettings
from mdtasks.write.pin import Times, pin

DAY = date(2026, 11, 23)
RANGE = Times(DAY, time(14), time(15, 30))
BEGIN = Times(DAY, time(14))
DEFAULT = ReadSettings()
TRAILING = ReadSettings(fields="trailing")
NOTEPLAN = ReadSettings(dialects=("noteplan",))
KANBAN = ReadSettings(dialects=("kanban", "dayplanner"))


def task_of(line: str, read: ReadSettings = DEFAULT, path: str = "a.md") -> Task:
    (task,) = read_note(path, line.encode(), read).tasks
    return task


def pinned(
    line: str, times: Times = RANGE, read: ReadSettings = DEFAULT, path: str = "a.md"
) -> str:
    (after,) = pin(task_of(line, read, path), times, read).after
    return after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- [ ] Write", "- [ ] Write ⏳ 2026-11-23 14:00-15:30"),
        ("- [ ] Write ^x  ", "- [ ] Write ⏳ 2026-11-23 14:00-15:30 ^x  "),
        # In front of the others: to the left of a time the Tasks plugin sees nothing.
        (
            "- [ ] Write 📅 2026-11-25 🔼",
            "- [ ] Write ⏳ 2026-11-23 14:00-15:30 📅 2026-11-25 🔼",
        ),
        ("- [ ] Write ⏳ 2026-11-20", "- [ ] Write ⏳ 2026-11-23 14:00-15:30"),
        ("- [ ] Write ⏳ 2026-11-20 09:00", "- [ ] Write ⏳ 2026-11-23 14:00-15:30"),
        ("- [ ] 09:00 - 10:30 Write", "- [ ] 14:00 - 15:30 Write ⏳ 2026-11-23"),
        ("- [ ] 9-10am Write ⏳ 2026-11-23", "- [ ] 14:00-15:30 Write ⏳ 2026-11-23"),
        (
            "- [ ] #x 09:00–10:30 Write 📅 2026-11-25",
            "- [ ] #x 14:00–15:30 Write ⏳ 2026-11-23 📅 2026-11-25",
        ),
        ("- [ ] 8:00 Write 🔁 every day", "- [ ] 14:00 - 15:30 Write 🔁 every day"),
        (
            "- [ ] Write [startTime:: 09:00]",
            "- [ ] Write  [scheduled:: 2026-11-23] [startTime:: 14:00]  [endTime:: 15:30]",
        ),
        (
            "> 1. [/] 日本 `⏳ 2026-11-22` #tag 🔼",
            "> 1. [/] 日本 `⏳ 2026-11-22` #tag ⏳ 2026-11-23 14:00-15:30 🔼",
        ),
    ],
)
def test_a_time_is_written_in_the_words_of_the_line(before: str, after: str) -> None:
    assert pinned(before) == after


@pytest.mark.parametrize(
    ("before", "after", "read"),
    [
        (
            "- [ ] Write 📅 2026-11-25",
            "- [ ] 14:00 - 15:30 Write ⏳ 2026-11-23 📅 2026-11-25",
            TRAILING,
        ),
        ("* [ ] Write >2026-11-22", "* [ ] at 14:00-15:30 Write >2026-11-23", NOTEPLAN),
        ("* [ ] Write at 3pm", "* [ ] Write at 14:00-15:30 >2026-11-23", NOTEPLAN),
        ("- [ ] Write @{2026-11-22} @@{09:00}", "- [ ] Write @{2026-11-23} @@{14:00}", KANBAN),
    ],
)
def test_other_vaults_have_other_words(before: str, after: str, read: ReadSettings) -> None:
    assert pinned(before, read=read) == after


def test_a_daily_note_s_own_day_is_not_written() -> None:
    assert pinned("- [ ] 8:00 Write", path="2026-11-23.md") == "- [ ] 14:00 - 15:30 Write"


def test_dataview_keeps_its_t_where_no_end_follows() -> None:
    line = "- [ ] Write [scheduled:: 2026-11-21T09:00]"
    assert pinned(line, BEGIN) == "- [ ] Write [scheduled:: 2026-11-23T14:00]"
    assert pinned(line) == "- [ ] Write [scheduled:: 2026-11-23 14:00-15:30]"


def test_a_line_that_has_no_word_for_a_day_is_refused() -> None:
    with pytest.raises(RefusedError, match="a time cannot be written on this line"):
        pinned("- [ ] Write", read=KANBAN)


FIELDS = st.lists(
    st.sampled_from(
        [
            *("📅 2026-11-25", "⏳ 2026-11-20", "⏳ 2026-11-20 08:00", "⏱ 1h", "🔼", "#tag"),
            *("[due:: 2026-11-25]", "(scheduled:: 2026-11-20)", "🔁 every week", "words", "9:00"),
            *(
                "[startTime:: 08:00]",
                "`⏳ 2026-11-20`",
                "[[note]]",
                "🆔 x",
                "✅ 2026-11-20",
                "at 3",
            ),
        ]
    ),
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(FIELDS, st.sampled_from(["", "09:00 - 10:00 ", "9-10am "]), st.booleans())
def test_the_line_reads_back_with_the_time_and_else_as_before(
    fields: list[str], clock: str, ends: bool
) -> None:
    before = task_of(f"- [ ] {clock}Write {' '.join(fields)}")
    times = RANGE if ends else BEGIN
    try:
        (line,) = pin(before, times, DEFAULT).after
    except RefusedError:
        return
    after = task_of(line)
    assert (after.begins, after.ends) in [(times.begins, times.ends), (times.begins, None)]
    assert after.scheduled in (DAY, None if before.recurrence else DAY)
    for name in ("text", "due", "estimate", "priority", "recurrence", "id", "done", "tags"):
        assert getattr(after, name) == getattr(before, name)
