"""The door that people use: one command, one function; errors go to stderr with an exit code.

Rule: `mdtasks today` and `next`, called plainly, run dozens of times a day and must feel instant:
they go in beside click, which would take as long to import as all the rest.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from mdtasks.console import Call, run

# Set by a shell that asks for the words that could come next.
_COMPLETING = "_MDTASKS_COMPLETE"

_INSTANT = ("today", "next")


def main() -> None:
    """The command `mdtasks`."""
    arguments = sys.argv[1:]
    # Tasks hold no rings: to look for some among 100,000 of them takes a third of the time.
    gc.set_threshold(100_000)
    if arguments and arguments[-1] in _INSTANT:
        # Done before there is garbage worth a search, which takes a tenth of the time.
        gc.disable()
    sys.exit(run(lambda: enter(arguments)))


def enter(arguments: Sequence[str]) -> object:
    """Run what is called; return its exit code, None for 0. Raises what the command does."""
    if _COMPLETING not in os.environ:
        match arguments:
            case [("today" | "next") as name]:
                _at_once(name, None)
                return None
            case ["--vault", vault, ("today" | "next") as name]:
                _at_once(name, vault)
                return None
    from mdtasks.cli.commands import call

    return call(arguments)


def _at_once(name: str, vault: str | None) -> None:
    call = Call(vault, os.environ.get("MDTASKS_NOW") or None, "auto")
    if name == "today":
        from mdtasks.cli.day import show_today

        show_today(call)
    else:
        from mdtasks.cli.next import show_next

        show_next(call)
