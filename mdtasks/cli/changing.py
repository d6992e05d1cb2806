"""Commands that change lines of notes: all that are named, or none."""

from __future__ import annotations

from collections.abc import Sequence

import click

from mdtasks.cli.answers import print_changes
from mdtasks.cli.options import json_option, keys_argument, pass_call
from mdtasks.console import Call


@click.command()
@keys_argument
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
        print_changes(call, session, complete(session, store, keys), as_json)


@click.command()
@keys_argument
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
        print_changes(call, session, drop(session, store, keys), as_json)


@click.command()
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
        print_changes(call, session, take_back(session, store), as_json)
