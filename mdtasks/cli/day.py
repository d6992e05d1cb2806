"""The day's checklist: what `mdtasks today` prints.

Rule: no click. On a fresh index this loads what is kept of the day and prints it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from mdtasks.console import Call, notify, print_json, print_lines
from mdtasks.errors import UsageError

if TYPE_CHECKING:
    from mdtasks.app.session import Session
    from mdtasks.index.store import Store
    from mdtasks.model import Task, Today
    from mdtasks.render.json import Shape
    from mdtasks.render.praise import Progress


def show_today(
    call: Call, day: str | None = None, plain: bool = False, as_json: bool = False
) -> None:
    """Print a day's list; `day` is in a person's words, None is today.

    Raises UsageError for a day that is none, and as opening the vault does.
    """
    from mdtasks.app.today import today

    with call.opened() as (session, store):
        tell_waiting(session)
        if session.config.busy:
            from mdtasks.cli.answers import tell_busy

            tell_busy(session)
        wanted = session.today if day is None else _day(day, session.today)
        value, tasks = today(session, store, wanted)
        if as_json:
            return _print_json(session, store, value, tasks)
        from mdtasks.render import terminal

        show = call.show(session)
        if plain:
            return print_lines(terminal.today_plain(value, tasks, show))
        print_lines(terminal.today(value, tasks, show, session.now))
        if wanted == session.today:
            from mdtasks.app.planning import current_blocks

            print_lines(terminal.not_as_wished(current_blocks(session, store).notices, show.pen))


def _print_json(session: Session, store: Store, value: Today, tasks: dict[str, Task]) -> None:
    from mdtasks.cli.answers import shapes
    from mdtasks.render import json

    micro, closed = (shapes(session, store, some) for some in (value.micro, value.done))
    shape = json.today(
        value.date,
        value.blocks,
        micro,
        value.overdue,
        closed,
        value.unplaced,
        value.rolled,
        value.decide,
        progress=_progress(session, value, tasks),
    )
    for name, some in (("ask", value.asked), ("waiting", value.waiting)):
        shape[name] = _theirs(session, store, some)
    print_json(session, **shape, waiting_more=value.waiting_more)


def _theirs(session: Session, store: Store, tasks: Sequence[Task]) -> list[Shape]:
    from mdtasks.cli.answers import shapes
    from mdtasks.render.handed import shape

    return [shape(*pair) for pair in zip(tasks, shapes(session, store, tasks), strict=True)]


def _progress(session: Session, value: Today, tasks: dict[str, Task]) -> Progress | None:
    if value.date != session.today or not session.config.display.praise:
        return None
    from mdtasks.render.praise import progress

    return progress(value, tasks)


def tell_waiting(session: Session) -> bool:
    """Name the changes that were asked for and are not in their notes yet, if there are any."""
    from mdtasks.write import outbox

    if outbox.is_empty(session.places.state):
        return False
    from mdtasks.app.changes import notices

    lines = notices(session)
    for line in lines:
        notify(line)
    return bool(lines)


def _day(text: str, today: date) -> date:
    from mdtasks.dates import parse_day

    day = parse_day(text, today)
    if day is None:
        raise UsageError(f"--date {text}: this is no day", "write 2026-11-27, tomorrow or fri")
    return day
