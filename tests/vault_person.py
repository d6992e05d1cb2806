"""What a person does in an editor and a file manager, on notes whose lines have hidden numbers.

Rule: pure; what is chosen comes from `choose`, a random number or hypothesis. An edit that finds
nothing to do does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from tests.vault_model import STEPS, Fields, Model, Row

T = TypeVar("T")
Spot = tuple[str, int, Row]  # path, line


class Choose:
    """Choose one of several: called with a sequence that is not empty."""

    def __call__(self, options: Sequence[T]) -> T:
        raise NotImplementedError


def _words(text: str, between: str | None = None) -> list[str]:
    return text.split(between)


VERBS = _words("Write Call Order Print Review Mail Plan Book Fix Sort Draft Pay Ask Read Send")
THINGS = _words(
    "invoice programme poster contract dentist newsletter tickets garden kitchen server report "
    "chapter slides budget chairs bicycle insurance passport piano boiler website backup photos"
)
DETAILS = _words(
    "|with Sam|for the Malmö trip|before the holidays|at the front desk|from last year|by post|"
    "after the meeting|about the delay|and send a copy|in two languages|near the station|again",
    "|",
)
WORDS = _words("quickly please really new old final first short better once café 試験")
FOLDERS = ("", "Home/", "Work/", "Work/Old/")
PROSE = ("", "Something about this.", "Über alles geredet", "# Plans", "## Later", "> quoted")
RULES = (*STEPS,)


@dataclass
class Person:
    """Somebody who edits the notes of `model`. `touched` are the words of lines that were changed
    or moved, `away` the numbers of those that went with their notes."""

    model: Model
    choose: Choose
    today: date
    touched: set[str]
    away: set[int]

    # What is chosen

    def note(self) -> str | None:
        paths = [*self.model.notes]
        return self.choose(paths) if paths else None

    def spot(self, wanted: Callable[[Row], object] = lambda row: True) -> Spot | None:
        found = [spot for spot in self.model.rows() if wanted(spot[2])]
        return self.choose(found) if found else None

    def place(self, path: str) -> int:
        return self.choose(range(len(self.model.notes[path]) + 1))

    def words(self) -> str:
        detail = self.choose(DETAILS)
        words = f"{self.choose(VERBS)} the {self.choose(THINGS)}{' ' * bool(detail)}{detail}"
        while words in self.model.said:
            words += f" {len(self.model.said)}"
        return words

    def task(self) -> Row:
        fields: Fields = ()
        if self.choose(range(6)) == 0:
            fields = (("recurrence", self.choose(RULES)),)
        if self.choose(range(3)) == 0:
            fields += (("due", self.day()),)
        return self.model.new(self.words(), fields=fields, indent=self.choose((0, 0, 0, 1)))

    def day(self) -> str:
        return str(self.today + timedelta(days=self.choose((-8, -1, 0, 1, 3, 40))))

    def instead(self, spot: Spot, row: Row) -> None:
        path, line, old = spot
        self.touched |= {old.words, row.words}
        if row.words != old.words:
            self.model.said[row.words] += 1
        self.model.notes[path][line - 1] = row

    # Lines

    def reword(self) -> None:
        if spot := self.spot(lambda row: row.symbol):
            words = spot[2].words.split()
            at = self.choose(range(len(words)))
            kind = self.choose(("add", "drop", "replace", "type on"))
            if kind == "drop" and len(words) > 2:
                del words[at]
            elif kind == "replace":
                words[at] = self.choose(WORDS)
            elif kind == "type on":
                words[at] += "s"
            else:
                words.insert(at + 1, self.choose(WORDS))
            self.instead(spot, replace(spot[2], words=" ".join(words)))

    def add(self) -> None:
        if path := self.note():
            self.model.put(path, self.place(path), [self.task()])

    def write_above(self) -> None:
        if path := self.note():
            count = self.choose((1, 1, 2, 5))
            rows = [self.model.new(self.choose(PROSE), "") for _ in range(count)]
            self.model.put(path, self.choose((0, 0, self.place(path))), rows)

    def delete(self) -> None:
        if spot := self.spot():
            self._take(spot)

    def move_within(self) -> None:
        if spot := self.spot():
            self._take(spot)
            self.model.put(spot[0], self.place(spot[0]), [spot[2]])

    def move_to_another(self) -> None:
        if (spot := self.spot()) and (path := self.note()):
            self._take(spot)
            self.model.put(path, self.place(path), [spot[2]])

    def _take(self, spot: Spot) -> None:
        path, line, row = spot
        self.touched.add(row.words)
        del self.model.notes[path][line - 1]

    def indent(self) -> None:
        if spot := self.spot(lambda row: row.symbol):
            self.instead(spot, replace(spot[2], indent=self.choose((0, 1))))

    def copy(self) -> None:
        """A twin below, or elsewhere."""
        if spot := self.spot(lambda row: row.symbol):
            path, line, row = spot
            self.touched.add(row.words)
            twin = self.model.twin(row)
            where = self.choose(("below", "below", "elsewhere"))
            if where == "below":
                self.model.put(path, line, [twin])
            elif other := self.note():
                self.model.put(other, self.place(other), [twin])

    def tick(self) -> None:
        if spot := self.spot(lambda row: row.is_open):
            row = replace(spot[2], symbol="x")
            self.instead(spot, self.choose((row, row.having("done", self.today))))

    def untick(self) -> None:
        if spot := self.spot(lambda row: row.symbol and not row.is_open):
            row = replace(spot[2], symbol=" ")
            cleared = row.having("done", None).having("cancelled", None)
            self.instead(spot, self.choose((row, cleared)))

    def date_it(self) -> None:
        if spot := self.spot(lambda row: row.symbol):
            day = self.choose((self.day(), None))
            self.instead(spot, spot[2].having(self.choose(("due", "scheduled")), day))

    # Notes

    def end_lines_otherwise(self) -> None:
        if path := self.note():
            rows, ending = self.model.notes[path], self.choose(("\n", "\r\n"))
            rows[:] = [replace(row, ending=ending) for row in rows]
            last = self.choose(("ended", "open"))
            if rows and last == "open":
                rows[-1] = replace(rows[-1], ending="")

    def new_note(self) -> None:
        self.model.notes[self._path()] = [self.task() for _ in range(self.choose((0, 1, 3)))]

    def rename(self) -> None:
        if path := self.note():
            self._rename(path, self._path(path.rpartition("/")[0]))

    def file_away(self) -> None:
        """Move a note to another folder, under its name."""
        if path := self.note():
            new = self.choose(FOLDERS) + path.rpartition("/")[2]
            if new not in {*self.model.notes, *self.model.gone}:
                self._rename(path, new)

    def _rename(self, path: str, new: str) -> None:
        self.touched |= {row.words for row in self.model.notes[path]}
        self.model.notes[new] = self.model.notes.pop(path)
        if path in self.model.with_bom:
            self.model.with_bom.add(new)

    def _path(self, folder: str | None = None) -> str:
        folder = self.choose(FOLDERS) if folder is None else f"{folder}/" * bool(folder)
        return f"{folder}Note {next(self.model.numbers)}.md"

    def delete_note(self) -> None:
        if (path := self.note()) and len(self.model.notes) > 1:
            rows = self.model.gone[path] = self.model.notes.pop(path)
            self.touched |= {row.words for row in rows}
            self.away |= {row.number for row in rows}

    def restore_note(self) -> None:
        if self.model.gone:
            path = self.choose([*self.model.gone])
            rows = self.model.notes[path] = self.model.gone.pop(path)
            self.touched |= {row.words for row in rows}


EDITS: dict[Callable[[Person], None], int] = {
    Person.reword: 14, Person.add: 9, Person.write_above: 9, Person.delete: 5,
    Person.move_within: 7, Person.move_to_another: 7, Person.indent: 4, Person.copy: 5,
    Person.tick: 6, Person.untick: 5, Person.date_it: 7, Person.end_lines_otherwise: 2,
    Person.new_note: 1, Person.rename: 2, Person.file_away: 1, Person.delete_note: 1,
    Person.restore_note: 1,
}  # fmt: skip
