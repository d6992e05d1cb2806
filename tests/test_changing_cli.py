"""The changing commands at the prompt: several keys, dry runs, refusals, and the way back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import Ran, mdtasks
from tests.test_cli_changes import SERIES, content

NOTE = "- [ ] one\n- [ ] two 📅 2026-11-25\n- [x] old\n- [ ] three ⏳ 2026-11-24 09:00\n"


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"a.md": NOTE, "b.md": SERIES})


def lines(root: Path) -> list[str]:
    return (root / "a.md").read_text("utf-8").splitlines()


CHANGES = [
    ["done", "a.md:1", "b.md:1"],
    ["cancel", "a.md:1"],
    ["skip", "b.md:1"],
    ["start", "a.md:1", "a.md:2"],
    ["postpone", "a.md:1", "a.md:2", "next week"],
    ["hand", "a.md:1", "a.md:2", "Ana"],
    ["add", "new", "--to", "a"],
]


@pytest.mark.parametrize("call", CHANGES, ids=[call[0] for call in CHANGES])
def test_every_change_can_be_tried_carried_out_and_taken_back(root: Path, call: list[str]) -> None:
    before = content(root)
    tried, as_json = mdtasks(root, *call, "--dry-run"), mdtasks(root, *call, "--dry-run", "--json")
    assert (tried.code, as_json.code, content(root)) == (0, 0, before)
    assert mdtasks(root, "undo").code == 1  # a trial is nothing to take back
    ran = mdtasks(root, *call, "--json")
    assert ran.json["changed"] == as_json.json["changed"] != []
    assert as_json.json["dry_run"] is True
    assert "dry_run" not in ran.json
    came = [line for edit in ran.json["changed"] for line in edit["after"]]
    assert {f"+{line}" for line in came} <= {*tried.lines} | {
        f"+{line}" for line in NOTE.split("\n")
    }
    after = content(root)
    assert after != before
    undone = mdtasks(root, "undo", "--dry-run")
    assert (undone.code, undone.lines[0][:3], content(root)) == (0, "---", after)
    assert mdtasks(root, "undo").code == 0
    assert content(root) == before


@pytest.mark.parametrize("call", [c for c in CHANGES if c[0] != "add"], ids=lambda call: call[0])
def test_one_key_that_is_none_stops_all(root: Path, call: list[str]) -> None:
    before = content(root)
    for flags in ([], ["--dry-run"]):
        ran = mdtasks(root, call[0], "zzzz", *call[1:], *flags)
        assert (ran.code, ran.out) == (1, b"")
        assert ran.said[0] == "mdtasks: no task has the key zzzz"
    assert content(root) == before


def test_the_same_key_twice_is_one(root: Path) -> None:
    ran = mdtasks(root, "start", "a.md:1", "./a.md:1", "--json")
    assert len(ran.json["changed"]) == 1


def test_a_refusal_for_one_task_leaves_all_as_they_are(root: Path) -> None:
    before = content(root)
    for call in (["start", "a.md:1", "a.md:3"], ["skip", "b.md:1", "a.md:1"],
                 ["postpone", "a.md:1", "a.md:3", "fri"], ["hand", "a.md:1", "a.md:3", "Ana"],
                 ["hand", "a.md:1", "--mine"], ["hand", "a.md:1", "--rework"]):  # fmt: skip
        ran = mdtasks(root, *call)
        assert (ran.code, ran.out) == (1, b"")
        assert ran.said[1].startswith("hint: ")
    assert content(root) == before


def test_a_dry_run_is_refused_like_the_change(root: Path) -> None:
    (root / "a.md").chmod(0o444)
    real, tried = (mdtasks(root, "start", "a.md:1", *flags) for flags in ([], ["--dry-run"]))
    assert (real.code, real.err) == (tried.code, tried.err) == (1, tried.err)


def test_a_dry_run_shows_several_notes_as_a_patch(root: Path) -> None:
    ran = mdtasks(root, "done", "a.md:1", "b.md:1", "--dry-run")
    assert [line for line in ran.lines if line[:4] in ("--- ", "+++ ", "@@ -")] == [
        "--- a.md", "+++ a.md", "@@ -1,4 +1,4 @@", "--- b.md", "+++ b.md", "@@ -1 +1,2 @@",
    ]  # fmt: skip


def test_nothing_to_change_is_said_and_fine(root: Path) -> None:
    mdtasks(root, "start", "a.md:1")
    for call, words in (
        (["start", "a.md:1"], "a.md:1 one: it is in progress already"),
        (["postpone", "a.md:4", "tomorrow"], "a.md:4 three: it is scheduled then already"),
        (["skip", "a.md:3"], "a.md:3 old: it is closed already"),
    ):
        ran = mdtasks(root, *call)
        assert (ran.code, ran.out, ran.said) == (0, b"", [f"mdtasks: nothing to change: {words}"])
        ran = mdtasks(root, *call, "--dry-run")
        assert (ran.code, ran.said) == (0, ["mdtasks: nothing would change"])


# postpone


def postpone(root: Path, *words: str) -> Ran:
    return mdtasks(root, "postpone", *words)


def test_postpone_says_what_stays(root: Path) -> None:
    ran = postpone(root, "a.md:2", "fri")
    assert ran.lines[-1] == "due stays Wed 25 Nov, which is earlier; scheduled Fri 27 Nov"
    assert lines(root)[1] == "- [ ] two 📅 2026-11-25 ⏳ 2026-11-27"
    ran = postpone(root, "a.md:1", "a.md:4", "fri")
    assert ran.lines[-2:] == ["a.md:1: scheduled Fri 27 Nov", "a.md:4: scheduled Fri 27 Nov 09:00"]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["fri", "14:00"], "- [ ] one ⏳ 2026-11-27 14:00"),
        (["fri 14:00"], "- [ ] one ⏳ 2026-11-27 14:00"),
        (["next", "week"], "- [ ] one ⏳ 2026-11-30"),
        (["+3d"], "- [ ] one ⏳ 2026-11-26"),
        (["dec", "1"], "- [ ] one ⏳ 2026-12-01"),
        (["2026-12-01"], "- [ ] one ⏳ 2026-12-01"),
        (["today"], "- [ ] one ⏳ 2026-11-23"),
        (["3pm"], "- [ ] one ⏳ 2026-11-23 15:00"),
    ],
)
def test_the_day_may_be_several_words(root: Path, words: list[str], line: str) -> None:
    assert postpone(root, "a.md:1", *words).code == 0
    assert lines(root)[0] == line


def test_a_time_alone_is_for_the_day_that_the_task_has(root: Path) -> None:
    postpone(root, "a.md:4", "3pm")
    assert lines(root)[3] == "- [ ] three ⏳ 2026-11-24 15:00"


@pytest.mark.parametrize(
    ("words", "warned"),
    [
        (["a.md:1", "a.md:2", "fri 9:00"], "09:00 on Fri 27 Nov: one; two"),
        (["a.md:1", "a.md:2", "a.md:4", "fri 9:00-9:30"], "09:00 on Fri 27 Nov: one; two"),
        (["a.md:1", "a.md:2", "fri"], ""),
        (["a.md:1", "a.md:4", "fri"], ""),
        (["a.md:1", "fri 9:00"], ""),
    ],
)
def test_tasks_that_are_laid_over_each_other_are_moved_and_named(
    root: Path, words: list[str], warned: str
) -> None:
    tried = postpone(root, *words, "--dry-run")
    ran = postpone(root, *words)
    assert (ran.code, tried.err) == (0, ran.err)
    assert ran.said == ([f"mdtasks: these lie over each other at {warned}"] if warned else [])
    assert sum("⏳ 2026-11-27" in line for line in lines(root)) == len(words) - 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a.md:1"], "say until when"),
        (["a.md:1", "someday"], "someday is no day"),
        (["a.md:1", "2026-11-22"], "2026-11-22 has passed: Sun 22 Nov"),
        (["a.md:1", "yesterday"], "yesterday has passed: Sun 22 Nov"),
        (["a.md:1", "last", "friday"], "last friday has passed: Fri 20 Nov"),
        (["a.md:1", "2026-02-30"], "2026-02-30 is no day"),
    ],
)
def test_a_day_that_is_none_is_a_wrong_call(root: Path, words: list[str], message: str) -> None:
    before = content(root)
    ran = postpone(root, *words)
    assert (ran.code, ran.out) == (2, b"")
    assert ran.said[0] == f"mdtasks: {message}"
    assert content(root) == before


def test_a_task_of_a_daily_note_gets_a_day_of_its_own(vault: MakeVault) -> None:
    root = vault({"2026-11-23.md": "- [ ] 09:00 call\n"})
    assert postpone(root, "2026-11-23.md:1", "tomorrow").code == 0
    assert (root / "2026-11-23.md").read_text("utf-8") == "- [ ] 09:00 call ⏳ 2026-11-24\n"


def test_skipping_tells_that_a_series_has_ended(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] a 🔁 every day until November 23, 2026 ⏳ 2026-11-23\n"})
    assert mdtasks(root, "skip", "a.md:1").lines[-1] == "a.md:1: the series ends here"
