"""The index: it says what the notes say, whatever happened to it on the way."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.dates import EVERY_DAY
from mdtasks.index.store import Store
from mdtasks.model import Note, Priority, Problem, Source, Status, Task
from tests.stores import (
    BIG_NOTE,
    MONDAY,
    STAMP,
    SUNDAY,
    TICKED,
    VAULT,
    done_days,
    entry,
    marked,
    note,
    put,
    task,
    uids,
)

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
    handed=date(2026, 11, 20),
    rework=2,
    brief="line one\nline two",
    dialect="emoji",
    inferred=("project", "goal"),
)


def test_every_field_comes_back_as_it_was(store: Store) -> None:
    parent = task("parent", line=6)._replace(source=Source("Work/a.md", 6, "- [ ] parent"))
    put(store, Note("Work/a.md", b"", (parent, FULL)))
    above, loaded = store.tasks()
    assert loaded == FULL._replace(uid=loaded.uid, key=loaded.key, parent=above.uid)
    unset = {name for name, value in Task._field_defaults.items() if getattr(loaded, name) == value}
    assert unset == set()


def test_what_is_scheduled_for_every_day_comes_back_as_the_day_asked(place: Path) -> None:
    every_day = task()._replace(scheduled=EVERY_DAY, cancelled=EVERY_DAY)
    generations = set()
    for today in (SUNDAY, MONDAY):
        with Store.open(place, VAULT, today=today) as store:
            put(store, note("a.md", every_day))
            (loaded,) = store.tasks()
            assert (loaded.scheduled, loaded.cancelled) == (today, EVERY_DAY)
            generations.add(store.generation)
    assert len(generations) == 1


def test_a_task_without_fields_comes_back_without(store: Store) -> None:
    put(store, note("a.md", task()))
    (loaded,) = store.tasks()
    bare = task()
    assert loaded == bare._replace(
        source=bare.source._replace(path="a.md"), uid=loaded.uid, key=loaded.key
    )


@given(st.text(st.characters(codec=None) | st.sampled_from("\udc80\udcff\ud800\0"), min_size=1))
@settings(max_examples=50)
def test_any_text_comes_back(text: str) -> None:
    tag = text.replace("\n", " ")
    wanted = task(text)._replace(heading=text, brief=text, tags=(tag,), project=text)
    with TemporaryDirectory() as folder, Store.open(Path(folder, "index.db"), VAULT) as store:
        put(store, note(text, wanted)._replace(problems=(Problem(text, 1, text, text),)))
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
    lambda text, block_id, status, due: task(text, status=status)._replace(
        block_id=block_id, due=due
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
    lines = [t._replace(source=t.source._replace(line=n)) for n, t in enumerate(tasks, 1)]
    lines = [t._replace(parent_line=n - 1) if n > 1 else t for n, t in enumerate(lines, 1)]
    path = draw(PATHS)
    problems = draw(st.sampled_from([(), (Problem(path, 1, "impossible date"),)]))
    return note(path, *lines)._replace(problems=problems)


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
            tasks, problems = list(map(_unnamed, store.tasks())), store.problems()
            assert len(set(uids(store))) == len(tasks)
        with Store.open(rebuilt, VAULT) as store:
            put(store, *final.values())
            assert (tasks, problems) == (list(map(_unnamed, store.tasks())), store.problems())
        assert _rows(kept) == _rows(rebuilt)
        assert _problem_rows(kept) == _problem_rows(rebuilt)


def _unnamed(task: Task) -> Task:
    """Return the task without its uid, which may have been another task's of before."""
    return task._replace(uid="", key="", parent="parent" if task.parent else None)


def _rows(place: Path) -> list[dict[str, object]]:
    """All columns of all tasks, without the note's number and what only the index knows; of the
    uids, those that they are born with."""
    with sqlite3.connect(place) as db:
        cursor = db.execute("SELECT t.*, n.path FROM tasks t JOIN notes n ON n.number = t.note")
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor]
    db.close()
    private = {"note", "seen_done", "uid"}
    for row in rows:
        row["born"] = row["born"] or row["uid"]
    kept = [{name: row[name] for name in names if name not in private} for row in rows]
    return sorted(kept, key=lambda row: str(row["born"]))


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
    tasks[5] = tasks[5]._replace(due=SUNDAY)
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


