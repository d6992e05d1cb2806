"""A calendar's bytes -> the times that are taken, as blocks, and what could not be understood.

icalendar and recurring-ical-events say what the values mean and which occurrences were moved,
left out or cancelled. Which events can matter, and on which days a rule falls, is told before,
by text.py and rules.py: so years of meetings cost little, and a hostile calendar no more.

Rule: no files, no network, no clock. What is wrong with one event is a warning, and the rest
counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from mdtasks.busy import rules
from mdtasks.busy.near import LONGEST, end_of, is_free, near_to
from mdtasks.busy.text import Event, Line, as_datetime, day_of, head, moment, unfolded
from mdtasks.busy.zones import zones_of
from mdtasks.dates import localize
from mdtasks.model import Block, Kind

if TYPE_CHECKING:
    from icalendar import Component

# More than these are no person's calendar; reading them would keep a person waiting.
_MOST_SERIES = 2000
_MOST_MOMENTS = 10_000
_MOST_STEPS = 200_000
_MOST_ZONES = 200
_MOST_WARNINGS = 5
_LONGEST_TITLE = 200

_DAY = timedelta(days=1)
# Zones are up to 14 hours from UTC; all later occurrences may have been moved by weeks.
_MARGIN = 2 * _DAY
_MOVED = 31 * _DAY
_PRODID = "-//mdtasks//"

_GAPS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff\ufffe\uffff]+")
_HIDDEN = re.compile(r"[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")

# All that the two packages make of values that make no sense.
_BROKEN = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)


class Window(NamedTuple):
    """Half-open, aware; `zone` is the person's, in which days are counted."""

    start: datetime
    end: datetime
    zone: ZoneInfo


class Reading(NamedTuple):
    """Blocks by start, each within one day of the window; warnings, a line each."""

    blocks: tuple[Block, ...] = ()
    warnings: tuple[str, ...] = ()


class _LeftOutError(Exception):
    """This event does not count; the words say why."""


def read(data: bytes, window: Window, name: str, all_day: bool = False) -> Reading:
    """Return what the calendar called `name` takes of the window.

    Events of whole days count where `all_day` says so.
    """
    text = unfolded(data)
    if head(text).get("PRODID", "").startswith(_PRODID):
        return Reading(warnings=("this is the calendar that mdtasks itself writes: left out",))
    look = _Look(text, window, all_day)
    near = near_to(text, look.low, look.high)
    look.ours, look.is_too_much = near.ours, near.too_many
    look.know({zone for series in near.series for one in series for zone in one.zones})
    found = {block for series in near.series for block in look.blocks(series, name)}
    blocks = sorted(found, key=lambda b: (b.start.astimezone(UTC), b.end.astimezone(UTC), b.title))
    return Reading(tuple(blocks), look.said())


class _TooMuchError(Exception):
    """Reading on would take too long."""


