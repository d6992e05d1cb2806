"""Bytes that change where they stand: those alone, and only while nobody else has the file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.write.files import look
from mdtasks.write.in_place import fits_in_place, overwrite
from mdtasks.write.leases import Answer, nobody_else, nobody_writes
from mdtasks.write.swap import Outcome
from tests.ticking import ONE, ONE_DONE, has_leases


@given(st.binary(max_size=1500), st.integers(0, 1499), st.binary(max_size=20))
def test_the_file_holds_the_new_bytes_and_stays_the_same_file(
    old: bytes, at: int, run: bytes
) -> None:
    at = min(at, len(old))
    new = old[:at] + run[: len(old) - at] + old[at + len(run) :]
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.md")
        path.write_bytes(old)
        before = path.stat()
        kept: list[bytes] = []
        outcome = overwrite(path, look(path), new, kept.append)
        crosses = len({n // 512 for n in range(len(old)) if old[n] != new[n]}) != 1
        assert fits_in_place(old, new) == (not crosses and sys.platform == "linux")
        if outcome is None:
            assert crosses or not has_leases(Path(folder))
            assert path.read_bytes() == old
        else:
            assert outcome is Outcome.WRITTEN
            assert path.read_bytes() == new
            assert kept == [old]
        assert path.stat().st_ino == before.st_ino


def test_a_note_that_changed_since_it_was_read_is_left(tmp_path: Path) -> None:
    note = tmp_path / "a.md"
    note.write_bytes(ONE)
    seen = look(note)
    note.write_bytes(b"- [ ] two\n")
    assert overwrite(note, seen, ONE_DONE, lambda data: None) is not Outcome.WRITTEN
    assert note.read_bytes() == b"- [ ] two\n"


def test_a_note_that_was_renamed_to_a_backup_keeps_its_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note, backup = tmp_path / "a.md", tmp_path / "a.md~"
    note.write_bytes(ONE)
    seen, fsync = look(note), os.fsync

    def renamed_meanwhile(descriptor: int) -> None:
        if not backup.exists():
            note.rename(backup)
            note.write_bytes(b"saved\n" + ONE)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", renamed_meanwhile)
    outcome = overwrite(note, seen, ONE_DONE, lambda data: None)
    assert outcome is (Outcome.DISTURBED if has_leases(tmp_path) else None)
    assert backup.exists() == has_leases(tmp_path)
    if backup.exists():
        assert backup.read_bytes() == ONE
        assert note.read_bytes() == b"saved\n" + ONE


# --- leases ---

OPENER = "import sys; print(open(sys.argv[1], sys.argv[2]).read(), end='')"


def test_who_opens_the_note_meanwhile_waits_and_ends_nothing(tmp_path: Path) -> None:
    note = tmp_path / "a.md"
    note.write_bytes(ONE)
    # With other threads about, as in a watcher: the signal may come to any of them.
    rest = threading.Event()
    others = [threading.Thread(target=rest.wait) for _ in range(3)]
    for other in others:
        other.start()
    descriptor = os.open(note, os.O_RDWR)
    with nobody_else(descriptor) as lease:
        opener = subprocess.Popen(
            [sys.executable, "-c", OPENER, str(note), "r"], stdout=subprocess.PIPE
        )
        while lease.answer is Answer.GRANTED and not lease.is_wanted:
            assert opener.poll() is None
        os.pwrite(descriptor, b"x", 3)
    assert opener.communicate()[0] == ONE_DONE
    os.close(descriptor)
    rest.set()
    for other in others:
        other.join()
    assert signal.getsignal(signal.SIGIO) is signal.SIG_DFL


def test_a_lease_is_refused_while_another_has_the_note_open(tmp_path: Path) -> None:
    note = tmp_path / "a.md"
    note.write_bytes(ONE)
    refused = Answer.IN_USE if has_leases(tmp_path) else Answer.NEVER
    descriptor = os.open(note, os.O_RDWR)
    with note.open("rb"), nobody_else(descriptor) as lease:
        assert lease.answer is refused
    os.close(descriptor)
    reader = os.open(note, os.O_RDONLY)
    with note.open("r+b"), nobody_writes(reader) as lease:
        assert lease.answer is refused
    with note.open("rb"), nobody_writes(reader) as lease:
        assert (lease.answer is Answer.GRANTED) == has_leases(tmp_path)
    os.close(reader)
