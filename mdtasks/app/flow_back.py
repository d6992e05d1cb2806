"""What a person did in the sections of the last days flows back to the tasks' own lines.

Rule: one journal step a sync, so that one `undo` takes it back. What cannot be carried over is
said once, with both places, and the section then shows again what the task says; what could not
be written just now stays in the section, and is tried again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from mdtasks import vault
from mdtasks.app.refresh import refresh
from mdtasks.app.relatives import completed_with
from mdtasks.app.session import Session
from mdtasks.errors import ChangedUnderUsError, MdtasksError, RefusedError
from mdtasks.index.store import Store
from mdtasks.model import Edit, Problem, Status, Task
from mdtasks.read.section import Section, find_section
from mdtasks.write import synced
from mdtasks.write.edits import complete, without_rule
from mdtasks.write.mirrors import Found, Known, Wish, carried, compare
from mdtasks.write.wishes import edits_of

_QUIET = timedelta(milliseconds=300)


class Place(NamedTuple):
    """A mirror in a note."""

    path: str
    key: str


class _Look(NamedTuple):
    """A note's section: what it was compared with, and what was found."""

    path: str
    known: Known
    found: Found


class _Wanted(NamedTuple):
    """All that is wanted of one task, in whatever section, and what is to be written."""

    task: Task
    wishes: tuple[tuple[_Look, Wish], ...]
    edits: tuple[Edit, ...]


def carry_back(
    session: Session, store: Store, notes: Mapping[str, date], attended: bool
) -> Mapping[Place, str]:
    """Write what is wanted in the sections of `notes` to the tasks; refresh the index.

    Return what could not be written just now, and why. Of a note in which somebody types only
    ticks count. Raises LockedError.
    """
    record = synced.load(session.places.state)
    looked = list(_sections(session, store, notes, record, attended))
    wanted = list(_wanted(session, store, looked))
    wanted += _parents(session, store, wanted)
    for look in looked:
        for row, why in look.found.odd:
            session.notify(f"{look.path}:{row + 1}: {why}; nothing was changed")
    stuck = _carry_out(session, [one for one in wanted if one.edits], attended)
    _agree(wanted, stuck)
    _remember(session, record, looked)
    if any(one.edits for one in wanted):
        refresh(session, store, quiet=timedelta(0) if attended else _QUIET)
    return stuck


def _sections(
    session: Session,
    store: Store,
    notes: Mapping[str, date],
    record: synced.Record,
    attended: bool,
) -> Iterator[_Look]:
    for path, day in notes.items():
        data = vault.read(session.root, path) if (session.root / path).exists() else b""
        section = None if isinstance(data, Problem) else find_section(data)
        if not isinstance(section, Section):
            continue
        known = known_of(session, store, day, section, record.get(path))
        ticks_only = day != session.today or not (attended or is_quiet(session, path))
        yield _Look(path, known, compare(section, known, is_over=ticks_only))


def known_of(
    session: Session, store: Store, day: date, section: Section, written: synced.Written | None
) -> Known:
    """Return what the section of a note is compared with."""
    last = written.last if written else None
    uids = {key: each[-1].uid for key, each in (last or {}).items() if each[-1].uid}
    found = {task.uid: task for task in store.tasks(uids=[*uids.values()])} if uids else {}
    tasks = {key: found[uid] for key, uid in uids.items() if uid in found}
    for mirror in section.mirrors:
        if mirror.key not in (last or {}) and not mirror.is_batch:
            named = store.find_key(_uid_prefix(mirror.letters))
            if len(named) == 1:
                tasks[mirror.key] = named[0]
    past = written.past if written else ()
    return Known(day, last, tasks, session.config.read, _ticked(store, tasks, day), past)


def _uid_prefix(letters: str) -> str:
    """Return the letters with the dashes of a UUID, as the index has them."""
    ends = (8, 12, 16, 20)
    pieces = [letters[a:b] for a, b in zip((0, *ends), (*ends, len(letters)), strict=True)]
    return "-".join(filter(None, pieces)).lower()


def _ticked(store: Store, tasks: Mapping[str, Task], day: date) -> set[str]:
    """Return the uids of open copies of undated series that were ticked since.

    Such a copy may bear the uid of the line that was ticked, and one tick must not count twice.
    """
    copies = [
        task
        for task in tasks.values()
        if task.recurrence
        and task.is_open
        and not any(
            getattr(task, name) and name not in task.inferred
            for name in ("due", "scheduled", "start")
        )
    ]
    if not copies:
        return set()
    last = store.last_done([task.uid for task in copies])
    since = (last.get((task.source.path, task.text)) for task in copies)
    return {task.uid for task, done in zip(copies, since, strict=True) if done and done >= day}


def is_quiet(session: Session, path: str) -> bool:
    """Whether nobody else wrote a note in the last seconds."""
    from mdtasks.write.safely import UNATTENDED
    from mdtasks.write.target import note_file, require_quiet

    try:
        file = note_file(session.root, path, timedelta(0))
        require_quiet(session.places.state, file, path, UNATTENDED.quiet)
    except (MdtasksError, OSError):
        return False
    return True


