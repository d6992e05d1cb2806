"""`focus`: which task, how long, what is logged, and a terminal that is left as it was."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mdtasks.app.focus import Clock
from mdtasks.model import Source, Status, Task
from mdtasks.render.focus import View, bar, clock, screen
from mdtasks.render.pen import Pen
from tests.conftest import MakeVault
from tests.running import environ, mdtasks, still

NOTES = {
    "Work.md": "- [ ] Write #a\n  - [x] Read\n  - [ ] Draft\n  - [ ] Cut\n- [ ] Call\n",
    "mdtasks.toml": 'timezone = "UTC"\n',
}
TODAY = "2026-11-23.md"
# Early in a minute: none of these takes as long as that.
NOW = "2026-11-23T13:04:05"


def text(root: Path, name: str = TODAY) -> str:
    return (root / name).read_bytes().decode()


def command(root: Path, *args: str) -> list[str]:
    return [sys.executable, "-m", "mdtasks", "--vault", str(root), "--now", NOW, "focus", *args]


class Terminal:
    """A run of `focus` on a terminal of its own."""

    def __init__(self, root: Path, *args: str) -> None:
        still(root)
        self.ours, theirs = pty.openpty()
        self.before = termios.tcgetattr(theirs)
        self.child = subprocess.Popen(
            command(root, *args), stdin=theirs, stdout=theirs, stderr=theirs,
            env={**environ(), "TERM": "xterm", "PATH": ""}, start_new_session=True,
        )  # fmt: skip
        self.theirs, self.seen = theirs, ""

    def until(self, words: str) -> None:
        """Read until the words have come."""
        deadline = time.monotonic() + 60
        while words not in self.seen:
            assert time.monotonic() < deadline, self.seen
            ready, _, _ = select.select([self.ours], [], [], 1)
            if ready:
                self.seen += os.read(self.ours, 65536).decode()

    def press(self, key: str) -> None:
        os.write(self.ours, key.encode())

    def end(self) -> int:
        """Return the exit code; the terminal is as it was before."""
        self.until("\x1b[?1049l")
        code = self.child.wait(60)
        assert termios.tcgetattr(self.theirs) == self.before
        assert self.seen.index("\x1b[?1049h") < self.seen.rindex("\x1b[?25h")
        os.close(self.ours)
        os.close(self.theirs)
        return code


def test_in_a_pipe_it_says_the_task_waits_and_logs(vault: MakeVault) -> None:
    root = vault(NOTES)
    still(root)
    ran = subprocess.run(
        command(root, "Work.md:1", "--minutes", "0.05"), capture_output=True, env=environ(),
        stdin=subprocess.DEVNULL, check=True, text=True,
    )  # fmt: skip
    assert ran.stdout.splitlines() == [
        "Write #a · until 13:04", "  [x] Read", "  [ ] Draft", "  [ ] Cut", "worked until 13:04"
    ]  # fmt: skip
    assert text(root) == "## Time log\n\n- 13:04 - 13:04 Write ([[Work]])\n"


def test_json_is_one_object_at_the_end(vault: MakeVault) -> None:
    root = vault(NOTES)
    shape = mdtasks(root, "focus", "Work.md:5", "--minutes", "0.01", "--json", now=NOW).json
    (entry,) = shape["entries"]
    assert (entry["text"], entry["task"]) == ("Call ([[Work]])", shape["task"])


def test_a_crash_is_logged_up_to_then(vault: MakeVault, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("mdtasks.cli.focus._plainly", crash)
    root = vault(NOTES)
    with pytest.raises(RuntimeError):
        mdtasks(root, "focus", "Work.md:5", now=NOW)
    assert "- 13:04 - 13:0" in text(root)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_and_the_interval_is_logged(
    vault: MakeVault, number: signal.Signals
) -> None:
    terminal = Terminal(root := vault(NOTES), "Work.md:1")
    terminal.until("Draft")
    assert text(root) == "## Time log\n\n- 13:04 - Write ([[Work]])\n"
    terminal.child.send_signal(number)
    assert terminal.end() == 128 + number
    assert "- 13:04 - 13:0" in text(root)


def test_steps_and_the_task_are_ticked_as_by_done(vault: MakeVault) -> None:
    terminal = Terminal(root := vault(NOTES), "Work.md:1")
    terminal.until("Draft")
    terminal.press("s")
    terminal.until("[x]\x1b[0m  \x1b[2mDraft")
    assert "- [x] Draft ✅ 2026-11-23\n" in text(root, "Work.md")
    terminal.press("d")
    assert terminal.end() == 0
    assert text(root, "Work.md").startswith("- [x] Write #a ✅ 2026-11-23\n")
    assert "- [ ] Cut\n" in text(root, "Work.md")
    assert "- 13:04 - 13:0" in text(root)


def test_keys_typed_at_once_all_count_and_arrows_are_none(vault: MakeVault) -> None:
    terminal = Terminal(root := vault(NOTES), "Work.md:1")
    terminal.until("Draft")
    terminal.press("\x1b[A\x1bOBs\x1b[1;5Dd")
    assert terminal.end() == 0
    done = text(root, "Work.md")
    assert done.startswith("- [x] Write #a ✅ 2026-11-23\n")
    assert "- [x] Draft ✅ 2026-11-23\n" in done
    assert "- [ ] Cut\n" in done


def test_a_pause_stops_the_clock_and_five_minutes_are_added(vault: MakeVault) -> None:
    terminal = Terminal(root := vault(NOTES), "Work.md:1", "--minutes", "10")
    terminal.until("9:5")
    terminal.press("e")
    terminal.until("14:5")
    terminal.press(" ")
    terminal.until("paused")
    terminal.press("q")
    assert terminal.end() == 0
    assert text(root).count("Write ([[Work]])") == 1
    assert "- 13:04 - 13:0" in text(root)


def test_when_the_time_is_over_the_clock_stops_and_it_rings(vault: MakeVault) -> None:
    terminal = Terminal(root := vault(NOTES), "Work.md:1", "--minutes", "0.02")
    terminal.until("\a")
    terminal.until("Rest")
    assert "- 13:04 - 13:0" in text(root)
    terminal.press("q")
    assert terminal.end() == 0


@pytest.mark.parametrize("key", ["Work.md:2", "0f9"])
def test_what_cannot_be_begun_is_refused_and_nothing_is_logged(vault: MakeVault, key: str) -> None:
    root = vault(NOTES)
    assert mdtasks(root, "focus", key, "--minutes", "0.01").code == 1
    assert not (root / TODAY).exists()


def test_without_a_key_it_is_the_task_of_the_block_that_runs(vault: MakeVault) -> None:
    root = vault({**NOTES, "Plan.md": "- [ ] 13:00-14:00 Talk ⏳ 2026-11-23\n"})
    ran = mdtasks(root, "focus", "--minutes", "0.01", now=NOW)
    assert (ran.code, ran.lines[0]) == (0, "Talk · until 13:04")
    assert "Talk ([[Plan]])" in text(root)


def test_a_clock_that_runs_for_the_task_goes_on(vault: MakeVault) -> None:
    root = vault({**NOTES, TODAY: "# Time log\n- 13:00 - Call ([[Work]])\n"})
    assert mdtasks(root, "focus", "Work.md:5", "--minutes", "0.01", now=NOW).code == 0
    assert text(root).startswith("# Time log\n- 13:00 - 13:0")
    assert text(root).count("Call") == 1


def test_the_clock_moves_on_from_the_moment_of_the_session() -> None:
    began = datetime(2026, 10, 25, 1, 50, tzinfo=ZoneInfo("Europe/Berlin"))
    moved = Clock(began, time.monotonic() - 90 * 60).now()
    # The clocks went back in between: the second 02:20.
    assert (f"{moved:%H:%M}", moved.fold) == ("02:20", 1)


# The screen


def task(words: str, status: Status = Status.TODO) -> Task:
    return Task(Source("a.md", 1, ""), status, " ", words)


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("left", "shown"),
    [(0, "0:00 left"), (59, "0:59 left"), (3600, "1:00:00 left"), (-61, "1:01 over")],
)
def test_what_is_left_is_a_clock(left: int, shown: str) -> None:
    assert clock(timedelta(seconds=left)) == shown


def test_the_bar_fills_as_time_goes_by() -> None:
    pen = Pen(True, False, 24)
    bars = [bar(View(task("x"), (), left * MINUTE, 10 * MINUTE), pen) for left in (10, 5, 0, -5)]
    assert [each.count("█") for each in bars] == [0, 10, 20, 20]
    assert {len(each) for each in bars} == {20}


def test_the_screen_keeps_to_its_height_and_shows_the_next_step() -> None:
    steps = [task(f"step {n}", Status.DONE if n < 30 else Status.TODO) for n in range(60)]
    view = View(task("Write \x1b[2J\u202e"), steps, MINUTE, MINUTE)
    for height in (5, 12, 24):
        lines = screen(view, Pen(True, False, 80), height)
        assert len(lines) < height
        assert not {"\x1b", "\u202e"} & set("".join(lines))
    assert any("step 30" in line for line in lines)
