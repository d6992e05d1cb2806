"""The command line as its guide has it: shapes of --json, exit codes, keys, clock, vault."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest

from tests.conftest import MakeVault
from tests.running import call, mdtasks, process

HEAD = ["schema", "now", "vault"]
TASK = """
    uid key path line text status symbol priority created start scheduled due due_time done
    cancelled begins ends estimate recurrence on_completion id depends_on tags block_id parent
    depth heading project goal assignee pay urgency blocked handed rework
"""
BLOCK = ["start", "end", "kind", "title", "tasks", "reason", "late"]

WEEK = """\
# Work

- [ ] Write the report #deep ⏱ 1h ⏫ 📅 2026-11-24
    - [ ] Ask Ann
- [ ] Call the bank 📅 2026-11-23
- [ ] Old letter 📅 2026-11-02
- [x] Buy stamps ✅ 2026-11-23
- [ ] Write a novel ⏱ 90h ⏫ 📅 2026-11-23
"""


@pytest.fixture
def week(vault: MakeVault) -> Path:
    return vault({"Work.md": WEEK})


# --- JSON ---


@pytest.mark.parametrize(
    ("args", "body"),
    [
        (
            ["today"],
            [
                *("date", "blocks", "micro", "overdue", "done", "unplaced", "rolled", "decide"),
                *("progress", "ask", "waiting", "waiting_more"),
            ],
        ),
        (["next"], ["minutes", "until", "what", "tasks"]),
        (["list"], ["tasks"]),
        (
            ["plan"],
            ["blocks", "unplaced", "moves", "at_risk", "load", "moved", "of", "notices"],
        ),
        (["calendar"], ["output", "written", "calendar"]),
        (["check"], ["problems"]),
        (["index"], ["notes", "tasks", "seconds", "fresh"]),
        (["done", "Work.md:3"], ["changed"]),
    ],
    ids=repr,
)
def test_json_is_one_object_with_the_keys_of_the_guide(
    week: Path, args: list[str], body: list[str]
) -> None:
    ran = mdtasks(week, *args, "--json")
    assert list(ran.json) == [*HEAD, *body]
    assert ran.out.count(b"\n") == 1
    assert ran.err == b""


def test_json_says_when_and_where(week: Path) -> None:
    (week / "mdtasks.toml").write_text('timezone = "Europe/Berlin"\n')
    value = mdtasks(week, "list", "--json").json
    assert value["schema"] == 1
    assert value["now"] == "2026-11-23T08:30:00+01:00"
    assert value["vault"] == str(week)


def test_every_task_has_all_keys_in_one_order(week: Path) -> None:
    today = mdtasks(week, "today", "--json").json
    tasks = [
        *mdtasks(week, "list", "--all", "--json").json["tasks"],
        *today["micro"],
        *today["done"],
        mdtasks(week, "show", "Work.md:4", "--json").json["task"],
    ]
    assert len(tasks) > 8
    assert {tuple(task) for task in tasks} == {tuple(TASK.split())}


def test_the_values_of_a_task_are_plain(vault: MakeVault) -> None:
    root = vault(
        {
            "Home/Garden.md": "---\ngoal: harvest\n---\n# Beds\n"
            "- [/] 09:30-10:15 Sow [[peas]] #garden 🔼 ➕ 2026-11-01 🛫 2026-11-02 "
            "⏳ 2026-11-23 📅 2026-11-24 17:30 🔁 every week 🏁 keep 🆔 sow ⛔ dig,buy ⏱ 1h30m "
            "💰 12.50 EUR 👤 Ann [handed:: 2026-11-20] [rework:: 2] ^peas\n"
            "    - [x] Soak ✅ 2026-11-22\n    - [-] Wait ❌ 2026-11-21\n"
            "- [ ] Dig 🆔 dig\n"
        }
    )
    tasks = mdtasks(root, "list", "--all", "--json").json["tasks"]
    sow, soak, wait, dig = sorted(tasks, key=lambda task: int(task["line"]))
    assert UUID(sow["uid"]).version == 5
    assert sow["uid"].startswith(sow["key"])
    del sow["uid"], sow["key"], sow["urgency"]
    assert sow == {
        "path": "Home/Garden.md",
        "line": 5,
        "text": "Sow [[peas]] #garden",
        "status": "in_progress",
        "symbol": "/",
        "priority": "medium",
        "created": "2026-11-01",
        "start": "2026-11-02",
        "scheduled": "2026-11-23",
        "due": "2026-11-24",
        "due_time": "17:30",
        "done": None,
        "cancelled": None,
        "begins": "09:30",
        "ends": "10:15",
        "estimate": 90,
        "recurrence": "every week",
        "on_completion": "keep",
        "id": "sow",
        "depends_on": ["dig", "buy"],
        "tags": ["#garden"],
        "block_id": "peas",
        "parent": None,
        "depth": sow["depth"],
        "heading": "Beds",
        "project": "Garden",
        "goal": "harvest",
        "assignee": "Ann",
        "pay": "12.50 EUR",
        "blocked": True,
        "handed": "2026-11-20",
        "rework": 2,
    }
    assert (soak["status"], soak["done"]) == ("done", "2026-11-22")
    assert (wait["status"], wait["cancelled"]) == ("cancelled", "2026-11-21")
    assert soak["depth"] == sow["depth"] + 1
    absent = ("due", "due_time", "estimate", "recurrence", "assignee", "block_id", "parent")
    assert all(dig[name] is None for name in absent)
    assert dig["depends_on"] == dig["tags"] == []


def test_the_parent_of_a_task_is_a_uid(week: Path) -> None:
    tasks = {task["text"]: task for task in mdtasks(week, "list", "--json").json["tasks"]}
    assert tasks["Ask Ann"]["parent"] == tasks["Write the report #deep"]["uid"]


@pytest.mark.parametrize("args", [["plan"], ["today"]], ids=repr)
def test_blocks_have_their_keys_and_moments_with_offset(week: Path, args: list[str]) -> None:
    (week / "mdtasks.toml").write_text('timezone = "Europe/Berlin"\n')
    value = mdtasks(week, *args, "--json").json
    assert {tuple(block) for block in value["blocks"]} == {tuple(BLOCK)}
    assert all(block["start"].endswith(":00+01:00") for block in value["blocks"])
    assert {tuple(entry) for entry in value["unplaced"]} == {("task", "reason")}


def test_plan_and_today_name_the_tasks_of_list(week: Path) -> None:
    known = {task["uid"] for task in mdtasks(week, "list", "--json").json["tasks"]}
    plan = mdtasks(week, "plan", "--json").json
    named = {uid for block in plan["blocks"] for uid in block["tasks"]}
    named |= {entry["task"] for entry in plan["unplaced"]}
    assert named
    assert named <= known


def test_today_counts_what_is_overdue_and_lists_what_is_done(week: Path) -> None:
    today = mdtasks(week, "today", "--json").json
    assert [task["text"] for task in today["done"]] == ["Buy stamps"]
    assert today["date"] == "2026-11-23"


def test_check_gives_place_message_and_hint(vault: MakeVault) -> None:
    root = vault({"a.md": "# A\n- [ ] pay 📅 2026-02-30\n"})
    ran = mdtasks(root, "check", "--json")
    (problem,) = ran.json["problems"]
    assert list(problem) == ["path", "line", "message", "hint"]
    assert (problem["path"], problem["line"]) == ("a.md", 2)
    assert "2026-02-30" in problem["message"]
    assert ran.code == 1


def test_index_says_how_much_and_how_fresh(week: Path) -> None:
    first, second = (mdtasks(week, "index", "--json").json for _ in range(2))
    assert (first["notes"], first["tasks"], first["fresh"]) == (1, 6, False)
    assert (second["notes"], second["tasks"], second["fresh"]) == (1, 6, True)
    assert 0 <= second["seconds"] < 2


# --- stdout, stderr, exit codes ---


def test_results_go_to_stdout_and_notices_to_stderr(week: Path) -> None:
    ran = mdtasks(week, "list", "path includes nowhere")
    assert (ran.code, ran.out) == (0, b"")
    assert ran.said == ["mdtasks: nothing found; closed tasks are listed with --all"]


def test_a_failure_is_one_line_and_one_hint_on_stderr(week: Path) -> None:
    ran = mdtasks(week, "show", "fff")
    assert (ran.code, ran.out) == (1, b"")
    assert [line.split(":")[0] for line in ran.said] == ["mdtasks", "hint"]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["check"], 0),
        (["show", "fff"], 1),
        (["undo"], 1),
        (["today", "--date", "someday"], 2),
        (["today", "--date", ""], 2),
        (["list", "due whenever"], 2),
        (["plan", "--days", "0"], 2),
        (["frobnicate"], 2),
        (["list", "--frobnicate"], 2),
        (["done"], 2),
    ],
    ids=repr,
)
def test_exit_codes_are_those_of_the_guide(vault: MakeVault, args: list[str], code: int) -> None:
    ran = mdtasks(vault({"a.md": "- [ ] one\n"}), *args)
    assert ran.code == code
    assert bool(ran.out) is False


@pytest.mark.parametrize("args", [["frobnicate"], ["list", "--frobnicate"], ["done"]], ids=repr)
def test_a_wrong_call_is_told_like_any_other_failure(week: Path, args: list[str]) -> None:
    assert [line.split(":")[0] for line in mdtasks(week, *args).said] == ["mdtasks", "hint"]


def test_without_a_command_there_is_help() -> None:
    assert call() == call("--help")


def test_help_cuts_no_summary_short() -> None:
    assert "..." not in call("--help").out.decode().partition("Commands:")[2]


def test_help_of_every_command_has_an_example() -> None:
    listed = call("--help").out.decode().partition("Commands:\n")[2]
    names = re.findall(r"^  (\w+)", listed, re.MULTILINE)
    assert {"today", "list", "show", "done", "undo", "plan", "calendar", "sync"} <= {*names}
    for name in names:
        ran = call(name, "--help")
        assert ran.code == 0
        assert f"Example:\n    mdtasks {'' if name != 'init' else '--vault ~/Notes '}{name}" in (
            ran.out.decode()
        )


def test_the_module_calls_itself_by_the_name_of_the_command(week: Path) -> None:
    ran = process(week, "--help")
    assert ran.lines[0].startswith("Usage: mdtasks [OPTIONS]")


# --- the clock ---


@pytest.mark.parametrize(
    ("when", "now"),
    [
        ("2026-11-22T09:00", "2026-11-22T09:00:00+01:00"),
        ("2026-11-22", "2026-11-22T00:00:00+01:00"),
        ("2026-03-29T02:30", "2026-03-29T03:30:00+02:00"),  # the hour that summer takes away
        ("2026-10-25T02:30", "2026-10-25T02:30:00+02:00"),  # the first of the two
    ],
)
def test_now_is_a_time_on_the_clocks_of_the_vault(week: Path, when: str, now: str) -> None:
    (week / "mdtasks.toml").write_text('timezone = "Europe/Berlin"\n')
    assert mdtasks(week, "list", "--json", now=when).json["now"] == now


@pytest.mark.parametrize(
    "when", ["noon", "2026-02-30", "2026-11-22T25:00", "2026-11-22T09:00Z", ""]
)
def test_a_moment_that_is_none_is_a_wrong_call(week: Path, when: str) -> None:
    ran = mdtasks(week, "list", now=when)
    assert (ran.code, ran.out) == (2, b"")
    assert ran.said[0] == f"mdtasks: --now {when}: this is no moment"


def test_the_environment_sets_the_clock_and_the_option_wins(
    week: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MDTASKS_NOW", "2026-11-30")
    place = ["--vault", str(week)]
    assert call(*place, "today", "--json").json["date"] == "2026-11-30"
    assert call(*place, "--now", "2026-12-01", "today", "--json").json["date"] == "2026-12-01"


@pytest.mark.parametrize(
    ("words", "day"), [("tomorrow", "2026-11-24"), ("fri", "2026-11-27"), ("2026-12-24",) * 2]
)
def test_today_shows_another_day(week: Path, words: str, day: str) -> None:
    assert mdtasks(week, "today", "--date", words, "--json").json["date"] == day


# --- the vault ---


def test_the_vault_is_found_upward(week: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (week / ".obsidian").mkdir()
    (week / "Deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(week / "Deep" / "er")
    assert call("list", "--json").json["vault"] == str(week)


def test_option_environment_and_own_configuration_come_in_this_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    option, variable, own = (tmp_path / name for name in ("option", "variable", "own"))
    for folder in (option, variable, own):
        folder.mkdir()
    config = Path(tmp_path / "config" / "mdtasks" / "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text(f'vault = "{own}"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    assert call("list", "--json").json["vault"] == str(own)
    monkeypatch.setenv("MDTASKS_VAULT", str(variable))
    assert call("list", "--json").json["vault"] == str(variable)
    assert call("--vault", "option", "list", "--json").json["vault"] == str(option)


def test_reading_commands_write_nothing_into_the_vault(week: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in sorted(week.rglob("*"))}
    for args in (["today"], ["list"], ["plan"], ["calendar"], ["check"], ["index"], ["sync"]):
        call("--vault", str(week), *args)
    assert {path: path.stat().st_mtime_ns for path in sorted(week.rglob("*"))} == before


def test_init_writes_a_configuration_that_changes_nothing(week: Path) -> None:
    before = mdtasks(week, "list", "--json")
    assert mdtasks(week, "init").lines == [str(week / "mdtasks.toml")]
    assert mdtasks(week, "list", "--json") == before
    assert mdtasks(week, "index", "--json").json["fresh"] is True


def test_init_never_overwrites(week: Path) -> None:
    (week / "mdtasks.toml").write_text("# mine\n")
    assert mdtasks(week, "init").code == 1
    assert (week / "mdtasks.toml").read_text() == "# mine\n"
