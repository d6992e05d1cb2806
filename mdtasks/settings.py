"""What a person can set, as values with their defaults; config.py reads them from TOML.

Rule: only keys that have an effect stand here. Durations are `timedelta`. Tuples, not
dataclasses: every run of `mdtasks today` makes these classes, and tuples cost a fifth.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from types import MappingProxyType
from typing import NamedTuple

from mdtasks.model import Status


class StatusRule(NamedTuple):
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


class DailyNotes(NamedTuple):
    """Where daily notes lie: a folder ("" is anywhere) and a date format in Moment's letters."""

    folder: str = ""
    format: str = "YYYY-MM-DD"


class ReadSettings(NamedTuple):
    fields: str = "anywhere"  # or "trailing": only where the Obsidian Tasks plugin reads them
    dialects: tuple[str, ...] = ("emoji", "dataview", "dayplanner")
    global_filter: str = ""
    ignore: tuple[str, ...] = ()
    daily_notes: DailyNotes = DailyNotes()
    schedule_daily: bool = True  # tasks of a daily note without dates are scheduled on its day
    statuses: Mapping[str, StatusRule] = DEFAULT_STATUSES

    def status(self, symbol: str) -> StatusRule:
        return self.statuses.get(symbol, UNNAMED_STATUS)


class WriteSettings(NamedTuple):
    done_date: bool = True
    set_created: bool = False
    next_line: str = "above"  # or "below"
    catch_up: bool = False
    allow_delete: bool = False


class AddSettings(NamedTuple):
    note: str = "Inbox.md"  # where `mdtasks add` writes


class Span(NamedTuple):
    """Half-open [begins, ends) on a wall clock; `ends` at or before `begins` is on the next day."""

    begins: time
    ends: time


WORKDAY = (Span(time(9), time(12, 30)), Span(time(13, 30), time(18)))


class Hours(NamedTuple):
    """Working hours by weekday, Monday first."""

    week: tuple[tuple[Span, ...], ...] = (WORKDAY,) * 5 + ((),) * 2


class PlanSettings(NamedTuple):
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


class DailySettings(NamedTuple):
    """The managed section that mdtasks writes into the day's note."""

    write: bool = False
    folder: str | None = None  # None: where the daily notes lie
    heading: str = "Day planner"


class FeedSettings(NamedTuple):
    output: str = ""  # "": calendar.ics in the user's data folder
    name: str = "mdtasks"
    color: str = "steelblue"
    link: str = "obsidian"  # or "file", "vscode", "none"
    alarms: tuple[timedelta, ...] = ()  # before the start of each block


class DisplaySettings(NamedTuple):
    clock: int = 24
    week_start: str = "mon"


class Config(NamedTuple):
    vault_id: str = ""
    timezone: str = ""  # "": the system's
    read: ReadSettings = ReadSettings()
    write: WriteSettings = WriteSettings()
    add: AddSettings = AddSettings()
    hours: Hours = Hours()
    plan: PlanSettings = PlanSettings()
    daily: DailySettings = DailySettings()
    feed: FeedSettings = FeedSettings()
    display: DisplaySettings = DisplaySettings()
    queries: Mapping[str, str] = MappingProxyType({})  # by the name that stands for it
