"""How alike the words of two tasks are, and the fields beside them.

Rule: pure, and nothing but words: where they stand is judged by `likeness`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from mdtasks.index.trace import Trace

# How alike texts are: by their letters, by the words of the shorter one, by those of both. Many
# letters are enough alone: who mistypes a space makes other words.
LETTERS, SHORTER, BOTH, MOST_LETTERS = 0.36, 0.42, 0.22, 0.80
# Below this no other evidence helps.
ALIKE_AT_ALL = 0.40
# Words are the same if so many of their letters are.
SAME_WORD, LETTERS_OF_A_WORD = 66, 3
LONG_WORD = 6
# Words are looked up by so many letters: their end is where they change.
STEM = 3
# So many words that went and came are more than one word that was exchanged.
SEVERAL = 4


class Said(NamedTuple):
    """A task's words without its tags, and its fields with them."""

    words: list[str]
    spaced: str
    joined: str
    stems: frozenset[str]
    weight: float
    numbers: frozenset[str]
    fields: frozenset[str]


def said_by(trace: Trace) -> Said:
    text = trace.text.split()
    words = [word for word in text if not _is_tag(word)] or text
    folded = [word.casefold() for word in words]
    return Said(
        folded,
        " ".join(folded),
        "".join(folded),
        frozenset(word[:STEM] for word in folded),
        sum(map(_weight, folded)),
        frozenset(word for word in folded if word.isdecimal()),
        frozenset(trace.source.partition("]")[2].split()).difference(words),
    )


def _is_tag(word: str) -> bool:
    return word[0] in "#@"


@lru_cache(maxsize=4096)
def _weight(word: str) -> float:
    """Return how much a word tells: short ones are in every text, numbers in a row of texts."""
    if word.isdecimal():
        return 4
    return min(len(word), LONG_WORD) if len(word) > LETTERS_OF_A_WORD else max(1, len(word) - 1)


def alike_in(one: Said, other: Said, at_home: bool) -> tuple[float, int]:
    """Return how alike the words are, and how many are the same."""
    from rapidfuzz.fuzz import ratio

    if not (one.words and other.words):
        return 0, 0
    letters = ratio(one.spaced, other.spaced) / 100
    if letters > ALIKE_AT_ALL:
        letters = max(letters, ratio(one.joined, other.joined) / 100)
    elif not at_home or one.stems.isdisjoint(other.stems):
        return 0, 0
    common, same = _common(one.words, other.words)
    shorter = common / min(one.weight, other.weight)
    both = 2 * common / (one.weight + other.weight)
    alike = LETTERS * letters + SHORTER * shorter + BOTH * both
    return max(alike, letters) if letters > MOST_LETTERS else alike, same


def _common(words: Sequence[str], others: Sequence[str]) -> tuple[float, int]:
    """Return the weight and the number of the words that are in both, mistyped or not."""
    from rapidfuzz.fuzz import ratio

    free, weight = [*others], 0.0
    for word in words:
        best, letters = "", 0.0
        if word in free:
            best, letters = word, 100
        elif len(word) >= LETTERS_OF_A_WORD:
            for other in free:
                if len(other) >= LETTERS_OF_A_WORD:
                    shared = ratio(word, other, score_cutoff=SAME_WORD)
                    if shared > letters:
                        best, letters = other, shared
        if best:
            free.remove(best)
            weight += _weight(word) * letters / 100
    return weight, len(others) - len(free)


def begins_otherwise(words: Sequence[str], others: Sequence[str], same: int) -> bool:
    """Whether of the first words one is gone, and more changed than that."""
    gone, come = len(words) - same, len(others) - same
    if not (gone and come and gone + come >= SEVERAL):
        return False
    return _common(words[:2], others[:3])[1] < 2
