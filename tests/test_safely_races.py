"""Notes that others write at the same time: editors, other runs of ours, and the end of a run."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mdtasks.errors import LockedError, MdtasksError, RefusedError
from mdtasks.model import Edit
from mdtasks.write import files, renames, swap
from mdtasks.write.locks import hold
from mdtasks.write.safely import Patience, apply, take_back, write_note
from tests.conftest import MakeVault
from tests.faults import no_lease
from tests.ticking import (
    AT_ONCE,
    ONE,
    ONE_DATED,
    ONE_DONE,
    dated,
    make_old,
    temp_files,
    tick,
)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


# --- waiting ---


def test_a_note_saved_a_moment_ago_is_waited_for(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE})
    saved = (root / "a.md").stat().st_mtime
    apply(root, state, [tick("a.md", 1, "one")])
    assert (root / "a.md").stat().st_mtime - saved >= 0.5


def test_a_note_that_an_editor_is_putting_back_is_waited_for(vault: MakeVault, state: Path) -> None:
    note = vault({"a.md": ONE}) / "a.md"
    make_old(note)
    backup = note.rename(note.with_name("a.md~"))
    editor = threading.Timer(0.2, lambda: backup.rename(note))
    editor.start()
    apply(note.parent, state, [dated("a.md", 1, "one")])
    editor.join()
    assert note.read_bytes() == ONE_DATED


def test_our_own_last_write_is_not_waited_for(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE})
    make_old(root / "a.md")
    began = time.monotonic()
    apply(root, state, [tick("a.md", 1, "one")])
    take_back(root, state)
    assert time.monotonic() - began < 0.5


def test_a_note_that_finds_no_rest_is_refused_and_nobody_is_kept_waiting(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE})
    stop = threading.Event()

    def save_often() -> None:
        while not stop.wait(0.02):
            (root / "a.md").write_bytes(ONE)

    editor = threading.Thread(target=save_often)
    refusals: list[MdtasksError] = []

    def try_to_tick() -> None:
        with pytest.raises(RefusedError, match="another program is writing this note") as refused:
            apply(root, state, [tick("a.md", 1, "one")], Patience(wait=timedelta(seconds=0.4)))
        refusals.append(refused.value)

    writer = threading.Thread(target=try_to_tick)
    editor.start()
    writer.start()
    with hold(state, "write", timedelta(seconds=0.2)):  # free while the other waits for quiet
        pass
    writer.join()
    stop.set()
    editor.join()
    assert len(refusals) == 1
    assert (root / "a.md").read_bytes() == ONE


def test_a_write_waits_for_the_lock_and_then_goes_on(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE})
    with hold(state, "write"):
        with pytest.raises(LockedError):
            apply(root, state, [tick("a.md", 1, "one")], Patience(lock=timedelta(0)))
        later = threading.Thread(target=apply, args=(root, state, [tick("a.md", 1, "one")]))
        later.start()
        later.join(0.1)
        assert later.is_alive()
        assert (root / "a.md").read_bytes() == ONE
    later.join()
    assert (root / "a.md").read_bytes() == ONE_DONE


# --- saves at the worst moment ---

Save = Callable[[], object]


@pytest.fixture
def no_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swap, "nobody_writes", no_lease)


def save_before_exchanges(monkeypatch: pytest.MonkeyPatch, saves: list[Save]) -> None:
    """Let an editor save at the worst moments: between the last look and the exchange."""
    exchange, to_come = renames.exchange, iter(saves)

    def saving_first(one: Path, other: Path) -> bool:
        next(to_come, lambda: None)()
        return exchange(one, other)

    monkeypatch.setattr(renames, "exchange", saving_first)


@pytest.mark.usefixtures("no_leases")
@pytest.mark.parametrize("saves", [1, 2, 3, 4])
@pytest.mark.parametrize("model", ["truncate", "rename"])
def test_saves_at_the_last_moment_stay_and_the_edit_is_made_on_them(
    vault: MakeVault, state: Path, monkeypatch: pytest.MonkeyPatch, saves: int, model: str
) -> None:
    note = vault({"a.md": ONE}) / "a.md"

    def saving(number: int) -> Save:
        data = ONE + b"saved %d\n" % number
        new = note.with_name("editor")
        if model == "truncate":
            return lambda: note.write_bytes(data)
        return lambda: (new.write_bytes(data), new.replace(note))

    save_before_exchanges(monkeypatch, [saving(number) for number in range(saves)])
    apply(note.parent, state, [dated("a.md", 1, "one")], AT_ONCE)
    assert note.read_bytes() == ONE_DATED + b"saved %d\n" % (saves - 1)
    assert list(note.parent.iterdir()) == [note]


@pytest.mark.usefixtures("no_leases")
def test_a_save_into_the_displaced_file_is_put_back(
    vault: MakeVault, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = vault({"a.md": ONE}) / "a.md"
    sync, saves = files.sync_folder, iter([ONE + b"saved late\n"])

    with note.open("r+b", buffering=0) as editor:  # opened before, saved after the exchange

        def save_then_sync(folder: Path) -> None:
            editor.write(next(saves, b""))
            sync(folder)

        monkeypatch.setattr(renames, "sync_folder", save_then_sync)
        apply(note.parent, state, [dated("a.md", 1, "one")], AT_ONCE)
    assert note.read_bytes() == ONE_DATED + b"saved late\n"


@pytest.mark.usefixtures("no_leases")
def test_a_note_taken_back_while_it_is_saved_keeps_the_save(
    vault: MakeVault, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = vault({"a.md": ONE})
    note = root / "a.md"
    (state / "undo.jsonl").mkdir(parents=True)  # so that the write is taken back
    save_before_exchanges(
        monkeypatch, [lambda: None, lambda: note.write_bytes(ONE_DATED + b"saved\n")]
    )
    with pytest.raises(MdtasksError):
        apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    assert note.read_bytes() == ONE + b"saved\n"


@pytest.mark.usefixtures("no_leases")
def test_what_cannot_be_taken_back_is_said(
    vault: MakeVault, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = vault({"a.md": ONE})
    note = root / "a.md"
    (state / "undo.jsonl").mkdir(parents=True)
    rewritten = b"something else\n"
    save_before_exchanges(monkeypatch, [lambda: None, lambda: note.write_bytes(rewritten)])
    with pytest.raises(RefusedError, match=r"^a\.md: written, and cannot be taken back"):
        apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    assert note.read_bytes() == rewritten


# --- real processes ---

TOGGLER = """
import sys
from datetime import timedelta
from pathlib import Path
from mdtasks.model import Edit
from mdtasks.write.safely import Patience, apply
root, state, first = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
while True:
    lines = ["- [ ] one", "- [x] one ✅ 2026-11-22"]
    for before, after in (lines, lines[::-1]):
        edits = [Edit(name, 1, before, (after,)) for name in ("a.md", "b.md")[first:]]
        apply(root, state, edits, Patience(quiet=timedelta(0)))
