"""Work that goes on: what is logged is behind one, and what is not has still to be done."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import mdtasks

TOML = 'timezone = "Europe/Berlin"\n[plan]\ndays = 3\n'
WORK = "- [ ] Write ⏱ 3h ⏫ 📅 2026-11-25\n"
LOGGED = WORK + "  CLOCK: [2026-11-23 Mon 09:00]--[2026-11-23 Mon 10:00] =>  1:00\n"


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"a.md": WORK, "mdtasks.toml": TOML})


def planned(root: Path, now: str) -> tuple[float, str]:
    """Return how many hours of work the plan has in all, and the reason of the first block."""
    blocks = mdtasks(root, "plan", "--json", now=now).json["blocks"]
    starts, ends = ([datetime.fromisoformat(b[at]) for b in blocks] for at in ("start", "end"))
    hours = sum((end - start).total_seconds() for start, end in zip(starts, ends, strict=True))
    return hours / 3600, blocks[0]["reason"]


def test_what_was_not_logged_is_planned_again(root: Path) -> None:
    assert planned(root, "2026-11-23T08:00")[0] == 3
    assert planned(root, "2026-11-23T12:30") == (
        3,
        "due Wed, high priority, needs 2 × 1h30m, part 1 of 2",
    )


def test_what_was_logged_is_planned_no_more(root: Path) -> None:
    assert planned(root, "2026-11-23T08:00")[0] == 3
    (root / "a.md").write_text(LOGGED)
    hours, reason = planned(root, "2026-11-23T12:30")
    assert hours == 2
    assert "high priority, 1h logged, needs" in reason


def test_a_block_that_runs_stands_for_what_is_logged_in_it(root: Path) -> None:
    assert planned(root, "2026-11-23T08:00")[0] == 3
    (root / "a.md").write_text(LOGGED)
    hours, reason = planned(root, "2026-11-23T10:05")
    assert (hours, "logged" in reason) == (3, False)


def test_what_is_left_is_what_is_at_risk(vault: MakeVault) -> None:
    text = LOGGED.replace("3h", "20h").replace("2026-11-25", "2026-11-23")
    root = vault({"a.md": text, "mdtasks.toml": TOML})
    shown = mdtasks(root, "plan", "--md", now="2026-11-23T12:30").lines
    assert any("19h left" in line for line in shown)
