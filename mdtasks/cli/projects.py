"""The command that shows how far goals and projects are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mdtasks.cli.answers import shapes
from mdtasks.cli.options import json_option, pass_call
from mdtasks.console import Call, notify, print_json, print_lines

if TYPE_CHECKING:
    from mdtasks.app.projects import Overview
    from mdtasks.app.session import Session
    from mdtasks.index.store import Store


@click.command()
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="Also old finished ones, and mere lists.")
@json_option
@pass_call
def projects(call: Call, name: str | None, everything: bool, as_json: bool) -> None:
    """Show how far goals and projects are, their next step, and what is in their way.

    With the NAME of a project or goal, its open tasks too.

    \b
    Example:
      mdtasks projects "Launch post"
    """
    from mdtasks.app.projects import detail, overview

    with call.opened() as (session, store):
        if name is not None:
            found = detail(session, store, name)
        else:
            found = overview(session, store, everything)
        if as_json:
            return _print_json(session, store, found, name is not None)
        from mdtasks.render import projects as render

        show = call.show(session)
        if name is not None:
            return print_lines(render.detail(found.goals, found.tasks, found.open, show))
        if not (found.goals or found.hidden):
            why, hint = render.nothing()
            notify(why)
            notify(hint)
        return print_lines(render.overview(found.goals, found.tasks, found.hidden, show))


def _print_json(session: Session, store: Store, found: Overview, named: bool) -> None:
    from mdtasks.render import projects_json

    uids = {each.next for goal in found.goals for each in goal.projects if each.next}
    steps = shapes(session, store, [found.tasks[uid] for uid in sorted(uids & found.tasks.keys())])
    by_uid = {str(shape["uid"]): shape for shape in steps}
    goals = projects_json.goals(found.goals)
    body: dict[str, object] = {
        "goals": goals,
        "projects": projects_json.projects(found.goals, by_uid),
    }
    if named:
        body["tasks"] = shapes(session, store, found.open)
    print_json(session, **body)
