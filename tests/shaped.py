"""Plans of days that a person has shaped in mdtasks.toml, in few words."""

from __future__ import annotations

import tomllib
from datetime import datetime, time
from pathlib import Path

import pytest

from mdtasks.config import load
from mdtasks.errors import ConfigError
from mdtasks.model import Block, Kind, Plan, Task
from mdtasks.settings import Config
from mdtasks.toml.keys import read_config
from tests.planned import EARLY, MONDAY
from tests.planner_rules import BERLIN, Case


def config(toml: str) -> Config:
    """Return what `toml` makes of the defaults."""
    return read_config(tomllib.loads(toml), Config())


def refusal(vault: Path, toml: str) -> tuple[str, str]:
    """Return message and hint of the error that `toml` as mdtasks.toml gives."""
    (vault / "mdtasks.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(vault)
    return caught.value.message, caught.value.hint


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
