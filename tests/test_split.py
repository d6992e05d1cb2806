"""`mdtasks split` at the prompt: steps from words, a pipe or a template; the way back."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import mdtasks, on_terminal
from tests.test_cli_changes import content

BLOG = """# {{title}}

- [ ] Outline {{title}} ⏱ 15m 📅 {{date+2d}} 🆔 outline
\tFive lines by {{due-1w}}.
- [ ] Write
\t- [ ] Draft ⏱ 1h ⛔ outline
\t- [ ] Cut, {{date:D MMMM}} {{unknown}} ^cut
- [x] Old
\t- [ ] Not this
"""


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault(
        {
            "a.md": "# One\n\n- [ ] Post ⏱ 1h 📅 2026-12-09\n\tbrief\n- [x] Gone\n",
            "Templates/Blog post.md": BLOG,
            "mdtasks.toml": '[read]\nignore = ["Templates/"]\n',
        }
    )


def text(root: Path) -> str:
    return (root / "a.md").read_text("utf-8")


def test_steps_are_understood_as_add_does_and_undo_takes_all_of_them_back(root: Path) -> None:
    before = content(root)
    ran = mdtasks(root, "split", "a.md:3", "Outline 10m", "- [/] Draft tomorrow 20m !high")
    assert (ran.code, ran.said) == (0, [])
    assert ran.lines == [
        "a.md:5",
        "+ - [ ] Outline ⏱ 10m",
        "+ - [/] Draft ⏱ 20m ⏫ ⏳ 2026-11-24",
        "2 open steps, 30m of 1h; 30m is in no step yet",
        "Draft: 20m, over 15m; could it be several steps?",
    ]
    assert text(root).splitlines()[2:6] == [
        "- [ ] Post ⏱ 1h 📅 2026-12-09",
        "\tbrief",
        "\t- [ ] Outline ⏱ 10m",
        "\t- [/] Draft ⏱ 20m ⏫ ⏳ 2026-11-24",
    ]
    assert mdtasks(root, "undo").code == 0
    assert content(root) == before


def test_a_template_keeps_nesting_fields_and_briefs_and_fills_in_its_braces(root: Path) -> None:
    assert mdtasks(root, "split", "a.md:3", "--template", "blog post").code == 0
    assert text(root).splitlines()[4:10] == [
        "\t- [ ] Outline Post ⏱ 15m 📅 2026-11-25 🆔 outline",
        "\t\tFive lines by 2026-12-02.",
        "\t- [ ] Write",
        "\t\t- [ ] Draft ⏱ 1h ⛔ outline",
        "\t\t- [ ] Cut, 23 November {{unknown}} ^cut",
        "- [x] Gone",
    ]


def test_a_template_that_is_used_again_has_ids_of_its_own(root: Path) -> None:
    (root / "b.md").write_text("- [ ] Other 📅 2026-12-01\n", "utf-8")
    assert mdtasks(root, "split", "a.md:3", "--template", "Templates/Blog post.md").code == 0
    assert mdtasks(root, "split", "b.md:1", "--template", "Blog post").code == 0
    again = (root / "b.md").read_text("utf-8")
    assert "🆔 outline-2" in again
    assert "⛔ outline-2\n" in again
    assert "^cut-2\n" in again


def test_obsidian_says_where_templates_lie_and_the_file_of_settings_overrules(root: Path) -> None:
    (root / ".obsidian").mkdir()
    (root / ".obsidian" / "templates.json").write_text('{"folder": "Stencils"}')
    ran = mdtasks(root, "split", "a.md:3", "--template", "Blog post")
    assert (ran.code, ran.said[0]) == (2, "mdtasks: no template in Stencils/ is called Blog post")
    with (root / "mdtasks.toml").open("a") as file:
        file.write('[split]\ntemplates = "Templates"\n')
    assert mdtasks(root, "split", "a.md:3", "--template", "Blog post", "--dry-run").code == 0


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "Templates/../../secret"])
def test_a_template_outside_of_the_vault_is_none(root: Path, name: str) -> None:
    (root.parent / "secret.md").write_text("- [ ] secret\n")
    ran = mdtasks(root, "split", "a.md:3", "--template", name)
    assert (ran.code, ran.said[1:]) == (2, ["hint: there are:", "      Blog post"])


def test_a_template_that_counts_from_a_due_date_wants_one(root: Path) -> None:
    (root / "b.md").write_text("- [ ] Other\n", "utf-8")
    ran = mdtasks(root, "split", "b.md:1", "--template", "Blog post")
    assert ran.code == 1
    assert "counts from a due date with {{due-1w}}" in ran.said[0]


def test_steps_come_one_a_line_from_a_pipe(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("one 5m\n\n  - [ ] two\n"))
    ran = mdtasks(root, "split", "a.md:3", "--json")
    steps = ran.json["steps"]
    assert [(s["text"], s["estimate"]) for s in steps] == [("one", 5), ("two", None)]
    assert {s["parent"] for s in steps} == {ran.json["task"]["uid"]}
    assert ran.json["changed"][0]["after"] == ["\t- [ ] one ⏱ 5m", "\t- [ ] two"]


def test_a_terminal_is_asked_until_an_empty_line_and_told_how_the_steps_add_up(root: Path) -> None:
    ran = on_terminal(root, "split", "a.md:3", typed=b"Outline 10m\nDraft 50m\n\n", columns=120)
    shown = ran.out.decode()
    assert ran.code == 0
    assert "steps of Post (1h), one a line; an empty line ends" in shown
    assert "1 open step, 10m of 1h; 50m is in no step yet" in shown
    assert "Draft: 50m, over 15m; could it be several steps?" in shown
    assert "2 open steps, 1h of 1h\n" in shown
    assert "\t- [ ] Draft ⏱ 50m\n" in text(root)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("a.md:5", "x"), 1, "a.md:5: this task is closed: Gone; nothing was written"),
        (("a.md:3", "x", "--template", "y"), 2, "steps and --template do not go together"),
        (("a.md:3", "x", "%%"), 2, "a single %% would hide all that follows in the note"),
        (("a.md:3",), 2, "no steps were given; nothing was written"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO(""))
    before = content(root)
    ran = mdtasks(root, "split", *words)
    assert (ran.code, ran.said[0]) == (code, f"mdtasks: {said}")
    assert content(root) == before


def test_steps_of_a_vault_with_a_global_filter_have_it(root: Path) -> None:
    (root / "mdtasks.toml").write_text('[read]\nglobal_filter = "#task"\nignore = ["Templates/"]\n')
    (root / "a.md").write_text("- [ ] Post #task 📅 2026-12-09\n", "utf-8")
    assert mdtasks(root, "split", "a.md:1", "one").code == 0
    assert mdtasks(root, "split", "a.md:1", "--template", "Blog post").code == 0
    lines = text(root).splitlines()
    assert lines[1:3] == [
        "  - [ ] one #task",
        "  - [ ] Outline Post ⏱ 15m 📅 2026-11-25 🆔 outline #task",
    ]
    assert lines[-1] == "    - [ ] Cut, 23 November {{unknown}} #task ^cut"


def test_a_task_that_repeats_says_that_the_steps_do_not(root: Path) -> None:
    (root / "a.md").write_text("- [ ] Review 🔁 every week 📅 2026-11-24\n", "utf-8")
    ran = mdtasks(root, "split", "a.md:1", "one")
    assert ran.said == ["mdtasks: this task repeats; the steps are for this time alone"]
    mdtasks(root, "done", "a.md:1")
    assert [line[:12] for line in text(root).splitlines()] == [
        "- [ ] Review",
        "- [x] Review",
        "  - [ ] one",
    ]


def test_a_hostile_line_reaches_the_terminal_clean(root: Path) -> None:
    (root / "a.md").write_text("- [ ] a\x1b[31m\u202e\n", "utf-8")
    ran = on_terminal(root, "split", "a.md:1", typed=b"one\n\n", columns=100)
    assert "\x1b[31m" not in ran.out.decode()
    assert "\u202e" not in ran.out.decode()