"""


def interrupt_toggler(root: Path, state: Path, first: int, number: int, delay: float) -> None:
    toggler = subprocess.Popen(
        [sys.executable, "-c", TOGGLER, str(root), str(state), str(first)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert toggler.stdout is not None
    assert toggler.stdout.readline() == "ready\n"
    with pytest.raises(subprocess.TimeoutExpired):
        toggler.wait(delay)
    toggler.send_signal(number)
    toggler.communicate()


def test_a_kill_at_any_moment_leaves_the_old_note_or_the_new(vault: MakeVault, state: Path) -> None:
    rest = b"some text\n" * 20_000
    root = vault({"b.md": ONE + rest})
    chance = random.Random(1)
    for _ in range(8):
        interrupt_toggler(root, state, 1, signal.SIGKILL, chance.uniform(0.005, 0.05))
        assert (root / "b.md").read_bytes() in (ONE + rest, ONE_DATED + rest)
        write_note(root, state, "c.md", None, b"the next run\n", AT_ONCE)
        assert sorted(root.iterdir()) == [root / "b.md", root / "c.md"]
        (root / "c.md").unlink()
        if (root / "b.md").read_bytes() != ONE + rest:
            back = Edit("b.md", 1, ONE_DATED.decode().strip(), ("- [ ] one",))
            apply(root, state, [back], AT_ONCE)
        assert (root / "b.md").read_bytes() == ONE + rest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_waits_until_all_notes_are_written(
    vault: MakeVault, state: Path, number: int
) -> None:
    root = vault({"a.md": ONE, "b.md": ONE})
    chance = random.Random(2)
    for _ in range(5):
        interrupt_toggler(root, state, 0, number, chance.uniform(0.005, 0.05))
        assert sorted(root.iterdir()) == [root / "a.md", root / "b.md"]
        both = {(root / name).read_bytes() for name in ("a.md", "b.md")}
        assert both in ({ONE}, {ONE_DATED})
        if both == {ONE_DATED}:
            take_back(root, state, AT_ONCE)


def test_what_a_killed_run_left_behind_is_kept_before_it_goes(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE, ".b.md.mdtasks-0123abcd.tmp": b"perhaps a save\n"})
    fresh = root / ".c.md.mdtasks-0123abcd.tmp"
    fresh.write_bytes(b"of another device, at work\n")
    make_old(root / ".b.md.mdtasks-0123abcd.tmp")
    apply(root, state, [tick("a.md", 1, "one")], AT_ONCE)
    assert temp_files(root) == [fresh]
    copies = {copy.read_bytes() for copy in (state / "displaced").iterdir()}
    assert copies == {b"perhaps a save\n", ONE}


TICKER = """
import sys
from pathlib import Path
from mdtasks.model import Edit
from mdtasks.write.safely import apply
root, state, first = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
for line in range(first, 31, 2):
    apply(root, state, [Edit("a.md", line, f"- [ ] {line}", (f"- [x] {line}",))])
"""


def test_two_runs_at_once_write_all_their_lines(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": "".join(f"- [ ] {line}\n" for line in range(1, 31))})
    make_old(root / "a.md")
    runs = [
        subprocess.Popen([sys.executable, "-c", TICKER, str(root), str(state), first])
        for first in ("1", "2")
    ]
    assert [run.wait() for run in runs] == [0, 0]
    assert (root / "a.md").read_text() == "".join(f"- [x] {line}\n" for line in range(1, 31))
