"""Places: whether a splice has been carried out is told exactly, or not at all."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from mdtasks.errors import ChangedUnderUsError
from mdtasks.write.places import Standing, located, places_of, standing, texts_of
from mdtasks.write.splice import Splice, splice_note

# Few texts, so that twins are common, also of what is written.
TEXTS = st.sampled_from(["- [ ] a", "- [x] a", "- [ ] b", "\udcff", "x\u2028"])
LINES = st.lists(TEXTS, min_size=1, max_size=7)
NEW = st.lists(st.sampled_from(["- [x] a", "- [ ] a", "- [x] a ✅", "new"]), max_size=2)


def to_bytes(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")


@st.composite
def notes_and_splices(draw: st.DrawFn) -> tuple[list[str], list[Splice]]:
    lines = draw(LINES)
    chosen = draw(st.sets(st.integers(0, len(lines) - 1), min_size=1, max_size=2))
    splices = [Splice("a.md", at + 1, (lines[at],), tuple(draw(NEW))) for at in sorted(chosen)]
    return lines, [one for one in splices if one.before != one.after]


@given(notes_and_splices())
def test_a_note_is_open_before_and_done_after(case: tuple[list[str], list[Splice]]) -> None:
    lines, splices = case
    old = to_bytes(lines)
    done = splice_note(old, splices)
    places = places_of(old, done.data, done.back)
    # Where the lines only change about, both notes may read alike: then it is said to be unclear.
    assert standing(texts_of(old), places) is not Standing.DONE or not splices
    assert standing(texts_of(done.data), places) is not Standing.OPEN or not splices
    if len(splices) == 1:
        assert standing(texts_of(old), places) is Standing.OPEN
        assert standing(texts_of(done.data), places) is Standing.DONE


@given(notes_and_splices(), LINES, LINES)
def test_what_is_carried_out_later_is_what_was_meant(
    case: tuple[list[str], list[Splice]], above: list[str], below: list[str]
) -> None:
    lines, splices = case
    done = splice_note(to_bytes(lines), splices)
    places = places_of(to_bytes(lines), done.data, done.back)
    # Others wrote lines around it, maybe some that read alike.
    now = [*above, *lines, *below]
    if standing(now, places) is not Standing.OPEN:
        return
    found = [located(now, place) for place in places]
    if any(one is None for one in found):
        return
    try:
        written = splice_note(to_bytes(now), [one for one in found if one is not None])
    except ChangedUnderUsError:
        return
    wanted = [*above, *texts_of(done.data), *below]
    assert sorted(texts_of(written.data)) == sorted(wanted)


@given(notes_and_splices(), st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_the_way_back_of_a_place_leads_back(
    case: tuple[list[str], list[Splice]], mark: bytes
) -> None:
    lines, splices = case
    old = mark + to_bytes(lines)
    done = splice_note(old, splices)
    places = places_of(old, done.data, done.back)
    assert splice_note(done.data, [place.back for place in places]).data == old
