"""Where the steps of a task go: below it, behind the steps that it has -> Splice.

They are indented and marked like those, else like other steps of the note, else like the task
itself with its text's indentation.

Rule: pure, and proven: of the places, the first counts where the note then has these steps more,
each below the right task, and everything else as before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from mdtasks.errors import RefusedError
from mdtasks.model import Interval, Note, Task
from mdtasks.read.boxes import Box, TooDeepError, outline
from mdtasks.read.fields import split_line
from mdtasks.read.front_matter import split_front_matter
from mdtasks.read.note import read_note
from mdtasks.settings import ReadSettings
from mdtasks.write import task_notes
from mdtasks.write.insertion import Inserted
from mdtasks.write.places import texts_of
from mdtasks.write.splice import Splice, changed, seen_in, splice_note

# What stands before a box: what is around the item, its mark, and the space behind that.
_PREFIX = re.compile(r"(.*?)([-+*]|[0-9]{1,9}[.)])([ \t]+)\Z")
_MARKS = re.compile(r"[^> \t]")
_ENDINGS = re.compile(rb"\r\n|\n|\r")
_LINE_END = re.compile(r"\r\n|\r")
_LARGEST_NUMBER = 999_999_999
_MOST_PLACES = 24
_CODE = 4  # columns; CommonMark 0.31, section 4.4
_CANARY = "canary"


class Step(NamedTuple):
    """A step from its box on, what stands below it, and how many steps of the same list it is
    inside of."""

    box: str
    depth: int = 0
    below: tuple[str, ...] = ()


class _Look(NamedTuple):
    """How a step's line begins: what is before its mark, the mark, the space behind it."""

    lead: str
    mark: str
    gap: str

    @classmethod
    def of(cls, line: str) -> _Look | None:
        box = split_line(line)
        match = _PREFIX.match(line[: box.box - 1]) if box else None
        return cls(*match.groups()) if match else None

    @property
    def around(self) -> str:
        """What a line below it begins with to be in the same items and quotes."""
        return _MARKS.sub(" ", self.lead)

    @property
    def inside(self) -> str:
        """What a line begins with that is indented as far as its text."""
        return self.around + " " * len(self.mark) + self.gap

    def following(self, number: int) -> _Look:
        """Return that of the item which comes `number` items behind it."""
        first = self.mark[:-1]
        if first.isdecimal() and int(first) + number <= _LARGEST_NUMBER:
            return self._replace(mark=f"{int(first) + number}{self.mark[-1]}")
        return self


class _Place(NamedTuple):
    """Before which line the steps go, from 0, and whether blank lines are above each."""

    at: int
    loose: bool
    first: _Look
    counts: bool  # whether the second step's number is the next one
    unit: str  # by which a step of a step is indented; "" is as far as its text


def insert_steps(
    path: str, data: bytes, task: Task, steps: Sequence[Step], read: ReadSettings
) -> Inserted:
    """Return what inserts steps below a task; `line` and `text` are those of the first.

    Raises ChangedUnderUsError where the task's line is not there any more, RefusedError where
    the note has no place for its steps.
    """
    texts, line = texts_of(data), task.source.line
    if task.dialect == task_notes.DIALECT:
        raise RefusedError(
            f"{path}: this task is a whole note, and every task in it is a step of it",
            f'add them there: mdtasks add "a step" --to "{path}"',
        )
    if texts[line - 1 : line] != [task.source.text]:
        raise changed(Splice(path, line, (task.source.text,), ()))
    before = read_note(path, data, read)
    box = _box(data, line)
    look = _Look.of(task.source.text)
    if box and look:
        for place in islice(_places(before, texts, box, look, line), _MOST_PLACES):
            inserted = _splice(path, data, texts, place, steps)
            if _is_proven(before, data, task, inserted, steps, read):
                return inserted
    raise RefusedError(
        f"{path}:{line}: there is no place below this task where these would be its steps; "
        "nothing was written",
        "look for a fence or a comment that is not closed there",
    )


def _box(data: bytes, line: int) -> Box | None:
    """Return the task's item; its lines count from 0."""
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    front, below = split_front_matter(_LINE_END.sub("\n", text))
    try:
        found = outline(below).boxes
    except TooDeepError:
        return None
    offset = len(front)
    boxes = (box._replace(line=box.line + offset, end=box.end + offset) for box in found)
    return next((box for box in boxes if box.line == line - 1), None)


