"""Notes whose lines have hidden numbers: what a person does to them, and what mdtasks should.

Rule: pure, and told from the formats alone: nothing of mdtasks is used here. A line keeps its
number whatever becomes of its words and its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from typing import NamedTuple

SIGNS = {"recurrence": "🔁", "scheduled": "⏳", "due": "📅", "done": "✅", "cancelled": "❌"}
STEPS = {"every day": 1, "every week": 7, "every week when done": 7}
OPEN = (" ", "/")
BOM = b"\xef\xbb\xbf"

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line; one without a symbol is no task."""

    number: int
    words: str
    symbol: str = ""
    fields: Fields = ()
    indent: int = 0
    ending: str = "\n"

    @property
    def text(self) -> str:
        if not self.symbol:
            return self.words
        fields = "".join(f" {SIGNS[name]} {value}" for name, value in self.fields)
        return f"{'  ' * self.indent}- [{self.symbol}] {self.words}{fields}"

    @property
    def is_open(self) -> bool:
        return self.symbol in OPEN

    def day(self, name: str) -> date | None:
        value = dict(self.fields).get(name)
        return date.fromisoformat(value) if value else None

    def having(self, name: str, value: object) -> Row:
        """Return it with a field, where it stood or behind the others; None: without it."""
        if value is None:
            return replace(self, fields=tuple(f for f in self.fields if f[0] != name))
        if name in dict(self.fields):
            new = tuple((n, str(value) if n == name else v) for n, v in self.fields)
            return replace(self, fields=new)
        return replace(self, fields=(*self.fields, (name, str(value))))


Notes = dict[str, list[Row]]


class Change(NamedTuple):
    """Rows, one below the other, that become others."""

    before: tuple[Row, ...]
    after: tuple[Row, ...]

    @property
    def back(self) -> Change:
        return Change(self.after, self.before)


@dataclass
class Model:
    """The notes; `gone` are those that were deleted and may come back, `said` how many lines
    ever had the same words."""

    notes: Notes = field(default_factory=dict)
    gone: Notes = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    said: Counter[str] = field(default_factory=Counter)
    with_bom: set[str] = field(default_factory=set)

    def new(self, words: str, symbol: str = " ", fields: Fields = (), indent: int = 0) -> Row:
        self.said[words] += 1
        return Row(next(self.numbers), words, symbol, fields, indent)

    def rows(self) -> Iterator[tuple[str, int, Row]]:
        """Yield path, line and row of all lines."""
        for path, rows in self.notes.items():
            for line, row in enumerate(rows, 1):
                yield path, line, row

    def find(self, number: int) -> tuple[str, int, Row] | None:
        return next((found for found in self.rows() if found[2].number == number), None)

    def bytes_of(self, path: str) -> bytes:
        text = "".join(row.text + row.ending for row in self.notes[path])
        return (BOM if path in self.with_bom else b"") + text.encode()

    def put(self, path: str, at: int, rows: Sequence[Row], instead_of: int = 0) -> None:
        """Put rows in the place of others. Only the last line of a note may go without ending."""
        lines = self.notes[path]
        usual = _usual(lines)
        lines[at : at + instead_of] = rows
        lines[:-1] = [row if row.ending else replace(row, ending=usual) for row in lines[:-1]]

    # What mdtasks should do

    def change(self, change: Change) -> bool:
        """Make the change where its rows stand as it says; whether they do."""
        found = self.find(change.before[0].number)
        if found is None:
            return False
        path, line, _ = found
        size = len(change.before)
        at = _place(self.notes[path], line - 1, change.before)
        if at is None:
            return False
        ending = self.notes[path][at + size - 1].ending
        new = [replace(row, ending=ending) for row in change.after]
        self.put(path, at, new, size)
        return True

    def copy(self) -> Model:
        return replace(self, notes={path: [*rows] for path, rows in self.notes.items()})

    def completed(self, row: Row, today: date, done_date: bool) -> Change:
        ticked = replace(row, symbol="x")
        if done_date:
            ticked = ticked.having("cancelled", None).having("done", today)
        following = self._following(row, today)
        return Change((row,), (following, ticked) if following else (ticked,))

    def _following(self, row: Row, today: date) -> Row | None:
        rule = dict(row.fields).get("recurrence")
        if not rule:
            return None
        reference = row.day("due") or row.day("scheduled")
        base = today if reference is None or "when done" in rule else reference
        day = base + timedelta(days=STEPS[rule])
        new = replace(row, number=next(self.numbers), symbol=" ")
        new = new.having("done", None).having("cancelled", None)
        for name in ("due", "scheduled"):
            if reference and (was := row.day(name)):
                new = new.having(name, was + (day - reference))
        self.said[row.words] += 1
        return new


def _place(rows: list[Row], first: int, wanted: Sequence[Row]) -> int | None:
    """Return where rows stand one below the other, the first of them at `first`.

    A copy below a line is, for anybody who sees the note, a copy above it: no byte says which is
    the copy. So where the first row has copies side by side with it and a run begins with another
    of them, the two change places. That happens to what a series left, when it is taken back.
    """
    if _same(rows[first : first + len(wanted)], wanted):
        return first
    alike = first
    while len(wanted) > 1 and alike + 1 < len(rows) and _reads_like(rows, alike + 1, first):
        alike += 1
    last = [*rows[first : first + 1], *rows[alike + 1 : alike + len(wanted)]]
    if alike == first or not _same(last, wanted):
        return None
    rows[first], rows[alike] = rows[alike], rows[first]
    return alike


def _same(rows: Sequence[Row], wanted: Sequence[Row]) -> bool:
    return [(r.number, r.text) for r in rows] == [(r.number, r.text) for r in wanted]


def _reads_like(rows: Sequence[Row], one: int, other: int) -> bool:
    return (rows[one].text, rows[one].ending) == (rows[other].text, rows[other].ending)


def cancelled(row: Row, today: date) -> Change:
    closed = replace(row, symbol="-").having("done", None).having("cancelled", today)
    return Change((row,), (closed,))


def started(row: Row) -> Change:
    return Change((row,), (replace(row, symbol="/"),))


def postponed(row: Row, day: date) -> Change:
    return Change((row,), (row.having("scheduled", day),))


def _usual(rows: Sequence[Row]) -> str:
    endings = Counter(row.ending for row in rows if row.ending)
    return endings.most_common(1)[0][0] if endings else "\n"
