"""What the tests of review notes share: carrying out, and runs that are killed at it."""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path

import pytest

from mdtasks.app.opening import opened_to_change
from mdtasks.app.review_note import carry_reviews
from tests.faults import killed_at
from tests.running import mdtasks, still
from tests.sections import session_of, sync, text_of

NOW = "2026-11-25T08:30"  # a Wednesday
NOTE = "Reviews/2026-W48.md"


def carry(root: Path) -> list[str]:
    """Sync; return what it said."""
    said = sync(root, now=NOW)
    still(root)
    return said


def run_once(root: Path) -> None:
    session = session_of(root, NOW)
    with opened_to_change(session, None) as store:
        carry_reviews(session, store, attended=True)


def comes_out_once(root: Path, after: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Carry out what is ticked, killed at every third call: Home.md reads `after` behind that, and
    as before when it is undone."""
    # A kill takes nothing back that was written; only a power cut does.
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    state, before = session_of(root, NOW).places.state, text_of(root, "Home.md")
    kept = [(path, path.read_bytes()) for path in (root / "Home.md", root / NOTE)]
    kept.append((state / "reviews.json", (state / "reviews.json").read_bytes()))
    outcomes = set()
    for number in count(1, 3):
        shutil.rmtree(state)
        state.mkdir()
        for path, data in kept:
            path.write_bytes(data)
        still(root)
        killed = killed_at(number, lambda: run_once(root))
        outcomes.add(text_of(root, "Home.md") == before)
        still(root)
        for _ in "ab":
            run_once(root)
            still(root)
        assert text_of(root, "Home.md") == after
        assert text_of(root, NOTE).count("· carried out") == 1
        assert mdtasks(root, "undo", now=NOW).code == 0
        assert text_of(root, "Home.md") == before
        if not killed:
            break
    assert outcomes == {False, True}
