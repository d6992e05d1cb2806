"""`mdtasks publish` as a file on a web server, and in a folder; and what a server may answer."""

from __future__ import annotations

import json
import os
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import pytest

from mdtasks.errors import MdtasksError
from mdtasks.outlets import multistatus, web
from mdtasks.outlets.web import Server
from tests.calendars import body, serving
from tests.conftest import MakeVault
from tests.dav import PASSWORD, USER, Phone, webdav
from tests.running import Ran, mdtasks

NOTE = "- [ ] Write the #private letter [scheduled:: 2026-11-23] [estimate:: 1h]\n"
HEAD = 'vault_id = "home"\ntimezone = "Europe/Berlin"\n\n[[publish]]\n'
OTHERS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Other//EN\r\nEND:VCALENDAR\r\n"
_numbers = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with webdav(tmp_path_factory.mktemp("webdav")) as address:
        yield address


@pytest.fixture
def phone(server: str) -> Phone:
    return Phone(f"{server}plan{next(_numbers)}.ics")


@pytest.fixture
def root(vault: MakeVault, phone: Phone, tmp_path: Path) -> Path:
    secret = tmp_path / "my secret"
    secret.write_text(f"{PASSWORD}\nanother line\n", "utf-8")
    words = json.dumps(["/bin/cat", str(secret)])
    login = f'user = "{USER}"\npassword_command = {words}\n'
    return vault({"a.md": NOTE, "mdtasks.toml": f'{HEAD}webdav = "{phone.address}"\n{login}'})


def publish(root: Path, *args: str, code: int = 0) -> Ran:
    ran = mdtasks(root, "publish", *args)
    assert ran.code == code, ran.err
    assert PASSWORD not in (ran.out + ran.err).decode()
    return ran


def feed() -> bytes:
    return (Path(os.environ["XDG_DATA_HOME"]) / "mdtasks" / "home" / "calendar.ics").read_bytes()


def change(root: Path, to: str = "2h") -> None:
    (root / "a.md").write_text(NOTE.replace("1h", to))


# A file on a web server


def test_the_file_is_the_feed_and_sent_only_when_it_differs(root: Path, phone: Phone) -> None:
    assert publish(root).lines == ["127.0.0.1: written"]
    first = phone.ask("GET")
    assert first.body == feed()
    assert publish(root).lines == ["127.0.0.1: as before"]
    assert phone.ask("GET").etag == first.etag
    change(root)
    assert publish(root).lines == ["127.0.0.1: written"]
    assert phone.ask("GET").body == feed() != first.body


def test_what_is_there_as_it_was_left_does_not_travel_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(root)
    seen: list[tuple[str, int]] = []
    real = Server.ask

    def ask(self: Server, method: str, *args: str, **more: object) -> web.Answer:
        answer = real(self, method, *args, **more)  # type: ignore[arg-type]
        seen.append((method, answer.status))
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(Server, "ask", ask)
        publish(root)
    assert seen == [("GET", 304)]


def test_a_file_that_somebody_else_wrote_stays(root: Path, phone: Phone) -> None:
    publish(root)
    phone.ask("PUT", body=OTHERS)
    for _ in range(2):
        ran = publish(root, code=4)
        assert "written by somebody else" in ran.said[0]
        assert "--force" in ran.said[1]
        change(root)
    assert phone.ask("GET").body == OTHERS
    publish(root, "--force")
    assert phone.ask("GET").body == feed()


def test_a_file_that_was_there_before_stays(root: Path, phone: Phone) -> None:
    phone.ask("PUT", body=OTHERS)
    publish(root, code=4)
    assert phone.ask("GET").body == OTHERS


