"""How many uids survive: `python -m tests.bench.identity` prints what was kept, and what is wrong.

A task is kept if it has the uid it had. A uid is wrong on a task that is not the one which had it.

Twins say the same with the same fields. When one has the uid of the other, it is wrong if a person
can see that: if the surroundings (note, heading, parent, brief, subtasks, the lines above and
below) tell who is who. They do if the two share more of these with themselves before the save than
with each other; or, where it is not the one for the other, if one of them shares more with itself
than the new holder of the uid does with the last one. A uid that is lost, without another task
having it, is so for all to see unless the task is a twin, and no more like what it was than
like another of its line: whoever sees it takes it for a new one. All of these, which nobody can
see, are `swapped`. It does not matter whether the two were twins before: a line that is ticked
and copied in one save leaves two that are.

Some uids go wrong because the notes do not say who is who: they are `undecided`, as the very same
bytes come about by another story, in which nothing is wrong. There are two such cases, and no more:
- A new task has the uid of one that is gone from the vault, and says the same. Whoever deletes a
  task and copies it elsewhere has moved it, as far as its notes tell; whoever ticks the line of a
  series, and deletes it, has put it off. A new task that says something else is not among these,
  be it ever so much like the one that is gone.
- A copy made in this very save has the uid of what it is a copy of, which was reworded in that
  save too: nothing says which of the two lines was there first. It must have kept as many words
  and as much around it as the other, or a person could tell.

The strict figures count those that are swapped or undecided as lost and as wrong too.

Rule: ratios, and seconds only to see that there is no quadratic in them. What is tuned is tuned on
seeds from 100 on; seeds 1 to 20 are for the report, and nobody looks into their failures.
"""

from __future__ import annotations

import sqlite3
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import NamedTuple, Self

from mdtasks.index.rows import entry
from mdtasks.index.store import Store
from mdtasks.read.note import read_contents
from mdtasks.settings import ReadSettings
from tests.bench.edits import batch
from tests.bench.notebook import (
    Lines,
    Vault,
    depth,
    rendered,
    reworded,
    spots,
    task_at,
    tasks,
)

VAULT = "bench"
_SETTINGS = ReadSettings()
# The first seed to tune on, and to look into.
TUNING = 100
# Two-sided, 95 %.
_Z = 1.96


@dataclass
class Score:
    """Counts by kind of edit, of tasks that were there before: how many were edited, kept, had
    another uid, in how many uids changed between twins unseen, and in how many nothing tells whose
    they are. A uid that is wrong counts under what was done to the task that has it. `failures`
    tell of each."""

    edited: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    swapped: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def __add__(self, other: Score) -> Score:
        return Score(
            self.edited + other.edited,
            self.lost + other.lost,
            self.wrong + other.wrong,
            self.swapped + other.swapped,
            self.undecided + other.undecided,
            self.failures + other.failures,
        )

    def by_hand(self) -> Score:
        """Return the score without what whole notes took along."""
        edited, lost, wrong, swapped, undecided = (
            Counter({kind: count for kind, count in each.items() if kind != "bulk"})
            for each in (self.edited, self.lost, self.wrong, self.swapped, self.undecided)
        )
        return Score(edited, lost, wrong, swapped, undecided, self.failures)

    def ratio(self, *counts: Counter[str]) -> float:
        return sum(map(Counter.total, counts)) / self.edited.total()

    @property
    def kept_ratio(self) -> float:
        return 1 - self.ratio(self.lost)

    @property
    def wrong_ratio(self) -> float:
        return self.ratio(self.wrong)


class Seen(NamedTuple):
    """What a person sees of a task, and around it."""

    line: str
    text: str
    marks: tuple[str, ...]

    @classmethod
    def at(cls, path: str, lines: Lines, at: int) -> Self:
        near = [str(each) for each in ("", *lines, "")]
        heading = next((each for each in lines[at::-1] if isinstance(each, str)), "")
        above = (each for each in lines[at::-1] if 0 <= depth(each) < depth(lines[at]))
        nested = []
        for each in lines[at + 1 :]:
            if depth(each) <= depth(lines[at]):
                break
            nested.append(str(each))
        parent, line = str(next(above, "")), task_at(lines, at)
        marks = (path, heading, parent, line.brief, "\n".join(nested), near[at], near[at + 2])
        return cls(str(line), line.text, marks)

    def shared(self, other: Seen) -> int:
        return sum(one == another for one, another in zip(self.marks, other.marks, strict=True))

    def words_of(self, other: Seen) -> int:
        return (Counter(self.text.split()) & Counter(other.text.split())).total()


