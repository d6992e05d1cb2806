"""The index: it says what the notes say, whatever happened to it on the way."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import date, time, timedelta
from multiprocessing.context import ForkProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.errors import LockedError, MdtasksError
from mdtasks.index import store as index
from mdtasks.index.store import DamagedIndexError, Store
from mdtasks.model import Note, Priority, Problem, Source, Status, Task

VAULT = "home"
STAMP = (1, 1)
SUNDAY = date(2026, 11, 22)
MONDAY = date(2026, 11, 23)
NOBODY = 65534
BIG_NOTE = 3000


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "index.db"


@pytest.fixture
def store(place: Path) -> Iterator[Store]:
    with Store.open(place, VAULT) as opened:
        yield opened


def task(text: str = "call", line: int = 1, status: Status = Status.TODO) -> Task:
    return Task(Source("", line, f"- [ ] {text}"), status, " ", text)


def note(path: str, *tasks: Task) -> Note:
    placed = (replace(t, source=replace(t.source, path=path)) for t in tasks)
    return Note(path, b"digest", tuple(placed))


def put(store: Store, *notes: Note, gone: tuple[str, ...] = (), on: date = SUNDAY) -> None:
    store.update([(note, STAMP) for note in notes], gone, on)


def uids(store: Store) -> list[str]:
    return [task.uid for task in store.tasks()]


FULL = Task(
    source=Source("Work/a.md", 7, "  - [/] all of it 📅 2026-11-23 ^all"),
    status=Status.IN_PROGRESS,
    symbol="/",
    text="all of it",
    priority=Priority.HIGH,
    created=date(2026, 1, 1),
    start=date(2026, 1, 2),
    scheduled=date(2026, 1, 3),
    due=date(2026, 1, 4),
    due_time=time(9, 5),
    done=date(2026, 1, 5),
    cancelled=date(1, 1, 1),
    begins=time(0, 0),
    ends=time(23, 59),
    estimate=timedelta(minutes=90),
    recurrence="every week",
    on_completion="keep",
    tags=("#a", "#b c\x1f"),
    id="all-1",
    depends_on=("x", "y"),
    block_id="all",
    parent_line=6,
    depth=1,
    heading="Heading",
    project="Project",
    goal="Goal",
    assignee="[[Ann]]",
    pay="12.50",
    brief="line one\nline two",
    dialect="emoji",
    inferred=("project", "goal"),
)


def test_every_field_comes_back_as_it_was(store: Store) -> None:
    parent = replace(task("parent", line=6), source=Source("Work/a.md", 6, "- [ ] parent"))
    put(store, Note("Work/a.md", b"", (parent, FULL)))
    above, loaded = store.tasks()
    assert loaded == replace(FULL, uid=loaded.uid, key=loaded.key, parent=above.uid)
    unset = {f.name for f in fields(Task) if getattr(loaded, f.name) == f.default}
    assert unset == set()


def test_a_task_without_fields_comes_back_without(store: Store) -> None:
    put(store, note("a.md", task()))
    (loaded,) = store.tasks()
    bare = task()
    assert loaded == replace(
        bare, source=replace(bare.source, path="a.md"), uid=loaded.uid, key=loaded.key
    )


@given(st.text(st.characters(codec=None) | st.sampled_from("\udc80\udcff\ud800\0"), min_size=1))
@settings(max_examples=50)
def test_any_text_comes_back(text: str) -> None:
    tag = text.replace("\n", " ")
    wanted = replace(task(text), heading=text, brief=text, tags=(tag,), project=text)
    with TemporaryDirectory() as folder, Store.open(Path(folder, "index.db"), VAULT) as store:
        put(store, replace(note(text, wanted), problems=(Problem(text, 1, text, text),)))
        (loaded,) = store.tasks(path=text)
        assert (loaded.source, loaded.text, loaded.heading, loaded.brief, loaded.tags) == (
            Source(text, 1, f"- [ ] {text}"),
            text,
            text,
            text,
            (tag,),
        )
        assert store.at(text, 1) == loaded
        assert store.problems() == [Problem(text, 1, text, text)]
        assert store.stamps() == {text: STAMP}
        store.touch({text: (2, 2)})
        assert store.stamps() == {text: (2, 2)}
        put(store, gone=(text,))
        assert store.counts() == (0, 0, 0)


# What is kept equals what would be read anew.

TASKS = st.builds(
    lambda text, block_id, status, due: replace(
        task(text, status=status), block_id=block_id, due=due
    ),
    st.sampled_from(["call", "write", "caf\udce9"]),
    st.sampled_from([None, None, "one", "two"]),
    st.sampled_from([Status.TODO, Status.DONE]),
    st.sampled_from([None, SUNDAY]),
)
PATHS = st.sampled_from(["a.md", "b.md", "caf\udce9.md"])


@st.composite
def versions(draw: st.DrawFn) -> Note:
    tasks = draw(st.lists(TASKS, max_size=5))
    lines = [replace(t, source=replace(t.source, line=n)) for n, t in enumerate(tasks, 1)]
    lines = [replace(t, parent_line=n - 1) if n > 1 else t for n, t in enumerate(lines, 1)]
    path = draw(PATHS)
    problems = draw(st.sampled_from([(), (Problem(path, 1, "impossible date"),)]))
    return replace(note(path, *lines), problems=problems)


BATCHES = st.lists(
    st.tuples(st.lists(versions(), max_size=3, unique_by=lambda n: n.path), st.sets(PATHS)),
    min_size=1,
    max_size=6,
)


@given(BATCHES)
@settings(max_examples=60, deadline=None)
def test_the_index_kept_equals_the_index_rebuilt(
    batches: list[tuple[list[Note], set[str]]],
) -> None:
    final: dict[str, Note] = {}
    with TemporaryDirectory() as folder:
        kept, rebuilt = Path(folder, "kept.db"), Path(folder, "rebuilt.db")
        with Store.open(kept, VAULT) as store:
            for notes, missing in batches:
                gone = tuple(missing - {note.path for note in notes})
                put(store, *notes, gone=gone)
                final = {path: note for path, note in final.items() if path not in gone}
                final |= {note.path: note for note in notes}
            tasks, problems = store.tasks(), store.problems()
        with Store.open(rebuilt, VAULT) as store:
            put(store, *final.values())
            assert (tasks, problems) == (store.tasks(), store.problems())
        assert _rows(kept) == _rows(rebuilt)
        assert _problem_rows(kept) == _problem_rows(rebuilt)


def _rows(place: Path) -> list[dict[str, object]]:
    """All columns of all tasks, without the note's number and what only the index knows."""
    with sqlite3.connect(place) as db:
        cursor = db.execute("SELECT t.*, n.path FROM tasks t JOIN notes n ON n.number = t.note")
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor]
    db.close()
    private = {"note", "seen_done"}
    kept = [{name: row[name] for name in names if name not in private} for row in rows]
    return sorted(kept, key=lambda row: str(row["uid"]))


