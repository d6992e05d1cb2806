"""What one more task does to a plan: what it moves, makes late or pushes out.

Rule: two plans are compared; nothing is placed here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from mdtasks.model import Block, Move, Plan


class Impact(NamedTuple):
    """Moves in the order of their old times; uids of what becomes late, and of what has a place
    only before. A task is in `pushed` or in `lost`; if it is pushed, it may be late too."""

    pushed: tuple[Move, ...]
    late_now: tuple[str, ...]
    lost: tuple[str, ...]


def impact(
    before: Plan,
    after: Plan,
    missed_before: Collection[str],
    missed_after: Collection[str],
    now: datetime,
) -> Impact:
    """Return what differs for the tasks of the plan before, blocks that are over apart.

    `missed_…` hold the tasks whose due date the plan misses.
    """
    old, new = _starts(before.blocks, now), _starts(after.blocks, now)
    why = {move.task: move.reason for move in after.moved}
    pushed = [
        Move(uid, *_first_change(starts, new[uid]), why.get(uid, ""))
        for uid, starts in old.items()
        if uid in new and starts != new[uid]
    ]
    lost = tuple(uid for uid in old if uid not in new)
    late = tuple(uid for uid in new if uid in missed_after and uid not in missed_before)
    return Impact(tuple(sorted(pushed, key=lambda move: (move.before, move.task))), late, lost)


def _starts(blocks: Iterable[Block], now: datetime) -> Mapping[str, list[datetime]]:
    """Return for each task when its blocks begin that are not over, in order."""
    starts: dict[str, list[datetime]] = {}
    for block in blocks:
        if block.end.astimezone(UTC) > now:
            for uid in block.tasks:
                starts.setdefault(uid, []).append(block.start)
    return starts


def _first_change(old: list[datetime], new: list[datetime]) -> tuple[datetime, datetime]:
    """Return the first pair of starts that differ; where only their number does, the last two."""
    pairs = [pair for pair in zip(old, new, strict=False) if pair[0] != pair[1]]
    return pairs[0] if pairs else (old[-1], new[-1])
