"""Turn a placement into the blocks that people see.

Rule: places nothing and drops nothing: each piece becomes a block, each batch one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from mdtasks.model import Block, Kind, Task
from mdtasks.plan.frame import Frame, Job, Placement
from mdtasks.plan.place import by_day
from mdtasks.plan.reasons import (
    batch_reason,
    batch_title,
    fixed_reason,
    focus_reason,
    why_there,
)
from mdtasks.plan.slots import Slot, slot
from mdtasks.plan.wanted import deadline_of

NONE: Mapping[str, Any] = MappingProxyType({})


def blocks_of(
    placement: Placement,
    fixed: Placement,
    jobs: Mapping[str, Job],
    tasks: Mapping[str, Task],
    busy: Sequence[Block],
    frame: Frame,
    asides: Mapping[str, Sequence[str]] = NONE,
    sessions: Mapping[str, str] = NONE,
) -> tuple[Block, ...]:
    """Return the blocks by start, in the zone. `fixed` stand where the person wrote them.

    `asides` say by uid what else there is to say of these, `sessions` why the sessions are.
    """
    flexible = {uid: pieces for uid, pieces in placement.items() if uid not in fixed}
    focus = {uid: pieces for uid, pieces in flexible.items() if not jobs[uid].small}
    small = {uid: pieces for uid, pieces in flexible.items() if jobs[uid].small}
    found = [
        *_fixed_blocks(fixed, tasks, busy, asides, frame),
        *_focus_blocks(focus, jobs, sessions, frame),
        *_batches(small, jobs, frame),
    ]
    return in_time_order(found)


def in_time_order(blocks: Iterable[Block]) -> tuple[Block, ...]:
    # In UTC: within a zone, 02:30 sorts before the earlier of two 02:45.
    key = attrgetter("tasks", "session", "title")
    return tuple(sorted(blocks, key=lambda block: (block.start.astimezone(UTC), key(block))))


def _fixed_blocks(
    fixed: Placement,
    tasks: Mapping[str, Task],
    busy: Sequence[Block],
    asides: Mapping[str, Sequence[str]],
    frame: Frame,
) -> Iterator[Block]:
    rivals = [("", block.title, slot(block.start, block.end, frame.zone)) for block in busy]
    rivals += [(uid, tasks[uid].text, piece) for uid, pieces in fixed.items() for piece in pieces]
    for uid, pieces in fixed.items():
        task = tasks[uid]
        for piece in pieces:
            others = [t for other, t, taken in rivals if other != uid and piece.overlaps(taken)]
            yield _block(
                piece,
                Kind.FIXED,
                (task,),
                title=task.text,
                reason=fixed_reason(task, others, asides.get(uid, ())),
                deadline=deadline_of(task, frame),
                frame=frame,
            )


def _focus_blocks(
    focus: Placement, jobs: Mapping[str, Job], sessions: Mapping[str, str], frame: Frame
) -> Iterator[Block]:
    load = by_day((piece for pieces in focus.values() for piece in pieces), {})
    for uid, pieces in focus.items():
        job = jobs[uid]
        for part, piece in enumerate(pieces):
            crowded = load[piece.day] > frame.settings.daily_load
            yield _block(
                piece,
                Kind.FOCUS,
                (job.task,) if job.task.uid else (),
                title=job.task.text,
                reason=focus_reason(
                    job, pieces, part, crowded=crowded, frame=frame, words=sessions.get(uid, "")
                ),
                deadline=job.deadline,
                frame=frame,
                session=uid if job.is_session else "",
            )


def _batches(small: Placement, jobs: Mapping[str, Job], frame: Frame) -> Iterator[Block]:
    members: dict[Slot, list[Job]] = {}
    for uid, pieces in small.items():
        for piece in pieces:
            members.setdefault(piece, []).append(jobs[uid])
    for piece, batch in members.items():
        tasks = tuple(job.task for job in batch)
        yield _block(
            piece,
            Kind.MICRO,
            tasks,
            title=batch_title(tasks),
            reason=batch_reason(tasks, frame, why_there(batch[0], (piece,), frame)),
            deadline=min((job.deadline for job in batch if job.deadline), default=None),
            frame=frame,
        )


def _block(
    piece: Slot,
    kind: Kind,
    tasks: tuple[Task, ...],
    *,
    title: str,
    reason: str,
    deadline: datetime | None,
    frame: Frame,
    session: str = "",
) -> Block:
    return Block(
        start=piece.start.astimezone(frame.zone),
        end=piece.end.astimezone(frame.zone),
        title=title,
        kind=kind,
        tasks=tuple(task.uid for task in tasks),
        reason=reason,
        late=deadline is not None and piece.end > deadline,
        session=session,
    )
