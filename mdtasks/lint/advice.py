"""What is no mistake and could be better: tasks too large or too vague to begin, boxes forgotten.

Rule: advice is for tasks that a person means to do. A list of things to buy, a habit that
repeats, and what is handed over or has a time of its own are left in peace.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from mdtasks.dates import format_duration
from mdtasks.lint.plugin import foreign, has_time, unseen
from mdtasks.model import Problem, Status, Task
from mdtasks.read.fields import TAGS, code_spans, parse_body, split_line
from mdtasks.settings import ReadSettings

_FORMATS = {"emoji": "emoji", "dataview": "Dataview"}

# Longer than this nothing is begun lightly.
LARGE = timedelta(minutes=25)

# A whole text that names nothing.
_NOTHING = re.compile(
    r"(?:\?++|\.{2,}+|…++|_+|x{3,}|tb[ad]|todo|wip|stuff|misc(?:ellaneous)?|things?|something|etc)[.!?…]*",
    re.IGNORECASE,
)
# Words that leave open what is meant. `Stuff the turkey` does not, nor does `/etc/hosts`.
_OPEN_END = re.compile(r"(?<=[\w,:)\]] )(?:stuff|misc|etc|tb[ad])(?![\w/.-]*[\w/-])", re.IGNORECASE)
# One word in Latin letters; -en and -ing are verbs often enough.
_ONE_WORD = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’-]+[.!?…]*")
_VERB = re.compile(r"(?:en|ern|eln|ing)[.!?…]*$", re.IGNORECASE)
_WHAT = "say what is to be done first, as you would tell somebody else"


def advice(task: Task, parents: Collection[str], settings: ReadSettings) -> Iterator[Problem]:
    """Yield what could be better about one task. `parents` are the uids of all that have
    subtasks."""
    if not task.is_open:
        return
    if task.uid not in parents and task.recurrence is None and task.begins is None:
        estimate = task.estimate
        if (
            estimate
            and estimate > LARGE
            and not task.assignee
            and task.status is not Status.ON_HOLD
        ):
            message = f"{format_duration(estimate)} in one piece"
            hint = f"split it into subtasks of {format_duration(LARGE)} or less"
            yield _problem(task, message, hint)
        if words := _vague(task):
            yield _problem(task, words, _WHAT)
    if settings.plugin and task.dialect:
        yield from _unseen(task, settings)


def _vague(task: Task) -> str:
    """Return what is vague about the text, "" if nothing is."""
    if task.brief:
        return ""
    text = task.text
    if "`" in text:
        for start, end in reversed([*code_spans(text)]):
            text = text[:start] + "code" + text[end:]
    text = " ".join(TAGS.sub(" ", text).split()) if "#" in text else text
    if _NOTHING.fullmatch(text):
        return f"`{text}` says not what is to be done"
    if found := _OPEN_END.search(text):
        return f"`{found[0]}` leaves open what is to be done"
    if _has_deadline(task) and _ONE_WORD.fullmatch(text) and not _VERB.search(text):
        return f"`{text}`: one word for something with a due date"
    return ""


def _has_deadline(task: Task) -> bool:
    """Whether the line itself says by when, and nothing tells more of what it takes."""
    own = task.due and "due" not in task.inferred
    return bool(own) and task.estimate is None and "🔁" not in task.source.text


def _unseen(task: Task, settings: ReadSettings) -> Iterator[Problem]:
    """Yield what the plugin does not see and is meant so: times, and its other dialect."""
    box = split_line(task.source.text)
    text = task.source.text[box.body :] if box else ""
    body = parse_body(text, settings)
    if others := [field.name for field in foreign(text, body, settings)]:
        words = _FORMATS[settings.plugin]
        yield _problem(
            task,
            f"the Obsidian Tasks plugin is set to {words} and does not see: "
            f"{', '.join(others).replace('_', ' ')}",
            f"write the fields as {words}, if Obsidian is to see them too",
        )
    if not (task.begins or task.due_time):
        return
    found = unseen(text, body, settings)
    if timed := [field.name for field in found if has_time(field)]:
        yield _problem(
            task,
            f"the Obsidian Tasks plugin sees no date with a time behind it: {', '.join(timed)}",
            "if Obsidian is to read it too, write the date alone, and the time before the text",
        )


def families(tasks: Iterable[Task], parents: Mapping[str, Task], today: date) -> Iterator[Problem]:
    """Yield what does not fit between subtasks and their parents, which are given by uid."""
    left: dict[str, list[Task]] = {}
    for task in tasks:
        parent = parents.get(task.parent or "") if task.is_open else None
        if parent is None:
            continue
        if parent.is_open:
            yield from _due_later(task, parent, today)
        elif parent.status is not Status.NON_TASK:
            left.setdefault(parent.uid, []).append(task)
    for uid, children in left.items():
        yield _left_open(parents[uid], children)


def _due_later(task: Task, parent: Task, today: date) -> Iterator[Problem]:
    """A parent whose due day has gone by, or a subtask that repeats, is no surprise."""
    if "due" in task.inferred or "due" in parent.inferred or task.recurrence:
        return
    if task.due and parent.due and today <= parent.due < task.due:
        message = f"due {task.due}, after the task above it on line {parent.source.line}"
        yield _problem(task, message, f"that is due {parent.due}: one of the two can move")


def _left_open(parent: Task, children: Sequence[Task]) -> Problem:
    first = children[0].source.line
    if len(children) == 1:
        message = f"{parent.status}, but its subtask on line {first} is open"
    else:
        message = f"{parent.status}, but {len(children)} subtasks are open, from line {first}"
    return _problem(parent, message, "tick or cancel what is left, or open this one again")


def _problem(task: Task, message: str, hint: str) -> Problem:
    return Problem(task.source.path, task.source.line, message, hint)
