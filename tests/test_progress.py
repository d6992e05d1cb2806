"""How far projects are: counts, next steps and what is wrong, from items."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.model import OPEN_STATUSES, Status
from mdtasks.plan.progress import Count, Fault, Goal, Item, Progress, dated, goals_of, summed

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def item(line: int, status: Status = Status.TODO, **said: object) -> Item:
    values = {"project": "P", "goal": "G", **said}
    is_open = status in OPEN_STATUSES
    return Item(f"u{line}", "a.md", line, status=status, is_open=is_open, **values)  # type: ignore[arg-type]


def goals(*items: Item, missed: set[str] = frozenset(), ids: set[str] = frozenset()) -> list[Goal]:  # type: ignore[assignment]
    return goals_of(items, TODAY, missed, ids)


def progress(*items: Item, **more: set[str]) -> Progress:
    ((_, _, (found,)),) = goals(*items, **more)
    return found


def test_every_box_counts_but_for_those_that_were_cancelled_or_sent_on() -> None:
    found = progress(
        item(1),
        item(2, Status.DONE, above=1),
        item(3, Status.CANCELLED),
        item(4, Status.NON_TASK),
        item(5, Status.ON_HOLD),
    )
    assert found.counts == Count(done=1, total=3)


@pytest.mark.parametrize(
    ("own", "steps", "count"),
    [
        (0, [(30, False), (15, True)], Count(1, 3, 15, 45)),
        (90, [(30, False), (15, True)], Count(1, 3, 15, 90)),
        (30, [(30, True), (15, True)], Count(2, 3, 45, 45)),
        (60, [(0, True), (0, False)], Count(1, 3, 0, 60)),
    ],
)
def test_a_task_takes_as_long_as_its_steps_or_as_it_says_if_longer(
    own: int, steps: list[tuple[int, bool]], count: Count
) -> None:
    below = [
        item(n, Status.DONE if done else Status.TODO, minutes=minutes, above=1)
        for n, (minutes, done) in enumerate(steps, 2)
    ]
    assert progress(item(1, minutes=own), *below).counts == count


def test_a_task_that_is_done_counts_with_all_its_time() -> None:
    found = progress(item(1, Status.DONE, minutes=60), item(2, minutes=20, above=1))
    assert found.counts == Count(1, 2, 60, 60)


def test_steps_are_not_counted_as_open_tasks_of_their_own() -> None:
    assert progress(item(1), item(2, above=1), item(3, above=2), item(4)).open == 2
    assert progress(item(1, Status.DONE), item(2, above=1)).open == 1


def test_the_next_step_is_in_progress_then_for_today_then_first_in_the_note() -> None:
    first, dated_, begun = item(1), item(2, due=TODAY - DAY), item(3, Status.IN_PROGRESS)
    assert progress(first, dated_, begun).next == "u3"
    assert progress(first, dated_).next == "u2"
    assert progress(first, item(2, due=TODAY + DAY)).next == "u1"


def test_the_next_step_is_a_step_and_has_the_dates_of_its_task() -> None:
    assert progress(item(1), item(2), item(3, above=2)).next == "u1"
    assert progress(item(1), item(2, scheduled=TODAY), item(3, above=2)).next == "u3"


@pytest.mark.parametrize(
    "held",
    [
        {"status": Status.ON_HOLD},
        {"start": TODAY + DAY},
        {"depends_on": ("x",)},
    ],
)
def test_what_is_held_back_is_no_next_step_and_neither_are_its_steps(
    held: dict[str, object],
) -> None:
    status = held.pop("status", Status.TODO)
    assert isinstance(status, Status)
    found = progress(item(1, status, **held), item(2, above=1), ids={"x"})
    assert (found.next, found.faults[0]) == ("", Fault.STUCK)


def test_what_waits_for_an_id_that_is_no_longer_open_is_a_next_step() -> None:
    assert progress(item(1, depends_on=("x",))).next == "u1"


def test_a_project_that_is_all_with_others_waits_for_them() -> None:
    found = progress(item(1, assignee="Sam", due=TODAY), item(2, assignee="Erik"))
    assert (found.waits, found.faults) == (("Sam", "Erik"), (Fault.WAITING,))


@pytest.mark.parametrize(
    ("items", "missed", "faults"),
    [
        ([item(1, due=TODAY - DAY)], set(), (Fault.LATE,)),
        ([item(1, due=TODAY)], set(), ()),
        ([item(1, due=TODAY + DAY)], {"u1"}, (Fault.AT_RISK,)),
        ([item(n, due=TODAY) for n in range(1, 6)], set(), ()),
        ([item(n, due=TODAY) for n in range(1, 7)], set(), (Fault.MANY,)),
        ([item(1)], set(), (Fault.UNDATED,)),
        ([item(1, start=TODAY - DAY)], set(), ()),
        ([item(1, due=TODAY), item(2, Status.DONE, done_on=TODAY - 14 * DAY)], set(), ()),
        ([item(1, due=TODAY), item(2, Status.DONE, done_on=TODAY - 15 * DAY)], set(),
         (Fault.STALE,)),
        ([item(1, Status.DONE, done_on=TODAY - 99 * DAY)], set(), ()),
        ([item(1, Status.CANCELLED)], set(), ()),
    ],
)  # fmt: skip
def test_what_is_wrong(items: list[Item], missed: set[str], faults: tuple[Fault, ...]) -> None:
    assert progress(*items, missed=missed).faults == faults


def test_what_asks_for_attention_comes_first_and_what_is_finished_last() -> None:
    found = goals(
        item(1, Status.DONE, project="done", goal="A"),
        item(2, project="undated", goal="A"),
        item(3, project="fine", goal="B", due=TODAY),
        item(4, project="late", goal="C", due=TODAY - DAY),
        item(5, project="", goal="C", due=TODAY),
    )
    names = [(goal.name, [each.project for each in goal.projects]) for goal in found]
    assert names == [("C", ["late", ""]), ("A", ["undated", "done"]), ("B", ["fine"])]


def test_a_project_has_the_goal_that_most_of_its_tasks_name() -> None:
    found = goals(item(1, goal="A"), item(2, goal="B"), item(3, goal="B"), item(4, goal=""))
    assert [(goal.name, goal.counts.total) for goal in found] == [("B", 4)]


def test_a_step_of_what_is_due_is_dated_with_it() -> None:
    items = [item(1, due=TODAY + DAY), item(2, above=1), item(3), item(4, due=TODAY - DAY)]
    assert dated(items, TODAY, TODAY + 7 * DAY) == ["u1", "u2"]


DAYS = st.none() | st.integers(-30, 30).map(lambda n: TODAY + n * DAY)


@st.composite
def items_of_notes(draw: st.DrawFn) -> list[Item]:
    found = []
    for line in range(1, draw(st.integers(0, 12)) + 1):
        status = draw(st.sampled_from(list(Status)))
        found.append(
            Item(
                f"u{line}",
                "a.md",
                line,
                project=draw(st.sampled_from(["", "P", "Q"])),
                goal=draw(st.sampled_from(["", "G", "H"])),
                status=status,
                is_open=status in OPEN_STATUSES,
                minutes=draw(st.integers(0, 90)),
                above=draw(st.integers(0, line - 1)),
                due=draw(DAYS),
                scheduled=draw(DAYS),
                done_on=draw(DAYS) if status is Status.DONE else None,
                assignee=draw(st.sampled_from(["", "", "Sam"])),
            )
        )
    return found


@given(items_of_notes())
@settings(max_examples=200, deadline=None)
def test_numbers_add_up_and_every_next_step_is_open_and_in_its_project(items: list[Item]) -> None:
    found = goals(*items)
    projects = [each for goal in found for each in goal.projects]
    assert len({(each.goal, each.project) for each in projects}) == len(projects)
    counted = [i for i in items if i.status not in (Status.CANCELLED, Status.NON_TASK)]
    assert sum(each.counts.total for each in projects) == len(counted)
    by_uid = {i.uid: i for i in items}
    for goal in found:
        assert goal.counts == summed(each.counts for each in goal.projects)
    for each in projects:
        assert 0 <= each.counts.done <= each.counts.total
        assert 0 <= each.counts.minutes_done <= each.counts.minutes
        assert bool(each.next) <= bool(each.open)
        if each.next:
            step = by_uid[each.next]
            assert step.is_open
            assert not step.assignee
            assert step.project == each.project
        if each.is_finished:
            assert not each.faults
