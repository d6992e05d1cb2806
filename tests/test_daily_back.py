"""The daily note both ways: ticks and times in the section reach the tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.sections import (
    BATCH,
    BLOCK,
    BOB,
    DAY,
    NOTE,
    NOTES,
    RENT,
    SETTINGS,
    WRITE,
    edit,
    forget_index,
    run,
    section_of,
    sync,
    text_of,
)


@pytest.fixture
def root(vault: MakeVault) -> Path:
    root = vault(NOTES)
    assert sync(root) == []
    return root


def test_the_section_is_as_these_tests_take_it(root: Path) -> None:
    assert section_of(root) == [f"- [ ] {BLOCK}", *BATCH]


# --- ticks --------------------------------------------------------------------------------------


def test_a_tick_completes_the_task_as_done_would(root: Path) -> None:
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    said = sync(root)
    assert text_of(root, "Work.md") == f"- [x] Write the offer ⏱ 1h 🔼 ✅ {DAY}\n"
    assert said == [f"from the daily note: Work.md:1: {text_of(root, 'Work.md').strip()}"]
    assert "- [x] Write the offer ([[Work]])" in section_of(root)
    assert sync(root) == []


def test_a_repeating_task_gets_its_next_line_once(root: Path) -> None:
    edit(root, RENT, RENT.replace("[ ]", "[x]"))
    for _ in range(3):
        sync(root)
        forget_index(root)
    assert text_of(root, "Home.md").splitlines()[1:] == [
        "- [ ] Pay rent ⏱ 5m 📅 2026-12-23 🔁 every month",
        f"- [x] Pay rent ⏱ 5m 📅 {DAY} 🔁 every month ✅ {DAY}",
    ]


def test_a_tick_of_a_rule_that_is_none_says_that_the_series_ends(root: Path) -> None:
    (root / "Work.md").write_text("- [ ] Water ⏱ 20m 🔁 every blue moon\n", "utf-8")
    sync(root)
    edit(root, "- [ ] 09:00 - 09:20 Water", "- [x] 09:00 - 09:20 Water")
    said = sync(root)
    assert said[1].startswith("Work.md:1: `every blue moon` is no rule, so no next line")
    assert sync(root) == []


def test_an_undated_series_is_ticked_once(root: Path) -> None:
    (root / "Work.md").write_text("- [ ] Water ⏱ 20m 🔁 every day when done\n", "utf-8")
    sync(root)
    edit(root, "- [ ] 09:00 - 09:20 Water", "- [x] 09:00 - 09:20 Water")
    for _ in range(3):
        sync(root)
        forget_index(root)
    assert text_of(root, "Work.md").count("✅") == 1
    assert text_of(root, "Work.md").count("- [ ] Water") == 1


@pytest.mark.parametrize(
    ("symbol", "line"),
    [
        ("-", f"- [-] Write the offer ⏱ 1h 🔼 ❌ {DAY}\n"),
        ("/", "- [/] Write the offer ⏱ 1h 🔼\n"),
        ("X", f"- [x] Write the offer ⏱ 1h 🔼 ✅ {DAY}\n"),
        ("!", "- [!] Write the offer ⏱ 1h 🔼\n"),
    ],
)
def test_every_mark_reaches_the_task(root: Path, symbol: str, line: str) -> None:
    edit(root, f"- [ ] {BLOCK}", f"- [{symbol}] {BLOCK}")
    sync(root)
    assert text_of(root, "Work.md") == line
    sync(root)
    assert text_of(root, "Work.md") == line


def test_a_tick_of_the_tasks_plugin_keeps_its_date(root: Path) -> None:
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK} ✅ 2026-11-22")
    assert len(sync(root)) == 1
    assert text_of(root, "Work.md").endswith("✅ 2026-11-22\n")


def test_a_tick_is_taken_back_with_its_next_occurrence(root: Path) -> None:
    before = text_of(root, "Home.md")
    edit(root, RENT, RENT.replace("[ ]", "[x]"))
    sync(root)
    edit(root, "- [x] Pay rent", "- [ ] Pay rent")
    sync(root)
    assert text_of(root, "Home.md") == before


def test_what_was_started_can_be_put_down_again(root: Path) -> None:
    edit(root, f"- [ ] {BLOCK}", f"- [/] {BLOCK}")
    sync(root)
    assert f"- [/] {BLOCK}" in section_of(root)
    edit(root, f"- [/] {BLOCK}", f"- [ ] {BLOCK}")
    sync(root)
    assert text_of(root, "Work.md") == WRITE


def test_one_undo_takes_back_all_that_one_sync_carried_over(root: Path) -> None:
    home = text_of(root, "Home.md")
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    edit(root, BOB, BOB.replace("[ ]", "[-]"))
    sync(root)
    assert run(root, "undo").code == 0
    assert (text_of(root, "Work.md"), text_of(root, "Home.md")) == (WRITE, home)
    assert sync(root) == []
    assert not [line for line in section_of(root) if "[x]" in line]
    assert (text_of(root, "Work.md"), text_of(root, "Home.md")) == (WRITE, home)


def test_ticking_one_of_two_blocks_ticks_the_task(root: Path) -> None:
    (root / "Work.md").write_text("- [ ] Write the offer ⏱ 3h 🔼\n", "utf-8")
    sync(root)
    blocks = [line for line in section_of(root) if "offer" in line]
    assert len(blocks) == 3
    edit(root, blocks[1], blocks[1].replace("[ ]", "[x]"))
    sync(root)
    assert text_of(root, "Work.md") == f"- [x] Write the offer ⏱ 3h 🔼 ✅ {DAY}\n"
    assert [line for line in section_of(root) if "offer" in line] == [
        "- [x] Write the offer ([[Work]])"
    ]


def test_two_blocks_that_want_different_things_change_nothing(root: Path) -> None:
    (root / "Work.md").write_text("- [ ] Write the offer ⏱ 3h 🔼\n", "utf-8")
    sync(root)
    one, other, _ = [line for line in section_of(root) if "offer" in line]
    edit(root, one, one.replace("[ ]", "[x]"))
    edit(root, other, other.replace("[ ]", "[-]"))
    (said,) = sync(root)
    assert "want different things of one task" in said
    assert text_of(root, "Work.md") == "- [ ] Write the offer ⏱ 3h 🔼\n"
    assert sync(root) == []


def test_whoever_ticks_a_batch_ticks_all_of_it(root: Path) -> None:
    edit(root, "- 10:05 - 10:15 2", "- [x] 10:05 - 10:15 2")
    sync(root)
    assert text_of(root, "Home.md").count(f"✅ {DAY}") == 2
    assert sync(root) == []


def test_a_task_of_the_same_note_is_ticked_in_it(root: Path) -> None:
    (root / NOTE).write_text(f"- [ ] Own task ⏱ 45m\n{text_of(root)}", "utf-8")
    sync(root)
    (mirror,) = [line for line in section_of(root) if "Own task" in line]
    edit(root, mirror, mirror.replace("[ ]", "[x]"))
    sync(root)
    assert text_of(root).startswith(f"- [x] Own task ⏱ 45m ✅ {DAY}\nDear diary,\n")


# --- times --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (WRITE, f"- [ ] Write the offer ⏳ {DAY} 14:00-15:30 ⏱ 1h 🔼\n"),
        (
            "- [ ] Write the offer  [estimate:: 1h]  [priority:: medium]\n",
            f"- [ ] Write the offer  [scheduled:: {DAY} 14:00-15:30]  [estimate:: 1h]"
            "  [priority:: medium]\n",
        ),
        (
            f"- [ ] 09:00 - 10:00 Write the offer ⏳ {DAY}\n",
            f"- [ ] 14:00 - 15:30 Write the offer ⏳ {DAY}\n",
        ),
        (
            f"- [ ] Write the offer ⏱ 1h ⏳ {DAY} 09:00-10:00 📅 {DAY}\n",
            f"- [ ] Write the offer ⏱ 1h ⏳ {DAY} 14:00-15:30 📅 {DAY}\n",
        ),
        (
            "* [ ] 9:00–10:00 Write the offer 🔁 every day\n",
            "* [ ] 14:00–15:30 Write the offer 🔁 every day\n",
        ),
        (
            f"- [ ] Write the offer [date:: {DAY}] [startTime:: 09:00] [endTime:: 10:00]\n",
            f"- [ ] Write the offer [date:: {DAY}] [startTime:: 14:00] [endTime:: 15:30]\n",
        ),
    ],
)
def test_a_changed_time_pins_the_block_on_the_tasks_own_line(
    root: Path, was: str, becomes: str
) -> None:
    (root / "Work.md").write_text(was, "utf-8")
    sync(root)
    edit(root, f"- [ ] {BLOCK}", "- [ ] 14:00 - 15:30 Write the offer ([[Work]])")
    sync(root)
    assert text_of(root, "Work.md") == becomes
    assert "- [ ] 14:00 - 15:30 Write the offer ([[Work]])" in section_of(root)
    forget_index(root)
    assert sync(root) == []
    assert text_of(root, "Work.md") == becomes


@pytest.mark.parametrize(
    ("times", "becomes", "shown"),
    [
        ("14:00", "14:00", "14:00 - 15:00"),
        ("14:00 - 10:00", "14:00-15:00", "14:00 - 15:00"),  # only the begin was changed
        ("9:30 - 10:00", "09:30-10:00", "09:30 - 10:00"),
        ("2pm-3.30pm", "14:00-15:30", "14:00 - 15:30"),
    ],
)
def test_times_are_read_as_a_person_writes_them(
    root: Path, times: str, becomes: str, shown: str
) -> None:
    edit(root, "09:00 - 10:00 Write", f"{times} Write")
    sync(root)
    assert text_of(root, "Work.md") == f"- [ ] Write the offer ⏳ {DAY} {becomes} ⏱ 1h 🔼\n"
    assert f"- [ ] {shown} Write the offer ([[Work]])" in section_of(root)


def test_a_task_of_a_batch_can_get_a_time_of_its_own(root: Path) -> None:
    edit(root, BOB, BOB.replace("Call", "16:00 Call"))
    sync(root)
    assert f"- [ ] Call Bob ⏳ {DAY} 16:00 ⏱ 5m 📅 {DAY}" in text_of(root, "Home.md")
    assert "- [ ] 16:00 - 16:05 Call Bob ([[Home]])" in section_of(root)


def test_the_time_of_a_batch_is_not_carried_over_and_that_is_said_once(root: Path) -> None:
    home = text_of(root, "Home.md")
    edit(root, "- 10:05 - 10:15 2", "- 16:00 - 16:10 2")
    (said,) = sync(root)
    assert said.startswith(f"{NOTE}:7: the time of several small tasks is not carried over")
    assert text_of(root, "Home.md") == home
    assert section_of(root) == [f"- [ ] {BLOCK}", *BATCH]
    assert sync(root) == []


def test_a_tick_and_a_time_at_once(root: Path) -> None:
    edit(root, f"- [ ] {BLOCK}", "- [/] 11:00 - 12:00 Write the offer ([[Work]])")
    sync(root)
    assert text_of(root, "Work.md") == f"- [/] Write the offer ⏳ {DAY} 11:00-12:00 ⏱ 1h 🔼\n"


def test_a_line_that_cannot_say_a_time_is_named(root: Path) -> None:
    (root / "mdtasks.toml").write_text(
        f'{SETTINGS}\n[read]\ndialects = ["todotxt"]\n', encoding="utf-8"
    )
    (root / "Work.md").write_text(f"- [ ] (B) Write the offer due:{DAY}\n", "utf-8")
    sync(root)
    (mirror,) = [line for line in section_of(root) if "offer" in line]
    before = text_of(root, "Work.md")
    edit(root, mirror, f"    - [ ] 17:00 {mirror.partition('] ')[2]}")
    said = sync(root)
    assert text_of(root, "Work.md") == before
    assert [line for line in said if "a time cannot be written on this line" in line]
