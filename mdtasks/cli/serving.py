"""Commands that let others see: the server, and who may ask it."""

from __future__ import annotations

import click

from mdtasks.cli.options import json_option, pass_call
from mdtasks.console import Call, notify, print_json, print_lines
from mdtasks.errors import UsageError

_LONGEST_NAME = 64


@click.command()
@click.option("--host", metavar="H", help="Where to listen; 127.0.0.1, this machine alone.")
@click.option("--port", metavar="P", type=click.IntRange(0, 65535), help="Else 8765; 0 is any.")
@pass_call
def serve(call: Call, host: str | None, port: int | None) -> int:
    """Serve the feed and the day's page over HTTP until stopped (Ctrl-C).

    It follows the vault as `mdtasks watch` does.

    \b
    Example:
      mdtasks serve --port 8800
    """
    from mdtasks.serve.running import serve as run

    return run(call.vault, call.now, notify, _host(host), port)


def _host(text: str | None) -> str | None:
    from mdtasks.toml.hosts import bind_host

    if text is None:
        return None
    try:
        return bind_host(text)
    except ValueError as wanted:
        raise UsageError(f"--host {text}: this is no host", f"write {wanted}") from None


@click.group(no_args_is_help=False)
def feed() -> None:
    """Say who may read the feed.

    \b
    Example:
      mdtasks feed token new phone
    """


@feed.group(no_args_is_help=False)
def token() -> None:
    """Make, list and revoke the addresses under which the feed is served.

    \b
    Example:
      mdtasks feed token list
    """


@token.command()
@click.argument("name")
@click.option("--lens", default="full", metavar="L", help="What it shows; else full.")
@json_option
@pass_call
def new(call: Call, name: str, lens: str, as_json: bool) -> None:
    """Make an address for one subscriber, and show it: this once.

    \b
    Lenses:
      full          all that the feed says, and the day's page
      title         what, and when
      busy          when, and nothing else
      actual        the logged time of the last 30 days
      project:NAME  what of one project, and when

    \b
    Example:
      mdtasks feed token new "Kim's phone" --lens busy
    """
    from mdtasks.app.subscribers import has_project, lens_of
    from mdtasks.serve.listening import addresses
    from mdtasks.write.tokens import issue

    session = call.session()
    project = lens_of(lens).project
    made, secret = issue(session.places.state, _name(name), lens, session.now)
    found = addresses(session.config.serve, secret, lens)
    if as_json:
        about = {"name": made.name, "lens": made.lens, "made": made.made}
        return print_json(session, **about, **found)
    print_lines(call.pen.write(address) for address in found.values() if address)
    notify("whoever knows an address of these can use it, so treat it as a password")
    notify("it is not shown again; `mdtasks serve` answers it")
    if project:
        with call.opened() as (_, store):
            if not has_project(store, project):
                notify(f"no task is of a project {project}: its calendar is empty for now")


def _name(text: str) -> str:
    name = text.strip()
    if name and name.isprintable() and len(name) <= _LONGEST_NAME:
        return name
    raise UsageError(f"{text!r}: this is no name", f"write 1 to {_LONGEST_NAME} characters")


@token.command("list")
@json_option
@pass_call
def list_(call: Call, as_json: bool) -> None:
    """Show who has an address, and what it shows.

    \b
    Example:
      mdtasks feed token list
    """
    from mdtasks.write.tokens import load

    session = call.session()
    known = load(session.places.state)
    if as_json:
        names = ("name", "lens", "made")
        shown = [
            {**{name: getattr(each, name) for name in names}, "revoked": each.revoked or None}
            for each in known
        ]
        return print_json(session, subscribers=shown)
    rows = [(each.name, each.lens, _when(each.made, each.revoked)) for each in known]
    widths = [max((len(row[at]) for row in rows), default=0) for at in (0, 1)]
    for name, lens, when in rows:
        print_lines([call.pen.write(f"{name:{widths[0]}}  {lens:{widths[1]}}  {when}")])
    if not rows:
        notify("nobody has an address; make one with `mdtasks feed token new NAME`")


def _when(made: str, revoked: str) -> str:
    return f"revoked {revoked[:10]}" if revoked else f"since {made[:10]}"


@token.command()
@click.argument("name")
@pass_call
def revoke(call: Call, name: str) -> None:
    """Let the address of a subscriber count no more, from now on.

    \b
    Example:
      mdtasks feed token revoke "Kim's phone"
    """
    from mdtasks.write.tokens import revoke as end

    session = call.session()
    end(session.places.state, name.strip(), session.now)
    notify(f"{name.strip()}: the address no longer counts")
