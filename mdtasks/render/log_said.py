"""What the clock's commands say to a person.

Rule: values in, lines out; all text goes through the pen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mdtasks.dates import format_duration
from mdtasks.model import Interval
from mdtasks.read.log_times import length
from mdtasks.render.terminal import Show


def said(
    ended: Sequence[Interval], added: Interval | None, keys: Mapping[str, str], show: Show
) -> Iterator[str]:
    """Yield a line for each clock that was stopped, and one for what is new."""
    for each in ended:
        yield show.pen.write(f"stopped after {_length(each)}{_task(each, keys)}", "dim")
    if added and added.end:
        yield show.pen.write(f"added {_length(added)}{_task(added, keys)}", "dim")
    elif added:
        yield show.pen.write(f"running since {show.clock(added.start)}{_task(added, keys)}", "dim")


def _length(each: Interval) -> str:
    lasts = length(each)
    return format_duration(lasts) if lasts else "no time"


def _task(each: Interval, keys: Mapping[str, str]) -> str:
    return f" · key {keys[each.task]}" if each.task in keys else ""
