"""The day's note, written while nobody waits for it: by real watchers, so these tests wait too."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from mdtasks.app.publish import Published, publish
from mdtasks.app.refresh import refresh
from tests.conftest import MakeVault
from tests.running import command, still
from tests.sections import DAY, END, NOTE, SETTINGS, edit, section_of, session_of, sync, text_of
from tests.test_watch import Watcher, wait_until

WRITE = "- [ ] Write the offer ⏱ 1h 🔼\n"
BLOCK = "09:00 - 10:00 Write the offer ([[Work]])"


def published(root: Path) -> Published:
    session = session_of(root)
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


@pytest.fixture
def root(vault: MakeVault) -> Path:
    root = vault({"mdtasks.toml": SETTINGS, NOTE: "Dear diary,\n", "Work.md": WRITE})
    sync(root)
    still(root)
    return root


@pytest.fixture
def watcher(root: Path) -> Iterator[Watcher]:
    watcher = Watcher(root, command(root, "watch"))
    yield watcher
    watcher.process.kill()
    watcher.process.wait()


def wait_for_a_sync(watcher: Watcher) -> None:
    """Wait until what was changed before is synced: the sync after that has begun."""
    for _ in range(2):
        text = f"seen {time.monotonic_ns()}"
        (watcher.root / "seen.md").write_text(f"- [x] {text}\n", "utf-8")
        wait_until(partial(is_indexed, watcher.root, text), "for seen.md")


def is_indexed(root: Path, text: str) -> bool:
    with session_of(root).store() as store:
        return any(task.text == text for task in store.tasks(path="seen.md"))


def stamps(root: Path) -> dict[str, tuple[int, int]]:
    return {f.name: (f.stat().st_mtime_ns, f.stat().st_ino) for f in root.iterdir()}


def test_a_tick_in_the_section_reaches_task_and_feed_and_then_it_is_quiet(
    root: Path, watcher: Watcher
) -> None:
    before = watcher.feed.read_bytes()
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    wait_until(lambda: text_of(root, "Work.md").endswith(f"✅ {DAY}\n"), "for the tick")
    wait_until(lambda: watcher.feed.read_bytes() != before, "for the feed")
    wait_until(lambda: section_of(root) == ["- [x] Write the offer ([[Work]])"], "for the note")
    wait_for_a_sync(watcher)
    time.sleep(3)
    seen, syncs = stamps(root), watcher.syncs()
    time.sleep(3)
    assert (stamps(root), watcher.syncs()) == (seen, syncs)
    assert watcher.said("from the daily note: Work.md:1") == 1


def test_half_a_time_is_not_carried_over_while_it_is_typed(root: Path, watcher: Watcher) -> None:
    for typed in ("1 - 10:00", "14:0 - 10:00", "14:05 - 10:00", "14:05 - 15:30"):
        edit(root, next(row for row in section_of(root)), f"- [ ] {typed} {BLOCK[14:]}")
        time.sleep(0.5)
    becomes = f"- [ ] Write the offer ⏳ {DAY} 14:05-15:30 ⏱ 1h 🔼\n"
    wait_until(lambda: text_of(root, "Work.md") == becomes, "for the time")
    wait_for_a_sync(watcher)
    assert text_of(root, "Work.md") == becomes
    assert watcher.said("from the daily note") == 1


def test_a_new_line_is_moved_once_nobody_types_any_more(root: Path, watcher: Watcher) -> None:
    edit(root, END, f"- [ ] Buy mi\n{END}")
    time.sleep(0.7)
    edit(root, "Buy mi", "Buy milk")
    wait_until(lambda: text_of(root).endswith(f"{END}\n- [ ] Buy milk\n"), "for the line")


def test_an_editor_that_saves_its_old_text_over_the_section_loses_nothing(
    root: Path, watcher: Watcher
) -> None:
    old = text_of(root)
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    wait_until(lambda: section_of(root) == ["- [x] Write the offer ([[Work]])"], "for the note")
    done = text_of(root, "Work.md")
    (root / NOTE).write_text(f"{old}- [ ] typed meanwhile\n", "utf-8")
    wait_for_a_sync(watcher)
    wait_until(lambda: "- [ ] Write" not in text_of(root), "for the section")
    assert text_of(root, "Work.md") == done
    assert text_of(root).endswith("- [ ] typed meanwhile\n")
