"""The file of the index: damaged, foreign, shared, without room."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sqlite3
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

import pytest

from mdtasks.errors import LockedError, MdtasksError
from mdtasks.index import connection
from mdtasks.index.store import DamagedIndexError, Store, delete
from tests.stores import (
    BIG_NOTE,
    MONDAY,
    NOBODY,
    STAMP,
    SUNDAY,
    TICKED,
    VAULT,
    done_days,
    marked,
    note,
    put,
    task,
    uids,
)

# The file


def spoil_header(place: Path) -> None:
    place.write_bytes(b"this is no database" * 1000)


def put_a_strangers(place: Path) -> None:
    place.unlink()
    with sqlite3.connect(place) as db:
        db.execute("CREATE TABLE tasks (mine)")
    db.close()


def change_version(place: Path) -> None:
    with sqlite3.connect(place) as db:
        db.execute("PRAGMA user_version = 7")
    db.close()


def cut_short(place: Path) -> None:
    os.truncate(place, 5000)


def leave_nothing(place: Path) -> None:
    os.truncate(place, 0)


@pytest.mark.parametrize(
    "harm", [spoil_header, put_a_strangers, change_version, cut_short, leave_nothing]
)
def test_a_file_that_is_not_ours_is_made_anew(place: Path, harm: Callable[[Path], None]) -> None:
    with Store.open(place, VAULT) as store:
        put(store, note("a.md", *(task(f"task {n}", n) for n in range(100))))
    harm(place)
    with Store.open(place, VAULT) as store:
        assert store.stamps() == {}
        put(store, note("a.md", task()))
        assert store.counts() == (1, 1, 1)


def test_damage_found_later_is_told_as_such(place: Path) -> None:
    with Store.open(place, VAULT) as store:
        put(store, note("a.md", *(task(f"task {n}", n) for n in range(1000))))
    size = place.stat().st_size
    with place.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size // 2))
    with Store.open(place, VAULT) as store, pytest.raises(DamagedIndexError):
        store.tasks()
    delete(place)
    with Store.open(place, VAULT) as store:
        assert store.tasks() == []


def test_other_settings_have_all_notes_read_again_and_forget_no_day(place: Path) -> None:
    with Store.open(place, VAULT, "one") as store:
        put(store, note("a.md", task()))
        put(store, note("a.md", TICKED))
    with Store.open(place, VAULT, "one") as store:
        assert store.stamps() == {"a.md": STAMP}
    with Store.open(place, VAULT, "two") as store:
        assert store.stamps()["a.md"] != STAMP
        assert store.digest("a.md") != b"digest"
        put(store, note("a.md", TICKED), on=MONDAY)
        assert done_days(store) == [SUNDAY]


def test_only_its_owner_can_look_into_the_cache(place: Path, store: Store) -> None:
    assert place.parent.stat().st_mode & 0o077 == 0


# Several at once


def in_another_process(act: Callable[..., object], *args: object) -> ForkProcess:
    process = multiprocessing.get_context("fork").Process(target=act, args=args)
    process.start()
    return process


def _open_and_put(place: Path, path: str) -> None:
    with Store.open(place, VAULT) as store:
        put(store, note(path, task(), marked(line=2)))


@pytest.mark.parametrize("found", [None, b"", b"this is no database" * 1000])
def test_several_processes_make_one_index(place: Path, found: bytes | None) -> None:
    place.parent.mkdir()
    if found is not None:
        place.write_bytes(found)
    paths = [f"{n}.md" for n in range(6)]
    others = [in_another_process(_open_and_put, place, path) for path in paths]
    for other in others:
        other.join()
    assert [other.exitcode for other in others] == [0] * len(others)
    with Store.open(place, VAULT) as store:
        assert sorted(store.stamps()) == paths
        assert len(set(uids(store))) == store.counts().tasks == 12


def test_a_reader_does_not_wait_for_a_writer(place: Path, store: Store) -> None:
    put(store, note("a.md", task()))
    with _writer(place), Store.open(place, VAULT) as reader:
        assert reader.counts() == (1, 1, 1)


def test_a_second_writer_waits_and_then_says_why(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_PATIENCE", 0.1)
    with Store.open(place, VAULT) as store, _writer(place), pytest.raises(LockedError):
        put(store, note("a.md", task()))


class _writer:  # noqa: N801 (used as a function is)
    """Somebody in the middle of a change."""

    def __init__(self, place: Path) -> None:
        self.db = sqlite3.connect(place, isolation_level=None)

    def __enter__(self) -> None:
        self.db.execute("BEGIN IMMEDIATE")
        self.db.execute("DELETE FROM tasks")

    def __exit__(self, *_: object) -> None:
        self.db.close()


# No permission, no room


def test_a_cache_folder_that_cannot_be_made_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"a file")
    with pytest.raises(MdtasksError, match="cannot be used") as raised:
        Store.open(tmp_path / "cache" / "index.db", VAULT)
    assert "folder" in raised.value.hint


def test_a_folder_in_the_place_of_the_index_is_an_error_with_a_hint(place: Path) -> None:
    place.mkdir(parents=True)
    with pytest.raises(MdtasksError, match="cannot be used"):
        Store.open(place, VAULT)


def _expect_unusable(folder: Path) -> None:
    os.chdir(folder)  # nobody cannot get here from the top
    if os.getuid() == 0:
        os.setuid(NOBODY)
    with pytest.raises(MdtasksError, match="cannot be used"):
        Store.open(Path("index.db"), VAULT)


@pytest.mark.parametrize("made_before", [True, False])
def test_a_cache_folder_that_is_read_only_is_an_error_with_a_hint(
    place: Path, made_before: bool
) -> None:
    place.parent.mkdir()
    if made_before:
        Store.open(place, VAULT).close()
    place.parent.chmod(0o555)
    child = in_another_process(_expect_unusable, place.parent)
    child.join()
    place.parent.chmod(0o755)
    assert child.exitcode == 0


def test_a_full_disk_is_an_error_with_a_hint_and_loses_nothing(place: Path, store: Store) -> None:
    put(store, note("a.md", task()))
    before = store.tasks()
    limits: tuple[Any, Any] = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        with pytest.raises(MdtasksError, match="cannot be used") as raised:
            put(store, note("b.md", *(task(f"task {n}", n) for n in range(BIG_NOTE))))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "room" in raised.value.hint
    assert store.tasks() == before