# The places below a task


def _places(
    before: Note, texts: Sequence[str], box: Box, look: _Look, line: int
) -> Iterator[_Place]:
    """Yield the places, the best first."""
    children = [task for task in before.tasks if task.parent_line == line]
    own = [(t.source.line, found) for t in children if (found := _Look.of(t.source.text))]
    ends = list(dict.fromkeys(_ends(texts, box, look, own)))
    loose = len(own) > 1 and _is_blank(texts[own[-1][0] - 2])
    for end in ends:
        for first, counts, unit in _looks(before, texts, look, own):
            for blank in dict.fromkeys((loose, True)):
                yield _Place(end, blank, first, counts, unit)


def _ends(
    texts: Sequence[str], box: Box, look: _Look, own: Sequence[tuple[int, _Look]]
) -> Iterator[int]:
    """Yield where the task's item ends, where its last step's line does, and its own line's."""
    end = min(box.end, len(texts))
    # In a quote, a line without text is blank too.
    marks = "> \t" if ">" in look.lead else None
    while end > box.line + 1 and not texts[end - 1].strip(marks):
        end -= 1
    yield end
    if own:
        yield own[-1][0]
    yield box.line + 1


def _looks(
    before: Note, texts: Sequence[str], look: _Look, own: Sequence[tuple[int, _Look]]
) -> Iterator[tuple[_Look, bool, str]]:
    """Yield how the first step may begin, whether numbers count up, and the unit of the inner."""
    habits = _habits(before, texts)
    usual = look.inside.removeprefix(look.around)
    # Of the spaces behind a bare `>`, the first is the quote's.
    widths = [usual, f" {usual}"] if look.around.endswith(">") else [usual]
    if own:
        last, counts = _numbered([found for _, found in own])
        unit = last.around.removeprefix(look.around)
        yield last, counts, "" if unit.strip() else unit
    mark = "1" + look.mark[-1] if look.mark[0].isdecimal() else look.mark
    for unit in dict.fromkeys([*habits, *widths]):
        inner = unit if unit in habits else ""
        yield _Look(look.around + unit, mark, look.gap), True, inner
        yield _Look(look.around + unit, "-", " "), True, inner


def _numbered(own: Sequence[_Look]) -> tuple[_Look, bool]:
    """Return how one more item of a list begins, and whether its numbers count up."""
    last = own[-1]._replace(lead=own[-1].around)
    alike = [one for one in own if one.around == last.around and one.mark[-1] == last.mark[-1]]
    counts = len(alike) < 2 or alike[-2].mark != last.mark
    return last.following(1) if counts else last, counts


def _habits(before: Note, texts: Sequence[str]) -> list[str]:
    """Return by what the note indents: as most of its steps are, else with a tab if it has any."""
    lines = {task.source.line: task.source.text for task in before.tasks}
    pairs = ((lines.get(t.parent_line or 0), t.source.text) for t in before.tasks)
    looks = ((_Look.of(above), _Look.of(text)) for above, text in pairs if above)
    found: Counter[str] = Counter()
    for outer, inner in looks:
        if outer and inner and inner.around.startswith(outer.around):
            unit = inner.around.removeprefix(outer.around)
            found[unit] += bool(unit) and not unit.strip()
    units = [unit for unit, count in found.most_common() if count]
    return units or (["\t"] if any(text.startswith("\t") for text in texts) else [])


def _is_blank(text: str) -> bool:
    return not text.strip("> \t")


# The splice, and its proof


def _lines(place: _Place, steps: Sequence[Step]) -> Iterator[tuple[str, bool]]:
    """Yield the new lines, and whether each is that of a step."""
    looks: list[_Look] = []
    quote = place.first.around.rstrip(" \t")
    for step in steps:
        if step.depth < len(looks):
            del looks[step.depth + 1 :]
            last = looks[step.depth]
            look = last.following(1) if place.counts or step.depth else last
            looks[step.depth] = look
        elif not looks:
            looks.append(place.first)
        else:
            inner, mark = looks[-1], looks[-1].mark
            mark = "1" + mark[-1] if mark[0].isdecimal() else mark
            looks.append(_Look(_inner(inner, place.unit), mark, inner.gap))
        look = looks[-1]
        if place.loose:
            yield quote, False
        yield look.lead + look.mark + look.gap + step.box, True
        # Where a note is indented with tabs, its text is too.
        below = _inner(look, place.unit) if place.unit.startswith("\t") else look.inside
        for text in step.below:
            yield (below + text if text else quote), False


