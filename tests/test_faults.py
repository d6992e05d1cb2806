"""Disks that fail at every system call: the note stays as it was, and that is said."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mdtasks.errors import MdtasksError, RefusedError
from mdtasks.model import Edit
from mdtasks.write import journal, outbox
from mdtasks.write.safely import UNATTENDED, apply, deliver, take_back, write_note
from tests.conftest import MakeVault
from tests.faults import CHANGING, READING, Nth, counted, failing, in_child
from tests.ticking import (
    AT_ONCE,
    ONE,
    ONE_DATED,
    ONE_DONE,
    RIGHT_NOW,
    dated,
    make_old,
    temp_files,
    tick,
)

CODES = [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS]
NOBODY = 65534
IN_PLACE, EXCHANGED = (tick("a.md", 1, "one"),), (dated("a.md", 1, "one"),)
BOTH = (dated("a.md", 1, "one"), tick("b.md", 1, "one"))
DONE = {IN_PLACE: (ONE_DONE, ONE), EXCHANGED: (ONE_DATED, ONE), BOTH: (ONE_DATED, ONE_DONE)}

EVERY_CODE = pytest.mark.parametrize("code", CODES, ids=[errno.errorcode[code] for code in CODES])
EVERY_EDIT = pytest.mark.parametrize("edits", DONE, ids=["in place", "exchange", "two notes"])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def start_over(root: Path, state: Path) -> None:
    for folder in (root, state):
        shutil.rmtree(folder, ignore_errors=True)
    root.mkdir()
    for name in ("a.md", "b.md"):
        (root / name).write_bytes(ONE)


def notes(root: Path) -> tuple[bytes, ...]:
    return tuple((root / name).read_bytes() for name in ("a.md", "b.md"))


def fails(fault: Nth, code: int, work: Callable[[], object]) -> bool:
    """Do the work on a disk that fails once; return whether it was refused."""
    # Reading needs no room and no right to write.
    with counted(fault, CHANGING + READING if code == errno.EIO else CHANGING):
        try:
            work()
        except MdtasksError as refused:
            return bool(refused.message and refused.hint)
    return False


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def can_be_undone(root: Path, state: Path) -> bool:
    try:
        take_back(root, state, AT_ONCE)
    except RefusedError as refused:
        return refused.message != "nothing to undo"
    return True


@EVERY_CODE
@EVERY_EDIT
def test_a_call_that_fails_leaves_every_note_as_it_was_or_the_tick_is_made(
    root: Path, state: Path, edits: tuple[Edit, ...], code: int
) -> None:
    refusals = 0
    for number in count(1):
        start_over(root, state)
        fault = Nth(number, failing(code))
        refused = fails(fault, code, lambda: apply(root, state, edits, RIGHT_NOW))
        assert notes(root) == ((ONE, ONE) if refused else DONE[edits])
        assert temp_files(root) == []
        deliver(root, state, RIGHT_NOW)
        assert notes(root) == ((ONE, ONE) if refused else DONE[edits])
        assert can_be_undone(root, state) != refused
        assert notes(root) == (ONE, ONE)
        refusals += refused
        if not fault.reached:
            break
    assert refusals > 10


@EVERY_CODE
def test_an_undo_that_fails_changes_nothing_and_can_be_repeated(
    root: Path, state: Path, code: int
) -> None:
    for number in count(1):
        start_over(root, state)
        apply(root, state, BOTH, AT_ONCE)
        fault = Nth(number, failing(code))
        refused = fails(fault, code, lambda: take_back(root, state, RIGHT_NOW))
        assert notes(root) == (DONE[BOTH] if refused else (ONE, ONE))
        assert temp_files(root) == []
        if refused:
            take_back(root, state, AT_ONCE)
        assert notes(root) == (ONE, ONE)
        if not fault.reached:
            break


@EVERY_CODE
@pytest.mark.parametrize("before", [None, ONE])
def test_a_section_that_fails_leaves_the_note_as_it_was(
    root: Path, state: Path, before: bytes | None, code: int
) -> None:
    for number in count(1):
        start_over(root, state)
        if before is None:
            (root / "a.md").unlink()
        fault = Nth(number, failing(code))
        refused = fails(
            fault, code, lambda: write_note(root, state, "a.md", before, b"new", RIGHT_NOW)
        )
        now = (root / "a.md").read_bytes() if (root / "a.md").exists() else None
        assert now == (before if refused else b"new")
        assert temp_files(root) == []
        if not fault.reached:
            break


@EVERY_CODE
def test_what_nobody_waits_for_stays_in_the_outbox_with_the_reason(
    root: Path, state: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_over(root, state)
    make_old(root / "a.md")
    keep_copy = journal.keep_copy

    def full(*args: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(journal, "keep_copy", full)
    with pytest.raises(RefusedError):
        apply(root, state, EXCHANGED, UNATTENDED)
    (waiting,) = outbox.pending(state)
    assert (waiting.path, waiting.line, waiting.text) == ("a.md", 1, "- [ ] one")
    assert waiting.wanted == ("- [x] one ✅ 2026-11-22",)
    assert waiting.why == os.strerror(code)
    assert deliver(root, state) == (waiting,)
    assert notes(root) == (ONE, ONE)
    monkeypatch.setattr(journal, "keep_copy", keep_copy)
    assert deliver(root, state) == ()
    assert notes(root) == (ONE_DATED, ONE)


# --- real ones ---


@contextmanager
def full_disk(folder: Path, size: int) -> Iterator[None]:
    """Let `folder` be on a disk with room for so many bytes; where we may not mount one, let the
    system refuse longer files."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    mounted = (
        shutil.which("mount")
        and not subprocess.run(["mount", *options], check=False, capture_output=True).returncode
    )
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        if not mounted:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, before[1]))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def test_on_a_full_disk_the_note_stays_as_it_was(root: Path, state: Path) -> None:
    page = 4096
    with full_disk(root, 4 * page):
        note = ONE + b"x\n" * page  # three pages: a second one finds no room
        (root / "a.md").touch()
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit[1], limit[1]))
        (root / "a.md").write_bytes(note)
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        with pytest.raises(RefusedError, match=r"a\.md: (No space left|File too large)"):
            apply(root, state, EXCHANGED, AT_ONCE)
        assert (root / "a.md").read_bytes() == note
        assert list(root.iterdir()) == [root / "a.md"]
        assert outbox.is_empty(state)


