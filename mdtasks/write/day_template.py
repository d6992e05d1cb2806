"""The template of a day's note -> the bytes that the note begins with.

Rule: pure. `{{date}}`, `{{time}}` and `{{title}}` mean what they mean to Obsidian's core plugins,
a format of Moment.js behind a colon included; all else stays as it is, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from mdtasks.dates import name_for

_BLANK = re.compile(
    r"\{\{[ \t]*(?:(?P<title>title)|(?P<name>date|time)(?:[ \t]*:(?P<format>[^{}\n]+))?)[ \t]*\}\}",
    re.IGNORECASE,
)
_FORMATS = {"date": "YYYY-MM-DD", "time": "HH:mm"}

# The letters of Moment.js for the time of day; those for the date are known to `name_for`.
_CLOCK: Mapping[str, Callable[[datetime], str]] = {
    "HH": lambda at: f"{at.hour:02}",
    "H": lambda at: f"{at.hour}",
    "hh": lambda at: f"{at.hour % 12 or 12:02}",
    "h": lambda at: f"{at.hour % 12 or 12}",
    "mm": lambda at: f"{at.minute:02}",
    "m": lambda at: f"{at.minute}",
    "ss": lambda at: f"{at.second:02}",
    "s": lambda at: f"{at.second}",
    "A": lambda at: "AM" if at.hour < 12 else "PM",
    "a": lambda at: "am" if at.hour < 12 else "pm",
}
_LETTERS = re.compile(rf"\[[^\[\]]*\]|{'|'.join(_CLOCK)}")


def filled(template: bytes, title: str, now: datetime) -> bytes:
    """Return the template with its braces filled in."""

    def said(match: re.Match[str]) -> str:
        if match["title"]:
            return title
        return _written(now, (match["format"] or "").strip() or _FORMATS[match["name"].lower()])

    text = template.decode("utf-8", "surrogateescape")
    return _BLANK.sub(said, text).encode("utf-8", "surrogateescape")


def _written(now: datetime, fmt: str) -> str:
    def clock(match: re.Match[str]) -> str:
        letters = _CLOCK.get(match[0])
        return f"[{letters(now)}]" if letters else match[0]

    return name_for(now.date(), _LETTERS.sub(clock, fmt))
