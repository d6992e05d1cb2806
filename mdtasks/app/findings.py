"""What there is to find in each note by itself, kept in the index until it is another note, or one
of its dates comes near.

Rule: what takes several notes to see is not kept, nor what the clock says. What is kept can be had
again from the notes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from mdtasks import __version__
from mdtasks.app.session import Session
from mdtasks.index.store import Store
from mdtasks.lint.advice import advice, families
from mdtasks.lint.encoding import not_utf8
from mdtasks.lint.odds import at_odds, block_ids
from mdtasks.lint.problems import problems_of
from mdtasks.lint.series import Last, Series, series_of
from mdtasks.model import Edit, Problem, Task
from mdtasks.write.mend import Mended, mend

# Rises when the same note is to be found other fault with, or mended otherwise.
VERSION = 2
KEPT = "findings"
# From so many notes on it takes less time to load all tasks than those of each note.
_MANY = 100


class Findings(NamedTuple):
    """What is wrong in one note, what could be better, and what is certain to mend there; and the
    series in it."""

    path: str
    faults: list[Problem]
    advice: list[Problem]
    mended: list[Mended]
    series: Series


def findings(session: Session, store: Store) -> list[Findings]:
    """Return what there is to find in the notes, by path; of those that are as they were it is
    known."""
    made_of, today = f"{VERSION} {__version__} {session.reading}", session.today.toordinal()
    kept = json.loads(store.get(KEPT) or b"{}")
    before = kept["notes"] if kept.get("made_of") == made_of else {}
    digests = store.digests()
    rows = {path: row for path, row in before.items() if _holds(row, digests.get(path), today)}
    missing = [path for path in digests if path not in rows]
    for path, tasks in _by_note(store, missing):
        found = _look(session, path, tasks)
        rows[path] = [digests[path], today, _until(tasks, today), *_row(found)]
    # What another run has read meanwhile may stand here under the digest of before.
    if (missing or len(rows) < len(before)) and store.digests() == digests:
        store.put(KEPT, json.dumps({"made_of": made_of, "notes": rows}).encode())
    return [_load(path, *rows[path][3:]) for path in digests if path in rows]


def _holds(row: Sequence[Any], digest: str | None, today: int) -> bool:
    was, since, until = row[:3]
    return bool(was == digest and since <= today < until)


def _until(tasks: Sequence[Task], today: int) -> int:
    """Return the first day on which something else may be found: where the day matters, it is
    compared with a date of the note, give or take a day."""
    dates = {d for t in tasks for d in (t.due, t.scheduled, t.start, t.done, t.cancelled) if d}
    near = (day.toordinal() + more for day in dates for more in (-1, 0, 1, 2))
    return min((day for day in near if day > today), default=date.max.toordinal())


def _by_note(store: Store, paths: Collection[str]) -> Iterator[tuple[str, list[Task]]]:
    if len(paths) > _MANY:
        wanted = {*paths}
        for path, group in groupby(store.tasks(), lambda task: task.source.path):
            if path in wanted:
                yield path, [*group]
    else:
        yield from ((path, store.tasks(path=path)) for path in paths)


def _look(session: Session, path: str, tasks: Sequence[Task]) -> Findings:
    read, today = session.config.read, session.today
    found = Findings(path, [], [], [], series_of(tasks))
    parents = {task.parent for task in tasks if task.parent}
    for task in tasks:
        faults = [*problems_of(task, read)]
        if faults and (better := mend(task, read)):
            found.mended.append(better)
        found.faults.extend((*faults, *at_odds(task, today)))
        found.advice.extend(advice(task, parents, read))
    found.faults.extend(block_ids(tasks))
    found.faults.extend(not_utf8(tasks))
    by_uid = {task.uid: task for task in tasks if task.uid in parents}
    found.advice.extend(families(tasks, by_uid, today))
    return found


def _row(found: Findings) -> tuple[list[Any], ...]:
    """Return what JSON takes: all but the path."""
    faults, better = ([each[1:] for each in some] for some in (found.faults, found.advice))
    mended = [(*each.edit[1:], each.reasons) for each in found.mended]
    return faults, better, mended, *found.series


def _load(
    path: str,
    faults: list[Any],
    better: list[Any],
    mended: list[Any],
    ended: list[Any],
    going: list[str],
) -> Findings:
    return Findings(
        path,
        [Problem(path, *each) for each in faults],
        [Problem(path, *each) for each in better],
        [
            Mended(Edit(path, line, text, tuple(after)), tuple(reasons))
            for line, text, after, reasons in mended
        ],
        Series([Last(*each) for each in ended], going),
    )
