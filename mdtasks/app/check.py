"""What is wrong in the notes, what could be better, and what is certain to mend.

Rule: the reading is pure and stands in read/; here is only what all tasks are needed for, and the
way to write/safely.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from mdtasks.app.session import Session
from mdtasks.app.time_log import intervals
from mdtasks.index.store import Store
from mdtasks.model import Edit, Problem, Task
from mdtasks.write.mend import Mended


class Checked(NamedTuple):
    """All by path and line; `mended` is what is certain to be right on some of the lines."""

    faults: list[Problem]
    advice: list[Problem]
    mended: list[Mended]


def check(session: Session, store: Store) -> Checked:
    """Return what is wrong, and what to do about it."""
    from mdtasks.lint.problems import problems_of
    from mdtasks.write.mend import mend

    tasks = store.tasks()
    read = session.config.read
    faults, mended = store.problems(), []
    for task in tasks:
        found = [*problems_of(task, read)]
        if found and (better := mend(task, read)):
            mended.append(better)
        faults += found
    faults += _at_odds(session, tasks)
    faults += _of_log(session, store)
    faults += _of_sections(session, store, {(one.path, one.line) for one in faults})
    return Checked(_in_order(faults), _in_order(_advice(session, tasks)), mended)


def _of_sections(
    session: Session, store: Store, named: Collection[tuple[str, int]]
) -> Iterator[Problem]:
    """Yield what keeps the day's note from being written, but for lines that are `named`."""
    if session.config.daily.write:
        from mdtasks.app.daily_note import section_faults
        from mdtasks.app.daily_paths import daily_notes

        faults = section_faults(session, daily_notes(session, store))
        yield from (fault for fault in faults if (fault.path, fault.line) not in named)


def _of_log(session: Session, store: Store) -> Iterator[Problem]:
    if found := intervals(session, store):
        from mdtasks.lint.log import log_problems

        yield from log_problems(found, session.now)


def _at_odds(session: Session, tasks: Sequence[Task]) -> Iterator[Problem]:
    from mdtasks.lint.odds import at_odds, block_ids, links

    for task in tasks:
        yield from at_odds(task, session.today)
    yield from block_ids(tasks)
    yield from links(tasks)


def _advice(session: Session, tasks: Sequence[Task]) -> Iterator[Problem]:
    from mdtasks.lint.advice import advice, families

    parents = {task.parent for task in tasks if task.parent}
    for task in tasks:
        yield from advice(task, parents, session.config.read)
    by_uid = {task.uid: task for task in tasks if task.uid in parents}
    yield from families(tasks, by_uid, session.today)


def _in_order(problems: Iterator[Problem] | Sequence[Problem]) -> list[Problem]:
    return sorted(set(problems), key=lambda problem: (problem.path, problem.line, problem.message))


def carry_out(session: Session, store: Store, mended: Sequence[Mended]) -> tuple[Edit, ...]:
    """Write what was offered, all of it or nothing; `undo` takes it back as a whole.

    Raises ChangedUnderUsError, RefusedError, LockedError.
    """
    from mdtasks.app import changes

    return changes.carry_out(session, store, [each.edit for each in mended])
