"""What a task is known by, and the pairs of which one lives on in the other.

Rule: nothing but these two.
"""

from __future__ import annotations

from typing import NamedTuple


class Trace(NamedTuple):
    """What a task is known by. `name` is its text and, in a series, its date; `before` and
    `after` are the texts of its neighbours in the note. `is_past` means that it vanished before
    this batch, `is_fleeting` that its line goes when it is done; `seen_done` is the day on which it
    was first seen ticked; `is_gone` that its note went too."""

    uid: str
    path: str
    line: int
    name: tuple[str, str]
    source: str = ""
    before: str = ""
    after: str = ""
    explicit: str = ""
    is_open: bool = True
    repeats: bool = False
    is_fleeting: bool = False
    is_past: bool = False
    seen_done: str = ""
    is_gone: bool = False

    @property
    def text(self) -> str:
        return self.name[0]

    @property
    def order(self) -> tuple[str, int, str]:
        return self.path, self.line, self.uid

    def may_be(self, new: Trace) -> bool:
        """Whether the dates of a series allow it: each of its occurrences is a task of its own.

        One that was put off is the same occurrence on another day; one that is ticked stays
        behind.
        """
        before, after = self.name[1], new.name[1]
        if before == after or not (before and after):
            return True
        return self.is_open == new.is_open and not self.is_past and not self.is_fleeting


class Match(NamedTuple):
    """`appeared` is the task `vanished`. It is `likely` where not even its text is the same."""

    vanished: Trace
    appeared: Trace
    likely: bool = False
