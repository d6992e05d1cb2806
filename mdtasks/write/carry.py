"""Carry one command out: all its splices in all their notes, or none.

Rule: called under the lock `write`. A line is written where it stands exactly as it was read, or
not at all. No Markdown is parsed here.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from mdtasks.errors import ChangedUnderUsError, MdtasksError, RefusedError
from mdtasks.write import journal, outbox, settling, swap
from mdtasks.write.files import Seen, look
from mdtasks.write.in_place import fits_in_place, overwrite
from mdtasks.write.outbox import Command
from mdtasks.write.places import Place, Standing, located, places_of, standing, texts_of
from mdtasks.write.splice import Splice, Spliced, changed, splice_note
from mdtasks.write.swap import Outcome
from mdtasks.write.target import (
    busy,
    hard_linked,
    note_file,
    refused,
    refusing,
    require_one_encoding,
    require_quiet,
)
from mdtasks.write.temps import sweep, token_of

Tell = Callable[[str], None]

_POLL_SECONDS = 0.05
_TAKE_BACK_TRIES = 20
_NO_EXCHANGE = (
    "the file system of this vault cannot exchange two files, so a save of another program at the "
    "very instant of a tick could be lost; this is said once"
)


# For each file the bytes that it held, and the note with its splices carried out.
Results = Mapping[Path, tuple[bytes, Spliced]]


class Desk(NamedTuple):
    """Where we write: the vault, its state folder; `tell` takes a line for the person."""

    root: Path
    state: Path
    tell: Tell


class Found(NamedTuple):
    """Where splices were found: their places note by note, and the same splices, each with the
    line where it stands once all are carried out, in the order given. `results` are what comes
    of the bytes that were read."""

    places: tuple[Place, ...]
    landed: tuple[Splice, ...]
    results: Results


def find(desk: Desk, splices: Sequence[Splice], quiet: timedelta) -> Found:
    """Find every line before one is written. Raises ChangedUnderUsError, RefusedError."""
    files: dict[Path, list[Splice]] = {}
    for splice in splices:
        with refusing(splice.path):
            file = note_file(desk.root, splice.path, quiet)
            files.setdefault(file, []).append(splice)
    landed: dict[Splice, Splice] = {}
    places: tuple[Place, ...] = ()
    results = {}
    for file, group in files.items():
        path = group[0].path
        with refusing(path):
            require_quiet(desk.state, file, path, quiet)
            seen = look(file)
            require_one_encoding(path, seen.data, group)
            result = splice_note(seen.data, group)
            if seen.stat.st_nlink > 1 and not fits_in_place(seen.data, result.data):
                raise hard_linked(path)
            places += _places(path, seen.data, result)
            results[file] = seen.data, result
        landed.update(zip(group, result.landed, strict=True))
    return Found(places, tuple(landed[splice] for splice in splices), results)


def carry_out(desk: Desk, command: Command, results: Results) -> None:
    """Write a command whose places were just found; durable, and forgotten, when this returns.

    Raises MdtasksError: then no note is changed, and the command is not in the outbox any more.
    """
    with _signals_wait():
        with refusing("the outbox"):
            outbox.add(desk.state, command)
        try:
            files = _by_file(desk, [place.splice for place in command.places])
            _write_all(desk, files, command, results)
        except BaseException as error:
            if not forget(desk, command) and isinstance(error, RefusedError):
                hint = "it waits, and the next mdtasks that can writes it; `undo` drops it"
                raise RefusedError(error.message, hint) from error
            raise
        forget(desk, command)


def resume(desk: Desk, command: Command, quiet: timedelta) -> None:
    """Carry out a command of the outbox, as far as a killed run had left it undone.

    Raises MdtasksError: then it has not gone further, and stays in the outbox.
    """
    if _is_committed(desk.state, command):
        if is_done(desk, command):  # else somebody has opened it again, and knows why
            settling.watch(desk.state, command, time.time())
        forget(desk, command)
        return
    still_open: list[Splice] = []
    for path, places in _by_note(command.places).items():
        with refusing(path):
            still_open += _still_open(desk, path, places, command, quiet)
    with _signals_wait():
        _write_all(desk, _by_file(desk, still_open), command, {})
        forget(desk, command)


def is_done(desk: Desk, command: Command) -> bool:
    """Whether all its lines are as wanted, whoever wrote them."""
    return all(found is Standing.DONE for found in _standings(desk, command))


def stands(desk: Desk, command: Command) -> Standing:
    """Return what became of a command that was carried out: OPEN where an editor put a line back
    as it was before, UNCLEAR where the line is not to be seen, as in the midst of a save.

    That the note is as we left it tells nothing: a later tick of ours stands on a stale save.
    """
    found = list(_standings(desk, command))
    return next((one for one in (Standing.OPEN, Standing.UNCLEAR) if one in found), Standing.DONE)


def forget(desk: Desk, command: Command) -> bool:
    """Take a command out of the outbox; if that fails, the next run finds what became of it."""
    try:
        outbox.remove(desk.state, command.id)
    except OSError:
        return False
    return True


def clear_up(desk: Desk, folder: Path) -> None:
    """Clear up what killed runs left in a folder of notes."""

    def keep(name: str, data: bytes) -> None:
        journal.keep_copy(desk.state, name, data, time.time())

    def without(name: str) -> None:
        journal.unmark(desk.state, folder, name)

    sweep(folder, token_of(desk.state), time.time(), keep, without)


def write_whole(desk: Desk, path: str, file: Path, before: bytes, after: bytes) -> bool:
    """Put `after` into a file that holds `before`; False if it does not."""
    clear_up(desk, file.parent)
    seen = look(file)
    if seen.data != before:
        return False
    if seen.stat.st_nlink > 1:
        raise hard_linked(path)
    _swap(desk, path, file, seen, after)
    _look_no_more(desk, path, before, after)
    return True


def _look_no_more(desk: Desk, path: str, before: bytes, after: bytes) -> None:
    """What we opened again ourselves was no editor's doing."""
    now, old, new = time.time(), texts_of(before), texts_of(after)

    def is_opened(command: Command) -> bool:
        places = _by_note(command.places).get(path, ())
        steps = (standing(old, places), standing(new, places)) if places else ()
        return steps == (Standing.DONE, Standing.OPEN)

    with suppress(OSError):  # the note is written
        watched = settling.watched(desk.state, now)
        if opened := [one.command.id for one in watched if is_opened(one.command)]:
            settling.leave(desk.state, opened, now)


