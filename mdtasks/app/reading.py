"""Read notes for the index; where there are many, a second process reads its share of them.

The second process is a Python of its own that is asked over pipes: a fork would copy the locks
of threads that do not come along, and multiprocessing would run the caller's main module again.

Rule: what comes out, and in which order, is the same whoever has read it. A second process that
cannot be had, or dies, is no error: its notes are read in this one.
"""

from __future__ import annotations

import gc
import marshal
import os
import sys
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from mdtasks import vault
from mdtasks.index.rows import Entry, entry
from mdtasks.model import Problem
from mdtasks.settings import ReadSettings

if TYPE_CHECKING:
    from queue import SimpleQueue
    from subprocess import Popen

# Notes from which on a second process is worth its start, which takes as long as reading these.
SECOND_FROM = 500

# What is asked for at once, and how often before the first answer has come: enough that nobody
# waits while the other one is busy, little enough that at the end both are done together.
_UNIT_BYTES, _UNIT_NOTES = 128 * 1024, 100
_AHEAD = 4
# An answer is sent behind its length. One note of the largest size says less than this.
_HEAD, _MOST_BYTES = 8, 2**31
# Units read before their turn, while the second process is late with one.
_MOST_WAITING = 64

# Ctrl-C at a terminal reaches both processes; the first one says what it means.
_COMMAND = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.path[:] = {path!r}
from mdtasks.app.reading import serve
serve()
"""


class Wanted(NamedTuple):
    """A note to read: its size, and the digest that it had, b"" if it was never read. With the
    stretches that it had, packed, only what is new in it need be read."""

    path: str
    size: int
    digest: bytes = b""
    stretches: bytes = b""


class Reading(NamedTuple):
    """A note as it was `at` a moment, in seconds: how many bytes it had, -1 if none could be had,
    and what they say; None if that is what they said before."""

    path: str
    at: float
    size: int
    entry: Entry | None


class Reader(NamedTuple):
    """What it takes to read a note."""

    root: Path
    settings: ReadSettings
    vault_id: str

    def read(self, path: str, known: bytes = b"", stretches: bytes = b"") -> Reading:
        at = time.time()
        data = vault.read(self.root, path)
        if isinstance(data, Problem):
            return Reading(path, at, -1, entry(path, b"", (data,), ()))
        return Reading(path, at, len(data), self._entry(path, data, known, stretches))

    def _entry(self, path: str, data: bytes, known: bytes, stretches: bytes) -> Entry | None:
        # Imported here: on a fresh index there is nothing to read.
        from mdtasks.read.log import may_hold_log
        from mdtasks.read.note import day_of, digest, read_contents
        from mdtasks.read.stretches import cut, pack, part, unpack

        if known and digest(data) == known:
            return None
        now = cut(data)
        # Which heading a log stands below, only the whole note says.
        if now and may_hold_log(data, day_of(path, self.settings), self.settings):
            now = None
        packed = pack(now.stretches) if now else b""
        if now and stretches and (new := part(unpack(stretches), now, data)):
            some = read_contents(path, new.data, self.settings)
            read = entry(path, digest(data), (), some.tasks)
            first = min(read.lines, default=new.front + 1)
            # A fault, or a task that is the note itself, may concern all of it.
            if not some.problems and first > new.front:
                lines = [line + new.offset for line in read.lines]
                read = read._replace(lines=lines, stretches=packed, base=known)
                return read._replace(start=new.start, end=new.end, shift=new.shift)
        note = read_contents(path, data, self.settings)
        read = entry(path, note.digest, note.problems, note.tasks, self.vault_id)
        if note.intervals:
            from mdtasks.index.logged import rows_of

            read = read._replace(intervals=rows_of(note.intervals))
        return read._replace(stretches=packed) if packed and not note.problems else read

    def read_all(self, wanted: Sequence[Wanted]) -> list[Reading]:
        return [self.read(each.path, each.digest, each.stretches) for each in wanted]


def read_notes(reader: Reader, wanted: Sequence[Wanted]) -> Generator[list[Reading]]:
    """Yield the notes as they are now, some at a time, in the order in which they are wanted."""
    if len(wanted) < SECOND_FROM:
        yield from _in_turn(reader, deque(_units(wanted)), None)
        return
    second = _Second.start(reader)
    try:
        with _uncollected():
            yield from _in_turn(reader, deque(_units(wanted)), second)
    finally:
        if second:
            second.close()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage: rows of text and numbers hold no rings, and there are millions."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Unit:
    """Notes that are read together, and what came of it."""

    def __init__(self, wanted: Sequence[Wanted]) -> None:
        self.wanted = wanted
        self.readings: list[Reading] | None = None


def _units(wanted: Sequence[Wanted]) -> Iterator[_Unit]:
    start = size = 0
    for at, each in enumerate(wanted):
        if at > start and (size + each.size > _UNIT_BYTES or at - start == _UNIT_NOTES):
            yield _Unit(wanted[start:at])
            start, size = at, 0
        size += each.size
    if wanted:
        yield _Unit(wanted[start:])


def _in_turn(reader: Reader, todo: deque[_Unit], second: _Second | None) -> Iterator[list[Reading]]:
    begun: deque[_Unit] = deque()
    asked: deque[_Unit] = deque()
    while todo or begun:
        try:
            while second and todo and len(asked) < _AHEAD:
                begun.append(todo[0])
                asked.append(todo.popleft())
                second.ask(asked[-1].wanted)
            # Nothing is left to do here but to wait.
            waits = not todo or len(begun) >= _MOST_WAITING
            while second and asked and (answer := second.answer(waits and not begun[0].readings)):
                asked.popleft().readings = answer
        except (OSError, EOFError):
            second = None
            for unit in asked:
                unit.readings = reader.read_all(unit.wanted)
            asked.clear()
        if begun and begun[0].readings:
            yield begun.popleft().readings or []
        elif todo:
            begun.append(todo.popleft())
            begun[-1].readings = reader.read_all(begun[-1].wanted)


class _Second:
    """The second process, seen from the first. Raises OSError or EOFError once it is gone."""

    def __init__(self, process: Popen[bytes]) -> None:
        from queue import SimpleQueue
        from threading import Thread

        assert process.stdin
        assert process.stdout
        self._process = process
        self._questions, self._answers = process.stdin, process.stdout
        self._came: SimpleQueue[bytes] = SimpleQueue()
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    @classmethod
    def start(cls, reader: Reader) -> _Second | None:
        """Return a process that reads, None where there can be none or no core is free for it."""
        import pickle
        from subprocess import DEVNULL, PIPE, Popen

        if _cores() < 2 or not sys.executable or getattr(sys, "frozen", False):
            return None
        command = [sys.executable, "-c", _COMMAND.format(path=sys.path)]
        # A view of a table cannot be sent.
        settings = reader.settings._replace(statuses=dict(reader.settings.statuses))
        try:
            second = cls(Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL))
            _send(second._questions, pickle.dumps(reader._replace(settings=settings)))
        except OSError:
            return None
        return second

    def ask(self, wanted: Sequence[Wanted]) -> None:
        _send(
            self._questions,
            marshal.dumps([(each.path, each.digest, each.stretches) for each in wanted]),
        )

    def answer(self, waits: bool) -> list[Reading]:
        """Return the next answer; unless this `waits`, [] if none has come yet."""
        if not waits and self._came.empty():
            return []
        if not (data := self._came.get()):
            raise EOFError
        return [
            Reading(path, at, size, kept and Entry(*kept))
            for path, at, size, kept in marshal.loads(data)
        ]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for pipe in (self._questions, self._answers):
            with suppress(OSError):  # what was still to be said
                pipe.close()

    def _listen(self) -> None:
        try:
            while data := _receive(self._answers):
                self._came.put(data)
        finally:
            self._came.put(b"")


def serve() -> None:
    """Be the second process: answer on stdout what is asked on stdin, until nobody asks."""
    import pickle
    from queue import SimpleQueue
    from threading import Thread

    reader: Reader = pickle.loads(_receive(sys.stdin.buffer))
    answers: SimpleQueue[bytes] = SimpleQueue()

    def say() -> None:
        # A thread: whoever waits for the first process to listen can go on reading meanwhile.
        while answer := answers.get():
            _send(sys.stdout.buffer, answer)

    speaker = Thread(target=say, daemon=True)
    speaker.start()
    with _uncollected():
        while question := _receive(sys.stdin.buffer):
            readings = [reader.read(*each) for each in marshal.loads(question)]
            answers.put(marshal.dumps([_plain(reading) for reading in readings]))
    answers.put(b"")
    speaker.join()


def _plain(reading: Reading) -> tuple[object, ...]:
    return (*reading[:3], reading.entry and tuple(reading.entry))


def _send(pipe: IO[bytes], data: bytes) -> None:
    pipe.write(len(data).to_bytes(_HEAD, "big") + data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    """Return what was sent, b"" if the other side has ended."""
    head = pipe.read(_HEAD)
    size = int.from_bytes(head, "big")
    if len(head) < _HEAD or size > _MOST_BYTES:
        return b""  # what is no answer of ours counts as none
    data = pipe.read(size)
    return data if len(data) == size else b""


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
