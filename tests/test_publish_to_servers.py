"""Servers to which the plan is published: what they may answer, and what they never get."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mdtasks.errors import MdtasksError
from mdtasks.outlets import multistatus, web
from mdtasks.outlets.web import Server
from tests.calendars import body, serving


def asked(address: str, seconds: float = 5.0) -> web.Answer:
    with Server(f"{address}/a.ics", ("me", "pw"), seconds) as server:
        return server.ask("GET")


def refused(address: str, seconds: float = 5.0) -> MdtasksError:
    with pytest.raises(MdtasksError) as error:
        asked(address, seconds)
    assert "a.ics" not in f"{error.value.message} {error.value.hint}"
    return error.value


def test_a_redirect_on_the_same_server_is_followed() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        here = handler.path == "/a.ics"
        body(b"", 307, {"Location": "/b.ics"})(handler) if here else body(b"yes")(handler)

    with serving(answer) as server:
        assert asked(server.url).body == b"yes"
        assert [path for path, _ in server.asked] == ["/a.ics", "/b.ics"]


@pytest.mark.parametrize("to", ["http://localhost:1/a.ics", "https://127.0.0.1/", "//example.com/"])
def test_nothing_is_sent_to_another_server(to: str) -> None:
    with serving(body(b"", 302, {"Location": to})) as server:
        assert "leads to another server" in refused(server.url).message


def test_redirects_without_end_end() -> None:
    with serving(body(b"", 302, {"Location": "/a.ics"})) as server:
        assert "without end" in refused(server.url).message


def test_an_answer_that_trickles_is_cut_off() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b".")
            handler.wfile.flush()
            time.sleep(0.01)  # the server's patience, not the test's

    with serving(answer) as server:
        assert refused(server.url, 0.3).message == "127.0.0.1: timed out"


def test_an_answer_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "LARGEST", 1 << 20)
    with serving(body(b" " * (2 << 20))) as server:
        assert "larger than 1 MB" in refused(server.url).message


def test_a_stranger_with_a_certificate_of_his_own_gets_nothing() -> None:
    with serving(body(b"")) as server:
        error = refused(server.url.replace("http:", "https:"))
    assert "encrypted" in error.message


def test_a_closed_port_is_told() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    assert refused(f"http://127.0.0.1:{port}").message == "127.0.0.1: connection refused"


def test_a_name_that_nobody_knows_is_told() -> None:
    assert "the name is not known" in refused("https://nobody.invalid").message


def test_a_connection_that_the_server_closed_meanwhile_is_made_anew() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.protocol_version = "HTTP/1.1"
        body(b"yes")(handler)
        handler.close_connection = True

    with serving(answer) as made, Server(made.url, None, 5) as server:
        assert [server.ask("GET").body for _ in range(3)] == [b"yes"] * 3


@pytest.mark.parametrize(
    "said", [b"", b"<html/>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", b"<multistatus"]
)
def test_what_is_no_listing_is_none(said: bytes) -> None:
    with pytest.raises(ValueError, match=r"definitions|no element|html|unclosed"):
        multistatus.read(said, "/c/")


def test_a_listing_names_what_lies_in_the_calendar_itself() -> None:
    said = (
        b'<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
        b"<d:response><d:href>https://x.example/dav/My%20plan/</d:href><d:propstat><d:prop>"
        b"<d:resourcetype><d:collection/><c:calendar/></d:resourcetype></d:prop></d:propstat>"
        b"</d:response><d:response><d:href>/dav/My%20plan/a%40b.ics</d:href><d:propstat><d:prop>"
        b'<d:resourcetype/><d:getetag>"1"</d:getetag></d:prop></d:propstat></d:response>'
        b"<d:response><d:href>/dav/My%20plan/b.ics</d:href><d:propstat><d:prop/></d:propstat>"
        b"</d:response></d:multistatus>"
    )
    assert multistatus.read(said, "/dav/My%20plan/") == (True, {"a@b.ics": '"1"', "b.ics": ""})
    assert not multistatus.read(said, "/dav/").is_calendar


# With encryption

TLS = Path(__file__).parent / "cases" / "tls"


@pytest.fixture
def encrypted() -> Iterator[str]:
    """Give the address of a server that nobody has vouched for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body(self.headers["Authorization"].encode())(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            return

    server = Quiet(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_certificate_that_nobody_vouched_for_gets_no_password(encrypted: str) -> None:
    error = refused(encrypted)
    assert "its certificate is not trusted" in error.message
    assert "$SSL_CERT_FILE" in error.hint


def test_a_certificate_of_ones_own_may_be_named(
    encrypted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "certificate.pem"))
    with Server(encrypted, ("me", "pw"), 5) as server:
        assert [server.ask("GET").body for _ in range(2)] == [b"Basic bWU6cHc="] * 2
