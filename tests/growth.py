"""How the work of a call grows with its input, told from CPU time.

Rule: no limit in seconds. Only a call that takes long is looked at twice, and then its time is
compared with its own time on a quarter of the input.
"""

from __future__ import annotations

import time
from collections.abc import Callable

# Linear work grows by 4 with the input, quadratic by 16.
FACTOR, TOO_STEEP = 4, 10.0

# A size that is done within this is far from quadratic at LARGEST: that many characters squared
# are 64 million steps, and no machine does them in this time.
FREE_SECONDS = 0.004
SIZES = (24, 96, 400, 2_000, 8_000)
LARGEST = SIZES[-1]
# What a size below a thousand takes only if it grows faster than any power.
HOPELESS_SECONDS = 2.0

Call = Callable[[str], object]
Input = Callable[[int], str]


def is_steep(call: Call, make: Input) -> bool:
    """Whether the call's work grows faster than its input, which `make` gives by its size."""
    for size in SIZES:
        seconds = _best(call, make(size), 1)
        if seconds > FREE_SECONDS:
            break
    else:
        return False
    if size < 1000 and seconds > HOPELESS_SECONDS:
        return True
    # Only what is steep every time is: another process may have had the caches.
    return all(_ratio(call, make, size) >= TOO_STEEP for _ in range(3))


def _ratio(call: Call, make: Input, size: int) -> float:
    return _best(call, make(size * FACTOR), 1) / _best(call, make(size), 2)


def _best(call: Call, text: str, times: int) -> float:
    """Return the least CPU time of so many calls."""
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        call(text)
        best = min(best, time.process_time() - began)
    return best


def repeated(piece: str, before: str = "", after: str = "") -> Input:
    """Return what gives a text of about the size that is asked for."""
    return lambda size: before + piece * (size // len(piece) + 1) + after
