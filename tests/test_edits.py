"""Completing, cancelling and reopening keep every byte of a line that they do not name. What
they mean beside the plugin is in test_plugin_changes.py."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.model import Source, Status, Task
from mdtasks.read.fields import JS_SPACES
from mdtasks.read.line import read_line
from mdtasks.read.note import read_note
from mdtasks.settings import ReadSettings, StatusRule, WriteSettings
from mdtasks.write.edits import cancel, complete, reopen

TODAY = date(2026, 11, 22)
READ = ReadSettings()
WRITE = WriteSettings()


def task_of(line: str, read: ReadSettings = READ) -> Task:
    return Task(source=Source("note.md", 1, line), **read_line(line, read))


def completed(
    line: str, write: WriteSettings = WRITE, read: ReadSettings = READ
) -> tuple[str, ...]:
    edit = complete(task_of(line, read), TODAY, read, write)
    assert edit
    assert (edit.path, edit.line, edit.before) == ("note.md", 1, line)
    return edit.after


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("- [ ] a", "- [x] a ✅ 2026-11-22"),
        ("- [/] a", "- [x] a ✅ 2026-11-22"),
        ("  > 1. [ ]  \ta", "  > 1. [x]  \ta ✅ 2026-11-22"),
        ("- [ ] a ^b1", "- [x] a ✅ 2026-11-22 ^b1"),
        ("- [ ] a ^b1 \t", "- [x] a ✅ 2026-11-22 ^b1 \t"),
        ("- [ ] a  ", "- [x] a ✅ 2026-11-22  "),
        ("- [ ] a 📅 2026-11-23 (maybe)", "- [x] a 📅 2026-11-23 (maybe) ✅ 2026-11-22"),
        ("- [ ] a [due:: 2026-11-23]", "- [x] a [due:: 2026-11-23]  [completion:: 2026-11-22]"),
        ("- [ ] a (id:: q) ^b1 ", "- [x] a (id:: q)  [completion:: 2026-11-22] ^b1 "),
        ("- [ ] a [id:: q] 🔼 b", "- [x] a [id:: q] 🔼 b ✅ 2026-11-22"),
        ("- [ ] a 🔼 [id:: q]", "- [x] a 🔼 [id:: q]  [completion:: 2026-11-22]"),
        ("- [ ] a ✅ 2020-01-01 b", "- [x] a ✅ 2026-11-22 b"),
        ("- [ ] a ✅2020-01-01 ✅ 2021-01-01", "- [x] a ✅2026-11-22"),
        ("- [ ] a [completion::2020-01-01] b", "- [x] a [completion::2026-11-22] b"),
        ("- [ ] a ❌ 2020-01-01 b ^b1", "- [x] a b ✅ 2026-11-22 ^b1"),
        ("- [ ] a  [cancelled:: 2020-01-01] ", "- [x] a  [completion:: 2026-11-22] "),
        ("- [ ] ❌ 2020-01-01 a", "- [x] a ✅ 2026-11-22"),
        ("- [-] a ❌ 2020-01-01", "- [x] a ✅ 2026-11-22"),
        ("- [ ] a 📅 2026-02-30", "- [x] a 📅 2026-02-30 ✅ 2026-11-22"),
        ("- [ ] a 🔁 every other day", "- [x] a 🔁 every other day ✅ 2026-11-22"),
        ("- [ ] a 🏁 delete", "- [x] a 🏁 delete ✅ 2026-11-22"),
        ("- [ ] a \udcff\u2028\x0b", "- [x] a \udcff ✅ 2026-11-22\u2028\x0b"),
    ],
)
def test_completing_splices_the_line(line: str, after: str) -> None:
    assert completed(line) == (after,)


def test_a_vault_of_dataview_alone_gets_a_dataview_field() -> None:
    read = ReadSettings(dialects=("dataview", "dayplanner"))
    assert completed("- [ ] a", read=read) == ("- [x] a  [completion:: 2026-11-22]",)


def test_without_a_done_date_one_character_changes() -> None:
    write = WriteSettings(done_date=False)
    assert completed("- [ ] a ❌ 2020-01-01 ", write) == ("- [x] a ❌ 2020-01-01 ",)


@pytest.mark.parametrize("symbol", ["x", "X", ">"])
def test_what_is_done_or_forwarded_stays(symbol: str) -> None:
    assert complete(task_of(f"- [{symbol}] a"), TODAY, READ, WRITE) is None


def test_a_vault_with_another_symbol_for_done_gets_that_one() -> None:
    statuses = {"x": StatusRule(Status.TODO, "Box", " "), "D": StatusRule(Status.DONE, "Done", " ")}
    assert completed("- [ ] a", read=ReadSettings(statuses=statuses)) == ("- [D] a ✅ 2026-11-22",)


@pytest.mark.parametrize(
    ("line", "following"),
    [
        ("- [/] a 🔁 every day 📅 2026-11-20", "- [ ] a 🔁 every day 📅 2026-11-21"),
        ("- [ ] a 🔁 every day", "- [ ] a 🔁 every day"),
        (
            "> 2) [ ] #t a 🔁 every week ⏳ 2026-11-20 09:00-10:30 🔺 📅 2026-11-21  ",
            "> 2) [ ] #t a 🔁 every week ⏳ 2026-11-27 09:00-10:30 🔺 📅 2026-11-28  ",
        ),
        (
            "- [ ] a [scheduled:: 2026-11-20T09:00]  [repeat:: every week]",
            "- [ ] a [scheduled:: 2026-11-27T09:00]  [repeat:: every week]",
        ),
        (
            "- [ ] a 🆔 q ⛔ r,s ➕ 2026-01-01 🔁 every day 📅 2026-11-20 b ❌ 2026-01-01 ^b1 ",
            "- [ ] a 🔁 every day 📅 2026-11-21 b ",
        ),
        (
            "- [ ] a  [id:: q]  [repeat:: every day]  [due:: 2026-11-20] ⏱ 15m ^b1",
            "- [ ] a  [repeat:: every day]  [due:: 2026-11-21] ⏱ 15m",
        ),
        ("- [ ] 🆔 q ⛔ r a 🔁 every day", "- [ ] a 🔁 every day"),
        ("- [ ] 🔁 every day 🆔 q  [dependsOn:: r] at home", "- [ ] 🔁 every day\tat home"),
        (
            "- [ ] a 🔁 every week 🛫 2026-02-30 📅 2026-11-20",
            "- [ ] a 🔁 every week 🛫 2026-02-30 📅 2026-11-27",
        ),
        (
            "- [ ] a 📅 9999-12-30 🛫 9999-12-31 🔁 every day",
            "- [ ] a 📅 9999-12-31 🛫 9999-12-31 🔁 every day",
        ),
        ("- [ ] a [date:: 2026-11-20] 🔁 every day", "- [ ] a [date:: 2026-11-21] 🔁 every day"),
        (
            "- [ ] a 🔁 every 2 days when done 📅 2026-01-01",
            "- [ ] a 🔁 every 2 days when done 📅 2026-11-24",
        ),
    ],
)
def test_the_next_occurrence_is_the_same_line_with_its_dates_moved(
    line: str, following: str
) -> None:
    after = completed(line)
    assert (len(after), after[0]) == (2, following)


def test_the_next_line_can_stand_below() -> None:
    line = "- [ ] a 🔁 every day 📅 2026-11-20"
    above, below = completed(line), completed(line, WriteSettings(next_line="below"))
    assert below == above[::-1]


@pytest.mark.parametrize(
    ("line", "following"),
    [
        ("- [ ] a 🔁 every day ^b1 ", "- [ ] a 🔁 every day ➕ 2026-11-22 "),
        ("- [ ] ➕ 2020-01-01 a 🔁 every day", "- [ ] ➕ 2026-11-22 a 🔁 every day"),
        ("- [ ] a [repeat:: every day]", "- [ ] a [repeat:: every day]  [created:: 2026-11-22]"),
    ],
)
def test_the_next_line_can_say_when_it_was_created(line: str, following: str) -> None:
    assert completed(line, WriteSettings(set_created=True))[0] == following


def test_catching_up_takes_the_first_date_of_the_series_after_today() -> None:
    line = "- [ ] a 🔁 every 2 weeks on Monday 📅 2026-01-05 🛫 2026-01-04"
    assert completed(line)[0].endswith("📅 2026-01-19 🛫 2026-01-18")
    caught_up = completed(line, WriteSettings(catch_up=True))
    assert caught_up[0].endswith("📅 2026-11-23 🛫 2026-11-22")


def test_a_rule_that_has_run_out_writes_no_new_line() -> None:
    line = "- [ ] a 🔁 every week until November 25, 2026 📅 2026-11-20"
    assert completed(line) == (f"- [x]{line[5:]} ✅ 2026-11-22",)


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("- [ ] a 🏁 delete", ()),
        ("- [ ] a 🏁 keep", ("- [x] a 🏁 keep ✅ 2026-11-22",)),
        (
            "- [ ] a 🏁 Delete 🔁 every day 📅 2026-11-20",
            ("- [ ] a 🏁 Delete 🔁 every day 📅 2026-11-21",),
        ),
    ],
)
def test_a_line_goes_only_where_that_is_allowed(line: str, after: tuple[str, ...]) -> None:
    assert completed(line, WriteSettings(allow_delete=True)) == after


def test_the_day_of_a_daily_note_is_no_date_of_the_line() -> None:
    data = "- [ ] a 🔁 every week\n".encode()
    (task,) = read_note("2026-11-20.md", data, READ).tasks
    assert task.scheduled == date(2026, 11, 20)
    edit = complete(task, TODAY, READ, WRITE)
    assert edit
    assert edit.after[0] == "- [ ] a 🔁 every week"


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("- [ ] a 🔁 every day ^b1", "- [-] a 🔁 every day ❌ 2026-11-22 ^b1"),
        ("- [x] a ✅ 2020-01-01 ", "- [-] a ❌ 2026-11-22 "),
        ("- [ ] a  [cancelled:: 2020-01-01]", "- [-] a  [cancelled:: 2026-11-22]"),
        ("- [-] a", None),
        ("- [>] a", None),
    ],
)
def test_cancelling_writes_the_day_and_no_next_line(line: str, after: str | None) -> None:
    edit = cancel(task_of(line), TODAY, READ)
    assert (edit and edit.after) == (after and (after,))


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("- [x] a ✅ 2020-01-01 b  [completion:: 2020-01-01] ", "- [ ] a b "),
        ("- [-] a ❌ 2020-01-01 ^b1", "- [ ] a ^b1"),
        ("- [>] a", "- [ ] a"),
        ("- [ ] a", None),
        ("- [/] a", None),
    ],
)
def test_reopening_takes_the_day_of_closing_away(line: str, after: str | None) -> None:
    edit = reopen(task_of(line), READ)
    assert (edit and edit.after) == (after and (after,))


# --- always ---

ANY_TEXT = st.text(st.characters(exclude_characters="\r\n"))
FRAGMENTS = st.sampled_from(
    [
        *("a", " ", "  ", "\t", "#t", "`", "``", "[[", "](", "(", "[", "%%", "^b1", " ^b1", "📅"),
        *("\ufe0f", "📅 2026-11-20", "⏳2026-11-20 09:00", "🛫 2026-02-30", "➕ 2026-01-01"),
        *("🔁 every 2 days", "🔁 every nonsense", "🔺", "🏁 keep", "🆔 q", "⛔ q,r", "⏱ 15m"),
        *("💰 5 EUR", "👤 [[Eva]]", "[due:: 2026-11-20]", "(scheduled:: 2026-11-20)", "[id:: q]"),
        *("[repeat:: every week],", "[priority:: high]", "[date:: 2026-11-20]"),
    ]
)
CLOSINGS = st.sampled_from(["✅ 2020-01-01", "❌ 2020-01-01", "[completion:: 2020-01-01]", "✅"])


def bodies(*fragments: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        st.lists(st.one_of(*fragments))
        .map(lambda words: " ".join(words).lstrip(JS_SPACES))
        .filter(bool)
    )


BODIES = bodies(FRAGMENTS, FRAGMENTS, ANY_TEXT)
# Without punctuation: what is shown of it stands with the word before a field.
CLOSED_BODIES = bodies(FRAGMENTS, CLOSINGS, st.text(st.characters(exclude_characters="\r\n,.;:!?")))
READS = st.sampled_from(
    [ReadSettings(fields, dialects) for fields in ("anywhere", "trailing")
     for dialects in (("emoji", "dataview", "dayplanner"), ("emoji",), ("dataview",))]
)  # fmt: skip


def said(task: Task) -> Task:
    """Return what the line says beside its status; spaces, and where a block id ends, apart."""
    nowhere, text = Source("", 0, ""), " ".join(task.text.replace("^b1", "").split())
    open_task = task._replace(source=nowhere, text=text, symbol=" ", status=Status.TODO)
    return open_task._replace(done=None, cancelled=None, block_id=None, dialect=None)


@settings(deadline=None)
@given(BODIES, READS)
def test_completing_adds_a_date_and_reopening_takes_it_away(body: str, read: ReadSettings) -> None:
    line = f"- [ ] {body}"
    task = task_of(line, read)
    if task.done or task.cancelled:
        return
    done = completed(line, read=read)[-1]
    (added,) = {" ✅ 2026-11-22", "  [completion:: 2026-11-22]"} & {
        done[at : at + len(done) - len(line)] for at in range(len(done))
    }
    assert done.replace("[x]", "[ ]", 1).replace(added, "") == line
    done_task = task_of(done, read)
    assert done_task.done == TODAY
    assert said(done_task) == said(task)
    edit = reopen(done_task, read)
    assert edit
    assert edit.after == (line,)


@settings(deadline=None)
@given(CLOSED_BODIES, READS)
def test_a_closed_line_has_one_date_and_says_the_same(body: str, read: ReadSettings) -> None:
    task = task_of(f"- [ ] {body}", read)
    done = task_of(completed(task.source.text, read=read)[-1], read)
    assert (done.done, done.cancelled, said(done)) == (TODAY, None, said(task))
    edit = cancel(done, TODAY, read)
    assert edit
    cancelled = task_of(edit.after[0], read)
    assert (cancelled.done, cancelled.cancelled, said(cancelled)) == (None, TODAY, said(task))


@settings(deadline=None)
@given(CLOSED_BODIES, READS)
def test_the_next_line_says_the_same_but_for_what_was_of_one_occurrence(
    body: str, read: ReadSettings
) -> None:
    task = task_of(f"- [ ] {body}", read)
    after = completed(task.source.text, read=read)
    if len(after) == 1:
        return
    following = task_of(after[0], read)
    gone = said(task)._replace(created=None, id=None, depends_on=())
    assert following.block_id is None
    dates = ("due", "scheduled", "start")
    moved = {
        getattr(following, name) - day for name in dates if (day := getattr(task, name)) is not None
    }
    assert len(moved) <= 1
    same = {name: getattr(task, name) for name in dates}
    assert said(following)._replace(**same) == gone
