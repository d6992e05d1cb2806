"""`mdtasks publish` into a CalDAV calendar that others use too: Radicale, as a process.

What is ours is kept in step; what is a person's, there or of ours by now, is never touched.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from mdtasks.app import outlets
from mdtasks.outlets.web import Answer, Server
from tests.conftest import MakeVault
from tests.dav import PASSWORD, USER, Phone, free_port, radicale, watched
from tests.running import Ran, mdtasks

NOTE = (
    "- [ ] Write [scheduled:: 2026-11-23] [estimate:: 1h] [priority:: high]\n"
    "- [ ] 14:00 Dentist [scheduled:: 2026-11-24] [estimate:: 30m]\n"
    "- [ ] Report [scheduled:: 2026-11-25] [estimate:: 1h]\n"
)
FOREIGN = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Phone//EN\r\nBEGIN:VEVENT\r\nUID:party\r\n"
    "DTSTAMP:20261101T000000Z\r\nDTSTART:20261124T190000Z\r\nDTEND:20261124T220000Z\r\n"
    "SUMMARY:Party\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
_numbers = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with radicale(tmp_path_factory.mktemp("radicale")) as address:
        yield address


@pytest.fixture
def phone(server: str) -> Phone:
    """Return a telephone with a calendar in which there is an event already."""
    phone = Phone(f"{server}c{next(_numbers)}/")
    phone.make()
    phone.ask("PUT", "party.ics", FOREIGN.encode())
    return phone


@pytest.fixture
def root(vault: MakeVault, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLAN_PASSWORD", PASSWORD)
    return vault({"a.md": NOTE, "mdtasks.toml": settings(phone.address)})


def settings(address: str, more: str = "") -> str:
    return (
        'vault_id = "home"\ntimezone = "Europe/Berlin"\n\n[[publish]]\nname = "phone"\n'
        f'caldav = "{address}"\nuser = "{USER}"\npassword_env = "PLAN_PASSWORD"\n{more}'
    )


def publish(root: Path, *args: str, code: int = 0) -> Ran:
    ran = mdtasks(root, "publish", *args)
    assert ran.code == code, ran.err
    assert PASSWORD not in (ran.out + ran.err).decode()
    return ran


def done(ran: Ran) -> tuple[int, int, int]:
    (one,) = ran.json["published"]
    return one["created"], one["changed"], one["removed"]


def save(root: Path, old: str, new: str) -> None:
    text = (root / "a.md").read_text()
    assert old in text
    (root / "a.md").write_text(text.replace(old, new))


def name_of(phone: Phone, title: str) -> str:
    (name,) = [name for name, text in phone.events().items() if f"SUMMARY:{title}" in text]
    return name


def stored(phone: Phone) -> dict[str, str]:
    """Return the marks of all that is in the calendar."""
    return {name: phone.ask("GET", name).etag for name in phone.names()}


def test_each_block_becomes_an_event_beside_those_of_others(root: Path, phone: Phone) -> None:
    ran = publish(root)
    assert ran.lines == ["phone: 3 new"]
    assert phone.titles() == ["Dentist", "Party", "Report", "Write"]
    assert phone.ask("GET", "party.ics").body.decode().count("BEGIN:VEVENT") == 1
    names = {unquote(name) for name in phone.names()} - {"party.ics"}
    assert all(name.endswith("@mdtasks.ics") for name in names)
    assert not any("X-MDTASKS" in text for text in phone.events().values())


def test_another_program_reads_them_as_a_calendar(root: Path, phone: Phone) -> None:
    from caldav.davclient import DAVClient

    publish(root)
    with DAVClient(phone.address, username=USER, password=PASSWORD) as client:
        events = client.calendar(url=phone.address).events()  # type: ignore[no-untyped-call]
        starts = {str(e.component["summary"]): e.component.start for e in events}
    assert starts["Dentist"].isoformat() == "2026-11-24T13:00:00+00:00"


def test_what_is_as_it_should_be_is_not_sent_again(root: Path, phone: Phone) -> None:
    publish(root)
    before = stored(phone)
    assert publish(root).lines == ["phone: 3 as before"]
    assert stored(phone) == before


def test_a_change_of_the_plan_changes_its_events_and_no_others(root: Path, phone: Phone) -> None:
    publish(root)
    before = stored(phone)
    save(root, "14:00 Dentist", "16:00 Dentist")
    save(root, "- [ ] Report", "- [x] Report")
    assert done(publish(root, "--json")) == (0, 1, 1)
    after = stored(phone)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {name_of(phone, "Dentist")}
    assert len(before.keys() - after.keys()) == 1
    assert "T150000Z" in phone.ask("GET", name_of(phone, "Dentist")).body.decode()


def test_an_event_that_a_person_changed_stays_and_is_told(root: Path, phone: Phone) -> None:
    publish(root)
    name = name_of(phone, "Dentist")
    phone.edit(name, "SUMMARY:Dentist", "SUMMARY:Dentist: bring the card")
    edited = phone.ask("GET", name)
    for _ in range(2):
        ran = publish(root, code=4)
        assert "“Dentist”" in ran.said[0]
        assert "changed there" in ran.said[0]
        assert ran.said[1].startswith("hint: `mdtasks publish --force`")
    save(root, "14:00", "16:00")
    publish(root, code=4)
    assert phone.ask("GET", name) == edited
    assert publish(root, "--force").lines == ["phone: 1 changed, 2 as before"]
    assert "bring the card" not in phone.ask("GET", name).body.decode()
    assert publish(root).lines == ["phone: 3 as before"]


def test_an_event_that_a_person_changed_is_theirs_when_its_block_goes(
    root: Path, phone: Phone
) -> None:
    publish(root)
    name = name_of(phone, "Dentist")
    phone.edit(name, "SUMMARY:Dentist", "SUMMARY:My dentist")
    save(root, "- [ ] 14:00 Dentist", "- [x] 14:00 Dentist")
    ran = publish(root, code=4)
    assert "“Dentist”" in ran.said[0]
    assert publish(root).err == b""
    assert publish(root, "--force").lines == ["phone: 2 as before"]
    assert "My dentist" in phone.titles()


def test_an_alarm_that_a_person_added_counts_as_a_change(root: Path, phone: Phone) -> None:
    publish(root)
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n"
    phone.edit(name_of(phone, "Write"), "END:VEVENT", f"{alarm}END:VEVENT")
    publish(root, code=4)
    assert "VALARM" in phone.ask("GET", name_of(phone, "Write")).body.decode()


def test_what_a_person_deleted_does_not_come_back_by_itself(root: Path, phone: Phone) -> None:
    publish(root)
    phone.delete(name_of(phone, "Report"))
    for _ in range(2):
        ran = publish(root)
        assert ran.lines == ["phone: 2 as before"]
        assert "“Report”" in ran.said[0]
        assert phone.titles() == ["Dentist", "Party", "Write"]
    assert publish(root, "--force").lines == ["phone: 1 new, 2 as before"]
    assert publish(root).err == b""


def test_a_dry_run_says_what_would_be_done_and_sends_nothing(root: Path, phone: Phone) -> None:
    assert publish(root, "--dry-run").lines == ["phone: 3 new, if it were done"]
    assert phone.titles() == ["Party"]
    publish(root)
    before = stored(phone)
    save(root, "14:00 Dentist", "16:00 Dentist")
    assert publish(root, "--dry-run").lines == ["phone: 1 changed, 2 as before, if it were done"]
    assert stored(phone) == before


def test_with_another_lens_the_events_of_the_first_go(root: Path, phone: Phone) -> None:
    publish(root)
    (root / "mdtasks.toml").write_text(settings(phone.address, 'lens = "busy"\n'))
    assert done(publish(root, "--json")) == (3, 0, 3)
    assert phone.titles() == ["Busy", "Busy", "Busy", "Party"]
    assert not any("Dentist" in text for text in phone.events().values())
    assert publish(root).lines == ["phone: 3 as before"]


def test_events_whose_ledger_is_lost_are_known_again_where_they_are_the_same(
    root: Path, phone: Phone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(root)
    before = stored(phone)
    phone.edit(name_of(phone, "Report"), "SUMMARY:Report", "SUMMARY:My report")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
    ran = publish(root, code=4)
    assert ran.lines == ["phone: 2 as before"]
    assert "“Report”" in ran.said[0]
    save(root, "14:00 Dentist", "16:00 Dentist")
    publish(root, code=4)
    assert len(stored(phone)) == len(before)
    assert "My report" in phone.titles()


def test_a_wrong_password_is_told_and_shown_nowhere(
    root: Path, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAN_PASSWORD", "wrong-but-secret")
    ran = mdtasks(root, "publish")
    assert (ran.code, ran.out) == (1, b"")
    assert ran.said[0].startswith("mdtasks: phone: 127.0.0.1: the server does not take this name")
    assert "wrong-but-secret" not in ran.err.decode()
    monkeypatch.delenv("PLAN_PASSWORD")
    ran = mdtasks(root, "publish")
    assert (ran.code, ran.said[0]) == (1, "mdtasks: phone: $PLAN_PASSWORD is not set")


@pytest.mark.parametrize("path", ["", "nothing-here/", "party.ics/"])
def test_what_is_no_calendar_gets_nothing(root: Path, phone: Phone, path: str) -> None:
    address = phone.address + path if path else phone.address.rpartition("/c")[0] + "/"
    (root / "mdtasks.toml").write_text(settings(address))
    ran = publish(root, code=1)
    assert ran.said[1].startswith("hint: ")
    assert phone.titles() == ["Party"]


def test_the_password_is_in_no_file_of_ours(root: Path, tmp_path: Path) -> None:
    publish(root)
    homes = [Path(os.environ[f"XDG_{n}_HOME"]) for n in ("CACHE", "STATE", "DATA", "CONFIG")]
    files = [p for home in homes for p in home.rglob("*") if p.is_file()]
    assert any(p.parent.name == "publish" for p in files)
    assert not [p for p in files if PASSWORD.encode() in p.read_bytes()]
    ledgers = [p for p in files if p.parent.name == "publish"]
    assert all(p.stat().st_mode & 0o077 == 0 for p in ledgers)
    sent = [p for p in ledgers if p.suffix == ".json"]
    assert sent
    assert all(json.loads(p.read_bytes())["entries"] for p in sent)


# What comes in between


def test_a_run_that_was_killed_is_completed_by_the_next(
    root: Path, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each request that changes something the run ends, as a kill would end it."""
    publish(root)
    save(root, "14:00 Dentist", "16:00 Dentist")
    save(root, "- [ ] Report", "- [x] Report")
    save(root, "- [ ] Write", "- [ ] Call [scheduled:: 2026-11-26] [estimate:: 1h]\n- [ ] Write")
    for _ in range(2):
        with monkeypatch.context() as patched:
            kill_after(patched, 1)
            with pytest.raises(_KilledError):
                mdtasks(root, "publish")
    publish(root)
    assert phone.titles() == ["Call", "Dentist", "Party", "Write"]
    assert "T150000Z" in phone.ask("GET", name_of(phone, "Dentist")).body.decode()
    assert publish(root).lines == ["phone: 3 as before"]


