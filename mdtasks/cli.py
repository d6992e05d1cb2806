"""The door that people use: one command, one function; errors go to stderr with an exit code.

Rule: parse the call, ask a use case, print what it gives. What a command needs is imported
inside it: `mdtasks today` runs dozens of times a day and must feel instant.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mdtasks import __version__
from mdtasks.console import Call, notify, print_json, print_lines, progress, run
from mdtasks.errors import UsageError

if TYPE_CHECKING:
    from mdtasks.app.session import Session
    from mdtasks.index.store import Store
    from mdtasks.model import Edit, Task
    from mdtasks.render.json import Shape

pass_call = click.make_pass_decorator(Call)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--vault", metavar="DIR", help="The folder of notes; else $MDTASKS_VAULT, else found."
)
@click.option(
    "--now", metavar="WHEN", envvar="MDTASKS_NOW", help="Replace the clock: 2026-11-22T09:00."
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
@click.version_option(__version__, prog_name="mdtasks")
@click.pass_context
def cli(context: click.Context, vault: str | None, now: str | None, color: str) -> None:
    """Plan the day from the checkboxes in your notes.

    \b
    Example:
      mdtasks --vault ~/Notes today
    """
    context.obj = Call(vault, now, color)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command()
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

            micro, closed = (_shapes(session, store, some) for some in (value.micro, value.done))
            shape = json.today(
                value.date, value.blocks, micro, value.overdue, closed, value.unplaced
            )
            return print_json(session, **shape)
        from mdtasks.render import terminal

        show = call.show(session)
        if plain:
            return print_lines(terminal.today_plain(value, tasks, show))
        print_lines(terminal.today(value, tasks, show, session.now))


@cli.command("list")
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
            return print_json(session, tasks=_shapes(session, store, tasks))
        from mdtasks.render import terminal

        if not found.groups:
            notify("nothing found" + ("" if closed else "; closed tasks are listed with --all"))
        print_lines(terminal.listing(found.groups, call.show(session)))


@cli.command()
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

            (shape,) = _shapes(session, store, [value.task])
            return print_json(
                session,
                task=shape,
                brief=value.task.brief,
                subtasks=_shapes(session, store, value.subtasks),
                earlier=_shapes(session, store, value.earlier),
                blocks=[json.block(block) for block in value.blocks],
                unplaced=value.unplaced or None,
            )
        from mdtasks.plan.urgency import urgency
        from mdtasks.render.detail import detail as lines

        print_lines(lines(value, call.show(session), urgency(value.task, session.today)))


@cli.command()
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@json_option
@pass_call
def done(call: Call, keys: Sequence[str], as_json: bool) -> None:
    """Tick tasks; a recurring one gets its next line. All of them, or none.

    \b
    Example:
      mdtasks done 7f3 "Errands.md:12"
    """
    from mdtasks.app.changes import done as complete

    with call.opened() as (session, store):
        _print_changes(call, session, complete(session, store, keys), as_json)


@cli.command()
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@json_option
@pass_call
def cancel(call: Call, keys: Sequence[str], as_json: bool) -> None:
    """Cancel tasks: `[-]` and the day. All of them, or none.

    \b
    Example:
      mdtasks cancel 7f3
    """
    from mdtasks.app.changes import cancel as drop

    with call.opened() as (session, store):
        _print_changes(call, session, drop(session, store, keys), as_json)


@cli.command()
@json_option
@pass_call
def undo(call: Call, as_json: bool) -> None:
    """Take back the last change, all its lines or none; for 24 hours.

    \b
    Example:
      mdtasks undo
    """
    from mdtasks.app.changes import undo as take_back

    with call.opened() as (session, store):
        _print_changes(call, session, take_back(session, store), as_json)


@cli.command()
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
            _publish(session, store)
        value = plan_for(session, store, days)
        if as_json:
            from mdtasks.render import json

            return print_json(session, **json.plan(value))
        from mdtasks.render import terminal

        tasks = {task.uid: task for task in store.tasks(open_only=True)}
        print_lines(terminal.plan(value, tasks, call.show(session), why))


@cli.command()
@click.option("--output", metavar="FILE", type=click.Path(dir_okay=False), help="Else to stdout.")
@json_option
@pass_call
def calendar(call: Call, output: str | None, as_json: bool) -> None:
    """Write the .ics feed of the time blocks.

    \b
    Example:
      mdtasks calendar --output blocks.ics
    """
    from mdtasks.app.publish import calendar as feed
    from mdtasks.app.publish import write_calendar

    with call.opened() as (session, store):
        written = write_calendar(session, store, Path(output)) if output else False
        data = b"" if output else feed(session, store)
        if as_json:
            text = None if output else data.decode()
            return print_json(session, output=output, written=written, calendar=text)
        sys.stdout.buffer.write(data)


@cli.command()
@json_option
@pass_call
def sync(call: Call, as_json: bool) -> None:
    """Refresh index, daily note and feed once.

    \b
    Example:
      mdtasks sync
    """
    with call.opened() as (session, store):
        _publish(session, store)
        if as_json:
            notes, tasks, _ = store.counts()
            print_json(session, notes=notes, tasks=tasks, feed=str(session.places.feed))
        else:
            print_lines([call.pen.write(str(session.places.feed))])


@cli.command()
@pass_call
def watch(call: Call) -> None:
    """Sync at every change until stopped (Ctrl-C).

    \b
    Example:
      mdtasks watch
    """
    from mdtasks.watch import watch as keep_true

    keep_true(call.vault, call.now, notify)


@cli.command()
@json_option
@pass_call
def check(call: Call, as_json: bool) -> int:
    """Name what is wrong in the notes: `path:line: message`; exit 1 if there is anything.

    \b
    Example:
      mdtasks check
    """
    from mdtasks.app.tasks import check as problems_of

    with call.opened() as (session, store):
        found = problems_of(session, store)
    if as_json:
        from mdtasks.render import json

        print_json(session, **json.problems(found))
    else:
        from mdtasks.render import terminal

        print_lines(terminal.problems(found, call.pen))
    return 1 if found else 0


@cli.command()
@click.option("--rebuild", is_flag=True, help="Delete it and read every note again.")
@click.option("--accept-empty", is_flag=True, help="The vault is empty on purpose.")
@json_option
@pass_call
def index(call: Call, rebuild: bool, accept_empty: bool, as_json: bool) -> None:
    """Bring the cache up to date: how many notes and tasks, how fresh, how long it took.

    \b
    Example:
      mdtasks index --rebuild
    """
    from mdtasks.app.refresh import forget, opened

    session = call.session()
    if rebuild:
        forget(session, accept_empty)
    with progress() as step, opened(session, step, accept_empty) as (store, refreshed):
        notes, tasks, _ = store.counts()
    fresh, seconds = refreshed.was_fresh, round(refreshed.seconds, 3)
    if as_json:
        return print_json(session, notes=notes, tasks=tasks, seconds=seconds, fresh=fresh)
    news = "fresh" if fresh else f"{len(refreshed.changed)} read, {len(refreshed.gone)} gone"
    print_lines([f"{notes} notes, {tasks} tasks, {news}, {seconds:.2f} s"])
    return None


@cli.command()
@pass_call
def init(call: Call) -> None:
    """Write a commented mdtasks.toml into the vault; never overwrites.

    \b
    Example:
      mdtasks --vault ~/Notes init
    """
    from mdtasks.app.start import write_starter

    print_lines([call.pen.write(str(write_starter(call.vault)))])


def _day(text: str, today: date) -> date:
    from mdtasks.dates import parse_day

    day = parse_day(text, today)
    if day is None:
        raise UsageError(f"--date {text}: this is no day", "write 2026-11-27, tomorrow or fri")
    return day


def _shapes(session: Session, store: Store, tasks: Iterable[Task]) -> list[Shape]:
    from mdtasks.plan.dependencies import blocked_uids
    from mdtasks.plan.urgency import urgency
    from mdtasks.render import json

    blocked = blocked_uids(store.tasks(open_only=True))
    return [json.task(task, urgency(task, session.today), task.uid in blocked) for task in tasks]


def _print_changes(call: Call, session: Session, edits: Sequence[Edit], as_json: bool) -> None:
    if as_json:
        from mdtasks.render import json

        return print_json(session, **json.changed(edits))
    from mdtasks.render import terminal

    if not edits:
        notify("nothing to change: it is closed already")
    return print_lines(terminal.changes(edits, call.pen))


def _publish(session: Session, store: Store) -> None:
    from mdtasks.app.publish import publish

    for line in publish(session, store).held:
        notify(line)


def main() -> None:
    """The command `mdtasks`."""
    sys.exit(run(lambda: cli.main(prog_name="mdtasks", standalone_mode=False)))
