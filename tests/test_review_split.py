"""The box of a review note that splits a task: its steps are written below it, once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mdtasks.app.opening import opened_to_change
from mdtasks.app.review_note import carry_reviews
from mdtasks.read.review_section import boxes, carried, taken_back
from mdtasks.render.review_markdown import plain
from tests.conftest import MakeVault
from tests.reviews import NOTE, NOW, carry, comes_out_once
from tests.running import mdtasks, still
from tests.sections import edit, forget_index, session_of, text_of

BANK = "- [ ] Ring the bank ⏱ 1h 📅 2026-11-10"
NOTES = {
    "mdtasks.toml": 'vault_id = "review"\ntimezone = "Europe/Berlin"\n',
    "Home.md": f"Dear diary,\r\n{BANK}\r\n- [ ] Other\r\n    - [ ] its step\r\n\r\nfin",
}
STEPS = "    - [ ] Find the letter ⏱ 5m\r\n    - [ ] Ring them 📅 2026-11-27\r\n"
SAID = " Find the letter 5m; Ring them by friday"


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return written(vault(NOTES))


def written(root: Path) -> Path:
    assert mdtasks(root, "review", "--note", now=NOW).code == 0
    still(root)
    return root


def type_in(root: Path, said: str, more: str = "", symbol: str = "x") -> None:
    """Tick the first box, write something behind its words, and behind all of it."""
    text = text_of(root, NOTE)
    head, box, tail = text.partition("[ ] split into:")
    assert box
    first, rest = tail.split("\n", 1)
    (root / NOTE).write_bytes(
        f"{head}[{symbol}] split into:{said}{first}{more}\n{rest}".encode(
            "utf-8", "surrogateescape"
        )
    )
    still(root)


def home(root: Path) -> str:
    return (root / "Home.md").read_bytes().decode()


def with_steps(steps: str = STEPS) -> str:
    return NOTES["Home.md"].replace(f"{BANK}\r\n", f"{BANK}\r\n{steps}")


def test_steps_are_written_below_the_task_once_and_undo_opens_the_box_again(root: Path) -> None:
    shown = text_of(root, NOTE)
    type_in(root, SAID)
    told = "from the review: Home.md:3: - [ ] Find the letter ⏱ 5m; - [ ] Ring them 📅 2026-11-27"
    assert told in carry(root)
    assert home(root) == with_steps()
    assert f"- [x] split into:{SAID} · carried out 2026-11-25 ^rv-" in text_of(root, NOTE)
    after = text_of(root, NOTE)
    forget_index(root)
    assert carry(root) == []
    assert (home(root), text_of(root, NOTE)) == (with_steps(), after)
    assert mdtasks(root, "undo", now=NOW).code == 0
    still(root)
    carry(root)
    carry(root)
    assert home(root) == NOTES["Home.md"]
    assert text_of(root, NOTE) == shown.replace("split into: ^", f"split into:{SAID} ^", 1)
    type_in(root, "")
    carry(root)
    assert home(root) == with_steps()


def test_steps_may_stand_behind_the_mark_where_the_key_end_leads(root: Path) -> None:
    type_in(root, "", more=SAID)
    carry(root)
    assert home(root) == with_steps()
    shown = text_of(root, NOTE)
    assert "[x] split into: · carried out 2026-11-25 ^rv-" in shown
    assert f"-split{SAID}\n" in shown
    carry(root)
    assert home(root) == with_steps()


def test_steps_that_a_person_ticks_or_dates_are_still_there(root: Path) -> None:
    type_in(root, SAID)
    carry(root)
    after = text_of(root, NOTE)
    edit(root, "- [ ] Find the letter ⏱ 5m", "- [x] Find the letter ✅ 2026-11-25", "Home.md")
    edit(root, "    - [ ] Ring them 📅 2026-11-27\r\n", "", "Home.md")
    still(root)
    carry(root)
    assert text_of(root, NOTE) == after


@pytest.mark.parametrize(
    ("find", "ring"),
    [
        ("Look for an envelope 📅 2026-11-26", "Dial +46 8 123"),
        ("Find that letter", "Ring them all"),
    ],
)
def test_steps_that_are_all_reworded_at_once_are_still_the_steps(
    root: Path, find: str, ring: str
) -> None:
    type_in(root, SAID)
    carry(root)
    after = text_of(root, NOTE)
    edit(root, "Find the letter ⏱ 5m", find, "Home.md")
    edit(root, "Ring them 📅 2026-11-27", ring, "Home.md")
    still(root)
    before = home(root)
    for _ in "abc":
        carry(root)
    assert (text_of(root, NOTE), home(root)) == (after, before)


def test_steps_that_were_moved_to_another_note_are_still_there(root: Path) -> None:
    type_in(root, SAID)
    carry(root)
    after = text_of(root, NOTE)
    edit(root, STEPS, "", "Home.md")
    (root / "Bank.md").write_text(STEPS.replace("    ", ""), "utf-8")
    still(root)
    carry(root)
    assert text_of(root, NOTE) == after


def test_beside_steps_of_before_undo_opens_the_box_again(vault: MakeVault) -> None:
    there = NOTES["Home.md"].replace(f"{BANK}\r\n", f"{BANK}\r\n    - [ ] Find my glasses\r\n")
    root = written(vault({**NOTES, "Home.md": there}))
    shown = text_of(root, NOTE)
    type_in(root, SAID)
    carry(root)
    edit(root, "Find my glasses", "Look where they lie", "Home.md")
    still(root)
    assert mdtasks(root, "undo", now=NOW).code == 0
    still(root)
    carry(root)
    carry(root)
    assert text_of(root, NOTE) == shown.replace("split into: ^", f"split into:{SAID} ^", 1)


@pytest.mark.parametrize("said", ["", " ", " ; ;", ";", " \t;"])
def test_a_tick_without_steps_asks_for_them_once(root: Path, said: str) -> None:
    type_in(root, said)
    shown = text_of(root, NOTE)
    asked = [each for each in carry(root) if "write the steps behind `split into:`" in each]
    assert len(asked) == 1
    assert f"{NOTE}:" in asked[0]
    assert [each for each in carry(root) if "write the steps" in each] == []
    assert (home(root), text_of(root, NOTE)) == (NOTES["Home.md"], shown)


def test_what_is_typed_without_a_tick_waits(root: Path) -> None:
    type_in(root, SAID, symbol=" ")
    assert not any("review" in each for each in carry(root))
    assert home(root) == NOTES["Home.md"]


def test_two_boxes_of_one_task_change_nothing(root: Path) -> None:
    type_in(root, SAID)
    edit(root, "[ ] next week", "[x] next week", NOTE)
    still(root)
    assert any("two boxes are ticked" in each for each in carry(root))
    assert home(root) == NOTES["Home.md"]


def test_a_line_that_changed_since_gets_no_steps(root: Path) -> None:
    type_in(root, SAID)
    edit(root, "Ring the bank", "Ring the bank twice", "Home.md")
    still(root)
    before = home(root)
    assert any("this task changed since" in each for each in carry(root))
    assert home(root) == before


def test_a_step_that_the_task_has_is_not_written_twice(vault: MakeVault) -> None:
    there = NOTES["Home.md"].replace(f"{BANK}\r\n", f"{BANK}\r\n    - [x] Find the letter\r\n")
    root = written(vault({**NOTES, "Home.md": there}))
    type_in(root, SAID)
    assert any("has the step `Find the letter` already" in each for each in carry(root))
    assert home(root) == there


@pytest.mark.parametrize(
    ("said", "steps"),
    [
        (" \x1b[31mred\x07; b", ["[31mred", "b"]),
        (" a %% b; <!-- c; --> d", ["a % % b", "< !-- c", "- -> d"]),
        (" a ^mt-0123; b ^rv-0123456789ab-dropp", ["a mt-0123", "b rv-0123456789ab-dropp"]),
        (" - [x] done; # head; - item", ["done", "# head", "- item"]),
        (" a\u2028b; c\x85d", ["a b", "c d"]),
    ],
)
def test_hostile_words_are_steps_and_no_more(root: Path, said: str, steps: list[str]) -> None:
    type_in(root, said)
    carry(root)
    found = mdtasks(root, "list", "--all", "--json", "path includes Home", now=NOW).json["tasks"]
    bank = next(task for task in found if task["text"] == "Ring the bank")
    below = {task["line"]: task["text"] for task in found if task["parent"] == bank["uid"]}
    assert [below[line] for line in sorted(below)] == steps
    assert len(found) == 3 + len(steps)


def test_a_title_cannot_be_a_box_that_is_ticked(vault: MakeVault) -> None:
    first = written(vault({**NOTES, "Home.md": f"{BANK}\n"}))
    (box, *_) = boxes(text_of(first, NOTE).splitlines())
    words = f"[x] drop it ^rv-{box.letters}-drop and ^^rv-{box.letters}-split"
    forged = first / "Forged.md"
    forged.write_text(f"- [ ] {words} 📅 2026-11-10\n")
    still(first)
    written(first)
    assert len(boxes(text_of(first, NOTE).splitlines())) == 10
    assert "^rv" not in plain(words)
    carry(first)
    assert text_of(first, "Home.md") == f"{BANK}\n"


def test_the_last_line_without_an_end_gets_its_steps(vault: MakeVault) -> None:
    root = written(vault({**NOTES, "Home.md": BANK}))
    type_in(root, SAID)
    carry(root)
    assert home(root) == f"{BANK}\n  - [ ] Find the letter ⏱ 5m\n  - [ ] Ring them 📅 2026-11-27"
    carry(root)
    assert home(root).count("Ring them") == 1
    assert mdtasks(root, "undo", now=NOW).code == 0
    assert home(root) == BANK


def test_a_box_with_words_behind_its_mark_is_shown_as_carried_out_and_back_again() -> None:
    box = "  - [ ] split into: a ; b ^rv-0123456789ab-split c;d"
    (found,) = boxes([box])
    assert (found.steps, found.name) == (("a", "b c", "d"), "")
    after = carried(box, "2026-11-25")
    assert after == carried(after, "2026-11-26")
    assert boxes([after])[0].steps == found.steps
    assert taken_back(after) == box


def test_a_long_line_of_blanks_is_no_box() -> None:
    blanks = " \t" * 30_000
    for text in (blanks, f"- [ ] {blanks}^rv-", f"- [ ]{blanks}x^rv-0123456789ab-splitt"):
        assert boxes([text]) == []


def test_a_run_that_is_killed_anywhere_writes_the_steps_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(root, SAID)
    comes_out_once(root, with_steps(), monkeypatch)


def test_a_watcher_writes_the_steps_once_both_notes_are_quiet(root: Path) -> None:
    type_in(root, SAID)
    os.utime(root / "Home.md")
    session = session_of(root, NOW)
    with opened_to_change(session, None) as store:
        assert carry_reviews(session, store, attended=False)
        assert home(root) == NOTES["Home.md"]
        still(root)
        assert not carry_reviews(session, store, attended=False)
    assert home(root) == with_steps()
