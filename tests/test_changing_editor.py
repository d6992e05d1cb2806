"""`mdtasks edit`: which editor runs, with which words, and what is told afterwards."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from mdtasks.app.editor import at_line, became, command
from mdtasks.errors import RefusedError, UsageError
from tests.conftest import MakeVault
from tests.running import mdtasks, on_terminal, process

FILE = Path("/notes/-my own:note.md")


@pytest.mark.parametrize(
    ("editor", "words"),
    [
        ("vi", ["vi", "+7", str(FILE)]),
        ("/usr/bin/nvim -R", ["/usr/bin/nvim", "-R", "+7", str(FILE)]),
        ("emacsclient -t", ["emacsclient", "-t", "+7", str(FILE)]),
        ("gvim", ["gvim", "-f", "+7", str(FILE)]),
        ("code", ["code", "--wait", "-g", f"{FILE}:7"]),
        ("code -w -g", ["code", "-w", "-g", f"{FILE}:7"]),
        ("codium --wait", ["codium", "--wait", "-g", f"{FILE}:7"]),
        ("subl", ["subl", "--wait", f"{FILE}:7"]),
        ("hx", ["hx", f"{FILE}:7"]),
        ("zed", ["zed", "--wait", f"{FILE}:7"]),
        ("micro", ["micro", "+7", str(FILE)]),
        ("kate", ["kate", "--block", "-l", "7", str(FILE)]),
        ("'/opt/my editor' --x", ["/opt/my editor", "--x", str(FILE)]),
    ],
)
def test_an_editor_is_told_the_line_in_its_own_way(editor: str, words: list[str]) -> None:
    assert command({"EDITOR": editor}, False, FILE, 7) == words


def test_visual_goes_before_editor_and_an_empty_one_is_none() -> None:
    both = {"VISUAL": "hx", "EDITOR": "vi"}
    assert command(both, False, FILE, 7)[0] == "hx"
    assert command({**both, "VISUAL": " "}, False, FILE, 7)[0] == "vi"


def test_an_editor_that_cannot_be_read_is_a_wrong_call() -> None:
    with pytest.raises(UsageError, match=r"\$EDITOR: No closing quotation"):
        command({"EDITOR": "vi 'x"}, False, FILE, 7)


def test_without_an_editor_and_a_terminal_it_is_refused() -> None:
    with pytest.raises(RefusedError, match="no editor is set, and there is no terminal"):
        command({}, False, FILE, 7)


def test_a_windows_path_is_known_by_its_name() -> None:
    assert at_line(["C:\\Bin\\Code.exe"], FILE, 7)[-1] == f"{FILE}:7"


# Run


def editor(tmp_path: Path, body: str) -> str:
    """Return what $EDITOR holds for a script that gets the file as its first word."""
    script = tmp_path / "my editor.py"
    script.write_text(f"import sys, pathlib\nfile = pathlib.Path(sys.argv[1])\n{body}\n")
    return shlex.join([sys.executable, str(script)])


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"-a b.md": "- [ ] one\n- [ ] two 📅 2026-11-25\n"})


def test_edit_waits_and_shows_what_became_of_the_line(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = "file.write_text('# New\\n' + file.read_text().replace('one', 'one more'))"
    monkeypatch.setenv("EDITOR", editor(tmp_path, change))
    ran = mdtasks(root, "edit", "./-a b.md:1", "--json")
    assert (ran.code, ran.json["changed"]) == (
        0,
        [{"path": "-a b.md", "line": 2, "before": "- [ ] one", "after": ["- [ ] one more"]}],
    )
    ran = mdtasks(root, "edit", "./-a b.md:2")
    assert ran.lines == ["-a b.md:3", "- - [ ] one more", "+ - [ ] one more more"]


def test_edit_tells_that_the_line_is_gone_or_as_it_was(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", editor(tmp_path, "file.write_text('x\\n' + file.read_text())"))
    ran = mdtasks(root, "edit", "./-a b.md:1")
    assert (ran.code, ran.out, ran.said) == (0, b"", ["mdtasks: that line is as it was"])
    gone = "text = file.read_text(); file.write_text(text.replace('- [ ] one\\n', ''))"
    monkeypatch.setenv("EDITOR", editor(tmp_path, gone))
    ran = mdtasks(root, "edit", "./-a b.md:2", "--json")
    assert ran.json["changed"] == [
        {"path": "-a b.md", "line": 2, "before": "- [ ] one", "after": []}
    ]


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ("a b c", (1, ("b",))),
        ("x a b c", (2, ("b",))),
        ("a x c", (1, ("x",))),
        ("x a y c z", (2, ("y",))),
        ("a x y c", (1, ("x", "y"))),
        ("a c", (1, ())),
        ("", (1, ())),
    ],
)
def test_a_line_is_followed_through_an_edit(after: str, found: tuple[int, tuple[str, ...]]) -> None:
    assert became(["a", "b", "c"], after.split(), 1) == found


def test_an_editor_that_fails_or_is_not_there_is_told(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", editor(tmp_path, "sys.exit(3)"))
    ran = mdtasks(root, "edit", "./-a b.md:1")
    assert (ran.code, ran.out) == (1, b"")
    assert ran.said == [f"mdtasks: the editor {sys.executable} ended with exit code 3"]
    monkeypatch.setenv("EDITOR", "/no/such")
    ran = mdtasks(root, "edit", "./-a b.md:1")
    assert ran.said[0] == "mdtasks: the editor /no/such cannot be run: No such file or directory"


def test_a_dry_run_of_edit_shows_what_would_be_run(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "code")
    ran = mdtasks(root, "edit", "./-a b.md:2", "--dry-run")
    assert ran.lines == [f"code --wait -g '{root}/-a b.md:2'"]
    shown = mdtasks(root, "edit", "./-a b.md:2", "--dry-run", "--json").json
    assert shown["command"] == ["code", "--wait", "-g", f"{root}/-a b.md:2"]


def test_in_a_pipe_without_an_editor_it_is_refused(root: Path) -> None:
    ran = process(root, "edit", "./-a b.md:1")
    assert ran.code == 1
    assert ran.said[1] == "hint: set $EDITOR, such as: export EDITOR=nano"


def test_on_a_terminal_the_editor_has_it(root: Path, tmp_path: Path) -> None:
    shows = "print('at a terminal:', sys.stdin.isatty() and sys.stdout.isatty())"
    ran = on_terminal(root, "edit", "./-a b.md:1", variables={"EDITOR": editor(tmp_path, shows)})
    assert ran.code == 0
    assert b"at a terminal: True" in ran.out
