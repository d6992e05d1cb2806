"""Goals and projects as JSON.

Rule: shapes only; keys are added, none is renamed or removed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mdtasks.plan.progress import Count, Goal, Progress

Shape = dict[str, Any]


def goals(found: Sequence[Goal]) -> list[Shape]:
    return [{"goal": each.name or None, **_count(each.counts)} for each in found]


def projects(found: Sequence[Goal], steps: Mapping[str, Shape]) -> list[Shape]:
    """Return the projects in their order; `steps` holds the next steps by uid."""
    return [_project(each, steps.get(each.next)) for goal in found for each in goal.projects]


def _project(each: Progress, step: Shape | None) -> Shape:
    return {
        "project": each.project or None,
        "goal": each.goal or None,
        **_count(each.counts),
        "open": each.open,
        "next": step,
        "overdue": list(each.late),
        "at_risk": list(each.at_risk),
        "waits_for": list(each.waits),
        "last_done": each.last_done.isoformat() if each.last_done else None,
        "finished": each.is_finished,
        "wrong": [fault.name.lower() for fault in each.faults],
    }


def _count(count: Count) -> Shape:
    return {
        "done": count.done,
        "total": count.total,
        "minutes_done": count.minutes_done,
        "minutes": count.minutes,
    }
