"""Editors that save all the time, while ticks are written: no save is lost, no byte is torn, and
what was reported done is in the note or in the outbox.

`python -m pytest tests/test_safely_editors.py --race-seconds 60` races for longer.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from mdtasks.errors import ChangedUnderUsError, RefusedError
from mdtasks.model import Edit
from mdtasks.write import outbox, renames, settle, settling
from mdtasks.write.safely import Patience, apply, deliver
from tests.conftest import MakeVault
from tests.ticking import AT_ONCE, RIGHT_NOW, dated, temp_files, tick

TASKS_A_SECOND = 40
LOOKS = (0.05, 0.5)
FILLER = "some text\n" * 2000

# Reads the note, puts a new number into its second line and saves it, again and again; after each
# save it looks whether the note holds the number. A moment's grace: what we took away by mistake
# is back within one exchange. "slow" is in the midst of its save for a while.
EDITOR = """
import os, random, sys, time
path, model, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
def read():
    while True:
        with open(path, "rb") as file:
            lines = file.read().split(b"\\n")
        if len(lines) > 2100:
            return lines
def save(data):
    if model == "rename":
        with open(path + ".editor", "wb") as file:
            file.write(data)
        os.replace(path + ".editor", path)
        return
    if model == "backup":
        os.replace(path, path + "~")
    with open(path, "wb", buffering=0) as file:
        if model == "slow":
            file.write(data[:9000])
            time.sleep(0.05)
            file.write(data[9000:])
        else:
            file.write(data)
def holds(number):
    try:
        with open(path, "rb") as file:
            return file.read().split(b"\\n")[1:2] == [b"save %d" % number]
    except FileNotFoundError:
        return False
number = lost = held = 0
end = time.monotonic() + seconds
while time.monotonic() < end:
    number += 1
    began, lines = time.monotonic(), read()
    lines[1] = b"save %d" % number
    save(b"\\n".join(lines))
    held = max(held, time.monotonic() - began)
    grace = time.monotonic() + 1
    while not holds(number):
        if time.monotonic() > grace:
            lost += 1
            break
    time.sleep(random.uniform(0, 0.04))
print(number, lost, held)
"""

MakeEdit = Callable[[str, int, str], Edit]


def note(tasks: int, done: set[int], number: int, edit: MakeEdit) -> bytes:
    """Return the note with these tasks done, as the editor saved it last."""
    lines = ["# Tasks", f"save {number}"]
    for task in range(tasks):
        one = edit("a.md", 1, f"task {task}")
        lines.append(one.after[0] if task in done else one.before)
    return ("\n".join(lines) + "\n" + FILLER).encode()


class Race(NamedTuple):
    """How a race ended: the number of the last save, how many saves were lost, for how long the
    editor had held in its window what it saved, at most; what was reported done, what waits."""

    saves: int
    lost: int
    held: float
    reported: set[int]
    waiting: set[int]


@pytest.mark.parametrize("edit", [tick, dated], ids=["in place", "exchange"])
@pytest.mark.parametrize("model", ["rename", "truncate", "backup", "slow"])
def test_no_save_and_no_tick_is_lost_to_the_other(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    edit: MakeEdit,
    race_seconds: float,
) -> None:
    monkeypatch.setattr(settling, "LOOKS", LOOKS)
    tasks = int(race_seconds * TASKS_A_SECOND)
    for again in range(10):
        root, state = tmp_path / f"vault {again}", tmp_path / f"state {again}"
        root.mkdir()
        (root / "a.md").write_bytes(note(tasks, set(), 0, edit))
        raced = race(root, state, model, edit, tasks, race_seconds)
        # Where the machine stood still for longer than we look, nothing was promised.
        if raced.held < LOOKS[-1]:
            break
    else:
        pytest.fail(f"this machine stands still for longer than {LOOKS[-1]} s all the time")
    assert raced.lost == 0
    assert raced.saves
    assert raced.reported
    done = raced.reported - raced.waiting
    assert (root / "a.md").read_bytes() == note(tasks, done, raced.saves, edit)
    assert temp_files(root) == []


def race(root: Path, state: Path, model: str, edit: MakeEdit, tasks: int, seconds: float) -> Race:
    """Tick the tasks of a note one by one, while an editor saves it again and again."""
    editor = subprocess.Popen(
        [sys.executable, "-c", EDITOR, str(root / "a.md"), model, str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
    )
    reported: set[int] = set()
    task = 0
    while editor.poll() is None and task < tasks:
        try:
            apply(root, state, [edit("a.md", task + 3, f"task {task}")], RIGHT_NOW)
        except (ChangedUnderUsError, RefusedError):
            pass  # torn, away, or saved just then: the person is told, and tries again
        else:
            reported.add(task)
            task += 1
        settle.look_again(root, state)
    saves, lost, held = editor.communicate()[0].split()
    settle_down(root, state)
    waiting = {int(one.text.rpartition(" ")[2]) for one in outbox.pending(state)}
    return Race(int(saves), int(lost), float(held), reported, waiting)


def settle_down(root: Path, state: Path) -> None:
    """Do at the end what the watcher or the child does: look until nothing is left to look at."""
    while settle.look_again(root, state) is not None:
        pass
    deliver(root, state, AT_ONCE)


def test_an_editor_that_holds_the_note_open_for_writing_is_waited_for(
    vault: MakeVault, tmp_path: Path
) -> None:
    root, state = vault({"a.md": "- [ ] one\n"}), tmp_path / "state"
    with (root / "a.md").open("r+b") as editor:
        for edit in (tick, dated):
            with pytest.raises(RefusedError, match="another program is writing"):
                apply(root, state, [edit("a.md", 1, "one")], RIGHT_NOW)
        editor.seek(0, 2)
        editor.write(b"more\n")
    apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    assert (root / "a.md").read_text("utf-8") == "- [x] one ✅ 2026-11-22\nmore\n"


OPENER = """
import sys
print("ready", flush=True)
sys.stdin.readline()
with open(sys.argv[1], "r+b") as note:
    note.seek(0, 2)
    note.write(b"more\\n")
"""


def test_a_note_that_is_opened_during_the_exchange_is_given_back(
    vault: MakeVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, state = vault({"a.md": "- [ ] one\n"}), tmp_path / "state"
    opener = subprocess.Popen(
        [sys.executable, "-c", OPENER, str(root / "a.md")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert opener.stdin is not None
    assert opener.stdout is not None
    assert opener.stdout.readline() == "ready\n"
    exchange = renames.exchange
    first = count()

    def exchange_while_it_opens(one: Path, other: Path) -> bool:
        if next(first) == 0:
            assert opener.stdin is not None
            opener.stdin.write("\n")
            opener.stdin.flush()
            wait_until_asleep(opener.pid)
        return exchange(one, other)

    monkeypatch.setattr(renames, "exchange", exchange_while_it_opens)
    patience = Patience(quiet=timedelta(0), wait=timedelta(seconds=5))
    apply(root, state, [dated("a.md", 1, "one")], patience)
    opener.communicate()
    assert opener.returncode == 0
    assert (root / "a.md").read_text("utf-8") == "- [x] one ✅ 2026-11-22\nmore\n"


def wait_until_asleep(process: int) -> None:
    """Wait until a process waits in the kernel for what it wants to open (or, where nobody keeps
    it from opening, is through)."""
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        try:
            if "break_lease" in Path(f"/proc/{process}/wchan").read_text():
                return
        except OSError:
            return
