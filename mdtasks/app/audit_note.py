"""The notes to hand work over with: the audit's questions, and a brief for one kind of work.

Rule: notes are made, or of the audit's note the marked section is written; nothing else of a note
changes. All of it can be undone like any other change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from mdtasks import vault
from mdtasks.app.changes import carry_out
from mdtasks.app.rehearsal import Rehearsal, rehearse
from mdtasks.app.session import Session
from mdtasks.errors import ChangedUnderUsError, RefusedError
from mdtasks.index.store import Store
from mdtasks.model import Edit, Problem, Task
from mdtasks.plan.repeated import Audit, Group, shown
from mdtasks.read.note import read_note
from mdtasks.read.section import Section, find_section
from mdtasks.render import audit_note
from mdtasks.render.audit import SHOWN, percent
from mdtasks.render.earnings import money
from mdtasks.write.splice import Splice, splice_note

NOTE = "Audit.md"
_FOLDER = "Handing over"
# Somebody may be typing in the note: then it is read once more.
_TRIES = 3
_MOST_STEPS = 20


class Wanted(NamedTuple):
    """What is to be written: a note that is not there yet, or the lines of a section."""

    splice: Splice | None
    is_new: bool = False


Ask = Callable[[], Wanted]


def write(session: Session, store: Store, ask: Ask) -> tuple[Edit, ...]:
    """Write what is asked for; return the edits as they landed, none where all is said already.

    Raises RefusedError, ChangedUnderUsError, LockedError; then no note is changed.
    """
    for attempt in range(_TRIES):
        wanted = ask()
        if wanted.splice is None:
            return ()
        try:
            return _written(session, store, wanted.splice, wanted.is_new)
        except ChangedUnderUsError:
            if attempt == _TRIES - 1:
                raise
    raise AssertionError


def rehearsed(session: Session, ask: Ask) -> Rehearsal:
    """Return what `write` would change. Raises as it does."""
    from difflib import unified_diff

    splice, is_new = ask()
    if splice is None:
        return Rehearsal((), ())
    if not is_new:
        return rehearse(session, [splice])
    diff = unified_diff([], splice.after, "/dev/null", splice.path, lineterm="")
    return Rehearsal((Edit(splice.path, 1, "", splice.after),), tuple(diff))


def _written(session: Session, store: Store, splice: Splice, is_new: bool) -> tuple[Edit, ...]:
    if not is_new:
        return carry_out(session, store, [splice])
    from mdtasks.write import new_notes

    root, state = session.root, session.places.state
    new_notes.make(root, state, splice.path, session.notify)
    try:
        return carry_out(session, store, [splice])
    except BaseException:
        new_notes.remove_if_empty(root, state, splice.path)
        raise


def _new(path: str, lines: tuple[str, ...]) -> Wanted:
    return Wanted(Splice(path, 1, (), lines, (None, None), "\n"), is_new=True)


def _is_there(session: Session, path: str) -> bool:
    file = session.root / path
    return file.exists() or file.is_symlink()


# The questions


def questions_of(session: Session, audit: Audit) -> Wanted:
    """Return what brings the audit's note up to date, which is not made for nothing.

    Raises RefusedError.
    """
    groups = [(group, _more(audit, group)) for group in audit.groups[:SHOWN]]
    if not _is_there(session, NOTE):
        if not groups:
            return Wanted(None)
        return _new(NOTE, audit_note.new_note("Audit", audit_note.questions(groups, ())))
    data = vault.read(session.root, NOTE)
    if isinstance(data, Problem):
        raise RefusedError(f"{NOTE}: {data.message}; nothing was written", data.hint)
    found = find_section(data)
    if not isinstance(found, Section):
        why = found.why if found else "this note is not from `mdtasks audit`: it has no section"
        hint = "rename it, or write <!-- mdtasks:start --> and <!-- mdtasks:end --> where it goes"
        raise RefusedError(f"{NOTE}: {why}; nothing was written", hint)
    lines = audit_note.questions(groups, found.texts)
    if lines == found.texts:
        return Wanted(None)
    splice = _between(data, found, lines)
    _require_a_section(session, splice_note(data, [splice]).data, data, lines)
    return Wanted(splice)


def _between(data: bytes, found: Section, lines: tuple[str, ...]) -> Splice:
    """Return what replaces the section, its end with it: that is there, whatever is between."""
    rows = data.removeprefix(b"\xef\xbb\xbf").splitlines()
    end = rows[found.end].decode("utf-8", "surrogateescape")
    start = rows[found.begin].decode("utf-8", "surrogateescape")
    after = rows[found.end + 1 : found.end + 2]
    below = after[0].decode("utf-8", "surrogateescape") if after else None
    before, now = (*found.texts, end), (*lines, end)
    return Splice(NOTE, found.begin + 2, before, now, (start, below))


def _require_a_section(session: Session, after: bytes, before: bytes, lines: object) -> None:
    """Raise RefusedError where the note would not read as it should, by what a person wrote."""
    found = find_section(after)
    tasks = [
        [task.source.text for task in read_note(NOTE, data, session.config.read).tasks]
        for data in (before, after)
    ]
    if not isinstance(found, Section) or found.texts != lines or tasks[0] != tasks[1]:
        raise RefusedError(
            f"{NOTE}: a line between the markers changes how the note is read; nothing was written",
            "move what you wrote there below the section",
        )


def _more(audit: Audit, group: Group) -> str:
    cost = audit.cost(group)
    worth = money(cost, audit.hourly.currency) if cost is not None and audit.hourly else ""
    part = f"{percent(group.part)} of the working time" if group.part is not None else ""
    return " · ".join(filter(None, (worth, part)))


# The brief


def brief_of(session: Session, store: Store, group: Group) -> Wanted:
    """Return the note to hand a kind of work over with. Raises RefusedError where it is there."""
    path = f"{_FOLDER}/{audit_note.file_name(group.name)}.md"
    if _is_there(session, path):
        raise RefusedError(
            f"{path} is there already; nothing was written", "rename it, or take it away first"
        )
    return _new(path, audit_note.brief(group, _facts(session, store, group)))


def _facts(session: Session, store: Store, group: Group) -> audit_note.Facts:
    from mdtasks.app.earnings import line_of

    tasks = {task.uid: task for task in store.tasks(uids=[work.uid for work in group.works])}
    last = tasks.get(group.last.uid)
    if last is None:
        raise ChangedUnderUsError(f"{group.last.path}: this note changed; nothing was written")
    coming = [task for task in store.tasks(path=last.source.path) if task.is_open]
    coming = [task for task in coming if task.recurrence and shown(task.text) == shown(last.text)]
    return audit_note.Facts(
        line_of(session, last, {})[0].project,
        last.goal,
        _steps(store.tasks(parents=tasks), tasks),
        last.brief,
        last.recurrence,
        min((task.due for task in coming if task.due), default=None),
    )


def _steps(steps: list[Task], tasks: dict[str, Task]) -> list[audit_note.Steps]:
    """Return the steps that were used, in the order of the last time, older ones behind."""
    order = sorted(steps, key=lambda step: (str(tasks[step.parent or ""].done), step.source.line))
    latest = max((str(tasks[step.parent or ""].done) for step in order), default="")
    now = [step for step in order if str(tasks[step.parent or ""].done) == latest]
    names = dict.fromkeys(shown(step.text) for step in (*now, *order))
    used: Counter[str] = Counter()
    for uid in tasks:
        used.update({shown(step.text) for step in order if step.parent == uid})
    return [audit_note.Steps(name, used[name]) for name in names][:_MOST_STEPS]
