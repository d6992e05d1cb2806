"""The published feed, over days and accidents: what subscribers get is never worse than before."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdtasks.app.session import open_session
from mdtasks.config import load, places
from mdtasks.index.store import delete
from mdtasks.render.ledger import Event
from mdtasks.render.vevent import Writer
from tests.conftest import MakeVault
from tests.feeds import raw_events
from tests.ics_rules import broken_history, broken_rules
from tests.running import mdtasks

SETTINGS = 'vault_id = "fed"\ntimezone = "Europe/Berlin"\n'
# Times of their own keep the plan the same from day to day.
WEEK = """\
- [ ] Monday ⏳ 2026-11-23 09:00 ⏱ 1h 📅 2026-11-24
- [ ] Tuesday ⏳ 2026-11-24 10:00 ⏱ 1h 📅 2026-11-27
- [ ] Thursday ⏳ 2026-11-26 10:00 ⏱ 1h 📅 2026-11-27
- [ ] Write the report ⏱ 2h ⏫ 🛫 2026-11-25 📅 2026-11-26
- [ ] Read the draft ⏱ 1h ⏫ 🛫 2026-11-26 📅 2026-11-26
- [ ] Too much for the week ⏱ 40h ⏫ 📅 2026-11-27
- [ ] Call the bank ⏱ 10m 🛫 2026-11-26 📅 2026-11-28
- [ ] Water the plants ⏱ 10m 🛫 2026-11-26 📅 2026-11-26
"""
MONDAY, TUESDAY, WEDNESDAY = (f"2026-11-{day}T08:30" for day in (23, 24, 25))
BROKEN = b"BEGIN:VEVENT\r\nUID:x@mdtasks\r\nDTSTART:later\r\nEND:VEVENT\r\n"


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"Work.md": WEEK, "mdtasks.toml": SETTINGS})


def feed_of(root: Path) -> Path:
    return places(root, load(root).config).feed


def synced(root: Path, now: str = MONDAY) -> bytes:
    assert mdtasks(root, "sync", now=now).code == 0
    data = feed_of(root).read_bytes()
    assert broken_rules(data) == []
    return data


def test_on_the_next_day_an_unchanged_plan_is_an_unchanged_feed(root: Path) -> None:
    monday, tuesday, wednesday = (synced(root, now) for now in (MONDAY, TUESDAY, WEDNESDAY))
    assert [*broken_history([monday, tuesday, wednesday])] == []
    first = raw_events(monday)
    assert len(first) > 10
    for later in map(raw_events, (tuesday, wednesday)):
        # A due date that has passed has no marker; else not a byte is another one.
        gone = {uid for uid in first if uid not in later}
        assert {first[uid].count(b"TRANSP:TRANSPARENT") for uid in gone} <= {1}
        assert {uid: first[uid] for uid in first if uid not in gone}.items() <= later.items()


def test_no_event_speaks_of_today_or_tomorrow(root: Path) -> None:
    text = synced(root).replace(b"\r\n ", b"").decode()
    assert "due 2026-11-26" in text
    for name in ("today", "tomorrow", "yesterday", "due Thu", "by Fri"):
        assert name not in text


def test_a_feed_that_does_not_parse_is_not_published(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = synced(root)
    (root / "Work.md").write_text(WEEK.replace("Read the draft", "Read the letter"))
    with monkeypatch.context() as broken:
        broken.setattr(Writer, "block", lambda *_: Event(BROKEN))
        ran = mdtasks(root, "sync")
        again = mdtasks(root, "calendar")
    assert (ran.code, ran.out, again.code, again.out) == (1, b"", 1, b"")
    assert (
        ran.said
        == again.said
        == [
            "mdtasks: the new calendar does not parse back, so the last good one is kept: DTSTART: "
            "Expected datetime, date, or time. Got: 'later'",
            "hint: this is a fault of mdtasks: please report it with this line",
        ]
    )
    assert feed_of(root).read_bytes() == before
    after = synced(root)
    assert b"Read the letter" in after
    assert [*broken_history([before, after])] == []


@pytest.mark.parametrize(
    "damaged",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[: data.rindex(b"BEGIN:VEVENT")],
        lambda data: b"",
        lambda data: b"\0" * len(data),
        lambda data: data.replace(b"\r\n", b"\n"),
        lambda data: data.replace(b"SEQUENCE:1", b"SEQUENCE:x"),
    ],
    ids=["half", "without an end", "empty", "zeros", "line ends", "one number"],
)
def test_a_damaged_feed_is_put_right_and_no_number_falls(root: Path, damaged: object) -> None:
    assert callable(damaged)
    first = synced(root)
    (root / "Work.md").write_text(WEEK.replace("Read the draft", "Read the letter"))
    second = synced(root, "2026-11-24T14:00")
    assert b"SEQUENCE:1" in second
    feed_of(root).write_bytes(damaged(second))
    assert synced(root, "2026-11-24T14:00") == second
    (root / "Work.md").write_text(WEEK.replace("Read the draft", "Read the book"))
    feed_of(root).write_bytes(damaged(second))
    assert [*broken_history([first, second, synced(root, "2026-11-24T14:01")])] == []


def test_a_lost_index_and_a_new_day_change_nothing(root: Path) -> None:
    synced(root)
    kept = synced(root, TUESDAY)
    delete(places(root, load(root).config).cache)
    assert synced(root, TUESDAY) == kept


def test_an_unchanged_feed_takes_no_lock(root: Path) -> None:
    synced(root)
    from mdtasks.write.locks import hold

    session = open_session(str(root), MONDAY, lambda line: None)
    with hold(session.places.state, "write"):
        assert mdtasks(root, "sync", now=MONDAY).code == 0


def test_a_calendar_may_be_named_like_a_property(vault: MakeVault) -> None:
    toml = '[feed]\nname = "X-PUBLISHED-TTL: mine"\n'
    root = vault({"a.md": "- [ ] Report 📅 2026-11-24\n", "mdtasks.toml": toml})
    unfolded = synced(root).replace(b"\r\n ", b"")
    assert b"\r\nNAME:X-PUBLISHED-TTL: mine\r\n" in unfolded
    assert unfolded.count(b"\r\nX-MDTASKS-TASK:") == 1
