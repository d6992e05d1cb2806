"""The first reading of a vault: by one process or two, cut off or not, the index is the same."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mdtasks.app import reading
from mdtasks.app.reading import Reader, Wanted, read_notes
from mdtasks.app.refresh import refresh
from mdtasks.app.session import Session, open_session
from mdtasks.index.rows import Entry
from mdtasks.index.store import Stamp, Store
from tests.conftest import MakeVault
from tests.running import still
from tests.stores import STAMP, SUNDAY, VAULT, entry, marked, note, task

NOW = "2026-11-22T09:00"
NOTES: dict[str, str | bytes] = {
    **{f"Work/{n}.md": f"# {n}\n\n- [ ] call {n} 📅 2026-11-{n % 28 + 1:02}\n" for n in range(40)},
    "one.md": "- [ ] claimed twice ^mark\n  - [x] below it\n",
    "two.md": "- [ ] claimed twice ^mark\n- [ ] claimed once 🆔 alone\n",
    "bytes.md": b"- [ ] caf\xe9\n- [ ] caf\xe9\n",
    "bad.md": "---\ntags: [\n---\n- [ ] under bad front matter\n",
    "none.md": "no task\n",
    "2026-11-20.md": b"# Time log\n\n- 09:00 - 10:00 call 1\n- 10:00 - caf\xe9\n",
}

# A second process that dies while it reads the seventh note.
MORTAL = """
import os, sys
sys.path[:] = {path!r}
from mdtasks.app import reading
class Mortal(reading.Reader):
    def read(self, *wanted):
        Mortal.left -= 1
        return super().read(*wanted) if Mortal.left else os._exit(9)
Mortal.left = 7
import pickle
loads = pickle.loads
pickle.loads = lambda data: Mortal(*loads(data))
reading.serve()
"""


@pytest.fixture(autouse=True)
def _small_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both processes have something to do."""
    monkeypatch.setattr(reading, "SECOND_FROM", 10)
    monkeypatch.setattr(reading, "_UNIT_NOTES", 3)
    monkeypatch.setattr(reading, "_cores", lambda: 2)


def session_of(root: Path) -> Session:
    return open_session(str(root), NOW, lambda line: None)


def index_of(root: Path, place: Path) -> list[list[tuple[object, ...]]]:
    """Read the vault into a new index; return its tables, row by row."""
    still(root)  # what was written a moment ago is looked at again
    with Store.open(place, VAULT) as store:
        refresh(session_of(root), store)
    return tables(place)


def tables(place: Path) -> list[list[tuple[object, ...]]]:
    db = sqlite3.connect(place)
    names = ("tasks", "problems", "intervals", "notes", "meta")
    # Generations begin by the clock: none of two indexes is that of the other.
    db.execute("UPDATE meta SET generation = 0")
    found = [db.execute(f"SELECT rowid, * FROM {name} ORDER BY rowid").fetchall() for name in names]
    db.close()
    return found


def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SECOND_FROM", 10**9)


def no_reading_here(self: Reader, wanted: object) -> list[reading.Reading]:
    raise AssertionError("this process was to read nothing")


