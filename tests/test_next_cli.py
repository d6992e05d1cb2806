"""`mdtasks next`: what it says, what it leaves out, and what `--start` changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import mdtasks
from tests.test_startup import HEAVY, IDLE, loaded_by

HOSTILE = "\x1b[31mred\x9b"

NOTE = """\
- [ ] Write the report ⏱ 2h ⏫ 📅 2026-11-24
- [ ] Ring the bank #call ⏱ 5m 🔼
- [ ] Ring the vet #call @phone ⏱ 10m
- [ ] Water the ferns
- [ ] Stand-up ⏳ 2026-11-23 10:30-11:00
- [ ] Ask Bo ⏱ 5m 🔺 👤 Bo
- [ ] Later ⏱ 5m 🔺 🛫 2026-11-24
- [ ] On Friday ⏱ 5m 🔺 ⏳ 2026-11-27
- [ ] Sign ⏱ 5m 🔺 ⛔ draft
- [ ] Draft 🆔 draft ⏱ 3h
- [ ] Move 🔺
  - [ ] Pack ⏱ 10m
  - [h] Carry ⏱ 5m
"""
SETTINGS = 'timezone = "Europe/Berlin"\n[statuses]\nh = "ON_HOLD"\n'


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"Work.md": NOTE, "mdtasks.toml": SETTINGS})


def texts(root: Path, *args: str, now: str = "2026-11-23T09:00") -> list[str]:
    found = mdtasks(root, "next", "--json", *args, now=now).json
    return [each["text"] for each in found["tasks"]]


def test_it_says_how_much_time_there_is_until_what(root: Path) -> None:
    ran = mdtasks(root, "next", now="2026-11-23T10:35")
    assert ran.lines[0] == "25 min until 11:00, the end of Stand-up"
    ran = mdtasks(root, "next", "--minutes", "20", now="2026-11-23T10:35")
    assert ran.lines[0] == "20 min"


MEETING = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20261101T000000Z
DTSTART:20261123T090000Z
DTEND:20261123T100000Z
SUMMARY:Review
END:VEVENT
END:VCALENDAR
"""


def test_a_meeting_of_another_calendar_ends_the_time(vault: MakeVault) -> None:
    settings = f'{SETTINGS}[[busy]]\nname = "work"\nfile = "work.ics"\n'
    notes = {"a.md": "- [ ] call\n", "mdtasks.toml": settings}
    root = vault({**notes, "work.ics": MEETING.replace("\n", "\r\n")})
    ran = mdtasks(root, "next", now="2026-11-23T09:25")
    assert ran.lines[0].startswith("35 min until 10:00 Review")
    ran = mdtasks(root, "next", now="2026-11-23T10:30")
    assert ran.lines[0].startswith("Nothing now: Review")
    assert ran.lines[0].endswith("until 11:00.")


def test_only_what_one_could_do_now_is_offered(root: Path) -> None:
    found = texts(root, "--minutes", "15")
    assert found == ["Pack", "Ring the bank #call", "Ring the vet #call @phone"]


def test_the_block_that_runs_is_offered_first(root: Path) -> None:
    mdtasks(root, "today", now="2026-11-23T09:00")
    running = mdtasks(root, "today", "--json", now="2026-11-23T09:10").json["blocks"][0]
    ran = mdtasks(root, "next", now="2026-11-23T09:10")
    assert running["title"] in ran.lines[1]
    assert ran.lines[1].endswith(f"planned until {running['end'][11:16]}")


def test_tags_and_contexts_narrow_it_down(root: Path) -> None:
    both = ["Ring the bank #call", "Ring the vet #call @phone"]
    assert texts(root, "call", "--minutes", "30") == both
    assert texts(root, "#call", "@phone", "--minutes", "30") == both[1:]
    assert texts(root, "call", "--minutes", "5") == both[:1]


