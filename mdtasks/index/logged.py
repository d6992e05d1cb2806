"""The time log in the index: its table, its rows, and which task an interval belongs to.

What stands below a task is that task's, whatever becomes of it. A line in a daily note names its
task in words; which one is meant is found out when it is asked for, so that it is right behind
every change of any note.

Rule: pure. SQL is text here, and nobody runs it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from mdtasks.model import Interval, Source

Row = tuple[Any, ...]

# `above` says how many lines above the interval its task stands, below zero where that is below;
# 0 where it stands below none.
SCHEMA = """
CREATE TABLE intervals (note INTEGER, line, above, begins, ends, source, text);
CREATE INDEX interval_note ON intervals (note)
"""
ADD = "INSERT INTO intervals VALUES (?, ?, ?, ?, ?, ?, ?)"
OF_NOTE = "SELECT * FROM intervals WHERE note = ? ORDER BY rowid"
FORGET = "DELETE FROM intervals WHERE note = ?"
# From the few intervals to the many notes: else SQLite would sort all tasks first.
SELECT = """
SELECT n.path, i.line, i.above, i.begins, i.ends, i.source, i.text, coalesce(t.uid, '')
FROM intervals i CROSS JOIN notes n ON n.number = i.note
LEFT JOIN tasks t ON t.note = i.note AND t.line = i.line - nullif(i.above, 0)
ORDER BY n.path, i.line, i.rowid
"""


class Named(NamedTuple):
    """A task as words may name it. `day` is that on which it was closed, "" where it is open."""

    uid: str
    path: str
    text: str
    day: str
    repeats: bool


def rows_of(intervals: Iterable[Interval]) -> tuple[Row, ...]:
    """Return what is kept of a note's intervals, but for its number."""
    return tuple(
        (
            each.source.line,
            each.source.line - each.task_line if each.task_line else 0,
            each.start.isoformat(),
            each.end.isoformat() if each.end else "",
            each.source.text,
            each.text,
        )
        for each in intervals
    )


def load(row: Row) -> Interval:
    """Return the interval of a row of `SELECT`, with the task below which it stands."""
    path, line, above, begins, ends, source, text, uid = row
    return Interval(
        datetime.fromisoformat(begins),
        datetime.fromisoformat(ends) if ends else None,
        Source(path, line, source),
        text,
        uid,
        line - above if above else None,
    )


def _is_named(interval: Interval) -> bool:
    """Whether only its words may tell the task."""
    return not interval.task and interval.task_line is None and interval.text != ""


def words_in(intervals: Iterable[Interval]) -> set[str]:
    """Return the words by which tasks may be named, plain."""
    named = (each.text for each in intervals if _is_named(each))
    return {words for text in named for words in map(plain, _readings(text)) if words}


def with_tasks(intervals: Sequence[Interval], tasks: Iterable[Named]) -> list[Interval]:
    """Return the intervals, those with the tasks that their words name, if it is one alone."""
    by_words: defaultdict[str, list[Named]] = defaultdict(list)
    for task in tasks:
        by_words[plain(task.text)].append(task)
    by_words.pop("", None)
    return [
        each._replace(task=_meant(each, by_words)) if _is_named(each) else each
        for each in intervals
    ]


def plain(text: str) -> str:
    """Return the words that must be the same: in any case, without tags."""
    if "#" in text or "  " in text or "\t" in text:
        text = " ".join([word for word in text.split() if word[0] != "#"])
    return text.strip().casefold()


def linked(text: str) -> tuple[str, str]:
    """Return the words and the note of `Write the introduction ([[Launch post]])`; "" for no
    note."""
    bare = text.rstrip()
    if bare.endswith("]])"):
        words, mark, link = bare[:-3].rpartition("([[")
        if mark and words.strip():
            return words.strip(), re.split(r"[|#^]", link, maxsplit=1)[0].strip()
    return bare, ""


def _readings(text: str) -> tuple[str, str]:
    """Return what the text of a line may be for a task: all of it, or what is not a link."""
    return text, linked(text)[0]


def _meant(interval: Interval, by_words: Mapping[str, Sequence[Named]]) -> str:
    """Return the uid of the task that is named, "" where it could be several, or none."""
    readings = _readings(interval.text)
    # A task may end with a link as well.
    found = next((some for each in readings if (some := by_words.get(plain(each)))), ())
    same = {each.casefold() for each in readings}
    found = [task for task in found if task.text.casefold() in same] or found
    _, note = linked(interval.text)
    in_note = [task for task in found if note and _is_called(task.path, note)]
    beside = [task for task in found if task.path == interval.source.path]
    for some in (in_note, () if note else beside, found):
        if some:
            return _one(some, interval.start.date())
    return ""


def _is_called(path: str, name: str) -> bool:
    """Whether a link of this name may lead to the note."""
    stem = path.rpartition(".")[0].casefold()
    wanted = name.casefold().removesuffix(".md")
    return stem == wanted or stem.endswith(f"/{wanted}")


def _one(tasks: Sequence[Named], day: date) -> str:
    """Return the only task, or of a series in one note the one that was open on the day."""
    if len(tasks) == 1:
        return tasks[0].uid
    if not all(task.repeats and task.path == tasks[0].path for task in tasks):
        return ""
    later = [task for task in tasks if task.day >= day.isoformat()]
    opened = [task for task in tasks if not task.day]
    if later:
        return min(later, key=lambda task: task.day).uid
    return opened[0].uid if opened else max(tasks, key=lambda task: task.day).uid
