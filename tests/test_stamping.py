"""Boxes that were ticked in an editor get their day where that is asked for, and only then."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mdtasks.app.refresh import refresh
from mdtasks.app.stamping import stamp_ticks
from tests.conftest import MakeVault
from tests.running import mdtasks
from tests.sections import session_of

STAMPING = {"mdtasks.toml": "[write]\nstamp_done = true\n"}


def synced(root: Path, day: str = "2026-11-23") -> None:
    assert mdtasks(root, "sync", now=f"{day}T09:00").code == 0


def tick(note: Path, old: str = "[ ]", new: str = "[x]", age: int = 60) -> None:
    """Tick the first box as an editor does, so many seconds ago."""
    note.write_bytes(note.read_bytes().replace(old.encode(), new.encode(), 1))
    saved = time.time() - age
    os.utime(note, (saved, saved))


@pytest.mark.parametrize(
    ("line", "stamped"),
    [
        ("- [ ] a", "- [x] a ✅ 2026-11-23"),
        ("- [ ] a ^id", "- [x] a ✅ 2026-11-23 ^id"),
        ("- [ ] a 📅 2026-11-30  ", "- [x] a 📅 2026-11-30 ✅ 2026-11-23  "),
        ("- [ ] a [due:: 2026-11-30]", "- [x] a [due:: 2026-11-30]  [completion:: 2026-11-23]"),
        ("- [ ] a 🔁 every day 📅 2026-11-23", "- [x] a 🔁 every day 📅 2026-11-23 ✅ 2026-11-23"),
        ("- [ ] a ✅ 2026-11-20", "- [x] a ✅ 2026-11-20"),
        ("- [ ] a ✅ 2026-13-40", "- [x] a ✅ 2026-13-40"),
    ],
)
def test_a_box_that_was_ticked_in_an_editor_gets_the_day(
    vault: MakeVault, line: str, stamped: str
) -> None:
    root = vault({**STAMPING, "a.md": f"# Notes\r\n{line}\r\nmore\r\n"})
    synced(root)
    tick(root / "a.md")
    synced(root)
    assert (root / "a.md").read_bytes().decode() == f"# Notes\r\n{stamped}\r\nmore\r\n"


def test_what_was_dated_is_said(vault: MakeVault) -> None:
    root = vault({**STAMPING, "a.md": "- [ ] a\n"})
    synced(root)
    tick(root / "a.md")
    assert "mdtasks: dated: a.md:1: - [x] a ✅ 2026-11-23" in mdtasks(root, "sync").said


def test_what_could_not_be_dated_is_said_and_counts(vault: MakeVault) -> None:
    root = vault({**STAMPING, "a.md": "- [ ] a\n"})
    synced(root)
    tick(root / "a.md")
    (root / "a.md").chmod(0o444)
    ran = mdtasks(root, "sync")
    why = "a.md: this note is write-protected; nothing was written"
    assert (ran.code, ran.said) == (0, [f"mdtasks: not dated: {why}"])


def test_the_day_is_the_one_on_which_it_was_seen(vault: MakeVault) -> None:
    root = vault({**STAMPING, "a.md": "- [ ] a\n"})
    synced(root)
    tick(root / "a.md")
    mdtasks(root, "today", now="2026-11-24T20:00")
    assert (root / "a.md").read_text("utf-8") == "- [x] a\n"
    synced(root, "2026-11-26")
    assert (root / "a.md").read_text("utf-8") == "- [x] a ✅ 2026-11-24\n"


def test_what_was_done_before_anybody_looked_gets_no_day(vault: MakeVault) -> None:
    root = vault({**STAMPING, "a.md": "- [x] long ago\n- [ ] a\n"})
    synced(root)
    tick(root / "a.md")
    synced(root)
    assert (root / "a.md").read_text("utf-8") == "- [x] long ago\n- [x] a ✅ 2026-11-23\n"


@pytest.mark.parametrize("settings", ["", f"{STAMPING['mdtasks.toml']}done_date = false\n"])
def test_without_the_key_or_where_no_tick_has_a_day_the_line_stays(
    vault: MakeVault, settings: str
) -> None:
    root = vault({"mdtasks.toml": settings, "a.md": "- [ ] a\n"})
    synced(root)
    tick(root / "a.md")
    synced(root)
    assert (root / "a.md").read_text("utf-8") == "- [x] a\n"


def test_a_day_that_was_removed_stays_away(vault: MakeVault) -> None:
    root = vault({**STAMPING, "a.md": "- [ ] a\n"})
    synced(root)
    tick(root / "a.md")
    synced(root)
    tick(root / "a.md", " ✅ 2026-11-23", "")
    synced(root)
    assert (root / "a.md").read_text("utf-8") == "- [x] a\n"


def test_undo_is_for_what_a_person_asked_for(vault: MakeVault) -> None:
    root = vault({**STAMPING, "a.md": "- [ ] a\n- [ ] b\n"})
    synced(root)
    assert mdtasks(root, "done", "a.md:2").code == 0
    tick(root / "a.md")
    synced(root)
    assert mdtasks(root, "undo").code == 0
    assert (root / "a.md").read_text("utf-8") == "- [x] a ✅ 2026-11-23\n- [ ] b\n"


@pytest.mark.parametrize(
    ("mode", "age", "waits", "after"),
    [
        (0o644, 60, False, "- [x] a ✅ 2026-11-23\n"),
        (0o644, 0, True, "- [x] a\n"),
        (0o444, 60, False, "- [x] a\n"),
    ],
    ids=["quiet", "somebody is typing", "write-protected"],
)
def test_a_watcher_waits_for_quiet_and_for_nothing_else(
    vault: MakeVault, mode: int, age: int, waits: bool, after: str
) -> None:
    root = vault({**STAMPING, "a.md": "- [ ] a\n"})
    synced(root)
    tick(root / "a.md", age=age)
    (root / "a.md").chmod(mode)
    session = session_of(root)
    with session.store() as store:
        refresh(session, store)
        assert stamp_ticks(session, store, attended=False) is waits
    assert (root / "a.md").read_text("utf-8") == after
