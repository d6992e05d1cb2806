"""Where a new line goes in a note: which list, whose marks, and no byte of anybody else's."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mdtasks.errors import RefusedError, UsageError
from mdtasks.read.note import read_note
from mdtasks.settings import ReadSettings
from mdtasks.write.insertion import insert
from mdtasks.write.splice import splice_note

READ = ReadSettings()
SECTION = "<!-- mdtasks:start -->\n- [ ] 09:00 - 10:00 a ^mt-1234\n<!-- mdtasks:end -->\n"


def inserted(note: str | bytes, heading: str | None = None, read: ReadSettings = READ) -> bytes:
    data = note.encode() if isinstance(note, str) else note
    found = insert("a.md", data, heading, lambda dialect: "[ ] new", read)
    result = splice_note(data, [found.splice])
    assert splice_note(result.data, result.back).data == data
    return result.data


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "- [ ] new\n"),
        ("\n", "- [ ] new\n\n"),
        ("- [ ] a\n", "- [ ] a\n- [ ] new\n"),
        ("- [ ] a", "- [ ] a\n- [ ] new"),
        ("- [ ] a\r\n", "- [ ] a\r\n- [ ] new\r\n"),
        ("- [ ] a\r\n- [ ] b", "- [ ] a\r\n- [ ] b\r\n- [ ] new"),
        ("- [ ] a\r", "- [ ] a\r- [ ] new\r"),
        ("- [ ] a\n\n\n", "- [ ] a\n- [ ] new\n\n\n"),
        ("* [ ] a\n", "* [ ] a\n* [ ] new\n"),
        ("+   [ ] a\n", "+   [ ] a\n+   [ ] new\n"),
        ("-\t[ ] a\n", "-\t[ ] a\n-\t[ ] new\n"),
        ("  - [ ] a\n", "  - [ ] a\n  - [ ] new\n"),
        ("1. [ ] a\n2. [ ] b\n", "1. [ ] a\n2. [ ] b\n3. [ ] new\n"),
        ("9) [ ] a\n", "9) [ ] a\n10) [ ] new\n"),
        ("1. [ ] a\n1. [ ] b\n", "1. [ ] a\n1. [ ] b\n1. [ ] new\n"),
        ("- [ ] a\n\n- [ ] b\n", "- [ ] a\n\n- [ ] b\n\n- [ ] new\n"),
        ("- [ ] a\n    - [ ] b\n      text\n", "- [ ] a\n    - [ ] b\n      text\n- [ ] new\n"),
        ("- [ ] a\n\n  text\n", "- [ ] a\n\n  text\n- [ ] new\n"),
        ("- plain\n", "- plain\n- [ ] new\n"),
        ("words\n", "words\n\n- [ ] new\n"),
        ("words", "words\n\n- [ ] new"),
        ("words\n\n", "words\n\n- [ ] new\n\n"),
        ("# Title\n", "# Title\n- [ ] new\n"),
        ("# Title\n\n", "# Title\n\n- [ ] new\n\n"),
        ("* [ ] a\n\nwords\n", "* [ ] a\n\nwords\n\n* [ ] new\n"),
        ("> - [ ] a\n", "> - [ ] a\n\n- [ ] new\n"),
        ("---\ntags: x\n---\n", "---\ntags: x\n---\n- [ ] new\n"),
        ("---\ntags: x\n---", "---\ntags: x\n---\n- [ ] new"),
        ("```\ncode\n```\n", "```\ncode\n```\n\n- [ ] new\n"),
        ("%% open\n", "- [ ] new\n\n%% open\n"),
        ("words\n\n```\nopen\n", "words\n\n- [ ] new\n\n```\nopen\n"),
        ("- [ ] a\n\n<!-- open\n- [ ] b\n", "- [ ] a\n- [ ] new\n\n<!-- open\n- [ ] b\n"),
        ("- [ ] a\n\n%% open\n- [ ] b\n", "- [ ] a\n- [ ] new\n\n%% open\n- [ ] b\n"),
        ("- [ ] a\n\n%%\n- [ ] b\n%%\n", "- [ ] a\n\n%%\n- [ ] b\n%%\n\n- [ ] new\n"),
        ("<div>\ntext\n", "<div>\ntext\n\n- [ ] new\n"),
        ("a | b\n--|--\n1 | 2\n", "a | b\n--|--\n1 | 2\n\n- [ ] new\n"),
        (f"# Day planner\n\n{SECTION}", f"# Day planner\n\n{SECTION}\n- [ ] new\n"),
        (f"- [ ] a\n\n{SECTION}\nwords\n", f"- [ ] a\n\n{SECTION}\nwords\n\n- [ ] new\n"),
    ],
)  # fmt: skip
def test_a_line_goes_to_the_end_of_the_note(before: str, after: str) -> None:
    assert inserted(before).decode() == after


def test_bytes_that_are_no_text_and_a_byte_order_mark_stay() -> None:
    note = b"\xef\xbb\xbf- [ ] caf\xe9\r\n\xff\n"
    assert inserted(note) == b"\xef\xbb\xbf- [ ] caf\xe9\r\n\xff\n- [ ] new\n"
    assert inserted(b"\xef\xbb\xbf") == b"\xef\xbb\xbf- [ ] new\n"


HEADED = "# One\n\n- [ ] a\n\nwords\n\n## Two\n\n## Three\n* x\n\n## three\ntext\n"


@pytest.mark.parametrize(
    ("heading", "before", "after"),
    [
        ("One", "- [ ] a\n", "- [ ] a\n- [ ] new\n"),
        ("# One", "- [ ] a\n", "- [ ] a\n- [ ] new\n"),
        ("one", "- [ ] a\n", "- [ ] a\n- [ ] new\n"),
        ("Two", "## Two\n", "## Two\n\n- [ ] new\n"),
        ("Three", "* x\n", "* x\n* [ ] new\n"),
        ("three", "text\n", "text\n\n- [ ] new\n"),
    ],
)
def test_a_line_goes_below_its_heading(heading: str, before: str, after: str) -> None:
    assert inserted(HEADED, heading).decode() == HEADED.replace(before, after)


def test_a_heading_without_a_blank_line_below_gets_none() -> None:
    assert inserted("# A\n# B\n", "A") == b"# A\n- [ ] new\n# B\n"
    assert inserted("A\n===\n# B\n", "A") == b"A\n===\n- [ ] new\n# B\n"


def test_a_heading_that_is_missing_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="no heading is called Four") as error:
        inserted(HEADED, "Four")
    assert error.value.hint.split("\n      ") == ["# One", "## Two", "## Three", "## three"]


def test_a_heading_that_may_be_several_is_refused() -> None:
    with pytest.raises(UsageError, match="2 headings are called THREE"):
        inserted(HEADED, "THREE")
    with pytest.raises(UsageError, match="2 headings are called A"):
        inserted("# A\n# A\n", "A")


def test_a_heading_in_a_fence_or_comment_is_none() -> None:
    for note in ("```\n# A\n```\n", "%%\n# A\n%%\n", "<!--\n# A\n-->\n", "---\n# A\n---\n"):
        with pytest.raises(UsageError):
            inserted(note, "A")


def test_a_note_that_is_one_open_fence_has_no_place() -> None:
    with pytest.raises(RefusedError, match="there is no place where this would be a task"):
        inserted("```\ncode\n")


BOARD_END = """

