"""What the tests of writing share: ticks, and notes of a known age."""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from mdtasks.model import Edit
from mdtasks.write.safely import Patience

# The notes of tests are a moment old; only some tests are about waiting for that.
AT_ONCE = Patience(quiet=timedelta(0))
# Neither is there time to try again.
RIGHT_NOW = Patience(quiet=timedelta(0), wait=timedelta(0))
ONE = b"- [ ] one\n"
ONE_DONE = b"- [x] one\n"
ONE_DATED = "- [x] one ✅ 2026-11-22\n".encode()


def tick(path: str, line: int, text: str) -> Edit:
    """Tick without a date: the line is as long as before, and one byte differs."""
    return Edit(path, line, f"- [ ] {text}", (f"- [x] {text}",))


def dated(path: str, line: int, text: str) -> Edit:
    """Tick with a date: the line grows, and a new file takes the place of the old one."""
    return Edit(path, line, f"- [ ] {text}", (f"- [x] {text} ✅ 2026-11-22",))


def temp_files(root: Path) -> list[Path]:
    return list(root.rglob("*.tmp"))


def make_old(path: Path) -> None:
    an_hour_ago = time.time() - 3600
    os.utime(path, (an_hour_ago, an_hour_ago))


def has_leases(folder: Path) -> bool:
    """Whether the system lets us have a file there for ourselves for a moment."""
    if sys.platform != "linux":
        return False
    import fcntl

    probe = folder / "probe"
    descriptor = os.open(probe, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError:
        return False
    finally:
        os.close(descriptor)
        probe.unlink()
    return True
