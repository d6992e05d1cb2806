"""Word that something may have changed, from any thread to whoever waits in the server's.

Rule: a number that only rises; nobody who comes late misses a change.
"""

from __future__ import annotations

import asyncio


class News:
    """`count` rises with each telling; `over` is set when the server is about to end."""

    def __init__(self) -> None:
        self.count = 0
        self.over = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: set[asyncio.Future[None]] = set()

    def listen(self) -> None:
        """From now on wake those who wait in the loop that is running here."""
        self._loop = asyncio.get_running_loop()

    def tell(self) -> None:
        """Say that something may have changed. From any thread."""
        self.count += 1
        self._wake()

    def end(self) -> None:
        """Send home all who wait. From any thread."""
        self.over = True
        self._wake()

    async def after(self, seen: int, patience: float | None = None) -> int:
        """Return the count once it is above `seen`, or the server ends, or `patience` does."""
        if self.count > seen or self.over:
            return self.count
        woken = asyncio.get_running_loop().create_future()
        self._waiting.add(woken)
        try:
            await asyncio.wait({woken}, timeout=patience)
        finally:
            self._waiting.discard(woken)
        return self.count

    def _wake(self) -> None:
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake_here)

    def _wake_here(self) -> None:
        for woken in self._waiting:
            if not woken.done():
                woken.set_result(None)
