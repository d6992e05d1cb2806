"""Where a new line belongs in a note: bytes -> Splice.

It goes to the end of a list, as one more item of it, else behind the last block of its section as
a list of its own. On a Kanban board a card goes to the end of the lane that is named, else of
the first.

Rule: pure, and proven: of the places, the first counts where the note then has one task more,
that very one, and everything else as before. So nothing lands in a fence, a comment, the front
matter, or the section that mdtasks itself rewrites.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mdtasks.errors import RefusedError, UsageError
from mdtasks.model import Note, Task
from mdtasks.read.blocks import TooDeepError, comment_marks, heading_of, parse
from mdtasks.read.front_matter import end_of_front_matter
from mdtasks.read.note import SECTION_END, SECTION_START, read_note
from mdtasks.settings import ReadSettings
from mdtasks.write import task_notes
from mdtasks.write.places import texts_of
from mdtasks.write.splice import Splice, splice_note

# Line from the box on, by the dialect that the note speaks.
Compose = Callable[[str], str]

_ITEM = re.compile(r"( {0,3})([-+*]|[0-9]{1,9}[.)])([ \t]{1,4})(?=\S)")
_ENDINGS = re.compile(rb"\r\n|\n|\r")
_BOARD = re.compile(r"kanban-plugin[ \t]*:")
_BOARD_SETTINGS = "%% kanban:settings"
_MOST_PLACES = 12
_LARGEST_NUMBER = 999_999_999
_CANARY = "canary"


class _Block(NamedTuple):
    """A block at the top level of a note: lines [start, end), from 0, no blank one at its end."""

    kind: str
    start: int
    end: int
    title: str = ""
    level: int = 0

    @property
    def is_list(self) -> bool:
        return self.kind in ("bullet_list_open", "ordered_list_open")


class _Place(NamedTuple):
    """Before which line the new one goes, how it begins, and whether blank ones are around it."""

    at: int
    blank: bool
    prefix: str
    blank_below: bool = False


class Inserted(NamedTuple):
    """The splice that inserts, and where the task's line stands then, from 1."""

    splice: Splice
    line: int
    text: str


def insert(
    path: str, data: bytes, heading: str | None, write: Compose, read: ReadSettings
) -> Inserted:
    """Return what inserts a task into a note.

    Raises UsageError for a heading that the note does not have, RefusedError where the note has
    no place for it.
    """
    before = read_note(path, data, read)
    texts = texts_of(data)
    try:
        blocks = _blocks(texts)
    except TooDeepError:
        blocks = []
    lines = frozenset(task.source.line - 1 for task in before.tasks)
    is_board = _is_board(texts)
    if is_board:
        blocks = _above_settings(blocks, texts)
    section = _section(path, blocks, heading)
    if is_board and heading is None:
        section = _first_lane(path, section)
    box = write(dialect_of(before, read))
    is_titled = is_board or heading is not None
    for place in _places(texts, section, is_titled, lines)[:_MOST_PLACES]:
        inserted = _splice(path, data, texts, place, box)
        if _is_proven(before, data, inserted, read):
            return inserted
    if before.problems:
        problem = before.problems[0]
        raise RefusedError(f"{path}: {problem.message}; nothing was written", problem.hint)
    where = f" below {heading}" if heading else ""
    raise RefusedError(
        f"{path}: there is no place{where} where this would be a task; nothing was written",
        "look for a fence or a comment that is not closed there",
    )


def new_note(write: Compose, read: ReadSettings) -> str:
    """Return the one line of a note that is made for it."""
    return f"- {write(dialect_of(Note('', b''), read))}"


def dialect_of(note: Note, read: ReadSettings) -> str:
    """Return what most of the note's tasks are written in, else the first that is read."""
    spoken = Counter(task.dialect for task in note.tasks if task.dialect in _WRITTEN)
    usual = next((name for name in _WRITTEN if name in read.dialects), "")
    return next((name for name, _ in spoken.most_common(1) if name), usual)


_WRITTEN = ("emoji", "dataview", "noteplan", "todotxt")


# The blocks of a note


def _blocks(texts: Sequence[str]) -> list[_Block]:
    """Return the blocks that a line may stand behind. Raises TooDeepError."""
    offset = end_of_front_matter(texts) if texts else 0
    tokens = parse(texts[offset:])
    marks = [offset + line for line in comment_marks(tokens)]
    found: list[_Block] = []
    for index, token in enumerate(tokens):
        if token.level or not token.map or token.nesting < 0:
            continue
        start, end = (offset + line for line in token.map)
        while end > start and not texts[min(end, len(texts)) - 1].strip():
            end -= 1
        if token.type == "heading_open":
            title = heading_of(tokens[index + 1].content) or ""
            found.append(_Block(token.type, start, end, title, int(token.tag[1:])))
        else:
            # A list that a comment begins or ends in is not gone on with.
            commented = bisect_left(marks, start) < bisect_left(marks, end)
            found.append(_Block("comment" if commented else token.type, start, end))
    found = _without_sections(found, texts)
    # Below an odd number of marks, a line is in a comment.
    found = [block for block in found if bisect_left(marks, block.end) % 2 == 0]
    return found or [_Block("front", 0, offset)]


def _without_sections(blocks: Sequence[_Block], texts: Sequence[str]) -> list[_Block]:
    """Return the blocks outside of the managed sections; the mark at an end stays one."""
    kept: list[_Block] = []
    inside = False
    for block in blocks:
        marks = [texts[n].strip() for n in range(block.start, min(block.end, len(texts)))]
        html = block.kind == "html_block"
        if html and SECTION_END in marks:
            inside = False
        elif html and SECTION_START in marks:
            inside = True
        if not inside:
            kept.append(block)
    return kept


def _section(path: str, blocks: Sequence[_Block], heading: str | None) -> list[_Block]:
    """Return the blocks from the heading up to the next one; without a heading, all."""
    if heading is None:
        return list(blocks)
    headings = [block for block in blocks if block.kind == "heading_open"]
    wanted = " ".join(heading.lstrip("#").split())
    found = [block for block in headings if block.title == wanted]
    found = found or [b for b in headings if b.title.casefold() == wanted.casefold()]
    if len(found) != 1:
        titles = "\n      ".join(f"{'#' * block.level} {block.title}" for block in headings)
        many = f"{len(found)} headings are" if found else "no heading is"
        hint = titles or "the note has no headings; leave --heading out"
        raise UsageError(f"{path}: {many} called {wanted}", hint)
    first = blocks.index(found[0])
    rest = [n for n in range(first + 1, len(blocks)) if blocks[n].kind == "heading_open"]
    return list(blocks[first : rest[0] if rest else len(blocks)])


# A board of Obsidian's Kanban plugin: what is outside of its lanes, the plugin drops


def _is_board(texts: Sequence[str]) -> bool:
    """Whether the front matter says `kanban-plugin:`, as the plugin asks for."""
    end = end_of_front_matter(texts) if texts else 0
    return any(_BOARD.match(text) for text in texts[:end])


def _above_settings(blocks: Sequence[_Block], texts: Sequence[str]) -> list[_Block]:
    """Return the blocks above the comment at the end that holds the board's settings."""
    starts = (n for n, text in enumerate(texts) if text.startswith(_BOARD_SETTINGS))
    end = next(starts, len(texts))
    return [block for block in blocks if block.end <= end]


def _first_lane(path: str, blocks: Sequence[_Block]) -> list[_Block]:
    """Return the blocks of the first lane; the archive, below a rule, is none."""
    kinds = [block.kind for block in blocks]
    rule = kinds.index("hr") if "hr" in kinds else len(kinds)
    lanes = [n for n in range(rule) if kinds[n] == "heading_open"]
    if not lanes:
        raise RefusedError(
            f"{path}: this board has no list for a card; nothing was written",
            "add a list to it in Obsidian, or name another note",
        )
    return list(blocks[lanes[0] : lanes[1] if len(lanes) > 1 else rule])


# The places in it


def _places(
    texts: Sequence[str], section: Sequence[_Block], titled: bool, lines: frozenset[int]
) -> list[_Place]:
    """Return the places, the best first."""
    holds_tasks = (
        block
        for block in reversed(section)
        if block.is_list and any(block.start <= line < block.end for line in lines)
    )
    best = next(holds_tasks, None) if titled else None
    bullet = _bullet(texts, lines)
    places = [_in_list(texts, best)] if best else []
    places += (
        _in_list(texts, block) if block.is_list else _behind(texts, block, bullet)
        for block in reversed(section)
    )
    return places or [_Place(0, False, bullet)]


def _in_list(texts: Sequence[str], block: _Block) -> _Place:
    """Return the place of one more item, with the marks of the last."""
    items = [(n, m) for n in range(block.start, block.end) if (m := _ITEM.match(texts[n]))]
    first = _ITEM.match(texts[block.start])
    # An inner item is indented at least as far as the text of the one around it.
    width = len(first[1]) + len(first[2]) if first else 0
    own = [(n, m) for n, m in items if len(m[1]) <= width]
    if not own:
        return _Place(block.end, False, "- ")
    at, match = own[-1]
    loose = len(own) > 1 and not texts[at - 1].strip()
    all_alike = len(own) > 1 and own[-2][1][2] == match[2]
    mark = match[2] if all_alike else _next(match[2])
    return _Place(block.end, loose, match[1] + mark + match[3])


def _next(mark: str) -> str:
    number = mark[:-1]
    if not number.isdecimal() or int(number) >= _LARGEST_NUMBER:
        return mark
    return f"{int(number) + 1}{mark[-1]}"


def _behind(texts: Sequence[str], block: _Block, bullet: str) -> _Place:
    """Return the place behind a block: below a blank line, but right below a heading that has
    none."""
    following = texts[block.end].strip() if block.end < len(texts) else "end"
    if block.kind == "front":
        return _Place(block.end, False, bullet, bool(following) and block.end < len(texts))
    blank = block.kind != "heading_open" or not following
    return _Place(block.end, blank, bullet)


def _bullet(texts: Sequence[str], lines: frozenset[int]) -> str:
    """Return the mark that the note's tasks have, with the space behind it."""
    found = (_ITEM.match(texts[line]) for line in sorted(lines))
    marks = Counter(m[2] + m[3] for m in found if m and not m[2][0].isdecimal())
    return next((mark for mark, _ in marks.most_common(1)), "- ")


# The splice, and its proof


def _splice(path: str, data: bytes, texts: Sequence[str], place: _Place, box: str) -> Inserted:
    line = place.prefix + box
    new = ("",) * place.blank + (line,) + ("",) * place.blank_below
    at = min(place.at, len(texts))
    endings = _ENDINGS.findall(data)
    if texts and at == len(texts) and len(endings) < len(texts):
        # The last line has no end: the way back is certain only with that line in the splice.
        last = texts[-1]
        return Inserted(Splice(path, at, (last,), (last, *new)), at + 1 + place.blank, line)
    around = (texts[at - 1] if at else None, texts[at] if at < len(texts) else None)
    ending = endings[at - 1 if at else 0].decode() if endings else "\n"
    splice = Splice(path, at + 1, (), new, around, ending)
    return Inserted(splice, at + 1 + place.blank, line)


def _is_proven(before: Note, data: bytes, inserted: Inserted, read: ReadSettings) -> bool:
    """Whether the note then has that one task more, and all else of it as it was."""
    splice, line = inserted.splice, inserted.line
    result = splice_note(data, [splice])
    if splice_note(result.data, result.back).data != data:
        return False
    after = read_note(before.path, result.data, read)
    at, added = splice.line - 1 + len(splice.before), len(splice.after) - len(splice.before)
    # A note that is a task has all others as its steps.
    above = [task for task in before.tasks[:1] if task.dialect == task_notes.DIALECT]
    own = [task for task in after.tasks if task.source.line == line]
    others = [task for task in after.tasks if task.source.line != line]
    moved = [_moved(task, at, added) for task in before.tasks]
    if len(own) != 1 or own[0].parent_line not in (None, *(t.source.line for t in above)):
        return False
    if others[len(above) :] != moved[len(above) :]:
        return False
    # What stands below it one day is to be read too.
    rows = result.data.splitlines(keepends=True)
    canary = f"\n\n- [ ] {_CANARY} {read.global_filter}\n".encode()
    below = read_note(before.path, b"".join(rows[:line]) + canary, read)
    return below.tasks[-1].text.startswith(_CANARY)


def _moved(task: Task, last: int, by: int) -> Task:
    """Return the task with its lines as they are once `by` lines more stand behind line `last`."""
    parent = task.parent_line
    if task.source.line > last:
        task = task._replace(source=task.source._replace(line=task.source.line + by))
    if parent and parent > last:
        task = task._replace(parent_line=parent + by)
    return task
