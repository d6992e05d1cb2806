"""What the words of `mdtasks add` mean, and which words they must leave alone."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.settings import ReadSettings
from mdtasks.write.moments import parse_moment, parse_time_alone
from mdtasks.write.wording import Wording, understand

# A Monday, before work begins.
NOW = datetime(2026, 11, 23, 8, 30)
READ = ReadSettings()


def meant(text: str) -> Wording:
    return understand(text, NOW, READ)


UNDERSTOOD = [
    # days at the end
    ("call bob tomorrow 10m !high #home", "call bob #home", "scheduled Tue 24 Nov, 10m, high"),
    ("call dentist next mon 9am", "call dentist", "scheduled Mon 30 Nov 09:00"),
    ("buy milk dec 1", "buy milk", "scheduled Tue 1 Dec"),
    ("buy milk 1 dec", "buy milk", "scheduled Tue 1 Dec"),
    ("buy milk in 3 days", "buy milk", "scheduled Thu 26 Nov"),
    ("buy milk in a week", "buy milk", "scheduled Mon 30 Nov"),
    ("water +3d", "water", "scheduled Thu 26 Nov"),
    ("buy milk fri", "buy milk", "scheduled Fri 27 Nov"),
    ("buy milk this fri", "buy milk", "scheduled Fri 27 Nov"),
    ("buy milk on Friday", "buy milk", "scheduled Fri 27 Nov"),
    ("buy milk Friday.", "buy milk", "scheduled Fri 27 Nov"),
    ("plan budget next week", "plan budget", "scheduled Mon 30 Nov"),
    ("plan next week", "plan", "scheduled Mon 30 Nov"),
    ("review 2026-12-01", "review", "scheduled Tue 1 Dec"),
    ("review 2026-12-01 14:00", "review", "scheduled Tue 1 Dec 14:00"),
    ("review 2026-12-01T14:00", "review", "scheduled Tue 1 Dec 14:00"),
    ("party on 31st dec, 2027", "party", "scheduled Fri 31 Dec 2027"),
    ("call the plumber march 3", "call the plumber", "scheduled Wed 3 Mar 2027"),
    ("call the plumber on may 5", "call the plumber", "scheduled Wed 5 May 2027"),
    ("drive sunday", "drive", "scheduled Sun 29 Nov"),
    ("meet bob on sat", "meet bob", "scheduled Sat 28 Nov"),
    ("meet bob sat 10am", "meet bob", "scheduled Sat 28 Nov 10:00"),
    ("call mom, tomorrow", "call mom", "scheduled Tue 24 Nov"),
    ("call mom - tomorrow", "call mom", "scheduled Tue 24 Nov"),
    ("book a table for 2 tomorrow", "book a table for 2", "scheduled Tue 24 Nov"),
    ("fix #home tomorrow #urgent", "fix #home #urgent", "scheduled Tue 24 Nov"),
    ("call bob tomorrow @phone ^abc", "call bob @phone ^abc", "scheduled Tue 24 Nov"),
    # days at the beginning
    ("Tomorrow call mom", "call mom", "scheduled Tue 24 Nov"),
    ("tomorrow, call Bob", "call Bob", "scheduled Tue 24 Nov"),
    ("fri: gym", "gym", "scheduled Fri 27 Nov"),
    ("tomorrow 9am standup", "standup", "scheduled Tue 24 Nov 09:00"),
    ("next week plan budget", "plan budget", "scheduled Mon 30 Nov"),
    ("march 3: buy boots", "buy boots", "scheduled Wed 3 Mar 2027"),
    # due, by, on, start, from
    ("pay rent by friday", "pay rent", "due Fri 27 Nov"),
    ("pay rent due fri", "pay rent", "due Fri 27 Nov"),
    ("pay rent due 2026-11-20", "pay rent", "due Fri 20 Nov"),
    ("second draft by monday", "second draft", "due Mon 30 Nov"),
    ("pay rent by friday or else", "pay rent or else", "due Fri 27 Nov"),
    ("report due dec 1 17:00 and send", "report and send", "due Tue 1 Dec 17:00"),
    ("lunch on friday with Bob", "lunch with Bob", "scheduled Fri 27 Nov"),
    ("by friday pay tax", "pay tax", "due Fri 27 Nov"),
    ("due fri: pay tax", "pay tax", "due Fri 27 Nov"),
    ("fix by end of month", "fix", "due Mon 30 Nov"),
    ("step by step guide by friday", "step by step guide", "due Fri 27 Nov"),
    ("diet start fri", "diet", "starts Fri 27 Nov"),
    ("diet from fri", "diet", "starts Fri 27 Nov"),
    ("scheduled fri fix it", "fix it", "scheduled Fri 27 Nov"),
    ("write tomorrow due fri", "write", "scheduled Tue 24 Nov, due Fri 27 Nov"),
    ("write due fri from tomorrow", "write", "starts Tue 24 Nov, due Fri 27 Nov"),
    # times
    ("call ann tomorrow at 9", "call ann", "scheduled Tue 24 Nov 09:00"),
    ("call ann at 3pm", "call ann", "scheduled Mon 23 Nov 15:00"),
    ("call ann at 7:15", "call ann", "scheduled Tue 24 Nov 07:15"),
    ("call ann tomorrow noon", "call ann", "scheduled Tue 24 Nov 12:00"),
    ("meeting tomorrow 14:00-15:30", "meeting", "scheduled Tue 24 Nov 14:00–15:30"),
    ("meeting fri 11-1pm", "meeting", "scheduled Fri 27 Nov 11:00–13:00"),
    # durations
    ("read 20 minutes", "read", "20m"),
    ("take pills 1h 30m", "take pills", "1h30m"),
    ("take pills 1h30m", "take pills", "1h30m"),
    ("take pills for 30 min", "take pills", "30m"),
    ("work 1.5h", "work", "1h30m"),
    ("read for half an hour", "read", "30m"),
    ("read for an hour tomorrow", "read", "scheduled Tue 24 Nov, 1h"),
    ("review ~45min the thing", "review the thing", "45m"),
    # priorities
    ("!HIGH fix", "fix", "high"),
    ("fix !lowest the roof", "fix the roof", "lowest"),
    ("!high !low fix", "!low fix", "high"),
    # rules
    ("water plants every week", "water plants", "scheduled Mon 23 Nov, every week"),
    ("standup every weekday at 9", "standup", "scheduled Mon 23 Nov 09:00, every weekday"),
    ("gym every Friday 6:30pm", "gym", "scheduled Fri 27 Nov 18:30, every Friday"),
    ("pay rent every month on the 1st", "pay rent", "scheduled Tue 1 Dec, every month on the 1st"),
    ("clean every 2 weeks on Saturday", "clean", "scheduled Sat 28 Nov, every 2 weeks on Saturday"),
    ("walk every other day", "walk", "scheduled Mon 23 Nov, every 2 days"),
    ("mow every week when done due fri", "mow", "due Fri 27 Nov, every week when done"),
    ("every friday: review", "review", "scheduled Fri 27 Nov, every friday"),
    # what is quoted, a link or a field is kept, and the rest counts
    ('"call mom tomorrow" fri', '"call mom tomorrow"', "scheduled Fri 27 Nov"),
    ("[[Meeting tomorrow]] notes friday", "[[Meeting tomorrow]] notes", "scheduled Fri 27 Nov"),
    ("call 📅 2026-12-01 tomorrow", "call 📅 2026-12-01", "scheduled Tue 24 Nov"),
    ("mow [due:: 2026-12-01] tomorrow", "mow [due:: 2026-12-01]", "scheduled Tue 24 Nov"),
    ("call mum's friend fri", "call mum's friend", "scheduled Fri 27 Nov"),
    ("the dogs' food tomorrow", "the dogs' food", "scheduled Tue 24 Nov"),
]  # fmt: skip

TRAPS = [
    "call May",
    "may I come",
    "may 5 people come",
    "march to the hall",
    "march 3 miles",
    "read 1984",
    "the 3 of us",
    "second draft",
    "sun cream",
    "look at the sun",
    "sat nav",
    "sat on the fence",
    "meet bob sat",
    "'tomorrow' never dies",
    '"buy milk tomorrow" said Ann',
    "“see you tomorrow” card",
    "`tomorrow`",
    "read [[tomorrow]]",
    "see [docs](http://x/tomorrow)",
    "tomorrow is another day",
    "every day is a gift",
    "today and tomorrow",
    "call tomorrow and friday",
    "monday to friday shift plan",
    "friday's report",
    "slides for monday",
    "news of today",
    "what day is today",
    "log what happened yesterday",
    "what we did last week",
    "report 2020-01-01",
    "photos from 1 week ago",
    "work on friday report",
    "start monday report",
    "write from monday on",
    "a week in july",
    "john 3:16",
    "the bus is at 5",
    "call ann tomorrow at 5",
    "swim 2 x 50m",
    "boil eggs in 2 hours",
    "in 2 hours",
    "30 min walk",
    "2 hours of reading",
    "work 90",
    "raise 5M",
    "check every room",
    "think of every day",
    "count every second",
    "fix !important",
    "call Bob tomorrow!",
    "stand by me",
    "#tomorrow",
    "call @tomorrow",
    "tomorrow",
    "due friday",
    "10m",
    "!high",
    "mow ⏳ 2026-12-01 tomorrow",
    "call due fri 📅 2026-12-01",
    "pay !high 🔺",
    "walk 10m ⏱ 20m",
    "version 2.0",
    "gym mon, wed, fri",
    "mon, wed, fri gym",
    "gym on mon and wed evening",
    "plan trip from dec 24 to dec 27",
    "work on monday, tuesday and not later",
    "30 February",
    "meet on feb 30",
]


@pytest.mark.parametrize(("text", "left", "words"), UNDERSTOOD, ids=[t[0] for t in UNDERSTOOD])
def test_words_are_understood(text: str, left: str, words: str) -> None:
    found = meant(text)
    assert (found.text, found.in_words(NOW.date())) == (left, words)


@pytest.mark.parametrize("text", TRAPS)
def test_words_are_left_alone(text: str) -> None:
    assert meant(text) == Wording(text)


def test_the_table_is_long_enough_to_say_something() -> None:
    assert len(UNDERSTOOD) > 70
    assert len(TRAPS) > 50


def test_a_time_that_has_passed_today_is_tomorrow() -> None:
    assert meant("call ann at 9am").scheduled == date(2026, 11, 23)
    assert meant("call ann at 8am").scheduled == date(2026, 11, 24)


def test_spaces_between_words_that_stay_are_kept() -> None:
    assert meant("a  b `c  d` tomorrow").text == "a  b `c  d`"
    assert meant("a  b").text == "a  b"


WORDS = (
    "call the milk tomorrow fri by due on start every week day 10m !high #home @x ~1h may 5 "
    "'a b' \"fri\" [[fri]] `x` 📅 2026-12-01 at 9am 14:00 - , for of ^id sat next in 3 days"
)
PIECES = st.sampled_from([*WORDS.split(), "[due:: 2026-12-01]", "\u00a0", "’"])


@given(st.lists(PIECES, max_size=12).map(" ".join))
def test_every_word_stays_or_is_said(text: str) -> None:
    found = meant(text)
    kept = found.text.split()
    rest = iter(text.split())
    # What is left are words of the text, in their order, but for a comma that led to nothing.
    assert all(any(word in (other, other.rstrip(",;")) for other in rest) for word in kept)
    if found.text != text.strip():
        assert found.in_words(NOW.date())
    assert bool(found.text) == bool(text.strip())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tomorrow", "2026-11-24 None None"),
        ("fri 14:00", "2026-11-27 14:00:00 None"),
        ("fri, 14:00", "2026-11-27 14:00:00 None"),
        ("Fri at 2pm", "2026-11-27 14:00:00 None"),
        ("at 2pm fri", "2026-11-27 14:00:00 None"),
        ("2pm on fri", "2026-11-27 14:00:00 None"),
        ("fri 9-10:30am", "2026-11-27 09:00:00 10:30:00"),
        ("fri 14.00 – 15.30", "2026-11-27 14:00:00 15:30:00"),
        ("fri 22:00-01:00", "2026-11-27 22:00:00 01:00:00"),
        ("next week", "2026-11-30 None None"),
        ("2026-12-01", "2026-12-01 None None"),
    ],
)
def test_a_day_may_have_a_time(text: str, shown: str) -> None:
    found = parse_moment(text, NOW.date())
    assert found
    assert f"{found.day} {found.begins} {found.ends}" == shown


@pytest.mark.parametrize(
    "text",
    ["", "x", "25:00", "fri 25:00", "fri 13pm", "fri 9-9am", "yesterday", "last fri", "this week",
     "3 days ago", "-3d", "fri 14", "fri at 5", "3:16 tomorrow", "feb 30 9am"],
)  # fmt: skip
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse_moment(text, NOW.date()) is None


def test_a_time_alone_needs_a_sign_that_it_is_one() -> None:
    assert [bool(parse_time_alone(t)) for t in ("at 15:00", "3pm", "2-3pm", "at noon")] == [
        True
    ] * 4
    assert [parse_time_alone(t) for t in ("15:00", "3", "noon", "at 5")] == [None] * 4
