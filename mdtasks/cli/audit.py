"""The command that tells what repeats, and helps to hand it over."""

from __future__ import annotations

import click

from mdtasks.cli.options import dry_run_option, json_option, pass_call
from mdtasks.console import Call, notify, print_json, print_lines
from mdtasks.errors import UsageError

_UNCHANGED = "nothing to change: the note says so already"
_NOTHING = (
    "nothing repeats in these weeks, so there is nothing to write; --weeks looks further back"
)
_NEXT = "to hand a task over: mdtasks hand KEY NAME"


@click.command()
@click.option(
    "--weeks", metavar="N", type=click.IntRange(1, 260), default=4, help="This one counts; else 4."
)
@click.option("--handed-over", is_flag=True, help="Show what became of it, by person.")
@click.option("--note", is_flag=True, help="Write the questions to ask of each into Audit.md.")
@click.option("--brief", type=int, metavar="N", help="Write a note to hand over number N with.")
@dry_run_option
@json_option
@pass_call
def audit(
    call: Call,
    weeks: int,
    handed_over: bool,
    note: bool,
    brief: int | None,
    dry_run: bool,
    as_json: bool,
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
    if handed_over and writes:
        raise UsageError("--handed-over goes with neither --note nor --brief", "leave it out")
    if handed_over:
        return _show_handed_over(call, weeks, as_json)
    if writes:
        return _write(call, weeks, brief, dry_run, as_json)
    from mdtasks.app.audit import audited
    from mdtasks.render.audit import shape, show_audit

    with call.opened() as (session, store):
        found = audited(session, store, weeks)
        if as_json:
            return print_json(session, **shape(found))
        return print_lines(show_audit(found, call.show(session)))


def _show_handed_over(call: Call, weeks: int, as_json: bool) -> None:
    from mdtasks.app.audit import handed_over
    from mdtasks.render.handed_account import shape, show_accounts

    with call.opened() as (session, store):
        found = handed_over(session, store, weeks)
        if as_json:
            return print_json(session, **shape(found))
        return print_lines(show_accounts(found, call.show(session)))


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
            return notify(_UNCHANGED if found.groups else _NOTHING)
        lines = [call.pen.write(f"wrote {edits[0].path}")]
        if brief is not None:
            lines.append(call.pen.write(_NEXT, "dim"))
        return print_lines(lines)
