"""What a published feed must be, line by line, where parsers are forgiving.

Rule: bytes -> the rules they break. Knows no icalendar, so that it agrees with no library's faults.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

# All that may stand in a component, in its order; what has a + stands there.
ORDER = {
    "VCALENDAR": (
        "+VERSION +PRODID +CALSCALE +NAME +X-WR-CALNAME +COLOR +REFRESH-INTERVAL "
        "+X-APPLE-CALENDAR-COLOR X-MDTASKS-RETIRED X-MDTASKS-TASK +X-PUBLISHED-TTL"
    ),
    "VEVENT": (
        "+DTSTAMP +LAST-MODIFIED +SEQUENCE +X-MDTASKS-FP +SUMMARY +DTSTART +DTEND +UID CATEGORIES "
        "DESCRIPTION +STATUS +TRANSP URL X-MDTASKS-KIND X-MDTASKS-SESSION X-MDTASKS-TASKS "
        "+X-MICROSOFT-CDO-BUSYSTATUS"
    ),
    "VALARM": "+ACTION +DESCRIPTION +TRIGGER",
}
SEVERAL = {"X-MDTASKS-RETIRED", "X-MDTASKS-TASK"}
HEADER = {
    "VERSION:2.0",
    "CALSCALE:GREGORIAN",
    "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    "X-PUBLISHED-TTL:PT1H",
}
WITH_PARAMETERS = {"DTSTART", "DTEND", "REFRESH-INTERVAL"}
_TEXT = r"(?:[^\\;,]|\\[\\;,n])"
TEXT, LIST, PARTS = (
    re.compile(form)
    for form in (f"{_TEXT}*", f"{_TEXT}*(?:,{_TEXT}*)*", f"{_TEXT}*(?:;{_TEXT}*){{5}}")
)
FORMS = {
    **dict.fromkeys(("SUMMARY", "DESCRIPTION", "NAME", "X-WR-CALNAME", "X-MDTASKS-SESSION"), TEXT),
    "UID": re.compile(r"[!-+\--:<-[\]-~]+"),
    "CATEGORIES": LIST,
    "X-MDTASKS-TASK": PARTS,
    "SEQUENCE": re.compile(r"0|[1-9]\d{0,8}"),
    "X-MDTASKS-FP": re.compile(r"[0-9a-f]{16}"),
    "X-MDTASKS-KIND": re.compile("fixed|focus|micro"),
    "STATUS": re.compile("CONFIRMED"),
    "COLOR": re.compile("[a-z]+"),
    "X-APPLE-CALENDAR-COLOR": re.compile("#[0-9a-f]{6}"),
    "ACTION": re.compile("DISPLAY"),
    "TRIGGER": re.compile(r"-?P(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?"),
}
STAMPS = ("DTSTAMP", "LAST-MODIFIED", "SEQUENCE")
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
    return [part for part in components(unfold(data)) if part.name == "VEVENT"]


def _physical(data: bytes) -> Iterator[str]:
    if data.startswith(b"\xef\xbb\xbf"):
        yield "begins with a BOM"
    if not data.endswith(b"\r\n"):
        yield "does not end with CRLF"
    of = b""
    for raw in data.removesuffix(b"\r\n").split(b"\r\n"):
        of = of if raw.startswith(b" ") else raw
        if len(raw) > 75:
            yield f"over 75 octets: {raw!r}"
        # What a task is known by is word for word, and nobody else's to read.
        if not raw or (raw.isspace() and not of.startswith(b"X-MDTASKS-TASK:")):
            yield "an empty line"
        try:
            line = raw.decode("utf-8")
        except UnicodeDecodeError:
            yield f"a fold inside a character, or no UTF-8: {raw!r}"
            continue
        if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]", line):
            yield f"a control character: {raw!r}"


def _logical(lines: list[str]) -> Iterator[str]:
    if (lines[0], lines[-1]) != ("BEGIN:VCALENDAR", "END:VCALENDAR"):
        yield "is not one VCALENDAR"
    if lines.count("BEGIN:VCALENDAR") != 1:
        yield "is more than one VCALENDAR"
    for required in HEADER - set(lines):
        yield f"lacks {required}"
    parts = components(lines)
    for part in parts:
        yield from _properties(part)
    found = [part for part in parts if part.name == "VEVENT"]
    for event in found:
        yield from _event(event)
    yield from _together(found)


def _properties(part: Component) -> Iterator[str]:
    if part.name not in ORDER:
        yield f"has {part.name}"
        return
    names = [line.name for line in part.lines]
    order = [name.lstrip("+") for name in ORDER[part.name].split()]
    for name in sorted({*names} - {*order}):
        yield f"{part.name} has {name}"
    if {*names} <= {*order} and names != sorted(names, key=order.index):
        yield f"{part.name} is not in order: {names}"
    for wanted in ORDER[part.name].split():
        name = wanted.lstrip("+")
        count = names.count(name)
        if (count > 1 and name not in SEVERAL) or (count == 0 and wanted != name):
            yield f"{name} stands {count} times"
    for line in part.lines:
        if line.name in FORMS and not FORMS[line.name].fullmatch(line.value):
            yield f"not as {line.name} is written: {line.value}"
        if line.name == "URL" and not URL.fullmatch(line.value):
            yield f"an unsafe URL: {line.value}"
        if line.parameters and line.name not in WITH_PARAMETERS:
            yield f"{line.name} has parameters: {line.parameters}"


def _event(event: Component) -> Iterator[str]:
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        if not UTC_MOMENT.fullmatch(event.get(name)):
            yield f"{name} is not in UTC: {event.get(name)}"
    if event.get("DTSTAMP") != event.get("LAST-MODIFIED"):
        yield "DTSTAMP is not LAST-MODIFIED"
    start, end = event.bounds
    all_day = len(start) == 8
    for line in event.lines:
        if line.name in ("DTSTART", "DTEND"):
            form = r";VALUE=DATE:\d{8}" if all_day else r":\d{8}T\d{6}Z"
            if not re.fullmatch(form, f"{line.parameters}:{line.value}"):
                yield f"{line.name} is neither UTC nor a date: {line}"
    if end <= start:
        yield f"ends before it begins: {start} {end}"
    if all_day is bool(event.get("X-MDTASKS-KIND")):
        yield f"{event.get('UID')} is no block, or no due date"
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
    opaque = sorted((e for e in found if e.get("TRANSP") == "OPAQUE"), key=lambda e: e.bounds)
    for before, after in pairwise(opaque):
        # Two times that the person wrote may overlap: that is said, and not undone.
        both_written = before.get("X-MDTASKS-KIND") == after.get("X-MDTASKS-KIND") == "fixed"
        if after.bounds[0] < before.bounds[1] and not both_written:
            yield f"overlap: {before.bounds} {after.bounds}"


def broken_history(feeds: Iterable[bytes]) -> Iterator[str]:
    """Yield what a client that read one feed after the other would stumble over.

    A UID's SEQUENCE never falls, also when it was away; content and stamps change together.
    """
    known: dict[str, Component] = {}
    for number, data in enumerate(feeds):
        for event in events(data):
            uid = event.get("UID")
            before = known.get(uid, event)
            fell = int(event.get("SEQUENCE")) - int(before.get("SEQUENCE"))
            if fell < 0:
                yield f"feed {number}: the SEQUENCE of {uid} falls"
            if (_content(event) == _content(before)) is not (_stamps(event) == _stamps(before)):
                yield f"feed {number}: {uid} and its stamps do not change together"
            if fell == 0 and _stamps(event) != _stamps(before):
                yield f"feed {number}: {uid} is stamped anew without a new SEQUENCE"
            known[uid] = event


def _stamps(event: Component) -> list[str]:
    return [event.get(name) for name in STAMPS]


def _content(event: Component) -> list[Line]:
    return [line for line in event.lines if line.name not in {*STAMPS, "X-MDTASKS-FP"}]


def components(lines: list[str]) -> list[Component]:
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
