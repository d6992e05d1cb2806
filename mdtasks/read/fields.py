"""The text after a box <-> the fields in it.

The emoji dialect writes `📅 2026-11-23`, Dataview `[due:: 2026-11-23]`. Two passes read them:

1. As the Obsidian Tasks plugin does: over and over, one known field or tag is taken off the
   end of the text, until something unknown stands there (`trailing`).
2. In `anywhere` mode, what is left over is searched from the left; a field that the first
   pass has read already keeps that value. Code spans and link targets are passed over.

Fields that only mdtasks knows (estimate, pay, …) are always searched for, never taken off the
end: a line must read the same in the plugin and here.

Rule: offsets are offsets in the text after the box, so that an edit can splice by them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from mdtasks.read.dialects import find_marks, marks_of
from mdtasks.read.syntax import ANCHOR, FIELDS, PRIORITIES, Entry, FieldRule, entry_of
from mdtasks.settings import ReadSettings

__all__ = ["FIELDS", "FieldRule"]

# JavaScript's \s: unlike Python's it holds U+FEFF and leaves out U+001C–U+001F and U+0085.
JS_SPACES = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
TAG = r'#[^ !@#$%^&*(),.?":{}|<>]+'
TAGS = re.compile(rf"(?:^|[{JS_SPACES}])({TAG})")
_TAG = re.compile(TAG)
_BLOCK_ID = re.compile(r" \^([A-Za-z0-9-]+)\Z")
_CHECKBOX = re.compile(r"[^\[]*\[(.)\][ \t]*", re.DOTALL)

# The plugin's loop runs at most this often; a field behind more tags than that is not read.
MAX_ROUNDS = 21


class Field(NamedTuple):
    """One field as it stands. Offsets are in the text after the box; `counts` is false for a
    repeated one that another overrules."""

    name: str
    value: str
    start: int
    end: int
    value_start: int
    value_end: int
    dialect: str
    counts: bool = True


class Body(NamedTuple):
    """The text after a box, taken apart. `text` is what is shown: no fields, tags kept."""

    text: str
    tags: tuple[str, ...] = ()
    block_id: str | None = None
    block_id_start: int | None = None
    found: tuple[Field, ...] = ()

    def field(self, name: str) -> Field | None:
        return next((f for f in self.found if f.counts and f.name == name), None)


class Checkbox(NamedTuple):
    """Where a line's box is: `line[box]` is the symbol, `line[body:]` the text after it."""

    box: int
    symbol: str
    body: int


def split_line(line: str) -> Checkbox | None:
    """Return the line's box, or None. Quote and list marks hold no bracket, so the first
    bracket of a task's line is its box."""
    match = _CHECKBOX.match(line)
    return match and Checkbox(match.start(1), match[1], match.end())


# What a text after a box says: what is shown of it, its tags, its block id, its fields by name, as
# they count, and the dialect of the last one. A plain tuple: there is one for each line.
Said = tuple[str, tuple[str, ...], str | None, Mapping[str, str], str | None]


def said_by(body: str, settings: ReadSettings) -> Said:
    """Return what the text after a box says: as `parse_body` has it, without the places."""
    text, block, read, rest = _take_apart(body, settings)
    # Of what the plugin reads the leftmost counts; of the rest too, unless the plugin read one.
    fields = {field.name: field.value for field in reversed(rest)} if rest else {}
    for found, _ in read:
        fields[found.name] = found.value
    last = read[0][0].dialect if read else rest[-1].dialect if rest else None
    tags = _tags(text, settings.global_filter) if "#" in text else ()
    return text, tags, block[1] if block else None, fields, last


def parse_body(body: str, settings: ReadSettings) -> Body:
    """Return the fields of the text after a box, in the order in which they stand."""
    if _is_plain(body, settings):
        return Body(body.strip(JS_SPACES))
    shown, block, read, rest = _take_apart(body, settings)
    return Body(
        shown,
        _tags(shown, settings.global_filter) if "#" in shown else (),
        block[1] if block else None,
        block.start() if block else None,
        _who_counts([found.at(start) for found, start in read], rest) if read or rest else (),
    )


def _is_plain(body: str, settings: ReadSettings) -> bool:
    """Whether there is no field: no emoji, no key, no tag, no block id. Most bodies are so."""
    return (
        body.isascii()
        and "::" not in body
        and "#" not in body
        and "^" not in body
        and not marks_of(settings.dialects)
    )


