"""Where a line of the time log goes, and how it gets its end: bytes -> Splice.

A line goes to its time of the day among the others, with their mark and their indentation; the
heading is made where there is none.

Rule: pure, and proven: of the places, the first counts where the note then has one interval more,
that very one, and everything else as before. What was begun by hand is ended as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from mdtasks.errors import RefusedError
from mdtasks.model import Interval, Note, Task
from mdtasks.read.blocks import TooDeepError, heading_of, parse
from mdtasks.read.front_matter import end_of_front_matter
from mdtasks.read.log_lines import Item, items_below
from mdtasks.read.log_times import moments
from mdtasks.read.note import read_note
from mdtasks.settings import ReadSettings
from mdtasks.write import task_notes
from mdtasks.write.insertion import Inserted
from mdtasks.write.places import texts_of
from mdtasks.write.splice import Splice, changed, neighbours, seen_in, splice_note

_ITEM = re.compile(r"( {0,3})([-+*]|[0-9]{1,9}[.)])([ \t]{1,4})(?=\S)")
_NO_TEXT = re.compile(r"[ \t]*(?:[-+*>]|[0-9]{1,9}[.)]|#{1,6}[ \t]|<!--|```|~~~)")
_ENDINGS = re.compile(rb"\r\n|\n|\r")
_BULLET = "- "
_LARGEST_NUMBER = 999_999_999
_CANARY = "canary"


class Entry(NamedTuple):
    """What a line is to say; `ends` is None for a clock that runs, and may be on the next day."""

    day: date
    begins: time
    ends: time | None
    text: str

    @property
    def moments(self) -> tuple[datetime, datetime | None]:
        start = datetime.combine(self.day, self.begins)
        if self.ends is None:
            return start, None
        end = datetime.combine(self.day, self.ends)
        return start, end if end >= start else end + timedelta(days=1)

    def lines(self) -> tuple[str, str]:
        """Return the ways to write it; in the second no number of the text is taken for a time."""
        ends = f" {self.ends:%H:%M}" if self.ends else ""
        times = f"{self.begins:%H:%M} -{ends}"
        return f"{times} {self.text}", f"{times}: {self.text}"


class _Place(NamedTuple):
    """Before which line the new ones go, what is above the entry, how it begins, what is below."""

    at: int
    above: tuple[str, ...]
    prefix: str
    below: tuple[str, ...] = ()


def insert(path: str, data: bytes, entry: Entry, read: ReadSettings) -> Inserted:
    """Return what adds the entry to its day's note, which may be empty.

    Raises RefusedError where the note has no place for it.
    """
    before, texts = read_note(path, data, read), texts_of(data)
    try:
        places = [*_places(texts, entry, read)]
    except TooDeepError:
        places = []
    for place in places:
        for words in entry.lines():
            inserted = _splice(path, data, texts, place, words)
            if _is_proven(before, data, inserted, entry, read):
                return inserted
    raise RefusedError(
        f"{path}: no line there would be read as {entry.lines()[0]}; nothing was written",
        "is it a daily note (`read.daily_notes`), and every fence and comment in it closed?",
    )


def end(path: str, data: bytes, interval: Interval, ends: time, read: ReadSettings) -> Splice:
    """Return what ends an interval that runs on; its times stay as they are written.

    Raises ChangedUnderUsError where its line is not there, RefusedError where it cannot be ended.
    """
    texts, at = texts_of(data), interval.source.line - 1
    splice = Splice(path, at + 1, (interval.source.text,), ())
    if at >= len(texts) or texts[at] != interval.source.text:
        raise changed(splice)
    first = end_of_front_matter(texts) if texts else 0
    items = items_below(read.log_heading, texts[first:])
    item = next((item for item in items if first + item.line == at), None)
    if item is None:
        raise changed(splice)
    splice = seen_in(replace(splice, after=(_ended(texts[at], item.times, ends),)), texts)
    start = interval.start.replace(tzinfo=None)
    _, until = Entry(start.date(), start.time(), ends, "").moments
    wanted = [
        each._replace(end=until, source=each.source._replace(text=splice.after[0]))
        if each.source.line == at + 1
        else each
        for each in read_note(path, data, read).intervals
    ]
    if [*read_note(path, splice_note(data, [splice]).data, read).intervals] != wanted:
        raise RefusedError(
            f"{path}:{at + 1}: this line cannot be ended; nothing was written",
            "write behind the dash when it ended",
        )
    return splice


def together(data: bytes, ends: Sequence[Splice], inserted: Inserted) -> list[Splice]:
    """Return the splices of one note; `inserted` is for the note in which the `ends` are written
    already, and that has the same lines otherwise."""
    new, texts = inserted.splice, texts_of(data)
    if not new.before:
        around = neighbours(texts, new.line - 1, 0)
        return [*ends, replace(new, around=around)]
    # The last line, which had no end: the entry stands in one splice with it.
    others = [each for each in ends if each.line != new.line]
    return [*others, seen_in(replace(new, before=(texts[new.line - 1],)), texts)]


# How a time is written


def _ended(line: str, times: str, ends: time) -> str:
    head, _, rest = line.partition(times)
    begins = times.rstrip("-–—")
    gap = " " if begins != begins.rstrip() else ""
    return f"{head}{times}{gap}{_like(begins.strip(), ends)}{rest}"


def _like(written: str, clock: time) -> str:
    """Return a time as another is written: 13:50 or 1:50pm."""
    if "m" in written.lower():
        half = "am" if clock.hour < 12 else "pm"
        return f"{clock:%I:%M}{half}".lstrip("0")
    return f"{clock:%H:%M}"


# The places for a line


def _places(texts: Sequence[str], entry: Entry, read: ReadSettings) -> Iterator[_Place]:
    """Yield the places, the best first. Raises TooDeepError."""
    first = end_of_front_matter(texts) if texts else 0
    items = items_below(read.log_heading, texts[first:])
    items = [item._replace(line=first + item.line) for item in items]
    if items:
        yield from _among(texts, items, entry)
    yield from _below_heading(texts, first, read)
    gap = ("",) if texts and texts[-1].strip() else ()
    yield _Place(len(texts), (*gap, _heading(read), ""), _BULLET)


def _heading(read: ReadSettings) -> str:
    return f"## {read.log_heading}"


def _among(texts: Sequence[str], items: Sequence[Item], entry: Entry) -> Iterator[_Place]:
    """Yield the place behind the last that begins no later, or else before the first."""
    starts = [found[0] if (found := moments(entry.day, item.times)) else None for item in items]
    earlier = [n for n, start in enumerate(starts) if start and start <= entry.moments[0]]
    is_loose = len(items) > 1 and not texts[items[1].line - 1].strip()
    gap = ("",) if is_loose else ()
    if earlier:
        yield _behind_item(texts, items[earlier[-1]].line, gap)
    elif match := _ITEM.match(texts[items[0].line]):
        yield _Place(items[0].line, (), match[0], gap)
    yield _behind_item(texts, items[-1].line, gap)


def _behind_item(texts: Sequence[str], line: int, gap: tuple[str, ...]) -> _Place:
    match = _ITEM.match(texts[line])
    prefix = match[1] + _next(match[2]) + match[3] if match else _BULLET
    return _Place(_end_of_item(texts, line), gap, prefix)


def _end_of_item(texts: Sequence[str], line: int) -> int:
    """Return the line below an item and its remarks."""
    match = _ITEM.match(texts[line])
    content = len(match[0].expandtabs(4)) if match else 2
    last, after_blank = line, False
    for at in range(line + 1, len(texts)):
        bare = texts[at].lstrip(" \t")
        if not bare:
            after_blank = True
            continue
        column = len(texts[at][: len(texts[at]) - len(bare)].expandtabs(4))
        goes_on = not after_blank and not _NO_TEXT.match(texts[at])
        if column < content and not goes_on:
            break
        last, after_blank = at, False
    return last + 1


def _next(mark: str) -> str:
    number = mark[:-1]
    if not number.isdecimal() or int(number) >= _LARGEST_NUMBER:
        return mark
    return f"{int(number) + 1}{mark[-1]}"


def _below_heading(texts: Sequence[str], first: int, read: ReadSettings) -> Iterator[_Place]:
    """Yield the places below the heading of the log: at the end of what stands there, with the
    marks of a list, and right below it."""
    at, stop = _section(texts, first, read)
    if at is None:
        return
    last = max((n for n in range(at, stop) if texts[n].strip()), default=at - 1)
    is_apart = last + 1 >= len(texts) or not texts[last + 1].strip()
    if last >= at:
        items = [n for n in range(at, last + 1) if _ITEM.match(texts[n])]
        if items:
            yield _behind_item(texts, items[-1], ())
        yield _Place(last + 1, ("",), _BULLET, () if is_apart else ("",))
    below = at < len(texts) and not texts[at].strip()
    yield _Place(at, ("",) if below else (), _BULLET)
    yield _Place(at, ("",), _BULLET, ("",))


def _section(texts: Sequence[str], first: int, read: ReadSettings) -> tuple[int | None, int]:
    """Return the line below the heading of the log, None without one, and that of the next."""
    at = None
    tokens = parse(texts[first:])
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            if at is not None:
                return at, first + token.map[0]
            name = heading_of(tokens[index + 1].content) or ""
            if name.strip().casefold() == read.log_heading.strip().casefold():
                at = first + token.map[1]
    return at, len(texts)


# The splice, and its proof


def _splice(path: str, data: bytes, texts: Sequence[str], place: _Place, words: str) -> Inserted:
    line = place.prefix + words
    new = (*place.above, line, *place.below)
    at, own = min(place.at, len(texts)), 1 + len(place.above)
    endings = _ENDINGS.findall(data)
    if texts and at == len(texts) and len(endings) < len(texts):
        # The last line has no end: the way back is certain only with that line in the splice.
        splice = Splice(path, at, (texts[-1],), (texts[-1], *new))
    else:
        ending = endings[at - 1 if at else 0].decode() if endings else "\n"
        splice = Splice(path, at + 1, (), new, neighbours(texts, at, 0), ending)
    return Inserted(splice, at + own, line)


def _is_proven(
    before: Note, data: bytes, inserted: Inserted, entry: Entry, read: ReadSettings
) -> bool:
    """Whether the note then has that one interval more, and all else of it as it was."""
    splice, line = inserted.splice, inserted.line
    result = splice_note(data, [splice])
    if splice_note(result.data, result.back).data != data:
        return False
    after = read_note(before.path, result.data, read)
    last, added = splice.line - 1 + len(splice.before), len(splice.after) - len(splice.before)
    own = [each for each in after.intervals if each.source.line == line]
    others = [each for each in after.intervals if each.source.line != line]
    wanted = Interval(*entry.moments, own[0].source, entry.text) if own else None
    if own != [wanted] or others != [_moved(each, last, added) for each in before.intervals]:
        return False
    # A note that is a task has all that is in it for its brief.
    skipped = int(any(task.dialect == task_notes.DIALECT for task in before.tasks[:1]))
    tasks = [_moved_task(task, last, added) for task in before.tasks]
    if [*after.tasks[skipped:]] != tasks[skipped:] or len(after.tasks) != len(tasks):
        return False
    if len(after.problems) != len(before.problems):
        return False
    # What stands below it one day is to be read too.
    rows = result.data.splitlines(keepends=True)
    canary = f"\n\n- [ ] {_CANARY} {read.global_filter}\n".encode()
    below = read_note(before.path, b"".join(rows[:line]) + canary, read)
    return bool(below.tasks) and below.tasks[-1].text.startswith(_CANARY)


def _moved(each: Interval, last: int, by: int) -> Interval:
    """Return the interval as it is once `by` lines more stand behind line `last`."""
    owner = each.task_line
    if each.source.line > last:
        each = each._replace(source=each.source._replace(line=each.source.line + by))
    return each._replace(task_line=owner + by) if owner and owner > last else each


def _moved_task(task: Task, last: int, by: int) -> Task:
    parent = task.parent_line
    if task.source.line > last:
        task = task._replace(source=task.source._replace(line=task.source.line + by))
    return task._replace(parent_line=parent + by) if parent and parent > last else task