def _problem_rows(place: Path) -> object:
    with sqlite3.connect(place) as db:
        (count,) = db.execute("SELECT count(*) FROM problems").fetchone()
    db.close()
    return count


def test_the_same_note_again_writes_next_to_nothing(place: Path, store: Store) -> None:
    big = note("a.md", *(task(f"task {n}", n) for n in range(BIG_NOTE)))
    put(store, big)
    generation = store.generation
    written = _pages_written(place, lambda: put(store, big))
    assert store.generation == generation
    assert written <= 2


def test_one_changed_line_of_many_writes_a_few_pages(place: Path, store: Store) -> None:
    tasks = [task(f"task {n}", n) for n in range(BIG_NOTE)]
    put(store, note("a.md", *tasks))
    tasks[5] = replace(tasks[5], due=SUNDAY)
    assert _pages_written(place, lambda: put(store, note("a.md", *tasks))) < 10


def _pages_written(place: Path, act: Callable[[], None]) -> int:
    log = place.with_name(place.name + "-wal")
    with sqlite3.connect(place) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    act()
    return log.stat().st_size // 4096


def test_what_fails_halfway_changes_nothing(store: Store) -> None:
    put(store, note("a.md", task()))
    before = store.tasks(), store.generation, store.stamps()
    with pytest.raises(OverflowError):
        put(store, note("a.md", task("new")), note("b.md", task("no such line", 2**64)))
    assert (store.tasks(), store.generation, store.stamps()) == before


