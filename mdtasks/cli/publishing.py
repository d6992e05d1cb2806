"""Commands that bring feed and daily note up to date: once, or at every change."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mdtasks.cli.answers import publish_all
from mdtasks.cli.day import tell_waiting
from mdtasks.cli.options import json_option, pass_call
from mdtasks.console import Call, notify, print_json, print_lines


@click.command()
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


@click.command()
@json_option
@pass_call
def sync(call: Call, as_json: bool) -> int:
    """Refresh index, daily note and feed once; exit 1 while a change waits to be written.

    \b
    Example:
      mdtasks sync
    """
    with call.opened_to_change() as (session, store):
        publish_all(session, store)
        if as_json:
            notes, tasks, _ = store.counts()
            print_json(session, notes=notes, tasks=tasks, feed=str(session.places.feed))
        else:
            print_lines([call.pen.write(str(session.places.feed))])
        return 1 if tell_waiting(session) else 0


@click.command()
@click.option("--serve", "serves", is_flag=True, help="Serve feed and page too: see `serve`.")
@pass_call
def watch(call: Call, serves: bool) -> int:
    """Sync at every change until stopped (Ctrl-C).

    \b
    Example:
      mdtasks watch
    """
    if serves:
        from mdtasks.serve.running import serve

        return serve(call.vault, call.now, notify, alone=True)
    from mdtasks.watch import watch as keep_true

    keep_true(call.vault, call.now, notify)
    return 0
