"""One table of fields; the text after a box <-> the fields in it, in both dialects.

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
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from mdtasks.settings import ReadSettings

DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = r"[0-9]{1,2}:[0-9]{2}"
ID = r"[A-Za-z0-9_-]+"
DURATION = (
    r"(?:[0-9]+(?:[.,][0-9]+)? ?h(?:ours?|rs?)?(?: ?[0-9]+ ?m(?:in(?:ute)?s?)?)?"
    r"|[0-9]+(?:[.,][0-9]+)? ?m(?:in(?:ute)?s?)?|[0-9]+)"
)
MONEY = r"[0-9]+(?:[.,][0-9]+)?(?: ?(?:[A-Z]{3}|[$€£¥])(?![A-Za-z]))?"

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

PRIORITY_WORDS = "(?:highest|high|medium|lowest|low)"
PRIORITIES = {"🔺": "highest", "⏫": "high", "🔼": "medium", "🔽": "low", "⏬": "lowest"}


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How a field is written. `value` is a pattern; `ours` means the plugin does not know it."""

    name: str
    emojis: tuple[str, ...]
    keys: tuple[str, ...]
    value: str
    key_value: str = ""  # where Dataview's value differs from the emoji's
    moment: bool = False  # a time may follow the date (not for the plugin)
    ours: bool = False


