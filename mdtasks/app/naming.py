"""Ids for tasks: six letters and digits that no other task has.

Rule: finds the task and asks write/naming.py; `changes.carry_out` writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from string import ascii_lowercase, digits

from mdtasks.app.changes import named
from mdtasks.app.session import Session
from mdtasks.index.store import Store
from mdtasks.model import Edit, Task
from mdtasks.write.naming import name_it

LENGTH = 6
_SIGNS = digits + ascii_lowercase


def to_name(session: Session, store: Store, key: str, as_block: bool) -> tuple[Task, Edit | None]:
    """Return the task, and what writes an id on its line; None if it has one.

    Raises UnknownKeyError, AmbiguousKeyError, ChangedUnderUsError, RefusedError.
    """
    (task,) = named(session, store, [key])
    if task.block_id if as_block else task.id or task.block_id:
        return task, None
    word = next(word for word in _words(task.uid) if not store.claims(word))
    return task, name_it(task, word, session.config.read, as_block)


def _words(uid: str) -> Iterator[str]:
    """Yield words for a task, the same ones every time."""
    for number in count():
        value = int.from_bytes(sha256(f"{uid} {number}".encode()).digest()[:8])
        signs = []
        for _ in range(LENGTH):
            value, sign = divmod(value, len(_SIGNS))
            signs.append(_SIGNS[sign])
        # All digits would be taken for a number by some.
        if not "".join(signs).isdecimal():
            yield "".join(signs)
