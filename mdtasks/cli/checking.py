"""The command that looks for what is wrong in the notes, and offers to mend it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mdtasks.cli.options import json_option, pass_call
from mdtasks.console import Call, notify, print_json, print_lines

if TYPE_CHECKING:
    from mdtasks.app.check import Checked
    from mdtasks.model import Edit, Problem
    from mdtasks.write.mend import Mended


@click.command()
@click.option("--faults", is_flag=True, help="Only what is wrong: no advice.")
@click.option("--all", "everything", is_flag=True, help="All advice, not only the first ten.")
@click.option("--fix", is_flag=True, help="Offer what is certain to mend, as a diff; then ask.")
@click.option("--yes", is_flag=True, help="With --fix: do not ask.")
@json_option
@pass_call
def check(call: Call, faults: bool, everything: bool, fix: bool, yes: bool, as_json: bool) -> int:
    """Name what is wrong in the notes: `path:line: message`; exit 1 if there is anything.

    \b
    Example:
      mdtasks check --fix
    """
    if fix:
        return _fix(call, faults, yes, as_json)
    if yes:
        raise click.UsageError("--yes is for --fix alone")
    from mdtasks.app.check import check as look

    with call.opened() as (session, store):
        found = look(session, store)
    if as_json:
        from mdtasks.render import json

        print_json(session, **json.problems(_listed(found, faults)))
    else:
        _show(call, found, faults, everything)
    return 1 if _listed(found, faults) else 0


def _listed(found: Checked, faults: bool) -> list[Problem]:
    return found.faults if faults else found.faults + found.advice


def _show(call: Call, found: Checked, faults: bool, everything: bool) -> None:
    from mdtasks.render import findings

    print_lines(findings.faults(found.faults, call.pen))
    if not faults:
        if found.faults and found.advice:
            print_lines([""])
        print_lines(findings.advice(found.advice, call.pen, everything))
    if found.mended:
        notify(f"{_lines(len(found.mended))} can be mended for you: mdtasks check --fix")


def _fix(call: Call, faults: bool, yes: bool, as_json: bool) -> int:
    """Show what can be mended, mend it if that is agreed to; return 1 if anything is left."""
    from mdtasks.app.check import carry_out
    from mdtasks.app.check import check as look
    from mdtasks.render import findings, json

    with call.opened_to_change() as (session, store):
        found = look(session, store)
        offered = found.mended
        changed: tuple[Edit, ...] = ()
        # What is agreed to already is done before it is told.
        if not (as_json or yes):
            print_lines(findings.diff(offered, call.pen))
        if offered and (yes or (not as_json and _agreed(offered))):
            changed = carry_out(session, store, offered)
            found = look(session, store)
        if yes and not as_json:
            print_lines(findings.diff(offered, call.pen))
    left = _listed(found, faults)
    if as_json:
        offer = json.changed(each.edit for each in offered)["changed"]
        print_json(session, **json.problems(left), offered=offer, **json.changed(changed))
    else:
        _tell(len(offered), len(changed), len(left))
    return 1 if left else 0


def _agreed(offered: Sequence[Mended]) -> bool:
    """Ask on a terminal; where nobody can answer nothing is agreed to."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    sys.stdout.flush()
    changes = "1 change" if len(offered) == 1 else f"{len(offered)} changes"
    sys.stderr.write(f"carry out {changes}? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _tell(offered: int, changed: int, left: int) -> None:
    if not offered:
        notify("nothing can be mended with certainty")
    elif changed:
        notify(f"{_lines(changed)} mended; `mdtasks undo` takes all of it back")
    else:
        notify("nothing was changed; --yes carries it out without asking")
    if left:
        notify(f"{left} left to look at: mdtasks check")


def _lines(number: int) -> str:
    return "1 line" if number == 1 else f"{number} lines"
