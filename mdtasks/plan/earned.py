"""What an hour earns: tasks with pay and logged time -> figures.

What is paid for a task comes in on the day on which it is done, all at once; what is paid by the
hour is that of all time logged for it, in whole cents. Logged time is that of the nearest task
above it that has a pay. An hour's worth is only told of what has logged time.

Rule: pure; no clock, no notes. Decimal, and currencies are never added up nor compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mdtasks.model import Status, Task
from mdtasks.plan.marks import carry
from mdtasks.plan.slots import midnight
from mdtasks.plan.worked import Piece, Share, merged, shares, total, within
from mdtasks.read.money import Pay, parse_pay

_CENT = Decimal("0.01")
_WEEK = timedelta(days=7)
_NOTHING = timedelta(0)
# A tag that tells where work comes from, without any setting.
_PLATFORM = "#platform/"

Line = tuple[Task, ...]


class Done(NamedTuple):
    """A task that was done on a day, with what it is a step of."""

    day: date
    line: Line


class Earned(NamedTuple):
    """What a task brought in, on the day, for how much logged time."""

    day: date
    line: Line
    amount: Decimal
    currency: str
    time: timedelta

    @property
    def task(self) -> Task:
        return self.line[0]

    @property
    def rate(self) -> Decimal | None:
        return per_hour(self.amount, self.time)


class Sum(NamedTuple):
    """What came in of a currency under a name; `timed` is that of what has logged time."""

    name: str
    currency: str
    amount: Decimal
    timed: Decimal
    time: timedelta

    @property
    def rate(self) -> Decimal | None:
        return per_hour(self.timed, self.time)


class Goal(NamedTuple):
    """An amount that a "week" or a "month" is to bring in, and what it did since its first day."""

    period: str
    since: date
    currency: str
    amount: Decimal
    wanted: Decimal


class Week(NamedTuple):
    """What came in in a week of a currency, and since the first of the weeks."""

    first: date
    currency: str
    amount: Decimal
    so_far: Decimal


class Earnings(NamedTuple):
    """`best` and `worst` are by what an hour brought, each currency for itself; `unpaid` is the
    time of these days that has no pay, `open` that of tasks with pay that are not done yet.
    `unread` have a pay that is no amount; `idle` are paid by the hour and have no time."""

    first: date
    last: date
    totals: tuple[Sum, ...]
    projects: tuple[Sum, ...]
    platforms: tuple[Sum, ...]
    tags: tuple[Sum, ...]
    weeks: tuple[Week, ...]
    goals: tuple[Goal, ...]
    best: tuple[Earned, ...]
    worst: tuple[Earned, ...]
    unpaid: tuple[Share, ...]
    unpaid_time: timedelta
    open: tuple[Share, ...]
    open_time: timedelta
    unread: tuple[Task, ...]
    idle: tuple[Task, ...]


class Wished(NamedTuple):
    """Marks of platforms, and the goals: "week" or "month", its first day, the amount."""

    platforms: Sequence[str] = ()
    goals: Sequence[tuple[str, date, Pay]] = ()


NO_WISHES = Wished()


def per_hour(amount: Decimal, time: timedelta) -> Decimal | None:
    """Return what an hour brought, in whole cents, None where there was no time."""
    if time <= _NOTHING:
        return None
    return (amount * 3600 / _seconds(time)).quantize(_CENT, ROUND_HALF_UP)


def worth(pay: Pay, time: timedelta) -> Decimal:
    """Return what a pay comes to: as it is written, by the hour in whole cents."""
    if not pay.hourly:
        return pay.amount
    return (pay.amount * _seconds(time) / 3600).quantize(_CENT, ROUND_HALF_UP)


def _seconds(time: timedelta) -> Decimal:
    return Decimal(time // timedelta(microseconds=1)) / 1_000_000


def payer(line: Line) -> Task | None:
    """Return the nearest task of a line that has a pay."""
    return next((task for task in line if task.pay), None)


def earned(done: Iterable[Done], pieces: Iterable[Piece]) -> list[Earned]:
    """Return what the tasks brought in that have a pay that can be read, in their order."""
    times = {share.name: share.time for share in shares(pieces, _payers)}
    found = []
    for day, line in done:
        pay = _pay(line[0])
        if pay is not None:
            time = times.get(line[0].uid, _NOTHING)
            found.append(Earned(day, line, worth(pay, time), pay.currency, time))
    return found


def _payers(piece: Piece) -> list[str]:
    paid = payer(piece.line)
    return [paid.uid] if paid else []


def earnings(
    done: Sequence[Done],
    pieces: Sequence[Piece],
    weeks: Sequence[date],
    now: datetime,
    zone: ZoneInfo,
    wished: Wished = NO_WISHES,
) -> Earnings:
    """Return the figures of consecutive weeks, which begin on these days, up to `now`.

    `done` may hold what was done earlier, for the goals; `pieces` is the whole log.
    """
    today = now.astimezone(zone).date()
    pieces = within(pieces, datetime.min.replace(tzinfo=UTC), now.astimezone(UTC))
    everything = earned(done, pieces)
    found = [each for each in everything if weeks[0] <= each.day <= today]
    inside = within(pieces, midnight(weeks[0], zone), now.astimezone(UTC))
    unpaid = [each for each in inside if _is_unpaid(each)]
    waiting = [each for each in inside if (p := payer(each.line)) and p.is_open]
    return Earnings(
        weeks[0],
        today,
        sums(found, lambda each: [""]),
        sums(found, lambda each: [each.task.project or ""]),
        sums(found, lambda each: [platform(each.line, wished.platforms)]),
        sums(found, lambda each: [tag.casefold() for tag in each.task.tags]),
        _weeks(found, weeks),
        tuple(_goal(everything, *goal, today) for goal in wished.goals),
        *_extremes(found),
        shares(unpaid, lambda each: [each.line[0].project or each.name]),
        total(merged(each.span for each in unpaid)),
        shares(waiting, lambda each: [each.line[0].project or each.name]),
        total(merged(each.span for each in waiting)),
        tuple(each.line[0] for each in done if weeks[0] <= each.day and not _pay(each.line[0])),
        tuple(each.task for each in found if not each.time and _is_hourly(each.task)),
    )


def _pay(task: Task) -> Pay | None:
    return parse_pay(task.pay or "")


def _is_hourly(task: Task) -> bool:
    pay = _pay(task)
    return pay is not None and pay.hourly


def _is_unpaid(piece: Piece) -> bool:
    paid = payer(piece.line)
    return paid is None or not (paid.is_open or paid.status is Status.DONE)


def sums(found: Iterable[Earned], names: Callable[[Earned], Iterable[str]]) -> tuple[Sum, ...]:
    """Return what came in by currency and name, the most first."""
    by_name: defaultdict[tuple[str, str], list[Earned]] = defaultdict(list)
    for each in found:
        for name in dict.fromkeys(names(each)):
            by_name[each.currency, name].append(each)
    made = [
        Sum(
            name,
            currency,
            sum((each.amount for each in some), Decimal()),
            sum((each.amount for each in some if each.time), Decimal()),
            sum((each.time for each in some), _NOTHING),
        )
        for (currency, name), some in by_name.items()
    ]
    return tuple(sorted(made, key=lambda one: (one.currency, -one.amount, one.name)))


def platform(line: Line, marks: Iterable[str]) -> str:
    """Return where the work came from: the first of the marks that fits, else what follows
    `#platform/`, else ""."""
    for mark in marks:
        if carry(line, mark):
            return mark
    tags = (tag for task in line for tag in task.tags)
    return next((t[len(_PLATFORM) :] for t in tags if t.casefold().startswith(_PLATFORM)), "")


def _weeks(found: Sequence[Earned], weeks: Sequence[date]) -> tuple[Week, ...]:
    rows = []
    for currency in sorted({each.currency for each in found}):
        so_far = Decimal()
        own = [each for each in found if each.currency == currency]
        for first in weeks:
            came = (each.amount for each in own if first <= each.day < first + _WEEK)
            amount = sum(came, Decimal())
            so_far += amount
            rows.append(Week(first, currency, amount, so_far))
    return tuple(rows)


def _goal(found: Iterable[Earned], period: str, since: date, wanted: Pay, today: date) -> Goal:
    came = (
        each.amount
        for each in found
        if each.currency == wanted.currency and since <= each.day <= today
    )
    return Goal(period, since, wanted.currency, sum(came, Decimal()), wanted.amount)


def _extremes(found: Iterable[Earned]) -> tuple[tuple[Earned, ...], tuple[Earned, ...]]:
    """Return the best hours and the worst, three of each at most and none in both."""
    best: list[Earned] = []
    worst: list[Earned] = []
    timed = [(rate, each) for each in found if (rate := each.rate) is not None]
    for currency in sorted({each.currency for _, each in timed}):
        own = [pair for pair in timed if pair[1].currency == currency]
        own.sort(key=lambda pair: (-pair[0], pair[1].day, pair[1].task.uid))
        few = min(3, (len(own) + 1) // 2)
        best += [each for _, each in own[:few]]
        worst += [each for _, each in reversed(own[max(few, len(own) - 3) :])]
    return tuple(best), tuple(worst)
