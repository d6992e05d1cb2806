"""Word of changes to open pages, as server-sent events.

Rule: an event holds a version and nothing else; whoever hears of another one asks for the page.
There are so many streams at most, and all end with the server.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from mdtasks.serve.news import News

if TYPE_CHECKING:
    from starlette.responses import Response

MOST_STREAMS = 24
# In seconds. A stream that says nothing is cut by proxies, and shows nobody that its reader went.
_QUIET = 20.0
_RETRY_MS = 3000


class Streams:
    """The open pages. `version` is another after each change, and after each start."""

    def __init__(self, news: News) -> None:
        self.open = 0
        self._news = news
        self._start = secrets.token_hex(4)

    @property
    def version(self) -> str:
        return f"{self._start}-{self._news.count}"

    def response(self) -> Response | None:
        """Return a stream, None where there are as many as may be."""
        from starlette.responses import StreamingResponse

        if self.open >= MOST_STREAMS or self._news.over:
            return None
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._events(), 200, headers, "text/event-stream")

    async def _events(self) -> AsyncIterator[bytes]:
        self.open += 1
        try:
            yield f"retry: {_RETRY_MS}\n".encode()
            told = ""
            while not self._news.over:
                seen, version = self._news.count, self.version
                yield b": still here\n\n" if version == told else _event(version)
                told = version
                await self._news.after(seen, _QUIET)
        finally:
            self.open -= 1


def _event(version: str) -> bytes:
    return f"event: day\ndata: {version}\n\n".encode()
