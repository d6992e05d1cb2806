"""What is to run by itself, and how a file that we wrote is known again.

Rule: pure. Such a file carries a digest of itself, so that a change in it is seen, whoever made it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

SEAL = "mdtasks service 0000000000000000"
_SEAL = re.compile(rb"mdtasks service ([0-9a-f]{16})(?![0-9a-f])")


class Job(NamedTuple):
    """A command by its whole path, the variables that it needs, and whose it is."""

    vault_id: str
    words: Sequence[str]
    variables: Sequence[tuple[str, str]] = ()


def sealed(data: bytes) -> bytes:
    """Return a file with its digest in the place of `SEAL`."""
    return data.replace(SEAL.encode(), _seal_of(data), 1)


def is_ours(data: bytes) -> bool:
    """Whether the file is, byte for byte, one that we wrote: now, or an earlier mdtasks."""
    found = _SEAL.search(data)
    return found is not None and found[0] == _seal_of(_SEAL.sub(SEAL.encode(), data, count=1))


def _seal_of(data: bytes) -> bytes:
    return f"mdtasks service {sha256(data).hexdigest()[:16]}".encode()
