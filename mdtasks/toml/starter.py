"""The commented mdtasks.toml that `mdtasks init` writes.

Rule: it is made from the table of keys and the defaults, and only `vault_id` is set. A line that
begins with "#" and no space after it is a setting: without the "#" it changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import groupby

from mdtasks.settings import DAYS, Config, Hours, Span
from mdtasks.toml.keys import KEYS
from mdtasks.toml.values import as_toml

_TOP = """\
# Settings of mdtasks for this vault. Lines with "#" and no space show the defaults: take the "#"
# away to change one.
"""


def starter(vault_id: str) -> str:
    """Return the file for a vault of this id."""
    defaults = Config(vault_id=vault_id)
    lines = [_TOP]
    table = ""
    for key in KEYS:
        default = reduce(getattr, key.place, defaults)
        home, settings = _settings(key.name, default)
        if home != table:
            table = home
            # The person makes such a table herself, once for each entry.
            lines += [""] if key.example.startswith("[[") else ["", f"[{table}]"]
        mark = "" if key.name == "vault_id" else "#"
        lines.append(f"# {key.words}")
        lines += [f"{mark}{name} = {as_toml(value)}" for name, value in settings]
        lines += [f"# {line}" for line in key.example.splitlines()]
    return "\n".join(lines) + "\n"


def _settings(key: str, default: object) -> tuple[str, list[tuple[str, object]]]:
    """Return the table where a key stands, and names and values of its lines."""
    if isinstance(default, Hours):
        return key, list(_week(default))
    if isinstance(default, Mapping):
        return key, [(as_toml(symbol), rule._asdict()) for symbol, rule in default.items()]
    table, _, name = key.rpartition(".")
    if isinstance(default, tuple) and not table:  # entries of the person's own
        return key, []
    return table, [(name, default)]


def _week(hours: Hours) -> Iterator[tuple[str, list[str]]]:
    """Yield runs of days that are alike: "mon-fri" and its spans."""
    for spans, run in groupby(range(7), key=hours.week.__getitem__):
        days = [DAYS[day] for day in run]
        name = days[0] if len(days) == 1 else f"{days[0]}-{days[-1]}"
        yield name, [_span(span) for span in spans]


def _span(span: Span) -> str:
    return f"{span.begins:%H:%M}-{span.ends:%H:%M}"
