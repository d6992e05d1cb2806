"""Edits such as people make, on a vault whose tasks have hidden numbers: who is who is known.

Rule: the same seed gives the same edits. A note is a list of lines, a batch some edits at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from random import Random

TODAY = date(2026, 11, 23)


def _words(text: str, between: str | None = None) -> list[str]:
    return text.split(between)


_VERBS = _words(
    "Write Call Order Print Review Mail Plan Book Fix Sort Draft Pay Ask Read Send Clean Water "
    "Prepare Compare Update Return Collect Measure Paint Translate Test Sketch Move Invite Cancel"
)
_THINGS = _words(
    "invoice programme poster contract dentist newsletter tickets garden kitchen server report "
    "chapter slides budget chairs bicycle insurance passport piano boiler website backup photos "
    "library curtains recipe speech survey lease heating roof tax form parcel printer workshop "
    "interview calendar label shelf lamp venue catering draft outline proposal summary bug index"
)
_DETAILS = _words(
    "with Sam|for the Malmö trip|before the holidays|at the front desk|from last year|in the hall|"
    "for Krume|after the meeting|by post|on the third floor|about the delay|and send a copy|"
    "without the appendix|for Mamma|in two languages|near the station|again|together|for spring|"
    "to the whole team|with new numbers|in the shared folder|for chapter|in room|for invoice no.",
    "|",
)
_EXTRA = _words("quickly please really new old final first short long better once more properly")


@dataclass(frozen=True)
class Line:
    """A task: its hidden number, and what stands on its line."""

    number: int
    text: str
    symbol: str = " "
    fields: str = ""
    rule: str = ""
    due: date | None = None
    indent: int = 0

    def __str__(self) -> str:
        box = f"{'  ' * self.indent}- [{self.symbol}] {self.text}"
        rule = f" 🔁 {self.rule}" if self.rule else ""
        due = f" 📅 {self.due}" if self.due else ""
        return f"{box}{self.fields}{rule}{due}"


Notes = dict[str, list[Line]]


@dataclass
class Vault:
    """The notes; `touched` are the numbers of the tasks that the last batch changed."""

    random: Random
    notes: Notes = field(default_factory=dict)
    numbers: count[int] = field(default_factory=count)
    clipboard: list[Line] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    said: set[str] = field(default_factory=set)

    @classmethod
    def made(cls, notes: int, seed: int) -> Vault:
        vault = cls(Random(seed))
        for number in range(notes):
            folder = f"Area {number % 7}"
            size = min(60, max(1, int(vault.random.lognormvariate(2, 0.8))))
            vault.notes[f"{folder}/Note {number}.md"] = [vault.line() for _ in range(size)]
        return vault

    def text(self) -> str:
        """Return a text that no task had before: what comes back is the same task."""
        while (text := self._sentence()) in self.said:
            pass
        self.said.add(text)
        return text

    def _sentence(self) -> str:
        random = self.random
        words = [random.choice(_VERBS), "the", random.choice(_THINGS)]
        if random.random() < 0.25:
            words[1] = random.choice(_EXTRA)
        words += random.choices(_DETAILS, k=random.choice((0, 1, 1, 1, 2)))
        if words[-1].split()[-1] in ("chapter", "room", "no."):
            words.append(str(random.randint(1, 99)))
        return " ".join(words)

    def line(self) -> Line:
        random = self.random
        rule = "every week" if random.random() < 0.04 else ""
        due = self.day() if random.random() < 0.3 or (rule and random.random() < 0.7) else None
        fields = random.choice(("", "", "", " ⏫", " ⏱ 30m", " #home"))
        symbol = "x" if not rule and random.random() < 0.3 else " "
        return Line(next(self.numbers), self.text(), symbol, fields, rule, due)

    def day(self) -> date:
        return TODAY + timedelta(days=self.random.randint(-20, 60))

    def bytes_of(self, path: str) -> bytes:
        return "".join(f"{line}\n" for line in self.notes[path]).encode()

    def batch(self, edits: int) -> None:
        self.touched = set()
        for _ in range(edits):
            choice = self.random.choices([*EDITS], [*EDITS.values()])[0]
            choice(self)

    # What is chosen

    def note(self) -> str:
        return self.random.choice([path for path, lines in self.notes.items() if lines])

    def spot(self) -> tuple[list[Line], int]:
        lines = self.notes[self.note()]
        return lines, self.random.randrange(len(lines))

    def change(self, **values: object) -> None:
        lines, at = self.spot()
        self.put(lines, at, replace(lines[at], **values))  # type: ignore[arg-type]

    def put(self, lines: list[Line], at: int, line: Line) -> None:
        lines[at] = line
        self.touched.add(line.number)

    def insert(self, lines: list[Line], line: Line) -> None:
        lines.insert(self.random.randint(0, len(lines)), line)
        self.touched.add(line.number)

    def fresh(self, line: Line) -> Line:
        return replace(line, number=next(self.numbers))


def reworded(random: Random, text: str) -> str:
    """Replace, add or drop a few words; of a short text nothing but a word is added."""
    words = text.split()
    for _ in range(max(1, len(words) // 5)):
        at = random.randrange(len(words))
        kind = random.random() if len(words) > 4 else 0.5
        if kind < 0.4:
            words[at] = random.choice((*_EXTRA, *_THINGS))
        elif kind < 0.75:
            words.insert(at + 1, random.choice((*_EXTRA, *_THINGS)))
        else:
            del words[at]
    return " ".join(words)


def mistyped(random: Random, text: str) -> str:
    """Swap, drop or add a letter or two."""
    for _ in range(random.randint(1, 2)):
        at = random.randrange(1, len(text) - 1)
        swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        dropped, added = text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:]
        text = random.choice((swapped, dropped, added)).strip()
    return text


# The edits


def reword(vault: Vault) -> None:
    lines, at = vault.spot()
    vault.put(lines, at, replace(lines[at], text=reworded(vault.random, lines[at].text)))


def mistype(vault: Vault) -> None:
    lines, at = vault.spot()
    vault.put(lines, at, replace(lines[at], text=mistyped(vault.random, lines[at].text)))


def date_it(vault: Vault) -> None:
    vault.change(due=vault.day())


def rank(vault: Vault) -> None:
    vault.change(fields=vault.random.choice((" ⏫", " 🔽", "")))


def indent(vault: Vault) -> None:
    vault.change(indent=vault.random.randint(0, 1))


def tick(vault: Vault) -> None:
    """A series leaves its line ticked and gets the next one above it."""
    lines, at = vault.spot()
    line = lines[at]
    vault.put(lines, at, replace(line, symbol="x"))
    if line.rule and line.symbol == " ":
        due = line.due + timedelta(days=7) if line.due else None
        lines.insert(at, replace(line, number=next(vault.numbers), due=due))


def reorder(vault: Vault) -> None:
    lines, at = vault.spot()
    vault.insert(lines, lines.pop(at))


def sort_note(vault: Vault) -> None:
    lines = vault.notes[vault.note()]
    lines.sort(key=lambda line: (line.symbol, line.text))
    vault.touched |= {line.number for line in lines}


def move(vault: Vault) -> None:
    lines, at = vault.spot()
    vault.insert(vault.notes[vault.note()], lines.pop(at))


def move_and_mistype(vault: Vault) -> None:
    lines, at = vault.spot()
    line = lines.pop(at)
    line = replace(line, text=mistyped(vault.random, line.text))
    vault.insert(vault.notes[vault.note()], line)


def rename_note(vault: Vault) -> None:
    path = vault.note()
    lines = vault.notes.pop(path)
    folder = path.rpartition("/")[0]
    vault.notes[f"{folder}/Renamed {next(vault.numbers)}.md"] = lines
    vault.touched |= {line.number for line in lines}


def rename_folder(vault: Vault) -> None:
    folder = vault.note().partition("/")[0]
    name = f"Folder {next(vault.numbers)}"
    for path in [path for path in vault.notes if path.startswith(f"{folder}/")]:
        lines = vault.notes.pop(path)
        vault.notes[f"{name}/{path.partition('/')[2]}"] = lines
        vault.touched |= {line.number for line in lines}


def split_note(vault: Vault) -> None:
    path = vault.note()
    lines = vault.notes[path]
    middle = len(lines) // 2
    lines[:], rest = lines[:middle], lines[middle:]
    vault.notes[f"{path.removesuffix('.md')} {next(vault.numbers)}.md"] = rest
    vault.touched |= {line.number for line in rest}


def add(vault: Vault) -> None:
    vault.insert(vault.notes[vault.note()], vault.line())


def drop(vault: Vault) -> None:
    lines, at = vault.spot()
    del lines[at]


def exchange(vault: Vault) -> None:
    """A task goes, and one that has nothing to do with it comes to its place."""
    lines, at = vault.spot()
    vault.put(lines, at, vault.line())


def duplicate(vault: Vault) -> None:
    lines, at = vault.spot()
    lines.insert(at + 1, vault.fresh(lines[at]))


def copy_elsewhere(vault: Vault) -> None:
    lines, at = vault.spot()
    vault.insert(vault.notes[vault.note()], vault.fresh(lines[at]))


def paste_twins(vault: Vault) -> None:
    lines, at = vault.spot()
    twin = vault.line()
    lines[at:at] = [twin, vault.fresh(twin)]


def cut(vault: Vault) -> None:
    lines, at = vault.spot()
    vault.clipboard.append(lines.pop(at))


def paste(vault: Vault) -> None:
    lines = vault.notes[vault.note()]
    while vault.clipboard:
        vault.insert(lines, vault.clipboard.pop())


EDITS: dict[Callable[[Vault], None], float] = {
    reword: 16, mistype: 14, date_it: 10, rank: 5, indent: 3, tick: 14, reorder: 6, sort_note: 0.3,
    move: 7, move_and_mistype: 0.7, rename_note: 0.5, rename_folder: 0.05, split_note: 0.3, add: 8,
    drop: 4, exchange: 1, duplicate: 1, copy_elsewhere: 1, paste_twins: 0.7, cut: 2, paste: 2,
}  # fmt: skip
