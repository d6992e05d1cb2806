"""Files of our own: whole or not at all, and untouched when they are right."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mdtasks.errors import MdtasksError
from mdtasks.write.publish import publish

WRITER = """
import sys
from pathlib import Path
from mdtasks.write.publish import publish
print("ready", flush=True)
for round in range(10**9):
    publish(Path(sys.argv[1]), b"ab"[round % 2 :][:1] * 300_000)
"""


def test_a_new_file_is_written_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "calendar.ics"
    assert publish(path, b"new")
    assert path.read_bytes() == b"new"


def test_equal_bytes_touch_nothing(tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    publish(path, b"same")
    before, folder = path.stat(), tmp_path.stat()
    assert not publish(path, b"same")
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert tmp_path.stat().st_mtime_ns == folder.st_mtime_ns


def test_a_rewritten_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    path.write_bytes(b"old")
    path.chmod(0o604)
    assert publish(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o604


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.ics").write_bytes(b"old")
    link = tmp_path / "link.ics"
    link.symlink_to("real.ics")
    assert publish(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "real.ics").read_bytes() == b"new"


def test_a_reader_that_has_the_file_open_reads_it_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    publish(path, b"old")
    with path.open("rb") as reader:
        publish(path, b"new")
        assert reader.read() == b"old"


def test_what_cannot_be_written_is_named_with_a_hint_and_leaves_nothing(tmp_path: Path) -> None:
    in_the_way = tmp_path / "calendar.ics"
    in_the_way.mkdir()
    with pytest.raises(MdtasksError, match=r"calendar\.ics: cannot be written") as failed:
        publish(in_the_way, b"new")
    assert failed.value.hint
    with pytest.raises(MdtasksError):
        publish(Path("/proc/mdtasks/calendar.ics"), b"new")
    assert list(tmp_path.iterdir()) == [in_the_way]


def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    publish(path, b"a" * 300_000)
    for delay in (0.001, 0.004, 0.009, 0.016, 0.025):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            writer.wait(delay)
        writer.kill()
        writer.communicate()
        assert path.read_bytes() in (b"a" * 300_000, b"b" * 300_000)
