"""The zones that a calendar names: those of the database, of Windows, and its own.

Rule: a zone of the calendar's own is used only where its rules are tame: python-dateutil asks
them at every moment, and searches to the year 9999 for one that never comes.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Mapping
from datetime import tzinfo

from mdtasks.busy.text import components

# Yearly, in a month, on the nth weekday or on a day (or weekday) that each month has.
_TAME = re.compile(
    r"FREQ=YEARLY(?:;(?:INTERVAL=1|WKST=[A-Z]{2}|UNTIL=[0-9]{8}(?:T[0-9]{6}Z?)?|BYMONTH=[0-9]{1,2}"
    r"|BYDAY=[+-]?[1-4]?[A-Z]{2}"
    r"|BYMONTHDAY=(?:[1-9]|1[0-9]|2[0-8])(?:,(?:[1-9]|1[0-9]|2[0-8])){0,27}))*"
)
_RULE = re.compile(r"\nRRULE[^:\n]*:([^\n]*)")
_TZID = re.compile(r"\nTZID[^:\n]*:([^\n]*)")
_LONGEST = 50_000
_MOST = 50


def zones_of(text: str, names: Collection[str]) -> Mapping[str, tzinfo | None]:
    """Return the zone that each name means in this calendar; None where nobody knows."""
    from icalendar.timezone import tzp

    # What another calendar called by the same name is forgotten.
    tzp.use_default()
    with warnings.catch_warnings():
        # icalendar warns where it takes /citadel.org/…/Europe/Berlin for Europe/Berlin.
        warnings.simplefilter("ignore")
        found = {name: _zone(name) for name in names}
        if missing := {name for name, zone in found.items() if zone is None}:
            _define(text, missing)
            found |= {name: _zone(name) for name in missing}
    return found


def _zone(name: str) -> tzinfo | None:
    from icalendar.timezone import tzp

    try:
        return tzp.timezone(name)
    except (OSError, ValueError):  # OSError: "Europe" is a folder of zones
        return None


def _define(text: str, names: Collection[str]) -> None:
    """Make the calendar's own zones of these names known to icalendar."""
    from icalendar import Timezone

    defined = 0
    for inside in components(text, "VTIMEZONE"):
        match = _TZID.search(f"\n{inside}")
        if not match or match[1].strip() not in names or defined == _MOST:
            continue
        defined += 1
        tame = all(_TAME.fullmatch(rule[1].strip()) for rule in _RULE.finditer(inside))
        if tame and len(inside) <= _LONGEST:
            rows = ("BEGIN:VTIMEZONE", *filter(None, inside.split("\n")), "END:VTIMEZONE", "")
            try:
                Timezone.from_ical("\r\n".join(rows))
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
                continue  # it stays unknown, which is said
