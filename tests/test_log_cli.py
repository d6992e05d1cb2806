"""The time log at the prompt: shown, checked, and what the plan learns from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdtasks.app import time_log
from mdtasks.app.session import open_session
from mdtasks.plan.estimates import Group
from tests.conftest import MakeVault
from tests.running import mdtasks

NOW = "2026-11-23T08:30"
DONE = "".join(f"- [x] Chapter {n} #writing ⏱ 30m ✅ 2026-11-2{n % 3}\n" for n in range(8))
LOG = "# Time log\n\n" + "".join(f"- 09:00 - 09:45 Chapter {n} ([[Book]])\n" for n in range(8))
OPEN = "- [ ] Epilogue #writing ⏱ 1h 📅 2026-11-25\n- [ ] Preface #writing ⏱ 1h ⏳ 2026-11-25\n"
NOTES = {"Book.md": DONE, "2026-11-20.md": LOG, "New.md": OPEN}


def blocks(root: Path, now: str = NOW) -> dict[str, tuple[int, str]]:
    """Return for each task with focus blocks their minutes, and the reason of the first."""
    found: dict[str, tuple[int, str]] = {}
    for block in mdtasks(root, "plan", "--json", now=now).json["blocks"]:
        hours, minutes = (
            int(block["end"][at : at + 2]) - int(block["start"][at : at + 2]) for at in (11, 14)
        )
        if block["kind"] == "focus":
            before, reason = found.get(block["title"], (0, block["reason"]))
            found[block["title"]] = (before + hours * 60 + minutes, reason)
    return found


def contents(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_eight_finished_tasks_teach_the_plan_and_no_note_changes(vault: MakeVault) -> None:
    root = vault(NOTES)
    before = contents(root)
    found = blocks(root)
    assert found["Epilogue #writing"] == (
        90,
        "due Wed, 1h estimated, planned 1h30m: #writing takes 1.5× (p80 of 8)",
    )
    assert found["Preface #writing"][0] == 60
    assert "estimated" not in found["Preface #writing"][1]
    assert contents(root) == before


def test_time_on_steps_of_steps_teaches_what_the_whole_took(vault: MakeVault) -> None:
    clock = "CLOCK: [2026-11-19 Thu 09:00]--[2026-11-19 Thu 09:45]"
    whole = "- [x] Chapter {} #writing ⏱ 30m\n  - [x] Draft\n    - [x] Page\n      {}\n"
    book = "".join(whole.format(n, clock) for n in range(8))
    assert blocks(vault({"Book.md": book, "New.md": OPEN}))["Epilogue #writing"][0] == 90


def test_seven_are_too_few_and_the_eighth_counts_at_once(vault: MakeVault) -> None:
    root = vault({**NOTES, "Book.md": DONE.replace("[x] Chapter 3", "[ ] Chapter 3")})
    assert blocks(root)["Epilogue #writing"][0] == 60
    vault({"Book.md": DONE})
    assert blocks(root)["Epilogue #writing"][0] == 90


def test_a_line_of_the_log_alone_plans_anew(vault: MakeVault) -> None:
    root = vault(NOTES)
    assert blocks(root)["Epilogue #writing"][0] == 90
    vault({"2026-11-20.md": LOG.replace("09:45", "10:00")})
    assert blocks(root)["Epilogue #writing"][0] == 120


def test_learning_can_be_switched_off(vault: MakeVault) -> None:
    root = vault({**NOTES, "mdtasks.toml": "[estimates]\nlearn = false\n"})
    found = blocks(root)
    assert found["Epilogue #writing"] == (60, "due Wed")
    vault({"mdtasks.toml": "[estimates]\nlearn = true\n"})
    assert blocks(root)["Epilogue #writing"][0] == 90


def test_what_was_learned_is_kept_until_a_task_changes(
    vault: MakeVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = vault(NOTES)
    blocks(root)
    session = open_session(str(root), NOW, lambda line: None)
    with session.store() as store:
        first = time_log.factors(session, store)
        monkeypatch.setattr(time_log, "_new_factors", None)
        assert time_log.factors(session, store) == first
    learned = first[Group("", "#writing")]
    assert (learned.samples, learned.p50, learned.p80) == (8, 1.5, 1.5)
    assert set(first) == {Group("", "#writing"), Group("Book", ""), Group("Book", "#writing")}


def test_a_clock_that_was_forgotten_teaches_nothing_and_is_named(vault: MakeVault) -> None:
    root = vault({**NOTES, "2026-11-20.md": LOG.replace("- 09:00 - 09:45", "- 09:00 - 22:45", 1)})
    assert blocks(root)["Epilogue #writing"][0] == 60
    checked = mdtasks(root, "check", "--faults", now=NOW)
    assert checked.code == 1
    assert (
        "2026-11-20.md:3: this interval lasts 13h45m; over 12h it does not count" in checked.lines
    )


def test_what_is_no_time_is_named(vault: MakeVault) -> None:
    root = vault({"2026-11-20.md": "# Time log\n- 25:61 - 26:00 Write\n- 13:05 - Invoices\n"})
    problems = mdtasks(root, "check", "--json", now=NOW).json["problems"]
    found = {(each["line"], each["message"]) for each in problems}
    assert (2, "`25:61 - 26:00` is no time in the time log") in found
    assert (3, "this clock has been running since 2026-11-20 13:05") in found
    assert all(each["hint"] for each in problems)


def test_show_says_what_was_spent(vault: MakeVault) -> None:
    root = vault(
        {
            "Work.md": "- [ ] Write\n  CLOCK: [2026-11-19 Thu 09:00]--[2026-11-19 Thu 09:30]\n",
            "2026-11-20.md": "# Time log\n- 09:00 - 09:40 Write\n- 10:00 - 10:10 write ([[Work]])\n"
            "- 11:00 - Write\n- 12:00 - 12:30 Lunch\n",
        }
    )
    shown = mdtasks(root, "show", "Work.md:1", now="2026-11-20T11:30")
    assert ["logged", "1h20m in 3 intervals, running since Fri 11:00"] in [
        line.split(maxsplit=1) for line in shown.lines if line.startswith("  logged")
    ]
    assert mdtasks(root, "show", "Work.md:1", "--json").json["logged"] == 80


def test_what_only_runs_has_no_sum_yet(vault: MakeVault) -> None:
    root = vault({"2026-11-23.md": "- [ ] Write\n\n# Time log\n- 08:00 - Write\n"})
    shown = mdtasks(root, "show", "2026-11-23.md:1").lines
    assert "  logged     running since Mon 08:00" in shown


def test_without_a_log_show_says_nothing_of_it(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] Write\n"})
    assert "logged" not in "\n".join(mdtasks(root, "show", "a.md:1").lines)
    assert mdtasks(root, "show", "a.md:1", "--json").json["logged"] == 0


def test_the_heading_of_the_log_can_be_set(vault: MakeVault) -> None:
    notes = {"2026-11-23.md": "- [ ] Write\n\n# Zeiten\n- 08:00 - 08:20 Write\n"}
    root = vault(notes)
    assert mdtasks(root, "show", "2026-11-23.md:1", "--json").json["logged"] == 0
    vault({"mdtasks.toml": '[log]\nheading = "Zeiten"\n'})
    assert mdtasks(root, "show", "2026-11-23.md:1", "--json").json["logged"] == 20
