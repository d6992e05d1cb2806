"""Many rounds of edits and syncs, with indexes deleted and runs killed in between: no task is
lost, none is there twice, and what was ticked once is done."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from random import Random

import pytest

from mdtasks.app.publish import publish
from mdtasks.app.refresh import refresh
from mdtasks.app.session import open_session
from tests.conftest import MakeVault
from tests.faults import Nth, counted, in_child, kill_myself, killed_at
from tests.running import NOW, still
from tests.sections import (
    END,
    NOTE,
    SETTINGS,
    START,
    edit,
    forget_index,
    forget_state,
    sync,
    text_of,
)
from tests.ticking import temp_files

NOTES = {
    "Work.md": [f"- [ ] Work {n} ⏱ 45m 🔼" for n in range(4)],
    "Home.md": [f"* [ ] Home {n}  [estimate:: 5m]  [priority:: high]" for n in range(4)],
    NOTE: ["Dear diary,", "", "- [ ] Own 0 ⏱ 30m", "- [ ] Own 1"],
}
NAME = re.compile(r"(?:Work|Home|Own|New) \d+")
# Every call of writing would take half a minute; 1 looks at each.
STEP = 5
TASK = re.compile(r"^[ \t]*[-*] \[.\] ", re.MULTILINE)


@pytest.fixture
def root(vault: MakeVault) -> Path:
    notes = {name: "".join(f"{line}\n" for line in lines) for name, lines in NOTES.items()}
    return vault({"mdtasks.toml": SETTINGS, **notes})


def lines_of(root: Path) -> list[str]:
    """Return every line with a box that is no mirror, wherever it stands."""
    lines = [line for name in NOTES for line in text_of(root, name).splitlines()]
    return [line for line in lines if TASK.match(line) and "^mt-" not in line]


def tasks(root: Path) -> Counter[str]:
    """Return how often each task stands in the notes."""
    return Counter(match[0] for line in lines_of(root) for match in NAME.finditer(line))


def symbols(root: Path) -> dict[str, str]:
    """Return what the box of each task holds in its own note."""
    return {NAME.findall(line)[0]: line[line.index("[") + 1] for line in lines_of(root)}


class Person:
    """Edits notes as people do, by a seed."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.random = Random(seed)
        self.added = 0
        self.closed: dict[str, str] = {}

    def mirrors(self) -> list[str]:
        inside = text_of(self.root).partition(START)[2].partition(END)[0]
        return [line for line in inside.splitlines() if "^mt-" in line and "[" in line[:8]]

    def change(self, old: str, new: str, name: str = NOTE) -> None:
        data = (self.root / name).read_bytes()
        (self.root / name).write_bytes(data.replace(old.encode(), new.encode(), 1))

    def tick(self) -> None:
        opened = [line for line in self.mirrors() if "- [ ]" in line and NAME.search(line)]
        if opened:
            line = self.random.choice(opened)
            symbol = self.random.choice("xx-")
            self.change(line, line.replace("[ ]", f"[{symbol}]", 1))
            self.closed[NAME.findall(line)[0]] = symbol

    def move(self) -> None:
        timed = [line for line in self.mirrors() if re.match(r"- \[ \] \d\d:\d\d - ", line)]
        if timed:
            line = self.random.choice(timed)
            begin = self.random.choice(["11:00 - 11:30", "14:00", "16:00-16:45", "9:05 - 9:20"])
            self.change(line, re.sub(r"\d\d:\d\d - \d\d:\d\d", begin, line, count=1))

    def add(self) -> None:
        line = f"{self.random.choice(['', '  '])}- [ ] New {self.added}"
        self.added += 1
        self.change(END, f"{line}\n{END}")

    def delete_a_mirror(self) -> None:
        if lines := self.mirrors():
            self.change(f"{self.random.choice(lines)}\n", "")

    def reword(self) -> None:
        name = self.random.choice(["Work.md", "Home.md"])
        self.change("[ ] ", f"[ ] {self.random.choice(['soon', 'later'])} ", name)

    def prepend(self) -> None:
        self.change("", "a line\n", self.random.choice([*NOTES]))

    def lose_index(self) -> None:
        forget_index(self.root)

    def act(self) -> None:
        acts: list[Callable[[], None]] = [self.tick, self.tick, self.move, self.add]
        acts += [self.delete_a_mirror, self.prepend, self.reword, self.lose_index]
        for _ in range(self.random.randrange(1, 4)):
            self.random.choice(acts)()


def check(root: Path, person: Person, said: list[str]) -> None:
    if any("nothing was changed" in line for line in said):  # reworded and ticked at once
        now = symbols(root)
        person.closed = {name: s for name, s in person.closed.items() if now[name] == s}
    found = tasks(root)
    expected = {f"{kind} {n}" for kind in ("Work", "Home") for n in range(4)} | {"Own 0", "Own 1"}
    expected |= {f"New {n}" for n in range(person.added)}
    assert set(found) == expected
    assert set(found.values()) == {1}, said


@pytest.mark.parametrize("seed", range(4))
def test_thirty_rounds_keep_every_task_once(root: Path, seed: int) -> None:
    person = Person(root, seed)
    sync(root)
    for _ in range(30):
        person.act()
        said = sync(root)
        check(root, person, said)
    assert sync(root) == []
    now = symbols(root)
    assert {name: now[name] for name in person.closed} == person.closed


def sync_in_child(root: Path) -> None:
    session = open_session(str(root), NOW, lambda line: None)
    with session.store() as store:
        refresh(session, store)
        publish(session, store)


@pytest.mark.parametrize("seed", range(3))
def test_a_run_that_is_killed_anywhere_loses_and_doubles_nothing(root: Path, seed: int) -> None:
    person, random = Person(root, seed), Random(seed)
    sync(root)
    for _ in range(15):
        person.act()
        still(root)
        number = random.randrange(1, 90)

        def killed() -> None:
            with counted(Nth(number, kill_myself)):  # noqa: B023 (it runs before the next round)
                sync_in_child(root)

        in_child(killed)
        check(root, person, [])
        said = sync(root)
        check(root, person, said)
    sync(root)
    now = symbols(root)
    assert {name: now[name] for name in person.closed} == person.closed
    assert temp_files(root) == []


def test_killed_at_any_call_a_sync_comes_out_the_same(vault: MakeVault) -> None:
    notes = {
        "mdtasks.toml": SETTINGS,
        "Work.md": "- [ ] Water ⏱ 20m 🔁 every day when done\n",
        "Home.md": "- [ ] Call ⏱ 30m 🔼\n",
        NOTE: "Dear diary,\n",
    }
    wanted: list[str] | None = None
    for number in count(0, STEP):
        root = vault(notes)
        forget_index(root)
        forget_state(root)
        open_session(str(root), NOW, print).places.feed.unlink(missing_ok=True)
        sync(root)
        edit(root, "- [ ] 09:00 - 09:20 Water", "- [x] 09:00 - 09:20 Water")
        edit(root, "09:25 - 09:55 Call", "14:00 - 15:00 Call")
        edit(root, END, f"- [ ] New\n{END}")
        still(root)
        was_killed = number > 0 and killed_at(number, partial(sync_in_child, root))
        sync(root)
        forget_index(root)
        sync(root)
        now = [text_of(root, name) for name in notes]
        wanted = wanted or now
        assert now == wanted
        assert temp_files(root) == []
        if number > 0 and not was_killed:
            break
    assert text_of(root, "Work.md").count("- [") == 2
    assert "14:00-15:00" in text_of(root, "Home.md")
