"""The calendar as one subscriber may see it: a feed that says less.

Rule: what is not allowed is never copied; an event is made anew from what is. As in ics.py, bytes
in and bytes out: `through` gives a ledger of its own, so that stamps tell of changes that this
subscriber can see and of no others, and `handed_out` is what leaves of it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from mdtasks.model import Interval, Task
from mdtasks.plan.marks import carries
from mdtasks.plan.reasons import batch_title
from mdtasks.render.clean import for_calendar
from mdtasks.render.ics import KEPT, verify
from mdtasks.render.ledger import Event, read_ledger

FULL = "full"
# How lenses are written.
KINDS = (FULL, "title", "busy", "actual", "project:NAME")
PRIVATE = "#private"
_PROJECT = "project:"

_UTC_FORM = "%Y%m%dT%H%M%SZ"
_LAST = b"END:VCALENDAR\r\n"
_EVENTS = re.compile(rb"^(?:BEGIN:VEVENT|END:VCALENDAR)\r\n", re.MULTILINE)
# A fold begins with a space: no text can look like such a line.
_OURS = re.compile(rb"^X-MDTASKS-[^\r]*\r\n(?: [^\r]*\r\n)*", re.MULTILINE)
# Bounded, so that no text can make the search slow.
_LINK = re.compile(
    r"!?\[\[(?P<note>[^\[\]|\n]{0,500})(?:\|(?P<alias>[^\[\]\n]{0,500}))?\]\]"
    r"|!?\[(?P<words>[^\[\]\n]{0,500})\]\([^()\n]{0,1000}(?:\([^()\n]{0,500}\)[^()\n]{0,500}){0,5}\)"
    r"|\b[A-Za-z][A-Za-z0-9+.-]{1,20}://\S+"
)
_SHOWN = {
    True: {"transp": "OPAQUE", "x-microsoft-cdo-busystatus": "BUSY"},
    False: {"transp": "TRANSPARENT", "x-microsoft-cdo-busystatus": "FREE"},
}


class Lens(NamedTuple):
    """`kind` is full, title, busy, actual or project; `project` its name."""

    kind: str
    project: str = ""


class Sight(NamedTuple):
    """What there is to be seen. `tasks` are by uid, the parents of each among them."""

    published: bytes
    tasks: Mapping[str, Task]
    log: Sequence[Interval] = ()


def parse_lens(text: str) -> Lens | None:
    """Return the lens of that name; None if there is none."""
    if text.startswith(_PROJECT):
        name = text.removeprefix(_PROJECT).strip()
        return Lens("project", name) if name else None
    return Lens(text) if text in KINDS else None


def through(lens: Lens, sight: Sight, key: bytes, now: datetime, before: bytes | None) -> bytes:
    """Return the ledger of what is seen through a lens, going on from the one of `before`.

    `key` is the subscriber's: nobody else's events have the same names. Not for `full`, which
    is the feed itself.
    """
    ledger = read_ledger(before)
    moment, since = _utc(now), _utc(now - KEPT)
    seen = _logged(sight, since) if lens.kind == "actual" else _planned(lens, sight)
    stamped = [ledger.stamp(_event(each, key), moment) for each in seen]
    ordered = sorted(stamped, key=lambda event: (event.start, event.uid))
    retired = ledger.retire((event.uid for event in ordered), moment, since)
    gone = (
        f"X-MDTASKS-RETIRED:{uid} {event.sequence} {event.left}\r\n"
        for uid, event in retired.items()
    )
    start = _EVENTS.search(sight.published)
    head = _OURS.sub(b"", sight.published[: start.start() if start else 0])
    body = b"".join(event.data for event in ordered)
    data = b"".join((head, "".join(gone).encode(), body, _LAST))
    if data != before:
        verify(data, len(ordered))
    return data


def handed_out(ledger: bytes) -> bytes:
    """Return what of a ledger leaves this machine."""
    return _OURS.sub(b"", ledger)


def is_private(task: Task, tasks: Mapping[str, Task]) -> bool:
    """Whether it, or what it is a part of, is tagged so."""
    seen: set[str] = set()
    each: Task | None = task
    while each is not None and each.uid not in seen:
        if carries(each, PRIVATE):
            return True
        seen.add(each.uid)
        each = tasks.get(each.parent or "")
    return False


class _Seen(NamedTuple):
    """All that a subscriber learns of an event; `name` tells it from others, and is hidden."""

    name: str
    start: str
    end: str
    summary: str


def _planned(lens: Lens, sight: Sight) -> Iterator[_Seen]:
    for event in read_ledger(sight.published).events.values():
        summary = _summary(lens, event, sight.tasks)
        if summary is not None:
            yield _Seen(event.uid, event.start, event.end, summary)


def _summary(lens: Lens, event: Event, tasks: Mapping[str, Task]) -> str | None:
    """Return the words for an event, None where it is not to be seen.

    What stands no longer in any note may have been private, or a part of it: nobody can tell.
    """
    if lens.kind == "busy":
        return "Busy" if event.is_block else None
    if not event.tasks:  # the session of a quota, whose name stands in the settings
        return event.text("SUMMARY") if lens.kind == "title" else None
    owners = [tasks[uid] for uid in event.tasks if uid in tasks]
    shown = [task for task in owners if _is_of(task, lens) and not is_private(task, tasks)]
    if not shown:
        return None
    if len(event.tasks) > 1 or _was_private(event):
        return batch_title([task._replace(text=_unlinked(task.text)) for task in shown])
    return _unlinked(event.text("SUMMARY"))


def _is_of(task: Task, lens: Lens) -> bool:
    return lens.kind == "title" or (task.project or "").casefold() == lens.project.casefold()


def _was_private(event: Event) -> bool:
    """Whether it had such a tag when it was published: its words are of then."""
    private = PRIVATE.removeprefix("#")
    tags = (tag.casefold() for tag in event.value("CATEGORIES").split(","))
    return any(tag == private or tag.startswith(f"{private}/") for tag in tags)


def _logged(sight: Sight, since: str) -> Iterator[_Seen]:
    """Yield the stretches of logged time that are over, the names by what they are told by."""
    counts: dict[str, int] = {}
    for each in sight.log:
        if each.end is None or each.end <= each.start:
            continue
        start, end = _utc(each.start), _utc(each.end)
        summary = _words(each, sight.tasks) if start < end and end > since else None
        if summary is not None:
            about = f"{each.task or each.source.path} {start}"
            counts[about] = counts.get(about, 0) + 1
            yield _Seen(f"logged {about} {counts[about]}", start, end, summary)


def _words(interval: Interval, tasks: Mapping[str, Task]) -> str | None:
    """Return what was worked on, None where it is not to be seen."""
    if interval.task:
        task = tasks.get(interval.task)
        return None if task is None or is_private(task, tasks) else _unlinked(task.text)
    words = interval.text.casefold()
    # Not by the rule for tags: also where one is only meant, as in `(#private)`.
    return None if PRIVATE in words else _unlinked(interval.text) or "Logged time"


def _unlinked(text: str) -> str:
    """Return the text with the words of its links, and not what these lead to."""
    return _LINK.sub(_words_of, text)


def _words_of(link: re.Match[str]) -> str:
    if link["note"] is not None:
        name: str = link["alias"] or link["note"].partition("#")[0].rpartition("/")[2]
        return name.strip()
    return link["words"] or "(link)"


def _event(seen: _Seen, key: bytes) -> Event:
    from icalendar import Event as Component
    from icalendar import vText

    name = hmac.new(key, seen.name.encode("utf-8", "surrogatepass"), hashlib.sha256)
    component = Component()
    component.add("uid", f"{name.hexdigest()[:32]}@mdtasks")
    component.add("dtstart", _moment(seen.start))
    component.add("dtend", _moment(seen.end))
    component.add("status", "CONFIRMED")
    summary = for_calendar(seen.summary).replace("\n", " ")
    texts = {"summary": summary, **_SHOWN[not _is_day(seen.start)]}
    for each, value in texts.items():
        component.add(each, vText(value))
    return Event(component.to_ical())


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_UTC_FORM)


def _is_day(text: str) -> bool:
    return "T" not in text


def _moment(text: str) -> date:
    if _is_day(text):
        return datetime.strptime(text, "%Y%m%d").date()
    return datetime.strptime(text, _UTC_FORM).replace(tzinfo=UTC)
