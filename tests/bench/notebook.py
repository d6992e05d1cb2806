"""A vault whose tasks have hidden numbers, so that it is known who is who whatever is edited.

Rule: the same seed gives the same vault. A note is a list of tasks and of headings, which are
plain text; a task takes what is nested below it along.

The words are few, so that the tasks of a note share most of them; a quarter of the texts are
short ("Call Anna"), some notes hold numbered ones ("Read chapter 3"), and each daily note
starts with the same three tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from random import Random

TODAY = date(2026, 11, 23)
DAILY = "Daily"
TEMPLATE = ("Plan the day", "Read mail", "Stretch for ten minutes")


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
_PEOPLE = _words("Anna Ben Chen Dora Emil Fatma Gül Hugo Ida Jonas Krume Lena Mamma Nils Olga Sam")
DETAILS = _words(
    "with Sam|for the Malmö trip|before the holidays|at the front desk|from last year|in the hall|"
    "for Krume|after the meeting|by post|on the third floor|about the delay|and send a copy|"
    "without the appendix|for Mamma|in two languages|near the station|again|together|for spring|"
    "to the whole team|with new numbers|in the shared folder|for chapter|in room|for invoice no.",
    "|",
)
_EXTRA = _words("quickly please really new old final first short long better once more properly")
WORDS = (*_EXTRA, *_THINGS)
FIELDS = ("⏫", "🔼", "🔽", "⏱ 15m", "⏱ 30m", "⏱ 2h", "#home", "#work", "#errand", "@phone")
_BRIEFS = ("see the mail of Monday", "the number is on the fridge", "Sam knows more", "ask first")
_HEADINGS = ("## Now", "## Later", "## Waiting", "## Ideas")


@dataclass(frozen=True)
class Line:
    """A task: its hidden number, and what stands on its line and below it."""

    number: int
    text: str
    symbol: str = " "
    fields: tuple[str, ...] = ()
    rule: str = ""
    due: date | None = None
    indent: int = 0
    brief: str = ""

    def __str__(self) -> str:
        """Return its line without the indentation."""
        rule = (f"🔁 {self.rule}",) if self.rule else ()
        due = (f"📅 {self.due}",) if self.due else ()
        return " ".join((f"- [{self.symbol}]", self.text, *self.fields, *rule, *due))


Lines = list[Line | str]


def tasks(lines: Lines) -> list[Line]:
    return [line for line in lines if isinstance(line, Line)]


def spots(lines: Lines) -> list[int]:
    """Return where tasks stand."""
    return [at for at, line in enumerate(lines) if isinstance(line, Line)]


def task_at(lines: Lines, at: int) -> Line:
    line = lines[at]
    assert isinstance(line, Line)
    return line


def depth(line: Line | str) -> int:
    return line.indent if isinstance(line, Line) else -1


def end_of(lines: Lines, at: int) -> int:
    """Return where what is nested below a task ends."""
    end = at + 1
    while end < len(lines) and depth(lines[end]) > depth(lines[at]):
        end += 1
    return end


def gaps(lines: Lines) -> list[int]:
    """Return where a task can be put without coming between another and what is nested below."""
    return [at for at, line in enumerate(lines) if depth(line) <= 0] + [len(lines)]


def rendered(lines: Lines) -> tuple[bytes, list[int]]:
    """Return the note's bytes, and the line of each of its tasks."""
    rows: list[str] = []
    at = []
    for line in lines:
        if isinstance(line, str):
            rows += ["", line, ""]
            continue
        at.append(len(rows) + 1)
        rows.append(f"{'  ' * line.indent}{line}")
        if line.brief:
            rows.append(f"{'  ' * line.indent}  {line.brief}")
    return "".join(f"{row}\n" for row in rows).encode(), at


def reworded(random: Random, text: str) -> str:
    """Change one word to three; half of them stay."""
    words = text.split()
    most = len(words) // 2
    for _ in range(min(random.choices((1, 2, 3), (60, 30, 10))[0], max(1, most))):
        at = random.randrange(len(words))
        kind = random.choices(("other", "more", "detail", "less", "place"), (30, 25, 15, 20, 10))[0]
        if kind == "other" and most:
            words[at] = random.choice(WORDS)
        elif kind == "less" and len(words) > 2:
            del words[at]
        elif kind == "place" and len(words) > 2:
            words.insert(random.randrange(len(words)), words.pop(at))
        elif kind == "detail":
            words += random.choice(DETAILS).split()
        else:
            words.insert(at + 1, random.choice(WORDS))
    return " ".join(words)


def mistyped(random: Random, text: str) -> str:
    """Swap, drop or double a letter or two."""
    for _ in range(random.choice((1, 1, 2))):
        at = random.randrange(1, max(2, len(text) - 1))
        swapped = text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]
        dropped, doubled = text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:]
        text = random.choice((swapped, dropped, doubled)).strip()
    return text


