"""A file for ourselves, for a moment: the kernel lets nobody else open it meanwhile.

Whoever tries waits until we are through. See fcntl(2), "Leases": on Linux, for the owner of the
file, where the file system has them.

Rule: held for milliseconds, and let go whatever happens.
"""

from __future__ import annotations

import errno
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from typing import NamedTuple


class Answer(Enum):
    """What the kernel says to somebody who asks for a lease."""

    GRANTED = "yes"
    IN_USE = "somebody has the file open"
    NEVER = "not here: not Linux, not our file, a file system without leases"


class Lease(NamedTuple):
    descriptor: int
    answer: Answer
    kind: int = 0

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits to open the file."""
        if sys.platform != "linux" or self.answer is not Answer.GRANTED:
            return False
        import fcntl

        return fcntl.fcntl(self.descriptor, fcntl.F_GETLEASE) != self.kind


@contextmanager
def nobody_writes(descriptor: int) -> Iterator[Lease]:
    """Keep writers away from a file that is open for reading."""
    with _held(descriptor, "F_RDLCK") as lease:
        yield lease


@contextmanager
def nobody_else(descriptor: int) -> Iterator[Lease]:
    """Keep everybody away from a file that is open here alone."""
    with _held(descriptor, "F_WRLCK") as lease:
        yield lease


@contextmanager
def _held(descriptor: int, name: str) -> Iterator[Lease]:
    if sys.platform != "linux":
        yield Lease(descriptor, Answer.NEVER)
        return
    import fcntl

    kind: int = getattr(fcntl, name)
    try:
        # Somebody who opens the file sends us a signal, by default one that ends the process.
        # This one does nothing unless asked for, in whatever thread it arrives.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, kind)
    except OSError as error:
        yield Lease(descriptor, Answer.IN_USE if error.errno == errno.EAGAIN else Answer.NEVER)
        return
    try:
        yield Lease(descriptor, Answer.GRANTED, kind)
    finally:
        with suppress(OSError):  # closing lets go of it too
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
