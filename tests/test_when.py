"""`mdtasks when`: where a task would land and what gives way, without a trace."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.conftest import MakeVault
from tests.running import NOW, Ran, mdtasks, on_terminal

# Monday is full: four hours for each of two days are the most there should be.
TOML = 'timezone = "Europe/Berlin"\n[plan]\ndaily_load = "4h"\ndays = 5\n'
# Blocks that begin within the hour stay.
EARLIER = "2026-11-23T07:00"
WORK = """\
- [ ] Write the report ⏱ 2h ⏫ 📅 2026-11-24
- [ ] Read the draft ⏱ 2h 🔼
- [ ] Call the bank 📅 2026-11-23
"""


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"Work.md": WORK, "mdtasks.toml": TOML})


def files(root: Path) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and the time of every file."""
    paths = (path for path in root.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}


# Figures from the time log, which any command computes that plans: no task to be is in them.
FIGURES = {"estimates"}


def index(tmp: Path) -> Iterator[tuple[object, ...]]:
    """Yield every row of every table of the one index below the cache folder."""
    (path,) = tmp.rglob("index.sqlite")
    with sqlite3.connect(path) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE sql > ''")]
        for table in sorted(name for name in tables if name.islower()):
            try:
                rows = db.execute(f"SELECT * FROM {table}").fetchall()
                yield from ((table, *row) for row in rows if row[0] not in FIGURES)
            except sqlite3.OperationalError:  # an index is no table
                continue
    db.close()


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    place = tmp_path / "its cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(place))
    return place


TEXTS = st.sampled_from(
    [
        "report 2h !high due fri",
        "report 30h due thu",
        "buy milk",
        "call Bo tomorrow 14:00 1h",
        "water the ferns every week",
        "something 1h on 2027-01-04",
        "- [/] begun 3h due today",
        "*odd* [[text]] %%x%% 20m !highest",
    ]
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    database=None,
)
@given(text=TEXTS, planned=st.booleans())
@example(text="report 2h !high due fri", planned=False)
def test_nothing_is_written(root: Path, cache: Path, text: str, planned: bool) -> None:
    assert mdtasks(root, "plan" if planned else "list").code == 0
    notes, rows = files(root), list(index(cache))
    assert mdtasks(root, "when", text).code == 0
    assert mdtasks(root, "when", "--json", text).code == 0
    assert files(root) == notes
    assert list(index(cache)) == rows


def when(root: Path, text: str, now: str = NOW) -> Ran:
    ran = mdtasks(root, "when", *text.split(), now=now)
    assert ran.code == 0, ran.said
    return ran


def answer(root: Path, text: str, now: str = NOW) -> dict[str, object]:
    return mdtasks(root, "when", "--json", text, now=now).json


def test_the_words_are_understood_as_add_does(root: Path) -> None:
    text = "report 2h !high due fri"
    understood = mdtasks(root, "add", "--dry-run", text).lines[-1]
    assert when(root, text).lines[:2] == ["report", understood]


@pytest.mark.parametrize(
    "text", ["report 2h !high due fri", "call Bo tomorrow 14:00 1h", "pay 10m due today"]
)
def test_it_lands_where_it_was_promised(root: Path, text: str) -> None:
    mdtasks(root, "plan")
    promised = mdtasks(root, "when", "--json", text).json["blocks"]
    uid = mdtasks(root, "add", "--json", text).json["task"]["uid"]
    planned = mdtasks(root, "plan", "--json").json["blocks"]
    kept = [b for b in planned if uid in b["tasks"]]
    assert promised
    assert [(b["start"], b["end"]) for b in kept] == [(b["start"], b["end"]) for b in promised]


def test_what_is_in_time_says_so_and_what_stays_free(vault: MakeVault) -> None:
    root = vault({"Work.md": "- [ ] Some day\n", "mdtasks.toml": TOML})
    assert when(root, "slides 2h due tue").lines[2:] == [
        "",
        "  today 09:00–10:00  1h    due tomorrow, needs 2 × 1h, part 1 of 2",
        "  today 10:05–11:05  1h    due tomorrow, part 2 of 2",
        "",
        "In time: due Tue 24 Nov.",
        "Before then 13h50m would stay free.",
        "",
        "Nothing else moves.",
    ]


