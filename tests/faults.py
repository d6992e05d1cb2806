"""A disk that fails and runs that are killed, at any system call of writing that is asked for.

Rule: the calls are counted where Python makes them, as they stand in the code under test; the
files are real.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from mdtasks.write import renames
from mdtasks.write.leases import Answer, Lease

# What writing does to files and folders, and what it reads of them.
CHANGING = (
    *("open", "write", "pwrite", "fsync", "replace", "rename", "unlink", "mkdir"),
    *("chmod", "chown", "utime", "setxattr"),
)
READING = ("read", "close", "stat", "lstat", "fstat", "scandir", "listxattr", "getxattr")

Before = Callable[[str], None]  # called with the name of the call that is about to be made


@contextmanager
def counted(before: Before, names: Sequence[str] = CHANGING) -> Iterator[None]:
    """Call `before` ahead of each system call of these names, and of exchanges."""

    def around(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted_call(*args: Any, **named: Any) -> Any:
            if name == "close":  # also one that fails has closed the file
                call(*args)
                return before(name)
            before(name)
            return call(*args, **named)

        return counted_call

    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            if hasattr(os, name):
                patch.setattr(os, name, around(name, getattr(os, name)))
        if "read" in names:
            patch.setattr(io, "open", around("open", io.open))
        patch.setattr(renames, "_renameat2", around("renameat2", renames._renameat2))
        yield


class Nth:
    """Does something at the n-th call; `reached` tells whether there were so many."""

    def __init__(self, number: int, act: Before) -> None:
        self._left = number
        self._act = act
        self.reached = False

    def __call__(self, name: str) -> None:
        self._left -= 1
        if self._left == 0:
            self.reached = True
            self._act(name)


def failing(code: int) -> Before:
    def fail(name: str) -> None:
        raise OSError(code, os.strerror(code), name)

    return fail


@contextmanager
def no_lease(descriptor: int) -> Iterator[Lease]:
    """What a system gives that keeps nobody from opening a note: not Linux, another's note."""
    yield Lease(descriptor, Answer.NEVER)


def kill_myself(name: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def in_child(work: Callable[[], object], user: int | None = None) -> int:
    """Do the work in a process of its own; return its exit code, negative for a signal.

    As another user if one is named and this one may become it.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        if user is not None and os.geteuid() == 0:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        work()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def killed_at(number: int, work: Callable[[], object]) -> bool:
    """Whether the work, in a process of its own, was killed at the n-th call; else it is done."""

    def counting() -> None:
        with counted(Nth(number, kill_myself)):
            work()

    code = in_child(counting)
    assert code in (0, -signal.SIGKILL)
    return code != 0
