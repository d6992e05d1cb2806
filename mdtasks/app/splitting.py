"""A task broken down: words, or a template's boxes -> steps below it.

Rule: write/wording.py says what words mean, write/template.py what a template holds,
write/steps.py where the steps go. All of them are written, or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from mdtasks import vault
from mdtasks.app.changes import carry_out, named
from mdtasks.app.refresh import refresh
from mdtasks.app.rehearsal import Rehearsal, rehearse
from mdtasks.app.session import Session
from mdtasks.errors import ChangedUnderUsError, RefusedError, UsageError
from mdtasks.index.store import Store
from mdtasks.model import Edit, Problem, Task
from mdtasks.read.fields import TAGS
from mdtasks.read.line import read_line
from mdtasks.read.note import read_note
from mdtasks.write.compose import compose, plain
from mdtasks.write.insertion import Inserted, dialect_of
from mdtasks.write.steps import Step, insert_steps
from mdtasks.write.template import Filling, finished, steps_of, with_own_ids
from mdtasks.write.wording import Wording, understand

# Somebody may be typing in the note: then the place is looked for once more.
_TRIES = 3
_SHOWN = 8
_FIELDS = {"emoji": " ➕ {}", "dataview": "  [created:: {}]"}


class Worded(NamedTuple):
    """A step as a person typed it: what the words mean, and the symbol of its box."""

    words: Wording
    symbol: str


Steps = Sequence[Worded | Step]


class Sums(NamedTuple):
    """How a task's steps add up: its open steps and their estimates, how many have none, what the
    task itself says, and the new steps that are longer than `limit`."""

    steps: int
    total: timedelta
    unknown: int
    own: timedelta | None
    long: tuple[tuple[str, timedelta], ...]
    limit: timedelta


class Split(NamedTuple):
    """The edit, whose `before` is empty, and the task and its new steps as the index has them."""

    edit: Edit
    task: Task
    steps: tuple[Task, ...]


def to_split(session: Session, store: Store, key: str) -> Task:
    """Return the task. Raises UnknownKeyError, AmbiguousKeyError, RefusedError."""
    (task,) = named(session, store, [key])
    if not task.is_open:
        place = f"{task.source.path}:{task.source.line}"
        raise RefusedError(
            f"{place}: this task is closed: {task.text}; nothing was written",
            "open it again, or add a new task: mdtasks add",
        )
    return task


def worded(session: Session, text: str) -> Worded:
    """Return what a step's words mean. Raises UsageError."""
    said = plain(text)
    return Worded(understand(said.text, session.now, session.config.read), said.symbol)


def from_template(session: Session, store: Store, task: Task, name: str) -> list[Step]:
    """Return the steps of a template. Raises UsageError, RefusedError."""
    path, read = _template(session, store, name), session.config.read
    data = vault.read(session.root, path)
    if isinstance(data, Problem):
        raise UsageError(f"{path}: {data.message}", data.hint)
    title = " ".join(TAGS.sub("", task.text).split())
    filling = Filling(title, session.now.replace(tzinfo=None), task.due)
    found = steps_of(path, data, filling, read)
    if not found:
        raise UsageError(f"{path}: there is no open box in it", "its checkboxes become the steps")
    return with_own_ids(found, store.claims, read)


def _template(session: Session, store: Store, name: str) -> str:
    """Return the path of a template: a note of its folder, else any note."""
    folder = session.config.split.templates
    # The folder may be left out of all lists, and mostly is.
    inside = sorted(vault.walk(session.root / folder).notes) if folder else []
    wanted = name.removeprefix("./").removeprefix(f"{folder}/").removesuffix(".md").casefold()
    stems = {path: path.rpartition(".")[0].casefold() for path in inside}
    for meant in (
        [path for path, stem in stems.items() if stem == wanted],
        [path for path, stem in stems.items() if stem.rpartition("/")[2] == wanted],
    ):
        if len(meant) == 1:
            return f"{folder}/{meant[0]}"
    from mdtasks.app.lists import find_note

    try:
        return find_note(store, name)
    except UsageError:
        known = [path.rpartition(".")[0] for path in inside]
        more = [f"and {len(known) - _SHOWN} more"] if len(known) > _SHOWN else []
        hint = "\n      ".join(["there are:", *known[:_SHOWN], *more]) if known else ""
        where = f"in {folder}/ " if folder else ""
        raise UsageError(
            f"no template {where}is called {name}",
            hint or "`[split] templates` in mdtasks.toml names their folder",
        ) from None


