"""Fetching a calendar: what a server may answer, and where an address must not lead."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest

from mdtasks.busy.fetch import Fetched, FetchError, Stamps, fetch, is_public, local_hosts
from tests.calendars import body, calendar, meeting, serving

DATA = calendar(meeting("20261123T090000", "20261123T100000"))
HERE = frozenset({"127.0.0.1"})
Answer = Callable[[BaseHTTPRequestHandler], None]
NONE = Stamps()


def fetched(answer: Answer, stamps: Stamps = NONE, seconds: float = 60.0) -> Fetched:
    with serving(answer) as server:
        return fetch(f"{server.url}/a.ics", stamps, HERE, seconds)


def refused(answer: Answer, seconds: float = 60.0) -> str:
    with pytest.raises(FetchError) as error:
        fetched(answer, seconds=seconds)
    return str(error.value)


def redirect(target: str) -> Answer:
    return body(b"", 302, {"Location": target})


def test_a_calendar_comes_with_what_the_server_says_of_it() -> None:
    stamps = {"ETag": '"7"', "Last-Modified": "Mon, 23 Nov 2026 08:00:00 GMT"}
    came = fetched(body(DATA, headers=stamps))
    assert came == Fetched(DATA, Stamps(*stamps.values()))


def test_what_is_still_right_is_not_sent_again() -> None:
    stamps = Stamps('W/"7"', "Mon, 23 Nov 2026 08:00:00 GMT")
    with serving(body(b"", 304)) as server:
        assert fetch(f"{server.url}/a.ics", stamps, HERE, 10) == Fetched(None, stamps)
        (_, headers) = server.asked[0]
    assert (headers["If-None-Match"], headers["If-Modified-Since"]) == stamps


def test_stamps_that_could_not_be_sent_back_are_dropped() -> None:
    assert fetched(body(DATA, headers={"ETag": "ü" * 3})).stamps == Stamps()


def test_packed_answers_are_unpacked() -> None:
    packed = gzip.compress(DATA)
    assert fetched(body(packed, headers={"Content-Encoding": "gzip"})).data == DATA
    assert "unpacked" in refused(body(DATA, headers={"Content-Encoding": "gzip"}))


@pytest.mark.parametrize("packed", [False, True])
def test_too_large_is_refused_while_it_comes(packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    large = DATA + b" " * (11 << 20)
    headers = {"Content-Encoding": "gzip"} if packed else {}
    assert refused(body(gzip.compress(large, 1) if packed else large, headers=headers)) == (
        "it is larger than 10 MB"
    )


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "no calendar at this address"), (403, "refuses"), (401, "password"), (503, "503")],
)
def test_what_the_server_refuses_is_told(status: int, words: str) -> None:
    assert words in refused(body(b"no", status))


def test_only_whole_calendars_count() -> None:
    assert refused(body(b"<html>")) == "what came is no whole calendar"
    assert refused(body(DATA[:-20])) == "what came is no whole calendar"
    assert refused(body(b"")) == "what came is no whole calendar"
    assert refused(body(DATA, headers={"Content-Length": "9999"})) == "only a part of it came"


def test_redirects_are_followed_and_keep_their_end() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/a.ics":
            redirect("/b.ics")(handler)
        else:
            body(DATA)(handler)

    assert fetched(answer).data == DATA
    assert "without end" in refused(redirect("/a.ics"))


@pytest.mark.parametrize(
    "target",
    [
        "http://localhost:9/x",
        "http://[::1]/x",
        "http://[::ffff:127.0.0.1]/x",
        "http://127.1/x",
        "http://0.0.0.0/x",
        "http://10.0.0.1/x",
        "http://169.254.169.254/latest",
    ],
)
def test_a_redirect_into_a_private_network_is_refused(target: str) -> None:
    assert "private network" in refused(redirect(target))


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://example.com/x", "", "//", "http://[", "http://a b/"]
)
def test_a_redirect_leads_to_the_web_or_nowhere(target: str) -> None:
    said = refused(redirect(target))
    assert said in (
        "it leads to no address on the web",
        "it leads from one address to the next without end",
        "its address cannot be read",
    )


def test_a_name_that_leads_into_a_private_network_is_refused_where_it_is_not_named() -> None:
    with serving(body(DATA)) as server, pytest.raises(FetchError, match="private network"):
        fetch(f"{server.url}/a.ics", Stamps(), frozenset(), 10)
    assert server.asked == []


def test_only_the_address_that_was_checked_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        (address,) = next(answers)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    tried: list[object] = []

    def connect(one: socket.socket, address: object) -> None:
        tried.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(FetchError, match="connection refused"):
        fetch("http://calendar.example/a.ics", Stamps(), frozenset(), 10)
    assert tried == [("93.184.215.14", 80)]


def test_a_server_that_speaks_no_encryption_is_told() -> None:
    with serving(body(DATA)) as server:
        url = server.url.replace("http:", "webcal:")
        with pytest.raises(FetchError, match="no encrypted connection"):
            fetch(url, Stamps(), HERE, 10)


def test_nobody_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(FetchError, match="connection refused"):
        fetch(f"http://127.0.0.1:{port}/", Stamps(), HERE, 10)


def drip(begin: bytes) -> Answer:
    """Return an answer that never ends, and never pauses for long."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(begin)
        while True:
            handler.wfile.write(b"X")
            handler.wfile.flush()
            time.sleep(0.02)

    return answer


@pytest.mark.parametrize(
    "begin",
    [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"],
)
def test_what_trickles_is_cut_off(begin: bytes) -> None:
    assert refused(drip(begin), seconds=0.3) == "timed out"


def test_silence_is_cut_off_also_where_encryption_should_begin() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        for scheme in ("http", "https", "webcal"):
            with pytest.raises(FetchError, match="timed out"):
                fetch(f"{scheme}://127.0.0.1:{port}/", Stamps(), HERE, 0.2)
    assert threading.active_count() < 20


def test_a_password_goes_to_its_own_server_alone() -> None:
    with serving(body(DATA)) as other:

        def answer(handler: BaseHTTPRequestHandler) -> None:
            redirect(f"{other.url}/b.ics")(handler)

        with serving(answer) as first:
            address = first.url.replace("//", "//me:p%40ss@")
            assert fetch(f"{address}/a.ics", Stamps("x"), HERE, 10).data == DATA
    assert first.asked[0][1]["Authorization"] == "Basic bWU6cEBzcw=="
    assert "Authorization" not in other.asked[0][1]
    assert "If-None-Match" not in other.asked[0][1]


def test_no_failure_shows_the_address() -> None:
    for url in ("http://127.0.0.1:9/hidden", "http://ho st/hidden", "http://[x/hidden", "x:hidden"):
        with pytest.raises(FetchError) as error:
            fetch(url, Stamps(), HERE, 5)
        assert "hidden" not in str(error.value)
        assert error.value.__suppress_context__ or error.value.__context__ is None


def test_which_hosts_a_person_names_as_local() -> None:
    urls = [
        "http://192.168.1.5/a.ics",
        "webcal://nas.local:8080/a.ics",
        "http://localhost/a",
        "http://NAS/a",
        "http://[fe80::1]/a",
        "https://calendar.google.com/a",
        "https://8.8.8.8/a",
        "nonsense",
    ]
    assert local_hosts(urls) == {"192.168.1.5", "nas.local", "localhost", "nas", "fe80::1"}


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public
