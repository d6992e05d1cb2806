"""Text from notes, made safe for where it goes.

Rule: str -> str, nothing else. A str from a note may hold anything, lone surrogates too:
U+DC80 to U+DCFF are the bytes of a note that are not UTF-8.
"""

from __future__ import annotations

import re

# C0 without tab and newline, DEL, C1, surrogates.
_UNSAFE = r"\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
# The Unicode property Bidi_Control: these reorder what a terminal shows.
_BIDI = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_PIPED = re.compile(f"[{_UNSAFE}]")
_TTY = re.compile(f"[{_UNSAFE}{_BIDI}]")

_CALENDAR_ENDINGS = re.compile(r"\r\n?")
# Some parsers cut lines with str.splitlines(), which breaks at U+2028 and U+2029 too.
_CALENDAR_SPACES = re.compile(r"[\t\u2028\u2029]")
_CALENDAR_DROPPED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# U+FFFE and U+FFFF are no characters, and CalDAV's XML refuses them like surrogates.
_CALENDAR_BROKEN = re.compile(r"[\ud800-\udfff\ufffe\uffff]")


def for_terminal(text: str, tty: bool) -> str:
    """Return `text` with every control character but tab and newline made visible.

    C0 and DEL as `^[` and `^?`, bytes that are not UTF-8 as `\\xff`, the rest as `\\u0085`.
    Bidi controls count only on a terminal: a pipe gets them as they are.
    """
    return (_TTY if tty else _PIPED).sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x80:
        return f"^{chr(code ^ 0x40)}"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}"


def for_calendar(text: str) -> str:
    """Return `text` without control characters: newlines are `\\n`, tabs spaces, the rest goes.

    What is no character (a surrogate, U+FFFF) becomes U+FFFD.
    """
    text = _CALENDAR_SPACES.sub(" ", _CALENDAR_ENDINGS.sub("\n", text))
    return _CALENDAR_BROKEN.sub("\ufffd", _CALENDAR_DROPPED.sub("", text))
