"""`mdtasks check` names what is a mistake, lets habits pass, and gives advice apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import mdtasks, on_terminal

# It is Monday, 23 November 2026. A note, and where a fault is: line -> words of its message.
Faults = dict[int, str]

FAULTS: list[tuple[str, Faults]] = [
    # fields that nobody can read
    ("- [ ] a 📅 2026-02-30", {1: "due 2026-02-30: there is no such day"}),
    ("- [ ] a 📅 2026/12/5", {1: "due `2026/12/5` is not read as a date"}),
    ("- [ ] a 📅 2026-12-5", {1: "due `2026-12-5` is not read"}),
    ("- [ ] a ⏳ 24.12.2026", {1: "scheduled `24.12.2026` is not read"}),
    ("- [ ] a 🛫 24/12/26 #x", {1: "start `24/12/26` is not read"}),
    ("- [ ] a 📅 2026年11月27日", {1: "is not read"}),
    ("- [ ] a 📅 tomorrow #x", {1: "due `tomorrow` is not read"}),
    ("- [ ] a [due:: [[2026-12-01]]]", {1: "due `[[2026-12-01]]` is not read"}),
    ("- [ ] a (scheduled:: tomorrow)", {1: "scheduled `tomorrow` is not read"}),
    ("- [ ] a ⏱ 0h", {1: "estimate 0h is no duration"}),
    ("- [ ] a 🏁 archive", {1: "on completion `archive` is unknown"}),
    # rules
    ("- [ ] a 🔁 every other day", {1: "`every other day` is no recurrence rule"}),
    ("- [ ] a 🔁 every December 25th", {1: "`25th` is left over"}),
    ("- [ ] a 🔁 every february on the 30th", {1: "never comes"}),
    ("- [ ] a 🔁 every month on the 6th Monday", {1: "never comes"}),
    ("- [ ] a 🔁 every 12 months on the 31st 📅 2026-12-15", {}),
    ("- [ ] a 🔁 every 12 months on the 31st 📅 2027-02-15", {1: "never comes"}),
    # twice the same
    ("- [ ] a 📅 2026-12-01 📅 2026-12-01", {1: "due 2026-12-01 stands twice"}),
    ("- [ ] a ⛔ b ⛔ c\n- [x] b 🆔 b\n- [x] c 🆔 c", {1: "depends on stands twice: b counts"}),
    ("- [ ] one ^a\n- [ ] two ^a", {2: "the block id ^a stands on line 1 too"}),
    ("- [x] one 🆔 a\n- [ ] two 🆔 a", {1: "stands on 2 tasks", 2: "stands on 2 tasks"}),
    # who waits
    ("- [ ] a ⛔ nobody", {1: "the id nobody, which no task has"}),
    ("- [ ] a 🆔 me ⛔ me", {1: "it waits for itself: me"}),
    ("- [-] a 🆔 off\n- [ ] b ⛔ off", {2: "which is cancelled: a.md:1"}),
    ("- [ ] a 🆔 a ⛔ b\n- [ ] b 🆔 b ⛔ a", {1: "in a ring, over a.md:2"}),
    (
        "- [ ] x ⛔ a\n- [ ] a 🆔 a ⛔ c\n- [ ] b 🆔 b ⛔ a\n- [ ] c 🆔 c ⛔ b",
        {2: "in a ring, over a.md:4, a.md:3"},
    ),
    # dates and boxes
    ("- [ ] a ⏳ 2026-12-02 📅 2026-12-01", {1: "scheduled for 2026-12-02, after it is due"}),
    ("- [ ] a 🛫 2026-12-02 📅 2026-12-01", {1: "due 2026-12-01, before it can start"}),
    ("- [ ] a 🛫 2026-12-02 ⏳ 2026-12-01", {1: "scheduled for 2026-12-01, before it can start"}),
    ("- [ ] a ✅ 2026-11-01", {1: "done on 2026-11-01, but the box is still open: [ ]"}),
    ("- [/] a ❌ 2026-11-01", {1: "cancelled on 2026-11-01, but the box is still open"}),
    ("- [x] a ✅ 2027-11-01", {1: "done on 2027-11-01, which is yet to come"}),
    ("- [x] a ➕ 2026-01-02 ✅ 2025-01-03", {1: "long before it was created on 2026-01-02"}),
    # times
    ("- [ ] 13:00 - 12:00 a", {1: "it ends at 12:00, before it begins at 13:00"}),
    ("- [ ] 09:00 - 09:00 a", {1: "it begins and ends at 09:00"}),
]

# What the plugin sees as it is set, and where it is not in use nothing is said of it.
EMOJI, DATAVIEW = "set to emoji and does not see", "set to Dataview and does not see"
UNSEEN: list[tuple[str, str, str]] = [
    ("emoji", "- [ ] pay 📅 2026-12-01 the rent", "plugin does not see: due"),
    ("emoji", "- [ ] pay 📅 2026-12-01 ⏱ 15m", "plugin does not see: due"),
    ("emoji", "- [ ] pay 🔼 it 📅 2026-12-01 now #x", "plugin does not see: priority, due"),
    ("emoji", "- [ ] call 📅 2026-12-01 ⏳ 2026-11-30 09:00", "plugin does not see: due"),
    ("emoji", "- [x] pay 📅 2026-12-01 the rent", "plugin does not see: due"),
    ("emoji", "- [ ] pay 📅 2026-12-01 @{2026-12-01}", "plugin does not see: due"),
    ("emoji", "- [ ] pay [due:: 2026-12-01]", f"{EMOJI}: due"),
    ("emoji", "- [ ] pay [due:: 2026-12-01] the rent", f"{EMOJI}: due"),
    ("emoji", "- [ ] pay [estimate:: 30m]", ""),
    ("emoji", "- [ ] pay [due:: 2026-12-01] 📅 2026-12-01", ""),
    ("emoji", "- [ ] pay @{2026-12-01}", ""),
    ("dataview", "- [ ] pay [due:: 2026-12-01]", ""),
    ("dataview", "- [ ] pay [due:: 2026-12-01] the rent", "plugin does not see: due"),
    ("dataview", "- [ ] pay 📅 2026-12-01", f"{DATAVIEW}: due"),
]

HABITS = [
    # overdue, and put off
    "- [ ] a 📅 2026-11-20 ⏳ 2026-11-25",
    "- [ ] a 📅 2026-11-01 🛫 2026-12-01",
    "- [ ] a ⏳ 2026-11-20 🛫 2026-12-01",
    "- [ ] a 🛫 2026-12-01 ⏳ 2026-12-01 📅 2026-12-01",
    "- [x] a ⏳ 2026-12-02 📅 2026-12-01",
    # written down later; another time zone
    "- [x] a ➕ 2026-11-20 ✅ 2026-11-17",
    "- [x] a ✅ 2026-11-24",
    "- [x] a",
    "- [x] a 📅 2027-01-01 ✅ 2026-11-20",
    "- [ ] a 🔁 every month on the 31st 📅 9999-12-31",
    # nights, shifts, whole days
    "- [ ] 22:00 - 06:00 night shift",
    "- [ ] 18:00 - 09:30 on call",
    "- [ ] 00:00 - 24:00 fair",
    "- [ ] 06:00 - 23:30 wedding",
    "- [x] 09:00 - 09:00 a",
    # rules that come, if seldom
    "- [ ] a 🔁 every month on the 31st",
    "- [ ] a 🔁 every February on the 29th 📅 2028-02-29",
    "- [ ] a 🔁 every week until January 1, 2020 📅 2026-12-01",
    "- [ ] a 🔁 every year on the 5th Monday for 1 time 📅 2026-12-01",
    "- [x] a 🔁 every february on the 30th",
    # marks as decoration
    "- [ ] 📅 Calendar review",
    "- [ ] 📅 Monday: plan the week",
    "- [ ] 📅 release 1.2.3",
    "- [ ] 📅 1.2.3 is out",
    "- [ ] ✅ or ❌? decide",
    "- [ ] read `📅 2026/12/5` in the code",
    "- [ ] a [due:: soon] [priority:: 1] [start:: 10:00] [grade:: A]",
    # both dialects
    "- [ ] a 📅 2026-12-01 [due:: 2026-12-01]",
    "- [ ] a #x 📅 2026-12-01 #y 🔼 ^b",
    # ids
    "- [x] a 🆔 a\n- [ ] b ⛔ a",
    "- [ ] a 🆔 a ⛔ b\n- [x] b 🆔 b ⛔ a",
    "- [-] a ⛔ nobody",
    "- [ ] a 🆔 a\n- [ ] b 🆔 b ⛔ a\n- [ ] c 🆔 c ⛔ a,b",
]


def found_in(root: Path, *args: str) -> list[tuple[str, str]]:
    ran = mdtasks(root, "check", "--json", *args)
    problems = ran.json["problems"]
    assert ran.code == (1 if problems else 0)
    assert all(problem["hint"] for problem in problems)
    return [(f"{p['path']}:{p['line']}", p["message"]) for p in problems]


@pytest.mark.parametrize(("note", "expected"), FAULTS, ids=[note for note, _ in FAULTS])
def test_a_mistake_is_named_at_its_line_and_nothing_else(
    vault: MakeVault, note: str, expected: Faults
) -> None:
    found = found_in(vault({"a.md": note + "\n"}), "--faults")
    assert [place for place, _ in found] == [f"a.md:{line}" for line in expected]
    for (_, message), words in zip(found, expected.values(), strict=True):
        assert words in message


def with_plugin(dialect: str) -> dict[str, str]:
    """Return the files of a vault in which the plugin is in use, and both dialects are."""
    task_format = {"emoji": "tasksPluginEmoji", "dataview": "dataview"}[dialect]
    return {
        ".obsidian/community-plugins.json": '["obsidian-tasks-plugin"]',
        ".obsidian/plugins/obsidian-tasks-plugin/data.json": f'{{"taskFormat": "{task_format}"}}',
        "mdtasks.toml": '[read]\ndialects = ["emoji", "dataview", "kanban"]\n',
    }


@pytest.mark.parametrize(("dialect", "line", "words"), UNSEEN, ids=str)
def test_what_the_plugin_does_not_see_is_told_as_it_is_set(
    vault: MakeVault, dialect: str, line: str, words: str
) -> None:
    root = vault({"a.md": f"{line}\n", **with_plugin(dialect)})
    messages = [message for _, message in found_in(root)]
    found = [each for each in messages if "plugin" in each and "with a time" not in each]
    assert len(found) == (1 if words else 0)
    assert all(words in message for message in found)
    # That a vault holds both dialects is no fault of it.
    faults = [message for _, message in found_in(root, "--faults")]
    assert faults == [message for message in found if "set to" not in message]


@pytest.mark.parametrize("line", sorted({line for _, line, words in UNSEEN if words}))
@pytest.mark.parametrize("plugins", [None, "[]", '["dataview"]'], ids=str)
def test_where_the_plugin_is_not_in_use_nothing_is_said_of_it(
    vault: MakeVault, line: str, plugins: str | None
) -> None:
    obsidian = {".obsidian/community-plugins.json": plugins} if plugins else {}
    root = vault({"a.md": f"{line}\n- [ ] b ⏳ 2026-11-30 09:00\n", **obsidian})
    assert [message for _, message in found_in(root) if "plugin" in message] == []


def test_a_plugin_that_was_never_set_reads_emoji(vault: MakeVault) -> None:
    enabled = {".obsidian/community-plugins.json": '["obsidian-tasks-plugin"]'}
    lines = "- [ ] a 📅 2026-12-01\n- [ ] b [due:: 2026-12-01]\n"
    root = vault({"a.md": lines, **enabled})
    ((place, message),) = [each for each in found_in(root) if "plugin" in each[1]]
    assert place == "a.md:2"
    assert EMOJI in message


@pytest.mark.parametrize("note", HABITS)
def test_a_habit_is_let_pass(vault: MakeVault, note: str) -> None:
    assert found_in(vault({"a.md": note + "\n"}), "--faults") == []


def test_a_date_of_the_note_is_not_held_against_the_line(vault: MakeVault) -> None:
    front = "---\ndue: 2026-12-01\nscheduled: 2026-12-05\n---\n- [ ] a 🛫 2026-12-03\n"
    daily = "- [ ] a 🛫 2026-12-05 \n- [ ] 13:00 b\n"
    assert found_in(vault({"a.md": front, "2026-12-01.md": daily}), "--faults") == []


def test_a_ring_through_notes_is_named_once(vault: MakeVault) -> None:
    root = vault({"b.md": "- [ ] b 🆔 b ⛔ a\n", "a.md": "# A\n- [ ] a 🆔 a ⛔ b\n"})
    ((place, message),) = found_in(root, "--faults")
    assert (place, message) == ("a.md:2", "it waits for itself in a ring, over b.md:1")


def test_a_symbol_of_a_theme_gets_a_hint_about_the_setting(vault: MakeVault) -> None:
    ran = mdtasks(vault({"a.md": "- [v] a ✅ 2026-11-01\n"}), "check", "--faults")
    assert '"v"' in ran.lines[1]
    assert "[statuses]" in ran.lines[1]


def test_only_what_the_plugin_reads_is_asked_of_a_vault_that_reads_as_it(
    vault: MakeVault,
) -> None:
    settings = '[read]\nfields = "trailing"\n'
    root = vault({"a.md": "- [ ] pay 📅 2026-12-01 the rent\n", "mdtasks.toml": settings})
    assert found_in(root) == []


# --- advice ---

ADVICE = {
    "- [ ] Write it ⏱ 30m": "30m in one piece",
    "- [ ] Write it (2h)": "2h in one piece",
    "- [ ] TODO": "says not what",
    "- [ ] ???": "says not what",
    "- [ ] Ask Jo about stuff for the party": "`stuff` leaves open",
    "- [ ] Buy milk, bread, etc.": "`etc` leaves open",
    "- [ ] Taxes 📅 2027-05-31": "one word",
    "- [ ] Call ⏳ 2026-11-24 09:30": "a time behind it: scheduled",
    "- [x] Trip\n\t- [ ] tickets": "done, but its subtask on line 2 is open",
    "- [-] Trip\n\t- [ ] go by train\n\t- [x] b\n\t- [ ] get keys": "cancelled, but 2 subtasks",
    "- [ ] Trip to 📅 2026-12-01\n\t- [ ] pay for it 📅 2026-12-02": "after the task above it",
}

IN_PEACE = [
    "- [ ] Milk",
    "- [ ] Taxes ⏳ 2026-11-24",
    "- [ ] Packing 📅 2026-11-24",
    "- [ ] einkaufen 📅 2026-11-24",
    "- [ ] 交税 📅 2026-11-24",
    "- [ ] Gym 🔁 every day 📅 2026-11-24",
    "- [ ] Taxes 📅 2026-11-24\n\tforms in the drawer",
    "- [ ] Taxes 📅 2026-11-24\n\t- [ ] find the forms",
    "- [ ] [[Launch post]] 📅 2026-11-24",
    "- [ ] Who is coming???",
    "- [ ] Stuff the turkey 📅 2026-11-26",
    "- [ ] edit /etc/hosts and etc/fstab, then misc.py",
    "- [ ] run `stuff etc` once",
    "- [ ] Write it ⏱ 25m",
    "- [ ] Write it ⏱ 2h\n\t- [x] outline",
    "- [ ] Run ⏱ 1h 🔁 every day",
    "- [ ] 09:00 - 11:00 Workshop ⏱ 2h",
    "- [ ] Draw it ⏱ 2h 👤 Sam",
    "- [x] Write it ⏱ 2h",
    "- [>] Trip\n\t- [ ] pay for it",
    "- [ ] Trip to 📅 2026-11-01\n\t- [ ] pay for it 📅 2026-12-02",
    "- [ ] Term until 📅 2026-12-01\n\t- [ ] read it 🔁 every week 📅 2026-12-02",
]


@pytest.mark.parametrize(("note", "words"), ADVICE.items(), ids=ADVICE.keys())
def test_advice_is_no_fault(vault: MakeVault, note: str, words: str) -> None:
    enabled = {".obsidian/community-plugins.json": '["obsidian-tasks-plugin"]'}
    root = vault({"a.md": note + "\n", **enabled})
    ((_, message),) = found_in(root)
    assert words in message
    assert found_in(root, "--faults") == []


@pytest.mark.parametrize("note", IN_PEACE)
def test_what_is_clear_is_left_in_peace(vault: MakeVault, note: str) -> None:
    words = {message for _, message in found_in(vault({"a.md": note + "\n"}))}
    assert {message for message in words if "plugin" not in message} == set()


def test_faults_come_first_and_ten_pieces_of_advice_at_most(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] write it ⏱ 2h\n" * 12, "b.md": "- [ ] a 📅 2026-02-30\n"})
    ran = mdtasks(root, "check")
    assert ran.lines[0].startswith("b.md:1: due 2026-02-30")
    assert ran.lines[2:4] == ["", "Advice (12, the first 10; --all shows every one)"]
    assert len(ran.lines) == 4 + 20
    everything = mdtasks(root, "check", "--all")
    assert everything.lines[3] == "Advice (12)"
    assert len(everything.lines) == 4 + 24
    assert len(found_in(root)) == 13
    assert mdtasks(root, "check", "--faults").lines == ran.lines[:2]


def test_exit_is_1_also_for_advice_alone(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] write it ⏱ 2h\n"})
    assert mdtasks(root, "check").code == 1
    assert mdtasks(root, "check", "--faults").code == 0


def test_a_clean_vault_has_nothing_to_say(vault: MakeVault) -> None:
    ran = mdtasks(vault({"a.md": "- [ ] water the ferns ⏱ 5m 📅 2026-12-01\n"}), "check")
    assert (ran.code, ran.out, ran.err) == (0, b"", b"")


def test_on_a_terminal_each_place_stands_first_on_its_line(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] a 📅 2026-02-30\n"})
    assert on_terminal(root, "--color", "never", "check").out.startswith(b"a.md:1: due")
