"""Which lines are tasks."""

from __future__ import annotations

import pytest

from mdtasks.read.note import read_note
from mdtasks.settings import ReadSettings

SETTINGS = ReadSettings()


def lines(text: str | bytes, settings: ReadSettings = SETTINGS) -> list[int]:
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    return [task.source.line for task in read_note("n.md", data, settings).tasks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [ ] a", [1]),
        ("* [ ] a\n\n+ [x] b\n\n1. [ ] c\n\n2) [/] d", [1, 3, 5, 7]),
        ("1) [ ] a\n   - [ ] b\n     1. [ ] c", [1, 2, 3]),
        ("> - [ ] quoted\n> > 1. [ ] twice", [1, 2]),
        ("> [!todo] Callout\n> - [ ] inside", [2]),
        ("> [!todo] - [ ] in the title", []),
        ("- - [ ] two markers", [1]),
        ("- a\n  - [ ] b", [2]),
        ("-\n  [ ] the box is not on the marker's line", []),
        ("- [ ]", []),
        ("- [ ] ", []),
        ("- [ ]\n  text below", []),
        ("- [ ]\ttab", [1]),
        ("- [ ]text", []),
        ("- [  ] two", []),
        ("- [\U0001f600] one character of four bytes", [1]),
        ("- [e\u0301] two characters", []),
        ("- []] bracket\n- [[] bracket", [1, 2]),
        ("text\n- [ ] interrupts a paragraph", [2]),
        ("text\n2. [ ] does not interrupt", []),
        ("text - [ ] not at the start", []),
        ("# [ ] heading\n\n| - [ ] | table |\n| --- | --- |\n| - [ ] x | y |", []),
        ("- [ ] setext\n  ===", []),
        ("- [ ] a | b\n  --- | ---", []),
    ],
)
def test_commonmark_decides_what_a_list_item_is(text: str, expected: list[int]) -> None:
    assert lines(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "```\n- [ ] fenced\n```",
        "~~~ python\n- [ ] fenced\n",
        "- a\n  ```\n  - [ ] fenced in an item\n  ```",
        "    - [ ] indented code",
        "<!--\n- [ ] comment\n-->",
        "<div>\n- [ ] in HTML\n</div>",
        "<script>\n\n- [ ] in a script\n\n</script>",
        "---\ntasks: |\n  - [ ] front matter\n---",
        "---\n: [ not yaml\n- [ ] x\n---",
        "%%\n- [ ] hidden\n%%",
        "a %% b\n\n- [ ] hidden to the end",
        "`` ` `` %%\n\n- [ ] hidden",
    ],
)
def test_a_box_that_is_not_text_is_no_task(text: str) -> None:
    assert lines(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`%%`\n- [ ] shown", [2]),
        ("```\n%%\n```\n- [ ] shown", [4]),
        ("%% a %%\n- [ ] shown", [2]),
        ("- [ ] shown %% aside\n- [ ] hidden %%\n- [ ] shown", [1, 3]),
        ("`a\nb %% c`\n\n- [ ] shown", [4]),
        ("---\ntags: x\n- [ ] no end\n\n- [ ] so no front matter", [3, 5]),
        ("---\na: b\n---\n- [ ] behind", [4]),
        ("\ufeff- [ ] behind a BOM", [1]),
        ("\ufeff---\na: b\n---\n- [ ] behind", [4]),
    ],
)
def test_what_hides_a_box_ends_where_it_ends(text: str, expected: list[int]) -> None:
    assert lines(text) == expected


def test_lines_end_at_newlines_and_carriage_returns_only() -> None:
    assert lines("a\u2028b\x0bc\x0cd\x85e\r\n- [ ] two\r- [ ] three\n- [ ] four") == [2, 3, 4]


def test_bytes_that_are_no_utf8_shift_nothing() -> None:
    data = b"\xff\xfe\n- [ ] caf\xe9 \xf0\x9f\n- [\xe9] no symbol\n- [ ] last"
    note = read_note("n.md", data, SETTINGS)
    assert [task.source.line for task in note.tasks] == [2, 4]
    assert note.tasks[0].source.text.encode("utf-8", "surrogateescape") == data.splitlines()[1]


def test_utf_16_is_named_and_not_read() -> None:
    note = read_note("n.md", "- [ ] milk".encode("utf-16"), SETTINGS)
    assert note.tasks == ()
    assert [problem.message for problem in note.problems] == ["this is UTF-16, which is not read"]


def test_a_nul_byte_is_read_over() -> None:
    assert lines("- [ ] a\0b\n- [\0] c\n- [ ] d") == [1, 2, 3]


def test_nesting_of_a_hundred_levels_is_read() -> None:
    text = "".join("  " * depth + "- [ ] x\n" for depth in range(100))
    assert lines(text) == list(range(1, 101))


def test_nesting_without_end_is_a_problem_and_no_crash() -> None:
    note = read_note("n.md", b"- " * 20_000 + b"[ ] deep", SETTINGS)
    assert note.tasks == ()
    assert [problem.message for problem in note.problems] == [
        "nested too deep; the note is not read"
    ]


def test_a_line_over_64_kib_is_a_problem_and_the_rest_is_read() -> None:
    note = read_note("n.md", b"- [ ] " + b"x" * 70_000 + b"\n- [ ] y", SETTINGS)
    assert [task.source.line for task in note.tasks] == [2]
    assert [problem.line for problem in note.problems] == [1]


def test_the_managed_section_holds_no_tasks() -> None:
    text = "- [ ] a\n\n<!-- mdtasks:start -->\n- [ ] mirror\n<!-- mdtasks:end -->\n\n- [ ] b"
    assert lines(text) == [1, 7]


def test_a_section_without_end_hides_nothing_and_is_reported() -> None:
    note = read_note("n.md", b"<!-- mdtasks:start -->\n- [ ] a\n", SETTINGS)
    assert [task.source.line for task in note.tasks] == [2]
    assert note.problems[0].line == 1


def test_marks_in_a_fence_are_no_section() -> None:
    fence = "```\n<!-- mdtasks:start -->\n```\n- [ ] a\n```\n<!-- mdtasks:end -->\n```"
    assert lines(fence) == [4]
