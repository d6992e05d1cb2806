"""What a WebDAV server says of a collection (RFC 4918 section 13).

Rule: pure; bytes of somebody else's making in, names and marks out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_DAV = "{DAV:}"
_CALENDAR = "{urn:ietf:params:xml:ns:caldav}calendar"

# RFC 4918 section 9.1, RFC 4791 section 4.2: is it a calendar, and what is in it?
ASKED = (
    b'<?xml version="1.0" encoding="utf-8"?>'
    b'<propfind xmlns="DAV:"><prop><resourcetype/><getetag/></prop></propfind>'
)


class Listing(NamedTuple):
    """The resources of a collection: name -> the server's mark (ETag), "" where it has none."""

    is_calendar: bool
    etags: Mapping[str, str]


def read(body: bytes, path: str) -> Listing:
    """Return what stands in the answer to `ASKED`, of the collection at this path.

    Raises ValueError where it is no such answer.
    """
    from xml.etree import ElementTree

    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ValueError("a document with definitions of its own")
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from None
    if root.tag != f"{_DAV}multistatus":
        raise ValueError(root.tag)
    is_calendar, etags = False, {}
    for each in root.iter(f"{_DAV}response"):
        found = unquote(urlsplit((each.findtext(f"{_DAV}href") or "").strip()).path)
        types = {kind.tag for kinds in each.iter(f"{_DAV}resourcetype") for kind in kinds}
        if f"{_DAV}collection" in types:
            # Not one within it: that is another calendar.
            is_calendar |= _CALENDAR in types and found.rstrip("/") == unquote(path).rstrip("/")
        elif name := found.rpartition("/")[2]:
            etags[name] = next((e.text or "" for e in each.iter(f"{_DAV}getetag")), "").strip()
    return Listing(is_calendar, etags)
