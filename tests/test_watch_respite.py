"""The watcher and the plan: the feed has a change at once, and the whole plan follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import signature
from math import inf
from pathlib import Path

import pytest

from mdtasks.app import planning
from mdtasks.app.today import today
from mdtasks.plan import schedule
from mdtasks.plan import today as checklists
from mdtasks.watch import loop
from mdtasks.watch.clock import Clock, Respite
from tests.conftest import MakeVault
from tests.running import NOW, mdtasks
from tests.test_watch import wait_until
from tests.watching import SETTINGS, Watching, session_of, task, watching


class Ticking:
    """A steady clock that a test sets."""

    now = 100.0

    @property
    def clock(self) -> Clock:
        return Clock(steady=lambda: self.now)


def test_a_respite_ends_when_nothing_has_changed_for_so_long() -> None:
    ticking = Ticking()
    respite = Respite(ticking.clock, 3, 30)
    assert (respite.left, respite.is_on) == (inf, False)
    respite.extend()
    ticking.now += 2
    assert (respite.left, respite.is_on) == (1, True)
    respite.extend()
    assert respite.left == 3
    ticking.now += 4
    assert (respite.left, respite.is_on) == (0, False)
    respite.end()
    assert (respite.left, respite.is_on) == (inf, False)


def test_a_respite_ends_though_changes_do_not() -> None:
    ticking = Ticking()
    respite = Respite(ticking.clock, 3, 30)
    for _ in range(29):
        respite.extend()
        ticking.now += 1
        assert respite.is_on
    respite.extend()
    ticking.now += 1
    assert respite.left == 0


class Plans:
    """Which plans were made: whole ones, and such that only went on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.whole: list[bool] = []
        made = schedule.plan_days

        def counted(*args: object) -> object:
            given = signature(made).bind(*args).arguments
            self.whole.append(not given["in_place"])
            return made(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(schedule, "plan_days", counted)


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"mdtasks.toml": SETTINGS, "a.md": task("first"), "b.md": task("second")})


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> Plans:
    return Plans(monkeypatch)


@pytest.fixture
def watcher(root: Path, plans: Plans) -> Iterator[Watching]:
    with watching(root, NOW, Clock()) as watcher:
        watcher.wait_for_rest()
        yield watcher


def test_each_save_goes_on_at_once(
    root: Path, plans: Plans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "SETTLED", 3600.0)
    with watching(root, NOW, Clock()) as watcher:
        watcher.wait_for_rest()
        for turn in range(3):
            (root / "a.md").write_text(task(f"first {turn}"), "utf-8")
            wait_until(lambda: watcher.publishes(f"first {turn}"))  # noqa: B023 (it waits here)
        # As long as a plan only goes on, nobody takes the index for all there is to know.
        assert not watcher.rests
    assert plans.whole == [True, False, False, False]


def test_the_whole_plan_follows(root: Path, plans: Plans, watcher: Watching) -> None:
    (root / "a.md").write_text(task("changed"), "utf-8")
    wait_until(lambda: watcher.publishes("changed"))
    watcher.wait_for_rest()
    assert plans.whole == [True, False, True]
    with session_of(root).store() as store:
        assert not planning.is_interim(session_of(root), store)


def test_what_others_have_read_into_the_index_goes_on_too(
    root: Path, plans: Plans, watcher: Watching
) -> None:
    assert mdtasks(root, "done", "a.md:1", "--json").code == 0
    wait_until(lambda: not watcher.publishes("first"))
    watcher.wait_for_rest()
    assert plans.whole[1:] == [False, True]


def test_a_save_of_prose_makes_no_plan(root: Path, plans: Plans, watcher: Watching) -> None:
    (root / "b.md").write_text("Words.\n\n" + task("second"), "utf-8")
    wait_until(lambda: watcher.said("read b.md"))
    watcher.wait_for_rest()
    assert plans.whole == [True]


def test_a_plan_that_a_dead_watcher_left_for_a_moment_is_made_whole(
    root: Path, plans: Plans
) -> None:
    with watching(root, NOW, Clock()) as watcher:
        watcher.wait_for_rest()
        (root / "a.md").write_text(task("changed"), "utf-8")
        wait_until(lambda: watcher.publishes("changed"))
    with session_of(root).store() as store:
        assert planning.is_interim(session_of(root), store)
    with watching(root, NOW, Clock()) as watcher:
        watcher.wait_for_rest()
    assert plans.whole == [True, False, True]


def test_todays_list_is_made_before_anybody_asks(
    root: Path, watcher: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "a.md").write_text(task("changed"), "utf-8")
    wait_until(lambda: watcher.publishes("changed"))
    watcher.wait_for_rest()
    monkeypatch.setattr(checklists, "checklist", None)
    session = session_of(root)
    with session.store() as store:
        _, tasks = today(session, store, session.today)
    assert "changed" in {each.text for each in tasks.values()}


def disturbed(monkeypatch: pytest.MonkeyPatch, disturb: Callable[[], object]) -> list[bool]:
    """Let something happen while each whole plan is made that heeds it; return for each whether
    it does."""
    made, heeded = schedule.plan_days, list[bool]()

    def slowly(*args: object) -> object:
        given = signature(made).bind(*args).arguments
        if not given["in_place"]:
            heeded.append(given["heed"] is not None)
            if heeded[-1]:
                disturb()
                wait_until(lambda: bool(given["heed"]()), "for a hint that is heeded")
        return made(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(schedule, "plan_days", slowly)
    return heeded


def test_a_whole_plan_gives_way_to_a_save(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SETTLED", 0.5)
    monkeypatch.setattr(loop, "LATEST", 5.0)
    saved: list[int] = []

    def save() -> None:
        saved.append(len(saved))
        (root / "b.md").write_text(task(f"second {saved[-1]}"), "utf-8")

    heeded = disturbed(monkeypatch, save)
    with watching(root, NOW, Clock()) as watcher:
        watcher.wait_for_rest()
        (root / "a.md").write_text(task("changed"), "utf-8")
        wait_until(lambda: watcher.publishes("second 0"))
        # No whole plan has come of it, but at last nobody is heeded.
        assert heeded[:2] == [False, True]
        watcher.wait_for_rest()
        assert watcher.publishes(f"second {saved[-1]}")
    assert heeded == [False, *[True] * len(saved), False]


def test_words_alone_put_a_whole_plan_off_and_no_more(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "SETTLED", 0.5)
    monkeypatch.setattr(loop, "LATEST", 3.0)
    heeded = disturbed(monkeypatch, lambda: (root / "prose.md").write_text(f"{heeded}", "utf-8"))
    with watching(root, NOW, Clock()) as watcher:
        watcher.wait_for_rest()
        (root / "a.md").write_text(task("changed"), "utf-8")
        wait_until(lambda: watcher.publishes("changed"))
        watcher.wait_for_rest()
        with session_of(root).store() as store:
            assert not planning.is_interim(session_of(root), store)
    assert (heeded[:2], heeded[-1]) == ([False, True], False)
