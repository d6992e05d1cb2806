"""The feed: what a calendar client meets, from the plan to the last octet."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.model import Block, Kind, Plan, Source, Status, Task, Unplaced
from mdtasks.render import ics
from mdtasks.render.clean import for_calendar, for_terminal
from mdtasks.render.colors import CSS_COLORS, css_and_hex
from mdtasks.settings import FeedSettings
from tests.ics_rules import Component, broken_rules, events, unfold

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Asia/Kathmandu",
)
SETTINGS = FeedSettings()
SURROGATES = st.characters(categories=["Cs"])
HOSTILE = st.text(
    st.one_of(
        st.characters(),
        SURROGATES,
        st.sampled_from(list('\r\n\x00\x1b\x7f\x85\u2028\u202e\ufeff;,:\\"^#[]👨‍👩‍👧‍👦ابج')),
    ),
    max_size=60,
)


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


def task(uid: str, text: str = "", path: str = "Work/Launch post.md", **known: object) -> Task:
    made = Task(Source(path, 1, f"- [ ] {text}"), Status.TODO, " ", text or uid, uid=uid)
    return replace(made, **known)  # type: ignore[arg-type]


def block(start: datetime, end: datetime, *uids: str, kind: Kind = Kind.FOCUS) -> Block:
    return Block(start, end, f"{len(uids)} tasks", kind, uids, "only the morning left")


def publish(
    blocks: Sequence[Block] = (),
    tasks: Sequence[Task] = (),
    *,
    now: datetime,
    published: bytes | None = None,
    feed_settings: FeedSettings = SETTINGS,
    unplaced: Sequence[Unplaced] = (),
) -> bytes:
    """Return a feed that keeps all rules."""
    named: Mapping[str, Task] = {t.uid: t for t in tasks}
    for uid in (uid for b in blocks for uid in b.tasks):
        named = {uid: task(uid), **named}
    data = ics.feed(
        Plan(blocks=tuple(blocks), unplaced=tuple(unplaced)),
        named,
        feed_settings,
        vault_name="My vault",
        vault_root="/home/jo/My vault",
        now=now,
        published=published,
    )
    assert broken_rules(data) == []
    return data


def uids(data: bytes) -> list[str]:
    return [event.get("UID").removesuffix("@mdtasks") for event in events(data)]


def only(data: bytes) -> Component:
    (event,) = events(data)
    return event


def raw_events(data: bytes) -> dict[str, bytes]:
    found = re.findall(rb"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", data, re.DOTALL)
    return {re.findall(rb"\nUID:(.*?)@", raw)[0].decode(): raw for raw in found}


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
    assert read.title == for_calendar(f"x{text}").replace("\n", " ")


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
    assert read == Plan(blocks=tuple(replace(b, reason="", title="2 tasks") for b in blocks))


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
    with pytest.raises(ValueError, match=r"."):
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


# --- clean text ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "piped", "shown"),
    [
        ("a\tb\n", "a\tb\n", "a\tb\n"),
        ("\x1b[31m\r", "^[[31m^M", "^[[31m^M"),
        ("\x7f\x00", "^?^@", "^?^@"),
        ("\x85\x9b", "\\u0085\\u009b", "\\u0085\\u009b"),
        ("caf\udce9", "caf\\xe9", "caf\\xe9"),
        ("\ud83d", "\\ud83d", "\\ud83d"),
        ("\u202eabc\u2066", "\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("👨‍👩‍👧‍👦 é", "👨‍👩‍👧‍👦 é", "👨‍👩‍👧‍👦 é"),
    ],
)
def test_terminal_shows_what_it_must_not_obey(text: str, piped: str, shown: str) -> None:
    assert for_terminal(text, tty=False) == piped
    assert for_terminal(text, tty=True) == shown


@given(HOSTILE)
def test_no_control_character_gets_out(text: str) -> None:
    for clean in (for_terminal(text, True), for_terminal(text, False), for_calendar(text)):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", clean)
        clean.encode("utf-8")
