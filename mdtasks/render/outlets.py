"""What came of carrying the plan to other places, in words and as JSON.

Rule: titles of events and no addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mdtasks.errors import MdtasksError
from mdtasks.render.json import Shape
from mdtasks.render.pen import counted
from mdtasks.settings import Outlet

_MOST_TITLES = 5
# Of a report: what is counted, and how it is said.
_COUNTS = {"created": "new", "changed": "changed", "removed": "removed", "unchanged": "as before"}
# What was left as it is: its key in JSON, and the words.
_LEFT = {
    "conflicts": ("conflicts", "changed there by somebody else, and left so"),
    "away": ("deleted", "deleted there, and not put there again"),
    "refused": ("refused", "not taken by the calendar, which may have it under another name"),
}
_HINTS = {
    "conflicts": "`mdtasks publish --force` puts the plan's in its place",
    "refused": "was the calendar file imported there once? Then delete those events",
}


def line(outlet: Outlet, report: Mapping[str, object], dry: bool) -> str:
    """Return "phone: 3 new, 1 changed, 40 as before"."""
    if outlet.kind == "caldav":
        counts = [f"{report[key]} {words}" for key, words in _COUNTS.items() if report[key]]
        said = ", ".join(counts) or "nothing to show"
    else:
        said = "as before" if report["unchanged"] else "written"
        said = "to be written" if dry and said == "written" else said
    trial = ", if it were done" if dry and outlet.kind == "caldav" else ""
    return f"{outlet.name}: {said}{trial}"


def left(
    outlet: Outlet, report: Mapping[str, Sequence[str]], titles: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield what was not done and why, each with a hint, "" where none is needed."""
    for key, (_, words) in _LEFT.items():
        if uids := report[key]:
            named = [f"“{titles.get(uid) or uid}”" for uid in uids[:_MOST_TITLES]]
            more = len(uids) - len(named)
            shown = ", ".join(named) + (f" and {more} more" if more else "")
            message = f"{outlet.name}: {counted(len(uids), 'event')} {words}: {shown}"
            yield message, _HINTS.get(key, "")


def shape(
    outlet: Outlet,
    report: Mapping[str, object],
    titles: Mapping[str, str],
    error: MdtasksError | None,
) -> Shape:
    counts = {key: report[key] for key in _COUNTS}
    lists = {
        name: [{"uid": uid, "title": titles.get(uid, "")} for uid in _uids(report[key])]
        for key, (name, _) in _LEFT.items()
    }
    place = {"name": outlet.name, "kind": outlet.kind, "lens": outlet.lens}
    problem = {"message": error.message, "hint": error.hint} if error else None
    return {**place, **counts, **lists, "error": problem}


def _uids(value: object) -> Sequence[str]:
    return value if isinstance(value, tuple) else ()
