"""Sync at every change of the vault, until stopped.

Rule: an event is a hint that something changed; what changed, the comparison of the vault with
the index says. Threads and signals only leave a hint; one loop does all the work.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Event

from mdtasks.app.session import Notify, open_session
from mdtasks.watch.clock import Clock
from mdtasks.watch.loop import Doors, Loop
from mdtasks.write.locks import hold


def watch(
    vault: str | None,
    now: str | None,
    notify: Notify,
    *,
    stop: Event | None = None,
    synced: Callable[[], None] | None = None,
    clock: Clock | None = None,
) -> None:
    """Sync now and at every change, until SIGTERM or Ctrl-C. Changed settings count at once.

    With `stop` signals are left to others, and it ends soon after that is set; so it can run in
    a thread. `synced` is called, in this one, after each sync that may have changed something.
    `now` stands in for the `clock` in the plan.
    Raises LockedError if another watcher runs, and whatever the first session raises.
    """
    session = open_session(vault, now, notify)
    loop = Loop(session, Doors(notify, synced or _nothing, clock or Clock(), now))
    ends = loop.stopped_by_signals() if stop is None else loop.stopped_by(stop)
    # Who asks whether a watcher runs holds its lock for a moment.
    with hold(session.places.state, "watch", timedelta(milliseconds=200)), ends:
        notify(f"watching {session.root}; the feed is {session.places.feed}")
        loop.run()


def _nothing() -> None:
    """What is done after a sync where nobody asks."""
