"""When the system cannot tell of everything: events dropped, no watches left, a thread that dies.

Real processes with the real library; where a limit of the system is meant, its answer is given
at the library's call of the system.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import command, environ, process
from tests.test_watch import Watcher, wait_until
from tests.watching import SETTINGS, indexed, task

START = """
from mdtasks.cli import main

main()
"""
# After so many folders the kernel gives no more watches.
FEW_WATCHES = f"""
import ctypes
from watchdog.observers import inotify_c

add, remove, given = inotify_c.inotify_add_watch, inotify_c.inotify_rm_watch, set()

def add_watch(inotify, path, mask):
    watch = add(inotify, path, mask)
    if watch not in given and len(given) == MOST:
        remove(inotify, watch)
        ctypes.set_errno({errno.ENOSPC})
        return -1
    given.add(watch)
    return watch

def rm_watch(inotify, watch):
    given.discard(watch)
    return remove(inotify, watch)

inotify_c.inotify_rm_watch = rm_watch
inotify_c.inotify_add_watch = add_watch
{START}"""
ODD_EVENT = f"""
from watchdog.observers import inotify

real = inotify.InotifyWatchGroup.on_event

def on_event(self, event):
    if event.name == b"odd.txt":
        raise KeyError(event)
    real(self, event)

inotify.InotifyWatchGroup.on_event = on_event
{START}"""


def script(root: Path, code: str) -> list[str]:
    return [sys.executable, "-c", code, *command(root, "watch")[3:]]


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"mdtasks.toml": SETTINGS, "a.md": task("first"), "sub/b.md": task("second")})


class Started:
    """Starts watchers, and sees to it that none is left."""

    def __init__(self) -> None:
        self._running: list[Watcher] = []

    def __call__(self, root: Path, words: Sequence[str]) -> Watcher:
        self._running.append(Watcher(root, words))
        return self._running[-1]

    def end(self) -> None:
        for watcher in self._running:
            watcher.process.kill()
            watcher.process.wait()


@pytest.fixture
def start() -> Iterator[Started]:
    started = Started()
    yield started
    started.end()


def most_events() -> int:
    return int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())


def overflow(root: Path) -> None:
    """Make more events than the kernel keeps, none of which concerns a note."""
    files = [root / "left.txt", root / "right.txt"]
    for file in files:
        file.touch()
    # In turn: the same event twice is kept once.
    for number in range(most_events() + 100):
        os.chmod(files[number % 2], 0o600)  # noqa: PTH101 (strings are quicker)


def test_what_happened_while_events_were_dropped_is_found_all_the_same(
    root: Path, start: Started
) -> None:
    watcher = start(root, command(root, "watch"))
    watcher.process.send_signal(signal.SIGSTOP)
    os.waitpid(watcher.process.pid, os.WUNTRACED)
    overflow(root)
    for number in range(100):
        (root / f"{number}.md").write_text(task(f"number {number}"), "utf-8")
    (root / "new/folder").mkdir(parents=True)
    (root / "new/folder/c.md").write_text(task("third"), "utf-8")
    (root / "sub/b.md").unlink()
    watcher.process.send_signal(signal.SIGCONT)
    expected = {"first", "third", *(f"number {number}" for number in range(100))}
    wait_until(lambda: indexed(root) == expected, "for what was dropped")
    # And the folders that came meanwhile are watched.
    (root / "new/folder/c.md").write_text(task("fourth"), "utf-8")
    wait_until(lambda: "fourth" in indexed(root), "for the new folder")
    watcher.stop()
    assert process(root, "index", "--rebuild").code == 0
    assert indexed(root) == {*expected - {"third"}, "fourth"}


def test_with_too_few_watches_at_the_start_it_says_so_and_compares(
    root: Path, start: Started
) -> None:
    watcher = start(root, script(root, FEW_WATCHES.replace("MOST", "1")))
    assert watcher.said("no more events (inotify watch limit reached), so the vault is") == 1
    (root / "sub/b.md").write_text(task("changed"), "utf-8")
    wait_until(lambda: "changed" in indexed(root), "for a folder that is not watched")


def test_a_folder_that_comes_when_no_watch_is_left_is_read_all_the_same(
    root: Path, start: Started
) -> None:
    watcher = start(root, script(root, FEW_WATCHES.replace("MOST", "3")))
    assert watcher.said("no more events") == 0
    for name in ("new", "newer"):
        (root / name).mkdir()
    wait_until(lambda: watcher.said("no more events"), "for word of it")
    (root / "newer/c.md").write_text(task("third"), "utf-8")
    wait_until(lambda: "third" in indexed(root), "for a note in it")
    (root / "newer/c.md").write_text(task("changed"), "utf-8")
    wait_until(lambda: "changed" in indexed(root), "for a change in it")
    assert watcher.said("no more events") == 1


def test_a_thread_of_the_library_that_dies_is_missed_and_begun_anew(
    root: Path, start: Started
) -> None:
    watcher = start(root, script(root, ODD_EVENT))
    (root / "odd.txt").touch()
    (root / "a.md").write_text(task("meanwhile"), "utf-8")
    wait_until(lambda: "meanwhile" in indexed(root), "for what nobody told it")
    (root / "a.md").write_text(task("afterwards"), "utf-8")
    wait_until(lambda: "afterwards" in indexed(root), "for new events")
    assert watcher.process.poll() is None


def test_ten_ticks_at_once_beside_a_watcher_are_all_written(
    vault: MakeVault, start: Started
) -> None:
    lines = "".join(task(f"task {number}") for number in range(10))
    root = vault({"mdtasks.toml": SETTINGS, "a.md": lines})
    watcher = start(root, command(root, "watch"))
    wait_until(lambda: watcher.publishes("task 9"))
    running = [
        subprocess.Popen(
            command(root, "done", f"a.md:{line}"),
            env=environ(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for line in range(1, 11)
    ]
    said = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0] * 10, said
    assert (root / "a.md").read_text("utf-8").count("- [x] ") == 10
    wait_until(lambda: not any(watcher.publishes(f"task {n}") for n in range(10)), "for the feed")
