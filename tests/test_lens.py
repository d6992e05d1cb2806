"""What a subscriber sees of the calendar, and what never."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.model import Block, Interval, Kind, Source, Task
from mdtasks.render.lens import Lens, Sight, handed_out, parse_lens, through
from mdtasks.settings import FeedSettings
from tests.feeds import HOSTILE, at, block, publish, task
from tests.ics_rules import Component, broken_rules, events, unfold

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
NOW = at(8)
LESS = [Lens("title"), Lens("busy"), Lens("actual"), Lens("project", "Launch")]
SHOWN = {
    "DTSTAMP",
    "LAST-MODIFIED",
    "SEQUENCE",
    "SUMMARY",
    "DTSTART",
    "DTEND",
    "UID",
    "STATUS",
    "TRANSP",
    "X-MICROSOFT-CDO-BUSYSTATUS",
}

WRITE = task("a1", "Write the post #work", project="Launch", tags=("#work",))
CALL = task("b2", "Call Dr. Moss #private", project="Launch", tags=("#private",))
TIDY = task("c3", "Tidy up", project="Home", due=at(9).date())


def seen(
    lens: Lens,
    blocks: Sequence[Block],
    tasks: Sequence[Task],
    *,
    now: datetime = NOW,
    before: bytes | None = None,
    published: bytes | None = None,
    key: bytes = KEY,
    log: Sequence[Interval] = (),
) -> bytes:
    """Return the ledger of what is seen; what is handed out of it keeps all rules."""
    feed = publish(
        blocks,
        tasks,
        now=now,
        published=published,
        feed_settings=FeedSettings(alarms=(timedelta(minutes=5),)),
    )
    made = through(lens, Sight(feed, {each.uid: each for each in tasks}, log), key, now, before)
    # Stretches of logged time may overlap, as a person wrote them.
    faults = outside(handed_out(made))
    assert [fault for fault in faults if not fault.startswith("overlap")] == []
    return made


def outside(data: bytes) -> list[str]:
    """Return the rules that a calendar breaks, those aside that need lines of ours."""
    needs = ("X-MDTASKS-FP stands 0 times", " is no block, or no due date")
    return [fault for fault in broken_rules(data) if not fault.endswith(needs)]


def summaries(ledger: bytes) -> list[str]:
    return [event.get("SUMMARY") for event in events(handed_out(ledger))]


def stamps(ledger: bytes) -> dict[str, tuple[str, str]]:
    """Return, by what it shows, the stamp and the sequence of each event."""
    return {e.get("SUMMARY"): (e.get("DTSTAMP"), e.get("SEQUENCE")) for e in events(ledger)}


DAY = [block(at(9), at(10), "a1"), block(at(10), at(11), "b2"), block(at(11), at(12), "c3")]
TASKS = [WRITE, CALL, TIDY]


# What each shows


@pytest.mark.parametrize(
    ("lens", "wanted"),
    [
        (Lens("title"), ["Tidy up", "Write the post #work", "Tidy up"]),
        (Lens("busy"), ["Busy", "Busy", "Busy"]),
        (Lens("project", "launch"), ["Write the post #work"]),
        (Lens("project", "Home"), ["Tidy up", "Tidy up"]),
        (Lens("project", "Elsewhere"), []),
        (Lens("actual"), []),
    ],
)
def test_a_lens_shows_its_own(lens: Lens, wanted: list[str]) -> None:
    assert summaries(seen(lens, DAY, TASKS)) == wanted


def test_busy_shows_the_times_of_all_blocks_and_no_due_dates() -> None:
    found = events(handed_out(seen(Lens("busy"), DAY, TASKS)))
    assert [event.bounds for event in found] == [
        ("20261123T080000Z", "20261123T090000Z"),
        ("20261123T090000Z", "20261123T100000Z"),
        ("20261123T100000Z", "20261123T110000Z"),
    ]


@pytest.mark.parametrize("lens", LESS, ids=str)
def test_an_event_says_nothing_beyond_what_is_allowed(lens: Lens) -> None:
    log = [logged(at(6), at(7), task="a1")]
    for event in events(handed_out(seen(lens, DAY, TASKS, log=log))):
        assert {line.name for line in event.lines} <= SHOWN


@pytest.mark.parametrize("lens", LESS, ids=str)
def test_no_line_of_ours_and_nothing_of_the_vault_is_handed_out(lens: Lens) -> None:
    data = handed_out(seen(lens, DAY, TASKS))
    for word in (b"X-MDTASKS", b"obsidian", b"vault", b"Launch post", b"VALARM", b"DESCRIPTION"):
        assert word not in data


def test_the_calendar_keeps_its_name_and_colour() -> None:
    lines = unfold(handed_out(seen(Lens("busy"), [], [])))
    assert "X-WR-CALNAME:mdtasks" in lines
    assert lines[-1] == "END:VCALENDAR"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Pay [the bill](https://bank.example/x?token=s3cret) soon", "Pay the bill soon"),
        ("Pay [the bill](bills/May (old).pdf)", "Pay the bill"),
        ("Look at https://bank.example/s3cret?a=b", "Look at (link)"),
        ("Open obsidian://open?vault=s3cret", "Open (link)"),
        ("![](s3cret.png)", "(link)"),
        ("Write [[s3cret/Launch post#Ending|the end]]", "Write the end"),
        ("Write [[s3cret/Launch post#Ending]]", "Write Launch post"),
        ("a [b] c (d) 10:30", "a [b] c (d) 10:30"),
    ],
)
def test_links_are_their_words(text: str, shown: str) -> None:
    linking = WRITE._replace(text=text)
    assert summaries(seen(Lens("title"), DAY[:1], [linking])) == [shown]
    both = block(at(9), at(10), "a1", "c3", kind=Kind.MICRO)._replace(title=f"2: {text}")
    calm = TIDY._replace(text="T", due=None)
    found = summaries(seen(Lens("title"), [both], [linking, calm]))
    assert found == [f"2 small tasks: {shown}\\, T"]
    log = [logged(at(6), at(7), text=text), logged(at(5), at(6), task="a1")]
    assert summaries(seen(Lens("actual"), [], [linking], log=log)) == [shown, shown]


# What is private


@pytest.mark.parametrize("tag", ["#private", "#Private", "#private/health"])
def test_a_private_task_is_time_without_text_or_nothing(tag: str) -> None:
    secret = task("b2", f"Call Dr. Moss {tag}", project="Launch", tags=(tag,))
    for lens in (Lens("title"), Lens("project", "Launch")):
        assert summaries(seen(lens, [DAY[1]], [secret])) == []
    assert summaries(seen(Lens("busy"), [DAY[1]], [secret])) == ["Busy"]


def test_what_is_a_part_of_something_private_is_private() -> None:
    step = task("d4", "Ask for the results", parent="c3")
    middle = task("c3", "Prepare", parent="b2")
    found = seen(Lens("title"), [block(at(9), at(10), "d4")], [step, middle, CALL])
    assert summaries(found) == []


def test_parents_in_a_ring_end() -> None:
    ring = [task("a1", "one", parent="b2"), task("b2", "two", parent="a1")]
    assert summaries(seen(Lens("title"), [block(at(9), at(10), "a1")], ring)) == ["one"]


def test_of_a_batch_the_private_tasks_are_left_out() -> None:
    batch = block(at(9), at(10), "b2", "a1", "c3", kind=Kind.MICRO)
    batch = batch._replace(title="3 small tasks: Call Dr. Moss, Write the post, Tidy up")
    calm = TIDY._replace(due=None)
    found = seen(Lens("title"), [batch], [WRITE, CALL, calm])
    assert summaries(found) == ["2 small tasks: Write the post #work\\, Tidy up"]
    assert summaries(seen(Lens("project", "Home"), [batch], [WRITE, CALL, calm])) == ["Tidy up"]
    alone = batch._replace(tasks=("b2",), title="Call Dr. Moss")
    assert summaries(seen(Lens("title"), [alone], [CALL])) == []


def test_a_task_that_stands_in_no_note_any_more_is_not_shown() -> None:
    feed = publish(DAY, TASKS, now=NOW)
    made = through(Lens("title"), Sight(feed, {"a1": WRITE}), KEY, NOW, None)
    assert summaries(made) == ["Write the post #work"]


def test_words_of_when_it_was_private_are_not_shown_later() -> None:
    feed = publish([DAY[1]], [CALL], now=NOW)
    opened = CALL._replace(text="An appointment", tags=())
    made = through(Lens("title"), Sight(feed, {"b2": opened}), KEY, NOW, None)
    assert summaries(made) == ["An appointment"]


SECRET = st.text(st.sampled_from("qxzj;,\\\n\r\"'<>&#:é😀\u202e"), min_size=6, max_size=30)


@settings(max_examples=60)
@given(secret=SECRET, public=HOSTILE, nested=st.booleans(), batch=st.booleans())
def test_no_word_of_a_private_task_gets_out(
    secret: str, public: str, nested: bool, batch: bool
) -> None:
    words = [word for word in re.split(r"[^qxzj]+", secret) if len(word) > 2] + ["qqjjxxzz"]
    text = f"{secret} qqjjxxzz"
    tags = () if nested else ("#private",)
    parent = "p9" if nested else None
    hidden = task("b2", text, f"Private/{words[-1]}.md", tags=tags, parent=parent, project=text)
    above = task("p9", f"above {text}", tags=("#private",))
    shown = task("a1", public, brief=text, project="Launch")
    blocks = [block(at(9), at(10), "a1"), block(at(10), at(11), "b2")]
    if batch:
        title = f"2 small tasks: {public}, {text}"
        blocks = [block(at(9), at(10), "a1", "b2", kind=Kind.MICRO)._replace(title=title)]
    log = [
        logged(at(6), at(7), task="b2", text=text),
        logged(at(5), at(6), text=f"{text} #private"),
    ]
    tasks = {each.uid: each for each in (shown, hidden, above)}
    sight = Sight(publish(blocks, [*tasks.values()], now=NOW), tasks, log)
    for lens in LESS:
        out = handed_out(through(lens, sight, KEY, NOW, None))
        plain = "\n".join(unfold(out))
        safe = {word for word in words if word not in public}
        assert not [word for word in safe if word in plain or word.encode() in out]


# Names of events


def test_no_name_of_an_event_can_be_told_from_another_subscribers() -> None:
    uids = [
        {event.get("UID") for event in events(handed_out(seen(Lens("busy"), DAY, TASKS, key=key)))}
        for key in (KEY, OTHER_KEY)
    ]
    assert len(uids[0] | uids[1]) == 6
    for uid in uids[0] | uids[1]:
        assert re.fullmatch(r"[0-9a-f]{32}@mdtasks", uid)


def test_an_event_keeps_its_name_when_it_moves() -> None:
    first = seen(Lens("busy"), DAY[:1], TASKS)
    moved = seen(Lens("busy"), [block(at(13), at(14), "a1")], TASKS, before=first)
    assert events(first)[0].get("UID") == events(moved)[0].get("UID")


# Stamps


def sequence(event: Component) -> int:
    return int(event.get("SEQUENCE"))


def test_an_edit_that_a_lens_does_not_show_changes_no_byte_of_it() -> None:
    tasks = [WRITE, CALL]
    feed = publish(DAY[:2], tasks, now=NOW)
    before = through(Lens("busy"), Sight(feed, {}), KEY, NOW, None)
    later = NOW + timedelta(minutes=7)
    reworded = [WRITE, CALL._replace(text="Call the clinic #private")]
    edited = publish(DAY[:2], reworded, now=later, published=feed)
    assert edited != feed
    assert through(Lens("busy"), Sight(edited, {}), KEY, later, before) == before


def test_what_a_lens_shows_gets_new_stamps_when_it_changes_and_the_rest_keeps_its_own() -> None:
    tasks = [WRITE, TIDY._replace(due=None)]
    blocks = [DAY[0], DAY[2]]
    before = seen(Lens("title"), blocks, tasks)
    later = NOW + timedelta(minutes=7)
    reworded = [WRITE._replace(text="Write it all"), tasks[1]]
    after = seen(Lens("title"), blocks, reworded, now=later, before=before)
    assert stamps(before) == {
        "Write the post #work": ("20261123T070000Z", "0"),
        "Tidy up": ("20261123T070000Z", "0"),
    }
    assert stamps(after) == {
        "Write it all": ("20261123T070700Z", "1"),
        "Tidy up": ("20261123T070000Z", "0"),
    }


def test_an_event_that_was_away_comes_back_with_a_higher_sequence() -> None:
    shown = [WRITE]
    hidden = [WRITE._replace(tags=("#private",))]
    ledger = seen(Lens("title"), DAY[:1], shown)
    ledger = seen(Lens("title"), DAY[:1], hidden, before=ledger)
    assert summaries(ledger) == []
    ledger = seen(Lens("title"), DAY[:1], shown, before=ledger)
    assert [sequence(event) for event in events(ledger)] == [1]
    assert b"RETIRED" not in handed_out(ledger)


def test_the_same_feed_is_the_same_bytes_at_any_moment() -> None:
    feed = publish(DAY, TASKS, now=NOW)
    named: Mapping[str, Task] = {each.uid: each for each in TASKS}
    for lens in LESS:
        first = through(lens, Sight(feed, named), KEY, NOW, None)
        assert through(lens, Sight(feed, named), KEY, NOW + timedelta(hours=3), first) == first


def test_a_broken_ledger_is_one_with_fewer_memories() -> None:
    feed = publish(DAY, TASKS, now=NOW)
    whole = through(Lens("busy"), Sight(feed, {}), KEY, NOW, None)
    assert through(Lens("busy"), Sight(feed, {}), KEY, NOW, b"\xff" + whole[:300]) == whole


# Logged time


def logged(start: datetime, end: datetime | None, text: str = "", task: str = "") -> Interval:
    return Interval(start, end, Source("Journal/2026-11-23.md", 3, "- …"), text, task)


def test_actual_shows_what_was_logged_and_by_what_name() -> None:
    log = [
        logged(at(6), at(7), task="a1"),
        logged(at(5), at(6), text="Meeting with Bo"),
        logged(at(4), at(5)),
        logged(at(7), None, text="still on it"),
        logged(at(3), at(3), text="no time at all"),
    ]
    found = seen(Lens("actual"), DAY, TASKS, log=log)
    assert summaries(found) == ["Logged time", "Meeting with Bo", "Write the post #work"]


def test_actual_shows_no_private_time() -> None:
    log = [
        logged(at(6), at(7), task="b2"),
        logged(at(5), at(6), text="Therapy (#Private)"),
        logged(at(4), at(5), task="gone", text="nobody can tell"),
    ]
    assert summaries(seen(Lens("actual"), DAY, TASKS, log=log)) == []


def test_two_stretches_of_the_same_moment_are_two_events() -> None:
    log = [logged(at(6), at(7), text="one"), logged(at(6), at(7), text="two")]
    assert sorted(summaries(seen(Lens("actual"), [], [], log=log))) == ["one", "two"]


def test_actual_goes_back_thirty_days() -> None:
    log = [
        logged(NOW - timedelta(days=31), NOW - timedelta(days=30, hours=1), text="too old"),
        logged(NOW - timedelta(days=29), NOW - timedelta(days=28, hours=23), text="recent"),
    ]
    assert summaries(seen(Lens("actual"), [], [], log=log)) == ["recent"]


@given(text=HOSTILE)
def test_any_words_in_the_log_make_a_sound_calendar(text: str) -> None:
    seen(Lens("actual"), [], [], log=[logged(at(6), at(7), text=text)])


# How a lens is written


@pytest.mark.parametrize(
    ("text", "lens"),
    [
        ("full", Lens("full")),
        ("title", Lens("title")),
        ("busy", Lens("busy")),
        ("actual", Lens("actual")),
        ("project:Launch post", Lens("project", "Launch post")),
        ("project:", None),
        ("project", None),
        ("Busy", None),
        ("", None),
    ],
)
def test_lenses_are_named(text: str, lens: Lens | None) -> None:
    assert parse_lens(text) == lens
