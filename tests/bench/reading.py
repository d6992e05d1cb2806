"""How fast boxes are found, from a folder to (file, line): beside a plain search for what looks
like one, and beside markdown-it-py, which alone says what a list item is.

`python -m tests.bench.reading FOLDER` times it on any vault.

Rule: each side does all that it takes, and nothing else.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median

from mdtasks.read.boxes import may_hold_boxes, outline
from mdtasks.read.front_matter import split_front_matter
from mdtasks.vault import read, walk

Work = Callable[[], object]

_LINE_END = re.compile(r"\r\n|\r")
LOOKS_LIKE_A_BOX = r"\[.\][ \t]"


def rows(root: Path) -> Iterator[tuple[str, Work, Work]]:
    """Yield what to time in pairs; ripgrep only where it is installed."""
    if ripgrep := shutil.which("rg"):
        words = [ripgrep, "-j1", "--no-ignore", "-c", LOOKS_LIKE_A_BOX, "-g", "*.md", str(root)]
        yield (
            "boxes found / rg -j1 for what looks like one",
            lambda: find_boxes(root),
            lambda: subprocess.run(words, check=True, stdout=subprocess.DEVNULL),
        )
    yield (
        "markdown-it-py's block parser / boxes found",
        lambda: parse(root),
        lambda: find_boxes(root),
    )


def find_boxes(root: Path) -> list[tuple[str, int]]:
    """Return the file and line of every box."""
    found: list[tuple[str, int]] = []
    for path in walk(root).notes:
        data = read(root, path)
        if isinstance(data, bytes) and may_hold_boxes(data):
            text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
            front, text = split_front_matter(_LINE_END.sub("\n", text) if "\r" in text else text)
            first = len(front) + 1
            found += [(path, first + box.line) for box in outline(text).boxes]
    return found


def parse(root: Path) -> None:
    """Read every note and parse its blocks, as whoever finds lists by CommonMark must."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": sys.maxsize}).enable("table")
    for path in root.rglob("*.md"):
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        parser.block.parse(text, parser, {}, [])


def main() -> None:
    for title, ours, least in rows(Path(sys.argv[1])):
        ratios = sorted(_seconds(ours) / _seconds(least) for _ in range(5))
        print(f"{median(ratios):8.2f}  ({ratios[0]:.2f} – {ratios[-1]:.2f})  {title}", flush=True)


def _seconds(work: Work) -> float:
    """Return the processor's time, here and in processes that have ended."""
    began = _used()
    work()
    return _used() - began


def _used() -> float:
    used = (getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
