"""The application without a network: bodies, faults, health."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mdtasks.app.session import open_session
from mdtasks.serve import body as bodies
from mdtasks.serve.app import build
from mdtasks.serve.faults import Cut, cut
from mdtasks.serve.guard import guarded, plain, route
from mdtasks.serve.headers import Outermost
from mdtasks.serve.listening import hosts_of
from mdtasks.serve.served import Served
from mdtasks.settings import ServeSettings
from mdtasks.write.tokens import Subscriber
from tests.asking import ask
from tests.conftest import MakeVault
from tests.running import NOW
from tests.serving import new_token

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"a.md": "- [ ] first\n"})


@pytest.fixture
def served(root: Path) -> Served:
    session = open_session(str(root), NOW, lambda line: None)
    return Served(session, NOW, lambda line: None, hosts_of(ServeSettings()))


def echo(served: Served) -> ASGIApp:
    """Return an application that answers with the fields of a form, to who has a token."""
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException

    from mdtasks.serve.app import _failed, _refused

    async def fields(request: Request, subscriber: Subscriber) -> Response:
        return plain(repr(await bodies.form(request)), 200)

    async def fault(request: Request, subscriber: Subscriber) -> Response:
        raise ZeroDivisionError(request.url.path)

    app = Starlette(
        routes=[
            route("/{token}/form", guarded(served, fields, ("POST",))),
            route("/{token}/fault", guarded(served, fault)),
        ],
        exception_handlers={HTTPException: _refused, Exception: _failed},
    )
    return Outermost(app, served.hosts)


@pytest.mark.parametrize(
    ("pieces", "headers", "status"),
    [
        ([b"a=1&b=%C3%A4+x&a=2"], {}, 200),
        ([], {}, 200),
        ([b"a"], {}, 400),
        ([b"a=%ff"], {}, 400),
        (["a=ä".encode()], {}, 400),
        ([b"&".join([b"a=1"] * 40)], {}, 400),
        ([b"a=1"], {"content-type": "text/plain"}, 415),
        ([b"a=1"], {"content-type": "multipart/form-data; boundary=x"}, 415),
        ([b"a=1"], {"content-length": "99999999"}, 413),
        ([b"a=1"], {"content-length": "x"}, 413),
        ([b"a=" + b"x" * 9000, b"x" * 9000], {}, 413),
    ],
)
def test_only_a_small_form_is_read(
    served: Served, root: Path, pieces: list[bytes], headers: dict[str, str], status: int
) -> None:
    path = f"/{new_token(root, 'phone')}/form"
    got = ask(echo(served), path, {**FORM, **headers}, "POST", pieces)
    assert got.status == status
    if status == 200:
        assert got.body == (b"{'a': '2', 'b': '\xc3\xa4 x'}" if pieces else b"{}")


def test_a_slow_form_is_not_waited_for(
    served: Served, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "LONGEST_SECONDS", 0.05)
    path = f"/{new_token(root, 'phone')}/form"
    got = ask(echo(served), path, FORM, "POST", [b"a=1"] * 20, pause=0.02)
    assert (got.status, got.body) == (408, b"Too slow.\n")


def test_the_token_is_looked_at_before_the_method(served: Served, root: Path) -> None:
    token = new_token(root, "phone")
    assert ask(echo(served), f"/{token}/form").status == 405
    assert ask(echo(served), "/unknown/form").status == 404


def test_a_fault_of_ours_says_nothing_of_itself(served: Served, root: Path) -> None:
    token = new_token(root, "phone")
    got = ask(echo(served), f"/{token}/fault")
    assert (got.status, got.body) == (500, b"Something went wrong here; nothing was changed.\n")
    assert got.headers["referrer-policy"] == "no-referrer"
    assert got.headers["cache-control"] == "no-store"


def test_a_token_is_cut_out_of_a_traceback() -> None:
    token = "A" * 20 + "-_" + "z" * 21
    try:
        raise ValueError(f"/{token}/calendar.ics")
    except ValueError as error:
        fault = (type(error), error, error.__traceback__)
        record = logging.LogRecord("uvicorn", 40, __file__, 1, "at %s", (token,), fault)
    told = Cut("%(message)s").format(record)
    assert token not in told
    assert "/…/calendar.ics" in told
    assert cut("a/plain/path and a digest " + "a" * 64) == "a/plain/path and a digest " + "a" * 64


def test_health_is_bad_where_nobody_watches_and_where_the_disk_is_not_mounted(
    served: Served, root: Path
) -> None:
    app = build(served)
    assert ask(app, "/healthz").status == 200
    served.watched = lambda: False
    assert ask(app, "/healthz").status == 503
    served.watched = lambda: True
    (root / "a.md").unlink()
    assert ask(app, "/healthz").status == 503


def test_what_is_not_ready_is_asked_for_again_later(
    served: Served, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mdtasks.serve.calendar._PATIENCE", 0.05)
    wanted: list[None] = []
    served.wanted = lambda: wanted.append(None)
    got = ask(build(served), f"/{new_token(root, 'phone')}/calendar.ics")
    assert (got.status, got.headers["retry-after"]) == (503, "10")
    assert wanted == [None]