def test_on_a_full_state_folder_no_note_is_touched(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE})
    before = (root / "a.md").stat()
    with full_disk(state, 2 * 4096):
        fill(state)
        with pytest.raises(MdtasksError):
            apply(root, state, EXCHANGED, AT_ONCE)
    after = (root / "a.md").stat()
    assert (root / "a.md").read_bytes() == ONE
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def fill(folder: Path) -> None:
    """Take what room there is; where files may only not be long, have a long outbox."""
    for name in ("filler", "outbox.jsonl"):
        with suppress(OSError), (folder / name).open("wb", buffering=0) as file:
            for _ in range(64):
                file.write(b"x" * 63 + b"\n")


@pytest.fixture
def anybodys() -> Iterator[Path]:
    """Return a folder to which every user finds the way."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_folder_that_may_not_be_written_keeps_the_note(anybodys: Path) -> None:
    note, state = anybodys / "vault" / "Sub" / "a.md", anybodys / "state"
    note.parent.mkdir(parents=True)
    note.write_bytes(ONE)
    state.mkdir()
    if os.geteuid() == 0:
        for path in (note, state):
            os.chown(path, NOBODY, NOBODY)
    note.parent.chmod(0o555)

    def refuse() -> None:
        with pytest.raises(RefusedError, match=r"^Sub/a\.md: Permission denied"):
            apply(anybodys / "vault", state, [dated("Sub/a.md", 1, "one")], AT_ONCE)

    try:
        assert in_child(refuse, user=NOBODY) == 0
        assert outbox.is_empty(state)
        assert note.read_bytes() == ONE
        assert list(note.parent.iterdir()) == [note]
    finally:
        note.parent.chmod(0o755)


def test_a_note_of_another_person_that_we_may_write_is_written(anybodys: Path) -> None:
    root, state = anybodys / "vault", anybodys / "state"
    for folder in (root, state):
        folder.mkdir()
        folder.chmod(0o777)
    note = root / "a.md"
    note.write_bytes(ONE)
    note.chmod(0o666)

    # The kernel lends a file for ourselves only to its owner: then the way is an exchange.
    def write() -> None:
        apply(root, state, IN_PLACE, AT_ONCE)

    assert in_child(write, user=NOBODY) == 0
    assert note.read_bytes() == ONE_DONE
    assert note.stat().st_mode & 0o777 == 0o666
    assert temp_files(root) == []
