"""A week, looked back on, as Markdown: the lines of the section of its note.

Rule: what notes say stands on one line, and cannot end the section or hide what is below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from mdtasks.model import Rolled, Task
from mdtasks.plan.reviewed import Review
from mdtasks.read import review_section
from mdtasks.render import review as said
from mdtasks.render.terminal import rolled_words

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_HIDING = re.compile(r"%(?=%)|<(?=!--)|-(?=->)")
_ID = re.compile(r"\^+(?=rv-|[A-Za-z0-9-]+[ \t]*\Z)")
_UNLINKABLE = re.compile(r"[\[\]|#^]+")

_CHOICES = {
    "drop": "drop it",
    "week": "next week",
    "shrink": "shrink to 15m",
    "split": review_section.SPLIT,
    "hand": review_section.HAND,
}
_ASKED = "Tick one box of a task, and the next sync does it:"


def figures(value: Review) -> Iterator[str]:
    """Yield what the week came to, as lists."""
    yield plain(said.balance(value))
    yield ""
    shown = [day for day in value.days if day.date <= value.until]
    counts = ", ".join(f"{day.date:%a} {day.done} ({day.small} small)" for day in shown)
    yield f"- By day: {counts}"
    for each in value.streaks[: said.SHOWN]:
        yield f"- Streak: {plain(each.text)}: {', '.join(said.streak_words(each))}"
    for reached in value.milestones[: said.SHOWN]:
        yield f"- Reached: {plain(said.milestone_words(reached))}"
    for words in said.work(value.work):
        yield f"- {words}"
    for timed in value.work.timed:
        yield f"- {plain(timed.task.text)}: {said.timed_words(timed)}"
    for factor in value.factors:
        yield f"- {plain(factor.name)} {said.factor_words(factor)}"


def title(task: Task, rolled: Rolled | None) -> str:
    """Return what a task with boxes is called: its words, its note, why it is here."""
    name = PurePosixPath(task.source.path).stem
    link = f"([[{plain(name)}]])" if not _UNLINKABLE.search(name) else ""
    due = f"due {task.due.isoformat()}" if task.due else ""
    why = ", ".join(filter(None, (due, rolled_words(rolled) if rolled else "")))
    words = " ".join(filter(None, (plain(task.text) or "a task", link)))
    return f"{words}: {why}" if why else words


def asked(groups: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield the boxes of the tasks: pairs of the letters that tell it and its title."""
    if groups:
        yield from ("", _ASKED, "")
    for letters, words in groups:
        yield f"- {words}"
        for choice, label in _CHOICES.items():
            yield f"  - [ ] {label} ^rv-{letters}-{choice}"


def plain(text: str) -> str:
    """Return the text on one line, with nothing in it that hides or ends what is around it."""
    one = " ".join(_CONTROL.sub(" ", text).split())
    return _ID.sub("", _HIDING.sub(lambda match: match[0] + " ", one)).strip()
