"""Urgency as the Obsidian Tasks plugin counts it, and the default order."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mdtasks.model import Priority, Source, Status
from mdtasks.plan.urgency import default_order, urgency
from tests.planner_rules import task

TODAY = date(2026, 11, 22)


def days(count: int) -> date:
    return TODAY + timedelta(days=count)


@pytest.mark.parametrize(
    ("overdue", "share"),
    [(300, 12.0), (7, 12.0), (6, 11.542857), (0, 8.8), (-7, 5.6), (-14, 2.4), (-15, 2.4)],
)
def test_a_due_date_counts_more_the_nearer_it_is(overdue: int, share: float) -> None:
    without_priority = 1.95
    found = urgency(task("pay rent", due=days(-overdue)), TODAY)
    assert found == pytest.approx(share + without_priority)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, 1.95),
        ({"priority": Priority.HIGHEST}, 9.0),
        ({"priority": Priority.HIGH}, 6.0),
        ({"priority": Priority.MEDIUM}, 3.9),
        ({"priority": Priority.LOW}, 0.0),
        ({"priority": Priority.LOWEST}, -1.8),
        ({"scheduled": days(0)}, 6.95),
        ({"scheduled": days(1)}, 1.95),
        ({"start": days(1)}, -1.05),
        ({"start": days(0)}, 1.95),
        ({"priority": Priority.HIGH, "due": days(0), "scheduled": days(-3)}, 19.8),
    ],
)
def test_scheduled_start_and_priority_add_up(fields: dict[str, object], expected: float) -> None:
    assert urgency(task("pay rent", **fields), TODAY) == pytest.approx(expected)


def test_default_order_goes_by_status_then_urgency_then_place() -> None:
    first_line, second_line = (Source("Home.md", line, "") for line in (3, 20))
    ordered = [
        task("begun", status=Status.IN_PROGRESS),
        task("urgent", due=days(0)),
        task("above")._replace(source=first_line),
        task("below")._replace(source=second_line),
        task("waiting", status=Status.ON_HOLD, due=days(0)),
        task("finished", status=Status.DONE, due=days(0)),
        task("dropped", status=Status.CANCELLED),
    ]
    backwards = ordered[::-1]
    found = sorted(backwards, key=lambda each: default_order(each, TODAY))
    assert [each.text for each in found] == [each.text for each in ordered]
