"""What a time log adds up to: intervals and tasks -> figures.

Time that overlaps counts once in every sum: in that of a day, of a project, of a tag. Sums of
different things may hold the same time, so together they may be more than the whole. All lengths
are of time that has passed, whatever the clocks on the wall did.

Rule: pure; no clock, no notes. What does not count in a log counts for nothing here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mdtasks.model import Block, Interval, Task
from mdtasks.plan.marks import carry
from mdtasks.plan.slots import midnight, slot, without, working_slots
from mdtasks.read.log_times import LONGEST
from mdtasks.settings import Hours

Span = tuple[datetime, datetime]

_NOTHING = timedelta(0)
# Of an hour with less, nothing can be said.
ENOUGH = timedelta(minutes=30)
# A gap is worth a word from here on.
LEAST_GAP = timedelta(minutes=15)


class Piece(NamedTuple):
    """Logged time, [start, end) in UTC. `line` is what it was spent on, and what that is a step
    of; words of a person's own are a task without a uid."""

    start: datetime
    end: datetime
    name: str
    line: tuple[Task, ...]

    @property
    def span(self) -> Span:
        return self.start, self.end


class Share(NamedTuple):
    name: str
    time: timedelta


class Day(NamedTuple):
    """`working` is what of the working hours has passed; `gaps` are the times of it in which
    nothing is logged."""

    date: date
    spans: tuple[Span, ...]
    working: timedelta
    gaps: tuple[Span, ...]

    @property
    def logged(self) -> timedelta:
        return total(self.spans)


class Hour(NamedTuple):
    """An hour of the day, over all days: what is logged in it, and how many tasks were done.

    A task counts for the hour in which its last interval of the day ends on which it was done.
    """

    hour: int
    logged: timedelta
    done: int

    @property
    def rate(self) -> float:
        return self.done / (self.logged / timedelta(hours=1)) if self.logged >= ENOUGH else 0.0


class Planned(NamedTuple):
    """What was planned for a task in these days, and what is logged for it in them."""

    name: str
    planned: timedelta
    actual: timedelta


class Report(NamedTuple):
    """`switches` counts how often something else followed on the same day; `purposes` has what
    is left of the whole last, named ""."""

    days: tuple[Day, ...]
    logged: timedelta
    names: tuple[Share, ...]
    projects: tuple[Share, ...]
    tags: tuple[Share, ...]
    hours: tuple[Hour, ...]
    longest: Piece | None
    switches: int
    planned: tuple[Planned, ...]
    purposes: tuple[Share, ...]
    wasted: tuple[Share, ...]


class Made(NamedTuple):
    """What a report is made of. `done` are the uids of what was done, by day; `purposes` the
    marks by the name of what they are for, in the order in which they count."""

    pieces: Sequence[Piece]
    done: Mapping[date, Collection[str]]
    blocks: Sequence[Block]
    names: Mapping[str, str]
    hours: Hours
    purposes: Mapping[str, Sequence[str]]


def report(made: Made, days: Sequence[date], now: datetime, zone: ZoneInfo) -> Report:
    """Return the figures of consecutive days, up to `now`."""
    begin, end = midnight(days[0], zone), midnight(days[-1] + timedelta(days=1), zone)
    end = max(min(end, now.astimezone(UTC)), begin)
    pieces = within(made.pieces, begin, end)
    spans = merged(each.span for each in pieces)
    return Report(
        tuple(_day(day, spans, made.hours, end, zone) for day in days),
        total(spans),
        shares(pieces, lambda each: [each.name]),
        shares(pieces, lambda each: [each.line[0].project or ""]),
        shares(pieces, lambda each: [tag.casefold() for tag in each.line[0].tags]),
        _hours(pieces, made.done, zone),
        longest(pieces),
        _switches(pieces, zone),
        _planned(made, pieces, (begin, end)),
        _purposes(pieces, made.purposes),
        shares([each for each in pieces if _purpose(each, made.purposes) == "wasting"],
               lambda each: [each.name]),
    )  # fmt: skip


def pieces_of(
    intervals: Iterable[Interval], lines: Callable[[Interval], tuple[str, tuple[Task, ...]]],
    now: datetime,
) -> list[Piece]:  # fmt: skip
    """Return what counts, by its beginning: a clock that runs counts up to `now`."""
    found = []
    for each in intervals:
        start = each.start.astimezone(UTC)
        end = (each.end or now).astimezone(UTC)
        if _NOTHING < end - start <= LONGEST:
            found.append(Piece(start, end, *lines(each)))
    return sorted(found, key=lambda piece: (piece.start, piece.end, piece.name))


def within(pieces: Iterable[Piece], begin: datetime, end: datetime) -> list[Piece]:
    """Return the parts that lie in [begin, end)."""
    cut = (p._replace(start=max(p.start, begin), end=min(p.end, end)) for p in pieces)
    return [piece for piece in cut if piece.start < piece.end]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the time that any of the spans holds, as spans that do not touch, by their start."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def total(spans: Iterable[Span]) -> timedelta:
    """Return how long spans are that do not overlap."""
    return sum((end - start for start, end in spans), _NOTHING)


def shares(pieces: Iterable[Piece], names: Callable[[Piece], Iterable[str]]) -> tuple[Share, ...]:
    """Return the time by name, the most first; what overlaps counts once in each."""
    by_name: defaultdict[str, list[Span]] = defaultdict(list)
    for piece in pieces:
        for name in dict.fromkeys(names(piece)):
            by_name[name].append(piece.span)
    found = [Share(name, total(merged(spans))) for name, spans in by_name.items()]
    return tuple(sorted(found, key=lambda share: (-share.time, share.name)))


def longest(pieces: Iterable[Piece]) -> Piece | None:
    """Return the longest time without a break on one thing; of several the first."""
    by_name: defaultdict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_name[piece.name].append(piece)
    runs = [
        some[0]._replace(start=start, end=end)
        for some in by_name.values()
        for start, end in merged(each.span for each in some)
    ]
    return max(runs, key=lambda run: (run.end - run.start, -run.start.timestamp()), default=None)


def by_hour(spans: Iterable[Span], zone: ZoneInfo) -> dict[int, timedelta]:
    """Return how much of the spans, which do not overlap, lies in each hour of the day."""
    found: defaultdict[int, timedelta] = defaultdict(timedelta)
    for start, end in spans:
        while start < end:
            wall = start.astimezone(zone)
            past = timedelta(minutes=wall.minute, seconds=wall.second)
            # In UTC: of an hour that comes twice, each is an hour long.
            until = min(start + timedelta(hours=1) - past, end)
            found[wall.hour] += until - start
            start = until
    return dict(found)


def _day(day: date, spans: Sequence[Span], hours: Hours, now: datetime, zone: ZoneInfo) -> Day:
    begin, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    own = [(max(s, begin), min(e, end)) for s, e in spans if s < end and begin < e]
    working = [
        slot(one.start, min(one.end, now), zone)
        for one in working_slots(hours, [day], zone)
        if one.start < now
    ]
    gaps = without(working, [slot(s, e, zone) for s, e in own]) if own else []
    long = tuple((g.start, g.end) for g in gaps if g.end - g.start >= LEAST_GAP)
    return Day(day, tuple(own), total((one.start, one.end) for one in working), long)


def _hours(
    pieces: Sequence[Piece], done: Mapping[date, Collection[str]], zone: ZoneInfo
) -> tuple[Hour, ...]:
    logged = by_hour(merged(each.span for each in pieces), zone)
    counts: Counter[int] = Counter()
    for day, uids in done.items():
        ends = {
            piece.line[0].uid: piece.end.astimezone(zone)
            for piece in sorted(pieces, key=lambda one: one.end)
            if piece.start.astimezone(zone).date() == day
        }
        # What ends on the hour was done in the one before it.
        counts.update((ends[uid] - timedelta(minutes=1)).hour for uid in uids if uid in ends)
    return tuple(Hour(hour, time, counts[hour]) for hour, time in sorted(logged.items()))


def _switches(pieces: Sequence[Piece], zone: ZoneInfo) -> int:
    on = [(piece.start.astimezone(zone).date(), piece.name) for piece in pieces]
    return sum(a[0] == b[0] and a[1] != b[1] for a, b in pairwise(on))


def _planned(made: Made, pieces: Sequence[Piece], period: Span) -> tuple[Planned, ...]:
    """Return what was planned up to now, and what became of it, the most planned first."""
    planned: defaultdict[str, timedelta] = defaultdict(timedelta)
    for block in made.blocks:
        start = max(block.start.astimezone(UTC), period[0])
        end = min(block.end.astimezone(UTC), period[1])
        for uid in block.tasks if start < end else ():
            planned[uid] += (end - start) / len(block.tasks)
    actual = {share.name: share.time for share in shares(pieces, lambda p: [p.line[0].uid])}
    found = [
        Planned(made.names[uid], time, actual.get(uid, _NOTHING))
        for uid, time in planned.items()
        if uid in made.names
    ]
    return tuple(sorted(found, key=lambda each: (-each.planned, each.name)))


def _purpose(piece: Piece, purposes: Mapping[str, Sequence[str]]) -> str:
    """Return what a piece is for: the first that one of its marks is for, "" for none."""
    found = (name for name, marks in purposes.items() if any(carry(piece.line, m) for m in marks))
    return next(found, "")


def _purposes(pieces: Sequence[Piece], purposes: Mapping[str, Sequence[str]]) -> tuple[Share, ...]:
    if not any(purposes.values()):
        return ()
    found = dict(shares(pieces, lambda each: [_purpose(each, purposes)]))
    named = tuple(Share(n, found.get(n, _NOTHING)) for n, marks in purposes.items() if marks)
    return (*named, Share("", found[""])) if "" in found else named
