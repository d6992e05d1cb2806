"""Put new bytes in the place of a file, in one step, and never over bytes that nobody has seen.

Rule: this module knows files and bytes, not notes. Every OSError goes through to the caller, and
then the file holds what it held.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path

from mdtasks.write import renames
from mdtasks.write.files import READ_ONLY, Seen, look, sync_folder
from mdtasks.write.leases import Answer, Lease, nobody_writes
from mdtasks.write.temps import remove, sealed, temp_beside

# Called with the bytes that a file held, before they go.
Keep = Callable[[bytes], None]
# Called with how our own file looks. Nobody may ask the name for that later: it may lead to a
# save of another by then.
Mark = Callable[[os.stat_result], None]


def no_mark(stat: os.stat_result) -> None:
    pass


class Outcome(Enum):
    """How a write ended. With BLIND the system has no exchange: a save at that very instant,
    after the last look, would be lost."""

    WRITTEN = "written"
    BLIND = "written, without a look at what went"
    DISTURBED = "somebody saved meanwhile, and theirs stands"


def replace(
    path: Path, seen: Seen, data: bytes, keep: Keep, mark: Mark = no_mark, token: str = ""
) -> Outcome:
    """Put `data` where `seen` was read, with mode, owner and attributes of the file."""
    temp = temp_beside(path, data, seen.stat, token)
    try:
        keep(seen.data)
        mark(temp.stat())
        temp = sealed(temp, seen.data, data)
        descriptor = os.open(path, READ_ONLY)
    except FileNotFoundError:  # an editor is putting a new file in its place
        remove(temp)
        return Outcome.DISTURBED
    except BaseException:
        remove(temp)
        raise
    try:
        # Who has the file open for writing would write on in what we take away.
        with nobody_writes(descriptor) as lease:
            return _replace(temp, path, seen, data, keep, lease)
    finally:
        with suppress(OSError):
            os.close(descriptor)


def _replace(temp: Path, path: Path, seen: Seen, data: bytes, keep: Keep, lease: Lease) -> Outcome:
    try:
        if lease.answer is Answer.IN_USE or not seen.still(look(path)):
            remove(temp)
            return Outcome.DISTURBED
        if not renames.exchange(temp, path):
            os.replace(temp, path)  # noqa: PTH105
            sync_folder(path.parent)
            return Outcome.BLIND
    except FileNotFoundError:
        remove(temp)
        return Outcome.DISTURBED
    except BaseException:
        remove(temp)
        raise
    # From here on `temp` may be somebody's save.
    placed, taken = renames.after_exchange(temp, path, data, seen.data, lambda: lease.is_wanted)
    if taken not in (seen.data, data):
        keep(taken)  # a save that its own editor has replaced by a later one
    remove(temp)
    return Outcome.WRITTEN if placed is data else Outcome.DISTURBED
