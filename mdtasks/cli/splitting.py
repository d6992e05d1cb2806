"""The command that breaks a task down into steps."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from mdtasks.cli.answers import print_rehearsal, shapes
from mdtasks.cli.options import TextCommand, dry_run_option, json_option, pass_call
from mdtasks.console import Call, notify, print_json, print_lines
from mdtasks.errors import UsageError

if TYPE_CHECKING:
    from mdtasks.app.session import Session
    from mdtasks.app.splitting import Split, Steps, Worded
    from mdtasks.index.store import Store
    from mdtasks.model import Task


@click.command(cls=TextCommand)
@click.argument("key")
@click.argument("steps", metavar="[STEP]...", nargs=-1)
@click.option("--template", metavar="NOTE", help="The checkboxes of this note are the steps.")
@dry_run_option
@json_option
@pass_call
def split(
    call: Call,
    key: str,
    steps: Sequence[str],
    template: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Break a task down: steps below it, all of them or none.

    Without steps it asks for them, one a line, or reads them from a pipe.

    \b
    Example:
      mdtasks split 7f3 "outline 10m" "first draft 45m" "cut it by a third 15m"
    """
    from mdtasks.app.splitting import from_template, rehearse_split, to_split, worded
    from mdtasks.app.splitting import split as write

    if steps and template is not None:
        raise UsageError("steps and --template do not go together", "give one of them")
    with call.opened_to_change() as (session, store):
        task = to_split(session, store, key)
        found: Steps
        if template is not None:
            found = from_template(session, store, task, template)
        elif steps:
            found = [worded(session, text) for text in steps]
        else:
            found = _asked(session, store, task)
        if not found:
            raise UsageError(
                "no steps were given; nothing was written",
                f'mdtasks split {task.key} "first step 10m" "second step 15m"',
            )
        if dry_run:
            return print_rehearsal(call, session, rehearse_split(session, task, found), as_json)
        made = write(session, store, task, found)
        if as_json:
            return _print_json(session, store, made)
        return _show(call, session, store, made)


def _asked(session: Session, store: Store, task: Task) -> list[Worded]:
    """Return the steps that the person types or a pipe holds, one a line."""
    if not sys.stdin.isatty():
        from mdtasks.app.splitting import worded

        return [worded(session, line) for line in sys.stdin if line.strip()]
    from mdtasks.dates import format_duration

    length = f" ({format_duration(task.estimate)})" if task.estimate else ""
    notify(f"steps of {task.text}{length}, one a line; an empty line ends")
    return [*_typed(session, store, task)]


def _typed(session: Session, store: Store, task: Task) -> Iterator[Worded]:
    """Yield what is typed up to an empty line; after each, say how the steps add up."""
    from mdtasks.app.splitting import sums, worded
    from mdtasks.render.splitting import adding_up, long_steps

    new: list[tuple[str, timedelta | None]] = []
    while True:
        sys.stderr.write(f"{len(new) + 1}. ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line.strip():
            return
        try:
            step = worded(session, line)
        except UsageError as error:
            notify(error.message)
            continue
        new.append((step.words.text, step.words.estimate))
        found = sums(session, store, task, new)
        for words in long_steps([one for one in found.long if one == new[-1]], found.limit):
            notify(words)
        notify(adding_up(found.steps, found.total, found.unknown, found.own))
        yield step


def _show(call: Call, session: Session, store: Store, made: Split) -> None:
    from mdtasks.app.splitting import sums
    from mdtasks.plan.recurrence import parse_rule
    from mdtasks.render import terminal
    from mdtasks.render.splitting import adding_up, long_steps

    task, pen = made.task, call.pen
    print_lines(terminal.changes([made.edit], pen))
    found = sums(session, store, task, [])
    print_lines([pen.write(adding_up(found.steps, found.total, found.unknown, found.own), "dim")])
    above = {one.parent for one in made.steps}
    leaves = [one for one in made.steps if one.uid not in above]
    long = [(t.text, t.estimate) for t in leaves if t.estimate and t.estimate > found.limit]
    print_lines(pen.write(words, "yellow") for words in long_steps(long, found.limit))
    if task.recurrence and parse_rule(task.recurrence):
        below = session.config.write.next_line == "below"
        what = "go on with the next one" if below else "are for this time alone"
        notify(f"this task repeats; the steps {what}")


def _print_json(session: Session, store: Store, made: Split) -> None:
    from mdtasks.render import json

    (task,) = shapes(session, store, [made.task])
    steps = shapes(session, store, made.steps)
    print_json(session, **json.changed([made.edit]), task=task, steps=steps)