def _places(path: str, old: bytes, result: Spliced) -> tuple[Place, ...]:
    try:
        return places_of(old, result.data, result.back)
    except ValueError as error:  # an odd mix of line ends
        raise refused(path, "this line cannot be changed without touching others") from error


def _still_open(
    desk: Desk, path: str, places: Sequence[Place], command: Command, quiet: timedelta
) -> Iterator[Splice]:
    """Yield the splices that one note still needs, each with the line where it belongs now.

    What we had written there, and somebody has put back since, is not ours to write again.
    """
    file = note_file(desk.root, path, quiet)
    clear_up(desk, file.parent)
    if standing(texts_of(look(file).data), places) is Standing.DONE:
        return
    require_quiet(desk.state, file, path, quiet)  # else this may be half of a save
    texts = texts_of(look(file).data)
    put_back = journal.was_carried(desk.state, file, _name(command)) and not journal.is_own(
        desk.state, file, file.stat()
    )
    is_open = standing(texts, places) is Standing.OPEN and not put_back
    for place in places:
        splice = located(texts, place) if is_open else None
        if splice is None:
            raise changed(place.splice)
        yield splice


def _name(command: Command) -> str:
    # What an editor wrote over is written again: that is another time.
    return f"{command.id} again" if command.again else command.id


def _is_committed(state: Path, command: Command) -> bool:
    if command.again:
        return False
    known = journal.has(state, command.undoes or command.id, time.time())
    return not known if command.undoes else known


def _commit(desk: Desk, command: Command, written: Iterable[Spliced]) -> None:
    """Remember the way back. What a killed run had written stands where it was seen."""
    now = time.time()
    if command.undoes:
        journal.drop(desk.state, command.undoes, now)
    else:
        back = {_key(splice): splice for result in written for splice in result.back}
        backs = [back.get(_key(place.back), place.back) for place in command.places]
        journal.record(desk.state, command.id, backs, now)
    settling.watch(desk.state, command, now)


