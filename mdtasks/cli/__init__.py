"""The door that people use: one command, one function; errors go to stderr with an exit code.

Rule: parse the call, ask a use case, print what it gives. What a command needs is imported
inside it: `mdtasks today` runs dozens of times a day and must feel instant.
"""

from __future__ import annotations

import sys
from importlib import import_module

import click

from mdtasks import __version__
from mdtasks.console import Call, run

# Where each command lives, in the order of `--help`: only the one that is called is imported.
COMMANDS = {
    "today": "looking",
    "list": "looking",
    "show": "looking",
    "done": "changing",
    "cancel": "changing",
    "undo": "changing",
    "plan": "looking",
    "calendar": "publishing",
    "sync": "publishing",
    "watch": "publishing",
    "check": "tending",
    "index": "tending",
    "init": "tending",
}


class Commands(click.Group):
    """The commands of the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return load(cmd_name) if cmd_name in COMMANDS else None


def load(name: str) -> click.Command:
    """Return a command of the table."""
    module = import_module(f"mdtasks.cli.{COMMANDS[name]}")
    # `list_`: the name without it is Python's.
    command = getattr(module, name, None) or getattr(module, f"{name}_")
    assert isinstance(command, click.Command)
    return command


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--vault", metavar="DIR", help="The folder of notes; else $MDTASKS_VAULT, else found."
)
@click.option(
    "--now", metavar="WHEN", envvar="MDTASKS_NOW", help="Replace the clock: 2026-11-22T09:00."
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
@click.version_option(__version__, prog_name="mdtasks")
@click.pass_context
def cli(context: click.Context, vault: str | None, now: str | None, color: str) -> None:
    """Plan the day from the checkboxes in your notes.

    \b
    Example:
      mdtasks --vault ~/Notes today
    """
    context.obj = Call(vault, now, color)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main() -> None:
    """The command `mdtasks`."""
    sys.exit(run(lambda: cli.main(prog_name="mdtasks", standalone_mode=False)))
