"""The rules of a feed, shown to bite; and texts that once broke one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mdtasks.model import Kind
from mdtasks.settings import FeedSettings
from tests.feeds import at, block, only, publish, task
from tests.ics_rules import broken_history, broken_rules, events


def a_feed() -> bytes:
    ring = FeedSettings(alarms=(timedelta(minutes=5),))
    written = task("aaa", "Write", tags=("#a", "#b"), due=date(2026, 11, 25))
    blocks = [block(at(9), at(10), "aaa"), block(at(11), at(12), "bbb")]
    return publish(blocks, [written], now=at(8), feed_settings=ring)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"STATUS:", b"ORGANIZER:mailto:a@b.c\r\nSTATUS:"),
        (b"STATUS:", b"ATTENDEE:mailto:a@b.c\r\nSTATUS:"),
        (b"STATUS:", b"ATTACH:file:///etc/passwd\r\nSTATUS:"),
        (b"DTSTART:", b"DTSTART;TZID=Europe/Berlin:"),
        (b"SUMMARY:", b"SUMMARY;LANGUAGE=en:"),
        (b"SUMMARY:Write", b"SUMMARY:Wr\\ite"),
        (b"SUMMARY:Write", b"SUMMARY:Write\r\nSUMMARY:Write"),
        (b"SUMMARY:Write", b"SUMMARY:Wr\xc3\r\n \xa4te"),
        (b"SUMMARY:Write", b"SUMMARY:Write\r\n    "),
        (b"SUMMARY:Write", "SUMMARY:Write\u2028".encode()),
        (b"SUMMARY:Write\r\n", b""),
        (b"STATUS:CONFIRMED\r\nTRANSP:OPAQUE", b"TRANSP:OPAQUE\r\nSTATUS:CONFIRMED"),
        (b"SEQUENCE:0", b"SEQUENCE:-1"),
        (b"LAST-MODIFIED:20261123T07", b"LAST-MODIFIED:20261123T08"),
        (b"X-MDTASKS-KIND:focus\r\n", b""),
        (b"TRIGGER:-PT5M", b"TRIGGER:soon"),
        (b"BEGIN:VALARM\r\nACTION:DISPLAY", b"BEGIN:VALARM\r\nACTION:AUDIO"),
        (b"END:VALARM\r\n", b""),
        (b"BEGIN:VEVENT", b"BEGIN:VTODO\r\nEND:VTODO\r\nBEGIN:VEVENT"),
        (b"UID:aaa-1", b"UID:aaa 1"),
        (b"PRODID", b"X-PRODID"),
    ],
)
def test_a_feed_is_not_so(old: bytes, new: bytes) -> None:
    data = a_feed()
    assert old in data
    assert broken_rules(data.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"SEQUENCE:1", b"SEQUENCE:0"),
        (b"SEQUENCE:1", b"SEQUENCE:2"),
        (b"SUMMARY:Reworded", b"SUMMARY:Write"),
        (b"STAMP:20261123T073000Z", b"STAMP:20261123T070000Z"),
    ],
)
def test_the_numbers_of_an_event_go_with_its_content(old: bytes, new: bytes) -> None:
    first = publish([block(at(9), at(10), "aaa")], [task("aaa", "Write")], now=at(8))
    away = publish(now=at(8, 10), published=first)
    back = publish(
        [block(at(9), at(10), "aaa")], [task("aaa", "Reworded")], now=at(8, 30), published=away
    )
    same = publish(
        [block(at(9), at(10), "aaa")], [task("aaa", "Reworded")], now=at(8, 40), published=back
    )
    assert [*broken_history([first, away, back, same])] == []
    assert old in back
    changed = back.replace(old, new)
    assert [*broken_history([first, away, changed, same])]


def test_gaps_in_a_text_are_single_spaces() -> None:
    title = f"  much{' ' * 160}room  "
    event = only(publish([block(at(9), at(10), "aaa")], [task("aaa", title)], now=at(8)))
    assert event.get("SUMMARY") == "much room"
    name = FeedSettings(name=f"my plan{' ' * 160}")
    assert b"\r\nNAME:my plan\r\n" in publish(now=at(8), feed_settings=name)


def test_what_leaves_nothing_to_read_has_the_name_of_its_note_or_says_so() -> None:
    nameless = block(at(9), at(10), "aaa")._replace(title="\x01")
    for path, title in (("Home.md", "Home"), ("\x02.md", "(no text)")):
        owner = task("aaa", "\x01 \x02", path=path, due=date(2026, 11, 25))
        found = events(publish([nameless], [owner], now=at(8)))
        assert [event.get("SUMMARY") for event in found] == [title, title]


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        (("#\x01", "#home"), "home"),
        (("#\x01",), ""),
        (("#\ufeff", "#home"), "home"),
        # ical.js would read one category of these two.
        (("#a\\", "#b"), "a,b"),
        (("#a,b", "#c;d", "#c;d"), r"a\,b,c\;d"),
    ],
)
def test_categories_are_the_tags_that_have_a_name(tags: tuple[str, ...], said: str) -> None:
    batch = block(at(9), at(10), "aaa", kind=Kind.MICRO)
    assert only(publish([batch], [task("aaa", tags=tags)], now=at(8))).get("CATEGORIES") == said
