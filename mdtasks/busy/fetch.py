"""Fetch a calendar from the web, and from nowhere that the person did not mean.

An address in the settings may lead anywhere, by a redirect or by what its name resolves to: each
step is resolved once, the address is checked, and to that very address we connect.

Rule: bounded in time and in bytes, whatever the other side does. No message names more of an
address than its host: the rest is as good as a password.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
import zlib
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from mdtasks import __version__
from mdtasks.busy.text import MAX_BYTES, is_whole
from mdtasks.wire import cut_off, encrypted, left

_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}
_ANSWERS = {
    401: "the server wants a name and a password",
    403: "the server refuses access (403)",
    404: "there is no calendar at this address (404)",
    410: "the calendar is gone from this address (410)",
    429: "the server has been asked too often (429)",
}
# IPv4 addresses within IPv6 ones, by which a private one could be reached.
_NAT64 = ip_network("64:ff9b::/96")
_HOST = re.compile(r"[!-~\u00a1-\U0010ffff]+")
_READ = 65536
# RFC 6761, 6762, 8375, and what ICANN keeps out of the internet's names.
_LOCAL_NAMES = (".localhost", ".local", ".home.arpa", ".internal")


class FetchError(Exception):
    """There is no calendar to be had; the words say why."""


class Stamps(NamedTuple):
    """What a server said of the copy that we have: ETag and Last-Modified."""

    etag: str = ""
    modified: str = ""


class Fetched(NamedTuple):
    """`data` is None where our copy is still right."""

    data: bytes | None
    stamps: Stamps


def fetch(url: str, stamps: Stamps, named: Collection[str], seconds: float) -> Fetched:
    """Return what is at the address. `named` are the local hosts that the person wrote down.

    Raises FetchError, after at most so many seconds but for the resolving of names.
    """
    deadline = time.monotonic() + seconds
    first = place = _place(url)
    for _ in range(_MOST_REDIRECTS + 1):
        headers = _headers(stamps if place == first else Stamps())
        if _origin(place) == _origin(first):
            headers |= _login(first)
        with _answer(place, headers, named, deadline) as answer:
            if answer.status not in _REDIRECTS:
                return _fetched(answer, stamps, deadline)
            target = answer.headers.get("Location", "")
        following = _place(target, place)
        if place.scheme == "https" and following.scheme != "https":
            raise FetchError("it leads from an encrypted address to one that is not")
        place = following
    raise FetchError("it leads from one address to the next without end")


def _place(url: str, base: SplitResult | None = None) -> SplitResult:
    """Return the address, seen from `base`; webcal is https."""
    try:
        place = urlsplit(urljoin(base.geturl(), url) if base else url.strip())
        scheme = {"webcal": "https", "webcals": "https"}.get(place.scheme, place.scheme)
        place = place._replace(scheme=scheme, fragment="")
        host = place.hostname or ""
        if scheme not in _PORTS or not _HOST.fullmatch(host) or place.port == 0:
            raise FetchError("it leads to no address on the web")
    except ValueError:
        raise FetchError("its address cannot be read") from None
    return place


def _origin(place: SplitResult) -> tuple[str, str | None, int]:
    return place.scheme, place.hostname, place.port or _PORTS[place.scheme]


def _headers(stamps: Stamps) -> dict[str, str]:
    headers = {
        "User-Agent": f"mdtasks/{__version__}",
        "Accept": "text/calendar, */*;q=0.1",
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    if stamps.etag:
        headers["If-None-Match"] = stamps.etag
    if stamps.modified:
        headers["If-Modified-Since"] = stamps.modified
    return headers


def _login(place: SplitResult) -> Mapping[str, str]:
    """Return the header for a name and a password in the address."""
    if not place.username:
        return {}
    pair = f"{unquote(place.username)}:{unquote(place.password or '')}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


# To the checked address


@contextmanager
def _answer(
    place: SplitResult, headers: Mapping[str, str], named: Collection[str], deadline: float
) -> Iterator[HTTPResponse]:
    host = place.hostname or ""
    connection = HTTPConnection(host, _origin(place)[2])
    try:
        connection.sock = _connected(place, host in named, deadline)
        with cut_off(connection.sock, deadline):
            if place.scheme == "https":
                connection.sock = encrypted(connection.sock, host)
            target = quote(place.path or "/", safe="/%:@!$&'()*+,;=~-._")
            query = quote(place.query, safe="/%:@!$&'()*+,;=~-._?")
            connection.request("GET", f"{target}?{query}" if query else target, headers=headers)
            with closing(connection.getresponse()) as answer:
                yield answer
    except TimeoutError:
        raise FetchError("timed out") from None
    except ssl.SSLCertVerificationError as error:
        raise FetchError(f"its certificate is not trusted ({error.verify_message})") from None
    except (OSError, HTTPException, ValueError) as error:
        if time.monotonic() >= deadline:
            raise FetchError("timed out") from None
        if isinstance(error, ssl.SSLError):
            raise FetchError("no encrypted connection can be made") from None
        why = error.strerror if isinstance(error, OSError) else ""
        raise FetchError((why or "the connection was lost").lower()) from None
    finally:
        connection.close()


def _connected(place: SplitResult, may_be_local: bool, deadline: float) -> socket.socket:
    """Return a connection to the first of the host's addresses that answers."""
    _, host, port = _origin(place)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FetchError(f"the name {host} is not known; is there a network?") from None
    allowed = [each for each in found if may_be_local or is_public(str(each[4][0]))]
    if not allowed:
        raise FetchError(f"{host} is an address of a private network that the settings do not name")
    failure: OSError = OSError("no address")
    for family, kind, protocol, _, address in allowed:
        one = socket.socket(family, kind, protocol)
        try:
            one.settimeout(left(deadline))
            one.connect(address)
        except OSError as error:
            one.close()
            failure = error
        else:
            one.settimeout(left(deadline))
            return one
    raise failure


