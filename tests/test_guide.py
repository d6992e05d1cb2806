"""The manual and the README are true: their transcripts run, their lists are complete.

A fence `console` is a transcript: `$ mdtasks …` (or `$ cat NOTE`), what it prints, the notices
behind the results, and `[exit N]` unless N is 0. A fence whose second word is a file name is that
file, from there on. Each page plays in a sample vault of its own, `~/sample-vault`, at half past
eight on Monday, 23 November 2026. `python -m pytest tests/test_guide.py --update` takes
transcripts, lists and picture anew.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from functools import reduce
from pathlib import Path

import click
import pytest

from mdtasks.cli.commands import COMMANDS, cli, load
from mdtasks.console import run
from mdtasks.errors import MdtasksError
from mdtasks.plan.recurrence import parse_rule
from mdtasks.query.language import KNOWN, parse
from mdtasks.read.fields import FIELDS
from mdtasks.read.note import read_note
from mdtasks.settings import Config, ReadSettings
from mdtasks.toml.keys import KEYS, read_config
from mdtasks.toml.values import as_toml
from tests.picture import picture, words_in

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
VAULT = ROOT / "sample-vault"
GUIDE = VAULT / "Guide"
PICTURE = GUIDE / "today.svg"
PAGES = sorted(GUIDE.glob("*.md"))

FENCE = re.compile(
    r"^(?P<mark>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=mark)$", re.MULTILINE | re.DOTALL
)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[\[([^\[\]|#\\]+)")

Play = Callable[[str], str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home with a copy of the sample vault, in which we are."""
    monkeypatch.setenv("MDTASKS_NOW", "2026-11-23T08:30")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / ".local" / "share"))
    shutil.copytree(VAULT, tmp_path / "sample-vault")
    monkeypatch.chdir(tmp_path / "sample-vault")
    return tmp_path


@pytest.fixture
def play(home: Path, capsys: pytest.CaptureFixture[str]) -> Play:
    """Return a function that runs a command line and returns what a person sees of it."""

    def play(line: str) -> str:
        command, *words = shlex.split(line)
        if command == "cat":
            return Path(words[0]).read_text("utf-8")
        assert command == "mdtasks", line
        code = run(lambda: cli.main(words, prog_name="mdtasks", standalone_mode=False))
        shown = "".join(capsys.readouterr()).replace(str(home), "~")
        return shown + (f"[exit {code}]\n" if code else "")

    return play


def replayed(text: str, play: Play) -> str:
    """Return the text of a page with its transcripts as they are now."""

    def again(fence: re.Match[str]) -> str:
        kind, _, name = fence["info"].partition(" ")
        if "." in name:
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_text(fence["body"], "utf-8")
            os.utime(name, (0, 0))  # nobody is writing it just now
        if kind != "console":
            return fence[0]
        commands = [line for line in fence["body"].splitlines() if line.startswith("$ ")]
        body = "".join(f"{line}\n{play(line[2:])}" for line in commands)
        return f"{fence['mark']}{fence['info']}\n{body}{fence['mark']}"

    return FENCE.sub(again, text)


@pytest.mark.parametrize("page", [*PAGES, README], ids=lambda page: page.stem)
def test_transcripts_show_what_the_commands_print(page: Path, play: Play, update: bool) -> None:
    text = page.read_text("utf-8")
    now = replayed(text, play)
    if update:
        page.write_text(now, "utf-8")
    assert page.read_text("utf-8") == now


def test_picture_shows_what_today_prints(play: Play, update: bool) -> None:
    if update:
        svg = picture(play("mdtasks --color always today"), "mdtasks today")
        PICTURE.write_text(svg, "utf-8")
    assert words_in(PICTURE.read_text("utf-8")) == play("mdtasks today").split()


# What the pages must name


def text_of(page: str) -> str:
    return (GUIDE / f"{page}.md").read_text("utf-8")


def fences(text: str, kind: str) -> list[str]:
    return [f["body"] for f in FENCE.finditer(text) if f["info"].partition(" ")[0] == kind]


def first_cells(page: str) -> list[str]:
    """Return the code in the first column of a page's tables."""
    rows = [line for line in text_of(page).splitlines() if line.startswith("| `")]
    return [code for row in rows for code in CODE.findall(row.split(" | ")[0])]


def guide() -> str:
    return "\n".join(page.read_text("utf-8") for page in PAGES)


