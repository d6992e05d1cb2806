"""One value of mdtasks.toml <-> one value of the settings.

Rule: a reader takes what TOML gave and returns the setting, or raises ValueError with the words
for what is wanted. It knows neither key nor file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mdtasks.dates import date_from_name, name_for, parse_duration
from mdtasks.model import Status
from mdtasks.read.names import SUFFIXES, is_note
from mdtasks.settings import Span

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Reader = Callable[[object], Any]

DIALECTS = (
    *("emoji", "dataview", "dayplanner"),
    *("noteplan", "todotxt", "kanban", "reminder", "tasknotes"),
)
DAY_MINUTES = 24 * 60
_MINUTE = timedelta(minutes=1)
# Lone surrogates come by way of JSON; neither a file nor an output could hold them.
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# What git surely takes: names and stars between single slashes.
_PLAIN_PATTERN = re.compile(r"/?[\w.*+@-]+(?:/[\w.*+@-]+)*/?", re.ASCII)


def flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("true or false")


def whole(low: int, high: int) -> Reader:
    def read(value: object) -> int:
        # Not isinstance: true is an int in Python, here and below.
        if type(value) is int and low <= value <= high:
            return value
        raise ValueError(f"a whole number from {low} to {high}")

    return read


def minutes(low: int, high: int = DAY_MINUTES) -> Reader:
    def read(value: object) -> timedelta:
        count = _count_minutes(value)
        if count is not None and low <= count <= high:
            return count * _MINUTE
        raise ValueError(f'minutes from {low} to {high}, such as 45 or "1h30m"')

    return read


def minutes_or_none(value: object) -> timedelta | None:
    """Return None for ""."""
    return minutes(0, 7 * DAY_MINUTES)(value) if value != "" else None


def step(value: object) -> timedelta:
    divisors = [n for n in range(1, 61) if 60 % n == 0]
    count = _count_minutes(value)
    if count in divisors:
        return count * _MINUTE
    raise ValueError(f"minutes that divide the hour: {', '.join(map(str, divisors))}")


def _count_minutes(value: object) -> int | None:
    if isinstance(value, str):
        length = parse_duration(value)
        return length // _MINUTE if length else None
    return value if type(value) is int else None


def money(value: object) -> str:
    """Return the amount as it is written, "" for none."""
    from mdtasks.read.money import parse_pay

    text = line(value).strip()
    pay = parse_pay(text)
    if text and (pay is None or pay.hourly or not pay.amount):
        raise ValueError('an amount such as "250 EUR", or ""')
    return text


def choice(*allowed: object) -> Reader:
    def read(value: object) -> object:
        if any(value == one and type(value) is type(one) for one in allowed):
            return value
        raise ValueError(f"one of {', '.join(map(as_toml, allowed))}")

    return read


def list_of(read: Reader) -> Reader:
    """Return a reader of lists; what is said twice counts once."""

    def read_all(value: object) -> tuple[Any, ...]:
        if isinstance(value, list):
            return tuple(dict.fromkeys(map(read, value)))
        raise ValueError("a list in [brackets]")

    return read_all


def dialects(value: object) -> tuple[str, ...]:
    if read := list_of(choice(*DIALECTS))(value):
        return tuple(read)
    raise ValueError(f"at least one of {', '.join(map(as_toml, DIALECTS))}")


def line(value: object) -> str:
    if isinstance(value, str) and not _NOT_IN_A_LINE.search(value):
        return value
    raise ValueError("text of one line")


def words(value: object) -> str:
    if text := line(value).strip():
        return text
    raise ValueError("text that is not empty")


def lines(value: object) -> str:
    """Return text that is not empty, of one line or several."""
    if isinstance(value, str) and value.strip():
        return "\n".join(map(line, re.split(r"\r?\n", value.strip().replace("\t", " "))))
    raise ValueError("text that is not empty")


def symbol(value: object) -> str:
    if isinstance(value, str) and len(value) == 1 and value.isprintable():
        return value
    raise ValueError("one character")


def status(value: object) -> Status:
    if isinstance(value, str) and value.upper() in Status.__members__:
        return Status[value.upper()]
    raise ValueError(f"one of {', '.join(Status.__members__)}")


def pattern(value: object) -> str:
    text = line(value)
    if _PLAIN_PATTERN.fullmatch(text):
        return text  # without pathspec, which takes as long to import as half of click
    import pathspec

    try:
        pathspec.GitIgnoreSpec.from_lines([text])
    except ValueError:
        raise ValueError('patterns of .gitignore, such as "Archive/" or "*.canvas.md"') from None
    return text


def folder(value: object) -> str:
    """Return a folder of the vault as a POSIX path, "" for the vault itself."""
    parts = [part for part in line(value).strip().split("/") if part not in ("", ".")]
    if ".." in parts:
        raise ValueError("a folder inside the vault")
    return "/".join(parts)


def folder_or_none(value: object) -> str | None:
    """Return None for "", and "" for "."."""
    return folder(value) if value != "" else None


_A_NOTE = 'a note of the vault, such as "Inbox.md"'


def note(value: object) -> str:
    """Return the path of a note in the vault; `.md` may be left out."""
    try:
        path = folder(value)
    except ValueError:
        raise ValueError(_A_NOTE) from None
    path = path if path.lower().endswith(SUFFIXES) else f"{path}.md"
    if is_note(path) and not path.endswith("/.md") and path != ".md":
        return path
    raise ValueError(_A_NOTE)


def note_or_none(value: object) -> str:
    """Return "" for ""."""
    return note(value) if value != "" else ""


def date_format(value: object) -> str:
    fmt = words(value)
    # Three days that no format takes for each other unless it leaves out year, month or day.
    days = (date(2026, 11, 22), date(2027, 11, 22), date(2026, 10, 23))
    if all(date_from_name(name_for(day, fmt), fmt) == day for day in days):
        return fmt
    raise ValueError('a format that tells one day from all others, such as "YYYY-MM-DD"')


def calendar_file(value: object) -> str:
    path = line(value).strip()
    # Another ending is a slip more likely than a wish, and that file would be replaced.
    if path and not path.endswith(".ics"):
        raise ValueError('a path that ends in ".ics"')
    return path


def color(value: object) -> str:
    from mdtasks.render.colors import css_and_hex

    text = line(value).strip()
    if css_and_hex(text):
        return text
    raise ValueError('a colour by its CSS name or in hex, such as "steelblue" or "#4682b4"')


def vault_id(value: object) -> str:
    # A folder of this name holds the feed.
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", value):
        return value
    raise ValueError("1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or a digit")


def zone(name: str) -> ZoneInfo | None:
    """Return the time zone of that name, None if there is none."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # OSError: "Europe" is a folder of zones
        return None


