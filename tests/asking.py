"""Asks an application without a network: one request, one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tests.serving import Got

if TYPE_CHECKING:
    from starlette.types import ASGIApp

NOTHING: Mapping[str, str] = MappingProxyType({})


def ask(
    app: ASGIApp,
    path: str,
    headers: Mapping[str, str] = NOTHING,
    method: str = "GET",
    body: Iterable[bytes] = (),
    pause: float = 0,
) -> Got:
    """Return the answer; the pieces of the body come with a `pause` before each."""
    return asyncio.run(_ask(app, path, {"host": "localhost", **headers}, method, body, pause))


async def _ask(
    app: ASGIApp,
    path: str,
    headers: Mapping[str, str],
    method: str,
    body: Iterable[bytes],
    pause: float,
) -> Got:
    pieces = [*body, b""]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause)
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 8765),
        "client": ("127.0.0.1", 5),
    }
    with suppress(ZeroDivisionError):  # what starlette raises again once it has answered
        await app(scope, receive, send)
    start = sent[0]
    named = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Got(start["status"], named, b"".join(each.get("body", b"") for each in sent[1:]))
