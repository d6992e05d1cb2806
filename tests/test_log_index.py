"""The time log in the index: kept as the notes have it, and whose time it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.app.reading import Reader
from mdtasks.index.logged import Named, linked, plain, with_tasks
from mdtasks.index.store import Store
from mdtasks.model import Interval, Source
from mdtasks.read import stretches
from mdtasks.settings import ReadSettings
from tests.stores import STAMP, SUNDAY, VAULT

SETTINGS = ReadSettings(dialects=(*ReadSettings().dialects, "tasknotes"))
CLOCK = "  CLOCK: [2026-11-22 Sun 13:00]--[2026-11-22 Sun 14:00] =>  1:00"


def save(
    store: Store, root: Path, notes: Mapping[str, str | bytes], gone: Collection[str] = ()
) -> None:
    """Have the store take in notes, by their names without `.md`, and forget others."""
    entries = []
    for name, text in notes.items():
        path = f"{name}.md"
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
        (root / path).write_bytes(data)
        known = store.digest(path) or b"", store.stretches(path)
        entry = Reader(root, SETTINGS, VAULT).read(path, *known).entry
        if entry is not None:
            entries.append((entry, STAMP))
    assert store.update(entries, [f"{name}.md" for name in gone], SUNDAY) == []


def owners(store: Store) -> list[str]:
    """Return what the task of each interval says, by the lines of the log."""
    texts = {task.uid: task.text for task in store.tasks()}
    return [texts.get(each.task, "") for each in store.intervals()]


def table(place: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(place) as db:
        found = db.execute(
            "SELECT n.path, i.line, above, begins, ends, source, text FROM intervals i"
            " JOIN notes n ON n.number = i.note ORDER BY n.path, i.line, i.rowid"
        ).fetchall()
        (count,) = db.execute("SELECT count(*) FROM intervals").fetchone()
    db.close()
    assert count == len(found)
    return found


# What is kept equals what would be read anew

LINES = st.sampled_from(
    [
        "# Time log",
        "## Morning",
        "# Notes",
        "- 09:00 - 10:00 Write",
        "- 09:00 - 10:00 caf\udce9 ([[a]])",
        "- 25:00 - 10:00",
        "- [ ] Write",
        "- [x] Call ✅ 2026-11-22",
        CLOCK,
        "  CLOCK: [2026-11-22 Sun 15:00]",
        "  ```yaml\n  planner:\n    log:\n      - start: 2026-11-22 13:00\n  ```",
        "words",
        "",
        "",
    ]
)
FRONTS = st.sampled_from(
    ["", "", "---\ntags: task\ntimeEntries:\n  - startTime: 2026-11-22T13:00Z\n---\n"]
)
TEXTS = st.tuples(FRONTS, st.lists(LINES, max_size=12)).map(
    lambda parts: f"{parts[0]}{chr(10).join(parts[1])}\n"
)
NAMES = st.sampled_from(["a", "2026-11-22", "2026-11-23"])
BATCHES = st.lists(st.dictionaries(NAMES, TEXTS | st.none(), max_size=3), min_size=1, max_size=5)


@given(BATCHES, st.booleans())
@settings(max_examples=100, deadline=None)
def test_the_log_kept_equals_the_log_rebuilt(
    batches: list[dict[str, str | None]], in_parts: bool
) -> None:
    final: dict[str, str] = {}
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretches, "LONG", 0 if in_parts else 2**62)
        root = Path(folder)
        with Store.open(root / "kept.db", VAULT) as store:
            for batch in batches:
                notes = {name: text for name, text in batch.items() if text is not None}
                gone = batch.keys() - notes.keys()
                final = {name: t for name, t in final.items() if name not in gone} | notes
                save(store, root, notes, gone)
        with Store.open(root / "new.db", VAULT) as store:
            save(store, root, final)
        assert table(root / "kept.db") == table(root / "new.db")


LOGS: dict[str, str | bytes] = {
    "2026-11-22": "# Time log\n- 09:00 - 10:00 caf\udce9\n".encode("utf-8", "surrogateescape"),
    "a": f"- [ ] Write\n{CLOCK}\n",
    "b": "- [ ] Call\n",
}


def test_a_first_load_keeps_the_log_too(tmp_path: Path) -> None:
    with Store.open(tmp_path / "filled.db", VAULT) as store:
        reader = Reader(tmp_path, SETTINGS, VAULT)
        for name, data in LOGS.items():
            path = f"{name}.md"
            (tmp_path / path).write_bytes(data if isinstance(data, bytes) else data.encode())
            entry = reader.read(path).entry
            assert entry
            store.fill([(entry, STAMP)], SUNDAY)
        store.complete()
        assert owners(store) == ["", "Write"]
    with Store.open(tmp_path / "kept.db", VAULT) as store:
        save(store, tmp_path, LOGS)
    assert len(table(tmp_path / "kept.db")) == 2
    assert table(tmp_path / "filled.db") == table(tmp_path / "kept.db")


def test_the_generation_rises_with_the_log_and_not_without(tmp_path: Path) -> None:
    with Store.open(tmp_path / "kept.db", VAULT) as store:
        save(store, tmp_path, LOGS)
        before = store.generation
        save(store, tmp_path, {"a": f"- [ ] Write\n{CLOCK}\n\nmore words\n"})
        assert store.generation == before
        save(store, tmp_path, {"a": f"- [ ] Write\n{CLOCK}\n{CLOCK}\n"})
        assert store.generation > before
        before = store.generation
        save(store, tmp_path, {}, ["2026-11-22"])
        assert store.generation > before


@pytest.mark.parametrize("heading", ["# Time log", "# Notes"])
def test_a_long_daily_note_is_read_whole_where_it_has_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heading: str
) -> None:
    monkeypatch.setattr(stretches, "LONG", 0)
    above = "".join(f"# {n}\n\n- [ ] task {n}\n\n" for n in range(9))
    with Store.open(tmp_path / "kept.db", VAULT) as store:
        save(store, tmp_path, {"2026-11-22": f"{above}{heading}\n\n"})
        save(store, tmp_path, {"2026-11-22": f"{above}{heading}\n\n## A\n\n- 09:00 - 10:00 x\n"})
        assert len(store.intervals()) == (heading == "# Time log")


# Whose time it was


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "kept.db", VAULT) as store:
        yield store


def test_what_stands_below_a_task_is_its_own_whatever_it_is_called(
    kept: Store, tmp_path: Path
) -> None:
    save(kept, tmp_path, {"a": f"- [ ] Write\n{CLOCK}\n  - [ ] A step\n  {CLOCK}\n"})
    assert owners(kept) == ["Write", "A step"]
    save(kept, tmp_path, {"a": f"new line\n\n- [ ] Rewrite\n{CLOCK}\n  - [ ] A step\n  {CLOCK}\n"})
    assert owners(kept) == ["Rewrite", "A step"]


def test_a_note_that_is_a_task_has_its_entries(kept: Store, tmp_path: Path) -> None:
    entries = "timeEntries:\n  - startTime: 2026-11-22T13:00Z\nstatus: open\n"
    save(kept, tmp_path, {"Buy": f"---\ntags: task\n{entries}---\n- [ ] A step\n"})
    assert owners(kept) == ["Buy"]


@pytest.mark.parametrize(
    ("words", "owner"),
    [
        ("Write", "Write"),
        ("write  the   INTRO", "Write the intro #writing"),
        ("Write the intro #other", "Write the intro #writing"),
        ("Fix #1", "Fix #1"),
        ("fix #2 ([[a]])", "Fix #2"),
        ("Fix", ""),
        ("Read ([[a]])", "Read"),
        ("Read ([[Work/a|there]])", "Read"),
        ("Read ([[A#Heading]])", "Read"),
        ("Read ([[a.md]])", "Read"),
        ("Read ([[b]])", "Read"),
        ("Call ([[a]])", "Call"),
        ("Call ([[nowhere]])", ""),
        ("Call", ""),
        ("Wri", ""),
        ("Nothing of the sort", ""),
        ("Ask ([[Sam]])", "Ask ([[Sam]])"),
        ("([[a]])", ""),
        ("#writing", ""),
    ],
)
def test_words_name_a_task(kept: Store, tmp_path: Path, words: str, owner: str) -> None:
    (tmp_path / "Work").mkdir()
    log = {"2026-11-22": f"# Time log\n- 09:00 - 10:00 {words}\n"}
    a = "- [ ] Write\n- [x] Write the intro #writing\n- [ ] Read ⏱ 1h\n- [ ] Call\n"
    a += "- [ ] Fix #1\n- [ ] Fix #2\n"
    b = "- [ ] Call\n- [ ] Ask ([[Sam]])\n- [ ] #a\n"
    save(kept, tmp_path, {**log, "b": b, "Work/a": a})
    assert owners(kept) == [owner]


def test_words_name_the_task_by_its_words_of_now(kept: Store, tmp_path: Path) -> None:
    log = {"2026-11-22": "# Time log\n- 09:00 - 10:00 Write ([[a]])\n"}
    save(kept, tmp_path, {**log, "a": "- [ ] Write the intro\n"})
    assert owners(kept) == [""]
    save(kept, tmp_path, {"a": "- [ ] Write\n"})
    assert owners(kept) == ["Write"]
    save(kept, tmp_path, {"b": "- [ ] Write\n"}, ["a"])
    assert owners(kept) == ["Write"]


def test_without_a_link_the_task_beside_the_line_goes_first(kept: Store, tmp_path: Path) -> None:
    day = "- [x] Plan the day\n\n# Time log\n- 09:00 - 09:10 Plan the day\n"
    save(kept, tmp_path, {"2026-11-22": day, "2026-11-23": day})
    paths = {task.uid: task.source.path for task in kept.tasks()}
    assert [paths[each.task] for each in kept.intervals()] == ["2026-11-22.md", "2026-11-23.md"]


def test_a_link_elsewhere_is_not_the_task_beside_the_line(kept: Store, tmp_path: Path) -> None:
    day = "- [x] Plan\n\n# Time log\n- 09:00 - 09:10 Plan ([[nowhere]])\n"
    save(kept, tmp_path, {"2026-11-22": day, "a": "- [ ] Plan\n"})
    assert owners(kept) == [""]


def interval(text: str, day: date = SUNDAY) -> Interval:
    start = datetime.combine(day, datetime.min.time())
    return Interval(start, start + timedelta(hours=1), Source("Daily/d.md", 3, "-"), text)


@pytest.mark.parametrize(
    ("day", "uid"), [(18, "first"), (20, "first"), (21, "second"), (22, "second"), (23, "open")]
)
def test_of_a_series_it_is_the_one_that_was_open_on_the_day(day: int, uid: str) -> None:
    series = [
        Named(name, "Routines.md", "Review", closed, repeats=True)
        for name, closed in (("open", ""), ("second", "2026-11-22"), ("first", "2026-11-20"))
    ]
    (found,) = with_tasks([interval("Review", date(2026, 11, day))], series)
    assert found.task == uid
    strangers = [task._replace(repeats=False) for task in series]
    (found,) = with_tasks([interval("Review", date(2026, 11, day))], strangers)
    assert found.task == ""


@given(st.text(st.sampled_from("ab #[]()|^\t"), max_size=12))
def test_words_and_link_come_from_any_text(text: str) -> None:
    words, note = linked(text)
    assert words in text
    assert note in text
    assert plain(plain(text)) == plain(text)
