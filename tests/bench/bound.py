"""What no plan of a week can go below, by a program with whole numbers for HiGHS.

Why no plan can: the program keeps fewer rules than a plan does, and counts costs too low.

- It says for each task where it is done: in which stretch of free time, or on which day where it
  is long enough to be cut, or not at all. Of a task that is cut at night, the work of earlier
  days counts as if it were done at the earliest where the day begins on which it ends, and the
  shortest piece with it.
- The work is spread over cells of free time. A cell holds no more than it is long; each piece is
  followed by its buffer, so tasks and stretches are a buffer longer. On the first two days cells
  are the steps of the grid, and work in one has its middle; later they are three steps, and work
  counts as in the first.
- A task ends no earlier than half its length after the mean time of its work: of work that ends
  at an instant, the mean lies at least half of the length before.
- A day has no more focus than the load, or pays the planner's own price for more, and what keeps
  no due date stays within the load.
- What waits for another ends on no earlier day.
- Due dates missed are no more than the plan itself misses: a plan that misses more is the worse
  at any cost.

HiGHS is stopped by the clock; the bound that it has proved until then holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from itertools import groupby
from math import inf
from typing import NamedTuple

from highspy import Highs, HighsVarType

from mdtasks.plan.slots import Slot, slot, without, working_slots
from tests.bench.planning import (
    MONDAY,
    NOW,
    OVERLOAD,
    TARDINESS,
    Facts,
    facts,
    hours_of,
    never,
)
from tests.planner_rules import Case

Row = dict[int, float]


class Cell(NamedTuple):
    """Free time: when work in it is done at the earliest, and how much it holds."""

    at: float
    room: float


class Stretch(NamedTuple):
    """Free time of a day without a break; `cells` are numbers."""

    day: int
    cells: range


def least_missed(case: Case, seconds: float) -> float:
    return _Bound(case, inf, of_misses=True).found(seconds)


def least_hours(case: Case, missed: float, seconds: float) -> float:
    return _Bound(case, missed, of_misses=False).found(seconds)


class _Bound:
    """The program: rows that gather what each variable takes of what is short."""

    def __init__(self, case: Case, missed: float, *, of_misses: bool) -> None:
        self.solver = Highs()
        self.solver.setOptionValue("output_flag", False)
        self.size = 0
        self.case = case
        self.scale = 0.0 if of_misses else 1.0
        self.buffer = hours_of(case.settings.buffer)
        self.shortest = hours_of(case.settings.min_block)
        self.cells: list[Cell] = []
        self.stretches: list[Stretch] = []
        self._lay_out()
        self.days = sorted({stretch.day for stretch in self.stretches})
        self.in_cell: list[Row] = [{} for _ in self.cells]
        self.in_day: dict[int, Row] = {day: {} for day in self.days}
        self.focus: dict[int, Row] = {day: {} for day in self.days}
        self.plain: dict[int, Row] = {day: {} for day in self.days}
        self.misses: Row = {}
        every = facts(case)
        ends = [self._add(each) for each in every]
        self._hold(ends, missed)
        if of_misses:
            for column, weight in self.misses.items():
                self.solver.changeColCost(column, weight)

    def found(self, seconds: float) -> float:
        self.solver.setOptionValue("time_limit", seconds)
        self.solver.setOptionValue("mip_rel_gap", 0.001)
        self.solver.run()
        return max(0.0, float(self.solver.getInfo().mip_dual_bound))

    def _column(self, price: float, *, whole: bool = False) -> int:
        self.solver.addCol(self.scale * price, 0.0, 1.0 if whole else inf, 0, [], [])
        if whole:
            self.solver.changeColIntegrality(self.size, HighsVarType.kInteger)
        self.size += 1
        return self.size - 1

    def _row(self, row: Mapping[int, float], most: float, least: float = -inf) -> None:
        self.solver.addRow(least, most, len(row), list(row), list(row.values()))

    # Free time

    def _lay_out(self) -> None:
        case, settings = self.case, self.case.settings
        days = [MONDAY + timedelta(days=n) for n in range(settings.days)]
        taken = [slot(block.start, block.end, case.zone) for block in case.busy]
        free = without(working_slots(case.hours, days, case.zone), taken)
        step = hours_of(settings.step)
        for day, slots in groupby(free, key=lambda each: (each.day - MONDAY).days):
            for each in slots:
                first = len(self.cells)
                self.cells += self._cells(each, step if day < 2 else 3 * step, step)
                self.stretches.append(Stretch(day, range(first, len(self.cells))))

    def _cells(self, free: Slot, size: float, step: float) -> list[Cell]:
        begins = hours_of(free.start - NOW.astimezone(UTC))
        length = hours_of(free.length) + self.buffer
        count = round(length / size + 0.499)
        return [
            Cell(begins + n * size + step / 2, min(size, length - n * size)) for n in range(count)
        ]

    # Tasks

    def _add(self, each: Facts) -> dict[int, list[int]]:
        """Add a task; return by day the columns that say that it is done on it."""
        gone = self._column(each.price(never(self.case)), whole=True)
        if each.is_saved:
            self.misses[gone] = each.weight
        ends: dict[int, list[int]] = {day: [] for day in self.days}
        for cells, day in self._places(each):
            if self.cells[cells[-1]].at >= each.ready:
                ends[day].append(self._done_within(each, cells, day))
        if each.length >= 2 * self.shortest:
            for day in self.days:
                earlier = [n for n in self.days if n < day and self._last(n) >= each.ready]
                if earlier:
                    ends[day].append(self._done_over_night(each, earlier, day))
        columns = [gone, *(column for found in ends.values() for column in found)]
        self._row(dict.fromkeys(columns, 1.0), 1.0, 1.0)
        return ends

    def _places(self, each: Facts) -> list[tuple[Sequence[int], int]]:
        if each.length < 2 * self.shortest:
            return [(stretch.cells, stretch.day) for stretch in self.stretches]
        return [(self._of(day), day) for day in self.days]

    def _of(self, day: int) -> list[int]:
        return [n for stretch in self.stretches if stretch.day == day for n in stretch.cells]

    def _last(self, day: int) -> float:
        return self.cells[self._of(day)[-1]].at

    def _rate(self, each: Facts, day: int) -> tuple[float, float, bool]:
        """Return the price of an hour's delay on that day, one of zero hours, and if it is late."""
        late = each.due is not None and each.due <= self.cells[self._of(day)[0]].at
        rate = each.weight * (1.0 + TARDINESS * late)
        return rate, -each.weight * TARDINESS * late * (each.due or 0.0), late

    def _done(self, each: Facts, price: float, *, late: bool) -> int:
        column = self._column(price, whole=True)
        if late and each.is_saved:
            self.misses[column] = each.weight
        return column

    def _work(self, row: Row, cells: Sequence[int], day: int, rate: float, least: float) -> None:
        """Add to `row` what is worked in each of the cells; an hour there costs `rate` an hour."""
        for n in cells:
            column = self._column(rate * (self.cells[n].at + least))
            row[column] = self.in_cell[n][column] = self.in_day[day][column] = 1.0

    def _done_within(self, each: Facts, cells: Sequence[int], day: int) -> int:
        whole = each.length + each.pieces * self.buffer
        rate, fixed, late = self._rate(each, day)
        done = self._done(each, fixed + rate * (whole / 2 - self.buffer), late=late)
        work: Row = {done: -whole}
        self._work(
            work, [n for n in cells if self.cells[n].at >= each.ready], day, rate / whole, 0.0
        )
        self._row(work, 0.0, 0.0)
        self.focus[day][done] = each.length
        if late or not each.is_saved:
            self.plain[day][done] = each.length
        return done

    def _done_over_night(self, each: Facts, earlier: Sequence[int], day: int) -> int:
        whole = each.length + each.pieces * self.buffer
        least = self.shortest + self.buffer
        rate, fixed, late = self._rate(each, day)
        done = self._done(each, fixed - rate * self.buffer, late=late)
        within: Row = {}
        self._work(within, self._of(day), day, rate / whole, least / 2)
        self._row({done: least - whole, **within}, 0.0)
        work: Row = {done: -whole, **within}
        parts: Row = {done: -each.length}
        begins = self.cells[self._of(day)[0]].at - hours_of(self.case.settings.step) / 2
        for other in (*earlier, day):
            focus = self._column(0.0)
            parts[focus] = self.focus[other][focus] = 1.0
            if late or not each.is_saved:
                self.plain[other][focus] = 1.0
            if other == day:
                self._row({focus: 1.0, **dict.fromkeys(within, -1.0)}, 0.0)
                continue
            before = self._column(rate * (begins + least) / whole)
            work[before] = self.in_day[other][before] = 1.0
            self._row({focus: 1.0, before: -1.0}, 0.0)
        self._row(work, 0.0, 0.0)
        self._row(parts, 0.0, 0.0)
        return done

    # What all share

    def _hold(self, ends: Sequence[Mapping[int, Sequence[int]]], missed: float) -> None:
        for row, cell in zip(self.in_cell, self.cells, strict=True):
            self._row(row, cell.room)
        load = hours_of(self.case.settings.daily_load)
        for day in self.days:
            self._row(self.in_day[day], sum(self.cells[n].room for n in self._of(day)))
            self._row(self.plain[day], load)
            self._row({**self.focus[day], self._column(OVERLOAD): -1.0}, load)
        numbers = {task.id: number for number, task in enumerate(self.case.tasks)}
        for number, task in enumerate(self.case.tasks):
            for name in task.depends_on:
                self._wait(ends[number], ends[numbers[name]])
        if missed < inf:
            self._row(self.misses, missed + 1e-6)

    def _wait(self, later: Mapping[int, Sequence[int]], first: Mapping[int, Sequence[int]]) -> None:
        for day in self.days:
            row: Row = {}
            for other in self.days:
                if other <= day:
                    row |= dict.fromkeys(later[other], 1.0) | dict.fromkeys(first[other], -1.0)
            if row:
                self._row(row, 0.0)
