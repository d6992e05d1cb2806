"""Handing over, rework, taking back: what changes on a line, and what never does."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.errors import RefusedError, UsageError
from mdtasks.model import Edit, Task
from mdtasks.read.line import read_line, unlinked
from mdtasks.read.note import read_note
from mdtasks.settings import ReadSettings, WriteSettings
from mdtasks.write.edits import complete
from mdtasks.write.handing import came_back, hand_over, person, take_back

READ = ReadSettings()
TRAILING, EMOJI = READ._replace(fields="trailing"), READ._replace(dialects=("emoji",))
TODAY, ASK = date(2026, 11, 23), date(2026, 11, 30)
HANDED = "- [ ] a 👤 Ana [handed:: 2026-11-23] ⏳ 2026-11-30"
AGAIN = "- [ ] a 👤 Ana [handed:: 2026-11-23] [rework:: 1] ⏳ 2026-11-30"


def task(line: str, read: ReadSettings = READ) -> Task:
    (found,) = read_note("a.md", line.encode(), read).tasks
    return found


def given_to(line: str, name: str = "Ana", read: ReadSettings = READ) -> str:
    return after(hand_over(task(line, read), name, TODAY, ASK, read))


def after(edit: Edit | None) -> str:
    assert edit
    (line,) = edit.after
    return line


# The fields


@pytest.mark.parametrize("read", [READ, TRAILING], ids=["anywhere", "trailing"])
@pytest.mark.parametrize(
    "text",
    [
        "a [handed:: 2026-11-20] [rework:: 2] b",
        "(handed:: 2026-11-20) a [rework::2] b",
        "a b [rework:: 2] [handed:: 2026-11-20]",
    ],
)
def test_the_day_and_the_rework_are_read_and_not_shown(read: ReadSettings, text: str) -> None:
    found = task(f"- [ ] {text} ⏳ 2026-11-30", read)
    assert (found.text, found.handed, found.rework) == ("a b", date(2026, 11, 20), 2)
    assert found.scheduled == ASK


@pytest.mark.parametrize("text", ["`[handed:: 2026-11-20]`", "[handed:: soon]", "[rework:: -1]"])
def test_what_is_no_such_field_stays_text(text: str) -> None:
    found = task(f"- [ ] a {text}")
    assert (found.text, found.handed, found.rework) == (f"a {text}", None, 0)


def test_the_next_of_a_series_begins_a_new_account() -> None:
    line = "- [ ] a 👤 Ana [handed:: 2026-11-20] [rework:: 2] 🔁 every week 📅 2026-11-23"
    edit = complete(task(line), TODAY, READ, WriteSettings())
    assert edit
    assert edit.after[0] == "- [ ] a 👤 Ana 🔁 every week 📅 2026-11-30"
    assert edit.after[1] == f"{line.replace('[ ]', '[x]')} ✅ 2026-11-23"


# Handing over


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("- [ ] a", HANDED),
        ("- [ ] a  ", f"{HANDED}  "),
        ("> 1. [/] a #x ⏱ 2h 📅 2026-12-01 ^id",
         "> 1. [/] a #x 👤 Ana [handed:: 2026-11-23] ⏱ 2h 📅 2026-12-01 ⏳ 2026-11-30 ^id"),
        ("- [ ] a ⏳ 2026-11-24", HANDED),
        ("- [ ] a [due:: 2026-12-01]",
         "- [ ] a [assignee:: Ana] [handed:: 2026-11-23] [due:: 2026-12-01]"
         "  [scheduled:: 2026-11-30]"),
        ("- [ ] a 👤 [[Bo]] [handed:: 2026-11-01] [rework:: 3] ⏳ 2026-11-02", HANDED),
        ("- [ ] a 👤 Ana", HANDED),
        ("- [ ] a [handed:: 2026-11-01] [rework:: 3] 👤 Ana",
         "- [ ] a [handed:: 2026-11-01] [rework:: 3] 👤 Ana ⏳ 2026-11-30"),
    ],
)  # fmt: skip
def test_a_line_gets_the_name_the_day_and_the_follow_up(line: str, becomes: str) -> None:
    assert given_to(line) == becomes


def test_who_has_it_already_keeps_it_as_it_is() -> None:
    line = "- [ ] a 👤 Ana [handed:: 2026-11-01]"
    assert hand_over(task(line), "Ana", TODAY, None, READ) is None
    assert hand_over(task(HANDED), "[[Ana]]", TODAY, ASK, READ) is None


def test_a_name_of_two_words_finds_a_way() -> None:
    assert task(given_to("- [ ] a", "Ana Maria")).assignee == "Ana Maria"
    assert "👤 [[Ana Maria]] " in given_to("- [ ] a 👤 Bo ⏳ 2026-11-24", "Ana Maria")
    assert given_to("- [ ] a", "Ana Maria", EMOJI) == "- [ ] a 👤 [[Ana Maria]] ⏳ 2026-11-30"


def test_where_no_such_fields_are_read_none_are_written() -> None:
    assert given_to("- [ ] a", read=EMOJI) == "- [ ] a 👤 Ana ⏳ 2026-11-30"
    back = came_back(task("- [x] a 👤 Ana ✅ 2026-11-22", EMOJI), ASK, EMOJI)
    assert back.after == ("- [ ] a 👤 Ana ⏳ 2026-11-30",)


@pytest.mark.parametrize("symbol", ["x", "-", ">"])
def test_what_is_closed_is_not_handed_over(symbol: str) -> None:
    closed = task(f"- [{symbol}] a 👤 Ana")
    with pytest.raises(RefusedError, match=r"a\.md:1: this task is closed"):
        hand_over(closed, "Ana", TODAY, ASK, READ)
    with pytest.raises(RefusedError, match=r"a\.md:1: this task is closed"):
        take_back(closed, READ)


# Names


@pytest.mark.parametrize("name", ["a\nb", "a\r- [ ] b", "\x1b[31m", "a\u2028b", "\x9b", "a\x00"])
def test_a_control_character_is_no_name(name: str) -> None:
    with pytest.raises(UsageError, match="control character"):
        person(name)


@pytest.mark.parametrize("name", ["", " ", "@", "[[]]", "x" * 101])
def test_nobody_is_no_name(name: str) -> None:
    with pytest.raises(UsageError):
        person(name)


@given(
    name=st.text(st.characters(codec=None), max_size=30) | st.text("]) [(:👤📅`%^#@A", max_size=9)
)
def test_any_name_is_refused_or_read_back_and_nothing_else_changes(name: str) -> None:
    line = "- [ ] `a` b #t 📅 2026-12-01 ^id"
    try:
        written = given_to(line, person(name))
    except (UsageError, RefusedError):
        return
    before, now = (dict(read_line(each, READ)) for each in (line, written))
    assert now.pop("assignee") == unlinked(person(name))
    assert (now.pop("handed"), now.pop("scheduled")) == (TODAY, ASK)
    assert now == before
    assert written.splitlines() == [written]


# Rework


def test_what_came_back_is_open_again_and_counted() -> None:
    done = HANDED.replace("[ ]", "[x]") + " ✅ 2026-11-22"
    assert came_back(task(done), ASK, READ).after == (AGAIN,)
    assert came_back(task(HANDED), ASK, READ).after == (AGAIN,)
    later = came_back(task(AGAIN), date(2026, 12, 7), READ)
    assert later.after == (AGAIN.replace("1]", "2]").replace("11-30", "12-07"),)


def test_what_is_nobody_elses_does_not_come_back() -> None:
    with pytest.raises(RefusedError, match="this task is not handed over"):
        came_back(task("- [x] a ✅ 2026-11-22"), ASK, READ)
    with pytest.raises(RefusedError, match="this task is cancelled"):
        came_back(task("- [-] a 👤 Ana"), ASK, READ)


# Taking back


@pytest.mark.parametrize(
    "line",
    [
        "- [ ] a",
        "- [ ] a ⏱ 2h 📅 2026-12-01 ^id",
        "* [/] a #x [due:: 2026-12-01]  [priority:: high] ^id",
        "> - [ ] 📅 2026-12-01 a `b` ",
    ],
)
@pytest.mark.parametrize("read", [READ, TRAILING, EMOJI], ids=["anywhere", "trailing", "emoji"])
def test_what_is_taken_back_is_as_it_was(line: str, read: ReadSettings) -> None:
    theirs = task(given_to(line, "Ana", read), read)
    again = task(came_back(theirs, date(2026, 12, 7), read).after[0], read)
    assert after(take_back(theirs, read)) == after(take_back(again, read)) == line


def test_a_series_keeps_the_day_that_it_counts_from() -> None:
    line = "- [ ] a 👤 Ana [handed:: 2026-11-01] 🔁 every week ⏳ 2026-11-23"
    assert after(take_back(task(line), READ)) == "- [ ] a 🔁 every week ⏳ 2026-11-23"


_PIECES = st.sampled_from(
    ["a", "b#c", "#t", "`👤 x`", "👤 Bo", "[handed:: 2026-11-01]", "(rework:: 2)", "⏱ 1h",
     "📅 2026-12-01", "⏳ 2026-11-24", "⏳ 2026-11-24 09:00", "[due:: 2026-12-01]", "🆔 q", "💰 5",
     "🔁 every week", "[[a|b]]", "[scheduled:: 2026-11-24]", "[x](y)", "📅 2026-02-30", "(1h)",
     "  ", "^q", "⏫"]
)  # fmt: skip
_OURS = ("assignee", "handed", "rework", "scheduled", "begins", "ends", "dialect")


@given(pieces=st.lists(_PIECES, max_size=7), read=st.sampled_from([READ, TRAILING, EMOJI]))
def test_all_else_that_a_line_says_stays_as_it_was(pieces: list[str], read: ReadSettings) -> None:
    line = f"- [ ] w {' '.join(pieces)}"
    try:
        theirs = given_to(line, "Ana", read)
    except RefusedError:
        return
    lines = [theirs, came_back(task(theirs, read), ASK, read).after[0]]
    with suppress(RefusedError):
        lines.append(after(take_back(task(theirs, read), read)))
    before = _rest(line, read)
    assert all(_rest(each, read) == before for each in lines)
    assert read_line(theirs, read)["assignee"] == "Ana"


def _rest(line: str, read: ReadSettings) -> dict[str, object]:
    said = read_line(line, read)
    return {name: value for name, value in said.items() if name not in _OURS}
