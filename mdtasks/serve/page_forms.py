"""What a button of the page sends back, and how we know that it is ours.

Rule: a form says what was shown and when, and proves it: a MAC over all its fields and the
subscriber, under the secret of this very server. Nothing that a form says is taken without.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import NamedTuple

from mdtasks.app.day_page import OLDEST

PROOF = "proof"
Fields = dict[str, str]


class ForgedError(Exception):
    """The form is not one that we gave out; the text says what a person can do."""


class Forms(NamedTuple):
    """Makes and checks forms for one subscriber; `who` is the digest of the token."""

    secret: bytes
    who: str

    def filled(self, button: str, at: float, **fields: str) -> Fields:
        """Return the hidden fields of a button's form, as shown `at` a moment of the real clock."""
        told = {**fields, "at": f"{at:.3f}"}
        return {**told, PROOF: self._proof(button, told)}

    def checked(self, button: str, sent: Mapping[str, str], now: float) -> Fields:
        """Return the fields of a form that was sent. Raises ForgedError."""
        told = {name: value for name, value in sent.items() if name != PROOF}
        proof = sent.get(PROOF, "")
        if not hmac.compare_digest(self._proof(button, told).encode(), proof.encode()):
            raise ForgedError("This page is from before mdtasks was started anew.")
        if not 0 <= now - float(told["at"]) <= OLDEST.total_seconds():
            raise ForgedError("This page is more than a day old.")
        return told

    def _proof(self, button: str, fields: Mapping[str, str]) -> str:
        said = repr((self.who, button, sorted(fields.items()))).encode()
        return hmac.new(self.secret, said, "sha256").hexdigest()


def is_from_here(header: Callable[[str], str | None]) -> bool:
    """Whether a browser says that the form stood on a page of ours.

    A page without referrer sends `Origin: null` with its forms, and over plain HTTP in a local
    network browsers send no Sec-Fetch-Site: where both say nothing, the proof has to do.
    """
    site = header("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = header("origin")
    if origin is None or origin == "null":
        return True
    # Not the scheme: behind a proxy with TLS ours is another than the browser's.
    return origin.partition("://")[2] == header("host")
