"""What somebody meant who wrote a line that is none: one proposal, for a hint.

Rule: a proposal is never carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from re import Match

from mdtasks.model import Status
from mdtasks.query.dates import DATES
from mdtasks.query.terms import either, match_words
from mdtasks.query.texts import TEXTS

# What other tools write, and what is left out in a hurry.
_SLIPS: tuple[tuple[str, Callable[[Match[str]], str]], ...] = (
    (r"over\s?due", lambda _: "due before today"),
    ("(?:not |in)completed?|open|todo", lambda _: "not done"),
    ("completed?|finished|closed", lambda _: "done"),
    ("blocked|waiting", lambda _: "is blocked"),
    ("recurring|repeats?", lambda _: "is recurring"),
    (f"(has|no) {either(DATES)}(?: dates?)?", lambda m: f"{m[1]} {m[2]} date"),
    (
        rf"{either((*TEXTS, 'tags'))}(?: contains?| has| is|\s?[:=])? (.+)",
        lambda m: f"{m[1]} includes {m[2]}",
    ),
    (rf"(?:status\s?[:=]?\s?)?{either(Status)}", lambda m: f"status is {m[1].lower()}"),
    (r"(@\S+)", lambda m: f"description includes {m[1]}"),
)


def proposal(words: str, candidates: Iterable[str]) -> str:
    """Return what was most likely meant, "" where nothing is like it."""
    words = " ".join(words.split())
    for pattern, meaning in _SLIPS:
        if match := match_words(pattern, words):
            return meaning(match)
    nearest = _nearest(words.lower(), candidates)
    _, includes, rest = words.partition(" includes ")
    return nearest.removesuffix("work") + rest if includes and rest else nearest


def _nearest(words: str, candidates: Iterable[str]) -> str:
    """Return the candidate that is most like the beginning of the words."""
    best, nearest = 0.6, ""
    for candidate in candidates:
        likeness = SequenceMatcher(None, candidate, words[: len(candidate) + 2]).ratio()
        if likeness > best:
            best, nearest = likeness, candidate
    return nearest
