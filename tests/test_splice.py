"""Splices: only the replaced lines change, and the way back leads to the very same bytes."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.errors import ChangedUnderUsError
from mdtasks.write.splice import Splice, splice_note

BOM = b"\xef\xbb\xbf"

# Few different texts, so that twins are common; among them what str.splitlines() would cut, a
# byte that is not UTF-8, and a byte order mark that is none. No empty line: where "\r" meets the
# "\n" of an empty line, two line ends become one.
TEXTS = st.sampled_from(["- [ ] a", "- [ ] b", "x\u2028y\x0b\x0cz\x85", "\udcff", "a\ufeff"])
ENDINGS = st.sampled_from(["\n", "\r\n", "\r"])
LINES = st.lists(st.tuples(TEXTS, ENDINGS), min_size=1, max_size=8)


def to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def splice(line: int, before: str, *after: str) -> Splice:
    return Splice("a.md", line, (before,), after)


@st.composite
def notes_and_splices(draw: st.DrawFn) -> tuple[bytes, list[Splice], bytes]:
    """A note, splices of some of its lines, and the note that must come of them."""
    lines = draw(LINES)
    if draw(st.booleans()):
        lines[-1] = (lines[-1][0], "")
    bom = draw(st.sampled_from(["", "\ufeff"]))
    endings = [ending for _, ending in lines if ending]
    usual = max(endings, key=endings.count) if endings else "\n"
    chosen = draw(st.sets(st.integers(0, len(lines) - 1), min_size=1))
    splices, wanted = [], [bom]
    for at, (text, ending) in enumerate(lines):
        after: tuple[str, ...] = (text,)
        if at in chosen:
            after = tuple(draw(st.lists(st.sampled_from(["- [x] a", "new"]), max_size=3)))
            splices.append(splice(at + 1, text, *after))
        # Inner ones of a last line without an ending need one; nothing else does.
        for index, new in enumerate(after):
            wanted += [new, ending or (usual if index < len(after) - 1 else "")]
    note = bom + "".join(text + ending for text, ending in lines)
    return to_bytes(note), draw(st.permutations(splices)), to_bytes("".join(wanted))


@given(notes_and_splices())
def test_nothing_but_the_replaced_lines_changes(case: tuple[bytes, list[Splice], bytes]) -> None:
    data, splices, wanted = case
    assert splice_note(data, splices).data == wanted


@given(notes_and_splices())
def test_the_way_back_restores_every_byte(case: tuple[bytes, list[Splice], bytes]) -> None:
    data, splices, _ = case
    done = splice_note(data, splices)
    assert splice_note(done.data, done.back).data == data


@given(notes_and_splices())
def test_splices_land_where_they_say(case: tuple[bytes, list[Splice], bytes]) -> None:
    data, splices, _ = case
    done = splice_note(data, splices)
    rows = done.data.removeprefix(BOM).splitlines()
    assert len(done.landed) == len(splices)
    for given_splice, landed in zip(splices, done.landed, strict=True):
        assert landed.after == given_splice.after
        stand = rows[landed.line - 1 : landed.line - 1 + len(landed.after)]
        assert stand == [to_bytes(text) for text in landed.after]


@given(notes_and_splices(), LINES)
def test_the_way_back_leads_out_of_a_changed_note_with_its_lines_or_not_at_all(
    case: tuple[bytes, list[Splice], bytes], above: list[tuple[str, str]]
) -> None:
    data, splices, _ = case
    done = splice_note(data, splices)
    added = to_bytes("".join(text + ending for text, ending in above))
    try:
        back = splice_note(added + done.data.removeprefix(BOM), done.back).data
    except ChangedUnderUsError:
        return
    # An identical line above may be taken for ours; the lines of the note are the same then.
    assert Counter(back.splitlines()) == Counter((added + data.removeprefix(BOM)).splitlines())


def test_a_line_that_moved_is_found_by_its_text() -> None:
    moved = splice_note(b"new\n\n- [ ] a\n", [splice(1, "- [ ] a", "- [x] a")])
    assert moved.data == b"new\n\n- [x] a\n"
    assert moved.landed[0].line == 3


def test_of_identical_lines_the_one_with_the_number_is_taken() -> None:
    assert splice_note(b"a\na\na\n", [splice(2, "a", "b")]).data == b"a\nb\na\n"


def test_of_identical_lines_that_moved_none_is_taken() -> None:
    with pytest.raises(ChangedUnderUsError):
        splice_note(b"new\na\na\n", [splice(1, "a", "b")])


def test_of_identical_lines_that_moved_the_neighbours_tell() -> None:
    told = Splice("a.md", 1, ("a",), ("b",), around=("y", None))
    assert splice_note(b"new\nx\na\ny\na\n", [told]).data == b"new\nx\na\ny\nb\n"


def test_a_run_is_found_where_it_moved_though_other_lines_are_blank_too() -> None:
    added = splice_note(b"x\n\ny\n", [splice(3, "y", "y", "", "- [ ] a")])
    assert splice_note(added.data + b"z\n", added.back).data == b"x\n\ny\nz\n"


def test_a_run_of_which_a_line_had_a_twin_is_not_made_of_that() -> None:
    done = splice_note(b"a\nb\na\n", [splice(3, "a", "a", "A")])
    with pytest.raises(ChangedUnderUsError):
        splice_note(b"a\nA\nb\n", done.back)


def test_two_splices_never_share_a_line() -> None:
    with pytest.raises(ChangedUnderUsError):
        splice_note(b"a\n", [splice(1, "a", "b"), splice(2, "a", "c")])


def test_a_run_with_a_changed_line_is_no_run() -> None:
    with pytest.raises(ChangedUnderUsError):
        splice_note(b"a\nB\n", [Splice("a.md", 1, ("a", "b"), ("c",))])


def test_removing_the_only_line_leaves_the_mark_and_comes_back() -> None:
    emptied = splice_note(b"\xef\xbb\xbfa\r\n", [splice(1, "a")])
    assert emptied.data == b"\xef\xbb\xbf"
    assert splice_note(emptied.data, emptied.back).data == b"\xef\xbb\xbfa\r\n"


def test_a_removed_line_does_not_come_back_between_other_neighbours() -> None:
    removed = splice_note(b"a\nb\nc\n", [splice(2, "b")])
    with pytest.raises(ChangedUnderUsError):
        splice_note(b"a\nother\nc\n", removed.back)


def test_a_line_that_holds_a_line_end_is_refused() -> None:
    with pytest.raises(ValueError, match="end of a line"):
        splice(1, "a", "b\nc")