def test_what_a_killed_run_put_there_goes_when_the_plan_drops_it_meanwhile(
    root: Path, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        kill_after(patched, 3)
        with pytest.raises(_KilledError):
            mdtasks(root, "publish")
    assert len(phone.names()) == 4
    save(root, "- [ ] Report", "- [x] Report")
    publish(root)
    assert phone.titles() == ["Dentist", "Party", "Write"]


class _KilledError(BaseException):
    pass


def kill_after(patched: pytest.MonkeyPatch, requests: int) -> None:
    """End the run when so many requests have changed something: no word of it comes back, and
    nothing more is written down."""
    real, left = Server.ask, count(requests - 1, -1)

    def ask(self: Server, method: str, *args: Any, **more: Any) -> Answer:
        answer = real(self, method, *args, **more)
        if method in ("PUT", "DELETE") and next(left) == 0:
            patched.setattr(outlets, "_save", lambda *_: None)
            raise _KilledError
        return answer

    patched.setattr(Server, "ask", ask)


def test_a_change_at_the_last_moment_is_not_written_over(
    root: Path, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(root)
    name = name_of(phone, "Dentist")
    save(root, "14:00 Dentist", "16:00 Dentist")

    def edit_first(method: str, _: int) -> None:
        if method == "PUT":
            phone.edit(name, "SUMMARY:Dentist", "SUMMARY:Mine")

    with watched(monkeypatch, before=edit_first):
        ran = publish(root, code=4)
    assert "“Dentist”" in ran.said[0]
    assert "Mine" in phone.titles()
    publish(root, code=4)
    assert "Mine" in phone.titles()


def test_a_deletion_at_the_last_moment_counts(
    root: Path, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(root)
    name = name_of(phone, "Dentist")
    save(root, "14:00 Dentist", "16:00 Dentist")

    def delete_first(method: str, _: int) -> None:
        if method == "PUT":
            phone.delete(name)

    with watched(monkeypatch, before=delete_first):
        ran = publish(root)
    assert "not put there again" in ran.said[0]
    assert publish(root).lines == ["phone: 2 as before"]
    assert "Dentist" not in phone.titles()


def test_one_place_that_fails_stops_no_other(root: Path, phone: Phone, tmp_path: Path) -> None:
    text = (root / "mdtasks.toml").read_text()
    closed = f'[[publish]]\nname = "closed"\ncaldav = "http://127.0.0.1:{free_port()}/c/"\n'
    file = f'[[publish]]\nname = "file"\nfile = "{tmp_path / "plan.ics"}"\n'
    (root / "mdtasks.toml").write_text(text.replace("[[publish]]", f"{closed}{file}[[publish]]"))
    ran = publish(root, code=1)
    assert ran.lines == ["file: written", "phone: 3 new"]
    assert ran.said[0] == "mdtasks: closed: 127.0.0.1: connection refused"
    shown = publish(root, "closed", "--json", code=1).json["published"]
    assert [one["error"]["message"] for one in shown] == ["127.0.0.1: connection refused"]
