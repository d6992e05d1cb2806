"""Commands that have the system keep a watcher running."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from mdtasks.cli.options import json_option, pass_call
from mdtasks.console import Call, notify, print_json, print_lines
from mdtasks.errors import UsageError

if TYPE_CHECKING:
    from mdtasks.app.service import Command, Service, Standing

yes_option = click.option("--yes", is_flag=True, help="Do it without asking.")
dry_option = click.option(
    "--dry-run", is_flag=True, help="Show what would be done, and do nothing."
)


@click.group(no_args_is_help=False)
def service() -> None:
    """Have the system run `mdtasks watch` whenever you are logged in.

    \b
    Example:
      mdtasks service install
    """


@service.command()
@click.option("--serve", is_flag=True, help="Serve the feed and the day's page too.")
@yes_option
@dry_option
@pass_call
def install(call: Call, serve: bool, yes: bool, dry_run: bool) -> None:
    """Show the file and the commands, then carry them out if you agree.

    \b
    Example:
      mdtasks service install --serve
    """
    from mdtasks.app import service as use

    one = use.service(call.session(), serve)
    is_there = use.check_room(one)
    if is_there:
        now = use.standing(one)
        if now.enabled and now.running:
            return print_lines([call.pen.write(f"{one.name} is installed already, and runs")])
    print_lines(_shown(call, one, is_there))
    if dry_run or not _agreed(yes):
        return None
    use.install(one)
    return print_lines([call.pen.write(f"{one.name} runs from now on"), *_where_log(call, one)])


@service.command()
@yes_option
@dry_option
@pass_call
def remove(call: Call, yes: bool, dry_run: bool) -> None:
    """Stop the watcher and take its file away, if that is as mdtasks wrote it.

    \b
    Example:
      mdtasks service remove
    """
    from mdtasks.app import service as use

    one = use.service(call.session())
    data = use.check_ours(one)
    if data is None:
        return print_lines([call.pen.write(f"{one.name} is not installed")])
    print_lines(_commands(call, [*one.stop, ("rm", str(one.path)), *one.forget]))
    if dry_run or not _agreed(yes):
        return None
    if problem := use.remove(one, data):
        notify(problem)
    return print_lines([call.pen.write(f"{one.name} is removed")])


@service.command()
@json_option
@pass_call
def status(call: Call, as_json: bool) -> None:
    """Say whether the service is installed, whether it runs, and where its log is.

    \b
    Example:
      mdtasks service status
    """
    from mdtasks.app import service as use

    session = call.session()
    one = use.service(session)
    now, watched = use.standing(one), use.watches(session)
    if as_json:
        said = {**now._asdict(), "watched": watched, "kind": one.kind, "name": one.name}
        return print_json(
            session, service={**said, "file": str(one.path), "log": shlex.join(one.log)}
        )
    if now.problem:
        notify(use.unanswered(one))
        notify(f"what it said: {now.problem}")
    rows = [(name, value) for name, value in _rows(one, now, watched) if value]
    return print_lines(call.pen.write(f"{name:<9}{value}") for name, value in rows)


def _rows(one: Service, now: Standing, watched: bool) -> Iterator[tuple[str, str]]:
    state = "changed since mdtasks wrote it" if now.changed else "installed"
    yield "file", f"{one.path}, {state if now.installed else 'not installed'}"
    known = {True: "yes", False: "no", None: ""}
    yield "enabled", known[now.enabled]
    yield "running", known[now.running] + (f", process {now.pid}" if now.pid else "")
    yield "watcher", "" if now.running else "runs, started in another way" if watched else "none"
    yield "log", f"`{shlex.join(one.log)}`" if now.installed else ""


def _shown(call: Call, one: Service, is_there: bool) -> Iterator[str]:
    yield call.pen.write(f"{one.path}{', which is there already' if is_there else ''}")
    if not is_there:
        for line in one.data.decode().splitlines():
            yield call.pen.write(f"  {line}", "dim") if line else ""
    yield from _commands(call, one.start)


def _commands(call: Call, commands: list[Command] | tuple[Command, ...]) -> Iterator[str]:
    for words in commands:
        yield call.pen.write(f"$ {shlex.join(words)}")


def _where_log(call: Call, one: Service) -> list[str]:
    return [call.pen.write(f"what it says: {shlex.join(one.log)}")]


def _agreed(yes: bool) -> bool:
    """Ask on a terminal. Raises UsageError where nobody can be asked."""
    if yes:
        return True
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("nothing was done: nobody can be asked here", "add --yes")
    return click.confirm("Do this?")
