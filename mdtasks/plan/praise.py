"""What speaks for a day: the days in a row on which something was done, up to it.

Rule: pure; no clock. On which days something was done is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from mdtasks.plan.slots import ONE_DAY
from mdtasks.settings import Hours


def days_in_a_row(days: Iterable[date], today: date, hours: Hours) -> int:
    """Return on how many days in a row, up to today, something was done.

    `days` are those on which something was, each once, the latest first, none after today; no more
    of them are taken than the row is long. Today breaks no row while it lasts, nor does a day
    without working hours, unless no weekday has any.
    """
    count, after = 0, today
    for day in days:
        between = (after - ONE_DAY * n for n in range(1, (after - day).days))
        if any(hours.on(each) or not any(hours.week) for each in between):
            break
        count, after = count + 1, day
    return count
