"""What is taken from Obsidian's own files, and what of theirs does no harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mdtasks.config import SETTINGS_FILES, default_vault_id, load, planning_settings
from mdtasks.model import Status
from mdtasks.settings import DEFAULT_STATUSES, Config, DailyNotes, StatusRule
from tests.conftest import MakeVault
from tests.running import environ, mdtasks

TASKS = ".obsidian/plugins/obsidian-tasks-plugin/data.json"
DAILY = ".obsidian/daily-notes.json"
PLANNER = ".obsidian/plugins/obsidian-day-planner/data.json"
PLUGINS = ".obsidian/community-plugins.json"


def write(vault: Path, name: str, value: object) -> None:
    """Write one of Obsidian's files: JSON, or the text itself."""
    path = vault / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")


def plugin(vault: Path, name: str, value: object) -> None:
    """Write the settings of a plugin that is enabled."""
    write(vault, PLUGINS, [Path(name).parent.name])
    write(vault, name, value)


def tasks_plugin(vault: Path, **said: Any) -> Config:
    plugin(vault, TASKS, said)
    loaded = load(vault)
    assert loaded.notices == ()
    return loaded.config


def status(symbol: str, kind: str, name: str = "Name", following: str = "x") -> Mapping[str, Any]:
    return {"symbol": symbol, "name": name, "nextStatusSymbol": following, "type": kind}


# Daily notes


def test_folder_and_format_of_daily_notes_come_from_obsidian(tmp_path: Path) -> None:
    said = {"folder": "/Daily", "format": "YYYY/MM/DD", "template": "Templates/Day"}
    write(tmp_path, DAILY, said)
    loaded = load(tmp_path)
    assert loaded.config.read.daily_notes == DailyNotes("Daily", "YYYY/MM/DD")
    assert loaded.config.daily.template == "Templates/Day.md"
    assert loaded.sources == {
        "daily.template": (DAILY,),
        "read.daily_notes.folder": (DAILY,),
        "read.daily_notes.format": (DAILY,),
    }


def test_what_mdtasks_toml_says_goes_before_obsidian(tmp_path: Path) -> None:
    write(tmp_path, DAILY, {"folder": "Daily", "format": "YYYYMMDD"})
    (tmp_path / "mdtasks.toml").write_text('[read.daily_notes]\nfolder = "Days"')
    loaded = load(tmp_path)
    assert loaded.config.read.daily_notes == DailyNotes("Days", "YYYYMMDD")
    assert loaded.sources == {
        "read.daily_notes.folder": ("mdtasks.toml",),
        "read.daily_notes.format": (DAILY,),
    }


def test_what_obsidian_leaves_empty_is_its_default(tmp_path: Path) -> None:
    write(tmp_path, DAILY, {"folder": "", "format": None})
    loaded = load(tmp_path)
    assert (loaded.config.read.daily_notes, loaded.sources) == (DailyNotes(), {})


# The Tasks plugin and Day Planner


def test_the_filter_of_the_tasks_plugin_counts(tmp_path: Path) -> None:
    assert tasks_plugin(tmp_path, globalFilter="#task").read.global_filter == "#task"


def without_plugin(config: Config) -> Config:
    """Return the settings but for what the plugin reads, which is known where it is in use."""
    return config._replace(read=config.read._replace(plugin=""))


@pytest.mark.parametrize("said", [None, {}, {"taskFormat": "dataview"}, {"taskFormat": "other"}])
def test_which_of_its_formats_the_plugin_reads_is_known_where_it_is_in_use(
    tmp_path: Path, said: dict[str, str] | None
) -> None:
    if said is not None:
        write(tmp_path, TASKS, said)
    assert load(tmp_path).config.read.plugin == ""
    write(tmp_path, PLUGINS, ["obsidian-tasks-plugin"])
    is_dataview = said == {"taskFormat": "dataview"}
    assert load(tmp_path).config.read.plugin == ("dataview" if is_dataview else "emoji")


@pytest.mark.parametrize(
    ("task_format", "dialects"),
    [("tasksPluginEmoji", ("emoji", "dayplanner")), ("dataview", ("dataview", "dayplanner"))],
)
def test_of_emoji_and_dataview_only_the_format_of_the_plugin_is_read(
    tmp_path: Path, task_format: str, dialects: tuple[str, ...]
) -> None:
    assert tasks_plugin(tmp_path, taskFormat=task_format).read.dialects == dialects


def test_what_the_plugin_writes_we_write(tmp_path: Path) -> None:
    said = {"setDoneDate": False, "setCreatedDate": True, "recurrenceOnNextLine": True}
    write_settings = tasks_plugin(tmp_path, **said).write
    assert (write_settings.done_date, write_settings.set_created) == (False, True)
    assert write_settings.next_line == "below"


