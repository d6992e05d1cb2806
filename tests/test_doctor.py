"""`mdtasks doctor`: what it finds out, what it advises, and that it changes nothing."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mdtasks.app.doctor import examine
from mdtasks.app.session import open_session
from mdtasks.config import load, places
from mdtasks.read.names import is_conflict, origin
from mdtasks.render.checkup import Unread
from mdtasks.render.doctor import sections
from mdtasks.settings import Config
from mdtasks.toml.keys import KEYS, read_config
from mdtasks.toml.values import DIALECTS
from mdtasks.write import outbox
from mdtasks.write.locks import hold
from mdtasks.write.places import Place
from mdtasks.write.splice import Splice
from tests.conftest import MakeVault
from tests.running import Ran, mdtasks, on_terminal, still

TASKS = ".obsidian/plugins/obsidian-tasks-plugin/data.json"

# What a line looks like in each dialect.
SPOKEN = {
    "emoji": "- [ ] a 📅 2026-11-24\n",
    "dataview": "- [ ] a [due:: 2026-11-24]\n",
    "dayplanner": "- [ ] 09:00 - 10:00 a\n",
    "noteplan": "* [ ] a >2026-11-24\n",
    "todotxt": "- [ ] (A) a due:2026-11-24\n",
    "kanban": "- [ ] a @{2026-11-24}\n",
    "reminder": "- [ ] a (@2026-11-24 09:00)\n",
}
TASK_NOTE = "---\nstatus: open\ntags: [task]\n---\n"


def test_what_init_writes_sets_nothing_but_the_name_of_the_vault(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n"})
    assert mdtasks(root, "init").code == 0
    said = {key for key, source in doctor(root)["settings"].items() if source == "mdtasks.toml"}
    assert said == {"vault_id"}


def doctor(root: Path) -> dict[str, Any]:
    ran = mdtasks(root, "doctor", "--json")
    assert (ran.code, ran.said) == (0, [])
    return ran.json


def section(ran: Ran, name: str) -> list[str]:
    """Return the lines of a section, its mark and name first."""
    lines = ran.lines
    start = next(n for n, line in enumerate(lines) if line[2:] == name)
    rest = (n for n in range(start + 1, len(lines)) if not lines[n].startswith("  "))
    return lines[start : next(rest, len(lines))]


# What it finds


def test_a_vault_that_is_well_gets_no_advice(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one 📅 2026-11-24\n- [x] two\n"})
    ran = mdtasks(root, "doctor")
    assert (ran.code, ran.said) == (0, [])
    assert [line for line in ran.lines if "→" in line or line.startswith("!")] == []
    assert section(ran, "Vault") == [
        "✓ Vault",
        f"  {root}",
        "  1 note, 2 tasks, 1 of them open",
    ]
    assert doctor(root)["advice"] == []


def test_notes_that_are_not_read_are_named(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n", "Old/b.md": "", "Old/c.md": ""})
    (root / "mdtasks.toml").write_text('[read]\nignore = ["Old/"]')
    (root / "link.md").symlink_to("a.md")
    (root / "links").symlink_to("Old")
    (root / "picture.png").symlink_to("nowhere")
    (root / ".gone.md.icloud").touch()
    with (root / "big.md").open("wb") as file:
        file.truncate(11 * 1024 * 1024)
    found = doctor(root)
    assert found["ignored"] == 2
    assert found["links"] == ["link.md", "links"]
    assert (found["absent"], found["too_big"]) == (["gone.md"], ["big.md"])
    assert "  → split large notes into several; download" in "\n".join(
        section(mdtasks(root, "doctor"), "Passed over")
    )


def test_what_cannot_be_read_is_named_with_the_reason(vault: MakeVault) -> None:
    report = examine(open_session(str(vault({"a.md": ""})), None, print), ())
    unread = (Unread("b.md", "cannot be read: Permission denied"),)
    found = sections(report._replace(vault=report.vault._replace(unread=unread)))[0]
    assert (found.name, found.verdict) == ("Vault", "bad")
    assert found.facts[-1] == "b.md: cannot be read: Permission denied"


def test_sync_conflicts_are_listed_with_the_note_that_they_belong_to(vault: MakeVault) -> None:
    names = [
        "Work/a.sync-conflict-20261122-090000-ABCDEFG.md",
        "Work/a (conflicted copy 2026-11-22).md",
        "b (Ann's conflicted copy 2026-11-22).md",
    ]
    root = vault({"Work/a.md": "- [ ] one\n", **dict.fromkeys(names, "- [ ] one\n")})
    assert doctor(root)["conflicts"] == sorted(names)
    lines = section(mdtasks(root, "doctor"), "Sync conflicts")
    assert lines[0] == "! Sync conflicts"
    assert f"  {names[0]}, of Work/a.md" in lines
    assert f"  {names[2]}, whose note is gone" in lines


@pytest.mark.parametrize(
    ("copy", "note"),
    [
        ("a.sync-conflict-20261122-090000-ABCDEFG.md", "a.md"),
        ("x (conflicted copy)/a (conflicted copy 2).md", "x (conflicted copy)/a.md"),
        ("a(Ann's Conflicted Copy).md", "a.md"),
    ],
)
def test_the_origin_of_a_copy_is_known_by_its_name(copy: str, note: str) -> None:
    assert is_conflict(copy)
    assert origin(copy) == note


# Settings


def test_every_setting_has_its_source(vault: MakeVault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    status = {"symbol": "h", "name": "Hold", "nextStatusSymbol": "x", "type": "ON_HOLD"}
    said = {"globalFilter": "#task", "statusSettings": {"customStatuses": [status]}}
    root = vault(
        {
            "a.md": "- [ ] one #task\n",
            ".obsidian/community-plugins.json": '["obsidian-tasks-plugin"]',
            TASKS: json.dumps(said),
            "mdtasks.toml": '[statuses]\n"i" = "NON_TASK"\n[plan]\ndays = 3\n',
        }
    )
    settings = doctor(root)["settings"]
    assert set(settings) == {key.name for key in KEYS}
    assert {key: source for key, source in settings.items() if source != "default"} == {
        "timezone": "environment",
        "read.global_filter": TASKS,
        "statuses": f"{TASKS}, mdtasks.toml",
        "plan.days": "mdtasks.toml",
    }
    lines = section(mdtasks(root, "doctor"), "Configuration")
    assert f'  read.global_filter = "#task"  ({TASKS})' in lines
    assert "  plan.days = 3  (mdtasks.toml)" in lines


def test_what_obsidian_says_wrongly_is_in_the_report_and_not_on_stderr(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n", ".obsidian/daily-notes.json": '{"folder": 5}'})
    (notice,) = doctor(root)["notices"]
    assert notice.startswith(".obsidian/daily-notes.json: `folder` is not used: ")
    lines = section(mdtasks(root, "doctor"), "Configuration")
    assert lines[0] == "! Configuration"
    assert f"    {notice}" in lines


def test_a_filter_that_no_line_has_is_said(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n", "mdtasks.toml": '[read]\nglobal_filter = "#task"'})
    (advice,) = doctor(root)["advice"]
    assert "no line with a box holds the global filter #task" in advice


# Dialects


def test_dialects_are_counted_with_an_example(vault: MakeVault) -> None:
    notes = {f"{name}.md": f"# Head\n{line}" for name, line in SPOKEN.items()}
    found = doctor(vault({**notes, "task.md": TASK_NOTE}))["dialects"]
    examples = {name: f"{name}.md:2" for name in SPOKEN} | {"tasknotes": "task.md"}
    assert {name: entry["example"] for name, entry in found.items()} == examples
    assert {entry["lines"] for entry in found.values()} == {1}
    assert {name for name, entry in found.items() if entry["used"]} == {*Config().read.dialects}


def test_examples_in_code_are_no_evidence(vault: MakeVault) -> None:
    found = doctor(vault({"a.md": "```\n* [ ] a >2026-11-24\n```\n"}))["dialects"]
    assert found["noteplan"]["lines"] == 0


def test_a_dialect_of_many_lines_that_is_off_comes_with_the_line_to_copy(vault: MakeVault) -> None:
    notes: dict[str, str | bytes] = {f"{name}.md": 3 * line for name, line in SPOKEN.items()}
    notes |= dict.fromkeys(("1.md", "2.md", "3.md"), TASK_NOTE)
    root = vault({**notes, "mdtasks.toml": '[read]\ndialects = ["emoji"]\n'})
    lines = section(mdtasks(root, "doctor"), "Dialects")
    assert lines[0] == "! Dialects"
    assert lines[-2].startswith("  → to have dataview")
    config = read_config(tomllib.loads(f"[read]\n{lines[-1]}"), Config())
    assert config.read.dialects == DIALECTS


def test_two_lines_of_a_dialect_that_is_off_are_no_reason_to_advise(vault: MakeVault) -> None:
    notes = {"a.md": 2 * SPOKEN["dataview"], "mdtasks.toml": '[read]\ndialects = ["emoji"]\n'}
    assert section(mdtasks(vault(notes), "doctor"), "Dialects")[0] == "✓ Dialects"


# Index, watcher, feed, writing


def test_the_second_look_finds_the_index_fresh(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n"})
    first, second = doctor(root)["index"], doctor(root)["index"]
    assert (first["fresh"], first["read"]) == (False, 1)
    assert (second["fresh"], second["read"]) == (True, 0)
    assert second["size"] == Path(second["path"]).stat().st_size


def test_a_damaged_index_is_made_anew(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n"})
    Path(doctor(root)["index"]["path"]).write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    assert doctor(root)["tasks"] == 1


def test_an_index_that_cannot_be_used_hides_nothing_else(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n", "b (conflicted copy).md": ""})
    cache = places(root, load(root).config).cache
    cache.parent.parent.mkdir(parents=True)
    cache.parent.touch()  # a file in the place of its folder
    found = doctor(root)
    assert "the index cannot be used" in found["index"]["trouble"]
    assert found["conflicts"] == ["b (conflicted copy).md"]
    assert section(mdtasks(root, "doctor"), "Index")[0] == "! Index"


def test_a_watcher_is_seen_by_its_lock(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n"})
    assert doctor(root)["watcher"] == {"running": False, "heartbeat": None}
    with hold(places(root, load(root).config).state, "watch", timedelta(0)):
        assert doctor(root)["watcher"] == {"running": True, "heartbeat": None}
        assert section(mdtasks(root, "doctor"), "Watcher") == ["✓ Watcher", "  running, busy"]


def test_the_feed_is_looked_into(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one 📅 2026-11-24 ⏱ 1h\n"})
    assert doctor(root)["feed"]["age"] is None
    assert mdtasks(root, "sync").code == 0
    feed = doctor(root)["feed"]
    data = Path(feed["path"]).read_bytes()
    assert (feed["whole"], feed["size"]) == (True, len(data))
    assert feed["events"] == data.count(b"BEGIN:VEVENT") > 0
    Path(feed["path"]).write_bytes(data[:-20])
    assert doctor(root)["advice"] == ["it is no whole calendar: run `mdtasks sync`"]


def test_the_daily_section_and_its_note_are_named(vault: MakeVault) -> None:
    root = vault({"Daily/2026-11-22.md": "", "mdtasks.toml": "[daily]\nwrite = true"})
    daily = doctor(root)["daily"]
    assert daily == {"on": True, "path": "Daily/2026-11-23.md", "exists": False}


def test_what_can_be_undone_is_said(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one 🔁 every day\n"})
    assert doctor(root)["copies"]["last_change"] is None
    assert mdtasks(root, "done", "a.md:1").code == 0
    copies = doctor(root)["copies"]
    assert 0 <= copies["last_change"] < 60
    assert copies["number"] >= 1
    assert "can be undone" in section(mdtasks(root, "doctor"), "Undo")[1]


def test_changes_that_wait_are_listed_with_the_reason(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n", "mdtasks.toml": 'timezone = "UTC"'})
    state = places(root, load(root).config).state
    state.mkdir(parents=True)
    splice = Splice("a.md", 1, ("- [ ] one",), ("- [x] one",), (None, None), "\n")
    place = Place(splice, 1, (None, None), (1, 0), (0, 1), 0)
    outbox.add(state, outbox.Command("0a", 1763802000.0, (place,), why="the note is open"))
    assert doctor(root)["outbox"] == [
        {
            "path": "a.md",
            "line": 1,
            "text": "- [ ] one",
            "wanted": ["- [x] one"],
            "since": "2025-11-22T09:00:00+00:00",
            "why": "the note is open",
        }
    ]
    assert section(mdtasks(root, "doctor"), "Changes that wait") == [
        "! Changes that wait",
        "  a.md:1: - [ ] one",
        "    → - [x] one",
        "    since 2025-11-22T09:00:00+00:00: the note is open",
        "  → they are tried again with the next change, and by `mdtasks watch`",
    ]


def test_the_system_is_asked(vault: MakeVault) -> None:
    root = vault({"A/a.md": "- [ ] one\n", ".obsidian/app.json": "{}"})
    system = doctor(root)["system"]
    assert system["folders"] == 3
    assert system["watches"] is None or system["watches"] > 0
    assert "Python" in system["program"]


# What may not happen


def test_an_empty_vault_is_said_and_no_failure(vault: MakeVault) -> None:
    root = vault({})
    assert doctor(root)["advice"] == [
        "there are no notes here: name your folder of notes with --vault DIR"
    ]


def test_notes_that_are_gone_end_with_exit_code_3_and_a_report(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n"})
    doctor(root)
    (root / "a.md").unlink()
    ran = mdtasks(root, "doctor")
    assert ran.code == 3
    assert "  → the notes are gone" in "\n".join(section(ran, "Vault"))
    (root / "a.md").write_text("- [ ] one\n")
    assert doctor(root)["tasks"] == 1


def test_a_vault_that_is_not_there_is_exit_code_3(tmp_path: Path) -> None:
    assert mdtasks(tmp_path / "nowhere", "doctor").code == 3


def test_nothing_is_written_but_the_index(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n", "mdtasks.toml": "[daily]\nwrite = true"})
    still(root)
    before = {path: path.stat().st_mtime_ns for path in files(root)}
    for args in ([], ["--json"]):
        assert mdtasks(root, "doctor", *args).code == 0
    home = Path(os.environ["HOME"])
    assert {path: path.stat().st_mtime_ns for path in files(root)} == before
    assert {path.name.partition("-")[0] for path in files(home)} == {"index.sqlite"}


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("args", [[], ["--json"]])
def test_hostile_names_come_out_clean(vault: MakeVault, args: list[str]) -> None:
    evil = "e\x1b]0;x\x07\u202evil\udcff"
    root = vault({"a.md": "- [ ] one\n"})
    for name in (f"{evil}.md", f"{evil} (conflicted copy).md", f".{evil}.md.icloud"):
        (root / name).write_text("- [ ] a 📅 2026-11-24\n")
    (root / f"{evil}2.md").symlink_to("a.md")
    (root / "mdtasks.toml").write_text(f'[daily]\nheading = "{"x" * 300}"')
    shown = on_terminal(root, "doctor", *args, variables={"NO_COLOR": "1"})
    assert shown.code == 0
    text = shown.out.decode()
    assert "vil" in text
    assert [c for c in text if c != "\n" and (ord(c) < 32 or c in "\x7f\u202e")] == []
