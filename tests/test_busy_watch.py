"""A watcher and busy calendars: fetched in the background, planned around when they come."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from mdtasks.app import busy, fetching
from mdtasks.app.fetching import Rounds
from mdtasks.app.session import Session, open_session
from tests.calendars import Server, body, calendar, meeting, serving
from tests.conftest import MakeVault
from tests.running import NOW, command, process
from tests.test_watch import Watcher, wait_until

MEETING = calendar(meeting("20261123T090000", "20261123T100000"))
NOTE = "- [ ] first [due:: 2026-11-23] [estimate:: 1h]\n"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(body(MEETING)) as server:
        yield server


def vault_of(vault: MakeVault, url: str) -> Path:
    toml = f'timezone = "Europe/Berlin"\n[[busy]]\nname = "work"\nurl = "{url}/a.ics"\n'
    return vault({"a.md": NOTE, "mdtasks.toml": toml})


def session_of(root: Path) -> Session:
    return open_session(str(root), NOW, lambda line: None)


def test_a_watcher_plans_around_what_came_and_waits_for_nothing(
    vault: MakeVault, server: Server
) -> None:
    gate = threading.Event()

    def late(handler: BaseHTTPRequestHandler) -> None:
        gate.wait(60)
        body(MEETING)(handler)

    server.answer = late
    root = vault_of(vault, server.url)
    watcher = Watcher(root, command(root, "watch"))
    try:
        wait_until(lambda: watcher.publishes("DTSTART:20261123T080000Z"), "for the first plan")
        gate.set()
        wait_until(lambda: watcher.publishes("DTSTART:20261123T090000Z"), "for the meeting")
        assert not watcher.publishes("Stand-up")
        assert len(server.asked) == 1
    finally:
        watcher.process.kill()
        watcher.process.wait()


def test_a_watcher_ends_at_once_also_while_a_server_is_silent(
    vault: MakeVault, server: Server
) -> None:
    server.answer = lambda handler: time.sleep(3)
    root = vault_of(vault, server.url)
    watcher = Watcher(root, command(root, "watch"))
    wait_until(lambda: server.asked, "for the request")
    assert watcher.stop() == 0


def test_rounds_come_every_quarter_of_an_hour_and_when_settings_change(
    vault: MakeVault, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = session_of(vault_of(vault, server.url))
    news: list[None] = []
    rounds = Rounds(lambda: news.append(None))
    assert fetching.ROUND - 5 < rounds.go_on(session) <= fetching.ROUND
    wait_until(lambda: news, "for news")
    rounds.go_on(session)
    assert len(server.asked) == 1
    (one,) = session.config.busy
    other = session._replace(config=session.config._replace(busy=(one._replace(all_day=True),)))
    rounds.go_on(other)
    wait_until(lambda: len(server.asked) == 2, "for the second round")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + fetching.ROUND + 1)
    rounds.go_on(other)
    wait_until(lambda: len(server.asked) == 3, "for the third round")
    assert len(news) == 1


def test_a_calendar_that_is_a_file_is_looked_at_each_minute(vault: MakeVault) -> None:
    root = vault({"a.md": NOTE, "mdtasks.toml": '[[busy]]\nfile = "a.ics"\n'})
    assert Rounds(lambda: None).go_on(session_of(root)) == fetching.LOOK


def test_nobody_waits_for_a_silent_server(vault: MakeVault, server: Server) -> None:
    gate, ended = threading.Event(), []

    def silent(handler: BaseHTTPRequestHandler) -> None:
        gate.wait(60)
        ended.append(handler)

    server.answer = silent
    session = session_of(vault_of(vault, server.url))
    fetching.fetch_all(session, 0.3)
    assert ended == []
    gate.set()
    assert [*fetching.lines(session)] == [
        "work: not reachable (timed out); its times are not kept free"
    ]


def test_several_calendars_are_fetched_at_the_same_time(vault: MakeVault) -> None:
    meeting_point = threading.Barrier(3)

    def together(handler: BaseHTTPRequestHandler) -> None:
        meeting_point.wait(60)
        body(MEETING)(handler)

    with serving(together) as server:
        tables = [f'[[busy]]\nname = "{n}"\nurl = "{server.url}/{n}.ics"' for n in range(3)]
        root = vault({"a.md": NOTE, "mdtasks.toml": "\n".join(tables)})
        session = session_of(root)
        fetching.fetch_all(session)
    assert [one.blocks for one in busy.read(session)] == [1, 1, 1]


def test_two_at_once_fetch_once(vault: MakeVault, server: Server) -> None:
    root = vault_of(vault, server.url)
    entered, gate = threading.Event(), threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        entered.set()
        gate.wait(60)
        body(MEETING)(handler)

    server.answer = slow
    first = threading.Thread(target=fetching.fetch_all, args=(session_of(root),))
    second = threading.Thread(target=fetching.fetch_all, args=(session_of(root),))
    first.start()
    assert entered.wait(60)
    second.start()
    time.sleep(0.2)
    gate.set()
    first.join()
    second.join()
    assert len(server.asked) == 1


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"a": 1}', b'{"x.ics": [1]}', b"\xff"])
def test_what_is_broken_in_the_cache_is_made_anew(
    vault: MakeVault, server: Server, broken: bytes
) -> None:
    root = vault_of(vault, server.url)
    assert process(root, "sync").code == 0
    (folder,) = Path(os.environ["XDG_CACHE_HOME"]).glob("mdtasks/*/busy")
    for path in folder.glob("*.json"):
        path.write_bytes(broken)
    assert process(root, "plan", "--json").json["blocks"][0]["kind"] == "busy"
    assert process(root, "sync").err == b""
    assert json.loads((folder / "copies.json").read_bytes())


def test_a_cache_that_cannot_be_written_is_done_without(vault: MakeVault) -> None:
    root = vault({"a.md": NOTE, "mdtasks.toml": '[[busy]]\nfile = "a.ics"\n'})
    (root / "a.ics").write_bytes(MEETING)
    assert process(root, "today").code == 0
    (folder,) = Path(os.environ["XDG_CACHE_HOME"]).glob("mdtasks/*/busy")
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.write_bytes(b"")
    assert process(root, "plan", "--json").json["blocks"][0]["title"] == "Stand-up (a)"
