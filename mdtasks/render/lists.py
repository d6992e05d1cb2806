"""What queries find, with the words for how they were read.

Rule: as in terminal.py: values in, lines out, all text through the pen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from mdtasks.model import Task
from mdtasks.render.pen import Pen
from mdtasks.render.terminal import Show, listing

Groups = Sequence[tuple[tuple[str, ...], Sequence[Task]]]


class Found(NamedTuple):
    """One query of a note: the heading above it, what it finds, or why it could not be read."""

    line: int
    heading: str | None
    groups: Groups
    explained: Sequence[str] | None
    fault: str


def explained(lines: Sequence[str], pen: Pen) -> Iterator[str]:
    yield pen.write("How the query was read", "bold")
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        yield " " * (2 + indent) + pen.write(line.lstrip(" "), "dim")
    yield ""


def of_note(path: str, queries: Sequence[Found], show: Show) -> Iterator[str]:
    """Yield each query of a note below the place where it stands."""
    pen = show.pen
    for number, query in enumerate(queries):
        if number:
            yield ""
        place = pen.write(f"{path}:{query.line}", "cyan")
        yield place + (pen.write(f"  {query.heading}", "bold") if query.heading else "")
        if query.fault:
            yield "  " + pen.write("not read", "red")
            continue
        if query.explained is not None:
            yield from (f"  {line}".rstrip() for line in explained(query.explained, pen))
        yield from (f"  {line}" if line else "" for line in listing(query.groups, _inside(show)))
        if not query.groups:
            yield "  " + pen.write("nothing found", "dim")


def _inside(show: Show) -> Show:
    """Return how to show what is indented by two columns."""
    width = show.pen.width
    return show._replace(pen=show.pen._replace(width=max(width - 2, 1) if width else 0))


def presets(queries: Mapping[str, str], pen: Pen) -> Iterator[str]:
    """Yield the name of each query, and the query."""
    rows = [[(name, "cyan"), ("; ".join(text.split("\n")), "")] for name, text in queries.items()]
    yield from pen.columns(rows, 0, 1)
