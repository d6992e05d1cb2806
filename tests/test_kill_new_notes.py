"""Notes that mdtasks made and takes away again, by runs that are killed."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

import pytest

from mdtasks.write import new_notes
from mdtasks.write.safely import apply
from tests.faults import Nth, counted, in_child, kill_myself, killed_at
from tests.test_kill import notes, start_over
from tests.ticking import AT_ONCE, ONE, ONE_DONE, make_old, temp_files, tick


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def made(root: Path, state: Path) -> None:
    start_over(root, state, {"b.md": ONE})
    state.mkdir()
    new_notes.make(root, state, "New.md", lambda line: None)
    make_old(root / "New.md")


def test_a_note_that_a_killed_run_was_taking_away_leaves_nothing_behind(tmp_path: Path) -> None:
    root, state = tmp_path / "vault", tmp_path / "state"
    outcomes = set()
    for number in count(1):
        made(root, state)
        killed = killed_at(number, lambda: new_notes.remove_if_empty(root, state, "New.md"))
        # Whoever writes in that folder next clears up.
        apply(root, state, [tick("b.md", 1, "one")], AT_ONCE)
        assert temp_files(root) == []
        assert notes(root) in ({"b.md": ONE_DONE}, {"b.md": ONE_DONE, "New.md": b""})
        outcomes.add("New.md" in notes(root))
        if not killed:
            break
    assert outcomes == {False, True}


def test_what_was_typed_into_a_note_that_a_killed_run_took_away_comes_back(tmp_path: Path) -> None:
    root, state = tmp_path / "vault", tmp_path / "state"
    made(root, state)

    def die_before_it_goes() -> None:
        with counted(Nth(1, kill_myself), ["unlink"]):
            new_notes.remove_if_empty(root, state, "New.md")

    assert in_child(die_before_it_goes) < 0
    (left,) = temp_files(root)
    left.write_bytes(b"typed\n")
    apply(root, state, [tick("b.md", 1, "one")], AT_ONCE)
    assert temp_files(root) == []
    assert notes(root) == {"b.md": ONE_DONE, "New.md": b"typed\n"}
