"""How near to the best plan: `python -m tests.bench.planning` (`pip install -e .[bench]`).

Each row is a seeded week of 60 tasks. What the plan costs, by the planner's own measure (weighted
hours until done, ten times as much for each hour past the due day, and the price of focus beyond
the daily load), is held against what no plan can go below: the higher of two bounds, see
tests/bench/bound.py and tests/bench/prices.py.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from random import Random
from statistics import median
from time import process_time
from typing import NamedTuple

from mdtasks.model import Block, Kind, Plan, Priority, Task
from mdtasks.plan.urgency import urgency
from tests.planner_rules import BERLIN, Case, minutes, task, violations

MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=BERLIN)
WEEKS = 20
SECONDS = 60.0
TARDINESS = 10.0
OVERLOAD = 5000.0
# Short tasks, which fill the week, middle ones and long ones, which ask for two or three.
ESTIMATES = ([20, 25, 30, 30, 45], [20, 30, 45, 60, 90], [30, 45, 60, 90, 120])


def week(seed: int, count: int = 60) -> Case:
    """Return a week with a meeting a day: of short, middle and long tasks in turn."""
    random = Random(seed)
    estimates = ESTIMATES[seed % len(ESTIMATES)]
    days = [MONDAY + timedelta(days=n) for n in range(-2, 9)]

    def some(number: int) -> Task:
        due = random.choice(days) if random.random() < 0.4 else None
        start = random.choice(days[2:7]) if random.random() < 0.15 else None
        estimate = minutes(random.choice(estimates))
        priority = random.choice(list(Priority))
        after = f"t{random.randrange(number)}" if number and random.random() < 0.1 else ""
        return task(
            f"t{number}",
            id=f"t{number}",
            estimate=estimate,
            priority=priority,
            due=due,
            start=start if not due or not start or start < due else None,
            depends_on=(after,) if after else (),
        )

    tasks = tuple(some(number) for number in range(count))
    return Case(tasks, NOW, busy=tuple(_meeting(day, random) for day in days[2:7]))


def _meeting(day: date, random: Random) -> Block:
    begins = datetime.combine(day, time(random.choice([9, 10, 11, 14, 15])), BERLIN)
    return Block(begins, begins + minutes(random.choice([30, 45, 60, 90])), "Meeting", Kind.BUSY)


class Cost(NamedTuple):
    """The weight of the due dates missed that could be kept, and the weighted hours."""

    missed: float
    hours: float


class Facts(NamedTuple):
    """A task; times are hours from NOW, `due` is None where no day of the week could be late."""

    length: float
    pieces: int
    weight: float
    ready: float
    due: float | None

    @property
    def is_saved(self) -> bool:
        return self.due is not None and self.due > 0.0

    def price(self, end: float) -> float:
        late = max(0.0, end - self.due) if self.due is not None else 0.0
        return self.weight * (end + TARDINESS * late)


def facts(case: Case) -> list[Facts]:
    return [_facts(each, case) for each in case.tasks]


def _facts(each: Task, case: Case) -> Facts:
    length = each.estimate or case.settings.default_estimate
    due = None
    if each.due and each.due < MONDAY + timedelta(days=case.settings.days):
        due = hours_until(max(each.due + timedelta(days=1), MONDAY))
    return Facts(
        length=hours_of(length),
        pieces=ceil(length / case.settings.max_block),
        weight=max(1.0, urgency(each, MONDAY) + 3.0),
        ready=max(0.0, hours_until(each.start or MONDAY)),
        due=due,
    )


def hours_until(day: date) -> float:
    return hours_of(datetime.combine(day, time(0), BERLIN).astimezone(UTC) - NOW.astimezone(UTC))


def hours_of(length: timedelta) -> float:
    return length / timedelta(hours=1)


def never(case: Case) -> float:
    """Return when what has no place counts as done."""
    return hours_until(MONDAY + timedelta(days=case.settings.days + 1))


def cost(case: Case, plan: Plan) -> Cost:
    """Return what the plan costs, from its blocks alone."""
    done: dict[str, float] = {}
    load: dict[date, float] = {}
    for block in plan.blocks:
        done[block.tasks[0]] = hours_of(block.end - NOW)
        day = block.start.date()
        load[day] = load.get(day, 0.0) + hours_of(block.end - block.start)
    ends = [
        (each, done.get(t.uid, never(case)))
        for each, t in zip(facts(case), case.tasks, strict=True)
    ]
    missed = sum(f.weight for f, end in ends if f.due is not None and 0.0 < f.due < end)
    most = hours_of(case.settings.daily_load)
    over = sum(max(0.0, each - most) for each in load.values())
    return Cost(missed, sum(f.price(end) for f, end in ends) + OVERLOAD * over)


class Result(NamedTuple):
    seconds: float
    cost: Cost
    least: Cost

    @property
    def gap(self) -> float:
        return self.cost.hours / self.least.hours - 1.0


def measure(case: Case, seconds: float) -> Result:
    """Return how the plan compares; its bounds are looked for so many seconds each, at most."""
    from tests.bench import bound, prices

    began = process_time()
    plan = case.plan()
    took = process_time() - began
    if faults := violations(case, plan):
        raise AssertionError(faults)
    paid = cost(case, plan)
    hours = max(
        bound.least_hours(case, paid.missed, seconds),
        prices.least_hours(case, paid.missed, paid.hours),
    )
    return Result(took, paid, Cost(bound.least_missed(case, seconds), hours))


def rows(seeds: Iterable[int], seconds: float) -> Iterator[str]:
    """Yield a line a week, and one of all."""
    found = []
    for seed in seeds:
        one = measure(week(seed), seconds)
        found.append(one)
        yield (
            f"{one.gap:8.2%}  {seed:3}  {one.cost.hours:7.0f} hours of at least "
            f"{one.least.hours:7.0f}; due dates missed {one.cost.missed:.1f} of at least "
            f"{one.least.missed:.1f}; {one.seconds:.2f} s"
        )
    gaps = [one.gap for one in found]
    yield f"{median(gaps):8.2%}  median; {max(gaps):.2%} worst of {len(gaps)} weeks of 60 tasks"


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.bench.planning", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(WEEKS)))
    parser.add_argument("--seconds", type=float, default=SECONDS, help="at most, for a bound")
    options = parser.parse_args()
    for row in rows(options.seeds, options.seconds):
        print(row, flush=True)


if __name__ == "__main__":
    main()
