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
    ever had the same words, `copied` the row that a copy was made of."""

    notes: Notes = field(default_factory=dict)
    gone: Notes = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    said: Counter[str] = field(default_factory=Counter)
    copied: dict[int, int] = field(default_factory=dict)
    with_bom: set[str] = field(default_factory=set)

    def new(self, words: str, symbol: str = " ", fields: Fields = (), indent: int = 0) -> Row:
        self.said[words] += 1
        return Row(next(self.numbers), words, symbol, fields, indent)

    def twin(self, row: Row) -> Row:
        twin = replace(row, number=next(self.numbers))
        self.copied[twin.number] = self.first(row.number)
        self.said[row.words] += 1
        return twin

    def first(self, number: int) -> int:
        """Return the row that one is a copy of, or a copy of a copy."""
        return self.copied.get(number, number)

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
        found = self._standing(change.before)
        if found is None:
            return False
        path, at = found
        standing = self.notes[path][at : at + len(change.before)]
        pairs = zip(change.before, standing, strict=True)
        now = {was.number: row.number for was, row in pairs}
        ending = standing[-1].ending
        new = [replace(r, number=now.get(r.number, r.number), ending=ending) for r in change.after]
        self.put(path, at, new, len(standing))
        return True

    def _standing(self, wanted: Sequence[Row]) -> tuple[str, int] | None:
        """Return where rows stand one below the other: path and index.

        Where they do not, copies of them may, the only lines of their note that read so: a copy
        of a line that is deleted then is a line that was moved, and a copy below a line is a copy
        above it. No byte of the note says which of the two was there first.
        """
        alike: dict[str, list[int]] = {}
        for path, rows in self.notes.items():
            for at in range(len(rows) - len(wanted) + 1):
                standing = rows[at : at + len(wanted)]
                if any(r.text != w.text for r, w in zip(standing, wanted, strict=True)):
                    continue
                if all(r.number == w.number for r, w in zip(standing, wanted, strict=True)):
                    return path, at
                alike.setdefault(path, []).append(at)
        copies = [
            (path, places[0])
            for path, places in alike.items()
            if len(places) == 1 and self._are_copies(self.notes[path][places[0] :], wanted)
        ]
        return copies[0] if len(copies) == 1 else None

    def _are_copies(self, rows: Sequence[Row], wanted: Sequence[Row]) -> bool:
        pairs = zip(rows, wanted, strict=False)
        return all(self.first(row.number) == self.first(was.number) for row, was in pairs)

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
