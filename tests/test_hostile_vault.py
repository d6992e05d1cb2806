"""A vault full of traps, and every command on it: no crash, no hang, and clean output."""

from __future__ import annotations

import multiprocessing
import os
import socket
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from mdtasks import vault as notes
from mdtasks.model import Problem
from tests.conftest import MakeVault
from tests.running import NOW, call, mdtasks, on_terminal, process
from tests.test_hostile_notes import BYTES, FRONT, TASK, TOO_DEEP

COMMANDS = [
    ["today"], ["today", "--json"], ["list"], ["list", "--all", "--json"], ["check"],
    ["check", "--json"], ["plan", "--why"], ["plan", "--json"], ["calendar"], ["index"], ["sync"],
]  # fmt: skip
# Marks that a terminal obeys, in names and in texts.
NASTY = "\x1b[2J\x1b]0;owned\x07\u202egnp.\x9b31m\x7f\r\x00"
NAMES = [
    b"caf\xe9 \xff.md",
    b"new\nline.md",
    b"tab\tand \x1b[31mred\x1b]0;title\x07.md",
    "right\u202eto\u2066left.md".encode(),
    "c1 \x9b31m.md".encode(),
    b"l" * 252 + b".md",
    b"-rf.md",
    b" .md",
    b"%s $(true) `true`.md",
    b"'quotes\".md",
    "\u0085\u2028.md".encode(),
]
CONTROLS = frozenset(range(32)) - {0x09, 0x0A} | {0x7F}


def control_characters(text: str, terminal: bool = False) -> set[str]:
    bidi = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    c1 = {chr(code) for code in range(0x80, 0xA0)}
    return set(text) & {*map(chr, CONTROLS), *c1, *(bidi if terminal else ())}


def put(root: Path, name: bytes, data: bytes) -> None:
    Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_bytes(data)


@pytest.fixture
def trapped(vault: MakeVault) -> Path:
    """A vault of small traps, and a good note."""
    root = vault({"zz good.md": "- [ ] good 📅 2026-11-23\n"})
    for number, name in enumerate(NAMES):
        put(root, name, f"- [ ] name {number} 📅 2026-02-30\n".encode())
    for number, (data, _) in enumerate(BYTES.values()):
        put(root, b"bytes %d.md" % number, data)
    for number, (front, _) in enumerate(FRONT.values()):
        put(root, b"front %d.md" % number, f"---\n{front}\n---\n{TASK}".encode())
    for number, deep in enumerate(list(TOO_DEEP.values())[:1]):
        put(root, b"deep %d.md" % number, deep.encode())
    nasty = f"---\nproject: x\n---\n# {NASTY}\n- [ ] {NASTY} due 📅 2026-11-23 👤 [[{NASTY}]]\n"
    put(root, b"nasty.md", nasty.encode())
    put(root, b"long.md", f"- [ ] {'[' * 60_000} 📅 2026-11-23\n".encode())
    put(root, b"utf16.md", TASK.encode("utf-16"))
    return root


def test_every_command_gets_through_a_vault_of_traps(trapped: Path) -> None:
    for args in COMMANDS:
        ran = mdtasks(trapped, *args)
        assert ran.code == (args[0] == "check"), (args, ran.err)
        found = control_characters((ran.out + ran.err).decode())
        assert found <= ({"\r"} if args == ["calendar"] else set()), args


def test_the_rest_of_a_vault_of_traps_is_read(trapped: Path) -> None:
    texts = {task["text"] for task in mdtasks(trapped, "list", "--json").json["tasks"]}
    assert {"good", *(f"name {number}" for number in range(len(NAMES)))} <= texts


def test_check_names_each_trap_with_a_hint(trapped: Path) -> None:
    problems = mdtasks(trapped, "check", "--json").json["problems"]
    told = {problem["path"] for problem in problems if problem["hint"]}
    wanted = {f"front {n}.md" for n, (_, line) in enumerate(FRONT.values()) if line}
    assert wanted | {"deep 0.md", "utf16.md"} <= told


def test_on_a_terminal_nothing_moves_the_cursor_or_turns_the_text(trapped: Path) -> None:
    for args in (["list"], ["check"], ["today"]):
        shown = on_terminal(trapped, "--color", "never", *args).out.decode()
        assert "good" in shown or args == ["check"]
        assert control_characters(shown, terminal=True) <= {"\r", "\x1b"}
        assert "\x1b[2J" not in shown
        assert "\x1b]0;" not in shown


