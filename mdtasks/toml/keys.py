"""Every key of mdtasks.toml: its place, the reader of its value, its words. And the faults.

Rule: one table. Reading, the check for unknown keys, the nearest key and the commented file of
`mdtasks init` all come from it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from mdtasks.model import Status
from mdtasks.settings import Config, Hours, StatusRule
from mdtasks.toml import values
from mdtasks.toml.values import Reader, as_toml

KeyPath = tuple[str, ...]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEK_MINUTES = 7 * values.DAY_MINUTES
_STATUS_KEYS: Mapping[str, Reader] = {
    "type": values.status,
    "name": values.words,
    "next": values.symbol,
}
# What mdtasks itself writes into a box must keep its meaning, or a tick would tick nothing.
_WRITTEN = {" ": Status.TODO, "x": Status.DONE, "-": Status.CANCELLED}


class FaultError(Exception):
    """The key at `path` cannot be taken as it stands. Whoever knows the file adds the line."""

    def __init__(self, path: KeyPath, message: str, hint: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message
        self.hint = hint


def read_config(document: Mapping[str, object], base: Config) -> Config:
    """Return `base` with what the parsed TOML says instead. Raises FaultError."""
    config = base
    for path, key, value in _entries(document):
        config = _with(config, key.place, _take(path, key.read, value))
    _check_blocks(config)
    return config


def named(document: Mapping[str, object]) -> list[str]:
    """Return the names of the keys that the parsed TOML says. Raises FaultError."""
    return [key.name for _, key, _ in _entries(document)]


def _entries(table: Mapping[str, object], at: KeyPath = ()) -> Iterator[tuple[KeyPath, Key, Any]]:
    for name, value in table.items():
        path = (*at, name)
        if key := _BY_PATH.get(path):
            yield path, key, value
        elif path in _TABLES:
            yield from _entries(_take(path, _table, value), path)
        else:
            siblings = [known[len(at)] for known in _BY_PATH if known[: len(at)] == at]
            raise _unknown(path, dict.fromkeys(siblings))


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
        raise FaultError(path, f"{_shown(path)} is {as_toml(plan.max_block)}", wanted)


# The tables whose keys are the person's


def _hours(value: object) -> Hours:
    """Return the week, the default where nothing is said; later lines win."""
    week = list(Hours().week)
    for name, spans in _table(value).items():
        path = ("hours", name)
        for day in _weekdays(path):
            week[day] = _take(path, values.spans, spans)
    return Hours(tuple(week))


def _weekdays(path: KeyPath) -> list[int]:
    """Return the days, from Monday = 0, of "wed", "mon-fri" or, over the weekend, "sat-mon"."""
    first, dash, last = path[-1].partition("-")
    if not dash:
        last = first
    if first not in DAYS or last not in DAYS:
        raise _unknown(path, (*DAYS, "mon-fri", "sat-sun"))
    begin, end = DAYS.index(first), DAYS.index(last)
    return [(begin + n) % 7 for n in range((end - begin) % 7 + 1)]


def _statuses(value: object) -> Mapping[str, StatusRule]:
    """Return the rules said here; `_with` lays them over those that hold already."""
    rules: dict[str, StatusRule] = {}
    for symbol, said in _table(value).items():
        path = ("statuses", symbol)
        if len(symbol) != 1 or not symbol.isprintable():
            hint = "the symbol in a box is one character"
            raise FaultError(path, f"{_shown(path)} is no symbol", hint)
        rule = _status(path, said)
        if rule.type is not _WRITTEN.get(symbol, rule.type):
            hint = f"mdtasks itself writes [{symbol}] for {_WRITTEN[symbol].name}"
            raise FaultError(path, f"{_shown(path)} cannot be {rule.type.name}", hint)
        rules[symbol] = rule
    return rules


def _queries(value: object) -> Mapping[str, str]:
    """Return the queries by name; `_with` adds them to those that there are already."""
    queries: dict[str, str] = {}
    for name, said in _table(value).items():
        path = ("queries", name)
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name):
            hint = "a name has letters, digits, - and _"
            raise FaultError(path, f"{_shown(path)} is no name of a query", hint)
        queries[name] = _take(path, values.lines, said)
    return queries


def _status(path: KeyPath, said: object) -> StatusRule:
    if not isinstance(said, dict):
        given = {"type": _take(path, values.status, said)}
    elif unknown := [name for name in said if name not in _STATUS_KEYS]:
        raise _unknown((*path, unknown[0]), _STATUS_KEYS)
    else:
        given = {name: _take((*path, name), _STATUS_KEYS[name], said[name]) for name in said}
    if "type" not in given:
        hint = 'such as { type = "ON_HOLD", name = "On hold", next = "x" }'
        raise FaultError(path, f"{_shown(path)} has no `type`", hint)
    kind: Status = given["type"]
    name = kind.replace("_", " ").capitalize()
    following = " " if kind in (Status.DONE, Status.CANCELLED) else "x"
    return StatusRule(kind, given.get("name", name), given.get("next", following))


def _table(value: object) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise ValueError("a [table]")


# Faults in words


def _take(path: KeyPath, read: Reader, value: object) -> Any:
    try:
        return read(value)
    except ValueError as error:
        found = as_toml(value)
        found = found if len(found) <= 60 else f"{found[:59]}…"
        raise FaultError(path, f"{_shown(path)} is {found}", f"wanted: {error}") from None


def _unknown(path: KeyPath, known: Collection[str]) -> FaultError:
    """Return the fault of an unknown key; the key that was meant may be of another table."""
    from difflib import get_close_matches

    *_, name = path
    homes = {key[-1]: key[:-1] for key in _BY_PATH}
    if name in homes:
        home = ".".join(homes[name])
        hint = f"it belongs in [{home}]" if home else "it belongs above the first [table]"
    elif near := get_close_matches(name, known, 1):
        hint = f"did you mean `{near[0]}`?"
    elif near := get_close_matches(name, homes, 1):
        hint = f"did you mean {_shown((*homes[near[0]], near[0]))}?"
    else:
        hint = f"known here: {', '.join(known)}"
    return FaultError(path, f"unknown key {_shown(path)}", hint)


def _shown(path: KeyPath) -> str:
    *table, name = path
    return f"`{name}`" + (f" in [{'.'.join(table)}]" if table else "")


# The table


class Key(NamedTuple):
    """`name` as in TOML, with its tables; `setting` its place in `Config` where that differs."""

    name: str
    read: Reader
    words: str
    setting: str = ""

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
        "statuses",
        _statuses,
        "the symbol in a box: TODO, IN_PROGRESS, ON_HOLD, DONE, CANCELLED or NON_TASK",
        setting="read.statuses",
    ),
    Key("write.done_date", values.flag, "completing a task adds the date"),
    Key("write.set_created", values.flag, "new tasks get the date on which they were created"),
    Key("write.next_line", values.choice("above", "below"), "where that next one is written"),
    Key("write.catch_up", values.flag, "that next one is always after today"),
    Key("write.allow_delete", values.flag, "completing a task with 🏁 delete removes its line"),
    Key("add.note", values.note, "where `mdtasks add` writes; it is made if it is not there"),
    Key("hours", _hours, "working hours of a day or a range of days; later lines win"),
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
    Key("daily.write", values.flag, "write the plan into the day's note"),
    Key("daily.folder", values.folder_or_none, '"" is where daily notes lie, "." is the vault'),
    Key("daily.heading", values.words, "the heading above the plan"),
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
    Key("display.clock", values.choice(24, 12), "24 or 12 hours"),
    Key("display.week_start", values.choice(*DAYS), "the first day of the week"),
    Key(
        "queries",
        _queries,
        'names: with calls = "tags include #call; sort by due" here, `mdtasks list calls` shows it',
    ),
)
_BY_PATH = {tuple(key.name.split(".")): key for key in KEYS}
_TABLES = {path[:length] for path in _BY_PATH for length in range(1, len(path))}
