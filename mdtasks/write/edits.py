"""What should change on a line when its task is completed, cancelled or reopened: Task -> Edit.

Rule: pure. A line is spliced and never rebuilt: what a change does not name stays as it is,
whether it is understood or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mdtasks.dates import EVERY_DAY, parse_iso
from mdtasks.model import Edit, Status, Task
from mdtasks.plan.recurrence import next_date, parse_rule, suggest
from mdtasks.read import dialects
from mdtasks.read.fields import FIELDS, JS_SPACES, Body, Checkbox, Field, parse_body
from mdtasks.settings import ReadSettings, WriteSettings
from mdtasks.write import task_notes
from mdtasks.write.boxes import box_of

# The text from one offset of a line up to another becomes the third.
Change = tuple[int, int, str]

# The dates that move with an occurrence; the first that the line has is the reference.
MOVING = ("due", "scheduled", "date", "start")
# What belongs to the one occurrence that is completed.
ITS_OWN = ("id", "depends_on", "done", "cancelled", "handed", "rework")

ISO_LENGTH = len("2026-11-22")
_BLOCK_NAME = re.compile("[A-Za-z0-9-]+")
_RULE_WORD = re.compile(" *[A-Za-z0-9,!]")


def complete(task: Task, now: date, read: ReadSettings, write: WriteSettings) -> Edit | None:
    """Return the line ticked, with the next occurrence if the task repeats.

    `now` may be a datetime: a dialect that tells the time of completion has it then.
    None where nothing is to do: it is done already, or forwarded to another line. A cancelled
    task can be completed after all. Raises RefusedError for a task that is a whole note and does
    not say its status on a line of its own.
    """
    if task.status in (Status.DONE, Status.NON_TASK):
        return None
    if task.dialect == task_notes.DIALECT:
        return _edit(task, task_notes.completed(task, now, write))
    line = _Line.of(task, read)
    changes = [line.box_with(_done_symbol(task, read))]
    if write.done_date:
        changes += line.with_date("done", now, without=("cancelled",))
    lines = [line.spliced(changes)]
    if write.allow_delete and task.on_completion == "delete":
        lines = []
    today = now.date() if isinstance(now, datetime) else now
    following = _next_line(line, today, write)
    if following is not None:
        lines.insert(0 if write.next_line == "above" else len(lines), following)
    return _edit(task, lines)


def without_rule(task: Task, read: ReadSettings) -> str:
    """Return why a tick ends a series that looks as if it went on, "" where it does not."""
    if task.dialect == task_notes.DIALECT:
        return ""
    repeats = _Line.of(task, read).body.field("recurrence")
    if repeats is None or parse_rule(repeats.value):
        return ""
    better = suggest(repeats.value)
    meant = f"; write `{better}`" if better else ""
    where = f"{task.source.path}:{task.source.line}"
    return f"{where}: `{repeats.value}` is no rule, so no next line is written{meant}"


def stamp(task: Task, day: date, read: ReadSettings) -> Edit | None:
    """Return the line of a task that was ticked elsewhere with the day on which it was.

    None where it says a day already, if only one that nobody can read, or has no word for it.
    """
    if task.status is not Status.DONE or task.dialect == task_notes.DIALECT:
        return None
    line = _Line.of(task, read)
    if line.body.field("done"):
        return None
    edit = _edit(task, [line.spliced(line.with_date("done", day))])
    return edit if edit.after != (edit.before,) else None


def go_on(task: Task, done: date, read: ReadSettings, write: WriteSettings) -> Edit | None:
    """Return the line of a task that was ticked elsewhere with the next occurrence, which nobody
    wrote; None where there is none, or no word for it. `done` is the day of the tick."""
    if task.status is not Status.DONE or task.dialect == task_notes.DIALECT:
        return None
    following = _next_line(_Line.of(task, read), done, write)
    if following is None:
        return None
    lines = (following, task.source.text)
    return _edit(task, lines if write.next_line == "above" else lines[::-1])


def cancel(task: Task, today: date, read: ReadSettings) -> Edit | None:
    """Return the line with `[-]` and the day; None if it is cancelled already, or forwarded.

    Raises RefusedError for a task that is a whole note.
    """
    if task.status in (Status.CANCELLED, Status.NON_TASK):
        return None
    if task.dialect == task_notes.DIALECT:
        raise task_notes.no_word_for(task, "cancelled")
    line = _Line.of(task, read)
    symbol = line.box_with(_symbol(Status.CANCELLED, "-", read))
    dates = line.with_date("cancelled", today, without=("done",))
    return _edit(task, [line.spliced([symbol, *dates])])


def reopen(task: Task, read: ReadSettings) -> Edit | None:
    """Return the line with `[ ]` and without the day on which it was closed; None if open.

    Raises RefusedError for a task that is a whole note.
    """
    if task.is_open:
        return None
    if task.dialect == task_notes.DIALECT:
        raise task_notes.no_word_for(task, "reopened")
    line = _Line.of(task, read)
    return _edit(task, [line.spliced([line.box_with(" "), *line.without("done", "cancelled")])])


def without(task: Task, names: Iterable[str], read: ReadSettings) -> Edit:
    """Return the line without these fields, as often as they stand on it."""
    line = _Line.of(task, read)
    return _edit(task, [line.spliced(line.without(*names))])


def _edit(task: Task, lines: Iterable[str]) -> Edit:
    return Edit(task.source.path, task.source.line, task.source.text, tuple(lines))


def _done_symbol(task: Task, read: ReadSettings) -> str:
    """Return what comes after the task's symbol, if that means done; else the usual one."""
    following = read.status(task.symbol).next
    if read.status(following).type is Status.DONE:
        return following
    return _symbol(Status.DONE, "x", read)


