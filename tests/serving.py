"""A running `mdtasks serve`, and what one asks it: real processes, real sockets."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from tests.running import command, environ, mdtasks

NOTHING: Mapping[str, str] = MappingProxyType({})
_PATIENCE = 60.0


def wait_until(holds: Callable[[], object], what: object = "") -> None:
    deadline = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain {what}"
        time.sleep(0.02)


class Got(NamedTuple):
    """An answer; the names of its headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Server:
    """A process that serves a vault, past its first words."""

    def __init__(self, root: Path, words: Sequence[str] = ()) -> None:
        self.output = root.parent / f"output-{time.monotonic_ns()}"
        words = words or command(root, "serve", "--port", "0")
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(words, stdout=output, stderr=output, env=environ())
        wait_until(lambda: self.port or self.process.poll() is not None)

    def said(self) -> str:
        return self.output.read_text("utf-8")

    @property
    def port(self) -> int:
        match = re.search(r"serving .*? at http://\S+:(\d+)[, ]", self.said())
        return int(match[1]) if match else 0

    def ask(
        self,
        path: str,
        headers: Mapping[str, str] = NOTHING,
        method: str = "GET",
        body: bytes | None = None,
    ) -> Got:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Got(answer.status, named, answer.read())
        finally:
            connection.close()

    def ready(self, token: str) -> Got:
        """Return the calendar once it is there: the first sync may take its time."""
        wait_until(lambda: self.ask(calendar(token)).status != 503, self.said())
        return self.ask(calendar(token))

    def shows(self, path: str, text: str) -> bool:
        return text.encode() in self.ask(path).body

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE)

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(by)
        return self.process.wait(timeout=_PATIENCE)


def new_token(root: Path, name: str, lens: str = "full") -> str:
    url = mdtasks(root, "feed", "token", "new", name, "--lens", lens, "--json").json["url"]
    assert isinstance(url, str)
    return url.split("/")[3]


def calendar(token: str) -> str:
    return f"/{token}/calendar.ics"


def rest_of(connection: socket.socket) -> bytes:
    """Return what comes until the other side closes, or breaks off."""
    pieces = []
    try:
        while piece := connection.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(pieces)
