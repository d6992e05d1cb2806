"""Hints: a refresh that looks at the notes that were saved, and at no others."""

from __future__ import annotations

import random
from collections.abc import Collection
from pathlib import Path

import pytest

from mdtasks.app.named import Memory
from mdtasks.app.publish import Published, publish
from mdtasks.app.refresh import Refreshed, refresh
from mdtasks.app.session import Session
from mdtasks.index.store import Store
from mdtasks.watch.hints import Heard, Hints
from mdtasks.watch.observing import concerned
from tests.conftest import MakeVault
from tests.running import still
from tests.test_watch import wait_until
from tests.watching import SETTINGS, indexed, session_of, task, watching


@pytest.fixture
def root(vault: MakeVault) -> Path:
    notes = {f"{name}.md": task(name) for name in ("a", "b", "sub/c")}
    root = vault({"mdtasks.toml": SETTINGS, **notes})
    still(root)
    refreshed(root)
    return root


def refreshed(root: Path, hints: Collection[str] | None = None) -> Refreshed:
    session = session_of(root)
    with session.store() as store:
        return refresh(session, store, hints=hints)


def test_only_the_notes_hinted_at_are_looked_at(root: Path) -> None:
    for name in ("a", "b", "sub/c"):
        (root / f"{name}.md").write_text(task(f"{name} anew"), "utf-8")
    assert refreshed(root, ["a.md", "sub/c.md"]).changed == ("a.md", "sub/c.md")
    assert indexed(root) == {"a anew", "b", "sub/c anew"}
    assert refreshed(root).changed == ("b.md",)


@pytest.mark.parametrize("change", ["new", "gone", "folder", "link"])
def test_where_not_all_hints_are_known_notes_the_whole_vault_is_compared(
    root: Path, change: str
) -> None:
    (root / "b.md").write_text(task("b anew"), "utf-8")
    note = root / ("new.md" if change == "new" else "a.md")
    note.unlink(missing_ok=True)
    if change == "new":
        note.write_text(task("new"), "utf-8")
    elif change == "folder":
        note.mkdir()
    elif change == "link":
        note.symlink_to(root / "b.md")
    found = refreshed(root, [note.name])
    assert "b.md" in found.changed
    assert found.gone == (() if change == "new" else ("a.md",))


def test_an_index_that_is_not_complete_is_not_content_with_hints(root: Path) -> None:
    session = session_of(root)
    session.places.cache.unlink()
    assert refreshed(root, ["a.md"]).changed == ("a.md", "b.md", "sub/c.md")


def test_a_hint_at_a_note_that_is_as_it_was_changes_nothing(root: Path) -> None:
    assert refreshed(root, ["a.md"]).was_fresh