def _take_apart(
    body: str, settings: ReadSettings
) -> tuple[str, re.Match[str] | None, list[tuple[_Alone, int]], list[Field]]:
    """Return what is shown of a body; its block id; the fields at its end from the right, with
    their places; those left of these."""
    marks = marks_of(settings.dialects)
    end = len(body.rstrip(JS_SPACES))
    anchors = []
    if "::" in body or not body.isascii():
        anchors = [match.start() for match in ANCHOR.finditer(body, 0, end)]
    block = _BLOCK_ID.search(body, 0, end) if "^" in body else None
    if block:
        end = len(body[: block.start()].rstrip(JS_SPACES))
    read: list[tuple[_Alone, int]] = []
    trailing_tags: list[str] = []
    if "#" in body or len(anchors) > MAX_ROUNDS:
        end, read, trailing_tags = _take_off_the_end(body, end, anchors, settings.dialects)
    elif anchors:
        end, read = _fields_off_the_end(body, end, anchors, settings.dialects)
    rest: list[Field] = []
    if anchors and anchors[0] < end:
        rest = _search(body, end, anchors, settings)
    if marks:
        rest = _with_marks(body, end, rest, settings.dialects)
    shown = _without(body, end, rest) if rest else body[:end].strip(JS_SPACES)
    if trailing_tags:
        shown = " ".join(filter(None, (shown, *reversed(trailing_tags))))
    if marks and "#" in shown:
        # The same tags may have stood before a mark at the end, where spaces were left as they are.
        end, _, trailing_tags = _take_off_the_end(shown, len(shown), [], ())
        shown = " ".join((shown[:end], *reversed(trailing_tags))).strip(JS_SPACES)
    return shown, block, read, rest


def _tags(text: str, without: str) -> tuple[str, ...]:
    """Return the tags, each at the start of the text or behind a space."""
    found: list[str] = []
    position = 0
    for match in _TAG.finditer(text):
        start = match.start()
        # A tag takes a tab or another odd space along; that is not the one before the next.
        if start == 0 or (start > position and text[start - 1] in JS_SPACES):
            position = match.end()
            if match[0] != without:
                found.append(match[0])
    return tuple(found)


def _fields_off_the_end(
    body: str, end: int, anchors: list[int], dialects: tuple[str, ...]
) -> tuple[int, list[tuple[_Alone, int]]]:
    """Return what `_take_off_the_end` does where there is no tag, so that the order tells
    nothing, and fewer fields than rounds."""
    read: list[tuple[_Alone, int]] = []
    for start in reversed(anchors):
        piece = body[start:end]
        found = _alone(piece) if len(piece) < _SHORT else _alone.__wrapped__(piece)
        if not found or found.dialect not in dialects:
            break
        read.append((found, start))
        end = start
        while end and body[end - 1] in JS_SPACES:
            end -= 1
    return end, read


def _take_off_the_end(
    body: str, end: int, anchors: list[int], dialects: tuple[str, ...]
) -> tuple[int, list[tuple[_Alone, int]], list[str]]:
    """Return where the unread text ends, what was read behind it, each with its place, and the
    tags among it, both from the right.

    The plugin tries its fields in one order, over and over. No value holds an anchor, so what
    can stand at the end is what begins at the last anchor, or a tag; the order only tells which
    of the two comes first, and how many rounds have gone by.
    """
    read: list[tuple[_Alone, int]] = []
    tags: list[str] = []
    rounds, last = 1, -1
    ahead = len(anchors)
    hash_mark = len(body)
    while True:
        while ahead and anchors[ahead - 1] >= end:
            ahead -= 1
        found, tag, order, start = None, "", _NEVER, end
        if ahead:
            start = anchors[ahead - 1]
            piece = body[start:end]
            # The same few pieces close most lines of a vault; a long one is not worth keeping.
            found = _alone(piece) if len(piece) < _SHORT else _alone.__wrapped__(piece)
            if found and found.dialect in dialects:
                order = found.order
            else:
                found = None
        if hash_mark >= end:
            hash_mark = body.rfind("#", 0, end)
        # What comes next in the plugin's order is read first.
        if (
            hash_mark >= 0
            and (not found or (last >= _TAG_ORDER, _TAG_ORDER) < (last >= order, order))
            and (tag := _tag_at(body, hash_mark, end))
        ):
            order, start = _TAG_ORDER, hash_mark
        elif not found:
            break
        rounds += order <= last
        if rounds > MAX_ROUNDS:
            break
        last = order
        if tag:
            tags.append(tag)
        elif found:
            read.append((found, start))
        end = start
        while end and body[end - 1] in JS_SPACES:
            end -= 1
    return end, read, tags


class _Alone(NamedTuple):
    """A field that is a piece of text by itself; offsets are in that piece."""

    order: int
    name: str
    value: str
    end: int
    value_start: int
    value_end: int
    dialect: str

    def at(self, start: int) -> Field:
        _, name, value, end, value_start, value_end, dialect = self
        return Field(
            name, value, start, start + end, start + value_start, start + value_end, dialect
        )


@lru_cache(maxsize=8192)
def _alone(piece: str) -> _Alone | None:
    """Return the field that a piece of text is, by itself, if the plugin reads it."""
    anchor = ANCHOR.match(piece)
    entry = entry_of(anchor[1] or anchor[0][0]) if anchor else None
    if entry is None or entry.trailing is None:
        return None
    match = entry.trailing.fullmatch(piece)
    if match is None:
        return None
    name, value, _, end, value_start, value_end, dialect, _ = _field(entry, match)
    return _Alone(entry.order, name, value, end, value_start, value_end, dialect)


