"""The tables whose names are the person's own: statuses and queries.

Rule: as in values.py a reader takes what TOML gave, but it names the key that is at fault itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mdtasks.model import Status
from mdtasks.settings import StatusRule
from mdtasks.toml import values
from mdtasks.toml.faults import FaultError, KeyPath, record, shown, table, take
from mdtasks.toml.values import Reader

_STATUS_KEYS: Mapping[str, Reader] = {
    "type": values.status,
    "name": values.words,
    "next": values.symbol,
}
# What mdtasks itself writes into a box must keep its meaning, or a tick would tick nothing.
_WRITTEN = {" ": Status.TODO, "x": Status.DONE, "-": Status.CANCELLED}


def statuses(value: object) -> Mapping[str, StatusRule]:
    """Return the rules said here; they are laid over those that hold already."""
    rules: dict[str, StatusRule] = {}
    for symbol, said in table(value).items():
        path = ("statuses", symbol)
        if len(symbol) != 1 or not symbol.isprintable():
            hint = "the symbol in a box is one character"
            raise FaultError(path, f"{shown(path)} is no symbol", hint)
        rule = _status(path, said)
        if rule.type is not _WRITTEN.get(symbol, rule.type):
            hint = f"mdtasks itself writes [{symbol}] for {_WRITTEN[symbol].name}"
            raise FaultError(path, f"{shown(path)} cannot be {rule.type.name}", hint)
        rules[symbol] = rule
    return rules


def _status(path: KeyPath, said: object) -> StatusRule:
    if isinstance(said, dict):
        given = record(path, said, _STATUS_KEYS)
    else:
        given = {"type": take(path, values.status, said)}
    if "type" not in given:
        hint = 'such as { type = "ON_HOLD", name = "On hold", next = "x" }'
        raise FaultError(path, f"{shown(path)} has no `type`", hint)
    kind: Status = given["type"]
    name = kind.replace("_", " ").capitalize()
    following = " " if kind in (Status.DONE, Status.CANCELLED) else "x"
    return StatusRule(kind, given.get("name", name), given.get("next", following))


def queries(value: object) -> Mapping[str, str]:
    """Return the queries by name; they are added to those that there are already."""
    found: dict[str, str] = {}
    for name, said in table(value).items():
        path = ("queries", name)
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name):
            hint = "a name has letters, digits, - and _"
            raise FaultError(path, f"{shown(path)} is no name of a query", hint)
        found[name] = take(path, values.lines, said)
    return found
