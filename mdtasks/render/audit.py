"""What repeats, for a terminal, a pipe, or a script.

Rule: values in, lines or shapes out; all text goes through the pen. A pipe gets the bars in ASCII.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from mdtasks.dates import format_duration
from mdtasks.plan.repeated import Audit, Group, Work
from mdtasks.render.earnings import bar, cents, money
from mdtasks.render.json import Shape
from mdtasks.render.pen import Cell, counted
from mdtasks.render.terminal import Show

SHOWN = 20


def show_audit(audit: Audit, show: Show) -> Iterator[str]:
    """Yield the groups with their numbers, and what marks mean."""
    pen = show.pen
    yield from pen.headed(
        show.days(audit.first, audit.last), f"{format_duration(audit.working)} of working hours"
    )
    yield ""
    if not audit.groups:
        yield from pen.wrapped("Nothing repeats: no two tasks that were done are alike.")
        return
    groups = audit.groups[:SHOWN]
    most = max(group.part or Decimal() for group in groups) or Decimal(1)
    rows = [_row(n, group, audit, most, show) for n, group in enumerate(groups, 1)]
    yield from pen.columns(rows, 0, 1, spare=6)
    if len(audit.groups) > SHOWN:
        yield pen.write(f"and {len(audit.groups) - SHOWN} more", "dim")
    yield ""
    if any(group.is_much for group in groups):
        yield from pen.wrapped("!  over 10 % of the working time", "red")
    yield from pen.wrapped(_about(audit), "dim")


def _about(audit: Audit) -> str:
    works = [work for group in audit.groups for work in group.works]
    logged = sum(work.is_logged for work in works)
    said = f"Of {counted(len(works), 'task')}, the time of {logged} was logged; of the others it is"
    return f"{said} the estimate. `mdtasks audit --brief 1` writes a note to hand number 1 over."


def _row(number: int, group: Group, audit: Audit, most: Decimal, show: Show) -> list[Cell]:
    cost = audit.cost(group)
    worth = "" if cost is None or audit.hourly is None else money(cost, audit.hourly.currency)
    return [
        (f"{number:>2}{'!' if group.is_much else ' '}", "red bold" if group.is_much else "dim"),
        (group.name, ""),
        (f"{group.times:>3} times" if group.times != 1 else "  once", ""),
        (f"{format_duration(group.time):>6}", ""),
        (f"{worth:>10}" if worth else "", ""),
        (f"{percent(group.part):>4}", "dim"),
        (bar((group.part or Decimal()) / most, show.pen.tty), "red" if group.is_much else "green"),
    ]


def percent(part: Decimal | None) -> str:
    """Return a part in whole percent, "" where nothing can be said."""
    return "" if part is None else f"{round(part * 100)} %"


# For scripts


def shape(audit: Audit) -> Shape:
    """Return the groups for `--json`."""
    return {
        "first": audit.first.isoformat(),
        "last": audit.last.isoformat(),
        "working": _minutes(audit.working),
        "currency": audit.hourly.currency or None if audit.hourly else None,
        "groups": [_group(n, group, audit) for n, group in enumerate(audit.groups, 1)],
    }


def _group(number: int, group: Group, audit: Audit) -> Shape:
    cost = audit.cost(group)
    return {
        "number": number,
        "name": group.name,
        "count": group.times,
        "minutes": _minutes(group.time),
        "logged": sum(work.is_logged for work in group.works),
        "worth": None if cost is None else cents(cost),
        "share": None if group.part is None else round(float(group.part), 4),
        "much": group.is_much,
        "works": [_work(work) for work in group.works],
    }


def _work(work: Work) -> Shape:
    return {
        "task": work.uid,
        "text": work.text,
        "path": work.path,
        "line": work.line,
        "done": work.day.isoformat(),
        "minutes": _minutes(work.time),
    }


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)
