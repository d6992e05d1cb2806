"""Servers that keep calendars, as processes on this machine, and a telephone that uses them.

Rule: real servers, Radicale for CalDAV and WsgiDAV for WebDAV; each with one user.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from mdtasks.outlets import web
from mdtasks.outlets.web import Server

USER = "me"
PASSWORD = "s3cret, wörd"
_MAKE = (
    b'<?xml version="1.0"?><mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>'
    b"<resourcetype><collection/><C:calendar/></resourcetype></prop></set></mkcol>"
)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def _running(words: list[str], ready: str) -> Iterator[None]:
    """Run a server from where it says that it is ready until the block is left."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        assert server.stdout is not None
        said: list[str] = []
        try:
            for line in server.stdout:
                said.append(line)
                if ready in line:
                    break
            else:
                raise AssertionError("".join(said))
            drain = threading.Thread(target=deque, args=(server.stdout, 0), daemon=True)
            drain.start()
            yield
        finally:
            server.kill()
            server.wait()


@contextmanager
def radicale(folder: Path) -> Iterator[str]:
    """Give the address of a CalDAV server."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n", "utf-8")
    (folder / "config").write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\n"
        f"[auth]\ntype = htpasswd\nhtpasswd_filename = {folder / 'users'}\n"
        "htpasswd_encryption = plain\ndelay = 0\n"
        f"[storage]\nfilesystem_folder = {folder / 'store'}\n"
    )
    with _running(["radicale", "--config", str(folder / "config")], "server ready"):
        yield f"http://127.0.0.1:{port}/{USER}/"


@contextmanager
def webdav(folder: Path) -> Iterator[str]:
    """Give the address of a WebDAV server, whose files are in `store` of the folder."""
    (folder / "store").mkdir(parents=True, exist_ok=True)
    port = free_port()
    config = {
        "host": "127.0.0.1",
        "port": port,
        "provider_mapping": {"/": str(folder / "store")},
        "http_authenticator": {"accept_basic": True, "accept_digest": False},
        "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
        "verbose": 3,
        "logging": {"enable": True},
    }
    (folder / "config.json").write_text(json.dumps(config))
    with _running(
        ["wsgidav.server.server_cli", "--config", str(folder / "config.json")], "Serving on"
    ):
        yield f"http://127.0.0.1:{port}/"


class Got(NamedTuple):
    status: int
    etag: str
    body: bytes


class Phone:
    """Another program of the same person, for one collection."""

    def __init__(self, address: str) -> None:
        self.address = address
        place = urlsplit(address)
        self._netloc, self._path = place.netloc, place.path

    def ask(
        self,
        method: str,
        name: str = "",
        body: bytes = b"",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Got:
        login = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        connection = HTTPConnection(self._netloc, timeout=60)
        try:
            connection.request(
                method, self._path + name, body, {"Authorization": f"Basic {login}", **headers}
            )
            answer = connection.getresponse()
            return Got(answer.status, answer.headers.get("ETag", ""), answer.read())
        finally:
            connection.close()

    def make(self) -> None:
        assert self.ask("MKCOL", body=_MAKE).status == 201

    def names(self) -> list[str]:
        listed = self.ask("PROPFIND", headers={"Depth": "1"}).body.decode()
        found = re.findall(r"<href>[^<]*/([^</]+)</href>", listed)
        return sorted(found)

    def events(self) -> dict[str, str]:
        """Return what is in the calendar, by the names of the resources."""
        return {name: self.ask("GET", name).body.decode() for name in self.names()}

    def titles(self) -> list[str]:
        return sorted(
            title.strip()
            for text in self.events().values()
            for title in re.findall(r"^SUMMARY:(.*)$", text, re.MULTILINE)
        )

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.ask("GET", name).body.decode()
        assert old in text
        assert self.ask("PUT", name, text.replace(old, new).encode()).status in (201, 204)

    def delete(self, name: str) -> None:
        assert self.ask("DELETE", name).status in (200, 204)


Seen = Callable[[str, int], object]


def nothing(method: str, status: int) -> None:
    pass


@contextmanager
def watched(
    monkeypatch: pytest.MonkeyPatch, before: Seen = nothing, after: Seen = nothing
) -> Iterator[None]:
    """Call `before` with the method of each request, `after` with the status of the answer too."""
    real = Server.ask

    def ask(self: Server, method: str, *args: str, **more: object) -> web.Answer:
        before(method, 0)
        answer = real(self, method, *args, **more)  # type: ignore[arg-type]
        after(method, answer.status)
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(Server, "ask", ask)
        yield
