"""The text of a query: continued lines, remarks, presets, placeholders; and how it was read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import pytest

from mdtasks.errors import QueryError
from mdtasks.query.explain import explanation
from mdtasks.query.language import Query, read_query, typed
from mdtasks.query.lines import MOST_PRESETS, PRESETS, Line, Reading, instructions, lines_of

MONDAY = date(2026, 11, 23)


def lines(text: str, semicolons: bool = True) -> list[tuple[int, str]]:
    return [(int(place), said) for place, said in lines_of(text, str, semicolons)]


def read(text: str, presets: Mapping[str, str] | None = None, **said: str) -> Query:
    properties = {name: (value,) for name, value in said.items() if name != "note"}
    reading = Reading(MONDAY, 0, presets or {}, said.get("note", ""), properties)
    return read_query(typed(text), reading)


def words(text: str, presets: Mapping[str, str] | None = None, **said: str) -> list[str]:
    return [part.words for part in read(text, presets, **said).filters]


def refusal(text: str, presets: Mapping[str, str] | None = None, **said: str) -> str:
    with pytest.raises(QueryError) as caught:
        read(text, presets, **said)
    return caught.value.message


# Lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;b\nc", [(1, "a"), (2, "b"), (3, "c")]),
        ("a\r\nb", [(1, "a"), (2, "b")]),
        ("  a  ;;", [(1, "a"), (2, ""), (3, "")]),
        ("a OR \\\n   b\nc", [(1, "a OR b"), (3, "c")]),
        ("a \\\r\n\\\nb\nc", [(1, "a  b"), (4, "c")]),
        ("a\\\\\nb", [(1, "a\\"), (2, "b")]),
        ("a\\ \nb", [(1, "a\\"), (2, "b")]),
        ("a\\", [(1, "a")]),
        (r"x includes a\;b;c", [(1, "x includes a;b"), (2, "c")]),
    ],
)
def test_lines_end_at_semicolons_and_breaks_and_go_on_behind_a_backslash(
    text: str, expected: list[tuple[int, str]]
) -> None:
    assert lines(text) == expected


def test_in_a_note_a_semicolon_ends_nothing() -> None:
    assert lines("a;b\\;c\nd", semicolons=False) == [(1, r"a;b\;c"), (2, "d")]


def test_an_error_names_the_line_on_which_the_instruction_begins() -> None:
    text = "# first\nnot done\n(due today) OR \\\n  (du tomorrow)"
    assert refusal(text).startswith('query line 3: no filter is written "du tomorrow"')


# Presets

CALLS = {"calls": "tags include #call\nnot done", "home": "path includes Home"}


def test_a_preset_stands_for_its_lines() -> None:
    assert words("preset calls; due today", CALLS) == [
        'tag includes "#call"', "open: todo, in progress or on hold", "due on Mon 2026-11-23",
    ]  # fmt: skip


def test_a_preset_may_be_part_of_a_line() -> None:
    (part,) = read(
        "({{preset.home}}) OR (due {{ preset.when }})", {**CALLS, "when": "today"}
    ).filters
    assert [one.words for one in part.parts] == ['path includes "Home"', "due on Mon 2026-11-23"]


def test_presets_may_use_presets() -> None:
    presets = {**CALLS, "both": "preset calls; preset home"}
    assert len(words("preset both", presets)) == 3


def test_a_fault_in_a_preset_names_the_file_and_the_key() -> None:
    presets = {"errands": "not done; du today", "all": "preset errands"}
    where = "mdtasks.toml: `errands` in [queries], line 2: "
    assert refusal("preset errands", presets).startswith(where)
    assert refusal("not done\npreset all", presets).startswith(where)


def test_a_preset_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(QueryError) as caught:
        read("preset call", CALLS)
    assert caught.value.message == 'query line 1: there is no preset "call"'
    assert caught.value.hint.startswith("known: calls, home;")


@pytest.mark.parametrize(
    "presets",
    [
        {"a": "preset a"},
        {"a": "preset b", "b": "not done; preset a"},
        {"a": "({{preset.b}})", "b": "due {{preset.a}}"},
    ],
)
def test_a_preset_that_leads_back_to_itself_is_refused(presets: Mapping[str, str]) -> None:
    assert refusal("preset a", presets).endswith('the preset "a" leads back to itself')


@pytest.mark.parametrize("use", ["preset {}; preset {}", "{{{{preset.{}}}}} {{{{preset.{}}}}}"])
def test_presets_that_multiply_are_stopped(use: str) -> None:
    presets = {f"p{n}": use.format(f"p{n + 1}", f"p{n + 1}") for n in range(60)}
    message = f"more than {MOST_PRESETS} presets are used"
    assert refusal("preset p0", {**presets, "p60": "# nothing"}).endswith(message)


def test_the_name_of_a_preset_is_near_enough_to_be_proposed() -> None:
    with pytest.raises(QueryError) as caught:
        read("cals", CALLS)
    assert caught.value.hint == 'perhaps "preset calls"'


def test_a_fault_in_a_preset_of_the_plugin_names_it() -> None:
    message = refusal("preset this_file", {"this_file": PRESETS["this_file"]})
    assert message.startswith("the preset this_file, line 1: ")
    assert refusal("preset this_file", {"this_file": "x"}).startswith("mdtasks.toml: `this_file`")


def test_what_stands_around_a_preset_is_left_as_it_is() -> None:
    note = [Line("a.md:1", "{{preset.two}}"), Line("a.md:2", "description includes {{preset.x}};b")]
    reading = Reading(MONDAY, 0, {"two": "has id; no tags", "x": r"a\;"}, "a.md")
    assert [line.text for line in instructions(note, reading)] == [
        "has id", "no tags", "description includes a;;b",
    ]  # fmt: skip
    assert words(r"description includes \\") == ['description includes "\\"']


# Placeholders


def test_placeholders_stand_for_the_note() -> None:
    assert words("path includes {{ query.file.path }}", note="A/b.md") == ['path includes "A/b.md"']
    assert words("folder includes {{query.file.folder}}", note="b.md") == ['folder includes "/"']


def test_placeholders_stand_for_a_property_of_the_note() -> None:
    line = "{{query.file.property('Search')}}; path includes {{query.file.property(\"none\")}}x"
    found = words(line, note="a.md", search="not done\nhas id")
    assert found == ["open: todo, in progress or on hold", "has id", 'path includes "x"']


def test_a_placeholder_outside_of_a_note_is_refused_with_the_way_to_use_it() -> None:
    with pytest.raises(QueryError) as caught:
        read("path includes {{query.file.path}}")
    assert (
        caught.value.message
        == "query line 1: {{query.file.path}} asks for the note that holds the query"
    )
    assert "--from NOTE" in caught.value.hint


def test_what_a_placeholder_brings_is_not_filled_in_again() -> None:
    note = "{{preset.x}}.md"
    assert words("path includes {{query.file.path}}", note=note) == [f'path includes "{note}"']


def test_instructions_leave_out_remarks() -> None:
    text = "# a {{remark}}; {{! another }}; not done {{! a third }}"
    found = instructions(typed(text), Reading(MONDAY))
    assert [line.text for line in found] == ["not done"]


# How a query was read


def test_an_explanation_shows_booleans_as_a_tree_and_dates_as_days() -> None:
    query = read(
        "not done; starts before tomorrow\n"
        "(due this week OR NOT (tag includes x AND has id)) XOR priority is above none\n"
        "sort by due reverse; sort by path; group by folder; limit 5; limit groups 2; explain"
    )
    assert explanation(query) == [
        "open: todo, in progress or on hold",
        "start before Tue 2026-11-24, or without a start date",
        "one of, not both:",
        "  at least one of:",
        "    due from Mon 2026-11-23 to Sun 2026-11-29",
        "    not:",
        "      all of:",
        '        tag includes "x"',
        "        has id",
        "  priority is above none",
        "sorted by due, reversed",
        "sorted by path",
        "grouped by folder",
        "the first 5 of all",
        "the first 2 of each group",
    ]


def test_a_query_that_asks_for_nothing_is_explained_too() -> None:
    first, second = explanation(read("# nothing"))
    assert first == "every task"
    assert re.match("sorted by status, urgency, due, priority and path", second)
