"""Commands for the time log: the clock, and what it has shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from mdtasks.cli.answers import print_rehearsal
from mdtasks.cli.options import TextCommand, dry_run_option, json_option, pass_call
from mdtasks.console import Call, print_json, print_lines

if TYPE_CHECKING:
    from mdtasks.app.logging_time import Asked, Logged
    from mdtasks.app.session import Session
    from mdtasks.index.store import Store

# So many days of log are worth a summary.
_EXERCISE = 3

_To = Callable[["Session", "Store"], "Asked"]


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def log(context: click.Context, as_json: bool) -> None:
    """Keep the time log of the daily notes, and show what it says; by itself, today's.

    \b
    Example:
      mdtasks log start 7f3
    """
    if context.invoked_subcommand is None:
        context.invoke(show, days=1, as_json=as_json)
    elif as_json:
        raise click.UsageError("--json stands behind the command: mdtasks log show --json")


@log.command(cls=TextCommand)
@click.argument("words", metavar="[KEY|TEXT]", nargs=-1)
@dry_run_option
@json_option
@pass_call
def start(call: Call, words: Sequence[str], dry_run: bool, as_json: bool) -> None:
    """Start the clock: for a task, for words, or for the block that is planned now.

    \b
    Example:
      mdtasks log start 7f3
    """
    from mdtasks.app.logging_time import to_start
    from mdtasks.app.naming_work import naming

    def ask(session: Session, store: Store) -> Asked:
        return to_start(session, store, naming(session, store, words))

    _log(call, ask, dry_run, as_json)


@log.command()
@click.option("--at", metavar="TIME", help="When it ended, if that is not now: 17:30.")
@dry_run_option
@json_option
@pass_call
def stop(call: Call, at: str | None, dry_run: bool, as_json: bool) -> None:
    """Stop the clock that runs.

    \b
    Example:
      mdtasks log stop
    """
    from mdtasks.app.logging_time import to_stop

    _log(call, lambda session, store: to_stop(session, store, at), dry_run, as_json)


@log.command(cls=TextCommand)
@click.argument("words", metavar="FROM-TO TEXT|KEY", nargs=-1, required=True)
@click.option("--date", "day", metavar="DAY", help="The day on which it began; else today.")
@dry_run_option
@json_option
@pass_call
def add(call: Call, words: Sequence[str], day: str | None, dry_run: bool, as_json: bool) -> None:
    """Add what is over.

    \b
    Example:
      mdtasks log add 09:00-09:45 Invoices
    """
    from mdtasks.app.logging_time import to_add

    _log(call, lambda session, store: to_add(session, store, words, day), dry_run, as_json)


@log.command()
@click.option("--days", metavar="N", type=click.IntRange(1, 366), help="Up to today; else 3.")
@click.option("--week", is_flag=True, help="This week, up to today.")
@click.option("--summary", is_flag=True, help="Only what it says in words, on one page.")
@click.option("--md", "as_md", is_flag=True, help="That page as Markdown.")
@json_option
@pass_call
def show(
    call: Call, days: int | None, week: bool, summary: bool, as_md: bool, as_json: bool
) -> None:
    """Show where the time went, and what follows from it once three days are logged.

    \b
    Example:
      mdtasks log show --week
    """
    from mdtasks.app.log_shown import days_of, shown

    with call.opened() as (session, store):
        report, shows = shown(session, store, days_of(session, days, week)), call.show(session)
    if as_json:
        from mdtasks.render import log_json
        from mdtasks.render.log_words import findings, tries

        said, tried = (words(report, shows, session.zone) for words in (findings, tries))
        return print_json(session, **log_json.report(report, said, tried, session.zone))
    if as_md:
        from mdtasks.render.log_words import markdown

        return print_lines(markdown(report, shows, session.zone))
    from mdtasks.render import log_show

    if summary:
        return print_lines(log_show.page(report, shows, session.zone))
    enough = sum(1 for day in report.days if day.logged) >= _EXERCISE
    return print_lines(log_show.show_log(report, shows, session.zone, enough))


def _log(call: Call, to: _To, dry_run: bool, as_json: bool) -> None:
    from mdtasks.app.logging_time import carry, rehearsed

    with call.opened_to_change() as (session, store):
        if dry_run:
            return print_rehearsal(call, session, rehearsed(session, to(session, store)), as_json)
        logged = carry(session, store, lambda: to(session, store))
        if as_json:
            return _print_json(session, logged)
        from mdtasks.render import log_said, terminal

        print_lines(terminal.changes(logged.edits, call.pen))
        keys = _keys(store, logged)
        return print_lines(log_said.said(logged.ended, logged.added, keys, call.show(session)))


def _keys(store: Store, logged: Logged) -> dict[str, str]:
    uids = {each.task for each in (*logged.ended, logged.added) if each and each.task}
    return {task.uid: task.key for task in store.tasks(uids=uids)} if uids else {}


def _print_json(session: Session, logged: Logged) -> None:
    from mdtasks.render import json, log_json

    added = log_json.interval(logged.added) if logged.added else None
    ended = [log_json.interval(each) for each in logged.ended]
    print_json(session, **json.changed(logged.edits), entry=added, ended=ended)
