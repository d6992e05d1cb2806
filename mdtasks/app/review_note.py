"""The ticks of the review notes carried out on the tasks' own lines.

Rule: one process at a time, under the lock `reviews`. What is to be written is remembered before
it is, so that a run that was cut short neither forgets it nor does it twice. A line that is not
what the review was written of is never changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from mdtasks import vault
from mdtasks.app.flow_back import is_quiet
from mdtasks.app.handing import handed_over
from mdtasks.app.review_split import is_split, is_waiting, to_split, with_steps
from mdtasks.app.session import Session
from mdtasks.dates import parse_day
from mdtasks.errors import ChangedUnderUsError, MdtasksError, RefusedError, UsageError
from mdtasks.index.store import Store
from mdtasks.model import Edit, Problem, Task
from mdtasks.read import review_section
from mdtasks.read.review_section import Box
from mdtasks.read.section import Section, find_section
from mdtasks.write import amend, decided
from mdtasks.write.decided import Group, Record, Written
from mdtasks.write.locks import hold
from mdtasks.write.splice import Splice

LETTERS = 12
SHRUNK = timedelta(minutes=15)
_LOCK = "reviews"
_GONE = "this task changed since the review was written"


def has_notes(session: Session) -> bool:
    """Whether there is a review note whose boxes are looked at."""
    return not decided.is_empty(session.places.state)


def carry_reviews(session: Session, store: Store, attended: bool) -> bool:
    """Carry out what is ticked in the review notes, and show there what became of it.

    Not `attended`, a note that somebody may be typing in is left for later: return whether to
    look again soon. Raises LockedError.
    """
    if not has_notes(session):
        return False
    with hold(session.places.state, _LOCK):
        paths = decided.recent(decided.load(session.places.state), session.today)
        waiting = [carry_note(session, store, path, attended) for path in paths]
        return any(waiting)


def carry_note(session: Session, store: Store, path: str, attended: bool) -> bool:
    """Carry out what is ticked in one note, under the lock; return whether some of it waits."""
    data = vault.read(session.root, path) if (session.root / path).exists() else b""
    section = None if isinstance(data, Problem) else find_section(data)
    if isinstance(data, Problem) or not isinstance(section, Section):
        return False
    if not (attended or is_quiet(session, path)):
        return True
    boxes = review_section.boxes(section.texts)
    state = session.places.state
    for at in range(len(decided.load(state)[path].groups)):
        record = decided.load(state)
        group = record[path].groups[at]
        own = [box for box in boxes if letters_of(group.uid) == box.letters]
        new = _carried(session, store, (record, path, at), own, attended)
        _keep(session, record, path, at, new)
    is_shown = _show(session, path, data, section, boxes, attended)
    return not attended and (not is_shown or _waits(decided.load(state)[path], boxes))


def _waits(written: Written, boxes: Sequence[Box]) -> bool:
    """Whether a box is ticked of which nothing was carried out or said."""
    ticked = {box.letters for box in boxes if box.is_ticked}
    waiting = (group for group in written.groups if not (group.state or group.told))
    return any(letters_of(group.uid) in ticked for group in waiting)


def letters_of(uid: str) -> str:
    return uid.replace("-", "")[:LETTERS]


def _keep(session: Session, record: Record, path: str, at: int, new: Group) -> None:
    if record[path].groups[at] != new:
        decided.save(session.places.state, with_group(record, path, at, new))


def with_group(record: Record, path: str, at: int, new: Group) -> dict[str, Written]:
    groups = record[path].groups
    changed = (*groups[:at], new, *groups[at + 1 :])
    return {**record, path: record[path]._replace(groups=changed)}


def _carried(
    session: Session,
    store: Store,
    place: tuple[Record, str, int],
    boxes: Sequence[Box],
    attended: bool,
) -> Group:
    """Return the group as it is behind this; write what is ticked."""
    record, path, at = place
    group = record[path].groups[at]
    task = next(iter(store.tasks(uids=[group.uid])), None)
    line = task.source.text if task else None
    if group.state == "wanted" and _is_written(session, store, group, line):
        return _done(session, store, group)
    if group.state == "wanted" and group.choice == "split" and is_waiting(session, group):
        return group
    if group.state == "done":
        is_back = line == group.before and not _is_written(session, store, group, line)
        return group._replace(state="undone") if is_back else group
    ticked = [box for box in boxes if box.is_ticked]
    if group.state == "undone" and any(box.choice == group.choice for box in ticked):
        return group  # the box still shows what was taken back
    group = group._replace(state="", choice="", after=(), steps=(), beside=-1)
    if not ticked:
        return group._replace(told="")
    where = f"{path}:{_line(session, path, ticked[0])}"
    if len(ticked) > 1:
        return _told(session, group, where, "two boxes are ticked for one task")
    if task is None or line != group.before:
        return _told(session, group, where, _GONE)
    if not (attended or is_quiet(session, task.source.path)):
        return group
    try:
        edit, after = _meant(session, store, task, ticked[0])
    except (RefusedError, ChangedUnderUsError) as error:
        return _told(session, group, where, _reason(error))
    wanted = group._replace(
        state="wanted", choice=ticked[0].choice, after=after, day=session.today.isoformat()
    )
    decided.save(session.places.state, with_group(record, path, at, wanted))
    return _written(session, store, wanted, edit, where)


def _is_written(session: Session, store: Store, group: Group, line: str | None) -> bool:
    """Whether the notes have what was wanted; `line` is the task's, None where it is gone."""
    return is_split(session, store, group) if group.choice == "split" else (line,) == group.after


