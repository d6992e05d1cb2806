"""Where a line of the time log goes in a note, and how one is ended."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.errors import ChangedUnderUsError, RefusedError
from mdtasks.read.note import read_note
from mdtasks.settings import ReadSettings
from mdtasks.write.log_line import Entry, end, insert, together
from mdtasks.write.splice import splice_note

PATH, DAY, READ = "Daily/2026-11-23.md", date(2026, 11, 23), ReadSettings()
AT_TEN = Entry(DAY, time(10), time(10, 30), "Write")


def added(note: str, entry: Entry = AT_TEN) -> str:
    data = note.encode()
    return splice_note(data, [insert(PATH, data, entry, READ).splice]).data.decode()


def ended(note: str, at: time) -> str:
    data = note.encode()
    (running,) = [one for one in read_note(PATH, data, READ).intervals if one.end is None]
    return splice_note(data, [end(PATH, data, running, at, READ)]).data.decode()


NEW = "- 10:00 - 10:30 Write"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"## Time log\n\n{NEW}\n"),
        ("---\na: b\n---\n", f"---\na: b\n---\n\n## Time log\n\n{NEW}\n"),
        ("# Monday\n", f"# Monday\n\n## Time log\n\n{NEW}\n"),
        ("# Monday\n\nWords", f"# Monday\n\nWords\n\n## Time log\n\n{NEW}"),
        ("## Time log\n", f"## Time log\n{NEW}\n"),
        ("## Time log", f"## Time log\n{NEW}"),
        ("## Time log\n\n## More\n", f"## Time log\n\n{NEW}\n\n## More\n"),
        ("## Time log\n## More\n", f"## Time log\n{NEW}\n## More\n"),
        ("# TIME LOG #\n\nWords.\n", f"# TIME LOG #\n\nWords.\n\n{NEW}\n"),
        ("## Time log\n\n* 8:25 a remark\n", "## Time log\n\n* 8:25 a remark\n* " + NEW[2:] + "\n"),
        (
            "## Time log\n- 09:00 - 09:30 Mail\n- 11:00 - 11:30 Talk\n",
            f"## Time log\n- 09:00 - 09:30 Mail\n{NEW}\n- 11:00 - 11:30 Talk\n",
        ),
        ("## Time log\n- 11:00 - Talk\n", f"## Time log\n{NEW}\n- 11:00 - Talk\n"),
        (
            "## Time log\n- 09:00 - 09:30 Mail\n  with a remark\n\n  and one more\n\nThe end.\n",
            "## Time log\n- 09:00 - 09:30 Mail\n  with a remark\n\n  and one more\n"
            f"{NEW}\n\nThe end.\n",
        ),
        (
            "## Time log\n\n1. 08:00 - 08:10 a\n2. 09:00 - 09:10 b\n",
            "## Time log\n\n1. 08:00 - 08:10 a\n2. 09:00 - 09:10 b\n3. 10:00 - 10:30 Write\n",
        ),
        (
            "## Time log\n\n- 08:00 - 08:10 a\n\n- 09:00 - 09:10 b\n",
            f"## Time log\n\n- 08:00 - 08:10 a\n\n- 09:00 - 09:10 b\n\n{NEW}\n",
        ),
        (
            "```\n## Time log\n```\n## Time log\n* 09:00 - 9:30 a",
            "```\n## Time log\n```\n## Time log\n* 09:00 - 9:30 a\n* 10:00 - 10:30 Write",
        ),
        ("## Time log\r\n- 09:00 - 9:30 a\r\n", f"## Time log\r\n- 09:00 - 9:30 a\r\n{NEW}\r\n"),
        (
            "## Time log\n- 09:00 - 9:30 a\n### Later\n- [ ] a task\n",
            f"## Time log\n- 09:00 - 9:30 a\n{NEW}\n### Later\n- [ ] a task\n",
        ),
    ],
)
def test_a_line_goes_to_its_time_with_the_marks_of_its_list(before: str, after: str) -> None:
    assert added(before) == after


def test_a_section_that_mdtasks_rewrites_gets_no_line() -> None:
    note = (
        "## Time log\n<!-- mdtasks:start -->\n- [ ] 09:00 - 10:00 a ^mt-1\n<!-- mdtasks:end -->\n"
    )
    assert added(note).index("10:00 - 10:30") > note.index("mdtasks:end")


def test_a_note_that_ends_in_an_open_fence_or_comment_is_left_alone() -> None:
    for note in ("```\nwords\n", "%%\nwords\n", "<!--\nwords\n"):
        with pytest.raises(RefusedError, match="nothing was written"):
            added(note)


def test_a_note_that_is_for_no_day_gets_no_line() -> None:
    with pytest.raises(RefusedError, match=r"Ideas\.md"):
        insert("Ideas.md", b"", AT_TEN, READ)


@pytest.mark.parametrize(
    "text", ["5 apples", "10:00 standup", "9am call", "- x", "[ ] x", "3-4 pm"]
)
def test_words_that_look_like_a_time_stay_words(text: str) -> None:
    for ends in (None, time(10, 45)):
        note = added("# Day\n", Entry(DAY, time(10), ends, text))
        (found,) = read_note(PATH, note.encode(), READ).intervals
        assert (found.text, found.end) == (text, ends and datetime(2026, 11, 23, 10, 45))


@pytest.mark.parametrize("text", ["a %% b", "a <!-- b", "```", "a\tb"])
def test_words_that_would_hide_what_follows_are_refused_or_read_back(text: str) -> None:
    entry = Entry(DAY, time(10), None, text)
    try:
        note = added("# Day\n\n## Time log\n", entry)
    except RefusedError:
        return
    below = read_note(PATH, f"{note}\n- [ ] more\n".encode(), READ)
    assert [task.text for task in below.tasks] == ["more"]
    assert [one.text for one in below.intervals] == [text]


@pytest.mark.parametrize(
    ("running", "line"),
    [
        ("- 13:05 - Invoices", "- 13:05 - 14:10 Invoices"),
        ("* 13:05-", "* 13:05-14:10"),
        ("1. 13:05 – Invoices", "1. 13:05 – 14:10 Invoices"),
        ("+ 1:05pm - Invoices", "+ 1:05pm - 2:10pm Invoices"),
        ("- 13:05 -: 5 apples", "- 13:05 - 14:10: 5 apples"),
    ],
)
def test_a_clock_is_ended_as_it_is_written(running: str, line: str) -> None:
    around = "# Time log\r\n- 09:00 - 09:10 a\r\n{}\r\n  13:05 - remark\r\n"
    assert ended(around.format(running), time(14, 10)) == around.format(line)


def test_an_end_before_its_start_is_on_the_next_day() -> None:
    note = ended("# Time log\n- 23:30 - Write\n", time(0, 15))
    (found,) = read_note(PATH, note.encode(), READ).intervals
    assert found.end == datetime(2026, 11, 24, 0, 15)


def test_a_line_that_changed_since_is_not_ended() -> None:
    data = b"# Time log\n- 23:30 - Write\n"
    (running,) = read_note(PATH, data, READ).intervals
    with pytest.raises(ChangedUnderUsError):
        end(PATH, data.replace(b"Write", b"Read"), running, time(23, 40), READ)


@pytest.mark.parametrize("last", ["", "\n", "\n\nMore words.\n"])
def test_one_is_ended_and_one_begun_in_the_same_note(last: str) -> None:
    data = f"# Time log\n- 09:00 - Mail{last}".encode()
    (running,) = read_note(PATH, data, READ).intervals
    stop = end(PATH, data, running, time(10), READ)
    new = insert(PATH, splice_note(data, [stop]).data, Entry(DAY, time(10), None, "Write"), READ)
    result = splice_note(data, together(data, [stop], new))
    assert result.data.decode() == f"# Time log\n- 09:00 - 10:00 Mail\n- 10:00 - Write{last}"
    assert splice_note(result.data, result.back).data == data


CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0, fold=0))
TEXTS = st.text(
    st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=20
).map(lambda text: " ".join(text.split()))
ENTRIES = st.builds(Entry, st.just(DAY), CLOCKS, st.none() | CLOCKS, TEXTS.filter(bool))


@given(st.lists(ENTRIES, min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_what_is_added_reads_back_in_the_order_of_the_clock(
    entries: list[Entry], ending: str
) -> None:
    data = f"# Day{ending}{ending}- [ ] a task{ending}".encode()
    written = []
    for entry in entries:
        try:
            data = splice_note(data, [insert(PATH, data, entry, READ).splice]).data
        except RefusedError:
            continue
        written.append((*entry.moments, entry.text))
    note = read_note(PATH, data, READ)
    found = [(one.start, one.end, one.text) for one in note.intervals]
    assert sorted(map(repr, found)) == sorted(map(repr, written))
    assert all(first[0] <= second[0] for first, second in pairwise(found))
    assert [task.text for task in note.tasks] == ["a task"]
    assert data.count(ending.encode()) == data.count(b"\n")
