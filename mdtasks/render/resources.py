"""The events of a feed one by one, as a CalDAV calendar holds them (RFC 4791 section 4.1).

Rule: bytes in, bytes out; what is ours alone (X-MDTASKS-…) stays in the feed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mdtasks.render.ledger import Event
from mdtasks.render.lens import handed_out

if TYPE_CHECKING:
    from icalendar import Component

_EVENT = re.compile(rb"^BEGIN:VEVENT\r\n.*?^END:VEVENT\r\n", re.MULTILINE | re.DOTALL)
_HEAD = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//mdtasks//mdtasks//EN\r\n"
_LAST = b"END:VCALENDAR\r\n"
# These say when something was written and by whom, and not what.
_STAMPS = {"DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE"}


def resources(feed: bytes) -> dict[str, bytes]:
    """Return each event of a feed of ours as a calendar of its own, by its UID."""
    events = _EVENT.findall(handed_out(feed))
    return {Event(event).uid: b"".join((_HEAD, event, _LAST)) for event in events}


def title_of(resource: bytes) -> str:
    return Event(resource).text("SUMMARY")


def says_the_same(one: bytes, other: bytes) -> bool:
    """Whether two resources hold the same event, however a server has written it down anew.

    Properties that servers and programs add for themselves (X-…) and stamps do not count.
    """
    try:
        return _said(one) == _said(other)
    except (ValueError, LookupError, AttributeError, TypeError):  # whatever icalendar meets
        return False


def _said(resource: bytes) -> object:
    from icalendar import Calendar

    (event,) = Calendar.from_ical(resource).walk("VEVENT")
    return _said_by(event)


def _said_by(component: Component) -> tuple[object, ...]:
    said: list[tuple[str, str]] = []
    for name, found in component.items():
        if name not in _STAMPS and not name.startswith("X-"):
            said += ((name, _value(each)) for each in (found if _is_many(found) else [found]))
    inner = sorted(map(repr, map(_said_by, component.subcomponents)))
    return component.name, tuple(sorted(said)), tuple(inner)


def _is_many(found: object) -> bool:
    return type(found) is list


def _value(found: Any) -> str:
    value: bytes = found.to_ical()
    return value.decode("utf-8", "replace")
