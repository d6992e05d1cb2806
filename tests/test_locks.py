"""The locks of a vault, held by real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mdtasks.errors import LockedError
from mdtasks.write.locks import hold

AT_ONCE = timedelta(0)
HOLDER = """
import sys
from pathlib import Path
from mdtasks.write.locks import hold
with hold(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.readline()
"""

Holder = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[Holder]:
    """Return a function that starts a process which holds a lock until it reads a line."""
    started = []

    def start(name: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(tmp_path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_lock_that_another_process_holds_is_refused_with_exit_code_5(
    holder: Holder, tmp_path: Path
) -> None:
    holder("write")
    with pytest.raises(LockedError) as refused, hold(tmp_path, "write", timedelta(seconds=0.1)):
        pass
    assert refused.value.exit_code == 5
    assert "`write`" in refused.value.message
    assert refused.value.hint


def test_a_lock_is_waited_for(holder: Holder, tmp_path: Path) -> None:
    process = holder("write")
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
    with hold(tmp_path, "write"):
        pass


def test_a_killed_process_holds_nothing(holder: Holder, tmp_path: Path) -> None:
    process = holder("write")
    process.send_signal(signal.SIGKILL)
    process.wait()
    with hold(tmp_path, "write", AT_ONCE):
        pass


def test_the_two_locks_are_apart(holder: Holder, tmp_path: Path) -> None:
    holder("watch")
    with hold(tmp_path, "write", AT_ONCE):
        pass


def test_a_failure_inside_lets_go(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), hold(tmp_path, "write"):
        raise ZeroDivisionError
    with hold(tmp_path, "write", AT_ONCE):
        pass


def test_a_forked_child_that_outlives_us_keeps_no_lock(tmp_path: Path) -> None:
    with hold(tmp_path, "write"):
        child = os.fork()
        if not child:
            time.sleep(60)
            os._exit(0)
    try:
        with hold(tmp_path, "write", AT_ONCE):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_patience_ends_in_time(holder: Holder, tmp_path: Path) -> None:
    holder("write")
    began = time.monotonic()
    with pytest.raises(LockedError), hold(tmp_path, "write", timedelta(seconds=0.2)):
        pass
    assert 0.2 <= time.monotonic() - began < 2
