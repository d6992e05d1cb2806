"""The published feed is the ledger: stamps, numbers, and reading it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.errors import BrokenFeedError
from mdtasks.model import Kind, Plan
from mdtasks.render import ics
from mdtasks.render.ledger import Mark, read_ledger
from mdtasks.settings import FeedSettings
from tests.feeds import (
    BERLIN,
    at,
    block,
    only,
    publish,
    raw_events,
    task,
    uids,
)
from tests.ics_rules import broken_rules, events

# --- the ledger ---------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.lists(st.integers(1, 8), max_size=8), st.integers(0, 20 * 24 * 60))
def test_same_plan_gives_the_same_bytes_whenever_made(steps: list[int], later: int) -> None:
    blocks, start = [], at(9)
    for number, step in enumerate(steps):
        kind = (Kind.FOCUS, Kind.MICRO, Kind.FIXED)[number % 3]
        made = block(start, start + timedelta(minutes=5 * step), f"t{number % 2}", kind=kind)
        blocks.append(made)
        start = made.end + timedelta(minutes=5 * (step % 3))
    tasks = [task("t0", due=date(2026, 11, 24)), task("t1")]
    first = publish(blocks, tasks, now=at(8))
    assert publish(blocks, tasks, now=at(8) + timedelta(minutes=later), published=first) == first


def test_stamps_rise_only_with_content() -> None:
    blocks = [block(at(9), at(10), "aaa"), block(at(11), at(12), "bbb")]
    first = publish(blocks, now=at(7))
    second = publish(blocks, [task("aaa", "Reworded")], now=at(8), published=first)
    changed, same = events(second)
    assert changed.get("SEQUENCE") == "1"
    assert changed.get("DTSTAMP") == changed.get("LAST-MODIFIED") == "20261123T070000Z"
    assert raw_events(second)["bbb-1"] == raw_events(first)["bbb-1"]
    assert same.get("SEQUENCE") == "0"


def test_moved_block_keeps_its_uid() -> None:
    first = publish([block(at(9), at(10), "aaa")], now=at(8))
    event = only(publish([block(at(14), at(15), "aaa")], now=at(8, 30), published=first))
    assert (event.get("UID"), event.get("SEQUENCE")) == ("aaa-1@mdtasks", "1")


def test_sequence_never_falls_for_a_block_that_comes_back() -> None:
    blocks = [block(at(14), at(15), "aaa")]
    first = publish(blocks, now=at(7))
    second = publish(blocks, [task("aaa", "Reworded")], now=at(8), published=first)
    away = publish(now=at(9), published=second)
    assert events(away) == []
    still_away = publish(now=at(10), published=away)
    assert still_away == away
    back = only(publish(blocks, now=at(11), published=still_away))
    assert (back.get("SEQUENCE"), back.get("DTSTAMP")) == ("2", "20261123T100000Z")


def test_what_left_is_forgotten_after_thirty_days() -> None:
    away = publish(now=at(9), published=publish([block(at(14), at(15), "aaa")], now=at(8)))
    assert b"X-MDTASKS-RETIRED" in away
    assert b"X-MDTASKS-RETIRED" not in publish(now=at(9) + timedelta(days=30), published=away)


def test_chunks_of_a_task_count_from_one_and_batches_by_themselves() -> None:
    blocks = [
        block(at(9), at(10), "aaa"),
        block(at(11), at(12), "aaa", kind=Kind.MICRO),
        block(at(13), at(14), "aaa", kind=Kind.FIXED),
    ]
    assert uids(publish(reversed_order := blocks[::-1], now=at(8))) == ["aaa-1", "aaa-m1", "aaa-2"]
    assert reversed_order[0].start == at(13)


def test_past_blocks_stay_byte_for_byte() -> None:
    first = publish([block(at(9), at(10), "aaa"), block(at(11), at(12), "bbb")], now=at(8))
    later = publish([], [task("aaa", "Reworded")], now=at(10), published=first)
    assert raw_events(later) == {"aaa-1": raw_events(first)["aaa-1"]}
    last = at(10) + timedelta(days=30)
    assert uids(publish(now=last - timedelta(seconds=1), published=later)) == ["aaa-1"]
    assert uids(publish(now=last, published=later)) == []


def test_task_planned_again_after_its_block_passed_gets_the_next_number() -> None:
    first = publish([block(at(9), at(10), "aaa")], now=at(8))
    again = publish([block(at(11), at(12), "aaa")], now=at(10), published=first)
    assert uids(again) == ["aaa-1", "aaa-2"]
    third = publish([block(at(14), at(15), "aaa")], now=at(13), published=again)
    assert uids(third) == ["aaa-1", "aaa-2", "aaa-3"]


def test_plan_that_still_holds_the_past_block_adds_nothing() -> None:
    blocks = [block(at(9), at(10), "aaa"), block(at(11), at(12), "aaa")]
    first = publish(blocks, now=at(8))
    assert publish(blocks, now=at(10, 30), published=first) == first


def test_past_block_unknown_to_the_ledger_is_published() -> None:
    assert uids(publish([block(at(9), at(10), "aaa")], now=at(15))) == ["aaa-1"]


def test_running_block_that_the_plan_dropped_is_kept() -> None:
    first = publish([block(at(9), at(11), "aaa")], now=at(8))
    assert publish(now=at(10), published=first) == first


def test_running_block_that_the_plan_dropped_ends_where_the_next_begins() -> None:
    first = publish([block(at(9), at(11), "aaa")], now=at(8))
    plan = [block(at(10, 15), at(11), "aaa"), block(at(11), at(12), "bbb")]
    second = publish(plan, now=at(10), published=first)
    assert [(e.get("UID"), e.bounds[1][9:13], e.get("SEQUENCE")) for e in events(second)] == [
        ("aaa-1@mdtasks", "0915", "1"),
        ("aaa-2@mdtasks", "1000", "0"),
        ("bbb-1@mdtasks", "1100", "0"),
    ]
    assert publish(plan, now=at(10), published=second) == second
    assert publish(plan, now=at(10, 30), published=second) == second


def test_running_block_without_any_time_left_is_dropped() -> None:
    first = publish([block(at(9), at(11), "aaa")], now=at(8))
    plan = [block(at(9), at(11), "bbb"), block(at(12), at(13), "aaa")]
    second = publish(plan, now=at(10), published=first)
    assert uids(second) == ["bbb-1", "aaa-1"]
    assert publish(plan, now=at(10), published=second) == second


def test_running_block_of_the_plan_keeps_uid_when_it_changes() -> None:
    first = publish([block(at(9), at(10), "aaa"), block(at(13), at(14), "aaa")], now=at(8))
    second = publish([block(at(9), at(11), "aaa")], now=at(9, 30), published=first)
    assert uids(second) == ["aaa-1"]
    assert only(second).get("SEQUENCE") == "1"


PLAN = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 12), st.sampled_from("abc")), max_size=6
)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 300), PLAN), max_size=5))
def test_any_history_of_plans_keeps_the_rules(
    history: list[tuple[int, list[tuple[int, int, str]]]],
) -> None:
    """Plans begin at `now`, as the planner's do; UIDs never go backwards in SEQUENCE."""
    now, published = at(8), None
    sequences: dict[str, int] = {}
    for wait, made in history:
        now += timedelta(minutes=wait)
        blocks, start = [], now
        for gap, steps, uid in made:
            start += timedelta(minutes=5 * gap)
            blocks.append(block(start, start + timedelta(minutes=5 * steps), uid))
            start = blocks[-1].end
        before = published
        published = publish(blocks, now=now, published=before)
        assert publish(blocks, now=now, published=published) == published
        for event in events(published):
            number = int(event.get("SEQUENCE"))
            assert number >= sequences.get(event.get("UID"), 0)
            sequences[event.get("UID")] = number
        for uid, raw in raw_events(before or b"").items():
            if ics.last_plan(raw, UTC).blocks[0].end <= now:
                assert raw_events(published)[uid] == raw


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"\x00\xff" * 100,
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"\r\n", b"\n"),
        lambda data: data.replace(b"SUMMARY:", b"SUMMARY:Tampered "),
        lambda data: data.replace(b"X-MDTASKS-FP:", b"X-MDTASKS-FP:0"),
        lambda data: data.replace(b"SEQUENCE:0", b"SEQUENCE:many"),
    ],
)
def test_corrupt_ledger_is_no_ledger(damage: Callable[[bytes], bytes]) -> None:
    blocks = [block(at(9), at(10), "aaa")]
    broken = damage(publish(blocks, now=at(8)))
    fresh = publish(blocks, now=at(9, 30))
    assert publish(blocks, now=at(9, 30), published=broken) == fresh
    assert ics.last_plan(broken, BERLIN) == Plan()


