"""Who may come in: the token that stands first in every path.

Rule: the one place where a token is looked at. To who shows none that there is, every path looks
like one that leads nowhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from mdtasks.serve.served import Served
from mdtasks.write.tokens import Subscriber

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

Answer = Callable[["Request", Subscriber], Awaitable["Response"]]
Endpoint = Callable[["Request"], Awaitable["Response"]]


def guarded(
    served: Served,
    answer: Answer,
    methods: tuple[str, ...] = ("GET", "HEAD"),
    only: Callable[[str], bool] = lambda lens: True,
) -> Endpoint:
    """Return the endpoint of a path `/{token}/…`: `answer` is asked for who may come in.

    `only` says of the text of a lens whether it may. Which methods there are is said here, behind
    the token: `route` leaves it to the endpoint.
    """

    async def endpoint(request: Request) -> Response:
        subscriber = served.subscriber(request.path_params["token"])
        if subscriber is None:
            return nothing_here()
        if not subscriber.is_active:
            return plain("This address no longer counts; ask for a new one.\n", 410)
        if not only(subscriber.lens):
            return nothing_here()
        if request.method not in methods:
            return plain("Not so.\n", 405, {"Allow": ", ".join(methods)})
        return await answer(request, subscriber)

    return endpoint


def route(path: str, endpoint: Endpoint) -> Route:
    """Return a route that takes every method."""
    from starlette.routing import Route

    made = Route(path, endpoint)
    made.methods = None  # given None, starlette takes GET and HEAD alone
    return made


def nothing_here() -> Response:
    return plain("Nothing here.\n", 404)


def plain(text: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """Return a short answer in words."""
    from starlette.responses import PlainTextResponse

    return PlainTextResponse(text, status, headers={"Cache-Control": "no-store", **(headers or {})})
