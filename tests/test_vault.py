"""Which files are notes, what is passed over, and what is never taken for deleted."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks import vault as notes
from mdtasks.errors import ConfigError
from mdtasks.model import Problem
from mdtasks.read.names import is_note
from mdtasks.vault import Stamp, Walk
from tests.conftest import MakeVault

NOBODY = 65534

NOTES = [
    "a.md",
    "A.MD",
    "a.markdown",
    "Work/Deep/a.md",
    "folder.md/a.md",
    "~a.md",
    "a (1).md",
    "no conflict here.md",
    "new\nline.md",
    "日記/メモ.md",
]
OTHERS = [
    ".a.md.swp",
    ".a.md",
    "._a.md",
    "4913",
    "a.md~",
    "#a.md#",
    ".#a.md",
    ".syncthing.a.md.tmp",
    "~syncthing~a.md.tmp",
    "a.txt",
    "md",
    ".obsidian/a.md",
    ".trash/a.md",
    ".git/a.md",
    "Work/.hidden/Deep/a.md",
    "a.sync-conflict-20261122-090000-ABCDEFG.md",
    "a (conflicted copy 2026-11-22).md",
    "a (Ann's conflicted copy 2026-11-22).md",
    "a (Conflicted copy laptop 202611220900).md",
]


@pytest.mark.parametrize("path", NOTES)
def test_these_are_notes(vault: MakeVault, path: str) -> None:
    root = vault({path: "x"})
    assert list(notes.walk(root).notes) == [path]
    assert is_note(path)


@pytest.mark.parametrize("path", OTHERS)
def test_these_are_no_notes(vault: MakeVault, path: str) -> None:
    root = vault({path: "x"})
    assert not notes.walk(root).notes
    assert not is_note(path)


def test_names_that_are_not_utf8_survive(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md")).write_bytes(b"x")
    (path,) = notes.walk(tmp_path).notes
    assert path == "caf\udce9.md"
    assert notes.read(tmp_path, path) == b"x"


def test_a_stamp_is_the_time_and_the_size(vault: MakeVault) -> None:
    root = vault({"Work/a.md": "three"})
    stat = (root / "Work/a.md").stat()
    assert notes.walk(root).notes == {"Work/a.md": (stat.st_mtime_ns, 5)}


def test_conflicts_are_told(vault: MakeVault) -> None:
    path = "Work/a.sync-conflict-20261122-090000-ABCDEFG.md"
    assert notes.walk(vault({path: "x"})).conflicts == [path]


def test_links_are_not_followed(vault: MakeVault) -> None:
    root = vault({"Work/a.md": "x"})
    (root / "Work/loop").symlink_to(root, target_is_directory=True)
    (root / "again.md").symlink_to("Work/a.md")
    (root / "broken.md").symlink_to("nowhere.md")
    assert list(notes.walk(root).notes) == ["Work/a.md"]


def test_what_is_no_regular_file_is_no_note(vault: MakeVault) -> None:
    root = vault({"a.md": "x"})
    os.mkfifo(root / "pipe.md")
    assert list(notes.walk(root).notes) == ["a.md"]


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ([], ["Archive/keep.md", "Archive/old.md", "a.md", "a.tmp.md"]),
        (["Archive/"], ["a.md", "a.tmp.md"]),
        (["*.tmp.md", "/a.md"], ["Archive/keep.md", "Archive/old.md"]),
        (["Archive/*", "!Archive/keep.md"], ["Archive/keep.md", "a.md", "a.tmp.md"]),
        (["Archive/", "!Archive/keep.md"], ["a.md", "a.tmp.md"]),
        (["# a comment", ""], ["Archive/keep.md", "Archive/old.md", "a.md", "a.tmp.md"]),
    ],
)
def test_ignore_is_as_in_git(vault: MakeVault, patterns: list[str], left: list[str]) -> None:
    root = vault(dict.fromkeys(("Archive/keep.md", "Archive/old.md", "a.md", "a.tmp.md"), "x"))
    assert sorted(notes.walk(root, patterns).notes) == left


def test_an_impossible_pattern_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "a.md").touch()
    with pytest.raises(ConfigError, match=r"read\.ignore"):
        notes.walk(tmp_path, ["!"])


def test_a_note_that_changed_a_new_one_and_a_deleted_one_are_told_apart(vault: MakeVault) -> None:
    root = vault({"same.md": "x", "changed.md": "x", "deleted.md": "x"})
    known = notes.walk(root).notes
    vault({"changed.md": "xy", "new.md": "x"})
    (root / "deleted.md").unlink()
    changes = notes.compare(notes.walk(root), known)
    assert changes.changed == ("changed.md", "new.md")
    assert changes.gone == ("deleted.md",)


def test_an_edit_that_keeps_the_size_is_seen(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] x"})
    known = notes.walk(root).notes
    (root / "a.md").write_text("- [x] x")
    os.utime(root / "a.md", ns=(0, known["a.md"][0] + 1))
    assert notes.compare(notes.walk(root), known).changed == ("a.md",)


def test_a_note_that_icloud_has_put_away_is_not_deleted(vault: MakeVault) -> None:
    root = vault({"Work/a.md": "x", "Work/b.md": "x"})
    known = notes.walk(root).notes
    (root / "Work/a.md").rename(root / "Work/.a.md.icloud")
    (root / "Work/b.md").unlink()
    walked = notes.walk(root)
    assert walked.absent == {"Work/a.md"}
    assert notes.compare(walked, known).gone == ("Work/b.md",)


@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_notes_in_a_folder_that_cannot_be_read_are_not_deleted(vault: MakeVault, mode: int) -> None:
    root = vault({"Locked/Deep/a.md": "x", "Locked/a.md": "x", "Locked.md": "x", "b.md": "x"})
    known = notes.walk(root).notes
    (root / "Locked.md").unlink()
    (root / "Locked").chmod(mode)
    walked = walk_as_nobody(root)
    (root / "Locked").chmod(0o755)
    changes = notes.compare(walked, known)
    assert changes == notes.Changes(changed=(), gone=("Locked.md",))
    assert {problem.path for problem in walked.problems} <= {"Locked/", "Locked/Deep/"}
    assert walked.problems


def test_the_notes_of_a_vault_that_is_missing_are_not_deleted(tmp_path: Path) -> None:
    walked = notes.walk(tmp_path / "unmounted")
    assert walked.problems
    assert notes.compare(walked, {"a.md": (1, 1)}).gone == ()


def test_a_folder_too_deep_for_the_system_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):  # 20 × 250 is more than PATH_MAX
        os.mkdir("d" * 250, dir_fd=here)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    (problem,) = notes.walk(tmp_path).problems
    assert "too long" in problem.message


def test_a_note_of_ten_megabytes_is_read_and_a_larger_one_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "large.md").write_bytes(b"x" * notes.MAX_SIZE)
    (tmp_path / "larger.md").write_bytes(b"x" * (notes.MAX_SIZE + 1))
    assert notes.read(tmp_path, "large.md") == b"x" * notes.MAX_SIZE
    assert notes.read(tmp_path, "larger.md") == Problem(
        "larger.md", 1, "the note is larger than 10 MB", "split it into several"
    )


def test_a_note_that_vanished_is_a_problem(tmp_path: Path) -> None:
    assert isinstance(notes.read(tmp_path, "a.md"), Problem)


PATHS = st.sampled_from(["a.md", "Work/a.md", "Work/b.md", "Work.md", "Home/a.md"])
STAMPS = st.dictionaries(PATHS, st.tuples(st.integers(0, 2), st.integers(0, 2)))


@given(STAMPS, STAMPS, st.sets(PATHS), st.sampled_from([[], ["Work/"], [""]]))
def test_what_changed_makes_the_known_equal_to_the_vault(
    now: dict[str, Stamp], known: dict[str, Stamp], absent: set[str], unread: list[str]
) -> None:
    changes = notes.compare(Walk(now, [], absent, unread, [], {}), known)
    kept = {path: stamp for path, stamp in known.items() if path not in changes.gone}
    kept |= {path: now[path] for path in changes.changed}
    hidden = {path for path in kept if path in absent or path.startswith(tuple(unread))}
    assert kept.items() - now.items() <= {(path, known[path]) for path in hidden if path in known}
    assert now.items() <= kept.items()


def walk_as_nobody(root: Path) -> Walk:
    """Walk without root's right to read everything, in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=_send_walk, args=(theirs, root))
    child.start()
    try:
        assert ours.poll(10)
        walked = ours.recv()
    finally:
        child.join()
    assert isinstance(walked, Walk)
    return walked


def _send_walk(pipe: Connection, root: Path) -> None:
    os.chdir(root)  # nobody cannot get here from the top
    root.chmod(0o755)
    if os.getuid() == 0:
        os.setuid(NOBODY)
    pipe.send(notes.walk(Path()))