class Run:
    """A vault and its index, edited batch by batch. `uids` and `seen` are by hidden number what
    a task had and showed when it was last there."""

    def __init__(self, folder: Path, notes: int, seed: int) -> None:
        self.vault = Vault.made(notes, seed)
        self.path = folder / "index.db"
        self.store = Store.open(self.path, VAULT)
        self.score = Score()
        self.written: dict[str, bytes] = {}
        self.lines: dict[str, Lines] = {}
        self.places: dict[str, list[tuple[int, int]]] = {}
        self.refresh()
        self.uids = self._uids()
        self.seen = self._seen(self.places)
        self.owner = {uid: number for number, uid in self.uids.items()}
        self.standing = {*self.uids}
        self.last = {uid: self.seen[number] for number, uid in self.uids.items()}

    def edit(self) -> int:
        """Make and read one batch of edits; return how many."""
        edits = batch(self.vault)
        self.judge()
        return edits

    def judge(self) -> None:
        """Read what was edited, and judge the uids."""
        changed = self.refresh()
        uids, seen = self._uids(), self._seen(changed)
        for number, uid in uids.items():
            self._judge(number, uid, uids, seen)
        self.uids |= uids
        self.seen |= seen
        self.standing = {*uids}
        self.last |= {uid: self.seen[number] for number, uid in uids.items()}

    def refresh(self) -> list[str]:
        """Let the index read what changed; return the paths of that."""
        notes, changed = self.vault.notes, []
        read = []
        for path, lines in notes.items():
            if self.lines.get(path) == lines:
                continue
            self.lines[path] = [*lines]
            data, at = rendered(lines)
            places = [(each.number, n) for each, n in zip(tasks(lines), at, strict=True)]
            if (self.written.get(path), self.places.get(path)) == (data, places):
                continue
            changed.append(path)
            self.places[path] = places
            if self.written.get(path) != data:
                note = read_contents(path, data, _SETTINGS)
                made = entry(path, note.digest, note.problems, note.tasks)
                read.append((made, (1, 1)))
                self.written[path] = data
        gone = [path for path in self.written if path not in notes]
        for path in gone:
            del self.written[path], self.places[path], self.lines[path]
        if read or gone:
            self.store.update(read, gone, self.vault.today)
        return changed

    def _uids(self) -> dict[int, str]:
        sql = "SELECT path, line, uid FROM tasks JOIN notes ON number = note"
        with closing(sqlite3.connect(self.path)) as db:
            at = {(path, line): uid for path, line, uid in db.execute(sql)}
        return {
            number: at[path, line] for path, some in self.places.items() for number, line in some
        }

    def _seen(self, paths: Iterable[str]) -> dict[int, Seen]:
        return {
            task_at(lines, at).number: Seen.at(path, lines, at)
            for path, lines in ((path, self.vault.notes[path]) for path in paths)
            for at in spots(lines)
        }

    def _judge(self, number: int, uid: str, uids: dict[int, str], seen: dict[int, Seen]) -> None:
        had, owner = self.uids.get(number), self.owner.setdefault(uid, number)
        kind = self.vault.touched.get(number, "new" if had is None else "others")
        if had is not None and (number in self.vault.touched or had != uid):
            self.score.edited[kind] += 1
        if had == uid:
            return
        if had is not None:
            heir = next((each for each, its in uids.items() if its == had), None)
            if heir is None:
                self._count(
                    "swapped" if self._is_as_new(number, seen) else "lost",
                    kind,
                    number,
                    number,
                    seen,
                )
            elif self._verdict(number, heir, had, uids, seen) == "wrong":
                self._count("lost", kind, number, number, seen)
        if owner != number:
            self._count(self._verdict(owner, number, uid, uids, seen), kind, number, owner, seen)
            self.owner[uid] = number

    def _verdict(
        self, owner: int, heir: int, uid: str, uids: dict[int, str], seen: dict[int, Seen]
    ) -> str:
        """Return what it is that the task `heir` has the uid of `owner`."""
        if self._is_undecided(owner, heir, uids, seen):
            return "undecided"
        return "swapped" if self._is_unseen(owner, heir, uid, uids, seen) else "wrong"

    def _is_undecided(
        self, owner: int, heir: int, uids: dict[int, str], seen: dict[int, Seen]
    ) -> bool:
        """Whether the same notes come about where the two are one."""
        if heir in self.uids:
            return False
        was, now = self.seen[owner], seen[heir]
        if owner not in uids:
            return was.text == now.text
        own = seen.get(owner, was)
        return (
            self.vault.copied.get(heir) == owner
            and own.text != was.text
            and was.words_of(now) >= was.words_of(own)
            and was.shared(now) >= was.shared(own)
        )

    def _is_unseen(
        self, owner: int, heir: int, uid: str, uids: dict[int, str], seen: dict[int, Seen]
    ) -> bool:
        """Whether nobody can see that the task `heir` is not the task `owner`, whose uid it has."""
        was, now, before = self.last[uid], seen.get(heir) or self.seen[heir], self.seen.get(heir)
        own = seen.get(owner) or self.seen[owner]
        has_lost_it = owner in uids and self.uids[owner] == uid
        are_twins = has_lost_it and own.line == now.line
        if not are_twins and was.line not in (now.line, before.line if before else now.line):
            return False
        claimed, itself = was.shared(now), was.shared(own) if has_lost_it else 0
        other = before.shared(now) if before else 0
        if before and uids.get(owner) == self.uids[heir]:
            return itself + other <= claimed + before.shared(own)
        return max(itself, other) <= claimed

    def _is_as_new(self, number: int, seen: dict[int, Seen]) -> bool:
        """Whether nobody can see that the task is not a new one: it is no more like what it was
        than like another that says the same."""
        was, now = self.seen[number], seen.get(number) or self.seen[number]
        twins = (self.seen[each] for each in self.standing if each != number)
        return any(t.line == was.line and t.shared(now) >= was.shared(now) for t in twins)

    def _count(self, what: str, kind: str, number: int, owner: int, seen: dict[int, Seen]) -> None:
        counts = {
            "lost": self.score.lost,
            "wrong": self.score.wrong,
            "swapped": self.score.swapped,
            "undecided": self.score.undecided,
        }
        counts[what][kind] += 1
        was, now = self.seen[owner], seen.get(number) or self.seen[number]
        said = [f"{each.line!r} in {each.marks}" for each in (was, now)]
        self.score.failures.append("\n    ".join((f"{what} ({kind})", *said)))


