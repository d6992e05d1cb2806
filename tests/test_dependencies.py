"""Who waits for whom."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mdtasks.model import Status
from mdtasks.plan.dependencies import blocked_uids, in_order, unknown_ids
from tests.planner_rules import task


def test_a_task_is_blocked_while_one_it_depends_on_is_open() -> None:
    ask, book = task("ask", id="a"), task("book", depends_on=("a",))
    assert blocked_uids([ask, book]) == {"book"}


def test_a_closed_task_blocks_nothing() -> None:
    asked = task("ask", id="a", status=Status.DONE)
    assert blocked_uids([asked, task("book", depends_on=("a",))]) == frozenset()


def test_a_closed_task_is_not_blocked() -> None:
    booked = task("book", status=Status.DONE, depends_on=("a",))
    assert blocked_uids([task("ask", id="a"), booked]) == frozenset()


def test_an_unknown_id_blocks_nothing_and_is_named() -> None:
    book = task("book", depends_on=("gone",))
    assert blocked_uids([book]) == frozenset()
    assert unknown_ids([book]) == [(book, "gone")]


def test_the_id_of_a_closed_task_is_known() -> None:
    asked = task("ask", id="a", status=Status.DONE)
    assert unknown_ids([asked, task("book", depends_on=("a",))]) == []


def test_links_count_one_step_only() -> None:
    tasks = [
        task("ask", id="a"),
        task("book", id="b", depends_on=("a",), status=Status.DONE),
        task("pack", depends_on=("b",)),
    ]
    assert blocked_uids(tasks) == frozenset()


def test_order_is_kept_where_nothing_waits() -> None:
    assert in_order({"c": (), "a": (), "b": ()}) == ["c", "a", "b"]


def test_what_is_waited_for_comes_first() -> None:
    assert in_order({"pack": ("book",), "rest": (), "book": ()}) == ["rest", "book", "pack"]


def test_a_cycle_and_what_waits_for_it_are_left_out() -> None:
    assert in_order({"a": ("b",), "b": ("a",), "c": ("a",), "self": ("self",), "d": ()}) == ["d"]


def test_what_waits_for_something_absent_is_left_out() -> None:
    assert in_order({"a": ("gone",), "b": ("a",), "c": ()}) == ["c"]


@given(
    waits=st.dictionaries(
        st.integers(0, 9).map(str), st.lists(st.integers(0, 9).map(str), max_size=3)
    )
)
def test_each_comes_once_and_after_all_that_it_waits_for(waits: dict[str, list[str]]) -> None:
    order = in_order(waits)
    assert len(set(order)) == len(order)
    for place, key in enumerate(order):
        assert set(waits[key]) <= set(order[:place])
