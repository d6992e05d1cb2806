"""What Obsidian's own files say, in the words of mdtasks.toml -> Config. Pure.

Rule: one table of what is taken. A value goes through the reader of the key that it stands for;
what cannot be taken becomes a notice, and the rest is taken: the files are other programs'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from mdtasks.settings import DEFAULT_STATUSES, Config
from mdtasks.toml.faults import FaultError
from mdtasks.toml.keys import read_config

_MOST_NOTICES = 3
_LONGEST_SYMBOL = 8  # of one that is none, in a notice

# Obsidian Tasks calls its formats so; it reads one of them, and never the other.
_DIALECTS = {"tasksPluginEmoji": "emoji", "dataview": "dataview"}


class Taken(NamedTuple):
    """The settings with what the file says, the keys of mdtasks.toml that it says, notices."""

    config: Config
    keys: tuple[str, ...]
    notices: tuple[str, ...]


class Entry(NamedTuple):
    """`name` in `file` stands for `key`; `words` makes what mdtasks.toml would say."""

    file: str
    name: str
    key: str
    words: Callable[[Any], object] = lambda value: value


def _dialects(task_format: object) -> object:
    known = _DIALECTS.get(task_format) if isinstance(task_format, str) else None
    return [known, "dayplanner"] if known else [task_format]


def _next_line(recurrence_on_next_line: object) -> object:
    places: dict[object, str] = {True: "below", False: "above"}
    is_flag = isinstance(recurrence_on_next_line, bool)
    return places[recurrence_on_next_line] if is_flag else recurrence_on_next_line


TABLE = (
    Entry("daily-notes", "folder", "read.daily_notes.folder"),
    Entry("daily-notes", "format", "read.daily_notes.format"),
    Entry("daily-notes", "template", "daily.template"),
    Entry("templates", "folder", "split.templates"),
    Entry("obsidian-tasks-plugin", "globalFilter", "read.global_filter"),
    Entry("obsidian-tasks-plugin", "taskFormat", "read.dialects", _dialects),
    Entry("obsidian-tasks-plugin", "setDoneDate", "write.done_date"),
    Entry("obsidian-tasks-plugin", "setCreatedDate", "write.set_created"),
    Entry("obsidian-tasks-plugin", "recurrenceOnNextLine", "write.next_line", _next_line),
    Entry("obsidian-day-planner", "plannerHeading", "daily.heading"),
)
_STATUSES = ("coreStatuses", "customStatuses")  # of a symbol that both name, the core one counts


def take(file: str, said: Mapping[str, object], config: Config) -> Taken:
    """Return `config` with what `file` says; `said` is its parsed JSON, of any shape."""
    keys: list[str] = []
    notices: list[str] = []
    for name, key, words in _said(file, said):
        try:
            config = read_config(_nested(key, words), config)
        except FaultError as fault:
            notices.append(f"`{name}` is not used: {fault.message}; {fault.hint}")
        except RecursionError:
            notices.append(f"`{name}` is not used: nested too deep")
        else:
            keys.append(key)
    if len(notices) > _MOST_NOTICES:
        more = len(notices) - _MOST_NOTICES
        notices[_MOST_NOTICES:] = [f"{more} more {'is' if more == 1 else 'are'} not used"]
    return Taken(config, tuple(dict.fromkeys(keys)), tuple(notices))


def _said(file: str, said: Mapping[str, object]) -> Iterator[tuple[str, str, object]]:
    """Yield name, key and words of each thing that the file says.

    Obsidian keeps "" for what was left at its default.
    """
    for entry in TABLE:
        value = said.get(entry.name)
        if entry.file == file and value not in (None, ""):
            yield entry.name, entry.key, entry.words(value)
    if file == "obsidian-tasks-plugin":
        yield from _statuses(said.get("statusSettings"))


def _statuses(settings: object) -> Iterator[tuple[str, str, object]]:
    """Yield the rules that can be taken, together, and each that cannot, for its notice."""
    if not isinstance(settings, dict):
        if settings is not None:
            yield "statusSettings", "statuses", settings
        return
    rules: dict[str, object] = {}
    for name in _STATUSES:
        listed = settings.get(name)
        if listed is not None and not isinstance(listed, list):
            yield f"statusSettings.{name}", "statuses", listed
            continue
        for entry in listed or ():
            said = entry if isinstance(entry, dict) else {}
            symbol, kind = said.get("symbol"), said.get("type")
            # The plugin keeps rows that were added and never filled in.
            if symbol == "" or kind == "EMPTY" or (isinstance(symbol, str) and symbol in rules):
                continue
            symbol = symbol[:_LONGEST_SYMBOL] if isinstance(symbol, str) else ""
            rule = _rule(symbol, said)
            if _is_fine(symbol, rule):
                rules[symbol] = rule
            else:
                yield f"statusSettings.{name}", "statuses", {symbol: rule}
    if rules:
        yield "statusSettings", "statuses", rules


def _rule(symbol: str, said: Mapping[str, object]) -> dict[str, object]:
    """Return a status as mdtasks.toml would say it. Old files of the plugin have no types."""
    usual = DEFAULT_STATUSES.get(symbol)
    given = {
        "type": said.get("type") or (usual.type.name if usual else "TODO"),
        "name": said.get("name"),
        "next": said.get("nextStatusSymbol"),
    }
    return {name: value for name, value in given.items() if value not in (None, "")}


def _is_fine(symbol: str, rule: Mapping[str, object]) -> bool:
    try:
        read_config({"statuses": {symbol: rule}}, Config())
    except (FaultError, RecursionError):
        return False
    return True


def _nested(key: str, value: object) -> dict[str, object]:
    *tables, name = key.split(".")
    document: dict[str, object] = {name: value}
    for table in reversed(tables):
        document = {table: document}
    return document