@settings(max_examples=40)
@given(st.binary(max_size=200), st.integers(0, 2000))
def test_garbage_in_the_ledger_never_breaks_the_feed(garbage: bytes, place: int) -> None:
    blocks = [block(at(9), at(10), "aaa"), block(at(11), at(12), "bbb")]
    good = publish(blocks, now=at(8))
    publish(blocks, now=at(8, 30), published=good[:place] + garbage + good[place:])


# --- reading back -------------------------------------------------------------------------------


def test_last_plan_reads_blocks_back() -> None:
    blocks = (block(at(9), at(10), "aaa"), block(at(11), at(12), "aaa", "bbb", kind=Kind.MICRO))
    due = task("aaa", "2 tasks", due=date(2026, 11, 23))
    read = ics.last_plan(publish(blocks, [due], now=at(8)), BERLIN)
    assert read == Plan(blocks=tuple(b._replace(reason="", title="2 tasks") for b in blocks))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-20],
        lambda data: data + data,
        lambda data: data.replace(b"DTSTART:2026", b"DTSTART:later"),
        lambda data: data.replace(b"TRIGGER:-PT5M", b"TRIGGER:soon"),
        lambda data: data.replace(b"VCALENDAR", b"VEVENT"),
        lambda data: data.replace(b"VEVENT", b"VTODO"),
    ],
)
def test_verify_refuses_a_broken_feed(damage: Callable[[bytes], bytes]) -> None:
    ring = FeedSettings(alarms=(timedelta(minutes=5),))
    data = publish([block(at(9), at(10), "aaa")], now=at(8), feed_settings=ring)
    ics.verify(data, 1)
    with pytest.raises(BrokenFeedError):
        ics.verify(damage(data), 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\r\n", b"\n"),
        (b"BEGIN:VCALENDAR", b"\xef\xbb\xbfBEGIN:VCALENDAR"),
        (b"SUMMARY:", b"SUMMARY:\x1b"),
        (b"SUMMARY:", b"SUMMARY:a;b"),
        (b"SUMMARY:", b"SUMMARY:" + b"x" * 80),
        (b";VALUE=DURATION", b""),
        (b"VERSION:2.0", b"VERSION:2.0\r\nMETHOD:PUBLISH"),
        (b"TRANSP:", b"RRULE:FREQ=DAILY\r\nTRANSP:"),
        (b"UID:bbb", b"UID:aaa"),
        (b"DTSTAMP:20261123T070000Z", b"DTSTAMP:20261123T070000"),
        (b"DTEND:20261123T090000Z", b"DTEND:20261123T080000Z"),
        (b"DTEND:20261123T090000Z", b"DTEND:20261123T100500Z"),
        (b"DTSTART:20261123T080000Z", b"DTSTART:20261123T130000Z"),
        (b"OPAQUE", b"TRANSPARENT"),
    ],
)
def test_rules_notice_what_parsers_wave_through(old: bytes, new: bytes) -> None:
    data = publish([block(at(9), at(10), "aaa"), block(at(11), at(12), "bbb")], now=at(8))
    assert old in data
    assert broken_rules(data.replace(old, new))


def test_a_task_that_reads_like_the_begin_of_an_event_is_known_again() -> None:
    marks = {uid: Mark(uid, uid, "", "", "a.md", "BEGIN:VEVENT") for uid in ("aaa", "bbb")}
    data = ics.feed(
        Plan(
            days=(at(9).date(),), blocks=(block(at(9), at(10), "aaa"), block(at(11), at(12), "bbb"))
        ),
        {uid: task(uid, "BEGIN:VEVENT") for uid in marks},
        FeedSettings(),
        vault_name="v",
        vault_root="/v",
        now=at(8),
        published=None,
        marks=marks,
    )
    ledger = read_ledger(data)
    assert ledger.marks == marks
    assert len(ledger.events) == 2
