"""Reasons in the calendar: what they say of a day stays so on the next one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.model import Status
from mdtasks.plan.frame import frame_days
from mdtasks.plan.reasons import batch_reason, day_name, why
from mdtasks.plan.wanted import CROWDED_OUT
from mdtasks.render.dated import dated
from mdtasks.settings import PlanSettings
from tests.planned import EARLY, FRIDAY, MONDAY
from tests.planner_rules import BERLIN, task

DAYS = st.dates(MONDAY - timedelta(days=40), MONDAY + timedelta(days=40))


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("due tomorrow", "due 2026-11-24"),
        ("due today, needs 2 × 45m, part 1 of 2", "due 2026-11-23, needs 2 × 45m, part 1 of 2"),
        ("in progress, was due yesterday", "in progress, due 2026-11-22"),
        ("was scheduled 2026-11-01, high priority", "scheduled 2026-11-01, high priority"),
        ("3 small; most urgent: due Sun", "3 small; most urgent: due 2026-11-29"),
        ("all @phone; most urgent: scheduled Fri", "all @phone; most urgent: scheduled 2026-11-27"),
        ("you wrote 09:00, overlaps “due today”", "you wrote 09:00, overlaps “due today”"),
        ("waits for “Plan, due tomorrow”", "waits for “Plan, due tomorrow”"),
        ("every week on Mon", "every week on Mon"),
        ("session 2 of 3 a week", "session 2 of 3 a week"),
        ("no free 2h Wed", "no free 2h 2026-11-25"),
        (CROWDED_OUT, CROWDED_OUT),
        ("starts 2026-12-01", "starts 2026-12-01"),
        ("", ""),
    ],
)
def test_days_are_dates(reason: str, said: str) -> None:
    assert dated(reason, MONDAY) == said


@given(due=DAYS, today=DAYS, status=st.sampled_from([Status.TODO, Status.IN_PROGRESS]))
def test_why_a_task_is_wanted_is_told_alike_on_every_day(
    due: date, today: date, status: Status
) -> None:
    first, then = (task("a", **{name: due}, status=status) for name in ("due", "scheduled"))
    for each in (first, then):
        told = {dated(", ".join(why(each, day)), day) for day in (due, today, FRIDAY)}
        assert len(told) == 1
        assert str(due) in told.pop()


def test_a_batch_says_alike_on_every_day_which_task_is_urgent() -> None:
    tasks = [task("a", due=FRIDAY), task("b")]
    told = {
        dated(batch_reason(tasks, frame), frame.today)
        for frame in (
            frame_days(EARLY + timedelta(days=n), BERLIN, PlanSettings()) for n in range(9)
        )
    }
    assert told == {"most urgent: due 2026-11-27"}


def test_a_late_block_says_so_before_and_after_its_due_day() -> None:
    before = dated("due today, no free time before then", MONDAY, late=True)
    after = dated("was due yesterday", MONDAY + timedelta(days=1), late=True)
    assert before == after == "due 2026-11-23, later than it is due"


def test_what_found_no_room_says_only_until_which_day_it_is_due() -> None:
    reason = "no free 2h by Fri, at most 4h of focus a day"
    assert dated(reason, MONDAY, due=FRIDAY) == (
        "no free 2h by 2026-11-27, at most 4h of focus a day"
    )
    assert dated(reason, MONDAY, due=MONDAY) == "no free 2h, at most 4h of focus a day"


@given(st.text(), DAYS)
def test_no_text_is_too_odd(text: str, day: date) -> None:
    dated(text, day)
    dated(f"due {text}, no free {text}", day, late=True, due=day)


def test_no_name_of_a_day_is_left_in_a_phrase() -> None:
    for day in (MONDAY + timedelta(days=n) for n in range(-1, 7)):
        name = day_name(day, MONDAY)
        for phrase in (f"due {name}", f"was scheduled {name}", f"no free 45m {name}"):
            told = dated(phrase, MONDAY)
            assert told.endswith(str(day))
            assert name not in told
