"""The routes: which path leads where, and what every answer says.

Rule: a path holds its token, so no answer ever repeats a path.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from mdtasks.serve import calendar
from mdtasks.serve.guard import nothing_here, plain, route
from mdtasks.serve.headers import Outermost
from mdtasks.serve.served import Served

if TYPE_CHECKING:
    from anyio import CapacityLimiter
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

# In seconds.
_PATIENCE = 5.0
_WORDS = {400: "That is no request.", 408: "Too slow.", 413: "Too much.", 415: "No form."}


def build(served: Served) -> ASGIApp:
    """Return the application. `served.news` wakes those who wait in the loop that runs it."""
    from anyio import CapacityLimiter
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException

    from mdtasks.serve import page

    looks = CapacityLimiter(2)

    @asynccontextmanager
    async def listening(app: Starlette) -> AsyncIterator[None]:
        served.news.listen()
        yield

    async def healthz(request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return plain("Not so.\n", 405, {"Allow": "GET, HEAD"})
        return plain("ok\n", 200) if await _is_well(served, looks) else plain("not ok\n", 503)

    app = Starlette(
        routes=[
            route("/healthz", healthz),
            *calendar.routes(served),
            *page.routes(served),
        ],
        exception_handlers={HTTPException: _refused, Exception: _failed},
        lifespan=listening,
    )
    # A redirect to a path with or without a slash would repeat the token.
    app.router.redirect_slashes = False
    return Outermost(app, served.hosts)


async def _is_well(served: Served, looks: CapacityLimiter) -> bool:
    """Whether the vault is there, with something in it, and somebody watches it."""
    from anyio.to_thread import run_sync

    def look() -> bool:
        try:
            with os.scandir(served.root) as entries:
                # A disk that is not mounted leaves an empty folder.
                return next(entries, None) is not None and served.watched()
        except OSError:
            return False

    # A network drive that is gone lets one wait for long.
    try:
        async with asyncio.timeout(_PATIENCE):
            return await run_sync(look, abandon_on_cancel=True, limiter=looks)
    except TimeoutError:
        return False


async def _refused(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    if status in (404, 405):  # starlette's own: no route takes this path
        return nothing_here()
    return plain(_WORDS.get(status, "Not so.") + "\n", status)


async def _failed(request: Request, error: Exception) -> Response:
    return plain("Something went wrong here; nothing was changed.\n", 500)
