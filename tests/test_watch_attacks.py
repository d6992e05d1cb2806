"""What may befall a watcher while its plan only goes on: the clock, the settings, the disk, and
other runs beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mdtasks.app.planning import is_interim
from mdtasks.app.publish import Published
from mdtasks.app.session import Session, open_session
from mdtasks.index.store import Store
from mdtasks.watch import loop
from mdtasks.watch.loop import Loop
from tests.conftest import MakeVault
from tests.running import NOW, mdtasks
from tests.test_watch import wait_until
from tests.test_watch_clock import Turned, first_day
from tests.watching import SETTINGS, Watching, watching

HOUR = 3600.0
DAY = 24 * HOUR


def wanted(text: str) -> str:
    return f"- [ ] {text} ⏱ 30m ⏫\n"


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"mdtasks.toml": SETTINGS, "a.md": wanted("first"), "b.md": wanted("second")})


def goes_on(watcher: Watching) -> None:
    """Let a save be in the feed, and the plan be one for a moment."""
    (watcher.root / "a.md").write_text(wanted("changed"), "utf-8")
    wait_until(lambda: watcher.publishes("changed"), "for the save")


def is_whole(root: Path, now: str | None = None) -> bool:
    session = open_session(str(root), now, lambda line: None)
    with session.store() as store:
        return not is_interim(session, store)


@pytest.mark.parametrize(
    ("moment", "seconds", "day"),
    [
        pytest.param("2026-11-23T23:59:58", 0, "2026-11-24", id="midnight"),
        pytest.param("2026-11-23T23:00", HOUR, "2026-11-24", id="asleep over midnight"),
        pytest.param("2026-03-29T01:59:58", 0, "2026-03-29", id="an hour is left out"),
        pytest.param("2026-10-25T02:59:58", 0, "2026-10-25", id="an hour comes twice"),
        pytest.param("2026-11-23T08:30", 60, "2026-11-23", id="set forward"),
        pytest.param("2026-11-23T08:30", 3 * DAY, "2026-11-26", id="asleep for days"),
        pytest.param("2026-11-23T08:30", -2 * HOUR, "2026-11-23", id="set back"),
        pytest.param("2026-11-23T08:30", -2 * DAY, "2026-11-21", id="set back by days"),
    ],
)
def test_whatever_the_clock_does_the_whole_plan_follows(
    root: Path, moment: str, seconds: float, day: str
) -> None:
    turned = Turned(moment)
    with watching(root, None, turned.clock) as watcher:
        watcher.wait_for_rest()
        goes_on(watcher)
        turned.turn(seconds)
        wait_until(lambda: first_day(root) == date.fromisoformat(day), "for the day")
        watcher.wait_for_rest()
        assert is_whole(root)
        assert watcher.publishes("changed")


def test_a_note_that_is_saved_without_end_does_not_keep_the_whole_plan_back(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "SETTLED", 0.5)
    monkeypatch.setattr(loop, "LATEST", 3.0)
    made = Loop._publish

    def and_hear(self: Loop, session: Session, store: Store, hinted: bool) -> Published:
        self._hint("b.md")
        return made(self, session, store, hinted)

    with watching(root) as watcher, monkeypatch.context() as patch:
        watcher.wait_for_rest()
        patch.setattr(Loop, "_publish", and_hear)
        goes_on(watcher)
        wait_until(lambda: is_whole(root, NOW), "for the whole plan")


def test_what_was_saved_as_the_index_was_made_anew_is_in_the_feed(root: Path) -> None:
    with watching(root) as watcher:
        watcher.wait_for_rest()
        (root / "a.md").write_text(wanted("changed"), "utf-8")
        assert mdtasks(root, "index", "--rebuild").code == 0
        wait_until(lambda: watcher.publishes("changed"), "for the save")
