"""The body of a POST: a small form, or none.

Rule: what is too long, too slow or no form is refused before anybody looks at it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from starlette.requests import Request

# A form of ours has a few short fields.
LONGEST_BODY = 16 * 1024
LONGEST_SECONDS = 10.0
_MOST_FIELDS = 20
_FORM = "application/x-www-form-urlencoded"


async def form(request: Request) -> dict[str, str]:
    """Return the fields of a form; of those that stand there twice, the last.

    Raises starlette's HTTPException: 413, 415, 408, 400.
    """
    from starlette.exceptions import HTTPException

    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise HTTPException(415)
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > LONGEST_BODY:
        raise HTTPException(413)
    body = bytearray()
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > LONGEST_BODY:
                    raise HTTPException(413)
    except TimeoutError:
        raise HTTPException(408) from None
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise HTTPException(400) from None
    return dict(fields)