def test_a_file_written_at_the_last_moment_stays(
    root: Path, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(root)
    change(root)
    real = Server.ask

    def ask(self: Server, method: str, *args: str, **more: object) -> web.Answer:
        if method == "PUT":
            phone.ask("PUT", body=OTHERS)
        return real(self, method, *args, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Server, "ask", ask)
        publish(root, code=4)
    assert phone.ask("GET").body == OTHERS


def test_a_file_that_was_removed_there_is_written_again(root: Path, phone: Phone) -> None:
    publish(root)
    phone.ask("DELETE")
    assert publish(root).lines == ["127.0.0.1: written"]
    assert phone.ask("GET").body == feed()


def test_a_run_killed_after_the_file_came_there_is_completed(
    root: Path, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(root)
    change(root)
    real = Server.ask

    def ask(self: Server, method: str, *args: str, **more: object) -> web.Answer:
        answer = real(self, method, *args, **more)  # type: ignore[arg-type]
        if method == "PUT":
            raise KeyboardInterrupt
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(Server, "ask", ask)
        publish(root, code=130)
    assert phone.ask("GET").body == feed()
    change(root, "3h")
    assert publish(root).lines == ["127.0.0.1: written"]


def test_a_dry_run_sends_nothing(root: Path, phone: Phone) -> None:
    assert publish(root, "--dry-run").lines == ["127.0.0.1: to be written"]
    assert phone.ask("GET").status == 404


def test_through_a_lens_nothing_private_leaves(root: Path, phone: Phone) -> None:
    text = (root / "mdtasks.toml").read_text()
    (root / "mdtasks.toml").write_text(f'{text}lens = "busy"\n')
    publish(root)
    there = phone.ask("GET").body
    assert b"SUMMARY:Busy" in there
    assert not any(word in there for word in (b"letter", b"a.md", b"private", b"X-MDTASKS"))
    assert publish(root).lines == ["127.0.0.1: as before"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["/bin/false"], "it ends with 1"),
        (["/bin/true"], "it says nothing"),
        (["/nowhere/pass", "show"], "No such file or directory"),
        ([sys.executable, "-c", "print('hidden'); raise SystemExit('hidden')"], "it ends with 1"),
    ],
)
def test_a_command_without_a_password_is_told_and_not_quoted(
    root: Path, words: list[str], said: str
) -> None:
    lines = (root / "mdtasks.toml").read_text().splitlines()
    lines[-1] = f"password_command = {json.dumps(words)}"
    (root / "mdtasks.toml").write_text("\n".join(lines))
    ran = publish(root, code=1)
    assert said in ran.said[0]
    assert "hidden" not in ran.err.decode()


def test_a_folder_that_is_not_there_is_told(root: Path, phone: Phone) -> None:
    text = (root / "mdtasks.toml").read_text()
    (root / "mdtasks.toml").write_text(text.replace("/plan", "/no/such/plan"))
    ran = publish(root, code=1)
    assert "409" in ran.said[0] or "404" in ran.said[0]
    assert ran.said[1].startswith("hint: ")


# A file in a folder


@pytest.fixture
def filed(vault: MakeVault) -> Path:
    return vault({"a.md": NOTE, "mdtasks.toml": f'{HEAD}file = "../shared/plan.ics"\n'})


def test_a_file_in_a_folder_is_written_only_when_it_differs(filed: Path) -> None:
    path = filed.parent / "shared" / "plan.ics"
    assert publish(filed, "--dry-run").lines == ["plan: to be written"]
    assert not path.exists()
    assert publish(filed).lines == ["plan: written"]
    before = path.stat()
    assert path.read_bytes() == feed()
    assert publish(filed).lines == ["plan: as before"]
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_calendar_of_somebody_else_in_the_folder_stays(filed: Path) -> None:
    path = filed.parent / "shared" / "plan.ics"
    path.parent.mkdir()
    path.write_bytes(OTHERS)
    ran = publish(filed, code=1)
    assert "another calendar" in ran.said[0]
    assert path.read_bytes() == OTHERS
    publish(filed, "--force")
    assert path.read_bytes() == feed()


# Which places


def test_without_a_place_it_says_how_to_set_one(vault: MakeVault) -> None:
    ran = mdtasks(vault({"a.md": NOTE}), "publish")
    assert (ran.code, "[[publish]]" in ran.said[1]) == (1, True)


def test_an_unknown_name_is_a_wrong_call_that_names_the_known(filed: Path) -> None:
    ran = publish(filed, "plna", code=2)
    assert ran.said[1] == "hint: known: plan"


def test_the_json_tells_what_was_done(filed: Path) -> None:
    (one,) = publish(filed, "--json").json["published"]
    assert one == {
        "name": "plan",
        "kind": "file",
        "lens": "full",
        "created": 1,
        "changed": 0,
        "removed": 0,
        "unchanged": 0,
        "conflicts": [],
        "deleted": [],
        "refused": [],
        "error": None,
    }


# What a server may answer


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
