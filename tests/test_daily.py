"""The managed section: what a person meets in the day's note, and what is never taken away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mdtasks.model import Block, Kind, Plan, Source, Status, Task
from mdtasks.read.note import read_note
from mdtasks.read.section import Group, Section, find_section, groups
from mdtasks.render.daily import Held, section, splice
from mdtasks.settings import ReadSettings

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 23)
START, END = "<!-- mdtasks:start -->", "<!-- mdtasks:end -->"
LINES = (
    "- [ ] 09:00 - 10:30 Write the introduction ([[Launch post]]) ^mt-7f3a2c",
    "- 11:00 - 11:30 2 tasks ^mt-1d2e3f-m",
    "    - [ ] Call Bob ([[Home]]) ^mt-1d2e3f",
    "    - [x] Pay rent ([[Home]]) ^mt-9a8b7c",
)
NOTE = "\n".join(["# Monday", "", START, *LINES, END, "", "- [ ] my own", ""]).encode()


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


def task(uid: str, text: str, path: str = "Launch post.md", **known: object) -> Task:
    made = Task(Source(path, 1, f"- [ ] {text}"), Status.TODO, " ", text, uid=uid)
    return made._replace(**known)  # type: ignore[arg-type]


def block(start: datetime, end: datetime, *uids: str, kind: Kind = Kind.FOCUS) -> Block:
    return Block(start, end, f"{len(uids)} tasks", kind, uids)


def lines_of(blocks: Sequence[Block], *tasks: Task) -> tuple[str, ...]:
    return section(Plan(blocks=tuple(blocks)), {t.uid: t for t in tasks}, DAY, BERLIN)


def written(data: bytes, lines: Sequence[str] | None = LINES, words: Sequence[str] = ()) -> bytes:
    """Return the note with its section written and what a person added moved."""
    result = splice(data, lines, "Day planner", added_to(data), words)
    assert isinstance(result, bytes), result
    return result


def added_to(data: bytes) -> list[Group]:
    found = find_section(data)
    if not isinstance(found, Section):
        return []
    return list(groups(found, {mirror.row for mirror in found.mirrors}))


def held(data: bytes, lines: Sequence[str] = ()) -> list[int]:
    result = splice(data, lines, "Day planner", added_to(data))
    assert isinstance(result, Held), result
    return [reason.line for reason in result.reasons]


# --- the lines ----------------------------------------------------------------------------------


def test_block_is_a_day_planner_line() -> None:
    owner = task("7f3a2c11-2222", "Write the introduction")
    assert lines_of([block(at(9), at(10, 30), owner.uid)], owner) == (
        "- [ ] 09:00 - 10:30 Write the introduction ([[Launch post]]) ^mt-7f3a2c",
    )


def test_batch_is_a_timed_line_with_its_tasks_below() -> None:
    tasks = [
        task("aaaaaa11", "Call Bob", "Home.md"),
        task("bbbbbb11", "Pay rent", "Home.md", status=Status.DONE),
    ]
    batch = block(at(11), at(11, 30), "aaaaaa11", "bbbbbb11", kind=Kind.MICRO)
    assert lines_of([batch], *tasks) == (
        "- 11:00 - 11:30 2 tasks ^mt-aaaaaa-m",
        "    - [ ] Call Bob ([[Home]]) ^mt-aaaaaa",
        "    - [x] Pay rent ([[Home]]) ^mt-bbbbbb",
    )


def test_only_our_blocks_that_start_that_day_are_mirrored() -> None:
    blocks = [
        block(at(23, day=22), at(1), "aaaaaa"),
        block(at(9), at(10), "bbbbbb", kind=Kind.BUSY),
        block(at(10), at(11), "cccccc", kind=Kind.BREAK),
        block(at(23, 30), at(0, 15, day=24), "dddddd"),
        block(at(9, day=24), at(10, day=24), "eeeeee"),
    ]
    assert lines_of(blocks) == ("- [ ] 23:30 - 00:15 1 tasks ^mt-dddddd",)


def test_times_are_those_of_the_zone() -> None:
    utc = [moment.astimezone(ZoneInfo("UTC")) for moment in (at(0, 30), at(1))]
    assert lines_of([block(utc[0], utc[1], "aaaaaa")]) == (
        "- [ ] 00:30 - 01:00 1 tasks ^mt-aaaaaa",
    )


def test_what_was_done_that_day_is_ticked_below() -> None:
    tasks = [
        task("bbbbbb", "Second", "b.md", status=Status.DONE, done=DAY),
        task("aaaaaa", "First", "a.md", status=Status.DONE, done=DAY),
        task("cccccc", "Earlier", status=Status.DONE, done=date(2026, 11, 22)),
        task("dddddd", "Given up", status=Status.CANCELLED, done=DAY),
    ]
    assert lines_of([], *tasks) == (
        "- [x] First ([[a]]) ^mt-aaaaaa",
        "- [x] Second ([[b]]) ^mt-bbbbbb",
    )


def test_ids_are_as_long_as_they_must_be() -> None:
    uids = ["7f3a2c11-1", "7f3a2c11-2", "7f3a2d", "x_1"]
    blocks = [block(at(9 + n), at(10 + n), uid) for n, uid in enumerate([*uids, "7f3a2d"])]
    ids = [line.rpartition("^")[2] for line in lines_of(blocks)]
    assert ids == ["mt-7f3a2c111", "mt-7f3a2c112", "mt-7f3a2d", "mt-x1", "mt-7f3a2d-2"]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("Work/Launch post.md", "([[Launch post]])"),
        ("v1.2 notes.md", "([[v1.2 notes]])"),
        ("C# [[old]]|x.md", "(C old x)"),
    ],
)
def test_note_is_a_link_where_it_can_be_one(path: str, shown: str) -> None:
    owner = task("aaaaaa", "Write", path)
    assert lines_of([block(at(9), at(10), "aaaaaa")], owner) == (
        f"- [ ] 09:00 - 10:00 Write {shown} ^mt-aaaaaa",
    )


PIECES = [" ^block", "[[x]]", START, END, "%%", "```", "09:00 - 10:00 ", "#tag", "📅 2026-11-22"]
TEXT = st.lists(
    st.sampled_from([*PIECES, *"\r\n\x00\x0b\x85\u2028\udcff%^[]#`<!->()~: "])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    max_size=8,
).map("".join)


@settings(max_examples=50, deadline=None)
@given(text=TEXT, name=TEXT, title=TEXT)
def test_no_text_reaches_beyond_its_line(text: str, name: str, title: str) -> None:
    assume("/" not in name)
    owner = task("aaaaaa", text, f"{name}.md")
    done = task("bbbbbb", text, f"{name}.md", status=Status.DONE, done=DAY)
    batch = Block(at(10), at(11), title, Kind.MICRO, ("aaaaaa", "cccccc"))
    lines = lines_of([block(at(9), at(10), "aaaaaa"), batch], owner, done)
    assert [line.rpartition(" ^")[2] for line in lines] == [
        *("mt-aaaaaa", "mt-aaaaaa-m", "mt-aaaaaa-2", "mt-bbbbbb")
    ]
    note = written(b"- [ ] above\n", lines) + b"- [ ] below\n"
    assert len(note.splitlines()) == 1 + 4 + len(lines) + 1 + 1
    read = read_note("2026-11-23.md", note, ReadSettings())
    assert [found.text for found in read.tasks] == ["above", "below"]
    assert written(note, lines) == note
    assert written(note, ()).endswith(f"{START}\n{END}\n- [ ] below\n".encode())


# --- the note around them -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"## Day planner\n\nS\n"),
        (b"\xef\xbb\xbf", b"\xef\xbb\xbf## Day planner\n\nS\n"),
        (b"a", b"a\n\n## Day planner\n\nS\n"),
        (b"a\n", b"a\n\n## Day planner\n\nS\n"),
        (b"a\n\n", b"a\n\n## Day planner\n\nS\n"),
        (b"a\r\nb", b"a\r\nb\r\n\r\n## Day planner\r\n\r\nS\r\n"),
        (b"\xff\r", b"\xff\r\r## Day planner\r\rS\r"),
    ],
)
def test_note_without_section_gets_one_at_its_end(before: bytes, after: bytes) -> None:
    made = written(before, LINES[:1])
    eol = after[-2:] if after.endswith(b"\r\n") else after[-1:]
    body = eol.join(line.encode() for line in (START, LINES[0], END))
    assert made == after.replace(b"S", body)
    assert written(made, LINES[:1]) == made


def test_nothing_to_show_leaves_a_note_without_section_alone() -> None:
    assert written(b"a\n", ()) == b"a\n"


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
def test_section_is_replaced_with_the_endings_of_the_note(eol: str) -> None:
    note = NOTE.replace(b"\n", eol.encode())
    made = written(note, LINES[:1])
    assert made == note.replace(eol.join([*LINES, ""]).encode(), f"{LINES[0]}{eol}".encode())
    assert written(made, LINES) == note


def test_end_marker_may_be_the_last_of_a_note_without_final_newline() -> None:
    assert written(f"{START}\n{END}".encode(), LINES[:1]) == f"{START}\n{LINES[0]}\n{END}".encode()


OUTSIDE = st.lists(
    st.sampled_from(
        [
            *(
                b"text\n",
                b"\n",
                b"- [ ] task\r\n",
                b"\xff\xfe\n",
                b"# H\r",
                b"  - deep\n",
                b"1. x\n",
            ),
            *(b"> quote\n", b"```\ncode\n```\n", b"%%\n", b"    indented\n", b"| a |\n|---|\n"),
            *(f"```\n{START}\n{END}\n```\n".encode(), f"say {START}\n".encode(), b"\xe2\x80\xa8\n"),
        ]
    ),
    max_size=8,
).map(b"".join)


@settings(max_examples=50, deadline=None)
@given(above=OUTSIDE, below=OUTSIDE, bom=st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_bytes_outside_the_markers_never_change(above: bytes, below: bytes, bom: bytes) -> None:
    old, new = LINES, LINES[1:]
    around = (
        bom + above + f"\n{START}\n".encode(),
        f"{END}\n".encode() + below.rstrip(b"\n"),
    )
    note = "".join(f"{line}\n" for line in old).encode().join(around)
    made = written(note, new)
    assert made == "".join(f"{line}\n" for line in new).encode().join(around)
    assert written(made, new) == made
    assert written(made, old) == note


@settings(max_examples=50, deadline=None)
@given(OUTSIDE)
def test_appending_keeps_every_byte_and_happens_once(note: bytes) -> None:
    made = written(note)
    assert made.startswith(note)
    assert written(made) == made
    assert written(made, ()).startswith(note)


# --- what a person added ------------------------------------------------------------------------


def edited(old: str, new: str) -> bytes:
    assert old.encode() in NOTE
    return NOTE.replace(old.encode(), new.encode())


@pytest.mark.parametrize(
    "added",
    ["- [ ] Buy milk", "a thought", "- [ ] x ^other", "* [x] y 📅 2026-11-22", "1. one", "\udcff"],
)
@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
def test_a_line_that_was_added_is_moved_below_the_section(added: str, eol: str) -> None:
    line, below = f"{added}\n".encode("utf-8", "surrogateescape"), f"{END}\n".encode()
    note = NOTE.replace(below, line + below)
    assert written(note.replace(b"\n", eol.encode())) == NOTE.replace(below, below + line).replace(
        b"\n", eol.encode()
    )


def test_a_group_loses_the_indentation_of_its_first_line_and_keeps_the_rest() -> None:
    group = "    - [ ] cake\n\n      with cream\n        - [ ] buy eggs\n  - [ ] other\n"
    note = edited(END, group + END)
    moved = "- [ ] cake\n\n  with cream\n    - [ ] buy eggs\n- [ ] other\n"
    assert written(note) == edited(f"{END}\n", f"{END}\n{moved}")


def test_what_was_added_between_the_mirrors_comes_in_its_order() -> None:
    note = edited("\n".join(LINES), "\n".join(["- [ ] first", *LINES[:2], "second", *LINES[2:]]))
    assert written(note) == edited(f"{END}\n", f"{END}\n- [ ] first\nsecond\n")


def test_a_copy_of_a_mirror_with_other_words_loses_our_id() -> None:
    copy = LINES[0].replace("Write the introduction", "Ask Ann")
    note = edited(END, f"{copy}\n{END}")
    result = splice(note, LINES, "", [Group((7, 8), (copy,))])
    assert result == edited(f"{END}\n", f"{END}\n- [ ] 09:00 - 10:30 Ask Ann ([[Launch post]])\n")


def test_what_stands_below_does_not_run_on_from_what_was_moved() -> None:
    note = edited(f"{END}\n\n- [ ] my own", f"- [ ] milk\n{END}\nDear diary")
    assert written(note).endswith(f"{END}\n- [ ] milk\n\nDear diary\n".encode())


def test_words_that_were_changed_become_a_list_item_and_never_a_task() -> None:
    made = written(NOTE, LINES, ["Call Ann", "[ ] no task"])
    assert made == edited(f"{END}\n", f"{END}\n- Call Ann\n- \\[ ] no task\n")


def test_without_lines_the_mirrors_stay_and_only_what_was_added_moves() -> None:
    note = edited(LINES[2], f"{LINES[2].replace('[ ]', '[x]')}\n- [ ] milk\n")
    assert written(note, None) == edited(LINES[2], LINES[2].replace("[ ]", "[x]") + "\n").replace(
        f"{END}\n".encode(), f"{END}\n- [ ] milk\n".encode()
    )


def test_last_line_without_an_ending_is_no_hindrance() -> None:
    note = f"{START}\n{LINES[0]}\n- [ ] milk\n{END}".encode()
    assert written(note, LINES[:1]) == f"{START}\n{LINES[0]}\n{END}\n- [ ] milk\n".encode()


ADDED = st.lists(
    st.sampled_from(
        [
            *("- [ ] task", "  - [ ] deep", "text", "", "> quote", "%% hidden %%", "%%", "```"),
            *("- item", "\t- [x] y", "---", "# head", "| a |", "<b>", "1. [ ] one", "    code"),
            *("<!-- x -->", "<!--", "===", "* [ ] star", f"> {START}"),
        ]
    ),
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(added=ADDED, below=OUTSIDE)
def test_every_box_is_a_box_after_it_was_moved_or_nothing_is_written(
    added: list[str], below: bytes
) -> None:
    inside = "".join(f"{line}\n" for line in (LINES[0], *added, LINES[1]))
    note = f"- [ ] above\n\n{START}\n{inside}{END}\n".encode() + below
    result = splice(note, LINES[:1], "", added_to(note))
    if isinstance(result, Held):
        return
    before, after = (
        [found.source.text for found in read_note("a.md", each, ReadSettings()).tasks]
        for each in (note, result)
    )
    for text in before:
        after.remove(text)
    assert {text.strip() for text in after} <= {text.strip() for text in added}
    for line in filter(str.strip, added):
        assert line.strip().encode() in result.partition(END.encode())[2]
    assert splice(result, LINES[:1], "", added_to(result)) == result


def test_removed_lines_blank_lines_and_another_order_come_back_as_they_were() -> None:
    note = edited("\n".join(LINES), "\n\n".join([LINES[3], LINES[0] + "  ", " "]))
    assert written(note) == NOTE


@pytest.mark.parametrize(
    ("note", "line"),
    [
        (f"a\n{START}\n", 2),
        (f"a\n{END}\n", 2),
        (f"{END}\n{START}\n", 1),
        (f"{START}\n{START}\n{END}\n", 1),
        (f"{START}\n{END}\n{START}\n{END}\n", 1),
        (f"{START}\n```\n{END}\n", 1),
        ("a\n```\ncode\n", 3),
    ],
)
def test_section_without_clear_bounds_holds(note: str, line: int) -> None:
    assert held(note.encode(), lines=LINES) == [line]


def test_a_task_in_progress_is_mirrored_as_such() -> None:
    owner = task("aaaaaa", "Write", status=Status.IN_PROGRESS, symbol="/")
    assert lines_of([block(at(9), at(10), "aaaaaa")], owner) == (
        "- [/] 09:00 - 10:00 Write ([[Launch post]]) ^mt-aaaaaa",
    )