def timezone(value: object) -> str:
    if isinstance(value, str) and (value == "" or zone(value)):
        return value
    raise ValueError('a zone of the IANA database, such as "Europe/Berlin"')


def spans(value: object) -> tuple[Span, ...]:
    """Return the spans of a day by their beginning; one that ends at 24:00 ends at time(0)."""
    if not isinstance(value, list):
        raise ValueError('a list such as ["09:00-12:30", "13:30-18:00"], or [] for a free day')
    found = sorted(map(span, value), key=lambda each: each.begins)
    for one, following in pairwise(found):
        over_midnight = one.ends <= one.begins
        if over_midnight or one.ends > following.begins:
            raise ValueError("spans that do not overlap")
    return tuple(found)


def span(value: object) -> Span:
    clock = r"\s*([0-9]{1,2}):([0-5][0-9])\s*"
    if isinstance(value, str) and (match := re.fullmatch(f"{clock}[-–]{clock}", value)):
        hour, minute, last_hour, last_minute = map(int, match.groups())
        begins, ends = hour * 60 + minute, last_hour * 60 + last_minute
        if begins < DAY_MINUTES and ends <= DAY_MINUTES and begins != ends:
            return Span(time(hour, minute), time(last_hour % 24, last_minute))
    raise ValueError('spans between 00:00 and 24:00 such as "09:00-12:30"')


def as_toml(value: object) -> str:
    """Return a value, read or not yet read, as TOML: durations in minutes, None as ""."""
    import json

    match value:
        case bool():
            return str(value).lower()
        case Status():
            return as_toml(value.name)
        case str() | None:
            return json.dumps(value or "", ensure_ascii=False)
        case timedelta():
            return str(value // _MINUTE)
        case list() | tuple():
            return f"[{', '.join(map(as_toml, value))}]"
        case dict():
            pairs = ", ".join(f"{key} = {as_toml(one)}" for key, one in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
        case _:
            return str(value)
