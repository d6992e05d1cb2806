"""What is read as plain words with fields behind them reads as the full reading has it."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.read.dialects import DIALECTS
from mdtasks.read.fields import JS_SPACES, MAX_ROUNDS, said_by
from mdtasks.read.line import LineReader, Values
from mdtasks.read.meanings import values_of
from mdtasks.read.plain_line import Pieces, pieces_of, read_plain
from mdtasks.read.syntax import EMOJIS, FIELDS
from mdtasks.settings import ReadSettings

DEFAULT = ReadSettings()
PLAIN = ("emoji", "dataview", "dayplanner")
KEYS = [key for rule in FIELDS for key in rule.keys]
VALUES = st.sampled_from(
    [
        *("2026-11-23", "2026-02-30", "2026-11-23 09:00", "2026-11-23T9:00-10:30", "45m", "1h 30m"),
        *("every week", "every 2 months when done", "every", "high", "keep", "a1", "a1, b_2", "3"),
        *("12.50 EUR", "$12", "1 000 EUR", "Anna", "@Anna B", "[[Anna]]", "[[Work/Site|site]]"),
        *("09:00", "x", "", " ", "[a:: b]", "`c`", "#t"),
    ]
)
WORDS = st.sampled_from(
    [
        *("x", "call", "and then,", "[[Home]]", "[a](b)", "[a](<b c>)", "<http://x.y>", "`c`", "`"),
        *("[[open", "a]]", "(30 min)", "09:00 -", "at 3pm", "会議", "🚀", "naïve", "[ ]", "(", ")"),
        *("\\", "::", "a:: b", "^", "C#", "%%", ".", ",", "1,", "h", "12", "\u2028", "\x85"),
    ]
)
FIELD = st.one_of(
    st.tuples(st.sampled_from([*EMOJIS]), st.sampled_from(["", " ", "\ufe0f "]), VALUES).map(
        "".join
    ),
    st.tuples(st.sampled_from(KEYS), VALUES).map("[{0[0]}:: {0[1]}]".format),
    st.tuples(st.sampled_from(KEYS), VALUES).map("({0[0]}:: {0[1]})".format),
)
ODD_FIELD = st.tuples(
    st.sampled_from(["[", "("]),
    st.sampled_from(["", " "]),
    st.sampled_from([*KEYS, "other"]),
    st.sampled_from(["::", ":: ", ":"]),
    VALUES,
    st.sampled_from(["]", ")", "", "],", " ]"]),
).map("".join)
TAG = st.sampled_from(["#a", "#b/c", "#task", "#", "##", "#a#b", "#a.b", "#会議", "#a]]", "#1"])
SPACE = st.sampled_from([" "] * 12 + ["", "  ", "\t", *JS_SPACES[-4:]])
BLOCK_ID = st.sampled_from(["", "", " ^mark", "^mark", " ^a b", " ^mark "])
PART = st.tuples(SPACE, st.one_of(WORDS, FIELD, FIELD, TAG, ODD_FIELD)).map("".join)
BODIES = st.tuples(st.lists(PART, max_size=7).map("".join), BLOCK_ID).map("".join)
SETTINGS = st.builds(
    ReadSettings,
    fields=st.sampled_from(["anywhere", "trailing"]),
    dialects=st.sampled_from([PLAIN, ("emoji",), ("dataview",)]),
    global_filter=st.sampled_from(["", "#task", "x"]),
)


def plain(body: str, read: ReadSettings = DEFAULT) -> tuple[str, Values] | None:
    pieces = pieces_of(read.fields, read.dialects)
    assert pieces is not None
    return read_plain(body, pieces, read.global_filter)


def in_full(body: str, read: ReadSettings) -> tuple[str, Values]:
    text, tags, block_id, fields, dialect = said_by(body, read)
    said = {"tags": tags, "block_id": block_id, "dialect": dialect}
    return text, {**values_of(fields), **{name: value for name, value in said.items() if value}}


@settings(max_examples=400)
@given(BODIES.map(lambda body: body.lstrip(" \t")), SETTINGS)
def test_what_is_read_as_plain_reads_as_in_full(body: str, read: ReadSettings) -> None:
    found = plain(body, read)
    if found is not None:
        assert found == in_full(body, read)


@settings(max_examples=300)
@given(
    st.lists(FIELD | TAG, max_size=5, unique_by=lambda part: part[:3])
    .map(" ".join)
    .map("x ".__add__),
    SETTINGS,
)
def test_fields_behind_words_read_as_in_full(body: str, read: ReadSettings) -> None:
    found = plain(body, read)
    if found is not None:
        assert found == in_full(body, read)


@pytest.mark.parametrize(
    "body",
    [
        "call the bank",
        "会議 (30 min)",
        "see [[Home]], [a](b) and `c`",
        "Write the report #work ⏫ 📅 2026-11-23",
        "Call [due:: 2026-11-23] (scheduled:: 2026-11-24 09:00) ^call",
        "Water the plants 🔁 every 3 days when done 🛫 2026-11-23 #home/garden ✅ 2026-11-22",
        "Write ⏱ 45m 🆔 a1 ⛔ b2,c3 ⏬ [project:: New site]",
        "an impossible day 📅 2026-02-30",
        "#task write the report 📅 2026-11-23",
        "#task",
        "#a #b/c ⏫ ^mark",
        "write #work about the #garden then, call ⏫ 📅 2026-11-23 #home",
        "see `c` #work and more",
    ],
)
def test_most_lines_are_plain(body: str) -> None:
    assert plain(body) == in_full(body, DEFAULT)


@pytest.mark.parametrize(
    "body",
    [
        "📅 2026-11-23",
        "^mark",
        "#tag  two spaces",
        "call 📅 2026-11-23 #work words behind",
        "call #work words [[Home]] behind",
        "#a twice #a words",
        "pay 📅 2026-11-23 the rent",
        "two  📅 2026-11-23",
        "two 📅 2026-11-23  #a",
        "twice 📅 2026-11-23 📅 2026-11-24",
        "no space📅 2026-11-23",
        "of no day 📅 soon",
        "`code 📅 2026-11-23` here",
        "[[open ⏱ 45m #a]]",
        "at [startTime:: 09:00]",
        "C# and more",
        "much " + " ".join(f"#t{n}" for n in range(MAX_ROUNDS + 1)),
    ],
)
def test_the_rest_is_left_to_the_full_reading(body: str) -> None:
    assert plain(body) is None


def test_where_only_the_end_counts_a_field_before_one_of_ours_is_no_plain_one() -> None:
    trailing = ReadSettings(fields="trailing")
    assert plain("call 📅 2026-11-23 ⏱ 45m", trailing) is None
    assert plain("call 📅 2026-11-23 ⏫", trailing) == in_full("call 📅 2026-11-23 ⏫", trailing)


@pytest.mark.parametrize("dialect", [name for name in DIALECTS if name != "tasknotes"])
def test_where_marks_may_stand_anywhere_no_line_is_plain(dialect: str) -> None:
    assert pieces_of("anywhere", (*PLAIN, dialect)) is None


def test_what_is_remembered_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mdtasks.read.plain_line._MOST", 2)
    pieces = Pieces("anywhere", PLAIN)
    for _ in range(2):
        for day in ("2026-11-23", "2026-11-24", "2026-11-25"):
            body = f"call 📅 {day} ⏫ #a ^b"
            assert read_plain(body, pieces, "") == in_full(body, DEFAULT)
        read_plain(f"call #{'a' * 1000}", pieces, "")
    assert len(pieces) <= 2
    assert all(len(piece) < 100 for piece in pieces)


def test_tags_with_words_behind_them_are_not_remembered() -> None:
    pieces = Pieces("anywhere", PLAIN)
    for n in range(3):
        body = f"call #work about the number {n} 📅 2026-11-23"
        assert read_plain(body, pieces, "") == in_full(body, DEFAULT)
    assert [*pieces] == ["📅 2026-11-23"]


@pytest.mark.parametrize("body", ["#task call", "call #task the bank #a", "#a #task call"])
def test_the_tag_that_marks_tasks_is_none_of_theirs_wherever_it_stands(body: str) -> None:
    marked = ReadSettings(global_filter="#task")
    assert plain(body, marked) == in_full(body, marked)
    assert "#task" not in in_full(body, marked)[1].get("tags", ())


def test_a_field_of_a_time_goes_before_a_time_in_the_words() -> None:
    said = LineReader(DEFAULT).read("- [ ] 09:00 - 10:00 call (30 min) [startTime:: 11:00] ⏱ 45m")
    assert said["text"] == "call"
    assert (said["begins"], said["ends"]) == (time(11), None)
    assert said["estimate"] == timedelta(minutes=45)


def test_one_line_changes_nothing_for_the_next() -> None:
    read = LineReader(DEFAULT).read
    row = read("- [ ] call 📅 2026-11-23")
    row |= {"due": None, "tags": ("#a",)}
    assert "tags" not in read("- [ ] call 📅 2026-11-23")
    assert read("- [ ] call 📅 2026-11-23")["due"] is not None
