"""`mdtasks projects`: what it shows in a pipe, on a terminal and as JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import mdtasks, on_terminal

BOOK = """---
project: Book
goal: Be read
---
- [x] Title ✅ 2026-10-02
- [ ] Chapter 1 ⏱ 2h
\t- [x] Notes ⏱ 30m ✅ 2026-10-03
\t- [ ] Draft ⏱ 1h 📅 2026-11-20
- [ ] Ask Ida 👤 Ida
"""
SITE = "---\nproject: Site\n---\n- [x] one ✅ 2026-11-20\n- [x] two ✅ 2026-11-21\n"
OLD = "---\nproject: Old\n---\n- [x] one ✅ 2026-08-20\n"


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault(
        {
            "b.md": BOOK,
            "s.md": SITE,
            "o.md": OLD,
            "list.md": "- [ ] milk\n- [ ] letter [goal:: Be read]\n- [ ] Sell [project:: Shop]\n",
        }
    )


def test_goals_and_projects_are_shown_with_their_next_step_and_what_is_wrong(root: Path) -> None:
    ran = mdtasks(root, "projects")
    assert (ran.code, ran.said) == (0, [])
    key = mdtasks(root, "list", "description includes Draft", "--json").json["tasks"][0]["key"]
    letter, sell = (
        mdtasks(root, "list", f"description includes {word}", "--json").json["tasks"][0]["key"]
        for word in ("letter", "Sell")
    )
    assert ran.lines == [
        "Be read: 2 of 6 done (33%)",
        "  Book: 2 of 5 done (40%), 30m of 2h",
        f"    next  Draft  1h  {key}  due 20 Nov",
        "    some of it waits for Ida",
        "    overdue: Draft, due Friday 20 November",
        "    nothing was done for 51 days",
        "  In no project: 0 of 1 done (0%)",
        f"    next  letter    {letter}",
        "    nothing has a date",
        "",
        "Without a goal: 2 of 3 done (66%)",
        "  Shop: 0 of 1 done (0%)",
        f"    next  Sell    {sell}",
        "    nothing has a date",
        "  Site: 2 of 2 done (100%)",
        "    finished: 2 tasks done, the last on Saturday 21 November. Well done!",
        "",
        "1 project finished earlier: mdtasks projects --all",
    ]


def test_all_shows_lists_and_what_was_finished_long_ago(root: Path) -> None:
    shown = mdtasks(root, "projects", "--all").lines
    assert "  Old: 1 of 1 done (100%)" in shown
    assert "  list: 0 of 2 done (0%)" in shown


@pytest.mark.parametrize("name", ["Book", "book", "boo", "Be read"])
def test_a_project_is_found_by_its_name_or_its_goals_and_shown_as_a_tree(
    root: Path, name: str
) -> None:
    shown = [line.split("  ") for line in mdtasks(root, "projects", name).lines]
    tree = [line for line in shown if line[2:3] and line[2].startswith("[")]
    assert [[word for word in line[2:] if word][:2] for line in tree][:3] == [
        ["[ ]", "Chapter 1"],
        ["[ ]", "Draft"],
        ["[ ]", "Ask Ida"],
    ]
    assert tree[1][3:5] == ["", "Draft"]


def test_a_name_that_nothing_or_several_have_is_refused_with_what_there_is(root: Path) -> None:
    ran = mdtasks(root, "projects", "Bok")
    assert (ran.code, ran.said) == (
        2,
        ["mdtasks: no project or goal is called Bok", "hint: did you mean Book?"],
    )
    ran = mdtasks(root, "projects", "s")
    assert ran.code == 2
    assert ran.said[1:] == ["hint: Shop", "      Site"]


def test_a_note_is_of_the_project_that_has_its_name(root: Path) -> None:
    (root / "Shop.md").write_text("- [ ] Paint the door\n", "utf-8")
    assert "  Shop: 0 of 2 done (0%)" in mdtasks(root, "projects").lines


def test_json_says_the_same_in_keys(root: Path) -> None:
    said = mdtasks(root, "projects", "Book", "--json").json
    (project,) = said["projects"]
    next_step = project.pop("next")
    assert next_step["text"] == "Draft"
    assert project == {
        "project": "Book",
        "goal": "Be read",
        "done": 2,
        "total": 5,
        "minutes_done": 30,
        "minutes": 120,
        "open": 2,
        "overdue": [next_step["uid"]],
        "at_risk": [],
        "waits_for": ["Ida"],
        "last_done": "2026-10-03",
        "finished": False,
        "wrong": ["late", "stale"],
    }
    assert [task["text"] for task in said["tasks"]] == ["Chapter 1", "Draft", "Ask Ida"]


def test_a_due_date_that_the_plan_does_not_keep_is_at_risk(root: Path) -> None:
    (root / "b.md").write_text(
        "---\nproject: Book\n---\n- [ ] Write it all 📅 2026-11-24\n\t- [ ] Draft ⏱ 40h\n", "utf-8"
    )
    shown = mdtasks(root, "projects", "Book").lines
    assert "    at risk, the plan does not make it: Draft, due Tuesday 24 November" in shown


def test_a_vault_without_projects_says_how_to_have_one(vault: MakeVault) -> None:
    ran = mdtasks(vault({"a.md": "- [ ] one\n"}), "projects")
    assert (ran.code, ran.lines) == (0, [])
    assert ran.said[0] == "mdtasks: no note names a project or a goal"


def test_a_terminal_has_bars_and_hostile_names_do_no_harm(root: Path) -> None:
    (root / "x.md").write_text("- [ ] a [project:: e\x1b[31mvil\u202e]\n", "utf-8")
    shown = on_terminal(root, "projects", columns=60).out.decode()
    assert "█" * 4 + "░" * 8 in shown.replace("\x1b[0m", "").replace("\x1b[2m", "").replace(
        "\x1b[32m", ""
    )
    assert "\x1b[31mvil" not in shown
    assert "\u202e" not in shown
    assert max(map(len, (line for line in shown.splitlines() if "\x1b" not in line))) <= 60
