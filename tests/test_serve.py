"""The server: real processes, asked as calendar programs ask."""

from __future__ import annotations

import gzip
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import MakeVault
from tests.ics_rules import broken_rules, events
from tests.running import command, mdtasks, process
from tests.serving import Got, Server, calendar, new_token, wait_until

SETTINGS = 'vault_id = "served"\ntimezone = "Europe/Berlin"\n'
NOTE = "- [ ] first 📅 2026-11-23\n- [ ] Call Dr. Moss 📅 2026-11-24 #private [estimate:: 1h]\n"
ALWAYS = {
    "x-robots-tag": "noindex",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

Serve = Callable[..., Server]


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"mdtasks.toml": SETTINGS, "a.md": NOTE})


@pytest.fixture
def serve() -> Iterator[Serve]:
    running: list[Server] = []

    def start(root: Path, words: Sequence[str] = ()) -> Server:
        running.append(Server(root, words))
        return running[-1]

    yield start
    for server in running:
        server.process.kill()
        server.process.wait()


class Standing(NamedTuple):
    """A server that is only asked; `token` is for all of the feed, `busy` for when alone."""

    server: Server
    token: str
    busy: str
    feed: Path


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    root = tmp_path_factory.mktemp("standing") / "vault"
    root.mkdir()
    (root / "mdtasks.toml").write_text(SETTINGS)
    (root / "a.md").write_text(NOTE)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CACHE", "STATE", "DATA", "CONFIG"):
            patch.setenv(f"XDG_{name}_HOME", str(root.parent / name))
        tokens = new_token(root, "phone"), new_token(root, "they", "busy")
        server = Server(root)
    for token in tokens:
        server.ready(token)
    yield Standing(server, *tokens, root.parent / "DATA/mdtasks/served/calendar.ics")
    server.process.kill()
    server.process.wait()


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


# The feed


def test_the_feed_is_what_was_published(standing: Standing) -> None:
    got = standing.server.ask(calendar(standing.token))
    assert got.status == 200
    assert got.headers["content-type"] == "text/calendar; charset=utf-8"
    assert got.headers["cache-control"] == "private, no-cache"
    assert got.headers["content-length"] == str(len(got.body))
    assert ALWAYS.items() <= got.headers.items()
    assert "server" not in got.headers
    assert broken_rules(got.body) == []
    assert got.body == standing.feed.read_bytes()


def test_who_has_it_already_is_told_so(standing: Standing) -> None:
    server, path = standing.server, calendar(standing.token)
    plain = server.ask(path)
    packed = server.ask(path, {"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.body) == plain.body
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == (
        "gzip",
        "Accept-Encoding",
    )
    assert packed.headers["etag"] != plain.headers["etag"]
    for got, more in ((plain, {}), (packed, {"Accept-Encoding": "gzip"})):
        again = server.ask(path, {"If-None-Match": f'"x", W/{got.headers["etag"]}', **more})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == got.headers["etag"]
        assert again.headers["vary"] == "Accept-Encoding"
        assert again.headers["cache-control"] == "private, no-cache"
        assert "content-type" not in again.headers
    other = server.ask(path, {"If-None-Match": packed.headers["etag"]})
    assert (other.status, other.body) == (200, plain.body)
    assert server.ask(path, {"If-None-Match": "*"}).status == 304
    assert server.ask(path, {"If-Match": '"x"'}).status == 412


def test_a_date_serves_where_there_is_no_tag(standing: Standing) -> None:
    server, path = standing.server, calendar(standing.token)
    wait_until(lambda: "last-modified" in server.ask(path).headers)
    changed = server.ask(path).headers["last-modified"]
    assert server.ask(path, {"If-Modified-Since": changed}).status == 304
    since = {"If-Modified-Since": changed, "If-None-Match": '"x"'}
    assert server.ask(path, since).status == 200
    old = {"If-Modified-Since": "Sun, 22 Nov 2020 08:00:00 GMT"}
    assert server.ask(path, old).status == 200


def test_head_is_get_without_the_body(standing: Standing) -> None:
    server, path = standing.server, calendar(standing.token)
    get, head = (server.ask(path, method=method) for method in ("GET", "HEAD"))
    assert head.body == b""
    drop = {"date", "last-modified"}
    assert {k: v for k, v in head.headers.items() if k not in drop} == {
        k: v for k, v in get.headers.items() if k not in drop
    }


# Who may come in


def test_nobody_learns_from_an_answer_which_tokens_there_are(standing: Standing) -> None:
    server, token = standing.server, standing.busy
    unknown = "A" * 43

    def without_date(got: Got) -> Got:
        return got._replace(headers={k: v for k, v in got.headers.items() if k != "date"})

    nowhere = without_date(server.ask("/"))
    assert nowhere.status == 404
    for path in ("", "/", "/x", "/calendar.ics/", "/today", "/calendar.ICS", "/events"):
        for each in (token, unknown):
            assert without_date(server.ask(f"/{each}{path}")) == nowhere, path
    for method in ("GET", "POST", "OPTIONS"):
        assert without_date(server.ask(calendar(unknown), method=method)) == nowhere
    assert ALWAYS.items() <= nowhere.headers.items()


def test_one_can_only_read(standing: Standing) -> None:
    server, token = standing.server, standing.token
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "TRACE"):
        got = server.ask(calendar(token), method=method, body=b"x")
        assert (got.status, got.headers["allow"]) == (405, "GET, HEAD"), method


def test_tokens_count_and_stop_counting_at_once(root: Path, serve: Serve) -> None:
    server = serve(root)
    assert "nobody has an address yet" in server.said()
    for lens in ("full", "busy", "title", "actual", "project:a"):
        token = new_token(root, lens, lens)
        assert server.ready(token).status == 200
        assert server.ask(calendar(token), {"Accept-Encoding": "gzip"}).status == 200
        assert mdtasks(root, "feed", "token", "revoke", lens).code == 0
        assert server.ask(calendar(token)).status == 410
        assert server.ask(f"/{token}/today").status == 410


def test_a_broken_list_lets_nobody_in_until_it_is_whole(root: Path, serve: Serve) -> None:
    token = new_token(root, "phone")
    server = serve(root)
    assert server.ready(token).status == 200
    (path,) = Path(os.environ["XDG_STATE_HOME"]).rglob("subscribers.json")
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    assert server.ask(calendar(token)).status == 404
    assert "no list of subscribers" in server.said()
    path.write_bytes(whole)
    assert server.ask(calendar(token)).status == 200


def test_only_who_asks_for_this_host_is_answered(standing: Standing) -> None:
    server = standing.server
    ours = ("127.0.0.1", "localhost:9", "[::1]")
    strangers = ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "")
    for hosts, status in ((ours, 404), (strangers, 421)):
        for host in hosts:
            got = server.ask("/x/calendar.ics", {"Host": host})
            assert got.status == status, host
            assert ALWAYS.items() <= got.headers.items()