@dataclass
class Vault:
    """The notes, and today. A batch of edits looks at some of the notes, `focus`; `touched` tells
    what it did to which task, `copied` which one a copy was made of, `clipboard` what was cut and
    after how many batches it comes back. `away` are notes that do."""

    random: Random
    notes: dict[str, Lines] = field(default_factory=dict)
    today: date = TODAY
    numbers: count[int] = field(default_factory=count)
    focus: list[str] = field(default_factory=list)
    touched: dict[int, str] = field(default_factory=dict)
    copied: dict[int, int] = field(default_factory=dict)
    clipboard: list[tuple[int, Lines]] = field(default_factory=list)
    away: list[tuple[int, str, Lines]] = field(default_factory=list)
    said: set[str] = field(default_factory=set)

    @classmethod
    def made(cls, notes: int, seed: int) -> Vault:
        vault = cls(Random(seed))
        for number in range(notes):
            vault.notes[f"Area {number % 7}/Note {number}.md"] = vault._lines()
        vault.notes[vault.daily] = vault.template()
        return vault

    def _lines(self) -> Lines:
        random = self.random
        lines: Lines = []
        for _ in range(min(60, max(1, int(random.lognormvariate(2, 0.8))))):
            if random.random() < 0.08:
                lines.append(random.choice(_HEADINGS))
            nested = bool(lines) and isinstance(lines[-1], Line) and random.random() < 0.12
            lines.append(self.line(indent=1 if nested else 0))
        if random.random() < 0.15:
            lines += self._family()
        return lines

    def _family(self) -> Lines:
        begins = f"{self.random.choice(_VERBS)} {self.random.choice(_THINGS)}"
        return [self.line(f"{begins} {n}") for n in range(1, self.random.randint(3, 8))]

    @property
    def daily(self) -> str:
        return f"{DAILY}/{self.today}.md"

    def template(self) -> Lines:
        return [Line(next(self.numbers), text) for text in TEMPLATE]

    def line(self, text: str = "", indent: int = 0) -> Line:
        random = self.random
        rule = "every week" if random.random() < 0.04 else ""
        due = self.day() if random.random() < 0.3 or (rule and random.random() < 0.7) else None
        fields = tuple(random.sample(FIELDS, random.choice((0, 0, 0, 1, 1, 2))))
        symbol = "x" if not rule and random.random() < 0.3 else " "
        brief = random.choice(_BRIEFS) if random.random() < 0.06 else ""
        number = next(self.numbers)
        return Line(number, text or self.text(), symbol, fields, rule, due, indent, brief)

    def day(self) -> date:
        return self.today + timedelta(days=self.random.randint(-20, 60))

    def text(self) -> str:
        """Return what a new task says. Only a short text may have been there before: of longer
        ones, what comes back is the same task."""
        if self.random.random() < 0.25:
            return self._short()
        while (text := self._sentence()) in self.said:
            pass
        self.said.add(text)
        return text

    def _short(self) -> str:
        other = _PEOPLE if self.random.random() < 0.5 else _THINGS
        words = [self.random.choice(_VERBS), self.random.choice(other)]
        return " ".join(words if self.random.random() < 0.8 else words[1:]).capitalize()

    def _sentence(self) -> str:
        random = self.random
        words = [random.choice(_VERBS), "the", random.choice(_THINGS)]
        if random.random() < 0.25:
            words[1] = random.choice(_EXTRA)
        words += random.choices(DETAILS, k=random.choice((0, 1, 1, 1, 2)))
        if words[-1].split()[-1] in ("chapter", "room", "no."):
            words.append(str(random.randint(1, 99)))
        return " ".join(words)

    # What an edit looks at

    def note(self) -> str:
        """Return a note with tasks: mostly one of those that this batch is about. Of others, one is
        as likely as it is long: each task is edited as often as any."""
        if self.random.random() < 0.8:
            near = [path for path in self.focus if tasks(self.notes.get(path, []))]
            if near:
                return self.random.choice(near)
        sizes = {path: len(tasks(lines)) for path, lines in self.notes.items()}
        return self.random.choices([*sizes], [*sizes.values()])[0]

    def look_at(self, notes: int) -> None:
        self.focus = []
        self.focus = [self.note() for _ in range(notes)]

    def any_note(self) -> str:
        return self.random.choice([*self.notes])

    def spot(self) -> tuple[Lines, int]:
        lines = self.notes[self.note()]
        return lines, self.random.choice(spots(lines))

    # What an edit does

    def touch(self, kind: str, lines: Sequence[Line | str]) -> None:
        for line in lines:
            if isinstance(line, Line):
                had = self.touched.get(line.number, kind)
                self.touched[line.number] = kind if had == kind else "several"

    def put(self, kind: str, lines: Lines, at: int, **values: object) -> None:
        lines[at] = replace(task_at(lines, at), **values)  # type: ignore[arg-type]
        self.touch(kind, lines[at : at + 1])

    def taken(self, lines: Lines, at: int) -> Lines:
        """Take a task out, with what is nested below it."""
        end = end_of(lines, at)
        block, lines[at:end] = lines[at:end], []
        return block

    def insert(self, kind: str, lines: Lines, block: Lines) -> None:
        """Put tasks anywhere into a note."""
        outer = depth(block[0])
        flat: Lines = [
            replace(line, indent=line.indent - outer) if isinstance(line, Line) else line
            for line in block
        ]
        at = self.random.choice(gaps(lines))
        lines[at:at] = flat
        self.touch(kind, flat)

    def fresh(self, block: Lines) -> Lines:
        """Return copies, which are tasks of their own."""
        copies: Lines = []
        for line in block:
            if isinstance(line, Line):
                copy = replace(line, number=next(self.numbers))
                self.copied[copy.number] = line.number
                line = copy
            copies.append(line)
        return copies
