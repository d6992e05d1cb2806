"""A plan that goes on for a moment with what has changed: nothing moves, and nothing is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdtasks.app import planning
from mdtasks.app.planning import current_plan, end_interim, go_on
from mdtasks.app.refresh import refresh
from mdtasks.app.session import Session, open_session
from mdtasks.app.today import prepare, today
from mdtasks.index.generation import MANY
from mdtasks.index.store import Store, delete
from mdtasks.model import Block, Plan, Task
from mdtasks.plan import schedule
from tests.conftest import MakeVault
from tests.running import NOW, mdtasks

TOML = 'timezone = "Europe/Berlin"\n[plan]\ndays = 3\n'
WORK = """\
- [ ] Report ⏱ 2h ⏫ 📅 2026-11-24
- [ ] Letter ⏱ 45m 📅 2026-11-25
- [ ] Release ⏱ 1h 📅 2026-11-25
    - [ ] Notes ⏱ 30m
    - [ ] Tell all ⏱ 30m
- [ ] Call Bo ⏱ 10m 📅 2026-11-24
"""


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"a.md": WORK, "mdtasks.toml": TOML})


@contextmanager
def reading(root: Path, now: str = NOW) -> Iterator[tuple[Session, Store]]:
    session = open_session(str(root), now, lambda line: None)
    with session.store() as store:
        refresh(session, store)
        yield session, store


def whole(root: Path) -> Plan:
    with reading(root) as (session, store):
        end_interim(session, store)
        return current_plan(session, store)


def gone_on(root: Path, text: str) -> Plan:
    """Return the plan that goes on with these tasks instead of those that it was made of."""
    (root / "a.md").write_text(text, "utf-8")
    with reading(root) as (session, store):
        assert go_on(session, store)
        return current_plan(session, store)


def times(plan: Plan) -> dict[str, list[tuple[datetime, datetime]]]:
    """Return when each task stands."""
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    for block in plan.blocks:
        for uid in block.tasks:
            found.setdefault(uid, []).append((block.start, block.end))
    return found


def texts(root: Path, plan: Plan) -> set[str]:
    with reading(root) as (_, store):
        return {task.text for task in store.tasks(uids={*times(plan)})}


def test_a_new_task_has_a_place_and_no_other_moves(root: Path) -> None:
    before = whole(root)
    after = gone_on(root, WORK + "- [ ] Slides ⏱ 1h 📅 2026-11-24\n")
    assert times(before).items() <= times(after).items()
    assert texts(root, after) - texts(root, before) == {"Slides"}
    assert after.moves == 0


def test_what_was_done_leaves_and_the_others_stay(root: Path) -> None:
    before = whole(root)
    after = gone_on(root, WORK.replace("- [ ] Report", "- [x] Report"))
    assert times(after).items() < times(before).items()
    assert texts(root, before) - texts(root, after) == {"Report"}


def test_a_step_that_was_done_leaves_the_others_and_not_the_whole(root: Path) -> None:
    whole(root)
    after = gone_on(root, WORK.replace("- [ ] Notes", "- [x] Notes"))
    assert texts(root, after) == {"Report", "Letter", "Tell all", "Call Bo"}
    after = gone_on(root, WORK.replace("    - [ ]", "    - [x]"))
    assert texts(root, after) == {"Report", "Letter", "Release", "Call Bo"}


def test_what_is_wanted_now_is_planned_by_its_steps(root: Path) -> None:
    text = WORK + "- [ ] Move house\n    - [ ] Boxes\n    - [ ] Van\n"
    (root / "a.md").write_text(text, "utf-8")
    before = whole(root)
    after = gone_on(root, text.replace("house", "house 📅 2026-11-25"))
    assert texts(root, after) - texts(root, before) == {"Boxes", "Van"}


def test_what_a_task_waits_for_is_looked_at_too(root: Path) -> None:
    text = WORK + "- [ ] Proof 🆔 proof\n"
    (root / "a.md").write_text(text, "utf-8")
    whole(root)
    after = gone_on(root, text.replace("Letter ⏱ 45m", "Letter ⏱ 45m ⛔ proof"))
    assert "Letter" not in texts(root, after)
    assert any("waits for" in entry.reason for entry in after.unplaced)


PARENTS = [
    "- [ ] Dig ⏱ 1h 📅 2026-11-24\n",
    "    - [ ] Step ⏱ 30m\n",
    "- [ ] Sow ⏱ 1h 📅 2026-11-24\n",
]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(PARENTS[::-1], id="two lines change places"),
        pytest.param([PARENTS[0], "- [ ] Notes ⏱ 1h\n", *PARENTS[1:]], id="one comes between"),
    ],
)
def test_a_task_that_loses_its_steps_is_planned_itself(root: Path, lines: list[str]) -> None:
    (root / "a.md").write_text("".join(PARENTS), "utf-8")
    whole(root)
    interim = gone_on(root, "".join(lines))
    assert named(interim) == named(whole(root))


def test_a_task_is_not_planned_beside_its_steps(root: Path) -> None:
    (root / "mdtasks.toml").write_text(TOML + '[statuses]\n"h" = "ON_HOLD"\n')
    (root / "b.md").write_text(
        "- [ ] Sow ⏱ 2h 📅 2026-11-24\n"
        "    - [ ] Beds ⏱ 9h 🛫 2026-12-01 📅 2026-12-24\n"
        "    - [h] Seeds ⏱ 10m 🆔 seeds\n",
        "utf-8",
    )
    whole(root)
    interim = gone_on(root, WORK.replace("Call Bo", "Call Bo ⛔ seeds"))
    assert "Sow" not in texts(root, interim)
    assert named(interim) == named(whole(root))


def test_what_had_to_move_is_told_by_the_whole_plan_too(root: Path) -> None:
    whole(root)
    text = WORK + "- [ ] Meet ⏳ 2026-11-23 09:00-12:00\n"
    interim = gone_on(root, text)
    assert interim.moves > 0
    interim = gone_on(root, text + "- [ ] Slides ⏱ 10m\n")
    plan = whole(root)
    told = {(move.task, move.reason) for move in interim.moved}
    assert told <= {(move.task, move.reason) for move in plan.moved}
    assert any("Meet" in move.reason for move in plan.moved)


def test_the_whole_plan_follows_on_it_and_then_stays(root: Path) -> None:
    whole(root)
    gone_on(root, WORK + "- [ ] Slides ⏱ 3h ⏫ 📅 2026-11-23\n")
    plan = whole(root)
    assert "Slides" in texts(root, plan)
    with reading(root) as (session, store):
        assert not go_on(session, store)
        delete(session.places.cache)
    assert times(whole(root)) == times(plan)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(WORK, id="nothing has changed"),
        pytest.param("".join(f"- [ ] new {n}\n" for n in range(planning.FEW + 1)), id="too much"),
        pytest.param("".join(f"- [ ] new {n}\n" for n in range(MANY + 1)), id="far too much"),
    ],
)
def test_it_does_not_go_on_where(root: Path, text: str) -> None:
    whole(root)
    (root / "a.md").write_text(text, "utf-8")
    with reading(root) as (session, store):
        assert not go_on(session, store)


def test_with_other_settings_or_on_another_day_the_plan_is_whole(root: Path) -> None:
    whole(root)
    (root / "a.md").write_text(WORK + "- [ ] Slides ⏱ 1h\n", "utf-8")
    with reading(root, "2026-11-24T08:30") as (session, store):
        assert not go_on(session, store)
    (root / "mdtasks.toml").write_text(TOML + "daily_load = '3h'\n")
    with reading(root) as (session, store):
        assert not go_on(session, store)


def test_after_a_moment_the_whole_plan_is_made_by_whoever_asks(root: Path) -> None:
    whole(root)
    gone_on(root, WORK + "- [ ] Slides ⏱ 1h 📅 2026-11-24\n")
    with reading(root) as (session, store):
        assert planning.is_interim(session, store)
        late = session._replace(began=session.began + planning.A_MOMENT)
        current_plan(late, store)
        assert not planning.is_interim(session, store)


class GivenUpError(Exception):
    """What a test raises while a plan is made."""


def test_whoever_gives_a_whole_plan_up_keeps_the_interim_one(root: Path) -> None:
    whole(root)
    interim = gone_on(root, WORK + "- [ ] Slides ⏱ 1h 📅 2026-11-24\n")
    asked = 0

    def heed() -> None:
        nonlocal asked
        asked += 1
        if asked == patience:
            raise GivenUpError

    with reading(root) as (session, store):
        for turn in range(1, 15):
            asked, patience = 0, turn
            with pytest.raises(GivenUpError):
                prepare(session, store, heed)
            assert planning.is_interim(session, store)
            assert current_plan(session, store) == interim
        patience = 0
        prepare(session, store, heed)
        assert not planning.is_interim(session, store)


def test_sync_makes_the_whole_plan(root: Path) -> None:
    whole(root)
    gone_on(root, WORK + "- [ ] Slides ⏱ 1h 📅 2026-11-24\n")
    assert mdtasks(root, "sync").code == 0
    with reading(root) as (session, store):
        assert not planning.is_interim(session, store)


LINES = st.builds(
    "{indent}- [{box}] {text}{length}{due}{rest}\n".format,
    indent=st.sampled_from(["", "", "    "]),
    box=st.sampled_from("   x/-"),
    text=st.sampled_from(["Report", "Letter", "Release", "Notes", "Call Bo", "Slides"]),
    length=st.sampled_from(["", " ⏱ 10m", " ⏱ 45m", " ⏱ 2h", " ⏱ 9h"]),
    due=st.sampled_from(["", " 📅 2026-11-20", " 📅 2026-11-23", " 📅 2026-11-25"]),
    rest=st.sampled_from(["", "", " ⏫", " 🆔 one", " ⛔ one", " ⏳ 2026-11-24", " 🔁 every day"]),
)
NOTES = st.lists(LINES, min_size=3, max_size=9)


@given(lines=NOTES, others=st.lists(st.tuples(st.integers(0, 8), LINES), min_size=1, max_size=3))
@settings(
    max_examples=60,
    deadline=timedelta(seconds=60),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_who_stood_and_may_still_stands_and_who_is_wanted_is_named(
    root: Path, lines: list[str], others: list[tuple[int, str]]
) -> None:
    (root / "a.md").write_text("".join(lines), "utf-8")
    with reading(root) as (session, store):
        before, stood = current_plan(session, store), seen(session, store)
    for at, line in others:
        lines = [*lines[:at], line, *lines[at + 1 :]]
    (root / "a.md").write_text("".join(lines), "utf-8")
    with reading(root) as (session, store):
        went = go_on(session, store)
        interim, stands = current_plan(session, store), seen(session, store)
        end_interim(session, store)
        plan = current_plan(session, store)
    if not went:
        assert before.blocks == interim.blocks
        return
    assert named(interim) == named(plan)
    same = {uid for uid, task in stands.items() if task == stood.get(uid)}
    lone = {uid for uid in same if not (stands[uid].parent or stands[uid].depends_on)}
    for uid, when in times(before).items():
        if uid in lone and uid in times(plan) and not _shares(before.blocks, uid):
            assert times(interim).get(uid) == when


def seen(session: Session, store: Store) -> dict[str, Task]:
    """Return the tasks as planning sees them: one of a series whose line did not change may rest
    now, as another was ticked."""
    return {task.uid: task for task in planning.as_planned(session, store, store.tasks(), Plan())}


def named(plan: Plan) -> set[str]:
    return {*times(plan)}.union(entry.task for entry in plan.unplaced)


def _shares(blocks: tuple[Block, ...], uid: str) -> bool:
    return any(uid in block.tasks and len(block.tasks) > 1 for block in blocks)


def change_meanwhile(root: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let another run read other tasks into the index while the next plan is made."""
    made = schedule.plan_days

    def slowly(*args: object, **others: object) -> Plan:
        plan = made(*args, **others)  # type: ignore[arg-type]
        monkeypatch.setattr(schedule, "plan_days", made)
        (root / "a.md").write_text(text, "utf-8")
        with reading(root):
            return plan

    monkeypatch.setattr(schedule, "plan_days", slowly)


@pytest.mark.parametrize("text", [f"{WORK}- [ ] Some day\n- [ ] Slides\n", WORK])
def test_what_changes_while_todays_list_is_made_is_in_the_next_one(
    root: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    for line in ("- [ ] One day\n", "- [ ] Some day\n"):
        (root / "a.md").write_text(WORK + line, "utf-8")
        with reading(root) as (session, store):
            current_plan(session, store)
    (root / "a.md").write_text(f"{WORK}- [ ] Some day\n- [ ] One day\n", "utf-8")
    change_meanwhile(root, text, monkeypatch)
    with reading(root) as (session, store):
        today(session, store, session.today)
        found, _ = today(session, store, session.today)
        store.put("today", b"")
        assert found == today(session, store, session.today)[0]


def test_what_changes_while_a_plan_is_made_is_in_the_next_one(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_meanwhile(root, WORK + "- [ ] Slides ⏱ 1h 📅 2026-11-24\n", monkeypatch)
    with reading(root) as (session, store):
        assert "Slides" not in texts(root, current_plan(session, store))
        assert "Slides" in texts(root, current_plan(session, store))
