"""Whom to ask, what one waits for, and the account of what was handed over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from mdtasks.model import Source, Status, Task
from mdtasks.plan.handed import (
    MOST_ASKED,
    MOST_WAITED_FOR,
    Piece,
    accounts,
    follow_up,
    handed,
    piece,
)

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def task(
    text: str, scheduled: date | None = None, due: date | None = None, who: str | None = "Ana"
) -> Task:
    source = Source("a.md", 1, f"- [ ] {text}")
    return Task(
        source, Status.TODO, " ", text, uid=text, assignee=who, scheduled=scheduled, due=due
    )


def texts(tasks: Sequence[Task]) -> list[str]:
    return [each.text for each in tasks]


# The lists of a day


def test_the_follow_up_is_the_scheduled_day_else_the_due_day_else_none() -> None:
    assert follow_up(task("a", TODAY, TODAY + DAY)) == TODAY
    assert follow_up(task("a", due=TODAY + DAY)) == TODAY + DAY
    assert follow_up(task("a")) is None
    # That a daily note has it was written by nobody.
    assert follow_up(task("a", TODAY)._replace(inferred=("scheduled",))) is None


def test_what_has_its_day_is_asked_and_the_rest_waits_soonest_first() -> None:
    tasks = [task("none"), task("late", TODAY - DAY), task("mine", TODAY, who=None)]
    tasks += [task("far", TODAY + 9 * DAY), task("now", due=TODAY), task("near", TODAY + DAY)]
    found = handed(tasks, TODAY)
    assert texts(found.asked) == ["late", "now"]
    assert (texts(found.waiting), found.more) == (["near", "far", "none"], 0)


@given(st.lists(st.none() | st.integers(-9, 9), max_size=30))
def test_each_stands_in_one_list_or_is_counted(days: list[int | None]) -> None:
    tasks = [
        task(str(n), None if each is None else TODAY + each * DAY) for n, each in enumerate(days)
    ]
    found = handed(tasks, TODAY)
    shown = texts(found.asked) + texts(found.waiting)
    assert len(shown) == len(set(shown))
    assert len(shown) + found.more == len(tasks)
    come = sum(each is not None and each <= 0 for each in days)
    assert len(found.asked) == min(come, MOST_ASKED)
    assert len(found.waiting) == min(len(tasks) - len(found.asked), MOST_WAITED_FOR)


# The account

_DAYS = st.none() | st.integers(0, 40).map(lambda n: TODAY - n * DAY)
_PIECES = st.builds(
    Piece, st.sampled_from(["Ana", "Bo"]), st.booleans(), _DAYS, _DAYS, st.integers(0, 3)
)


@given(st.lists(_PIECES, max_size=20))
def test_an_account_adds_up_and_invents_nothing(pieces: list[Piece]) -> None:
    found = accounts(pieces)
    assert sum(each.handed for each in found) == len(pieces)
    for each in found:
        theirs = [one for one in pieces if one.who == each.who]
        done = [one for one in theirs if not one.is_open]
        days = [
            (one.done - one.handed).days
            for one in done
            if one.done and one.handed and one.handed <= one.done
        ]
        assert (each.handed, each.done, each.waiting) == (
            len(theirs),
            len(done),
            len(theirs) - len(done),
        )
        assert each.unknown == len(done) - len(days)
        assert each.median == (median(days) if days else None)
        assert each.longest == max(days, default=None)
        assert each.rework == sum(one.rework for one in theirs)
        assert each.share is None or 0 <= each.share <= 1


def test_late_is_what_is_due_or_else_to_be_asked_before_today() -> None:
    def is_late(one: Task) -> bool:
        return piece(one, TODAY).is_late

    assert is_late(task("a", due=TODAY - DAY))
    assert is_late(task("a", TODAY - DAY))
    assert not is_late(task("a", TODAY - DAY, TODAY))
    assert not is_late(task("a"))
    assert not is_late(task("a", due=TODAY - DAY)._replace(status=Status.DONE))


def test_who_has_most_comes_first() -> None:
    pieces = [Piece("Bo", True, None, None, 0), *[Piece("Ana", True, None, None, 0)] * 2]
    assert [each.who for each in accounts([*pieces, Piece("Ada", True, None, None, 0)])] == [
        *("Ana", "Ada", "Bo")
    ]
