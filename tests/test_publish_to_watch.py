"""A watcher carries the plan to the places of [[publish]] by itself, and waits for none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from mdtasks.app import carrying
from mdtasks.app.carrying import Carrier
from mdtasks.app.session import Session, open_session
from tests.conftest import MakeVault
from tests.dav import PASSWORD, USER, Phone, free_port, radicale
from tests.running import NOW, command, mdtasks
from tests.test_watch import Watcher, wait_until

NOTE = "- [ ] Write [scheduled:: 2026-11-23] [estimate:: 1h]\n"


@pytest.fixture
def phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Phone]:
    monkeypatch.setenv("PLAN_PASSWORD", PASSWORD)
    with radicale(tmp_path / "radicale") as address:
        phone = Phone(f"{address}plan/")
        phone.make()
        yield phone


def vault_of(vault: MakeVault, address: str) -> Path:
    login = f'user = "{USER}"\npassword_env = "PLAN_PASSWORD"\n'
    toml = f'timezone = "Europe/Berlin"\n[[publish]]\nname = "phone"\ncaldav = "{address}"\n{login}'
    return vault({"a.md": NOTE, "mdtasks.toml": toml})


def session_of(root: Path) -> Session:
    return open_session(str(root), NOW, lambda line: None)


class Rounds:
    """A carrier, what it says, and its rounds one by one."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._over = Event()
        self.carrier = Carrier(self.said.append, self._over.set)

    def run(self, root: Path) -> float:
        """Go on until the round is over; return when the next may come."""
        self._over.clear()
        self.carrier.go_on(session_of(root))
        assert self._over.wait(60)
        return self.carrier.go_on(session_of(root))


def test_a_watcher_puts_the_plan_where_the_telephone_sees_it(
    vault: MakeVault, phone: Phone
) -> None:
    watcher = Watcher(vault_of(vault, phone.address), command(vault({}), "watch"))
    try:
        wait_until(lambda: phone.titles() == ["Write"], "for the event")
    finally:
        assert watcher.stop() == 0


def test_a_change_is_carried_after_a_pause_and_nothing_else_is(
    vault: MakeVault, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = vault_of(vault, phone.address)
    mdtasks(root, "sync")
    rounds = Rounds()
    assert rounds.run(root) > carrying.HOUR - 60
    assert rounds.said == ["phone: 1 new"]
    (root / "a.md").write_text(NOTE.replace("Write", "Write it"))
    mdtasks(root, "sync")
    assert 0 < rounds.carrier.go_on(session_of(root)) <= carrying.PAUSE
    assert phone.titles() == ["Write"]
    later = time.monotonic() + carrying.PAUSE
    monkeypatch.setattr(time, "monotonic", lambda: later)
    rounds.run(root)
    assert phone.titles() == ["Write it"]
    assert rounds.said == ["phone: 1 new", "phone: 1 changed"]


def test_what_fails_is_told_once_and_tried_less_and_less_often(
    vault: MakeVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAN_PASSWORD", PASSWORD)
    root = vault_of(vault, f"http://127.0.0.1:{free_port()}/c/")
    mdtasks(root, "sync")
    rounds = Rounds()
    real, skipped = time.monotonic, 0.0
    monkeypatch.setattr(time, "monotonic", lambda: real() + skipped)
    pauses = []
    for _ in range(8):
        pauses.append(round(rounds.run(root) / 60))
        skipped += pauses[-1] * 60 + 1
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]
    assert rounds.said == ["phone: 127.0.0.1: connection refused"]


def test_without_a_place_nothing_is_begun(vault: MakeVault) -> None:
    rounds = Rounds()
    session = session_of(vault({"a.md": NOTE}))
    assert rounds.carrier.go_on(session) == carrying.HOUR
    assert not (session.places.state / "publish.lock").exists()
