"""What is wrong with a key, in words.

Rule: a fault knows the path of its key, and not the file: whoever knows that adds the line.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from mdtasks.toml.values import Reader, as_toml


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_N = TypeVar("_N", bound=_Named)

# Names of tables and keys; a number is that of an entry of [[such]] a table, from 0.
KeyPath = tuple[str | int, ...]


class FaultError(Exception):
    """The key at `path` cannot be taken as it stands."""

    def __init__(self, path: KeyPath, message: str, hint: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message
        self.hint = hint


class UnknownKeyError(FaultError):
    """Nobody knows this key; `known` are those that could stand in its place."""

    def __init__(self, path: KeyPath, known: Collection[str]) -> None:
        super().__init__(path, f"unknown key {shown(path)}", f"known here: {', '.join(known)}")
        self.known = known


def take(path: KeyPath, read: Reader, value: object) -> Any:
    """Return what `read` makes of the value at `path`. Raises FaultError."""
    try:
        return read(value)
    except ValueError as error:
        found = as_toml(value)
        found = found if len(found) <= 60 else f"{found[:59]}…"
        raise FaultError(path, f"{shown(path)} is {found}", f"wanted: {error}") from None


def record(
    path: KeyPath, value: object, fields: Mapping[str, Reader], needed: Collection[str] = ()
) -> dict[str, Any]:
    """Return what the fields of the table at `path` say. Raises FaultError."""
    said = take(path, table, value)
    for name in said:
        if name not in fields:
            raise UnknownKeyError((*path, name), fields)
    for name in needed:
        if name not in said:
            hint = f"known here: {', '.join(fields)}"
            raise FaultError(path, f"{shown(path)} has no `{name}`", hint)
    return {name: take((*path, name), fields[name], said[name]) for name in said}


def records(
    name: str, value: object, fields: Mapping[str, Reader], needed: Collection[str] = ()
) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Yield path and fields of each entry of `[[name]]`. Raises FaultError."""
    for number, said in enumerate(take((name,), entries, value)):
        path = (name, number)
        yield path, record(path, said, fields, needed)


def named(
    name: str,
    value: object,
    fields: Mapping[str, Reader],
    read: Callable[[KeyPath, Mapping[str, Any]], _N],
    noun: str,
) -> tuple[_N, ...]:
    """Return what `read` makes of the entries of `[[name]]`, no two of one name. `noun` is what
    an entry stands for. Raises FaultError."""
    if not (isinstance(value, list) and all(isinstance(one, dict) for one in value)):
        message = f"`{name}` is no table in double brackets"
        raise FaultError((name,), message, f"each {noun} begins with a line [[{name}]]")
    found: dict[str, _N] = {}
    for path, said in records(name, value, fields):
        one = read(path, said)
        if one.name in found:
            message = f"two {noun}s in [[{name}]] are called {as_toml(one.name)}"
            raise FaultError(path, message, "give each a `name` of its own")
        found[one.name] = one
    return tuple(found.values())


def table(value: object) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise ValueError("a [table]")


def entries(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    raise ValueError("tables in [[double brackets]], one for each")


def shown(path: KeyPath) -> str:
    """Return "`days` in [plan]"; an entry of many is "[[blocks]]"."""
    *home, last = path
    if isinstance(last, int):
        return in_brackets(path)
    return f"`{last}`" + (f" in {in_brackets(tuple(home))}" if home else "")


def in_brackets(path: KeyPath) -> str:
    names = ".".join(name for name in path if isinstance(name, str))
    return f"[[{names}]]" if isinstance(path[-1], int) else f"[{names}]"
