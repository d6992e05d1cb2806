"""The sockets of a server, and the addresses under which it is asked.

Rule: opened before anything else begins, so that a port in use is a plain error.
"""

from __future__ import annotations

import errno
import socket
import sys
from contextlib import suppress

from mdtasks.errors import MdtasksError
from mdtasks.render.lens import FULL
from mdtasks.settings import ServeSettings
from mdtasks.toml.hosts import LOOPBACK, Host, is_everywhere, is_loopback, parse_host, written

_TLS = 443
_BACKLOG = 128
_HINTS = {
    errno.EADDRINUSE: "is a `serve` running already? else take another port: --port {next}",
    errno.EADDRNOTAVAIL: "an address of this machine is wanted; see [serve] host",
    errno.EACCES: "ports below 1024 are for the system; take another: --port 8765",
}


def listen(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen on all addresses of a name. Raises MdtasksError."""
    opened: list[socket.socket] = []
    try:
        for family, _, _, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            if family in (socket.AF_INET, socket.AF_INET6):
                opened.append(_open(family, address, both=is_everywhere(host)))
    except OSError as error:
        for each in opened:
            each.close()
        reason = error.strerror or str(error)
        hint = _HINTS.get(error.errno or 0, "see [serve] host and port").format(
            next=port % 65535 + 1
        )
        where = written(Host(host, port))
        raise MdtasksError(f"{where}: cannot be served: {reason}", hint) from error
    return opened


def _open(family: int, address: tuple[object, ...], both: bool) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two listen on one port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not both)
        made.bind(address)
        made.listen(_BACKLOG)
    except OSError:
        with suppress(OSError):
            made.close()
        raise
    return made


def hosts_of(settings: ServeSettings) -> frozenset[Host]:
    """Return the names by which a request may call us, those without a port with any.

    A port of ours may have another number at the other end of a tunnel; what protects is the name.
    """
    own = () if is_everywhere(settings.host) else (settings.host,)
    allowed = filter(None, map(parse_host, settings.allowed_hosts))
    return frozenset((*map(Host, (*LOOPBACK, *own)), *allowed))


def base_of(settings: ServeSettings) -> str:
    """Return the beginning of the addresses to give out: with the first of the allowed hosts, by
    which others know us, else with the host on which we listen."""
    known = [host for host in map(parse_host, settings.allowed_hosts) if host]
    own = Host("127.0.0.1" if is_everywhere(settings.host) else settings.host)
    host = known[0] if known else own
    if host.port == _TLS:
        return f"https://{written(Host(host.name))}"
    return f"http://{written(host if host.port else Host(host.name, settings.port))}"


def addresses(settings: ServeSettings, token: str, lens: str) -> dict[str, str | None]:
    """Return what a subscriber is given: `url`, the same as `webcal`, and the `page` of the day,
    which only the whole feed goes with."""
    base = base_of(settings)
    calendar = f"{base}/{token}/calendar.ics"
    return {
        "url": calendar,
        # https://en.wikipedia.org/wiki/Webcal: what opens a calendar program.
        "webcal": calendar.replace("http", "webcal", 1),
        "page": f"{base}/{token}/today" if lens == FULL else None,
    }


def is_for_others(settings: ServeSettings) -> bool:
    """Whether other machines can reach it."""
    return not is_loopback(settings.host)
