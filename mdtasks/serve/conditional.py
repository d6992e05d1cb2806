"""Whether a client has what it asks for already, and in which coding it wants it (RFC 9110).

Rule: pure; headers are text, moments whole seconds. What is not understood counts as not said.
"""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)
_LONGEST = 8192


def has_it(
    if_none_match: str | None,
    if_modified_since: str | None,
    etag: str,
    changed: int | None,
    now: int,
) -> bool:
    """Whether 304 is the answer (section 13.2.2): the date counts only where there is no tag.

    `changed` is the Last-Modified that is told; None where none is.
    """
    if if_none_match is not None:
        return names(if_none_match, etag)
    since = None if if_modified_since is None else seconds(if_modified_since)
    # A date that is yet to come was told by another clock.
    return changed is not None and since is not None and changed <= since <= now


def may_answer(if_match: str | None, etag: str) -> bool:
    """Whether what is there is what the client insists on; a weak tag never is (13.1.1)."""
    return if_match is None or names(if_match, etag, weak=False)


def names(header: str, etag: str, weak: bool = True) -> bool:
    """Whether a list of tags holds this one; a list that is none holds nothing."""
    if header.strip() == "*":
        return True
    found, rest = False, header[:_LONGEST].strip(" \t,")
    while rest:
        match = _TAG.match(rest)
        if match is None:
            return False
        found |= match[2] == etag and (weak or not match[1])
        rest = rest[match.end() :].lstrip(" \t")
        if rest and not rest.startswith(","):
            return False
        rest = rest.strip(" \t,")
    return found


def seconds(header: str) -> int | None:
    """Return the moment of an HTTP-date in seconds, None where it is none."""
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def wants_gzip(accept_encoding: str | None) -> bool:
    """Whether gzip is at least as welcome as the bytes as they are (section 12.5.3)."""
    weights = {}
    for part in (accept_encoding or "").split(","):
        coding, _, parameters = part.partition(";")
        match = _WEIGHT.fullmatch(parameters.strip()) if parameters.strip() else None
        if parameters.strip() and match is None:
            continue
        weights[coding.strip().lower()] = float(match[1]) if match else 1.0
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    # What is not named is welcome, but what is named is wanted.
    return gzip > 0 and gzip >= weights.get("identity", 0.0)