def test_a_request_without_a_host_is_refused(standing: Standing) -> None:
    server = standing.server
    for words, status in ((b"GET /healthz HTTP/1.0", b"421"), (b"GET /healthz HTTP/1.1", b"400")):
        with server.connect() as connection:
            connection.sendall(words + b"\r\n\r\n")
            assert connection.recv(1000).split()[1] == status


# What it follows


def test_it_follows_the_notes_and_a_lens_only_what_it_shows(root: Path, serve: Serve) -> None:
    full, busy = new_token(root, "me"), new_token(root, "they", "busy")
    server = serve(root)
    wait_until(lambda: server.shows(calendar(full), "Dr. Moss"))
    before = server.ready(busy)
    assert [event.get("SUMMARY") for event in events(before.body)] == ["Busy", "Busy"]
    note = root / "a.md"
    note.write_text(note.read_text().replace("Dr. Moss", "Dr. Mossy"))
    wait_until(lambda: server.shows(calendar(full), "Dr. Mossy"))
    append(note, "- [ ] second 📅 2026-11-23 [estimate:: 2h]\n")
    wait_until(lambda: server.shows(calendar(full), "second"))
    wait_until(lambda: len(events(server.ask(calendar(busy)).body)) > 2)


def test_a_private_edit_is_no_change_for_the_others(root: Path, serve: Serve) -> None:
    full, busy = new_token(root, "me"), new_token(root, "they", "busy")
    server = serve(root)
    tag = server.ready(busy).headers["etag"]
    note = root / "a.md"
    note.write_text(note.read_text().replace("Dr. Moss", "Dr. Mossy"))
    wait_until(lambda: server.shows(calendar(full), "Dr. Mossy"))
    assert server.ask(calendar(busy), {"If-None-Match": tag}).status == 304


def test_it_serves_what_another_watches_and_takes_over(root: Path, serve: Serve) -> None:
    full, title = new_token(root, "me"), new_token(root, "they", "title")
    (root / "mdtasks.toml").write_text(f"{SETTINGS}[serve]\nport = {free_port()}\n")
    other = serve(root, command(root, "watch", "--serve"))
    server = serve(root)
    wait_until(lambda: "another mdtasks watches this vault" in server.said())
    append(root / "a.md", "- [ ] second 📅 2026-11-23\n")
    wait_until(lambda: server.shows(calendar(title), "second"))
    assert server.ask("/healthz").status == 200
    other.stop(signal.SIGKILL)
    append(root / "a.md", "- [ ] third 📅 2026-11-23\n")
    wait_until(lambda: server.shows(calendar(full), "third"), server.said())