# Identity


def marked(text: str = "call", line: int = 1) -> Task:
    return replace(task(text, line), block_id="mark")


def test_an_explicit_id_keeps_the_uid_over_a_move_and_a_new_text(store: Store) -> None:
    put(store, note("a.md", marked()))
    before = uids(store)
    put(store, note("b.md", marked("ring up")), gone=("a.md",))
    assert uids(store) == before


def test_a_second_claim_demotes_both_and_the_last_one_left_has_it_again(store: Store) -> None:
    put(store, note("a.md", marked()))
    alone = uids(store)
    put(store, note("b.md", marked()))
    both = uids(store)
    put(store, gone=("a.md",))
    assert len({*alone, *both}) == 3
    assert uids(store) == alone


def test_an_id_written_and_taken_back_leaves_the_born_uid(store: Store) -> None:
    put(store, note("a.md", task()))
    born = uids(store)
    put(store, note("a.md", marked()))
    assert uids(store) != born
    put(store, note("a.md", task()))
    assert uids(store) == born


def test_the_uid_of_a_parent_is_the_one_it_has_now(store: Store) -> None:
    child = replace(task("child", 2), parent_line=1)
    put(store, note("a.md", marked(), child))
    put(store, note("b.md", marked()))
    parent, loaded, _ = store.tasks()
    assert loaded.parent == parent.uid


def test_keys_are_the_shortest_that_are_unique(store: Store) -> None:
    put(store, note("a.md", *(task(f"task {n}", n) for n in range(400))))
    tasks = store.tasks()
    everything = uids(store)
    for each in tasks:
        assert [uid for uid in everything if uid.startswith(each.key)] == [each.uid]
        shorter = each.key[:-1]
        shared = sum(uid.startswith(shorter) for uid in everything) > 1
        assert shared if len(each.key) > 3 else len(each.key) == 3
    assert max(len(each.key) for each in tasks) > 3


def test_a_task_is_found_by_its_key_in_either_case(store: Store) -> None:
    put(store, note("a.md", *(task(f"task {n}", n) for n in range(100))))
    for each in store.tasks():
        assert store.find_key(each.key.upper()) == [each]


def test_an_ambiguous_key_finds_all_that_it_may_mean(store: Store) -> None:
    put(store, note("a.md", *(task(f"task {n}", n) for n in range(400))))
    longest = max(store.tasks(), key=lambda t: len(t.key))
    assert len(store.find_key(longest.key[:3])) > 1


@pytest.mark.parametrize("prefix", ["", "7f", "%%%", "___", "zzz", "caf\udce9", "0" * 40])
def test_what_is_no_key_finds_nothing(store: Store, prefix: str) -> None:
    put(store, note("a.md", *(task(f"task {n}", n) for n in range(300))))
    assert store.find_key(prefix) == []


# Questions


def test_tasks_are_chosen_by_state_uid_and_note(store: Store) -> None:
    closed = task("closed", 2, Status.DONE)
    put(store, note("b.md", task()), note("a.md", task(), closed))
    first, second, third = store.tasks()
    assert [(t.source.path, t.source.line) for t in (first, second, third)] == [
        ("a.md", 1),
        ("a.md", 2),
        ("b.md", 1),
    ]
    assert store.tasks(open_only=True) == [first, third]
    assert store.tasks(path="a.md") == [first, second]
    assert store.tasks(uids=[third.uid, second.uid, "unknown"]) == [second, third]
    assert store.tasks(uids=[third.uid, second.uid], open_only=True) == [third]
    assert store.tasks(uids=[]) == []
    assert store.at("a.md", 2) == second
    assert store.at("a.md", 3) is None
    assert store.counts() == (2, 3, 2)


