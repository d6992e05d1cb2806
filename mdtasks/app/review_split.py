"""The box `split into:` of a review note: what is written behind it -> steps below the task.

Rule: steps are what `mdtasks split` makes of the words. The task's own line stays as it is, so
whether it was done is told by the steps: a person ticks, dates, rewords and moves them.
"""

from __future__ import annotations

from collections.abc import Iterable

from mdtasks.app.changes import waiting
from mdtasks.app.session import Session
from mdtasks.app.splitting import inserted_below, new_lines, worded
from mdtasks.errors import RefusedError, UsageError
from mdtasks.index.store import Store
from mdtasks.model import Task
from mdtasks.read.line import read_line
from mdtasks.read.review_section import SPLIT, Box
from mdtasks.render.review_markdown import plain
from mdtasks.write.decided import Group
from mdtasks.write.splice import Splice


def to_split(
    session: Session, store: Store, task: Task, box: Box
) -> tuple[Splice, tuple[str, ...]]:
    """Return what writes the steps of a box below its task, and their lines.

    Raises RefusedError, ChangedUnderUsError.
    """
    words = [said for step in box.steps if (said := plain(step))]
    if not words:
        raise RefusedError(f"write the steps behind `{SPLIT}`, with `;` between them")
    try:
        steps = [worded(session, each) for each in words]
    except UsageError as error:
        raise RefusedError(error.message) from None
    inserted = inserted_below(session, task, steps)
    lines = new_lines(inserted).after
    if twice := sorted(_said(session, lines) & _steps_of(store, task.uid)):
        raise RefusedError(f"the task has the step `{twice[0]}` already")
    return inserted.splice, lines


def is_split(session: Session, store: Store, group: Group) -> bool:
    """Whether a step that a box made is there; all of them were written, or none.

    Where all were reworded at once nobody knows them again: then the task has more steps than
    before.
    """
    steps = store.tasks(parents=[group.uid])
    if not _said(session, group.after).isdisjoint(step.text for step in steps):
        return True
    has_more = 0 <= group.beside < len(steps)
    return has_more or bool(group.steps and store.tasks(uids=group.steps))


def with_steps(session: Session, store: Store, group: Group) -> Group:
    """Return the group with the steps that were just written."""
    steps, said = store.tasks(parents=[group.uid]), _said(session, group.after)
    own = tuple(step.uid for step in steps if step.text in said)
    return group._replace(steps=own, beside=len(steps) - len(own))


def is_waiting(session: Session, group: Group) -> bool:
    """Whether these steps are still to be written, by whoever comes first."""
    return any(set(group.after) <= set(one.wanted) for one in waiting(session))


def _said(session: Session, lines: Iterable[str]) -> set[str]:
    read = session.config.read
    return {read_line(line, read)["text"] for line in lines if line.strip("> \t")}


def _steps_of(store: Store, uid: str) -> set[str]:
    return {step.text for step in store.tasks(parents=[uid])}
