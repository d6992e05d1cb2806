"""The feed: what a calendar client meets, from the plan to the last octet."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.model import Block, Kind, Plan, Status, Unplaced
from mdtasks.render import ics
from mdtasks.render.clean import for_calendar
from mdtasks.render.colors import CSS_COLORS, css_and_hex
from mdtasks.settings import FeedSettings
from tests.feeds import (
    BERLIN,
    HOSTILE,
    ZONES,
    at,
    block,
    only,
    publish,
    task,
    uids,
)
from tests.ics_rules import events, unfold

# --- the file -----------------------------------------------------------------------------------


def test_empty_plan_is_a_calendar_without_components() -> None:
    data = publish(now=at(8))
    assert events(data) == []
    ics.verify(data, 0)


def test_block_says_all_that_a_client_shows() -> None:
    written = task("aaa", "Write; the, intro", tags=("#work/deep", "#q4"), due=date(2026, 11, 25))
    subtask = task("bbb", "Ask Ann", parent="aaa")
    closed = task("ccc", "Old", parent="aaa", status=Status.DONE)
    data = publish([block(at(9), at(10), "aaa")], [written, subtask, closed], now=at(8))
    event, due = events(data)
    link = "obsidian://open?vault=My%20vault&file=Work%2FLaunch%20post.md"
    assert [*event.bounds] == ["20261123T080000Z", "20261123T090000Z"]
    assert event.get("SUMMARY") == r"Write\; the\, intro"
    assert event.get("DESCRIPTION") == (
        rf"- [ ] Ask Ann\n\nLaunch post\nonly the morning left\n{link}"
    )
    assert event.get("URL") == link
    assert event.get("CATEGORIES") == "work/deep,q4"
    assert event.get("STATUS") == "CONFIRMED"
    assert (due.get("UID"), due.bounds) == ("aaa-due@mdtasks", ("20261125", "20261126"))


def test_batch_is_a_checklist_named_by_its_first_task() -> None:
    done = task("bbb", "Pay rent", status=Status.DONE, path="Home.md")
    batch = block(at(9), at(10), "aaa", "bbb", kind=Kind.MICRO)
    event = only(publish([batch], [task("aaa", "Call Bob"), done], now=at(8)))
    assert event.get("UID") == "aaa-m1@mdtasks"
    assert event.get("SUMMARY") == "2 tasks"
    expected = r"- [ ] Call Bob\n- [x] Pay rent\n\nLaunch post\, Home\n"
    assert event.get("DESCRIPTION").startswith(expected)


def test_breaks_and_busy_times_are_not_published() -> None:
    ours = [block(at(9), at(10), "aaa", kind=kind) for kind in (Kind.BREAK, Kind.BUSY)]
    assert events(publish(ours, now=at(8))) == []


def test_what_is_overdue_has_no_marker() -> None:
    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    tasks = {uid: task(uid, due=day) for uid, day in (("old", monday), ("new", tuesday))}
    plan = Plan((tuesday,), (), (Unplaced("old", "no room"), Unplaced("new", "no room")))
    data = ics.feed(
        plan, tasks, FeedSettings(), vault_name="v", vault_root="/v", now=at(8), published=None
    )
    assert uids(data) == ["new-due"]


def test_due_marker_needs_an_open_task_of_the_plan() -> None:
    due = date(2026, 11, 25)
    tasks = [
        task("open", due=due),
        task("done", due=due, status=Status.DONE),
        task("elsewhere", due=due),
        task("last", due=date.max),
    ]
    unplaced = [Unplaced(uid, "the week is full") for uid in ("open", "done", "last", "gone")]
    data = publish([], tasks, now=at(8), unplaced=unplaced)
    assert uids(data) == ["open-due"]
    assert "the week is full" in only(data).get("DESCRIPTION")


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("obsidian", "obsidian://open?vault=My%20vault&file=a%26b%2F100%25%20%3F%23.md"),
        ("file", "file:///home/jo/My%20vault/a%26b/100%25%20%3F%23.md"),
        ("vscode", "vscode://file/home/jo/My%20vault/a%26b/100%25%20%3F%23.md"),
        ("none", ""),
    ],
)
def test_link_opens_the_note(kind: str, url: str) -> None:
    owner = task("aaa", path="a&b/100% ?#.md")
    event = only(
        publish(
            [block(at(9), at(10), "aaa")],
            [owner],
            now=at(8),
            feed_settings=FeedSettings(link=kind),
        )
    )
    assert event.get("URL") == url
    assert event.get("DESCRIPTION").endswith(url or "left")


def test_alarms_ring_only_where_configured() -> None:
    ring = FeedSettings(alarms=(timedelta(minutes=10), timedelta(hours=1)))
    blocks = [block(at(9), at(10), "aaa")]
    due = [task("aaa", due=date(2026, 11, 25))]
    lines = unfold(publish(blocks, due, now=at(8), feed_settings=ring))
    assert [line for line in lines if line.startswith("TRIGGER")] == [
        "TRIGGER:-PT10M",
        "TRIGGER:-PT1H",
    ]
    assert b"VALARM" not in publish(blocks, due, now=at(8))


def test_name_and_color_are_said_in_both_ways() -> None:
    lines = unfold(
        publish(now=at(8), feed_settings=FeedSettings(name="Jo; plan\n", color="#4682B5"))
    )
    assert r"NAME:Jo\; plan\n" in lines
    assert r"X-WR-CALNAME:Jo\; plan\n" in lines
    assert "COLOR:steelblue" in lines
    assert "X-APPLE-CALENDAR-COLOR:#4682b5" in lines


def test_color_that_is_none_becomes_the_default() -> None:
    assert css_and_hex("mauve-ish") is None
    assert "COLOR:steelblue" in unfold(
        publish(now=at(8), feed_settings=FeedSettings(color="mauve-ish"))
    )


@settings(max_examples=40)
@given(st.sampled_from(sorted(CSS_COLORS)))
def test_every_css_name_is_its_own_nearest(name: str) -> None:
    value = CSS_COLORS[name]
    assert css_and_hex(name.upper()) == (name, f"#{value}")
    near = css_and_hex(value)
    assert near is not None
    assert CSS_COLORS[near[0]] == value


def test_long_emoji_sequences_fold_on_whole_characters() -> None:
    family = "👨‍👩‍👧‍👦" * 700
    event = only(publish([block(at(9), at(10), "aaa")], [task("aaa", family)], now=at(8)))
    assert event.get("SUMMARY") == family


@settings(max_examples=40)
@given(
    text=HOSTILE,
    path=HOSTILE,
    tag=HOSTILE,
    title=HOSTILE,
    reason=HOSTILE,
    link=st.sampled_from(["obsidian", "file"]),
)
def test_no_text_breaks_the_feed(
    text: str, path: str, tag: str, title: str, reason: str, link: str
) -> None:
    bad = task("bad", text, path=f"{path}.md", tags=(f"#{tag}",), due=date(2026, 11, 25))
    named = Block(at(9), at(10), title, Kind.MICRO, ("bad", "good", "missing"), reason)
    hostile = FeedSettings(name=title, link=link, alarms=(timedelta(minutes=5),))
    data = publish([named], [bad, task("good", "Call Bob")], now=at(8), feed_settings=hostile)
    assert uids(data) == ["bad-m1", "bad-due"]
    assert "Call Bob" in events(data)[0].get("DESCRIPTION")


@settings(max_examples=40)
@given(HOSTILE)
def test_summary_is_the_text_without_its_control_characters(text: str) -> None:
    feed = publish([block(at(9), at(10), "aaa")], [task("aaa", f"x{text}")], now=at(8))
    (read,) = ics.last_plan(feed, BERLIN).blocks
    assert read.title == re.sub("[ \n]+", " ", for_calendar(f"x{text}")).strip(" ")


# --- time ---------------------------------------------------------------------------------------

YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def around_changes(zone: ZoneInfo) -> st.SearchStrategy[datetime]:
    """Moments within three hours of a change of the clock in 2026, any of the year if none."""
    hours = [YEAR + timedelta(hours=hour) for hour in range(365 * 24)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    changes = [hours[i] for i in range(1, len(hours)) if offsets[i] != offsets[i - 1]]
    near = st.integers(-180, 180).map(lambda minutes: timedelta(minutes=minutes))
    return st.builds(datetime.__add__, st.sampled_from(changes or hours), near)


@pytest.mark.parametrize("name", ZONES)
def test_blocks_keep_their_length_over_every_change_of_the_clock(name: str) -> None:
    zone = ZoneInfo(name)

    @settings(max_examples=30)
    @given(around_changes(zone), st.integers(5, 300))
    def holds(begins: datetime, length: int) -> None:
        ends = begins + timedelta(minutes=length)
        made = block(begins.astimezone(zone), ends.astimezone(zone), "aaa")
        data = publish([made], now=YEAR - timedelta(days=1))
        assert only(data).bounds == tuple(f"{t:%Y%m%dT%H%M%SZ}" for t in (begins, ends))
        (read,) = ics.last_plan(data, zone).blocks
        assert [read.start.astimezone(UTC), read.end.astimezone(UTC)] == [begins, ends]

    holds()


def test_block_over_the_hour_that_comes_twice_is_published() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    second = first.replace(fold=1, minute=15)
    assert second < first  # for Python, which compares the wall clock
    event = only(publish([block(first, second, "aaa")], now=datetime(2026, 10, 24, tzinfo=BERLIN)))
    assert event.bounds == ("20261025T003000Z", "20261025T011500Z")


def test_block_without_length_is_left_out() -> None:
    assert events(publish([block(at(9), at(9), "aaa")], now=at(8))) == []
