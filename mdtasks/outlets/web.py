"""One connection to a server that keeps a calendar for us.

Rule: bounded in time and in bytes. Nothing is sent to another server than the one that is named,
nothing unencrypted but on this computer, and no message names more of an address than its host.
"""

from __future__ import annotations

import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from mdtasks import __version__
from mdtasks.errors import MdtasksError
from mdtasks.wire import cut_at, encrypted, left

# In seconds, and bytes: for one request.
LONGEST = 20.0
LARGEST = 10 << 20
_REDIRECTS = (301, 302, 307, 308)
_MOST_REDIRECTS = 3
_PORTS = {"http": 80, "https": 443}
_SAFE = "/%:@!$&'()*+,;=~-._"

_REFUSALS = {
    401: ("the server does not take this name and password", "look at `user` and its password"),
    403: ("the server refuses access (403)", "may this user write there?"),
    404: ("there is nothing at this address (404)", "look at the address; make the calendar first"),
    405: ("nothing can be written at this address (405)", "is it the address for WebDAV?"),
    409: ("the folder above it is not there (409)", "make the folder on the server first"),
    413: ("the server finds it too large (413)", ""),
    423: ("it is locked on the server (423)", "somebody has it open; try again later"),
    429: ("the server has been asked too often (429)", "try again later"),
    507: ("there is no room left on the server (507)", "make room there"),
}


class Answer(NamedTuple):
    """`headers` are by their names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_fine(self) -> bool:
        return 200 <= self.status < 300

    @property
    def etag(self) -> str:
        return self.headers.get("etag", "").strip()


class Server:
    """A server at an address, asked one thing after the other over one connection."""

    def __init__(self, address: str, login: tuple[str, str] | None, seconds: float) -> None:
        place = urlsplit(address)
        self.path = quote(place.path or "/", safe=_SAFE)
        self._query = f"?{quote(place.query, safe=_SAFE + '?')}" if place.query else ""
        self._root = f"{place.scheme}://{place.netloc}"
        scheme, self.host, port = _origin(place)
        self._connection = _Connection(self.host, port, scheme == "https")
        self._login = login
        self._deadline = time.monotonic() + seconds

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.end()

    def ask(
        self,
        method: str,
        path: str = "",
        headers: Mapping[str, str] = MappingProxyType({}),
        body: bytes = b"",
    ) -> Answer:
        """Return the answer to a request. Raises MdtasksError where there is none."""
        target = path or self.path + self._query
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._answer(method, target, {**self._headers(), **headers}, body)
            if answer.status not in _REDIRECTS:
                return answer
            target = self._following(target, answer.headers.get("location", ""))
        raise self.failure("it leads from one address to the next without end")

    def failure(self, why: str, hint: str = "") -> MdtasksError:
        return MdtasksError(f"{self.host}: {why}", hint)

    def refusal(self, answer: Answer) -> MdtasksError:
        """Return the error for an answer that is none of those that were expected."""
        if answer.status == 401 and not self._login:
            return self.failure(
                "the server wants a name and a password", "set `user` and `password_command`"
            )
        plain = (f"the server answered {answer.status}", "try again later")
        return self.failure(*_REFUSALS.get(answer.status, plain))

    def _headers(self) -> dict[str, str]:
        headers = {"User-Agent": f"mdtasks/{__version__}", "Accept-Encoding": "identity"}
        if self._login:
            pair = ":".join(self._login)
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        return headers

    def _following(self, target: str, location: str) -> str:
        """Return where a redirect leads on this server. Raises MdtasksError for another."""
        try:
            to = urlsplit(urljoin(self._root + target, location))
            if _origin(to) == _origin(urlsplit(self._root)):
                return quote(to.path or "/", safe=_SAFE) + (f"?{to.query}" if to.query else "")
        except (ValueError, KeyError):
            pass
        raise self.failure(
            "it leads to another server, to which nothing is sent",
            "write the address that it leads to, if that is the right one",
        )

    def _answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        deadline = min(self._deadline, time.monotonic() + LONGEST)
        was_open = self._connection.sock is not None
        try:
            try:
                return self._connection.answer(method, target, headers, body, deadline)
            except (HTTPException, ConnectionError):
                # A server may close a connection that is kept open. What was done is seen by
                # its mark: no request does harm when it comes twice.
                if not was_open:
                    raise
                self._connection.end()
                return self._connection.answer(method, target, headers, body, deadline)
        except (OSError, HTTPException, ValueError) as error:
            self._connection.end()
            raise self._told(error, deadline) from None

    def _told(self, error: Exception, deadline: float) -> MdtasksError:
        again = "look at the network, and try again"
        match error:
            case ssl.SSLCertVerificationError():
                why = f"its certificate is not trusted ({error.verify_message})"
                return self.failure(why, "a certificate of your own: name it in $SSL_CERT_FILE")
            case socket.gaierror() | UnicodeError():
                return self.failure("the name is not known; is there a network?", again)
        if isinstance(error, TimeoutError) or time.monotonic() >= deadline:
            return self.failure("timed out", again)
        if isinstance(error, ssl.SSLError):
            return self.failure("no encrypted connection can be made", "look at the address")
        if type(error) is ValueError:
            return self.failure(str(error), "look at the address")
        why = error.strerror or "" if isinstance(error, OSError) else ""
        return self.failure((why or "the connection was lost").lower(), again)


class _Connection(HTTPConnection):
    """A connection with an end in time, and a second descriptor of it to end it by."""

    # By itself it would connect without an end in time.
    auto_open = 0

    def __init__(self, host: str, port: int, is_encrypted: bool) -> None:
        super().__init__(host, port)
        self._is_encrypted = is_encrypted
        self._other: socket.socket | None = None

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, deadline: float
    ) -> Answer:
        if self.sock is None or self._other is None:
            self._other = self._opened(deadline)
        self.sock.settimeout(left(deadline))
        with cut_at(self._other, deadline):
            self.request(method, target, body=body or None, headers=dict(headers))
            with self.getresponse() as response:
                answer = _read(response)
        left(deadline)  # what was cut off may look like a short answer
        return answer

    def _opened(self, deadline: float) -> socket.socket:
        self.end()
        raw = socket.create_connection((self.host, self.port), timeout=left(deadline))
        other = raw.dup()
        try:
            with cut_at(other, deadline):
                self.sock = encrypted(raw, self.host) if self._is_encrypted else raw
        except BaseException:
            raw.close()
            other.close()
            raise
        return other

    def end(self) -> None:
        self.close()
        if self._other is not None:
            self._other.close()
            self._other = None


def _read(response: HTTPResponse) -> Answer:
    body = response.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise ValueError(f"its answer is larger than {LARGEST >> 20} MB")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, body)


def _origin(place: SplitResult) -> tuple[str, str, int]:
    return place.scheme, place.hostname or "", place.port or _PORTS[place.scheme]
