"""The language of Obsidian Tasks' queries: lines of text -> a Query that selects tasks.

Rule: a line is a filter, `sort by`, `group by`, `limit` or a comment (`#`); all filters must
hold. What is not known is an error that shows the line and what is known, never ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from mdtasks.errors import QueryError
from mdtasks.model import Task
from mdtasks.query.arrange import FIELDS, Group, Order, arrange, order
from mdtasks.query.booleans import parse_boolean
from mdtasks.query.filters import FILTERS, Context, Filter, match_words, parse_filter

# Every form of a line, for help and manual.
KNOWN: tuple[str, ...] = (
    *(row.form for row in FILTERS),
    f"sort|group by {'|'.join(FIELDS)} [reverse]",
    "limit [groups] [to] N [tasks]",
    "NOT (A), (A) AND|OR|XOR (B)",
)
EXAMPLES: tuple[str, ...] = (
    *(example for row in FILTERS for example in row.examples),
    *(f"{verb} by {field}" for verb in ("sort", "group") for field in FIELDS),
    "limit 10",
    "limit groups 3",
    "NOT (done)",
    "(not done) AND (due before tomorrow)",
)

_NOT_HERE = (
    (r".*\bregex .*", "regular expressions can take for ever; use includes"),
    (r"(filter|sort|group) by function.*", "functions are JavaScript, and only Obsidian runs it"),
    (
        r"(hide|show|short|full|explain|ignore|preset)\b.*",
        "this line is about the look of a list in Obsidian; leave it out",
    ),
)


@dataclass(frozen=True, slots=True)
class Query:
    filters: tuple[Filter, ...] = ()
    sorts: tuple[Order, ...] = ()
    groups: tuple[Order, ...] = ()
    limit: int | None = None
    group_limit: int | None = None

    def select(self, tasks: Iterable[Task], context: Context) -> list[Group]:
        """Return groups of (headings, tasks) in order; none where no task is found."""
        found = (t for t in tasks if all(test(t, context) for test in self.filters))
        return arrange(found, context, self.sorts, self.groups, self.limit, self.group_limit)


def parse(text: str, today: date, week_start: int = 0) -> Query:
    """Return the query written in lines that `;` or a line break separates.

    `today` is what the words for dates start from. Of several limits the last counts.
    Raises QueryError with the number of the line.
    """
    filters: list[Filter] = []
    orders: dict[str, list[Order]] = {"sort": [], "group": []}
    limits: dict[bool, int] = {}

    def read(words: str) -> Filter:
        if (test := parse_filter(words, today, week_start)) is None:
            raise _unknown(words)
        return test

    for number, line in enumerate(re.split(r"[;\n]", text), 1):
        words = line.strip()
        if not words or words.startswith("#"):
            continue
        try:
            if match := match_words(r"(sort|group) by (?!function)(.+?)( reverse)?", words):
                orders[match[1].lower()].append(order(match[2], bool(match[3])))
            elif match := match_words(r"limit( groups)?(?: to)? ([0-9]{1,9})(?: tasks?)?", words):
                limits[bool(match[1])] = int(match[2])
            else:
                filters.append(parse_boolean(words, read))
        except QueryError as error:
            raise QueryError(f"query, line {number}: {error.message}", error.hint) from None
    return Query(
        tuple(filters),
        tuple(orders["sort"]),
        tuple(orders["group"]),
        limits.get(False),
        limits.get(True),
    )


def _unknown(words: str) -> QueryError:
    for pattern, reason in _NOT_HERE:
        if match_words(pattern, words):
            return QueryError(f'"{words}" is not for mdtasks', reason)
    from difflib import get_close_matches

    near = get_close_matches(words.lower()[:80], EXAMPLES, n=1)
    nearest = f'perhaps "{near[0]}"; ' if near else ""
    return QueryError(f'no filter is written "{words}"', f"{nearest}known: {'; '.join(KNOWN)}")
