"""The bytes of a calendar -> its events as lines, without a calendar package.

A calendar holds years of events, and a package takes a third of a millisecond for each: here is
told, from a few lines of text, which of them can matter at all.

Rule: nothing here knows zones; a moment is what the wall of its own zone shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

MAX_BYTES = 10 * 1024 * 1024

# name, parameters (a value in quotes may hold colons), value
_LINE = re.compile(r'([A-Za-z0-9-]+)((?:;(?:[^":\n]|"[^"\n]*")*)?):(.*)')
_MOMENT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z?))?")
_LENGTH = re.compile(
    r"([+-]?)P(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?"
    r"(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?"
)
_TZID = re.compile(r';TZID=(?:"([^"]*)"|([^;"]*))', re.IGNORECASE)
_TIMES = {"DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE"}
_WANTED = {
    *_TIMES,
    "DURATION",
    "RRULE",
    "UID",
    "SUMMARY",
    "STATUS",
    "TRANSP",
    "SEQUENCE",
    "X-MICROSOFT-CDO-BUSYSTATUS",
    "X-MICROSOFT-CDO-ALLDAYEVENT",
}
# What may stand there several times; of everything else, the first counts.
_REPEATED = {"RRULE", "RDATE", "EXDATE"}
_MOST_LINES = 1000
_LONGEST = 2000  # of a title


class Line(NamedTuple):
    """A content line; `parameters` begin with a semicolon, or are empty."""

    name: str
    parameters: str
    value: str

    @property
    def zone(self) -> str:
        """The TZID, "Z" for a moment in UTC, "" for one of no zone."""
        if match := _TZID.search(self.parameters):
            return (match[1] or match[2] or "").strip()
        return "Z" if self.value.endswith("Z") else ""

    def without_zone(self) -> Line:
        return self._replace(parameters=_TZID.sub("", self.parameters))

    @property
    def text(self) -> str:
        return f"{self.name}{self.parameters}:{self.value}"


class Event(NamedTuple):
    """A VEVENT: its lines that say when, in what series, and what it is."""

    lines: tuple[Line, ...]

    def line(self, name: str) -> Line | None:
        return next((line for line in self.lines if line.name == name), None)

    def value(self, name: str) -> str:
        line = self.line(name)
        return line.value.strip() if line else ""

    def all(self, name: str) -> Iterator[Line]:
        return (line for line in self.lines if line.name == name)

    @property
    def zones(self) -> set[str]:
        return {line.zone for line in self.lines if line.name in _TIMES} - {"", "Z"}


def unfolded(data: bytes) -> str:
    """Return the text with whole lines, each ended by a newline.

    Unfolded before it is decoded: some programs fold in the middle of a character.
    """
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    data = data.replace(b"\n ", b"").replace(b"\n\t", b"")
    return f"\n{data.decode('utf-8-sig', 'replace')}\n"


def is_whole(data: bytes) -> bool:
    """Whether these are the bytes of a calendar, from its beginning to its end."""
    bare = data.removeprefix(b"\xef\xbb\xbf").strip()
    return bare[:15].upper() == b"BEGIN:VCALENDAR" and bare[-13:].upper() == b"END:VCALENDAR"


def components(text: str, name: str) -> Iterator[str]:
    """Yield the lines within each component of that name, as one text."""
    begin, end = f"\nBEGIN:{name}\n", f"\nEND:{name}\n"
    at = text.find(begin)
    while at >= 0:
        stop = text.find(end, at)
        if stop < 0:
            return
        yield text[at + len(begin) : stop]
        at = text.find(begin, stop)


def head(text: str) -> dict[str, str]:
    """Return the calendar's own properties that come before its first component."""
    first = text.find("\nBEGIN:V", text.find("BEGIN:VCALENDAR") + 1)
    rows = text[: first if first >= 0 else len(text)].split("\n")
    lines = filter(None, map(_line, rows))
    return {line.name: line.value.strip() for line in lines}


def event(inside: str) -> Event:
    """Return what is wanted of an event; what lies in it, such as an alarm, is left out."""
    found: dict[object, Line] = {}
    depth = 0
    for row in inside.split("\n"):
        if row.startswith("BEGIN:"):
            depth += 1
        elif row.startswith("END:"):
            depth = max(depth - 1, 0)
        elif not depth and len(found) < _MOST_LINES and (line := _line(row)):
            found.setdefault(line if line.name in _REPEATED else line.name, line)
    return Event(tuple(found.values()))


def _line(row: str) -> Line | None:
    match = _LINE.fullmatch(row)
    if not match:
        return None
    name, parameters, value = match[1].upper(), match[2], match[3]
    if name in _TIMES and ":" in value:
        # A zone's name with a colon, which should have stood in quotes.
        more, _, value = value.rpartition(":")
        before, tzid, zone = parameters.partition("TZID=")
        parameters = f'{before}{tzid}"{zone}:{more}"' if tzid else ""
    if name in _WANTED or name in ("PRODID", "TZID"):
        return Line(name, parameters, value if name in _TIMES else value[:_LONGEST])
    return None


def moment(text: str) -> datetime | date | None:
    """Return what the wall shows: a date or a time of a date; None for what is neither."""
    match = _MOMENT.match(text.strip())
    if not match:
        return None
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
        if match[4] is None:
            return day
        # 60 is the second that is put in before some new year.
        clock = time(int(match[4]), int(match[5]), min(int(match[6]), 59))
        return datetime.combine(day, clock)
    except ValueError:
        return None


def day_of(when: date) -> date:
    return when.date() if isinstance(when, datetime) else when


def as_datetime(when: date) -> datetime:
    """Return the moment, of a date its midnight."""
    return when if isinstance(when, datetime) else datetime(when.year, when.month, when.day)


def length(text: str) -> timedelta | None:
    """Return a DURATION; None for what is none, the longest there is for what is longer."""
    match = _LENGTH.fullmatch(text.strip().upper())
    if not match or not any(match.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    try:
        found = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        found = timedelta.max
    return -found if match[1] == "-" else found
