"""The second look: what an editor writes over is written once more, and then said."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mdtasks.errors import LockedError
from mdtasks.model import Edit
from mdtasks.write import journal, outbox, settle, settling, swap, temps
from mdtasks.write.locks import hold, is_held
from mdtasks.write.safely import apply, take_back, write_note
from mdtasks.write.splice import Splice
from tests.conftest import MakeVault
from tests.running import command, environ
from tests.ticking import AT_ONCE, ONE, ONE_DATED, dated, make_old, tick

PUT_BACK = "an editor put the old line back, twice"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at once, and never for the last time."""
    monkeypatch.setattr(settling, "LOOKS", (0.0, 60.0))


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look is the last."""
    monkeypatch.setattr(settling, "LOOKS", (0.0, 0.0))


def stale_save(note: Path, data: bytes) -> None:
    """Save over a note what an editor had in its window before."""
    new = note.with_name("editor")
    new.write_bytes(data)
    make_old(new)  # so that nobody waits for quiet
    new.replace(note)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("edit", [tick, dated], ids=["in place", "exchange"])
def test_a_stale_save_is_ticked_once_more_and_then_said(
    vault: MakeVault, state: Path, edit: Callable[[str, int, str], Edit]
) -> None:
    root = vault({"a.md": ONE})
    note = root / "a.md"
    apply(root, state, [edit("a.md", 1, "one")], AT_ONCE)
    ticked = note.read_bytes()
    stale_save(note, b"typed\n" + ONE)
    assert settle.look_again(root, state)
    assert note.read_bytes() == b"typed\n" + ticked
    assert outbox.is_empty(state)
    stale_save(note, b"typed more\n" + ONE)
    settle.look_again(root, state)
    assert note.read_bytes() == b"typed more\n" + ONE
    assert [(one.text, one.why) for one in outbox.pending(state)] == [("- [ ] one", PUT_BACK)]
    # One command, taken back by one undo: there is only something to forget.
    told: list[str] = []
    assert take_back(root, state, AT_ONCE, told.append) == ()
    assert len(told) == 1
    assert outbox.is_empty(state)
    assert journal.last(state, time.time()) is None
    assert note.read_bytes() == b"typed more\n" + ONE


@pytest.mark.usefixtures("soon")
def test_a_tick_that_was_written_again_is_taken_back_by_one_undo(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE + b"- [ ] two\n"})
    apply(root, state, [dated("a.md", 1, "one"), dated("a.md", 2, "two")], AT_ONCE)
    stale_save(root / "a.md", b"typed\n" + ONE + b"- [ ] two\n")
    settle.look_again(root, state)
    assert (root / "a.md").read_bytes().count(b"[x]") == 2
    assert len(take_back(root, state, AT_ONCE)) == 2
    assert (root / "a.md").read_bytes() == b"typed\n" + ONE + b"- [ ] two\n"
    settle.look_again(root, state)
    assert (root / "a.md").read_bytes() == b"typed\n" + ONE + b"- [ ] two\n"


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    "now", [ONE_DATED + b"typed\n", b"- [ ] one, reworded\n", b"", ONE_DATED + ONE]
)
def test_other_saves_are_left_alone(vault: MakeVault, state: Path, now: bytes) -> None:
    root = vault({"a.md": ONE})
    apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    stale_save(root / "a.md", now)
    settle.look_again(root, state)
    assert (root / "a.md").read_bytes() == now
    assert outbox.is_empty(state)


@pytest.mark.usefixtures("soon")
def test_what_was_undone_or_changed_again_by_us_is_not_written_again(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE, "b.md": ONE})
    apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    take_back(root, state, AT_ONCE)
    apply(root, state, [tick("b.md", 1, "one")], AT_ONCE)
    apply(root, state, [Edit("b.md", 1, "- [x] one", ("- [ ] one",))], AT_ONCE)
    for name in ("a.md", "b.md"):
        stale_save(root / name, ONE)
    settle.look_again(root, state)
    assert (root / "a.md").read_bytes() == (root / "b.md").read_bytes() == ONE


@pytest.mark.usefixtures("soon")
def test_an_undo_that_is_written_over_is_made_once_more(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE})
    apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    take_back(root, state, AT_ONCE)
    stale_save(root / "a.md", ONE_DATED)
    settle.look_again(root, state)
    assert (root / "a.md").read_bytes() == ONE


@pytest.mark.usefixtures("late")
def test_after_the_last_look_nothing_is_looked_at_any_more(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE})
    apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    assert settle.look_again(root, state) is None
    assert settling.is_empty(state)
    stale_save(root / "a.md", ONE)
    assert settle.look_again(root, state) is None
    assert (root / "a.md").read_bytes() == ONE


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("torn", [b"", ONE[:4], None], ids=["empty", "half", "away"])
def test_the_last_look_waits_for_the_end_of_a_save(
    vault: MakeVault, state: Path, torn: bytes | None
) -> None:
    root = vault({"a.md": ONE})
    note = root / "a.md"
    apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    note.unlink() if torn is None else stale_save(note, torn)
    assert settle.look_again(root, state) is not None
    stale_save(note, ONE)
    settle.look_again(root, state)
    assert note.read_bytes() == ONE_DATED
    assert settle.look_again(root, state) is None


@pytest.mark.usefixtures("soon")
def test_a_line_that_came_and_was_reworded_is_not_wanted_any_more(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE + b"- [ ] two\n"})
    fresh = Splice("a.md", 2, (), ("- [ ] fresh",), ("- [ ] one", "- [ ] two"))
    apply(root, state, [fresh], AT_ONCE)
    stale_save(root / "a.md", ONE + b"- [ ] fresher\n- [ ] two\n")
    settle.look_again(root, state)
    assert (root / "a.md").read_bytes() == ONE + b"- [ ] fresher\n- [ ] two\n"
    assert outbox.is_empty(state)
    # Where an editor put the note back as it was, the line comes again.
    stale_save(root / "a.md", ONE + b"- [ ] two\n")
    settle.look_again(root, state)
    assert (root / "a.md").read_bytes() == ONE + b"- [ ] fresh\n- [ ] two\n"


@pytest.mark.usefixtures("late")
def test_a_stale_save_between_two_ticks_is_seen_behind_the_second(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE + b"- [ ] two\n"})
    apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    stale_save(root / "a.md", b"typed\n" + ONE + b"- [ ] two\n")
    apply(root, state, [dated("a.md", 3, "two")], AT_ONCE)
    settle.look_again(root, state)
    assert (root / "a.md").read_text("utf-8") == (
        "typed\n- [x] one ✅ 2026-11-22\n- [x] two ✅ 2026-11-22\n"
    )


@pytest.mark.usefixtures("soon")
def test_a_line_that_our_own_section_opened_again_is_not_ticked_again(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE})
    apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    write_note(root, state, "a.md", ONE_DATED, b"written\n" + ONE, AT_ONCE)
    assert settle.look_again(root, state) is None
    assert (root / "a.md").read_bytes() == b"written\n" + ONE


def test_looks_are_due_after_one_second_and_after_five(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE})
    assert settle.look_again(root, state) is None
    apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    due = settle.look_again(root, state)
    assert due is not None
    assert 0 < due <= 1
    assert settling.LOOKS == (1.0, 5.0)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("edit", [tick, dated], ids=["in place", "exchange"])
def test_a_save_right_behind_a_tick_is_not_taken_for_our_own(
    vault: MakeVault,
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
    edit: Callable[[str, int, str], Edit],
) -> None:
    root = vault({"a.md": ONE})
    saved: list[bytes] = []

    def save_at_once() -> None:
        if (root / "a.md").read_bytes() != ONE and not saved:
            stale_save(root / "a.md", ONE)
            saved.append(ONE)

    def saving(call: Callable[..., object]) -> Callable[..., None]:
        def then_save(*args: Any) -> None:
            call(*args)
            save_at_once()

        return then_save

    def close(descriptor: int, really: Callable[[int], None] = os.close) -> None:
        is_note = os.fstat(descriptor).st_ino == (root / "a.md").stat().st_ino
        really(descriptor)
        if is_note:  # as long as that one is open, nobody can save
            save_at_once()

    monkeypatch.setattr(os, "close", close)
    monkeypatch.setattr(swap, "remove", saving(temps.remove))
    apply(root, state, [edit("a.md", 1, "one")], AT_ONCE)
    monkeypatch.undo()
    assert saved
    assert (root / "a.md").read_bytes() == ONE
    monkeypatch.setattr(settling, "LOOKS", (0.0, 60.0))
    settle.look_again(root, state)
    assert (root / "a.md").read_text("utf-8") == f"{edit('a.md', 1, 'one').after[0]}\n"


# --- the child ---


def done(root: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run `mdtasks done` with pipes for stdout and stderr, and one more, which all must close."""
    ours, theirs = os.pipe()
    try:
        ran = subprocess.run(
            command(root, "done", "a.md:1"),
            capture_output=True,
            check=True,
            pass_fds=[theirs],
            env={**environ(), **variables},
        )
    finally:
        os.close(theirs)
    assert os.read(ours, 1) == b""  # the end: nobody can write into it any more
    os.close(ours)
    return ran