def _wanted(session: Session, store: Store, looked: Sequence[_Look]) -> Iterator[_Wanted]:
    """Yield what is wanted of each task; what cannot be goes to `odd`, and counts as agreed."""
    by_uid: defaultdict[str, list[tuple[_Look, Wish]]] = defaultdict(list)
    for look in looked:
        for wish in look.found.wishes:
            by_uid[wish.uid].append((look, wish))
    for wishes in by_uid.values():
        look, wish = wishes[0]
        task = look.known.tasks[wish.mirror.key]
        made: tuple[Edit, ...] = ()
        if len({each.what for _, each in wishes}) > 1:
            others = ", ".join(f"{one.path}:{each.mirror.row + 1}" for one, each in wishes[1:])
            why = f"this line and {others} want different things of one task"
        else:
            why, made = _edits(session, store, wish, task)
        if why:
            look.found.odd.append((wish.mirror.row, why))
            wishes = [(one, each._replace(status=None)) for one, each in wishes]
        yield _Wanted(task, tuple(wishes), made)


def _parents(session: Session, store: Store, wanted: Sequence[_Wanted]) -> Iterator[_Wanted]:
    """Yield what is done with the last of its steps, if that is asked for."""
    read, write = session.config.read, session.config.write
    if not write.complete_parents:
        return
    ticked = [one.task for one in wanted if one.edits and one.wishes[0][1].status is Status.DONE]
    meant = {one.task.uid for one in wanted}
    kept = write._replace(allow_delete=False)  # its steps would be another's
    for task in completed_with(store, ticked):
        edit = None if task.uid in meant else complete(task, session.now, read, kept)
        if edit:
            yield _Wanted(task, (), (edit,))


def _edits(session: Session, store: Store, wish: Wish, task: Task) -> tuple[str, tuple[Edit, ...]]:
    """Return why it cannot be, else "", and what is to be written."""
    config = session.config

    def at_line(line: int) -> Task | None:
        return store.at(task.source.path, line)

    try:
        return "", tuple(edits_of(wish, task, session.now, config.read, config.write, at_line))
    except RefusedError as error:
        return _reason(error), ()


def _carry_out(session: Session, wanted: Sequence[_Wanted], attended: bool) -> Mapping[Place, str]:
    """Write all in one step or, where a note is in the way, note by note; return what is stuck."""
    why = _failure(session, wanted, attended) if wanted else ""
    by_note: defaultdict[str, list[_Wanted]] = defaultdict(list)
    for one in wanted if why else ():
        by_note[one.task.source.path].append(one)
    stuck: dict[Place, str] = {}
    for group in by_note.values():
        if len(by_note) == 1 or (why := _failure(session, group, attended)):
            stuck |= {
                Place(look.path, each.mirror.key): why for one in group for look, each in one.wishes
            }
    return stuck


def _failure(session: Session, wanted: Sequence[_Wanted], attended: bool) -> str:
    """Write all or nothing; return why it was nothing, else "". Raises LockedError."""
    from mdtasks.write import settle
    from mdtasks.write.safely import AT_PROMPT, UNATTENDED, apply

    # The section itself says what is wanted until it is written: nothing waits in the outbox.
    patience = AT_PROMPT if attended else UNATTENDED._replace(keeps=False)
    edits = [edit for one in wanted for edit in one.edits]
    state = session.places.state
    try:
        written = apply(session.root, state, edits, patience, session.notify, session.began)
    except (RefusedError, ChangedUnderUsError) as error:
        return _reason(error)
    for edit in written:
        for text in edit.after or ("",):
            session.notify(f"from the daily note: {edit.path}:{edit.line}: {text.strip()}")
    ticked = (o for o in wanted if o.wishes and o.wishes[0][1].status is Status.DONE)
    for line in filter(None, (without_rule(one.task, session.config.read) for one in ticked)):
        session.notify(line)
    settle.start(session.root, state, session.notify)
    return ""


def _reason(error: MdtasksError) -> str:
    return error.message.removesuffix("; nothing was written")


def _agree(wanted: Sequence[_Wanted], stuck: Mapping[Place, str]) -> None:
    """Take down what both sides say now, but for what is stuck."""
    wishes = [(look, wish, one.task) for one in wanted for look, wish in one.wishes]
    waiting = {
        (look.path, wish.header.key)
        for look, wish, _ in wishes
        if wish.header and Place(look.path, wish.mirror.key) in stuck
    }
    for look, wish, task in wishes:
        agreed = look.found.agreed
        if Place(look.path, wish.mirror.key) not in stuck:
            agreed[wish.mirror.key] = carried(wish, task, look.known)
        if wish.header and (look.path, wish.header.key) not in waiting:
            header = wish._replace(mirror=wish.header, times=None)
            agreed[wish.header.key] = carried(header, task, look.known)


def _remember(session: Session, record: synced.Record, looked: Sequence[_Look]) -> None:
    changed = dict(record)
    for look in looked:
        if look.found.agreed:
            before = record.get(look.path) or synced.Written(look.known.day, {})
            changed[look.path] = before.agreed(look.found.agreed)
    if changed != record:
        synced.save(session.places.state, changed, session.today)