EVERY_COMMAND = [cli, *map(load, COMMANDS)]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_guide(name: str) -> None:
    assert re.search(rf"\bmdtasks (?:-\S+ \S+ )*{name}\b", guide())


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=lambda command: command.name)
def test_every_option_is_in_the_guide(command: click.Command) -> None:
    options = [name for p in command.params if isinstance(p, click.Option) for name in p.opts]
    assert [name for name in options if name not in guide()] == []


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=lambda command: command.name)
def test_the_help_of_every_command_has_an_example(command: click.Command) -> None:
    name = "" if command is cli else command.name
    assert re.search(rf"\n *Example:\n +mdtasks (?:-\S+ \S+ )*{name}", command.help or "")


def test_the_forms_of_filters_are_complete(update: bool) -> None:
    text = text_of("Lists and queries")
    (shown,) = fences(text, "text")
    known = "".join(f"{form}\n" for form in KNOWN)
    if update:
        now = text.replace(f"```text\n{shown}", f"```text\n{known}")
        (GUIDE / "Lists and queries.md").write_text(now, "utf-8")
    assert fences(text_of("Lists and queries"), "text") == [known]


def test_every_query_in_the_tables_is_one() -> None:
    queries = first_cells("Lists and queries")
    assert len(queries) > 30
    for query in queries:
        parse(query, date(2026, 11, 23))


def test_every_rule_in_the_tables_is_one() -> None:
    rules = {text: parse_rule(text) for text in first_cells("Ticking")}
    assert len(rules) > 10
    assert [text for text, rule in rules.items() if rule is None or rule.leftover] == []


def test_every_field_is_named_in_both_dialects() -> None:
    marks = [mark for rule in FIELDS for mark in (*rule.emojis, *(f"[{k}::" for k in rule.keys))]
    assert [mark for mark in marks if mark not in text_of("Writing tasks")] == []


def test_settings_are_complete_with_their_defaults() -> None:
    rows = re.findall(r"^\| `([a-z_.]+)` \| `([^`]*)` \|", text_of("Settings"), re.MULTILINE)
    in_words = {"vault_id", "busy", "statuses", "hours", "queries", "blocks", "prefer", "quota"}
    in_words.add("publish")
    assert dict(rows) == {
        key.name: as_toml(reduce(getattr, key.place, Config()))
        for key in KEYS
        if key.name not in in_words
    }
    assert [name for name in in_words if name not in text_of("Settings")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_settings_in_examples_are_accepted(page: Path) -> None:
    for example in fences(page.read_text("utf-8"), "toml"):
        read_config(tomllib.loads(example), Config())


def test_every_key_of_the_json_is_documented(play: Play) -> None:
    reads = [
        "list --all",
        "today",
        "next",
        "show Routines.md:20",
        "plan --days 1",
        "plan --why 998",
        "when 'translate the catalogue 40h due fri'",
        "projects 'Launch post'",
        "check",
        "index",
    ]
    writes = ["sync", "split Routines.md:20 'one 5m'", "undo", "done Routines.md:20", "undo"]
    shown = [play(f"mdtasks {call} --json").partition("\n")[0] for call in (*reads, *writes)]
    documented = set(CODE.findall(text_of("JSON and scripts")))
    assert set().union(*(keys_of(json.loads(line)) for line in shown)) - documented == set()


def keys_of(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


def test_every_exit_code_is_documented() -> None:
    codes = {kind.exit_code for kind in kinds_of(MdtasksError)} | {0, 130}
    documented = re.findall(r"^\| ([0-9]+) \|", text_of("JSON and scripts"), re.MULTILINE)
    assert {int(code) for code in documented} == codes


def kinds_of(kind: type[MdtasksError]) -> Iterator[type[MdtasksError]]:
    yield kind
    for inner in kind.__subclasses__():
        yield from kinds_of(inner)


# What the pages are


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_example_in_the_guide_is_a_task(page: Path) -> None:
    note = read_note(f"Guide/{page.name}", page.read_bytes(), ReadSettings())
    assert (note.tasks, note.problems) == ((), ())


@pytest.mark.parametrize("page", [*PAGES, VAULT / "Home.md"], ids=lambda page: page.stem)
def test_every_link_leads_to_a_note(page: Path) -> None:
    text = CODE.sub("", FENCE.sub("", page.read_text("utf-8")))
    paths = {path.relative_to(VAULT).with_suffix("").as_posix() for path in VAULT.rglob("*.md")}
    names = {path.rpartition("/")[2] for path in paths}
    assert [link for link in LINK.findall(text) if link not in paths | names] == []


def test_every_page_is_linked_from_the_first() -> None:
    linked = {"Start here", *LINK.findall(text_of("Start here"))}
    assert {page.stem for page in PAGES} == linked
