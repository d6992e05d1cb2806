"""The day's note, written while nobody waits for it."""

from __future__ import annotations

import os
import time
from pathlib import Path

from mdtasks.app.publish import Published, publish
from mdtasks.app.refresh import refresh
from mdtasks.app.session import open_session
from tests.conftest import MakeVault
from tests.running import NOW

SETTINGS = 'timezone = "Europe/Berlin"\n[daily]\nwrite = true\n'


def published(root: Path) -> Published:
    session = open_session(str(root), NOW, lambda line: None)
    with session.store() as store:
        refresh(session, store)
        return publish(session, store, attended=False)


def test_a_note_in_which_somebody_types_is_left_for_later(vault: MakeVault) -> None:
    text = "Dear diary,\n"
    root = vault({"mdtasks.toml": SETTINGS, "a.md": "- [ ] write ⏱ 1h ⏫\n", "2026-11-23.md": text})
    note = root / "2026-11-23.md"
    found = published(root)
    assert (found.daily, found.waits, note.read_text("utf-8")) == (False, True, text)
    long_ago = time.time() - 3
    os.utime(note, (long_ago, long_ago))
    found = published(root)
    assert (found.daily, found.waits) == (True, False)
    assert note.read_text("utf-8").startswith(text)
    assert "write ([[a]])" in note.read_text("utf-8")