def state_of(root: Path) -> Path:
    from mdtasks.config import load, places

    return places(root, load(root).config).state


def test_done_leaves_a_child_that_looks_again_and_ends(vault: MakeVault) -> None:
    root = vault({"a.md": ONE})
    make_old(root / "a.md")
    done(root, MDTASKS_SETTLE="")
    ticked = (root / "a.md").read_bytes()
    assert ticked.startswith(b"- [x] one")
    stale_save(root / "a.md", b"typed\n" + ONE)
    state = state_of(root)
    deadline = time.monotonic() + 30
    while (root / "a.md").read_bytes() != b"typed\n" + ticked and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (root / "a.md").read_bytes() == b"typed\n" + ticked
    while is_held(state, "settle") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert settling.is_empty(state)
    assert outbox.is_empty(state)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_while_a_watcher_runs_there_is_no_child(vault: MakeVault) -> None:
    root = vault({"a.md": ONE})
    make_old(root / "a.md")
    with hold(state_of(root), "watch"):
        done(root, MDTASKS_SETTLE="")
    assert not settling.is_empty(state_of(root))
    assert not (state_of(root) / "settle.lock").exists()


def test_there_is_a_child_also_where_posix_spawn_makes_no_session(
    vault: MakeVault, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_session(*words: object, **more: object) -> int:
        raise NotImplementedError

    monkeypatch.setattr(os, "posix_spawn", no_session)
    monkeypatch.setenv("MDTASKS_SETTLE", "")
    root = vault({"a.md": ONE})
    apply(root, state, [tick("a.md", 1, "one")], AT_ONCE)
    told: list[str] = []
    settle.start(root, state, told.append)
    deadline = time.monotonic() + 30
    while not settling.is_empty(state) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert settling.is_empty(state)
    assert told == []


def test_that_nobody_can_look_again_is_said(
    vault: MakeVault, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*words: object, **more: object) -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "posix_spawn", full)
    monkeypatch.setenv("MDTASKS_SETTLE", "")
    root = vault({"a.md": ONE})
    apply(root, state, [tick("a.md", 1, "one")], AT_ONCE)
    told: list[str] = []
    settle.start(root, state, told.append)
    (line,) = told
    assert line.startswith("the note is written, but nobody will look")
    assert line.endswith("(Resource temporarily unavailable)")


