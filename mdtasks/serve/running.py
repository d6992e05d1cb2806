"""Serve a vault until SIGTERM or Ctrl-C.

Rule: the main thread waits and ends the others: one answers requests, one watches the vault, one
prepares the feeds.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING

from mdtasks.app.session import Notify, open_session
from mdtasks.errors import RefusedError
from mdtasks.serve.app import build
from mdtasks.serve.faults import to_stderr
from mdtasks.serve.following import Following
from mdtasks.serve.limits import KEEP_ALIVE_SECONDS, LONGEST_HEAD, MOST_CONNECTIONS, connections
from mdtasks.serve.listening import base_of, hosts_of, is_for_others, listen
from mdtasks.serve.preparing import Preparing
from mdtasks.serve.served import Served
from mdtasks.settings import ServeSettings
from mdtasks.toml.hosts import Host, is_everywhere, written
from mdtasks.write.locks import hold, is_held

if TYPE_CHECKING:
    from uvicorn import Server

# In seconds.
_LOOK = 0.5
_GRACE = 3


def serve(
    vault: str | None,
    now: str | None,
    notify: Notify,
    host: str | None = None,
    port: int | None = None,
    alone: bool = False,
) -> int:
    """Serve and watch the vault; return the exit code. `host` and `port` count before [serve].

    With `alone`, raises LockedError if another watcher runs. Raises RefusedError where others
    could come and nobody has a token, and whatever opening a session does.
    """
    session = open_session(vault, now, notify)
    settings = session.config.serve
    settings = settings._replace(
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
    )
    served = Served(session, now, notify, hosts_of(settings))
    readers = sum(each.is_active for each in served.subscribers)
    if not readers and is_for_others(settings):
        raise RefusedError(
            f"{settings.host} can be reached by others, and nobody has a token",
            "first run `mdtasks feed token new NAME`",
        )
    if alone:
        with hold(served.state, "watch", timedelta(milliseconds=200)):
            pass  # to say so before anything begins; what comes between is found by `following`
    with _signals() as is_signalled:
        sockets = listen(settings.host, settings.port)
        settings = settings._replace(port=sockets[0].getsockname()[1])
        _tell(settings, readers, notify)
        following, preparing = Following(served, alone), Preparing(served, session)
        served.wanted = preparing.hint
        _run(served, following, preparing, _server(served), sockets, is_signalled)
    if following.error:
        raise following.error
    return 0 if is_signalled() else 1


def _tell(settings: ServeSettings, readers: int, notify: Notify) -> None:
    people = f"{readers} subscriber{'' if readers == 1 else 's'}"
    here, known = f"http://{written(Host(settings.host, settings.port))}", base_of(settings)
    also = f", known as {known}" if known != here else ""
    notify(f"serving {people} at {here}{also} (Ctrl-C ends it)")
    if not readers:
        notify("nobody has an address yet; make one with `mdtasks feed token new NAME`")
    if is_everywhere(settings.host) and not settings.allowed_hosts:
        notify("others are answered once `allowed_hosts` in [serve] has the names they ask for")


def _run(
    served: Served,
    following: Following,
    preparing: Preparing,
    server: Server,
    sockets: list[socket.socket],
    is_signalled: Callable[[], bool],
) -> None:
    stop = Event()
    threads = [
        Thread(target=following.run, args=(stop,), name="watching"),
        Thread(target=preparing.run, args=(stop,), name="preparing"),
        Thread(target=server.run, args=(sockets,), name="answering"),
    ]
    served.watched = lambda: (
        all(each.is_alive() for each in threads) and is_held(served.state, "watch")
    )
    for each in threads:
        each.start()
    try:
        while threads[-1].is_alive() and not following.error and not is_signalled():
            pass  # it waits
    finally:
        stop.set()
        served.news.end()
        server.should_exit = True
        for each in reversed(threads):
            each.join()


@contextmanager
def _signals() -> Iterator[Callable[[], bool]]:
    """Give what waits a moment for a signal to end, and says whether there was one."""
    # Not an Event: its lock is not re-entrant, and a signal handler may meet it held.
    told: SimpleQueue[None] = SimpleQueue()
    heard = False

    def wait() -> bool:
        nonlocal heard
        with suppress(Empty):
            told.get(timeout=0 if heard else _LOOK)
            heard = True
        return heard

    ends = (signal.SIGINT, signal.SIGTERM)
    before = {each: signal.signal(each, lambda *_: told.put(None)) for each in ends}
    try:
        yield wait
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _server(served: Served) -> Server:
    import uvicorn

    config = uvicorn.Config(
        build(served),
        http=connections(),
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=LONGEST_HEAD,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE,
    )
    to_stderr()
    return uvicorn.Server(config)
