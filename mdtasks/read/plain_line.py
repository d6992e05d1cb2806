"""Lines as most are written: words and tags, and behind them fields with a space before each.

    Write the report #work ⏫ 📅 2026-11-23
    #task Call the bank [due:: 2026-11-23] ^call

There each says what it says alone, for none reaches into another; and the same few stand on most
lines of a vault, so that what they say is remembered.

Rule: what is read here reads the same as `fields` has it; anything else is left to that.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from mdtasks.read.dialects import marks_of
from mdtasks.read.fields import JS_SPACES, MAX_ROUNDS, said_by
from mdtasks.read.meanings import Values, values_of
from mdtasks.read.syntax import EMOJIS, FIELDS, NEAR_EMOJIS
from mdtasks.settings import ReadSettings

# What ends the words: a tag, a block id, a field. The class in front makes it fast, as in syntax.
_MARK = re.compile(rf"[#^\[({NEAR_EMOJIS}](?:(?<=[#^{EMOJIS}])|(?<=[\[(]) *[A-Za-z]+::)")
# Between two pieces, and what a piece may be: it holds nothing that could start or end another.
_BETWEEN = re.compile(rf" (?=[#^\[({EMOJIS}])")
_VALUE = r"[\w.,:!@$€£/+-]+(?: [\w.,:!@$€£/+-]+)*+"
_TAG = re.compile(r"#[\w/-]+")
_TAG_AND_WORDS = re.compile(rf"(#[\w/-]+) {_VALUE}")
_FIELD = re.compile(
    rf"[{EMOJIS}]\ufe0f?(?: ?{_VALUE})?|\[[A-Za-z]+:: ?{_VALUE}\]|\([A-Za-z]+:: ?{_VALUE}\)"
)
_BLOCK_ID = re.compile(r"\^([A-Za-z0-9-]+)")

_OURS = frozenset(rule.name for rule in FIELDS if rule.ours)
# Of these, one says what another says too.
_TIMES = frozenset({"begins", "ends", "date"})

# So many pieces are remembered at once; a longer one is hardly written twice.
_MOST, _SHORT = 8192, 64


class _Piece(NamedTuple):
    """A field and what it says, or a tag and whether words stand behind it."""

    name: str
    said: Values
    is_tag: bool = False
    has_words: bool = False


class Pieces(dict[str, _Piece | None]):
    """What stands behind words, and what that is; None where it is not certain."""

    def __init__(self, where: str, dialects: tuple[str, ...]) -> None:
        self._settings = ReadSettings(fields=where, dialects=dialects)

    def __missing__(self, piece: str) -> _Piece | None:
        if tagged := _TAG_AND_WORDS.fullmatch(piece):
            return _Piece(tagged[1], {}, is_tag=True, has_words=True)
        if len(self) >= _MOST:
            self.clear()
        found = _Piece(piece, {}, is_tag=True) if _TAG.fullmatch(piece) else self._field(piece)
        if len(piece) < _SHORT:
            self[piece] = found
        return found

    def _field(self, piece: str) -> _Piece | None:
        if not _FIELD.fullmatch(piece):
            return None
        text, _, _, fields, dialect = said_by(f"x {piece}", self._settings)
        if text != "x" or len(fields) != 1:
            return None
        (name,) = fields
        # The plugin reads no field that stands before one of ours.
        hides = name in _OURS and self._settings.fields != "anywhere"
        if hides or name in _TIMES:
            return None
        return _Piece(name, {**values_of(fields), "dialect": dialect})


@lru_cache(maxsize=8)
def pieces_of(where: str, dialects: tuple[str, ...]) -> Pieces | None:
    """Return the pieces of a vault's lines; None where other marks may stand anywhere."""
    return None if marks_of(dialects) else Pieces(where, dialects)


def read_plain(body: str, pieces: Pieces, without: str) -> tuple[str, Values] | None:
    """Return the text that is shown of what stands after a box, and by the names of Task what the
    rest says, of the tags all but one; None where that is not certain."""
    mark = _MARK.search(body)
    if mark is None:
        return body.strip(JS_SPACES), {}
    start = mark.start()
    text = body[:start].strip(JS_SPACES)
    # One space stands behind the words, and none before them; or a tag comes first.
    if (len(text) + 1 != start or body[start - 1] != " ") and (start or body[0] != "#"):
        return None
    # For so many the plugin comes around often enough.
    behind = _BETWEEN.split(body[start:], MAX_ROUNDS)
    if len(behind) > MAX_ROUNDS:
        return None
    block = None
    if behind[-1][0] == "^" and not (block := _BLOCK_ID.fullmatch(behind.pop())):
        return None
    said: Values = {}
    names: list[str] = []
    tags: tuple[str, ...] = ()
    for written in behind:
        if not (piece := pieces[written]):
            return None
        name, says, is_tag, has_words = piece
        # Fields left of words are no longer those at the end.
        if name in names or (has_words and said):
            return None
        names.append(name)
        if is_tag:
            text += f" {written}"
            if name != without:
                tags += (name,)
        else:
            said |= says
    if tags:
        said["tags"] = tags
    if block:
        said["block_id"] = block[1]
    return text if start else text[1:], said
