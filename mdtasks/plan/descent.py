"""Make an order cheaper, by moving one job after another to elsewhere in it.

Rule: a fixed amount of work, and chance is seeded: equal inputs give equal orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log
from random import Random
from typing import NamedTuple

from mdtasks.plan.packing import WHOLE, Packing, Price, Room

# How far a job is moved in the order; half of them go farther. Half are exchanged with another.
REACH = 12
FAR_REACH = 60
HALF = 0.5
# What a missed due date costs the search at first, in hours for its weight, and how many times
# that at last.
MISS = 20.0
RISE = 50.0
STRICT = 1e6
# By how much of all its hours an order may be dearer at first, on average.
HEAT = 0.001
# How many tries, of a hundred, go to what misses its due date, while something does.
RESCUE = 40


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
        self.prices = [Price(0, 0.0)] * len(packing.items)
        self.rooms = [packing.room] * len(self.order)
        self.total = Total(0, 0.0)
        self.overload = 0.0
        self.work = 0
        self.tried(self.order, 0, len(self.order), 0.0, inf)

    def tried(self, order: list[int], first: int, last: int, per_miss: float, limit: float) -> bool:
        """Take the order, which differs from `first` to `last` only, if it costs no more than
        `limit` with `per_miss` hours for what is missed. Return whether it was taken."""
        packing, items, known = self.packing, self.packing.items, self.rooms
        room = known[first]
        ends = self.ends.copy()
        rooms: list[Room] = []
        prices: list[Price] = []
        missed, hours = self.total
        overload = self.overload
        stirred = False
        at = first
        for number in order[first:]:
            # From here on all is as it was.
            if at > last and not stirred and room.is_like(known[at]):
                break
            item = items[number]
            rooms.append(room)
            pieces, room = packing.put(item, ends, room)
            self.work += 1 + 2 * len(pieces)
            end = pieces[-1][1] if pieces else item.done
            if end != ends[number]:
                ends[number] = end
                stirred = stirred or number in self.followed
            old, new = self.prices[number], packing.price(item, pieces)
            missed += new[0] - old[0]
            hours += new[1] - old[1]
            prices.append(new)
            at += 1
        else:
            overload = packing.overload(room)
            hours += overload - self.overload
        if hours + per_miss * missed > limit:
            return False
        self.order, self.ends = order, ends
        self.total, self.overload = Total(missed, hours), overload
        known[first:at] = rooms
        for number, price in zip(order[first:at], prices, strict=True):
            self.prices[number] = price
        return True


def improved(line: Line, effort: int) -> Line:
    """Return the best line that comes of so much work.

    Simulated annealing: at first it goes on from orders that are a little dearer, too, and that
    miss a little more.
    """
    size = len(line.order)
    found = sum(end is not None for end in line.ends)
    if size < 2 or not found:
        return line
    rescue(line, effort // 4)
    random = Random(size)
    best, order = line.total, line.order
    heat = HEAT * line.total.hours
    line.work = tries = 0
    while line.work < effort and tries < 4 * found * size:
        tries += 1
        source = _source(line, random)
        target = min(max(source + _distance(random), 0), size - 1)
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


def shifted(line: Line, order: list[int], source: int, target: int) -> list[int]:
    """Return the order with a job at another place, and with it what has to go before or after."""
    items = line.packing.items
    taken = [order[source]]
    others: list[int] = []
    if target < source:
        for number in reversed(order[target:source]):
            goes_along = any(number in items[other].after for other in taken)
            (taken if goes_along else others).append(number)
        return [*order[:target], *reversed(taken), *reversed(others), *order[source + 1 :]]
    for number in order[source + 1 : target + 1]:
        goes_along = not items[number].after.isdisjoint(taken)
        (taken if goes_along else others).append(number)
    return [*order[:source], *others, *taken, *order[target + 1 :]]


def _distance(random: Random) -> int:
    reach = FAR_REACH if random.random() < HALF else REACH
    return random.choice((-1, 1)) * random.randint(1, reach)


def _source(line: Line, random: Random) -> int:
    """Return the place of a job to move: often one that misses its due date."""
    place = random.randrange(len(line.order))
    if line.total.missed and random.randrange(100) < RESCUE:
        for n in range(len(line.order)):
            at = (place + n) % len(line.order)
            if line.prices[line.order[at]].missed:
                return at
    return place
