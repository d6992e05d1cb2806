"""What a person changes by hand between two runs: it is met as theirs, and never undone."""

from __future__ import annotations

import errno
import os
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mdtasks.app.changes import carry_out, to_complete
from mdtasks.app.refresh import opened
from mdtasks.errors import ChangedUnderUsError, RefusedError
from mdtasks.model import Edit
from mdtasks.write import journal, outbox, settle, settling, temps
from mdtasks.write.safely import apply, deliver, take_back, write_note
from mdtasks.write.splice import Splice, splice_note
from mdtasks.write.target import FailedError
from tests.conftest import MakeVault
from tests.faults import counted, failing, in_child, kill_myself
from tests.running import mdtasks, still
from tests.sections import BLOCK, NOTES, edit, forget_state, session_of, sync, text_of
from tests.test_outbox import asked
from tests.ticking import AT_ONCE, ONE, ONE_DATED, ONE_DONE, dated, make_old, tick


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def killed_before_commit(root: Path, state: Path, edits: list[Edit]) -> None:
    """Write the notes, and die before the undo store knows."""

    def work() -> None:
        def die(*args: Any) -> None:
            kill_myself("record")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(journal, "record", die)
            apply(root, state, edits, AT_ONCE)

    assert in_child(work) < 0


def saved(note: Path, data: bytes) -> None:
    """Save as an editor does, a while ago."""
    new = note.with_name("editor")
    new.write_bytes(data)
    make_old(new)
    new.replace(note)


@pytest.mark.parametrize(("made", "written"), [(tick, ONE_DONE), (dated, ONE_DATED)])
def test_what_a_killed_run_had_ticked_and_a_person_opened_again_stays_open(
    vault: MakeVault, state: Path, made: Any, written: bytes
) -> None:
    root = vault({"a.md": ONE})
    killed_before_commit(root, state, [made("a.md", 1, "one")])
    assert (root / "a.md").read_bytes() == written
    saved(root / "a.md", b"typed\n" + ONE)
    deliver(root, state, AT_ONCE)
    assert (root / "a.md").read_bytes() == b"typed\n" + ONE
    [left] = outbox.pending(state)
    assert "changed" in left.why


def test_of_two_notes_that_a_killed_run_had_ticked_the_one_opened_again_stays_open(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE, "b.md": ONE})
    killed_before_commit(root, state, [tick("a.md", 1, "one"), dated("b.md", 1, "one")])
    saved(root / "b.md", ONE)
    deliver(root, state, AT_ONCE)
    assert (root / "a.md").read_bytes() == ONE_DONE
    assert (root / "b.md").read_bytes() == ONE


def test_an_undo_that_was_killed_does_not_untick_what_was_ticked_again(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE})
    apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)

    def work() -> None:
        def die(*args: Any) -> None:
            kill_myself("drop")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(journal, "drop", die)
            take_back(root, state, AT_ONCE)

    assert in_child(work) < 0
    assert (root / "a.md").read_bytes() == ONE
    saved(root / "a.md", ONE_DATED)
    deliver(root, state, AT_ONCE)
    assert (root / "a.md").read_bytes() == ONE_DATED


def test_a_twin_that_came_to_our_number_is_not_taken_for_our_line() -> None:
    done = "- [x] one"
    back = Splice("a.md", 4, (done,), ("- [ ] one",), ("beta", "gamma"))
    moved = b"new\nnew\nnew\n- [x] one\nbeta\n- [x] one\ngamma\n"
    with pytest.raises(ChangedUnderUsError):
        splice_note(moved, [back])


def test_a_twin_between_the_neighbours_that_ours_had_is_not_ticked_for_it(
    vault: MakeVault, state: Path
) -> None:
    twins = b"\n- [ ] one\n\n- [ ] one\n\n"
    state.mkdir()
    root = vault({"a.md": twins})
    asked(root, state, dated("a.md", 2, "one"))
    saved(root / "a.md", b"\n- [ ] one\n    ours\n\n- [ ] one\n\n")
    deliver(root, state, AT_ONCE)
    assert (root / "a.md").read_bytes() == b"\n- [ ] one\n    ours\n\n- [ ] one\n\n"
    assert outbox.pending(state)


@pytest.mark.parametrize("back_by", [100, 3600])
def test_a_clock_that_is_set_back_makes_no_later_look(
    vault: MakeVault, state: Path, monkeypatch: pytest.MonkeyPatch, back_by: int
) -> None:
    root = vault({"a.md": ONE})
    apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - back_by)
    pause = settle.look_again(root, state)
    assert pause is None or pause <= settling.LOOKS[-1]


def test_a_note_that_is_refused_for_a_link_makes_no_folder_behind_it(
    vault: MakeVault, state: Path, tmp_path: Path
) -> None:
    root = vault({"a.md": ONE})
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "Daily").symlink_to(outside)
    with pytest.raises(RefusedError, match="out of the vault"):
        write_note(root, state, "Daily/2026/11/x.md", None, b"x\n", AT_ONCE)
    assert not list(outside.iterdir())


