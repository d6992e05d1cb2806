"""The daily note both ways: what both sides changed, what is added, lost, or in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdtasks.app.refresh import refresh
from mdtasks.app.sections import sync_sections
from tests.conftest import MakeVault
from tests.running import still
from tests.sections import (
    BATCH,
    BLOCK,
    BOB,
    DAY,
    END,
    NOTE,
    NOTES,
    SETTINGS,
    WRITE,
    edit,
    forget_index,
    forget_state,
    run,
    section_of,
    session_of,
    sync,
    text_of,
)


@pytest.fixture
def root(vault: MakeVault) -> Path:
    root = vault(NOTES)
    assert sync(root) == []
    return root


# --- contradictions -----------------------------------------------------------------------------


def test_cancelled_there_and_ticked_here_changes_nothing_and_is_said_once(root: Path) -> None:
    cancelled = f"- [-] Write the offer ⏱ 1h 🔼 ❌ {DAY}\n"
    (root / "Work.md").write_text(cancelled, "utf-8")
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    said = sync(root)
    assert said == [f"{NOTE}:6: done here, but Work.md:1 says cancelled; nothing was changed"]
    assert text_of(root, "Work.md") == cancelled
    assert section_of(root) == [line.replace("10:05 - 10:15", "09:00 - 09:10") for line in BATCH]
    assert sync(root) == []


@pytest.mark.parametrize(("mark", "word"), [("x", "done"), ("-", "cancelled")])
def test_a_tick_of_what_is_closed_otherwise_is_said_once_though_nothing_is_known_of_before(
    root: Path, mark: str, word: str
) -> None:
    edit(root, BOB, BOB.replace("[ ]", f"[{mark}]"))
    run(root, "cancel" if mark == "x" else "done", "Home.md:1")
    line = text_of(root, "Home.md")
    forget_state(root)
    (said,) = sync(root)
    assert said.startswith(f"{NOTE}:")
    assert f"{word} here, but Home.md:1 says " in said
    assert text_of(root, "Home.md") == line
    assert sync(root) == []


def test_two_changed_times_change_nothing(root: Path) -> None:
    pinned = f"- [ ] Write the offer ⏱ 1h 🔼 ⏳ {DAY} 11:00\n"
    (root / "Work.md").write_text(pinned, "utf-8")
    edit(root, "09:00 - 10:00 Write", "14:00 - 15:00 Write")
    (said,) = sync(root)
    assert said.startswith(f"{NOTE}:6: its time was changed here and at Work.md:1 (- [ ] Write")
    assert text_of(root, "Work.md") == pinned
    assert "- [ ] 11:00 - 12:00 Write the offer ([[Work]])" in section_of(root)


def test_a_tick_of_a_task_that_is_gone_is_said(root: Path) -> None:
    (root / "Work.md").write_text("nothing\n", "utf-8")
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    said = sync(root)
    assert said == [f"{NOTE}:6: done here, but the task is not there any more; nothing was changed"]
    assert sync(root) == []


def test_a_task_that_got_other_words_is_not_ticked_at_once(root: Path) -> None:
    (root / "Work.md").write_text(WRITE.replace("offer", "big offer"), "utf-8")
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    (said,) = sync(root)
    assert said.startswith(f"{NOTE}:6: ")
    assert said.endswith("; nothing was changed")
    assert text_of(root, "Work.md") == WRITE.replace("offer", "big offer")
    edit(root, "[ ] 09:00 - 10:00 Write the big offer", "[x] 09:00 - 10:00 Write the big offer")
    sync(root)
    assert text_of(root, "Work.md").endswith(f"✅ {DAY}\n")


def test_a_task_with_an_id_may_get_other_words_and_a_tick_at_once(root: Path) -> None:
    (root / "Work.md").write_text("- [ ] Write the offer ⏱ 1h 🔼 🆔 offer\n", "utf-8")
    sync(root)
    (root / "Work.md").write_text("- [ ] Phone them all ⏱ 1h 🔼 🆔 offer\n", "utf-8")
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    sync(root)
    assert text_of(root, "Work.md") == f"- [x] Phone them all ⏱ 1h 🔼 🆔 offer ✅ {DAY}\n"


def test_done_on_both_sides_is_agreed(root: Path) -> None:
    assert run(root, "done", "Work.md:1").code == 0
    done = text_of(root, "Work.md")
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    assert sync(root) == []
    assert text_of(root, "Work.md") == done


def test_a_change_of_the_source_alone_is_shown(root: Path) -> None:
    edit(root, "- [ ] Write", "- [/] Write", "Work.md")
    assert sync(root) == []
    assert f"- [/] {BLOCK}" in section_of(root)
    assert text_of(root, "Work.md").startswith("- [/] Write")


# --- words, new lines, lines that went ----------------------------------------------------------


def test_a_new_box_becomes_a_task_of_the_note_below_the_section(root: Path) -> None:
    edit(root, END, f"    - [ ] Buy milk 🔼\n{END}")
    (said,) = sync(root)
    assert said == f"{NOTE}: moved below the section: - [ ] Buy milk 🔼"
    assert text_of(root).endswith(f"{END}\n- [ ] Buy milk 🔼\n")
    assert run(root, "list", "description includes milk", "--json").json["tasks"][0]["path"] == NOTE
    assert text_of(root).count("- [ ] Buy milk 🔼") == 1
    assert sync(root) == []


def test_changed_words_are_kept_below_the_section_and_said(root: Path) -> None:
    edit(root, "Write the offer ([[Work]])", "Write the offer, ask Ann ([[Work]])")
    (said,) = sync(root)
    assert said.endswith("yours are kept below the section: Write the offer, ask Ann ([[Work]])")
    assert text_of(root).endswith(f"{END}\n- Write the offer, ask Ann ([[Work]])\n")
    assert (text_of(root, "Work.md"), section_of(root)) == (WRITE, [f"- [ ] {BLOCK}", *BATCH])
    assert sync(root) == []


def test_a_tick_counts_also_where_the_words_were_changed(root: Path) -> None:
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}".replace("offer", "big offer"))
    sync(root)
    assert text_of(root, "Work.md").endswith(f"✅ {DAY}\n")
    assert text_of(root).endswith("- Write the big offer ([[Work]])\n")


def test_a_line_that_was_deleted_comes_back_and_nothing_happens_to_the_task(root: Path) -> None:
    text = text_of(root)
    line = next(row for row in text.splitlines() if "Write" in row)
    edit(root, f"{line}\n", "")
    assert sync(root) == []
    assert (text_of(root), text_of(root, "Work.md")) == (text, WRITE)


def test_a_mirror_without_its_id_is_still_known(root: Path) -> None:
    line = next(row for row in text_of(root).splitlines() if "Write" in row)
    edit(root, line, f"- [x] {BLOCK}")
    sync(root)
    assert text_of(root, "Work.md").endswith(f"✅ {DAY}\n")
    assert text_of(root).endswith(f"{END}\n")


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_outside_of_the_markers_no_byte_changes(root: Path, eol: str) -> None:
    above, below = b"\xef\xbb\xbf# Monday \xff\n\n", b"\nmore \xfe\n- [ ] own thing\n"
    text = text_of(root).encode()
    section = text[text.index(b"<!-- mdtasks:start") :].replace(b"- [ ] 09:00", b"- [x] 09:00")
    whole = (above + section + below).replace(b"\n", eol.encode())
    (root / NOTE).write_bytes(whole)
    sync(root)
    now = (root / NOTE).read_bytes()
    assert now.startswith(above.replace(b"\n", eol.encode()))
    assert now.endswith(f"{END}{eol}".encode() + below.replace(b"\n", eol.encode()))
    assert now.count(b"\n") == now.count(eol.encode())
    assert text_of(root, "Work.md").endswith(f"✅ {DAY}\n")


# --- what is known of last time -----------------------------------------------------------------


def test_without_the_index_all_is_still_known(root: Path) -> None:
    forget_index(root)
    edit(root, "09:00 - 10:00 Write", "14:00 - 15:00 Write")
    sync(root)
    assert text_of(root, "Work.md") == f"- [ ] Write the offer ⏳ {DAY} 14:00-15:00 ⏱ 1h 🔼\n"


def test_when_nothing_is_known_a_tick_counts_and_a_time_does_not(root: Path) -> None:
    forget_index(root)
    forget_state(root)
    edit(root, "09:00 - 10:00 Write", "14:00 - 15:00 Write")
    edit(root, BOB, BOB.replace("[ ]", "[x]"))
    sync(root)
    assert text_of(root, "Work.md") == WRITE
    assert text_of(root, "Home.md").startswith(f"- [x] Call Bob ⏱ 5m 📅 {DAY} ✅ {DAY}\n")


def test_a_section_of_another_computer_pins_nothing(root: Path) -> None:
    line = next(row for row in text_of(root).splitlines() if "Write" in row)
    other = "- [ ] 09:00 - 09:30 Another ([[Work]]) ^mt-123456\n- [ ] 09:35 - 10:35 Write the offer"
    edit(root, line, f"{other} ([[Work]]) ^mt-{line.rpartition('^mt-')[2]}")
    assert sync(root) == []
    assert text_of(root, "Work.md") == WRITE
    assert section_of(root) == [f"- [ ] {BLOCK}", *BATCH]


def test_an_old_text_that_an_editor_saves_again_is_nobody_s_wish(root: Path) -> None:
    before = text_of(root)
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    ticked = text_of(root)
    sync(root)
    done, shown = text_of(root, "Work.md"), section_of(root)
    for stale in (ticked, before):
        (root / NOTE).write_text(f"{stale}- [ ] typed meanwhile\n", "utf-8")
        sync(root)
        assert (text_of(root, "Work.md"), section_of(root)[-1]) == (done, shown[-1])
        assert text_of(root).endswith(f"{END}\n- [ ] typed meanwhile\n")


def test_the_same_tick_again_after_an_undo_is_a_new_one(root: Path) -> None:
    for _ in range(3):
        edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
        sync(root)
        assert text_of(root, "Work.md").startswith("- [x]")
        run(root, "undo")
        sync(root)
        assert text_of(root, "Work.md") == WRITE
        (line,) = [line for line in section_of(root) if "offer" in line]
        edit(root, line, f"- [ ] {BLOCK}")
        run(root, "undo") if sync(root) else None


# --- days that are over -------------------------------------------------------------------------


def test_a_tick_in_an_earlier_day_s_section_counts_and_that_section_stays(root: Path) -> None:
    sync(root, now="2026-11-25T08:30")
    old = text_of(root)
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    edit(root, "10:05 - 10:15 2", "11:05 - 11:15 2")
    for _ in range(2):
        sync(root, now="2026-11-25T08:30")
        assert text_of(root, "Work.md") == "- [x] Write the offer ⏱ 1h 🔼 ✅ 2026-11-25\n"
    assert text_of(root) == old.replace(f"[ ] {BLOCK}", f"[x] {BLOCK}").replace(
        "10:05 - 10:15 2", "11:05 - 11:15 2"
    )


def test_an_old_tick_is_not_carried_over_again_when_the_task_is_opened(root: Path) -> None:
    sync(root, now="2026-11-25T08:30")
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    sync(root, now="2026-11-25T08:30")
    (root / "Work.md").write_text(WRITE, "utf-8")
    sync(root, now="2026-11-25T08:30")
    sync(root, now="2026-11-26T08:30")
    assert text_of(root, "Work.md") == WRITE


def test_after_a_week_a_section_is_history(root: Path) -> None:
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    sync(root, now="2026-12-01T08:30")
    assert text_of(root, "Work.md") == WRITE


def test_a_new_box_in_an_earlier_day_s_section_is_not_forgotten(root: Path) -> None:
    edit(root, END, f"- [ ] Buy milk\na thought\n\n{END}")
    before = text_of(root)
    sync(root, now="2026-11-24T08:30")
    moved = "- [ ] Buy milk\na thought\n"
    assert text_of(root) == before.replace(f"{moved}\n{END}\n", f"\n{END}\n{moved}")


# --- what is in the way -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"), [(END, ""), (END, f"{END}\n{END}"), ("Dear", f"{END}\n\nDear")]
)
def test_markers_that_are_not_a_pair_are_named_and_nothing_is_written(
    root: Path, old: str, new: str
) -> None:
    edit(root, old, new)
    before = text_of(root)
    (said,) = sync(root)
    assert said.startswith(f"{NOTE}:")
    assert "a section has one start marker and one end marker below it" in said
    assert text_of(root) == before
    checked = run(root, "check", "--json").json["problems"]
    assert [problem["path"] for problem in checked if "section" in problem["message"]] == [NOTE]


def test_a_tick_that_cannot_be_written_stays_and_the_others_go(root: Path) -> None:
    (root / "Work.md").chmod(0o444)
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    edit(root, BOB, BOB.replace("[ ]", "[x]"))
    before = text_of(root)
    said = sync(root)
    assert text_of(root) == before
    assert [line for line in said if line.startswith(f"{NOTE}:6: this waits, Work.md: ")]
    assert text_of(root, "Work.md") == WRITE
    assert text_of(root, "Home.md").startswith("- [x] Call Bob")
    (root / "Work.md").chmod(0o644)
    assert len(sync(root)) == 1
    assert text_of(root, "Work.md").endswith(f"✅ {DAY}\n")


def test_what_is_ticked_halfway_through_a_sync_is_met_by_it_too(root: Path) -> None:
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    still(root)
    session = session_of(root)

    def tick_another() -> None:
        if BOB in text_of(root):
            edit(root, BOB, BOB.replace("[ ]", "[x]"))
            edit(root, "Dear diary", "Dear old diary")
            still(root)

    with session.store() as store:
        refresh(session, store)
        assert sync_sections(session, store, True, tick_another).written
    assert text_of(root, "Work.md").endswith(f"✅ {DAY}\n")
    assert text_of(root, "Home.md").startswith(f"- [x] Call Bob ⏱ 5m 📅 {DAY} ✅ {DAY}\n")
    assert text_of(root).startswith("Dear old diary,\n")


def test_a_record_that_cannot_be_read_counts_as_none(root: Path) -> None:
    record = session_of(root).places.state / "sections.json"
    for data in (b"", b"[]", b'{"format": 1, "notes": {"a.md": {"day": 1}}}', b'{"format": 0}'):
        record.write_bytes(data)
        edit(root, "09:00 - 10:00 Write", "14:00 - 15:00 Write")
        assert sync(root) == []
        assert text_of(root, "Work.md") == WRITE
        assert section_of(root) == [f"- [ ] {BLOCK}", *BATCH]


def test_nothing_flows_where_the_section_is_off(root: Path) -> None:
    (root / "mdtasks.toml").write_text(SETTINGS.replace("true", "false"), "utf-8")
    edit(root, f"- [ ] {BLOCK}", f"- [x] {BLOCK}")
    sync(root)
    assert text_of(root, "Work.md") == WRITE
