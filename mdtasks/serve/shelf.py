"""The feeds as they are handed out: bytes that were made before anybody asked.

Rule: a reader sees the old feeds or the new ones; a change is one assignment.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Collection, Mapping
from typing import NamedTuple

_LEVEL = 6


class Ready(NamedTuple):
    """A feed in both codings, each with a tag of its own, since their bytes differ.

    `changed` is the first whole second in which nothing older was handed out: with it as
    Last-Modified, whoever has something older has it from before.
    """

    body: bytes
    etag: str
    packed: bytes
    packed_etag: str
    changed: int


class Shelf:
    """The feeds by the digests of the subscribers."""

    def __init__(self) -> None:
        self._feeds: Mapping[str, Ready] = {}

    def get(self, digest: str) -> Ready | None:
        return self._feeds.get(digest)

    def put(
        self, feeds: Mapping[str, bytes], now: float, keep: Collection[str] = frozenset()
    ) -> bool:
        """Replace all feeds; those whose bytes are the same stay what they were, and so do those
        to `keep` where there is no new one. Return whether anything differs."""
        known: dict[bytes, Ready] = {}
        fresh = {digest: old for digest, old in self._feeds.items() if digest in keep}
        for digest, body in feeds.items():
            before = self._feeds.get(digest)
            if before is None or before.body != body:
                before = known.get(body) or ready(body, now)
            fresh[digest] = known[body] = before
        differs = fresh != self._feeds
        self._feeds = fresh
        return differs


def ready(body: bytes, now: float) -> Ready:
    tag = hashlib.sha256(body).hexdigest()[:32]
    # No time of packing in it: equal bytes are packed alike.
    packed = gzip.compress(body, _LEVEL, mtime=0)
    return Ready(body, f'"{tag}"', packed, f'"{tag}-gzip"', int(now) + 1)
