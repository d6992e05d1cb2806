"""KEY, done and undo at the prompt: what changes, what does not, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import Ran, mdtasks

SERIES = "- [ ] Water the plants 🔁 every week 📅 2026-11-23\n"


def keys(root: Path) -> dict[str, str]:
    """Return the key of each task by its text."""
    tasks = mdtasks(root, "list", "--all", "--json").json["tasks"]
    return {task["text"]: task["key"] for task in tasks}


def content(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.rglob("*.md")}


def changed(ran: Ran) -> list[tuple[str, int, str, list[str]]]:
    return [tuple(edit.values()) for edit in ran.json["changed"]]


# --- KEY ---


@pytest.fixture
def three(vault: MakeVault) -> Path:
    return vault({"a.md": "- [ ] one\n- [ ] two\n", "Sub/b c.md": "- [ ] three ^end\n"})


@pytest.mark.parametrize("length", [3, 8, 36])
def test_a_prefix_of_the_uid_names_a_task_in_either_case(three: Path, length: int) -> None:
    task = mdtasks(three, "list", "description includes three", "--json").json["tasks"][0]
    for key in (task["uid"][:length], task["uid"][:length].upper()):
        assert mdtasks(three, "show", key, "--json").json["task"] == task


@pytest.mark.parametrize("place", ["Sub/b c.md:1", "./Sub/b c.md:1", "Sub/b c.md:01"])
def test_path_and_line_name_a_task(three: Path, place: str) -> None:
    assert mdtasks(three, "show", place, "--json").json["task"]["text"] == "three"


@pytest.mark.parametrize("key", ["", "a", "zzz", "a.md", "a.md:-1", "%", "___", ":", "é"])
def test_a_key_of_no_task_is_refused(three: Path, key: str) -> None:
    before = content(three)
    ran = mdtasks(three, "done", "--", key)
    assert (ran.code, ran.out) == (1, b"")
    assert ran.said[0] == f"mdtasks: no task has the key {key}"
    assert content(three) == before


@pytest.mark.parametrize(
    ("key", "message", "hint"),
    [
        ("a.md:99", "a.md has no line 99", "its last line is 4"),
        ("a.md:0", "a.md has no line 0", "its last line is 4"),
        ("a.md:3", "a.md:3: there is no task on this line", "the nearest is on line 4: two"),
        ("bare.md:1", "bare.md:1: there is no task on this line", "the note has no tasks"),
        ("c.md:1", "there is no note c.md", "did you mean Sub/c.md:1?"),
        ("x.md:1", "there is no note x.md", "notes are named from the vault's folder on, with"),
    ],
)
@pytest.mark.parametrize("command", [["done"], ["show"], ["edit"], ["plan", "--why"]], ids=" ".join)
def test_of_a_place_it_is_said_what_is_missing_there(
    vault: MakeVault, command: list[str], key: str, message: str, hint: str
) -> None:
    notes = {"a.md": "- [ ] one\r\n\ntext \u2028\n- [ ] two\n", "bare.md": "text\n"}
    root = vault({**notes, "Sub/c.md": "- [ ] three\n"})
    ran = mdtasks(root, *command, key)
    assert (ran.code, ran.out) == (1, b"")
    assert ran.said[0] == f"mdtasks: {message}"
    assert ran.said[1].startswith(f"hint: {hint}")


def test_two_letters_of_a_uid_are_no_key(three: Path) -> None:
    assert mdtasks(three, "show", keys(three)["one"][:2]).code == 1


def test_an_ambiguous_key_lists_the_candidates_and_changes_nothing(vault: MakeVault) -> None:
    root = vault({"a.md": "".join(f"- [ ] task {number}\n" for number in range(400))})
    named = keys(root)
    shared = next(key for key in named.values() if len(key) > 3)[:3]
    candidates = [(key, text) for text, key in named.items() if key.startswith(shared)]
    before = content(root)
    ran = mdtasks(root, "done", shared)
    assert (ran.code, ran.out) == (1, b"")
    shown = ran.err.decode()
    assert shown.startswith(
        f"mdtasks: {len(candidates)} tasks have a key that begins with {shared}"
    )
    assert all(f"{key}  {text}  (a.md)" in shown for key, text in candidates)
    assert content(root) == before


# --- done ---


def test_done_ticks_and_dates_the_line_and_shows_both(three: Path) -> None:
    ran = mdtasks(three, "done", keys(three)["two"])
    assert (ran.code, ran.err) == (0, b"")
    assert ran.lines == ["a.md:2", "- - [ ] two", "+ - [x] two ✅ 2026-11-23"]
    assert (three / "a.md").read_text() == "- [ ] one\n- [x] two ✅ 2026-11-23\n"


def test_changed_tells_path_line_before_and_after(three: Path) -> None:
    (edit,) = mdtasks(three, "done", "Sub/b c.md:1", "--json").json["changed"]
    assert edit == {
        "path": "Sub/b c.md",
        "line": 1,
        "before": "- [ ] three ^end",
        "after": ["- [x] three ✅ 2026-11-23 ^end"],
    }
    assert list(edit) == ["path", "line", "before", "after"]


def test_done_takes_several_keys_and_undo_takes_all_of_them_back(three: Path) -> None:
    before = content(three)
    ran = mdtasks(three, "done", "a.md:1", keys(three)["three"], "a.md:2", "a.md:1", "--json")
    assert [edit[:2] for edit in changed(ran)] == [("a.md", 1), ("Sub/b c.md", 1), ("a.md", 2)]
    assert b"[ ]" not in b"".join(content(three).values())
    assert mdtasks(three, "undo").code == 0
    assert content(three) == before


def test_done_writes_all_or_none(three: Path) -> None:
    before = content(three)
    ran = mdtasks(three, "done", "a.md:1", "fff", "a.md:2")
    assert (ran.code, ran.out) == (1, b"")
    assert content(three) == before


def test_done_writes_none_when_one_note_may_not_be_written(three: Path) -> None:
    (three / "Sub" / "b c.md").chmod(0o444)
    before = content(three)
    ran = mdtasks(three, "done", "a.md:1", "Sub/b c.md:1")
    assert ran.code == 1
    assert ran.said == [
        "mdtasks: Sub/b c.md: this note is write-protected; nothing was written",
        "hint: give it write permission first",
    ]
    assert content(three) == before


def test_done_of_a_closed_task_changes_nothing_and_is_fine(three: Path) -> None:
    mdtasks(three, "done", "a.md:1")
    before = content(three)
    ran = mdtasks(three, "done", "a.md:1", "--json")
    assert (ran.code, ran.json["changed"], ran.err) == (0, [], b"")
    again = mdtasks(three, "done", "a.md:1")
    assert (again.code, again.out) == (0, b"")
    assert content(three) == before
    # It is no change to take back either: undo opens the task.
    mdtasks(three, "undo")
    assert (three / "a.md").read_text() == "- [ ] one\n- [ ] two\n"


def test_a_task_that_is_done_is_found_closed_at_once(three: Path) -> None:
    mdtasks(three, "done", "a.md:1")
    assert "one" not in {task["text"] for task in mdtasks(three, "list", "--json").json["tasks"]}
    assert [task["text"] for task in mdtasks(three, "today", "--json").json["done"]] == ["one"]


def test_a_recurring_task_gets_its_next_line_and_undo_restores_the_bytes(vault: MakeVault) -> None:
    root = vault({"a.md": b"\xef\xbb\xbf# Home\r\n" + SERIES.strip().encode() + b"\r\n\xff\r"})
    before = content(root)
    (edit,) = mdtasks(root, "done", "a.md:2", "--json").json["changed"]
    assert edit["after"] == [
        "- [ ] Water the plants 🔁 every week 📅 2026-11-30",
        "- [x] Water the plants 🔁 every week 📅 2026-11-23 ✅ 2026-11-23",
    ]
    assert (root / "a.md").read_bytes() == (
        b"\xef\xbb\xbf# Home\r\n" + "\r\n".join(edit["after"]).encode() + b"\r\n\xff\r"
    )
    assert mdtasks(root, "undo").code == 0
    assert content(root) == before


def test_each_occurrence_of_a_series_can_be_done_in_turn(vault: MakeVault) -> None:
    root = vault({"a.md": SERIES})
    for _ in range(3):
        (task,) = mdtasks(root, "list", "--json").json["tasks"]
        assert mdtasks(root, "done", task["uid"]).code == 0
    days = [line.partition("📅 ")[2][:10] for line in (root / "a.md").read_text().splitlines()]
    assert days == ["2026-12-14", "2026-12-07", "2026-11-30", "2026-11-23"]


def test_done_does_not_bring_utf8_into_a_note_of_another_encoding(vault: MakeVault) -> None:
    note = b"\xff\xfe\n- [ ] caf\xe9 \x00\n- [ ] bar [due:: 2026-11-23]\n\x80"
    root = vault({"a.md": note})
    ran = mdtasks(root, "done", "a.md:2")
    dated = b"[x] bar [due:: 2026-11-23]  [completion:: 2026-11-23]"
    assert (ran.code, (root / "a.md").read_bytes()) == (1, note)
    assert ran.said == [
        "mdtasks: a.md: this note is not UTF-8, and would be in two encodings; nothing was written",
        "hint: convert it to UTF-8 first: most editors save it so",
    ]
    assert "a.md:2: this line is not UTF-8" in mdtasks(root, "check").lines[0]
    # ASCII is the same in both.
    assert mdtasks(root, "done", "a.md:3").code == 0
    after = note.replace(b"[ ] bar [due:: 2026-11-23]", dated)
    assert (root / "a.md").read_bytes() == after
    (root / "mdtasks.toml").write_text("[write]\ndone_date = false\n")
    assert mdtasks(root, "done", "a.md:2").code == 0
    assert (root / "a.md").read_bytes() == after.replace(b"[ ] caf", b"[x] caf")


def test_done_in_a_note_of_utf8_with_a_broken_byte_changes_one_line(vault: MakeVault) -> None:
    root = vault({"a.md": b"\xff\n- [ ] caf\xe9 \x00\n\xc3\xa9 \x80"})
    assert mdtasks(root, "done", "a.md:2").code == 0
    assert (root / "a.md").read_bytes() == (
        b"\xff\n- [x] caf\xe9 \x00 \xe2\x9c\x85 2026-11-23\n\xc3\xa9 \x80"
    )


def test_done_finds_the_line_that_an_editor_moved_meanwhile(three: Path) -> None:
    key = keys(three)["two"]
    (three / "a.md").write_text("# New\n\n- [ ] one\n- [ ] two\n")
    assert mdtasks(three, "done", key).code == 0
    assert (three / "a.md").read_text() == "# New\n\n- [ ] one\n- [x] two ✅ 2026-11-23\n"


@pytest.mark.parametrize("rule", ["🔁 every blue moon", "[repeat:: daily]"])
def test_done_says_that_a_rule_that_is_none_ends_a_series(vault: MakeVault, rule: str) -> None:
    root = vault({"a.md": f"- [ ] water {rule} 📅 2026-11-26\n- [ ] other\n"})
    words = rule.strip("🔁 []").removeprefix("repeat:: ")
    for options in (("--dry-run",), ("--json",)):
        ran = mdtasks(root, "done", "a.md:1", "a.md:2", *options)
        (said,) = ran.said
        assert said.startswith(f"mdtasks: a.md:1: `{words}` is no rule, so no next line is ")
    assert set(ran.json["changed"][0]) == {"path", "line", "before", "after"}
    assert not any("no rule" in line for line in mdtasks(root, "done", "a.md:1").said)


def test_done_says_nothing_of_a_rule_that_has_run_out(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] water 🔁 every week for 1 time 📅 2026-11-26\n"})
    assert mdtasks(root, "done", "a.md:1").said == []
    assert len((root / "a.md").read_text("utf-8").splitlines()) == 1


# --- undo ---


def test_undo_shows_what_it_changed_and_goes_back_step_by_step(three: Path) -> None:
    before = content(three)
    mdtasks(three, "done", "a.md:1")
    between = content(three)
    mdtasks(three, "done", "a.md:2")
    ran = mdtasks(three, "undo", "--json")
    assert changed(ran) == [("a.md", 2, "- [x] two ✅ 2026-11-23", ["- [ ] two"])]
    assert content(three) == between
    assert mdtasks(three, "undo").code == 0
    assert content(three) == before
    ran = mdtasks(three, "undo")
    assert (ran.code, ran.out) == (1, b"")
    assert ran.said[0] == "mdtasks: nothing to undo"
    assert content(three) == before


def test_undo_leaves_what_was_written_elsewhere_since(three: Path) -> None:
    mdtasks(three, "done", "a.md:1")
    text = (three / "a.md").read_text()
    (three / "a.md").write_text(f"# Mine\n{text}and more\n")
    assert mdtasks(three, "undo").code == 0
    assert (three / "a.md").read_text() == "# Mine\n- [ ] one\n- [ ] two\nand more\n"


def test_undo_of_a_line_that_changed_since_is_refused(three: Path) -> None:
    mdtasks(three, "done", "a.md:1", "Sub/b c.md:1")
    (three / "a.md").write_text("- [x] one, and well ✅ 2026-11-23\n- [ ] two\n")
    before = content(three)
    ran = mdtasks(three, "undo")
    assert (ran.code, ran.out) == (4, b"")
    assert ran.said[0].startswith("mdtasks: a.md:1: this line changed since it was read")
    assert content(three) == before


def test_undo_in_another_vault_touches_nothing(vault: MakeVault, tmp_path: Path) -> None:
    one, other = vault({"a.md": "- [ ] one\n"}), tmp_path / "other" / "vault"
    other.mkdir(parents=True)
    (other / "a.md").write_text("- [ ] one\n")
    mdtasks(one, "done", "a.md:1")
    before = content(one)
    assert mdtasks(other, "undo").code == 1
    assert content(one) == before


def test_cancel_closes_with_its_own_sign_and_undo_takes_it_back(vault: MakeVault) -> None:
    text = "- [ ] one 🔁 every day 📅 2026-11-23\n- [x] two\n"
    root = vault({"a.md": text})
    ran = mdtasks(root, "cancel", "a.md:1", "a.md:2", "--json")
    assert [change["line"] for change in ran.json["changed"]] == [1]
    assert (root / "a.md").read_text("utf-8") == (
        "- [-] one 🔁 every day 📅 2026-11-23 ❌ 2026-11-23\n- [x] two\n"
    )
    assert mdtasks(root, "undo").code == 0
    assert (root / "a.md").read_text("utf-8") == text


def test_done_leaves_a_cancelled_task_as_it_is(vault: MakeVault) -> None:
    root = vault({"a.md": "- [-] one ❌ 2026-11-20\n"})
    ran = mdtasks(root, "done", "a.md:1", "--json")
    assert (ran.code, ran.json["changed"]) == (0, [])
    assert (root / "a.md").read_text("utf-8") == "- [-] one ❌ 2026-11-20\n"
