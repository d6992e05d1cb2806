"""What mdtasks writes into a note by itself: the day's section."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mdtasks.errors import ChangedUnderUsError, RefusedError
from mdtasks.write.safely import Patience, take_back, write_note
from tests.conftest import MakeVault

AT_ONCE = Patience(quiet=timedelta(0))


def test_a_note_that_is_as_read_is_replaced(vault: MakeVault, tmp_path: Path) -> None:
    root = vault({"a.md": b"old\xff\r\n"})
    write_note(root, tmp_path / "state", "a.md", b"old\xff\r\n", b"new\xff\r\n", AT_ONCE)
    assert (root / "a.md").read_bytes() == b"new\xff\r\n"


def test_a_note_that_changed_since_is_left_alone(vault: MakeVault, tmp_path: Path) -> None:
    root = vault({"a.md": "theirs\n"})
    with pytest.raises(ChangedUnderUsError):
        write_note(root, tmp_path / "state", "a.md", b"old\n", b"new\n", AT_ONCE)
    assert (root / "a.md").read_bytes() == b"theirs\n"


def test_a_new_note_gets_its_folders(vault: MakeVault, tmp_path: Path) -> None:
    root = vault({})
    write_note(root, tmp_path / "state", "Daily/2026/11-23.md", None, b"new\n", AT_ONCE)
    assert (root / "Daily/2026/11-23.md").read_bytes() == b"new\n"


def test_a_note_that_appeared_meanwhile_is_not_replaced(vault: MakeVault, tmp_path: Path) -> None:
    root = vault({"a.md": "theirs\n"})
    with pytest.raises(ChangedUnderUsError):
        write_note(root, tmp_path / "state", "a.md", None, b"new\n", AT_ONCE)
    assert (root / "a.md").read_bytes() == b"theirs\n"


@pytest.mark.parametrize("path", ["../out.md", ".obsidian/a.md", "a.txt", "link/a.md"])
def test_no_note_is_made_outside_of_the_vault(vault: MakeVault, tmp_path: Path, path: str) -> None:
    root = vault({"b.md": "b\n"})
    (tmp_path / "elsewhere").mkdir()
    (root / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusedError):
        write_note(root, tmp_path / "state", path, None, b"new\n", AT_ONCE)
    assert not list((tmp_path / "elsewhere").iterdir())
    assert not (tmp_path / "out.md").exists()


def test_undo_does_not_take_it_back(vault: MakeVault, tmp_path: Path) -> None:
    root = vault({"a.md": "old\n"})
    write_note(root, tmp_path / "state", "a.md", b"old\n", b"new\n", AT_ONCE)
    with pytest.raises(RefusedError, match="nothing to undo"):
        take_back(root, tmp_path / "state")
