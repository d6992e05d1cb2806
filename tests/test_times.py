"""Times and estimates in the text."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from mdtasks.read.times import closing_estimate, leading_times


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:00 - 10:30 Write", ("Write", time(9), time(10, 30))),
        ("9:00-10:30 Write", ("Write", time(9), time(10, 30))),
        ("9.30–10.15 Write", ("Write", time(9, 30), time(10, 15))),
        ("9.30 — 10.15 Write", ("Write", time(9, 30), time(10, 15))),
        ("9am Call", ("Call", time(9), None)),
        ("9am - Call", ("Call", time(9), None)),
        ("9 AM - 11 AM Call", ("Call", time(9), time(11))),
        ("3-4pm Call", ("Call", time(15), time(16))),
        ("11-1pm Lunch", ("Lunch", time(11), time(13))),
        ("11am-1 Lunch", ("Lunch", time(11), time(1))),
        ("12:30 pm Lunch", ("Lunch", time(12, 30), None)),
        ("12am Sleep", ("Sleep", time(0), None)),
        ("23:00 - 01:00 Night", ("Night", time(23), time(1))),
        ("22:00-24:00 Film", ("Film", time(22), time(0))),
        ("#deep 09:00 Write", ("#deep Write", time(9), None)),
        ("#a #b 09:00-10:00 Write", ("#a #b Write", time(9), time(10))),
    ],
)
def test_a_time_at_the_start_counts(
    text: str, expected: tuple[str, time | None, time | None]
) -> None:
    assert leading_times(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "v1.20 release",
        "3.14 pi",
        "9 lives",
        "9-10 chapters",
        "Call at 09:00",
        "25:00 no hour",
        "9:60 no minute",
        "13pm no such",
        "09:00",
        "09:00 - 10:00",
        "10:30th",
        "2026-11-23 date",
        "24:30 past the day",
    ],
)
def test_what_is_no_time_stays_text(text: str) -> None:
    assert leading_times(text) == (text, None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Walk (30 min)", ("Walk", timedelta(minutes=30))),
        ("Walk (1h)", ("Walk", timedelta(hours=1))),
        ("Walk (1h30m) #dog", ("Walk #dog", timedelta(minutes=90))),
        ("Walk (1.5 hours)", ("Walk", timedelta(minutes=90))),
        ("Walk (flat 3)", ("Walk (flat 3)", None)),
        ("Walk (30)", ("Walk (30)", None)),
        ("Walk (30 miles)", ("Walk (30 miles)", None)),
        ("Walk (30 min) home", ("Walk (30 min) home", None)),
        ("(30 min)", ("(30 min)", None)),
    ],
)
def test_an_estimate_in_brackets_closes_the_text(
    text: str, expected: tuple[str, timedelta | None]
) -> None:
    assert closing_estimate(text) == expected
