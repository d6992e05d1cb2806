"""The managed section: what a person meets in the day's note, and what is never taken away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mdtasks.model import Block, Kind, Plan, Source, Status, Task
from mdtasks.read.note import read_note
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
OPEN = {"7f3a2c55-0000", "1d2e3f55-0000"}
NOTE = "\n".join(["# Monday", "", START, *LINES, END, "", "- [ ] my own", ""]).encode()


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


def task(uid: str, text: str, path: str = "Launch post.md", **known: object) -> Task:
    made = Task(Source(path, 1, f"- [ ] {text}"), Status.TODO, " ", text, uid=uid)
    return replace(made, **known)  # type: ignore[arg-type]


def block(start: datetime, end: datetime, *uids: str, kind: Kind = Kind.FOCUS) -> Block:
    return Block(start, end, f"{len(uids)} tasks", kind, uids)


def lines_of(blocks: Sequence[Block], *tasks: Task) -> tuple[str, ...]:
    return section(Plan(blocks=tuple(blocks)), {t.uid: t for t in tasks}, DAY, BERLIN)


def written(
    data: bytes,
    lines: Sequence[str] = LINES,
    last: Sequence[str] | None = LINES,
    opened: set[str] = OPEN,
) -> bytes:
    result = splice(data, lines, "Day planner", last, opened)
    assert isinstance(result, bytes), result
    return result


def held(
    data: bytes,
    last: Sequence[str] | None = LINES,
    opened: set[str] = OPEN,
    lines: Sequence[str] = (),
) -> list[tuple[int, str]]:
    result = splice(data, lines, "Day planner", last, opened)
    assert isinstance(result, Held), result
    return [(reason.line, reason.text) for reason in result.reasons]


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


@settings(max_examples=50)
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
    assert written(note, lines, None, {"aaaaaa"}) == note
    assert written(note, (), None, {"aaaaaa"}).endswith(f"{START}\n{END}\n- [ ] below\n".encode())


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
    assert written(made, LINES, LINES[:1]) == note


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


@settings(max_examples=50)
@given(above=OUTSIDE, below=OUTSIDE, bom=st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_bytes_outside_the_markers_never_change(above: bytes, below: bytes, bom: bytes) -> None:
    old, new = LINES, LINES[1:]
    around = (
        bom + above + f"\n{START}\n".encode(),
        f"{END}\n".encode() + below.rstrip(b"\n"),
    )
    note = "".join(f"{line}\n" for line in old).encode().join(around)
    made = written(note, new, old)
    assert made == "".join(f"{line}\n" for line in new).encode().join(around)
    assert written(made, new, new) == made
    assert written(made, old, new) == note


@settings(max_examples=50)
@given(OUTSIDE)
def test_appending_keeps_every_byte_and_happens_once(note: bytes) -> None:
    made = written(note)
    assert made.startswith(note)
    assert written(made) == made
    assert written(made, (), LINES).startswith(note)


# --- what holds it ------------------------------------------------------------------------------


def edited(old: str, new: str) -> bytes:
    assert old.encode() in NOTE
    return NOTE.replace(old.encode(), new.encode())


@pytest.mark.parametrize("last", [LINES, None])
@pytest.mark.parametrize("symbol", ["x", "X", "/", "-", "👍"])
def test_tick_that_is_not_carried_over_holds(last: Sequence[str] | None, symbol: str) -> None:
    ticked = LINES[2].replace("[ ]", f"[{symbol}]")
    note = edited(LINES[2], ticked)
    assert held(note, last) == [(6, ticked)]
    assert held(note, last, lines=LINES) == [(6, ticked)]


@pytest.mark.parametrize("last", [LINES, None])
def test_tick_that_is_carried_over_does_not_hold(last: Sequence[str] | None) -> None:
    note = edited(LINES[2], LINES[2].replace("[ ]", "[x]"))
    assert written(note, LINES[:1], last, OPEN - {"1d2e3f55-0000"}) == written(NOTE, LINES[:1])


def test_tick_taken_back_holds_until_the_task_is_open_again() -> None:
    untick = LINES[3].replace("[x]", "[ ]")
    assert held(edited(LINES[3], untick)) == [(7, untick)]
    written(edited(LINES[3], untick), (), LINES, OPEN | {"9a8b7c55"})


@pytest.mark.parametrize("last", [LINES, None])
@pytest.mark.parametrize(
    "added", ["- [ ] Buy milk", "a thought", "- [ ] x ^other", "\t- [x] y", "---"]
)
def test_added_line_holds(last: Sequence[str] | None, added: str) -> None:
    assert held(edited(END, f"{added}\n{END}"), last) == [(8, added)]


@pytest.mark.parametrize(
    ("old", "new"), [("09:00", "08:30"), ("Call Bob", "Call Ann"), ("    ", "  ")]
)
def test_changed_line_holds_while_it_is_known_what_was_written(old: str, new: str) -> None:
    changed = [line.replace(old, new) for line in LINES]
    note = edited("\n".join(LINES), "\n".join(changed))
    lines = [line for line, before in zip(changed, LINES, strict=True) if line != before]
    assert [text for _, text in held(note)] == lines


def test_copied_line_holds() -> None:
    assert held(edited(LINES[0], f"{LINES[0]}\n{LINES[0]}")) == [(5, LINES[0])]


def test_batch_that_got_a_tick_holds() -> None:
    ticked = LINES[1].replace("- 11", "- [x] 11", 1)
    assert held(edited(LINES[1], ticked)) == held(edited(LINES[1], ticked), None) == [(5, ticked)]


def test_removed_lines_blank_lines_and_another_order_hold_nothing() -> None:
    note = edited("\n".join(LINES), "\n\n".join([LINES[3], LINES[0] + "  ", " "]))
    assert written(note) == NOTE


def test_section_that_says_already_what_it_should_is_left_alone() -> None:
    assert written(NOTE, LINES, ()) == NOTE
    note = edited(LINES[0], LINES[0].replace("[ ]", "[x]"))
    carried = (LINES[0].replace("[ ]", "[x]"), *LINES[1:])
    assert written(note, carried, None) == note


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
    assert [number for number, _ in held(note.encode(), lines=LINES)] == [line]


@given(st.integers(0, 3), st.characters(exclude_categories=["Cs", "Zs", "Cc"]), st.booleans())
def test_any_tick_of_an_open_task_holds(index: int, symbol: str, known: bool) -> None:
    assume(not symbol.isspace())
    ticked = re.sub(r"\[.\]", f"[{symbol}]".replace("\\", r"\\"), LINES[index])
    assume(ticked != LINES[index])
    everything = OPEN | {"9a8b7c55"}
    assert held(edited(LINES[index], ticked), LINES if known else None, everything)