def test_a_second_watcher_that_serves_is_refused(root: Path, serve: Serve) -> None:
    serve(root)
    second = process(root, "watch", "--serve")
    assert second.code == 5
    assert "another mdtasks holds the lock `watch`" in second.err.decode()


# Health


def test_health_tells_whether_the_vault_is_there(root: Path, serve: Serve) -> None:
    server = serve(root)
    wait_until(lambda: server.ask("/healthz").status == 200)
    assert server.ask("/healthz").body == b"ok\n"
    assert server.ask("/healthz", method="POST").status == 405
    root.rename(root.with_name("away"))
    got = server.ask("/healthz")
    assert (got.status, got.body) == (503, b"not ok\n")
    root.with_name("away").rename(root)
    wait_until(lambda: server.ask("/healthz").status == 200)


def test_the_last_good_feed_is_served_while_the_vault_is_away(root: Path, serve: Serve) -> None:
    token = new_token(root, "phone", "title")
    server = serve(root)
    before = server.ready(token).body
    root.rename(root.with_name("away"))
    wait_until(lambda: server.ask("/healthz").status == 503)
    got = server.ask(calendar(token))
    assert (got.status, got.body) == (200, before)


# How it begins and ends


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_whoever_is_still_there(
    root: Path, serve: Serve, by: signal.Signals
) -> None:
    token = new_token(root, "phone")
    server = serve(root)
    assert server.ready(token).status == 200
    with server.connect() as idle, server.connect() as half, server.connect() as open_page:
        half.sendall(b"GET / HT")
        open_page.sendall(f"GET /{token}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert open_page.recv(4096).startswith(b"HTTP/1.1 200")
        port = server.port
        assert server.stop(by) == 0
        idle.settimeout(60)
        assert idle.recv(10) == b""
    assert "Traceback" not in server.said()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_port_in_use_is_said(root: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = process(root, "serve", "--port", str(port))
    assert ran.code == 1
    assert ran.said == [
        f"mdtasks: 127.0.0.1:{port}: cannot be served: Address already in use",
        f"hint: is a `serve` running already? else take another port: --port {port + 1}",
    ]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--host", "0.0.0.0"), 1, "0.0.0.0 can be reached by others, and nobody has a token"),
        (("--host", "192.0.2.1", "--port", "0"), 1, "nobody has a token"),
        (("--host", "a:80"), 2, "--host a:80: this is no host"),
        (("--port", "70000"), 2, "70000"),
    ],
)
def test_what_would_be_no_good_is_refused(
    root: Path, words: Sequence[str], code: int, said: str
) -> None:
    ran = process(root, "serve", *words)
    assert ran.code == code
    assert said in ran.said[0]


def test_others_can_come_once_somebody_has_a_token(root: Path, serve: Serve) -> None:
    token = new_token(root, "phone")
    (root / "mdtasks.toml").write_text(SETTINGS + '[serve]\nallowed_hosts = ["laptop.local"]\n')
    words = command(root, "serve", "--host", "0.0.0.0", "--port", "0")
    server = serve(root, words)
    known = f"at http://0.0.0.0:{server.port}, known as http://laptop.local:{server.port} (Ctrl-C"
    assert known in server.said()
    server.ready(token)
    assert server.ask(calendar(token), {"Host": "laptop.local:1"}).status == 200
    assert server.ask(calendar(token), {"Host": "192.168.1.5"}).status == 421


def test_an_address_that_is_not_ours_is_said(root: Path) -> None:
    new_token(root, "phone")
    ran = process(root, "serve", "--host", "192.0.2.1", "--port", "0")
    assert ran.code == 1
    assert ran.said[1] == "hint: an address of this machine is wanted; see [serve] host"


def test_no_token_is_in_anything_that_the_process_shows(root: Path, serve: Serve) -> None:
    tokens = [new_token(root, lens, lens) for lens in ("full", "busy")]
    server = serve(root)
    for token in tokens:
        for path in ("calendar.ics", "today", "x", "%00", "%ff"):
            server.ask(f"/{token}/{path}")
            server.ask(f"/{token}/{path}", {"Host": "evil.example"})
            server.ask(f"/{token}/{path}?{token}", method="POST", body=token.encode())
        with server.connect() as connection:
            connection.sendall(f"GET /{token}/ HTTP/9.9 x\r\n{token}\r\n\r\n".encode())
            assert token.encode() not in connection.recv(4096)
    about = Path(f"/proc/{server.process.pid}")
    shown = [(about / name).read_bytes() for name in ("cmdline", "comm", "environ")]
    shown += [path.read_bytes() for path in (about / "task").glob("*/comm")]
    server.stop()
    files = [path.read_bytes() for path in root.parent.rglob("*") if path.is_file()]
    home = [path.read_bytes() for path in Path.home().rglob("*") if path.is_file()]
    everything = b"".join([*shown, *files, *home])
    assert not [token for token in tokens if token.encode() in everything]
