"""The command that opens a note in the person's own editor, at the line of a task."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mdtasks.cli.answers import print_changes
from mdtasks.cli.options import json_option, pass_call
from mdtasks.console import Call, notify, print_json, print_lines

if TYPE_CHECKING:
    from mdtasks.index.store import Store
    from mdtasks.model import Edit, Task


@click.command()
@click.argument("key", metavar="KEY")
@click.option("--dry-run", is_flag=True, help="Show what would be run, and open nothing.")
@json_option
@pass_call
def edit(call: Call, key: str, dry_run: bool, as_json: bool) -> None:
    """Open $VISUAL or $EDITOR at the line of a task, wait, and show what changed there.

    \b
    Example:
      mdtasks edit 7f3
    """
    from mdtasks.app import editor
    from mdtasks.app.tasks import find

    with call.opened_to_change() as (session, store):
        task = find(store, key, session.root)
        before = editor.lines_of(session, task)
    file = session.root / task.source.path
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    words = editor.command(os.environ, on_terminal, file, task.source.line)
    if dry_run:
        if as_json:
            return print_json(session, changed=[], dry_run=True, command=words)
        return print_lines([call.pen.write(shlex.join(words))])
    sys.stdout.flush()
    editor.run(words)
    with call.opened_to_change() as (session, store):
        edits = _changed(store, task, before, editor.lines_of(session, task))
        if as_json or edits:
            return print_changes(call, session, edits, as_json)
    notify("that line is as it was")
    return None


def _changed(store: Store, task: Task, before: Sequence[str], after: Sequence[str]) -> list[Edit]:
    """Return what became of a task's line; [] where it reads as before, wherever it stands."""
    from mdtasks.app.editor import became
    from mdtasks.model import Edit

    path, line, text = task.source.path, task.source.line, task.source.text
    now = next((each for each in store.find_key(task.uid) if each.uid == task.uid), None)
    if now:
        same = now.source.text == text
        return [] if same else [Edit(now.source.path, now.source.line, text, (now.source.text,))]
    place, lines = became(before, after, line - 1)
    return [] if lines == (text,) else [Edit(path, place + 1, text, lines)]
