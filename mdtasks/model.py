"""The nouns, frozen; nothing else.

Rule: no behaviour beyond what a value can say of itself. Paths are vault-relative POSIX
strings, lines count from 1, dates are `date`, durations `timedelta`, moments aware `datetime`.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """What a box's symbol means; the first three are open."""

    TODO = "todo"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    DONE = "done"
    CANCELLED = "cancelled"
    NON_TASK = "non_task"

    @property
    def is_open(self) -> bool:
        return self in OPEN_STATUSES


OPEN_STATUSES = frozenset({Status.TODO, Status.IN_PROGRESS, Status.ON_HOLD})


class Priority(StrEnum):
    """Declared in order of importance: `list(Priority)` is a ranking."""

    HIGHEST = "highest"
    HIGH = "high"
    MEDIUM = "medium"
    NONE = "none"
    LOW = "low"
    LOWEST = "lowest"


class Kind(StrEnum):
    """What a block of the plan is for."""

    FIXED = "fixed"  # the person wrote the time
    FOCUS = "focus"  # placed by us, one task
    MICRO = "micro"  # a batch of tasks of minutes
    BREAK = "break"
    BUSY = "busy"


class Source(NamedTuple):
    """Where a task stands: vault-relative POSIX path, 1-based line, the line without its ending."""

    path: str
    line: int
    text: str


class Task(NamedTuple):
    """A checkbox line and everything known of it.

    `uid` and `parent` (a uid) are empty until the index has given them; `key` is the shortest
    unique prefix of `uid` at the moment of asking. `depth` is the number of list items around
    it, `brief` the indented text below it. `inferred` names the fields that come from the note
    (its name or front matter) rather than from the line. `handed` is the day on which the
    assignee got it, `rework` how often it came back since.
    """

    source: Source
    status: Status
    symbol: str
    text: str
    uid: str = ""
    key: str = ""
    priority: Priority = Priority.NONE
    created: date | None = None
    start: date | None = None
    scheduled: date | None = None
    due: date | None = None
    due_time: time | None = None
    done: date | None = None
    cancelled: date | None = None
    begins: time | None = None
    ends: time | None = None
    estimate: timedelta | None = None
    recurrence: str | None = None
    on_completion: str | None = None
    tags: tuple[str, ...] = ()
    id: str | None = None
    depends_on: tuple[str, ...] = ()
    block_id: str | None = None
    parent: str | None = None
    parent_line: int | None = None
    depth: int = 0
    heading: str | None = None
    project: str | None = None
    goal: str | None = None
    assignee: str | None = None
    handed: date | None = None
    rework: int = 0
    pay: str | None = None
    brief: str = ""
    dialect: str | None = None
    inferred: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @property
    def happens(self) -> date | None:
        """The earliest of start, scheduled and due."""
        return min((d for d in (self.start, self.scheduled, self.due) if d), default=None)


class Problem(NamedTuple):
    """A fault in a note that a person can mend."""

    path: str
    line: int
    message: str
    hint: str = ""


class Interval(NamedTuple):
    """Time that was spent, half-open [start, end); `end` is None while it runs on.

    As read, moments are what the note says: naive on the wall clock of the vault, aware where the
    note names an offset; `read.log_times.localized` makes both aware. `task` is a uid, empty
    where no task is known; `task_line` is that of the task below whose line it stands. `text` is
    what a line of the daily note says behind its times.
    """

    start: datetime
    end: datetime | None
    source: Source
    text: str = ""
    task: str = ""
    task_line: int | None = None


class Note(NamedTuple):
    """One note as read: its tasks and its time log in the order of their lines, and what is wrong
    in it."""

    path: str
    digest: bytes
    tasks: tuple[Task, ...] = ()
    problems: tuple[Problem, ...] = ()
    intervals: tuple[Interval, ...] = ()


class Block(NamedTuple):
    """A stretch of the plan, half-open [start, end), both aware. `tasks` are uids.

    `session` names the session of a weekly quota that it is, "" for any other.
    """

    start: datetime
    end: datetime
    title: str
    kind: Kind
    tasks: tuple[str, ...] = ()
    reason: str = ""
    late: bool = False
    session: str = ""


class Unplaced(NamedTuple):
    """A task that is wanted and has no place in the plan, and why."""

    task: str
    reason: str


class Move(NamedTuple):
    """An open task that no longer begins when the last plan said, and why.

    Of its pieces, `before` and `after` begin the first that moved; `after` is None where it left
    the plan.
    """

    task: str
    before: datetime
    after: datetime | None
    reason: str


class Plan(NamedTuple):
    """Days in order, blocks by start; what found no place; how many tasks moved, of how many.

    `moves` counts `moved`; `of` counts the open tasks whose blocks in the last plan are ahead.
    `notices` are lines on what the person wished of the days and cannot have.
    """

    days: tuple[date, ...] = ()
    blocks: tuple[Block, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    moves: int = 0
    moved: tuple[Move, ...] = ()
    of: int = 0
    notices: tuple[str, ...] = ()


class Rolled(NamedTuple):
    """An open task that was planned on so many earlier days, `since` the first of them."""

    task: str
    times: int
    since: date


class Today(NamedTuple):
    """What `mdtasks today` shows.

    `micro` holds the tasks of the day's batches, then those for the day that have no block, then
    a few others. `overdue` counts the open tasks of earlier days that are in none of the lists.
    `rolled` are those of the day that moved on from earlier ones; `decide` are the uids of some
    that did so too often. `streak` and `finished` are of today alone: the days in a row with
    something done, and the projects of which the last task was done. Of what is handed over,
    `asked` is what to ask about that day, `waiting` some of the rest, and `waiting_more` counts
    the others.
    """

    date: date
    blocks: tuple[Block, ...]
    micro: tuple[Task, ...]
    overdue: int
    done: tuple[Task, ...]
    unplaced: tuple[Unplaced, ...]
    rolled: tuple[Rolled, ...] = ()
    decide: tuple[str, ...] = ()
    streak: int = 0
    finished: tuple[str, ...] = ()
    asked: tuple[Task, ...] = ()
    waiting: tuple[Task, ...] = ()
    waiting_more: int = 0


class Edit(NamedTuple):
    """Replace one line of a note by others. `before` and `after` are lines without endings."""

    path: str
    line: int
    before: str
    after: tuple[str, ...]