def run(notes: int, edits: int, seed: int) -> Score:
    """Return the score of so many edits."""
    with TemporaryDirectory() as folder:
        one = Run(Path(folder), notes, seed)
        with one.store:
            while edits > 0:
                edits -= one.edit()
        return one.score


def interval(count: int, of: int) -> tuple[float, float]:
    """Return the bounds of a ratio by Wilson's score interval."""
    ratio, spread = count / of, _Z * _Z / of
    middle = ratio + spread / 2
    half = (ratio * (1 - ratio) * spread + spread * spread / 4) ** 0.5
    return (middle - half) / (1 + spread), (middle + half) / (1 + spread)


def checkout(notes: int, seed: int) -> Iterator[tuple[str, float]]:
    """Yield how long each of a few changes of all notes takes, as a ratio to reading them in."""
    with TemporaryDirectory() as folder:
        began = process_time()
        one = Run(Path(folder), notes, seed)
        least = process_time() - began
        for name, edit in (
            ("rename every folder", rename_all),
            ("reword a task a note", reword_all),
        ):
            edit(one.vault)
            began = process_time()
            one.refresh()
            yield name, (process_time() - began) / least
        one.store.close()


def rename_all(vault: Vault) -> None:
    vault.notes = {f"Moved {path}": lines for path, lines in vault.notes.items()}


def reword_all(vault: Vault) -> None:
    for lines in vault.notes.values():
        at = vault.random.choice(spots(lines))
        text = reworded(vault.random, task_at(lines, at).text)
        vault.put("reword", lines, at, text=text)


def report(title: str, score: Score) -> str:
    """Return the figures of a score in three lines: as a person sees it, and strictly, and how
    many nobody can tell."""
    edited, hidden = score.edited.total(), score.swapped + score.undecided
    lines = []
    for name, lost, wrong in (
        (title, score.lost, score.wrong),
        ("  strict", score.lost + hidden, score.wrong + hidden),
    ):
        kept = interval(edited - lost.total(), edited)
        bad = interval(wrong.total(), edited)
        lines.append(
            f"{name:10} {edited} tasks, kept {1 - lost.total() / edited:.3%} "
            f"({kept[0]:.2%} to {kept[1]:.2%}), wrong {wrong.total() / edited:.3%} "
            f"({bad[0]:.2%} to {bad[1]:.2%})"
        )
    lines.append(f"  swapped {score.swapped.total()}, undecided {score.undecided.total()}")
    return "\n".join(lines)


def table(score: Score) -> str:
    """Return the counts by kind of edit."""
    counts = (score.edited, score.lost, score.wrong, score.swapped, score.undecided)
    kinds = {kind for count in counts for kind in count}
    rows = [f"{'edit':14}{'tasks':>8}{'lost':>8}{'wrong':>8}{'swapped':>8}{'undecided':>11}"]
    for kind in sorted(kinds, key=lambda kind: (-score.edited[kind], kind)):
        figures = "".join(f"{count[kind]:8}" for count in counts[:-1])
        rows.append(f"{kind:14}{figures}{score.undecided[kind]:11}")
    return "\n".join(rows)


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.bench.identity", description=__doc__)
    parser.add_argument("--notes", type=int, default=100)
    parser.add_argument("--edits", type=int, default=1500, help="a seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[*range(1, 11)])
    parser.add_argument("--show", action="store_true", help="each failure, of tuning seeds")
    parser.add_argument("--checkout", type=int, nargs="*", default=[1000, 5000], metavar="NOTES")
    options = parser.parse_args()
    if options.show and min(options.seeds) < TUNING:
        parser.error(f"--show is for seeds from {TUNING} on")
    score = Score()
    for seed in options.seeds:
        score += run(options.notes, options.edits, seed)
        print(f"seed {seed}: {report('so far', score.by_hand())}".splitlines()[0], flush=True)
    if options.show:
        print("\n".join(score.failures))
    print(table(score), report("by hand", score.by_hand()), report("all", score), sep="\n")
    for notes in options.checkout:
        for name, ratio in checkout(notes, 1):
            print(f"{notes} notes, {name}: {ratio:.2f} of reading them in the first time")


if __name__ == "__main__":
    main()
