"""What a time log says, for a terminal or a pipe: bars, figures, and what follows in words.

Rule: values in, lines out; all text goes through the pen. A pipe gets the bars in ASCII.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mdtasks.dates import format_duration, localize
from mdtasks.plan.worked import Day, Report, Share, Span
from mdtasks.render.log_words import findings, percent, tries
from mdtasks.render.pen import Cell, counted
from mdtasks.render.terminal import Show

_SHARES_SHOWN = 8
_GAPS_SHOWN = 6
_BAR = 20
_IN_A_PIPE = 78
_CELLS = (5, 10, 15, 20, 30, 60, 120, 180, 240, 360)  # minutes, from which one is chosen
_DAY_HOURS = (8, 18)  # what the axis shows at least

# For what part of a cell is logged: most of it, some, hardly any.
_SHADES = ((0.75, "█", "#"), (0.25, "▒", "+"), (0.0, "░", "-"))

WITHOUT = {"projects": "without a project", "purposes": "everything else"}


class _Axis(NamedTuple):
    """The hours that are shown, [first, last), and how many minutes a cell has."""

    first: int
    last: int
    cell: int


def show_log(report: Report, show: Show, zone: ZoneInfo, in_words: bool) -> Iterator[str]:
    """Yield the figures; with `in_words` also what follows from them."""
    yield from _head(report, show)
    if not report.logged:
        return
    yield ""
    yield from _days(report, show, zone)
    for title, shares, without in (
        ("By project", report.projects, WITHOUT["projects"]),
        ("By tag", report.tags, ""),
        ("What it is for", report.purposes, WITHOUT["purposes"]),
        ("By task", report.names, ""),
    ):
        yield from _shares(title, shares, without, report.logged, show)
    yield from _hours(report, show)
    yield from _planned(report, show)
    yield from _gaps(report, show, zone)
    if in_words:
        yield from words(report, show, zone)
    yield ""
    yield from show.pen.wrapped(
        "Time that overlaps counts once in each sum, so the rows of a list may add up to more "
        "than what is logged.",
        "dim",
    )


def page(report: Report, show: Show, zone: ZoneInfo) -> Iterator[str]:
    """Yield what the figures say, and nothing else."""
    yield from _head(report, show)
    yield from words(report, show, zone)


def _head(report: Report, show: Show) -> Iterator[str]:
    pen = show.pen
    length = f"{format_duration(report.logged)} logged" if report.logged else "nothing logged"
    yield from pen.headed(_title(report, show), length)
    if not report.logged:
        yield ""
        yield from pen.wrapped("`mdtasks log start` starts the clock.")


def words(report: Report, show: Show, zone: ZoneInfo) -> Iterator[str]:
    """Yield what the figures say, and what to try."""
    pen = show.pen
    for title, lines in (
        ("What the log says", findings(report, show, zone)),
        ("What to try", tries(report, show, zone)),
    ):
        if lines:
            yield ""
            yield pen.write(title, "bold")
        for line in lines:
            first, *rest = pen.wrapped(line, "", 4)
            yield "  - " + first[4:]
            yield from rest


def _title(report: Report, show: Show) -> str:
    first, last = report.days[0].date, report.days[-1].date
    return show.days(first, last)


def _short(day: date) -> str:
    return f"{day:%a} {day.day:2}"


# The days


def _days(report: Report, show: Show, zone: ZoneInfo) -> Iterator[str]:
    pen = show.pen
    lengths = [format_duration(day.logged) if day.logged else "-" for day in report.days]
    wide = max(map(len, lengths))
    label = 6 + 2 + wide + 2
    axis = _axis(report.days, zone, (pen.width or _IN_A_PIPE) - label)
    yield pen.write(" " * label + _ruler(axis), "dim").rstrip()
    for day, length in zip(report.days, lengths, strict=True):
        head = f"{_short(day.date)}  {length:>{wide}}  "
        yield pen.write(head) + pen.write(_bar_of(day, axis, zone, pen.tty), "green")


def _axis(days: Sequence[Day], zone: ZoneInfo, room: int) -> _Axis:
    first, last = _DAY_HOURS
    for day in days:
        for start, end in day.spans:
            until = end.astimezone(zone)
            is_later = until.date() > day.date
            first = min(first, start.astimezone(zone).hour)
            last = max(last, 24 if is_later else until.hour + (until.minute > 0))
    room -= 2  # the last number stands behind the last cell
    fits = (cell for cell in _CELLS if (last - first) * 60 <= room * cell)
    cell = next(fits, _CELLS[-1])
    whole = max(cell // 60, 1)
    return _Axis(first - first % whole, last + -last % whole, cell)


def _ruler(axis: _Axis) -> str:
    cells = [" "] * ((axis.last - axis.first) * 60 // axis.cell + 2)
    step = next(step for step in (1, 2, 3, 6, 12, 24) if step * 60 >= 4 * axis.cell)
    for hour in range(axis.first, axis.last + 1):
        if hour % step == 0:
            at = (hour - axis.first) * 60 // axis.cell
            cells[at : at + len(str(hour))] = str(hour)
    return "".join(cells).rstrip()


def _bar_of(day: Day, axis: _Axis, zone: ZoneInfo, tty: bool) -> str:
    minutes = range(axis.first * 60, axis.last * 60 + 1, axis.cell)
    edges = [_moment(day.date, minute, zone) for minute in minutes]
    return "".join(_shade(day.spans, cell, tty) for cell in pairwise(edges))


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    days, rest = divmod(minute, 24 * 60)
    clock = time(rest // 60, rest % 60)
    return localize(day + timedelta(days=days), clock, zone).astimezone(UTC)


def _shade(spans: Sequence[Span], cell: Span, tty: bool) -> str:
    begin, end = cell
    held = sum(
        ((min(e, end) - max(s, begin)) for s, e in spans if s < end and begin < e), timedelta()
    )
    if not held:
        return " " if tty else "."
    part = held / (end - begin)
    return next(full if tty else plain for least, full, plain in _SHADES if part > least)


# The lists


def _shares(
    title: str, shares: Sequence[Share], without: str, whole: timedelta, show: Show
) -> Iterator[str]:
    if not any(share.name for share in shares):
        return
    yield ""
    yield show.pen.write(title, "bold")
    most = max(share.time for share in shares) or whole
    rows = [_row(s, without, whole, most, show) for s in shares[:_SHARES_SHOWN]]
    yield from show.pen.columns(rows, 2, 0, spare=3)
    if len(shares) > _SHARES_SHOWN:
        yield show.pen.write(f"  and {len(shares) - _SHARES_SHOWN} more", "dim")


def _row(share: Share, without: str, whole: timedelta, most: timedelta, show: Show) -> list[Cell]:
    time = format_duration(share.time)
    bar = _line(share.time / most, show)
    return [
        (share.name or without, "" if share.name else "dim"),
        (f"{time:>6}", ""),
        (f"{percent(share.time, whole):>4}", "dim"),
        (bar, "green"),
    ]


def _line(part: float, show: Show) -> str:
    return ("█" if show.pen.tty else "#") * max(round(part * _BAR), int(part > 0))


def _hours(report: Report, show: Show) -> Iterator[str]:
    yield ""
    yield show.pen.write("By hour of the day", "bold")
    most = max(hour.logged for hour in report.hours)
    rows: list[list[Cell]] = [
        [
            (f"{show.clock(time(each.hour)):>7}".removeprefix("  "), ""),
            (f"{format_duration(each.logged):>6}", ""),
            (counted(each.done, "task") + " done" if each.done else "", ""),
            (_line(each.logged / most, show), "green"),
        ]
        for each in report.hours
    ]
    yield from show.pen.columns(rows, 2, 3)


def _planned(report: Report, show: Show) -> Iterator[str]:
    if not report.planned:
        return
    yield ""
    yield show.pen.write("Planned and logged", "bold")
    rows: list[list[Cell]] = [
        [
            (each.name, ""),
            (f"{format_duration(each.planned)} planned", "dim"),
            (f"{format_duration(each.actual)} logged" if each.actual else "nothing logged", ""),
        ]
        for each in report.planned[:_SHARES_SHOWN]
    ]
    yield from show.pen.columns(rows, 2, 0)
    if len(report.planned) > _SHARES_SHOWN:
        yield show.pen.write(f"  and {len(report.planned) - _SHARES_SHOWN} more", "dim")


def _gaps(report: Report, show: Show, zone: ZoneInfo) -> Iterator[str]:
    gaps = [(day.date, gap) for day in report.days for gap in day.gaps]
    if not gaps:
        return
    yield ""
    yield show.pen.write("Working hours without a word in the log", "bold")
    gaps.sort(key=lambda each: each[1][0] - each[1][1])
    rows: list[list[Cell]] = []
    for day, (start, end) in gaps[:_GAPS_SHOWN]:
        times = "–".join(show.clock(moment.astimezone(zone)) for moment in (start, end))
        rows.append([(_short(day), ""), (times, ""), (format_duration(end - start), "dim")])
    yield from show.pen.columns(rows, 2)
    if len(gaps) > _GAPS_SHOWN:
        yield show.pen.write(f"  and {len(gaps) - _GAPS_SHOWN} shorter", "dim")
