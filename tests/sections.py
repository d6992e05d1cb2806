"""What the tests of the daily note share: a vault that has one, and a person's hand in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from mdtasks.app.session import Session, open_session
from tests.running import NOW, Ran, mdtasks

DAY = "2026-11-23"
NOTE = f"{DAY}.md"
START, END = "<!-- mdtasks:start -->", "<!-- mdtasks:end -->"
SETTINGS = """vault_id = "daily"
timezone = "Europe/Berlin"

[daily]
write = true
"""

WRITE = "- [ ] Write the offer ⏱ 1h 🔼\n"
HOME = f"- [ ] Call Bob ⏱ 5m 📅 {DAY}\n- [ ] Pay rent ⏱ 5m 📅 {DAY} 🔁 every month\n"
BLOCK = "09:00 - 10:00 Write the offer ([[Work]])"
BOB, RENT = "    - [ ] Call Bob", "    - [ ] Pay rent"
BATCH = [
    "- 10:05 - 10:15 2 small tasks: Call Bob, Pay rent",
    f"{BOB} ([[Home]])",
    f"{RENT} ([[Home]])",
]
# What these tests play in: a block, a batch of two, one of which repeats.
NOTES = {
    "mdtasks.toml": SETTINGS,
    NOTE: "Dear diary,\n",
    "Work.md": WRITE,
    "Home.md": HOME,
}


def sync(root: Path, now: str = NOW) -> list[str]:
    """Sync; return what it said on stderr."""
    ran = mdtasks(root, "sync", now=now)
    assert ran.code == 0, ran.err
    return [line.removeprefix("mdtasks: ") for line in ran.said]


def run(root: Path, *words: str) -> Ran:
    return mdtasks(root, *words)


def text_of(root: Path, name: str = NOTE) -> str:
    return (root / name).read_bytes().decode("utf-8", "surrogateescape")


def edit(root: Path, old: str, new: str, name: str = NOTE) -> None:
    """Change one place of a note, as a person would."""
    text = text_of(root, name)
    assert text.count(old) == 1, (old, text)
    (root / name).write_bytes(text.replace(old, new).encode("utf-8", "surrogateescape"))


def section_of(root: Path, name: str = NOTE) -> list[str]:
    """Return the lines of the section without their ids."""
    inside = text_of(root, name).partition(START)[2].partition(END)[0]
    return [line.rpartition(" ^mt-")[0] for line in inside.split("\n") if line.strip()]


def session_of(root: Path, now: str = NOW) -> Session:
    return open_session(str(root), now, lambda line: None)


def forget_index(root: Path) -> None:
    cache = session_of(root).places.cache
    for suffix in ("-wal", "-shm", ""):
        cache.with_name(cache.name + suffix).unlink(missing_ok=True)


def forget_state(root: Path) -> None:
    shutil.rmtree(session_of(root).places.state, ignore_errors=True)
