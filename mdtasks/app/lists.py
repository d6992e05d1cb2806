"""What queries find: one that was typed or has a name, or those that stand in a note.

Rule: nothing here changes a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mdtasks.app.session import Session
from mdtasks.dates import WEEKDAYS
from mdtasks.errors import QueryError, UsageError
from mdtasks.index.store import Store
from mdtasks.model import Problem, Task
from mdtasks.query.arrange import Group
from mdtasks.query.explain import explanation
from mdtasks.query.language import Query, read_query, typed
from mdtasks.query.lines import PRESETS, Line, Reading, lines_of
from mdtasks.query.terms import Context
from mdtasks.read.fences import Fence
from mdtasks.read.front_matter import FrontMatter

_CANDIDATES = 8


class Listing(NamedTuple):
    """Groups in order; `explained` is None where nobody asked how the query was read. `all`
    means that closed tasks were looked at too, `blocked` are uids of all that wait."""

    groups: list[Group]
    explained: list[str] | None
    all: bool
    blocked: frozenset[str]

    @property
    def tasks(self) -> list[Task]:
        return [task for _, group in self.groups for task in group]


class NoteQuery(NamedTuple):
    """A `tasks` block of a note, and what it finds, or why it cannot be read."""

    line: int
    heading: str | None
    text: str
    found: Listing | QueryError


def select(session: Session, store: Store, query: str, closed: bool) -> Listing:
    """Return what a query finds, which may be a preset's name: among open tasks, or with
    `closed` among all.

    Raises QueryError.
    """
    reading = _reading(session)
    name = query.strip()
    text = f"preset {name}" if name in session.config.queries else query
    parsed = read_query(typed(text), reading)
    _tell_idle(session, [parsed])
    if re.fullmatch(r"#[^\s#;]+", name):
        session.notify(f"{name} is a remark here; for the tag write: tag includes {name}")
    found = _listing(session, parsed, store.tasks(open_only=not closed), closed)
    store.shown([task.uid for task in found.tasks])
    return found


def in_note(session: Session, store: Store, name: str) -> tuple[str, list[NoteQuery]]:
    """Return the path of a note, and what each of its `tasks` blocks finds, among all tasks as
    in Obsidian.

    Raises UsageError where `name` is no note, several notes, or one that cannot be read.
    """
    from mdtasks.read.blocks import TooDeepError
    from mdtasks.read.fences import read_fences
    from mdtasks.vault import read

    path = find_note(store, name)
    data = read(session.root, path)
    if isinstance(data, Problem):
        raise UsageError(f"{path}: {data.message}", data.hint)
    try:
        fences, front = read_fences(data, "tasks")
    except TooDeepError:
        raise UsageError(f"{path}: nested too deep; the note is not read") from None
    reading = _reading(session)._replace(note=path, properties=front)
    parsed = [_query(path, fence, reading) for fence in fences]
    _tell_idle(session, [query for query in parsed if isinstance(query, Query)])
    tasks = store.tasks() if parsed else []
    return path, [
        NoteQuery(
            fence.line,
            fence.heading,
            fence.content.rstrip("\n"),
            _found(session, query, tasks, f"{path}:{fence.line}"),
        )
        for fence, query in zip(fences, parsed, strict=True)
    ]


def find_note(store: Store, name: str) -> str:
    """Return the path of the note that a person means: a path, or a name that only one has.

    Raises UsageError, with the candidates or the nearest names.
    """
    paths = sorted(store.stamps())
    wanted = name.removeprefix("./")
    for said in (wanted, f"{wanted}.md"):
        if said in paths:
            return said
    ending = f"/{wanted.removesuffix('.md')}.md".casefold()
    found = [path for path in paths if f"/{path}".casefold().endswith(ending)]
    if len(found) == 1:
        return found[0]
    if found:
        more = [f"and {len(found) - _CANDIDATES} more"] if len(found) > _CANDIDATES else []
        rows = "\n      ".join(found[:_CANDIDATES] + more)
        raise UsageError(f"{len(found)} notes are called {name}", rows)
    from difflib import get_close_matches

    names = {path.rpartition("/")[2].removesuffix(".md"): path for path in paths}
    near = get_close_matches(wanted.removesuffix(".md").rpartition("/")[2], names, 1)
    hint = f"perhaps {names[near[0]]}" if near else "give its path in the vault, or its name"
    raise UsageError(f"no note is called {name}", hint)


def _reading(session: Session) -> Reading:
    first = session.config.display.week_start
    week_start = next(n for n, name in enumerate(WEEKDAYS) if name.startswith(first))
    return Reading(session.today, week_start, {**PRESETS, **session.config.queries})


def _query(path: str, fence: Fence, reading: Reading) -> Query | QueryError:
    lines = lines_of(fence.content, lambda n: f"{path}:{fence.line + n}", semicolons=False)
    try:
        return read_query([*_defaults(path, reading.properties), *lines], reading)
    except QueryError as error:
        return error


def _defaults(path: str, front: FrontMatter) -> Iterable[Line]:
    """Yield the instructions that a note's front matter gives to all its queries."""
    if front.get("tq_explain", ("",))[0].lower() == "true":
        yield Line(path, "explain")
    for text in front.get("tq_extra_instructions", ()):
        yield from lines_of(text, lambda _: f"{path}: TQ_extra_instructions", semicolons=False)


def _tell_idle(session: Session, queries: Sequence[Query]) -> None:
    if idle := dict.fromkeys(line for query in queries for line in query.idle):
        session.notify(f"no effect here, only on the look of a list in Obsidian: {', '.join(idle)}")


def _found(
    session: Session, query: Query | QueryError, tasks: Sequence[Task], place: str
) -> Listing | QueryError:
    if isinstance(query, QueryError):
        return query
    try:
        return _listing(session, query, tasks, True)
    except QueryError as error:  # a regular expression that takes too long
        return QueryError(f"{place}: {error.message}", error.hint)


def _listing(session: Session, query: Query, tasks: Sequence[Task], everything: bool) -> Listing:
    context = Context.of(tasks, session.today, session.config.read)
    explained = None
    if query.explains:
        explained = explanation(query)
        if not everything:
            explained.insert(0, "of the open tasks; --all adds the closed ones")
        if common := session.config.read.global_filter:
            explained.insert(0, f"only lines with {common} are tasks")
    return Listing(query.select(tasks, context), explained, everything, context.blocked)
