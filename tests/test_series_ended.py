"""A task that repeats and was ticked where nobody knows the rule: found, and gone on with on
request."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import NOW, mdtasks
from tests.sections import edit, text_of

ENDED = "ticked, but its next one was not written"
WATER = "- [ ] water 🔁 every week 📅 2026-11-20"
TICKED = WATER.replace("[ ]", "[x]")
NEXT = "- [ ] water 🔁 every week 📅 2026-11-27"


def found(root: Path, now: str = NOW) -> list[str]:
    """Return the lines of `check` that name a series that ended."""
    return [line for line in mdtasks(root, "check", "--faults", now=now).lines if ENDED in line]


def ticked(root: Path, before: str = WATER) -> None:
    """Tick a box as an editor does, after the index has seen it open."""
    mdtasks(root, "index")
    edit(root, before, before.replace("[ ]", "[x]"), "a.md")


def test_a_tick_in_an_editor_that_ended_a_series_is_found(vault: MakeVault) -> None:
    root = vault({"a.md": f"{WATER}\n"})
    assert found(root) == []
    ticked(root)
    assert found(root) == [f"a.md:1: {ENDED}: it repeats `every week`"]
    assert mdtasks(root, "check").code == 1


def test_the_next_one_is_written_above_as_done_does_and_undo_takes_it_back(
    vault: MakeVault,
) -> None:
    root = vault({"a.md": f"# Home\r\n\r\n    {WATER[2:]}\r\n{WATER} 🆔 w ^w\r\n- [ ] tea\r\n"})
    ticked(root, f"{WATER} 🆔 w ^w")
    before = text_of(root, "a.md")
    shown = mdtasks(root, "check", "--fix").lines
    assert f"+{NEXT}" in shown
    assert text_of(root, "a.md") == before
    mdtasks(root, "check", "--fix", "--yes")
    assert text_of(root, "a.md") == before.replace(TICKED, f"{NEXT}\r\n{TICKED}")
    assert found(root) == []
    undone = mdtasks(root, "undo").lines
    assert undone == ["a.md:4", f"- {NEXT}"]
    assert text_of(root, "a.md") == before


def test_it_stands_below_where_that_is_wished_for(vault: MakeVault) -> None:
    root = vault({"mdtasks.toml": '[write]\nnext_line = "below"\n', "a.md": f"{WATER}\n"})
    ticked(root)
    mdtasks(root, "check", "--fix", "--yes")
    assert text_of(root, "a.md") == f"{TICKED}\n{NEXT}\n"


def test_when_done_counts_from_the_day_on_which_the_tick_was_seen(vault: MakeVault) -> None:
    line = "- [ ] water 🔁 every 3 days when done 📅 2026-11-20"
    root = vault({"a.md": f"{line}\n"})
    ticked(root, line)
    mdtasks(root, "index", now="2026-11-24")
    mdtasks(root, "check", "--fix", "--yes", now="2026-11-26")
    assert text_of(root, "a.md").splitlines()[0].endswith("📅 2026-11-27")


@pytest.mark.parametrize(
    "line",
    [
        f"{TICKED} ✅ 2026-11-20",  # by whoever knows the rule: the next was removed on purpose
        TICKED.replace("[x]", "[-]"),  # cancelled, which ends a series
        "- [x] water 🔁 every week until November 22, 2026 📅 2026-11-20",  # it has run out
        "- [x] water 🔁 every so often 📅 2026-11-20",  # no rule
        f"{TICKED}\n- [ ] something else\n- [ ] Water again",
        f"{TICKED}\n- [ ] water 📅 2026-12-01",
        f"{NEXT}\n{TICKED}",
        f"{TICKED}\n{NEXT.replace('[ ]', '[/]')}",
        f"{NEXT.replace('[ ]', '[-]')}\n{TICKED}",
        f"{NEXT.replace('[ ]', '[x]')} ✅ 2026-11-23\n{TICKED}",
    ],
)
def test_what_goes_on_or_was_ended_on_purpose_is_no_fault(vault: MakeVault, line: str) -> None:
    root = vault({"a.md": f"{line}\n"})
    is_other = "Water again" in line
    assert bool(found(root)) is is_other


def test_a_series_that_goes_on_in_another_note_has_not_ended(vault: MakeVault) -> None:
    root = vault({"archive.md": f"{TICKED}\n", "home.md": f"{NEXT}\n"})
    assert found(root) == []
    edit(root, NEXT, "", "home.md")
    assert [line.split(":")[0] for line in found(root)] == ["archive.md"]


def test_a_habit_that_a_template_puts_into_each_daily_note_goes_on(vault: MakeVault) -> None:
    root = vault({"2026-11-22.md": "- [x] meditate 🔁 every day\n"})
    assert found(root) == []


def test_of_many_ticked_ones_the_last_is_named(vault: MakeVault) -> None:
    older = "- [x] water 🔁 every week 📅 2026-11-13"
    root = vault({"a.md": f"{older}\n{TICKED}\n"})
    assert [line.split(": ")[0] for line in found(root)] == ["a.md:2"]


def test_what_was_ticked_long_ago_is_named_and_left_to_the_person(vault: MakeVault) -> None:
    root = vault({"a.md": "- [x] water 🔁 every week 📅 2024-11-20\n- [x] dust 🔁 every week\n"})
    lines = mdtasks(root, "check", "--faults").lines
    assert len(found(root)) == 2
    assert [line for line in lines if "hint" in line] == [
        "  hint: open the box and tick it with mdtasks; or remove the rule, if it is to end here"
    ] * 2
    assert not any(line.startswith("+- [ ]") for line in mdtasks(root, "check", "--fix").lines)


def test_with_stamped_days_a_tick_of_the_last_days_counts_as_one_of_an_editor(
    vault: MakeVault,
) -> None:
    root = vault({"mdtasks.toml": "[write]\nstamp_done = true\n", "a.md": f"{WATER}\n"})
    ticked(root)
    mdtasks(root, "sync")
    assert text_of(root, "a.md") == f"{TICKED} ✅ 2026-11-23\n"
    assert len(found(root)) == 1
    mdtasks(root, "check", "--fix", "--yes")
    assert text_of(root, "a.md") == f"{NEXT}\n{TICKED} ✅ 2026-11-23\n"


def test_doctor_says_how_many_series_ended(vault: MakeVault) -> None:
    root = vault({"a.md": f"{WATER}\n"})
    assert "series" not in mdtasks(root, "doctor").out.decode()
    ticked(root)
    (line,) = (line for line in mdtasks(root, "doctor").lines if "repeats" in line)
    assert line == "  1 task ticked in an editor, though it repeats"