class _Look:
    """One reading: the window, the zones, and what there is to say."""

    def __init__(self, text: str, window: Window, all_day: bool) -> None:
        self.text = text
        self.window = window
        self.all_day = all_day
        self.low = (window.start.astimezone(UTC) - _MARGIN).date()
        self.high = (window.end.astimezone(UTC) + _MARGIN).date()
        self.ours = False
        self.is_too_much = False
        self._series = 0
        self._moments = 0
        self._steps = 0
        self._warnings: dict[str, None] = {}
        self._zones: Mapping[str, tzinfo | None] = {}

    def warn(self, line: str) -> None:
        self._warnings[line] = None

    def said(self) -> tuple[str, ...]:
        lines = [*self._warnings]
        more = len(lines) - _MOST_WARNINGS
        lines = [*lines[:_MOST_WARNINGS], f"and {more} more"] if more > 0 else lines
        if self.ours:
            lines.append("events that mdtasks itself published are left out")
        if self.is_too_much:
            lines.append("it holds too many events for these days; not all of them count")
        return tuple(lines)

    def spend(self, series: int = 0, moments: int = 0, steps: int = 0) -> None:
        """Count what is done. Raises _TooMuchError where it is more than a person's calendar
        can need."""
        self._series += series
        self._moments += moments
        self._steps += steps
        if (
            self._series > _MOST_SERIES
            or self._moments > _MOST_MOMENTS
            or self._steps > _MOST_STEPS
        ):
            self.is_too_much = True
            raise _TooMuchError

    def know(self, names: Collection[str]) -> None:
        """Learn the zones of these names; one that nobody knows is told."""
        few = sorted(names)[:_MOST_ZONES]
        self._zones = zones_of(self.text, few)
        for name in few:
            if self._zones[name] is None:
                self.warn(f"the time zone “{_clean(name)}” is not known; its times count as yours")

    def knows(self, name: str) -> bool:
        return self._zones.get(name) is not None

    def zone(self, name: str) -> tzinfo:
        """Return the zone; times of none, or of an unknown one, are the person's."""
        return UTC if name == "Z" else (self._zones.get(name) or self.window.zone)

    def blocks(self, series: Sequence[Event], name: str) -> Iterator[Block]:
        """Yield the blocks of one event and of all that changes its occurrences."""
        title = _title(series[0].value("SUMMARY").replace("\\,", ","))
        margin = _MOVED if len(series) > 1 else _MARGIN
        reduced = []
        try:
            self.spend(series=1)
            for one in series:
                try:
                    reduced.append(_reduced(one, self, margin))
                except (rules.RuleError, _LeftOutError) as error:
                    self.warn(f"“{title}” is left out: {error}")
            near = sum(each.moments for each in reduced)
            self.spend(moments=near)
            if near:
                lines = [line for each in reduced for line in each.lines]
                for occurrence in _occurrences(lines, self):
                    yield from _as_blocks(occurrence, self, name)
        except _TooMuchError:
            return
        except _BROKEN:
            self.warn(f"“{title}” is left out: it cannot be read")


# What is handed to the packages


class _Reduced(NamedTuple):
    """An event's lines, and how many moments near the window they name."""

    lines: tuple[str, ...]
    moments: int


def _reduced(one: Event, look: _Look, margin: timedelta) -> _Reduced:
    """Return the event with the days of its rules instead of the rules.

    Raises RuleError, _LeftOutError.
    """
    begin, first, lasts = _when(one)
    low, high = look.low - margin - lasts, look.high + margin
    lines, count = ["BEGIN:VEVENT"], int(low <= day_of(first) <= high)
    for line in one.lines:
        if line.name == "RRULE":
            values = _moments(line.value, first, begin, (low, high), look)
            line = Line("RDATE", begin.parameters, "")
        elif line.name in ("RDATE", "EXDATE"):
            words = (word.strip() for word in line.value.split(","))
            values = [w for w in words if (at := moment(w)) and low <= day_of(at) <= high]
        else:
            lines.append(_known(line, look))
            continue
        if values:
            lines.append(_known(line._replace(value=",".join(values)), look))
            count += len(values)
    return _Reduced((*lines, "END:VEVENT"), count)


def _when(one: Event) -> tuple[Line, date, timedelta]:
    """Return the line that says when the event begins, the wall time, and how long it lasts."""
    begin, end = one.line("DTSTART"), one.line("DTEND")
    first = moment(begin.value) if begin else None
    if begin is None or first is None:
        raise _LeftOutError("it does not say when it begins")
    lasts = as_datetime(end_of(one, first)) - as_datetime(first)
    # Within a flight to the west, the wall may well show an earlier time at the end.
    if lasts < timedelta(0) and (end is None or end.zone == begin.zone or lasts < -_DAY):
        raise _LeftOutError("it ends before it begins")
    if lasts > LONGEST:
        raise _LeftOutError("it lasts longer than a year")
    return begin, first, max(lasts, timedelta(0))


def _known(line: Line, look: _Look) -> str:
    """Return the line, without its zone where nobody knows that."""
    if line.zone not in ("", "Z") and not look.knows(line.zone):
        line = line.without_zone()
    return line.text


def _moments(
    text: str, first: date, begin: Line, span: tuple[date, date], look: _Look
) -> list[str]:
    """Return the moments of a rule in the span, written as DTSTART is."""
    rule = rules.parse(text)
    look.spend(steps=rules.steps(rule, as_datetime(first), span[1]))
    found = rules.moments(rule, as_datetime(first), _until(rule, first, begin, look), *span)
    if not isinstance(first, datetime):
        return [f"{each:%Y%m%d}" for each in found]
    suffix = "Z" if begin.value.endswith("Z") else ""
    return [f"{each:%Y%m%dT%H%M%S}{suffix}" for each in found]