def test_statuses_of_the_plugin_lie_over_the_default_ones(tmp_path: Path) -> None:
    core = [status(" ", "TODO", "To do", "/"), status("x", "DONE", "Done", " ")]
    custom = [status("h", "ON_HOLD", "Hold", "/"), status(">", "TODO"), status("x", "TODO")]
    config = tasks_plugin(tmp_path, statusSettings={"coreStatuses": core, "customStatuses": custom})
    assert config.read.statuses == {
        **DEFAULT_STATUSES,
        " ": StatusRule(Status.TODO, "To do", "/"),
        "x": StatusRule(Status.DONE, "Done", " "),
        "h": StatusRule(Status.ON_HOLD, "Hold", "/"),
        ">": StatusRule(Status.TODO, "Name", "x"),
    }


def test_a_big_x_that_the_plugin_does_not_name_is_done(tmp_path: Path) -> None:
    said = {"customStatuses": [status("/", "IN_PROGRESS")]}
    assert tasks_plugin(tmp_path, statusSettings=said).read.status("X").type is Status.DONE


def test_rows_that_were_never_filled_in_are_passed_over_in_silence(tmp_path: Path) -> None:
    empty = [status("", "TODO", "", ""), status("a", "EMPTY", "", "")]
    said = {"coreStatuses": None, "customStatuses": empty}
    assert tasks_plugin(tmp_path, statusSettings=said).read.statuses == DEFAULT_STATUSES


def test_statuses_of_old_files_have_no_type(tmp_path: Path) -> None:
    old = [{"symbol": s, "name": "Old", "nextStatusSymbol": ""} for s in "/X?"]
    statuses = tasks_plugin(tmp_path, statusSettings={"customStatuses": old}).read.statuses
    kinds = [statuses[symbol].type for symbol in "/X?"]
    assert kinds == [Status.IN_PROGRESS, Status.DONE, Status.TODO]


def test_of_a_symbol_that_both_name_mdtasks_toml_decides(tmp_path: Path) -> None:
    said = {"customStatuses": [status("h", "ON_HOLD"), status("i", "NON_TASK")]}
    plugin(tmp_path, TASKS, {"statusSettings": said})
    (tmp_path / "mdtasks.toml").write_text('[statuses]\n"h" = "CANCELLED"')
    loaded = load(tmp_path)
    kinds = [loaded.config.read.status(symbol).type for symbol in "hi"]
    assert kinds == [Status.CANCELLED, Status.NON_TASK]
    assert loaded.sources == {"statuses": (TASKS, "mdtasks.toml")}


def test_the_heading_of_day_planner_is_that_of_the_section(tmp_path: Path) -> None:
    plugin(tmp_path, PLANNER, {"plannerHeading": "Dagsplan"})
    assert load(tmp_path).config.daily.heading == "Dagsplan"


@pytest.mark.parametrize("enabled", [None, [], ["dataview"], [["obsidian-tasks-plugin"], 5]])
def test_settings_of_a_plugin_that_is_off_do_not_count(tmp_path: Path, enabled: object) -> None:
    if enabled is not None:
        write(tmp_path, PLUGINS, enabled)
    write(tmp_path, TASKS, {"globalFilter": "#task"})
    loaded = load(tmp_path)
    assert loaded.config == Config(vault_id=default_vault_id(tmp_path))
    assert (loaded.notices, loaded.sources) == ((), {})


