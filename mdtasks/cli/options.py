"""What several commands take."""

from __future__ import annotations

import re

import click

from mdtasks.console import Call

pass_call = click.make_pass_decorator(Call)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
keys_argument = click.argument("keys", metavar="KEY...", nargs=-1, required=True)
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Show the change as a diff, and change nothing."
)


class TextCommand(click.Command):
    """Takes `- [ ] text`, as it is pasted from a note, for text and not for an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [f" {a}" if re.match(r"-\s", a) else a for a in args])
