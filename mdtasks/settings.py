"""What a person can set, as values with their defaults; config.py reads them from TOML.

Rule: only keys that have an effect stand here. Durations are `timedelta`. Tuples, not
dataclasses: every run of `mdtasks today` makes these classes, and tuples cost a fifth.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
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
    log_heading: str = "Time log"  # of a daily note, above what was worked on
    statuses: Mapping[str, StatusRule] = DEFAULT_STATUSES
    plugin: str = ""  # the one dialect that the Obsidian Tasks plugin reads; "" where it is not

    def status(self, symbol: str) -> StatusRule:
        return self.statuses.get(symbol, UNNAMED_STATUS)


class WriteSettings(NamedTuple):
    done_date: bool = True
    stamp_done: bool = False  # also what was ticked in an editor
    complete_parents: bool = False
    set_created: bool = False
    next_line: str = "above"  # or "below"
    catch_up: bool = False
    allow_delete: bool = False


class AddSettings(NamedTuple):
    note: str = "Inbox.md"  # where `mdtasks add` writes


class SplitSettings(NamedTuple):
    templates: str = "Templates"  # the folder of the notes that `mdtasks split` takes steps from


class ReviewSettings(NamedTuple):
    folder: str = "Reviews"  # where `mdtasks review --note` writes


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Span(NamedTuple):
    """Half-open [begins, ends) on a wall clock; `ends` at or before `begins` is on the next day."""

    begins: time
    ends: time


WORKDAY = (Span(time(9), time(12, 30)), Span(time(13, 30), time(18)))


class Hours(NamedTuple):
    """Working hours by weekday, Monday first, and on the days that are an exception."""

    week: tuple[tuple[Span, ...], ...] = (WORKDAY,) * 5 + ((),) * 2
    exceptions: Mapping[date, tuple[Span, ...]] = MappingProxyType({})

    def on(self, day: date) -> tuple[Span, ...]:
        return self.exceptions.get(day, self.week[day.weekday()])


# What a person may write instead of a span.
DAYPARTS: Mapping[str, Span] = MappingProxyType(
    {
        "morning": Span(time(6), time(12)),
        "midday": Span(time(11, 30), time(14)),
        "afternoon": Span(time(12), time(18)),
        "evening": Span(time(18), time(23)),
    }
)


class Reserve(NamedTuple):
    """Time that is kept for the tasks with one of the marks in `only`: #tag, @context or project.

    `days` are weekdays from Monday = 0, None is each day with hours. With a `length`, only so
    much of the window, wherever it is free.
    """

    name: str
    window: Span
    only: tuple[str, ...] = ()
    days: tuple[int, ...] | None = None
    length: timedelta | None = None


class Quota(NamedTuple):
    """So many sessions a week for the tasks with a tag; `name` is how a session is called."""

    name: str
    tag: str
    times: int
    length: timedelta


class Lunch(NamedTuple):
    """A break that lies within a window, wherever it is free."""

    window: Span
    length: timedelta


class Shape(NamedTuple):
    """What a person says of the days beyond their hours. `prefer`: mark -> times of day."""

    blocks: tuple[Reserve, ...] = ()
    prefer: Mapping[str, tuple[Span, ...]] = MappingProxyType({})
    quotas: tuple[Quota, ...] = ()
    lunch: Lunch | None = None


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
    max_moves: timedelta | None = None  # None: as many as are worth it


class EstimateSettings(NamedTuple):
    learn: bool = True  # what is due takes as long as work of its kind has taken before


class LogSettings(NamedTuple):
    """What logged time is for, by the marks of tasks: #tag, @context or project."""

    earning: tuple[str, ...] = ()
    maintaining: tuple[str, ...] = ()
    wasting: tuple[str, ...] = ()


class EarningsSettings(NamedTuple):
    """What an hour is worth, and goals: amounts as a person writes them, "" for none."""

    hourly: str = ""
    weekly: str = ""
    monthly: str = ""
    platforms: tuple[str, ...] = ()  # marks: where work comes from


class HandedOverSettings(NamedTuple):
    """After how long one asks how something goes that was handed over."""

    follow_up: int = 7  # days


class FocusSettings(NamedTuple):
    """How long `mdtasks focus` has one work, and rest."""

    work: timedelta = timedelta(minutes=60)
    rest: timedelta = timedelta(minutes=15)


class BusyCalendar(NamedTuple):
    """A calendar whose events are busy times: an address, or a file (as the person wrote it)."""

    name: str
    url: str = ""
    file: str = ""
    all_day: bool = False  # whether events of whole days are busy times too


class DailySettings(NamedTuple):
    """The managed section that mdtasks writes into the day's note."""

    write: bool = False
    folder: str | None = None  # None: where the daily notes lie
    heading: str = "Day planner"
    template: str = ""  # the note that a new one begins as


class FeedSettings(NamedTuple):
    output: str = ""  # "": calendar.ics in the user's data folder
    name: str = "mdtasks"
    color: str = "steelblue"
    link: str = "obsidian"  # or "file", "vscode", "none"
    alarms: tuple[timedelta, ...] = ()  # before the start of each block


class ServeSettings(NamedTuple):
    """Where the feed is served, and the names beside it by which others may ask for it."""

    host: str = "127.0.0.1"
    port: int = 8765
    allowed_hosts: tuple[str, ...] = ()  # `name` or `name:port`


class Outlet(NamedTuple):
    """Where the plan is carried when it is published: `kind` is file, webdav or caldav, `to` the
    path (as the person wrote it) or the address; `lens` how much of it is shown there."""

    name: str
    kind: str
    to: str
    lens: str = "full"
    user: str = ""
    password_command: tuple[str, ...] = ()
    password_env: str = ""  # the variable that holds it


class DisplaySettings(NamedTuple):
    clock: int = 24
    week_start: str = "mon"
    praise: bool = True  # `today` says how far it is, and days in a row

    @property
    def first_weekday(self) -> int:
        return DAYS.index(self.week_start)


class Config(NamedTuple):
    vault_id: str = ""
    timezone: str = ""  # "": the system's
    read: ReadSettings = ReadSettings()
    write: WriteSettings = WriteSettings()
    add: AddSettings = AddSettings()
    split: SplitSettings = SplitSettings()
    review: ReviewSettings = ReviewSettings()
    hours: Hours = Hours()
    shape: Shape = Shape()
    plan: PlanSettings = PlanSettings()
    estimates: EstimateSettings = EstimateSettings()
    log: LogSettings = LogSettings()
    focus: FocusSettings = FocusSettings()
    earnings: EarningsSettings = EarningsSettings()
    handed_over: HandedOverSettings = HandedOverSettings()
    busy: tuple[BusyCalendar, ...] = ()
    daily: DailySettings = DailySettings()
    feed: FeedSettings = FeedSettings()
    serve: ServeSettings = ServeSettings()
    publish: tuple[Outlet, ...] = ()
    display: DisplaySettings = DisplaySettings()
    queries: Mapping[str, str] = MappingProxyType({})  # by the name that stands for it
