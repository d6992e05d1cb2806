"""What `mdtasks list` shows: a query, the queries of a note, the queries that have a name."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from mdtasks.console import Call, fail, notify, print_json, print_lines
from mdtasks.errors import QueryError

if TYPE_CHECKING:
    from mdtasks.app.lists import Listing, NoteQuery
    from mdtasks.app.session import Session
    from mdtasks.model import Task
    from mdtasks.render import lists
    from mdtasks.render.json import Shape


def show_query(call: Call, query: str, closed: bool, as_json: bool) -> None:
    from mdtasks.app.lists import select

    with call.opened() as (session, store):
        found = select(session, store, query, closed)
        if as_json:
            explained = {} if found.explained is None else {"explain": found.explained}
            shapes = _shapes(session, found.tasks, found.blocked)
            return print_json(session, tasks=shapes, **explained)
        from mdtasks.render import lists, terminal

        if found.explained is not None:
            print_lines(lists.explained(found.explained, call.pen))
        if not found.groups:
            notify("nothing found" + ("" if found.all else "; closed tasks are listed with --all"))
        print_lines(terminal.listing(found.groups, call.show(session)))


def show_note(call: Call, note: str, as_json: bool) -> int:
    """Return the exit code: one for a wrong call where a query of the note cannot be read."""
    from mdtasks.app.lists import in_note

    with call.opened() as (session, store):
        path, queries = in_note(session, store, note)
        if as_json:
            _print_shapes(session, queries)
        else:
            from mdtasks.render import lists

            rows = [_row(query.line, query.heading, query.found) for query in queries]
            print_lines(lists.of_note(path, rows, call.show(session)))
    if not queries:
        notify(f"{path} holds no `tasks` block")
    faults = [query.found for query in queries if isinstance(query.found, QueryError)]
    for fault in faults:
        fail(fault)
    return QueryError.exit_code if faults else 0


def _row(line: int, heading: str | None, found: Listing | QueryError) -> lists.Found:
    from mdtasks.render.lists import Found

    if isinstance(found, QueryError):
        return Found(line, heading, (), None, found.message)
    return Found(line, heading, found.groups, found.explained, "")


def _print_shapes(session: Session, queries: Iterable[NoteQuery]) -> None:
    """Print every query with its tasks, and every task once."""
    shapes: dict[str, Shape] = {}
    shown = []
    for line, heading, text, found in queries:
        row = _row(line, heading, found)
        tasks = [task for _, group in row.groups for task in group]
        if not isinstance(found, QueryError):
            new = [task for task in tasks if task.uid not in shapes]
            shapes |= {str(one["uid"]): one for one in _shapes(session, new, found.blocked)}
        shown.append(
            {
                "line": line,
                "heading": heading,
                "query": text,
                "explain": row.explained,
                "error": row.fault or None,
                "tasks": [shapes[task.uid] for task in tasks],
            }
        )
    print_json(session, queries=shown, tasks=[*shapes.values()])


def _shapes(session: Session, tasks: Iterable[Task], blocked: Collection[str]) -> list[Shape]:
    from mdtasks.plan.urgency import urgency
    from mdtasks.render import json

    return [json.task(task, urgency(task, session.today), task.uid in blocked) for task in tasks]


def show_presets(call: Call, as_json: bool) -> None:
    session = call.session()
    queries = session.config.queries
    if as_json:
        return print_json(session, presets=dict(queries))
    from mdtasks.render import lists

    if not queries:
        notify("no query has a name; give it one under [queries] in mdtasks.toml")
    print_lines(lists.presets(queries, call.pen))
