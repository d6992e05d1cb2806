"""What is wrong in the notes, what could be better, and what is certain to mend.

Rule: what one note tells by itself, findings.py looks for; here is only what several are needed
for, and the way to write/safely.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from mdtasks.app.session import Session
from mdtasks.index.store import Store
from mdtasks.model import Edit, Problem
from mdtasks.write.mend import Mended


class Checked(NamedTuple):
    """All by path and line; `mended` is what is certain to be right on some of the lines."""

    faults: list[Problem]
    advice: list[Problem]
    mended: list[Mended]


def check(session: Session, store: Store) -> Checked:
    """Return what is wrong, and what to do about it."""
    from mdtasks.app.findings import findings

    found = findings(session, store)
    faults = store.problems() + [each for note in found for each in note.faults]
    faults += _of_links(store)
    faults += _of_log(session, store)
    faults += _of_sections(session, store, {(one.path, one.line) for one in faults})
    advice = [each for note in found for each in note.advice]
    mended = [each for note in found for each in note.mended]
    if any(note.series.ended for note in found):
        from mdtasks.app.ended import ended_series

        faults += (ended := ended_series(session, store, found)).faults
        # Of a line that is ticked nothing else is mended.
        mended += ended.mended
        mended.sort(key=lambda one: (one.edit.path, one.edit.line))
    return Checked(_in_order(faults), _in_order(advice), mended)


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
    # Of which task an interval is tells nothing here, and takes a look at all of them.
    if found := store.intervals(""):
        from mdtasks.lint.log import log_problems
        from mdtasks.read.log_times import localized

        yield from log_problems([localized(each, session.zone) for each in found], session.now)


def _of_links(store: Store) -> Iterator[Problem]:
    """Yield what is wrong between the tasks that have ids and those that wait for them."""
    from mdtasks.lint.odds import links

    found = {task.uid: task for name in ("id", "depends_on") for task in store.tasks(saying=name)}
    yield from links(sorted(found.values(), key=lambda task: (task.source.path, task.source.line)))


def _in_order(problems: Iterator[Problem] | Sequence[Problem]) -> list[Problem]:
    return sorted(set(problems), key=lambda problem: (problem.path, problem.line, problem.message))


def carry_out(session: Session, store: Store, mended: Sequence[Mended]) -> tuple[Edit, ...]:
    """Write what was offered, all of it or nothing; `undo` takes it back as a whole.

    Raises ChangedUnderUsError, RefusedError, LockedError.
    """
    from mdtasks.app import changes

    return changes.carry_out(session, store, [each.edit for each in mended])
