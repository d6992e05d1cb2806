"""What `[read] ignore` leaves out is remembered, and never remembered wrongly."""

from __future__ import annotations

from pathlib import Path

from mdtasks.vault import walk
from tests.conftest import MakeVault
from tests.running import mdtasks
from tests.test_startup import loaded_by

NOTES = {
    "mdtasks.toml": '[read]\nignore = ["Attic/", "draft-*"]\n',
    "a.md": "- [ ] one\n",
    "draft-b.md": "- [ ] two\n",
    "Attic/c.md": "- [ ] three\n",
    "Work/d.md": "- [ ] four\n",
}


def texts(root: Path) -> set[str]:
    return {task["text"] for task in mdtasks(root, "list", "--json").json["tasks"]}


def test_the_second_walk_does_not_ask_the_patterns_again(vault: MakeVault) -> None:
    root = vault(NOTES)
    assert texts(root) == {"one", "four"}
    assert texts(root) == {"one", "four"}
    assert "pathspec" not in loaded_by(root, "today")


def test_a_new_note_in_an_ignored_folder_stays_out(vault: MakeVault) -> None:
    root = vault(NOTES)
    texts(root)
    (root / "Attic" / "e.md").write_text("- [ ] five\n", encoding="utf-8")
    (root / "draft-f.md").write_text("- [ ] six\n", encoding="utf-8")
    (root / "Work" / "g.md").write_text("- [ ] seven\n", encoding="utf-8")
    assert texts(root) == {"one", "four", "seven"}


def test_other_patterns_count_at_once(vault: MakeVault) -> None:
    root = vault(NOTES)
    texts(root)
    (root / "mdtasks.toml").write_text('[read]\nignore = ["Work/"]\n', encoding="utf-8")
    assert texts(root) == {"one", "two", "three"}
    (root / "mdtasks.toml").unlink()
    assert texts(root) == {"one", "two", "three", "four"}


def test_a_known_note_that_becomes_a_folder_is_looked_into(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n"})
    known = walk(root).notes
    (root / "a.md").unlink()
    (root / "a.md").mkdir()
    (root / "a.md" / "b.md").write_text("- [ ] two\n", encoding="utf-8")
    assert set(walk(root, (), known).notes) == {"a.md/b.md"}


def test_what_was_never_read_is_not_trusted(vault: MakeVault) -> None:
    root = vault(NOTES)
    # Stamps of -1 stand for notes that are due to be read again, by other patterns perhaps.
    known = {"Attic/c.md": (-1, 10), "draft-b.md": (-1, 10)}
    assert set(walk(root, ("Attic/", "draft-*"), known).notes) == {"a.md", "Work/d.md"}
