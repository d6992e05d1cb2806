"""Commands that change lines of notes: all that are named, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from mdtasks.cli.answers import print_changes, print_rehearsal
from mdtasks.cli.options import dry_run_option, json_option, keys_argument, pass_call
from mdtasks.console import Call, notify, print_lines

if TYPE_CHECKING:
    from mdtasks.app.moving import Wanted
    from mdtasks.app.session import Session
    from mdtasks.index.store import Store
    from mdtasks.model import Edit

# What the tasks that a person names ask for.
Ask = Callable[["Session", "Store"], "Wanted"]


@click.command()
@keys_argument
@dry_run_option
@json_option
@pass_call
def done(call: Call, keys: Sequence[str], dry_run: bool, as_json: bool) -> None:
    """Tick tasks; a recurring one gets its next line. All of them, or none.

    \b
    Example:
      mdtasks done 7f3 "Errands.md:12"
    """
    from mdtasks.app.changes import to_complete

    change(call, _plainly(to_complete, keys), dry_run, as_json, keys=keys)


@click.command()
@keys_argument
@dry_run_option
@json_option
@pass_call
def cancel(call: Call, keys: Sequence[str], dry_run: bool, as_json: bool) -> None:
    """Cancel tasks: `[-]` and the day. All of them, or none.

    \b
    Example:
      mdtasks cancel 7f3
    """
    from mdtasks.app.changes import to_cancel

    change(call, _plainly(to_cancel, keys), dry_run, as_json, keys=keys)


@click.command()
@keys_argument
@dry_run_option
@json_option
@pass_call
def skip(call: Call, keys: Sequence[str], dry_run: bool, as_json: bool) -> None:
    """Cancel this time of tasks that repeat; the next line is written. All of them, or none.

    \b
    Example:
      mdtasks skip 7f3
    """
    from mdtasks.app.moving import to_skip

    def ask(session: Session, store: Store) -> Wanted:
        return to_skip(session, store, keys)

    change(call, ask, dry_run, as_json, keys=keys)


@click.command()
@keys_argument
@dry_run_option
@json_option
@pass_call
def start(call: Call, keys: Sequence[str], dry_run: bool, as_json: bool) -> None:
    """Put tasks in progress: `[/]`. All of them, or none.

    \b
    Example:
      mdtasks start 7f3
    """
    from mdtasks.app.moving import to_start

    def ask(session: Session, store: Store) -> Wanted:
        return to_start(session, store, keys)

    change(call, ask, dry_run, as_json, "it is in progress already", keys)


@click.command()
@click.argument("words", metavar="KEY... WHEN", nargs=-1, required=True)
@dry_run_option
@json_option
@pass_call
def postpone(call: Call, words: Sequence[str], dry_run: bool, as_json: bool) -> None:
    """Schedule tasks on another day, or at another time; due dates stay. All of them, or none.

    \b
    Example:
      mdtasks postpone 7f3 "next week"
    """
    from mdtasks.app.moving import divided, to_postpone

    keys: list[str] = []

    def ask(session: Session, store: Store) -> Wanted:
        named, moment = divided(words, session.today)
        keys.extend(named)
        return to_postpone(session, store, named, moment)

    change(call, ask, dry_run, as_json, "it is scheduled then already", keys)


@click.command()
@dry_run_option
@json_option
@pass_call
def undo(call: Call, dry_run: bool, as_json: bool) -> None:
    """Take back the last change, all its lines or none; for 24 hours.

    \b
    Example:
      mdtasks undo
    """
    if dry_run:
        from mdtasks.app.rehearsal import rehearse_undo

        session = call.session()
        return print_rehearsal(call, session, rehearse_undo(session), as_json)
    from mdtasks.app.changes import undo as take_back

    with call.opened_to_change() as (session, store):
        edits = take_back(session, store)
        if not edits:
            notify("what waited is taken back, and no note was changed")
        print_changes(call, session, edits, as_json, unchanged="")
    return None


def _plainly(
    find: Callable[[Session, Store, Sequence[str]], list[Edit]], keys: Sequence[str]
) -> Ask:
    """Return what asks for the edits of the keys, about which there is nothing to say."""
    from mdtasks.app.moving import Wanted

    return lambda session, store: Wanted(find(session, store, keys), [])


def _names(session: Session, store: Store, keys: Sequence[str]) -> str:
    """Return the tasks of the keys by place and text, with a colon behind."""
    from mdtasks.app.tasks import find

    tasks = [find(store, key) for key in keys]
    places = [f"{task.source.path}:{task.source.line} {task.text}" for task in tasks]
    return f"{', '.join(places)}: " if places else ""


def change(
    call: Call,
    ask: Ask,
    dry_run: bool,
    as_json: bool,
    unchanged: str = "it is closed already",
    keys: Sequence[str] = (),
) -> None:
    """Carry out what is asked for, or with `dry_run` only show it. Where nothing changes, the
    tasks of the keys are named with what they are already: `unchanged`."""
    with call.opened_to_change() as (session, store):
        wanted = ask(session, store)
        if dry_run:
            from mdtasks.app.rehearsal import rehearse

            print_rehearsal(call, session, rehearse(session, wanted.edits), as_json)
        else:
            from mdtasks.app.changes import carry_out

            changed = carry_out(session, store, wanted.edits)
            if not changed and not as_json:
                unchanged = f"{_names(session, store, keys)}{unchanged}"
            print_changes(call, session, changed, as_json, unchanged)
    if not as_json:
        print_lines(call.pen.write(line, "dim") for line in wanted.said)
