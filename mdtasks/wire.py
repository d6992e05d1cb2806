"""A connection to another computer that ends in time, whatever the other side does.

Rule: here is how long and how much; what is said over it is for others.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from threading import Timer


def encrypted(raw: socket.socket, host: str) -> socket.socket:
    """Return the connection encrypted. Raises ssl.SSLError, also for a stranger's certificate."""
    return ssl.create_default_context().wrap_socket(raw, server_hostname=host)


@contextmanager
def cut_off(raw: socket.socket, deadline: float) -> Iterator[None]:
    """End the connection at the deadline, by time.monotonic(), also one that trickles on."""
    # A second descriptor: encryption takes the first one over.
    with closing(raw.dup()) as other, cut_at(other, deadline):
        yield


@contextmanager
def cut_at(other: socket.socket, deadline: float) -> Iterator[None]:
    """As `cut_off`, with a second descriptor of the connection that the caller has."""

    def cut() -> None:
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)

    timer = Timer(left(deadline), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def left(deadline: float) -> float:
    """Return how many seconds are left. Raises TimeoutError where none are."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds
