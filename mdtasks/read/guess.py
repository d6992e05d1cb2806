"""Which ways of writing tasks occur in a vault: a guess that a person judges.

Rule: lines in, counts out. The dialects' marks collide (`@x` is a context or a person, `>` a date
or a quotation), so only what one of them alone would write is counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from mdtasks.model import Source
from mdtasks.read.fields import FIELDS, code_spans, split_line
from mdtasks.read.front_matter import MAX_LENGTH
from mdtasks.read.times import leading_times

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_EMOJI = "|".join(rf"{e}\ufe0f? *{rule.value}" for rule in FIELDS for e in rule.emojis)
_KEYS = "|".join(key for rule in FIELDS for key in rule.keys)

# Each is tried on the text after the box, without code. All begin with what they look for and say
# then what stands before it, which is found in a fraction of the time.
_MARKS: Mapping[str, re.Pattern[str]] = {
    "emoji": re.compile(_EMOJI),
    "dataview": re.compile(rf"[\[(] *(?:{_KEYS}):: *[^\])]"),
    "noteplan": re.compile(
        rf"[<>](?<!\S.)(?:{_DAY}|[0-9]{{4}}-(?:W[0-9]{{2}}|[0-9]{{2}}|Q[1-4])|today)(?![\w-])"
        rf"|@(?:done\({_DAY}|repeat\([0-9])|!(?<!.!)!{{0,2}} (?=\S)",
        re.DOTALL,
    ),
    "todotxt": re.compile(rf"\((?<!.\()[A-Z]\) (?=\S)|due:(?<!\Sdue:){_DAY}(?!\S)", re.DOTALL),
    "kanban": re.compile(rf"@\{{{_DAY}\}}|@@\{{[0-9]{{1,2}}:[0-9]{{2}}\}}|@\[\[{_DAY}\]\]"),
    "reminder": re.compile(rf"\(@{_DAY}(?: [0-9]{{1,2}}:[0-9]{{2}})?\)"),
}
_TIMED = re.compile(r"(?:#\S+[ \t]+)*[0-9]")

# TaskNotes marks its notes with a tag by default, or may know them by another property; the
# names of its own properties are then what no other plugin writes.
_KEY = re.compile(r"^([A-Za-z]+)[ \t]*:", re.MULTILINE)
_TASK_TAG = re.compile(
    r"^tags[ \t]*:.*\btask\b|^[ \t]*-[ \t]+[\"']?#?task[\"']?[ \t]*$", re.MULTILINE
)
_OF_TASK_NOTES = frozenset(("timeEstimate", "timeEntries"))

DIALECTS = ("emoji", "dataview", "dayplanner", *[*_MARKS][2:], "tasknotes")


class Evidence(NamedTuple):
    """How many lines (of TaskNotes: notes) are written in a dialect, and the first of them."""

    lines: int
    example: Source


def guess(lines: Iterable[Source]) -> dict[str, Evidence]:
    """Return dialect -> evidence, of the lines with boxes; a line may speak several."""
    counts: Counter[str] = Counter()
    first: dict[str, Source] = {}
    for source in lines:
        box = split_line(source.text)
        for dialect in marks(source.text[box.body :]) if box else ():
            counts[dialect] += 1
            first.setdefault(dialect, source)
    return {dialect: Evidence(counts[dialect], source) for dialect, source in first.items()}


def marks(body: str) -> Iterator[str]:
    """Yield the dialects that the text after a box is written in."""
    if "`" in body:
        for start, end in code_spans(body):
            body = body[:start] + " " * (end - start) + body[end:]
    for dialect, pattern in _MARKS.items():
        if pattern.search(body):
            yield dialect
    if _TIMED.match(body) and leading_times(body)[1]:
        yield "dayplanner"


def is_task_note(data: bytes) -> bool:
    """Whether TaskNotes would take the note for a task, by its front matter."""
    if not data.startswith(b"---"):
        return False
    front = data[:MAX_LENGTH].decode("utf-8", "replace").replace("\r\n", "\n")
    front = front.partition("\n---")[0]
    keys = set(_KEY.findall(front))
    return "status" in keys and bool(keys & _OF_TASK_NOTES or _TASK_TAG.search(front))
