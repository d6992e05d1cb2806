"""The second look: does a line that was written a moment ago still stand?

An editor that had the note open, and does not look at the disk, saves its old text over it. Then
the line is written once more; if that happens again, the outbox says so.

Rule: nobody waits for this. A child of its own looks, or the watcher where one runs; the child
keeps no terminal, no pipe, no folder and no lock of those who started it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from mdtasks.errors import LockedError, MdtasksError
from mdtasks.write import child, locks, outbox, settling

_LOCK = "settle"
_MODULE = "mdtasks.write.settle"

# How long the child tries what an editor that saves all the time keeps it from writing.
_LONGEST_SECONDS = 30.0
_PAUSE_SECONDS = 2.0


def look_again(root: Path, state: Path, attended: bool = True) -> float | None:
    """Look at what was written in the last seconds; return when to look next, in seconds.

    None where nothing is left to look at. What an editor wrote over is written once more, when it
    is quiet; if that takes too long, or not `attended` at once, it waits in the outbox.
    Raises LockedError, RefusedError where the state folder cannot be written.
    """
    if settling.is_empty(state):
        return None
    from mdtasks.write.carry import Desk, stands
    from mdtasks.write.places import Standing
    from mdtasks.write.safely import AT_PROMPT, UNATTENDED, write_again
    from mdtasks.write.target import refusing

    desk, now = Desk(root, state, lambda line: None), time.time()
    over: list[str] = []
    for at, command in settling.watched(state, now):
        if now - at < settling.LOOKS[0]:
            continue
        found = stands(desk, command)
        if found is Standing.OPEN:
            write_again(root, state, command, AT_PROMPT if attended else UNATTENDED)
        elif found is Standing.DONE and now - at >= settling.LOOKS[-1]:
            over.append(command.id)
    with refusing("the state folder"), locks.hold(state, "write"):
        settling.leave(state, over, now)
    return _next_look(state)


def start(root: Path, state: Path, tell: Callable[[str], None]) -> None:
    """Have a child look again, unless a watcher runs, one looks already, or it is turned off.

    Where there can be no child, `tell` what the person then has to see to.
    """
    if child.is_off() or settling.is_empty(state):
        return
    if any(locks.is_held(state, name) for name in ("watch", _LOCK)):
        return
    try:
        child.start(_MODULE, (str(root), str(state)), bare=True)
    except OSError as error:
        tell(
            "the note is written, but nobody will look whether another program saves its old "
            f"text over it: no process could be started ({error.strerror})"
        )


def main() -> None:
    """Look until nothing is left to look at, if no other child does."""
    root, state = map(Path, sys.argv[1:])
    child.detach()
    # What is written while we are about to end starts a child that finds us still there: so
    # look once more after letting go.
    while settling.watched(state, time.time()):
        try:
            with locks.hold(state, _LOCK, timedelta(0)):
                _look_until_settled(root, state)
        except LockedError:
            return


def _look_until_settled(root: Path, state: Path) -> None:
    pause: float | None = _next_look(state)
    deadline = time.monotonic() + settling.LOOKS[-1] + _LONGEST_SECONDS
    while pause is not None:
        time.sleep(pause)
        try:
            pause = look_again(root, state)
        except MdtasksError:  # others write: in a second again, but not for ever
            pause = settling.LOOKS[0] if time.monotonic() < deadline else None
    deadline = time.monotonic() + _LONGEST_SECONDS
    while outbox.has_hope(state) and time.monotonic() < deadline:
        from mdtasks.write.safely import deliver

        time.sleep(_PAUSE_SECONDS)
        with suppress(MdtasksError):
            deliver(root, state)


def _next_look(state: Path) -> float | None:
    now = time.time()
    ages = [now - one.at for one in settling.watched(state, now)]
    looks = (look - age for age in ages for look in settling.LOOKS if look > age)
    return min(looks, default=settling.LOOKS[0]) if ages else None


if __name__ == "__main__":
    main()