def test_a_changed_filter_shows_in_the_next_list(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one #task\n- [ ] two\n- [h] three #task\n"})
    assert len(mdtasks(root, "list", "--json").json["tasks"]) == 3
    said = {"customStatuses": [status("h", "DONE")]}
    plugin(root, TASKS, {"globalFilter": "#task", "statusSettings": said})
    (task,) = mdtasks(root, "list", "--json").json["tasks"]
    assert task["line"] == 1


def test_a_plan_follows_obsidians_files(tmp_path: Path) -> None:
    before = planning_settings(load(tmp_path).config)
    plugin(tmp_path, TASKS, {"globalFilter": "#task"})
    assert planning_settings(load(tmp_path).config) != before


def test_a_watcher_knows_all_files_of_settings() -> None:
    templates = ".obsidian/templates.json"
    assert {"mdtasks.toml", DAILY, templates, TASKS, PLANNER, PLUGINS} == SETTINGS_FILES


def test_a_vault_of_obsidians_without_these_files_loads_nothing_for_them(tmp_path: Path) -> None:
    write(tmp_path, ".obsidian/app.json", {})
    code = (
        "import sys; from pathlib import Path; from mdtasks.config import SETTINGS_FILES, load;"
        "load(Path(sys.argv[1])); print({'json', 'mdtasks.toml.obsidian'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environ())
    assert done.stdout == "set()\n"


# Hostile files


@pytest.mark.parametrize("name", [DAILY, TASKS, PLUGINS])
@pytest.mark.parametrize(
    "text",
    ["", "{", "5", "null", "[" * 200_000, '{"a":' * 40_000, "9" * 5_000, "x" * 300_000, "\x80"],
)
def test_a_broken_file_is_a_notice_and_no_more(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, PLUGINS, ["obsidian-tasks-plugin"])
    write(tmp_path, TASKS, {})
    write(tmp_path, name, text)
    loaded = load(tmp_path)
    assert without_plugin(loaded.config) == Config(vault_id=default_vault_id(tmp_path))
    (notice,) = loaded.notices
    assert notice.startswith(f"{name} is not used: ")
    assert len(notice) < 200


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        (DAILY, "folder", "../.."),
        (DAILY, "folder", ["a"]),
        (DAILY, "folder", "a\0b"),
        (DAILY, "folder", "\ud800"),
        (DAILY, "format", "MM-DD"),
        (TASKS, "globalFilter", 5),
        (TASKS, "globalFilter", float("nan")),
        (TASKS, "globalFilter", "a\nb"),
        (TASKS, "globalFilter", {"a": ["x" * 9_000]}),
        (TASKS, "taskFormat", "orgMode"),
        (TASKS, "taskFormat", ["dataview"]),
        (TASKS, "setDoneDate", "yes"),
        (TASKS, "setCreatedDate", 1),
        (TASKS, "recurrenceOnNextLine", 1),
        (TASKS, "recurrenceOnNextLine", {}),
        (TASKS, "statusSettings", [5]),
        (PLANNER, "plannerHeading", 7),
        (PLANNER, "plannerHeading", "  "),
    ],
)
def test_a_value_that_cannot_be_is_named_and_not_taken(
    tmp_path: Path, name: str, key: str, value: object
) -> None:
    plugin(tmp_path, name, {key: value})
    loaded = load(tmp_path)
    assert without_plugin(loaded.config) == Config(vault_id=default_vault_id(tmp_path))
    (notice,) = loaded.notices
    assert notice.startswith(f"{name}: `{key}` is not used: ")
    assert len(notice) < 250


def test_one_value_that_cannot_be_does_not_take_the_rest_with_it(tmp_path: Path) -> None:
    deep: object = 1
    for _ in range(900):
        deep = [deep]
    plugin(tmp_path, TASKS, {"taskFormat": deep, "globalFilter": "#task", "setDoneDate": None})
    loaded = load(tmp_path)
    assert loaded.config.read.global_filter == "#task"
    assert loaded.sources == {"read.global_filter": (TASKS,)}
    (notice,) = loaded.notices
    assert notice.startswith(f"{TASKS}: `taskFormat` is not used: ")


@pytest.mark.parametrize(
    "entry",
    [
        5,
        {"type": "DONE"},
        status("ab", "DONE"),
        status("x" * 100_000, "DONE"),
        status("\ud800", "DONE"),
        status("h", "WAITING"),
        status("h", "DONE", following="xx"),
        status("h", "DONE", name="a\nb"),
        status("-", "TODO"),
        {"symbol": ["h"], "type": {}},
    ],
)
def test_a_status_that_cannot_be_does_not_take_the_others_with_it(
    tmp_path: Path, entry: object
) -> None:
    said = {"customStatuses": [entry, status("i", "NON_TASK")], "coreStatuses": 5}
    plugin(tmp_path, TASKS, {"statusSettings": said})
    loaded = load(tmp_path)
    rule = StatusRule(Status.NON_TASK, "Name", "x")
    assert loaded.config.read.statuses == {**DEFAULT_STATUSES, "i": rule}
    core, custom = loaded.notices
    assert core.startswith(f"{TASKS}: `statusSettings.coreStatuses` is not used: ")
    assert custom.startswith(f"{TASKS}: `statusSettings.customStatuses` is not used: ")
    assert len(custom) < 300


def test_a_thousand_faults_are_four_notices(tmp_path: Path) -> None:
    said = {"customStatuses": [status(f"{n:04}", "TODO") for n in range(1000)]}
    plugin(tmp_path, TASKS, {"statusSettings": said})
    *_, last = load(tmp_path).notices
    assert last == f"{TASKS}: 997 more are not used"
    assert len(load(tmp_path).notices) == 4


@pytest.mark.parametrize("name", [DAILY, TASKS, PLUGINS])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path, name: str) -> None:
    write(tmp_path, PLUGINS, ["obsidian-tasks-plugin"])
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(tmp_path / name)
    config = without_plugin(load(tmp_path).config)
    assert config == Config(vault_id=default_vault_id(tmp_path))
