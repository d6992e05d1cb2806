"""The one task that is worked on, as lines for a screen.

Rule: values in, lines out; all text goes through the pen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from mdtasks.model import Task
from mdtasks.render.pen import Pen

_KEYS = "space pause · s next step · d done · n not done · e 5 minutes more · q quit"
_RESTING = "space goes on · d done · q quit"
_BAR = 40


class View(NamedTuple):
    """What is shown: `left` of `length`, and whether the clock stands, or it is time to rest."""

    task: Task
    steps: Sequence[Task]
    left: timedelta
    length: timedelta
    paused: bool = False
    resting: bool = False
    said: str = ""


def screen(view: View, pen: Pen, height: int) -> list[str]:
    """Return the lines, no more than the screen has."""
    return [*_lines(view, pen, max(height - 9, 1))][: max(height - 1, 1)]


def _lines(view: View, pen: Pen, most_steps: int) -> Iterator[str]:
    yield ""
    yield from pen.wrapped("Rest" if view.resting else view.task.text, "bold", 2)
    yield ""
    if not view.resting:
        shown = _around_next(view.steps, most_steps)
        for step in shown:
            mark = "[x]" if not step.is_open else "[ ]"
            yield from pen.columns(
                [[(mark, "dim"), (step.text, "" if step.is_open else "dim")]], 4, 1
            )
        if shown:
            yield ""
    yield "  " + bar(view, pen)
    yield "  " + pen.write(clock(view.left), "bold") + pen.write(_state(view), "yellow")
    yield ""
    yield from pen.wrapped(_RESTING if view.resting else _KEYS, "dim", 2)
    if view.said:
        yield from pen.wrapped(view.said, "red", 2)


def _around_next(steps: Sequence[Task], most: int) -> Sequence[Task]:
    """Return as many steps as fit, from the one before the first that is open."""
    first = next((n for n, step in enumerate(steps) if step.is_open), len(steps))
    start = max(min(first - 1, len(steps) - most), 0)
    return steps[start : start + most]


def _state(view: View) -> str:
    return "  paused" if view.paused else ""


def clock(left: timedelta) -> str:
    """Return what is left, as a clock: 24:59, 1:00:00; below zero, how much it is over."""
    seconds = abs(round(left.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    text = f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
    return f"{text} left" if left >= timedelta(0) else f"{text} over"


def bar(view: View, pen: Pen) -> str:
    width = min(_BAR, max(pen.width - 4, 1))
    part = 1 - view.left / view.length if view.length else 1.0
    full = round(min(max(part, 0.0), 1.0) * width)
    return pen.write("█" * full, "green") + pen.write("░" * (width - full), "dim")