def test_a_child_that_others_keep_from_looking_ends(
    vault: MakeVault, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "LOOKS", (0.01, 0.02))
    monkeypatch.setattr(settle, "_LONGEST_SECONDS", 0.05)
    root = vault({"a.md": ONE})
    apply(root, state, [tick("a.md", 1, "one")], AT_ONCE)
    tries = []

    def locked(*words: object) -> None:
        tries.append(words)
        raise LockedError("another mdtasks is writing", "try again")

    monkeypatch.setattr(settle, "look_again", locked)
    settle._look_until_settled(root, state)
    assert tries


def test_the_child_loads_little_to_begin_with() -> None:
    loaded = subprocess.run(
        [sys.executable, "-S", "-P", "-c", "import sys, mdtasks.write.settle; print(*sys.modules)"],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    ).stdout.split()
    assert "mdtasks.write.settling" in loaded
    heavy = {"subprocess", "json", "dataclasses", "hashlib", "mdtasks.write.safely", "click"}
    assert heavy & set(loaded) == set()


# --- at the same time ---


@pytest.mark.parametrize("notes", [1, 10])
def test_ten_ticks_at_once_all_succeed(vault: MakeVault, notes: int) -> None:
    lines = 10 // notes
    text = "".join(f"- [ ] task {line}\n" for line in range(lines))
    root = vault({f"{note}.md": text for note in range(notes)})
    for path in root.iterdir():
        make_old(path)
    runs = [
        subprocess.Popen(
            command(root, "done", f"{number // lines}.md:{number % lines + 1}"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environ(),
        )
        for number in range(10)
    ]
    said = [(run.communicate()[1], run.returncode) for run in runs]
    assert said == [(b"", 0)] * 10
    text = "".join(f"- [x] task {line} ✅ 2026-11-23\n" for line in range(lines))
    assert [path.read_text("utf-8") for path in root.iterdir()] == [text] * notes
    assert not is_held(state_of(root), "write")
