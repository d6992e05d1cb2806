"""Fields wherever they stand; what the plugin reads reads the same."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mdtasks.read.fields import (
    FIELDS,
    JS_SPACES,
    MAX_ROUNDS,
    TAG,
    Body,
    code_spans,
    parse_body,
    split_line,
)
from mdtasks.read.syntax import PRIORITIES, entry_of
from mdtasks.settings import ReadSettings

ANYWHERE = ReadSettings()
TRAILING = ReadSettings(fields="trailing")


def values(body: Body) -> dict[str, str]:
    return {field.name: field.value for field in body.found if field.counts}


@pytest.mark.parametrize(
    ("text", "shown", "expected"),
    [
        ("Pay 📅 2026-11-23 the rent", "Pay the rent", {"due": "2026-11-23"}),
        ("📅 2026-11-23 Pay", "Pay", {"due": "2026-11-23"}),
        ("Pay ⏫, then rest", "Pay, then rest", {"priority": "high"}),
        (
            "🔁 every day ✅ 2026-11-20 : a",
            ": a",
            {"recurrence": "every day", "done": "2026-11-20"},
        ),
        ("Pay ⏫ then rest", "Pay then rest", {"priority": "high"}),
        ("Pay [due:: 2026-11-23] now", "Pay now", {"due": "2026-11-23"}),
        ("Pay (due:: 2026-11-23), now", "Pay now", {"due": "2026-11-23"}),
        (
            "Pay 📅 2026-11-23 [priority:: high] soon",
            "Pay soon",
            {"due": "2026-11-23", "priority": "high"},
        ),
        ("Call ⏳ 2026-11-23 09:00", "Call", {"scheduled": "2026-11-23 09:00"}),
        ("Call ⏳ 2026-11-23 09:00-10:30", "Call", {"scheduled": "2026-11-23 09:00-10:30"}),
        ("Call ⏳ 2026-11-23 9:00 – 10:30", "Call", {"scheduled": "2026-11-23 9:00 – 10:30"}),
        ("Call [scheduled:: 2026-11-23T09:00]", "Call", {"scheduled": "2026-11-23T09:00"}),
        ("Send 📅 2026-11-23 17:00 #home", "Send #home", {"due": "2026-11-23 17:00"}),
        ("Write ⏱ 45m", "Write", {"estimate": "45m"}),
        ("Write ⏱️ 1h 30m 📅 2026-11-23", "Write", {"estimate": "1h 30m", "due": "2026-11-23"}),
        ("Write ⏱ 90", "Write", {"estimate": "90"}),
        ("Write [duration:: 1.5h]", "Write", {"estimate": "1.5h"}),
        ("Bill 💰 12.50 EUR", "Bill", {"pay": "12.50 EUR"}),
        ("Bill 💰 12.50 #x", "Bill #x", {"pay": "12.50"}),
        ("Ask 👤 [[Sam Smith]] first", "Ask first", {"assignee": "[[Sam Smith]]"}),
        ("Ask 👤 Sam first", "Ask first", {"assignee": "Sam"}),
        ("Ask [assignee:: Sam Smith]", "Ask", {"assignee": "Sam Smith"}),
        ("Tape [project:: [[Repair club]]]", "Tape", {"project": "[[Repair club]]"}),
        (
            "Meet [startTime:: 10:00] [endTime:: 11:00] [date:: 2026-11-23]",
            "Meet",
            {"begins": "10:00", "ends": "11:00", "date": "2026-11-23"},
        ),
        ("Wait ⛔ a1, b2 then", "Wait then", {"depends_on": "a1, b2"}),
    ],
)
def test_a_field_counts_wherever_it_stands(text: str, shown: str, expected: dict[str, str]) -> None:
    body = parse_body(text, ANYWHERE)
    assert (body.text, values(body)) == (shown, expected)


@pytest.mark.parametrize(
    "text",
    [
        "Type `📅 2026-11-23` there",
        "Type ``a ` 📅 2026-11-23`` there",
        "See [it](https://x.org/⏫) there",
        "See [[Notes 📅 2026-11-23]] there",
        "See <https://x.org/📅2026-11-23> there",
        "Pay 📅 tomorrow please",
        "Pay 📅 2026-11-233 please",
        "Pay [due: 2026-11-23] please",
        "Pay [due:: soon] please",
        "Pay [DUE:: 2026-11-23] please",
        "Pay [foo:: 2026-11-23] please",
        "Climb to 1⏱ please",
    ],
)
def test_what_is_no_field_stays_text(text: str) -> None:
    body = parse_body(text, ANYWHERE)
    assert (body.text, body.found) == (text, ())


def test_an_unclosed_backtick_hides_nothing() -> None:
    assert values(parse_body("Don`t 📅 2026-11-23 wait", ANYWHERE)) == {"due": "2026-11-23"}


def test_what_the_plugin_reads_wins_over_what_it_does_not_see() -> None:
    body = parse_body("Pay 📅 2026-01-01 the rent 📅 2026-02-02 📅 2026-03-03", ANYWHERE)
    assert [(field.value, field.counts) for field in body.found] == [
        ("2026-01-01", False),
        ("2026-02-02", True),
        ("2026-03-03", False),
    ]
    assert body.text == "Pay the rent"


def test_of_what_the_plugin_does_not_see_the_leftmost_counts() -> None:
    body = parse_body("Pay 📅 2026-01-01 the 📅 2026-02-02 rent", ANYWHERE)
    assert values(body) == {"due": "2026-01-01"}


def test_a_dialect_that_is_off_is_text() -> None:
    emoji = ANYWHERE._replace(dialects=("emoji",))
    assert parse_body("a [due:: 2026-11-23]", emoji).found == ()
    dataview = ANYWHERE._replace(dialects=("dataview",))
    assert parse_body("a 📅 2026-11-23 b", dataview).found == ()


def test_trailing_mode_still_reads_the_fields_that_are_ours() -> None:
    body = parse_body("Write 📅 2026-11-23 ⏱ 45m", TRAILING)
    assert (body.text, values(body)) == ("Write 📅 2026-11-23", {"estimate": "45m"})


def test_the_global_filter_is_no_tag_and_stays_in_the_text() -> None:
    body = parse_body("Pay #task #home", ANYWHERE._replace(global_filter="#task"))
    assert (body.text, body.tags) == ("Pay #task #home", ("#home",))


def test_a_block_id_closes_the_line() -> None:
    body = parse_body("Pay 📅 2026-11-23 ^rent-1  ", ANYWHERE)
    assert (body.text, body.block_id, body.block_id_start) == ("Pay", "rent-1", 16)


@pytest.mark.parametrize(
    ("line", "symbol", "body"),
    [
        ("- [ ] a", " ", "a"),
        ("  10) [x]\ta", "x", "a"),
        ("> > - [/]  a [b] c", "/", "a [b] c"),
        ("- - [[] a", "[", "a"),
    ],
)
def test_a_line_is_split_at_its_box(line: str, symbol: str, body: str) -> None:
    box = split_line(line)
    assert box is not None
    assert (box.symbol, line[box.box], line[box.body :]) == (symbol, symbol, body)


MARKS = [emoji for rule in FIELDS for emoji in rule.emojis]
KEYS = [key for rule in FIELDS for key in rule.keys]
PIECES = st.sampled_from(
    [
        *MARKS, *(f"[{key}:: " for key in KEYS), *(f"({key}:: " for key in KEYS),
        "2026-11-23", "2026-02-30", "09:00", "every day when done", "high", "45m", "abc", "a-1, b",
        "delete", " ", "  ", "\t", "]", ")", ",", "#tag", "#", "`", "``", "text", "\ufe0f", "^id",
        "\u00a0", "[[", "]]", "](", "<", ">", "\udcff",
    ]
)  # fmt: skip
BODIES = st.lists(PIECES, max_size=14).map("".join)


@settings(max_examples=400)
@given(BODIES)
@example("x #📅 2026-11-23")
@example("a #🆔abc")
def test_anywhere_reads_all_that_the_plugin_reads(text: str) -> None:
    theirs = values(parse_body(text, TRAILING))
    ours = values(parse_body(text, ANYWHERE))
    assert theirs.items() <= ours.items()


def by_rounds(text: str, dialect: str) -> dict[str, str]:
    """Read as the plugin's own loop does: every field is tried in turn, round after round."""
    text = text.rstrip(JS_SPACES)
    text = re.sub(r" \^[A-Za-z0-9-]+\Z", "", text).rstrip(JS_SPACES)
    starts = (start for rule in FIELDS for start in (*rule.emojis, *rule.keys))
    known = (entry for start in starts if (entry := entry_of(start)))
    entries = {e.order: e for e in known if e.dialect == dialect and e.trailing}
    trials = [(e.order, e.name, e.trailing.pattern, e.trailing.flags)
              for e in entries.values() if e.trailing]  # fmt: skip
    before_id = next(order for order, name, _, _ in trials if name == "id") - 1
    trials.append((before_id, "", rf"(?:(?<=[{JS_SPACES}])|^){TAG}", 0))
    found: dict[str, str] = {}
    for _ in range(MAX_ROUNDS):
        before = text
        for _, name, pattern, flags in sorted(trials):
            if match := re.search(rf"(?:{pattern})\Z", text, flags):
                text = text[: match.start()].rstrip(JS_SPACES)
                if name:
                    value = match["value"]
                    found[name] = PRIORITIES.get(value, value)
        if text == before:
            break
    return found


