"""What a filter is: a test of a task, and the words that say how it was read.

Rule: the nouns of this folder; they know no filter by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from re import Match
from typing import NamedTuple

from mdtasks.dates import Period
from mdtasks.model import Task
from mdtasks.plan.dependencies import blocked_uids
from mdtasks.settings import ReadSettings

_DEFAULTS = ReadSettings()


@dataclass(frozen=True, slots=True)
class Context:
    """What a test needs and one task cannot tell: `awaited` are ids that open tasks wait for,
    `read` tells the names of statuses and where fields stand."""

    today: date
    blocked: frozenset[str] = frozenset()
    awaited: frozenset[str] = frozenset()
    read: ReadSettings = _DEFAULTS

    @classmethod
    def of(cls, tasks: Iterable[Task], today: date, read: ReadSettings = _DEFAULTS) -> Context:
        """Return the context of a whole vault: links lead out of what a query selects."""
        tasks = tuple(tasks)
        awaited = frozenset(i for task in tasks if task.is_open for i in task.depends_on)
        return cls(today, blocked_uids(tasks), awaited, read)


Test = Callable[[Task, Context], bool]
Days = Callable[[str], Period | None]  # what words for a day or a period mean today


class Filter(NamedTuple):
    """`words` say what is asked; `parts` are what an AND, OR, XOR or NOT joins."""

    test: Test
    words: str
    parts: tuple[Filter, ...] = ()


Make = Callable[[Match[str], Days], Test | Filter]


class Row(NamedTuple):
    """`form` is for people, `examples` are real ones, `pattern` is for `match_words`."""

    form: str
    examples: tuple[str, ...]
    pattern: str
    make: Make


def match_words(pattern: str, text: str) -> Match[str] | None:
    """Return the match of the whole text, in any case; a space stands for any white space."""
    return re.fullmatch(pattern.replace(" ", r"\s+"), text, re.IGNORECASE | re.DOTALL)


def either(words: Iterable[str]) -> str:
    """Return the pattern of one of the words, longer ones first."""
    return f"({'|'.join(re.escape(w) for w in sorted(words, key=len, reverse=True))})"


def plain(test: Test) -> Make:
    """Return a maker for words without a value; a first group that matched turns it around."""

    def make(match: Match[str], _: Days) -> Filter:
        words = " ".join(match[0].split())
        if match.re.groups and match[1]:
            return Filter(lambda task, context: not test(task, context), words)
        return Filter(test, words)

    return make
