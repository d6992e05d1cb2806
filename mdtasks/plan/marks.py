"""Which tasks a mark of the settings means: #tag, @context, or the name of a project.

Rule: as in Obsidian, letters count in either case, and a tag stands for those below it.
"""

from __future__ import annotations

from collections.abc import Iterable

from mdtasks.model import Task
from mdtasks.plan.batches import contexts
from mdtasks.settings import Shape, Span


def carries(task: Task, mark: str) -> bool:
    """Whether the mark is a tag of the task, one above it, an @word, or its project."""
    wanted = mark.casefold()
    if mark[:1] in "#@":
        own = {each.casefold() for each in contexts(task)}
        return wanted in own or any(each.startswith(f"{wanted}/") for each in own)
    return task.project is not None and task.project.casefold() == wanted


def carry(line: Iterable[Task], mark: str) -> bool:
    """Whether a task or one of its parents carries the mark."""
    return any(carries(task, mark) for task in line)


def purposes(line: Iterable[Task], shape: Shape) -> frozenset[str]:
    """Return the names of the reserved times that a task, with its parents, may fill."""
    line = tuple(line)
    return frozenset(
        block.name for block in shape.blocks if any(carry(line, mark) for mark in block.only)
    )


def likes(line: Iterable[Task], shape: Shape) -> tuple[Span, ...]:
    """Return the times of day of the first line in [prefer] that fits, () if none does."""
    line = tuple(line)
    return next((spans for mark, spans in shape.prefer.items() if carry(line, mark)), ())
