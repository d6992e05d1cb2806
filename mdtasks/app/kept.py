"""The plan and the day's list, as the index keeps them.

Rule: values to bytes and back; what they mean, and whether they still hold, is decided elsewhere.
What has no place can be long where a pile is overdue, so all of it is kept apart from the blocks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from mdtasks.model import Block, Kind, Move, Plan, Rolled, Today, Unplaced

# Rises with the shapes below; what an older mdtasks kept counts as absent.
FORMAT = 8


class KeptPlan(NamedTuple):
    """A plan, with those alone of what has no place that are asked for at every save, and what it
    was made from: the tasks of one generation of the index, and all the rest in words. One that is
    `interim` was made at that time of the real clock, in seconds, to hold for a moment;
    `blocks_before` are those of the whole plan that it went on from, and of the tasks `looked_at`
    since it says more than that."""

    inputs: str
    generation: int
    plan: Plan
    interim: float = 0.0
    blocks_before: tuple[Block, ...] = ()
    looked_at: frozenset[str] = frozenset()


class KeptDay(NamedTuple):
    """A day's list; tasks are uids. `made_of` is what it was made from."""

    made_of: str
    blocks: tuple[Block, ...]
    micro: tuple[str, ...]
    overdue: int
    done: tuple[str, ...]
    unplaced: tuple[Unplaced, ...]
    rolled: tuple[Rolled, ...]
    decide: tuple[str, ...]
    streak: int
    finished: tuple[str, ...]
    asked: tuple[str, ...]
    waiting: tuple[str, ...]
    waiting_more: int

    @property
    def uids(self) -> list[str]:
        named = {uid for block in self.blocks for uid in block.tasks}
        named.update(entry.task for entry in self.unplaced)
        return sorted(named.union(self.micro, self.done, self.asked, self.waiting))


def dump_plan(kept: KeptPlan) -> bytes:
    plan = kept.plan
    moved = [
        (m.task, m.before.isoformat(), m.after and m.after.isoformat(), m.reason)
        for m in plan.moved
    ]
    told = {"moves": plan.moves, "moved": moved, "of": plan.of, "notices": plan.notices}
    before = _blocks(kept.blocks_before)["blocks"]
    made = {**kept._asdict(), "plan": None, "blocks_before": before}
    lists = {"looked_at": sorted(kept.looked_at), "runs": _runs(plan.unplaced)}
    return _dump({**made, "days": plan.days, **told, **lists, **_blocks(plan.blocks)})


# One save asks for it several times.
@lru_cache(maxsize=2)
def load_plan(data: bytes | None, zone: ZoneInfo) -> KeptPlan | None:
    kept = _load(data)
    if kept is None:
        return None

    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).astimezone(zone)

    plan = Plan(
        days=tuple(map(date.fromisoformat, kept["days"])),
        blocks=_load_blocks(kept, zone),
        unplaced=_load_runs(kept["runs"]),
        moves=kept["moves"],
        moved=tuple(
            Move(task, moment(before), moment(after) if after else None, reason)
            for task, before, after, reason in kept["moved"]
        ),
        of=kept["of"],
        notices=tuple(kept["notices"]),
    )
    before = _load_blocks({"blocks": kept["blocks_before"]}, zone)
    made_of, since = (kept["inputs"], kept["generation"]), frozenset(kept["looked_at"])
    return KeptPlan(*made_of, plan, kept["interim"], before, since)


def dump_unplaced(unplaced: Iterable[Unplaced]) -> bytes:
    return _dump({"runs": _runs(unplaced)})


def load_unplaced(data: bytes | None, kept: KeptPlan) -> tuple[Unplaced, ...]:
    """Return all that has no place in a plan, from what was kept of the whole one."""
    whole = _load_runs((_load(data) or {"runs": ()})["runs"])
    if not kept.interim:
        return whole
    known = kept.looked_at.union(entry.task for entry in kept.plan.unplaced)
    return (*kept.plan.unplaced, *(entry for entry in whole if entry.task not in known))


def _runs(unplaced: Iterable[Unplaced]) -> list[tuple[str, str]]:
    # Thousands may have the same reason, one behind the other.
    runs = groupby(unplaced, key=attrgetter("reason"))
    return [(why, " ".join(entry.task for entry in run)) for why, run in runs]


def _load_runs(runs: Iterable[tuple[str, str]]) -> tuple[Unplaced, ...]:
    return tuple(Unplaced(uid, why) for why, uids in runs for uid in uids.split())


def keep_day(made_of: str, value: Today) -> KeptDay:
    return KeptDay(
        made_of,
        value.blocks,
        tuple(task.uid for task in value.micro),
        value.overdue,
        tuple(task.uid for task in value.done),
        value.unplaced,
        value.rolled,
        value.decide,
        value.streak,
        value.finished,
        tuple(task.uid for task in value.asked),
        tuple(task.uid for task in value.waiting),
        value.waiting_more,
    )


def dump_day(kept: KeptDay) -> bytes:
    unplaced = [entry._asdict() for entry in kept.unplaced]
    rolled = [(each.task, each.times, each.since.isoformat()) for each in kept.rolled]
    lists = {"unplaced": unplaced, "rolled": rolled}
    return _dump({**kept._asdict(), **_blocks(kept.blocks), **lists})


def load_day(data: bytes | None, zone: ZoneInfo) -> KeptDay | None:
    kept = _load(data)
    if kept is None:
        return None
    unplaced = tuple(Unplaced(**entry) for entry in kept["unplaced"])
    rolled = tuple(
        Rolled(task, times, date.fromisoformat(since)) for task, times, since in kept["rolled"]
    )
    lists = {"unplaced": unplaced, "rolled": rolled}
    return KeptDay(**{**kept, "blocks": _load_blocks(kept, zone), **lists})


def _dump(value: dict[str, object]) -> bytes:
    return json.dumps({"format": FORMAT, **value}, default=str).encode()


def _load(data: bytes | None) -> dict[str, Any] | None:
    kept = json.loads(data) if data else {}
    return kept if kept.pop("format", None) == FORMAT else None


def _blocks(blocks: Sequence[Block]) -> dict[str, object]:
    return {
        "blocks": [
            {**b._asdict(), "start": b.start.isoformat(), "end": b.end.isoformat()} for b in blocks
        ]
    }


def _load_blocks(kept: dict[str, Any], zone: ZoneInfo) -> tuple[Block, ...]:
    return tuple(
        Block(
            **{
                **entry,
                "start": datetime.fromisoformat(entry["start"]).astimezone(zone),
                "end": datetime.fromisoformat(entry["end"]).astimezone(zone),
                "kind": Kind(entry["kind"]),
                "tasks": tuple(entry["tasks"]),
            }
        )
        for entry in kept["blocks"]
    )
