"""The commands by name, and what stands before them.

Rule: one command, one function, which parses the call, asks a use case and prints what it gives.
What a command needs is imported inside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import click

from mdtasks import __version__
from mdtasks.console import Call
from mdtasks.errors import UsageError

# Where each command lives, in the order of `--help`: only the one that is called is imported.
COMMANDS = {
    "today": "looking",
    "next": "looking",
    "list": "looking",
    "show": "looking",
    "add": "adding",
    "done": "changing",
    "start": "changing",
    "postpone": "changing",
    "skip": "changing",
    "cancel": "changing",
    "edit": "editing",
    "split": "splitting",
    "hand": "handing",
    "projects": "projects",
    "log": "log",
    "focus": "focus",
    "audit": "audit",
    "earnings": "earnings",
    "review": "review",
    "undo": "changing",
    "id": "identity",
    "plan": "planning",
    "when": "planning",
    "calendar": "publishing",
    "sync": "publishing",
    "publish": "outlets",
    "watch": "publishing",
    "serve": "serving",
    "feed": "serving",
    "service": "service",
    "check": "checking",
    "doctor": "tending",
    "index": "tending",
    "import": "importing",
    "init": "tending",
}

_WHOLE = 500


class Commands(click.Group):
    """The commands of the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return load(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not ctx.resilient_parsing and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name.lower(), COMMANDS, 1)
            hint = f"did you mean `mdtasks {near[0]}`?" if near else "see `mdtasks --help`"
            raise UsageError(f"there is no command {name}", hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # By default what is longer than the line is cut.
        rows = [(name, load(name).get_short_help_str(_WHOLE)) for name in COMMANDS]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


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


def call(arguments: Sequence[str]) -> object:
    """Run the command that is called; return what it returns, or its exit code.

    Raises what the command does, and UsageError for a call that is none.
    """
    try:
        return cli.main(list(arguments), prog_name="mdtasks", standalone_mode=False)
    except click.UsageError as error:
        program = error.ctx.command_path if error.ctx else "mdtasks"
        raise UsageError(error.format_message(), f"see `{program} --help`") from None
    except click.Abort:
        raise KeyboardInterrupt from None
