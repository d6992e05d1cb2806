"""The watcher: real processes on real folders. It waits, so these tests do too."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from mdtasks.app.refresh import Refreshed, refresh
from mdtasks.app.session import Session, open_session
from mdtasks.watch.loop import until_plan_ends
from tests.conftest import MakeVault
from tests.running import NOW, command, environ, process

SETTINGS = 'vault_id = "watched"\ntimezone = "Europe/Berlin"\n'
NO_EVENTS = f"""
import watchdog.observers

def no_events():
    raise OSError({errno.ENOSPC}, "inotify watch limit reached")

watchdog.observers.Observer = no_events
from mdtasks.cli import main

main()
"""


def task(text: str) -> str:
    return f"- [ ] {text} 📅 2026-11-23\n"


def wait_until(holds: Callable[[], object], what: str = "") -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain {what}"
        time.sleep(0.02)


class Watcher:
    """A running `mdtasks watch`, past its first sync."""

    def __init__(self, root: Path, words: Sequence[str], cwd: Path | None = None) -> None:
        self.root = root
        self.stderr = root.parent / "stderr"
        with self.stderr.open("wb") as stderr:
            self.process = subprocess.Popen(words, stderr=stderr, cwd=cwd, env=environ())
        wait_until(lambda: self.syncs() or self.process.poll() is not None, self.stderr.read_text())

    @property
    def feed(self) -> Path:
        return Path(self.lines()[0].partition("; the feed is ")[2])

    def lines(self) -> list[str]:
        """Return what it said, without its name."""
        said = self.stderr.read_text(encoding="utf-8")
        return [line.removeprefix("mdtasks: ") for line in said.splitlines()]

    def syncs(self) -> list[str]:
        """Return what each sync did that did something."""
        return [line[9:] for line in self.lines() if line[2:3] == line[5:6] == ":"]

    def said(self, words: str) -> int:
        return sum(words in line for line in self.lines())

    def has_seen_all(self) -> None:
        """Wait until a change made now is seen, and so are those before it."""
        note = self.root / "prose.md"
        note.write_text(f"{time.monotonic_ns()}\n", encoding="utf-8")
        before = self.said("prose.md")
        wait_until(lambda: self.said("prose.md") > before, "for prose.md")

    def published(self) -> tuple[int, bytes]:
        return self.feed.stat().st_mtime_ns, self.feed.read_bytes()

    def publishes(self, text: str) -> bool:
        return text in self.feed.read_text(encoding="utf-8")

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(by)
        return self.process.wait(timeout=60)


Watch = Callable[..., Watcher]


@pytest.fixture
def watch() -> Iterator[Watch]:
    running: list[Watcher] = []

    def start(root: Path, words: Sequence[str] = (), cwd: Path | None = None) -> Watcher:
        running.append(Watcher(root, words or command(root, "watch"), cwd))
        return running[-1]

    yield start
    for watcher in running:
        watcher.process.kill()
        watcher.process.wait()


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"mdtasks.toml": SETTINGS, "a.md": task("first")})


def session_of(root: Path) -> Session:
    return open_session(str(root), NOW, lambda line: None)


def indexed(root: Path) -> set[str]:
    """Return the texts in the index, as it was left."""
    with session_of(root).store() as store:
        return {task.text for task in store.tasks()}


# What it sees


def test_a_save_reaches_the_index_and_the_feed(root: Path, watch: Watch) -> None:
    watcher = watch(root)
    assert watcher.syncs() == ["read a.md, wrote the feed"]
    (root / "a.md").write_text(task("first") + task("second"), encoding="utf-8")
    wait_until(lambda: watcher.publishes("second"))
    assert indexed(root) == {"first", "second"}
    (root / "b.md").write_text(task("third"), encoding="utf-8")
    wait_until(lambda: watcher.publishes("third"))
    (root / "b.md").unlink()
    wait_until(lambda: not watcher.publishes("third"))
    # It tells after it has written.
    wait_until(lambda: watcher.syncs()[-1] == "dropped b.md, wrote the feed")


def test_a_save_that_changes_nothing_writes_nothing(root: Path, watch: Watch) -> None:
    watcher = watch(root)
    feed, before = watcher.published(), watcher.lines()
    (root / "a.md").write_bytes((root / "a.md").read_bytes())
    (root / "b.txt").write_text("no note")
    (root / ".hidden").mkdir()
    (root / ".hidden/b.md").write_text(task("hidden"), encoding="utf-8")
    time.sleep(1)
    assert watcher.lines() == before
    watcher.has_seen_all()
    assert watcher.syncs()[1:] == ["read prose.md"]
    assert watcher.published() == feed


def rename_over(path: Path, text: str) -> None:
    temp = path.with_name(f".{path.name}.tmp")
    temp.write_text(text, encoding="utf-8")
    temp.replace(path)


def truncate_and_write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.flush()
        time.sleep(0.1)
        file.write(text)


def back_up_and_create(path: Path, text: str) -> None:
    path.rename(path.with_name(f"{path.name}~"))
    path.write_text(text, encoding="utf-8")


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def test_each_way_in_which_editors_save_is_seen(root: Path, watch: Watch) -> None:
    watcher = watch(root)
    for save in (rename_over, truncate_and_write, back_up_and_create):
        name = save.__name__
        save(root / "a.md", task("first") + task(name))
        wait_until(partial(watcher.publishes, name), f"for {name}")
        assert indexed(root) == {"first", name}
    assert watcher.said("dropped") == 0


def test_a_new_folder_is_watched_from_its_first_moment(root: Path, watch: Watch) -> None:
    watcher = watch(root)
    (root / "x/y/z").mkdir(parents=True)
    (root / "x/y/z/deep.md").write_text(task("deep"), encoding="utf-8")
    wait_until(lambda: "deep" in indexed(root))
    (root / "x/y/z/deep.md").write_text(task("deeper"), encoding="utf-8")
    wait_until(lambda: watcher.publishes("deeper"))
    assert indexed(root) == {"first", "deeper"}


def test_a_folder_that_is_moved_in_is_read_and_one_moved_out_is_dropped(
    root: Path, watch: Watch
) -> None:
    watcher = watch(root)
    outside, inside = root.parent / "outside", root / "inside"
    outside.mkdir()
    for name in ("b", "c"):
        (outside / f"{name}.md").write_text(task(name), encoding="utf-8")
    outside.rename(inside)
    wait_until(lambda: watcher.said("read 2 notes"))
    append(inside / "b.md", task("d"))
    wait_until(lambda: indexed(root) == {"first", "b", "c", "d"})
    inside.rename(outside)
    wait_until(lambda: watcher.said("dropped 2 notes"))
    assert indexed(root) == {"first"}
    outside.rename(inside)
    wait_until(lambda: indexed(root) == {"first", "b", "c", "d"})
    assert watcher.said("Warning") == 0


def test_three_hundred_notes_at_once_are_a_few_syncs(root: Path, watch: Watch) -> None:
    watcher = watch(root)
    for number in range(300):
        (root / f"{number}.md").write_text(task(f"number {number}"), encoding="utf-8")
    wait_until(lambda: len(indexed(root)) == 301)
    watcher.has_seen_all()
    assert len(watcher.syncs()) <= 4


def test_done_works_while_a_watcher_runs_and_its_feed_follows(root: Path, watch: Watch) -> None:
    watcher = watch(root)
    assert watcher.publishes("first")
    assert process(root, "done", "a.md:1").code == 0
    wait_until(lambda: not watcher.publishes("first"))
    assert (root / "a.md").read_text(encoding="utf-8").startswith("- [x] first")


# What it waits for


def test_a_note_that_is_empty_for_a_moment_keeps_its_tasks(root: Path, watch: Watch) -> None:
    watcher = watch(root)
    feed, text = watcher.published(), (root / "a.md").read_bytes()
    (root / "a.md").write_bytes(b"")
    time.sleep(0.8)
    assert indexed(root) == {"first"}
    (root / "a.md").write_bytes(text)
    watcher.has_seen_all()
    assert watcher.syncs()[1:] == ["read prose.md"]
    assert watcher.published() == feed
    (root / "a.md").write_bytes(b"")
    wait_until(lambda: not watcher.publishes("first"), "for an empty note to be believed")
    assert not indexed(root)


def test_a_vault_that_goes_and_returns_loses_nothing(root: Path, watch: Watch) -> None:
    watcher = watch(root, [sys.executable, "-m", "mdtasks", "--now", NOW, "watch"], cwd=root)
    feed, away = watcher.published(), root.with_name("away")
    root.rename(away)
    time.sleep(0.5)
    away.rename(root)
    watcher.has_seen_all()
    assert watcher.said("the notes are gone") == 0
    root.rename(away)
    wait_until(lambda: watcher.said("the notes are gone"))
    time.sleep(2.2)
    assert watcher.said("the notes are gone") == 1
    assert watcher.published() == feed
    append(away / "a.md", task("meanwhile"))
    away.rename(root)
    wait_until(lambda: watcher.said("going on, read a.md, wrote the feed"))
    assert indexed(root) == {"first", "meanwhile"}


def test_settings_count_at_once_and_broken_ones_are_told_once(root: Path, watch: Watch) -> None:
    watcher = watch(root)
    settings = root / "mdtasks.toml"
    append(settings, '[feed]\nname = "Kim"\n')
    wait_until(lambda: watcher.publishes("X-WR-CALNAME:Kim"))
    append(settings, 'colour = "red"\n')
    wait_until(lambda: watcher.said("unknown key `colour`"))
    settings.write_text(SETTINGS)
    wait_until(lambda: watcher.said("going on, wrote the feed"))
    assert watcher.said("unknown key `colour`") == 1
    assert watcher.publishes("X-WR-CALNAME:mdtasks")


def test_where_there_are_no_events_it_says_so_and_looks_by_itself(root: Path, watch: Watch) -> None:
    watcher = watch(root, [sys.executable, "-c", NO_EVENTS, *command(root, "watch")[3:]])
    assert watcher.said("the system gives no events (inotify watch limit reached)") == 1
    append(root / "a.md", task("second"))
    wait_until(lambda: watcher.publishes("second"))


# How it ends


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quietly(root: Path, watch: Watch, by: signal.Signals) -> None:
    watcher = watch(root)
    before = watcher.lines()
    assert watcher.stop(by) == 0
    assert watcher.lines() == before


def test_a_second_watcher_is_refused_until_the_first_is_dead(root: Path, watch: Watch) -> None:
    first = watch(root)
    second = process(root, "watch")
    assert second.code == 5
    assert second.said[0].startswith("mdtasks: another mdtasks holds the lock `watch`")
    first.stop(signal.SIGKILL)
    append(root / "a.md", task("second"))
    watch(root)
    assert indexed(root) == {"first", "second"}


# Notes that are being written


def refreshed(root: Path, quiet: timedelta = timedelta(0)) -> Refreshed:
    session = session_of(root)
    with session.store() as store:
        return refresh(session, store, quiet=quiet)


def save(path: Path, text: str, age_seconds: float) -> None:
    path.write_text(text, encoding="utf-8")
    saved = time.time() - age_seconds
    os.utime(path, (saved, saved))


@pytest.mark.parametrize(
    ("text", "age_seconds", "quiet", "kept"),
    [
        ("", 0, 0, True),
        ("", 1, 0, True),
        ("", 3, 0, False),
        ("", -60, 0, False),  # a clock ahead of ours: its age is unknown
        (task("one"), 0, 0, False),  # at the prompt a person sees what stands there
        (task("one"), 0, 60, True),
        (task("one") + "- [ ] tw", 0, 60, True),
        (task("one"), 100, 60, False),
    ],
)
def test_tasks_go_only_from_a_note_that_is_settled(
    root: Path, text: str, age_seconds: float, quiet: float, kept: bool
) -> None:
    save(root / "a.md", task("one") + task("two"), 10)
    refreshed(root)
    save(root / "a.md", text, age_seconds)
    found = refreshed(root, timedelta(seconds=quiet))
    assert found.unsettled == (("a.md",) if kept else ())
    assert ("two" in indexed(root)) is kept


def test_a_note_just_saved_is_read_at_once_when_no_task_goes(root: Path) -> None:
    refreshed(root)
    save(root / "a.md", "- [x] first 📅 2026-11-23\n" + task("new"), 0)
    save(root / "b.md", "", 0)
    found = refreshed(root, timedelta(seconds=60))
    assert found.changed == ("a.md", "b.md")
    assert found.unsettled == ()


# When the clock calls


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        ("2026-11-23T08:30", 2 * 3600),  # to the end of the block
        ("2026-11-23T23:50", 600),
        ("2026-10-25T01:30", 23.5 * 3600),  # the day on which clocks go back
    ],
)
def test_it_wakes_when_a_block_ends_and_at_midnight(root: Path, now: str, seconds: float) -> None:
    block = "- [ ] 09:00 - 10:30 write ⏳ 2026-11-23\n"
    (root / "a.md").write_text(block, encoding="utf-8")
    session = open_session(str(root), now, lambda line: None)
    with session.store() as store:
        refresh(session, store)
        assert until_plan_ends(session, store) == seconds
