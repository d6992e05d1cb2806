"""One vault as it is served: what the routes share.

Rule: a request gets everything from here; nothing here is made for a request but a session.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from mdtasks.app.session import Notify, Session, open_session
from mdtasks.errors import MdtasksError
from mdtasks.serve.news import News
from mdtasks.serve.shelf import Shelf
from mdtasks.toml.hosts import Host
from mdtasks.write import tokens
from mdtasks.write.tokens import Subscriber


class Served:
    """`secret` is new with each start, for what must not outlive it. `news` tells of changes,
    `shelf` holds the feeds, `hosts` are the names by which a request may call us.

    `wanted` has the feeds made anew, from any thread; `watched` says whether somebody watches
    the vault.
    """

    def __init__(
        self, session: Session, now: str | None, notify: Notify, hosts: frozenset[Host]
    ) -> None:
        self.root = session.root
        self.state = session.places.state
        self.hosts = hosts
        self.secret = secrets.token_bytes(32)
        self.news = News()
        self.shelf = Shelf()
        self.notify = notify
        self.now = now
        self.wanted: Callable[[], None] = lambda: None
        self.watched: Callable[[], bool] = lambda: True
        self._stamp: object = ()
        self._subscribers: tuple[Subscriber, ...] = ()

    def session(self) -> Session:
        """Return a session of this moment, with the settings as they are now; blocks.

        Raises VaultEmptyError, ConfigError, UsageError.
        """
        # What there is to say of the settings, the watcher has said.
        return open_session(str(self.root), self.now, lambda line: None)

    @property
    def subscribers(self) -> tuple[Subscriber, ...]:
        """Those of this moment; nobody where the list cannot be read, and that is said once."""
        stamp = tokens.stamp(self.state)
        if stamp != self._stamp:
            try:
                self._subscribers = tokens.load(self.state)
            except MdtasksError as error:
                self._subscribers = ()
                self.notify(f"{error.message}; nobody can read the feed")
            self._stamp = stamp
        return self._subscribers

    def subscriber(self, token: str) -> Subscriber | None:
        """Return who shows this token, also one that no longer counts."""
        return tokens.find(self.subscribers, token)
