"""The command that gives a task an id of its own."""

from __future__ import annotations

import click

from mdtasks.cli.answers import print_changes, print_rehearsal
from mdtasks.cli.options import dry_run_option, json_option, pass_call
from mdtasks.console import Call, notify, print_json, print_lines


@click.command("id")
@click.argument("key", metavar="KEY")
@click.option("--block", "as_block", is_flag=True, help="A block id, ^abc123, for links to it.")
@dry_run_option
@json_option
@pass_call
def id_(call: Call, key: str, as_block: bool, dry_run: bool, as_json: bool) -> None:
    """Write an id on a task's line: by it the task is known wherever it goes.

    One that has an id already is left as it is, and its id is shown.

    \b
    Example:
      mdtasks id 7f3
    """
    from mdtasks.app.changes import carry_out
    from mdtasks.app.naming import to_name

    with call.opened_to_change() as (session, store):
        task, edit = to_name(session, store, key, as_block)
        if edit is not None and dry_run:
            from mdtasks.app.rehearsal import rehearse

            return print_rehearsal(call, session, rehearse(session, [edit]), as_json)
        if edit is not None:
            changed = carry_out(session, store, [edit])
            return print_changes(call, session, changed, as_json)
        if as_json:
            return print_json(session, changed=[])
    notify("it has an id already")
    has = f"^{task.block_id}" if as_block or not task.id else task.id
    return print_lines([call.pen.write(has)])
