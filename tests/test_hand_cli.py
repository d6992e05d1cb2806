"""`mdtasks hand`, what `today` makes of it, and the account: at the prompt and as JSON."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.pages import read, served
from tests.running import Ran, mdtasks, on_terminal
from tests.test_page import plain

NOTE = "Dear diary,\r\n- [ ] one ⏱ 2h 📅 2026-12-20\r\n- [ ] two ^two\r\n\t- [ ] three \r\nfin"
ONE = "- [ ] one 👤 Ana [handed:: 2026-11-23] ⏱ 2h 📅 2026-12-20 ⏳ 2026-11-30"


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"a.md": NOTE})


def hand(root: Path, *words: str, now: str = "2026-11-23T08:30") -> Ran:
    return mdtasks(root, "hand", *words, now=now)


def text(root: Path) -> str:
    return (root / "a.md").read_bytes().decode()


def test_one_line_changes_and_no_other_byte(root: Path) -> None:
    ran = hand(root, "a.md:2", "Ana")
    assert ran.lines == [
        "a.md:2",
        "- - [ ] one ⏱ 2h 📅 2026-12-20",
        f"+ {ONE}",
        "follow-up Mon 30 Nov",
    ]
    assert text(root) == NOTE.replace("- [ ] one ⏱ 2h 📅 2026-12-20", ONE)
    assert mdtasks(root, "undo").code == 0
    assert text(root) == NOTE


def test_several_are_handed_over_and_come_back_and_are_taken_back(root: Path) -> None:
    assert hand(root, "a.md:3", "a.md:4", "Ana Maria", "--follow-up", "fri").lines[-2:] == [
        "a.md:3: follow-up Fri 27 Nov",
        "a.md:4: follow-up Fri 27 Nov",
    ]
    name = "[assignee:: Ana Maria] [handed:: 2026-11-23]"
    assert f"- [ ] two {name} ⏳ 2026-11-27 ^two\r\n" in text(root)
    assert f"\t- [ ] three {name} ⏳ 2026-11-27 \r\n" in text(root)
    assert mdtasks(root, "done", "a.md:3").code == 0
    assert hand(root, "a.md:3", "--rework").lines[-1] == "follow-up Mon 30 Nov"
    assert f"- [ ] two {name} [rework:: 1] ⏳ 2026-11-30 ^two\r\n" in text(root)
    assert hand(root, "a.md:3", "a.md:4", "--mine").code == 0
    assert text(root) == NOTE


@pytest.mark.parametrize(
    ("due", "asked"),
    [
        ("2026-11-20", "2026-11-24"),
        ("2026-11-23", "2026-11-24"),
        ("2026-11-26", "2026-11-26"),
        ("2026-12-24", "2026-11-30"),
    ],
    ids=["late", "today", "soon", "far"],
)
def test_one_asks_no_later_than_it_is_due(vault: MakeVault, due: str, asked: str) -> None:
    root = vault({"a.md": f"- [ ] map 📅 {due}\n"})
    assert mdtasks(root, "hand", "a.md:1", "Ana").code == 0
    assert (root / "a.md").read_text("utf-8").endswith(f"⏳ {asked}\n")


def test_the_usual_follow_up_is_a_setting(vault: MakeVault) -> None:
    root = vault({"a.md": NOTE, "mdtasks.toml": "[handed_over]\nfollow_up = 2\n"})
    assert hand(root, "a.md:2", "Ana").lines[-1] == "follow-up Wed 25 Nov"


def test_a_series_keeps_the_day_that_it_counts_from(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] a 🔁 every week ⏳ 2026-11-24\n"})
    assert hand(root, "a.md:1", "Ana").lines[-1] == "follow-up Tue 24 Nov"


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("🔁 every day", "2026-11-24"),
        ("🔁 every weekday when done", "2026-11-24"),
        ("🔁 every month on the 1st", "2026-12-01"),
        ("🔁 every Friday", "2026-11-27"),
        ("🔁 every month 🛫 2026-12-05", "2026-12-05"),
        ("🔁 every month 🛫 2026-11-05", "2026-12-05"),
        ("🔁 every month until November 30, 2026", "2026-11-30"),  # it has no next one
        ("🔁 every so often", "2026-11-30"),  # no rule
    ],
)
def test_a_series_without_a_day_is_asked_about_on_its_next_one(
    vault: MakeVault, line: str, asked: str
) -> None:
    """From that day the series counts on: a week would make a weekly task of a daily one."""
    root = vault({"a.md": f"- [ ] a {line}\n"})
    assert hand(root, "a.md:1", "Ana").code == 0
    assert (root / "a.md").read_text("utf-8").endswith(f" ⏳ {asked}\n")


def test_who_has_it_already_has_it_in_whatever_capitals(root: Path) -> None:
    hand(root, "a.md:2", "Ana")
    before = text(root)
    assert hand(root, "a.md:2", "ana", now="2026-11-25").lines == []
    assert text(root) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a.md:2"], "say to whom"),
        (["a.md:2", " "], "say to whom"),
        (["a.md:2", "Ana\n- [ ] more"], "this name holds a control character, U+000A"),
        (["a.md:2", "A\x1b[31m"], "this name holds a control character, U+001B"),
        (["a.md:2", "Ana", "--follow-up", "soon"], "--follow-up soon: this is no day"),
        (["a.md:2", "Ana", "--follow-up", "2026-11-22"], "has passed: Sun 22 Nov"),
        (["a.md:2", "--mine", "--rework"], "--rework and --mine do not go together"),
        (["a.md:2", "--mine", "--follow-up", "fri"], "--mine and --follow-up do not go together"),
    ],
)
def test_a_wrong_call_changes_nothing(root: Path, words: list[str], said: str) -> None:
    ran = hand(root, *words)
    assert (ran.code, ran.out, text(root)) == (2, b"", NOTE)
    assert said in ran.said[0]


@pytest.mark.parametrize("name", ["Ana] [due:: 2026-01-01", "a %% b", "[[Ana"])
def test_a_name_that_no_line_can_say_is_refused(root: Path, name: str) -> None:
    ran = hand(root, "a.md:2", name)
    assert (ran.code, text(root)) == (1, NOTE)
    assert "this cannot be written on this line; nothing was written" in ran.said[0]


def test_nobody_is_handed_a_task_by_the_key_of_another(root: Path) -> None:
    tasks = mdtasks(root, "list", "--json").json["tasks"]
    keys = [each["key"] for each in tasks]
    ran = hand(root, *keys)
    assert (ran.code, text(root)) == (2, NOTE)
    assert ran.said[0] == f"mdtasks: {keys[-1]} is the key of a task; say to whom"
    assert hand(root, *keys[:-1], f"@{keys[-1]}").code == 0


def test_a_note_that_is_a_task_is_refused(vault: MakeVault) -> None:
    note = "---\nstatus: open\ntags: [task]\n---\n"
    root = vault({"a.md": note, "mdtasks.toml": '[read]\ndialects = ["emoji", "tasknotes"]\n'})
    ran = hand(root, "a.md:2", "Ana")
    assert (ran.code, text(root)) == (1, note)
    assert "is not handed over by mdtasks" in ran.said[0]


def test_show_tells_since_when_and_check_names_a_day_that_is_none(vault: MakeVault) -> None:
    line = "- [ ] Draw the map 👤 Ana [handed:: 2026-11-20] [rework:: 2]\n"
    root = vault({"a.md": line})
    shown = [each.split() for each in mdtasks(root, "show", "a.md:1").lines]
    assert ["handed", "over", "Fri", "2026-11-20"] in shown
    assert ["rework", "2", "times"] in shown
    assert mdtasks(root, "check").code == 0
    root = vault({"a.md": line.replace("11-20", "02-30")})
    assert mdtasks(root, "check").lines[0] == "a.md:1: handed 2026-02-30: there is no such day"


# The day


def test_it_comes_back_on_its_day_as_a_thing_of_minutes(root: Path) -> None:
    hand(root, "a.md:2", "Ana")
    before = mdtasks(root, "today", now="2026-11-29T08:30")
    assert "Waiting for" in before.lines
    assert any(
        line.split() == ["Ana", "one", *line.split()[2:3], "follow-up", "tomorrow", "a"]
        for line in before.lines
    )
    day = mdtasks(root, "today", now="2026-11-30T08:30")
    assert "Waiting for" not in day.lines
    assert any(line.startswith("  [ ]  ask Ana: one") for line in day.lines)
    as_json = mdtasks(root, "today", "--json", now="2026-11-30T08:30").json
    ((asked,), waiting) = as_json["ask"], as_json["waiting"]
    assert (asked["text"], asked["assignee"], asked["follow_up"]) == ("one", "Ana", "2026-11-30")
    assert (waiting, as_json["waiting_more"]) == ([], 0)
    assert asked["uid"] not in [uid for block in as_json["blocks"] for uid in block["tasks"]]
    said = mdtasks(root, "today", "--plain", now="2026-11-30T08:30").lines
    assert f"[ ] ask Ana: one ({asked['key']})" in said


def test_many_are_a_few_lines_and_a_query_that_finds_them(vault: MakeVault) -> None:
    tasks = [f"- [ ] t{n} 👤 Ana ⏳ 2026-12-{n + 1:02}\n" for n in range(9)]
    root = vault({"a.md": "".join([*tasks, "- [ ] mine\n", "- [x] old 👤 Ana\n"])})
    lines = mdtasks(root, "today").lines
    at = lines.index("Waiting for")
    assert [line.split()[1] for line in lines[at + 1 : at + 6]] == ["t0", "t1", "t2", "t3", "t4"]
    more, command = lines[at + 6].strip().split(": ", 1)
    assert more == "and 4 more"
    _, *words = shlex.split(command)
    found = mdtasks(root, *words, "--json").json["tasks"]
    assert [each["text"] for each in found] == [f"t{n}" for n in range(9)]
    plain_lines = mdtasks(root, "today", "--plain").lines
    assert sum(line.startswith("waiting for Ana: ") for line in plain_lines) == 5
    assert plain_lines[-1].startswith("waiting for 4 more: ")


def test_what_is_somebody_elses_is_counted_once(vault: MakeVault) -> None:
    """A pile of follow-ups that have passed is waited for and not overdue as well."""
    lines = [f"- [ ] thing {n} 👤 Ana ⏳ 2026-10-{n}\n" for n in range(10, 30)]
    root = vault({"a.md": "".join(lines)})
    day = mdtasks(root, "today", "--json").json
    assert len(day["ask"]) + len(day["waiting"]) + day["waiting_more"] == len(lines)
    assert day["overdue"] == 0


def test_a_step_below_a_task_of_somebody_else_is_theirs(vault: MakeVault) -> None:
    steps = "    - [ ] colours 📅 2026-11-23 ⏱ 30m\n    - [ ] words 📅 2026-11-20\n"
    root = vault({"a.md": f"- [ ] site 👤 Ana 📅 2026-11-20\n{steps}"})
    day = mdtasks(root, "today", "--json").json
    assert (day["micro"], day["overdue"], day["progress"]["to_go"]) == ([], 0, 1)


def test_capitals_make_no_two_people(vault: MakeVault) -> None:
    spelt = ("ana", "Ana", "ana maria", "Ana", "ANA")
    lines = [f"- [ ] thing {n} [assignee:: {who}]\n" for n, who in enumerate(spelt)]
    root = vault({"a.md": "".join(lines)})
    found = mdtasks(root, "audit", "--handed-over", "--json").json["people"]
    assert [(one["name"], one["handed_over"]) for one in found] == [("Ana", 4), ("ana maria", 1)]
    shown = [line.split(" thing")[0].strip() for line in mdtasks(root, "today").lines]
    assert shown[-5:] == ["Ana", "Ana", "ana maria", "Ana", "Ana"]


def test_a_name_of_two_words_is_read_back_everywhere(root: Path) -> None:
    hand(root, "a.md:3", "Ana Maria")
    hand(root, "a.md:4", "Ana", "--follow-up", "tomorrow")
    query = "assignee includes Ana Maria"
    assert [one["line"] for one in mdtasks(root, "list", query, "--json").json["tasks"]] == [3]
    groups = mdtasks(root, "list", "has assignee; group by assignee").lines
    assert [line for line in groups if line[:1].strip()] == ["Ana", "Ana Maria"]
    people = mdtasks(root, "audit", "--handed-over", "--json").json["people"]
    assert [one["name"] for one in people] == ["Ana", "Ana Maria"]
    assert "Ana Maria" in mdtasks(root, "today").out.decode()
    assert "Ana Maria" in mdtasks(root, "show", "a.md:3").out.decode()


def test_a_day_of_waiting_alone_is_not_empty(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] a 👤 Ana\n"})
    shown = mdtasks(root, "today").lines
    assert "Waiting for" in shown
    assert not any("Nothing is open" in line for line in shown)
    assert "no follow-up" in shown[-1]


def test_hostile_names_do_nothing_to_a_terminal(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] a [assignee:: A\x1b[31m\u202eB] ⏳ 2026-11-23\n"})
    for command in (["today"], ["today", "--plain"], ["audit", "--handed-over"]):
        shown = on_terminal(root, *command, variables={"NO_COLOR": "1"}).out.decode()
        assert "\x1b[31m" not in shown
        assert "\u202e" not in shown


def test_the_page_says_whom_to_ask_and_has_no_box_for_it(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one 👤 Ana ⏳ 2026-11-23\n- [ ] two 👤 <b>Bo</b> 👤 Bo\n"})
    day = mdtasks(root, "today", "--json").json
    with served(root) as door:
        page = door.get().text
    assert "ask Ana: one" in plain(page)
    assert "Waiting for" in plain(page)
    ticks = [form.fields["task"] for form in read(page).forms if form.action == "tick"]
    assert ticks == [each["uid"] for each in day["waiting"]]


# The account

ACCOUNT = """\
- [x] a 👤 Sam [handed:: 2026-11-01] ✅ 2026-11-05
- [x] b 👤 [[Sam]] [handed:: 2026-11-01] [rework:: 2] ✅ 2026-11-10
- [x] c 👤 Sam ✅ 2026-11-10
- [x] long ago 👤 Sam [handed:: 2026-01-01] ✅ 2026-02-01
- [ ] d 👤 Ana [handed:: 2026-11-10] 📅 2026-11-20
- [-] dropped 👤 Ana
"""
SAM = {
    "name": "Sam", "handed_over": 3, "done": 3, "waiting": 0, "late": 0, "median": 6.5,
    "longest": 9, "unknown": 1, "rework": 2, "reworked": 1, "share": 0.3333,
}  # fmt: skip
ANA = {
    "name": "Ana", "handed_over": 1, "done": 0, "waiting": 1, "late": 1, "median": None,
    "longest": None, "unknown": 0, "rework": 0, "reworked": 0, "share": None,
}  # fmt: skip


def test_the_account_tells_what_became_of_it_by_person(vault: MakeVault) -> None:
    root = vault({"a.md": ACCOUNT})
    found = mdtasks(root, "audit", "--handed-over", "--json").json
    assert (found["first"], found["last"]) == ("2026-11-02", "2026-11-23")
    assert found["people"] == [SAM, ANA]
    shown = mdtasks(root, "audit", "--handed-over").lines
    assert shown[3].split() == [
        *("Sam", "3", "3", "0", "6.5", "days", "9", "days", "2", "times", "(33", "%)")
    ]
    assert "For 1 of 3 done tasks they are not known." in shown[-1]
    longer = mdtasks(root, "audit", "--handed-over", "--weeks", "60", "--json").json
    assert longer["people"][0] == {**SAM, "handed_over": 4, "done": 4, "median": 9, "longest": 31,
                                   "share": 0.25}  # fmt: skip


def test_a_vault_with_nothing_handed_over_says_so(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] a\n"})
    assert mdtasks(root, "audit", "--handed-over").lines[-1].startswith("Nothing is handed over.")
    assert mdtasks(root, "audit", "--handed-over", "--json").json["people"] == []


def test_the_account_writes_nothing(root: Path) -> None:
    for more in (["--note"], ["--brief", "1"]):
        assert mdtasks(root, "audit", "--handed-over", *more).code == 2


def test_a_place_is_no_name(root: Path) -> None:
    ran = hand(root, "a.md:2", "a.md:3")
    assert ran.code == 2
    assert ran.said[0] == "mdtasks: a.md:3 is the key of a task; say to whom"


def test_of_a_series_that_was_ticked_the_next_one_is_there_already(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one 🔁 every week 📅 2026-11-24 👤 Ana\n"})
    assert mdtasks(root, "done", "a.md:1").code == 0
    before = (root / "a.md").read_bytes()
    ran = hand(root, "a.md:2", "--rework")
    assert (ran.code, (root / "a.md").read_bytes()) == (1, before)
    assert "the next one is in the note" in ran.said[0]