def test_an_explicit_id_keeps_the_uid_over_a_move_and_a_new_text(store: Store) -> None:
    put(store, note("a.md", marked()))
    before = uids(store)
    put(store, note("b.md", marked("ring up")), gone=("a.md",))
    assert uids(store) == before


def test_a_copy_with_the_same_id_is_another_task_until_it_alone_is_left(store: Store) -> None:
    put(store, note("a.md", marked()))
    (alone,) = uids(store)
    put(store, note("b.md", marked()))
    first, second = uids(store)
    assert first == alone != second
    put(store, gone=("a.md",))
    assert uids(store) == [alone]


def test_a_task_keeps_its_uid_when_it_gets_an_id_and_when_it_loses_it(store: Store) -> None:
    put(store, note("a.md", task()))
    born = uids(store)
    put(store, note("a.md", marked()))
    assert uids(store) == born
    put(store, note("b.md", marked("ring up")), gone=("a.md",))
    assert uids(store) == born
    put(store, note("b.md", task("ring up")))
    assert uids(store) == born


def test_the_uid_of_a_parent_is_the_one_it_has_now(store: Store) -> None:
    child = task("child", 2)._replace(parent_line=1)
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
        return task("ferns", line, Status.DONE)._replace(done=day, recurrence=rule)

    put(store, note("a.md", tick(1, SUNDAY), tick(2, MONDAY), tick(3, None)))
    put(store, note("b.md", tick(1, MONDAY, None), task("ferns", 2)))
    every = [task.uid for task in store.tasks()]
    assert store.last_done(every) == {("a.md", "ferns"): MONDAY}
    assert store.last_done([task.uid for task in store.tasks(path="b.md")]) == {}


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
    store.update([(entry(note("a.md")._replace(digest=b"one")), (1, 2))], (), SUNDAY)
    assert (store.digest("a.md"), store.stamps()) == (b"one", {"a.md": (1, 2)})
    store.update([(entry(note("a.md")._replace(digest=b"two")), (3, 4))], (), SUNDAY)
    assert (store.digest("a.md"), store.stamps()) == (b"two", {"a.md": (3, 4)})
    assert store.digest("b.md") is None


# The day on which a tick was first seen


def test_a_tick_without_a_date_counts_for_the_day_it_was_seen(store: Store) -> None:
    put(store, note("a.md", task()), on=SUNDAY)
    put(store, note("a.md", TICKED), on=SUNDAY)
    put(store, note("a.md", TICKED._replace(heading="H"), task("new", 2)), on=MONDAY)
    assert done_days(store) == [SUNDAY]


def test_a_tick_of_before_the_first_look_counts_for_no_day(store: Store) -> None:
    put(store, note("a.md", TICKED))
    put(store, note("a.md", TICKED), on=MONDAY)
    assert done_days(store) == []


def test_a_done_date_goes_before_the_day_it_was_seen(store: Store) -> None:
    put(store, note("a.md", task()))
    put(store, note("a.md", TICKED._replace(done=SUNDAY)), on=MONDAY)
    assert done_days(store) == [SUNDAY]


def test_a_task_opened_and_ticked_again_counts_for_the_later_day(store: Store) -> None:
    for tick in (task(), TICKED, task()):
        put(store, note("a.md", tick), on=SUNDAY)
    assert done_days(store) == []
    put(store, note("a.md", TICKED), on=MONDAY)
    assert done_days(store) == [MONDAY]


def test_a_marked_task_that_moves_keeps_its_day(store: Store) -> None:
    put(store, note("a.md", marked()))
    put(store, note("b.md", marked("ring up")._replace(status=Status.DONE)), gone=("a.md",))
    assert done_days(store) == [SUNDAY]
