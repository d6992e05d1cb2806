"""Which uid a task has.

A task is born with a uid made of what stands in the vault alone (its path, its text, and which
of its twins in the note it is), so that two devices mint the same. An id that the person wrote,
🆔 or ^block, is better than that: it survives rewording and moving, as long as no other task of
the vault claims it too.

Rule: pure, and a function of the vault's content only. Whoever carries a uid over an edit does
it between `births` and `settle`, by putting another uid into the Birth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from hashlib import sha1
from typing import NamedTuple

# The namespace of the vaults' namespaces (RFC 9562, section 6.6): made once, never to change.
_MDTASKS = bytes.fromhex("b7c1f6a29d5e4c0ba3c8e2f45d10769e")
_VARIANTS = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
_REFERENCES = ("due", "scheduled", "start")

# What tells the tasks of a note apart: the text and, in a series, the date. Twins have the same.
Name = tuple[str, str]


class Birth(NamedTuple):
    """The uid that a task has by itself, and the id written on its line, if any."""

    uid: str
    explicit: str | None


def reference(dates: Mapping[str, str], inferred: Collection[str]) -> str:
    """Return the date that tells one occurrence of a series from the next, "" if there is none.

    One that comes from the note, of those in `inferred`, is none: it is the same for all of them.
    """
    own = (dates.get(name) for name in _REFERENCES if name not in inferred)
    return next((day for day in own if day), "")


def births(path: str, names: Iterable[Name], vault_id: str) -> list[str]:
    """Return the uid that each task of a note is born with; they come in the order of lines.

    A task has the same one among all tasks of the note as among those of its name.
    """
    start = _namespace(vault_id) + f"{path}\0".encode("utf-8", "surrogatepass")
    seen: dict[Name, int] = {}
    born = []
    for name in names:
        occurrence = seen[name] = seen.get(name, -1) + 1
        # Of these only the text can hold a NUL, and it comes last: no two names are alike.
        born.append(_uuid5(start, f"{occurrence}\0{name[1]}\0{name[0]}"))
    return born


def claimed(explicit: str, vault_id: str) -> str:
    """Return the uid of the one task that claims an id."""
    return _uuid5(_namespace(vault_id), f"id\0{explicit}")


def settle(claims: Iterable[Birth], vault_id: str) -> list[str]:
    """Return the uid of each: an id that one task alone claims, else the uid it was born with.

    For every id among them, `claims` must hold all tasks of the vault that claim it.
    """
    claims = list(claims)
    counts = Counter(explicit for _, explicit in claims if explicit)
    return [
        claimed(explicit, vault_id) if explicit and counts[explicit] == 1 else uid
        for uid, explicit in claims
    ]


@lru_cache(maxsize=8)
def _namespace(vault_id: str) -> bytes:
    return bytes.fromhex(_uuid5(_MDTASKS, vault_id).replace("-", ""))


def _uuid5(namespace: bytes, name: str) -> str:
    """RFC 9562, section 5.5. uuid.uuid5 gives the same, and costs as much as reading the note.

    Names that are not UTF-8 hold lone surrogates, which pass as they are.
    """
    digest = sha1(namespace + name.encode("utf-8", "surrogatepass"), usedforsecurity=False)
    h = digest.hexdigest()
    return f"{h[:8]}-{h[8:12]}-5{h[13:16]}-{_VARIANTS[h[16]]}{h[17:20]}-{h[20:32]}"