def _key(back: Splice) -> tuple[str, tuple[str, ...], tuple[str, ...], int]:
    return back.path, back.before, back.after, back.line


def _standings(desk: Desk, command: Command) -> Iterator[Standing]:
    for path, places in _by_note(command.places).items():
        try:
            file = note_file(desk.root, path, timedelta(0))
            yield standing(texts_of(look(file).data), places)
        except (MdtasksError, OSError):
            yield Standing.UNCLEAR


def _by_note(places: Iterable[Place]) -> Mapping[str, list[Place]]:
    notes: dict[str, list[Place]] = {}
    for place in places:
        notes.setdefault(place.splice.path, []).append(place)
    return notes


def _by_file(desk: Desk, splices: Iterable[Splice]) -> Mapping[Path, list[Splice]]:
    files: dict[Path, list[Splice]] = {}
    for splice in splices:
        with refusing(splice.path):
            file = note_file(desk.root, splice.path, timedelta(0))
            files.setdefault(file, []).append(splice)
    return files


def _write_all(
    desk: Desk, files: Mapping[Path, list[Splice]], command: Command, results: Results
) -> None:
    written: list[tuple[Path, Spliced]] = []
    try:
        for file, group in files.items():
            known = results.get(file)
            written.append((file, _write(desk, file, group, known, _name(command))))
        with refusing("the undo store"):
            _commit(desk, command, (result for _, result in written))
    except BaseException as error:
        stuck = [path for file, result in reversed(written) if (path := _undo(desk, file, result))]
        if stuck:
            raise RefusedError(
                f"{', '.join(stuck)}: written, and cannot be taken back, though: {error}",
                "look at the line there and change it by hand",
            ) from error
        raise


def _write(
    desk: Desk,
    file: Path,
    group: Sequence[Splice],
    known: tuple[bytes, Spliced] | None = None,
    name: str = "",
) -> Spliced:
    """Splice one note on disk, if nobody saves it at the same time. `name` is what the next run
    finds to be in the note if this one is killed."""
    path = group[0].path
    with refusing(path):
        clear_up(desk, file.parent)
        seen = look(file)
        is_known = known is not None and known[0] == seen.data
        result = known[1] if known and is_known else splice_note(seen.data, group)
        try:
            mark = _marker(desk, file, name)
            outcome = overwrite(file, seen, result.data, _keeper(desk, file), mark)
            if outcome is None and seen.stat.st_nlink > 1:
                raise hard_linked(path)
            if outcome is Outcome.DISTURBED:
                raise busy(path)
            if outcome is None:
                _swap(desk, path, file, seen, result.data, name)
        except (MdtasksError, OSError):
            journal.unmark(desk.state, file.parent, file.name)
            raise
    return result


def _swap(desk: Desk, path: str, file: Path, seen: Seen, data: bytes, name: str = "") -> None:
    token, mark = token_of(desk.state), _marker(desk, file, name)
    outcome = swap.replace(file, seen, data, _keeper(desk, file), mark, token)
    if outcome is Outcome.DISTURBED:
        raise busy(path)
    if outcome is Outcome.BLIND and journal.tells_blind(desk.state):
        desk.tell(_NO_EXCHANGE)


def _keeper(desk: Desk, file: Path) -> swap.Keep:
    return lambda data: journal.keep_copy(desk.state, file.name, data, time.time())


def _marker(desk: Desk, file: Path, name: str = "") -> swap.Mark:
    return lambda stat: journal.mark_own(desk.state, file, stat, time.time(), name)


def _undo(desk: Desk, file: Path, result: Spliced) -> str | None:
    """Take one written note back; return its path if it cannot be."""
    for _ in range(_TAKE_BACK_TRIES):
        try:
            _write(desk, file, result.back)
        except MdtasksError as error:
            if isinstance(error, ChangedUnderUsError):
                break
            time.sleep(_POLL_SECONDS)
        else:
            return None
    return result.back[0].path


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
