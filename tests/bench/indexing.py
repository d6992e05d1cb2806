"""How fast the index is made, kept, and how much memory that takes.

Rule: an index is made by the command, as a person has it made; a note is saved again in process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import blake2b
from itertools import count
from pathlib import Path

from mdtasks.app.refresh import refresh
from mdtasks.app.session import open_session
from tests.bench import reading
from tests.bench.vaults import TODAY, write_vault

Work = Callable[[], object]

NOW = f"{TODAY}T08:30"
MEMORY_MB = 400
LONG_SECTIONS, TASKS_A_SECTION = 600, 50

_MEMORY = """
import sys
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from mdtasks.cli import main
try:
    main()
finally:
    print(sum(getrusage(who).ru_maxrss for who in (RUSAGE_SELF, RUSAGE_CHILDREN)), file=sys.stderr)
"""


def rows(root: Path) -> Iterator[tuple[str, Work, Work]]:
    """Yield what to time in pairs; ripgrep only where it is installed."""
    if ripgrep := shutil.which("rg"):
        words = [ripgrep, "-j1", "--no-ignore", "-c", reading.LOOKS_LIKE_A_BOX, str(root)]
        yield (
            "index, made anew / rg -j1 for what looks like a box",
            lambda: rebuild(root),
            lambda: subprocess.run([*words, "-g", "*.md"], check=True, stdout=subprocess.DEVNULL),
        )
    yield (
        "markdown-it-py's block parser / index, made anew",
        lambda: reading.parse(root),
        lambda: rebuild(root),
    )
    yield _long_note(root)


def rebuild(root: Path) -> None:
    subprocess.run([*_words(root, "-m", "mdtasks")], check=True, stdout=subprocess.DEVNULL)


def _words(root: Path, *start: str) -> list[str]:
    return [sys.executable, *start, "--vault", str(root), "--now", NOW, "index", "--rebuild"]


def memory(root: Path) -> float:
    """Return what both processes hold at most while they make the index, of what is allowed."""
    ran = subprocess.run(_words(root, "-c", _MEMORY), check=True, capture_output=True, text=True)
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return int(ran.stderr.split()[-1]) / unit / MEMORY_MB


def tenfold(root: Path, notes: int) -> tuple[str, Work, Work]:
    """Return how much longer ten times the notes take; the larger vault is made beside."""
    larger = root.with_name("tenfold")
    write_vault(larger, 10 * notes)
    return "index of ten times the notes / index", lambda: rebuild(larger), lambda: rebuild(root)


def _long_note(root: Path) -> tuple[str, Work, Work]:
    """Return a note of 3 MB and 30,000 tasks, one line of which changes with each saving."""
    folder = root.with_name("long")
    folder.mkdir(exist_ok=True)
    path = folder / "Long.md"
    texts, moments = _texts(), count()
    session = open_session(str(folder), NOW, print)

    def save() -> None:
        path.write_bytes(next(texts))
        os.utime(path, (0, next(moments)))  # nobody is writing it just now
        with session.store() as store:
            refresh(session, store)

    def digest() -> None:
        path.write_bytes(next(texts))
        blake2b(path.read_bytes()).digest()

    save()
    return "3 MB note, a line changed / writing and digesting it", save, digest


def _texts() -> Iterator[bytes]:
    """Yield the note's text, with another line in the middle each time."""
    task = (
        "- [ ] say what is to be done about number {} before anybody asks 📅 2026-11-{:02} #tag\n"
    )
    sections = []
    for section in range(LONG_SECTIONS):
        first = section * TASKS_A_SECTION
        lines = (task.format(n, n % 28 + 1) for n in range(first, first + TASKS_A_SECTION))
        sections.append(f"# Section {section}\n\n{''.join(lines)}\n")
    middle = LONG_SECTIONS // 2
    above, below = "".join(sections[:middle]).encode(), "".join(sections[middle:]).encode()
    for number in count():
        yield above + f"# Changed\n\n- [ ] change {number:09}\n\n".encode() + below
