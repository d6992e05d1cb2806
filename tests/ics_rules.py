"""What a published feed must be, line by line, where parsers are forgiving.

Rule: bytes -> the rules they break. Knows no icalendar, so that it agrees with no library's faults.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

FORBIDDEN = {"METHOD", "RRULE", "RDATE", "ATTACH", "ORGANIZER", "ATTENDEE"}
FORBIDDEN_COMPONENTS = {"VTIMEZONE", "VTODO", "VJOURNAL"}
HEADER = {
    "VERSION:2.0",
    "CALSCALE:GREGORIAN",
    "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    "X-PUBLISHED-TTL:PT1H",
}
HEADER_NAMES = {"PRODID", "NAME", "X-WR-CALNAME", "COLOR", "X-APPLE-CALENDAR-COLOR"}
TEXTS = {"SUMMARY", "DESCRIPTION", "NAME", "X-WR-CALNAME", "UID"}
ESCAPED = re.compile(r"(?:[^\\;,]|\\[\\;,n])*")
UTC_MOMENT = re.compile(r"\d{8}T\d{6}Z")
URL = re.compile(r"(?:obsidian|file|vscode)://[!-~]+")


class Line(NamedTuple):
    name: str
    parameters: str
    value: str


class Component(NamedTuple):
    name: str
    lines: list[Line]

    def get(self, name: str) -> str:
        return next((line.value for line in self.lines if line.name == name), "")

    @property
    def bounds(self) -> tuple[str, str]:
        return self.get("DTSTART"), self.get("DTEND")


def broken_rules(data: bytes) -> list[str]:
    if faults := list(_physical(data)):
        return faults
    try:
        return list(_logical(unfold(data)))
    except ValueError as fault:
        return [str(fault)]


def unfold(data: bytes) -> list[str]:
    return data.replace(b"\r\n ", b"").decode("utf-8", "replace").removesuffix("\r\n").split("\r\n")


def events(data: bytes) -> list[Component]:
    return [part for part in _components(unfold(data)) if part.name == "VEVENT"]


def _physical(data: bytes) -> Iterator[str]:
    if data.startswith(b"\xef\xbb\xbf"):
        yield "begins with a BOM"
    if not data.endswith(b"\r\n"):
        yield "does not end with CRLF"
    for raw in data.removesuffix(b"\r\n").split(b"\r\n"):
        if len(raw) > 75:
            yield f"over 75 octets: {raw!r}"
        if raw.strip() == b"":
            yield "an empty line"
        try:
            line = raw.decode("utf-8")
        except UnicodeDecodeError:
            yield f"a fold inside a character, or no UTF-8: {raw!r}"
            continue
        if re.search(r"[\x00-\x1f\x7f-\x9f]", line):
            yield f"a control character: {raw!r}"


def _logical(lines: list[str]) -> Iterator[str]:
    if (lines[0], lines[-1]) != ("BEGIN:VCALENDAR", "END:VCALENDAR"):
        yield "is not one VCALENDAR"
    if lines.count("BEGIN:VCALENDAR") != 1:
        yield "is more than one VCALENDAR"
    for required in HEADER - set(lines):
        yield f"lacks {required}"
    parts = _components(lines)
    for name in HEADER_NAMES - {line.name for line in parts[0].lines}:
        yield f"lacks {name}"
    for part in parts:
        if part.name in FORBIDDEN_COMPONENTS:
            yield f"has {part.name}"
        for line in part.lines:
            yield from _property(line)
    found = [part for part in parts if part.name == "VEVENT"]
    for event in found:
        yield from _event(event)
    yield from _together(found)


def _property(line: Line) -> Iterator[str]:
    if line.name in FORBIDDEN:
        yield f"has {line.name}"
    if line.name in TEXTS and not ESCAPED.fullmatch(line.value):
        yield f"not escaped: {line.name}:{line.value}"
    if line.name == "URL" and not URL.fullmatch(line.value):
        yield f"an unsafe URL: {line.value}"


def _event(event: Component) -> Iterator[str]:
    names = [line.name for line in event.lines]
    for name in ("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "STATUS"):
        if names.count(name) != 1:
            yield f"{name} stands {names.count(name)} times"
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        if not UTC_MOMENT.fullmatch(event.get(name)):
            yield f"{name} is not in UTC: {event.get(name)}"
    start, end = event.bounds
    all_day = len(start) == 8
    for line in event.lines:
        if line.name in ("DTSTART", "DTEND"):
            form = r";VALUE=DATE:\d{8}" if all_day else r":\d{8}T\d{6}Z"
            if not re.fullmatch(form, f"{line.parameters}:{line.value}"):
                yield f"{line.name} is neither UTC nor a date: {line}"
    if end <= start:
        yield f"ends before it begins: {start} {end}"
    wanted = ("TRANSPARENT", "FREE") if all_day else ("OPAQUE", "BUSY")
    if (event.get("TRANSP"), event.get("X-MICROSOFT-CDO-BUSYSTATUS")) != wanted:
        yield f"{event.get('UID')} is not {wanted}"


def _together(found: list[Component]) -> Iterator[str]:
    uids = [event.get("UID") for event in found]
    if len(set(uids)) != len(uids):
        yield "a UID stands twice"
    order = [(event.get("DTSTART"), event.get("UID")) for event in found]
    if order != sorted(order):
        yield "not sorted by start and UID"
    opaque = sorted(event.bounds for event in found if event.get("TRANSP") == "OPAQUE")
    for before, after in pairwise(opaque):
        if after[0] < before[1]:
            yield f"overlap: {before} {after}"


def _components(lines: list[str]) -> list[Component]:
    """Return the components in the order of their BEGIN, each with its own lines only.

    Raises ValueError where the lines are no nest of components.
    """
    found: list[Component] = []
    around: list[Component] = []
    for text in lines:
        match = re.fullmatch(r"([A-Z0-9-]+)((?:;[^:]*)?):(.*)", text)
        if match is None:
            raise ValueError(f"no content line: {text!r}")
        line = Line(*match.groups())
        if line.name == "BEGIN":
            around.append(Component(line.value, []))
            found.append(around[-1])
        elif not around:
            raise ValueError(f"outside of all components: {text!r}")
        elif line.name != "END":
            around[-1].lines.append(line)
        elif around.pop().name != line.value:
            raise ValueError(f"closes nothing: {text!r}")
    if around:
        raise ValueError(f"stays open: {around[0].name}")
    return found
