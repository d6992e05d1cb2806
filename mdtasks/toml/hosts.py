"""Names by which a server is reached: `localhost`, `192.168.1.5:8765`, `[::1]:80`.

Rule: text -> value; nothing is looked up. Two names are the same only when they are written alike,
letters in either case and the forms of an IPv6 address aside.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from mdtasks.toml.values import line

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*"
_HOST = r"(?:\[(?P<six>[0-9a-f:.]{2,45})\]|(?P<name>[^:\[\]]+))(?::(?P<port>[0-9]{1,5}))?"
_LOOPBACK_NAME = "localhost"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Where no port is written it is that of the scheme, and behind a proxy we do not know which.
_UNWRITTEN = (80, 443)


class Host(NamedTuple):
    """`name` in small letters, an IPv6 address without brackets; `port` None where none is said."""

    name: str
    port: int | None = None


def parse_host(text: str) -> Host | None:
    """Return what the header Host says (RFC 9110 section 7.2), None where it is no host."""
    match = re.fullmatch(_HOST, text.lower())
    if match is None:
        return None
    port = int(match["port"]) if match["port"] else None
    name = _address(match["six"]) if match["six"] else match["name"]
    if name is None or (port is not None and not 1 <= port <= 65535):
        return None
    return Host(name, port) if match["six"] or _is_name(name) else None


def is_allowed(said: str, allowed: Collection[Host]) -> bool:
    """Whether a header Host names one of the `allowed`; one of these without a port is for each."""
    host = parse_host(said)
    if host is None:
        return False
    ports = (host.port,) if host.port else _UNWRITTEN
    return any(Host(host.name, port) in allowed for port in (None, *ports))


def is_loopback(name: str) -> bool:
    """Whether only this machine can reach what listens there."""
    from ipaddress import ip_address

    try:
        return name == _LOOPBACK_NAME or ip_address(name).is_loopback
    except ValueError:
        return False


def is_everywhere(name: str) -> bool:
    """Whether it stands for all addresses of this machine."""
    from ipaddress import ip_address

    try:
        return ip_address(name).is_unspecified
    except ValueError:
        return False


def written(host: Host) -> str:
    """Return the host as it stands in an address."""
    name = f"[{host.name}]" if ":" in host.name else host.name
    return f"{name}:{host.port}" if host.port else name


def bind_host(value: object) -> str:
    """Return the name or the address at which to listen."""
    text = line(value).strip().lower()
    name = _address(text.strip("[]")) or (text if _is_name(text) else None)
    if name is None:
        raise ValueError('a name or an address such as "127.0.0.1" or "::1", without a port')
    return name


def allowed_host(value: object) -> str:
    """Return the name as it stands in an address."""
    text = line(value).strip()
    six = _address(text.lower())
    if host := Host(six) if six else parse_host(text):
        return written(host)
    raise ValueError('names such as "laptop.local", "192.168.1.5:8765" or "[fd00::1]"')


def _is_name(text: str) -> bool:
    # Compiled when it is first asked for: every `mdtasks today` reads the table of keys.
    return re.fullmatch(_NAME, text, re.ASCII | re.IGNORECASE) is not None


def _address(text: str) -> str | None:
    if ":" not in text:
        return None
    from ipaddress import IPv6Address

    try:
        return IPv6Address(text).compressed
    except ValueError:
        return None