***

## Archive

- [x] old

%% kanban:settings
```
{"kanban-plugin":"board"}
```
%%
"""
BOARD = (
    f"---\n\nkanban-plugin: board\n\n---\n\n## Todo\n\n- [ ] a\n\n\n## Done\n\n- [x] b{BOARD_END}"
)


@pytest.mark.parametrize(
    ("heading", "before", "after"),
    [
        (None, "- [ ] a\n", "- [ ] a\n- [ ] new\n"),
        ("Todo", "- [ ] a\n", "- [ ] a\n- [ ] new\n"),
        ("Done", "- [x] b\n", "- [x] b\n- [ ] new\n"),
        ("Archive", "- [x] old\n", "- [x] old\n- [ ] new\n"),
    ],
)
def test_a_card_goes_to_the_end_of_a_lane_of_a_kanban_board(
    heading: str | None, before: str, after: str
) -> None:
    assert inserted(BOARD, heading).decode() == BOARD.replace(before, after)


def test_an_empty_lane_of_a_board_gets_its_first_card() -> None:
    board = BOARD.replace("- [ ] a\n", "")
    assert inserted(board).decode() == board.replace("## Todo\n", "## Todo\n\n- [ ] new\n")


def test_the_only_lane_of_a_board_ends_above_the_settings() -> None:
    settings = BOARD_END[BOARD_END.index("%%") :]
    board = f"---\n\nkanban-plugin: board\n\n---\n\n## Todo\n\n{settings}"
    assert inserted(board).decode() == board.replace("## Todo\n", "## Todo\n\n- [ ] new\n")


def test_a_board_without_a_lane_is_refused_and_no_card_goes_below_its_settings() -> None:
    front, settings = "---\nkanban-plugin: board\n---\n\n", BOARD_END[BOARD_END.index("%%") :]
    for middle in ("", BOARD_END[: BOARD_END.index("%%")], "words\n\n"):
        with pytest.raises(RefusedError, match="no list for a card"):
            inserted(front + middle + settings)


def test_a_note_that_only_speaks_of_boards_is_none() -> None:
    note = BOARD.replace("kanban-plugin: board", "title: kanban-plugin")
    assert inserted(note).decode() == f"{note}\n- [ ] new\n"


def test_a_note_in_utf16_is_refused() -> None:
    with pytest.raises(RefusedError, match="UTF-16"):
        inserted("- [ ] a\n".encode("utf-16"))


@pytest.mark.parametrize(
    ("note", "dialect"),
    [
        ("", "emoji"),
        ("- [ ] a\n", "emoji"),
        ("- [ ] a [due:: 2026-12-01]\n", "dataview"),
        ("- [ ] a [due:: 2026-12-01]\n- [ ] b [due:: 2026-12-01]\n- [ ] c 📅 2026-12-01\n",
         "dataview"),
    ],
)  # fmt: skip
def test_the_note_says_which_dialect_is_spoken(note: str, dialect: str) -> None:
    heard: list[str] = []

    def write(dialect: str) -> str:
        heard.append(dialect)
        return "[ ] new"

    insert("a.md", note.encode(), None, write, READ)
    assert heard == [dialect]


LINES = st.sampled_from(
    ["- [ ] a", "* [x] b 📅 2026-12-01", "  - [ ] c", "    - [ ] d", "1. [ ] e", "2. f", "text", "",
     "", "# H", "## H2", "```", "~~~", "%%", "%% x %%", "<!--", "-->", "<div>", "> - [ ] q", "> t",
     "---", "===", "a | b", "--|--", "\tcode", "      code", "-", "[ ] z", "<!-- mdtasks:start -->",
     "<!-- mdtasks:end -->", "- ```", "tags: x", "- [ ] new"]
)  # fmt: skip
NOTES = st.tuples(
    st.lists(st.tuples(LINES, st.sampled_from(["\n"] * 6 + ["\r\n", "\r"])), max_size=12),
    st.booleans(),
    st.booleans(),
)


@given(NOTES)
@example(([("%%", "\n"), ("```", "\n")], True, False))
@settings(max_examples=400, deadline=None)
def test_there_is_one_task_more_and_every_other_byte_stays(
    parts: tuple[list[tuple[str, str]], bool, bool],
) -> None:
    rows, bom, ends = parts
    text = "".join(row + end for row, end in rows)
    data = b"\xef\xbb\xbf" * bom + (text if ends else text.rstrip("\r\n")).encode()
    before = read_note("a.md", data, READ)
    try:
        result = inserted(data)
    except RefusedError:
        return
    after = read_note("a.md", result, READ)
    added = [task for task in after.tasks if task.text == "new"]
    assert len(after.tasks) == len(before.tasks) + 1
    assert len(added) == 1 + sum(task.text == "new" for task in before.tasks)
    assert result.startswith(b"\xef\xbb\xbf") == data.startswith(b"\xef\xbb\xbf")
    old, new = (x.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True) for x in (data, result))
    # Below and above the new lines all is the same, but that a last line without an end gets one.
    count = len(new) - len(old)
    assert count in (1, 2)
    assert any(
        (old[:at], old[at:]) == (new[:at], new[at + count :])
        or (at == len(old) and old[: at - 1] == new[: at - 1] and new[at - 1].startswith(old[-1]))
        for at in range(len(old) + 1)
    )
