"""How programs save, as the watcher hears of it: each in its own way, and most in several steps."""

from __future__ import annotations

import mmap
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.test_watch import wait_until
from tests.watching import SETTINGS, Watching, indexed, task, watching

Save = Callable[[Path, str], None]


def beside(path: Path, name: str) -> Path:
    return path.with_name(name.replace("NAME", path.name))


def renamed_over(temp: str) -> Save:
    def save(path: Path, text: str) -> None:
        beside(path, temp).write_text(text, "utf-8")
        beside(path, temp).replace(path)

    return save


def vim(path: Path, text: str) -> None:
    swap, probe, backup = (beside(path, name) for name in (".NAME.swp", "4913", "NAME~"))
    swap.write_bytes(b"b0VIM" * 99)
    probe.touch()
    probe.unlink()
    path.rename(backup)
    path.write_text(text, "utf-8")
    backup.unlink()
    swap.unlink()


def emacs(path: Path, text: str) -> None:
    lock, auto, backup = (beside(path, name) for name in (".#NAME", "#NAME#", "NAME~"))
    lock.symlink_to("ann@host.4711:1764000000")
    auto.write_text(text, "utf-8")
    path.rename(backup)
    path.write_text(text, "utf-8")
    auto.unlink()
    lock.unlink()


def in_place(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def in_steps(path: Path, text: str) -> None:
    half = len(text) // 2
    with path.open("w", encoding="utf-8") as file:
        for part in (text[:half], text[half:]):
            file.write(part)
            file.flush()
            time.sleep(0.1)


def without_truncating(path: Path, text: str) -> None:
    with path.open("r+", encoding="utf-8") as file:
        file.write(text)
        file.truncate()


def through_memory(path: Path, text: str) -> None:
    data = text.encode()
    with path.open("r+b") as file:
        file.truncate(len(data))
        with mmap.mmap(file.fileno(), len(data)) as memory:
            memory[:] = data


def deleted_and_made_anew(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text, "utf-8")


def linked_over(path: Path, text: str) -> None:
    beside(path, "NAME.new").write_text(text, "utf-8")
    path.unlink()
    os.link(beside(path, "NAME.new"), path)
    beside(path, "NAME.new").unlink()


def from_outside(path: Path, text: str) -> None:
    outside = path.parent.parent / path.name
    outside.write_text(text, "utf-8")
    outside.replace(path)


def with_its_old_time(path: Path, text: str) -> None:
    before = path.stat()
    path.write_text(text, "utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


SAVES: dict[str, Save] = {
    "vim": vim,
    "emacs": emacs,
    "obsidian": in_place,
    "vs code": without_truncating,
    "vs code, atomic": renamed_over("NAME.vsctmp"),
    "gedit": renamed_over(".goutputstream-AB12CD"),
    "sed": renamed_over("sedAb12Cd"),
    "syncthing": renamed_over(".syncthing.NAME.tmp"),
    "rsync": renamed_over(".NAME.aB3dEf"),
    "dropbox": renamed_over(".~NAME.dropbox"),
    "nextcloud": renamed_over(".NAME.~4711ab"),
    "git": deleted_and_made_anew,
    "slow": in_steps,
    "mmap": through_memory,
    "link": linked_over,
    "from outside": from_outside,
    "touch -r": with_its_old_time,
}


@pytest.fixture
def root(vault: MakeVault) -> Path:
    notes = {f"{name}.md": task(f"{name}: before") for name in SAVES}
    return vault({"mdtasks.toml": SETTINGS, **notes})


@pytest.fixture
def watcher(root: Path) -> Iterator[Watching]:
    with watching(root) as watcher:
        watcher.wait_for_rest()
        yield watcher


def test_each_way_to_save_is_seen_and_no_note_is_ever_taken_for_gone(
    root: Path, watcher: Watching
) -> None:
    for name, save in SAVES.items():
        save(root / f"{name}.md", task(f"{name}: it is saved"))
    saved = {f"{name}: it is saved" for name in SAVES}
    wait_until(lambda: indexed(root) == saved, "for all of them")
    assert watcher.said("dropped") == 0


def test_a_save_is_one_sync_also_in_many_steps(root: Path, watcher: Watching) -> None:
    for name in ("vim", "emacs", "slow", "syncthing"):
        SAVES[name](root / f"{name}.md", task(f"{name}: again"))
        wait_until(lambda: watcher.said(f"read {name}.md"), f"for {name}")  # noqa: B023 (it waits here)
        watcher.wait_for_rest()
        assert watcher.said(f"read {name}.md") == 1, name


def test_what_programs_put_beside_a_note_costs_no_sync(root: Path, watcher: Watching) -> None:
    before = watcher.syncs
    for name in (
        ".vim.md.swp",
        "vim.md~",
        "#vim.md#",
        "4913",
        ".syncthing.vim.md.tmp",
        "vim.sync-conflict-20261122-090000-ABCDEFG.md",
        "vim (conflicted copy 2026-11-22).md",
        "vim (Ann's conflicted copy 2026-11-22).md",
        "._vim.md",
        ".vim.md.icloud",
        "picture.png",
    ):
        (root / name).write_text(task(name), "utf-8")
    (root / ".#vim.md").symlink_to("ann@host.4711:1764000000")
    for folder in (".obsidian", ".git", ".trash", ".stversions"):
        (root / folder).mkdir()
    for number in range(100):
        (root / ".obsidian/workspace.json").write_text(f'{{"at": {number}}}')
        (root / ".git/index.lock").write_text("")
        (root / ".git/index.lock").replace(root / ".git/index")
        (root / ".trash/old.md").write_text(task("old"), "utf-8")
    time.sleep(1)
    assert watcher.rests
    assert watcher.syncs == before
    watcher.has_seen_all()
    assert {text for text in indexed(root) if "before" not in text and "seen" not in text} == set()


def test_a_note_written_in_pieces_never_loses_a_task_meanwhile(
    root: Path, watcher: Watching
) -> None:
    note = root / "slow.md"
    tasks = [task(f"task {number} of many") for number in range(30)]
    note.write_text("".join(tasks), "utf-8")
    wait_until(lambda: "task 29 of many" in indexed(root))
    watcher.wait_for_rest()
    all_of_them = indexed(root)
    with note.open("w", encoding="utf-8") as file:
        for line in (*tasks, task("one more")):
            file.write(line)
            file.flush()
            time.sleep(0.05)
            assert indexed(root) >= all_of_them
    wait_until(lambda: indexed(root) == {*all_of_them, "one more"})


def test_a_checkout_is_few_syncs_and_so_is_the_way_back(vault: MakeVault) -> None:
    notes = {f"{n % 20}/{n}.md": f"- [ ] old {n}\n" for n in range(400)}
    root = vault({"mdtasks.toml": SETTINGS, ".gitignore": "mdtasks.toml\n", **notes})

    def git(*words: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "gc.auto=0")
        subprocess.run(["git", "-C", root, *who, *words], check=True, capture_output=True)

    git("init", "-b", "old")
    git("add", ".")
    git("commit", "-m", "old")
    git("checkout", "-b", "new")
    for n in range(400):
        (root / f"{n % 20}/{n}.md").rename(root / f"{n % 20}/new {n}.md")
        (root / f"{n % 20}/new {n}.md").write_text(f"- [ ] new {n}\n", "utf-8")
    git("add", ".")
    git("commit", "-m", "new")
    with watching(root) as watcher:
        watcher.wait_for_rest()
        for branch in ("old", "new"):
            before, began = watcher.syncs, time.monotonic()
            git("checkout", branch)
            took = time.monotonic() - began
            expected = {f"{branch} {n}" for n in range(400)}
            wait_until(lambda: indexed(root) == expected, branch)  # noqa: B023 (it waits here)
            watcher.wait_for_rest()
            # One, and one more for each two seconds that it takes.
            assert watcher.syncs - before <= 2 + took // 2
