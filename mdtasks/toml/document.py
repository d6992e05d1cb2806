"""The text of a TOML file -> its table, and the line on which a key stands.

Rule: no file is opened here; `name` is how messages call it. Python's own parser decides what
TOML is, also when a line is looked for.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from mdtasks.errors import ConfigError


def parse(name: str, data: bytes) -> tuple[str, dict[str, Any]]:
    """Return text and table. Raises ConfigError with line and column."""
    hint = "text stands in quotes and lists in [brackets]; see https://toml.io"
    try:
        text = data.decode("utf-8-sig")  # Windows' editors put a BOM there
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{name}:{line}: this is not UTF-8", "save it as UTF-8") from None
    except RecursionError:
        raise ConfigError(f"{name}: nested too deep", hint) from None
    except ValueError as error:
        what, where = _place(str(error), text)
        raise ConfigError(f"{name}{where}: this is not TOML: {what}", hint) from None


def _place(message: str, text: str) -> tuple[str, str]:
    """Return the parser's message without its place, and the place as ":line:column"."""
    if match := re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", message, re.DOTALL):
        return match[1], f":{match[2]}:{match[3]}"
    if match := re.fullmatch(r"(.*) \(at end of document\)", message, re.DOTALL):
        lines = text.rstrip("\n").split("\n")
        return match[1], f":{len(lines)}:{len(lines[-1]) + 1}"
    return message, ""


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """Return the 1-based line that sets `path`, else that of the nearest table around it, else 1.

    `text` must parse. A number in `path` is that of an entry of [[such]] a table, from 0. A
    statement is the fewest lines that parse on their own, so quoted and dotted keys, inline
    tables and values over many lines need no grammar of ours.
    """
    table: tuple[str | int, ...] = ()
    entries: dict[tuple[str | int, ...], int] = {}
    nearest, begin, statement = 1, 1, ""
    for number, line in enumerate(text.split("\n"), start=1):
        statement += f"{line}\n"
        try:
            found = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        if statement.lstrip().startswith("["):
            table = _header(found, entries)
            if path[: len(table)] == table:
                nearest = begin
            if table[: len(path)] == path:
                return begin
        elif path[: len(table)] == table and _holds(found, path[len(table) :]):
            return begin
        begin, statement = number + 1, ""
    return nearest


def _header(found: Any, entries: dict[tuple[str | int, ...], int]) -> tuple[str | int, ...]:
    """Return the path of a header, and count it in `entries`: the last number of each array."""
    path: tuple[str | int, ...] = ()
    while found:
        if isinstance(found, list):  # [[name]]
            entries[path] = entries.get(path, -1) + 1
            path = (*path, entries[path])
            found = found[0]
        else:
            ((name, found),) = found.items()
            path = (*path, name)
            if isinstance(found, dict) and path in entries:
                path = (*path, entries[path])
    return path


def _holds(found: Any, path: tuple[str | int, ...]) -> bool:
    for name in path:
        try:
            found = found[name]
        except (LookupError, TypeError):
            return False
    return True