def test_what_would_move_is_named_with_both_times(root: Path) -> None:
    mdtasks(root, "plan")
    lines = when(root, "meet Ann today 9:00 3h").lines
    at = lines.index("Would move")
    moved = lines[at + 1]
    assert moved.startswith("  ")
    assert "today 09:" in moved
    assert " → " in moved
    shape = answer(root, "meet Ann today 9:00 3h")
    pushed = shape["pushed"]
    assert isinstance(pushed, list)
    assert set(pushed[0]) == {"task", "before", "after"}
    assert pushed[0]["before"] != pushed[0]["after"]


def test_what_would_lose_its_place_is_named(vault: MakeVault) -> None:
    toml = TOML.replace("days = 5", "days = 1")
    root = vault({"Work.md": "- [ ] Read ⏱ 3h 🔼\n", "mdtasks.toml": toml})
    mdtasks(root, "plan", now=EARLIER)
    (read,) = (task["uid"] for task in mdtasks(root, "list", "--json").json["tasks"])
    assert answer(root, "fire 6h !highest due today", EARLIER)["lost"] == [read]
    lines = when(root, "fire 6h !highest due today", EARLIER).lines
    assert lines[lines.index("Would lose its place") + 1].startswith("  Read  ")


def test_what_would_be_late_is_named(vault: MakeVault) -> None:
    root = vault({"Work.md": "- [ ] Read ⏱ 3h 🔽 📅 2026-11-23\n", "mdtasks.toml": TOML})
    mdtasks(root, "plan", now=EARLIER)
    (read,) = (task["uid"] for task in mdtasks(root, "list", "--json").json["tasks"])
    shape = answer(root, "fire 7h !highest due today", EARLIER)
    assert (shape["late_now"], shape["lost"]) == ([read], [])
    lines = when(root, "fire 7h !highest due today", EARLIER).lines
    assert lines[lines.index("Would be late") + 1].endswith("due Mon 23 Nov")


def test_what_does_not_fit_tells_the_first_day_on_which_it_would(root: Path) -> None:
    shape = answer(root, "book 30h due thu")
    assert (shape["blocks"], shape["late"]) == ([], True)
    assert shape["fits_on"] > "2026-11-26"  # type: ignore[operator]
    lines = when(root, "book 30h due thu").lines
    assert "  no place: no free 30h by Thu" in lines
    assert "Late: due Thu 26 Nov." in lines
    assert lines[-1].endswith("if due were later.")


def test_what_fits_on_no_day_tells_none(vault: MakeVault) -> None:
    never = "[hours]\n" + "".join(f"{day} = []\n" for day in ("mon-fri", "sat", "sun"))
    root = vault({"a.md": "- [ ] one\n", "mdtasks.toml": never})
    shape = answer(root, "book 1h due thu")
    assert (shape["blocks"], shape["fits_on"]) == ([], None)


def test_what_asks_for_no_time_is_told_so(root: Path) -> None:
    lines = when(root, "buy milk").lines
    assert lines[:2] == ["buy milk", "no date, no estimate"]
    assert "it asks for no time" in lines[3]
    assert answer(root, "buy milk")["late"] is False


def test_what_begins_after_the_days_is_planned_all_the_same(root: Path) -> None:
    blocks = answer(root, "party 2h on 2026-12-24")["blocks"]
    assert isinstance(blocks, list)
    assert [block["start"][:10] for block in blocks] == ["2026-12-24", "2026-12-24"]


def test_the_shape_is_the_documented_one(root: Path) -> None:
    shape = answer(root, "report 2h !high due fri")
    keys = "task understood blocks reason late pushed late_now lost free fits_on"
    assert list(shape)[3:] == keys.split()
    task = shape["task"]
    assert isinstance(task, dict)
    assert (task["uid"], task["text"], task["estimate"]) == ("new", "report", 120)


@pytest.mark.parametrize("text", ["", "- [x] done", "two\x1b[31m"])
def test_words_that_make_no_task_are_refused(root: Path, text: str) -> None:
    ran = mdtasks(root, "when", text)
    assert ran.code in (1, 2)
    assert len(ran.said) == 2


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_it_fits_the_terminal(root: Path, columns: int) -> None:
    assert mdtasks(root, "plan").code == 0
    shown = on_terminal(
        root, "when", "meet Ann today 9:00 3h", columns=columns, variables={"NO_COLOR": "1"}
    )
    assert shown.code == 0
    assert max(len(line) for line in shown.out.decode().splitlines()) <= columns
