"""What becomes of the vault as a whole: folders that come and go, a disk that is away."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import mdtasks
from tests.test_watch import wait_until
from tests.watching import SETTINGS, indexed, task, watching


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"mdtasks.toml": SETTINGS, "a.md": task("first"), "sub/b.md": task("second")})


def test_a_folder_goes_out_and_in_and_changes_its_name_and_is_watched_all_along(
    root: Path,
) -> None:
    outside = root.parent / "outside"
    with watching(root):
        for number in range(3):
            (root / "sub").rename(outside)
            wait_until(lambda: indexed(root) == {"first"}, "for the folder to go")
            (outside / "b.md").write_text(task(f"outside {number}"), "utf-8")
            outside.rename(root / "sub")
            wait_until(partial(is_indexed, root, f"outside {number}"), "for the folder to come")
            (root / "sub").rename(root / "other")
            (root / "other").rename(root / "sub")
            (root / "sub/b.md").write_text(task(f"inside {number}"), "utf-8")
            wait_until(partial(is_indexed, root, f"inside {number}"), "for a note in it")


def is_indexed(root: Path, text: str) -> bool:
    return text in indexed(root)


def test_folders_in_folders_with_notes_at_once_are_all_read(root: Path) -> None:
    with watching(root):
        for number in range(20):
            deep = root / f"new {number}" / "b" / "c"
            deep.mkdir(parents=True)
            (deep / "d.md").write_text(task(f"deep {number}"), "utf-8")
        wait_until(lambda: len(indexed(root)) == 22)
        for number in range(20):
            (root / f"new {number}/b/c/d.md").write_text(task(f"deeper {number}"), "utf-8")
        wait_until(lambda: sum(text.startswith("deeper") for text in indexed(root)) == 20)


def test_an_empty_folder_where_the_vault_was_drops_nothing(root: Path) -> None:
    away = root.with_name("away")
    with watching(root) as watcher:
        wait_until(lambda: watcher.publishes("first"))
        feed = watcher.feed.read_bytes()
        root.rename(away)
        root.mkdir()
        wait_until(lambda: watcher.said("the notes are gone"), "for word of it")
        assert watcher.feed.read_bytes() == feed
        root.rmdir()
        assert not watcher.rests
        away.rename(root)
        wait_until(lambda: watcher.said("going on"), "for the disk")
        watcher.has_seen_all()
        assert watcher.feed.read_bytes() == feed
        assert indexed(root) > {"first", "second"}
        assert watcher.said("dropped") == 0


def test_notes_that_are_all_deleted_count_as_gone_until_a_person_says_otherwise(
    root: Path,
) -> None:
    with watching(root) as watcher:
        wait_until(lambda: watcher.publishes("first"))
        (root / "a.md").unlink()
        (root / "sub/b.md").unlink()
        wait_until(lambda: watcher.said("the notes are gone"), "for word of it")
        assert watcher.publishes("first")
        assert indexed(root) == {"first", "second"}
        assert mdtasks(root, "index", "--accept-empty").code == 0
        wait_until(lambda: not watcher.publishes("first"), "for an empty feed")
        watcher.wait_for_rest()
        (root / "a.md").write_text(task("anew"), "utf-8")
        wait_until(lambda: watcher.publishes("anew"), "for a note after that")


def test_a_feed_that_is_to_be_elsewhere_is_written_there_and_said(root: Path) -> None:
    with watching(root) as watcher:
        (root / "mdtasks.toml").write_text(SETTINGS.replace("watched", "other"))
        wait_until(lambda: watcher.said("the feed is") == 2, "for word of it")
        other = watcher.feed.parents[1] / "other" / "calendar.ics"
        assert f"the feed is {other} now" in watcher.lines
        wait_until(other.exists, "for the feed")


def test_the_heart_stops_at_a_change_and_beats_again_only_when_it_is_read(root: Path) -> None:
    with watching(root) as watcher:
        for number in range(5):
            watcher.wait_for_rest()
            (root / "a.md").write_text(task(f"change {number}"), "utf-8")
            wait_until(lambda: not watcher.rests, "for the heart to stop")
            watcher.wait_for_rest()
            assert f"change {number}" in indexed(root)


def test_when_it_ends_its_heart_is_still_and_no_thread_of_it_is_left(root: Path) -> None:
    before, away = threading.active_count(), root.with_name("away")
    with watching(root) as watcher:
        watcher.wait_for_rest()
        root.rename(away)
        wait_until(lambda: watcher.said("the notes are gone"), "for word of it")
        away.rename(root)
        wait_until(lambda: watcher.said("going on"), "for the disk")
        watcher.wait_for_rest()
    assert not watcher.rests
    wait_until(lambda: threading.active_count() == before, "for the threads")
