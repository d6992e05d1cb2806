"""Streams that somebody closed: what was asked is done all the same, and only the telling ends."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import Ran, command, environ, process, still

DONE = "- [x] one ✅ 2026-11-23\n"
# More than a pipe holds.
MANY, LONG = 300, 300


@pytest.fixture
def root(vault: MakeVault) -> Path:
    root = vault({"a.md": "- [ ] one\n"})
    still(root)
    return root


def in_shell(root: Path, redirected: str, *args: str) -> Ran:
    """Run a command in a shell that redirects its streams, or pipes them."""
    script = f'"$@" {redirected}'
    words = ["bash", "-c", f"set -o pipefail; {script}", "bash", *command(root, *args)]
    done = subprocess.run(words, capture_output=True, check=False, env=environ())
    return Ran(done.returncode, done.stdout, done.stderr)


# --- closed before we began: as if it were /dev/null ---


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", [["done", "a.md:1"], ["done", "a.md:1", "--json"]], ids=" ".join)
def test_a_task_is_ticked_whatever_stream_is_closed(
    root: Path, closed: str, words: list[str]
) -> None:
    ran = in_shell(root, closed, *words)
    assert (ran.code, ran.err) == (0, b"")
    assert bool(ran.out) is (">&-" not in closed.replace("2>&-", ""))
    assert (root / "a.md").read_text() == DONE


@pytest.mark.parametrize(
    "words", [["list"], ["today"], ["list", "--json"], ["check"]], ids=" ".join
)
def test_what_is_told_on_stdout_is_told_without_stderr(root: Path, words: list[str]) -> None:
    assert in_shell(root, "2>&-", *words) == process(root, *words)


def test_without_stderr_the_last_change_is_taken_back(root: Path) -> None:
    assert process(root, "done", "a.md:1").code == 0
    still(root)
    assert in_shell(root, "2>&-", "undo").code == 0
    assert (root / "a.md").read_text() == "- [ ] one\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "2>/dev/full", ">&- 2>&-"])
def test_a_failure_keeps_its_exit_code_without_a_stream(root: Path, closed: str) -> None:
    ran = in_shell(root, closed, "done", "zzz")
    assert ran.code == process(root, "done", "zzz").code != 0
    assert b"Traceback" not in ran.err


def test_without_stdin_there_are_no_steps_to_read(root: Path) -> None:
    ran = in_shell(root, "<&-", "split", "a.md:1")
    assert ran.code == 2
    assert ran.said[0] == "mdtasks: no steps were given; nothing was written"


# --- closed by its reader ---


def test_what_is_to_be_mended_is_mended_though_nobody_reads_to_the_end(vault: MakeVault) -> None:
    text = f"- [ ] {'pay the rent ' * (LONG // 13)}📅 "
    root = vault({"a.md": f"{text}2026/12/5\n" * MANY})
    still(root)
    ran = in_shell(root, "2>/dev/null | head -3", "check", "--fix", "--yes", "--faults")
    assert ran.lines[:2] == ["--- a.md", "+++ a.md"]
    assert (root / "a.md").read_text() == f"{text}2026-12-05\n" * MANY


def test_a_reader_of_notices_that_has_gone_keeps_nothing_from_being_done(root: Path) -> None:
    # This notice comes before the change.
    (root / ".obsidian").mkdir()
    (root / ".obsidian" / "daily-notes.json").write_text("{")
    assert b"daily-notes.json" in process(root, "index").err
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(command(root, "done", "a.md:1"), stderr=theirs, env=environ())
    os.close(theirs)
    assert done.returncode == 0
    assert (root / "a.md").read_text() == DONE
