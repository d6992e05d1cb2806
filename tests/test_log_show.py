"""`log show`: days, lists and words, for a terminal, a pipe, a note and a script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import mdtasks, on_terminal

NOW = "2026-11-25T12:00"
SETTINGS = """timezone = "Europe/Berlin"
[log]
earning = ["#client"]
maintaining = ["#mail"]
wasting = ["#news"]
"""
NOTES = {
    "mdtasks.toml": SETTINGS,
    "Work.md": "- [x] Write the offer #client ✅ 2026-11-24\n- [ ] Draw the posters #client\n"
    "- [x] Sort the receipts ✅ 2026-11-25\n- [x] Sign them ✅ 2026-11-25\n",
    "2026-11-23.md": "# Time log\n- 09:00 - 09:40 Mail #mail\n"
    "- 09:40 - 11:30 Draw the posters ([[Work]])\n- 13:30 - 14:15 Read the news #news\n",
    "2026-11-24.md": "# Time log\n- 09:10 - 10:50 Write the offer ([[Work]])\n"
    "- 10:30 - 11:00 Mail #mail\n- 23:30 - 00:30 Draw the posters ([[Work]])\n",
    "2026-11-25.md": "# Time log\n- 08:00 - 08:30 Sort the receipts ([[Work]])\n"
    "- 08:30 - 08:50 Sign them ([[Work]])\n- 09:15 - Draw the posters ([[Work]])\n",
}


def shown(root: Path, *more: str) -> list[str]:
    ran = mdtasks(root, "log", "show", *more, now=NOW)
    assert (ran.code, ran.said) == (0, [])
    return ran.lines


TWO_DAYS = """\
Tuesday 24 November to Wednesday 25 November · 6h25m logged

               0   2   4   6   8   10  12  14  16  18  20  22  24
Tue 24  2h20m  ..................+###.........................#
Wed 25   4h5m  #...............#++#####........................

By project
  Work                6h15m   97%  ####################
  without a project     30m    8%  ##

By tag
  #client   5h25m   84%  ####################
  #mail       30m    8%  ##

What it is for
  earning           5h25m   84%  ####################
  maintaining         30m    8%  ##
  wasting              0m    0%
  everything else     50m   13%  ###

By task
  Draw the posters    3h45m   58%  ####################
  Write the offer     1h40m   26%  #########
  Mail                  30m    8%  ###
  Sort the receipts     30m    8%  ###
  Sign them             20m    5%  ##

By hour of the day
  00:00     30m                #####
  08:00     50m  2 tasks done  ########
  09:00   1h35m                ################
  10:00      2h  1 task done   ####################
  11:00      1h                ##########
  23:00     30m                #####

Working hours without a word in the log
  Tue 24  13:30–18:00  4h30m
  Tue 24  11:00–12:30  1h30m
  Wed 25  09:00–09:15  15m

Time that overlaps counts once in each sum, so the rows of a list may add up to more than what is \
logged.
"""
PAGE = """\
Monday 23 November to Wednesday 25 November · 9h40m logged

What the log says
  - 9h40m logged on 3 days, 3h13m a day.
  - Most of it went to Draw the posters (5h35m, 58%), Write the offer (1h40m, 17%) and Mail \
(1h10m, 12%).
  - 75% for what earns, 12% for what keeps things up, 8% for what you call a waste and 9% for the \
rest.
  - Most gets done from 08:00 to 09:00: 2 tasks in 50m of logged time.
  - Your longest time on one thing was 2h45m: Draw the posters, Wed 09:15–12:00; you changed to \
something else 6 times.
  - Of 19h of working hours on these days, 11h are not in the log.

What to try
  - Keep 08:00 to 09:00 for what matters most.
  - Nothing says what happened on Tuesday from 13:30 to 18:00: log the small things too.
