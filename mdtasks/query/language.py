"""The language of Obsidian Tasks' queries: lines of text -> a Query that selects tasks.

Rule: all filters must hold. What is not known is an error that names its line and what is
nearest, never ignored; what only changes the look of a list in Obsidian is kept as `idle`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from mdtasks.errors import QueryError
from mdtasks.model import Task
from mdtasks.query.arrange import Group, Order, arrange, known, order
from mdtasks.query.booleans import parse_boolean
from mdtasks.query.filters import FILTERS, parse_filter
from mdtasks.query.lines import Line, PlacedError, Reading, instructions, lines_of
from mdtasks.query.terms import Context, Filter, match_words

# Every form of a line, for help and manual.
KNOWN: tuple[str, ...] = (
    *(row.form for row in FILTERS),
    "NOT (A), (A) AND|OR|XOR (B)",
    f"sort by {'|'.join(known('sort'))} [reverse]",
    f"group by {'|'.join(known('group'))} [reverse]",
    "sort by tag N",
    "limit [groups] [to] N [tasks]",
    "preset NAME",
    "explain",
)
EXAMPLES: tuple[str, ...] = (
    *(example for row in FILTERS for example in row.examples),
    *(f"sort by {name}" for name in known("sort")),
    *(f"group by {name}" for name in known("group")),
    "sort by tag 2",
    "limit 10",
    "limit to 10 tasks",
    "limit groups 3",
    "NOT (done)",
    "(not done) AND (due before tomorrow)",
    "preset this_file",
    "explain",
)

# What may be shown or hidden in Obsidian.
_ELEMENTS = (
    r"(?:(?:created|start|scheduled|due|cancelled|done) date|tree|urgency|tags|id|depends on|"
    r"priority|recurrence rule|on completion|duration|toolbar|backlinks?|task count|"
    r"(?:edit|postpone) button)"
)
_IDLE = rf"(?:hide|show) {_ELEMENTS}|(?:short|full)(?: mode)?|ignore global query"


@dataclass(slots=True)
class Query:
    """`explains` where the person asked how it was read; `idle` are lines without an effect."""

    filters: list[Filter] = field(default_factory=list)
    sorts: list[Order] = field(default_factory=list)
    groups: list[Order] = field(default_factory=list)
    limit: int | None = None
    group_limit: int | None = None
    explains: bool = False
    idle: list[str] = field(default_factory=list)

    def select(self, tasks: Iterable[Task], context: Context) -> list[Group]:
        """Return groups of (headings, tasks) in order; none where no task is found."""
        tests = [filter_.test for filter_ in self.filters]
        found = (t for t in tasks if all(test(t, context) for test in tests))
        return arrange(found, context, self.sorts, self.groups, self.limit, self.group_limit)


def parse(text: str, today: date, week_start: int = 0) -> Query:
    """Return the query written in lines that `;` or a line break separates, with no presets but
    the plugin's. Raises QueryError with the number of the line."""
    return read_query(typed(text), Reading(today, week_start))


def typed(text: str) -> Iterable[Line]:
    """Return the lines of a query that stands in no file."""
    return lines_of(text, lambda number: f"query line {number}")


def read_query(lines: Iterable[Line], reading: Reading) -> Query:
    """Return the query of these lines; of several limits the last counts.

    Raises QueryError that begins with the place of the line.
    """
    query = Query()
    for line in instructions(lines, reading):
        try:
            _add(query, line.text, reading)
        except QueryError as error:
            raise PlacedError(line, error) from None
    return query


def _add(query: Query, words: str, reading: Reading) -> None:
    if match := match_words(r"(filter|sort|group) by function\b.*", words):
        raise QueryError(
            f"{match[1].lower()} by function is JavaScript, which only Obsidian runs",
            "say it with the filters, `sort by` and `group by` that there are",
        )
    if match := match_words(r"sort by (.+)", words):
        query.sorts.append(order("sort", match[1]))
    elif match := match_words(r"group by (.+)", words):
        query.groups.append(order("group", match[1]))
    elif match := match_words(r"limit(?: to)? ([0-9]{1,9})(?: tasks?)?", words):
        query.limit = int(match[1])
    elif match := match_words(r"limit groups(?: to)? ([0-9]{1,9})(?: tasks?)?", words):
        query.group_limit = int(match[1])
    elif match_words("explain", words):
        query.explains = True
    elif match_words(_IDLE, words):
        query.idle.append(" ".join(words.lower().split()))
    else:
        query.filters.append(parse_boolean(words, lambda part: _filter(part, reading)))


def _filter(words: str, reading: Reading) -> Filter:
    if (found := parse_filter(words, reading.today, reading.week_start)) is None:
        raise _unknown(words, reading)
    return found


def _unknown(words: str, reading: Reading) -> QueryError:
    if match_words(r"filter by function\b.*", words):
        return QueryError("filter by function is JavaScript, which only Obsidian runs")
    from mdtasks.query.slips import proposal

    presets = [f"preset {name}" for name in reading.presets]
    if nearest := proposal(words, (*EXAMPLES, *presets, *reading.presets)):
        nearest = f"preset {nearest}" if nearest in reading.presets else nearest
        return QueryError(f'no filter is written "{words}"', f'perhaps "{nearest}"')
    # Most likely somebody looks for a word.
    forms = "\n      ".join((f'perhaps "description includes {words}"; known:', *KNOWN))
    return QueryError(f'no filter is written "{words}"', forms)
