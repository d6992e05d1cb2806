"""The shapes of the time log in `--json`.

Rule: as render/json.py has them: moments carry their offset, durations are whole minutes, what
is absent is null.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

from mdtasks.model import Interval
from mdtasks.plan.worked import Day, Report, Share, Span
from mdtasks.read.log_times import length
from mdtasks.render.json import Shape


def interval(each: Interval) -> Shape:
    """Return the shape of an interval with aware moments."""
    lasts = length(each)
    return {
        "start": each.start.isoformat(),
        "end": each.end.isoformat() if each.end else None,
        "minutes": None if lasts is None else lasts // timedelta(minutes=1),
        "text": each.text,
        "task": each.task or None,
        "path": each.source.path,
        "line": each.source.line,
    }


def report(value: Report, said: Iterable[str], tried: Iterable[str], zone: ZoneInfo) -> Shape:
    """Return the shape of what a log adds up to; an hour is a number from 0 to 23."""
    longest = value.longest
    return {
        "days": [_day(day, zone) for day in value.days],
        "logged": _minutes(value.logged),
        "tasks": _shares(value.names),
        "projects": _shares(value.projects),
        "tags": _shares(value.tags),
        "purposes": _shares(value.purposes),
        "hours": [
            {"hour": each.hour, "logged": _minutes(each.logged), "done": each.done}
            for each in value.hours
        ],
        "longest": longest and {**_span(longest.span, zone), "name": longest.name},
        "switches": value.switches,
        "planned": [
            {"name": each.name, "planned": _minutes(each.planned), "logged": _minutes(each.actual)}
            for each in value.planned
        ],
        "findings": list(said),
        "tries": list(tried),
    }


def _day(day: Day, zone: ZoneInfo) -> Shape:
    return {
        "date": day.date.isoformat(),
        "logged": _minutes(day.logged),
        "working": _minutes(day.working),
        "gaps": [_span(gap, zone) for gap in day.gaps],
    }


def _shares(shares: Iterable[Share]) -> list[Shape]:
    return [{"name": each.name or None, "logged": _minutes(each.time)} for each in shares]


def _span(span: Span, zone: ZoneInfo) -> Shape:
    start, end = (moment.astimezone(zone).isoformat() for moment in span)
    return {"start": start, "end": end, "minutes": _minutes(span[1] - span[0])}


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)
