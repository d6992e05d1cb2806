"""Plans of days that a person has shaped in mdtasks.toml, in few words."""

from __future__ import annotations

import tomllib
from datetime import datetime, time

from mdtasks.model import Block, Kind, Plan, Task
from mdtasks.settings import Config
from mdtasks.toml.keys import read_config
from tests.planned import EARLY, MONDAY
from tests.planner_rules import BERLIN, Case


def config(toml: str) -> Config:
    return read_config(tomllib.loads(toml), Config())


def shaped(toml: str, *tasks: Task, now: datetime = EARLY, busy: tuple[Block, ...] = ()) -> Case:
    said = config(toml)
    return Case(tasks, now, hours=said.hours, settings=said.plan, busy=busy, shape=said.shape)


def at(clock: str, day: object = MONDAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), BERLIN)  # type: ignore[arg-type]


def of_kind(plan: Plan, *kinds: Kind) -> list[str]:
    """Return the blocks of such kinds as "Mon 09:00-10:30 Write"."""
    return [f"{b.start:%a %H:%M}-{b.end:%H:%M} {b.title}" for b in plan.blocks if b.kind in kinds]


def kept_free(plan: Plan) -> list[str]:
    return of_kind(plan, Kind.BREAK)


def sessions(plan: Plan) -> list[str]:
    return [f"{b.start:%a %H:%M}-{b.end:%H:%M} {b.title}" for b in plan.blocks if b.session]
