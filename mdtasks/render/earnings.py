"""What came in, for a terminal, a pipe, or a script.

Rule: values in, lines or shapes out; all text goes through the pen. Amounts are decimal to the
last: a pipe gets the bars in ASCII, `--json` gets amounts as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from mdtasks.dates import format_duration
from mdtasks.model import Task
from mdtasks.plan.earned import Earned, Earnings, Goal, Sum, Week
from mdtasks.plan.worked import Share
from mdtasks.render.json import Shape
from mdtasks.render.pen import Cell, Pen, counted
from mdtasks.render.terminal import Show

_SHOWN = 8
_BAR = 20
_CENT = Decimal("0.01")


def show_earnings(found: Earnings, show: Show) -> Iterator[str]:
    """Yield the figures, each currency for itself."""
    pen = show.pen
    yield pen.write(show.days(found.first, found.last), "bold")
    yield ""
    if not found.totals:
        yield from pen.wrapped(
            "Nothing came in. A task that is done counts with its pay: 💰 250 EUR, or 💰 40 EUR/h."
        )
    rows = [_row(each, "Earned") for each in found.totals]
    yield from pen.columns(rows) if rows else ()
    yield from _goals(found.goals, pen)
    yield from _weeks(found.weeks, pen)
    for title, groups, nameless in (
        ("By project", found.projects, "without a project"),
        ("By platform", found.platforms, "without a platform"),
        ("By tag", found.tags, ""),
    ):
        yield from _sums(title, groups, nameless, pen)
    yield from _hours("Best hours", found.best, pen)
    yield from _hours("Worst hours", found.worst, pen)
    yield from _times("Not done yet", found.open, found.open_time, "logged for pay to come", pen)
    yield from _times("Unpaid", found.unpaid, found.unpaid_time, "logged without pay", pen)
    yield from _notes(found, pen)


def money(amount: Decimal, currency: str) -> str:
    """Return "25.00 EUR", rounded to cents."""
    return f"{cents(amount)} {currency}".rstrip()


def cents(amount: Decimal) -> str:
    """Return the amount with two digits, without groups: it reads alike in every country."""
    return f"{amount.quantize(_CENT, ROUND_HALF_UP):f}"


def bar(part: Decimal, tty: bool, rest: bool = False) -> str:
    """Return a bar; of what is more than the whole, no more than that is shown."""
    filled = min(max(round(part * _BAR), int(part > 0)), _BAR)
    full, empty = ("█", "░") if tty else ("#", "-")
    return full * filled + (empty * (_BAR - filled) if rest else "")


def _row(each: Sum, name: str) -> list[Cell]:
    rate = f"{money(each.rate, each.currency)} an hour" if each.rate is not None else ""
    time = f"{format_duration(each.time)} logged" if each.time else "no time logged"
    return [
        (name, "bold" if not each.name else ""),
        (f"{cents(each.amount):>10} {each.currency}", ""),
        (rate, "green"),
        (time, "dim"),
    ]


def _goals(goals: Sequence[Goal], pen: Pen) -> Iterator[str]:
    if goals:
        yield ""
    rows: list[list[Cell]] = []
    for goal in goals:
        part = goal.amount / goal.wanted
        figures = f"{cents(goal.amount)} of {money(goal.wanted, goal.currency)}"
        style = "green" if part >= 1 else "yellow"
        # Cut, not rounded: 99.6 % is not there yet.
        rows.append(
            [
                (f"this {goal.period}", ""),
                (bar(part, pen.tty, rest=True), style),
                (f"{int(part * 100)} %", style),
                (figures, ""),
            ]
        )
    if rows:
        yield from pen.columns(rows)


def _weeks(weeks: Sequence[Week], pen: Pen) -> Iterator[str]:
    for currency in dict.fromkeys(week.currency for week in weeks):
        own = [week for week in weeks if week.currency == currency]
        most = max(week.amount for week in own) or Decimal(1)
        yield ""
        yield pen.write(f"By week{f', {currency}' if currency else ''}", "bold")
        rows: list[list[Cell]] = [
            [
                (f"{week.first.day:>2} {week.first:%b}", ""),
                (f"{cents(week.amount):>10}", ""),
                (f"{cents(week.so_far):>10} so far", "dim"),
                (bar(week.amount / most, pen.tty), "green"),
            ]
            for week in own
        ]
        yield from pen.columns(rows, 2)


def _sums(title: str, groups: Sequence[Sum], nameless: str, pen: Pen) -> Iterator[str]:
    if not any(group.name for group in groups):
        return
    yield ""
    yield pen.write(title, "bold")
    yield from pen.columns([_row(each, each.name or nameless) for each in groups[:_SHOWN]], 2)
    yield from _more(len(groups), pen)


def _hours(title: str, hours: Sequence[Earned], pen: Pen) -> Iterator[str]:
    if not hours:
        return
    yield ""
    yield pen.write(title, "bold")
    rows: list[list[Cell]] = [
        [
            (f"{money(each.rate or Decimal(), each.currency)} an hour", "green"),
            (each.task.text, ""),
            (f"{money(each.amount, each.currency)} in {format_duration(each.time)}", "dim"),
            (each.task.source.path, "dim"),
        ]
        for each in hours
    ]
    yield from pen.columns(rows, 2, 1)


def _times(
    title: str, shares: Sequence[Share], whole: timedelta, words: str, pen: Pen
) -> Iterator[str]:
    if not whole:
        return
    yield ""
    yield pen.write(title, "bold") + pen.write(f" · {format_duration(whole)} {words}", "dim")
    rows: list[list[Cell]] = [
        [(share.name, ""), (f"{format_duration(share.time):>6}", "")] for share in shares[:_SHOWN]
    ]
    yield from pen.columns(rows, 2)
    yield from _more(len(shares), pen)


def _more(count: int, pen: Pen) -> Iterator[str]:
    if count > _SHOWN:
        yield pen.write(f"  and {count - _SHOWN} more", "dim")


def _notes(found: Earnings, pen: Pen) -> Iterator[str]:
    for tasks, words in (
        (found.unread, "cannot be read as an amount"),
        (found.idle, "is by the hour, and no time is logged"),
    ):
        if not tasks:
            continue
        yield ""
        yield from pen.wrapped(f"The pay of {counted(len(tasks), 'task')} {words}:", "yellow")
        for task in tasks[:_SHOWN]:
            place = f"{task.source.path}:{task.source.line}"
            yield from pen.wrapped(f"{place}: {task.text} 💰 {task.pay}", "", 2)
        yield from _more(len(tasks), pen)


# For scripts


def shape(found: Earnings) -> Shape:
    """Return the figures for `--json`."""
    return {
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "totals": [_sum(each) for each in found.totals],
        "projects": [_sum(each) for each in found.projects],
        "platforms": [_sum(each) for each in found.platforms],
        "by_tag": [_sum(each) for each in found.tags],
        "weeks": [_week(each) for each in found.weeks],
        "goals": [_goal(each) for each in found.goals],
        "best": [_earned(each) for each in found.best],
        "worst": [_earned(each) for each in found.worst],
        "unpaid": [_time(each) for each in found.unpaid],
        "unpaid_minutes": _minutes(found.unpaid_time),
        "not_done": [_time(each) for each in found.open],
        "not_done_minutes": _minutes(found.open_time),
        "unread": [_place(each) for each in found.unread],
        "without_time": [_place(each) for each in found.idle],
    }


def _sum(each: Sum) -> Shape:
    rate = None if each.rate is None else str(each.rate)
    return {
        "name": each.name or None,
        "currency": each.currency or None,
        "amount": f"{each.amount:f}",
        "timed": f"{each.timed:f}",
        "minutes": _minutes(each.time),
        "per_hour": rate,
    }


def _week(each: Week) -> Shape:
    return {
        "first": _day(each.first),
        "currency": each.currency or None,
        "amount": f"{each.amount:f}",
        "so_far": f"{each.so_far:f}",
    }


def _goal(each: Goal) -> Shape:
    return {
        "period": each.period,
        "since": _day(each.since),
        "currency": each.currency or None,
        "amount": f"{each.amount:f}",
        "wanted": f"{each.wanted:f}",
    }


def _earned(each: Earned) -> Shape:
    return {
        "task": each.task.uid,
        "text": each.task.text,
        "path": each.task.source.path,
        "line": each.task.source.line,
        "done": _day(each.day),
        "amount": f"{each.amount:f}",
        "currency": each.currency or None,
        "minutes": _minutes(each.time),
        "per_hour": str(each.rate),
    }


def _time(share: Share) -> Shape:
    return {"name": share.name, "minutes": _minutes(share.time)}


def _place(task: Task) -> Shape:
    place = {"path": task.source.path, "line": task.source.line}
    return {"task": task.uid, "text": task.text, "pay": task.pay, **place}


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)


def _day(day: date) -> str:
    return day.isoformat()