def is_public(address: str) -> bool:
    """Whether the address can be anybody's on the internet, and not this network's own."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        found = inner or found
    return found.is_global and not found.is_multicast


# What comes back


def _fetched(answer: HTTPResponse, stamps: Stamps, deadline: float) -> Fetched:
    left(deadline)  # what was cut off may look like a short answer
    if answer.status == 304:
        return Fetched(None, stamps)
    if answer.status != 200:
        raise FetchError(_ANSWERS.get(answer.status, f"the server answered {answer.status}"))
    data = _body(answer, deadline)
    if not is_whole(data):
        raise FetchError("what came is no whole calendar")
    headers = (answer.headers.get(name, "") for name in ("ETag", "Last-Modified"))
    return Fetched(data, Stamps(*(each if _is_plain(each) else "" for each in headers)))


def _body(answer: HTTPResponse, deadline: float) -> bytes:
    zipped = answer.headers.get("Content-Encoding", "").lower() in ("gzip", "x-gzip")
    unzip = zlib.decompressobj(wbits=31) if zipped else None
    pieces, size, came = [], 0, 0
    # Not read(): that would wait until so much has come.
    while piece := answer.read1(_READ):
        came += len(piece)
        try:
            piece = unzip.decompress(piece, MAX_BYTES + 1 - size) if unzip else piece
        except zlib.error:
            raise FetchError("what came cannot be unpacked") from None
        size += len(piece)
        if max(size, came) > MAX_BYTES:
            raise FetchError(f"it is larger than {MAX_BYTES >> 20} MB")
        pieces.append(piece)
    left(deadline)
    if answer.length:
        raise FetchError("only a part of it came")
    return b"".join(pieces)


def _is_plain(header: str) -> bool:
    """Whether it can be sent back as it is."""
    return bool(re.fullmatch(r"[\x21-\x7e][\x20-\x7e]{0,500}", header))


def local_hosts(urls: Collection[str]) -> frozenset[str]:
    """Return the hosts of this network that the addresses name in so many words."""
    hosts = set()
    for url in urls:
        with suppress(FetchError):
            hosts.add(_place(url).hostname or "")
    return frozenset(filter(_is_local, hosts))


def _is_local(host: str) -> bool:
    """Whether the name is an address of a private network, or one that only such a network has."""
    try:
        return not is_public(host)
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_NAMES)
