"""The last published feed as a ledger: which event had which content, since when.

Rule: bytes of our own making only. An event that is not exactly as we wrote it (its
fingerprint tells) counts as absent, so a broken feed is one with fewer memories, never an error.
Moments are texts in RFC 5545's UTC form (20261122T090000Z): these sort as text, and the date
alone (20261122), the start of a marker, before all of its day.
The header says what each task was known by, so that its uid outlives the index: that is no
event's content, and no event changes with it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

FIRST, LAST = b"BEGIN:VCALENDAR\r\n", b"END:VCALENDAR\r\n"
_HEAD, _TAIL = b"BEGIN:VEVENT\r\n", b"\nEND:VEVENT\r\n"
_EVENT = re.compile(
    rb"^BEGIN:VEVENT\r\n"
    rb"DTSTAMP:(\d{8}T\d{6}Z)\r\nLAST-MODIFIED:\1\r\nSEQUENCE:(\d{1,9})\r\nX-MDTASKS-FP:([0-9a-f]{16})\r\n"
    rb"(.*?^END:VEVENT\r\n)",
    re.MULTILINE | re.DOTALL,
)
_RETIRED = re.compile(rb"^X-MDTASKS-RETIRED:(\S+) (\d{1,9}) (\d{8}T\d{6}Z)\r$", re.MULTILINE)
_KNOWN = re.compile(rb"^X-MDTASKS-TASK:([^\r]*)\r$", re.MULTILINE)
_BETWEEN = re.compile(r"\\.|;")
_SPECIAL = re.compile(r"[\\;,\n]")
_ESCAPE = re.compile(r"\\([\\;,n])")
_PROPERTY = re.compile(rb"^([^;:\r\n]+)(?:;[^:\r]*)?:([^\r]*)", re.MULTILINE)
_READ = 4096
_END_LINE = re.compile(rb"^DTEND:[^\r]*", re.MULTILINE)


@dataclass(frozen=True)
class Event:
    """One VEVENT: `body` is all of it but the stamps."""

    body: bytes
    stamped: str = ""
    sequence: int = 0

    def value(self, name: str) -> str:
        """Return the value of the first property of this name as it is written, "" if none."""
        return self._values.get(name.encode(), b"").decode()

    @cached_property
    def _values(self) -> Mapping[bytes, bytes]:
        found = _PROPERTY.findall(self.body.replace(b"\r\n ", b""))
        return dict(reversed(found))

    def text(self, name: str) -> str:
        """Return the value of a TEXT property without its escapes (RFC 5545 section 3.3.11)."""
        return _unescaped(self.value(name))

    @cached_property
    def uid(self) -> str:
        return self.value("UID")

    @cached_property
    def start(self) -> str:
        return self.value("DTSTART")

    @cached_property
    def end(self) -> str:
        return self.value("DTEND")

    @cached_property
    def is_block(self) -> bool:
        return bool(self.value("X-MDTASKS-KIND"))

    @cached_property
    def tasks(self) -> tuple[str, ...]:
        """The uids of the tasks that it is about."""
        due = self.uid.removesuffix("-due@mdtasks")
        return tuple(self.value("X-MDTASKS-TASKS").split()) if due == self.uid else (due,)

    @cached_property
    def data(self) -> bytes:
        stamps = (
            f"DTSTAMP:{self.stamped}\r\nLAST-MODIFIED:{self.stamped}\r\n"
            f"SEQUENCE:{self.sequence}\r\nX-MDTASKS-FP:{_fingerprint(self.body)}\r\n"
        )
        return _HEAD + stamps.encode() + self.body.removeprefix(_HEAD)

    def ending(self, end: str) -> Event:
        """Return the same event with another end."""
        return replace(self, body=_END_LINE.sub(f"DTEND:{end}".encode(), self.body, count=1))


@dataclass(frozen=True, slots=True)
class Retired:
    """What must be known of an event that left, in case its UID comes back."""

    sequence: int
    left: str


class Mark(NamedTuple):
    """What a task is known by; `born` is the uid that it would have if nobody knew it."""

    uid: str
    born: str
    explicit: str
    reference: str
    path: str
    text: str

    @property
    def value(self) -> str:
        """The parts with semicolons between them, escaped as a TEXT is."""
        return ";".join(map(_escaped, self))


@dataclass(frozen=True, slots=True)
class Ledger:
    events: Mapping[str, Event]
    retired: Mapping[str, Retired]
    marks: Mapping[str, Mark]

    def stamp(self, event: Event, now: str) -> Event:
        """Return `event` with the stamps it has for this content, or new ones.

        SEQUENCE never falls, also when the event was away for a while: a calendar that
        remembers the old one passes over a lower number (RFC 5546 section 2.1.5).
        """
        before = self.events.get(event.uid)
        if before and before.body == event.body:
            return before
        known = before or self.retired.get(event.uid)
        return replace(event, stamped=now, sequence=known.sequence + 1 if known else 0)

    def retire(self, staying: Iterable[str], now: str, since: str) -> dict[str, Retired]:
        """Return what to remember of the events that are not `staying`, gone after `since`."""
        present = frozenset(staying)
        gone = {uid: Retired(event.sequence, now) for uid, event in self.events.items()}
        return {
            uid: retired
            for uid, retired in sorted((dict(self.retired) | gone).items())
            if uid not in present and retired.left > since
        }


def read_ledger(published: bytes | None) -> Ledger:
    """Return what the published feed says; nothing where there is none, or none of ours."""
    # At the beginning of a line: what a task says may end like this.
    head, _, rest = b"\n".join((b"", published or b"")).partition(b"\n" + _HEAD)
    events = filter(None, map(_event, (_HEAD + rest).split(_TAIL)[:-1]))
    header = (head + b"\n").replace(b"\r\n ", b"")
    retired = {
        uid.decode("utf-8", "replace"): Retired(int(sequence), left.decode())
        for uid, sequence, left in _RETIRED.findall(header)
    }
    marks = filter(
        None, (_mark(value.decode("utf-8", "replace")) for value in _KNOWN.findall(header))
    )
    return Ledger(
        {event.uid: event for event in events}, retired, {mark.uid: mark for mark in marks}
    )


def is_whole(published: bytes) -> bool:
    """Whether a feed is, event by event, as we wrote it."""
    if not (published.startswith(FIRST) and published.endswith(LAST)):
        return False
    return len(read_ledger(published).events) == published.count(b"\nBEGIN:VEVENT")


# A watcher reads the same hundreds again and again.
@lru_cache(maxsize=_READ)
def _event(piece: bytes) -> Event | None:
    """Return the event that ends behind a piece of the feed, None for what we did not write so."""
    match = _EVENT.search(piece + _TAIL)
    if match is None:
        return None
    stamped, sequence, mark, rest = match.groups()
    body = _HEAD + rest
    is_ours = _fingerprint(body) == mark.decode()
    return Event(body, stamped.decode(), int(sequence)) if is_ours else None


@lru_cache(maxsize=_READ)
def _mark(value: str) -> Mark | None:
    cuts = [found.start() for found in _BETWEEN.finditer(value) if found[0] == ";"]
    bounds = zip([0, *(cut + 1 for cut in cuts)], [*cuts, len(value)], strict=True)
    parts = [_unescaped(value[start:end]) for start, end in bounds]
    return Mark(*parts) if len(parts) == len(Mark._fields) else None


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: "\\" + match[0].replace("\n", "n"), text)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: match[1].replace("n", "\n"), text)


def _fingerprint(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]
