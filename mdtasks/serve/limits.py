"""A connection of uvicorn's that nobody can hold open by being slow.

Rule: each wait for the other side has its end: for a whole request, and for room to write.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol

# In seconds. A request is a few hundred bytes, sent at once.
REQUEST_SECONDS = 10.0
WRITE_SECONDS = 20.0
KEEP_ALIVE_SECONDS = 15
# For a person and the calendars of a household; beyond it comes 503, and beyond twice that nothing.
MOST_CONNECTIONS = 64
LONGEST_HEAD = 16 * 1024


def connections() -> type[H11Protocol]:
    """Return the protocol of the connections."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Connection(H11Protocol):
        """`_slow` runs while a request is not whole, `_full` while nobody reads the answer."""

        _slow: asyncio.TimerHandle | None = None
        _full: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if len(self.connections) > 2 * MOST_CONNECTIONS:
                transport.abort()
                return
            # Not to be left alone with what is written and not read, not even while closing.
            transport.set_write_buffer_limits(high=0)
            self._slow = self.loop.call_later(REQUEST_SECONDS, transport.abort)

        def connection_lost(self, exc: Exception | None) -> None:
            self._slow, self._full = _ended(self._slow), _ended(self._full)
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            answering = self.cycle is not None and not self.cycle.response_complete
            if answering:
                self._slow = _ended(self._slow)
            elif self._slow is None and not self.transport.is_closing():
                self._slow = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

        def on_response_complete(self) -> None:
            self._slow = _ended(self._slow)
            super().on_response_complete()

        def pause_writing(self) -> None:
            super().pause_writing()
            if self._full is None:
                self._full = self.loop.call_later(WRITE_SECONDS, self.transport.abort)

        def resume_writing(self) -> None:
            super().resume_writing()
            self._full = _ended(self._full)

    return Connection


def _ended(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """Return no timer in the place of one that need not run on."""
    if timer is not None:
        timer.cancel()
    return None