def _inner(look: _Look, unit: str) -> str:
    """Return what a step of a step has before its mark: the unit, if it reaches below the text
    and not so far that it would be code."""
    wanted = len(look.mark + look.gap)
    is_fine = wanted <= len(unit.expandtabs(4)) < wanted + _CODE
    return look.around + (unit if is_fine else " " * wanted)


def _splice(
    path: str, data: bytes, texts: Sequence[str], place: _Place, steps: Sequence[Step]
) -> Inserted:
    found = [*_lines(place, steps)]
    new = tuple(line for line, _ in found)
    first = next(n for n, (_, is_step) in enumerate(found) if is_step)
    at, endings = place.at, _ENDINGS.findall(data)
    if at == len(texts) and len(endings) < len(texts):
        # The last line has no end: the way back is certain only with that line in the splice.
        splice = Splice(path, at, (texts[-1],), (texts[-1], *new))
        return Inserted(seen_in(splice, texts), at + 1 + first, new[first])
    around = (texts[at - 1], texts[at] if at < len(texts) else None)
    splice = Splice(path, at + 1, (), new, around, endings[at - 1].decode())
    return Inserted(splice, at + 1 + first, new[first])


def _is_proven(
    before: Note,
    data: bytes,
    task: Task,
    inserted: Inserted,
    steps: Sequence[Step],
    read: ReadSettings,
) -> bool:
    """Whether the note then has these steps more, and all else of it as it was."""
    splice = inserted.splice
    result = splice_note(data, [splice])
    if splice_note(result.data, result.back).data != data:
        return False
    after = read_note(before.path, result.data, read)
    above, count = splice.line - 1 + len(splice.before), len(splice.after) - len(splice.before)
    new = [t for t in after.tasks if above < t.source.line <= above + count]
    if not _are_steps(new, task, steps):
        return False
    others = [t for t in after.tasks if not above < t.source.line <= above + count]
    # A parent without an estimate has the sum of its steps'.
    changing = _lineage(before.tasks, task)
    wanted = [_told(_moved(t, above, count), t.source.line in changing) for t in before.tasks]
    told = [_told(t, t.source.line in changing) for t in others]
    times = [_moved_interval(each, above, count) for each in before.intervals]
    if told != wanted or list(after.intervals) != times:
        return False
    # What stands below it one day is to be read too.
    rows = result.data.splitlines(keepends=True)
    canary = f"\n\n- [ ] {_CANARY} {read.global_filter}\n".encode()
    below = read_note(before.path, b"".join(rows[: above + count]) + canary, read)
    return below.tasks[-1].text.startswith(_CANARY)


def _are_steps(new: Sequence[Task], task: Task, steps: Sequence[Step]) -> bool:
    """Whether the tasks are the steps, one for one, each below the right one."""
    lines: dict[int, int] = {-1: task.source.line}
    for found, step in zip(new, steps, strict=False):
        if not found.source.text.endswith(step.box) or found.brief != "\n".join(step.below).strip():
            return False
        if found.parent_line != lines.get(step.depth - 1):
            return False
        lines[step.depth] = found.source.line
    return len(new) == len(steps)


def _lineage(tasks: Iterable[Task], task: Task) -> set[int]:
    """Return the lines of a task and of those that it is a step of."""
    parents: Mapping[int, int | None] = {t.source.line: t.parent_line for t in tasks}
    found: set[int] = set()
    line: int | None = task.source.line
    while line is not None:
        found.add(line)
        line = parents.get(line)
    return found


def _told(task: Task, without_estimate: bool) -> Task:
    return task._replace(estimate=None) if without_estimate else task


def _moved(task: Task, last: int, by: int) -> Task:
    """Return the task with its lines as they are once `by` lines more stand behind line `last`."""
    if task.source.line > last:
        task = task._replace(source=task.source._replace(line=task.source.line + by))
    if task.parent_line and task.parent_line > last:
        task = task._replace(parent_line=task.parent_line + by)
    return task


def _moved_interval(each: Interval, last: int, by: int) -> Interval:
    if each.source.line > last:
        each = each._replace(source=each.source._replace(line=each.source.line + by))
    if each.task_line and each.task_line > last:
        each = each._replace(task_line=each.task_line + by)
    return each
