"""The command that hands tasks over to somebody, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mdtasks.cli.changing import change
from mdtasks.cli.options import dry_run_option, json_option, pass_call
from mdtasks.console import Call
from mdtasks.errors import UsageError

if TYPE_CHECKING:
    from mdtasks.app.moving import Wanted
    from mdtasks.app.session import Session
    from mdtasks.index.store import Store


@click.command()
@click.argument("words", metavar="KEY... [NAME]", nargs=-1, required=True)
@click.option("--follow-up", metavar="DAY", help="When to ask how it goes; else in a week.")
@click.option("--rework", is_flag=True, help="It came back and is not good yet: open it again.")
@click.option("--mine", is_flag=True, help="Take it back: it is yours again.")
@dry_run_option
@json_option
@pass_call
def hand(
    call: Call,
    words: Sequence[str],
    follow_up: str | None,
    rework: bool,
    mine: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Hand tasks over to somebody, and have them come back on a day. All of them, or none.

    \b
    Example:
      mdtasks hand 7f3 Ana --follow-up fri
    """
    if rework and mine:
        raise UsageError("--rework and --mine do not go together", "give one of them")
    if mine and follow_up is not None:
        raise UsageError("--mine and --follow-up do not go together", "give one of them")

    def ask(session: Session, store: Store) -> Wanted:
        from mdtasks.app import handing

        if mine:
            return handing.to_take_back(session, store, words)
        day = handing.follow_up_of(follow_up, session.today)
        if rework:
            return handing.to_rework(session, store, words, day)
        keys, name = handing.divided(store, words)
        return handing.to_hand(session, store, keys, name, day)

    change(call, ask, dry_run, as_json, "it is handed over already")
