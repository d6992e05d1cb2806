"""The command that tells what repeats, and helps to hand it over."""

from __future__ import annotations

import click

from mdtasks.cli.options import dry_run_option, json_option, pass_call
from mdtasks.console import Call, notify, print_json, print_lines
from mdtasks.errors import UsageError


@click.command()
@click.option(
    "--weeks", metavar="N", type=click.IntRange(1, 260), default=4, help="This one counts; else 4."
)
@click.option("--note", is_flag=True, help="Write the questions to ask of each into Audit.md.")
@click.option("--brief", type=int, metavar="N", help="Write a note to hand over number N with.")
@dry_run_option
@json_option
@pass_call
def audit(
    call: Call, weeks: int, note: bool, brief: int | None, dry_run: bool, as_json: bool
) -> None:
    """Show what repeats, how long it takes, and what that time is worth.

    \b
    Example:
      mdtasks audit --weeks 8
    """
    writes = note or brief is not None
    if note and brief is not None:
        raise UsageError("--note and --brief do not go together", "give one of them")
    if dry_run and not writes:
        raise UsageError("--dry-run: nothing is written without --note or --brief")
    if writes:
        return _write(call, weeks, brief, dry_run, as_json)
    from mdtasks.app.audit import audited
    from mdtasks.render.audit import shape, show_audit

    with call.opened() as (session, store):
        found = audited(session, store, weeks)
        if as_json:
            return print_json(session, **shape(found))
        return print_lines(show_audit(found, call.show(session)))


def _write(call: Call, weeks: int, brief: int | None, dry_run: bool, as_json: bool) -> None:
    from mdtasks.app.audit import audited, numbered
    from mdtasks.app.audit_note import Wanted, brief_of, questions_of, rehearsed, write
    from mdtasks.cli.answers import print_changes, print_rehearsal

    with call.opened_to_change() as (session, store):
        found = audited(session, store, weeks)

        def wanted() -> Wanted:
            if brief is not None:
                return brief_of(session, store, numbered(found, brief))
            return questions_of(session, found)

        if dry_run:
            return print_rehearsal(call, session, rehearsed(session, wanted), as_json)
        edits = write(session, store, wanted)
        if as_json:
            return print_changes(call, session, edits, as_json)
        if not edits:
            return notify("nothing to change: the note says so already")
        return print_lines([call.pen.write(f"wrote {edits[0].path}")])
