"""A vault whose mdtasks.toml shapes the days: what each command makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import mdtasks
from tests.sections import forget_index, section_of, sync, text_of

SHAPE = """
vault_id = "shaped"
timezone = "Europe/Berlin"
[hours]
mon-fri = ["09:00-17:00"]
2026-11-27 = []
[[blocks]]
name = "deep work"
days = "mon"
time = "09:00-11:00"
only = "#writing"
[breaks]
lunch = { window = "11:30-14:00", minutes = 45 }
[quota]
exercise = "2/week 30m"
[daily]
write = true
"""
NOTES = {
    "mdtasks.toml": SHAPE,
    "2026-11-23.md": "Dear diary,\n",
    "Work.md": "- [ ] Write the offer #writing ⏱ 1h\n- [ ] Sort the shelf ⏱ 1h\n",
}
TUESDAY = "2026-11-24T08:30"
FRIDAY = "2026-11-27T08:30"


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault(NOTES)


def blocks(root: Path, now: str = "2026-11-23T08:30") -> list[str]:
    """Return the plan as "23 09:00 focus Write the offer"."""
    found = mdtasks(root, "plan", "--json", now=now).json["blocks"]
    return [f"{b['start'][8:10]} {b['start'][11:16]} {b['kind']} {b['title']}" for b in found]


def test_the_plan_keeps_what_the_person_shaped(root: Path) -> None:
    found = blocks(root)
    assert "23 09:00 focus Write the offer #writing" in found
    assert "23 12:20 break lunch" in found
    assert not any(row.startswith("27") for row in found)
    assert len([row for row in found if row.endswith("exercise")]) == 2
    sort = next(row for row in found if "Sort" in row)
    assert sort >= "23 11:00"


def test_today_shows_lunch_and_counts_it_as_no_work(root: Path) -> None:
    shown = mdtasks(root, "today").out.decode()
    assert "lunch" in shown
    assert "in 3 blocks" in shown
    plain = mdtasks(root, "today", "--plain").out.decode()
    assert "12:20–13:05 lunch\n" in plain


def test_a_day_of_nothing_but_lunch_is_empty(vault: MakeVault) -> None:
    root = vault({"mdtasks.toml": SHAPE.replace('exercise = "2/week 30m"', "")})
    assert "Nothing is open" in mdtasks(root, "today").out.decode()


def test_the_daily_note_holds_the_tasks_and_no_breaks(root: Path) -> None:
    sync(root)
    words = "\n".join(section_of(root, "2026-11-23.md"))
    assert "Write the offer" in words
    assert "lunch" not in words
    assert "exercise" not in words


def test_the_feed_holds_the_sessions_and_no_breaks(root: Path) -> None:
    feed = mdtasks(root, "calendar").out.decode()
    assert feed.count("SUMMARY:exercise") == 2
    assert "lunch" not in feed
    assert "deep work" not in feed


def test_sessions_keep_their_events_when_the_index_is_gone(root: Path) -> None:
    sync(root)
    before = {row for row in _feed(root).splitlines() if row.startswith("UID")}
    forget_index(root)
    sync(root, TUESDAY)
    feed = _feed(root, TUESDAY)
    assert before <= {row for row in feed.splitlines() if row.startswith("UID")}
    assert feed.count("SUMMARY:exercise") == 3  # two of this week, the first of the next


def _feed(root: Path, now: str = "2026-11-23T08:30") -> str:
    return mdtasks(root, "calendar", now=now).out.decode()


def test_a_tick_is_a_session_of_this_week(root: Path) -> None:
    note = root / "Sport.md"
    note.write_text("- [x] Ran #exercise ✅ 2026-11-23\n", encoding="utf-8")
    found = [row for row in blocks(root, "2026-11-24T08:30") if row.endswith("exercise")]
    assert [row[:2] for row in found] == ["26", "30"]


def test_a_session_with_an_open_task_that_is_over_makes_no_new_plan(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "Sport.md").write_text("- [ ] Run #exercise\n", encoding="utf-8")
    assert any("Run #exercise" in row for row in blocks(root))
    blocks(root, "2026-11-23T16:55")
    from mdtasks.plan import schedule

    def never(*args: object) -> object:
        raise AssertionError("planned again")

    monkeypatch.setattr(schedule, "plan_days", never)
    assert any("Run #exercise" in row for row in blocks(root, "2026-11-23T16:56"))


# Three ways to write a time


@pytest.mark.parametrize(
    ("note", "line"),
    [
        ("Calls.md", "- [ ] Call Bo ⏳ 2026-11-23 12:30 ⏱ 30m"),
        ("Calls.md", "- [ ] 12:30 - 13:00 Call Bo ⏳ 2026-11-23"),
        ("2026-11-23.md", "- [ ] 12:30 Call Bo ⏱ 30m"),
    ],
)
def test_a_written_time_stands_and_lunch_makes_room(root: Path, note: str, line: str) -> None:
    (root / note).write_text(f"{line}\n", encoding="utf-8")
    found = blocks(root)
    assert "23 12:30 fixed Call Bo" in found
    assert "23 11:45 break lunch" in found


def test_a_time_changed_in_the_daily_section_stands_in_a_block_and_says_so(root: Path) -> None:
    sync(root)
    note = root / "2026-11-23.md"
    text = text_of(root, "2026-11-23.md")
    row = next(row for row in text.splitlines() if "Sort the shelf" in row)
    begins, ends = row[6:11], row[14:19]
    moved = row.replace(f"{begins} - {ends}", "10:00 - 11:00")
    note.write_text(text.replace(row, moved), encoding="utf-8")
    sync(root)
    found = mdtasks(root, "plan", "--json").json["blocks"]
    block = next(block for block in found if block["title"] == "Sort the shelf")
    assert (block["kind"], block["start"][11:16]) == ("fixed", "10:00")
    assert block["reason"] == "you wrote 10:00, overlaps “deep work”"


def test_times_across_each_other_lunch_and_hours_all_stand_and_say_so(root: Path) -> None:
    lines = (
        "- [ ] 11:30 - 13:30 Talk ⏳ 2026-11-23\n"
        "- [ ] 13:00 - 13:15 Call ⏳ 2026-11-23\n"
        "- [ ] 20:00 - 21:00 Choir ⏳ 2026-11-23\n"
    )
    (root / "Calls.md").write_text(lines, encoding="utf-8")
    found = mdtasks(root, "plan", "--json").json["blocks"]
    reasons = {block["title"]: block["reason"] for block in found if block["kind"] == "fixed"}
    assert reasons == {
        "Talk": "you wrote 11:30, overlaps “Call”, overlaps lunch",
        "Call": "you wrote 13:00, overlaps “Talk”, overlaps lunch",
        "Choir": "you wrote 20:00, outside your hours",
    }


def test_today_says_what_is_not_as_wished_and_where_the_rest_stands(vault: MakeVault) -> None:
    quota = '[quota]\nexercise = "7/week 30m"\n'
    root = vault({"a.md": "- [ ] run #exercise ⏱ 30m\n", "mdtasks.toml": quota})
    (said,) = mdtasks(root, "plan", "--json", now=FRIDAY).json["notices"]
    lines = mdtasks(root, "today", now=FRIDAY).lines
    assert lines[-2:] == ["", f"Not as you wished: {said}"]
    assert "Not as" not in mdtasks(root, "today", "--date", "tomorrow", now=FRIDAY).out.decode()
    (root / "mdtasks.toml").write_text(f'{quota}choir = "7/week 30m"\n', "utf-8")
    assert mdtasks(root, "today", now=FRIDAY).lines[-1].endswith("; 1 more: mdtasks plan")
