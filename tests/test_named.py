"""What a feed names, as one who publishes again and again knows it: what it would be anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdtasks.app import named
from mdtasks.app.named import Memory
from mdtasks.app.planning import current_blocks, end_interim, go_on
from mdtasks.app.publish import publish
from mdtasks.app.refresh import refresh
from mdtasks.app.session import open_session
from mdtasks.index.store import Store, delete
from mdtasks.model import Plan
from mdtasks.render.ics import feed
from tests.conftest import MakeVault

NOW = "2026-11-23T08:00"
TOML = 'timezone = "Europe/Berlin"\n[plan]\ndays = 3\n'
LINES = (
    "- [ ] Report ⏱ 2h ⏫ 📅 2026-11-24\n",
    "- [x] Report ⏱ 2h ⏫ 📅 2026-11-24\n",
    "- [ ] Release ⏱ 1h 📅 2026-11-25\n    - [ ] Notes\n    - [ ] Tell all\n",
    "- [ ] Release ⏱ 1h 📅 2026-11-25\n    - [ ] Tell all\n    - [x] Notes\n",
    "- [ ] Release\n    - [ ] Notes 📅 2026-11-26\n",
    "- [ ] Far away 📅 2027-02-01\n",
    "- [ ] Far away 📅 2026-11-25 ⛔ proof\n",
    "- [ ] Proof 🆔 proof 🛫 2027-01-01\n",
    "- [ ] Long ⏱ 90h 📅 2026-11-25\n",
    "- [ ] Water 🔁 every day\n",
)
NOTE = st.lists(st.sampled_from(LINES), max_size=6).map("".join)


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"mdtasks.toml": TOML})


def saved(root: Path, memory: Memory, is_moment: bool, now: str = NOW) -> None:
    """Publish as a watcher does after a save."""
    session = open_session(str(root), now, lambda line: None)
    with session.store() as store:
        refresh(session, store)
        if not (is_moment and go_on(session, store)):
            end_interim(session, store)
        publish(session, store, attended=False, memory=memory)


def seen(root: Path, memory: Memory, now: str = NOW) -> tuple[bytes, bytes]:
    """Return the feed of what the memory gives for the next one, and of what there is."""
    session = open_session(str(root), now, lambda line: None)
    with session.store() as store:
        refresh(session, store)
        plan = current_blocks(session, store)
        remembered = memory.named(store, plan, store.get("feed came of"))
        anew = Memory().named(store, plan, None)
        assert remembered.tasks.keys() == anew.tasks.keys()
        first, second = (
            feed(
                plan,
                each.tasks,
                session.config.feed,
                vault_name="v",
                vault_root="/v",
                now=session.now,
                published=None,
                marks=each.marks,
            )
            for each in (remembered, anew)
        )
        return first, second


SAVES = st.lists(st.tuples(NOTE, NOTE, st.booleans()), min_size=2, max_size=4)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SAVES)
def test_what_is_remembered_is_what_there_is(
    root: Path, saves: list[tuple[str, str, bool]]
) -> None:
    memory = Memory()
    for one, other, is_moment in saves:
        (root / "a.md").write_text(one, "utf-8")
        (root / "b.md").write_text(other, "utf-8")
        saved(root, memory, is_moment)
        remembered, anew = seen(root, memory)
        assert remembered == anew


def test_only_what_has_changed_is_loaded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "a.md").write_text("".join(LINES), "utf-8")
    memory = Memory()
    saved(root, memory, is_moment=False)

    def everything(store: Store, plan: Plan, placed: object) -> None:
        raise AssertionError

    monkeypatch.setattr(named, "_tasks", everything)
    (root / "a.md").write_text("".join(LINES) + "- [ ] Slides 📅 2026-11-24\n", "utf-8")
    saved(root, memory, is_moment=True)
    published = open_session(str(root), NOW, lambda line: None).places.feed
    assert b"Slides" in published.read_bytes()


def test_what_another_published_is_not_what_is_remembered(root: Path) -> None:
    memory = Memory()
    (root / "a.md").write_text(LINES[0], "utf-8")
    saved(root, memory, is_moment=False)
    (root / "a.md").write_text(LINES[0] + LINES[2], "utf-8")
    saved(root, Memory(), is_moment=False)
    (root / "a.md").write_text(LINES[2], "utf-8")
    remembered, anew = seen(root, memory)
    assert remembered == anew


def test_of_a_deleted_index_nothing_is_remembered(root: Path) -> None:
    memory = Memory()
    (root / "a.md").write_text(LINES[0], "utf-8")
    saved(root, memory, is_moment=False)
    delete(open_session(str(root), NOW, lambda line: None).places.cache)
    (root / "a.md").write_text(LINES[2], "utf-8")
    remembered, anew = seen(root, memory)
    assert remembered == anew


def test_on_the_next_day_what_is_due_is_looked_for_anew(root: Path) -> None:
    memory = Memory()
    (root / "a.md").write_text("- [ ] Later 📅 2026-11-26\n" + LINES[0], "utf-8")
    saved(root, memory, is_moment=False)
    remembered, anew = seen(root, memory, "2026-11-24T08:00")
    assert remembered == anew
    assert b"Later" in anew


def test_what_is_kept_is_swapped_for_what_was_read_and_for_nothing_else(root: Path) -> None:
    with open_session(str(root), NOW, lambda line: None).store() as store:
        assert not store.swap("plan", b"one", b"two")
        store.put("plan", b"one")
        assert store.swap("plan", b"one", b"two")
        assert not store.swap("plan", b"one", b"three")
        assert store.get("plan") == b"two"
