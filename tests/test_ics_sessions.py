"""Sessions of weekly quotas in the feed: one event each, whatever is done in them."""

from __future__ import annotations

from datetime import timedelta

from mdtasks.model import Block, Kind, Plan
from mdtasks.render import ics
from mdtasks.settings import FeedSettings
from tests.feeds import BERLIN, at, only, publish, raw_events, task, uids
from tests.ics_rules import events

NAME = "#exercise 2026-11-23 2"


def session(hour: int, *tasks: str, name: str = NAME, day: int = 23) -> Block:
    start = at(hour, day=day)
    end = start + timedelta(minutes=30)
    return Block(start, end, "exercise", Kind.FOCUS, tasks, "session 2 of 3 a week", session=name)


def test_a_session_without_a_task_is_an_event_under_its_name() -> None:
    event = only(publish([session(9)], now=at(8)))
    assert event.get("SUMMARY") == "exercise"
    assert event.get("DESCRIPTION") == "session 2 of 3 a week"
    assert event.get("STATUS") == "CONFIRMED"
    assert event.get("TRANSP") == "OPAQUE"


def test_a_session_that_moves_is_the_same_event_with_a_higher_sequence() -> None:
    first = publish([session(9)], now=at(7))
    moved = publish([session(11, day=24)], now=at(8), published=first)
    assert uids(moved) == uids(first)
    assert [only(first).get("SEQUENCE"), only(moved).get("SEQUENCE")] == ["0", "1"]


def test_a_session_stays_the_same_event_when_a_task_fills_it() -> None:
    run = task("run", "Run in the park")
    empty = publish([session(9)], now=at(7))
    filled = publish([session(9, "run")], [run], now=at(8), published=empty)
    assert uids(filled) == uids(empty)
    assert only(filled).get("SUMMARY") == "Run in the park"
    assert only(filled).get("SEQUENCE") == "1"
    assert publish([session(9, "run")], [run], now=at(8), published=filled) == filled


def test_each_session_of_a_week_is_an_event_of_its_own() -> None:
    names = ("#exercise 2026-11-23 1", "#exercise 2026-11-23 2", "#reading 2026-11-23 1")
    blocks = [session(9 + n, name=name) for n, name in enumerate(names)]
    assert len({*uids(publish(blocks, now=at(8)))}) == 3


def test_another_vault_has_other_sessions() -> None:
    def uid(vault_id: str) -> list[str]:
        return uids(
            ics.feed(
                Plan(blocks=(session(9),)),
                {},
                FeedSettings(),
                vault_name="v",
                vault_root="/v",
                now=at(8),
                published=None,
                vault_id=vault_id,
            )
        )

    assert uid("one") == uid("one") != uid("other")


def test_a_session_that_is_over_stays_for_thirty_days_as_it_was() -> None:
    first = publish([session(9)], now=at(8))
    later = publish(
        [session(9, day=25, name="#exercise 2026-11-23 3")], now=at(8, day=25), published=first
    )
    assert raw_events(first).items() <= raw_events(later).items()
    assert len(events(later)) == 2
    gone = publish([], now=at(8) + timedelta(days=31), published=later)
    assert uids(first)[0] not in uids(gone)


def test_a_session_is_read_back_from_the_feed() -> None:
    data = publish([session(9), session(11, "run", name="#a 2026-11-23 1")], now=at(8))
    found = ics.last_plan(data, BERLIN).blocks
    assert [(block.session, block.tasks) for block in found] == [
        (NAME, ()),
        ("#a 2026-11-23 1", ("run",)),
    ]


def test_what_is_kept_free_is_no_event() -> None:
    lunch = Block(at(12), at(13), "lunch", Kind.BREAK)
    assert events(publish([lunch, lunch._replace(title="deep work")], now=at(8))) == []
