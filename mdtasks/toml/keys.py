"""Every key of mdtasks.toml: its place, the reader of its value, its words.

Rule: one table. Reading, the check for unknown keys, the nearest key and the commented file of
`mdtasks init` all come from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from mdtasks.settings import DAYS, Config
from mdtasks.toml import calendars, days, hosts, outlets, tables, values
from mdtasks.toml.faults import FaultError, KeyPath, UnknownKeyError, shown, table, take
from mdtasks.toml.values import Reader, as_toml

_WEEK_MINUTES = 7 * values.DAY_MINUTES


def read_config(document: Mapping[str, object], base: Config) -> Config:
    """Return `base` with what the parsed TOML says instead. Raises FaultError."""
    config = base
    try:
        for path, key, value in _entries(document):
            config = _with(config, key.place, take(path, key.read, value))
    except UnknownKeyError as fault:
        raise FaultError(fault.path, fault.message, _nearest(fault)) from None
    _check_blocks(config)
    return config


def named(document: Mapping[str, object]) -> list[str]:
    """Return the names of the keys that the parsed TOML says. Raises FaultError.

    A table that holds nothing says nothing: the starter has a heading for each.
    """
    return [key.name for _, key, value in _entries(document) if value != {}]


def _entries(
    said: Mapping[str, object], at: tuple[str, ...] = ()
) -> Iterator[tuple[KeyPath, Key, Any]]:
    for name, value in said.items():
        path = (*at, name)
        if key := _BY_PATH.get(path):
            yield path, key, value
        elif path in _TABLES:
            yield from _entries(take(path, table, value), path)
        else:
            siblings = [known[len(at)] for known in _BY_PATH if known[: len(at)] == at]
            raise UnknownKeyError(path, dict.fromkeys(siblings))


def _with(settings: Any, place: list[str], value: object) -> Any:
    first, *rest = place
    if rest:
        value = _with(getattr(settings, first), rest, value)
    elif isinstance(value, dict):  # by symbol: what is not said here stays
        value = MappingProxyType({**getattr(settings, first), **value})
    return settings._replace(**{first: value})


def _check_blocks(config: Config) -> None:
    plan = config.plan
    shortest = -(-plan.min_block // plan.step) * plan.step
    if shortest > plan.max_block:
        path = ("plan", "max_block")
        wanted = f"wanted: at least {as_toml(shortest)}, which is `min_block` in whole steps"
        raise FaultError(path, f"{shown(path)} is {as_toml(plan.max_block)}", wanted)


def _nearest(fault: UnknownKeyError) -> str:
    """Return what may have been meant; the key may be of another table."""
    from difflib import get_close_matches

    name = str(fault.path[-1])
    homes = {key[-1]: key[:-1] for key in _BY_PATH}
    if name in homes:
        home = ".".join(homes[name])
        return f"it belongs in [{home}]" if home else "it belongs above the first [table]"
    if near := get_close_matches(name, fault.known, 1):
        return f"did you mean `{near[0]}`?"
    if near := get_close_matches(name, homes, 1):
        return f"did you mean {shown((*homes[near[0]], near[0]))}?"
    return fault.hint


# The table


class Key(NamedTuple):
    """`name` as in TOML, with its tables; `setting` its place in `Config` where that differs.

    `example` stands in the file of `mdtasks init` where the default shows too little.
    """

    name: str
    read: Reader
    words: str
    setting: str = ""
    example: str = ""

    @property
    def place(self) -> list[str]:
        return (self.setting or self.name).split(".")


KEYS = (
    Key("vault_id", values.vault_id, "names this vault in calendars; keep it when the vault moves"),
    Key("timezone", values.timezone, 'such as "Europe/Berlin"; "" is the zone of the system'),
    Key(
        "read.fields",
        values.choice("anywhere", "trailing"),
        '"trailing": only at the end of a line, where the Obsidian Tasks plugin reads them',
    ),
    Key("read.dialects", values.dialects, "the ways of writing fields and times that count"),
    Key("read.global_filter", values.line, 'such as "#task": lines without it are no tasks'),
    Key("read.ignore", values.list_of(values.pattern), "notes to leave out, as in .gitignore"),
    Key("read.schedule_daily", values.flag, "undated tasks of a daily note are for its day"),
    Key("read.daily_notes.folder", values.folder, 'of the daily notes; "" is anywhere'),
    Key("read.daily_notes.format", values.date_format, "of their names, in Obsidian's letters"),
    Key(
        "log.heading",
        values.words,
        "of a daily note, above what was worked on: `- 09:02 - 09:47 Write`",
        setting="read.log_heading",
    ),
    Key(
        "log.earning",
        values.list_of(days.mark),
        "tags, @contexts and projects; `mdtasks log show` tells how much time goes there",
    ),
    Key("log.maintaining", values.list_of(days.mark), "the same, of what has to be kept up"),
    Key("log.wasting", values.list_of(days.mark), "the same, of what you would rather not do"),
    Key("focus.work", values.minutes(1), "how long `mdtasks focus` has you work; in minutes"),
    Key("focus.rest", values.minutes(1), "and how long it has you rest then"),
    Key(
        "statuses",
        tables.statuses,
        "the symbol in a box: TODO, IN_PROGRESS, ON_HOLD, DONE, CANCELLED or NON_TASK",
        setting="read.statuses",
    ),
    Key("write.done_date", values.flag, "completing a task adds the date"),
    Key("write.stamp_done", values.flag, "`sync` and `watch` add it to what you tick yourself"),
    Key("write.complete_parents", values.flag, "completing the last step completes its task"),
    Key("write.set_created", values.flag, "new tasks get the date on which they were created"),
    Key("write.next_line", values.choice("above", "below"), "where that next one is written"),
    Key("write.catch_up", values.flag, "that next one is always after today"),
    Key("write.allow_delete", values.flag, "completing a task with 🏁 delete removes its line"),
    Key("add.note", values.note, "where `mdtasks add` writes; it is made if it is not there"),
    Key("split.templates", values.folder, "of the notes whose checkboxes can become steps"),
    Key("review.folder", values.folder, 'of the notes of `mdtasks review --note`; "" is the vault'),
    Key(
        "hours",
        days.hours,
        "working hours of a day, a date, or a range of them; later lines win",
        example='"2026-12-24" = ["09:00-12:00"]\n"2026-12-27..2027-01-01" = []',
    ),
    Key(
        "blocks",
        days.blocks,
        "time of a day that is kept for some tasks; one such table for each",
        setting="shape.blocks",
        example='[[blocks]]\nname = "deep work"\ndays = "mon-fri"\ntime = "09:00-11:00"\n'
        'only = ["#writing"]',
    ),
    Key(
        "prefer",
        days.prefer,
        "the time of day that suits tasks: morning, midday, afternoon, evening, or a span",
        setting="shape.prefer",
        example='"#deep" = "morning"\n"@phone" = "13:30-17:00"',
    ),
    Key(
        "quota",
        days.quotas,
        "sessions a week for the tasks with a tag, and how long one is",
        setting="shape.quotas",
        example='exercise = "3/week 30m"',
    ),
    Key(
        "breaks.lunch",
        days.lunch,
        '"": what [hours] leaves free; else a break somewhere within a window',
        setting="shape.lunch",
        example='lunch = { window = "11:30-14:00", minutes = 45 }',
    ),
    Key("plan.days", values.whole(1, 60), "how many days are planned"),
    Key("plan.step", values.step, "the grid of the blocks; minutes, like all times below"),
    Key("plan.min_block", values.minutes(1), "the shortest piece of a long task"),
    Key("plan.max_block", values.minutes(1), "the longest piece"),
    Key("plan.buffer", values.minutes(0), "kept free between blocks"),
    Key("plan.micro_max", values.minutes(1), "tasks up to this estimate are done in batches"),
    Key("plan.micro_batch", values.whole(1, 60), "the most tasks in a batch"),
    Key("plan.default_estimate", values.minutes(1), "for tasks without an estimate"),
    Key("plan.daily_load", values.minutes(0), "the most that is planned a day, save for due dates"),
    Key("plan.freeze", values.minutes(0), "blocks that begin this soon stay where they are"),
    Key(
        "plan.max_moves", values.minutes_or_none, 'the most that blocks move in all; "" is no limit'
    ),
    Key("estimates.learn", values.flag, "what is due is planned as long as its kind has taken"),
    Key(
        "earnings.hourly",
        values.money,
        'what an hour of yours is worth, such as "60 EUR": by it `mdtasks audit` tells costs',
    ),
    Key("earnings.weekly", values.money, 'what a week is to bring in, such as "800 EUR"; "": any'),
    Key("earnings.monthly", values.money, "the same of a month"),
    Key("earnings.platforms", values.list_of(days.mark), "tags that tell where work comes from"),
    Key(
        "handed_over.follow_up",
        values.whole(0, 366),
        "in how many days `mdtasks hand` has you ask how it goes",
    ),
    Key(
        "busy",
        calendars.busy,
        "calendars whose events are kept free; one such table for each, with a `url` or a `file`",
        example='[[busy]]\nname = "work"\nurl = "https://calendar.example.com/private/me.ics"\n'
        "all_day = false  # whether events of whole days count",
    ),
    Key("daily.write", values.flag, "write the plan into the day's note"),
    Key("daily.folder", values.folder_or_none, '"" is where daily notes lie, "." is the vault'),
    Key("daily.heading", values.words, "the heading above the plan"),
    Key("daily.template", values.note_or_none, 'the note that a new one begins as; "" is none'),
    Key(
        "feed.output", values.calendar_file, '"" is in your data folder; `mdtasks sync` says where'
    ),
    Key("feed.name", values.words, "the name of the calendar"),
    Key("feed.color", values.color, "its colour, a CSS name or in hex"),
    Key(
        "feed.link",
        values.choice("obsidian", "file", "vscode", "none"),
        "what opens the note of an event: obsidian, file, vscode or none",
    ),
    Key("feed.alarms", values.list_of(values.minutes(0, _WEEK_MINUTES)), "minutes before a block"),
    Key(
        "serve.host",
        hosts.bind_host,
        "where `mdtasks serve` listens; this machine alone, if not set",
    ),
    Key("serve.port", values.whole(1, 65535), "its port"),
    Key(
        "serve.allowed_hosts",
        values.list_of(hosts.allowed_host),
        'more names by which it may be reached, such as "laptop.local" or "cal.example.com:443"',
    ),
    Key(
        "publish",
        outlets.publish,
        "where `mdtasks publish` carries the plan; one such table for each, with a `file`, or the "
        "address of a `webdav` file or a `caldav` calendar",
        example='[[publish]]\nname = "phone"\ncaldav = "https://cloud.example.com/dav/me/plan/"\n'
        'user = "me"\npassword_command = ["pass", "show", "cloud"]\nlens = "full"  # or "title", '
        '"busy"',
    ),
    Key("display.clock", values.choice(24, 12), "24 or 12 hours"),
    Key("display.week_start", values.choice(*DAYS), "the first day of the week"),
    Key("display.praise", values.flag, "`today` ends with what is done and to go, and with praise"),
    Key(
        "queries",
        tables.queries,
        'names: with calls = "tags include #call; sort by due" here, `mdtasks list calls` shows it',
    ),
)
_BY_PATH = {tuple(key.name.split(".")): key for key in KEYS}
_TABLES = {path[:length] for path in _BY_PATH for length in range(1, len(path))}
