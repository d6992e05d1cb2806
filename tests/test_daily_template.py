"""A day's note that is made for the plan begins as the person's template has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from mdtasks.write.day_template import filled
from tests.conftest import MakeVault
from tests.sections import DAY, END, NOTE, SETTINGS, START, WRITE, section_of, sync, text_of

NOW = datetime(2026, 11, 23, 8, 5, 9)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{{date}} {{time}} {{title}}", "2026-11-23 08:05 Mon"),
        ("{{ Date }}|{{TITLE}}", "2026-11-23|Mon"),
        ("{{date:dddd, D MMMM YYYY}}", "Monday, 23 November 2026"),
        ("{{time:H:m:ss}} {{time:hh:mm A}} {{time:h a}}", "8:5:09 08:05 AM 8 am"),
        ("{{time:YYYY-MM-DD}} {{date:HH:mm}}", "2026-11-23 08:05"),
        ("{{date:[Hmmm] YYYY[a]}}", "Hmmm 2026a"),
        ("{{date+1d}} {{tomorrow}} {{title:x}} {{date:}}", None),
        ("<% tp.date.now() %> {{ date", None),
    ],
)
def test_braces_mean_what_they_mean_to_obsidian(text: str, wanted: str | None) -> None:
    assert filled(text.encode(), "Mon", NOW) == (text if wanted is None else wanted).encode()


def test_bytes_and_line_ends_of_a_template_stay_and_a_title_is_not_filled_in_again() -> None:
    template = b"\xef\xbb\xbf# {{title}}\r\ncaf\xe9\r"
    assert filled(template, r"{{date}} \1", NOW) == b"\xef\xbb\xbf# {{date}} \\1\r\ncaf\xe9\r"


def made(vault: MakeVault, notes: Mapping[str, str], named: str = "Templates/Daily") -> Path:
    return vault(
        {
            "mdtasks.toml": SETTINGS,
            "Work.md": WRITE,
            ".obsidian/daily-notes.json": json.dumps({"template": named}),
            **notes,
        }
    )


@pytest.mark.parametrize("named", ["Templates/Daily", "Templates/Daily.md", "/Templates/Daily"])
def test_the_note_is_made_from_the_template_that_obsidian_names(
    vault: MakeVault, named: str
) -> None:
    root = made(vault, {"Templates/Daily.md": "# {{date}}\n\n## Thanks for\n"}, named)
    sync(root)
    note = text_of(root)
    assert note.startswith(f"# {DAY}\n\n## Thanks for\n\n## Day planner\n\n{START}\n- [ ] 09:00")
    assert sync(root) == []
    assert text_of(root) == note


def test_a_heading_that_the_template_has_for_the_plan_gets_it(vault: MakeVault) -> None:
    template = "# {{title}}\n\n## Day planner\n\n## Evening\n\n- [ ] Read\n"
    root = made(vault, {"Templates/Daily.md": template})
    sync(root)
    before, _, rest = text_of(root).partition(START)
    assert before == f"# {DAY}\n\n## Day planner\n\n"
    assert rest.partition(END)[2] == "\n\n## Evening\n\n- [ ] Read\n"
    assert len(section_of(root)) == 1


def test_a_template_that_holds_the_marks_says_where_the_plan_goes(vault: MakeVault) -> None:
    root = made(vault, {"Templates/Daily.md": f"Top\n\n{START}\n{END}\n\nBottom\n"})
    sync(root)
    note = text_of(root)
    assert (note.startswith("Top\n\n"), note.endswith("\n\nBottom\n")) == (True, True)
    assert len(section_of(root)) == 1


@pytest.mark.parametrize("named", ["Templates/Gone", "Templates", "../outside"])
def test_a_template_that_cannot_be_read_is_said_once_and_the_note_is_made_without(
    vault: MakeVault, named: str
) -> None:
    root = made(vault, {"Templates/x.md": "x\n"}, named)
    (root.parent / "outside.md").write_text("secret\n")
    said = " ".join(sync(root))
    assert "template" in said
    assert text_of(root).startswith("## Day planner\n")


def test_a_template_in_which_no_section_can_stand_is_said_and_left(vault: MakeVault) -> None:
    root = made(vault, {"Templates/Daily.md": "```\nopen\n"})
    (said,) = sync(root)
    assert said.startswith("Templates/Daily.md:2: ")
    assert "made without the template" in said
    assert text_of(root).startswith("## Day planner\n")


def test_a_note_that_is_there_already_gets_no_template(vault: MakeVault) -> None:
    root = made(vault, {"Templates/Daily.md": "# {{date}}\n", NOTE: "mine\n"})
    sync(root)
    assert text_of(root).startswith("mine\n\n## Day planner\n")


def test_without_a_plan_no_note_is_made(vault: MakeVault) -> None:
    root = made(vault, {"Templates/Daily.md": "# {{date}}\n", "Work.md": "nothing\n"})
    sync(root)
    assert not (root / NOTE).exists()


def test_mdtasks_toml_names_another_template_or_none(vault: MakeVault) -> None:
    notes = {"Templates/Daily.md": "# theirs\n", "T/mine.md": "# {{title}}\n"}
    root = made(vault, {**notes, "mdtasks.toml": f'{SETTINGS}template = "T/mine"\n'})
    sync(root)
    assert text_of(root).startswith(f"# {DAY}\n\n## Day")
    (root / NOTE).unlink()
    (root / "mdtasks.toml").write_text(f'{SETTINGS}template = ""\n')
    sync(root)
    assert text_of(root).startswith("## Day planner")


@pytest.mark.parametrize(
    ("note", "above"),
    [
        ("# Day Planner #\nmine\n", "# Day Planner #\n\n"),
        ("## Day planner", "## Day planner\n\n"),
        ("```\n## Day planner\n```\n", "```\n## Day planner\n```\n\n## Day planner\n\n"),
        ("<!--\n## Day planner\n-->\n", "<!--\n## Day planner\n-->\n\n## Day planner\n\n"),
        ("Day planner\n", "Day planner\n\n## Day planner\n\n"),
    ],
)
def test_a_note_that_has_the_heading_gets_no_second_one(
    vault: MakeVault, note: str, above: str
) -> None:
    root = made(vault, {NOTE: note})
    sync(root)
    assert text_of(root).partition(START)[0] == above
    assert ("mine" in note) == text_of(root).endswith(f"{END}\n\nmine\n")
