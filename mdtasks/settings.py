"""What a person can set, as values with their defaults; config.py reads them from TOML.

Rule: only keys that have an effect stand here. Durations are `timedelta`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from types import MappingProxyType

from mdtasks.model import Status


@dataclass(frozen=True, slots=True)
class StatusRule:
    """What a symbol in a box means: its type, its name, the symbol that comes next."""

    type: Status
    name: str
    next: str


DEFAULT_STATUSES: Mapping[str, StatusRule] = MappingProxyType(
    {
        " ": StatusRule(Status.TODO, "Todo", "x"),
        "x": StatusRule(Status.DONE, "Done", " "),
        "X": StatusRule(Status.DONE, "Done", " "),
        "/": StatusRule(Status.IN_PROGRESS, "In progress", "x"),
        "-": StatusRule(Status.CANCELLED, "Cancelled", " "),
        ">": StatusRule(Status.NON_TASK, "Forwarded", "x"),
        "<": StatusRule(Status.TODO, "Scheduled", "x"),
    }
)
UNNAMED_STATUS = StatusRule(Status.TODO, "Unknown", "x")


@dataclass(frozen=True, slots=True)
class DailyNotes:
    """Where daily notes lie: a folder ("" is anywhere) and a date format in Moment's letters."""

    folder: str = ""
    format: str = "YYYY-MM-DD"


@dataclass(frozen=True, slots=True)
class ReadSettings:
    fields: str = "anywhere"  # or "trailing": only where the Obsidian Tasks plugin reads them
    dialects: tuple[str, ...] = ("emoji", "dataview", "dayplanner")
    global_filter: str = ""
    ignore: tuple[str, ...] = ()
    daily_notes: DailyNotes = DailyNotes()
    schedule_daily: bool = True  # tasks of a daily note without dates are scheduled on its day
    statuses: Mapping[str, StatusRule] = field(default_factory=lambda: DEFAULT_STATUSES)

    def status(self, symbol: str) -> StatusRule:
        return self.statuses.get(symbol, UNNAMED_STATUS)


@dataclass(frozen=True, slots=True)
class WriteSettings:
    done_date: bool = True
    set_created: bool = False
    next_line: str = "above"  # or "below"
    catch_up: bool = False
    allow_delete: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open [begins, ends) on a wall clock; `ends` at or before `begins` is on the next day."""

    begins: time
    ends: time


WORKDAY = (Span(time(9), time(12, 30)), Span(time(13, 30), time(18)))


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours by weekday, Monday first."""

    week: tuple[tuple[Span, ...], ...] = (WORKDAY,) * 5 + ((),) * 2


@dataclass(frozen=True, slots=True)
class PlanSettings:
    days: int = 7
    step: timedelta = timedelta(minutes=5)
    min_block: timedelta = timedelta(minutes=25)
    max_block: timedelta = timedelta(minutes=90)
    buffer: timedelta = timedelta(minutes=5)
    micro_max: timedelta = timedelta(minutes=15)
    micro_batch: int = 6
    default_estimate: timedelta = timedelta(minutes=15)
    daily_load: timedelta = timedelta(minutes=300)
    freeze: timedelta = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class DailySettings:
    """The managed section that mdtasks writes into the day's note."""

    write: bool = False
    folder: str | None = None  # None: where the daily notes lie
    heading: str = "Day planner"


@dataclass(frozen=True, slots=True)
class FeedSettings:
    output: str = ""  # "": calendar.ics in the user's data folder
    name: str = "mdtasks"
    color: str = "steelblue"
    link: str = "obsidian"  # or "file", "vscode", "none"
    alarms: tuple[timedelta, ...] = ()  # before the start of each block


@dataclass(frozen=True, slots=True)
class DisplaySettings:
    clock: int = 24
    week_start: str = "mon"


@dataclass(frozen=True, slots=True)
class Config:
    vault_id: str = ""
    timezone: str = ""  # "": the system's
    read: ReadSettings = field(default_factory=ReadSettings)
    write: WriteSettings = field(default_factory=WriteSettings)
    hours: Hours = field(default_factory=Hours)
    plan: PlanSettings = field(default_factory=PlanSettings)
    daily: DailySettings = field(default_factory=DailySettings)
    feed: FeedSettings = field(default_factory=FeedSettings)
    display: DisplaySettings = field(default_factory=DisplaySettings)
