"""The command that tells what an hour of work earned."""

from __future__ import annotations

import click

from mdtasks.cli.options import json_option, pass_call
from mdtasks.console import Call, print_json, print_lines


@click.command()
@click.option(
    "--weeks", metavar="N", type=click.IntRange(1, 260), default=4, help="This one counts; else 4."
)
@json_option
@pass_call
def earnings(call: Call, weeks: int, as_json: bool) -> None:
    """Show what came in, and what an hour brought, by project, platform and tag.

    \b
    Example:
      mdtasks earnings --weeks 8
    """
    from mdtasks.app.earnings import shown
    from mdtasks.render.earnings import shape, show_earnings

    with call.opened() as (session, store):
        found = shown(session, store, weeks)
        if as_json:
            return print_json(session, **shape(found))
        return print_lines(show_earnings(found, call.show(session)))
