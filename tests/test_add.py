"""`mdtasks add` at the prompt: where it writes, what it says, and the way back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdtasks.write import new_notes
from tests.conftest import MakeVault
from tests.running import Ran, mdtasks
from tests.test_cli_changes import content
from tests.ticking import has_leases


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"a.md": "# One\n\n* [ ] one\n\n## Two\n", "Sub/b.md": "- [ ] two\r\n"})


def add(root: Path, *words: str) -> Ran:
    return mdtasks(root, "add", *words)


def test_the_first_task_makes_the_inbox_and_undo_takes_it_away(root: Path) -> None:
    before = content(root)
    ran = add(root, "call dentist tomorrow 10m !high #home")
    assert ran.code == 0
    assert ran.lines[:2] == ["Inbox.md:1", "+ - [ ] call dentist #home ⏱ 10m ⏫ ⏳ 2026-11-24"]
    assert ran.lines[2].startswith("scheduled Tue 24 Nov, 10m, high · key ")
    assert (root / "Inbox.md").read_text("utf-8") == (
        "- [ ] call dentist #home ⏱ 10m ⏫ ⏳ 2026-11-24\n"
    )
    assert mdtasks(root, "undo").code == 0
    assert content(root) == before
    assert [path.name for path in root.iterdir() if path.is_file()] == ["a.md"]


def test_an_inbox_in_a_folder_is_made_with_it(root: Path) -> None:
    (root / "mdtasks.toml").write_text('[add]\nnote = "In/Tray"\n')
    assert add(root, "one").lines[0] == "In/Tray.md:1"
    assert mdtasks(root, "undo").code == 0
    assert not (root / "In" / "Tray.md").exists()


def test_an_inbox_that_holds_more_since_is_kept_by_undo(root: Path) -> None:
    add(root, "one")
    with (root / "Inbox.md").open("a") as file:
        file.write("mine\n")
    assert mdtasks(root, "undo").code == 0
    assert (root / "Inbox.md").read_text() == "mine\n"


def test_an_empty_inbox_that_was_there_before_is_kept_by_undo(root: Path) -> None:
    (root / "Inbox.md").write_bytes(b"")
    add(root, "one")
    assert (root / "Inbox.md").read_bytes() == b"- [ ] one\n"
    mdtasks(root, "undo")
    assert (root / "Inbox.md").read_bytes() == b""


def test_undo_goes_back_step_by_step(root: Path) -> None:
    before = content(root)
    for text in ("one", "two", "two"):
        assert add(root, text).code == 0
    assert (root / "Inbox.md").read_bytes() == b"- [ ] one\n- [ ] two\n- [ ] two\n"
    for _ in range(3):
        assert mdtasks(root, "undo").code == 0
    assert content(root) == before


def test_undo_of_an_added_line_leaves_what_changed_around_it(root: Path) -> None:
    add(root, "new", "--to", "a", "--heading", "One")
    text = (root / "a.md").read_text().replace("* [ ] one", "* [x] one, and more")
    (root / "a.md").write_text(f"top\n{text}")
    assert mdtasks(root, "undo").code == 0
    assert (root / "a.md").read_text() == "top\n# One\n\n* [x] one, and more\n\n## Two\n"


@pytest.mark.parametrize("note", ["Sub/b.md", "Sub/b", "b", "b.md", "B", "./Sub/b.md"])
def test_a_note_is_named_by_its_path_or_name(root: Path, note: str) -> None:
    assert add(root, "three", "--to", note).lines[0] == "Sub/b.md:2"
    assert (root / "Sub/b.md").read_bytes() == b"- [ ] two\r\n- [ ] three\r\n"


@pytest.mark.parametrize("note", ["c", "../a.md", "/etc/passwd", "", "mdtasks.toml"])
def test_no_other_note_is_ever_made(root: Path, note: str) -> None:
    before = content(root)
    ran = add(root, "three", "--to", note)
    assert (ran.code, ran.out) == (2, b"")
    assert ran.said[0] == f"mdtasks: no note is called {note}"
    assert content(root) == before


def test_a_name_that_several_notes_have_is_refused_with_their_paths(vault: MakeVault) -> None:
    root = vault({"x/a.md": "- [ ] one\n", "y/a.md": "- [ ] one\n"})
    ran = add(root, "two", "--to", "a")
    assert ran.code == 2
    assert ran.said == ["mdtasks: 2 notes are called a", "hint: x/a.md", "      y/a.md"]


def test_a_heading_names_the_list(root: Path) -> None:
    ran = add(root, "new", "--to", "a", "--heading", "one")
    assert ran.lines[:2] == ["a.md:4", "+ * [ ] new"]
    assert (root / "a.md").read_text() == "# One\n\n* [ ] one\n* [ ] new\n\n## Two\n"


def test_a_heading_that_is_not_there_is_refused_with_those_that_are(root: Path) -> None:
    ran = add(root, "new", "--to", "a", "--heading", "Three")
    assert ran.code == 2
    assert ran.said == ["mdtasks: a.md: no heading is called Three", "hint: # One", "      ## Two"]
    ran = add(root, "new", "--heading", "Three")
    assert ran.said[0] == "mdtasks: Inbox.md is not there yet, and has no headings"
    assert not (root / "Inbox.md").exists()


def test_a_dry_run_shows_the_diff_and_changes_nothing(root: Path) -> None:
    before = content(root)
    ran = add(root, "new fri", "--to", "a", "--heading", "One", "--dry-run")
    assert ran.code == 0
    assert ran.lines == [
        "--- a.md",
        "+++ a.md",
        "@@ -1,5 +1,6 @@",
        " # One",
        " ",
        " * [ ] one",
        "+* [ ] new ⏳ 2026-11-27",
        " ",
        " ## Two",
        "scheduled Fri 27 Nov",
    ]
    ran = add(root, "new", "--dry-run")
    assert ran.lines == ["--- /dev/null", "+++ Inbox.md", "@@ -0,0 +1 @@", "+- [ ] new"]
    shown = add(root, "new", "--dry-run", "--json").json
    assert shown["dry_run"] is True
    assert shown["changed"] == [
        {"path": "Inbox.md", "line": 1, "before": "", "after": ["- [ ] new"]}
    ]
    assert content(root) == before
    assert mdtasks(root, "undo").code == 1


def test_the_json_tells_the_task(root: Path) -> None:
    shown = add(root, "new", "fri", "--to", "a", "--json").json
    assert shown["changed"] == [
        {"path": "a.md", "line": 6, "before": "", "after": ["* [ ] new ⏳ 2026-11-27"]}
    ]
    assert shown["understood"] == "scheduled Fri 27 Nov"
    assert (shown["task"]["text"], shown["task"]["scheduled"]) == ("new", "2026-11-27")
    assert mdtasks(root, "show", shown["task"]["key"]).code == 0


def test_a_task_pasted_from_a_note_is_no_option(root: Path) -> None:
    assert add(root, "- [ ] buy milk").lines[1] == "+ - [ ] buy milk"
    assert add(root, "--haeding", "x").code == 2


@pytest.mark.parametrize("text", ["", "  ", "\n", "a\x1b[31mred", "a %% b"])
def test_a_text_that_no_line_should_hold_is_a_wrong_call(root: Path, text: str) -> None:
    before = content(root)
    ran = add(root, text)
    assert (ran.code, ran.out) == (2, b"")
    assert content(root) == before


def test_set_created_and_a_global_filter_count(root: Path) -> None:
    (root / "mdtasks.toml").write_text(
        '[read]\nglobal_filter = "#task"\n[write]\nset_created = true\n'
    )
    assert add(root, "new").lines[1] == "+ - [ ] new #task ➕ 2026-11-23"


def test_a_note_that_is_left_out_is_told(root: Path) -> None:
    (root / "mdtasks.toml").write_text('[read]\nignore = ["Inbox.md"]\n')
    ran = add(root, "new")
    assert ran.said == [
        "mdtasks: Inbox.md is left out by `read.ignore`, so no list shows this task"
    ]
    assert "key" not in ran.lines[-1]


def test_a_note_that_may_not_be_written_is_refused(root: Path) -> None:
    (root / "a.md").chmod(0o444)
    for flags in ([], ["--dry-run"]):
        ran = add(root, "new", "--to", "a", *flags)
        assert ran.code == 1
        assert ran.said[0] == "mdtasks: a.md: this note is write-protected; nothing was written"


ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
WORDS = (
    "- [ ] [x] %% ` `` ``` <!-- --> <div> | # #tag ^id 📅 2026-12-01 ⏳ 🔁 every week ⏱ 10m "
    "[due:: 2026-12-01] [[x]] \\ * _ ~~~ --- === tomorrow fri !high 9am 10:00 - 11:00 (1h) "
    "\u200b \ufeff ❌ ✅"
)
MARKED = st.lists(st.sampled_from([*WORDS.split(), "\u00a0"]), max_size=8).map(" ".join)


@given(text=ANY | MARKED)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_makes_one_task_or_none_and_touches_no_other_line(
    vault: MakeVault, text: str
) -> None:
    note = "# One\n\n- [ ] one 📅 2026-12-01\n  - [ ] two\n\n## Two\n\n- [ ] three"
    root = vault({"a.md": note})
    before = mdtasks(root, "list", "--all", "--json").json["tasks"]
    ran = mdtasks(root, "add", "--to", "a", "--heading", "One", "--json", "--", text)
    after = mdtasks(root, "list", "--all", "--json").json["tasks"]
    data = (root / "a.md").read_text("utf-8")
    if ran.code:
        assert ran.code in (1, 2)
        assert (data, after) == (note, before)
        return
    (edit,) = ran.json["changed"]
    task = ran.json["task"]
    lines = data.split("\n")
    assert lines.pop(edit["line"] - 1) == edit["after"][0]
    assert "\n".join(lines) == note
    assert len(after) == len(before) + 1
    assert task["uid"] not in {task["uid"] for task in before}
    assert {t["uid"]: t["text"] for t in after} == (
        {t["uid"]: t["text"] for t in before} | {task["uid"]: task["text"]}
    )
    assert mdtasks(root, "undo").code == 0
    assert (root / "a.md").read_text("utf-8") == note


def test_a_new_note_that_somebody_has_open_or_did_not_come_from_us_is_kept(tmp_path: Path) -> None:
    root, state = tmp_path / "vault", tmp_path / "state"
    root.mkdir()
    new_notes.make(root, state, "a.md", print)
    (root / "b.md").touch()
    assert not new_notes.remove_if_empty(root, state, "b.md")
    if has_leases(root):
        with (root / "a.md").open("rb"):
            assert not new_notes.remove_if_empty(root, state, "a.md")
    assert new_notes.remove_if_empty(root, state, "a.md")
    assert [path.name for path in root.iterdir()] == ["b.md"]
    assert not new_notes.remove_if_empty(root, state, "a.md")


def test_the_inbox_may_be_named_like_any_note(root: Path) -> None:
    assert add(root, "one", "--to", "Inbox.md").lines[0] == "Inbox.md:1"
    assert add(root, "two", "--to", "inbox").lines[0] == "Inbox.md:2"


def test_an_inbox_in_other_letters_is_the_same(vault: MakeVault) -> None:
    root = vault({"inbox.md": "- [ ] one\n"})
    assert add(root, "two").lines[0] == "inbox.md:2"