def split(session: Session, store: Store, task: Task, steps: Steps) -> Split:
    """Write the steps below the task.

    Raises ChangedUnderUsError, RefusedError, LockedError; then no note is changed.
    """
    for left in reversed(range(_TRIES)):
        try:
            inserted = inserted_below(session, task, steps)
            (edit,) = carry_out(session, store, [inserted.splice])
        except ChangedUnderUsError:
            if not left:
                raise
            refresh(session, store)
            task = _again(store, task)
        else:
            break
    added = new_lines(inserted)
    shift = edit.line - inserted.splice.line
    landed = added._replace(line=added.line + shift)
    return _read_back(store, task, landed)


def rehearse_split(session: Session, task: Task, steps: Steps) -> Rehearsal:
    """Return what `split` would change. Raises as it does."""
    inserted = inserted_below(session, task, steps)
    return rehearse(session, [inserted.splice])._replace(changed=(new_lines(inserted),))


def sums(
    session: Session, store: Store, task: Task, new: Sequence[tuple[str, timedelta | None]]
) -> Sums:
    """Return how the steps add up that the task has, and new ones, which are not written yet."""
    lengths = [t.estimate for t in store.tasks(open_only=True, parents=[task.uid])]
    lengths += [length for _, length in new]
    own = read_line(task.source.text, session.config.read).get("estimate")
    limit = session.config.plan.micro_max
    return Sums(
        steps=len(lengths),
        total=sum(filter(None, lengths), timedelta()),
        unknown=sum(not length for length in lengths),
        own=own,
        long=tuple((text, length) for text, length in new if length and length > limit),
        limit=limit,
    )


def inserted_below(session: Session, task: Task, steps: Steps) -> Inserted:
    """Return what writes the steps below the task. Raises ChangedUnderUsError, RefusedError."""
    path, read = task.source.path, session.config.read
    data = vault.read(session.root, path)
    if isinstance(data, Problem):
        raise RefusedError(f"{path}: {data.message}; nothing was written", data.hint)
    dialect = dialect_of(read_note(path, data, read), read)
    boxes = [_box(session, step, dialect) for step in steps]
    return insert_steps(path, data, task, boxes, read)


def _box(session: Session, step: Worded | Step, dialect: str) -> Step:
    read = session.config.read
    created = session.today if session.config.write.set_created else None
    if isinstance(step, Worded):
        return Step(compose(step.words, step.symbol, dialect, created, read))
    field = _FIELDS.get(dialect, "").format(created) if created else ""
    return finished(step, filter(None, (f" {read.global_filter}".rstrip(), field)), read)


def _again(store: Store, task: Task) -> Task:
    """Return the task where it stands now. Raises ChangedUnderUsError."""
    found = next(iter(store.tasks(uids=[task.uid], open_only=True)), None)
    if found is None or found.text != task.text:
        place = f"{task.source.path}:{task.source.line}"
        raise ChangedUnderUsError(
            f"{place}: this line changed since it was read; nothing was written",
            "run `mdtasks list` and try again",
        )
    return found


def new_lines(inserted: Inserted) -> Edit:
    """Return the new lines as one edit, at the first step's line."""
    splice = inserted.splice
    new = splice.after[len(splice.before) :]
    at = splice.line + len(splice.before)
    blank = inserted.line - at
    return Edit(splice.path, inserted.line, "", new[blank:])


def _read_back(store: Store, task: Task, edit: Edit) -> Split:
    tasks = store.tasks(path=edit.path)
    end = edit.line + len(edit.after)
    new = tuple(one for one in tasks if edit.line <= one.source.line < end)
    parent = next((one for one in tasks if one.uid == task.uid), task)
    store.shown([one.uid for one in (parent, *new)])
    return Split(edit, parent, new)