def test_one_long_line_does_not_stretch_the_others(vault: MakeVault) -> None:
    root = vault({"a.md": f"- [ ] {'x' * 60_000}\n" + "- [ ] short\n" * 200})
    assert len(mdtasks(root, "list").out) < 200_000


def test_notes_of_many_megabytes_keep_to_themselves(vault: MakeVault) -> None:
    root = vault(
        {
            "20 MB.md": TASK + "x" * 20_000_000,
            "9 MB.md": f"{TASK}\n{'- [ ] x ' * 1_100_000}\n\n- [ ] U\n",
            "good.md": "- [ ] good\n",
        }
    )
    texts = [task["text"] for task in mdtasks(root, "list", "--json").json["tasks"]]
    assert sorted(texts) == ["T", "U", "good"]
    assert [
        (problem["path"], problem["line"], problem["hint"])
        for problem in mdtasks(root, "check", "--json").json["problems"]
    ] == [("20 MB.md", 1, "split it into several"), ("9 MB.md", 3, "break it into several lines")]


@pytest.fixture
def special(vault: MakeVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A vault with a good note, and everything but files under the names of notes."""
    root = vault({"good.md": "- [ ] good\n", "folder.md/in.md": "- [ ] inside\n"})
    (tmp_path / "outside.md").write_text("- [ ] outside\n")
    os.mkfifo(root / "pipe.md")
    monkeypatch.chdir(root)  # the name of a socket is at most 107 bytes
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.md")
    (root / "self.md").symlink_to("self.md")
    (root / "around").symlink_to(root, target_is_directory=True)
    (root / "out.md").symlink_to(tmp_path / "outside.md")
    (root / "far").symlink_to(tmp_path, target_is_directory=True)
    (root / "zero.md").symlink_to("/dev/zero")
    (root / "to pipe.md").symlink_to("pipe.md")
    return root


def test_what_is_no_file_is_neither_opened_nor_waited_for(special: Path) -> None:
    ran = process(special, "list", "--json")
    assert [task["text"] for task in ran.json["tasks"]] == ["inside", "good"]
    assert sorted(ran.said) == [
        "mdtasks: pipe.md: is a pipe, a socket or a device, and not read",
        "mdtasks: socket.md: is a pipe, a socket or a device, and not read",
    ]


def test_a_note_that_became_a_pipe_since_the_walk_is_not_waited_for(special: Path) -> None:
    problem = notes.read(special, "pipe.md")
    assert isinstance(problem, Problem)
    assert problem.hint == "move it out of the vault, or give it a name without .md"


def _meddle(root: Path, stop: Event) -> None:
    """Let a note grow, and others come and go, until told to stop."""
    number = 0
    while not stop.is_set():
        number += 1
        if number < 200:
            with (root / "growing.md").open("a") as file:
                file.write(f"- [ ] grown {number}\n" * 20)
        passing = root / f"passing {number % 5}"
        passing.mkdir(exist_ok=True)
        (passing / "a.md").write_text("- [ ] passing\n")
        (passing / "a.md").unlink()
        passing.rmdir()


@pytest.fixture
def restless(vault: MakeVault) -> Iterator[tuple[Path, Event]]:
    root = vault({"good.md": "- [ ] good\n", "growing.md": ""})
    fork = multiprocessing.get_context("fork")
    stop = fork.Event()
    child = fork.Process(target=_meddle, args=(root, stop))
    child.start()
    yield root, stop
    stop.set()
    child.join()


def test_notes_that_grow_and_vanish_meanwhile_are_no_trouble(restless: tuple[Path, Event]) -> None:
    root, stop = restless
    for _ in range(6):
        query = ("list", "description includes good", "--json")
        ran = call("--vault", str(root), "--now", NOW, *query)
        assert (ran.code, [task["text"] for task in ran.json["tasks"]]) == (0, ["good"])
    stop.set()
    for child in multiprocessing.active_children():
        child.join()
    tasks = mdtasks(root, "list", "path includes growing", "--json").json["tasks"]
    assert len(tasks) == (root / "growing.md").read_text().count("- [ ]") > 0
