"""Where a splice belongs, told well enough to know later whether it has been carried out.

Rule: pure. Lines that read alike are never taken for one another: what cannot be told is said
to be unclear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from itertools import repeat
from typing import NamedTuple

from mdtasks.write.splice import Splice, runs, seen_in, splice_note

_BOM = b"\xef\xbb\xbf"

Around = tuple[str | None, str | None]
Counts = tuple[int, int]


class Place(NamedTuple):
    """A splice with its line and neighbours as they were seen.

    `line` and `around` are where its new lines stand once it is carried out. Before and after
    that the note has so many runs of lines that read like the splice's `before` and `after`: the
    counts. `nth` of the first is ours.
    """

    splice: Splice
    line: int
    around: Around
    counts: Counts
    counts_done: Counts
    nth: int
    lines: Counts = (0, 0)
    lines_done: Counts = (0, 0)

    @property
    def back(self) -> Splice:
        """The splice that takes it back."""
        one = self.splice
        return replace(
            one,
            line=self.line,
            before=one.after,
            after=one.before,
            around=self.around,
            alone=self.lines_done[1] <= len(set(one.after)),
        )


class Standing(Enum):
    OPEN = "the note is as it was before"
    DONE = "the note is as wanted"
    UNCLEAR = "neither can be told"


def places_of(old: bytes, new: bytes, back: Sequence[Splice]) -> tuple[Place, ...]:
    """Return the places of the splices that `back` takes back from `new` to `old`, from the top.

    Raises ValueError if it does not lead to `old`, byte for byte.
    """
    undone = splice_note(new, back)
    if undone.data != old:
        raise ValueError("the way back leads elsewhere")
    before, after = texts_of(old), texts_of(new)
    return tuple(
        Place(
            splice=forward,
            line=way_back.line,
            around=way_back.around or (None, None),
            counts=_counts(before, forward),
            counts_done=_counts(after, forward),
            nth=sum(1 for at in runs(before, forward.before) if at < forward.line - 1),
            lines=_lines(before, forward),
            lines_done=_lines(after, forward),
        )
        for forward, way_back in zip(undone.back, back, strict=True)
    )


def standing(texts: Sequence[str], places: Sequence[Place]) -> Standing:
    """Return what a note says of the splices in it, which are carried out together or not."""
    now = [(_counts(texts, place.splice), _lines(texts, place.splice)) for place in places]
    before = [(place.counts, place.lines) for place in places]
    after = [(place.counts_done, place.lines_done) for place in places]
    if all(one != other for one, other in zip(before, after, strict=True)):
        if now == after:
            return Standing.DONE
        if now == before and all(map(_is_as_before, repeat(texts), places)):
            return Standing.OPEN
    # Lines that read like ours came or went: the neighbours tell, if they do.
    done = [len(_near(texts, place.splice.after, place.around)) for place in places]
    still = [len(_near(texts, place.splice.before, place.splice.around)) for place in places]
    if all(one == 1 for one in done) and not any(still):
        return Standing.DONE
    if all(one == 1 for one in still) and not any(done):
        return Standing.OPEN
    return Standing.UNCLEAR


def _is_as_before(texts: Sequence[str], place: Place) -> bool:
    """Whether nothing stands where a line was to come: it may have come, and been reworded."""
    return bool(place.splice.before or _near(texts, (), place.splice.around))


def located(texts: Sequence[str], place: Place) -> Splice | None:
    """Return the splice of a place that is OPEN with the line where it belongs now."""
    splice = place.splice
    same = runs(texts, splice.before) if splice.before else []
    near = _near(texts, splice.before, splice.around)
    nth = same[place.nth] if same and len(same) == place.counts[0] else None
    if len(near) == 1:
        # A twin may have come between neighbours like ours: then the order says another one.
        nth = near[0] if nth in (None, near[0]) else None
    return None if nth is None else seen_in(replace(splice, line=nth + 1), texts)


def texts_of(data: bytes) -> list[str]:
    """Return the lines of a note as splices name them."""
    rows = data.removeprefix(_BOM).splitlines()
    return [row.decode("utf-8", "surrogateescape") for row in rows]


def _counts(texts: Sequence[str], splice: Splice) -> Counts:
    before, after = (len(runs(texts, run)) if run else 0 for run in (splice.before, splice.after))
    return before, after


def _lines(texts: Sequence[str], splice: Splice) -> Counts:
    before, after = (sum(map(texts.count, set(run))) for run in (splice.before, splice.after))
    return before, after


def _near(texts: Sequence[str], run: Sequence[str], around: Around | None) -> list[int]:
    """Return where a run stands between the neighbours `around`."""
    if around is None:
        return []
    end = len(texts) - len(run)
    return [
        at
        for at in runs(texts, run)
        if around == (texts[at - 1] if at else None, texts[at + len(run)] if at < end else None)
    ]
