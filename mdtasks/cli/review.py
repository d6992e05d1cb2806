"""The command that looks back on a week."""

from __future__ import annotations

import click

from mdtasks.cli.options import json_option, pass_call
from mdtasks.console import Call, print_json, print_lines


@click.command()
@click.option("--week", metavar="WEEK", help="Another week: 2026-W47, last, or a day of it.")
@click.option("--note", is_flag=True, help="Write it to the week's note, with boxes to tick.")
@json_option
@pass_call
def review(call: Call, week: str | None, note: bool, as_json: bool) -> None:
    """Look back on the week: what was done, streaks, planned and actual, what waits.

    \b
    Example:
      mdtasks review --week last
    """
    from mdtasks.app.review import asked_week
    from mdtasks.app.review import review as looked_back

    if note:
        return _write(call, week, as_json)
    with call.opened() as (session, store):
        value = looked_back(session, store, asked_week(session, week))
        if as_json:
            from mdtasks.render import review_json

            return print_json(session, **review_json.review(value))
        from mdtasks.render.review import review as lines

        print_lines(lines(value, call.show(session)))


def _write(call: Call, said: str | None, as_json: bool) -> None:
    from mdtasks.app.review import asked_week
    from mdtasks.app.review_writing import write_review

    with call.opened_to_change() as (session, store):
        path, written = write_review(session, store, asked_week(session, said))
        if as_json:
            return print_json(session, note=path, written=written)
        print_lines([call.pen.write(f"{path} {'written' if written else 'is as it should be'}")])
