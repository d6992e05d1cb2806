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
from collections.abc import Iterable, Sequence
from hashlib import sha1
from typing import NamedTuple

from mdtasks.model import Task

# The namespace of the vaults' namespaces (RFC 9562, section 6.6): made once, never to change.
_MDTASKS = bytes.fromhex("b7c1f6a29d5e4c0ba3c8e2f45d10769e")
_REFERENCES = ("due", "scheduled", "start")


class Birth(NamedTuple):
    """The uid that a task has by itself, and the id written on its line, if any."""

    uid: str
    explicit: str | None


def births(tasks: Sequence[Task], vault_id: str) -> list[Birth]:
    """Return a Birth for each task of one note, which come in the order of their lines."""
    vault = _namespace(vault_id)
    seen: dict[tuple[str, str], int] = {}
    born = []
    for task in tasks:
        reference = _reference(task)
        occurrence = seen.get((task.text, reference), 0)
        seen[task.text, reference] = occurrence + 1
        # Of these only the text can hold a NUL, and it comes last: no two names are alike.
        name = "\0".join((task.source.path, str(occurrence), reference, task.text))
        born.append(Birth(_uuid5(vault, name), task.id or task.block_id))
    return born


def settle(claims: Iterable[Birth], vault_id: str) -> list[str]:
    """Return the uid of each: an id that one task alone claims, else the uid it was born with.

    For every id among them, `claims` must hold all tasks of the vault that claim it.
    """
    claims = list(claims)
    counts = Counter(explicit for _, explicit in claims if explicit)
    vault = _namespace(vault_id)
    return [
        _uuid5(vault, f"id\0{explicit}") if explicit and counts[explicit] == 1 else uid
        for uid, explicit in claims
    ]


def _reference(task: Task) -> str:
    """The date that tells one occurrence of a series from the next; "" outside of series.

    A date that comes from the note's name is none: it is the same for all of them.
    """
    if task.recurrence is None:
        return ""
    days = (getattr(task, name) for name in _REFERENCES if name not in task.inferred)
    return next((day.isoformat() for day in days if day), "")


def _namespace(vault_id: str) -> bytes:
    return bytes.fromhex(_uuid5(_MDTASKS, vault_id).replace("-", ""))


def _uuid5(namespace: bytes, name: str) -> str:
    """RFC 9562, section 5.5. uuid.uuid5 gives the same, and costs as much as reading the note.

    Names that are not UTF-8 hold lone surrogates, which pass as they are.
    """
    digest = sha1(namespace + name.encode("utf-8", "surrogatepass"), usedforsecurity=False)
    h = digest.hexdigest()
    variant = "89ab"[int(h[16], 16) & 3]
    return f"{h[:8]}-{h[8:12]}-5{h[13:16]}-{variant}{h[17:20]}-{h[20:32]}"
