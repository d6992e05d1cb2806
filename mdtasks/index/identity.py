"""Which uid a task has that nobody knew before.

A task is born with a uid made of what stands in the vault alone (its path, its text, and which
of its twins in the note it is), so that two devices mint the same. An id that the person wrote,
🆔 or ^block, is better than that, as long as no other task of the vault claims it too. From then
on it keeps the uid it has, whatever becomes of its line: `matching` knows it again.

Rule: pure, and a function of the vault's content only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hashlib import _Hash

# The namespace of the vaults' namespaces (RFC 9562, section 6.6): made once, never to change.
_MDTASKS = bytes.fromhex("b7c1f6a29d5e4c0ba3c8e2f45d10769e")
_VARIANTS = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
_REFERENCES = ("due", "scheduled", "start")

# What tells the tasks of a note apart: the text and, in a series, the date. Twins have the same.
Name = tuple[str, str]


class Newcomer(NamedTuple):
    """A task that nobody knew before: the uid that it is born with, and what that is made of."""

    born: str
    explicit: str
    path: str
    name: Name


class Known(NamedTuple):
    """A task as it is known beside the index; `born` is the uid that it was born with there."""

    uid: str
    born: str
    explicit: str
    path: str
    name: Name


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
    start = _start(path, vault_id)
    seen: dict[Name, int] = {}
    born = []
    for name in names:
        occurrence = seen.get(name, 0)
        seen[name] = occurrence + 1
        born.append(_uuid5(start, _called(name, occurrence)))
    return born


def claimed(explicit: str, vault_id: str) -> str:
    """Return the uid of the one task that claims an id."""
    return _uuid5(_namespace(vault_id), f"id\0{explicit}")


def settle(
    newcomers: Sequence[Newcomer],
    elsewhere: Collection[str],
    is_taken: Callable[[str], bool],
    vault_id: str,
) -> list[str]:
    """Return the uid of each: that of an id which it alone claims, else the one it is born with,
    else that of the first twin there is not.

    `elsewhere` are the ids that other tasks claim; `is_taken` tells the uids that these have, or
    had not long ago.
    """
    claims = Counter(each.explicit for each in newcomers)
    wanted = [
        claimed(each.explicit, vault_id)
        if each.explicit and claims[each.explicit] == 1 and each.explicit not in elsewhere
        else each.born
        for each in newcomers
    ]
    reserved, twins = set(wanted), dict[tuple[str, Name], Iterator[str]]()
    uids = []
    for each, uid in zip(newcomers, wanted, strict=True):
        if is_taken(uid):
            others = twins.setdefault((each.path, each.name), _twins(each, vault_id))
            uid = next(free for free in others if free not in reserved and not is_taken(free))
        uids.append(uid)
    return uids


def _twins(each: Newcomer, vault_id: str) -> Iterator[str]:
    start = _start(each.path, vault_id)
    return (_uuid5(start, _called(each.name, occurrence)) for occurrence in count())


def _start(path: str, vault_id: str) -> _Hash:
    start = _namespace(vault_id).copy()
    start.update(f"{path}\0".encode("utf-8", "surrogatepass"))
    return start


def _called(name: Name, occurrence: int) -> str:
    text, reference = name
    # Of these only the text can hold a NUL, and it comes last: no two names are alike.
    return f"{occurrence}\0{reference}\0{text}"


@lru_cache(maxsize=8)
def _namespace(vault_id: str) -> _Hash:
    # Imported here: on a fresh index nothing is born.
    from hashlib import sha1

    vault = _uuid5(sha1(_MDTASKS, usedforsecurity=False), vault_id)
    return sha1(bytes.fromhex(vault.replace("-", "")), usedforsecurity=False)


def _uuid5(start: _Hash, name: str) -> str:
    """RFC 9562, section 5.5, for a name that goes on behind `start`. uuid.uuid5 gives the same,
    and costs as much as reading the note.

    Names that are not UTF-8 hold lone surrogates, which pass as they are.
    """
    digest = start.copy()
    digest.update(name.encode("utf-8", "surrogatepass"))
    h = digest.hexdigest()
    return f"{h[:8]}-{h[8:12]}-5{h[13:16]}-{_VARIANTS[h[16]]}{h[17:20]}-{h[20:32]}"
