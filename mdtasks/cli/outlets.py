"""The command that carries the plan to where other devices see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mdtasks.cli.answers import publish_all
from mdtasks.cli.options import json_option, pass_call
from mdtasks.console import Call, fail, print_json, print_lines
from mdtasks.errors import MdtasksError

if TYPE_CHECKING:
    from mdtasks.app.outlets import Outcome
    from mdtasks.app.session import Session


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--force", is_flag=True, help="Also over what others changed or deleted there.")
@click.option("--dry-run", is_flag=True, help="Ask what is there, and change nothing there.")
@json_option
@pass_call
def publish(call: Call, names: Sequence[str], force: bool, dry_run: bool, as_json: bool) -> int:
    """Sync, then carry the plan to the places of [[publish]]: all, or those that are named.

    \b
    Example:
      mdtasks publish phone
    """
    from mdtasks.app.outlets import carry, chosen
    from mdtasks.app.publish import write_calendar
    from mdtasks.outlets.changes import Wish

    with call.opened_to_change() as (session, store):
        outlets = chosen(session, names)
        if dry_run:
            write_calendar(session, store, session.places.feed)
        else:
            publish_all(session, store)
        outcomes = carry(session, store, outlets, Wish(force, dry_run))
    _tell(call, session, outcomes, dry_run, as_json)
    return max(one.exit_code for one in outcomes)


def _tell(
    call: Call, session: Session, outcomes: Sequence[Outcome], dry: bool, as_json: bool
) -> None:
    from mdtasks.render import outlets as render

    if as_json:
        shapes = [
            render.shape(one.outlet, one.report._asdict(), one.titles, one.error)
            for one in outcomes
        ]
        return print_json(session, published=shapes, dry_run=dry)
    for one in outcomes:
        if one.error:
            fail(MdtasksError(f"{one.outlet.name}: {one.error.message}", one.error.hint))
            continue
        print_lines([call.pen.write(render.line(one.outlet, one.report._asdict(), dry))])
        for words, hint in render.left(one.outlet, one.report._asdict(), one.titles):
            fail(MdtasksError(words, hint))
    return None