@pytest.mark.parametrize(
    ("now", "args", "why"),
    [
        ("T08:00", [], "this is outside of your hours; they begin 09:00."),
        ("T20:00", [], "this is outside of your hours; they begin Tuesday 24 November, 09:00."),
        ("T09:00", ["nowhere"], "no task with nowhere can be done now."),
        ("T17:58", [], "2 min until 18:00, the end of your hours: no open task fits, "),
        ("T10:40", ["call"], "Stand-up until 11:00."),
    ],
)
def test_where_there_is_nothing_it_says_why(
    root: Path, now: str, args: list[str], why: str
) -> None:
    ran = mdtasks(root, "next", *args, now=f"2026-11-23{now}")
    assert (ran.code, ran.err) == (0, b"")
    assert ran.lines[0].startswith(f"Nothing now: {why}")
    assert mdtasks(root, "next", "--json", *args, now=f"2026-11-23{now}").json["tasks"] == []


@pytest.mark.parametrize("args", [[], ["--json"]], ids=repr)
def test_no_control_character_gets_out(vault: MakeVault, args: list[str]) -> None:
    root = vault({"a.md": f"- [ ] {HOSTILE} ⏱ 5m\n", "mdtasks.toml": SETTINGS})
    for words in ([], [HOSTILE]):
        ran = mdtasks(root, "next", "--minutes", "9", *args, *words)
        assert ran.code == 0
        assert "red" in ran.out.decode() or args
        assert not set(ran.out.decode()) & {"\x1b", "\x9b"}


def test_where_nothing_is_open_it_says_so(vault: MakeVault) -> None:
    root = vault({"a.md": "- [x] over\n"})
    ran = mdtasks(root, "next", now="2026-11-23T09:00")
    assert ran.lines == ["Nothing now: no open task can be done now."]


def test_the_json_says_the_minutes_and_until_when(root: Path) -> None:
    found = mdtasks(root, "next", "--json", now="2026-11-23T10:35").json
    assert (found["minutes"], found["what"]) == (25, "the end of Stand-up")
    assert found["until"] == "2026-11-23T11:00:00+01:00"
    given = mdtasks(root, "next", "--json", "--minutes", "7", now="2026-11-23T10:35").json
    assert (given["minutes"], given["until"], given["what"]) == (7, None, None)


def test_start_puts_the_first_one_in_progress(root: Path) -> None:
    ran = mdtasks(root, "next", "--minutes", "15", "--start", now="2026-11-23T09:00")
    assert ran.code == 0
    assert "  - [/] Pack ⏱ 10m" in (root / "Work.md").read_text().splitlines()
    assert ran.lines[-1] == "+ - [/] Pack ⏱ 10m"
    assert mdtasks(root, "undo").code == 0
    assert (root / "Work.md").read_text() == NOTE


def test_start_tells_the_change_in_json_and_finds_nothing_to_change_twice(root: Path) -> None:
    args = ["next", "--minutes", "15", "--start", "--json"]
    first = mdtasks(root, *args, now="2026-11-23T09:00").json
    assert first["changed"][0]["after"] == ["  - [/] Pack ⏱ 10m"]
    assert first["tasks"][0]["status"] == "in_progress"
    assert mdtasks(root, *args, now="2026-11-23T09:00").json["changed"] == []


def test_a_day_later_and_after_a_change_the_offer_is_another(root: Path) -> None:
    assert texts(root, "--minutes", "5") == ["Ring the bank #call"]
    assert texts(root, "--minutes", "5", now="2026-11-24T09:00")[0] == "Later"
    mdtasks(root, "done", "Work.md:2", now="2026-11-23T09:00")
    assert texts(root, "--minutes", "5") == []


def test_what_is_new_is_offered_though_the_plan_stays_the_same(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n"})
    assert texts(root) == ["one"]
    vault({"b.md": "- [ ] two\n"})
    assert texts(root) == ["one", "two"]


def test_on_a_fresh_index_it_loads_no_heavy_package(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] Write the report [estimate:: 2h]\n- [ ] Call\n"})
    assert mdtasks(root, "next").code == 0
    loaded = loaded_by(root, "next")
    assert {name.partition(".")[0] for name in loaded} & {*HEAVY, "rich", "pathspec"} == set()
    assert loaded & {*IDLE, "click", "tomllib", "difflib", "subprocess", "email"} == set()
