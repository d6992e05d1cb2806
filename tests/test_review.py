"""`mdtasks review`: what it says of a week, for a person, a pipe, a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import mdtasks, on_terminal
from tests.test_startup import loaded_by

NOW = "2026-11-20T12:00"  # a Friday
HOSTILE = "\x1b[31mred\x9b"

NOTE = """\
- [x] Move house ✅ 2026-11-18
  - [x] Pack ⏱ 2h ✅ 2026-11-17
  - [x] Carry ⏱ 10m ✅ 2026-11-17
- [x] Last week ✅ 2026-11-12
- [ ] Ring the bank 📅 2026-11-10
- [ ] Ring the vet 📅 2026-11-23
"""
HABITS = "".join(f"- [x] Stretch 🔁 every day ✅ 2026-11-{day}\n" for day in range(14, 20)) + (
    "- [x] Mail 🔁 every weekday ✅ 2026-11-13\n"
    "- [x] Mail 🔁 every weekday ✅ 2026-11-16\n"
    "- [x] Mail 🔁 every weekday ✅ 2026-11-18\n"
)
LIST = "".join(f"- [x] Slide {n} ✅ 2026-11-19\n" for n in range(3))
LOG = "## Time log\n\n- 09:00 - 10:30 Pack ([[House]])\n"
SETTINGS = 'vault_id = "test"\ntimezone = "Europe/Berlin"\n'


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault(
        {
            "House.md": NOTE,
            "Habits.md": HABITS + "- [ ] Mail 🔁 every weekday\n- [ ] Stretch 🔁 every day\n",
            "Talk.md": LIST,
            "2026-11-17.md": LOG,
            "mdtasks.toml": SETTINGS,
        }
    )


def test_the_week_is_counted_by_day_and_shown_without_a_graph_in_a_pipe(root: Path) -> None:
    assert mdtasks(root, "review", now=NOW).lines == [
        "Week 2026-W47 · 16–22 November 2026",
        "12 done · 10 more than the week before by now · 11 small tasks, 15 in November",
        "",
        "         Mon  Tue  Wed  Thu  Fri",
        "  done     2    3    3    4    0",
        "  small    2    2    3    4    0",
        "",
        "Streaks",
        "  Stretch  6 in a row  4 of 4 this week  the longest yet",
        "  Mail     broken off  2 of 4 this week  longest 2",
        "",
        "Reached",
        "  10 tasks done since the first   Wed",
        "  Talk: all 3 tasks are done      Thu",
        "  Move house: done, with 2 steps  Wed",
        "",
        "Planned and worked",
        "  nothing planned, 1h30m logged",
        "",
        "Estimated and taken",
        "  Pack  estimated 2h, took 1h30m",
        "",
        "Overdue",
        "  Ring the bank  e82  due 10 Nov",
    ]


def test_on_a_terminal_a_graph_stands_above_the_numbers(root: Path) -> None:
    shown = on_terminal(root, "--now", NOW, "review", columns=100).out.decode()
    assert "▅" in shown


def test_a_past_week_is_called_by_its_number_its_words_or_a_day(root: Path) -> None:
    for said in ("2026-W46", "2026w46", "last week", "last", " Last  Week ", "2026-11-15"):
        found = mdtasks(root, "review", "--json", "--week", said, now=NOW).json
        assert (found["week"], found["last"], found["done"]) == ("2026-W46", "2026-11-15", 4)


@pytest.mark.parametrize("said", ["this", "this week", "2026-W47"])
def test_this_week_has_a_name_too(root: Path, said: str) -> None:
    assert mdtasks(root, "review", "--week", said, now=NOW).out == (
        mdtasks(root, "review", now=NOW).out
    )


def test_the_first_day_of_the_week_moves_the_days_and_not_the_number(root: Path) -> None:
    (root / "mdtasks.toml").write_text(f'{SETTINGS}[display]\nweek_start = "sun"\n')
    found = mdtasks(root, "review", "--json", "--week", "2026-W47", now=NOW).json
    assert (found["week"], found["first"]) == ("2026-W47", "2026-11-15")


@pytest.mark.parametrize("said", ["2026-W54", "2026-W48", "soup", "0001-W01"])
def test_what_is_no_week_or_has_not_begun_is_refused(root: Path, said: str) -> None:
    ran = mdtasks(root, "review", "--week", said, now=NOW)
    assert (ran.code, ran.out) == (2, b"")


def test_a_script_gets_the_same_figures(root: Path) -> None:
    found = mdtasks(root, "review", "--json", now=NOW).json
    assert found["days"][1] == {"date": "2026-11-17", "done": 3, "small": 2}
    assert found["streaks"][0] == {
        "text": "Stretch", "path": "Habits.md", "now": 6, "best": 6, "done": 4, "of": 4,
    }  # fmt: skip
    assert found["milestones"][0] == {
        "kind": "number", "text": "10 tasks done", "size": 10, "date": "2026-11-18",
    }  # fmt: skip
    assert found["work"]["logged"] == 90
    assert [
        (each["text"], each["estimate"], each["actual"]) for each in found["work"]["timed"]
    ] == [("Pack", 120, 90)]
    assert [(each["text"], each["due"]) for each in found["overdue"]] == [
        ("Ring the bank", "2026-11-10")
    ]


def test_the_list_of_a_day_is_no_project_that_is_finished(vault: MakeVault) -> None:
    root = vault({"2026-11-19.md": LIST})
    assert mdtasks(root, "review", "--json", now=NOW).json["milestones"] == []


def test_what_notes_say_cannot_reach_the_terminal_as_a_command(vault: MakeVault) -> None:
    root = vault({"a.md": "".join(f"- [x] {HOSTILE} 🔁 every day ✅ 2026-11-19\n- [ ] {HOSTILE} 📅 2026-11-01\n" for _ in "ab")})  # fmt: skip  # noqa: E501
    for args in ((), ("--json",)):
        out = mdtasks(root, "review", *args, now=NOW).out
        assert b"red" in out
        assert b"\x1b" not in out
        assert "\x9b" not in out.decode()


def test_an_empty_vault_has_a_week_too(vault: MakeVault) -> None:
    ran = mdtasks(vault({"a.md": "nothing\n"}), "review", now=NOW)
    assert (ran.code, ran.lines[1]) == (0, "0 done")


def test_a_plain_review_loads_no_heavy_package(root: Path) -> None:
    mdtasks(root, "review")
    heavy = {"markdown_it", "icalendar", "watchdog", "yaml", "rich"}
    assert not heavy & loaded_by(root, "review")
