"""Carry the plan to where other devices see it.

Rule: here the network is used, and only when a person asks for it by `mdtasks publish`, or beside
a watcher. What went wrong in one place stops no other. No password is kept, shown or logged.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from mdtasks.app.outlet_record import place_of, remember
from mdtasks.app.session import Session
from mdtasks.app.subscribers import feeds
from mdtasks.errors import ChangedUnderUsError, MdtasksError, RefusedError, UsageError
from mdtasks.index.store import Store
from mdtasks.outlets.changes import Entry, Ledger, Report, Wish
from mdtasks.settings import Outlet
from mdtasks.write.files import put
from mdtasks.write.locks import hold
from mdtasks.write.target import refusing
from mdtasks.write.tokens import Subscriber, digest_of

# In seconds, for all that is to be said to one server.
LONGEST = 120.0
_PATIENCE = 60.0
# Rises with the shape of what is kept.
_FORMAT = 1
_FULL = "full"


class Outcome(NamedTuple):
    """What came of one place. `titles` are of the events that the report names."""

    outlet: Outlet
    report: Report = Report()
    titles: Mapping[str, str] = MappingProxyType({})
    error: MdtasksError | None = None

    @property
    def exit_code(self) -> int:
        if self.error:
            return self.error.exit_code
        if self.report.conflicts:
            return ChangedUnderUsError.exit_code
        return MdtasksError.exit_code if self.report.refused else 0


def chosen(session: Session, names: Sequence[str]) -> tuple[Outlet, ...]:
    """Return the places of these names, all without any. Raises UsageError, RefusedError."""
    every = {one.name: one for one in session.config.publish}
    if not every:
        raise RefusedError(
            "no place is set to which the plan could be carried",
            "write one into mdtasks.toml: a table [[publish]]",
        )
    for name in names:
        if name not in every:
            raise UsageError(f"{name}: no [[publish]] has this name", f"known: {', '.join(every)}")
    return tuple(every[name] for name in dict.fromkeys(names or every))


def carry(session: Session, store: Store, outlets: Sequence[Outlet], wish: Wish) -> list[Outcome]:
    """Carry what is published to each of the places; return what came of it.

    Raises LockedError while another mdtasks does the same.
    """
    with refusing("the state folder"), hold(session.places.state, "publish"):
        return [_carried_and_known(session, store, one, wish) for one in outlets]


def _carried_and_known(session: Session, store: Store, one: Outlet, wish: Wish) -> Outcome:
    found = _carried(session, store, one, wish)
    if not wish.dry:
        remember(session, one, found.error)
    return found


def _carried(session: Session, store: Store, one: Outlet, wish: Wish) -> Outcome:
    from mdtasks.render.resources import resources, title_of

    feed = b""
    try:
        ledger = _load(session, one)
        if not ledger.key:
            ledger = ledger._replace(key=secrets.token_hex(32))
            if one.lens != _FULL:
                _save(session, one, ledger)
        feed = _seen_there(session, store, one, ledger.key)
        report = _published(session, one, feed, ledger, wish)
    except MdtasksError as error:
        return Outcome(one, error=error)
    named = {*report.conflicts, *report.away, *report.refused}
    held = {**resources(ledger.sent.encode()), **resources(feed)} if named else {}
    titles = {uid: title_of(held[uid]) for uid in named if uid in held}
    return Outcome(one, report, MappingProxyType(titles))


def _seen_there(session: Session, store: Store, one: Outlet, key: str) -> bytes:
    """Return the published feed, as it is seen by who looks at that place."""
    digest = digest_of(f"outlet {one.kind} {one.to}")
    found = feeds(session, store, [Subscriber(one.name, one.lens, "", digest, key)])
    if not found:
        raise MdtasksError("there is no calendar yet", "run `mdtasks sync` first")
    return found[digest]


def _published(session: Session, one: Outlet, feed: bytes, ledger: Ledger, wish: Wish) -> Report:
    if one.kind == "file":
        return _into_file(session, one, feed, wish)
    from mdtasks.outlets import caldav, webdav
    from mdtasks.outlets.web import Server

    def save(known: Ledger) -> None:
        _save(session, one, known)

    way = caldav.publish if one.kind == "caldav" else webdav.publish
    with Server(one.to, _login(one, wish.attended), LONGEST) as server:
        return way(server, feed, ledger, save, wish)


def _into_file(session: Session, one: Outlet, feed: bytes, wish: Wish) -> Report:
    from mdtasks.write.publish import publish

    path = session.root / os.path.expanduser(one.to)  # noqa: PTH111 (as in config)
    try:
        before = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise MdtasksError(f"{path}: cannot be read: {error.strerror}") from None
    if before is not None and before != feed and b"PRODID:-//mdtasks//" not in before:
        message = f"{path}: another calendar is there; it stays as it is"
        if not wish.force:
            raise RefusedError(message, "name another file, or write over it with --force")
    if before == feed:
        return Report(unchanged=1)
    if not wish.dry:
        publish(path, feed)
    return Report(created=1) if before is None else Report(changed=1)


def _login(one: Outlet, attended: bool) -> tuple[str, str] | None:
    return (one.user, _password(one, attended)) if one.user else None


def _password(one: Outlet, attended: bool) -> str:
    """Return the password. Raises MdtasksError without a word of what a command says."""
    if one.password_env:
        if found := os.environ.get(one.password_env, ""):
            return found
        raise MdtasksError(f"${one.password_env} is not set", "it is to hold the password")
    words = [os.path.expanduser(one.password_command[0]), *one.password_command[1:]]  # noqa: PTH111
    try:
        done = subprocess.run(
            words,
            # It may ask the person; what it says is no business of ours or of a log's.
            stdin=None if attended and sys.stdin and sys.stdin.isatty() else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=_PATIENCE,
        )
        why = f"it ends with {done.returncode}" if done.returncode else ""
        password = done.stdout.decode().partition("\n")[0].removesuffix("\r")
    except subprocess.TimeoutExpired:
        why, password = "it does not end", ""
    except (OSError, ValueError) as error:
        why, password = getattr(error, "strerror", "") or "it cannot be used", ""
    if why or not password:
        message = f"`password_command` gives no password: {why or 'it says nothing'}"
        raise MdtasksError(message, "run it yourself: its first line is to be the password")
    return password


# What is known of the other side


def _load(session: Session, one: Outlet) -> Ledger:
    path = place_of(session, one, "json")
    try:
        known = json.loads(path.read_bytes())
        if known["format"] != _FORMAT or known["to"] != digest_of(one.to):
            raise ValueError("another")
        entries = {uid: Entry(*each) for uid, each in known["entries"].items()}
        return Ledger(known["key"], MappingProxyType(entries), known["sent"])
    except FileNotFoundError:
        return Ledger()
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise MdtasksError(
            f"{path}: what was published before cannot be read",
            "move it away; then what is there already is left as it is",
        ) from error


def _save(session: Session, one: Outlet, ledger: Ledger) -> None:
    kept = {
        "format": _FORMAT,
        "to": digest_of(one.to),
        "key": ledger.key,
        "entries": dict(ledger.entries),
        "sent": ledger.sent,
    }
    path = place_of(session, one, "json")
    with refusing("the state folder"):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        put(path, json.dumps(kept).encode())
