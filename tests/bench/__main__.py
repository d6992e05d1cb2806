"""Benchmarks: `python -m tests.bench` prints how often the least that would do fits into what
mdtasks takes.

Rule: ratios of pairs, timed one right after the other: seconds tell more of the machine than of
the program. No test times anything.
"""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain, count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from mdtasks.app.refresh import refresh
from mdtasks.app.session import open_session
from tests.bench import indexing, planning, reading
from tests.bench.vaults import TODAY, write_vault

Work = Callable[[], object]

NOW = f"{TODAY}T08:30"
TICKED = "Ticked.md"


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--notes", type=int, nargs="+", default=[1000, 10_000], metavar="N")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="pairs a row; default 5")
    parser.add_argument("--tenfold", action="store_true", help="index ten times as many notes too")
    parser.add_argument(
        "--planning", action="store_true", help="how near plans are to the best; needs highspy"
    )
    options = parser.parse_args()
    if options.planning:
        for row in planning.rows(range(planning.WEEKS), planning.SECONDS):
            print(row, flush=True)
        return
    for notes in options.notes:
        with TemporaryDirectory() as folder:
            for name in ("CACHE", "STATE", "DATA", "CONFIG"):
                os.environ[f"XDG_{name}_HOME"] = f"{folder}/{name}"
            root = Path(folder, "vault")
            write_vault(root, notes)
            tasks = "".join(f"- [ ] tick {number}\n" for number in range(options.runs))
            (root / TICKED).write_text(tasks)
            print(f"\n{notes} notes, median of {options.runs} pairs (least – most)")
            rows = [reading.rows(root), indexing.rows(root), _in_process(root), _commands(root)]
            if options.tenfold:
                rows.append(iter([indexing.tenfold(root, notes)]))
            for title, ours, least in chain.from_iterable(rows):
                ratios = sorted(_pair(ours, least, turn) for turn in range(options.runs))
                spread = f"({ratios[0]:.2f} – {ratios[-1]:.2f})"
                print(f"{median(ratios):8.2f}  {spread:20}  {title}", flush=True)
            of_all = f"memory of both processes / {indexing.MEMORY_MB} MB"
            print(f"{indexing.memory(root):8.2f}  {'':20}  {of_all}", flush=True)


def _pair(ours: Work, least: Work, turn: int) -> float:
    """Return how many times as long as `least` ours takes; they go first by turns."""
    order = (ours, least) if turn % 2 else (least, ours)
    seconds = {work: _seconds(work) for work in order}
    return seconds[ours] / seconds[least]


def _seconds(work: Work) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def _in_process(root: Path) -> Iterator[tuple[str, Work, Work]]:
    session = open_session(str(root), NOW, print)

    def compare() -> None:
        with session.store() as store:
            refresh(session, store)

    compare()
    yield "refresh, nothing changed / os.scandir and stat", compare, lambda: _scan(root)


def _scan(root: Path) -> None:
    folders = [str(root)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    entry.stat(follow_symlinks=False)


def _commands(root: Path) -> Iterator[tuple[str, Work, Work]]:
    days = (TODAY + timedelta(days=number) for number in count(1))
    lines = count(1)

    def done() -> None:
        # Nobody is writing the note just now, so there is nothing to wait for.
        os.utime(root / TICKED, (0, 0))
        _mdtasks(root, NOW, "done", f"{TICKED}:{next(lines)}")

    commands: list[tuple[str, Work]] = [
        ("today", lambda: _mdtasks(root, NOW, "today")),
        ("list", lambda: _mdtasks(root, NOW, "list")),
        ("plan, kept", lambda: _mdtasks(root, NOW, "plan")),
        ("plan, made anew", lambda: _mdtasks(root, f"{next(days)}T08:30", "plan")),
        ("done", done),
    ]
    _mdtasks(root, NOW, "today")  # the first plan
    for title, work in commands:
        yield f"{title} / python -c 'import click'", work, _click


def _mdtasks(root: Path, now: str, *words: str) -> None:
    _run("-m", "mdtasks", "--vault", str(root), "--now", now, *words)


def _click() -> None:
    _run("-c", "import click")


def _run(*words: str) -> None:
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
