"""The undo store: what it gives back, and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdtasks.write import journal
from mdtasks.write.journal import Entry
from mdtasks.write.splice import Splice

NOW = 1_795_300_000.0
DAY = 24 * 3600

FIRST = (Splice("a.md", 2, ("- [x] a",), ("- [ ] a",), (None, "\udcff \u2028"), "\n"),)
SECOND = (
    Splice("Work/b.md", 1, ("new", "- [x] b ✅"), ("- [ ] b",), (None, None), "\r\n"),
    Splice("b.md", 9, (), ("- [ ] gone",), ("above", "below"), ""),
)


def test_the_last_command_comes_back_as_it_was_recorded(tmp_path: Path) -> None:
    journal.record(tmp_path, "first", FIRST, NOW)
    journal.record(tmp_path, "second", SECOND, NOW + 1)
    assert journal.last(tmp_path, NOW + 2) == Entry("second", NOW + 1, SECOND)
    journal.drop(tmp_path, "second", NOW + 2)
    assert journal.last(tmp_path, NOW + 2) == Entry("first", NOW, FIRST)
    journal.drop(tmp_path, "first", NOW + 2)
    assert journal.last(tmp_path, NOW + 2) is None


def test_a_command_is_one_line(tmp_path: Path) -> None:
    journal.record(tmp_path, "first", FIRST, NOW)
    journal.record(tmp_path, "second", SECOND, NOW)
    assert (tmp_path / "undo.jsonl").read_bytes().count(b"\n") == 2


def test_a_command_that_is_written_again_keeps_its_place(tmp_path: Path) -> None:
    journal.record(tmp_path, "first", FIRST, NOW)
    journal.record(tmp_path, "second", SECOND, NOW)
    journal.record(tmp_path, "first", SECOND, NOW + 1)
    assert journal.last(tmp_path, NOW + 2) == Entry("second", NOW, SECOND)
    journal.drop(tmp_path, "second", NOW + 2)
    assert journal.last(tmp_path, NOW + 2) == Entry("first", NOW + 1, SECOND)


def test_after_a_day_a_command_is_forgotten(tmp_path: Path) -> None:
    journal.record(tmp_path, "first", FIRST, NOW)
    assert journal.last(tmp_path, NOW + DAY)
    assert journal.last(tmp_path, NOW + DAY + 1) is None
    journal.record(tmp_path, "second", SECOND, NOW + DAY + 1)
    assert b"a.md" not in (tmp_path / "undo.jsonl").read_bytes()


@pytest.mark.parametrize("torn", [0.2, 0.5, 0.9])
def test_a_torn_last_line_costs_no_other_command(tmp_path: Path, torn: float) -> None:
    journal.record(tmp_path, "first", FIRST, NOW)
    store = tmp_path / "undo.jsonl"
    whole = store.read_bytes()
    store.write_bytes(whole + whole[: int(len(whole) * torn)])
    assert journal.last(tmp_path, NOW) == Entry("first", NOW, FIRST)
    journal.record(tmp_path, "second", SECOND, NOW)
    journal.drop(tmp_path, "second", NOW)
    assert journal.last(tmp_path, NOW) == Entry("first", NOW, FIRST)


@pytest.mark.parametrize("foreign", [b"[]", b"{}", b"7", b'{"at": 1, "splices": [{}]}', b"\xff"])
def test_a_foreign_line_is_passed_over(tmp_path: Path, foreign: bytes) -> None:
    (tmp_path / "undo.jsonl").write_bytes(foreign + b"\n")
    assert journal.last(tmp_path, NOW) is None


def test_displaced_bytes_are_kept_for_a_day(tmp_path: Path) -> None:
    journal.keep_copy(tmp_path, "Home.md", b"old \xff", NOW)
    journal.keep_copy(tmp_path, "Home.md", b"older", NOW + DAY - 1)
    assert {copy.read_bytes() for copy in (tmp_path / "displaced").iterdir()} == {
        b"old \xff",
        b"older",
    }
    journal.keep_copy(tmp_path, "x" * 255, b"new", NOW + DAY + 1)
    assert {copy.read_bytes() for copy in (tmp_path / "displaced").iterdir()} == {b"older", b"new"}


def test_a_file_is_our_own_until_somebody_writes_it(tmp_path: Path) -> None:
    note = tmp_path / "a.md"
    note.write_bytes(b"ours")
    assert not journal.is_own(tmp_path, note, note.stat())
    journal.mark_own(tmp_path, note, note.stat(), NOW)
    assert journal.is_own(tmp_path, note, note.stat())
    note.write_bytes(b"theirs")
    assert not journal.is_own(tmp_path, note, note.stat())
