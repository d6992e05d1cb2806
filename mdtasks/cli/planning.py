"""Commands that show the plan, and what a new task would do to it; they change no note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from mdtasks.cli.answers import publish_all, shapes, tell_busy
from mdtasks.cli.options import TextCommand, json_option, pass_call
from mdtasks.console import Call, notify, print_json, print_lines
from mdtasks.errors import UsageError

if TYPE_CHECKING:
    from mdtasks.app.session import Session
    from mdtasks.index.store import Store
    from mdtasks.model import Plan
    from mdtasks.render.plan import Page


@click.command()
@click.option(
    "--days", metavar="N", type=click.IntRange(1, 366), help="How many days; else `[plan] days`."
)
@click.option("--week", is_flag=True, help="A grid: a column a day, the time from top to bottom.")
@click.option(
    "--why",
    metavar="[KEY]",
    is_flag=False,
    flag_value="",
    help="The reason of each block; with KEY all about one task.",
)
@click.option("--md", "as_markdown", is_flag=True, help="A page of Markdown.")
@click.option(
    "--apply", "publish", is_flag=True, help="Publish feed and daily note, as `sync` does."
)
@json_option
@pass_call
def plan(
    call: Call,
    days: int | None,
    week: bool,
    why: str | None,
    as_markdown: bool,
    publish: bool,
    as_json: bool,
) -> None:
    """Show the time blocks, a table a day, and what moved against the last plan.

    \b
    Example:
      mdtasks plan --days 3 --why
    """
    from mdtasks.app.outlook import outlook_of
    from mdtasks.app.planning import plan_for
    from mdtasks.render.plan import Page

    _refuse_together(week=week, md=as_markdown, json=as_json)
    _refuse_together(week=week, why=why is not None)
    if why:
        _refuse_together(md=as_markdown, **{"why KEY": True})
    with call.opened() as (session, store):
        if publish:
            publish_all(session, store)
        else:
            tell_busy(session)
        value = plan_for(session, store, days)
        if why:
            return _show_one(call, session, store, value, why, as_json)
        outlook, tasks = outlook_of(session, store, value)
        if as_json:
            from mdtasks.render import json

            return print_json(session, **json.plan(value, outlook))
        page = Page(value, tasks, outlook, call.show(session), session.now, why is not None)
        return print_lines(_lines(page, week, as_markdown))


def _show_one(
    call: Call, session: Session, store: Store, value: Plan, key: str, as_json: bool
) -> None:
    """Print all about one task in the plan."""
    from mdtasks.app.why import contest_of

    found, tasks = contest_of(session, store, value, key)
    if as_json:
        from mdtasks.render import json

        return print_json(session, **json.why(found))
    from mdtasks.render.plan_why import why

    return print_lines(why(found, tasks, call.show(session)))


def _refuse_together(**given: bool) -> None:
    named = [f"--{name}" for name, is_given in given.items() if is_given]
    if len(named) > 1:
        raise UsageError(f"{' and '.join(named)} do not go together", "give one of them")


def _lines(page: Page, week: bool, as_markdown: bool) -> Iterator[str]:
    if as_markdown:
        from mdtasks.render.plan_markdown import markdown

        return markdown(page)
    if week:
        from mdtasks.render.plan_week import grid

        if lines := grid(page):
            return iter(lines)
    if page.show.pen.tty:
        from mdtasks.render.plan_table import table

        return table(page)
    from mdtasks.render.plan import plain

    return plain(page)


@click.command(cls=TextCommand)
@click.argument("text", metavar="TEXT", nargs=-1, required=True)
@json_option
@pass_call
def when(call: Call, text: Sequence[str], as_json: bool) -> None:
    """Show where a task would land and what it would push out; nothing is written.

    TEXT is understood as `add` does.

    \b
    Example:
      mdtasks when 'report 2h !high due fri'
    """
    from mdtasks.app.when import when as ask

    with call.opened() as (session, store):
        if session.config.busy:
            from mdtasks.app.fetching import lines as faults

            for line in faults(session, only_grave=True):
                notify(line)
        answer = ask(session, store, " ".join(text))
        if as_json:
            from mdtasks.render import json

            (task,) = shapes(session, store, [answer.task])
            return print_json(session, **json.when(answer, task))
        from mdtasks.render.plan_when import when as lines

        print_lines(lines(answer, call.show(session)))
