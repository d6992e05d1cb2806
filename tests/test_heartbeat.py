"""While a watcher keeps the index true, commands that read do not look at the notes again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mdtasks.app.session import open_session
from mdtasks.write.heartbeat import age, beat, is_beating, pause
from mdtasks.write.locks import hold
from tests.conftest import MakeVault
from tests.running import command, environ, mdtasks
from tests.test_startup import loaded_by

BASIS = "1 settings"


def set_age(state: Path, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(state / "watch.beat", (moment, moment))


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state folder whose watcher has just beaten."""
    with hold(tmp_path, "watch"):
        beat(tmp_path, BASIS)
        yield tmp_path


def test_a_beat_counts_while_the_lock_is_held(state: Path) -> None:
    assert is_beating(state, BASIS)


@pytest.mark.parametrize("seconds", [2.5, 3600, -5])
def test_an_old_beat_and_one_of_tomorrow_count_for_nothing(state: Path, seconds: float) -> None:
    set_age(state, seconds)
    assert not is_beating(state, BASIS)


def test_a_second_beat_renews_the_first(state: Path) -> None:
    set_age(state, 60)
    beat(state, BASIS)
    assert is_beating(state, BASIS)


def test_a_beat_by_other_settings_counts_for_nothing(state: Path) -> None:
    assert not is_beating(state, BASIS + " changed")
    beat(state, BASIS + " changed")
    assert is_beating(state, BASIS + " changed")


def test_a_pause_takes_the_beat_away(state: Path) -> None:
    pause(state)
    pause(state)
    assert age(state) is None
    assert not is_beating(state, BASIS)


def test_a_beat_without_a_lock_is_a_dead_watchers(tmp_path: Path) -> None:
    beat(tmp_path, BASIS)
    assert not is_beating(tmp_path, BASIS)
    with hold(tmp_path, "watch"):
        pass
    assert not is_beating(tmp_path, BASIS)


# With a watcher


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"a.md": "- [ ] first 📅 2026-11-23\n"})


@pytest.fixture
def watcher(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A watcher that has nothing to do."""
    words = command(root, "watch")
    with subprocess.Popen(words, stderr=subprocess.DEVNULL, env=environ()) as process:
        wait_for(root, beats=True)
        yield process
        process.kill()


def trusted(root: Path) -> bool:
    session = open_session(str(root), None, lambda line: None)
    return is_beating(session.places.state, session.reading)


def wait_for(root: Path, *, beats: bool) -> None:
    deadline = time.monotonic() + 60
    while trusted(root) is not beats:
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.mark.usefixtures("watcher")
def test_today_beside_a_watcher_does_not_look_at_the_notes(root: Path) -> None:
    assert {"mdtasks.vault", "mdtasks.app.refresh"} & loaded_by(root, "today") == set()


@pytest.mark.usefixtures("watcher")
def test_a_change_stops_the_beat_until_it_is_read(root: Path) -> None:
    for number in range(3):
        (root / "a.md").write_text(f"- [ ] number {number} 📅 2026-11-23\n", encoding="utf-8")
        wait_for(root, beats=False)
        wait_for(root, beats=True)
        assert f"number {number}" in mdtasks(root, "list").out.decode()


def test_a_killed_watcher_is_trusted_no_more(root: Path, watcher: subprocess.Popen[bytes]) -> None:
    watcher.send_signal(signal.SIGKILL)
    watcher.wait()
    assert not trusted(root)
    assert "mdtasks.vault" in loaded_by(root, "today")


def test_a_stopped_watcher_takes_its_beat_along(
    root: Path, watcher: subprocess.Popen[bytes]
) -> None:
    state = open_session(str(root), None, lambda line: None).places.state
    watcher.terminate()
    watcher.wait()
    assert age(state) is None


@pytest.mark.usefixtures("watcher")
def test_changing_commands_look_at_the_notes_all_the_same(root: Path) -> None:
    (task,) = mdtasks(root, "list", "--json").json["tasks"]
    assert mdtasks(root, "done", task["key"]).code == 0
    assert mdtasks(root, "list").out == b""


def test_settings_changed_while_a_watcher_runs_are_not_overlooked(
    root: Path, watcher: subprocess.Popen[bytes]
) -> None:
    watcher.send_signal(signal.SIGSTOP)
    (root / "mdtasks.toml").write_text('[read]\nglobal_filter = "#task"\n', encoding="utf-8")
    try:
        assert mdtasks(root, "list").out == b""
    finally:
        watcher.send_signal(signal.SIGCONT)


def test_asking_does_not_disturb_a_watcher_that_starts(tmp_path: Path) -> None:
    with hold(tmp_path, "watch"):
        pass
    beat(tmp_path, BASIS)
    assert not is_beating(tmp_path, BASIS)
    with hold(tmp_path, "watch", timedelta(0)):
        assert is_beating(tmp_path, BASIS)
