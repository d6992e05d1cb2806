"""When to look without having heard of anything.

Rule: what time it is, others say; so a test turns the clock as a person does, or a laptop's lid.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf
from typing import NamedTuple

# In seconds. A clock that is further off than this was set, or the computer has been asleep.
ASLEEP = 10.0


class Clock(NamedTuple):
    """`wall` is what people read, and set; `steady` only goes on, on most systems not in sleep."""

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic


class Respite:
    """A time that each change makes longer: until nothing has changed for `quiet` seconds, but
    `longest` at most after the first change."""

    def __init__(self, clock: Clock, quiet: float, longest: float) -> None:
        self._clock, self._quiet, self._longest = clock, quiet, longest
        self._ends = self._latest = inf

    @property
    def left(self) -> float:
        """The seconds until it ends, 0 if it should have by now; infinite if nothing changed."""
        return max(self._ends - self._clock.steady(), 0)

    @property
    def is_on(self) -> bool:
        return 0 < self.left < inf

    @property
    def is_up(self) -> bool:
        """Whether no change makes it longer any more."""
        return self._clock.steady() >= self._latest

    def extend(self) -> None:
        now = self._clock.steady()
        self._latest = min(self._latest, now + self._longest)
        self._ends = min(self._latest, now + self._quiet)

    def end(self) -> None:
        self._ends = self._latest = inf


class Alarm:
    """Rings at a time of day, and whenever that time was not come to second by second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.set(clock.wall(), clock.wall() - clock.steady())

    @property
    def offset(self) -> float:
        """How far the two clocks are apart: another number tells that one of them has jumped."""
        return self._clock.wall() - self._clock.steady()

    @property
    def left(self) -> float:
        """The seconds until it rings, 0 if it should by now."""
        return max(self._wake - self._clock.wall(), 0)

    def set(self, wake: float, offset: float) -> None:
        """Ring at `wake`; `offset` is that of when this was found out to be the time."""
        self._wake = wake
        self._offset = offset
        self._looked = self._clock.wall()

    def rings(self) -> bool:
        """Whether it rings. To be asked every second or so."""
        now, looked = self._clock.wall(), self._looked
        self._looked = now
        # On some systems the steady clock goes on in sleep: then nobody asked for long.
        jumped = abs(self.offset - self._offset) > ASLEEP or abs(now - looked) > ASLEEP
        return jumped or now >= self._wake
