"""How many uids survive: `python -m tests.bench.identity` prints what was kept, and what is wrong.

Rule: ratios, and seconds only to see that there is no quadratic in them.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from mdtasks.index.rows import entry
from mdtasks.index.store import Store
from mdtasks.read.note import read_note
from mdtasks.settings import ReadSettings
from tests.bench.edits import TODAY, Vault, reworded

VAULT = "bench"
_SETTINGS = ReadSettings()


@dataclass
class Score:
    """How many tasks were edited and are still there, and how many of them kept their uid; how
    many tasks have a uid that was another's, and in `twins` apart, that of one which stood in
    the same note in the same words: nobody can tell these. `failures` tell of each."""

    edited: int = 0
    kept: int = 0
    wrong: int = 0
    twins: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def kept_ratio(self) -> float:
        return self.kept / self.edited

    @property
    def wrong_ratio(self) -> float:
        return self.wrong / self.edited


class Run:
    """A vault and its index, edited batch by batch."""

    def __init__(self, store: Store, notes: int, seed: int) -> None:
        self.vault = Vault.made(notes, seed)
        self.store = store
        self.score = Score()
        self.written: dict[str, bytes] = {}
        self.owner: dict[str, int] = {}
        self.refresh()
        self.uids = self._uids()
        self._own(self.uids)

    def edit(self, edits: int) -> None:
        before, lines = self.uids, self._lines()
        self.vault.batch(edits)
        self.refresh()
        self.uids = self._uids()
        self._judge(before, lines)
        self._own(self.uids)

    def _lines(self) -> dict[int, str]:
        return {
            line.number: f"{path}: {line}"
            for path, some in self.vault.notes.items()
            for line in some
        }

    def refresh(self) -> None:
        now = {path: self.vault.bytes_of(path) for path in self.vault.notes}
        changed = [
            (entry(read_note(path, data, _SETTINGS)), (1, 1))
            for path, data in now.items()
            if self.written.get(path) != data
        ]
        gone = [path for path in self.written if path not in now]
        self.store.update(changed, gone, TODAY)
        self.written = now

    def _uids(self) -> dict[int, str]:
        at = {(task.source.path, task.source.line): task.uid for task in self.store.tasks()}
        return {
            line.number: at[path, number]
            for path, lines in self.vault.notes.items()
            for number, line in enumerate(lines, 1)
        }

    def _own(self, uids: Mapping[int, str]) -> None:
        for number, uid in uids.items():
            self.owner.setdefault(uid, number)

    def _judge(self, before: Mapping[int, str], lines: Mapping[int, str]) -> None:
        now = self._lines()
        for number, uid in self.uids.items():
            had, owner = before.get(number), self.owner.get(uid, number)
            if had is not None and (number in self.vault.touched or had != uid):
                self.score.edited += 1
                self.score.kept += had == uid
            if owner != number:
                self.owner[uid] = number
                kind = "twin" if lines.get(owner) == lines.get(number, now[number]) else "wrong"
                self.score.twins += kind == "twin"
                self.score.wrong += kind == "wrong"
            elif had not in (None, uid):
                kind = "lost"
            else:
                continue
            was, of = lines.get(number), lines.get(owner)
            self.score.failures.append(f"{kind}: {was!r} is {now[number]!r}, uid of {of!r}")


def run(notes: int, edits: int, seed: int) -> Score:
    """Return the score of so many edits, in batches of one to eight and a few of many."""
    with TemporaryDirectory() as folder, Store.open(Path(folder, "index.db"), VAULT) as store:
        one = Run(store, notes, seed)
        random = one.vault.random
        done = 0
        while done < edits:
            size = 60 if random.random() < 0.02 else random.randint(1, 8)
            one.edit(size)
            done += size
        return one.score


def checkout(notes: int, seed: int) -> Iterator[tuple[str, float]]:
    """Yield how long each of a few changes of all notes takes, as a ratio to reading them in."""
    with TemporaryDirectory() as folder, Store.open(Path(folder, "index.db"), VAULT) as store:
        began = process_time()
        one = Run(store, notes, seed)
        least = process_time() - began
        for name, edit in (
            ("rename every folder", rename_all),
            ("reword a task a note", reword_all),
        ):
            edit(one.vault)
            began = process_time()
            one.refresh()
            yield name, (process_time() - began) / least


def rename_all(vault: Vault) -> None:
    vault.notes = {f"Moved {path}": lines for path, lines in vault.notes.items()}


def reword_all(vault: Vault) -> None:
    for lines in vault.notes.values():
        at = vault.random.randrange(len(lines))
        vault.put(lines, at, replace(lines[at], text=reworded(vault.random, lines[at].text)))


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.bench.identity", description=__doc__)
    parser.add_argument("--notes", type=int, default=300)
    parser.add_argument("--edits", type=int, default=6000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--show", action="store_true", help="each failure")
    parser.add_argument("--checkout", type=int, nargs="*", default=[1000, 5000], metavar="NOTES")
    options = parser.parse_args()
    for seed in options.seeds:
        began = process_time()
        score = run(options.notes, options.edits, seed)
        print(
            f"seed {seed}: {score.edited} tasks edited, {score.kept_ratio:.2%} kept, "
            f"{score.wrong_ratio:.2%} wrong, {score.twins} twins changed places "
            f"({process_time() - began:.0f} s)"
        )
        if options.show:
            print("\n".join(score.failures))
            print(Counter(text.split(":")[0] for text in score.failures))
    for notes in options.checkout:
        for name, ratio in checkout(notes, 1):
            print(f"{notes} notes, {name}: {ratio:.2f} of reading them in the first time")


if __name__ == "__main__":
    main()