OURS = {rule.name for rule in FIELDS if rule.ours}


@settings(max_examples=1000, deadline=None)
@given(BODIES, st.sampled_from(["emoji", "dataview"]), st.integers(0, 24))
@example("a #🆔abc", "emoji", 1)
@example("a #🆔abc", "emoji", 0)
@example("a 📅 2026-11-23", "emoji", 20)
@example("a 📅 2026-11-23", "emoji", 21)
def test_one_way_from_the_right_reads_as_the_rounds_of_the_plugin(
    text: str, dialect: str, tags: int
) -> None:
    text += " #t" * tags
    ours = values(parse_body(text, ReadSettings(fields="trailing", dialects=(dialect,))))
    assert {name: ours[name] for name in ours if name not in OURS} == by_rounds(text, dialect)


@settings(max_examples=400)
@given(BODIES)
def test_offsets_point_at_what_was_read(text: str) -> None:
    body = parse_body(text, ANYWHERE)
    for one, other in pairwise(body.found):
        assert one.end <= other.start
    for field in body.found:
        written = text[field.value_start : field.value_end]
        assert field.start <= field.value_start <= field.value_end <= field.end
        assert written == field.value or written in MARKS


@settings(max_examples=200)
@given(st.text("`a ", max_size=40))
def test_code_spans_open_and_close_with_runs_of_one_length(text: str) -> None:
    for start, end in code_spans(text):
        run = len(text[start:end]) - len(text[start:end].lstrip("`"))
        assert text[start:end].endswith("`" * run)
        assert text[end : end + 1] != "`"
        assert text[start - 1 : start] != "`"


@pytest.mark.parametrize("piece", ["`", "[due:: ", "📅 ", "#a ", "](", "[[", "<a:"])
def test_reading_a_long_line_takes_linear_work(piece: str) -> None:
    # Quadratic work on 60,000 characters would take minutes.
    parse_body(piece * (60_000 // len(piece)), ANYWHERE)
