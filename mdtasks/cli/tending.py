"""Commands that look after vault and index: what is wrong, how fresh, how set up."""

from __future__ import annotations

import click

from mdtasks.cli.options import json_option, pass_call
from mdtasks.console import Call, print_json, print_lines, progress
from mdtasks.errors import VaultEmptyError


@click.command()
@click.option("--rebuild", is_flag=True, help="Delete it and read every note again.")
@click.option("--accept-empty", is_flag=True, help="The vault is empty on purpose.")
@json_option
@pass_call
def index(call: Call, rebuild: bool, accept_empty: bool, as_json: bool) -> None:
    """Bring the cache up to date: how many notes and tasks, how fresh, how long it took.

    \b
    Example:
      mdtasks index --rebuild
    """
    from mdtasks.app.refresh import forget, opened

    session = call.session()
    if rebuild:
        forget(session, accept_empty)
    with progress() as step, opened(session, step, accept_empty) as (store, refreshed):
        notes, tasks, _ = store.counts()
    fresh, seconds = refreshed.was_fresh, round(refreshed.seconds, 3)
    if as_json:
        return print_json(session, notes=notes, tasks=tasks, seconds=seconds, fresh=fresh)
    from mdtasks.render.pen import counted

    news = "fresh" if fresh else f"{len(refreshed.changed)} read, {len(refreshed.gone)} gone"
    figures = f"{counted(notes, 'note')}, {counted(tasks, 'task')}"
    print_lines([f"{figures}, {news}, {seconds:.2f} s"])
    return None


@click.command()
@json_option
@pass_call
def doctor(call: Call, as_json: bool) -> int:
    """Look over the set-up: vault, settings, dialects, index, watcher, conflicts, calendar.

    \b
    Example:
      mdtasks doctor
    """
    from mdtasks.app.doctor import examine
    from mdtasks.app.session import open_session
    from mdtasks.render.doctor import lines, shape

    notices: list[str] = []
    session = open_session(call.vault, call.now, notices.append)
    with progress() as step:
        report = examine(session._replace(notify=lambda _: None), notices, step)
    if as_json:
        print_json(session, **shape(report))
    else:
        print_lines(lines(report, call.pen))
    return VaultEmptyError.exit_code if report.vault.gone else 0


@click.command()
@pass_call
def init(call: Call) -> None:
    """Write a commented mdtasks.toml into the vault; never overwrites.

    \b
    Example:
      mdtasks --vault ~/Notes init
    """
    from mdtasks.app.start import write_starter

    print_lines([call.pen.write(str(write_starter(call.vault)))])
