"""What the commands share: opening the vault, printing, progress, errors and exit codes.

Rule: results go to stdout, all else to stderr; nothing gets out uncleaned. Where nobody reads any
more the telling ends, and nothing else.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple, TextIO

from mdtasks.errors import MdtasksError
from mdtasks.render.pen import Pen

if TYPE_CHECKING:
    from mdtasks.app.refresh import Progress
    from mdtasks.app.session import Session
    from mdtasks.index.store import Store
    from mdtasks.render.terminal import Show

# A first run on a big vault takes long enough to say so; a daily one must not flicker.
PROGRESS_AFTER_SECONDS = 0.5

_NO_OUTPUT = {errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT}


class Call(NamedTuple):
    """The options that stand before the command."""

    vault: str | None
    now: str | None
    color: str

    @property
    def pen(self) -> Pen:
        tty = sys.stdout.isatty()
        # https://no-color.org: any value but the empty one.
        wanted = tty and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        color = wanted if self.color == "auto" else self.color == "always"
        return Pen(tty, color, _terminal_width() if tty else 0)

    def show(self, session: Session) -> Show:
        from mdtasks.render.terminal import Show

        display = session.config.display
        return Show(self.pen, session.today, display.clock, display.praise)

    def session(self) -> Session:
        from mdtasks.app.session import open_session

        return open_session(self.vault, self.now, notify)

    @contextmanager
    def opened(self) -> Iterator[tuple[Session, Store]]:
        """Open the vault to read, with its index brought up to date."""
        from mdtasks.app.opening import opened_to_read

        session = self.session()
        with ExitStack() as stack:
            with progress() as step:
                store = stack.enter_context(opened_to_read(session, step))
            yield session, store

    @contextmanager
    def opened_to_change(self) -> Iterator[tuple[Session, Store]]:
        """Open the vault with its index as the notes are at this moment."""
        from mdtasks.app.opening import opened_to_change

        session = self.session()
        with ExitStack() as stack:
            with progress() as step:
                store = stack.enter_context(opened_to_change(session, step))
            yield session, store


def _terminal_width() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except OSError:
        return 0


def print_lines(lines: Iterable[str]) -> None:
    """Print lines that the pen has written, as far as somebody reads."""
    try:
        for line in lines:
            sys.stdout.write(line + "\n")
    except BrokenPipeError:
        _drop(sys.stdout)


def print_at_once(lines: Iterable[str]) -> None:
    """Print lines before what follows, which may take its time."""
    print_lines(lines)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop(sys.stdout)


def print_json(session: Session, **body: object) -> None:
    from mdtasks.render.json import envelope

    print_lines([envelope(session.now, str(session.root), **body)])


def notify(message: str) -> None:
    """Tell the person something that is no result."""
    _say(f"mdtasks: {_plain(message)}\n")


def fail(error: MdtasksError) -> None:
    notify(error.message)
    if error.hint:
        _say(f"hint: {_plain(error.hint, keep_lines=True)}\n")


def _say(text: str) -> None:
    try:
        sys.stderr.write(text)
    except OSError:
        # Nobody is left to whom it could be said.
        _drop(sys.stderr)


def _plain(text: str, keep_lines: bool = False) -> str:
    from mdtasks.render.clean import for_terminal

    text = text if keep_lines else text.replace("\n", " ")
    return for_terminal(text, sys.stderr.isatty())


@contextmanager
def progress() -> Iterator[Progress | None]:
    """Give what a refresh reports to; on a terminal it becomes a bar once it takes long."""
    if not sys.stderr.isatty():
        yield None
        return
    bar = _Bar()
    try:
        yield bar
    finally:
        bar.close()


class _Bar:
    """A rich progress bar that appears only when there is something to wait for."""

    def __init__(self) -> None:
        import time

        self._clock = time.monotonic
        self._began = self._clock()
        self._close: Callable[[], None] | None = None
        self._update: Callable[[int, int], None] | None = None

    def __call__(self, read: int, total: int) -> None:
        if self._update is None and self._clock() - self._began > PROGRESS_AFTER_SECONDS:
            self._show()
        if self._update:
            self._update(read, total)

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        shown = Progress(
            TextColumn("reading notes"),
            BarColumn(),
            MofNCompleteColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        shown.start()
        row = shown.add_task("")
        self._close = shown.stop
        self._update = lambda read, total: shown.update(row, completed=read, total=total)

    def close(self) -> None:
        if self._close:
            self._close()


def _drop(stream: TextIO) -> None:
    # What is still buffered has no reader either, and Python would say so on its way out.
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _replace_closed_streams() -> None:
    """Put os.devnull where a stream was closed before we began: else the next file that is opened
    would stand there."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # The lowest number that is free, and so the stream's own.
            number = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))


def run(command: Callable[[], object]) -> int:
    """Run the command; return its exit code. A closed pipe and Ctrl-C end quietly."""
    _replace_closed_streams()
    # Notes hold any text; an output that cannot show a character shows a stand-in.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        result = command()
        print_at_once([])
    except MdtasksError as error:
        fail(error)
        return error.exit_code
    except BrokenPipeError:
        _drop(sys.stdout)
        return 0
    except OSError as error:
        # A file's failure names the file; this one came from stdout, which may be a full disk.
        if error.filename is not None or error.errno not in _NO_OUTPUT:
            raise
        _drop(sys.stdout)
        notify(f"the output could not be written: {error.strerror}")
        return 1
    except KeyboardInterrupt:
        return 130
    except SystemExit:
        # click ends so where it meets the closed pipe first, or completes a word for a shell.
        return 0
    return result if isinstance(result, int) else 0
