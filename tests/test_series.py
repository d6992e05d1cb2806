"""An undated routine that was ticked comes back on the rule's next day, not at once."""

from __future__ import annotations

from datetime import date

import pytest

from mdtasks.model import Source, Status, Task
from mdtasks.plan.series import rest

MONDAY = date(2026, 11, 23)


def task(text: str, **values: object) -> Task:
    source = Source("Routines.md", 3, f"- [ ] {text}")
    return Task(source=source, status=Status.TODO, symbol=" ", text=text, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "start"),
    [
        ("every day", date(2026, 11, 24)),
        ("every day when done", date(2026, 11, 24)),
        ("every week", date(2026, 11, 30)),
        ("every Friday", date(2026, 11, 27)),
        ("every month on the last", date(2026, 11, 30)),
    ],
)
def test_the_copy_rests_until_the_rules_next_day(rule: str, start: date) -> None:
    done = {("Routines.md", "Water the ferns"): MONDAY}
    (rested,) = rest([task("Water the ferns", recurrence=rule)], done)
    assert rested.start == start


@pytest.mark.parametrize(
    "untouched",
    [
        task("Water the ferns"),
        task("Water the ferns", recurrence="every day", due=MONDAY),
        task("Water the ferns", recurrence="every day", start=MONDAY),
        task("Water the roses", recurrence="every day"),
        task("Water the ferns", recurrence="every week for 1 time"),
    ],
)
def test_what_has_a_date_or_was_never_done_stays_as_it_is(untouched: Task) -> None:
    done = {("Routines.md", "Water the ferns"): MONDAY}
    assert rest([untouched], done) == [untouched]
