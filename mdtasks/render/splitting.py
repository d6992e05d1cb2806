"""What `mdtasks split` says of the steps: how they add up, and which are long.

Rule: values in, words out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from mdtasks.dates import format_duration
from mdtasks.render.pen import counted

_LONG_SHOWN = 3


def adding_up(steps: int, total: timedelta, unknown: int, own: timedelta | None) -> str:
    """Return "3 steps, 40m of 1h30m; 50m is in no step yet"."""
    words = counted(steps, "open step")
    if total:
        words += f", {format_duration(total)}"
        words += f" of {format_duration(own)}" if own else " in all"
    elif own:
        words += f", the task says {format_duration(own)}"
    if unknown and total:
        words += f", {unknown} without an estimate"
    if own and total > own:
        words += f"; that is {format_duration(total - own)} more than the task says"
    elif own and total and total < own and not unknown:
        words += f"; {format_duration(own - total)} is in no step yet"
    return words


def long_steps(long: Sequence[tuple[str, timedelta]], limit: timedelta) -> Iterator[str]:
    """Yield a line for each step that may be too big to begin."""
    for text, length in long[:_LONG_SHOWN]:
        over = f"{format_duration(length)}, over {format_duration(limit)}"
        yield f"{text}: {over}; could it be several steps?"
    if len(long) > _LONG_SHOWN:
        yield f"and {len(long) - _LONG_SHOWN} more over {format_duration(limit)}"
