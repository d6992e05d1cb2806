"""The reason of a block in words that stay true: dates instead of "tomorrow".

Rule: str -> str, by the words of plan/reasons.py. A calendar shows an event long after it was
written, and an event whose text changes each morning is a new one for every client.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from mdtasks.plan.reasons import NEAR, SHORT_DAYS, day_name

_DAY = "|".join([*NEAR.values(), *SHORT_DAYS, r"\d{4}-\d\d-\d\d"])
# Between quotation marks stand titles, in which nothing is a day of ours.
_PHRASE = re.compile(
    rf"“[^“”]*”|(?:^|(?<=[,;:] ))(?:was )?(?P<word>due|scheduled) (?P<day>{_DAY})(?=,|$)"
    rf"|^(?P<none>no free \S+)(?P<by> by)? (?P<until>{_DAY})(?=,|$)"
)
_WAS_LATE = ", no free time before then"


def dated(reason: str, written: date, *, late: bool = False, due: date | None = None) -> str:
    """Return a reason that was `written` on that day as any other day would say it.

    Whether a day "was" one, and whether there was still time before it, depends on today; that
    the block is `late` does not. What found no room until the plan's end, which moves with the
    days, found none; only until the day it is `due` stays said.
    """

    near = {day_name(day, written): day.isoformat() for day in _around(written)}

    def said(match: re.Match[str]) -> str:
        day = match["day"] or match["until"] or ""
        day = near.get(day, day)
        if match["word"]:
            return f"{match['word']} {day}"
        if match["none"] is None:
            return match[0]
        if match["by"] is None:
            return f"{match['none']} {day}"
        return f"{match['none']} by {day}" if day == str(due) else match["none"]

    told = _PHRASE.sub(said, reason.replace(_WAS_LATE, "") if late else reason)
    return f"{told}, later than it is due" if late else told


def _around(day: date) -> list[date]:
    """Return the days that `day_name` has words for."""
    return [day + timedelta(days=n) for n in range(-1, 7)]