# In the order in which the plugin tries them.
FIELDS: tuple[FieldRule, ...] = (
    FieldRule("priority", tuple(PRIORITIES), ("priority",), "", PRIORITY_WORDS),
    FieldRule("done", ("✅",), ("completion",), DATE),
    FieldRule("cancelled", ("❌",), ("cancelled",), DATE),
    FieldRule("due", ("📅", "📆", "🗓"), ("due",), DATE, moment=True),
    FieldRule("scheduled", ("⏳", "⌛"), ("scheduled",), DATE, moment=True),
    FieldRule("start", ("🛫",), ("start",), DATE),
    FieldRule("created", ("➕",), ("created",), DATE),
    FieldRule("recurrence", ("🔁",), ("repeat",), "[a-zA-Z0-9, !]+"),
    FieldRule("on_completion", ("🏁",), ("onCompletion",), "[a-zA-Z]+"),
    FieldRule("id", ("🆔",), ("id",), ID),
    FieldRule("depends_on", ("⛔",), ("dependsOn",), f"{ID}(?: *, *{ID})*"),
    FieldRule("estimate", ("⏱",), ("estimate", "duration"), DURATION, ours=True),
    FieldRule("pay", ("💰",), ("pay",), MONEY, r"[^\[\]()]+", ours=True),
    FieldRule(
        "assignee", ("👤",), ("assignee",), r"(?:\[\[[^\[\]]+\]\]|@?[^\W_][\w'’-]*)",
        r"(?:\[\[[^\[\]]+\]\]|[^\[\]()]+)", ours=True,
    ),
    FieldRule("project", (), ("project",), "", r"(?:\[\[[^\[\]]+\]\]|[^\[\]()]+)", ours=True),
    FieldRule("goal", (), ("goal",), "", r"(?:\[\[[^\[\]]+\]\]|[^\[\]()]+)", ours=True),
    FieldRule("begins", (), ("startTime",), "", CLOCK, ours=True),
    FieldRule("ends", (), ("endTime",), "", CLOCK, ours=True),
    FieldRule("date", (), ("date",), "", DATE, ours=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
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


@dataclass(frozen=True, slots=True)
class Body:
    """The text after a box, taken apart. `text` is what is shown: no fields, tags kept."""

    text: str
    tags: tuple[str, ...] = ()
    block_id: str | None = None
    block_id_start: int | None = None
    found: tuple[Field, ...] = ()

    def field(self, name: str) -> Field | None:
        return next((f for f in self.found if f.counts and f.name == name), None)


@dataclass(frozen=True, slots=True)
class Checkbox:
    """Where a line's box is: `line[box]` is the symbol, `line[body:]` the text after it."""

    box: int
    symbol: str
    body: int


def split_line(line: str) -> Checkbox | None:
    """Return the line's box, or None. Quote and list marks hold no bracket, so the first
    bracket of a task's line is its box."""
    match = _CHECKBOX.match(line)
    return match and Checkbox(match.start(1), match[1], match.end())


def parse_body(body: str, settings: ReadSettings) -> Body:
    """Return the fields of the text after a box, in the order in which they stand."""
    end = len(body.rstrip(JS_SPACES))
    anchors = list(_ANCHOR.finditer(body, 0, end))
    if not anchors and "#" not in body and "^" not in body:
        return Body(body.strip(JS_SPACES))
    block = _BLOCK_ID.search(body, 0, end)
    if block:
        end = len(body[: block.start()].rstrip(JS_SPACES))
    dialects = tuple(d for d in ("emoji", "dataview") if d in settings.dialects)
    end, read, trailing_tags = _take_off_the_end(body, end, anchors, dialects)
    rest = _search(body, end, anchors, dialects, everywhere=settings.fields == "anywhere")
    shown = " ".join(filter(None, (_without(body, end, rest), *reversed(trailing_tags))))
    return Body(
        text=shown,
        tags=tuple(tag for tag in TAGS.findall(shown) if tag != settings.global_filter),
        block_id=block[1] if block else None,
        block_id_start=block.start() if block else None,
        found=_who_counts(read, rest) if read or rest else (),
    )


def _take_off_the_end(
    body: str, end: int, anchors: list[re.Match[str]], dialects: tuple[str, ...]
) -> tuple[int, list[Field], list[str]]:
    """Return where the unread text ends, what was read behind it and the tags among it, both
    from the right.

    The plugin tries its fields in one order, over and over. No value holds an anchor, so what
    can stand at the end is what begins at the last anchor, or a tag; the order only tells which
    of the two comes first, and how many rounds have gone by.
    """
    read: list[Field] = []
    tags: list[str] = []
    rounds, last = 1, -1
    ahead = len(anchors)
    while True:
        while ahead and anchors[ahead - 1].start() >= end:
            ahead -= 1
        anchor = anchors[ahead - 1] if ahead else None
        found = [*_field_at_end(body, end, anchor, dialects), *_tag_at_end(body, end)]
        if not found:
            break
        order, start, what = min(found, key=lambda each: (each[0] <= last, each[0]))
        rounds += order <= last
        if rounds > MAX_ROUNDS:
            break
        last = order
        if isinstance(what, Field):
            read.append(what)
        else:
            tags.append(what)
        end = len(body[:start].rstrip(JS_SPACES))
    return end, read, tags


# What stands at the end: its place in the plugin's order, its start, the field or the tag.
_AtEnd = tuple[int, int, "Field | str"]


def _field_at_end(
    body: str, end: int, anchor: re.Match[str] | None, dialects: tuple[str, ...]
) -> Iterator[_AtEnd]:
    entry = _patterns().get(anchor[1] or anchor[2]) if anchor else None
    if anchor is None or entry is None or entry.trailing is None or entry.dialect not in dialects:
        return
    if match := entry.trailing.fullmatch(body, anchor.start(), end):
        yield entry.order, match.start(), _field(entry, match)


def _tag_at_end(body: str, end: int) -> Iterator[_AtEnd]:
    start = body.rfind("#", 0, end)
    if start < 0 or (start and body[start - 1] not in JS_SPACES):
        return
    if match := _TAG.fullmatch(body, start, end):
        yield _TAG_ORDER, start, match[0]


def _search(
    body: str,
    end: int,
    anchors: list[re.Match[str]],
    dialects: tuple[str, ...],
    everywhere: bool,
) -> list[Field]:
    """Return the fields left of `end`, those that only we know or, `everywhere`, all."""
    found: list[Field] = []
    hidden: list[tuple[int, int]] | None = None
    position = 0
    for anchor in anchors:
        start = anchor.start()
        if start >= end:
            break
        entry = _patterns().get(anchor[1] or anchor[2])
        if not entry or entry.dialect not in dialects or not (everywhere or entry.trailing is None):
            continue
        if hidden is None:
            hidden = _hidden(body)
        if start < position or any(a <= start < b for a, b in hidden):
            continue
        if match := entry.anywhere.match(body, start, end):
            found.append(_field(entry, match))
            position = match.end()
    return found


def _field(entry: _Entry, match: re.Match[str]) -> Field:
    name, dialect, value = entry.name, entry.dialect, match["value"]
    # A rule's pattern takes the spaces around it along.
    value_start = match.start("value") + len(value) - len(value.lstrip(" "))
    value = value.strip(" ")
    if name == "priority" and dialect == "emoji":
        value_start, value = match.start(), PRIORITIES[match["value"]]
        return Field(name, value, *match.span(), value_start, match.end("value"), dialect)
    return Field(name, value, *match.span(), value_start, value_start + len(value), dialect)


def _who_counts(read: list[Field], rest: list[Field]) -> tuple[Field, ...]:
    """Of what the plugin reads the leftmost counts; of the rest too, unless the plugin read one."""
    winners: dict[str, Field] = {f.name: f for f in reversed(rest)}
    winners |= {f.name: f for f in read}
    everything = sorted((*read, *rest), key=lambda f: f.start)
    return tuple(f if winners[f.name] is f else replace(f, counts=False) for f in everything)


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


_EMOJI = "[" + "".join(emoji for rule in FIELDS for emoji in rule.emojis) + "]"
_ANCHOR = re.compile(rf"({_EMOJI})|[\[(] *([A-Za-z]+)::")
_LINK_TARGET = re.compile(r"\]\([^()\s]*\)|\[\[[^\[\]]*\]\]|<[A-Za-z][A-Za-z0-9+.-]*:[^<>\s]*>")
_BRACKET = r"(?:(?=[^\]]+\])\[|(?=[^)]+\))\()"
# The plugin takes tags after 🏁 and before 🆔.
_TAG_ORDER = 2 * [rule.name for rule in FIELDS].index("id") - 1


@dataclass(frozen=True, slots=True)
class _Entry:
    """What begins with an emoji or a Dataview key. `trailing` is None for what only we know."""

    name: str
    dialect: str
    order: int
    anywhere: re.Pattern[str]
    trailing: re.Pattern[str] | None


@lru_cache(maxsize=1)
def _patterns() -> dict[str, _Entry]:
    """Return emoji or Dataview key -> entry."""
    table: dict[str, _Entry] = {}
    clock = rf"(?:(?:[Tt]| +){CLOCK}(?: *[-–—] *{CLOCK})?)?"
    for place, rule in enumerate(FIELDS):
        flags = re.IGNORECASE if rule.name in {"recurrence", "on_completion"} else re.NOFLAG
        timed = rule.value + clock if rule.moment else rule.value
        keyed = rule.key_value or rule.value
        if rule.emojis:
            behind = r"(?![0-9])" if rule.value else ""
            anywhere = re.compile(_emoji_pattern(rule, timed) + behind, flags)
            trailing = None if rule.ours else re.compile(_emoji_pattern(rule, rule.value), flags)
            entry = _Entry(rule.name, "emoji", 2 * place, anywhere, trailing)
            table |= dict.fromkeys(rule.emojis, entry)
        if rule.keys:
            anywhere = re.compile(_key_pattern(rule, rule.key_value or timed))
            trailing = None if rule.ours else re.compile(_key_pattern(rule, keyed))
            entry = _Entry(rule.name, "dataview", 2 * place, anywhere, trailing)
            table |= dict.fromkeys(rule.keys, entry)
    return table


def _emoji_pattern(rule: FieldRule, value: str) -> str:
    if not rule.value:  # the emoji is the value
        return f"(?P<value>{'|'.join(rule.emojis)})\ufe0f?"
    return f"(?:{'|'.join(rule.emojis)})\ufe0f? *(?P<value>{value})"


def _key_pattern(rule: FieldRule, value: str) -> str:
    return rf"{_BRACKET} *(?:{'|'.join(rule.keys)}):: *(?P<value>{value}) *[)\]](?: *,)?"
