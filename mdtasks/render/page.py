"""The day's page as plain values, which a template only has to write down.

Rule: the same day as `render/terminal.py`, in the same words. No HTML here; every text is one
line without control characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from mdtasks.dates import format_duration
from mdtasks.model import Block, Kind, Priority, Status, Task, Today, Unplaced
from mdtasks.render.clean import for_terminal
from mdtasks.render.handed import is_past, more, to_ask, when
from mdtasks.render.links import NoteLink, Piece, pieces
from mdtasks.render.page_strip import Strip, strip
from mdtasks.render.pen import counted
from mdtasks.render.praise import balance, praise, progress
from mdtasks.render.terminal import ROLLED_FROM, Show, note_name, pressing, rolled_words, summary

# A line may have 64 KB; nobody reads more of it on a page.
_LONGEST = 400
_PRIORITIES = frozenset({Priority.HIGHEST, Priority.HIGH, Priority.MEDIUM})


class Row(NamedTuple):
    """A task. `mark` is the digest of its line as it is shown; `chips` are words on it, each with
    the style that they have."""

    uid: str
    key: str
    mark: str
    is_open: bool
    symbol: str
    text: tuple[Piece, ...]
    note: str
    link: str
    priority: str = ""
    chips: tuple[tuple[str, str], ...] = ()


class Card(NamedTuple):
    """A block. `start` and `end` are in milliseconds since the epoch, as browsers count; `when`
    is past, now or ahead; `ends` is "" for a whole day. The tasks of a batch are `rows`; a single
    one is the block itself."""

    start: int
    end: int
    begins: str
    ends: str
    length: str
    kind: str
    when: str
    title: tuple[Piece, ...]
    reason: str
    late: bool
    task: Row | None
    rows: tuple[Row, ...]


class Choice(NamedTuple):
    """A command for a task that moved on too often, and what it is for."""

    command: str
    words: str


class Page(NamedTuple):
    """All of a day. `now` is in milliseconds, None where the day is another; `small` are the
    tasks that stand in no block; `left` are those that found no place, with the reason among their
    chips. `ask` has what to ask others about, which a tick would not tell; `waiting` what one
    waits for."""

    date: str
    title: str
    summary: str
    progress: str
    praise: str
    now: int | None
    strip: Strip | None
    cards: tuple[Card, ...]
    small: tuple[Row, ...]
    left: tuple[Row, ...]
    ask: tuple[Row, ...]
    waiting: tuple[Row, ...]
    waiting_more: str
    decide: tuple[Row, ...]
    choices: tuple[Choice, ...]
    overdue: str
    done: tuple[Row, ...]
    notices: tuple[str, ...]
    is_empty: bool


class Look(NamedTuple):
    """How to show: days and clock, the moment it is, what opens a note, what marks a line."""

    show: Show
    now: datetime
    link: NoteLink
    mark: Callable[[Task], str]


def page(value: Today, tasks: Mapping[str, Task], look: Look, notices: Iterable[str] = ()) -> Page:
    """Return the page of a day; `tasks` holds, by uid, every task that the day names."""
    rolled = {each.task: rolled_words(each) for each in value.rolled if each.times >= ROLLED_FROM}
    cards = tuple(_card(block, tasks, rolled, look) for block in value.blocks)
    batches = [block for block in value.blocks if block.kind is Kind.MICRO]
    batched = {uid for block in batches for uid in block.tasks}
    small = [task for task in value.micro if task.uid not in batched]
    is_today = value.date == look.show.today
    asked = [tasks[uid] for uid in value.decide if uid in tasks]
    far = progress(value, tasks) if look.show.praise and is_today else None
    return Page(
        date=value.date.isoformat(),
        title=look.show.day(value.date),
        summary=" · ".join(summary(value)),
        progress=balance(far) if far else "",
        praise=one_line(praise(far)) if far else "",
        now=_ms(look.now) if is_today else None,
        strip=strip(value.blocks, look.show, look.now if is_today else None),
        cards=cards,
        small=tuple(_row(task, look, rolled) for task in small),
        left=tuple(_left(value.unplaced, tasks, rolled, look)),
        ask=tuple(_row(task, look, {}) for task in to_ask(value.asked)),
        waiting=tuple(_waiting(task, look) for task in value.waiting),
        waiting_more=f"and {more(value)}" if value.waiting_more else "",
        decide=tuple(_row(task, look, rolled) for task in asked),
        choices=tuple(_choices(asked[0].key)) if asked else (),
        overdue=_overdue(value),
        done=tuple(_row(task, look, {}) for task in value.done),
        notices=tuple(map(one_line, notices)),
        is_empty=not any(
            (cards, value.micro, value.overdue, value.unplaced, value.asked, value.waiting)
        ),
    )


def _card(block: Block, tasks: Mapping[str, Task], rolled: Mapping[str, str], look: Look) -> Card:
    named = [tasks[uid] for uid in block.tasks if uid in tasks]
    alone = _row(named[0], look, rolled) if len(block.tasks) == 1 and named else None
    is_batch = len(block.tasks) > 1
    title = counted(len(named), "small task") if is_batch else block.title
    all_day = look.show.times(block) == "all day"
    when = "past" if block.end <= look.now else "now" if block.start <= look.now else "ahead"
    return Card(
        start=_ms(block.start),
        end=_ms(block.end),
        begins="all day" if all_day else look.show.clock(block.start),
        ends="" if all_day else look.show.clock(block.end),
        length="" if all_day else format_duration(block.end - block.start),
        kind=block.kind.value,
        when=when,
        title=alone.text if alone else pieces(one_line(title), look.link),
        reason=one_line(block.reason),
        late=block.late,
        task=alone,
        rows=tuple(_row(task, look, rolled) for task in named) if is_batch else (),
    )


def _row(task: Task, look: Look, rolled: Mapping[str, str], reason: str = "") -> Row:
    return Row(
        uid=task.uid,
        key=task.key,
        mark=look.mark(task),
        is_open=task.is_open,
        symbol="" if task.symbol in " xX" else one_line(task.symbol),
        text=pieces(one_line(task.text or task.source.text.strip()), look.link),
        note=one_line(note_name(task)),
        link=look.link(task.source.path),
        priority=task.priority.value if task.priority in _PRIORITIES else "",
        chips=tuple(_chips(task, look, rolled.get(task.uid, ""), reason)),
    )


def _chips(task: Task, look: Look, rolled: str, reason: str) -> Iterator[tuple[str, str]]:
    if reason:
        yield one_line(reason), "reason"
    if not task.is_open:
        return
    if task.status is Status.IN_PROGRESS:
        yield "in progress", "started"
    if task.estimate:
        yield format_duration(task.estimate), "length"
    words, style = pressing(task, look.show.today)
    if words:
        yield words, "late" if style == "red" else "date"
    if rolled:
        yield rolled, "rolled"


def _waiting(task: Task, look: Look) -> Row:
    today = look.show.today
    style = "late" if is_past(task, today) else "date"
    chips = ((one_line(task.assignee or ""), "reason"), (when(task, look.show.near), style))
    return _row(task, look, {})._replace(chips=chips)


def _left(
    unplaced: Sequence[Unplaced],
    tasks: Mapping[str, Task],
    rolled: Mapping[str, str],
    look: Look,
) -> Iterator[Row]:
    for entry in unplaced:
        if task := tasks.get(entry.task):
            yield _row(task, look, rolled, entry.reason)


def _choices(key: str) -> Iterator[Choice]:
    yield Choice(f"mdtasks edit {key}", "split it into steps of minutes")
    yield Choice(f'mdtasks postpone {key} "next week"', "or another day")
    yield Choice(f"mdtasks hand {key} NAME", "hand it over")
    yield Choice(f"mdtasks cancel {key}", "drop it")


def _overdue(value: Today) -> str:
    if not value.overdue:
        return ""
    one = value.overdue == 1
    return (
        f"{counted(value.overdue, 'overdue task')} {'is' if one else 'are'} in none of these lists"
    )


def one_line(text: str) -> str:
    """Return the text on one line, with control characters made visible.

    Bidi controls stay: the template isolates every text.
    """
    clean = for_terminal(text.replace("\n", " ").replace("\t", " "), tty=False)
    return clean if len(clean) <= _LONGEST else f"{clean[:_LONGEST].rstrip()}…"


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
