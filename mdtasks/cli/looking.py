"""Commands that show tasks and plans, and change nothing."""

from __future__ import annotations

from datetime import date

import click

from mdtasks.cli.answers import publish_all, shapes
from mdtasks.cli.options import json_option, pass_call
from mdtasks.console import Call, notify, print_json, print_lines
from mdtasks.errors import UsageError


@click.command()
@click.option("--date", "day", metavar="D", help="Another day: tomorrow, fri, 2026-11-27.")
@click.option("--plain", is_flag=True, help="One line an item: no headings, colours or reasons.")
@json_option
@pass_call
def today(call: Call, day: str | None, plain: bool, as_json: bool) -> None:
    """Show the day's checklist: blocks in time order, small tasks, what is done.

    \b
    Example:
      mdtasks today --date fri
    """
    from mdtasks.app.today import today as day_of

    with call.opened() as (session, store):
        wanted = session.today if day is None else _day(day, session.today)
        value, tasks = day_of(session, store, wanted)
        if as_json:
            from mdtasks.render import json

            micro, closed = (shapes(session, store, some) for some in (value.micro, value.done))
            shape = json.today(
                value.date, value.blocks, micro, value.overdue, closed, value.unplaced
            )
            return print_json(session, **shape)
        from mdtasks.render import terminal

        show = call.show(session)
        if plain:
            return print_lines(terminal.today_plain(value, tasks, show))
        print_lines(terminal.today(value, tasks, show, session.now))


@click.command("list")
@click.argument("query", default="")
@click.option("--all", "closed", is_flag=True, help="Closed tasks too.")
@json_option
@pass_call
def list_(call: Call, query: str, closed: bool, as_json: bool) -> None:
    """List open tasks, or those that QUERY finds, in the language of Obsidian Tasks.

    \b
    Example:
      mdtasks list "due before tomorrow; path includes Work; sort by urgency; limit 10"
    """
    from mdtasks.app.tasks import select

    with call.opened() as (session, store):
        found = select(session, store, query, closed)
        if as_json:
            tasks = [task for _, group in found.groups for task in group]
            return print_json(session, tasks=shapes(session, store, tasks))
        from mdtasks.render import terminal

        if not found.groups:
            notify("nothing found" + ("" if closed else "; closed tasks are listed with --all"))
        print_lines(terminal.listing(found.groups, call.show(session)))


@click.command()
@click.argument("key")
@json_option
@pass_call
def show(call: Call, key: str, as_json: bool) -> None:
    """Show one task with everything known, its brief, history and place in the plan.

    \b
    Example:
      mdtasks show 7f3
    """
    from mdtasks.app.tasks import detail

    with call.opened() as (session, store):
        value = detail(session, store, key)
        if as_json:
            from mdtasks.render import json

            (shape,) = shapes(session, store, [value.task])
            return print_json(
                session,
                task=shape,
                brief=value.task.brief,
                subtasks=shapes(session, store, value.subtasks),
                earlier=shapes(session, store, value.earlier),
                blocks=[json.block(block) for block in value.blocks],
                unplaced=value.unplaced or None,
            )
        from mdtasks.plan.urgency import urgency
        from mdtasks.render.detail import detail as lines

        print_lines(lines(value, call.show(session), urgency(value.task, session.today)))


@click.command()
@click.option("--days", type=click.IntRange(1, 366), help="How many days; else `[plan] days`.")
@click.option("--why", is_flag=True, help="The reason of each block.")
@click.option(
    "--apply", "publish", is_flag=True, help="Publish feed and daily note, as `sync` does."
)
@json_option
@pass_call
def plan(call: Call, days: int | None, why: bool, publish: bool, as_json: bool) -> None:
    """Show the time blocks, a table a day, and what moved against the last plan.

    \b
    Example:
      mdtasks plan --days 3 --why
    """
    from mdtasks.app.planning import plan_for

    with call.opened() as (session, store):
        if publish:
            publish_all(session, store)
        value = plan_for(session, store, days)
        if as_json:
            from mdtasks.render import json

            return print_json(session, **json.plan(value))
        from mdtasks.render import terminal

        tasks = {task.uid: task for task in store.tasks(open_only=True)}
        print_lines(terminal.plan(value, tasks, call.show(session), why))


def _day(text: str, today: date) -> date:
    from mdtasks.dates import parse_day

    day = parse_day(text, today)
    if day is None:
        raise UsageError(f"--date {text}: this is no day", "write 2026-11-27, tomorrow or fri")
    return day
