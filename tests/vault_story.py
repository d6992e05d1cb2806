"""What a person asked mdtasks for, and what may have come of it.

Rule: pure; the hidden numbers tell which line was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, combinations
from typing import NamedTuple, TypeVar

from tests.vault_model import Change, Model

T = TypeVar("T")
Changes = tuple[Change, ...]
# What is asked for, in a vault where so many commands can be taken back; one of several may be
# meant.
Wishes = Callable[[Model, Sequence[str]], Iterator[Changes]]


def no_wish(model: Model, stack: Sequence[str]) -> Iterator[Changes]:
    yield ()


class Shown(NamedTuple):
    """A task as a person saw it in a list."""

    number: int
    words: str
    text: str
    key: str
    uid: str
    day: date


class Target(NamedTuple):
    """What a command is asked for: by what word, and which line a person means by it."""

    word: str
    number: int
    shown: Shown | None = None


@dataclass
class Asked:
    """A command that was given: `left` are the changes that were not seen in the notes yet."""

    changes: tuple[Change, ...]
    left: tuple[Change, ...]
    undoes: str = ""


class Story(NamedTuple):
    """What may have happened in a run: what waited and was delivered, what was wanted, and which
    part of that was written."""

    model: Model
    delivered: tuple[tuple[str, Change], ...]
    wish: Changes
    part: Changes


def parts(whole: Sequence[T]) -> Iterator[tuple[T, ...]]:
    """Yield all subsets, the largest first."""
    return chain.from_iterable(combinations(whole, n) for n in range(len(whole), -1, -1))
