"""Small notes in a real index, for its tests."""

from __future__ import annotations

from datetime import date

from mdtasks.index import rows
from mdtasks.index.store import Store
from mdtasks.model import Note, Source, Status, Task

VAULT = "home"
STAMP = (1, 1)
SUNDAY = date(2026, 11, 22)
MONDAY = date(2026, 11, 23)
NOBODY = 65534
BIG_NOTE = 3000


def task(text: str = "call", line: int = 1, status: Status = Status.TODO) -> Task:
    return Task(Source("", line, f"- [ ] {text}"), status, " ", text)


def note(path: str, *tasks: Task) -> Note:
    placed = (t._replace(source=t.source._replace(path=path)) for t in tasks)
    return Note(path, b"digest", tuple(placed))


def entry(note: Note, vault_id: str | None = None) -> rows.Entry:
    tasks = [task._asdict() for task in note.tasks]
    return rows.entry(note.path, note.digest, note.problems, tasks, vault_id)


def put(store: Store, *notes: Note, gone: tuple[str, ...] = (), on: date = SUNDAY) -> None:
    store.update([(entry(note), STAMP) for note in notes], gone, on)


def uids(store: Store) -> list[str]:
    return [task.uid for task in store.tasks()]


def marked(text: str = "call", line: int = 1) -> Task:
    return task(text, line)._replace(block_id="mark")


TICKED = task(status=Status.DONE)


def done_days(store: Store) -> list[date]:
    return [day for day in (SUNDAY, MONDAY) if store.done_on(day)]
