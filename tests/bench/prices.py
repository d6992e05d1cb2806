"""What no plan of a week can go below, by prices for its time.

Why no plan can: each task is put where it is cheapest by itself, in pieces that keep the rules,
as if it were alone. That nothing stands twice, that a day holds no more than the load and that
what waits comes later is not demanded but priced: whoever uses what is short pays, and what there
is of it is paid back to all. A plan that keeps the rules uses no more than there is, so for it the
prices cancel out or gain something; and no task in it can be cheaper than the cheapest. So any
prices that are not negative give a bound. Good ones are found by steps against what is overused
(Held, Wolfe and Crowder's subgradient method, Mathematical Programming 6, 1974).

- Time is the steps of the grid in each stretch of free time, and one more for the last buffer. A
  piece takes its steps and one for the buffer, which is no longer than a step.
- A day's focus beyond the load costs OVERLOAD, so no price of focus is higher. What keeps no due
  date has a price of its own besides: it stays within the load.
- Of two tasks of which one waits, the later can end by an hour only if the first ended before it
  by the time that the later takes at least.
- Due dates missed weigh no more than in the plan: more makes it the worse at any cost. Where it
  misses none, no end past a due date is looked at.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any, NamedTuple

import numpy as np

from mdtasks.plan.slots import slot, without, working_slots
from tests.bench.planning import MONDAY, NOW, OVERLOAD, facts, hours_of, never
from tests.planner_rules import Case

Array = Any  # of numpy, which the tests do without
OFF = 1e12  # dearer than anything that may be
STEPS = 6000
# How far a step goes at first and at last, of the way to the plan's cost; how often it may gain
# nothing until it is made shorter, and by how much; how much of the last direction it keeps.
FAR, NEAR = 1.0, 1e-3
PATIENCE, SHORTER, INERTIA = 20, 0.85, 0.8
# Of scarce things that many tasks share, a step takes less.
SHARED = 0.2


class Charges(NamedTuple):
    """The prices: of each step of time, of focus on each day, of focus that keeps no due date, of
    a weight missed, and for each two tasks of each time by which the first is not done."""

    time: Array
    focus: Array
    plain: Array
    missed: Array
    turns: Array


SCALE = Charges(*map(np.array, (1.0, SHARED, SHARED, 0.5, SHARED)))


def least_hours(case: Case, missed: float, paid: float) -> float:
    """Return the highest bound found; `paid` is what the plan costs."""
    week = _Week(case, missed)
    charges = best = week.nothing()
    bound, far, idle = -OFF, FAR, 0
    way: Charges | None = None
    for _ in range(STEPS):
        found, excess = week.relaxed(charges)
        if found > bound + 1e-5 * abs(bound):
            idle = 0
        else:
            idle += 1
        if found > bound:
            bound, best = found, charges
        if idle >= PATIENCE:
            far, idle, charges, way = far * SHORTER, 0, best, None
        if far < NEAR:
            break
        kept = excess if way is None else way
        pairs = zip(kept, excess, SCALE, strict=True)
        way = Charges(*(INERTIA * old + (1.0 - INERTIA) * s * new for old, new, s in pairs))
        # A price that is nothing already does not fall.
        held = [np.where((c <= 0) & (w < 0), 0.0, w) for c, w in zip(charges, way, strict=True)]
        size = sum(float((each * each).sum()) for each in held)
        if size < 1e-9:
            break
        step = far * (paid - found) / size
        moved = zip(charges, held, SCALE, strict=True)
        charges = Charges(*(np.maximum(c + step * s * each, 0.0) for c, each, s in moved))
        charges = charges._replace(focus=np.minimum(charges.focus, week.overload))
    return max(0.0, bound)


class _Week:
    """Free time in steps, and what each task costs by where it ends."""

    def __init__(self, case: Case, missed: float) -> None:
        settings = case.settings
        self.most = missed
        self.step = hours_of(settings.step)
        self.least = settings.min_block // settings.step
        self.longest = settings.max_block // settings.step
        self.load = settings.daily_load // settings.step
        self.overload = OVERLOAD * self.step
        self._lay_out(case)
        every = facts(case)
        self.lengths = np.array([round(each.length / self.step) for each in every])
        self.weights = np.array([each.weight for each in every])
        saved = np.array([each.is_saved for each in every])
        in_time = [[f.due is not None and t <= f.due + 1e-9 for t in self.at] for f in every]
        self.plain = ~(np.array(in_time) & saved[:, None])
        self.late = self.plain & saved[:, None]
        self.costs = np.array([[each.price(t) for t in self.at] for each in every])
        self.gone = np.array([each.price(never(case)) for each in every])
        self.gone_misses = self.weights * saved
        if missed < 1e-9:
            self.costs[self.late] = OFF
            self.gone[saved] = OFF
        readies = sorted({each.ready for each in every})
        self.row = np.array([readies.index(each.ready) for each in every])
        self.free = np.array([np.where(self.at >= t - 1e-9, 0.0, OFF) for t in readies])
        names = {task.id: number for number, task in enumerate(case.tasks)}
        self.pairs = [(n, names[d]) for n, t in enumerate(case.tasks) for d in t.depends_on]
        buffer = hours_of(settings.buffer)
        takes = [every[n].length + (every[n].pieces - 1) * buffer for n, _ in self.pairs]
        self.shifts: list[Array] = [np.searchsorted(self.at, self.at + t - 1e-9) for t in takes]

    def _lay_out(self, case: Case) -> None:
        days = [MONDAY + timedelta(days=n) for n in range(case.settings.days)]
        taken = [slot(block.start, block.end, case.zone) for block in case.busy]
        at: list[float] = []
        day: list[int] = []
        last: list[int] = []
        for each in without(working_slots(case.hours, days, case.zone), taken):
            count = each.length // case.settings.step
            begins = hours_of(each.start - NOW.astimezone(UTC))
            last += [len(at) + count] * (count + 1)
            day += [(each.day - MONDAY).days] * (count + 1)
            at += [begins + n * self.step for n in range(count + 1)]
        self.at, self.last = np.array(at), np.array(last)
        self.days, self.day = np.unique(np.array(day), return_inverse=True)

    def nothing(self) -> Charges:
        count = len(self.days)
        none = np.zeros((len(self.pairs), len(self.at)))
        return Charges(np.zeros(len(self.at)), np.zeros(count), np.zeros(count), np.zeros(1), none)

    def relaxed(self, charges: Charges) -> tuple[float, Charges]:
        """Return what all cost at least by these prices, and by how much each thing is overused."""
        tables, sizes = self._tables(charges)
        every = np.arange(len(self.lengths))
        prices = self.costs + charges.missed * self.weights[:, None] * self.late
        for length in np.unique(self.lengths):
            table, js = tables[int(length)], np.flatnonzero(self.lengths == length)
            rows = self.row[js]
            prices[js] += np.where(self.plain[js], table[0][rows], table[1][rows])
        for (later, first), turn, shift in zip(self.pairs, charges.turns, self.shifts, strict=True):
            due: Array = np.append(np.cumsum(turn[::-1])[::-1], 0.0)
            prices[later] += due[:-1]
            prices[first] -= due[shift]
        ends = prices.argmin(1)
        gone = self.gone + charges.missed * self.gone_misses
        placed = prices[every, ends] < gone
        total = float(np.where(placed, prices[every, ends], gone).sum())
        total -= float(charges.time.sum() + self.load * (charges.focus + charges.plain).sum())
        total -= float(charges.missed[0]) * self.most
        return total, self._excess(tables, sizes, ends, placed)

    def _tables(self, charges: Charges) -> tuple[dict[int, Array], dict[int, Array]]:
        """Return by length, for plain work and what keeps a due date, by ready time and end, what
        the cheapest pieces cost, and how long the last of them is."""
        total: Array = np.append(0.0, np.cumsum(charges.time))
        rates = np.array([charges.focus + charges.plain, charges.focus])[:, self.day]
        count, longest = len(self.at), int(self.lengths.max())
        best: dict[int, Array] = {}
        sizes: dict[int, Array] = {}
        since: dict[int, Array] = {0: np.array([self.free, self.free])}
        piece: dict[int, Array] = {}
        for size in range(1, self.longest + 1):
            n = count - size
            fits = np.where(np.arange(n) + size <= self.last[:n], 0.0, OFF)
            taken = total[size + 1 : size + 1 + n] - total[:n] + fits
            piece[size] = (taken + size * rates[:, :n])[:, None, :]
        for length in range(1, longest + 1):
            found = np.full(since[0].shape, OFF)
            last = np.zeros(since[0].shape, np.int16)
            for size, price in piece.items():
                if length - size not in since or (size < self.least and size != length):
                    continue
                price = since[length - size][:, :, : count - size] + price
                view = found[:, :, size:]
                cheaper = price < view
                np.copyto(view, price, where=cheaper)
                last[:, :, size:][cheaper] = size
            best[length], sizes[length] = found, last
            if length >= self.least:
                after = np.full(found.shape, OFF)
                after[:, :, 1:] = np.minimum.accumulate(found, axis=2)[:, :, :-1]
                since[length] = after
        return best, sizes

    def _excess(
        self, tables: dict[int, Array], sizes: dict[int, Array], ends: Array, placed: Array
    ) -> Charges:
        used = np.zeros(len(self.at))
        focus = np.zeros((2, len(self.days)))
        missed = float(self.gone_misses[~placed].sum())
        for j in np.flatnonzero(placed):
            left, end, row = int(self.lengths[j]), int(ends[j]), int(self.row[j])
            kind = 0 if self.plain[j, end] else 1
            missed += float(self.weights[j] * self.late[j, end])
            while left:
                size = int(sizes[left][kind, row, end])
                used[end - size : end + 1] += 1.0
                focus[kind, self.day[end - 1]] += size
                left, end = left - size, end - size
                end = int(tables[left][kind, row, :end].argmin()) if left else end
        turns = np.zeros((len(self.pairs), len(self.at)))
        places = np.arange(len(self.at))
        for turn, (later, first), shift in zip(turns, self.pairs, self.shifts, strict=True):
            if placed[later]:
                turn += places >= ends[later]
            if placed[first]:
                turn -= places >= shift[ends[first]]
        over = np.array([(missed - self.most) if self.most > 1e-9 else 0.0])
        return Charges(used - 1.0, focus.sum(0) - self.load, focus[0] - self.load, over, turns)
