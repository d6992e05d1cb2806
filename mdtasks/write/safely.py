"""Carry edits out, or refuse: no edit of the user is lost, no other byte changes.

Rule: the only writer of note files. A line is written where it stands exactly as it was read, or
not at all; the edits of one command are all written, or none. No Markdown is parsed here.
"""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path, PurePath

from mdtasks.errors import ChangedUnderUsError, MdtasksError, RefusedError
from mdtasks.model import Edit
from mdtasks.read.names import is_note
from mdtasks.write import journal, swap
from mdtasks.write.locks import hold
from mdtasks.write.splice import Splice, Spliced, splice_note

_POLL_SECONDS = 0.05
_TAKE_BACK_TRIES = 20

# What is called with the way back when all is written; if it raises, all is taken back.
_Commit = Callable[[tuple[Splice, ...]], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long others must have left a note alone, and how long we wait for that and the lock."""

    quiet: timedelta = timedelta(milliseconds=500)
    wait: timedelta = timedelta(seconds=2)
    lock: timedelta = timedelta(seconds=10)


AT_PROMPT = Patience()
# Nobody asked for it just now, and somebody may be typing: whoever calls comes back later.
UNATTENDED = Patience(quiet=timedelta(seconds=2), wait=timedelta(0))


class BusyError(RefusedError):
    """Somebody else is writing the note just now; a moment later it may go."""


def apply(
    root: Path, state: Path, edits: Sequence[Edit], patience: Patience = AT_PROMPT
) -> tuple[Edit, ...]:
    """Write the edits into the notes of the vault at `root`; return them with their new lines.

    Line numbers refer to the notes before all of them, those returned to the notes after.
    `state` is the vault's state folder; `take_back` finds there what it undoes.
    Raises ChangedUnderUsError, RefusedError or LockedError; then no note is changed.
    """
    splices = [Splice(edit.path, edit.line, (edit.before,), edit.after) for edit in edits]

    def attempt() -> tuple[Splice, ...]:
        def commit(back: tuple[Splice, ...]) -> None:
            journal.record(state, back, time.time())

        return _carry_out(root, state, splices, patience.quiet, commit)

    landed = _when_quiet(state, patience, attempt) if splices else ()
    return tuple(
        replace(edit, line=splice.line) for edit, splice in zip(edits, landed, strict=True)
    )


def take_back(root: Path, state: Path, patience: Patience = AT_PROMPT) -> tuple[Edit, ...]:
    """Undo the last `apply` of the last 24 hours, all its lines; return what that changed.

    Two lines that become one again are two edits, the first of which removes its line; a removed
    line that returns is an edit with an empty `before`.
    Raises ChangedUnderUsError if one of the lines was changed since, RefusedError if there is
    nothing to undo; then no note is changed.
    """

    def attempt() -> tuple[Splice, ...]:
        now = time.time()
        entry = journal.last(state, now)
        if entry is None:
            raise RefusedError("nothing to undo", "a change can be taken back for 24 hours")
        try:
            return _carry_out(
                root, state, entry.splices, patience.quiet, lambda _: journal.drop_last(state, now)
            )
        except ChangedUnderUsError as error:
            hint = "undo takes back all lines of a command or none; change them by hand"
            raise ChangedUnderUsError(error.message, hint) from error

    return tuple(
        edit for splice in _when_quiet(state, patience, attempt) for edit in _as_edits(splice)
    )


def write_note(
    root: Path,
    state: Path,
    path: str,
    before: bytes | None,
    after: bytes,
    patience: Patience = AT_PROMPT,
) -> None:
    """Put `after` into a note that still holds `before`; None: a note that is not there yet.

    For what mdtasks keeps in a note by itself; it is not taken back by `take_back`.
    Raises ChangedUnderUsError, RefusedError or LockedError; then the note is not changed.
    """

    def attempt() -> tuple[Splice, ...]:
        with _refusing(path), _signals_wait():
            if before is None:
                _create(root, path, after)
            else:
                _rewrite(root, state, path, before, after, patience.quiet)
        return ()

    _when_quiet(state, patience, attempt)


def _rewrite(
    root: Path, state: Path, path: str, before: bytes, after: bytes, quiet: timedelta
) -> None:
    file = _note_file(root, path)
    _require_quiet(state, file, path, quiet)
    seen = swap.look(file)
    if seen.data != before:
        raise _changed(path)
    if not swap.replace(file, seen, after, lambda data: _keep(state, file.name, data)):
        raise _busy(path)
    journal.mark_own(state, file, time.time())


def _create(root: Path, path: str, data: bytes) -> None:
    top = Path(os.path.realpath(root, strict=True))
    file = top / path
    if ".." in file.parts or not is_note(path) or not Path(path).name:
        raise _refused(path, "this is no name for a note")
    file.parent.mkdir(parents=True, exist_ok=True)
    if not Path(os.path.realpath(file.parent)).is_relative_to(top):
        raise _refused(path, "this link leads out of the vault")
    try:
        with file.open("xb") as new:  # x: it never takes the place of a file that is there
            new.write(data)
            new.flush()
            os.fsync(new.fileno())
    except FileExistsError:
        raise _changed(path) from None
    swap.sync_folder(file.parent)


def _keep(state: Path, name: str, data: bytes) -> None:
    journal.keep_copy(state, name, data, time.time())


def _changed(path: str) -> ChangedUnderUsError:
    return ChangedUnderUsError(
        f"{path}: this note changed since it was read; nothing was written", "try again"
    )


def _as_edits(splice: Splice) -> Iterator[Edit]:
    *gone, last = splice.before or ("",)
    for text in gone:
        yield Edit(splice.path, splice.line, text, ())
    yield Edit(splice.path, splice.line, last, splice.after)


def _when_quiet(
    state: Path, patience: Patience, attempt: Callable[[], tuple[Splice, ...]]
) -> tuple[Splice, ...]:
    """Return what `attempt` returns under the lock, which is free while we wait for quiet."""
    deadline = time.monotonic() + patience.wait.total_seconds()
    while True:
        with _refusing("the state folder"), hold(state, "write", patience.lock):
            try:
                return attempt()
            except BusyError:
                if time.monotonic() >= deadline:
                    raise
        time.sleep(_POLL_SECONDS)


def _carry_out(
    root: Path, state: Path, splices: Sequence[Splice], quiet: timedelta, commit: _Commit
) -> tuple[Splice, ...]:
    """Return the splices as they landed, in the order given."""
    files: dict[Path, list[Splice]] = {}
    for splice in splices:
        with _refusing(splice.path):
            files.setdefault(_note_file(root, splice.path), []).append(splice)
    for file, group in files.items():
        with _refusing(group[0].path):
            _require_quiet(state, file, group[0].path, quiet)
            splice_note(swap.look(file).data, group)  # all are found before one is written
    with _signals_wait():
        results = _write_all(state, files, commit)
    given = [splice for group in files.values() for splice in group]
    landed = dict(zip(given, (one for result in results for one in result.landed), strict=True))
    return tuple(landed[splice] for splice in splices)


def _write_all(state: Path, files: dict[Path, list[Splice]], commit: _Commit) -> list[Spliced]:
    written: list[tuple[Path, Spliced]] = []
    try:
        for file, group in files.items():
            written.append((file, _write(state, file, group)))
        commit(tuple(splice for _, result in written for splice in result.back))
    except BaseException as error:
        stuck = [path for file, result in reversed(written) if (path := _undo(state, file, result))]
        if stuck:
            raise RefusedError(
                f"{', '.join(stuck)}: written, and cannot be taken back, though: {error}",
                "look at the line there and change it by hand",
            ) from error
        raise
    return [result for _, result in written]


def _write(state: Path, file: Path, group: Sequence[Splice]) -> Spliced:
    """Splice one note on disk, if nobody saves it at the same time."""
    path = group[0].path
    with _refusing(path):
        swap.sweep(file.parent, time.time(), lambda name, data: _keep(state, name, data))
        seen = swap.look(file)
        result = splice_note(seen.data, group)
        if not swap.replace(file, seen, result.data, lambda data: _keep(state, file.name, data)):
            raise _busy(path)
        journal.mark_own(state, file, time.time())
    return result


def _undo(state: Path, file: Path, result: Spliced) -> str | None:
    """Take one written note back; return its path if it cannot be."""
    for _ in range(_TAKE_BACK_TRIES):
        try:
            _write(state, file, result.back)
        except BusyError:
            time.sleep(_POLL_SECONDS)
        except MdtasksError:
            break
        else:
            return None
    return result.back[0].path


def _note_file(root: Path, path: str) -> Path:
    """Return the file of a note, links resolved, if it is one that may be written."""
    top = Path(os.path.realpath(root, strict=True))
    given = PurePath(path)
    if given.is_absolute() or ".." in given.parts:
        raise _refused(path, "this is no path inside the vault")
    try:
        file = Path(os.path.realpath(top / given, strict=True))
    except FileNotFoundError as error:
        raise ChangedUnderUsError(
            f"{path}: this note is gone; nothing was written", "run `mdtasks list` and try again"
        ) from error
    if not file.is_relative_to(top):
        raise _refused(path, "this link leads out of the vault", "change the file it leads to")
    for name in (given, file.relative_to(top)):
        if not is_note(name.as_posix()):
            raise _refused(path, "this is not a note: a hidden, temporary or conflicting copy")
    found = file.stat()
    if not stat.S_ISREG(found.st_mode):
        raise _refused(path, "this is not a file")
    # The bits too: for root every file is writable, and renaming over a file asks only its folder.
    if not found.st_mode & 0o222 or not os.access(file, os.W_OK):
        raise _refused(path, "this note is write-protected", "give it write permission first")
    if found.st_nlink > 1:
        raise _refused(
            path,
            "this file has more than one hard link, and writing would part them",
            "change the line in an editor, or replace the other names by symbolic links",
        )
    return file


def _require_quiet(state: Path, file: Path, path: str, quiet: timedelta) -> None:
    found = file.stat()
    # A clock ahead of ours (a network drive) counts like one behind.
    fresh = abs(time.time() - found.st_mtime) < quiet.total_seconds()
    if fresh and not journal.is_own(state, file, found):
        raise _busy(path)


def _busy(path: str) -> BusyError:
    return BusyError(
        f"{path}: another program is writing this note; nothing was written",
        "wait until it has finished and try again",
    )


def _refused(path: str, reason: str, hint: str = "") -> RefusedError:
    return RefusedError(f"{path}: {reason}; nothing was written", hint or "choose another note")


@contextmanager
def _refusing(path: str) -> Iterator[None]:
    """Turn what the system says of a file into a refusal."""
    try:
        yield
    except OSError as error:
        reason, hint = swap.explain(error)
        raise _refused(path, reason, hint) from error


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Let Ctrl-C and the like wait until the body is through: all is written then, or nothing."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    ours = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ours)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
