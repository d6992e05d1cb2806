"""On a terminal of 40 columns every line fits and the figures stay; what pictures them goes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mdtasks.render.pen import Pen
from tests.conftest import MakeVault
from tests.running import on_terminal
from tests.test_audit import NOTES, SETTINGS

LOG = """# Time log
- 09:02 - 09:47 Write the introduction to the launch post
- 10:00 - 12:30 Prepare the quarterly report for the board
"""
PROJECT = """---
project: The new web site of the club
goal: Five hundred people know us by the end of the year
---
- [x] Draft the first page ⏱ 5h30m ✅ 2026-11-20
- [ ] Write the case for the members ⏱ 12h45m 📅 2026-12-01
"""


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({**NOTES, "mdtasks.toml": SETTINGS, "2026-11-22.md": LOG, "Site.md": PROJECT})


@pytest.mark.parametrize(
    ("words", "figures"),
    [
        (["log", "show"], ["2h30m", "45m"]),
        (["audit"], ["3 times", "1h30m"]),
        (["projects"], ["1 of 2 done", "5h30m of", "18h15m"]),
    ],
    ids=str,
)
def test_at_forty_columns_lines_fit_and_figures_stay(
    root: Path, words: list[str], figures: list[str]
) -> None:
    ran = on_terminal(root, *words, columns=40, variables={"NO_COLOR": "1"})
    lines = ran.out.decode().splitlines()
    assert ran.code == 0
    assert [line for line in lines if len(line) > 40] == []
    for figure in figures:
        assert any(figure in line for line in lines), figure
    if words == ["log", "show"]:
        by_task = lines[lines.index("By task") + 1 :]
        assert all(re.search(r"\d+m\b", line) for line in by_task[:2])


@pytest.mark.parametrize("width", range(20, 50))
def test_bars_get_shorter_all_alike_and_go_before_any_figure(width: int) -> None:
    rows = [
        [("a long name of a task", ""), ("1h30m", ""), (8 * "█", "green")],
        [("another", ""), ("45m", ""), (4 * "█", "green")],
    ]
    first, second = Pen(True, False, width).columns(rows, spare=2)
    assert "1h30m" in first
    assert "45m" in second
    assert abs(first.count("█") - 2 * second.count("█")) <= 1
    assert max(len(first), len(second)) <= width
    assert "█…" not in first