def _until(rule: rules.Rule, first: date, begin: Line, look: _Look) -> datetime:
    """Return the last moment of a rule on the wall of DTSTART."""
    if not rule.until:
        return datetime.max
    until = moment(rule.until)
    if until is None:
        raise rules.RuleError("its rule does not say when it ends")
    if not isinstance(until, datetime):
        return datetime.combine(until, time.max)  # that day included
    if rule.until.endswith("Z") and isinstance(first, datetime):
        zone = look.zone(begin.zone)
        return until.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    return until


def _occurrences(lines: Iterable[str], look: _Look) -> Sequence[Component]:
    from icalendar import Calendar
    from recurring_ical_events import of  # type: ignore[import-untyped]

    # PRODID and VERSION, for icalendar asks for them.
    rows = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:busy", *lines, "END:VCALENDAR", "")
    calendar = Calendar.from_ical("\r\n".join(rows))
    found: list[Component] = of(calendar).between(
        look.window.start.astimezone(UTC) - _MARGIN, look.window.end.astimezone(UTC) + _MARGIN
    )
    return found


# What comes back


def _as_blocks(occurrence: Component, look: _Look, name: str) -> Iterator[Block]:
    values = {
        key: str(occurrence.get(key, "")).upper()
        for key in ("STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS")
    }
    if is_free(Event(tuple(Line(key, "", value) for key, value in values.items()))):
        return
    begin, end = (_time(occurrence, key) for key in ("DTSTART", "DTEND"))
    is_whole_day = not isinstance(begin, datetime) and not isinstance(end, datetime)
    # Outlook writes some from midnight to midnight.
    is_whole_day |= str(occurrence.get("X-MICROSOFT-CDO-ALLDAYEVENT", "")).upper() == "TRUE"
    if is_whole_day and not look.all_day:
        return
    zone = look.window.zone
    start, stop = _span(begin, end, zone)
    start = max(start, look.window.start.astimezone(UTC))
    stop = min(stop, look.window.end.astimezone(UTC))
    title = f"{_title(str(occurrence.get('SUMMARY', '')))} ({name})"
    for piece in _by_day(start, stop, zone):
        yield Block(*piece, title=title, kind=Kind.BUSY)


def _time(occurrence: Component, key: str) -> date:
    when = getattr(occurrence[key], "dt", None)
    if not isinstance(when, date):
        raise ValueError(key)
    return when


def _span(begin: date, end: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return begin and end in UTC. What begins at a time that never comes, because clocks jump
    over it, is moved as a whole."""
    start, stop = _aware(begin, zone), _aware(end, zone)
    if isinstance(begin, datetime) and isinstance(end, datetime) and begin.tzinfo is end.tzinfo:
        wall = start.astimezone(begin.tzinfo or zone).replace(tzinfo=None)
        if wall != begin.replace(tzinfo=None):
            stop = start + (end - begin)
    return start, stop


def _aware(when: date, zone: ZoneInfo) -> datetime:
    """Return the moment in UTC; where no zone is told, it is by the person's clock."""
    if isinstance(when, datetime) and when.tzinfo is not None:
        return when.astimezone(UTC)
    wall = as_datetime(when)
    return localize(wall.date(), wall.time(), zone).astimezone(UTC)


def _by_day(start: datetime, stop: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield the pieces between two moments in UTC, cut at the zone's midnights."""
    while start < stop:
        tomorrow = start.astimezone(zone).date() + _DAY
        end = min(stop, localize(tomorrow, time(0), zone).astimezone(UTC))
        yield start.astimezone(zone), end.astimezone(zone)
        start = end


def _title(summary: str) -> str:
    return _clean(summary)[:_LONGEST_TITLE].strip() or "Busy"


def _clean(text: str) -> str:
    """Return foreign text on one line, without characters that control or hide."""
    return _HIDDEN.sub("", _GAPS.sub(" ", text)).strip()
