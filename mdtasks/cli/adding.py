"""The command that adds a task: words in, a line out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mdtasks.cli.answers import print_rehearsal, shapes
from mdtasks.cli.options import TextCommand, dry_run_option, json_option, pass_call
from mdtasks.console import Call, print_json, print_lines

if TYPE_CHECKING:
    from mdtasks.app.adding import Added
    from mdtasks.app.session import Session
    from mdtasks.index.store import Store


@click.command(cls=TextCommand)
@click.argument("text", metavar="TEXT", nargs=-1, required=True)
@click.option("--to", "note", metavar="NOTE", help="The note it goes to; else the inbox.")
@click.option("--heading", metavar="H", help="Below which heading of that note.")
@dry_run_option
@json_option
@pass_call
def add(
    call: Call,
    text: Sequence[str],
    note: str | None,
    heading: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Add a task; days, durations and priorities in words become fields.

    \b
    Example:
      mdtasks add 'call dentist tomorrow 10m !high #home'
    """
    from mdtasks.app.adding import add as write
    from mdtasks.app.adding import rehearse_add, to_add

    with call.opened_to_change() as (session, store):
        adding = to_add(session, store, " ".join(text), note, heading)
        understood = adding.words.in_words(session.today)
        if dry_run:
            print_rehearsal(call, session, rehearse_add(session, adding), as_json)
            if understood and not as_json:
                print_lines([call.pen.write(understood, "dim")])
        elif as_json:
            _print_json(session, store, write(session, store, adding), understood)
        else:
            _show(call, write(session, store, adding), understood)


def _show(call: Call, added: Added, understood: str) -> None:
    from mdtasks.render import terminal

    print_lines(terminal.changes([added.edit], call.pen))
    words = [understood or "no date, no estimate: a task for the lists"]
    words += [f"key {added.task.key}"] if added.task else []
    print_lines([call.pen.write(" · ".join(words), "dim")])


def _print_json(session: Session, store: Store, added: Added, understood: str) -> None:
    from mdtasks.render import json

    (task,) = shapes(session, store, [added.task]) if added.task else (None,)
    changed = json.changed([added.edit])
    print_json(session, **changed, understood=understood, task=task)
