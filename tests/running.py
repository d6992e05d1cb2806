"""Runs of the command line: in this process, as a process of its own, and on a terminal.

Rule: bytes as a pipe or a terminal gets them; the notes lie still, so that a change needs not
wait until an editor has finished.
"""

from __future__ import annotations

import errno
import fcntl
import io
import json
import os
import pty
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mdtasks.cli import enter
from mdtasks.console import run
from tests.ticking import make_old

# A Monday, before work begins.
NOW = "2026-11-23T08:30"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run left behind."""

    code: int
    out: bytes
    err: bytes

    @property
    def lines(self) -> list[str]:
        return self.out.decode().splitlines()

    @property
    def said(self) -> list[str]:
        """The lines on stderr."""
        return self.err.decode().splitlines()

    @property
    def json(self) -> dict[str, Any]:
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


def mdtasks(root: Path, *args: str, now: str = NOW) -> Ran:
    """Run a command on the vault at `root`, at `now`, in this process."""
    still(root)
    return call("--vault", str(root), "--now", now, *args)


def call(*args: str) -> Ran:
    """Run the command line as it stands, in this process."""
    with _pipe() as out, _pipe() as err, redirect_stdout(out), redirect_stderr(err):
        code = run(lambda: enter(args))
        return Ran(code, _written(out), _written(err))


@contextmanager
def _pipe() -> Iterator[io.TextIOWrapper]:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    yield stream
    stream.close()


def _written(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue()


def still(root: Path) -> None:
    """Make fresh notes an hour old: nobody is writing them just now."""
    for path in root.rglob("*.md"):
        if path.is_file() and not path.is_symlink() and time.time() - path.stat().st_mtime < 60:
            make_old(path)


def command(root: Path, *args: str) -> list[str]:
    """Return the arguments of a process of its own."""
    place = ["--vault", str(root), "--now", NOW]
    return [sys.executable, "-m", "mdtasks", *place, *args]


def process(root: Path, *args: str) -> Ran:
    """Run a command as a process of its own, with pipes for stdout and stderr."""
    done = subprocess.run(command(root, *args), capture_output=True, check=False, env=environ())
    return Ran(done.returncode, done.stdout, done.stderr)


def on_terminal(
    root: Path,
    *args: str,
    columns: int = 80,
    variables: Mapping[str, str] = MappingProxyType({}),
    typed: bytes = b"",
) -> Ran:
    """Run a command on a terminal; what it shows, of stdout and stderr alike, is in `out`."""
    mdtasks(root, "index")  # else a busy machine shows how far it has read
    ours, theirs = pty.openpty()
    os.write(ours, typed)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**environ(), "TERM": "xterm-256color", **variables}
    with subprocess.Popen(
        command(root, *args), stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as child:
        os.close(theirs)
        shown = b"".join(_shown(ours))
        os.close(ours)
    return Ran(child.returncode, shown.replace(b"\r\n", b"\n"), b"")


def _shown(terminal: int) -> Iterator[bytes]:
    """Yield what the terminal shows until nobody has it open any more."""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError as error:
            if error.errno != errno.EIO:  # how Linux says that the other end is closed
                raise
            return
        if not chunk:
            return
        yield chunk


def environ() -> Mapping[str, str]:
    """Return the environment of a child: this one's, and the path to the code under test."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
