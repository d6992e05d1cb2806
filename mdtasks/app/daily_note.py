"""The managed section in the day's note.

Rule: what a person did there is carried over, or moved below the section, before it is written
anew; until then the section waits and says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import PurePosixPath
from typing import NamedTuple

from mdtasks import vault
from mdtasks.app.flow_back import Place, is_quiet, known_of
from mdtasks.app.planning import current_plan
from mdtasks.app.session import Session
from mdtasks.errors import MdtasksError
from mdtasks.index.store import Store
from mdtasks.model import Kind, Plan, Problem, Task
from mdtasks.read.section import Fault, Group, Section, digest_of, find_section, mirror_of
from mdtasks.render.daily import Held, letters_of, section, splice
from mdtasks.write import synced
from mdtasks.write.day_template import filled
from mdtasks.write.mirrors import Found, Synced, Wish, compare
from mdtasks.write.mirrors import synced as as_synced


class Outcome(NamedTuple):
    """Whether a note was written; a line for each thing that held one up; whether to look again
    soon."""

    written: bool = False
    held: tuple[str, ...] = ()
    waits: bool = False


def write_sections(
    session: Session,
    store: Store,
    notes: Mapping[str, date],
    stuck: Mapping[Place, str],
    attended: bool,
) -> Outcome:
    """Bring today's section up to date, and take new boxes out of those of the days before.

    Today's note is made if it is not there. `stuck` are wishes that are not written yet.
    Raises RefusedError (BusyError is one), ChangedUnderUsError, LockedError.
    """
    outcomes = [
        _write_section(session, store, path, stuck, attended)
        if day == session.today
        else _empty_of_boxes(session, store, path, day, attended)
        for path, day in notes.items()
    ]
    return Outcome(
        any(one.written for one in outcomes),
        tuple(line for one in outcomes for line in one.held),
        any(one.waits for one in outcomes),
    )


def _write_section(
    session: Session, store: Store, path: str, stuck: Mapping[Place, str], attended: bool
) -> Outcome:
    before = vault.read(session.root, path) if (session.root / path).exists() else None
    if isinstance(before, Problem):
        return Outcome(held=(f"{path}: {before.message}",))
    record = synced.load(session.places.state)
    found = _compared(session, store, path, before, record)
    if found.wishes or found.odd:
        waiting = [line for wish in found.wishes if (line := _waiting(path, wish, stuck))]
        # What is not stuck was changed since we looked: that is for the next time.
        return Outcome(held=tuple(waiting), waits=True)
    plan = _without_own_times(current_plan(session, store), store, path)
    placed = {uid for block in plan.blocks for uid in block.tasks}
    named = [*store.tasks(uids=placed), *store.done_on(session.today)]
    tasks = {task.uid: task for task in named}
    lines = section(plan, tasks, session.today, session.zone)
    words = [mirror.text for mirror in found.edited]
    after = _spliced(session, path, before, lines, (found.added, words))
    if isinstance(after, Held):
        return Outcome(held=tuple(_held(path, after)))
    old = record.get(path)
    new = synced.Written(session.today, _mirrors(lines, tasks), shown=digest_of(lines))
    if after == (before or b""):
        _save(session, record, path, new._replace(past=old.past if old else ()))
        return Outcome()
    _write(session, record, path, (before, after), new, attended)
    for line in _moved(path, found):
        session.notify(line)
    return Outcome(written=True)


def _spliced(
    session: Session,
    path: str,
    before: bytes | None,
    lines: Sequence[str],
    more: tuple[Sequence[Group], Sequence[str]],
) -> bytes | Held:
    """Return the note with its section; one that is not there begins as its template."""
    heading, template = session.config.daily.heading, session.config.daily.template
    if before is None and lines and template:
        begun = vault.read(session.root, template)
        if isinstance(begun, Problem):
            faults = [f"{template}: {begun.message}"]
        else:
            begun = filled(begun, PurePosixPath(path).stem, session.now)
            if isinstance(after := splice(begun, lines, heading), bytes):
                return after
            faults = [f"{template}:{each.line}: {each.why}" for each in after.reasons]
        for fault in faults:
            session.notify(f"{fault}; {path} was made without the template")
    return splice(before or b"", lines, heading, *more)


def _compared(
    session: Session, store: Store, path: str, data: bytes | None, record: synced.Record
) -> Found:
    section = find_section(data or b"")
    if not isinstance(section, Section):
        return Found()
    known = known_of(session, store, session.today, section, record.get(path))
    return compare(section, known)


def _waiting(path: str, wish: Wish, stuck: Mapping[Place, str]) -> str:
    why = stuck.get(Place(path, wish.mirror.key))
    mirror = wish.mirror
    return f"{path}:{mirror.row + 1}: this waits, {why}: {mirror.raw.strip()}" if why else ""


def _held(path: str, held: Held) -> list[str]:
    return [f"{path}:{r.line}: {r.why}, so the section waits: {r.text}" for r in held.reasons]


def _moved(path: str, found: Found) -> list[str]:
    """Return what to tell of the lines that are below the section now."""
    told = [
        f"{path}: moved below the section: {text.strip()}"
        for group in found.added
        for text in group.texts
        if text.strip()
    ]
    told += [
        f"{path}: the words of a task are changed in its own note; yours are kept below the "
        f"section: {mirror.text}"
        for mirror in found.edited
    ]
    return told


def _write(
    session: Session,
    record: synced.Record,
    path: str,
    change: tuple[bytes | None, bytes],
    new: synced.Written,
    attended: bool,
) -> None:
    """Write the note; what was in it before is known until that is done."""
    from mdtasks.write.safely import AT_PROMPT, UNATTENDED, write_note

    old, stood = record.get(path), find_section(change[0] or b"")
    if isinstance(stood, Section):
        new = new.after(old, stood.digest)
    was = old.mirrors if old else _as_it_stands(stood)
    _save(session, record, path, new._replace(before=was))
    patience = AT_PROMPT if attended else UNATTENDED
    try:
        write_note(session.root, session.places.state, path, *change, patience, session.notify)
    except MdtasksError:
        synced.save(session.places.state, record, session.today)
        raise
    _save(session, record, path, new)


def _as_it_stands(found: Section | Fault | None) -> dict[str, Synced]:
    mirrors = found.mirrors if isinstance(found, Section) else []
    return {mirror.key: as_synced(mirror, "", None) for mirror in mirrors}


def _save(session: Session, record: synced.Record, path: str, new: synced.Written) -> None:
    if record.get(path) != new:
        synced.save(session.places.state, {**record, path: new}, session.today)


def _mirrors(lines: Sequence[str], tasks: Mapping[str, Task]) -> dict[str, Synced]:
    """Return the lines of a section as they are to be remembered."""
    letters = {letters_of(uid): task for uid, task in tasks.items()}
    found: dict[str, Synced] = {}
    for mirror in filter(None, map(mirror_of, lines)):
        owners = (task for own, task in letters.items() if own.startswith(mirror.letters))
        task = None if mirror.is_batch else next(owners, None)
        found[mirror.key] = as_synced(mirror, task.uid if task else "", task)
    return found


def _empty_of_boxes(
    session: Session, store: Store, path: str, day: date, attended: bool
) -> Outcome:
    """Move the boxes that a person added to an earlier day's section below it."""
    data = vault.read(session.root, path) if (session.root / path).exists() else b""
    found = None if isinstance(data, Problem) else find_section(data)
    if isinstance(data, Problem) or not isinstance(found, Section):
        return Outcome()
    record = synced.load(session.places.state)
    known = known_of(session, store, day, found, record.get(path))
    added = compare(found, known, is_over=True).added
    if not added:
        return Outcome()
    if not (attended or is_quiet(session, path)):
        return Outcome(waits=True)
    after = splice(data, None, "", added)
    if isinstance(after, Held):
        return Outcome(held=tuple(_held(path, after)))
    from mdtasks.write.safely import AT_PROMPT, UNATTENDED, write_note

    patience = AT_PROMPT if attended else UNATTENDED
    write_note(session.root, session.places.state, path, data, after, patience, session.notify)
    for line in _moved(path, Found(added=added)):
        session.notify(line)
    return Outcome(written=True)


def _without_own_times(plan: Plan, store: Store, path: str) -> Plan:
    """Leave out what the note itself says with its time: it would stand there twice."""
    own = {task.uid for task in store.tasks(path=path)}
    blocks = (b for b in plan.blocks if b.kind is not Kind.FIXED or not own.issuperset(b.tasks))
    return plan._replace(blocks=tuple(blocks))


def section_faults(session: Session, notes: Mapping[str, date]) -> list[Problem]:
    """Return a problem for each of the notes whose section cannot be told."""
    problems = []
    for path in notes:
        data = vault.read(session.root, path) if (session.root / path).exists() else b""
        fault = None if isinstance(data, Problem) else find_section(data)
        if isinstance(fault, Fault):
            hint = "leave one `<!-- mdtasks:start -->` and below it one `<!-- mdtasks:end -->`"
            problems.append(Problem(path, fault.row + 1, fault.why, hint))
    return problems
