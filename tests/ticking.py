"""What the tests of writing share: ticks, and notes of a known age."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

from mdtasks.model import Edit
from mdtasks.write.safely import Patience

# The notes of tests are a moment old; only some tests are about waiting for that.
AT_ONCE = Patience(quiet=timedelta(0))
ONE = b"- [ ] one\n"
ONE_DONE = b"- [x] one\n"


def tick(path: str, line: int, text: str) -> Edit:
    return Edit(path, line, f"- [ ] {text}", (f"- [x] {text}",))


def temp_files(root: Path) -> list[Path]:
    return list(root.rglob("*.tmp"))


def make_old(path: Path) -> None:
    an_hour_ago = time.time() - 3600
    os.utime(path, (an_hour_ago, an_hour_ago))
