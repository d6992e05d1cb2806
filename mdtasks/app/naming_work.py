"""What is worked on, and the words by which a line of the time log names it.

Rule: words that name a task are those from which index/logged.py finds that very task again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import PurePosixPath
from typing import NamedTuple

from mdtasks.app.session import Session
from mdtasks.app.tasks import find, is_place
from mdtasks.errors import RefusedError, UnknownKeyError, UsageError
from mdtasks.index.logged import plain, with_tasks
from mdtasks.index.store import Store
from mdtasks.model import Interval, Kind, Source, Task

_KEY = re.compile(r"[0-9a-fA-F][0-9a-fA-F-]{2,}")
# No link target in Obsidian may hold these.
_UNLINKABLE = re.compile(r"[\[\]|#^]")
_OWN_WORK = (Kind.FIXED, Kind.FOCUS, Kind.MICRO, Kind.BUSY)


class Work(NamedTuple):
    """A task, or words of a person's own."""

    text: str
    task: Task | None = None


def naming(session: Session, store: Store, words: Sequence[str]) -> Work:
    """Return what the words name: the task of a KEY, else themselves; without words, the block
    of the plan that is running.

    Raises UnknownKeyError, AmbiguousKeyError, UsageError, RefusedError.
    """
    if not words:
        return _running_block(session, store)
    if len(words) == 1 and (task := _task_of(store, words[0])):
        return Work(task.text, task)
    from mdtasks.write.compose import plain as on_one_line

    text = " ".join(words)
    if not text.strip():
        raise UsageError("there are no words to log", "say what: mdtasks log start Invoices")
    return Work(on_one_line(text).text)


def words_for(store: Store, work: Work, path: str, day: date) -> str:
    """Return what a line of the note at `path` says for the work, on a day.

    Raises RefusedError where no words tell the task from others.
    """
    task = work.task
    if task is None:
        return work.text
    known = store.named({plain(words) for words in (task.text, *_words_of(task, path))})
    for words in _words_of(task, path):
        line = Interval(datetime.combine(day, time()), None, Source(path, 1, ""), words)
        if with_tasks([line], known)[0].task == task.uid:
            return words
    place = f"{task.source.path}:{task.source.line}"
    raise RefusedError(
        f"{place}: other tasks read `{task.text}` too, so a line of the log could mean any of them",
        "reword one of them, or log words of your own",
    )


def _words_of(task: Task, path: str) -> Iterator[str]:
    """Yield the ways to name a task, the best first."""
    untagged = " ".join(word for word in task.text.split() if word[0] != "#")
    texts = [*dict.fromkeys(filter(None, (untagged, task.text)))]
    note = PurePosixPath(task.source.path).with_suffix("")
    if task.source.path != path:
        for link in dict.fromkeys((note.name, str(note))):
            if not _UNLINKABLE.search(link):
                yield from (f"{text} ([[{link}]])" for text in texts)
    yield from texts


def _task_of(store: Store, word: str) -> Task | None:
    """Return the task of a key or place; None for a word that is none."""
    if not (is_place(word) or _KEY.fullmatch(word)):
        return None
    try:
        return find(store, word)
    except UnknownKeyError:
        # `bed` and `decade` are words as well.
        if word.isalpha():
            return None
        raise


def _running_block(session: Session, store: Store) -> Work:
    from mdtasks.app.planning import current_blocks

    now = [
        block
        for block in current_blocks(session, store).blocks
        if block.kind in _OWN_WORK and block.start <= session.now < block.end
    ]
    if not now:
        raise RefusedError(
            "nothing is planned for this moment",
            "say what it is: `mdtasks log start KEY`, or any words",
        )
    block = min(now, key=lambda one: _OWN_WORK.index(one.kind))
    if len(block.tasks) == 1:
        (task,) = store.tasks(uids=set(block.tasks)) or (None,)
        return Work(block.title, task)
    return Work(block.title)
