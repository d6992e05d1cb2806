"""A vault in another dialect, from list to done and back again."""

from __future__ import annotations

import pytest

from tests.conftest import MakeVault
from tests.running import mdtasks

TASK_NOTE = "---\ntitle: Write\ntags: [task]\nstatus: open\ndue: 2026-11-23\n---\nAll of it.\n"
TASK_NOTE_DONE = TASK_NOTE.replace("open\n", "done\ncompletedDate: 2026-11-23\n")


@pytest.mark.parametrize(
    ("dialect", "before", "after"),
    [
        (
            "noteplan",
            "* [ ] Write >2026-11-23\n",
            "* [x] Write >2026-11-23 @done(2026-11-23 08:30)\n",
        ),
        (
            "noteplan",
            "- [ ] Write @repeat(1w) >2026-11-23\n",
            "- [ ] Write @repeat(1w) >2026-11-30\n"
            "- [x] Write @repeat(1w) >2026-11-23 @done(2026-11-23 08:30)\n",
        ),
        (
            "todotxt",
            "- [ ] (A) Write due:2026-11-23\n",
            "- [x] (A) Write due:2026-11-23 completed:2026-11-23\n",
        ),
        (
            "kanban",
            "- [ ] Write @{2026-11-23} @@{20:26}\n",
            "- [x] Write @{2026-11-23} @@{20:26}\n",
        ),
        ("reminder", "- [ ] Write (@2026-11-23 09:00)\n", "- [x] Write (@2026-11-23 09:00)\n"),
        ("tasknotes", TASK_NOTE, TASK_NOTE_DONE),
    ],
)
def test_what_is_for_today_is_shown_ticked_and_taken_back(
    vault: MakeVault, dialect: str, before: str, after: str
) -> None:
    root = vault({"mdtasks.toml": f'[read]\ndialects = ["{dialect}"]\n', "Note.md": before})
    assert b"Write" in mdtasks(root, "today").out
    (task,) = mdtasks(root, "list", "--json").json["tasks"]
    assert (task["text"], task["due"] or task["scheduled"]) == ("Write", "2026-11-23")
    assert mdtasks(root, "done", task["key"]).code == 0
    assert (root / "Note.md").read_text("utf-8") == after
    assert mdtasks(root, "undo").code == 0
    assert (root / "Note.md").read_text("utf-8") == before


def test_a_task_note_that_repeats_is_refused(vault: MakeVault) -> None:
    text = TASK_NOTE.replace("due:", "recurrence: FREQ=DAILY\ndue:")
    root = vault({"mdtasks.toml": '[read]\ndialects = ["tasknotes"]\n', "Note.md": text})
    ran = mdtasks(root, "done", "Note.md:4")
    assert (ran.code, ran.out) == (1, b"")
    assert ran.said == [
        "mdtasks: Note.md:4: it repeats, and TaskNotes keeps its days in a list; "
        "nothing was written",
        "hint: change its status in TaskNotes",
    ]
    assert (root / "Note.md").read_text("utf-8") == text


def test_an_impossible_date_is_named_by_check(vault: MakeVault) -> None:
    text = "- [ ] a >2026-02-30\n- [ ] b >2026-W60\n- [ ] c >today\n- [ ] d @repeat(3b)\n"
    root = vault({"mdtasks.toml": '[read]\ndialects = ["noteplan"]\n', "Note.md": text})
    found = mdtasks(root, "check", "--json").json["problems"]
    assert [(each["line"], each["message"]) for each in found] == [
        (1, "scheduled 2026-02-30: there is no such day"),
        (2, "scheduled 2026-W60: there is no such day"),
        (4, "`3b` is no recurrence rule; the task does not repeat"),
    ]
