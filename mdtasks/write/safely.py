"""Carry edits out, or refuse: no edit of the user is lost, no other byte changes.

Rule: the only way to write a note. The edits of one command are all written, or none; what a
killed run was asked for is carried out by the next. No Markdown is parsed here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, TypeVar

from mdtasks.errors import ChangedUnderUsError, MdtasksError, RefusedError
from mdtasks.model import Edit
from mdtasks.write import journal, outbox, settling
from mdtasks.write.carry import (
    Desk,
    Tell,
    carry_out,
    clear_up,
    find,
    forget,
    is_done,
    resume,
    write_whole,
)
from mdtasks.write.files import sync_folder
from mdtasks.write.locks import hold
from mdtasks.write.outbox import Command, Pending
from mdtasks.write.renames import rename_new
from mdtasks.write.splice import Splice, changed
from mdtasks.write.target import (
    BusyError as BusyError,
)
from mdtasks.write.target import (
    FailedError,
    changed_note,
    new_note_file,
    note_file,
    refusing,
    require_quiet,
)
from mdtasks.write.temps import remove, temp_beside, token_of

_POLL_SECONDS = 0.05
_PATIENCE_SECONDS = 30  # for a note that is being written all the time
_PUT_BACK = "an editor put the old line back, twice"

_T = TypeVar("_T")


class Patience(NamedTuple):
    """How long others must have left a note alone, and how long we wait for that and the lock.

    `keeps`: what cannot be written now stays in the outbox, and `deliver` tries again.
    """

    quiet: timedelta = timedelta(milliseconds=500)
    wait: timedelta = timedelta(seconds=2)
    lock: timedelta = timedelta(seconds=10)
    keeps: bool = False


AT_PROMPT = Patience()
# Nobody asked for it just now, and somebody may be typing: whoever calls comes back later.
UNATTENDED = Patience(quiet=timedelta(seconds=2), wait=timedelta(0), keeps=True)
# On the way to something else: as soon as anybody is busy, another time.
IN_PASSING = Patience(wait=timedelta(0), lock=timedelta(0))


def _silent(line: str) -> None:
    pass


def apply(
    root: Path,
    state: Path,
    edits: Sequence[Edit | Splice],
    patience: Patience = AT_PROMPT,
    tell: Tell = _silent,
    since: float | None = None,
) -> tuple[Edit, ...]:
    """Write the edits into the notes of the vault at `root`; return them with their new lines.

    A splice is an edit of any number of lines, none too. Line numbers refer to the notes before
    all of them, those returned to the notes after.
    `state` is the vault's state folder; `take_back` finds there what it undoes. `since` is when
    the caller began to read, by the real clock: a line that another run made anew after that, as a
    repeating task without a date leaves one, is not the line that was read.
    Raises ChangedUnderUsError, RefusedError or LockedError; then no note is changed, and unless
    `patience` keeps it, nothing waits to be written later either.
    """
    if not edits:
        return ()
    splices = [as_splice(edit) for edit in edits]
    desk, asked, command_id = Desk(root, state, tell), time.time(), outbox.new_id()

    def attempt() -> tuple[Splice, ...]:
        if delivered := _delivered(desk, splices, patience.quiet):
            return delivered
        if since is not None:
            _require_as_read(state, splices, since)
        try:
            found = find(desk, splices, patience.quiet)
            _require_no_rival(state, splices)
            carry_out(desk, Command(command_id, asked, found.places), found.results)
        except (BusyError, FailedError) as error:
            if patience.keeps and not outbox.rival(state, splices):
                found = find(desk, splices, timedelta(0))
                waiting = Command(command_id, asked, found.places)
                outbox.add(state, waiting._replace(why=_why(error, waiting)))
            raise
        return found.landed

    landed = _when_quiet(state, patience, attempt)
    return tuple(edit for splice in landed for edit in as_edits(splice))


def take_back(
    root: Path,
    state: Path,
    patience: Patience = AT_PROMPT,
    tell: Tell = _silent,
    only: str | None = None,
) -> tuple[Edit, ...]:
    """Undo the last command of the last 24 hours, all its lines; return what that changed.

    Two lines that become one again are two edits, the first of which removes its line; a removed
    line that returns is an edit with an empty `before`. If the last command still waits in the
    outbox, it is dropped, that is told, and nothing else changes. `only` is the id, by
    `last_change`, of the command that is meant: a later one is left alone.
    Raises ChangedUnderUsError if one of the lines was changed since or another command came last,
    RefusedError if there is nothing to undo; then no note is changed.
    """
    desk, command_id = Desk(root, state, tell), outbox.new_id()

    def attempt() -> tuple[Splice, ...]:
        now = time.time()
        _deliver(desk, patience.quiet)
        entry = journal.last(state, now)
        _require_last(state, now, only)
        if dropped := _drop_last(state, entry, now):
            tell(f"this will not be written any more: {_lines_of(dropped)}")
            return ()
        if entry is None:
            raise RefusedError("nothing to undo", "a change can be taken back for 24 hours")
        try:
            found = find(desk, entry.splices, patience.quiet)
            command = Command(command_id, now, found.places, undoes=entry.id)
            carry_out(desk, command, found.results)
        except ChangedUnderUsError as error:
            hint = "undo takes back all lines of a command or none; change them by hand"
            raise ChangedUnderUsError(error.message, hint) from error
        return found.landed

    return tuple(
        edit for splice in _when_quiet(state, patience, attempt) for edit in as_edits(splice)
    )


def deliver(
    root: Path, state: Path, patience: Patience = IN_PASSING, tell: Tell = _silent
) -> tuple[Pending, ...]:
    """Carry out what waits in the outbox, if it can be; return what still waits, and why.

    Costs one look at a folder when nothing waits. Raises LockedError.
    """
    if outbox.is_empty(state):
        return ()
    desk = Desk(root, state, tell)
    with refusing("the state folder"), hold(state, "write", patience.lock):
        _deliver(desk, patience.quiet)
        return outbox.pending(state)


def write_again(root: Path, state: Path, command: Command, patience: Patience) -> None:
    """Carry out once more what an editor wrote over; the second time, say so in the outbox."""
    desk = Desk(root, state, _silent)

    def attempt() -> None:
        for waiting in outbox.commands(state):
            if waiting.id == command.id and not waiting.given_up:
                resume(desk, waiting, patience.quiet)

    with refusing("the state folder"), hold(state, "write", patience.lock):
        now = time.time()
        # Taken back meanwhile, or seen by another run: then there is nothing to do.
        if command.id not in {one.command.id for one in settling.watched(state, now)}:
            return
        told = {"why": _PUT_BACK, "given_up": True} if command.again else {"again": True}
        outbox.add(state, command._replace(at=now, **told))
        settling.leave(state, [command.id], now)
    with suppress(MdtasksError):  # it stays in the outbox
        _when_quiet(state, patience, attempt)


def write_note(
    root: Path,
    state: Path,
    path: str,
    before: bytes | None,
    after: bytes,
    patience: Patience = AT_PROMPT,
    tell: Tell = _silent,
) -> None:
    """Put `after` into a note that still holds `before`; None: a note that is not there yet.

    For what mdtasks keeps in a note by itself; it is not taken back by `take_back`.
    Raises ChangedUnderUsError, RefusedError or LockedError; then the note is not changed.
    """
    desk = Desk(root, state, tell)

    def attempt() -> None:
        _deliver(desk, patience.quiet)
        with refusing(path):
            if before is None:
                _create(desk, path, after)
                return
            file = note_file(root, path, patience.quiet)
            require_quiet(state, file, path, patience.quiet)
            if not write_whole(desk, path, file, before, after):
                raise changed_note(path)

    _when_quiet(state, patience, attempt)


def _create(desk: Desk, path: str, data: bytes) -> None:
    file = new_note_file(desk.root, path)
    if file.exists():
        raise changed_note(path)
    clear_up(desk, file.parent)
    temp = temp_beside(file, data, token=token_of(desk.state))
    try:
        ours = temp.stat()
        if not rename_new(temp, file):
            with file.open("xb") as new:  # x: it never takes the place of a file that is there
                new.write(data)
                new.flush()
                os.fsync(new.fileno())
                ours = os.fstat(new.fileno())
    except FileExistsError:
        raise changed_note(path) from None
    finally:
        remove(temp)
    sync_folder(file.parent)
    journal.mark_own(desk.state, file, ours, time.time())


def _deliver(desk: Desk, quiet: timedelta) -> None:
    """Try every command of the outbox that was not given up; it keeps what it cannot carry out."""
    for command in [] if outbox.is_empty(desk.state) else outbox.commands(desk.state):
        try:
            if not command.given_up:
                resume(desk, command, quiet)
            elif is_done(desk, command):
                forget(desk, command)
        except MdtasksError as error:
            passing = isinstance(error, BusyError | FailedError)
            told = command._replace(why=_why(error, command), given_up=not passing)
            if told != command:
                outbox.add(desk.state, told)


def _delivered(desk: Desk, splices: Sequence[Splice], quiet: timedelta) -> tuple[Splice, ...]:
    """Try what waits; return the splices as they landed if they were among it."""
    waiting = [] if outbox.is_empty(desk.state) else outbox.commands(desk.state)
    hopeful = (one for one in waiting if not one.given_up)
    ours = next((one for one in hopeful if outbox.wants(one, splices)), None)
    _deliver(desk, quiet)
    if ours is None or any(one.id == ours.id for one in outbox.commands(desk.state)):
        return ()
    landed = [replace(place.splice, line=place.line) for place in ours.places]
    # In the order asked for; of lines that read alike, the upper one stays the upper one.
    order = sorted(range(len(splices)), key=lambda at: (_wish(splices[at]), splices[at].line))
    landed.sort(key=lambda one: (_wish(one), one.line))
    return tuple(one for _, one in sorted(zip(order, landed, strict=True), key=itemgetter(0)))


def _wish(splice: Splice) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    return splice.path, splice.before, splice.after


def _require_no_rival(state: Path, splices: Sequence[Splice]) -> None:
    if other := outbox.rival(state, splices):
        raise RefusedError(
            f"{_lines_of(other)}: a change of a line that reads the same still waits; "
            "nothing was written",
            "`mdtasks doctor` says what it waits for; `mdtasks undo` drops it if it came last",
        )


def _require_as_read(state: Path, splices: Sequence[Splice], since: float) -> None:
    alike = [one for one in splices if one.before and set(one.before) <= set(one.after)]
    made = journal.replaced(state, since) if alike else ()
    for splice in alike:
        if (splice.path, splice.before) in made:
            raise changed(splice)


def _why(error: MdtasksError, command: Command) -> str:
    """Return what is in the way; "" while it is worth waiting in silence."""
    if isinstance(error, BusyError) and time.time() - command.at < _PATIENCE_SECONDS:
        return ""
    reason = error.message.removesuffix("; nothing was written")
    if len(command.places) > 1:  # of several lines it names the one
        return reason
    path, line = command.places[0].splice.path, command.places[0].splice.line
    return reason.removeprefix(f"{path}:{line}: ").removeprefix(f"{path}: ")


def last_change(state: Path, now: float) -> journal.Entry | None:
    """Return what `take_back` would take back. Of a command that still waits the splices are those
    that it wants, of any other those that lead back."""
    entry = journal.last(state, now)
    last = _waits_last(state, entry)
    return journal.Entry(last.id, last.at, tuple(p.splice for p in last.places)) if last else entry


def _require_last(state: Path, now: float, only: str | None) -> None:
    last = last_change(state, now)
    if only is not None and (last is None or last.id != only):
        raise ChangedUnderUsError(
            "that is not the last change any more; nothing was taken back",
            "look at what came last, and undo that if you mean it",
        )


def _waits_last(state: Path, entry: journal.Entry | None) -> Command | None:
    waiting = [] if outbox.is_empty(state) else outbox.commands(state)
    last = max(waiting, key=lambda command: command.at, default=None)
    return None if last is None or (entry and entry.at > last.at) else last


def waits_last(state: Path, now: float) -> str:
    """Return the lines of the command that waits, where `take_back` would drop it, else ""."""
    last = _waits_last(state, journal.last(state, now))
    return _lines_of(last) if last else ""


def _drop_last(state: Path, entry: journal.Entry | None, now: float) -> Command | None:
    """Drop what waits if it is the last command, also where it had been written at first."""
    last = _waits_last(state, entry)
    if last is None:
        return None
    outbox.remove(state, last.id)
    journal.drop(state, last.undoes or last.id, now)
    return last


def _lines_of(command: Command) -> str:
    return ", ".join(f"{p.splice.path}:{p.splice.line}" for p in command.places)


def as_splice(edit: Edit | Splice) -> Splice:
    if isinstance(edit, Splice):
        return edit
    return Splice(edit.path, edit.line, (edit.before,), edit.after)


def as_edits(splice: Splice) -> Iterator[Edit]:
    *gone, last = splice.before or ("",)
    for text in gone:
        yield Edit(splice.path, splice.line, text, ())
    yield Edit(splice.path, splice.line, last, splice.after)


def _when_quiet(state: Path, patience: Patience, attempt: Callable[[], _T]) -> _T:
    """Return what `attempt` returns under the lock, which is free while we wait for quiet."""
    deadline = time.monotonic() + patience.wait.total_seconds()
    while True:
        with refusing("the state folder"), hold(state, "write", patience.lock):
            try:
                return attempt()
            except BusyError:
                if time.monotonic() >= deadline:
                    raise
        time.sleep(_POLL_SECONDS)
