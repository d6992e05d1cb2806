"""The plan in a calendar of a CalDAV server, each event a resource of its own (RFC 4791).

Rule: what to do, changes.py says. Every request that changes something names the mark of what it
changes, so that nothing of a person's is lost; what was begun is written down before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from mdtasks.errors import RefusedError
from mdtasks.outlets import multistatus
from mdtasks.outlets.changes import (
    Act,
    Entry,
    Ledger,
    Report,
    Save,
    Wish,
    act,
    acts,
    digest_of,
)
from mdtasks.outlets.web import Answer, Server
from mdtasks.render.resources import resources, says_the_same

_TYPE = {"Content-Type": "text/calendar; charset=utf-8"}
_ASK = {"Content-Type": "application/xml; charset=utf-8", "Depth": "1"}
_PRECONDITION_FAILED = 412
_MISSING = (404, 410)
# The calendar has this UID under another name (RFC 4791 section 5.3.2.1), or wants no such event.
_NOT_THIS_ONE = (403, 409)


class _Found(NamedTuple):
    """What is to be done by UID, and what we know by now of what is there."""

    acts: Mapping[str, Act]
    entries: Mapping[str, Entry]
    conflicts: tuple[str, ...]

    def of(self, *kinds: Act) -> tuple[str, ...]:
        return tuple(uid for uid, each in self.acts.items() if each in kinds)

    @property
    def report(self) -> Report:
        return Report(
            created=len(self.of(Act.CREATE)),
            changed=len(self.of(Act.UPDATE)),
            removed=len(self.of(Act.DELETE)),
            unchanged=len(self.of(Act.KEEP)),
            conflicts=self.conflicts,
            away=self.of(Act.AWAY),
        )


def publish(server: Server, feed: bytes, ledger: Ledger, save: Save, wish: Wish) -> Report:
    """Bring the calendar up to date; return what was done. Raises MdtasksError."""
    wanted = resources(feed)
    found = _found(server, wanted, ledger, wish.force)
    if wish.dry:
        return found.report
    # Whether a run that is killed came so far, nobody can tell later.
    begun = dict.fromkeys(found.of(Act.CREATE), Entry("", ""))
    begun |= {uid: found.entries[uid]._replace(is_going=True) for uid in found.of(Act.DELETE)}
    known = {**found.entries, **begun}
    if found.report.is_news or known != ledger.entries:
        save(ledger._replace(entries=dict(known), sent=feed.decode()))
    if not found.report.is_news:
        return found.report
    try:
        return _carried_out(server, wanted, found, known)
    finally:
        save(ledger._replace(entries=known, sent=feed.decode()))


def _found(server: Server, wanted: Mapping[str, bytes], ledger: Ledger, force: bool) -> _Found:
    digests = {uid: digest_of(data) for uid, data in wanted.items()}
    there = _listed(server)
    sent = resources(ledger.sent.encode())
    todo, conflicts = acts(ledger.entries, digests, there), []
    entries = {uid: each._replace(is_going=False) for uid, each in ledger.entries.items()}
    for uid in [uid for uid, each in todo.items() if each is Act.ASK]:
        known = [each for each in (wanted.get(uid), sent.get(uid)) if each]
        seen = _seen(server, uid, known, there[uid])
        if seen is None:
            todo[uid] = act(entries.get(uid), digests.get(uid), None)
        elif seen.digest or force:
            entries[uid] = seen
            todo[uid] = act(seen, digests.get(uid), seen.etag)
        else:
            del todo[uid]
            conflicts.append(uid)
            if uid not in wanted:  # it is theirs from now on, and told this once
                entries.pop(uid, None)
    for uid, each in todo.items():
        if each is Act.FORGET:
            entries.pop(uid, None)
        elif each is Act.AWAY:
            entries[uid] = entries[uid]._replace(is_gone=True)
            todo[uid] = Act.CREATE if force else each
    return _Found(todo, entries, tuple(conflicts))


def _listed(server: Server) -> dict[str, str]:
    """Return the marks of what is in the calendar, by the UIDs that the names are made of."""
    answer = server.ask("PROPFIND", headers=_ASK, body=multistatus.ASKED)
    if not answer.is_fine:
        raise server.refusal(answer)
    try:
        listing = multistatus.read(answer.body, server.path)
    except ValueError:
        listing = None
    if listing is None or not listing.is_calendar:
        raise RefusedError(
            f"{server.host}: there is no CalDAV calendar at this address; nothing was sent",
            "write the address of one calendar, not that of the server or of its web page",
        )
    if not all(listing.etags.values()):
        raise RefusedError(
            f"{server.host}: the server does not mark its events (ETag), so what others change "
            "could not be told",
            "publish a file instead",
        )
    return {name.removesuffix(".ics"): etag for name, etag in listing.etags.items()}


def _seen(server: Server, uid: str, known: Sequence[bytes], etag: str = "") -> Entry | None:
    """Return what is there, its digest "" where it is none of what we know; None for nothing.

    With the mark that was listed: if it has changed since, the server refuses a change.
    """
    answer = server.ask("GET", _path(server, uid))
    if answer.status in _MISSING:
        return None
    if not answer.is_fine:
        raise server.refusal(answer)
    same = (data for data in known if says_the_same(data, answer.body))
    return Entry(etag or answer.etag, next(map(digest_of, same), ""))


def _path(server: Server, uid: str) -> str:
    return f"{server.path}{quote(uid, safe='@')}.ics"


# Carrying out


def _carried_out(
    server: Server, wanted: Mapping[str, bytes], found: _Found, known: dict[str, Entry]
) -> Report:
    """Return what was done; `known` tells after each request what is there now."""
    done = dict.fromkeys((Act.CREATE, Act.UPDATE, Act.DELETE), 0)
    conflicts, refused, away = [*found.conflicts], [], [*found.of(Act.AWAY)]
    for uid in found.of(*done):
        each, data = found.acts[uid], wanted.get(uid, b"")
        answer = _asked(server, each, _path(server, uid), data, known[uid].etag)
        if answer.is_fine or (each is Act.DELETE and answer.status in _MISSING):
            _note(server, uid, data, answer, known)
        elif answer.status == _PRECONDITION_FAILED:
            there = _seen(server, uid, [data] if data else [])
            if there is None:
                away.append(uid)
                known[uid] = Entry("", "", is_gone=True)
                continue
            if not there.digest:
                conflicts.append(uid)
                known[uid] = known[uid]._replace(is_going=False)
                continue
            known[uid] = there
        elif each is Act.CREATE and answer.status in _NOT_THIS_ONE:
            refused.append(uid)
            del known[uid]
            continue
        else:
            raise server.refusal(answer)
        done[each] += 1
    return Report(
        created=done[Act.CREATE],
        changed=done[Act.UPDATE],
        removed=done[Act.DELETE],
        unchanged=len(found.of(Act.KEEP)),
        conflicts=tuple(conflicts),
        away=tuple(away),
        refused=tuple(refused),
    )


def _asked(server: Server, each: Act, path: str, data: bytes, etag: str) -> Answer:
    if each is Act.DELETE:
        return server.ask("DELETE", path, {"If-Match": etag})
    condition = {"If-None-Match": "*"} if each is Act.CREATE else {"If-Match": etag}
    return server.ask("PUT", path, {**_TYPE, **condition}, data)


def _note(server: Server, uid: str, data: bytes, answer: Answer, known: dict[str, Entry]) -> None:
    if not data:
        del known[uid]
        return
    etag = answer.etag
    if not etag:  # the server has written it down in its own way (RFC 4791 section 5.3.4)
        there = _seen(server, uid, [data])
        etag = there.etag if there and there.digest else ""
    known[uid] = Entry(etag, digest_of(data))