def test_a_series_was_last_done_on_its_latest_day(store: Store) -> None:
    def tick(line: int, day: date | None, rule: str | None = "every day") -> Task:
        return replace(task("ferns", line, Status.DONE), done=day, recurrence=rule)

    put(store, note("a.md", tick(1, SUNDAY), tick(2, MONDAY), tick(3, None)))
    put(store, note("b.md", tick(1, MONDAY, None), task("ferns", 2)))
    assert store.last_done() == {("a.md", "ferns"): MONDAY}


def test_the_generation_rises_with_tasks_and_not_with_notes(store: Store) -> None:
    put(store, note("a.md", task()))
    before = store.generation
    put(store, note("a.md", task()), note("b.md"))
    store.touch({"a.md": (2, 2)})
    store.put("plan", b"x")
    assert store.generation == before
    put(store, note("a.md", task(status=Status.DONE)))
    assert store.generation > before


def test_what_the_application_keeps_comes_back(store: Store) -> None:
    store.put("plan", b"one")
    store.put("plan", b"two\0")
    assert store.get("plan") == b"two\0"
    assert store.get("daily") is None


def test_digest_and_stamp_are_those_of_the_last_reading(store: Store) -> None:
    store.update([(replace(note("a.md"), digest=b"one"), (1, 2))], (), SUNDAY)
    assert (store.digest("a.md"), store.stamps()) == (b"one", {"a.md": (1, 2)})
    store.update([(replace(note("a.md"), digest=b"two"), (3, 4))], (), SUNDAY)
    assert (store.digest("a.md"), store.stamps()) == (b"two", {"a.md": (3, 4)})
    assert store.digest("b.md") is None


# The day on which a tick was first seen

TICKED = task(status=Status.DONE)


def done_days(store: Store) -> list[date]:
    return [day for day in (SUNDAY, MONDAY) if store.done_on(day)]


def test_a_tick_without_a_date_counts_for_the_day_it_was_seen(store: Store) -> None:
    put(store, note("a.md", task()), on=SUNDAY)
    put(store, note("a.md", TICKED), on=SUNDAY)
    put(store, note("a.md", replace(TICKED, heading="H"), task("new", 2)), on=MONDAY)
    assert done_days(store) == [SUNDAY]


def test_a_tick_of_before_the_first_look_counts_for_no_day(store: Store) -> None:
    put(store, note("a.md", TICKED))
    put(store, note("a.md", TICKED), on=MONDAY)
    assert done_days(store) == []


def test_a_done_date_goes_before_the_day_it_was_seen(store: Store) -> None:
    put(store, note("a.md", task()))
    put(store, note("a.md", replace(TICKED, done=SUNDAY)), on=MONDAY)
    assert done_days(store) == [SUNDAY]


def test_a_task_opened_and_ticked_again_counts_for_the_later_day(store: Store) -> None:
    for tick in (task(), TICKED, task()):
        put(store, note("a.md", tick), on=SUNDAY)
    assert done_days(store) == []
    put(store, note("a.md", TICKED), on=MONDAY)
    assert done_days(store) == [MONDAY]


def test_a_marked_task_that_moves_keeps_its_day(store: Store) -> None:
    put(store, note("a.md", marked()))
    put(store, note("b.md", replace(marked("ring up"), status=Status.DONE)), gone=("a.md",))
    assert done_days(store) == [SUNDAY]


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
    index.delete(place)
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
    monkeypatch.setattr(index, "_PATIENCE", 0.1)
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
