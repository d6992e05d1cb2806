"""The calendar of a subscriber: `/{token}/calendar.ics`.

Rule: nothing is made here. What is not ready yet is waited for a little, and asked for again later.
"""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING

from mdtasks.serve.conditional import has_it, may_answer, wants_gzip
from mdtasks.serve.guard import guarded, plain, route
from mdtasks.serve.served import Served
from mdtasks.serve.shelf import Ready
from mdtasks.write.tokens import Subscriber

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

# In seconds: for the first sync of a large vault, or for a token that was just made.
_PATIENCE = 10.0


def routes(served: Served) -> list[BaseRoute]:
    async def answer(request: Request, subscriber: Subscriber) -> Response:
        found = await _found(served, subscriber)
        if found is None:
            later = {"Retry-After": "10"}
            return plain("The calendar is not ready yet.\n", 503, later)
        return _response(request, found)

    return [route("/{token}/calendar.ics", guarded(served, answer))]


async def _found(served: Served, subscriber: Subscriber) -> Ready | None:
    deadline = time.monotonic() + _PATIENCE
    seen = served.news.count
    found = served.shelf.get(subscriber.digest)
    if found is None:
        served.wanted()
    while found is None and not served.news.over:
        rest = deadline - time.monotonic()
        if rest <= 0:
            break
        seen = await served.news.after(seen, rest)
        found = served.shelf.get(subscriber.digest)
    return found


def _response(request: Request, found: Ready) -> Response:
    from starlette.responses import Response

    asked, now = request.headers, int(time.time())
    packs = wants_gzip(_all(request, "accept-encoding"))
    etag = found.packed_etag if packs else found.etag
    # Told only when that second has come: until then the bytes may be others again.
    changed = found.changed if found.changed <= now else None
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if changed is not None:
        headers["Last-Modified"] = formatdate(changed, usegmt=True)
    if not may_answer(_all(request, "if-match"), etag):
        return plain("It is another by now.\n", 412, headers)
    if has_it(_all(request, "if-none-match"), asked.get("if-modified-since"), etag, changed, now):
        return Response(status_code=304, headers=headers)
    if packs:
        headers["Content-Encoding"] = "gzip"
    headers["Content-Type"] = "text/calendar; charset=utf-8"
    return Response(found.packed if packs else found.body, headers=headers)


def _all(request: Request, name: str) -> str | None:
    """Return a header that may stand there several times, as one list."""
    return ", ".join(request.headers.getlist(name)) if name in request.headers else None
