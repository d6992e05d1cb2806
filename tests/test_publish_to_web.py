"""`mdtasks publish` as a file on a web server, and in a folder."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.dav import PASSWORD, USER, Phone, watched, webdav
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
    with watched(monkeypatch, after=lambda *one: seen.append(one)):
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

    def write_first(method: str, _: int) -> None:
        if method == "PUT":
            phone.ask("PUT", body=OTHERS)

    with watched(monkeypatch, before=write_first):
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

    def kill(method: str, _: int) -> None:
        if method == "PUT":
            raise KeyboardInterrupt

    with watched(monkeypatch, after=kill):
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
    return vault({"a.md": NOTE, "mdtasks.toml": f'{HEAD}file = "../synced/plan.ics"\n'})


def test_a_file_in_a_folder_is_written_only_when_it_differs(filed: Path) -> None:
    path = filed.parent / "synced" / "plan.ics"
    assert publish(filed, "--dry-run").lines == ["plan: to be written"]
    assert not path.exists()
    assert publish(filed).lines == ["plan: written"]
    before = path.stat()
    assert path.read_bytes() == feed()
    assert publish(filed).lines == ["plan: as before"]
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_calendar_of_somebody_else_in_the_folder_stays(filed: Path) -> None:
    path = filed.parent / "synced" / "plan.ics"
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
