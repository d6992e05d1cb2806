"""A query in plain words: how each of its lines was read.

Rule: the words of a filter come with it (terms.py); here they are put below each other.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdtasks.query.language import Query
from mdtasks.query.terms import Filter


def explanation(query: Query) -> list[str]:
    """Return the lines; what belongs to the line above is indented by two spaces."""
    lines = [line for part in query.filters for line in _lines(part)] or ["every task"]
    sorts = [order.words for order in query.sorts] or [
        "status, urgency, due, priority and path, as usual"
    ]
    lines += [f"sorted by {words}" for words in sorts]
    lines += [f"grouped by {order.words}" for order in query.groups]
    if query.limit is not None:
        lines.append(f"the first {query.limit} of all")
    if query.group_limit is not None and query.groups:
        lines.append(f"the first {query.group_limit} of each group")
    return lines


def _lines(part: Filter, indent: str = "") -> Iterator[str]:
    yield indent + part.words
    for inner in part.parts:
        yield from _lines(inner, f"{indent}  ")
