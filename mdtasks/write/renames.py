"""The two ways of renaming that Python does not have: swap two files, and never over another.

Rule: one step each, as the kernel does it, or not at all. What an exchange takes away is looked
at before anybody removes it.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mdtasks.write.files import look, sync_folder

# linux/fcntl.h, linux/fs.h
_AT_FDCWD, _NO_REPLACE, _EXCHANGE = -100, 1, 2


def exchange(one: Path, other: Path) -> bool:
    """Swap two files; False where the system cannot (not Linux, NFS, old kernels)."""
    return _renameat2(one, other, _EXCHANGE)


def after_exchange(
    temp: Path,
    path: Path,
    placed: bytes,
    expected: bytes,
    is_wanted: Callable[[], bool] = lambda: False,
) -> tuple[bytes, bytes]:
    """Return what stays in `path` and what is left in `temp`, which may go now.

    `placed` was just exchanged into `path`, and what it took away must be `expected`, and not be
    wanted by somebody who is about to write it. If not, somebody saved in between: their file
    goes back, what that takes away must be ours, and so on until no save comes between two looks.
    The look is repeated after the folder is on disk, for an editor that had the file open. If a
    look fails, all is given back.
    """
    ours, synced = placed, False
    try:
        while True:
            taken = look(temp).data
            if taken != expected or (placed is ours and is_wanted()):
                exchange(temp, path)
                placed, expected, synced = taken, placed, False
            elif synced:
                return placed, taken
            else:
                sync_folder(path.parent)
                synced = True
    except OSError:
        with suppress(OSError):
            if placed == ours:
                exchange(temp, path)
            if look(temp).data == ours:  # else the next run looks
                temp.unlink()
        raise


def rename_new(old: Path, new: Path) -> bool:
    """Rename to a name that nobody has, else FileExistsError; False where the system cannot."""
    if sys.platform == "win32":
        old.rename(new)  # there it never replaces
        return True
    return _renameat2(old, new, _NO_REPLACE)


def _renameat2(one: Path, other: Path, flags: int) -> bool:
    if sys.platform != "linux":
        return False
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    names = os.fsencode(one), os.fsencode(other)
    if not libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], flags):
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP):
        return False
    raise OSError(code, os.strerror(code), str(other))
