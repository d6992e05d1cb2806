"""The same notes of Evernote again: under another name, without what was deleted here."""

from __future__ import annotations

import shutil
from hashlib import md5
from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.exports import export, note, with_files
from tests.running import mdtasks
from tests.test_import_cli import everything, outcomes

PNG = ("a.png", "image/png", b"1" * 5000)
OTHER = ("a.png", "image/png", b"2" * 5000)
NOTES = (
    with_files("One", f'<en-media type="image/png" hash="{md5(PNG[2]).hexdigest()}"/>', PNG),
    with_files("Two", "<div>attached</div>", OTHER),
    note("Three", '<div><a href="evernote:///view/1/s1/x/x/">Four</a></div>'),
    note("Four"),
)
FOLDER = "From Evernote/A"


@pytest.fixture
def root(vault: MakeVault, tmp_path: Path) -> Path:
    root = vault({"a.md": "- [ ] a\n"})
    assert outcomes(root, export(tmp_path / "A.enex", *NOTES)) == ["new"] * 4
    return root


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return tmp_path / "A.enex"


def test_the_same_export_under_another_name_writes_nothing(root: Path, tmp_path: Path) -> None:
    before = everything(root)
    for name in ("A (1).enex", "A.enex", "B.enex"):
        assert outcomes(root, export(tmp_path / name, *NOTES)) == ["unchanged"] * 4
    assert everything(root) == before


@pytest.mark.parametrize("name", ["A (1) [x]", "Ünï 100%", "a"])
def test_any_name_of_the_first_export_is_kept_to(root: Path, tmp_path: Path, name: str) -> None:
    shutil.rmtree(root / FOLDER)
    outcomes(root, export(tmp_path / f"{name}.enex", *NOTES))
    before = everything(root)
    assert outcomes(root, export(tmp_path / "B.enex", *NOTES)) == ["unchanged"] * 4
    assert everything(root) == before


def test_a_new_attachment_of_a_known_note_goes_to_its_others(root: Path, tmp_path: Path) -> None:
    new = ("b.png", "image/png", b"3" * 50)
    more = export(tmp_path / "A (1).enex", with_files("Two", "<div>attached</div>", OTHER, new))
    assert outcomes(root, more) == ["updated"]
    assert (root / FOLDER / "_resources/b.png").read_bytes() == new[2]
    assert not (root / "From Evernote/A (1)").exists()


def test_a_picture_that_was_deleted_here_sends_nothing_elsewhere(
    root: Path, tmp_path: Path
) -> None:
    (root / FOLDER / "_resources/a.png").unlink()
    before = everything(root)
    assert outcomes(root, export(tmp_path / "A (1).enex", *NOTES)) == ["unchanged"] * 4
    assert everything(root) == before


def test_a_note_that_was_deleted_here_stays_deleted_and_that_is_said(
    root: Path, box: Path, tmp_path: Path
) -> None:
    (root / FOLDER / "Four.md").unlink()
    before = everything(root)
    for path in (box, export(tmp_path / "A (1).enex", *NOTES)):
        assert outcomes(root, path) == ["unchanged"] * 3 + ["deleted"]
    (line,) = mdtasks(root, "import", str(box)).lines
    assert line == f"{FOLDER}: 4 notes: 3 unchanged, 1 deleted here and left out"
    assert everything(root) == before


def test_deleted_notes_come_back_when_they_are_asked_for(root: Path, box: Path) -> None:
    (root / FOLDER / "Four.md").unlink()
    assert outcomes(root, box, "--deleted", "--dry-run") == ["unchanged"] * 3 + ["new"]
    assert outcomes(root, box, "--deleted") == ["unchanged"] * 3 + ["new"]
    assert (root / FOLDER / "Four.md").exists()


def test_who_deleted_all_notes_of_an_import_can_import_them_again(root: Path, box: Path) -> None:
    shutil.rmtree(root / FOLDER)
    assert outcomes(root, box) == ["new"] * 4


def test_a_note_without_its_ledger_is_not_taken_for_deleted(root: Path, box: Path) -> None:
    (root / FOLDER / "Four.md").write_text("mine now\n")
    assert outcomes(root, box)[3] == "new"
    assert (root / FOLDER / "Four 2.md").exists()


def test_a_new_note_does_not_take_the_name_of_a_deleted_one(root: Path, box: Path) -> None:
    (root / FOLDER / "Four.md").unlink()
    export(box, *NOTES, note("Four", created="20260303T080000Z"))
    assert outcomes(root, box)[3:] == ["deleted", "new"]
    assert (root / FOLDER / "Four 2.md").exists()


def test_a_moved_note_that_is_deleted_later_stays_deleted(root: Path, box: Path) -> None:
    (root / FOLDER / "Four.md").rename(root / "Four.md")
    assert outcomes(root, box)[3] == "unchanged"
    (root / "Four.md").unlink()
    assert outcomes(root, box)[3] == "deleted"
