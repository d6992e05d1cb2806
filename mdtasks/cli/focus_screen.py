"""The terminal's other screen: lines out, single keys in, and everything as before at the end.

Rule: whatever ends the program, the terminal is as it was; only what a pen has written is shown.
"""

from __future__ import annotations

import os
import re
import select
import sys
import termios
import tty
from collections.abc import Iterable
from contextlib import suppress

# DEC private modes 1049 (the other screen) and 25 (the cursor), as xterm has them.
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
# What an arrow or another such key sends: several bytes, and none of our keys.
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;?]*.?|O.?|.?)", re.DOTALL)
_HOME, _REST_OF_LINE, _REST = "\x1b[H", "\x1b[K", "\x1b[J"


class Screen:
    """The other screen, from `with` to its end."""

    def __enter__(self) -> Screen:
        self._keys = sys.stdin.fileno()
        self._pressed: list[str] = []
        self._before = termios.tcgetattr(self._keys)
        try:
            # Not raw: Ctrl-C stays a signal.
            tty.setcbreak(self._keys)
            self._write(_ENTER)
        except BaseException:
            self._restore()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def _restore(self) -> None:
        # Where the terminal is gone there is nothing to restore.
        with suppress(OSError, termios.error):
            termios.tcsetattr(self._keys, termios.TCSADRAIN, self._before)
            self._write(_LEAVE)

    @property
    def height(self) -> int:
        try:
            return os.get_terminal_size(sys.stdout.fileno()).lines or 24
        except OSError:
            return 24

    def show(self, lines: Iterable[str]) -> None:
        shown = "".join(f"{line}{_REST_OF_LINE}\r\n" for line in lines)
        self._write(f"{_HOME}{shown}{_REST}")

    def ring(self) -> None:
        self._write("\a")

    def key(self, seconds: float) -> str:
        """Return the key that is pressed within so many seconds, "" for none, and "q" where
        nobody can press one any more."""
        if not self._pressed:
            ready, _, _ = select.select([self._keys], [], [], seconds)
            if not ready:
                return ""
            read = os.read(self._keys, 64)
            if not read:
                return "q"
            # Several that were typed at once come one after another.
            self._pressed += _SEQUENCE.sub(b"", read).decode("ascii", "replace").lower()
        return self._pressed.pop(0) if self._pressed else ""

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()
