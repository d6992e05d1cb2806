"""The last open step ticks its task where that is asked for, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import mdtasks

ASKED = {"mdtasks.toml": "[write]\ncomplete_parents = true\ndone_date = false\n"}
TREE = """\
- [ ] garden
  - [ ] beds
    - [ ] dig
    - [ ] rake
  - [x] fence
- [ ] alone
"""


def done(root: Path, *keys: str) -> str:
    assert mdtasks(root, "done", *keys).code == 0
    return (root / "a.md").read_text("utf-8")


def boxes(text: str) -> str:
    """Return the symbols in the boxes, from the top."""
    return "".join(line.partition("[")[2][0] for line in text.splitlines())


@pytest.mark.parametrize(
    ("keys", "after"),
    [
        (["a.md:3"], "  x x "),
        (["a.md:3", "a.md:4"], "xxxxx "),
        (["a.md:2"], "xx  x "),
        (["a.md:1"], "x   x "),
        (["a.md:6"], "    xx"),
        (["a.md:2", "a.md:3", "a.md:4", "a.md:1"], "xxxxx "),
    ],
)
def test_the_last_step_ticks_what_it_is_a_step_of(
    vault: MakeVault, keys: list[str], after: str
) -> None:
    assert boxes(done(vault({**ASKED, "a.md": TREE}), *keys)) == after


def test_a_step_that_repeats_is_never_the_last(vault: MakeVault) -> None:
    root = vault({**ASKED, "a.md": "- [ ] a\n  - [ ] b 🔁 every day 📅 2026-11-23\n"})
    assert boxes(done(root, "a.md:2")) == "  x"


def test_a_task_that_repeats_comes_back_and_leaves_what_is_above_it_open(vault: MakeVault) -> None:
    note = "- [ ] a\n  - [ ] b 🔁 every day 📅 2026-11-23\n    - [ ] c\n"
    assert boxes(done(vault({**ASKED, "a.md": note}), "a.md:3")) == "  xx"


def test_one_undo_takes_all_of_it_back(vault: MakeVault) -> None:
    root = vault({**ASKED, "a.md": TREE})
    done(root, "a.md:3", "a.md:4")
    assert mdtasks(root, "undo").code == 0
    assert (root / "a.md").read_text("utf-8") == TREE


def test_without_the_key_only_the_step_is_ticked(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] a\n  - [ ] b\n"})
    assert boxes(done(root, "a.md:2")) == " x"


def test_a_tick_in_the_daily_note_counts_as_well(vault: MakeVault) -> None:
    settings = ASKED["mdtasks.toml"] + "[daily]\nwrite = true\n"
    note = "- [ ] a\n  - [ ] b ⏱ 1h ⏫ 📅 2026-11-23\n"
    root = vault({"mdtasks.toml": settings, "a.md": note})
    assert mdtasks(root, "sync").code == 0
    daily = root / "2026-11-23.md"
    assert "- [ ] 09:00 - 10:00 b" in daily.read_text("utf-8")
    daily.write_text(daily.read_text("utf-8").replace("- [ ]", "- [x]", 1), "utf-8")
    assert mdtasks(root, "sync").code == 0
    assert boxes((root / "a.md").read_text("utf-8")) == "xx"


def test_the_line_of_a_parent_stays_whatever_it_says_of_itself(vault: MakeVault) -> None:
    settings = ASKED["mdtasks.toml"] + "allow_delete = true\n"
    root = vault({"mdtasks.toml": settings, "a.md": "- [ ] x\n- [ ] a 🏁 delete\n  - [ ] b\n"})
    assert boxes(done(root, "a.md:3")) == " xx"


def test_a_parent_that_is_a_note_without_a_status_stops_nothing(vault: MakeVault) -> None:
    settings = ASKED["mdtasks.toml"] + '[read]\ndialects = ["emoji", "tasknotes"]\n'
    note = "---\ntags: task\ntitle: W\n---\n- [ ] inner\n"
    assert boxes(done(vault({"mdtasks.toml": settings, "a.md": note}), "a.md:5")[-12:]) == "x"
