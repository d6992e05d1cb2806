"""The locks of a vault: `write` for one change, `watch` for a watcher's life.

Rule: the kernel holds them, not the existence of a file: whoever dies lets go. The lock files
stay; to delete one would let two processes lock two files of the same name.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from mdtasks.errors import LockedError

_POLL_SECONDS = 0.02
_ASKING_SECONDS = 0.1


@contextmanager
def hold(state: Path, name: str, patience: timedelta = timedelta(seconds=10)) -> Iterator[None]:
    """Hold the lock `name` of the vault whose state folder is `state`.

    Not re-entrant. Raises LockedError when another holds it for longer than `patience`.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(state / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        # Who asks whether it is held (see is_held) holds it for a moment.
        deadline = time.monotonic() + max(patience.total_seconds(), _ASKING_SECONDS)
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                raise LockedError(
                    f"another mdtasks holds the lock `{name}` of this vault",
                    "wait until it has finished, or stop it, and try again",
                )
            time.sleep(_POLL_SECONDS)
        try:
            yield
        finally:
            # Closing alone is not enough: a forked child keeps the lock with its descriptor.
            with suppress(OSError):
                _unlock(descriptor)
    finally:
        with suppress(OSError):  # what was to be done under the lock is done
            os.close(descriptor)


def is_held(state: Path, name: str) -> bool:
    """Whether somebody holds the lock. For the moment of asking we may hold it ourselves."""
    try:
        descriptor = os.open(state / f"{name}.lock", os.O_RDWR)
    except OSError:
        return False
    try:
        if not _try_lock(descriptor):
            return True
        _unlock(descriptor)
        return False
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
