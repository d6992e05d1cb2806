"""One task at a time: which one, for how long, and what is written while it goes on.

Rule: each act opens the vault anew, for an hour may pass between two; all times are by the clock
that `Clock` is, which moves on from the moment of the session. The interval stands in the time
log from the beginning, so that no end of the program loses it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from mdtasks.app.logging_time import carry, running_texts, running_words, to_start, to_stop
from mdtasks.app.naming_work import Work
from mdtasks.app.session import Notify, Session
from mdtasks.errors import MdtasksError, RefusedError
from mdtasks.index.store import Store
from mdtasks.model import Interval, Task

Opened = Callable[[], AbstractContextManager[tuple[Session, Store]]]


class Clock(NamedTuple):
    """The moment at which it began, and what the machine's clock said then."""

    began: datetime
    at: float

    def now(self) -> datetime:
        moved = timedelta(seconds=time.monotonic() - self.at)
        return (self.began.astimezone(UTC) + moved).astimezone(self.began.tzinfo)


class Chosen(NamedTuple):
    """The task, how long to work on it, and how long to rest then; the steps are its own. `words`
    are those of the line that runs for it, `tell` takes what is to be said meanwhile."""

    task: Task
    steps: tuple[Task, ...]
    work: timedelta
    rest: timedelta
    clock: Clock
    tell: Notify
    words: str = ""


def choose(opened: Opened, key: str | None, work: timedelta | None, tell: Notify) -> Chosen:
    """Return the task of the key, else that of the block that is running, else the next one.

    Raises UnknownKeyError, AmbiguousKeyError, RefusedError where there is none.
    """
    with opened() as (session, store):
        clock = Clock(session.now, time.monotonic())
        task, ends = _wanted(session, store, key)
        if not task.is_open:
            raise RefusedError(f"{task.key}: this is closed already")
        length = work or session.config.focus.work
        if ends and work is None:
            length = min(length, ends.astimezone(UTC) - session.now.astimezone(UTC))
        rest = session.config.focus.rest
        return Chosen(task, steps_of(store, task), length, rest, clock, tell)


def _wanted(session: Session, store: Store, key: str | None) -> tuple[Task, datetime | None]:
    from mdtasks.app.planning import current_blocks
    from mdtasks.app.tasks import find

    wanted = find(store, key) if key else None
    for block in current_blocks(session, store).blocks:
        if block.start <= session.now < block.end:
            tasks = {task.uid: task for task in store.tasks(uids=set(block.tasks))}
            own = [tasks[uid] for uid in block.tasks if uid in tasks and tasks[uid].is_open]
            if own and (wanted is None or (len(own) == 1 and own[0].uid == wanted.uid)):
                return own[0], block.end if len(own) == 1 else None
    if wanted is None:
        from mdtasks.app.next import next_tasks

        _, found, _ = next_tasks(session, store, session.config.focus.work, ())
        wanted = found[0] if found else None
    if wanted is None:
        raise RefusedError("there is nothing to do now", "name a task: `mdtasks focus KEY`")
    return wanted, None


def steps_of(store: Store, task: Task) -> tuple[Task, ...]:
    return tuple(each for each in store.tasks(path=task.source.path) if each.parent == task.uid)


def begin(opened: Opened, chosen: Chosen) -> Chosen:
    """Start the clock, unless it runs for this very task; return with the words of its line.

    Raises as `carry`.
    """
    work = Work(chosen.task.text, chosen.task)
    with opened() as (session, store):
        at = _at(session, chosen)
        words = running_words(at, store, work)
        if words is None:
            logged = carry(at, store, lambda: to_start(at, store, work))
            words = logged.added.text if logged.added else ""
        return chosen._replace(words=words)


def finish(opened: Opened, chosen: Chosen) -> tuple[Interval, ...]:
    """Stop the clock, if it is still ours; return what was ended. Raises as `carry`."""
    with opened() as (session, store):
        at = _at(session, chosen)
        if chosen.words not in running_texts(at, store):
            return ()
        return carry(at, store, lambda: to_stop(at, store, None)).ended


def _at(session: Session, chosen: Chosen) -> Session:
    return session._replace(now=chosen.clock.now(), notify=chosen.tell)


def complete(opened: Opened, chosen: Chosen, task: Task) -> Chosen:
    """Tick the task or one of its steps, as `done` does; return what is left.

    Raises as `carry_out`.
    """
    from mdtasks.app.changes import carry_out, to_complete

    with opened() as (session, store):
        at = _at(session, chosen)
        carry_out(at, store, to_complete(at, store, [task.uid]))
        return chosen._replace(steps=steps_of(store, chosen.task))


def told(tell: Notify, act: Callable[[], None]) -> None:
    """Do what is done on the way out; say what stands in its way."""
    try:
        act()
    except MdtasksError as error:
        tell(f"{error.message} ({error.hint})" if error.hint else error.message)


def desktop_notice(text: str) -> None:
    """Show a notice on the desktop, where there is a program for that."""
    import shutil
    import subprocess

    script = 'display notification (item 1 of argv) with title "mdtasks"'
    for words in (
        ["notify-send", "--", "mdtasks", text],
        ["osascript", "-e", "on run argv", "-e", script, "-e", "end run", text],
    ):
        if program := shutil.which(words[0]):
            silent = subprocess.DEVNULL
            subprocess.Popen(
                [program, *words[1:]], stdin=silent, stdout=silent, stderr=silent,
                start_new_session=True,
            )  # fmt: skip
            return
