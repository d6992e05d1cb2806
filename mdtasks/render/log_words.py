"""What a time log says in plain words, and what one might try.

Rule: each sentence rests on figures of the report, and names them; where they say nothing, there
is no sentence. Values in, text out, as notes have it: whoever prints it cleans it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from mdtasks.dates import format_duration
from mdtasks.plan.worked import ENOUGH, Hour, Report
from mdtasks.render.clean import for_terminal
from mdtasks.render.pen import counted
from mdtasks.render.terminal import Show

_SINKS = 3
# From so many times as long as planned on, it is worth a word; and from so little of it on.
_FAR_OVER, _FAR_UNDER = 1.5, 0.5
_MUCH_WASTED = 0.1
_OFTEN = 3.0  # changes an hour
_TWICE = 2  # once is an accident
_MEANINGS = {
    "earning": "what earns",
    "maintaining": "what keeps things up",
    "wasting": "what you call a waste",
    "": "the rest",
}


_HIDING = re.compile(r"%(?=%)")


def percent(part: timedelta, whole: timedelta) -> str:
    return f"{round(part / whole * 100) if whole else 0}%"


def findings(report: Report, show: Show, zone: ZoneInfo) -> list[str]:
    """Return what the figures say."""
    return [*_found(report, show, zone)] if report.logged else []


def _found(report: Report, show: Show, zone: ZoneInfo) -> Iterator[str]:
    worked = [day for day in report.days if day.logged]
    a_day = report.logged / len(worked)
    on = counted(len(worked), "day")
    yield f"{format_duration(report.logged)} logged on {on}, {format_duration(a_day)} a day."
    sinks = [
        f"{share.name} ({format_duration(share.time)}, {percent(share.time, report.logged)})"
        for share in report.names[:_SINKS]
    ]
    yield f"Most of it went to {_listed(sinks)}."
    yield from _purposes(report)
    yield _best(report, show)
    if report.longest:
        begin, end = (moment.astimezone(zone) for moment in report.longest.span)
        yield (
            f"Your longest time on one thing was "
            f"{format_duration(report.longest.end - report.longest.start)}: {report.longest.name}, "
            f"{begin:%a} {show.clock(begin)}–{show.clock(end)}; "
            f"you changed to something else {counted(report.switches, 'time')}."
        )
    working = sum((day.working for day in worked), timedelta())
    open_time = sum((end - start for day in worked for start, end in day.gaps), timedelta())
    if working and open_time:
        yield (
            f"Of {format_duration(working)} of working hours on these days, "
            f"{format_duration(open_time)} are not in the log."
        )
    planned = sum((each.planned for each in report.planned), timedelta())
    actual = sum((each.actual for each in report.planned), timedelta())
    if planned:
        yield (
            f"{format_duration(planned)} were planned by now; {_or_none(actual)} of the log is "
            f"for these tasks, {_or_none(max(report.logged - actual, timedelta()))} for others."
        )


def _or_none(length: timedelta) -> str:
    return format_duration(length) if length else "none"


def _purposes(report: Report) -> Iterator[str]:
    if report.purposes:
        parts = [
            f"{percent(share.time, report.logged)} for {_MEANINGS[share.name]}"
            for share in report.purposes
        ]
        yield f"{_listed(parts).capitalize()}."


def _best(report: Report, show: Show) -> str:
    """Return in which hour most is done, where the log knows of enough that was done."""
    if hour := _best_hour(report):
        return (
            f"Most gets done from {_clocks(hour, show)}: {counted(hour.done, 'task')} in "
            f"{format_duration(hour.logged)} of logged time."
        )
    done = sum(hour.done for hour in report.hours)
    if not done:
        return "No task with logged time was done in these days, so the log names no best hour."
    tasks, were = counted(done, "task"), "was" if done == 1 else "were"
    return f"{tasks} with logged time {were} done, too few in any one hour to name the best."


def _best_hour(report: Report) -> Hour | None:
    found = [hour for hour in report.hours if hour.done >= _TWICE and hour.logged >= ENOUGH]
    return max(found, key=lambda hour: (hour.rate, hour.logged), default=None)


def _clocks(hour: Hour, show: Show) -> str:
    return f"{show.clock(time(hour.hour))} to {show.clock(time((hour.hour + 1) % 24))}"


def tries(report: Report, show: Show, zone: ZoneInfo) -> list[str]:
    """Return what the figures suggest, at most a handful."""
    return [*_tried(report, show, zone)] if report.logged else []


def _tried(report: Report, show: Show, zone: ZoneInfo) -> Iterator[str]:
    wasting = next((s.time for s in report.purposes if s.name == "wasting"), timedelta())
    if report.wasted and wasting / report.logged >= _MUCH_WASTED:
        first = report.wasted[0]
        yield (
            f"Give {first.name} one fixed time of the day, or drop it: it took "
            f"{format_duration(first.time)} of what you call a waste."
        )
    if not report.purposes and report.names:
        yield (
            "Say under [log] which tags and projects are `earning`, `maintaining` and `wasting`; "
            "then this page tells their shares."
        )
    if hour := _best_hour(report):
        yield f"Keep {_clocks(hour, show)} for what matters most."
    over = [p for p in report.planned if p.actual >= _FAR_OVER * p.planned]
    for each in over[:1]:
        times = each.actual / each.planned
        yield (
            f"Estimate more for {each.name} and its like: it took {times:.1f} times what was "
            f"planned ({format_duration(each.actual)} instead of {format_duration(each.planned)})."
        )
    under = [p for p in report.planned if p.actual < _FAR_UNDER * p.planned]
    if len(under) > len(report.planned) / 2:
        yield (
            f"{len(under)} of {counted(len(report.planned), 'planned task')} got less than half "
            "of their time: plan less for a day."
        )
    hours = report.logged / timedelta(hours=1)
    if hours and report.switches / hours >= _OFTEN:
        yield (
            f"You change {report.switches / hours:.0f} times an hour: take small things together."
        )
    yield from _largest_gap(report, show, zone)


def _largest_gap(report: Report, show: Show, zone: ZoneInfo) -> Iterator[str]:
    gaps = [gap for day in report.days for gap in day.gaps]
    if gaps:
        start, end = max(gaps, key=lambda gap: gap[1] - gap[0])
        begin, until = start.astimezone(zone), end.astimezone(zone)
        yield (
            f"Nothing says what happened on {begin:%A} from {show.clock(begin)} to "
            f"{show.clock(until)}: log the small things too."
        )


def _listed(parts: list[str]) -> str:
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]


# In Markdown


def markdown(report: Report, show: Show, zone: ZoneInfo) -> Iterator[str]:
    """Yield the page of the summary as Markdown, as it is to be kept in a note."""
    first, last = report.days[0].date, report.days[-1].date
    yield f"# Time log, {first} to {last}" if first != last else f"# Time log, {first}"
    yield ""
    if not report.logged:
        yield "Nothing is logged."
        return
    for title, lines in (
        ("What the log says", findings(report, show, zone)),
        ("What to try", tries(report, show, zone)),
    ):
        if lines:
            yield from (f"## {title}", "", *(f"- {_escaped(line)}" for line in lines), "")
    for title, shares in (("Project", report.projects), ("Task", report.names)):
        if any(share.name for share in shares):
            yield from (f"| {title} | Time | Share |", "|---|---:|---:|")
            for each in shares:
                name = _escaped(each.name or "none").replace("|", "\\|")
                share = percent(each.time, report.logged)
                yield f"| {name} | {format_duration(each.time)} | {share} |"
            yield ""
    yield "Time that overlaps counts once in each sum."


def _escaped(text: str) -> str:
    """Return text on one line in which nothing of Markdown's begins a box, a comment or HTML."""
    clean = for_terminal(text.replace("\n", " ").replace("\t", " "), False)
    return _HIDING.sub("% ", clean.replace("<", "&lt;"))
