"""`log start`, `log stop` and `log add`: what they write, what they refuse, what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdtasks.app.logging_time import carry, to_start, to_stop
from mdtasks.app.naming_work import Work
from mdtasks.app.opening import opened_to_change
from mdtasks.app.session import open_session
from tests.conftest import MakeVault
from tests.running import mdtasks, still

NOW = "2026-11-23T13:05"
WORK = "- [ ] Write #a\n- [ ] Call\n"
TODAY = "2026-11-23.md"


def text(root: Path, name: str = TODAY) -> str:
    return (root / name).read_bytes().decode()


def spent(root: Path, place: str) -> int:
    found = mdtasks(root, "show", place, "--json", now="2026-11-23T23:00").json["logged"]
    assert isinstance(found, int)
    return found


def test_a_clock_is_started_and_stopped_and_its_time_is_the_tasks(vault: MakeVault) -> None:
    root = vault({"Work.md": WORK})
    started = mdtasks(root, "log", "start", "Work.md:1", now="2026-11-23T09:02")
    assert started.code == 0
    assert text(root) == "## Time log\n\n- 09:02 - Write ([[Work]])\n"
    assert started.lines[-1].startswith("running since 09:02 · key ")
    stopped = mdtasks(root, "log", "stop", now="2026-11-23T09:47")
    assert text(root) == "## Time log\n\n- 09:02 - 09:47 Write ([[Work]])\n"
    assert stopped.lines[-1].startswith("stopped after 45m · key ")
    assert spent(root, "Work.md:1") == 45
    assert text(root, "Work.md") == WORK


def test_seconds_are_left_out(vault: MakeVault) -> None:
    root = vault({"Work.md": WORK})
    for words, now in ((["start", "Mail"], "13:05:10"), (["stop"], "13:05:50")):
        assert mdtasks(root, "log", *words, now=f"2026-11-23T{now}").code == 0
    assert text(root) == "## Time log\n\n- 13:05 - 13:05 Mail\n"


def test_undo_takes_back_each_and_the_note_that_was_made(vault: MakeVault) -> None:
    root = vault({"Work.md": WORK})
    mdtasks(root, "log", "start", "Mail", now=NOW)
    mdtasks(root, "log", "stop", now="2026-11-23T13:30")
    assert mdtasks(root, "undo").code == 0
    assert text(root) == "## Time log\n\n- 13:05 - Mail\n"
    assert mdtasks(root, "undo").code == 0
    assert not (root / TODAY).exists()


def test_starting_stops_what_runs_and_one_undo_takes_both_back(vault: MakeVault) -> None:
    before = "# Time log\n- 12:00 - Mail"
    root = vault({"Work.md": WORK, TODAY: before})
    ran = mdtasks(root, "log", "start", "Write", "letters", now=NOW)
    assert text(root) == "# Time log\n- 12:00 - 13:05 Mail\n- 13:05 - Write letters"
    assert ran.lines[-2:] == ["stopped after 1h5m", "running since 13:05"]
    assert mdtasks(root, "undo").code == 0
    assert text(root) == before


def test_a_clock_over_midnight_ends_on_the_line_of_the_day_it_began(vault: MakeVault) -> None:
    root = vault({"2026-11-22.md": "# Time log\n- 23:30 - Write\n", "Work.md": WORK})
    assert mdtasks(root, "log", "start", "Call", now="2026-11-23T00:15").code == 0
    assert text(root, "2026-11-22.md") == "# Time log\n- 23:30 - 00:15 Write\n"
    assert text(root) == "## Time log\n\n- 00:15 - Call\n"
    assert spent(root, "Work.md:1") == 45
    assert mdtasks(root, "undo").code == 0
    assert text(root, "2026-11-22.md") == "# Time log\n- 23:30 - Write\n"
    assert not (root / TODAY).exists()


@pytest.mark.parametrize("begun", ["2026-11-22.md", TODAY])
def test_a_forgotten_clock_is_refused_and_can_be_mended(vault: MakeVault, begun: str) -> None:
    now = "2026-11-23T08:30" if begun != TODAY else "2026-11-23T21:00"
    note = "# Time log\n- {} - Mail\n".format("22:00" if begun != TODAY else "08:00")
    root = vault({begun: note})
    for call in (["stop"], ["start", "Call"]):
        refused = mdtasks(root, "log", *call, now=now)
        assert refused.code == 1
        assert f"{begun}:2: this clock has been running since" in refused.said[0]
        assert "mdtasks log stop --at 17:30" in refused.said[1]
    assert text(root, begun) == note
    at = "23:10" if begun != TODAY else "9:30"
    assert mdtasks(root, "log", "stop", "--at", at, now=now).code == 0
    assert f"- {at:0>5} Mail\n" in text(root, begun)


@pytest.mark.parametrize("at", ["13:06", "later", "9-10"])
def test_an_end_that_cannot_be_is_refused(vault: MakeVault, at: str) -> None:
    root = vault({TODAY: "# Time log\n- 13:00 - Mail\n"})
    assert mdtasks(root, "log", "stop", "--at", at, now=NOW).code == 2
    assert text(root) == "# Time log\n- 13:00 - Mail\n"


def test_stopping_without_a_clock_is_refused_with_what_to_do(vault: MakeVault) -> None:
    root = vault({"Work.md": WORK, TODAY: "# Time log\n- 14:00 - later\n- 09:00 - 09:10 x\n"})
    refused = mdtasks(root, "log", "stop", now=NOW)
    assert refused.code == 1
    assert refused.said[0] == "mdtasks: no clock is running"
    assert "mdtasks log add" in refused.said[1]


def test_the_same_is_not_started_twice(vault: MakeVault) -> None:
    root = vault({TODAY: "# Time log\n- 13:00 - Mail\n"})
    refused = mdtasks(root, "log", "start", "Mail", now=NOW)
    assert (refused.code, refused.said[0]) == (
        1,
        f"mdtasks: {TODAY}:2: this is running already, since 13:00",
    )


def test_another_plugins_clock_is_told_of_and_left_alone(vault: MakeVault) -> None:
    work = "- [ ] Write\n  CLOCK: [2026-11-23 Mon 13:00]\n"
    root = vault({"Work.md": work})
    ran = mdtasks(root, "log", "start", "Mail", now=NOW)
    assert "Work.md:2: this clock runs on" in ran.said[0]
    assert text(root, "Work.md") == work


def test_without_words_the_clock_starts_for_the_block_of_now(vault: MakeVault) -> None:
    root = vault({"Work.md": "- [ ] 13:00-14:00 Write #a ⏳ 2026-11-23\n"})
    assert mdtasks(root, "log", "start", now=NOW).code == 0
    assert text(root) == "## Time log\n\n- 13:05 - Write ([[Work]])\n"
    root = vault({"Work.md": "- [ ] nothing for now\n"})
    refused = mdtasks(root, "log", "start", now="2026-11-23T23:00")
    assert (refused.code, refused.said[0]) == (1, "mdtasks: nothing is planned for this moment")


def test_what_is_over_is_added_to_its_day(vault: MakeVault) -> None:
    root = vault({"Work.md": WORK, "2026-11-20.md": "# Time log\n* 11:00 - 11:30 Call\n"})
    ran = mdtasks(root, "log", "add", "09:00-09:45", "Work.md:1", "--date", "fri", now=NOW)
    assert ran.code == 0
    assert text(root, "2026-11-20.md").splitlines()[1:] == [
        "* 09:00 - 09:45 Write ([[Work]])",
        "* 11:00 - 11:30 Call",
    ]
    assert mdtasks(root, "log", "add", "9am - 9:20am", "Mail", now=NOW).code == 0
    assert text(root) == "## Time log\n\n- 09:00 - 09:20 Mail\n"


def test_what_overlaps_is_said_and_added(vault: MakeVault) -> None:
    root = vault({TODAY: "# Time log\n- 09:00 - 10:00 Mail\n- 10:00 - 11:00 Call\n- 12:00 - x\n"})
    ran = mdtasks(root, "log", "add", "09:30-10:00", "Write", now=NOW)
    assert (ran.code, ran.said) == (0, [f"mdtasks: this overlaps 09:00–10:00 Mail ({TODAY}:2)"])
    ran = mdtasks(root, "log", "add", "12:30-12:40", "Write", now=NOW)
    assert ran.said == [f"mdtasks: this overlaps 12:00–now x ({TODAY}:5)"]


@pytest.mark.parametrize(
    "words", [["Mail"], ["09:00-", "x"], ["25:00-26:00", "x"], ["09:00-09:00", "x"],
              ["13:30-14:00", "x"], ["00:30-13:00", "x"], ["09:00-09:45"], ["09:00-09:45", "  "]],
    ids="|".join,
)  # fmt: skip
def test_what_cannot_have_been_is_not_added(vault: MakeVault, words: list[str]) -> None:
    root = vault({"Work.md": WORK})
    refused = mdtasks(root, "log", "add", *words, now=NOW)
    assert refused.code == 2
    assert refused.said[1].startswith("hint: ")
    assert not (root / TODAY).exists()


@pytest.mark.parametrize(
    ("notes", "place", "line"),
    [
        ({"Work.md": "- [ ] Write #a\n- [ ] Write #b\n"}, "Work.md:2", "Write #b ([[Work]])"),
        ({"a/W.md": "- [ ] x\n", "b/W.md": "- [ ] x\n"}, "b/W.md:1", "x ([[b/W]])"),
        ({"Odd [1].md": "- [ ] x\n"}, "Odd [1].md:1", "x"),
        ({TODAY: "- [ ] x\n", "W.md": "- [ ] x\n"}, f"{TODAY}:1", "x"),
        ({"W.md": "- [ ] 5 apples\n"}, "W.md:1", "5 apples ([[W]])"),
        ({"W.md": "- [x] x 🔁 every day ✅ 2026-11-22\n- [ ] x 🔁 every day\n"}, "W.md:2",
         "x ([[W]])"),
    ],
)  # fmt: skip
def test_the_words_lead_back_to_the_very_task(
    vault: MakeVault, notes: dict[str, str], place: str, line: str
) -> None:
    root = vault(notes)
    uid = mdtasks(root, "show", place, "--json").json["task"]["uid"]
    entry = mdtasks(root, "log", "start", place, "--json", now=NOW).json["entry"]
    assert (entry["task"], entry["text"]) == (uid, line)


def test_twins_that_no_words_tell_apart_are_refused(vault: MakeVault) -> None:
    root = vault({"Work.md": "- [ ] Write\n- [ ] Write\n"})
    refused = mdtasks(root, "log", "start", "Work.md:2", now=NOW)
    assert (refused.code, (root / TODAY).exists()) == (1, False)
    assert "Work.md:2: other tasks read `Write` too" in refused.said[0]


def test_a_key_that_nothing_has_is_no_text(vault: MakeVault) -> None:
    root = vault({"Work.md": WORK})
    assert mdtasks(root, "log", "start", "0f9", now=NOW).code == 1
    assert not (root / TODAY).exists()
    assert mdtasks(root, "log", "start", "bed", now=NOW).code == 0
    assert text(root).endswith("- 13:05 - bed\n")


def test_a_trial_shows_the_lines_and_writes_none(vault: MakeVault) -> None:
    root = vault({"Work.md": WORK})
    ran = mdtasks(root, "log", "start", "Mail", "--dry-run", now=NOW)
    assert ran.lines[-1] == "+- 13:05 - Mail"
    assert not (root / TODAY).exists()
    root = vault({TODAY: "# Time log\n- 13:00 - Mail\n"})
    ran = mdtasks(root, "log", "stop", "--dry-run", now=NOW)
    assert ran.lines[-2:] == ["-- 13:00 - Mail", "+- 13:00 - 13:05 Mail"]
    assert text(root) == "# Time log\n- 13:00 - Mail\n"


def test_json_says_what_was_ended_and_what_began(vault: MakeVault) -> None:
    root = vault({TODAY: "# Time log\n- 13:00 - Mail\n", "mdtasks.toml": 'timezone = "UTC"\n'})
    shown = mdtasks(root, "log", "start", "Call", "--json", now=NOW).json
    assert shown["ended"] == [
        {"start": "2026-11-23T13:00:00+00:00", "end": "2026-11-23T13:05:00+00:00", "minutes": 5,
         "text": "Mail", "task": None, "path": TODAY, "line": 2}
    ]  # fmt: skip
    assert (shown["entry"]["line"], shown["entry"]["end"]) == (3, None)
    assert [each["after"] for each in shown["changed"]] == [
        ["- 13:00 - 13:05 Mail"],
        ["- 13:05 - Call"],
    ]


BERLIN = 'timezone = "Europe/Berlin"\n'


def test_where_clocks_go_forward_only_what_passed_counts(vault: MakeVault) -> None:
    root = vault({"mdtasks.toml": BERLIN, "2026-03-29.md": "# Time log\n- 01:30 - Watch\n"})
    ended = mdtasks(root, "log", "stop", "--json", now="2026-03-29T03:15").json["ended"]
    assert ended[0]["minutes"] == 45


def test_an_hour_that_comes_twice_and_cannot_be_written_is_said(vault: MakeVault) -> None:
    notes = {"mdtasks.toml": BERLIN, "2026-10-25.md": "# Time log\n- 02:30 - Watch\n"}
    root = vault(notes)
    ran = mdtasks(root, "log", "stop", now="2026-10-25T03:15")
    assert (ran.code, ran.said) == (0, [])  # 02:30 is the first, and a line says so
    assert ran.lines[-1] == "stopped after 1h45m"


def test_what_the_hour_that_comes_twice_makes_of_a_line_is_said(vault: MakeVault) -> None:
    root = vault({"mdtasks.toml": BERLIN, "2026-10-25.md": "# Time log\n- 02:30 - Watch\n"})
    told: list[str] = []
    session = open_session(str(root), "2026-10-25T02:50", told.append)
    session = session._replace(now=session.now.replace(fold=1))
    with opened_to_change(session) as store:
        still(root)
        carry(session, store, lambda: to_stop(session, store, None))
        carry(session, store, lambda: to_start(session, store, Work("Sleep")))
    assert text(root, "2026-10-25.md").endswith("- 02:30 - 02:50 Watch\n- 02:50 - Sleep\n")
    assert told == [
        "2026-10-25.md:2: the clocks were changed meanwhile; this line counts 20m of 1h20m",
        "2026-10-25.md:3: this time comes twice today; the line counts from the first",
    ]


def test_the_folder_the_format_and_the_heading_are_the_vaults(vault: MakeVault) -> None:
    settings = '[read.daily_notes]\nfolder = "Days"\nformat = "YYYY/DD.MM.YYYY"\n'
    root = vault({"mdtasks.toml": f'{settings}[log]\nheading = "Zeiten"\n', "Work.md": WORK})
    assert mdtasks(root, "log", "start", "Call", now=NOW).code == 0
    assert text(root, "Days/2026/23.11.2026.md") == "## Zeiten\n\n- 13:05 - Call\n"


@pytest.mark.parametrize("words", ["a\x1b[31mb", "a %% b", "\x00", ""])
def test_words_that_no_note_should_hold_are_refused(vault: MakeVault, words: str) -> None:
    root = vault({"Work.md": WORK})
    refused = mdtasks(root, "log", "start", words, now=NOW)
    assert refused.code == 2
    assert "\x1b" not in refused.err.decode()
    assert not (root / TODAY).exists()


def test_of_lines_that_read_alike_each_is_ended(vault: MakeVault) -> None:
    root = vault({TODAY: "# Time log\n- 13:00 - Mail\n- 13:00 - Mail\n\n- 13:00 - Mail\n"})
    assert mdtasks(root, "log", "stop", now=NOW).code == 0
    assert text(root).count("- 13:00 - 13:05 Mail\n") == 3
