"""What the commands do with the outbox: deliver it, show it, and tell it at the prompt."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdtasks.app import changes
from mdtasks.app.refresh import opened
from mdtasks.app.session import Session, open_session
from mdtasks.write import outbox
from tests.conftest import MakeVault
from tests.running import NOW, mdtasks, still
from tests.test_outbox import asked
from tests.ticking import ONE, ONE_DATED, dated


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def session(vault: MakeVault, told: list[str]) -> Session:
    root = vault({"a.md": ONE, "b.md": "- [ ] two\n"})
    session = open_session(str(root), NOW, told.append)
    session.places.state.mkdir(parents=True)
    return session


def test_a_session_delivers_what_a_killed_run_left(session: Session) -> None:
    state = session.places.state
    assert not changes.deliver(session)
    asked(session.root, state, dated("a.md", 1, "one"))
    still(session.root)
    assert changes.deliver(session)
    assert not changes.deliver(session)
    assert (session.root / "a.md").read_bytes() == ONE_DATED
    assert not changes.waiting(session)
    assert not changes.notices(session)


def test_a_watcher_comes_back_until_nothing_is_left_to_do(session: Session) -> None:
    assert changes.tend(session) is None
    asked(session.root, session.places.state, dated("a.md", 1, "one"))
    assert changes.tend(session) == changes.AGAIN  # the note was saved just now
    still(session.root)
    due = changes.tend(session)
    assert due is not None
    assert 0 < due <= 1  # it is written: the first look
    assert (session.root / "a.md").read_bytes() == ONE_DATED


def test_what_waits_is_one_line_each(session: Session) -> None:
    asked(session.root, session.places.state, dated("a.md", 1, "one"))
    (session.root / "a.md").write_bytes(b"another\n")
    still(session.root)
    changes.deliver(session)
    assert changes.notices(session) == (
        "not written: a.md:1: - [ ] one (this line changed since it was read)",
    )
    assert [one.path for one in changes.waiting(session)] == ["a.md"]


def test_undo_of_what_waits_says_so(session: Session, told: list[str]) -> None:
    asked(session.root, session.places.state, dated("a.md", 1, "one"))
    (session.root / "a.md").write_bytes(b"another\n")
    still(session.root)
    with opened(session) as (store, _):
        assert changes.undo(session, store) == ()
    assert told == ["this will not be written any more: a.md:1"]
    assert outbox.is_empty(session.places.state)


def test_undo_of_a_tick_that_waits_takes_it_back_and_says_nothing_else(session: Session) -> None:
    assert mdtasks(session.root, "done", "b.md:1").code == 0
    asked(session.root, session.places.state, dated("a.md", 1, "one"))
    (session.root / "a.md").write_bytes(b"another\n")
    still(session.root)
    trial = mdtasks(session.root, "undo", "--dry-run")
    assert (trial.lines, trial.said) == (
        [],
        ["mdtasks: this would not be written any more: a.md:1", "mdtasks: nothing would change"],
    )
    ran = mdtasks(session.root, "undo")
    assert (ran.code, ran.lines) == (0, [])
    assert ran.said == [
        "mdtasks: this will not be written any more: a.md:1",
        "mdtasks: what waited is taken back, and no note was changed",
    ]
    assert outbox.is_empty(session.places.state)


def test_a_command_that_changes_delivers_first(session: Session) -> None:
    asked(session.root, session.places.state, dated("a.md", 1, "one"))
    assert mdtasks(session.root, "done", "b.md:1").code == 0
    assert (session.root / "a.md").read_bytes() == ONE_DATED
    assert mdtasks(session.root, "undo").code == mdtasks(session.root, "undo").code == 0
    assert Path(session.root, "a.md").read_bytes() == ONE
