"""Change a few bytes of a file where they stand, while nobody else can open it.

Rule: only under a lease. The file stays the same file, with its hard links, mode, owner and
attributes.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from mdtasks.write.files import Seen, read_all
from mdtasks.write.leases import Answer, nobody_else
from mdtasks.write.swap import Keep, Mark, Outcome, no_mark

# A disk writes a sector as a whole, the kernel a write within a page: no kill leaves half of it.
_SECTOR = 512
_LONGEST_READ = 16 * 1024 * 1024  # whoever opens the file meanwhile waits for us


def fits_in_place(old: bytes, new: bytes) -> bool:
    """Whether the bytes that differ can be written as one whole, where the system has leases."""
    run = _changed_run(old, new)
    return sys.platform == "linux" and run is not None and len(old) <= _LONGEST_READ


def overwrite(
    path: Path, seen: Seen, data: bytes, keep: Keep, mark: Mark = no_mark
) -> Outcome | None:
    """Write into the file what differs between `seen` and `data`; None if that cannot be done
    here: another length, the file is open elsewhere or another's, a file system without leases.
    """
    run = _changed_run(seen.data, data) if fits_in_place(seen.data, data) else None
    if run is None:
        return None
    keep(seen.data)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:  # an editor is putting a new file in its place
        return Outcome.DISTURBED
    try:
        with nobody_else(descriptor) as lease:
            if lease.answer is not Answer.GRANTED:
                return None
            outcome = _overwrite(descriptor, path, seen, run, mark)
            if outcome is Outcome.WRITTEN:
                with suppress(OSError):
                    mark(os.fstat(descriptor))
            return outcome
    finally:
        with suppress(OSError):  # what was written is on disk already
            os.close(descriptor)


def _overwrite(
    descriptor: int, path: Path, seen: Seen, run: tuple[int, bytes, bytes], mark: Mark
) -> Outcome:
    start, old, new = run
    now = Seen(read_all(descriptor), os.fstat(descriptor))
    if not seen.still(now) or not _is_still(descriptor, path):
        return Outcome.DISTURBED
    mark(now.stat)  # killed from here on, we may have written: who looks sees whether it changed
    try:
        if os.pwrite(descriptor, new, start) != len(new):
            raise OSError(f"{path}: written in part")
        os.fsync(descriptor)
        if _is_still(descriptor, path):
            return Outcome.WRITTEN
    except BaseException:
        _restore(descriptor, old, start)
        raise
    # An editor renamed the note to its backup: what it holds there is not ours to change.
    _restore(descriptor, old, start)
    return Outcome.DISTURBED


def _restore(descriptor: int, old: bytes, start: int) -> None:
    with suppress(OSError):
        os.pwrite(descriptor, old, start)
        os.fsync(descriptor)


def _is_still(descriptor: int, path: Path) -> bool:
    """Whether the name leads to the open file."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return os.path.samestat(found, os.fstat(descriptor))


def _changed_run(old: bytes, new: bytes) -> tuple[int, bytes, bytes] | None:
    """Return where both differ, and what stands there; None if it is no run within a sector."""
    if len(old) != len(new) or old == new:
        return None
    # As numbers: the highest and the lowest bit that differ, found without a loop over bytes.
    bits = int.from_bytes(old, "big") ^ int.from_bytes(new, "big")
    start = len(old) - (bits.bit_length() + 7) // 8
    end = len(old) - ((bits & -bits).bit_length() - 1) // 8
    if start // _SECTOR != (end - 1) // _SECTOR:
        return None
    return start, old[start:end], new[start:end]
