"""The command that brings notes from Evernote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mdtasks.cli.options import json_option, pass_call
from mdtasks.console import Call, notify, print_json, print_lines, progress

if TYPE_CHECKING:
    from mdtasks.app.importing import Imported, Outcome


@click.command("import")
@click.argument("file", metavar="FILE.enex", type=click.Path(path_type=Path))
@click.option(
    "--to", metavar="FOLDER", help="Where the notes go; else From Evernote/ and its name."
)
@click.option("--deleted", is_flag=True, help="Bring back what you deleted here, too.")
@click.option("--dry-run", is_flag=True, help="Say what would become of each note; write nothing.")
@json_option
@pass_call
def import_(
    call: Call, file: Path, to: str | None, deleted: bool, dry_run: bool, as_json: bool
) -> int:
    """Bring the notes of an Evernote export here: text, check boxes, tasks, attachments.

    \b
    Example:
      mdtasks import ~/Downloads/Recipes.enex
    """
    from mdtasks.app.importing import CONFLICT, FAILED, import_export

    with call.opened_to_change() as (session, store), progress() as step:
        found = import_export(session, store, file, to, dry_run, step, deleted)
    if as_json:
        listed = [one._asdict() for one in found.outcomes]
        body = {"folder": found.folder, "attachments": found.attachments, "dry_run": dry_run}
        print_json(session, imported=listed, **body)
    else:
        _show(call, found, dry_run)
    for one in found.outcomes:
        if one.outcome in (CONFLICT, FAILED) and not as_json:
            notify(_told(one))
    return 1 if found.count(FAILED) else 0


def _told(one: Outcome) -> str:
    """Return what is to be said of a note that was not written, or not whole."""
    from mdtasks.app.importing import FAILED

    if one.outcome != FAILED:
        return f"{one.path}: {one.reason}"
    if not one.number:
        return f"line {one.line}, between notes: {one.reason}"
    return f"note {one.number}, line {one.line}: {one.title or 'without a title'}: {one.reason}"


def _show(call: Call, found: Imported, dry_run: bool) -> None:
    from mdtasks.app.importing import CONFLICT, DELETED, FAILED, KEPT, NEW, SAME, UPDATED
    from mdtasks.render.pen import counted

    if dry_run:
        rows = [[(one.outcome, "dim"), (one.path or one.title, "")] for one in found.outcomes]
        print_lines(call.pen.columns(rows, flexible=1))
    words = [f"{found.count(kind)} {kind}" for kind in (NEW, UPDATED, SAME) if found.count(kind)]
    kept = found.count(KEPT) + found.count(CONFLICT)
    words += [f"{kept} edited here and left alone"] if kept else []
    gone = found.count(DELETED)
    words += [f"{gone} deleted here and left out"] if gone else []
    words += [f"{found.count(FAILED)} not imported whole"] if found.count(FAILED) else []
    words += [counted(found.attachments, "attachment")] if found.attachments else []
    notes = counted(len(found.outcomes), "note")
    print_lines([call.pen.write(f"{found.folder}: {notes}: {', '.join(words) or 'none'}")])