def _line(session: Session, path: str, box: Box) -> int:
    """Return the number of a box's line in its note."""
    data = vault.read(session.root, path)
    section = None if isinstance(data, Problem) else find_section(data)
    return section.begin + 2 + box.row if isinstance(section, Section) else 1


def _written(
    session: Session, store: Store, wanted: Group, edit: Edit | Splice, where: str
) -> Group:
    from mdtasks.app.changes import carry_out

    try:
        (landed,) = carry_out(session, store, [edit])
    except (RefusedError, ChangedUnderUsError) as error:
        # It may wait in the outbox: until the line says so, nothing is certain.
        return _told(session, wanted, where, _reason(error))
    lines = "; ".join(filter(None, map(str.strip, wanted.after)))
    session.notify(f"from the review: {landed.path}:{landed.line}: {lines}")
    return _done(session, store, wanted)


def _done(session: Session, store: Store, group: Group) -> Group:
    done = group._replace(state="done", told="")
    return with_steps(session, store, done) if group.choice == "split" else done


def _told(session: Session, group: Group, where: str, why: str) -> Group:
    """Say once why nothing was changed."""
    if group.told != why:
        session.notify(f"{where}: {why}; nothing was changed")
    return group._replace(told=why)


def _reason(error: MdtasksError) -> str:
    return error.message.removesuffix("; nothing was written")


def _meant(
    session: Session, store: Store, task: Task, box: Box
) -> tuple[Edit | Splice, tuple[str, ...]]:
    """Return what a tick means, and the lines of it. Raises RefusedError, ChangedUnderUsError."""
    if box.choice == "split" and task.is_open:
        return to_split(session, store, task, box)
    edit = _edit(session, task, box)
    return edit, edit.after


def _edit(session: Session, task: Task, box: Box) -> Edit:
    """Return what a tick means. Raises RefusedError, also where nothing is to do."""
    from mdtasks.write.edits import cancel
    from mdtasks.write.reschedule import postpone

    read = session.config.read
    if not task.is_open:
        raise RefusedError("this task is closed already")
    edit: Edit | None = None
    if box.choice == "drop":
        edit = cancel(task, session.today, read)
    elif box.choice == "week":
        monday = parse_day("next week", session.today)
        assert monday is not None
        edit = postpone(task, monday, None, None, read)
    elif box.choice == "shrink":
        edit = amend.estimate(task, SHRUNK, read)
    elif not box.name:
        raise RefusedError("write a name behind `hand over to:`")
    else:
        try:
            edit = handed_over(session, task, box.name, None)
        except UsageError as error:
            raise RefusedError(error.message) from None
    if edit is None:
        raise RefusedError("the task says so already")
    return edit


def _show(
    session: Session,
    path: str,
    data: bytes,
    section: Section,
    boxes: Sequence[Box],
    attended: bool,
) -> bool:
    """Bring the lines of the boxes up to date; all others stay as they are, byte for byte.

    Return whether they are.
    """
    from mdtasks.write.safely import AT_PROMPT, UNATTENDED, write_note

    record = decided.load(session.places.state)
    groups = {letters_of(group.uid): group for group in record[path].groups}
    changed = {
        box.row: new
        for box in boxes
        if (group := groups.get(box.letters))
        and (new := _shown(section.texts[box.row], box, group)) != section.texts[box.row]
    }
    if not changed:
        return True
    after = _replaced(data, {section.begin + 1 + row: text for row, text in changed.items()})
    # What a person ticked or wrote beside these is still no line of ours.
    shown = record[path].shown
    if _places(shown) == _places(section.texts):
        shown = tuple(changed.get(row, text) for row, text in enumerate(shown))
    patience = AT_PROMPT if attended else UNATTENDED
    try:
        write_note(session.root, session.places.state, path, data, after, patience, session.notify)
    except (RefusedError, ChangedUnderUsError) as error:
        if attended:
            session.notify(_reason(error))
        return False  # the next time
    decided.save(session.places.state, {**record, path: record[path]._replace(shown=shown)})
    return True


def _places(texts: Sequence[str]) -> list[tuple[int, str, str]]:
    return [(box.row, box.letters, box.choice) for box in review_section.boxes(texts)]


def _shown(text: str, box: Box, group: Group) -> str:
    if box.choice != group.choice:
        return text
    if group.state == "done":
        return review_section.carried(text, group.day)
    return review_section.taken_back(text) if group.state == "undone" else text


def _replaced(data: bytes, texts: Mapping[int, str]) -> bytes:
    """Return the note with other texts in some rows; line endings stay."""
    rows = data.splitlines(keepends=True)
    for row, text in texts.items():
        ending = rows[row][len(rows[row].rstrip(b"\r\n")) :]
        rows[row] = text.encode("utf-8", "surrogateescape") + ending
    return b"".join(rows)
