"""The day's page as a server on this machine gives it out.

Rule: a real server on a real port, in a thread of this process; the notes are real files.
"""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from mdtasks.app.session import open_session
from mdtasks.serve.served import Served
from mdtasks.toml.hosts import LOOPBACK, Host
from mdtasks.write import tokens
from tests.running import NOW, command, environ, mdtasks, still

LOCAL = "127.0.0.1"
NONE: Mapping[str, str] = MappingProxyType({})


class Answer(NamedTuple):
    """What came back. `location` is where a redirect leads, within the folder of the token."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        return self.headers["location"]


class Form(NamedTuple):
    """A form of the page: where it goes, its hidden fields, the id of its button."""

    action: str
    fields: dict[str, str]
    button: str


class Door(NamedTuple):
    """A server, and the address of the folder of a token that sees all."""

    root: Path
    served: Served
    address: str

    def get(self, path: str = "today", headers: Mapping[str, str] = NONE) -> Answer:
        return self.ask("GET", path, headers=headers)

    def post(self, form: Form, headers: Mapping[str, str] = NONE) -> Answer:
        body = urlencode(form.fields)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", form.action, body, {**kind, **headers})

    def ask(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] = NONE
    ) -> Answer:
        whole = urlsplit(f"{self.address}/{path}")
        connection = HTTPConnection(whole.netloc, timeout=60)
        target = f"{whole.path}?{whole.query}" if whole.query else whole.path
        connection.request(method, target, body, dict(headers))
        answer = connection.getresponse()
        found = Answer(answer.status, _lower(answer), answer.read())
        connection.close()
        return found

    def tick(self, text: str) -> Form:
        """Return the form that ticks the task whose text begins so."""
        page = self.get().text
        button = next(each.button for each in boxes(page) if each.text.startswith(text))
        return next(form for form in forms(page) if form.button == button)

    def undo(self) -> Form:
        return next(form for form in forms(self.get().text) if form.action == "undo")

    def of_another(self, lens: str = "full") -> Door:
        """Return the same server, for somebody with another token."""
        name = f"test {time.time_ns()}"
        _, token = tokens.issue(self.served.state, name, lens, datetime.now(UTC))
        return self._replace(address=f"{self.address.rpartition('/')[0]}/{token}")


def _lower(answer: HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.getheaders()}


@contextmanager
def served(root: Path, now: str | None = NOW, again: Door | None = None) -> Iterator[Door]:
    """Serve the vault at `root` until the block ends; `again` at the address of a server that has
    ended."""
    import uvicorn

    from mdtasks.serve.app import build

    still(root)
    session = open_session(root.as_posix(), now, lambda line: None)
    place = Served(session, now, lambda line: None, frozenset(map(Host, LOOPBACK)))
    port = urlsplit(again.address).port if again else 0
    config = uvicorn.Config(build(place), host=LOCAL, port=port or 0, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not (server.started and server.servers):
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    door = Door(root, place, f"http://{LOCAL}:{port}/")
    try:
        yield again._replace(served=place) if again else door.of_another()
    finally:
        place.news.end()
        server.should_exit = True
        thread.join(60)
        assert not thread.is_alive(), "the server did not end"


@contextmanager
def serving(root: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run `mdtasks serve` as a process of its own; give it, and the address of a token's folder."""
    still(root)
    token = mdtasks(root, "feed", "token", "new", "test", "--json").json["url"].split("/")[3]
    arguments = command(root, "serve", "--port", "0")
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, env=environ()) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(rb" at (http://\S+)", line):
                break
        else:
            raise AssertionError("it says no address")
        reader = threading.Thread(target=process.stderr.read)
        reader.start()
        try:
            yield process, f"{found[1].decode().rstrip('/')}/{token}"
        finally:
            process.terminate()
            process.wait(60)
            reader.join()


class Box(NamedTuple):
    button: str
    text: str


class _Reader(HTMLParser):
    """Finds the forms of a page, and the words of each element that has an id."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(found["action"], {}, ""))
        elif tag == "input":
            self.forms[-1].fields[found["name"]] = found["value"]
            return
        elif tag == "button":
            self.forms[-1] = self.forms[-1]._replace(button=found.get("id", ""))
            self.names[found.get("id", "")] = found.get("aria-labelledby", "")
        if tag not in ("meta", "link", "path", "line", "rect", "circle", "br"):
            self._open.append((tag, found.get("id", "")))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for _, name in self._open:
            if name:
                self.words[name] = self.words.get(name, "") + data


def read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


def forms(page: str) -> list[Form]:
    return read(page).forms


def boxes(page: str) -> list[Box]:
    """Return the boxes that can be ticked, each with the text of its task."""
    found = read(page)
    labelled = {id_: label.split()[-1] for id_, label in found.names.items() if label}
    return [Box(id_, found.words[label].strip()) for id_, label in labelled.items()]


def words(page: str, name: str) -> str:
    """Return the words of the element with this id, "" if there is none."""
    return " ".join(read(page).words.get(name, "").split())
