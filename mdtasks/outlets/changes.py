"""What is to be done in a calendar that others may change too.

Rule: pure. Only what we put there, and what nobody has touched since, is changed or removed; what
a person deleted does not come back by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple


class Entry(NamedTuple):
    """An event that we put there: the server's mark of it, and a digest of what it said.

    The mark is "" while it is not known to have come there. `is_gone`: somebody deleted it.
    `is_going`: we are about to remove it, or have.
    """

    etag: str
    digest: str
    is_gone: bool = False
    is_going: bool = False


class Ledger(NamedTuple):
    """What we know of the other side. `entries` are by UID, or one by "" for a whole file; `sent`
    is the feed that was carried there last, which may have come there in part."""

    key: str = ""
    entries: Mapping[str, Entry] = MappingProxyType({})
    sent: str = ""


Save = Callable[[Ledger], None]


class Report(NamedTuple):
    """What was done, or would be: counts, and the UIDs of what was left as it is: changed by
    others, deleted by others, refused by the server."""

    created: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    conflicts: tuple[str, ...] = ()
    away: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def is_news(self) -> bool:
        return bool(self.created or self.changed or self.removed)


class Wish(NamedTuple):
    """`force`: also over what others wrote; `dry`: only look; `attended`: a person waits for it."""

    force: bool = False
    dry: bool = False
    attended: bool = True


class Act(Enum):
    CREATE = "put it there"
    UPDATE = "put it in the place of what we put there"
    DELETE = "remove what we put there"
    ASK = "see what is there"
    KEEP = "it is as it should be"
    AWAY = "somebody deleted it"
    FORGET = "there is nothing of ours, nor should be"


def act(entry: Entry | None, wanted: str | None, there: str | None) -> Act:
    """Return what to do about an event: what we put, the digest of what is to be there, the
    server's mark of what is there."""
    if there is None:
        if wanted is None:
            return Act.FORGET
        if entry is None or entry.is_going or not (entry.etag or entry.is_gone):
            return Act.CREATE
        return Act.AWAY
    if entry is None or entry.is_gone:
        return Act.ASK if wanted else Act.FORGET
    if entry.etag != there:
        return Act.ASK
    if wanted is None:
        return Act.DELETE
    return Act.KEEP if entry.digest == wanted else Act.UPDATE


def acts(
    entries: Mapping[str, Entry], wanted: Mapping[str, str], there: Mapping[str, str]
) -> dict[str, Act]:
    """Return what to do, by UID; events that others put there are in none of it."""
    uids: Iterable[str] = dict.fromkeys([*entries, *wanted])
    return {uid: act(entries.get(uid), wanted.get(uid), there.get(uid)) for uid in uids}


def digest_of(data: bytes) -> str:
    return sha256(data).hexdigest()[:32]
