"""The plan as a calendar feed (RFC 5545, RFC 7986), and back.

Rule: bytes of a feed in, bytes of a feed out. The published feed is the ledger: only an event
whose content differs from it gets new stamps, so the same plan gives the same bytes.
The icalendar package writes and reads the text; the stamps are ledger.py's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from types import MappingProxyType

from mdtasks.errors import BrokenFeedError
from mdtasks.model import Block, Kind, Plan, Task
from mdtasks.render.clean import for_calendar
from mdtasks.render.colors import css_and_hex
from mdtasks.render.ledger import LAST, Event, Mark, Retired, read_ledger
from mdtasks.render.vevent import Writer, without_gaps
from mdtasks.settings import FeedSettings

KEPT = timedelta(days=30)
OUR_KINDS = frozenset({Kind.FIXED, Kind.FOCUS, Kind.MICRO})
DEFAULT_COLOR = ("steelblue", "#4682b4")
PRODID = "-//mdtasks//mdtasks//EN"
REFRESH = timedelta(hours=1)
_WRITTEN = 4096
_UTC_FORM = "%Y%m%dT%H%M%SZ"
_BLOCK_UID = re.compile(r"(.+-m?)(\d+)@mdtasks")


def feed(
    plan: Plan,
    tasks: Mapping[str, Task],
    settings: FeedSettings,
    *,
    vault_name: str,
    vault_root: str,
    now: datetime,
    published: bytes | None,
    marks: Mapping[str, Mark] = MappingProxyType({}),
    vault_id: str = "",
) -> bytes:
    """Return the feed of `plan`, going on from the one that is `published`.

    `tasks` are by uid, subtasks among them, and so is what they are known by, their `marks`.
    `vault_root` is absolute, with slashes; sessions of quotas are named by `vault_id`.
    Past blocks of the last 30 days stay as they were; a running block that the plan dropped
    ends where the plan's next begins; what lies ahead is the plan and nothing else.
    """
    ledger = read_ledger(published)
    moment, since = _utc(now), _utc(now - KEPT)
    blocks = [event for event in ledger.events.values() if event.is_block]
    passed = [event for event in blocks if event.end <= moment]
    slots = [slot for slot in _slots(plan, vault_id) if slot.is_wanted(passed, moment, since)]
    running = [event for event in blocks if event.start <= moment < event.end]
    outgoing = list(_cut_short(running, slots, moment))

    planned = min(plan.days, default=now.date())
    writer = Writer.of(tasks, settings, vault_name, vault_root, planned)
    numbered = _numbered(slots, [*passed, *outgoing])
    current = [writer.block(uid, slot.block) for uid, slot in numbered]
    current += [*outgoing, *_due_markers(plan, writer)]
    events = [event for event in passed if event.end > since]
    events += [ledger.stamp(event, moment) for event in current]
    retired = ledger.retire((event.uid for event in events), moment, since)
    known = {**ledger.marks, **marks}
    named = sorted({uid for event in events for uid in event.tasks} & known.keys())
    head = _head(settings, retired)
    said = [_clean(known[uid]) for uid in named]
    ordered = sorted(events, key=lambda event: (event.start, event.uid))
    # What stands in the ledger word for word was parsed when it was first published.
    changed = [event for event in ordered if ledger.events.get(event.uid) != event]
    new = [mark for mark in said if ledger.marks.get(mark.uid) != mark]
    verify(_whole(head, new, changed), len(changed))
    return _whole(head, said, ordered)


def _whole(head: bytes, marks: Iterable[Mark], events: Iterable[Event]) -> bytes:
    # Properties stand in the order of their names, as the package writes them.
    front, name, back = head.partition(b"\r\nX-PUBLISHED-TTL:")
    lines = (front, *map(_mark_line, marks))
    return b"".join((*lines, name, back, *(event.data for event in events), LAST))


def verify(data: bytes, count: int) -> None:
    """Raise BrokenFeedError unless `data` parses as one calendar of `count` sound events."""
    from icalendar import Calendar

    try:
        calendar = Calendar.from_ical(data)
    except ValueError as error:
        raise BrokenFeedError(str(error)) from error
    if not isinstance(calendar, Calendar):
        raise BrokenFeedError("it is no calendar")
    faults = [fault for component in calendar.walk() for fault in component.errors]
    if faults:
        raise BrokenFeedError(": ".join(filter(None, map(str, faults[0]))))
    if len(calendar.events) != count:
        raise BrokenFeedError(f"it has {len(calendar.events)} events instead of {count}")


def last_plan(published: bytes, zone: tzinfo) -> Plan:
    """Return the blocks of a published feed, past ones too, without their reasons."""
    ordered = sorted(read_ledger(published).events.values(), key=lambda e: (e.start, e.uid))
    return Plan(blocks=tuple(_read_block(event, zone) for event in ordered if event.is_block))


def _read_block(event: Event, zone: tzinfo) -> Block:
    return Block(
        start=_moment(event.start).astimezone(zone),
        end=_moment(event.end).astimezone(zone),
        title=event.text("SUMMARY"),
        kind=Kind(event.value("X-MDTASKS-KIND")),
        tasks=tuple(event.value("X-MDTASKS-TASKS").split()),
        session=event.text("X-MDTASKS-SESSION"),
    )


@dataclass(frozen=True, slots=True)
class _Slot:
    """A block with its bounds in the ledger's form: UTC, so that a DST change cannot mislead."""

    start: str
    end: str
    block: Block
    session: str  # its name in all the world, "" where it is none

    @property
    def series(self) -> str:
        """What the block's number counts in: its session, or its first task, batches apart."""
        first = self.session or self.block.tasks[0]
        return f"{first}-{'m' if self.block.kind is Kind.MICRO else ''}"

    def overlaps(self, event: Event) -> bool:
        return self.start < event.end and event.start < self.end

    def is_wanted(self, passed: Iterable[Event], moment: str, since: str) -> bool:
        """Say whether to publish it: what has passed, the ledger knows better than the plan."""
        if self.end > moment:
            return True
        return self.end > since and not any(map(self.overlaps, passed))