def _tag_at(body: str, start: int, end: int) -> str:
    """Return the tag that `body[start:end]` is, "" if it is none."""
    if body.find(" ", start, end) >= 0 or (start and body[start - 1] not in JS_SPACES):
        return ""
    match = _TAG.fullmatch(body, start, end)
    return match[0] if match else ""


def _search(body: str, end: int, anchors: list[int], settings: ReadSettings) -> list[Field]:
    """Return the fields left of `end`, those that only we know or, `anywhere`, all."""
    found: list[Field] = []
    hidden: list[tuple[int, int]] | None = None
    position = 0
    closers = {"[": body.rfind("]", 0, end), "(": body.rfind(")", 0, end)}
    for start in anchors:
        if start >= end:
            break
        anchor = ANCHOR.match(body, start)
        entry = entry_of(anchor[1] or anchor[0][0]) if anchor else None
        if not entry or entry.dialect not in settings.dialects:
            continue
        if entry.trailing is not None and settings.fields != "anywhere":
            continue
        if hidden is None:
            hidden = sorted(_hidden(body), reverse=True)
        while hidden and hidden[-1][0] <= start:
            position = max(position, hidden.pop()[1])
        if start < position or start > closers.get(body[start], end):
            continue
        if match := entry.anywhere.match(body, start, end):
            found.append(_field(entry, match))
            position = match.end()
    return found


def _with_marks(body: str, end: int, found: list[Field], dialects: tuple[str, ...]) -> list[Field]:
    """Return the fields and the marks of the other dialects, in the order in which they stand."""
    taken = [(field.start, field.end) for field in found]
    more = [
        Field(m.mark.name, m.value, m.start, m.end, m.value_start, m.value_end, m.mark.dialect)
        for m in find_marks(body, end, dialects, _hidden(body), taken)
    ]
    return sorted((*found, *more), key=lambda field: field.start) if more else found


def _field(entry: Entry, match: re.Match[str]) -> Field:
    name, dialect, value = entry.name, entry.dialect, match["value"]
    value_start = match.start("value")
    if name == "priority" and dialect == "emoji":
        value_start, value = match.start(), PRIORITIES[match["value"]]
        return Field(name, value, *match.span(), value_start, match.end("value"), dialect)
    return Field(name, value, *match.span(), value_start, value_start + len(value), dialect)


def _who_counts(read: list[Field], rest: list[Field]) -> tuple[Field, ...]:
    """Of what the plugin reads the leftmost counts; of the rest too, unless the plugin read one."""
    # What stands at the end was read from the right, and stands right of the rest.
    everything = (*rest, *reversed(read))
    if len(everything) == 1 or len({field.name for field in everything}) == len(everything):
        return everything
    winners = {f.name: f for f in (*reversed(rest), *read)}
    return tuple(f if winners[f.name] is f else f._replace(counts=False) for f in everything)


def _without(body: str, end: int, fields: list[Field]) -> str:
    """Return `body[:end]` without the fields; where one stood between spaces, one is left."""
    shown, position = "", 0
    for field in fields:
        shown = _joined(shown, body[position : field.start])
        position = field.end
    return _joined(shown, body[position:end]).strip(JS_SPACES)


def _joined(left: str, right: str) -> str:
    if not left or left.endswith((" ", "\t")):
        right = right.lstrip(" \t")
    if right.startswith((",", ".", ";", ":", "!", "?")):
        left = left.rstrip(" \t")
    return left + right


def _hidden(body: str) -> list[tuple[int, int]]:
    """Return the stretches in which nothing is a field: code spans and link targets."""
    spans = list(code_spans(body)) if "`" in body else []
    if "](" in body or "[[" in body or "<" in body:
        spans += [m.span() for m in _LINK_TARGET.finditer(body)]
    return spans


def code_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the code spans: a run of backticks up to the next run of the same length.

    As CommonMark 0.31 section 6.1, on text that is one paragraph.
    """
    runs = [m.span() for m in re.finditer("`+", text)]
    # The last run of each length, so that a search that must fail is not begun: linear.
    last = {end - start: start for start, end in runs}
    index = 0
    while index < len(runs):
        start, end = runs[index]
        index += 1
        if last[end - start] == start:
            continue
        while runs[index][1] - runs[index][0] != end - start:
            index += 1
        yield start, runs[index][1]
        index += 1


_SHORT = 64
_NEVER = sys.maxsize
_LINK_TARGET = re.compile(r"\]\([^()\s]*\)|\[\[[^\[\]]*\]\]|<[A-Za-z][A-Za-z0-9+.-]*:[^<>\s]*>")
# The plugin takes tags after 🏁 and before 🆔.
_TAG_ORDER = 2 * [rule.name for rule in FIELDS].index("id") - 1
