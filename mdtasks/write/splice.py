"""Replace runs of lines in the bytes of a note, and know the way back.

Rule: pure. Bytes in, bytes out: outside the replaced lines nothing changes, whatever the
endings, the byte order mark and the encoding. A line that is not found exactly is not guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from mdtasks.errors import ChangedUnderUsError

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Splice:
    """Replace the lines `before` by the lines `after`, all without their endings.

    `line` counts from 1 and is where `before` was seen. `around` are the lines above and below
    it (None at an end of the note), where they are known: they tell twins apart, and they alone
    say the place when `before` is empty. Then `ending` is what the new lines end with; others
    end like the last line that they replace. Where it is not `alone`, other lines of the note
    read like one of them: what is left may be made of another.
    """

    path: str
    line: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    around: tuple[str | None, str | None] | None = None
    ending: str = ""
    alone: bool = True

    def __post_init__(self) -> None:
        if any(mark in text for text in (*self.before, *self.after) for mark in "\r\n"):
            raise ValueError("a line of an edit holds the end of a line")


class Spliced(NamedTuple):
    """A note with its splices carried out.

    `landed` are the splices as given, each with the line where it stands now; `back` are those
    that take the note back to the bytes before, from its top to its end.
    """

    data: bytes
    landed: tuple[Splice, ...]
    back: tuple[Splice, ...]


class _Line(NamedTuple):
    text: str
    ending: str


def splice_note(data: bytes, splices: Sequence[Splice]) -> Spliced:
    """Return the note with all splices carried out; their numbers refer to `data`.

    Raises ChangedUnderUsError for a splice whose lines are not there, or may be several.
    """
    bom = _BOM if data.startswith(_BOM) else b""
    lines = _split(data[len(bom) :])
    texts = [line.text for line in lines]
    found = sorted((_find(texts, splice), index) for index, splice in enumerate(splices))
    landed = list(splices)
    result: list[_Line] = []
    taken = 0
    for place, index in found:
        splice = splices[index]
        if place < taken:  # another splice has replaced this very line
            raise changed(splice)
        result += lines[taken:place]
        taken = place + len(splice.before)
        ending = lines[taken - 1].ending if splice.before else splice.ending
        landed[index] = replace(splice, line=len(result) + 1, ending=ending)
        result += [_Line(text, ending) for text in splice.after]
    result += lines[taken:]
    texts = [line.text for line in result]
    back = tuple(_way_back(landed[index], texts) for _, index in found)
    return Spliced(bom + _join(result, _usual_ending(lines)), tuple(landed), back)


def changed(splice: Splice) -> ChangedUnderUsError:
    return ChangedUnderUsError(
        f"{splice.path}:{splice.line}: this line changed since it was read; nothing was written",
        "run `mdtasks list` and try again",
    )


def _find(texts: list[str], splice: Splice) -> int:
    """Return the index of the first line to replace: the same number, or the one other place."""
    before, size = splice.before, len(splice.before)
    places = runs(texts, before)
    near = [at for at in places if neighbours(texts, at, size) == splice.around]
    if not before or (splice.around and (len(places) > 1 or not splice.alone)):
        # A twin may have come to our number, or to our neighbours, or be the only one left: of
        # lines that read alike, ours is the one between its neighbours.
        if before and splice.line - 1 in places and splice.line - 1 not in near:
            raise changed(splice)
        places = near
    if splice.line - 1 in places:
        return splice.line - 1
    if len(places) == 1:
        return places[0]
    raise changed(splice)


def runs(texts: Sequence[str], run: Sequence[str]) -> list[int]:
    """Return where the lines of a run stand one below the other; of an empty one, everywhere."""
    first, size = run[0] if run else None, len(run)
    return [
        at
        for at in range(len(texts) - size + 1)
        if (first is None or texts[at] == first) and list(texts[at : at + size]) == list(run)
    ]


def neighbours(texts: Sequence[str], at: int, size: int) -> tuple[str | None, str | None]:
    """Return the lines above and below a run of lines, None at an end of the note."""
    end = at + size
    return texts[at - 1] if at else None, texts[end] if end < len(texts) else None


def _way_back(landed: Splice, texts: Sequence[str]) -> Splice:
    return seen_in(replace(landed, before=landed.after, after=landed.before), texts)


def seen_in(splice: Splice, texts: Sequence[str]) -> Splice:
    """Return a splice with all that tells its lines from others, as they stand at its line."""
    around = neighbours(texts, splice.line - 1, len(splice.before))
    # Of blank lines one is as good as another, as long as the rest is told.
    told = all(texts.count(text) == 1 for text in splice.before if text.strip())
    alone = not splice.before or (told and len(runs(texts, splice.before)) <= 1)
    return replace(splice, around=around, alone=alone)


def _split(data: bytes) -> list[_Line]:
    # Bytes, not text: str.splitlines() also breaks at U+2028, VT, FF and NEL, and then our line
    # numbers differ from the parser's.
    lines = []
    for row in data.splitlines(keepends=True):
        text = row.rstrip(b"\r\n")
        lines.append(_Line(text.decode("utf-8", "surrogateescape"), row[len(text) :].decode()))
    return lines


def _join(lines: Sequence[_Line], usual: str) -> bytes:
    """Return the bytes; only the last line of a note may go without an ending."""
    whole = [text + (ending or usual) for text, ending in lines[:-1]]
    whole += [text + ending for text, ending in lines[-1:]]
    return "".join(whole).encode("utf-8", "surrogateescape")


def _usual_ending(lines: Sequence[_Line]) -> str:
    counts = Counter(line.ending for line in lines if line.ending)
    return counts.most_common(1)[0][0] if counts else "\n"