class Person:
    """Does what people and programs do to a vault; tells which paths an event would name."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.random = random.Random(seed)
        self.notes = {"a.md": "a", "b.md": "b", "sub/c.md": "sub/c"}
        self.count = 0

    def acts(self) -> set[str]:
        act = self.random.choice((self.saves, self.saves, self.makes, self.deletes, self.moves))
        return act(self.random.choice(sorted(self.notes)))

    def saves(self, path: str) -> set[str]:
        self.count += 1
        self.notes[path] = f"{path} {self.count}"
        (self.root / path).write_text(task(self.notes[path]), "utf-8")
        return {path}

    def makes(self, path: str) -> set[str]:
        return self.saves(f"new/{self.count}.md" if self.count % 2 else f"new {self.count}.md")

    def deletes(self, path: str) -> set[str]:
        if len(self.notes) > 1:
            (self.root / path).unlink()
            del self.notes[path]
        return {path}

    def moves(self, path: str) -> set[str]:
        self.count += 1
        to = f"moved {self.count}.md"
        (self.root / path).rename(self.root / to)
        self.notes[to] = self.notes.pop(path)
        return {path, to}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_hints_lead_to_what_the_whole_comparison_finds(
    root: Path, seed: int
) -> None:
    person = Person(root, seed)
    (root / "new").mkdir()
    for _ in range(25):
        hints = {path for _ in range(person.random.randint(1, 3)) for path in person.acts()}
        refreshed(root, hints)
        assert indexed(root) == set(person.notes.values())
    assert refreshed(root).gone == ()
    assert indexed(root) == set(person.notes.values())


# What a save does not change


def generation(root: Path) -> int:
    with session_of(root).store() as store:
        return store.generation


LINES = [f"- [ ] task {number}\n" for number in range(3)]
# So long that only the sections which changed are read.
SECTIONS = "".join(
    f"\n## {number}\n\n- [ ] task {number}\n\n{'words ' * 300}\n" for number in range(90)
)


@pytest.mark.parametrize("text", ["".join(LINES), SECTIONS], ids=["short", "long"])
def test_words_above_tasks_move_their_lines_and_change_nothing_else(root: Path, text: str) -> None:
    (root / "a.md").write_text(text, "utf-8")
    refreshed(root)
    before = generation(root)
    (root / "a.md").write_text(f"Words.\n\n{text}", "utf-8")
    assert refreshed(root).changed == ("a.md",)
    assert generation(root) == before
    rows = f"Words.\n\n{text}".split("\n")
    with session_of(root).store() as store:
        tasks = store.tasks(path="a.md")
    assert all(rows[each.source.line - 1] == each.source.text for each in tasks)
    assert len(tasks) == text.count("- [ ]")


@pytest.mark.parametrize(
    "lines",
    [
        [LINES[1], LINES[0], LINES[2]],
        LINES[:2],
        [*LINES, "- [ ] new\n"],
        [LINES[0], "- [ ] task one\n", LINES[2]],
        [LINES[0], f"    {LINES[1]}", LINES[2]],
        ["## Heading\n", *LINES],
    ],
)
def test_any_other_change_of_tasks_counts(root: Path, lines: list[str]) -> None:
    (root / "a.md").write_text("".join(LINES), "utf-8")
    refreshed(root)
    before = generation(root)
    (root / "a.md").write_text("".join(lines), "utf-8")
    refreshed(root)
    assert generation(root) > before


# What is heard


@pytest.mark.parametrize(
    ("path", "is_folder", "hints"),
    [
        ("a.md", False, ["a.md"]),
        ("Work/a b.MD", False, ["Work/a b.MD"]),
        ("a.txt", False, []),
        ("Work", True, [None]),
        (".obsidian", True, []),
        (".obsidian/workspace.json", False, []),
        (".obsidian/daily-notes.json", False, [None]),
        ("mdtasks.toml", False, [None]),
        ("Work/mdtasks.toml", False, []),
        (".trash/a.md", False, []),
        ("a.sync-conflict-20261122-090000-ABCDEFG.md", False, []),
        ("a (conflicted copy 2026-11-22).md", False, []),
        ("../vault2/a.md", False, []),
        ("", True, []),
    ],
)
def test_an_event_is_a_hint_by_its_name(
    tmp_path: Path, path: str, is_folder: bool, hints: list[str | None]
) -> None:
    heard: list[str | None] = []
    root = tmp_path / "vault"
    where = f"{tmp_path}/{path[3:]}" if path.startswith("../") else f"{root}/{path}".rstrip("/")
    concerned(root, where, is_folder, heard.append)
    assert heard == hints


def test_what_was_taken_is_not_heard_again() -> None:
    hints = Hints()
    for hint in ("a.md", "b.md", "a.md"):
        hints.put(hint)
    assert hints.wait(0.1)
    assert hints.take() == Heard(frozenset({"a.md", "b.md"}), whole=False)
    assert not hints.wait(0.01)
    hints.put(None)
    hints.put("c.md")
    assert hints.take() == Heard(frozenset({"c.md"}), whole=True)
    assert hints.take() == Heard(frozenset(), whole=False)


# What is published


def test_a_save_without_another_task_writes_the_feed_only_where_somebody_else_has(
    root: Path,
) -> None:
    with watching(root) as watcher:
        watcher.has_seen_all()
        before = watcher.feed.stat()
        (root / "a.md").write_text(task("a") + "\nMore words.\n", "utf-8")
        wait_until(lambda: watcher.said("read a.md") == 1)
        watcher.wait_for_rest()
        after = watcher.feed.stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
        watcher.feed.write_bytes(b"overwritten")
        (root / "a.md").write_text(task("a") + "\nMore and more words.\n", "utf-8")
        wait_until(lambda: watcher.publishes("SUMMARY"), "for the feed")


def test_what_another_run_reads_while_we_publish_is_published_too(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    between = iter([False, True])

    def publish_and_then_another_reads(
        session: Session, store: Store, attended: bool, memory: Memory
    ) -> Published:
        published = publish(session, store, attended, memory)
        if next(between, False):
            # As `mdtasks done` does: the watcher finds nothing new in the note that it hears of.
            (root / "b.md").write_text(task("b anew"), "utf-8")
            still(root)
            refreshed(root)
        return published

    monkeypatch.setattr("mdtasks.watch.loop.publish", publish_and_then_another_reads)
    with watching(root) as watcher:
        watcher.wait_for_rest()
        (root / "a.md").write_text(task("a anew"), "utf-8")
        wait_until(lambda: watcher.publishes("a anew"), "for the feed")
        wait_until(lambda: watcher.publishes("b anew"), "for what another read")
