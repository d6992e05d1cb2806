"""Runs of mdtasks that die at a system call, or during which somebody saves a note; and what
they leave behind: intents, what can be taken back, an index that can be compared with a new one.

Rule: a run that dies is dead: from that call on it can make none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Container, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from mdtasks.app.refresh import refresh
from mdtasks.app.session import Session
from mdtasks.index.store import Store
from mdtasks.write import journal, outbox, renames, safely, swap
from tests.faults import counted, no_lease
from tests.running import Ran, call

KILLED = Ran(-9, b"", b"")
# What only this index knows, and what it numbers.
_PRIVATE = {"note", "seen_done", "uid"}


class Killed(BaseException):
    """What every call says of a run that is dead."""


class Death:
    """Comes at the n-th call, and stays."""

    def __init__(self, number: int) -> None:
        self._left = number

    def __call__(self, name: str) -> None:
        self._left -= 1
        if self._left <= 0:
            raise Killed(name)


def run(args: tuple[str, ...], kill_at: int, meddle: str, save: Callable[[], None]) -> Ran:
    """Run a command that is killed at a call of its writing (0: never), or during which somebody
    saves: "before" it writes, or "between" its last look at a note and its exchange."""
    with ExitStack() as stack:
        if meddle:
            stack.enter_context(_meddled(meddle, save))
        if kill_at:
            stack.enter_context(_killed(kill_at))
        try:
            return call(*args)
        except Killed:
            return KILLED


@contextmanager
def _killed(number: int) -> Iterator[None]:
    death, transaction = Death(number), Store._transaction

    def counted_transaction(store: Store) -> Any:
        death("transaction")
        return transaction(store)

    with counted(death), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_transaction", counted_transaction)
        yield


@contextmanager
def _meddled(moment: str, save: Callable[[], None]) -> Iterator[None]:
    saves = iter([save])

    def around(do: Callable[..., Any]) -> Callable[..., Any]:
        def saved_first(*args: Any, **named: Any) -> Any:
            for save_now in saves:
                save_now()
            return do(*args, **named)

        return saved_first

    with pytest.MonkeyPatch.context() as patch:
        if moment == "before":
            patch.setattr(safely, "apply", around(safely.apply))
        else:
            patch.setattr(renames, "exchange", around(renames.exchange))
            patch.setattr(swap, "nobody_writes", no_lease)  # the editor is this very process
        yield


def intents(state: Path) -> list[str]:
    """Return the ids of what waits to be written."""
    return [command.id for command in outbox.commands(state)]


def undone(state: Path, known: Container[str]) -> list[str]:
    """Return what an undo that waits takes back, unless the undo is known."""
    return [one.undoes for one in outbox.commands(state) if one.undoes and one.id not in known]


def remembered(state: Path) -> list[str]:
    """Return the ids of what can be taken back, the last one at the end."""
    return [entry.id for entry in journal._entries(state, 0)]


def differences(session: Session) -> list[object]:
    """Refresh the index; return in what it differs from one that is made anew."""
    kept = session.places.cache
    with session.store() as store:
        refresh(session, store)
        problems = store.problems()
    with TemporaryDirectory() as folder:
        place = Path(folder, "index.db")
        with Store.open(place, session.config.vault_id, session.reading, session.today) as store:
            refresh(session, store)
            found = [] if problems == store.problems() else [problems, store.problems()]
        old, new = _rows(kept), _rows(place)
    return [*found, *(row for row in (*old, *new) if row not in old or row not in new)]


def _rows(place: Path) -> list[dict[str, object]]:
    with sqlite3.connect(place) as db:
        cursor = db.execute("SELECT n.path, t.* FROM tasks t JOIN notes n ON n.number = t.note")
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor]
    db.close()
    for row in rows:
        row["born"] = row["born"] or row["uid"]
    return [{name: row[name] for name in names if name not in _PRIVATE} for row in rows]