def _symbol(kind: Status, usual: str, read: ReadSettings) -> str:
    """Return the usual symbol, unless the vault means something else by it."""
    symbols = [symbol for symbol, rule in read.statuses.items() if rule.type is kind]
    return usual if usual in symbols or not symbols else symbols[0]


def _next_line(line: _Line, today: date, write: WriteSettings) -> str | None:
    """Return the line of the next occurrence; None if the task does not repeat (any more)."""
    repeats = line.body.field("recurrence")
    rule = parse_rule(repeats.value) if repeats else None
    if rule is None:
        return None
    dates = dict(line.moving_dates())
    reference = next(iter(dates.values()), None)
    base = today if rule.when_done or reference is None else reference
    day = next_date(rule, base, after=today if write.catch_up else None)
    if day is None:
        return None
    changes = [line.box_with(" ")]
    if write.set_created:
        changes += line.with_date("created", today, without=ITS_OWN)
    else:
        changes += line.without(*ITS_OWN, "created")
    if reference:
        changes += line.moved(dates, day - reference)
    elif repeats and repeats.dialect == "noteplan" and line.body.field("scheduled") is None:
        changes += line.with_date("scheduled", day)  # or it would be there again at once
    return _without_block_id(line.spliced(changes))


def _without_block_id(line: str) -> str:
    """What stood before the id, or before a date that is gone, must not become one."""
    text = line.rstrip(JS_SPACES)
    spaces = line[len(text) :]
    while True:
        before, mark, name = text.rpartition(" ^")
        if not mark or not _BLOCK_NAME.fullmatch(name):
            return text + spaces
        text = before.rstrip(JS_SPACES)


@dataclass(frozen=True, slots=True)
class _Line:
    """A task's line and where everything stands on it. Its methods return changes."""

    text: str
    box: Checkbox
    body: Body
    default_dialect: str  # "" where the vault reads none that could say it

    @classmethod
    def of(cls, task: Task, read: ReadSettings) -> _Line:
        box = box_of(task)
        usual = [name for name in dialects.WRITERS if name in read.dialects]
        body = parse_body(task.source.text[box.body :], read)
        return cls(task.source.text, box, body, usual[0] if usual else "")

    def spliced(self, changes: Iterable[Change]) -> str:
        """Return the line with the changes made. Two removals may share a space."""
        pieces: list[str] = []
        position = 0
        for start, end, text in sorted(changes):
            pieces += (self.text[position:start], text)
            position = max(position, end)
        return "".join(pieces) + self.text[position:]

    def box_with(self, symbol: str) -> Change:
        return self.box.box, self.box.box + 1, symbol

    def with_date(self, name: str, now: date, without: tuple[str, ...] = ()) -> Iterator[Change]:
        """The date takes the place of the one that stands there, or comes at the end, if the
        line's dialect has a word for it."""
        kept = self.body.field(name)
        if change := self._date_of(kept, now) if kept else self._added(name, now):
            yield change
        yield from self._removed(
            field for field in self.body.found if field.name in (name, *without) and field != kept
        )

    def without(self, *names: str) -> Iterator[Change]:
        return self._removed(field for field in self.body.found if field.name in names)

    def moving_dates(self) -> Iterator[tuple[str, date]]:
        """Yield the dates that there are, the reference first. Impossible ones stay behind."""
        for name in MOVING:
            field = self.body.field(name)
            day = parse_iso(field.value[:ISO_LENGTH]) if field else None
            if day and day != EVERY_DAY:
                yield name, day

    def moved(self, dates: dict[str, date], distance: timedelta) -> Iterator[Change]:
        for name, day in dates.items():
            field = self.body.field(name)
            if field and date.min - day <= distance <= date.max - day:
                yield self._date_of(field, day + distance)

    def _date_of(self, field: Field, now: date) -> Change:
        start, end = self.box.body + field.value_start, self.box.body + field.value_end
        return start, end, dialects.renewed(self.text[start:end], field.name, now)

    def _removed(self, fields: Iterable[Field]) -> Iterator[Change]:
        """A field goes with the space before it, of which Dataview's have two; at the start of
        the text, with the one behind it."""
        text = self.text[self.box.body :]
        spans: list[tuple[int, int]] = []
        for field in fields:
            start = field.start
            for _ in range(2 if field.dialect == "dataview" else 1):
                start -= text.endswith(" ", 0, start)
            if spans and not text[spans[-1][1] : start].strip(" "):
                start, _ = spans.pop()
            spans.append((start, field.end))
        for start, end in spans:
            # A rule would take the text behind the gap for its own words: no tab is one of them.
            gap = "\t" if self._after_rule(start) and _RULE_WORD.match(text, end) else ""
            if (gap or start == 0) and text[end : self.body.block_id_start].strip(JS_SPACES):
                end += text.startswith(" ", end)
            yield self.box.body + start, self.box.body + end, gap

    def _after_rule(self, at: int) -> bool:
        rules = (f for f in self.body.found if f.name == "recurrence" and f.dialect == "emoji")
        return any(rule.start < at <= rule.end for rule in rules)

    def _added(self, name: str, now: date) -> Change | None:
        text = self.text[self.box.body :][: self.body.block_id_start]
        at = self.box.body + len(text.rstrip(JS_SPACES))
        dialect = self.body.found[-1].dialect if self.body.found else self.default_dialect
        if dialect not in dialects.WRITERS:
            dialect = self.default_dialect
        day = now.date() if isinstance(now, datetime) else now
        field = next(rule for rule in FIELDS if rule.name == name)
        if dialect == "emoji":
            return at, at, f" {field.emojis[0]} {day}"
        if dialect == "dataview":
            return at, at, f"  [{field.keys[0]}:: {day}]"
        added = dialects.added(name, dialect, now)
        return (at, at, added) if added else None