@pytest.mark.parametrize("letters", [3, 4, 6])
def test_a_made_up_id_that_begins_like_a_task_s_ticks_nothing(
    vault: MakeVault, letters: int
) -> None:
    root = vault(NOTES)
    sync(root)
    [line] = [line for line in text_of(root).splitlines() if BLOCK in line]
    own = line.rpartition("^mt-")[2]
    forget_state(root)
    edit(root, line, f"{line}\n- [x] Something else ^mt-{own[:letters]}")
    sync(root)
    assert text_of(root, "Work.md") == NOTES["Work.md"]


def test_what_a_section_cannot_show_as_it_is_is_no_change_of_words(vault: MakeVault) -> None:
    words = "Read %%all%% of\x07it"
    root = vault({**NOTES, "Work.md": f"- [ ] {words} ⏱ 1h 🔼\n"})
    sync(root)
    forget_state(root)
    edit(root, "- [ ] 09:00", "- [x] 09:00")
    sync(root)
    assert text_of(root, "Work.md").startswith(f"- [x] {words}")


def test_the_files_that_hold_words_of_notes_are_for_their_owner_alone(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE})
    before = os.umask(0o022)
    try:
        apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    finally:
        os.umask(before)
    assert not state.stat().st_mode & 0o077
    for file in state.rglob("*"):
        assert not file.stat().st_mode & 0o077, file


AGAIN = "- [ ] water 🔁 every day when done"


def test_two_runs_that_read_the_same_open_line_tick_it_once(vault: MakeVault) -> None:
    root = vault({"a.md": f"{AGAIN}\n"})
    one, other = session_of(root), session_of(root)
    with opened(one) as (store, _), opened(other) as (later, _):
        [task] = store.tasks()
        edits, same = to_complete(one, store, [task.uid]), to_complete(other, later, [task.uid])
        still(root)
        carry_out(one, store, edits)
        with pytest.raises(ChangedUnderUsError):
            carry_out(other, later, same)
    assert text_of(root, "a.md").count("[x]") == 1


def test_who_reads_after_a_tick_may_tick_the_next_time(vault: MakeVault) -> None:
    root = vault({"a.md": f"{AGAIN}\n"})
    still(root)
    for _ in range(2):
        assert mdtasks(root, "done", "a.md:1").code == 0
    assert text_of(root, "a.md").count("[x]") == 2


def test_a_tick_that_this_very_run_delivered_is_not_made_again(vault: MakeVault) -> None:
    root = vault({"a.md": f"{AGAIN}\n"})
    session = session_of(root)
    with opened(session) as (store, _):
        edits = to_complete(session, store, [store.tasks()[0].uid])
    session.places.state.mkdir(parents=True, exist_ok=True)
    asked(root, session.places.state, *edits)
    still(root)
    assert mdtasks(root, "done", "a.md:1").code != 0
    assert text_of(root, "a.md").count("[x]") == 1


def test_a_repeating_tick_that_was_opened_line_by_line_is_not_written_again(
    vault: MakeVault, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "LOOKS", (0.0, 60.0))
    root = vault({"a.md": ONE})
    apply(root, state, [Edit("a.md", 1, "- [ ] one", ("- [ ] next", "- [x] one"))], AT_ONCE)
    opened_again = [Edit("a.md", 1, "- [ ] next", ()), Edit("a.md", 2, "- [x] one", ("- [ ] one",))]
    apply(root, state, opened_again, AT_ONCE)
    saved(root / "a.md", ONE + b"typed\n")
    settle.look_again(root, state)
    assert (root / "a.md").read_bytes() == ONE + b"typed\n"


@pytest.mark.parametrize("put_back", [False, True])
def test_a_full_disk_at_the_second_look_is_said_and_ends_no_watcher(
    vault: MakeVault, state: Path, monkeypatch: pytest.MonkeyPatch, put_back: bool
) -> None:
    root = vault({"a.md": ONE})
    apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    if put_back:
        saved(root / "a.md", b"typed\n" + ONE)
    monkeypatch.setattr(settling, "LOOKS", (0.0, 60.0))
    full = failing(errno.ENOSPC)
    with counted(full, ("write",)), pytest.raises(FailedError):
        settle.look_again(root, state)


def test_another_device_s_exchange_that_is_under_way_is_left_alone(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE_DATED, "b.md": ONE})
    old, new = (sha256(data).hexdigest()[:12] for data in (ONE, ONE_DATED))
    theirs = root / f".a.md.mdtasks-0123abcd-{old}-{new}.tmp"
    saved(theirs, ONE)  # what the exchange took away is as old as the note was
    apply(root, state, [dated("b.md", 1, "one")], AT_ONCE)
    assert theirs.exists()
    temps.sweep(root, "", time.time() + 3600, lambda name, data: None)
    assert not theirs.exists()
