"""The pure parts of the day's page: links in texts, and the strip of the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.model import Block, Kind, Source, Status, Task, Today
from mdtasks.render.links import Piece, note_address, pieces
from mdtasks.render.page import Look, one_line, page
from mdtasks.render.page_strip import Strip, strip
from mdtasks.render.pen import Pen
from mdtasks.render.terminal import Show
from mdtasks.serve.page_files import written
from mdtasks.serve.page_forms import Forms
from mdtasks.settings import FeedSettings
from tests.pages import forms, words

BERLIN = ZoneInfo("Europe/Berlin")
SHOW = Show(Pen(), datetime(2026, 11, 23).date())


def to_note(name: str) -> str:
    return note_address(FeedSettings(), "my vault", "/v", name)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain", [Piece("plain")]),
        ("", []),
        (
            "see [[Some note]] now",
            [
                Piece("see "),
                Piece("Some note", "obsidian://open?vault=my%20vault&file=Some%20note", "link"),
                Piece(" now"),
            ],
        ),
        (
            "[[a#b|so]]",
            [Piece("so", "obsidian://open?vault=my%20vault&file=a%23b", "link")],
        ),
        ("[x](https://a.b/c)", [Piece("x", "https://a.b/c", "link")]),
        ("[x](javascript:alert(1))", [Piece("[x](javascript:alert(1))")]),
        ("[x](data:text/html,y)", [Piece("[x](data:text/html,y)")]),
        (
            "at https://a.b/c?d=e, then",
            [
                Piece("at "),
                Piece("https://a.b/c?d=e", "https://a.b/c?d=e", "link"),
                Piece(", then"),
            ],
        ),
        ("(https://a.b)", [Piece("("), Piece("https://a.b", "https://a.b", "link"), Piece(")")]),
        ('https://a.b"onclick', [Piece("https://a.b", "https://a.b", "link"), Piece('"onclick')]),
        ("do #tag/sub", [Piece("do "), Piece("#tag/sub", kind="tag")]),
        ("issue#4", [Piece("issue#4")]),
    ],
)
def test_a_text_links_to_notes_and_to_the_web_alone(text: str, found: list[Piece]) -> None:
    assert list(pieces(text, to_note)) == found


@given(st.text(st.sampled_from("[]()|#: https://a.javascript\u202e\"'<>&"), max_size=80))
def test_no_text_makes_another_link(text: str) -> None:
    for piece in pieces(text, to_note):
        assert piece.href.startswith(("obsidian://", "http://", "https://")) or not piece.href
        assert not set(piece.href) & set("\"'<> ")


@given(st.text(max_size=60))
def test_without_links_no_letter_is_lost(text: str) -> None:
    if "[" not in text:
        assert "".join(piece.text for piece in pieces(text, to_note)) == text


def test_where_notes_open_in_nothing_their_links_are_text() -> None:
    assert list(pieces("[[a]]", lambda path: "")) == [Piece("a")]


def block(start: datetime, minutes: int, kind: Kind = Kind.FOCUS) -> Block:
    return Block(start, start + timedelta(minutes=minutes), "x", kind)


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


def the_strip(*blocks: Block, now: datetime | None = None, show: Show = SHOW) -> Strip:
    made = strip(blocks, show, now)
    assert made is not None
    return made


def test_the_strip_begins_and_ends_with_whole_hours() -> None:
    made = the_strip(block(at(9, 15), 60), block(at(16, 40), 30), now=at(12))
    assert (made.begins, made.ends) == ("09:00", "18:00")
    assert [(bar.x, bar.width) for bar in made.bars] == [
        ("2.778%", "11.111%"),
        ("85.185%", "5.556%"),
    ]
    assert made.now == "33.333%"
    assert [hour.words for hour in made.hours] == ["09", "11", "13", "15", "17"]


def test_a_short_day_has_room_and_a_far_now_is_not_on_it() -> None:
    made = the_strip(block(at(9), 30), now=at(22))
    assert (made.begins, made.ends, made.now) == ("09:00", "15:00", "")
    assert the_strip(block(at(9), 30), now=at(8, 20)).begins == "08:00"


def test_a_day_without_blocks_has_no_strip() -> None:
    assert strip((), SHOW, at(9)) is None
    whole = Block(at(0), at(0, day=24), "holiday", Kind.BUSY)
    assert strip((whole,), SHOW, at(9)) is None


def test_twelve_hours_are_written_short() -> None:
    made = the_strip(block(at(9), 300), show=SHOW._replace(hours=12))
    assert [hour.words for hour in made.hours][:4] == ["9am", "10am", "11am", "12pm"]


def test_the_night_with_25_hours_is_as_long_as_it_is() -> None:
    first = datetime(2026, 10, 24, 23, 0, tzinfo=UTC).astimezone(BERLIN)  # 01:00, two hours before
    made = the_strip(block(first, 60), block(first + timedelta(hours=4), 60))
    labels = [hour.words for hour in made.hours]
    assert labels[0] == "01"
    assert labels.count("02") == 2


@given(
    st.lists(
        st.tuples(st.integers(0, 60 * 30), st.integers(5, 600), st.sampled_from(Kind)), min_size=1
    ),
    st.integers(-600, 3000),
)
def test_nothing_lies_beside_the_strip(found: list[tuple[int, int, Kind]], minute: int) -> None:
    midnight = datetime(2026, 3, 28, 12, tzinfo=UTC).astimezone(BERLIN)
    blocks = [block(midnight + timedelta(minutes=m), length, kind) for m, length, kind in found]
    made = strip(blocks, SHOW, midnight + timedelta(minutes=minute))
    if made is None:
        return
    for bar in made.bars:
        assert 0 <= share(bar.x) <= 100
        assert 0 <= share(bar.x) + share(bar.width) <= 100.01
    assert all(0 <= share(hour.x) <= 100 for hour in made.hours)
    assert not made.now or 0 <= share(made.now) <= 100


def share(percent: str) -> float:
    return float(percent.removesuffix("%"))


# Anything at all


@given(st.text(max_size=120), st.text(max_size=40))
def test_whatever_a_note_says_is_read_as_these_words(text: str, path: str) -> None:
    task = Task(Source(path, 1, text), Status.TODO, " ", text, uid="u", key="u")
    value = Today(SHOW.today, (), (task,), 0, (), ())
    look = Look(SHOW, at(9), lambda name: "", lambda task: "m")
    html = bytes(
        written(
            "today.html",
            page=page(value, {"u": task}, look),
            last=None,
            at=0.0,
            said=None,
            filled=Forms(b"x", "who").filled,
            news="x-1",
        ).body
    ).decode()
    shown = one_line(text)
    without_links = "".join(piece.text for piece in pieces(shown, lambda name: ""))
    assert words(html, "small-u-t").split() == without_links.split()
    assert len(forms(html)) == 1