def _slots(plan: Plan, vault_id: str) -> list[_Slot]:
    slots = (
        _Slot(_utc(block.start), _utc(block.end), block, _session_uid(vault_id, block.session))
        for block in plan.blocks
        if block.kind in OUR_KINDS and (block.tasks or block.session)
    )
    # RFC 5545 section 3.6.1: DTEND is later than DTSTART.
    return sorted((s for s in slots if s.start < s.end), key=lambda s: (s.start, s.series))


def _session_uid(vault_id: str, session: str) -> str:
    """Return the name of a quota's session: whatever task it is for, it is the same event."""
    if not session:
        return ""
    name = "\x00".join((vault_id, "quota", session)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(name).hexdigest()[:32]


def _cut_short(running: Iterable[Event], slots: Sequence[_Slot], moment: str) -> Iterator[Event]:
    """Yield the running events that the plan dropped, up to where its next block begins."""
    going_on = {slot.series for slot in slots if slot.start <= moment < slot.end}
    for event in running:
        if _number(event)[0] not in going_on:
            end = min((s.start for s in slots if s.overlaps(event)), default=event.end)
            if event.start < end:
                yield event.ending(end)


def _numbered(slots: Iterable[_Slot], taken: Iterable[Event]) -> Iterator[tuple[str, _Slot]]:
    """Yield each slot with its UID: the next number of its series after those `taken`."""
    last: dict[str, int] = {}
    for series, number in map(_number, taken):
        last[series] = max(last.get(series, 0), number)
    for slot in slots:
        last[slot.series] = last.get(slot.series, 0) + 1
        yield f"{slot.series}{last[slot.series]}@mdtasks", slot


def _number(event: Event) -> tuple[str, int]:
    match = _BLOCK_UID.fullmatch(event.uid)
    return (match[1], int(match[2])) if match else (event.uid, 0)


def _due_markers(plan: Plan, writer: Writer) -> Iterator[Event]:
    """Yield an all-day marker for each open task that has a block and is due, or is due on the
    plan's days without one.

    What is overdue has no day left to mark, and a pile of it would only fill past weeks.
    """
    placed = dict.fromkeys((uid for block in plan.blocks for uid in block.tasks), "")
    reasons = placed | {entry.task: entry.reason for entry in plan.unplaced}
    first, last = min(plan.days, default=date.min), max(plan.days, default=date.max)
    for uid, reason in reasons.items():
        task = writer.tasks.get(uid)
        if task is None or not task.is_open or task.due is None or task.due < first:
            continue
        # The last day there is has no day after it, which DTEND would be.
        if (uid in placed or task.due <= last) and task.due < date.max:
            yield writer.due_marker(task, task.due, reason)


def _head(settings: FeedSettings, retired: Mapping[str, Retired]) -> bytes:
    """Return the calendar up to its first event, without what its tasks are known by."""
    from icalendar import Calendar, vText

    name, hexadecimal = css_and_hex(settings.color) or DEFAULT_COLOR
    texts = {
        "version": "2.0",
        "prodid": PRODID,
        "calscale": "GREGORIAN",
        "name": settings.name,
        "x-wr-calname": settings.name,
        "x-published-ttl": "PT1H",
        "color": name,
        "x-apple-calendar-color": hexadecimal,
    }
    calendar = Calendar()
    for key, value in texts.items():
        # vText, since icalendar escapes no X- property by itself.
        calendar.add(key, vText(without_gaps(for_calendar(value))))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    gone = [f"{uid} {event.sequence} {event.left}" for uid, event in retired.items()]
    calendar.add("x-mdtasks-retired", gone)
    data: bytes = calendar.to_ical()
    return data.removesuffix(LAST)


# A watcher writes the same hundreds again and again.
@lru_cache(maxsize=_WRITTEN)
def _mark_line(mark: Mark) -> bytes:
    from icalendar.parser import Contentline

    # The package has no types for this.
    folded: bytes = Contentline(f"X-MDTASKS-TASK:{mark.value}").to_ical()  # type: ignore[no-untyped-call]
    return b"\r\n" + folded


@lru_cache(maxsize=_WRITTEN)
def _clean(mark: Mark) -> Mark:
    return Mark(*map(for_calendar, mark))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_UTC_FORM)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _UTC_FORM).replace(tzinfo=UTC)
