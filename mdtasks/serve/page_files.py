"""The template of the page, its style and its script, as files of this package.

Rule: all text goes through the template, which escapes it; a name that the template does not
know is an error. No style and no script stands in the page itself, and no address outside.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment
    from starlette.responses import Response

_FOLDER = Path(__file__).with_name("pages")
_KINDS = {
    "page.css": "text/css; charset=utf-8",
    "tasks.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
# Only what the page needs; nothing may frame it, and it sends forms to us alone.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def written(name: str, status: int = 200, **values: object) -> Response:
    """Return the page that a template makes of the values."""
    from starlette.responses import HTMLResponse

    html = _templates().get_template(name).render(version=version(), **values)
    return HTMLResponse(html, status, {**_SAFE, "Cache-Control": "no-store"})


def file(name: str, asked: str) -> Response | None:
    """Return a file that belongs to the page, None where there is no such file.

    One that is asked for in the version that it has stays for good: another has another address.
    """
    from starlette.responses import Response

    if name not in _KINDS:
        return None
    kept = "max-age=31536000, immutable" if asked == version() else "no-cache"
    headers = {**_SAFE, "Cache-Control": f"private, {kept}"}
    return Response(_content(name), headers=headers, media_type=_KINDS[name])


@cache
def version() -> str:
    """Return what differs when one of the files does."""
    return blake2b(b"\0".join(map(_content, _KINDS)), digest_size=6).hexdigest()


@cache
def _content(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
