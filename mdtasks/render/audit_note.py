"""The notes to hand work over with: the questions to ask of what repeats, and a brief.

Rule: values and lines in, lines out. What a person wrote between the markers stays: answers with
their words, lines of their own, and whatever has left the list. Only our figures are made anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import PurePosixPath
from typing import NamedTuple

from mdtasks.dates import format_duration
from mdtasks.plan.repeated import Group, is_alike, words
from mdtasks.read.note import SECTION_END, SECTION_START
from mdtasks.render.pen import counted

QUESTIONS = (
    "repetitive?",
    "needs no strategic thought?",
    "skills easily had?",
    "harmless to the brand?",
)
# Fewer say nothing of a rule.
_FEWEST_GAPS = 2
_BEFORE = "What repeats. Four ticks below a heading, and it can be handed over."
_GONE = "*not repeated in these weeks*"
_FIGURES = re.compile(r"\*(?:once|[0-9]+ times) · .* · last in .*\*|" + re.escape(_GONE))
_ANSWER = re.compile(rf"- \[(.)\] ({'|'.join(map(re.escape, QUESTIONS))})(.*)")
_HEADING = "### "

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BOX = re.compile(r"\A((?:>|(?:[-*+]|[0-9]{1,9}[.)]) |\s)*)\[(?=.\])")
_HIDING = re.compile("%(?=%)")
_UNLINKABLE = re.compile(r"[\[\]|#^]+")


class Topic(NamedTuple):
    """What stands below a heading: the answers as their lines, by question, and other lines."""

    name: str
    answers: Mapping[str, str]
    others: tuple[str, ...]

    @property
    def says_something(self) -> bool:
        return bool(self.others) or any(
            line != f"- [ ] {question}" for question, line in self.answers.items()
        )


def new_note(title: str, section: Iterable[str]) -> tuple[str, ...]:
    """Return the lines of a note that holds a section."""
    return (f"# {title}", "", SECTION_START, *section, SECTION_END)


def questions(groups: Sequence[tuple[Group, str]], before: Sequence[str]) -> tuple[str, ...]:
    """Return the lines of the section; `groups` come with what else is to be said of each,
    `before` are the lines that stand there now."""
    top, topics = _read(before)
    lines = [_BEFORE, *(line for line in top if line != _BEFORE)]
    left = list(topics)
    for group, more in groups:
        old = _take(left, group.name)
        lines += ["", *_topic(safe(group.name), _figures(group, more), old)]
    for old in left:
        if old.says_something:
            lines += ["", *_topic(old.name, _GONE, old)]
    return tuple(lines)


def _figures(group: Group, more: str) -> str:
    times = "once" if group.times == 1 else f"{group.times} times"
    about = [times, format_duration(group.time), *([more] if more else [])]
    return f"*{' · '.join(about)} · last in {link(group.last.path)}*"


def _topic(name: str, figures: str, old: Topic | None) -> Iterator[str]:
    answers = old.answers if old else {}
    yield f"{_HEADING}{name}"
    yield figures
    yield ""
    for question in QUESTIONS:
        yield answers.get(question, f"- [ ] {question}")
    yield from old.others if old else ()


def _take(topics: list[Topic], name: str) -> Topic | None:
    """Take the topic of a group from the list: the one of its words, else one that is alike."""
    same = [topic for topic in topics if words(topic.name) == words(name)]
    alike = same or [topic for topic in topics if is_alike(topic.name, name)]
    if not alike:
        return None
    topics.remove(alike[0])
    return alike[0]


def _read(lines: Sequence[str]) -> tuple[list[str], list[Topic]]:
    """Return the lines above the first heading that say something, and the topics."""
    starts = [at for at, line in enumerate(lines) if line.startswith(_HEADING)]
    first = starts[0] if starts else len(lines)
    spans = pairwise([*starts, len(lines)])
    top = [line for line in lines[:first] if line.strip()]
    return top, [_read_topic(lines[begin:end]) for begin, end in spans]


def _read_topic(lines: Sequence[str]) -> Topic:
    answers: dict[str, str] = {}
    others: list[str] = []
    for line in lines[1:]:
        answer = _ANSWER.fullmatch(line)
        if answer and answer[2] not in answers:
            answers[answer[2]] = line
        elif not _FIGURES.fullmatch(line):
            others.append(line)
    while others and not others[0].strip():
        others.pop(0)
    while others and not others[-1].strip():
        others.pop()
    return Topic(lines[0].removeprefix(_HEADING), answers, tuple(others))


# The brief


class Steps(NamedTuple):
    """A step that was done in so many of the past tasks."""

    text: str
    times: int


class Facts(NamedTuple):
    """What the notes know of work that is to be handed over."""

    project: str | None
    goal: str | None
    steps: Sequence[Steps]
    words: str
    rule: str | None
    due: date | None


def brief(group: Group, facts: Facts) -> tuple[str, ...]:
    """Return the lines of a note. What the notes do not know, the person who hands over writes."""
    name = safe(group.name)
    return (
        f"# Hand over: {name}",
        "",
        "## Purpose",
        "",
        *_purpose(facts),
        "What it is for, and how one sees that it is good:",
        "",
        "## Steps",
        "",
        *_steps(group, facts.steps),
        "",
        "## Example",
        "",
        f"{safe(group.last.text)}, done on {group.last.day} ({link(group.last.path)})",
        *(f"> {_plain(line)}".rstrip() for line in facts.words.splitlines()),
        "",
        "## Deadline",
        "",
        *_deadline(group, facts),
        "",
        "## Feedback",
        "",
        "When we look at it together, and who says what is good enough:",
    )


def _purpose(facts: Facts) -> Iterator[str]:
    for word, value in (("Goal", facts.goal), ("Project", facts.project)):
        if value:
            yield f"{word}: {safe(value)}"
            yield ""


def _steps(group: Group, steps: Sequence[Steps]) -> Iterator[str]:
    if not steps:
        yield "The notes have none; write them down while you do it the next time."
    for number, step in enumerate(steps, 1):
        often = f" ({step.times} of {group.times} times)" if step.times < group.times else ""
        yield f"{number}. {_plain(step.text)}{often}"


def _deadline(group: Group, facts: Facts) -> Iterator[str]:
    if facts.rule:
        yield f"It comes back {safe(facts.rule)}."
    days = [work.day for work in group.works]
    gaps = sorted((b - a).days for a, b in pairwise(days))
    if gaps:
        often = f", as a rule {_after(gaps[len(gaps) // 2])}" if len(gaps) >= _FEWEST_GAPS else ""
        yield f"Done {counted(len(days), 'time')} so far{often}."
    if facts.due:
        yield f"The next one is due on {facts.due}."
    yield f"Half of the times it took no more than {format_duration(_usual(group))}."


def _after(days: int) -> str:
    if days <= 1:
        return "every day" if days else "several times a day"
    return f"every {days} days"


def _usual(group: Group) -> timedelta:
    times = sorted(work.time for work in group.works)
    return times[len(times) // 2]


def file_name(name: str) -> str:
    """Return a group's name as that of a file, on every system."""
    bare = re.sub(r'[\\/:*?"<>|#^\[\]]+', " ", safe(name))
    return " ".join(bare.split()).strip(". ")[:80].rstrip(". ") or "Work"


def safe(text: str) -> str:
    """Return `text` on one line. A lone %% would hide the rest of the note from Obsidian."""
    clean = _CONTROL.sub(" ", text).replace("<!--", "< !--")
    return " ".join(_HIDING.sub("% ", clean).split())


def _plain(text: str) -> str:
    """Return the text of a step, or a line of a note; what begins with a box would be a task."""
    return _BOX.sub(r"\1\[", safe(text))


def link(path: str) -> str:
    """Return a link to a note, or its name where no link can hold that."""
    name = safe(PurePosixPath(path).stem)
    return f"[[{name}]]" if not _UNLINKABLE.search(name) else _UNLINKABLE.sub(" ", name).strip()
