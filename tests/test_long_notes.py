"""A long note that was changed in one place: only that is read, and the index says the same."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.app.reading import Reader
from mdtasks.index.store import Store
from mdtasks.read import note as notes
from mdtasks.read import stretches
from mdtasks.settings import ReadSettings
from tests.stores import STAMP, SUNDAY, VAULT

LINES = st.sampled_from(
    [
        "- [ ] call",
        "- [x] call",
        "- [ ] write ^mark",
        "- [ ] write 🆔 id",
        "- [ ] ferns 🔁 every day 📅 2026-11-23",
        "- [ ] ferns 🔁 every day 📅 2026-11-24",
        "  - [ ] inside ⏱ 30m",
        "  below it",
        "- [ ] caf\udce9",
        "> - [ ] quoted",
        "> ",
        "words",
        "",
        "",
        "   ",
        "1. one",
        "    code",
        "[ref]: /url '",
        "| a |",
        "---",
        "# A heading",
        "##no heading",
        "  # Indented",
    ]
)
RARE = st.sampled_from(
    ["```", "<!-- mdtasks:start -->", "<!-- mdtasks:end -->", "%%", "~~~ x", "\r"]
)
HEADINGS = st.sampled_from(["# One", "## Two", "###### Six"])
SECTIONS = st.tuples(HEADINGS, st.lists(LINES, max_size=6)).map(
    lambda section: "\n".join(["", section[0], *section[1], ""])
)
FRONTS = st.sampled_from(
    ["", "", "", "---\ntags: [a]\n---\n", "---\ndue: 2026-11-25\n---\n", "---\ntags: [\n---\n",
     "---\ntags: task\nstatus: open\n---\n", "\ufeff", "---\n"]
)  # fmt: skip


@st.composite
def versions(draw: st.DrawFn) -> list[bytes]:
    """Versions of a note, each with a section or two other than the one before."""
    front = draw(FRONTS)
    sections = draw(st.lists(SECTIONS, min_size=1, max_size=6))
    found = []
    for _ in range(draw(st.integers(1, 5))):
        found.append(f"{front}{''.join(sections)}".encode("utf-8", "surrogateescape"))
        at = draw(st.integers(0, len(sections)))
        new = draw(st.lists(SECTIONS, max_size=2))
        if new and draw(st.integers(0, 9)) == 0:
            new = [new[0] + draw(RARE) + "\n"]
        if draw(st.integers(0, 9)) == 0:
            new = [section.rstrip() for section in new]
        if draw(st.integers(0, 9)) == 0:
            front = draw(FRONTS)
        sections[at : at + draw(st.integers(0, 2))] = new
    return found


def rows(place: Path) -> list[tuple[object, ...]]:
    """All that the index has of the notes; of the uids, those that the tasks are born with."""
    db = sqlite3.connect(place)
    db.create_function("shown", 1, str)
    cursor = db.execute("SELECT * FROM tasks")
    others = {"uid", "born", "note", "seen_done"}
    names = [column[0] for column in cursor.description if column[0] not in others]
    birth = "iif(born = '', uid, born)"
    found = db.execute(f"SELECT {birth}, {', '.join(names)} FROM tasks ORDER BY line").fetchall()
    found += db.execute("SELECT line, message, hint FROM problems ORDER BY rowid").fetchall()
    found += db.execute("SELECT path, mtime_ns, size, digest, stretches FROM notes").fetchall()
    db.close()
    return found


def save(store: Store, root: Path, data: bytes) -> bool:
    """Have the store take the note in; return whether only some of it was read."""
    (root / "a.md").write_bytes(data)
    settings = ReadSettings(dialects=(*ReadSettings().dialects, "tasknotes"))
    known = store.digest("a.md") or b"", store.stretches("a.md")
    entry = Reader(root, settings, VAULT).read("a.md", *known).entry
    if entry is None:
        return False
    assert store.update([(entry, STAMP)], (), SUNDAY) == []
    return entry.base != b""


@pytest.fixture(autouse=True, scope="module")
def _short_notes_too() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretches, "LONG", 0)
        yield


@given(versions())
@settings(max_examples=150, deadline=None)
def test_what_is_read_in_part_is_what_is_read_as_a_whole(versions: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for number, data in enumerate(versions):
            with Store.open(root / "kept.db", VAULT) as store:
                save(store, root, data)
            with Store.open(root / f"{number}.db", VAULT) as store:
                save(store, root, data)
            assert rows(root / "kept.db") == rows(root / f"{number}.db")


SECTION = "\n# {0}\n\n- [ ] call\n- [ ] write {0} 📅 2026-11-23\n"
NOTE = "".join(SECTION.format(number) for number in range(50))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("write 20 ", "write more "),
        ("write 0 ", "write more "),
        ("write 49 ", "write more "),
        ("\n# 20\n", "\n\n\n# 20\n"),
        ("\n# 0\n", "above\n\n# 0\n"),
        ("\n# 20\n\n- [ ] call\n", "\n# 20\n\n"),
        (SECTION.format(20), ""),
        (SECTION.format(49), ""),
    ],
    ids=["middle", "first", "last", "line", "line above", "twin gone", "section", "last section"],
)
def test_only_the_changed_section_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    sizes: list[int] = []
    read_contents = notes.read_contents

    def spied(path: str, data: bytes, settings: ReadSettings) -> object:
        sizes.append(len(data))
        return read_contents(path, data, settings)

    monkeypatch.setattr(notes, "read_contents", spied)
    with Store.open(tmp_path / "kept.db", VAULT) as store:
        save(store, tmp_path, NOTE.encode())
        generation = store.generation
        assert save(store, tmp_path, NOTE.replace(old, new).encode())
        only_shifts = old.strip() in new
        assert (store.generation > generation) is not only_shifts
    assert sizes[1] < sizes[0] / 10
    with Store.open(tmp_path / "new.db", VAULT) as store:
        save(store, tmp_path, NOTE.replace(old, new).encode())
    assert rows(tmp_path / "kept.db") == rows(tmp_path / "new.db")


@pytest.mark.parametrize("opener", ["```", "<div>", "<!-- a", "%% a", "- ~~~"])
def test_what_may_reach_over_a_heading_has_the_whole_note_read(tmp_path: Path, opener: str) -> None:
    with Store.open(tmp_path / "kept.db", VAULT) as store:
        save(store, tmp_path, NOTE.encode())
        assert not save(store, tmp_path, NOTE.replace("write 20 ", f"write\n\n{opener}\n").encode())


def test_what_another_process_has_read_meanwhile_stays(tmp_path: Path) -> None:
    reader = Reader(tmp_path, ReadSettings(), VAULT)
    with Store.open(tmp_path / "kept.db", VAULT) as store:
        save(store, tmp_path, NOTE.encode())
        known = store.digest("a.md") or b"", store.stretches("a.md")
        (tmp_path / "a.md").write_bytes(NOTE.replace("write 3 ", "read ").encode())
        late = reader.read("a.md", *known).entry
        assert late
        save(store, tmp_path, NOTE.replace("call", "ring").encode())
        before = rows(tmp_path / "kept.db")
        assert store.update([(late, STAMP)], (), SUNDAY) == ["a.md"]
        assert rows(tmp_path / "kept.db") == before


def test_a_changed_section_writes_a_few_pages(tmp_path: Path) -> None:
    place = tmp_path / "kept.db"
    note = "".join(SECTION.format(number) for number in range(3000))
    with Store.open(place, VAULT) as store:
        save(store, tmp_path, note.encode())
        with sqlite3.connect(place) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        assert save(store, tmp_path, note.replace("write 7 ", "read ").encode())
        written = place.with_name("kept.db-wal").stat().st_size // 4096
    assert written < 60  # most of them digests
