"""Commands that show tasks, and change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click

from mdtasks.cli.answers import shapes
from mdtasks.cli.options import json_option, pass_call
from mdtasks.console import Call, print_json, print_lines
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
    from mdtasks.cli.day import show_today

    show_today(call, day, plain, as_json)


@click.command("next")
@click.argument("words", metavar="[TAG|@CONTEXT]...", nargs=-1)
@click.option(
    "--minutes", metavar="N", type=click.IntRange(1, 1440), help="How much time there is."
)
@click.option("--start", "begin", is_flag=True, help="Put the first one in progress: `[/]`.")
@json_option
@pass_call
def next_(
    call: Call, words: Sequence[str], minutes: int | None, begin: bool, as_json: bool
) -> None:
    """Show up to three tasks that fit into the time before something else begins.

    With tags or @contexts, only tasks that have them all; `call` means `#call`.

    \b
    Example:
      mdtasks next --minutes 20 call @phone
    """
    from mdtasks.cli.next import show_next

    show_next(call, minutes, words, begin, as_json)


@click.command("list")
@click.argument("query", default="")
@click.option("--all", "closed", is_flag=True, help="Closed tasks too.")
@click.option("--from", "note", metavar="NOTE", help="Run the `tasks` blocks of a note instead.")
@click.option("--presets", is_flag=True, help="Show the queries that have a name, and stop.")
@json_option
@pass_call
def list_(
    call: Call, query: str, closed: bool, note: str | None, presets: bool, as_json: bool
) -> int:
    """List open tasks, or those that QUERY finds, in the language of Obsidian Tasks.

    QUERY may be the name of a query in mdtasks.toml.

    \b
    Example:
      mdtasks list "due before tomorrow; path includes Work; sort by urgency; limit 10"
    """
    from mdtasks.cli import listing

    if sum((bool(query), note is not None, presets)) > 1:
        raise UsageError("a query, --from and --presets do not go together", "give one of them")
    if note is not None:
        return listing.show_note(call, note, as_json)
    if presets:
        listing.show_presets(call, as_json)
    else:
        listing.show_query(call, query, closed, as_json)
    return 0


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
            from mdtasks.read.log_times import total
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
                logged=total(value.logged) // timedelta(minutes=1),
                rolled=[day.isoformat() for day in value.rolled],
            )
        from mdtasks.plan.urgency import urgency
        from mdtasks.render.detail import detail as lines

        print_lines(lines(value, call.show(session), urgency(value.task, session.today)))