"""


def test_two_days_in_a_pipe(vault: MakeVault) -> None:
    assert shown(vault(NOTES), "--days", "2") == TWO_DAYS.splitlines()


def test_three_days_of_log_end_in_words(vault: MakeVault) -> None:
    root = vault(NOTES)
    assert shown(root, "--summary") == PAGE.splitlines()
    assert [line for line in PAGE.splitlines()[2:] if line not in shown(root)] == []
    assert "What to try" not in shown(root, "--days", "2")


def test_the_words_are_a_page_of_markdown_without_a_box(vault: MakeVault) -> None:
    odd = "# Time log\n- 09:00 - 10:00 [ ] a | b %%% <!-- #news\n"
    lines = shown(vault({**NOTES, "2026-11-24.md": odd}), "--md")
    assert lines[0] == "# Time log, 2026-11-23 to 2026-11-25"
    assert (
        "- Give [ ] a | b % % % &lt;!-- one fixed time of the day, or drop it: it took 1h of "
        in ("\n".join(line[:85] for line in lines))
    )
    assert "| [ ] a \\| b % % % &lt;!-- | 1h | 13% |" in lines
    assert [line for line in lines if re.match(r"\s*[-*+] \[.\]", line)] == []


def test_a_terminal_gets_blocks_that_fit(vault: MakeVault) -> None:
    root = vault({name.replace("11-24", "11-22"): note for name, note in NOTES.items()})
    for columns in (30, 40, 80, 140):
        ran = on_terminal(root, "log", "show", columns=columns, variables={"NO_COLOR": "1"})
        lines = ran.out.decode().splitlines()
        assert ran.code == 0
        assert max(map(len, lines)) <= columns
        assert any(set("█▒") & set(line) for line in lines if line.startswith("Sun 22"))


def test_the_week_begins_with_the_day_that_is_set(vault: MakeVault) -> None:
    root = vault(NOTES)
    assert shown(root, "--week")[0].startswith("Monday 23 November to Wednesday 25")
    vault({"mdtasks.toml": SETTINGS + '[display]\nweek_start = "sun"\n'})
    assert shown(root, "--week")[0].startswith("Sunday 22 November to Wednesday 25")
    refused = mdtasks(root, "log", "show", "--week", "--days", "2", now=NOW)
    assert refused.code == 2


@pytest.mark.parametrize("more", [[], ["--summary"], ["--md"], ["--json"]], ids="".join)
def test_a_vault_without_a_log_says_so(vault: MakeVault, more: list[str]) -> None:
    lines = shown(vault({"Work.md": "- [ ] Write\n"}), *more)
    assert re.search(r"(?i)nothing (is )?logged|\"logged\": 0", "\n".join(lines))


def test_what_the_calendar_had_is_compared_with_the_log(vault: MakeVault) -> None:
    work = "- [ ] 09:00-11:00 Write ⏳ 2026-11-24\n- [ ] 11:00-12:00 Call ⏳ 2026-11-24\n"
    root = vault({**NOTES, "Plan.md": work, "2026-11-24.md": "# Time log\n- 09:00 - 12:30 Write\n"})
    assert mdtasks(root, "sync", now="2026-11-24T08:00").code == 0
    lines = shown(root, "--days", "2")
    at = lines.index("Planned and logged")
    assert lines[at + 1].split("  ") == ["", "Write", "2h planned", "3h30m logged"]
    assert lines[at + 2].split() == ["Call", "1h", "planned", "nothing", "logged"]
    said = "\n".join(shown(root, "--summary"))
    assert "it took 1.8 times what was planned (3h30m instead of 2h)" in said


def test_json_has_the_same_figures(vault: MakeVault) -> None:
    shape = mdtasks(vault(NOTES), "log", "show", "--json", now=NOW).json
    assert [day["logged"] for day in shape["days"]] == [195, 140, 245]
    assert shape["logged"] == 580
    assert shape["purposes"][-1] == {"name": None, "logged": 50}
    assert shape["longest"] == {
        "start": "2026-11-25T09:15:00+01:00",
        "end": "2026-11-25T12:00:00+01:00",
        "minutes": 165,
        "name": "Draw the posters",
    }
    guide = Path(__file__).parents[1] / "sample-vault" / "Guide" / "JSON and scripts.md"
    documented = set(re.findall(r"`([^`]+)`", guide.read_text("utf-8")))
    assert keys_of(shape) - documented == set()


def keys_of(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


def test_hostile_words_come_out_clean(vault: MakeVault) -> None:
    nasty = "\x1b[2J\u202e\x9b31m #a\x1b[m"
    log = f"# Time log\n- 09:00 - 10:00 {nasty}\n- 10:00 - 11:00 x ([[{nasty}]])\n".encode()
    root = vault({**NOTES, "2026-11-24.md": log + b"- 11:00 - 11:30 \xff\n"})
    for more in ([], ["--summary"], ["--md"], ["--json"]):
        out = mdtasks(root, "log", "show", *more, now=NOW).out.decode()
        assert not set(out) & {"\x1b", "\x9b", "\udcff"}
    shown_there = on_terminal(root, "log", "show", variables={"NO_COLOR": "1"}).out.decode()
    assert not set(shown_there) & {"\x1b", "\x9b", "\u202e"}


def test_a_day_is_no_project(vault: MakeVault) -> None:
    day = "- [x] Water the plants ✅ 2026-11-24\n\n# Time log\n- 09:00 - 10:00 Water the plants\n"
    found = mdtasks(vault({"2026-11-24.md": day}), "log", "show", "--json", now=NOW).json
    assert [row["name"] for row in found["projects"]] == [None]
    assert found["tasks"][0]["logged"] == 60


def test_log_alone_shows_today_or_how_to_begin(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] Mail\n"})
    assert mdtasks(root, "log").lines == [
        "Monday 23 November · nothing logged",
        "",
        "`mdtasks log start` starts the clock.",
    ]
    assert mdtasks(root, "log", "add", "07:00-07:30", "Mail").code == 0
    for more in ([], ["--json"]):
        alone, shown = (mdtasks(root, "log", *w, *more) for w in ([], ["show", "--days", "1"]))
        assert (alone.code, alone.out) == (0, shown.out)
    assert mdtasks(root, "log", "--json", "start", "Mail").code == 2
