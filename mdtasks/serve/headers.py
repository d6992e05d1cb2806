"""What every request must say and every answer says.

Rule: the Host is looked at before anything else, so that no page of a stranger, whose name was
made to lead here (DNS rebinding), gets an answer.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from mdtasks.serve.guard import plain
from mdtasks.serve.limits import LONGEST_HEAD
from mdtasks.toml.hosts import Host, is_allowed

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Addresses hold tokens: no search engine and no other site is to learn them.
_ALWAYS = (
    (b"x-robots-tag", b"noindex"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


class Outermost:
    """Refuses who asks for another host, and completes the headers of all answers."""

    def __init__(self, app: ASGIApp, hosts: Collection[Host]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                names = {name.lower() for name, _ in given}
                more = [each for each in _ALWAYS if each[0] not in names]
                if b"cache-control" not in names:
                    more.append((b"cache-control", b"no-store"))
                message["headers"] = given + more
            await send(message)

        app = self._refusal(scope) or self._app
        await app(scope, receive, completed)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = scope["headers"]
        # uvicorn bounds only what comes in pieces.
        size = len(scope["raw_path"]) + len(scope["query_string"])
        if size + sum(len(name) + len(value) for name, value in headers) > LONGEST_HEAD:
            return plain("Too long.\n", 431, {"Connection": "close"})
        said = [value for name, value in headers if name == b"host"]
        if len(said) == 1 and is_allowed(said[0].decode("latin-1"), self._hosts):
            return None
        return plain("Not under this name; see `allowed_hosts` in [serve].\n", 421)
