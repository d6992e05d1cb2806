"""The review note: boxes that are carried out on the tasks' own lines, once, and taken back."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest

from mdtasks.app.opening import opened_to_change
from mdtasks.app.publish import publish
from mdtasks.app.review_note import carry_reviews
from mdtasks.model import Source, Status, Task
from mdtasks.read.review_section import boxes, carried, taken_back
from mdtasks.settings import ReadSettings
from mdtasks.write import amend
from tests.conftest import MakeVault
from tests.reviews import NOTE, NOW, carry, comes_out_once
from tests.running import Ran, mdtasks, still
from tests.sections import edit, forget_index, session_of, sync, text_of

DAY, ASK = "[handed:: 2026-11-25]", "⏳ 2026-11-26"
BANK, VET = "- [ ] Ring the bank ⏱ 1h 📅 2026-11-10", "- [ ] Ring the vet #call"
NOTES = {
    "mdtasks.toml": 'vault_id = "review"\ntimezone = "Europe/Berlin"\n',
    "Home.md": f"Dear diary,\r\n{BANK}\r\n{VET} 📅 2026-11-20\r\nfin",
}


@pytest.fixture
def root(vault: MakeVault) -> Path:
    root = vault(NOTES)
    assert note(root).lines == [f"{NOTE} written"]
    still(root)
    return root


def note(root: Path) -> Ran:
    ran = mdtasks(root, "review", "--note", now=NOW)
    still(root)
    return ran


def tick(root: Path, *words: str, said: str = "") -> None:
    """Tick the first box with each of these words, and write something behind it."""
    text = text_of(root, NOTE)
    for each in words:
        assert f"[ ] {each}" in text
        text = text.replace(f"[ ] {each}", f"[x] {each}{said}", 1)
    (root / NOTE).write_bytes(text.encode("utf-8", "surrogateescape"))
    still(root)


def line(root: Path) -> str:
    return (root / "Home.md").read_bytes().decode("utf-8").split("\r\n")[1]


def test_the_note_has_boxes_and_they_are_no_tasks(root: Path) -> None:
    text = text_of(root, NOTE)
    assert text.startswith("# Week 2026-W48\n\n<!-- mdtasks:start -->\n0 done\n")
    assert [box.choice for box in boxes(text.splitlines())] == [
        "drop",
        "week",
        "shrink",
        "split",
        "hand",
    ] * 2
    found = mdtasks(root, "list", "--all", "--json", now=NOW).json["tasks"]
    assert {each["path"] for each in found} == {"Home.md"}


@pytest.mark.parametrize(
    ("box", "said", "becomes"),
    [
        ("drop it", "", "- [-] Ring the bank ⏱ 1h 📅 2026-11-10 ❌ 2026-11-25"),
        ("next week", "", "- [ ] Ring the bank ⏱ 1h 📅 2026-11-10 ⏳ 2026-11-30"),
        ("shrink to 15m", "", "- [ ] Ring the bank ⏱ 15m 📅 2026-11-10"),
        ("hand over to:", " Ana", f"- [ ] Ring the bank 👤 Ana {DAY} ⏱ 1h 📅 2026-11-10 {ASK}"),
    ],
)
def test_a_tick_is_carried_out_once_and_undo_opens_the_box_again(
    root: Path, box: str, said: str, becomes: str
) -> None:
    before, shown = text_of(root, "Home.md"), text_of(root, NOTE)
    tick(root, box, said=said)
    assert f"from the review: Home.md:2: {becomes}" in carry(root)
    assert text_of(root, "Home.md") == before.replace(BANK, becomes)
    assert f"- [x] {box}{said} · carried out 2026-11-25 ^rv-" in text_of(root, NOTE)
    after = text_of(root, NOTE)
    forget_index(root)
    assert carry(root) == []
    assert (text_of(root, "Home.md"), text_of(root, NOTE)) == (before.replace(BANK, becomes), after)
    assert mdtasks(root, "undo", now=NOW).code == 0
    still(root)
    carry(root)
    carry(root)
    assert text_of(root, "Home.md") == before
    assert text_of(root, NOTE) == shown.replace(f"{box} ^", f"{box}{said} ^", 1)
    tick(root, f"{box}{said}")
    carry(root)
    assert line(root) == becomes


def test_two_boxes_of_one_task_change_nothing_and_that_is_said_once(root: Path) -> None:
    tick(root, "drop it", "next week")
    shown = text_of(root, NOTE)
    assert [each for each in carry(root) if "two boxes" in each] != []
    assert [each for each in carry(root) if "two boxes" in each] == []
    assert (line(root), text_of(root, NOTE)) == (BANK, shown)


def test_a_line_that_changed_since_is_left_alone(root: Path) -> None:
    tick(root, "drop it")
    edit(root, "Ring the bank", "Ring the bank twice", "Home.md")
    still(root)
    before = text_of(root, "Home.md")
    assert any("this task changed since" in each for each in carry(root))
    assert text_of(root, "Home.md") == before


def test_to_hand_over_asks_for_a_name(root: Path) -> None:
    tick(root, "hand over to:")
    assert any("write a name behind" in each for each in carry(root))
    assert line(root) == BANK


def test_a_note_of_nobodys_is_not_written_twice_and_what_is_a_persons_stays(root: Path) -> None:
    before = (root / NOTE).stat()
    assert note(root).lines == [f"{NOTE} is as it should be"]
    assert (root / NOTE).stat().st_mtime_ns == before.st_mtime_ns
    text = text_of(root, NOTE)
    (root / NOTE).write_text("My own words\n\n" + text + "more\n")
    tick(root, "drop it")
    assert note(root).code == 0
    now = text_of(root, NOTE)
    assert now.startswith("My own words\n\n# Week")
    assert now.endswith("<!-- mdtasks:end -->\nmore\n")
    assert "carried out 2026-11-25" in now


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0 done", "0 done, alas"),
        ("  - [ ] next week", "  - mine\n  - [ ] next week"),
        ("  - [ ] hand over to:", "  - [ ] hand over to: Bo?"),
        ("- Ring the vet", "- Ring the good vet"),
    ],
)
def test_a_section_that_somebody_wrote_into_is_not_written_anew(
    root: Path, old: str, new: str
) -> None:
    text = text_of(root, NOTE)
    (root / NOTE).write_text(text.replace(old, new, 1))
    still(root)
    edit(root, "Dear", "- [x] Done ✅ 2026-11-25\r\n\r\nDear", "Home.md")
    ran = note(root)
    assert (ran.code, b"so the section stays as it is" in ran.err) == (1, True)
    assert text_of(root, NOTE) == text.replace(old, new, 1)


def test_ticks_that_wait_beside_one_that_was_carried_out_are_not_written_over(root: Path) -> None:
    text = text_of(root, NOTE)
    head, _, tail = text.partition("- Ring the vet")
    both = tail.replace("[ ] drop", "[x] drop").replace("[ ] next", "[x] next")
    (root / NOTE).write_text(head.replace("[ ] drop", "[x] drop") + "- Ring the vet" + both)
    still(root)
    assert note(root).code == 1
    now = text_of(root, NOTE)
    assert now.partition("- Ring the vet")[2] == both
    assert "[x] drop it · carried out" in now


def test_a_note_that_is_there_gets_the_section_at_its_end(vault: MakeVault) -> None:
    root = vault({**NOTES, NOTE: "my week\r\nwas fine"})
    still(root)
    note(root)
    data = (root / NOTE).read_bytes()
    assert data.startswith(b"my week\r\nwas fine\r\n\r\n<!-- mdtasks:start -->\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")


def test_where_our_memory_is_lost_no_tick_counts(root: Path) -> None:
    tick(root, "drop it")
    (session_of(root).places.state / "reviews.json").unlink()
    assert carry(root) == []
    assert line(root) == BANK


@pytest.mark.parametrize(("day", "is_carried_out"), [("2027-01-24", True), ("2027-01-25", False)])
def test_a_tick_counts_for_60_days(root: Path, day: str, is_carried_out: bool) -> None:
    tick(root, "drop it")
    assert bool(sync(root, now=f"{day}T08:30")) is is_carried_out
    still(root)
    assert (f"drop it · carried out {day}" in text_of(root, NOTE)) is is_carried_out
    assert (line(root) != BANK) is is_carried_out
    assert mdtasks(root, "review", "--note", now=f"{day}T08:30").code == 0


@pytest.mark.parametrize("uid", ["1", "[" * 50_000, "null"])
def test_a_memory_that_makes_no_sense_counts_as_none(root: Path, uid: str) -> None:
    tick(root, "drop it")
    file = session_of(root).places.state / "reviews.json"
    before = re.sub(r'"uid": "[^"]*"', f'"uid": {uid}', file.read_text(), count=1)
    file.write_text(before)
    assert carry(root) == []
    assert line(root) == BANK


@pytest.mark.parametrize("name", ["Ana %%", "%%", "%% Ana %%"])
def test_a_name_cannot_hide_the_tasks_below(root: Path, name: str) -> None:
    before = text_of(root, "Home.md")
    tick(root, "hand over to:", said=f" {name}")
    assert any("cannot be written" in each for each in carry(root))
    assert text_of(root, "Home.md") == before


def test_hostile_words_cannot_end_the_section(vault: MakeVault) -> None:
    words = "x <!-- mdtasks:end --> %% \x1b[31m ^rv-000000000000-drop"
    root = vault({"mdtasks.toml": NOTES["mdtasks.toml"], "a.md": f"- [ ] {words} 📅 2026-11-10\n"})
    assert note(root).code == 0
    text = text_of(root, NOTE)
    assert (text.count("<!-- mdtasks:end -->"), "\x1b" in text, "%%" in text) == (1, False, False)
    assert len(boxes(text.splitlines())) == 5


def test_a_box_is_shown_as_carried_out_and_back_again() -> None:
    box = "  - [ ] hand over to: Ana ^rv-0123456789ab-hand"
    (found,) = boxes([box])
    assert (found.name, found.is_ticked) == ("Ana", False)
    after = carried(box, "2026-11-25")
    assert after == carried(after, "2026-11-26")
    assert boxes([after])[0].name == "Ana"
    assert taken_back(after) == box


def test_a_run_that_is_killed_anywhere_carries_it_out_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick(root, "shrink to 15m")
    comes_out_once(root, NOTES["Home.md"].replace("1h", "15m"), monkeypatch)


def test_a_watcher_carries_it_out_once_the_note_is_quiet(root: Path) -> None:
    tick(root, "drop it")
    os.utime(root / NOTE)
    session = session_of(root, NOW)
    with opened_to_change(session, None) as store:
        assert carry_reviews(session, store, attended=False)
        assert line(root) == BANK
        still(root)
        assert not carry_reviews(session, store, attended=False)
    assert line(root) == f"{BANK.replace('[ ]', '[-]')} ❌ 2026-11-25"
    assert "· carried out" in text_of(root, NOTE)


def test_publishing_looks_at_the_review_and_says_what_waits(root: Path) -> None:
    tick(root, "drop it")
    os.utime(root / NOTE)
    session = session_of(root, NOW)
    with opened_to_change(session, None) as store:
        assert publish(session, store, attended=False).waits
        still(root)
        assert not publish(session, store, attended=False).waits
    assert line(root).startswith("- [-]")


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("- [ ] a", "- [ ] a ⏱ 15m"),
        ("- [ ] a ⏱ 2h #x ^id", "- [ ] a ⏱ 15m #x ^id"),
        ("- [ ] a [due:: 2026-11-10]", "- [ ] a [estimate:: 15m] [due:: 2026-11-10]"),
        ("- [ ] a ^id", "- [ ] a ⏱ 15m ^id"),
    ],
)
def test_a_line_is_shortened(text: str, short: str) -> None:
    task = Task(Source("a.md", 1, text), Status.TODO, " ", "a")
    made = amend.estimate(task, timedelta(minutes=15), ReadSettings())
    assert made
    assert made.after == (short,)
