"""Make an order cheaper, by moving one job after another to elsewhere in it.

Rule: a fixed amount of work, and chance is seeded: equal inputs give equal orders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, log
from random import Random
from typing import NamedTuple

from mdtasks.plan.packing import NEVER, WHOLE, Packing, Price, Room

# How far a job is moved in the order; half of them go farther. Half are exchanged with another.
REACH = 12
FAR_REACH = 60
HALF = 0.5
# What a missed due date costs the search at first, in hours for its weight, and how many times
# that at last.
MISS = 100.0
RISE = 50.0
STRICT = 1e6
# By how much of all its hours an order may be dearer at first, on average.
HEAT = 0.0003
# How many tries, of a hundred, go to what misses its due date, while something does.
RESCUE = 40
# How many tries, of a hundred, go to what overfills a day, while something does, and to what has
# no place, the dearest of so many.
RELIEF = 25
NEWCOMER = 5
AMONG = 8
# How far behind what has a place a job is looked for, or moved to.
MARGIN = 3
# By how much of all its hours an order may be too dear where it differs: more is not made up for.
HOPELESS = 0.02


class Total(NamedTuple):
    """Missed due dates by weight, in thousandths, then weighted hours."""

    missed: int
    hours: float


class Line:
    """An order of items, the room that each of them finds, and what each costs.

    `work` counts what was tried: one for each item, two for each of its pieces.
    """

    def __init__(self, packing: Packing, order: Sequence[int]) -> None:
        self.packing = packing
        self.order = list(order)
        self.followed = frozenset(n for item in packing.items for n in item.after)
        self.ends: list[int | None] = [item.done for item in packing.items]
        self.prices = packing.without.copy()
        self.rooms = [packing.room] * len(self.order)
        self.total = Total(sum(p.missed for p in self.prices), sum(p.hours for p in self.prices))
        self.over = 0
        self.work = 0
        self.tried(self.order, 0, len(self.order), 0.0, inf)

    def tried(self, order: list[int], first: int, last: int, per_miss: float, limit: float) -> bool:
        """Take the order, which differs from `first` to `last` only, if it costs no more than
        `limit` with `per_miss` hours for what is missed. Return whether it was taken."""
        packing, items, known = self.packing, self.packing.items, self.rooms
        put, price = packing.put, packing.price
        room = known[first]
        ends, old = self.ends.copy(), self.prices
        rooms: list[Room] = []
        prices: list[Price] = []
        missed, hours = self.total
        over, at, work = self.over, first, 0
        stirred = False
        hopeless = limit + HOPELESS * self.total.hours
        for number in order[first:]:
            # From here on all is as it was.
            if at > last and not stirred and room.is_like(known[at]):
                break
            item = items[number]
            rooms.append(room)
            pieces, room = put(item, ends, room)
            work += 1 + 2 * len(pieces)
            end = pieces[-1][1] if pieces else item.done
            new = was = old[number]
            if end != ends[number]:
                ends[number] = end
                stirred = stirred or number in self.followed
                new = price(item, pieces) if pieces else packing.without[number]
            elif item.likes:
                new = price(item, pieces)
            if new is not was:
                missed += new[0] - was[0]
                hours += new[1] - was[1]
            prices.append(new)
            at += 1
            if at > last and hours + per_miss * missed > hopeless:
                self.work += work
                return False
        else:
            over = room.over
            hours += packing.prices.overload * (over - self.over) / 60
        self.work += work
        if hours + per_miss * missed > limit:
            return False
        self.order, self.ends = order, ends
        self.total, self.over = Total(missed, hours), over
        known[first:at] = rooms
        for number, new in zip(order[first:at], prices, strict=True):
            old[number] = new
        return True


def improved(line: Line, effort: int, heed: Callable[[], None]) -> Line:
    """Return the best line that comes of so much work; `heed` is called at each try.

    Simulated annealing: at first it goes on from orders that are a little dearer, too, and that
    miss a little more.
    """
    size = len(line.order)
    found = sum(end is not None for end in line.ends)
    if size < 2 or not found:
        return line
    rescue(line, effort // 4)
    line = in_turn(line)
    random = Random(size)
    best, order = line.total, line.order
    heat = HEAT * line.total.hours
    line.work = tries = 0
    while line.work < effort and tries < 4 * found * size:
        tries += 1
        heed()
        source, target = _chosen(line, random)
        if target == source:
            continue
        passed = line.work / effort
        per_miss = MISS * RISE**passed / WHOLE
        limit = line.total.hours + per_miss * line.total.missed
        limit -= heat * (1.0 - passed) ** 2 * log(1.0 - random.random())
        changed = _varied(line, source, target, random)
        line.tried(changed, min(source, target), max(source, target), per_miss, limit)
        if line.total < best:
            best, order = line.total, line.order
    return Line(line.packing, order)


def _varied(line: Line, source: int, target: int, random: Random) -> list[int]:
    """Return the order with a job moved, and by turns another moved to where it was."""
    changed = shifted(line, line.order, source, target)
    if random.random() < HALF:
        back = target + (1 if source > target else -1)
        changed = shifted(line, changed, back, source)
    return changed


def rescue(line: Line, effort: int) -> None:
    """Let what misses its due date go before whatever it may, the heaviest first."""
    prices, items = line.prices, line.packing.items
    missing = [number for number in line.order if prices[number].missed]
    for number in sorted(missing, key=lambda number: -items[number].weight):
        for target in range(line.order.index(number)):
            if line.work > effort or not line.prices[number].missed:
                break
            source = line.order.index(number)
            limit = line.total.hours + STRICT * (line.total.missed - 1)
            line.tried(shifted(line, line.order, source, target), target, source, STRICT, limit)


def in_turn(line: Line) -> Line:
    """Return the line in the order of its days, if that is no dearer: neighbors in it are so in
    time, and to go before one is to take time of its."""
    ends = line.ends
    order = sorted(line.order, key=lambda n: NEVER if (end := ends[n]) is None else end)
    found = Line(line.packing, order)
    return found if found.total <= line.total else line


def shifted(line: Line, order: list[int], source: int, target: int) -> list[int]:
    """Return the order with a job at another place, and with it what has to go before or after."""
    items, followed = line.packing.items, line.followed
    taken = [order[source]]
    others: list[int] = []
    if target < source:
        for number in reversed(order[target:source]):
            goes_along = number in followed and any(number in items[n].after for n in taken)
            (taken if goes_along else others).append(number)
        return [*order[:target], *reversed(taken), *reversed(others), *order[source + 1 :]]
    for number in order[source + 1 : target + 1]:
        after = items[number].after
        goes_along = bool(after) and not after.isdisjoint(taken)
        (taken if goes_along else others).append(number)
    return [*order[:source], *others, *taken, *order[target + 1 :]]


def _chosen(line: Line, random: Random) -> tuple[int, int]:
    """Return the place of a job to move, and where to; often something is wrong with it."""
    order, ends, size = line.order, line.ends, len(line.order)
    placed = size
    while placed > 1 and ends[order[placed - 1]] is None:
        placed -= 1
    last = min(placed + MARGIN, size)
    if placed < size and random.randrange(100) < NEWCOMER:
        drawn = [random.randrange(size) for _ in range(AMONG)]
        waiting = [at for at in drawn if ends[order[at]] is None]
        if waiting:
            source = max(waiting, key=lambda at: line.prices[order[at]].hours)
            return source, random.randrange(placed)
    if line.over and random.randrange(100) < RELIEF:
        crowding = _crowding(line)
        if crowding:
            source = random.choice(crowding)
            return source, random.randrange(source + 1)
    source = random.randrange(last)
    if line.total.missed and random.randrange(100) < RESCUE:
        missing = [at for at, number in enumerate(order) if line.prices[number].missed]
        source = random.choice(missing)
    return source, min(max(source + _distance(random), 0), last - 1)


def _crowding(line: Line) -> list[int]:
    """Return the places of the jobs that overfill a day."""
    overs = [room.over for room in line.rooms]
    overs.append(line.over)
    return [at for at in range(len(line.rooms)) if overs[at] < overs[at + 1]]


def _distance(random: Random) -> int:
    reach = FAR_REACH if random.random() < HALF else REACH
    return random.choice((-1, 1)) * random.randint(1, reach)
