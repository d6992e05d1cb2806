"""Nobody can hold the server up: real sockets that are slow, greedy, or many."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mdtasks.serve.limits import MOST_CONNECTIONS
from tests.conftest import MakeVault
from tests.running import command
from tests.serving import Server, calendar, new_token, rest_of, wait_until

# The same limits, but for a test's patience.
IMPATIENT = """
from mdtasks.serve import limits
limits.REQUEST_SECONDS = 2
limits.WRITE_SECONDS = 2
limits.KEEP_ALIVE_SECONDS = 1
from mdtasks.cli import main
main()
"""


@pytest.fixture
def root(vault: MakeVault) -> Path:
    tasks = "".join(f"- [ ] task {n} 📅 2026-11-2{n % 7 + 3}\n" for n in range(40))
    return vault({"a.md": tasks})


@pytest.fixture
def server(root: Path) -> Iterator[Server]:
    words = command(root, "serve", "--port", "0")
    made = Server(root, [sys.executable, "-c", IMPATIENT, *words[3:]])
    yield made
    made.process.kill()
    made.process.wait()


LONG = b"x" * 20_000
ASKS = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


NO_REQUESTS = {
    "path": (b"GET /" + LONG + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"431"),
    "query": (b"GET /?" + LONG + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"431"),
    "header": (ASKS + b"X: " + LONG + b"\r\n\r\n", b"431"),
    "headers": (ASKS + b"X: yyyy\r\n" * 4000 + b"\r\n", b"431"),
    "endless": (b"GET /" + LONG, b"400"),
    "tls": (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400"),
    "hosts": (ASKS + b"Host: b\r\n\r\n", b"400"),
    "websocket": (ASKS + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n", b"404"),
}


def test_what_is_no_small_request_is_refused_and_cut_off(server: Server) -> None:
    found = {}
    for name, (said, _) in NO_REQUESTS.items():
        with server.connect() as connection:
            connection.sendall(said)
            found[name] = rest_of(connection).split(b" ")[1]
    assert found == {name: status for name, (_, status) in NO_REQUESTS.items()}
    assert server.ask("/healthz").status == 200


def test_who_does_not_finish_a_request_is_cut_off(server: Server) -> None:
    answers = []
    for said in (b"", ASKS, ASKS + b"\r\nGET /"):
        with server.connect() as connection:
            connection.settimeout(60)
            connection.sendall(said)
            answers.append(rest_of(connection)[:12])  # ends when the other side does, else raises
    assert answers == [b"", b"", b"HTTP/1.1 404"]
    assert server.ask("/healthz").status == 200


def drip(connection: socket.socket, drop: bytes) -> tuple[int, bytes]:
    """Send the same again and again; return how often that went well, and the answer."""
    connection.settimeout(0.1)
    answer = b""
    for sent in range(200):
        try:
            connection.sendall(drop)
            answer += connection.recv(1000)
        except TimeoutError:
            continue
        except (BrokenPipeError, ConnectionResetError):
            return sent, answer
    return 200, answer


def test_who_drips_a_request_is_cut_off(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(ASKS)
        sent, answer = drip(connection, b"X: y\r\n")
    assert sent < 100
    assert answer == b""


def test_who_drips_a_body_that_nobody_wants_is_cut_off(server: Server, root: Path) -> None:
    token = new_token(root, "phone")
    head = f"POST {calendar(token)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n"
    with server.connect() as connection:
        connection.sendall(head.encode())
        sent, answer = drip(connection, b"x")
    assert sent < 100
    assert answer.startswith(b"HTTP/1.1 405")


def flood(connection: socket.socket, request: bytes) -> None:
    """Ask for more than the buffers of both sides hold, and read nothing."""
    while True:
        connection.sendall(request * 50)


def test_who_does_not_read_is_cut_off(server: Server, root: Path) -> None:
    token = new_token(root, "phone")
    server.ready(token)
    request = f"GET {calendar(token)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(60)
        connection.connect(("127.0.0.1", server.port))
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            flood(connection, request)
    assert server.ask("/healthz").status == 200


def test_more_than_enough_connections_are_refused_and_the_next_are_welcome(server: Server) -> None:
    with ExitStack() as many:
        for _ in range(MOST_CONNECTIONS):
            many.enter_context(server.connect())
        assert server.ask("/healthz").status == 503
    wait_until(lambda: server.ask("/healthz").status == 200)
