"""When the plan was last carried to each place, and what was in the way.

Rule: lies in the state folder, beside what is known of the place. No address is kept, and no word
of a password; that nothing can be kept is no failure of the carrying. Ages are told by the real
clock.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from mdtasks.app.session import Session
from mdtasks.errors import MdtasksError
from mdtasks.settings import Outlet
from mdtasks.write.files import put


class Record(NamedTuple):
    """When it last worked, when it last did not and why, in seconds since the epoch; 0 is never."""

    worked: float = 0.0
    failed: float = 0.0
    why: str = ""
    hint: str = ""


def place_of(session: Session, one: Outlet, ending: str) -> Path:
    """Return the file in which something is kept of a place."""
    name = f"{crc32(f'{one.kind} {one.to}'.encode()):08x}.{ending}"
    return session.places.state / "publish" / name


def record(session: Session, one: Outlet) -> Record:
    try:
        worked, failed, why, hint = json.loads(place_of(session, one, "last").read_bytes())
        return Record(float(worked), float(failed), str(why), str(hint))
    except (OSError, ValueError, TypeError):
        return Record()


def remember(session: Session, one: Outlet, error: MdtasksError | None) -> None:
    before, now = record(session, one), time.time()
    if error is None:
        new = before._replace(worked=now)
    else:
        new = before._replace(failed=now, why=error.message, hint=error.hint)
    path = place_of(session, one, "last")
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        put(path, json.dumps(new).encode("ascii"), durable=False)
