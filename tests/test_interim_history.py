"""A plan that goes on for a moment, after what only a history brings about: series that rest,
tasks that waited, and another run that plans at the same time."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdtasks.app.planning import current_plan, go_on
from mdtasks.index.store import Store
from mdtasks.model import Plan
from tests.conftest import MakeVault
from tests.test_interim import TOML, gone_on, named, reading, times, whole


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"mdtasks.toml": TOML})


def goes_on(root: Path, before: str, after: str) -> tuple[Plan, Plan]:
    """Return the plan that goes on from one text with another, and the whole one then."""
    (root / "a.md").write_text(before, "utf-8")
    whole(root)
    return gone_on(root, after), whole(root)


def reasons(plan: Plan) -> dict[str, str]:
    return {entry.task: entry.reason for entry in plan.unplaced}


SERIES = "- [ ] Water ⏱ 45m 🔁 every week\n"
LONG = "- [ ] Water ⏱ 40h 🔁 every week\n"
TICKED = "- [x] Water ⏱ 45m 🔁 every week ✅ 2026-11-23\n"
LAST_WEEK = TICKED.replace("11-23", "11-16")
OTHER = "- [ ] Call Bo 📅 2026-11-25\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(SERIES + TICKED, SERIES, id="its line is deleted"),
        pytest.param(SERIES + TICKED, SERIES + LAST_WEEK, id="its day is another"),
        pytest.param(SERIES + TICKED, SERIES + TICKED.replace("Water", "Rake"), id="reworded"),
        pytest.param(LONG + SERIES, LONG + TICKED, id="a long one rests"),
        pytest.param(LONG + TICKED, LONG + SERIES, id="a long one rests no more"),
    ],
)
def test_of_a_series_what_was_done_tells_at_once_whether_it_rests(
    root: Path, before: str, after: str
) -> None:
    interim, plan = goes_on(root, before + OTHER, after + OTHER)
    assert named(interim) == named(plan)


def test_what_waited_for_what_is_done_waits_no_more(root: Path) -> None:
    text = "- [ ] Proof 🆔 proof 🛫 2027-01-01\n- [ ] Letter ⏱ 45m 📅 2026-11-25 ⛔ proof\n"
    interim, plan = goes_on(root, text, text.replace("- [ ] Proof", "- [x] Proof"))
    assert not reasons(interim)
    assert times(interim) == times(plan)


def test_one_of_many_that_waits_is_told_by_what_it_waits_for_now(root: Path) -> None:
    waits = "".join(f"- [ ] Step {n} ⏱ 45m 📅 2026-11-25 ⛔ proof\n" for n in range(5))
    text = "- [ ] Proof 🆔 proof 🛫 2027-01-01\n" + waits
    interim, plan = goes_on(root, text, text.replace("Proof", "Proofs"))
    assert reasons(interim) == reasons(plan)
    assert set(reasons(plan).values()) == {"waits for “Proofs”"}


# Two at the same time: one makes the whole plan, the other lets the one before go on.

FULL = "".join(f"- [ ] Light {n} ⏱ 4h\n" for n in range(9))
URGENT = "- [ ] Report ⏱ 4h ⏫ 📅 2026-11-23\n"


def test_a_whole_plan_and_one_that_goes_on_are_never_mixed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "a.md").write_text(FULL, "utf-8")
    whole(root)
    put = Store.put

    def late(store: Store, name: str, *more: object) -> None:
        if name == "trial plan":
            monkeypatch.setattr(Store, "put", put)
            with reading(root) as (session, other):
                assert go_on(session, other)
        put(store, name, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "put", late)
    (root / "a.md").write_text(FULL + URGENT, "utf-8")
    with reading(root) as (session, store):
        current_plan(session, store)
        plan = current_plan(session, store)
        tasks = {task.uid for task in store.tasks()}
    assert named(plan) == tasks
    assert not times(plan).keys() & reasons(plan).keys()


def test_what_had_no_place_in_another_plan_is_not_told_of_this_one(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "a.md").write_text(FULL, "utf-8")
    whole(root)
    interim = gone_on(root, FULL + URGENT)
    get = Store.get

    def late(store: Store, name: str) -> bytes | None:
        if name == "trial plan: unplaced":
            monkeypatch.setattr(Store, "get", get)
            whole(root)
        return get(store, name)

    monkeypatch.setattr(Store, "get", late)
    with reading(root) as (session, store):
        plan = current_plan(session, store)
    assert (times(plan), reasons(plan)) == (times(whole(root)), reasons(whole(root)))
    assert reasons(plan) != reasons(interim)


def test_small_tasks_that_take_longer_push_nobody_out(root: Path) -> None:
    calls = "".join(f"- [ ] Call {name} ⏱ 10m 📅 2026-11-23\n" for name in ("Bo", "Li"))
    (root / "a.md").write_text(calls, "utf-8")
    whole(root)
    text = f"{calls}- [ ] Report ⏱ 45m 🔁 every day\n"
    before = gone_on(root, text)
    with reading(root) as (_, store):
        (report,) = (task.uid for task in store.tasks() if task.text == "Report")
    interim = gone_on(root, text.replace("Li ⏱ 10m", "Li ⏱ 15m"))
    assert times(interim)[report] == times(before)[report]
    assert named(interim) == named(before)


def test_a_plan_does_not_go_on_from_one_that_another_run_has_replaced(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "a.md").write_text(FULL, "utf-8")
    whole(root)
    (root / "a.md").write_text(FULL + URGENT, "utf-8")
    swap = Store.swap

    def late(store: Store, name: str, before: bytes, value: bytes) -> bool:
        whole(root)
        return swap(store, name, before, value)

    monkeypatch.setattr(Store, "swap", late)
    with reading(root) as (session, store):
        assert not go_on(session, store)
        plan = current_plan(session, store)
    assert (times(plan), reasons(plan)) == (times(whole(root)), reasons(whole(root)))
