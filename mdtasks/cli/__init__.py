"""The door that people use: one command, one function; errors go to stderr with an exit code.

Rule: `mdtasks today`, called plainly, runs dozens of times a day and must feel instant: it goes
in beside click, which would take as long to import as all the rest.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from mdtasks.console import Call, run

# Set by a shell that asks for the words that could come next.
_COMPLETING = "_MDTASKS_COMPLETE"


def main() -> None:
    """The command `mdtasks`."""
    arguments = sys.argv[1:]
    if arguments[-1:] == ["today"]:
        # Done before there is garbage worth a search, which takes a tenth of the time.
        gc.disable()
    sys.exit(run(lambda: enter(arguments)))


def enter(arguments: Sequence[str]) -> object:
    """Run what is called; return its exit code, None for 0. Raises what the command does."""
    match arguments:
        case ["today"] | ["--vault", _, "today"] if _COMPLETING not in os.environ:
            from mdtasks.cli.day import show_today

            vault = None if len(arguments) == 1 else arguments[1]
            show_today(Call(vault, os.environ.get("MDTASKS_NOW") or None, "auto"))
            return None
        case ["next"] | ["--vault", _, "next"] if _COMPLETING not in os.environ:
            from mdtasks.cli.next import show_next

            vault = None if len(arguments) == 1 else arguments[1]
            show_next(Call(vault, os.environ.get("MDTASKS_NOW") or None, "auto"))
            return None
    from mdtasks.cli.commands import call

    return call(arguments)
