"""What gets out to a pipe and to a terminal: colours, width, nothing hostile, and quiet ends."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from rich.cells import cell_len

from mdtasks.console import progress
from mdtasks.render.pen import Pen
from tests.conftest import MakeVault
from tests.running import call, command, environ, mdtasks, on_terminal, process

ESC = b"\x1b"
SGR = re.compile(rb"\x1b\[[0-9;]*m")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
BIDI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

HOSTILE = (
    b"\x1b[31mred\x1b]0;title\x07 bell\x07 c1\xc2\x9b2J back\x08 nul\x00 del\x7f "
    b"bidi\xe2\x80\xaegnp.exe\xe2\x81\xa6 cafe\xff\xfe\xed\xa0\x80 #t\x1b[2J"
)
NOTE = (
    b"---\ntags: [\x1b]\n---\n# Head " + HOSTILE + b"\n- [ ] " + HOSTILE + b" \xe2\x8f\xab "
    b"\xf0\x9f\x93\x85 2026-11-23\n  brief " + HOSTILE + b"\n    - [\x1b] step " + HOSTILE + b"\n"
    b"- [x] past " + HOSTILE + b" \xe2\x9c\x85 2026-11-23\n"
    b"- [ ] never " + HOSTILE + b" \xf0\x9f\x93\x85 2026-02-30 \xe2\x9b\x94 nobody\n"
)
COMMANDS = [
    ["today"],
    ["today", "--plain"],
    ["today", "--json"],
    ["list"],
    ["list", "--all", "--json"],
    ["list", "group by heading; group by path; group by tag"],
    ["show", "a.md:5"],
    ["show", "a.md:5", "--json"],
    ["plan", "--why"],
    ["plan", "--json"],
    ["check"],
    ["check", "--json"],
    ["sync"],
    ["index", "--rebuild"],
    ["done", "a.md:5"],
    ["undo", "--json"],
]
ECHOES = [
    ["show", "\x1b[31m\x9b"],
    ["list", "path \x1b[31m\x9b"],
    ["list", "due \x1b[31m\x9b"],
    ["today", "--date", "\x1b[31m\x9b"],
    ["--now", "\x1b[31m\x9b", "today"],
    ["--vault", "\x1b[31m\x9b", "today"],
    ["--color", "\x1b[31m\x9b", "today"],
    ["--\x1b[31m\x9b"],
    ["\x1b[31m\x9b"],
    ["plan", "--days", "\x1b[31m\x9b"],
    ["calendar", "--output", "/dev/null/\x1b[31m\x9b"],
]


@pytest.fixture
def hostile(vault: MakeVault) -> Path:
    root = vault({"a.md": NOTE, "two \u202e\u009b.md": NOTE})
    strange = os.fsencode(root) + b"/di\x1b[5mr"
    os.mkdir(strange)  # noqa: PTH102 (the name is bytes)
    with open(strange + b"/new\nline \x1b[31m\xff.md", "wb") as file:  # noqa: PTH123
        file.write(NOTE)
    return root


@pytest.fixture
def many(vault: MakeVault) -> Path:
    text = "- [ ] a long line about 日本語 and much else that does not fit #tag ⏫ 📅 2026-11-23\n"
    return vault({"Long name of a note.md": text * 40})


# --- hostile text ---


@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
def test_no_control_character_of_a_note_gets_into_a_pipe(hostile: Path, args: list[str]) -> None:
    ran = mdtasks(hostile, *args)
    assert ran.code == (1 if args[0] == "check" or args[0] == "undo" else 0)
    assert not CONTROL.search(ran.out.decode())
    assert not CONTROL.search(ran.err.decode())


def test_no_control_character_of_a_note_gets_into_the_calendar(hostile: Path) -> None:
    feed = mdtasks(hostile, "calendar").out.replace(b"\r\n", b"\n").decode()
    assert "red" in feed
    assert not CONTROL.search(feed)


@pytest.mark.parametrize("args", ECHOES, ids=repr)
def test_no_control_character_of_the_call_comes_back(hostile: Path, args: list[str]) -> None:
    ran = mdtasks(hostile, *args)
    assert ran.code in (1, 2, 3)
    assert "31m" in ran.err.decode()
    assert not CONTROL.search(ran.out.decode() + ran.err.decode())


@pytest.mark.parametrize("args", [["today"], ["check"], ["show", "a.md:5"]], ids=repr)
def test_a_terminal_gets_no_sequence_but_colours_and_no_bidi_control(
    hostile: Path, args: list[str]
) -> None:
    shown = SGR.sub(b"", on_terminal(hostile, *args).out).decode()
    assert "red" in shown or "front matter" in shown
    assert not CONTROL.search(shown)
    assert not BIDI.search(shown)


def test_a_terminal_shows_what_was_meant_to_hide(hostile: Path) -> None:
    shown = SGR.sub(b"", on_terminal(hostile, "show", "a.md:5").out).decode()
    assert "^[[31mred^[]0;title^G bell^G c1\\u009b2J" in shown
    assert "bidi\\u202egnp.exe" in shown
    assert "cafe\\xff\\xfe\\xed\\xa0\\x80" in shown


def test_an_output_that_knows_no_such_letters_gets_stand_ins(
    vault: MakeVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = vault({"a.md": "- [ ] 日本語 ✅\n"})
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    ran = process(root, "list")
    assert (ran.code, ran.err) == (0, b"")
    assert ran.out.startswith(b"[ ]  ???")


# --- colours and width ---


def test_nothing_is_coloured_and_nothing_cut_in_a_pipe(many: Path) -> None:
    ran = mdtasks(many, "list")
    assert ESC not in ran.out
    assert "and much else that does not fit #tag" in ran.lines[0]


@pytest.mark.parametrize("args", [["today"], ["list"], ["plan"], ["check"]], ids=repr)
def test_colours_come_when_they_are_asked_for(hostile: Path, args: list[str]) -> None:
    plain = call("--vault", str(hostile), "--now", "2026-11-23", *args)
    coloured = call("--vault", str(hostile), "--now", "2026-11-23", "--color", "always", *args)
    assert SGR.search(coloured.out)
    assert SGR.sub(b"", coloured.out) == plain.out


def test_json_is_never_coloured(many: Path) -> None:
    assert ESC not in call("--vault", str(many), "--color", "always", "list", "--json").out


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
    ids=repr,
)
def test_a_terminal_gets_colours_unless_it_asks_for_none(
    many: Path, variables: dict[str, str], coloured: bool
) -> None:
    assert (ESC in on_terminal(many, "list", "limit 2", variables=variables).out) is coloured


@pytest.mark.parametrize("columns", [60, 100])
def test_lines_fit_the_terminal(many: Path, columns: int) -> None:
    shown = SGR.sub(b"", on_terminal(many, "list", columns=columns).out).decode().splitlines()
    assert len(shown) == 40
    assert max(map(width, shown)) <= columns
    assert {"…" in line for line in shown} == {True}


def width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def test_columns_stand_below_each_other_whatever_the_letters() -> None:
    # The joiner would join what follows, and a tab goes as far as the terminal likes.
    letters = {*map(chr, range(0x20, 0xD800)), *map(chr, range(0x1F000, 0x20000)), "e\u0301", "❤️"}
    lines = Pen().columns([[(letter, ""), ("|", "")] for letter in letters - {"\u200d"}])
    assert len({cell_len(line) for line in lines}) == 1


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_shows_what_takes_long_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with progress() as step:
        assert step is None
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with progress() as step:
        assert step
        step(1, 7)
        assert terminal.getvalue() == ""
        monkeypatch.setattr("mdtasks.console.PROGRESS_AFTER_SECONDS", 0)
        step(3, 7)
    assert "reading notes" in terminal.getvalue()
    assert "3/7" in terminal.getvalue()


# --- quiet ends ---


@pytest.mark.parametrize("args", [["list"], ["list", "--json"]], ids=repr)
def test_a_reader_that_closes_the_pipe_ends_it_quietly(many: Path, args: list[str]) -> None:
    note = many / "Long name of a note.md"
    note.write_bytes(note.read_bytes() * 30)  # more than a pipe holds
    with subprocess.Popen(
        command(many, *args), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ()
    ) as child:
        assert child.stdout
        assert child.stderr
        assert child.stdout.read(20)
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.returncode == 0


def test_ctrl_c_ends_it_quietly(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n"})
    os.mkfifo(root / "mdtasks.toml")
    with (
        subprocess.Popen(
            command(root, "list"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ()
        ) as child,
        (root / "mdtasks.toml").open("wb"),
    ):  # opens when the other end is being read
        child.send_signal(signal.SIGINT)
        out, err = child.communicate()
    assert child.returncode == 130
    assert (out, err.strip()) == (b"", b"")
