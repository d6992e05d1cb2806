"""Calendars as others write them, and a server that answers as it is told.

Rule: the server is a real one, on this machine; what it was asked is kept for the test.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from zoneinfo import ZoneInfo

from mdtasks.busy.events import Reading, Window, read

BERLIN = ZoneInfo("Europe/Berlin")


def calendar(*events: str, head: str = "PRODID:-//Example//EN") -> bytes:
    """Return a calendar of events, each given by its lines."""
    rows = ["BEGIN:VCALENDAR", "VERSION:2.0", *head.splitlines()]
    for event in events:
        rows += ["BEGIN:VEVENT", *event.strip().splitlines(), "END:VEVENT"]
    return "\r\n".join([*rows, "END:VCALENDAR", ""]).encode()


def meeting(
    begins: str,
    ends: str = "",
    title: str = "Stand-up",
    more: str = "",
    zone: str = "Europe/Berlin",
) -> str:
    """Return an event's lines; moments are written like 20261123T090000."""
    lines = [f"UID:{title}-{begins}", f"SUMMARY:{title}", f"DTSTART;TZID={zone}:{begins}"]
    lines += [f"DTEND;TZID={zone}:{ends}"] if ends else []
    return "\n".join([*lines, *more.splitlines()])


def window(first: str, last: str, zone: ZoneInfo = BERLIN) -> Window:
    """Return the days from `first` on, `last` excluded."""
    start, end = (datetime.fromisoformat(each).replace(tzinfo=zone) for each in (first, last))
    return Window(start, end, zone)


WEEK = window("2026-11-23", "2026-11-30")


def taken(data: bytes, when: Window = WEEK, all_day: bool = False) -> list[str]:
    """Return what is busy, by the person's wall clock."""
    return walls(read(data, when, "work", all_day))


def walls(found: Reading) -> list[str]:
    return [f"{b.start:%a %H:%M}-{b.end:%H:%M} {b.title}" for b in found.blocks]


@dataclass
class Server:
    """`answer` gets the handler; `asked` keeps path and headers of each request."""

    url: str
    answer: Callable[[BaseHTTPRequestHandler], None]
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)


def body(
    data: bytes, status: int = 200, headers: Mapping[str, str] = MappingProxyType({})
) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return an answer that sends these bytes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[Server]:
    """Serve on 127.0.0.1 until the block is left; `server.answer` may be set anew."""
    server = Server("", answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append((self.path, dict(self.headers.items())))
            try:
                server.answer(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    real = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    real.daemon_threads = True
    thread = threading.Thread(target=real.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    server.url = f"http://127.0.0.1:{real.server_address[1]}"
    try:
        yield server
    finally:
        real.shutdown()
        thread.join()
        real.server_close()
