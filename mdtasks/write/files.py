"""Read and make files, by the few system calls that it takes.

Rule: this module knows files and bytes, not notes. Every OSError goes through to the caller.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_BINARY = getattr(os, "O_BINARY", 0)  # Windows
# A link in the place of a file is an OSError, whoever put it there.
READ_ONLY = os.O_RDONLY | _BINARY | getattr(os, "O_NOFOLLOW", 0)

_HINTS = {
    errno.ENOSPC: "free some space on that disk and try again",
    errno.EDQUOT: "free some space in your quota and try again",
    errno.EACCES: "give yourself write permission on it and on its folder",
    errno.EPERM: "give yourself write permission on it and on its folder",
    errno.EROFS: "that file system is mounted read-only",
    errno.EIO: "the disk or the network drive failed; check it and try again",
}


class Seen(NamedTuple):
    """A file as it was read."""

    data: bytes
    stat: os.stat_result

    def still(self, now: Seen) -> bool:
        return stamp(self.stat) == stamp(now.stat) and self.data == now.data


def stamp(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def look(path: Path) -> Seen:
    descriptor = os.open(path, READ_ONLY)
    try:
        # The stat comes first: a write during the reading makes it too old, and that is noticed.
        stat = os.fstat(descriptor)
        return Seen(read_all(descriptor), stat)
    finally:
        os.close(descriptor)


def read_all(descriptor: int) -> bytes:
    """Return the bytes from where the descriptor stands to the end."""
    pieces = []
    while piece := os.read(descriptor, 1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def open_new(path: Path, mode: int) -> int:
    """Return a descriptor for writing a file that was not there."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)


def write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def put(path: Path, data: bytes, durable: bool = True) -> None:
    """Let a file of ours hold `data`: whoever reads it meets the old bytes or the new ones.

    For the state folder, where one at a time writes: what a killed run left of its new bytes is
    written over.
    """
    new = path.with_name(f"{path.name}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, 0o600)
    try:
        write_all(descriptor, data)
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(new, path)  # noqa: PTH105
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable, where the system can; they are right in any case."""
    with suppress(OSError):  # Windows, some network file systems
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def explain(error: OSError) -> tuple[str, str]:
    """Return the reason and the hint for a person."""
    hint = _HINTS.get(error.errno or 0, "check the file and its folder, and try again")
    return error.strerror or str(error), hint