def test_two_processes_make_the_same_index_as_one(
    vault: MakeVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = vault(NOTES)
    two = index_of(root, tmp_path / "two.db")
    alone(monkeypatch)
    assert two == index_of(root, tmp_path / "one.db")
    assert len(two[0]) > len(NOTES)


def test_a_second_process_reads(
    vault: MakeVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = vault(NOTES)
    alone(monkeypatch)
    one = index_of(root, tmp_path / "one.db")
    monkeypatch.setattr(reading, "SECOND_FROM", 10)
    monkeypatch.setattr(reading, "_AHEAD", len(NOTES))
    monkeypatch.setattr(Reader, "read_all", no_reading_here)
    assert index_of(root, tmp_path / "two.db") == one


@pytest.mark.parametrize(
    "command", ["import sys; sys.exit(3)", "no python at all", "print('noise')", MORTAL]
)
def test_a_second_process_that_dies_loses_nothing(
    vault: MakeVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    root = vault(NOTES)
    monkeypatch.setattr(reading, "_COMMAND", command)
    broken = index_of(root, tmp_path / "broken.db")
    alone(monkeypatch)
    assert broken == index_of(root, tmp_path / "one.db")


@pytest.mark.parametrize("program", ["", "/no/such/python"])
def test_where_no_second_process_can_be_had_one_reads_all(
    vault: MakeVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    root = vault(NOTES)
    monkeypatch.setattr(sys, "executable", program)
    rows = index_of(root, tmp_path / "broken.db")
    alone(monkeypatch)
    assert rows == index_of(root, tmp_path / "one.db")


def test_few_notes_start_no_second_process(
    vault: MakeVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("nine notes are not many")

    monkeypatch.setattr(reading._Second, "start", fail)
    index_of(vault({f"{n}.md": "- [ ] call\n" for n in range(9)}), tmp_path / "one.db")


def test_progress_counts_the_notes_of_both(vault: MakeVault, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with Store.open(tmp_path / "index.db", VAULT) as store:
        refresh(session_of(vault(NOTES)), store, lambda *step: told.append(step))
    assert told == sorted(told)
    assert told[-1] == (len(NOTES), len(NOTES))


def test_ctrl_c_ends_the_second_process_too(
    vault: MakeVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*args: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(popen(*args, **options))  # type: ignore[call-overload]
        return started[-1]

    def interrupt(read: int, total: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", start)
    root = vault(NOTES)
    with Store.open(tmp_path / "index.db", VAULT) as store, pytest.raises(KeyboardInterrupt):
        refresh(session_of(root), store, interrupt)
    assert [process.poll() for process in started] == [-signal.SIGKILL]


def test_notes_come_in_the_order_in_which_they_are_wanted(vault: MakeVault) -> None:
    session = session_of(vault(NOTES))
    reader = Reader(session.root, session.config.read, VAULT)
    paths = sorted(NOTES, reverse=True)
    some = read_notes(reader, [Wanted(path, 10, b"") for path in paths])
    assert [each.path for readings in some for each in readings] == paths


# A first load that was interrupted

KILLED = """
import os, signal, sys
from pathlib import Path
from mdtasks.app import reading
from mdtasks.app import refresh as refreshing
from mdtasks.app.session import open_session
from mdtasks.index.store import Store

def die(read, total):
    if read >= 30:
        os.kill(os.getpid(), signal.SIGKILL)

reading.SECOND_FROM, reading._UNIT_NOTES, refreshing.BATCH = 10, 3, 6
with Store.open(Path(sys.argv[2]), "home") as store:
    refreshing.refresh(open_session(sys.argv[1], "2026-11-22T09:00", print), store, die)
"""


def test_after_a_kill_the_load_goes_on_where_it_was(
    vault: MakeVault, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = vault(NOTES)
    killed = subprocess.run([sys.executable, "-c", KILLED, root, place], check=False)
    assert killed.returncode == -signal.SIGKILL
    (root / "one.md").write_text("- [ ] claimed by nobody else\n")
    (root / "Work" / "0.md").unlink()
    with Store.open(place, VAULT) as store:
        assert not store.is_complete
        before = store.stamps()
        assert 0 < len(before) < len(NOTES)
        refresh(session_of(root), store)
        assert store.is_complete
        kept = [(task.uid, task.text) for task in store.tasks()]
        assert store.texts("one.md") == [(1, "claimed by nobody else")]
    with Store.open(tmp_path / "anew.db", VAULT) as store:
        refresh(session_of(root), store)
        assert kept == [(task.uid, task.text) for task in store.tasks()]


def claims(store: Store) -> list[tuple[str, str]]:
    return [(each.source.path, each.uid) for each in store.tasks()]


ENTRIES = [
    (entry(note("a.md", marked(), task("call", 2), task("call", 3))), STAMP),
    (entry(note("b.md", marked(), task("caf\udce9", 2))), STAMP),
    (entry(note("c.md", task(), task("below", 2))), STAMP),
]


def by_one(one: Store, two: Store) -> None:
    one.fill(ENTRIES, SUNDAY)


def by_both(one: Store, two: Store) -> None:
    one.fill(ENTRIES, SUNDAY)
    two.fill(ENTRIES, SUNDAY)


def by_turns(one: Store, two: Store) -> None:
    one.fill(ENTRIES[:2], SUNDAY)
    two.fill(ENTRIES[1:], SUNDAY)


def late(one: Store, two: Store) -> None:
    one.fill(ENTRIES[:1], SUNDAY)
    one.complete()
    two.fill(ENTRIES[1:], SUNDAY)


def by_an_update(one: Store, two: Store) -> None:
    one.fill(ENTRIES[:1], SUNDAY)
    two.update(ENTRIES, (), SUNDAY)


# An id that stands twice counts for the task that had it first, and where none was first for none.
@pytest.mark.parametrize(
    ("load", "steps"),
    [
        (by_one, [ENTRIES]),
        (by_both, [ENTRIES]),
        (by_turns, [ENTRIES]),
        (late, [[each] for each in ENTRIES]),
        (by_an_update, [[each] for each in ENTRIES]),
    ],
)
def test_however_it_is_loaded_the_index_says_the_same(
    place: Path,
    tmp_path: Path,
    load: Callable[[Store, Store], None],
    steps: list[list[tuple[Entry, Stamp]]],
) -> None:
    with Store.open(place, VAULT) as one, Store.open(place, VAULT) as two:
        load(one, two)
        two.complete()
        one.complete()
        found = claims(one)
    with Store.open(tmp_path / "kept.db", VAULT) as kept:
        for step in steps:
            kept.update(step, (), SUNDAY)
        assert found == claims(kept)
    assert len({uid for _, uid in found}) == len(found) == 7
